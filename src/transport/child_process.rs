//! A child process as a transport: its standard input and output are the connection.

use std::io::{self, IoSlice, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process};

use crate::transport::like_the_layer_below;
use crate::transport::socket::Socket;

/// A program whose standard input and output speak IMAP, such as `ssh host /usr/lib/dovecot/imap`.
///
/// Pass it to [`ClientBuilder::connect_transport`]. Such a server usually greets with PREAUTH,
/// which [`ClientBuilder::accept_preauth`] allows. Its standard error is what the command sets: by
/// default that of this process. All deadlines are supported, IDLE waits without polling, and
/// [`CloseHandle`](crate::CloseHandle) interrupts a command in flight.
///
/// The program gets a socket for both, as from inetd. Dropping this value closes the socket and
/// asks the process to end (SIGTERM), without waiting for it. A process that has ended is collected
/// when the next one is spawned or dropped, or else by the system after this process.
///
/// ```
/// use std::process::Command;
/// use latchbox::Client;
/// use latchbox::transport::ChildProcess;
///
/// # let _ = stringify! {
/// let mut command = Command::new("ssh");
/// command.args(["jane@mail.example.com", "/usr/lib/dovecot/imap"]);
/// # };
/// # let mut command = Command::new("sh");
/// # command.args(["-c", r"
/// #     printf '* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n'
/// #     while read -r tag rest; do printf '%s OK done\r\n' $tag; done"]);
/// let session = Client::builder("mail.example.com")
///     .danger_plaintext() // ssh does what TLS would do
///     .accept_preauth()
///     .connect_transport(ChildProcess::spawn(&mut command)?)?
///     .into_preauthenticated()?;
/// session.noop()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`ClientBuilder::connect_transport`]: crate::ClientBuilder::connect_transport
/// [`ClientBuilder::accept_preauth`]: crate::ClientBuilder::accept_preauth
#[derive(Debug)]
pub struct ChildProcess {
    /// `None` once this is dropped.
    child: Option<Child>,
    socket: Socket,
}

/// Children that were asked to end and had not ended yet.
static LEAVING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

impl ChildProcess {
    /// Starts the program with a socket as its standard input and output.
    ///
    /// It replaces the settings of the command for these two.
    ///
    /// # Errors
    ///
    /// The error of starting the process.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        collect(None);
        let (ours, theirs) = UnixStream::pair()?;
        let theirs = OwnedFd::from(theirs);
        command.stdin(theirs.try_clone()?).stdout(theirs);
        let spawned = command.spawn();
        // Otherwise the command would keep the child's end open, and a close by the child would not
        // be seen.
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Ok(Self {
            child: Some(spawned?),
            socket: Socket::from(ours),
        })
    }
}

impl Read for ChildProcess {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.read(buffer)
    }
}

impl Write for ChildProcess {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.write(bytes)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.socket.write_vectored(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

like_the_layer_below!(ChildProcess: |self| self.socket);

impl Drop for ChildProcess {
    fn drop(&mut self) {
        let Some(child) = self.child.take() else {
            return;
        };
        // It was not waited for, so its process id is still its own.
        if let Some(pid) = Pid::from_raw(i32::try_from(child.id()).unwrap_or(0)) {
            let _ = kill_process(pid, Signal::TERM);
        }
        collect(Some(child));
    }
}

/// Collects children that have ended; never waits.
fn collect(leaving: Option<Child>) {
    let mut all = LEAVING.lock().unwrap_or_else(PoisonError::into_inner);
    all.extend(leaving);
    all.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
}
