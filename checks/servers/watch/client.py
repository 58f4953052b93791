# Another client than ours changes mailboxes. A line of the input is a port, a user, a password, what to do, a
# mailbox and arguments, separated by tabs; each is answered by `done`, or by `failed` and the reason. Each
# time there is a new connection, because imap4d stores and shows changes only when a session ends or begins.
# Messages are named by their places: 1 is the first, -1 the last, 0 means all.
import imaplib
import itertools
import os
import sys

NUMBERS = itertools.count()


def done(answer):
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(repr(data))
    return data


def quoted(mailbox):
    return '"%s"' % mailbox


def selected(client, mailbox, places):
    done(client.select(quoted(mailbox)))
    uids = (done(client.uid("SEARCH", "ALL"))[0] or b"").decode().split()
    places = [int(place) for place in places.split(",")]
    if not uids or places == [0]:
        return ",".join(uids)
    return ",".join(uids[(place - 1 if place > 0 else place) % len(uids)] for place in places)


def append(client, mailbox, count, flags):
    for _ in range(int(count)):
        subject = "%d-%d" % (os.getpid(), next(NUMBERS))
        message = "From: a@example.test\r\nSubject: %s\r\n\r\nhello\r\n" % subject
        done(client.append(quoted(mailbox), flags or None, None, message.encode()))


def store(client, mailbox, places, action, flags):
    uids = selected(client, mailbox, places)
    if uids:
        done(client.uid("STORE", uids, action, "(%s)" % flags))


def expunge_these(client, uids):
    done(client.uid("STORE", uids, "+FLAGS.SILENT", "(\\Deleted)"))
    if b"UIDPLUS" in done(client.capability())[-1].split():
        done(client.uid("EXPUNGE", uids))
    else:
        done(client.expunge())


def expunge(client, mailbox, places):
    uids = selected(client, mailbox, places)
    if uids:
        expunge_these(client, uids)


def move(client, mailbox, places, target):
    uids = selected(client, mailbox, places)
    if uids and b"MOVE" in done(client.capability())[-1].split():
        done(client.uid("MOVE", uids, quoted(target)))
    elif uids:
        done(client.uid("COPY", uids, quoted(target)))
        expunge_these(client, uids)


def create(client, mailbox):
    done(client.create(quoted(mailbox)))


def delete(client, mailbox):
    done(client.delete(quoted(mailbox)))


def rename(client, mailbox, new):
    done(client.rename(quoted(mailbox), quoted(new)))


ACTS = {act.__name__: act for act in (append, store, expunge, move, create, delete, rename)}


def act(port, user, password, what, *arguments):
    client = imaplib.IMAP4("127.0.0.1", int(port), timeout=60)
    try:
        client.login(user, password)
        ACTS[what](client, *arguments)
    finally:
        try:
            client.logout()
        except (imaplib.IMAP4.error, OSError):
            pass


for line in sys.stdin:
    try:
        act(*line.rstrip("\n").split("\t"))
        print("done", flush=True)
    except (imaplib.IMAP4.error, OSError) as error:
        print("failed", " ".join(repr(error).split()), flush=True)
