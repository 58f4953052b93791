//! A fleet of workers that follow the accounts of a database.
//!
//! ```text
//! cargo run                                        shows it: three workers, one of which is killed
//! cargo run -- create                              creates the tables
//! cargo run -- add URL SECRET [MAILBOX]            adds an account
//! cargo run -- worker [--lease-time SECONDS] [--most ACCOUNTS] [--step ACCOUNTS]
//! ```
//!
//! The database is that of `FLEET_DATABASE`: a file of SQLite, or, with `--features postgres`, a URL such as
//! `postgres://user@host/database`. A variable, because arguments can be seen by all users of a machine. The URL of
//! an account is `imaps://user@host`; its secret is `env:NAME` or `file:PATH`, which each worker reads.

#![allow(clippy::print_stderr)]

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use fleet::database::{self, Result};
use fleet::heartbeat::Settings;
use fleet::worker;

const USAGE: &str = "usage: fleet [create | add URL SECRET [MAILBOX] | \
    worker [--lease-time SECONDS] [--most ACCOUNTS] [--step ACCOUNTS]]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", database::text(&*error));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let lease_time = Duration::from_secs(30);
    let open = || database::open(&place()?, lease_time);
    match arguments.as_slice() {
        #[cfg(feature = "sqlite")]
        [] => fleet::demo::run(),
        ["create"] => open()?.create_tables(),
        ["add", url, secret] => open()?.add_account(url, secret, "INBOX").map(drop),
        ["add", url, secret, mailbox] => open()?.add_account(url, secret, mailbox).map(drop),
        ["worker", options @ ..] => {
            let mut settings = Settings {
                lease_time,
                most: 1000,
                step: 50,
            };
            let mut until_input_ends = false;
            let mut options = options.iter();
            while let Some(option) = options.next() {
                let mut value = || options.next().ok_or(USAGE);
                match *option {
                    "--lease-time" => {
                        settings.lease_time = Duration::try_from_secs_f64(value()?.parse()?)?;
                    }
                    "--most" => settings.most = value()?.parse()?,
                    "--step" => settings.step = value()?.parse()?,
                    // For processes of a test, which must not outlive it.
                    "--until-input-ends" => until_input_ends = true,
                    _ => return Err(USAGE.into()),
                }
            }
            worker::run(&place()?, settings, until_input_ends)
        }
        _ => Err(USAGE.into()),
    }
}

fn place() -> Result<String> {
    env::var("FLEET_DATABASE").map_err(|_| "set FLEET_DATABASE to a file or postgres://".into())
}
