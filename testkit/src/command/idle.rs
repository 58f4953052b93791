//! IDLE (RFC 2177).

use std::io;

use imap_codec::IdleDoneCodec;
use imap_codec::decode::Decoder as _;

use crate::connection::{Connection, Next, Outcome, bad, ok};
use crate::store::account::Watched;
use crate::waker::Waker;

impl Connection {
    pub(super) fn idle(&mut self) -> Outcome {
        let waker = self.waker()?;
        let account = self.account()?;
        let watched = self.view.as_ref().map(|view| Watched::Mailbox(view.id));
        if let Some(watched) = watched {
            account.lock().watch(watched, &waker);
        }
        let outcome = self.idle_until_done(&waker);
        if let Some(watched) = watched {
            account.lock().unwatch(watched, &waker);
        }
        outcome
    }

    fn idle_until_done(&mut self, waker: &Waker) -> Outcome {
        self.wire.say("+ idling")?;
        loop {
            self.sync_idle()?;
            self.tell_news()?;
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
