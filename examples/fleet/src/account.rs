//! From a row of the database to a watch: the account, its password, and where it continues.

use std::time::Duration;
use std::{env, fs};

use latchbox::sasl::Secret;
use latchbox::sync::Checkpoint;
use latchbox::types::{FetchItem, ServerUrl};
use latchbox::watch::WatchRequest;
use latchbox::{Account, ClientBuilder, Credentials};

use crate::database::{Lease, Result};

/// All accounts of a worker are on one thread: a server that does not answer must not stop the others for long.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most messages in a transaction.
const BATCH: u32 = 100;

/// The watch of an account, from the checkpoint that was stored last.
///
/// # Errors
///
/// If the row has no valid URL or checkpoint.
pub fn watch(lease: &Lease) -> Result<WatchRequest> {
    let stored = lease.checkpoint.as_deref();
    let checkpoint: Option<Checkpoint> = stored.map(str::parse).transpose()?;
    Ok(WatchRequest::new(account(lease)?)
        .mailbox(&lease.mailbox, checkpoint.as_ref())
        .items([FetchItem::Envelope])
        .batch_size(BATCH))
}

fn account(lease: &Lease) -> Result<Account> {
    let url: ServerUrl = lease.url.parse()?;
    Credentials::for_url(&url, "")?; // an error now if the URL names no user
    let builder = ClientBuilder::from_url(&url)
        .open_timeout(PATIENCE)
        .read_timeout(PATIENCE)
        .write_timeout(PATIENCE);
    let place = lease.secret.clone();
    Ok(Account::new(builder, move |_reason| {
        Ok(Credentials::for_url(&url, secret(&place)?)?)
    }))
}

/// Reads a password when it is needed, so that it is in no table, and may change.
fn secret(place: &str) -> Result<Secret> {
    let value = match place.split_once(':') {
        // Not with the error of `env::var`, which may show the value.
        Some(("env", name)) => {
            let value = env::var_os(name).and_then(|value| value.into_string().ok());
            value.ok_or_else(|| format!("{name} is not set, or not in UTF-8"))?
        }
        Some(("file", path)) => {
            fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?
        }
        // Not shown: it may be the password itself.
        _ => return Err("a secret is env:NAME or file:PATH".into()),
    };
    Ok(value.trim_end_matches('\n').into())
}
