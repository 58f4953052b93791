//! The program that is the client of every transcript: it does what the steps say, in their order.

use std::mem;

use latchbox::sasl::{OAuthBearer, Plain, XOAuth2};
use latchbox::{Client, ClientBuilder, MailboxGuard, Result, Session};

use super::transcript::{Step, Transcript};
use crate::pieces::Pieces;
use crate::quirks::differences;
use crate::quirks::perform::{failed, in_mailbox, is_outside, outside, words};
use crate::quirks::show::{self, Values};
use crate::scripted::as_it_is;
use crate::support::script::Script;

/// Does all of it, and says what did not come of it.
pub(super) fn play(transcript: &Transcript, server: &Script, pieces: Pieces) -> Vec<String> {
    let mut steps = Steps {
        left: &transcript.steps,
        wrong: Vec::new(),
    };
    let mut builder = as_it_is(server);
    while let Some(step) = steps.next_if(|verb| verb == "with") {
        builder = with(builder, words(&step.action).1);
    }
    let mut client = steps.connected(pieces.connect(builder, server));
    while let Some(now) = client.take() {
        let Some(step) = steps.next() else { break };
        match log_in(now, step) {
            Ok(session) => {
                let mut values = Values::default();
                values.add("capabilities", session.capabilities().unwrap());
                steps.compare(step, &values);
                steps.session(session);
            }
            Err(error) => {
                let (error, again) = error.into_parts();
                let mut values = Values::default();
                values.option("hint", error.login_hint());
                failed(Err(error), &mut values);
                steps.compare(step, &values);
                client = Some(again);
            }
        }
    }
    let left = steps.left.iter();
    steps
        .wrong
        .extend(left.map(|step| format!("  line {}: not reached", step.line)));
    steps.wrong
}

/// The steps that are left, and what went wrong with those before.
struct Steps<'t> {
    left: &'t [Step],
    wrong: Vec<String>,
}

impl<'t> Steps<'t> {
    fn next(&mut self) -> Option<&'t Step> {
        let (first, left) = self.left.split_first()?;
        self.left = left;
        Some(first)
    }

    fn next_if(&mut self, is: impl FnOnce(&str) -> bool) -> Option<&'t Step> {
        let first = self.left.first()?;
        is(words(&first.action).0).then(|| self.next())?
    }

    fn compare(&mut self, step: &Step, values: &Values) {
        let wrong = differences(&step.expected, &values.0);
        if !wrong.is_empty() {
            let (line, action, all) = (step.line, &step.action, &values.0);
            let wrong = wrong.join("\n");
            let wrong = format!("  line {line}: {action}\n{wrong}\n  all values: {all:?}");
            self.wrong.push(wrong);
        }
    }

    fn connected(&mut self, connected: Result<Client>) -> Option<Client> {
        let step = self.next_if(|verb| verb == "connect");
        let mut values = Values::default();
        let client = match connected {
            Ok(mut client) => {
                if step.is_some() {
                    values.add("capabilities", client.capabilities().unwrap());
                }
                Some(client)
            }
            Err(error) => {
                failed(Err(error), &mut values);
                None
            }
        };
        match step {
            Some(step) => self.compare(step, &values),
            None => assert!(client.is_some(), "{:?}", values.0),
        }
        client
    }

    /// From the login to the logout.
    fn session(&mut self, session: Session) {
        while let Some(step) = self.next() {
            let (verb, argument) = words(&step.action);
            let mut values = Values::default();
            match verb {
                "logout" => {
                    failed(session.logout(), &mut values);
                    self.compare(step, &values);
                    return;
                }
                "lock" => match session.lock_mailbox(argument) {
                    Ok(mut guard) => {
                        show::mailbox(&guard.mailbox().unwrap(), &mut values);
                        self.compare(step, &values);
                        self.locked(&session, &mut guard);
                    }
                    Err(error) => {
                        failed(Err(error), &mut values);
                        self.compare(step, &values);
                    }
                },
                verb if !is_outside(verb) && verb != "noop" => {
                    let why = format!("  line {}: there is no mailbox for it", step.line);
                    return self.wrong.push(why);
                }
                _ => {
                    let done = outside(&step.action, &session, &mut values);
                    self.told(step, &session, done, values);
                }
            }
        }
    }

    /// What is done under one lock.
    fn locked(&mut self, session: &Session, guard: &mut MailboxGuard<'_>) {
        let ends = |verb: &str| ["lock", "logout", "release"].contains(&verb);
        while let Some(step) = self.next_if(|verb| !ends(verb)) {
            let mut values = Values::default();
            let done = if is_outside(words(&step.action).0) {
                outside(&step.action, session, &mut values)
            } else {
                in_mailbox(&step.action, guard, &mut values)
            };
            self.told(step, session, done, values);
        }
        self.next_if(|verb| verb == "release");
    }

    fn told(&mut self, step: &Step, session: &Session, done: Result<()>, mut values: Values) {
        failed(done, &mut values);
        values.all("said", session.events());
        self.compare(step, &mem::take(&mut values));
    }
}

fn with(builder: ClientBuilder, setting: &str) -> ClientBuilder {
    match setting {
        "identity" => builder.identify([("name", "mailtool"), ("version", "1.0")]),
        "namespaces" => builder.namespace(),
        other => panic!("no setting is called `{other}`"),
    }
}

fn log_in(client: Client, step: &Step) -> std::result::Result<Session, latchbox::LoginError> {
    let (verb, argument) = words(&step.action);
    let (user, secret) = words(argument);
    match verb {
        "login" => client.login(user, secret),
        "plain" => client.authenticate(Plain::new(user, secret)),
        "xoauth2" => client.authenticate(XOAuth2::new(user, secret)),
        "oauthbearer" => client.authenticate(OAuthBearer::new(user, secret)),
        other => panic!("nobody logs in by `{other}`"),
    }
}
