"""A whole session of imaplib: fails at the first answer that is not what it should be."""
import imaplib
import sys
import time

port, user, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def same(found, expected):
    if found != expected:
        raise SystemExit(f"{found!r} is not {expected!r}")


def ok(answer):
    if answer[0] != "OK":
        raise SystemExit(f"{answer!r}")
    return answer[1]


imap = imaplib.IMAP4("127.0.0.1", port)
ok(imap.login(user, password))
names = [line.decode() for line in ok(imap.list())]
same(len(names), 5)
assert any(name.endswith('"INBOX"') for name in names), names
assert any('"Entw&APw-rfe/2026"' in name for name in names), names
same(len(ok(imap.lsub())), 4)

ok(imap.enable("CONDSTORE"))

# SELECT, SEARCH, FETCH.
same(ok(imap.select("INBOX")), [b"3"])
same(imap.response("UIDVALIDITY")[0], "UIDVALIDITY")
same(ok(imap.search(None, "UNSEEN")), [b"2 3"])
same(ok(imap.search("UTF-8", "SUBJECT", '"message 3"')), [b"3"])
same(ok(imap.uid("SEARCH", "OR", "SEEN", "UID", "3")), [b"1 3"])
data = ok(imap.fetch("1:3", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))
bodies = [part[1] for part in data if isinstance(part, tuple)]
same(bodies, [b"Subject: Message %d\r\n\r\n" % number for number in (1, 2, 3)])
data = ok(imap.uid("FETCH", "2", "(RFC822)"))
assert data[0][1].endswith(b"The text of message 2.\r\n\r\n"), data
data = ok(imap.fetch("2", "(ENVELOPE BODYSTRUCTURE INTERNALDATE RFC822.SIZE)"))
assert imaplib.Internaldate2tuple(data[0]) is not None, data
same(ok(imap.sort("REVERSE SUBJECT", "UTF-8", "ALL")), [b"3 2 1"])
same(ok(imap.thread("REFERENCES", "UTF-8", "ALL")), [b"(1)(2)(3)"])

# STORE, COPY, MOVE, EXPUNGE.
ok(imap.store("1", "+FLAGS", "($Work \\Answered)"))
ok(imap.store("1", "-FLAGS", "\\Answered"))
ok(imap.copy("1", "Archive"))
ok(imap.uid("MOVE", "3", "Archive"))
ok(imap.uid("STORE", "2", "+FLAGS.SILENT", "(\\Deleted)"))
same(ok(imap.expunge()), [b"3", b"2"])
same(ok(imap.status("Archive", "(MESSAGES UNSEEN)")), [b'"Archive" (MESSAGES 3 UNSEEN 2)'])

# APPEND, with a date, and the mailbox that is selected is told.
when = imaplib.Time2Internaldate(time.time())
message = b"Subject: Appended\r\n\r\nText.\r\n"
ok(imap.append("INBOX", "(\\Flagged)", when, message))
ok(imap.noop())
same(ok(imap.search(None, "FLAGGED")), [b"2"])

# IDLE, which this version has no method for.
tag = imap._new_tag().decode()
imap.send(f"{tag} IDLE\r\n".encode())
assert imap.readline().startswith(b"+"), "no continuation"
imap.send(b"DONE\r\n")
line = imap.readline()
assert line.startswith(f"{tag} OK".encode()), line

# Mailboxes, quota, rights, metadata.
ok(imap.create('"New one"'))
ok(imap.subscribe('"New one"'))
ok(imap.unsubscribe('"New one"'))
ok(imap.rename('"New one"', "Renamed"))
ok(imap.namespace())
ok(imap.getquotaroot("INBOX"))
ok(imap.setacl("Renamed", "bob", "lr"))
assert any(b"bob" in line for line in ok(imap.getacl("Renamed"))), "no bob"
ok(imap.myrights("Renamed"))
ok(imap.check())
ok(imap.close())
same(imap.logout()[0], "BYE")
