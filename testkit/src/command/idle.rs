//! IDLE (RFC 2177).

use std::io;
use std::sync::Arc;

use imap_codec::IdleDoneCodec;
use imap_codec::decode::Decoder as _;

use crate::connection::{Connection, Next, Outcome, bad, ok};
use crate::waker::Waker;

impl Connection {
    pub(super) fn idle(&mut self) -> Outcome {
        let waker = match &self.waker {
            Some(waker) => Arc::clone(waker),
            None => Arc::new(Waker::new()?),
        };
        self.waker = Some(Arc::clone(&waker));
        let account = self.account()?;
        if let Some(view) = &self.view {
            account.lock().watch(view.id, &waker);
        }
        let outcome = self.idle_until_done(&waker);
        account.lock().unwatch(&waker);
        outcome
    }

    fn idle_until_done(&mut self, waker: &Waker) -> Outcome {
        self.wire.say("+ idling")?;
        loop {
            self.sync_idle()?;
            self.wire.flush()?;
            if self.next == Next::End {
                return ok("The mailbox has gone");
            }
            if self.wire.has_input() || self.wire.stream.wait(waker)? {
                break;
            }
        }
        let Some(line) = self.wire.answer(false)? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        match IdleDoneCodec::default().decode(&line) {
            Ok((b"", _)) => ok("Idled"),
            _ => bad("DONE was expected"),
        }
    }
}
