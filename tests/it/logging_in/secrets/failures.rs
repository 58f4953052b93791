//! What a hostile server does instead of answering.

/// What happens at one step of a login.
#[derive(Clone, Copy, Debug)]
pub(super) enum Failure {
    /// It says these lines instead.
    ///
    /// | in the text | becomes |
    /// |---|---|
    /// | `{tag}` | the tag of the command |
    /// | `{echo}` | all that it has heard, in every form |
    /// | `{cut}` | what it heard last, without its end |
    /// | `{long}` | all that it has heard, again and again for 300 KB |
    /// | `{json}` | in base64: the error of RFC 7628, with all of that in it |
    Says(&'static str),
    /// It says this first, and goes on as it should.
    SaysFirst(&'static str),
    /// It says this behind its answer.
    SaysAfter(&'static str),
    /// It closes the connection.
    Closes,
    /// It resets the connection.
    Resets,
    /// It says nothing.
    IsSilent,
    /// It takes nothing any more.
    TakesNothing,
}

use Failure::*;

pub(super) const FAILURES: [Failure; 36] = [
    Says("{tag} NO [AUTHENTICATIONFAILED] {echo}"),
    Says("{tag} NO {echo}"),
    Says("{tag} BAD {echo}"),
    Says("{tag} BAD what you said was {cut}"),
    Says("{tag} NO [X-ECHO {echo}] no"),
    Says("{tag} NO [ALERT] {echo}"),
    Says("{tag} NO [WEBALERT https://{echo}/] log in there"),
    Says("{tag} NO [UNAVAILABLE] try again in 30 seconds, {echo}"),
    // To another server.
    Says("{tag} NO [REFERRAL imap://{echo}@elsewhere.example.com/] go there"),
    Says("{tag} OK [CAPABILITY IMAP4rev1] {echo}"),
    Says("{tag} OK {echo}\r\n* BYE {echo}"),
    Says("{tag} PREAUTH {echo}"),
    Says("{tag} YES {echo}"),
    Says("zz9 NO {echo}"),
    Says("* BYE {echo}"),
    Says("* BYE [UNAVAILABLE] {cut}"),
    Says("* OK [ALERT] {echo}\r\n* BYE {echo}"),
    Says("* PREAUTH {echo}"),
    Says("{echo}"),
    Says("* {echo}\r\n{tag} BAD no"),
    Says("+ {echo}"),
    Says("+ {json}"),
    Says("+ {json}\r\n+ {json}"),
    Says("* OK {long}"),
    SaysFirst("* OK [ALERT] {echo}"),
    SaysFirst("* NO {echo}"),
    SaysFirst("* BAD {cut}"),
    SaysFirst("* METADATA INBOX {echo}"),
    SaysFirst("* CAPABILITY IMAP4rev1 {echo}"),
    SaysFirst("* ID ({echo}"),
    Says("* BYE {echo}\r\n{tag} NO {echo}"),
    SaysAfter("* NO [X-ECHO {echo}] {echo}"),
    Closes,
    Resets,
    IsSilent,
    TakesNothing,
];
