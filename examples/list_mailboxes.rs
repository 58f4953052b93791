//! Lists the mailboxes of an account, with special uses and numbers of messages.

#![allow(clippy::print_stdout)]

mod common;

use std::process::ExitCode;

use latchbox::types::StatusItem;

fn main() -> ExitCode {
    common::report(run())
}

fn run() -> common::Result<()> {
    let common::Mail { session, .. } = &common::open()?;
    println!("{:>8} {:>8}  mailbox", "messages", "unseen");
    for mailbox in session.list("*")? {
        let purpose = mailbox
            .special_use()
            .map(|special_use| special_use.to_string());
        let purpose = purpose.unwrap_or_default();
        if !mailbox.is_selectable() {
            println!("{:>8} {:>8}  {} {purpose}", "-", "-", mailbox.name());
            continue;
        }
        let items = [StatusItem::Messages, StatusItem::Unseen];
        let status = session.status(mailbox.name(), items)?;
        let line = format!(
            "{:>8} {:>8}  {} {purpose}",
            status.messages().unwrap_or_default(),
            status.unseen().unwrap_or_default(),
            mailbox.name()
        );
        println!("{}", line.trim_end());
    }
    Ok(())
}
