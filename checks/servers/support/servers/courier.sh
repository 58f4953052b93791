# Prepares a private Courier IMAP in @DIR@ and runs it in the foreground. Its paths /etc/courier and
# /run/courier are compiled in, so this runs in mount and process namespaces of its own, as root.
set -e
cd @DIR@
mkdir -p etc/shared run/authdaemon mail
cp /etc/courier/dhparams.pem etc/
cat >etc/authdaemonrc <<CONF
authmodulelist="authuserdb"
authmodulelistorig="authuserdb"
daemons=5
authdaemonvar=/run/courier/authdaemon
DEBUG_LOGIN=0
DEFAULTOPTIONS=""
LOGGEROPTS=""
CONF
hashed() { printf 'secret\nsecret\n' | userdbpw "$1" 2>/dev/null | tail -1; }
system=$(hashed -md5) md5=$(hashed -hmac-md5) sha256=$(hashed -hmac-sha256)
: >etc/userdb
chmod 600 etc/userdb
maildirmake.courier -q 1000000000S,2000000C mail/new
for folder in Archive Drafts Junk Sent Trash; do
    maildirmake.courier -f $folder mail/new
done
for user in alice $(seq -f user%g 0 $((@USERS@ - 1))); do
    printf '%s\thome=%s|mail=%s|uid=%s|gid=%s|systempw=%s|hmac-md5pw=%s|hmac-sha256pw=%s\n' $user @DIR@/mail/$user \
        @DIR@/mail/$user/Maildir @UID@ @GID@ "$system" "$md5" "$sha256" >>etc/userdb
    mkdir mail/$user
    cp -r mail/new mail/$user/Maildir
done
chown -R @UID@:@GID@ mail
capabilities="IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5"
cat >etc/imapd <<CONF
IMAP_CAPABILITY="$capabilities"
IMAP_CAPABILITY_TLS="$capabilities AUTH=EXTERNAL"
IMAP_KEYWORDS=1
IMAP_ACL=1
IMAP_PROXY=0
IMAP_IDLE_TIMEOUT=1
IMAP_MAILBOX_SANITY_CHECK=1
IMAP_DISABLETHREADSORT=0
IMAP_CHECK_ALL_FOLDERS=1
IMAP_OBSOLETE_CLIENT=0
IMAP_UMASK=022
IMAP_USELOCKS=1
IMAP_SHAREDINDEXFILE=/etc/courier/shared/index
IMAP_ENHANCEDIDLE=0
IMAP_TRASHFOLDERNAME=Trash
IMAP_EMPTYTRASH=
IMAP_MOVE_EXPUNGE_TO_TRASH=0
SENDMAIL=/bin/false
MAILDIRPATH=Maildir
COURIERTLS=/usr/bin/couriertls
IMAP_TLS_REQUIRED=0
TLS_CERTFILE=@DIR@/tls/server.both.pem
TLS_TRUSTCERTS=@DIR@/tls/ca.pem
TLS_VERIFYPEER=PEER
TLS_EXTERNAL=CN
TLS_DHPARAMS=/etc/courier/dhparams.pem
CONF
mkdir -p /run/courier
mount --bind etc /etc/courier
mount --bind run /run/courier
makeuserdb
/usr/lib/courier/courier-authlib/authdaemond >auth.log 2>&1 &
# Who logs in before it listens gets "Temporary problem".
until [ -S run/authdaemon/socket ]; do sleep 0.05; done
set -a
. /etc/courier/imapd
set +e
listener="couriertcpd -address=127.0.0.1 -maxprocs=500 -maxperip=500 -nodnslookup -noidentlookup"
IMAP_STARTTLS=NO IMAP_TLS=1 $listener -stderr=@DIR@/imaps.log @TLS_PORT@ \
    /usr/bin/couriertls -server -tcpd @DIR@/bin/imaplogin @DIR@/bin/imapd Maildir &
export IMAP_STARTTLS=YES
exec $listener -stderr=@DIR@/imap.log @PORT@ @DIR@/bin/imaplogin @DIR@/bin/imapd Maildir
