# Prints what Python's imaplib sees of mailboxes. A line of the input is a port, a user, a password and a
# mailbox, separated by tabs; each is answered by its UIDVALIDITY and UIDNEXT, a line for each message with
# its UID and flags, and `end`; or by `none` and what the server said.
import imaplib
import re
import sys

UID = re.compile(rb"UID (\d+)")
FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")


def seen(port, user, password, mailbox):
    quoted = '"%s"' % mailbox
    client = imaplib.IMAP4("127.0.0.1", int(port))
    client.login(user, password)
    try:
        done, data = client.select(quoted, readonly=True)
        if done != "OK":
            return ["none %s" % data[0].decode()]
        exists = int(data[0] or 0)
        validity = client.response("UIDVALIDITY")[1][0].decode()
        rows = client.uid("FETCH", "1:*", "(FLAGS)")[1] if exists else []
        messages = {}
        for row in rows:
            uid, flags = UID.search(row or b""), FLAGS.search(row or b"")
            if uid and flags:
                messages[int(uid.group(1))] = flags.group(1).decode()
        if len(messages) != exists:
            return ["none %d of %d messages" % (len(messages), exists)]
        status = client.status(quoted, "(UIDNEXT)")[1][0].decode()
        following = re.search(r"UIDNEXT (\d+)", status).group(1)
        lines = ["%s %s" % (validity, following)]
        return lines + ["%d %s" % message for message in sorted(messages.items())] + ["end"]
    finally:
        client.logout()


for line in sys.stdin:
    print("\n".join(seen(*line.rstrip("\n").split("\t"))), flush=True)
