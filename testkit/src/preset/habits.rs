//! What a well-known server does with commands, and does not do.

use crate::connection::{Answer, Connection};
use crate::faults::verb;
use crate::grammar::search::{Key, Search};
use crate::preset::Preset;

/// The login of a connection that is one too many, by AUTHENTICATE.
const NOT_CONNECTED: &str = "[Error=\"Microsoft.Exchange.Data.Storage.WrongServerException:Cross Server \
    access is not allowed for mailbox 00000000-0000-0000-0000-000000000000\" \
    AuthResultFromPopImapEnd=0 Proxy=DB9P191MB1234.EURP191.PROD.OUTLOOK.COM:1993:SSL \
    MailboxBE=DB9P191MB1234.EURP191.PROD.OUTLOOK.COM Service=Imap4] AUTHENTICATE completed.";

/// How many commands of such a connection are answered.
const REFUSED: u32 = 2;

impl Preset {
    /// What the server answers to a command that it does not execute.
    fn refusal(self, line: &str) -> Option<Answer> {
        let upper = line.to_ascii_uppercase();
        let verb = verb(&upper);
        let bad = |text: &str| Some(Answer::Bad(text.to_owned()));
        let no = |text: &str| Some(Answer::No(text.to_owned()));
        if line.len() > self.profile().line_limit {
            return bad("Command line too long");
        }
        let has_charset = verb.ends_with("SEARCH") && upper.contains(" CHARSET ");
        match self {
            Self::Gmail if verb == "CREATE" && upper.trim_end_matches('"').ends_with('/') => {
                no("[CANNOT] Invalid Folder Name (Failure)")
            }
            Self::Microsoft365 if verb == "ID" && upper.ends_with(" ()") => {
                bad("Command Argument Error. 11")
            }
            Self::Microsoft365 if has_charset && upper.contains(" CHARSET UTF-8") => {
                bad("Command Argument Error. 11")
            }
            Self::Microsoft365 if has_charset && !upper.contains(" CHARSET US-ASCII") => {
                no("[BADCHARSET (US-ASCII)] The specified charset is not supported.")
            }
            Self::Yahoo if has_charset => bad("[CLIENTBUG] UID SEARCH Command arguments invalid"),
            Self::ICloud if upper.contains("(ANNOTATE)") => bad("Invalid ANNOTATE"),
            Self::ICloud if verb.ends_with("FETCH") && asks_rfc822(&upper) => {
                Some(Answer::Ok("FETCH completed".to_owned()))
            }
            Self::Courier if verb == "LOGIN" && has_bare_tilde(line) => bad("Invalid password"),
            Self::Imap4d if verb.ends_with("STORE") && has_keyword(&upper) => {
                bad("STORE Unrecognized flag")
            }
            _ => None,
        }
    }
}

/// Whether a FETCH, in capital letters, asks for the item `RFC822`.
fn asks_rfc822(line: &str) -> bool {
    let mut words = line.split([' ', '(', ')']);
    words.any(|word| word == "RFC822")
}

/// Whether the password of a LOGIN is an atom with a tilde.
fn has_bare_tilde(line: &str) -> bool {
    let password = line.rsplit(' ').next().unwrap_or_default();
    password.contains('~') && !password.ends_with('"')
}

/// Whether a STORE, in capital letters, has a flag without a backslash.
fn has_keyword(line: &str) -> bool {
    let flags = line.split_once("FLAGS").map(|(_, flags)| flags);
    let flags = flags.unwrap_or_default().trim_start_matches(".SILENT");
    let mut words = flags.split([' ', '(', ')']);
    words.any(|word| !word.is_empty() && !word.starts_with('\\'))
}

/// Whether a command is a UID FETCH of all that is above a UID which no message has.
fn is_beyond(line: &str, last: u32) -> bool {
    let set = line.split(' ').nth(3).unwrap_or_default();
    let first = set
        .strip_suffix(":*")
        .and_then(|first| first.parse::<u32>().ok());
    first.is_some_and(|first| first > last)
}

impl Connection {
    fn plays(&self, preset: Preset) -> bool {
        self.shared.settings.preset == Some(preset)
    }

    /// What the server that is played does not execute.
    pub(crate) fn habitual_refusal(&self, line: &str) -> Option<Answer> {
        let preset = self.shared.settings.preset?;
        let verb = verb(line);
        match (preset, verb.as_str()) {
            (Preset::NetEase, "SELECT" | "EXAMINE" | "STATUS")
                if self.account.is_some() && !self.is_identified =>
            {
                let help = "Unsafe Login. Please contact kefu@188.com for help";
                Some(Answer::No(format!("{verb} {help}")))
            }
            (Preset::Imap4d, "ID") if self.account.is_none() => {
                Some(Answer::Bad("ID Unknown command".to_owned()))
            }
            _ => preset.refusal(line),
        }
    }

    /// Whether the server that is played never answers this command.
    pub(crate) fn is_habitually_silent(&self, line: &str) -> bool {
        let last = self
            .view
            .as_ref()
            .map(|view| view.last_uid().unwrap_or_default());
        let last = last.filter(|_| self.plays(Preset::Yahoo) && verb(line) == "UID FETCH");
        last.is_some_and(|last| is_beyond(line, last))
    }

    /// Makes a search into the one that the server that is played carries out.
    pub(crate) fn search_by_habit(&self, search: &mut Search) {
        let change: fn(&mut Key) = match self.shared.settings.preset {
            Some(Preset::Yahoo) => |key| {
                while let Key::Negated(inner) = key {
                    *key = std::mem::replace(inner, Key::All);
                }
            },
            Some(Preset::Microsoft365) => |key| {
                if let Key::Address(field, text) = key {
                    *key = Key::Name(std::mem::take(field), std::mem::take(text));
                }
            },
            _ => return,
        };
        search.keys.iter_mut().for_each(|key| key.change(&change));
    }

    /// Whether a COPY of nothing has a COPYUID of nothing.
    pub(crate) fn reports_empty_copies(&self) -> bool {
        self.plays(Preset::Microsoft365)
    }

    /// Whether LIST has special uses without SPECIAL-USE.
    pub(crate) fn lists_special_uses(&self) -> bool {
        self.plays(Preset::Yandex)
    }

    /// Whether QUOTA of a root without limits has no list of resources.
    pub(crate) fn omits_unset_quota(&self) -> bool {
        self.plays(Preset::Courier)
    }

    /// Whether a FETCH fails because others have expunged a part of the messages.
    pub(crate) fn misses_expunged(&self) -> bool {
        self.plays(Preset::Gmail)
    }

    /// Whether EXISTS follows the EXPUNGE responses of this command.
    pub(crate) fn counts_after_expunge(&self) -> bool {
        self.plays(Preset::Microsoft365) && verb(&self.wire.command_line).ends_with("MOVE")
    }

    /// What the server that is played does after a command.
    pub(crate) fn habits_after(&mut self, answer: Answer) -> Answer {
        let Some(preset) = self.shared.settings.preset else {
            return answer;
        };
        let verb = verb(&self.wire.command_line);
        match (preset, answer) {
            (Preset::Gmail, answer) => {
                if verb.ends_with("STORE") {
                    self.selected(|_, mailbox| {
                        mailbox.expunge(|message| message.flags.has("\\Deleted"));
                    });
                }
                match self.shared.conditions().slow.is_zero() {
                    true => answer,
                    false => answer.with_suffix(" [THROTTLED]"),
                }
            }
            (Preset::NetEase, answer) => {
                let is_login = self.account.is_some();
                self.is_identified |= is_login && verb == "ID" && matches!(answer, Answer::Ok(_));
                answer
            }
            (Preset::Dovecot, Answer::Ok(text)) if verb == "STATUS" => {
                let name = self.view.as_ref().map(|view| view.name.as_str());
                let asked = self.wire.command_line.split(' ').nth(2);
                let asked = asked.map(|name| name.trim_matches('"'));
                match name.is_some() && name == asked {
                    true => Answer::Ok(
                        "[CLIENTBUG] Status on selected mailbox may have unexpected results"
                            .to_owned(),
                    ),
                    false => Answer::Ok(text),
                }
            }
            (_, answer) => answer,
        }
    }

    /// The completion of a login that succeeds, and whose connection is of no use.
    pub(crate) fn unconnected(&self, answer: Answer) -> Answer {
        match verb(&self.wire.command_line).as_str() {
            "AUTHENTICATE" => Answer::Ok(NOT_CONNECTED.to_owned()),
            _ => answer,
        }
    }

    /// Whether such a connection ends now that another of its commands was refused.
    pub(crate) fn is_at_an_end(&mut self) -> bool {
        self.refused += 1;
        self.refused >= REFUSED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_found_in_a_line() {
        assert!(has_bare_tilde("a LOGIN jane pa~ss") && !has_bare_tilde("a LOGIN jane \"pa~ss\""));
        assert!(has_keyword("A STORE 1 +FLAGS.SILENT (\\SEEN $WORK)"));
        assert!(!has_keyword("A UID STORE 1 FLAGS (\\SEEN)"));
        assert!(is_beyond("a UID FETCH 4:* (FLAGS)", 3) && !is_beyond("a UID FETCH 3:* FLAGS", 3));
        assert!(!is_beyond("a UID FETCH 1:* FLAGS", 1) && !is_beyond("a UID FETCH 9 FLAGS", 1));
    }
}
