# Prints what Python's imaplib sees of mailboxes. A line of the input is a port, a user, a password, a
# mailbox, and `all` or `status`, separated by tabs; each is answered by UIDVALIDITY and UIDNEXT, for `all` a
# line for each message with its UID and flags, and `end`; or by `none` and what the server said.
import imaplib
import re
import sys

UID = re.compile(rb"UID (\d+)")
FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")


def status(client, quoted):
    said = client.status(quoted, "(UIDVALIDITY UIDNEXT)")[1][0].decode()
    return " ".join(re.search(name + r" (\d+)", said).group(1) for name in ("UIDVALIDITY", "UIDNEXT"))


def seen(port, user, password, mailbox, what):
    quoted = '"%s"' % mailbox
    client = imaplib.IMAP4("127.0.0.1", int(port))
    client.login(user, password)
    try:
        if what == "status":
            return [status(client, quoted), "end"]
        done, data = client.select(quoted, readonly=True)
        if done != "OK":
            return ["none %s" % data[0].decode()]
        exists = int(data[0] or 0)
        rows = client.uid("FETCH", "1:*", "(FLAGS)")[1] if exists else []
        messages = {}
        for row in rows:
            uid, flags = UID.search(row or b""), FLAGS.search(row or b"")
            if uid and flags:
                messages[int(uid.group(1))] = flags.group(1).decode()
        if len(messages) != exists:
            return ["none %d of %d messages" % (len(messages), exists)]
        lines = [status(client, quoted)]
        return lines + ["%d %s" % message for message in sorted(messages.items())] + ["end"]
    finally:
        client.logout()


for line in sys.stdin:
    print("\n".join(seen(*line.rstrip("\n").split("\t"))), flush=True)
