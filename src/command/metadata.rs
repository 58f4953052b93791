//! GETMETADATA and SETMETADATA (RFC 5464).

use std::sync::Arc;

use crate::connection::Connection;
use crate::connection::answer::leave;
use crate::connection::of_mailbox::OfMailbox;
use crate::connection::pipeline::{Among, Concern};
use crate::error::{Error, Result};
use crate::exchange::{Command, Exchange, Leased, Planned, Sent, State, sealed};
use crate::pipeline::run_on;
use crate::session::Session;
use crate::types::capability::{Capabilities, Capability};
use crate::types::mailbox_name::MailboxName;
use crate::types::metadata::{
    Metadata, MetadataDepth, MetadataEntry, MetadataName, MetadataOptions, MetadataScope,
};
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::metadata::{MetadataData, Told};
use crate::wire::same_mailbox::{Likeness, likeness};

const NAME: &str = "GETMETADATA";

/// GETMETADATA as a command of a batch (see [`Session::pipeline`]); its answer is a
/// [`Metadata`].
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::GetMetadata;
/// use latchbox::types::MetadataOptions;
///
/// let comment = |mailbox| {
///     GetMetadata::new(mailbox, ["/shared/comment"], &MetadataOptions::new())
/// };
/// let [inbox, sent] = session.pipeline([comment("INBOX")?, comment("Sent")?])?;
/// println!("{:?} {:?}", inbox?.text("/shared/comment"), sent?.text("/shared/comment"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct GetMetadata {
    scope: MetadataScope,
    names: Arc<[MetadataName]>,
    options: MetadataOptions,
}

impl GetMetadata {
    /// The entries that are to be asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for names that cannot be ones, and for none at all.
    pub fn new<S, N>(
        scope: S,
        names: impl IntoIterator<Item = N>,
        options: &MetadataOptions,
    ) -> Result<Self>
    where
        S: TryInto<MetadataScope, Error: Into<Error>>,
        N: TryInto<MetadataName, Error: Into<Error>>,
    {
        let scope = scope.try_into().map_err(Into::into)?;
        let names = names.into_iter();
        let names = names.map(|name| name.try_into().map_err(Into::into));
        let names = names.collect::<Result<Arc<[_]>>>()?;
        match names.is_empty() {
            true => Err(Error::text("names of metadata", "none are given")),
            false => Ok(Self {
                scope,
                names,
                options: *options,
            }),
        }
    }
}

impl GetMetadata {
    /// How much what a response is about is like what was asked for.
    fn likeness(&self, told: &MetadataScope) -> Likeness {
        match told {
            MetadataScope::Server if self.scope == MetadataScope::Server => Likeness::Same,
            MetadataScope::Server => Likeness::Other,
            MetadataScope::Mailbox(name) => self.likeness_of(name),
        }
    }

    fn likeness_of(&self, told: &MailboxName) -> Likeness {
        match &self.scope {
            MetadataScope::Server => Likeness::Other,
            MetadataScope::Mailbox(asked) => likeness(told, asked),
        }
    }
}

impl sealed::Command for GetMetadata {}

impl<In: State> Command<In> for GetMetadata {
    type Answer = Metadata;
}

impl<In: State> Exchange<In> for GetMetadata {
    type Plan = ();
    type Partial = (OfMailbox<Vec<MetadataEntry>>, Option<u64>);

    fn name(&self) -> &'static str {
        NAME
    }

    fn plan(&self, lease: &mut In::Lease<'_>) -> Result<Planned<(), Self::Answer>> {
        match missing(&self.scope, lease.connection().capabilities()?) {
            Some(missing) => Err(Error::unsupported(NAME, missing)),
            None => Ok(Planned::Send(())),
        }
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.raw("GETMETADATA ");
        options(encoder, &self.options);
        scope(encoder, &self.scope)?;
        encoder.raw(" ");
        names(encoder, &self.names)
    }

    fn footprint<'a>(&'a self, _plan: &'a ()) -> Concern<'a> {
        match &self.scope {
            MetadataScope::Server => Concern::Kind(NAME),
            MetadataScope::Mailbox(name) => Concern::Counts(name),
        }
    }

    fn claim<'r>(
        &self,
        _sent: Sent<'_, ()>,
        (heard, _): &mut Self::Partial,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::Metadata(MetadataData {
                scope,
                told: Told::Entries(entries),
            }) if self.likeness(&scope) == Likeness::Same => {
                heard.take(entries, Vec::extend);
                None
            }
            other => Some(other),
        }
    }

    fn claim_loosely<'r>(
        &self,
        _sent: Sent<'_, ()>,
        (heard, _): &mut Self::Partial,
        data: Untagged<'r>,
        among: Among,
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::Metadata(MetadataData {
                scope: MetadataScope::Mailbox(name),
                told: Told::Entries(entries),
            }) if self.likeness_of(&name) == Likeness::Near => {
                heard.take_near(name, entries, Vec::extend);
                None
            }
            other if among.is_oldest => heard.take_unreadable(other, "METADATA"),
            other => Some(other),
        }
    }

    /// No answer at all is that of a server which has none of the entries.
    fn complete(&self, (_, longest_left_out): &mut Self::Partial, code: Option<ResponseCode>) {
        if let Some(ResponseCode::MetadataLongEntries(octets)) = code {
            *longest_left_out = Some(octets);
        }
    }

    fn finish(
        &self,
        (): (),
        (heard, longest_left_out): Self::Partial,
        _lease: &mut In::Lease<'_>,
    ) -> Result<Metadata> {
        heard.check_readable(NAME)?;
        Ok(Metadata {
            entries: heard.found(NAME)?.unwrap_or_default(),
            longest_left_out,
        })
    }
}

impl Session {
    /// Metadata of a mailbox or of the server, by name (GETMETADATA).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent when the server does not have METADATA, or,
    /// for [`MetadataScope::Server`], METADATA-SERVER; [`Error::Argument`] for names that cannot
    /// be ones, and for none at all; [`Error::Refused`], [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::MetadataScope;
    ///
    /// let metadata = session.metadata("INBOX", ["/shared/comment", "/private/comment"])?;
    /// println!("{:?}", metadata.text("/private/comment"));
    ///
    /// let server = session.metadata(MetadataScope::Server, ["/shared/admin"])?;
    /// println!("write to {:?}", server.text("/shared/admin"));
    /// # assert_eq!(server.text("/shared/admin"), Some("mailto:postmaster@example.com"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn metadata<S, N>(&self, scope: S, names: impl IntoIterator<Item = N>) -> Result<Metadata>
    where
        S: TryInto<MetadataScope, Error: Into<Error>>,
        N: TryInto<MetadataName, Error: Into<Error>>,
    {
        self.metadata_with(scope, names, &MetadataOptions::new())
    }

    /// The same with a limit on the length of values, or with what is below the names too.
    ///
    /// # Errors
    ///
    /// As for [`metadata`](Self::metadata).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{MetadataDepth, MetadataOptions};
    ///
    /// session.set_metadata("INBOX", [("/private/app/color", Some("red"))])?;
    /// let options = MetadataOptions::new().max_size(1024).depth(MetadataDepth::Infinity);
    /// let metadata = session.metadata_with("INBOX", ["/private/app"], &options)?;
    /// for entry in metadata.entries() {
    ///     println!("{} {:?}", entry.name(), entry.text());
    /// }
    /// # assert_eq!(metadata.text("/private/app/color"), Some("red"));
    /// if let Some(octets) = metadata.longest_left_out() {
    ///     println!("something has {octets} octets");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn metadata_with<S, N>(
        &self,
        scope: S,
        names: impl IntoIterator<Item = N>,
        options: &MetadataOptions,
    ) -> Result<Metadata>
    where
        S: TryInto<MetadataScope, Error: Into<Error>>,
        N: TryInto<MetadataName, Error: Into<Error>>,
    {
        let command = GetMetadata::new(scope, names, options)?;
        self.lease(NAME)?.execute(&command)
    }

    /// Sets metadata of a mailbox or of the server, all of it or none (SETMETADATA). `None` removes
    /// an entry; values can be any octets.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the code
    /// [`MetadataMaxSize`](crate::types::ResponseCode::MetadataMaxSize) for a value that is too
    /// long, [`MetadataTooMany`](crate::types::ResponseCode::MetadataTooMany) for an entry too many,
    /// [`MetadataNoPrivate`](crate::types::ResponseCode::MetadataNoPrivate) where none can be
    /// private, and without one where the user may not; otherwise as for
    /// [`metadata`](Self::metadata).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.set_metadata("Archive", [
    ///     ("/shared/comment", Some("All that is done")),
    ///     ("/private/comment", None),
    /// ])?;
    /// # let metadata = session.metadata("Archive", ["/shared/comment"])?;
    /// # assert_eq!(metadata.text("/shared/comment"), Some("All that is done"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_metadata<S, N, V>(
        &self,
        scope_of: S,
        entries: impl IntoIterator<Item = (N, Option<V>)>,
    ) -> Result<()>
    where
        S: TryInto<MetadataScope, Error: Into<Error>>,
        N: TryInto<MetadataName, Error: Into<Error>>,
        V: AsRef<[u8]>,
    {
        const NAME: &str = "SETMETADATA";
        let target = scope_of.try_into().map_err(Into::into)?;
        let mut values = Vec::new();
        for (name, value) in entries {
            values.push((name.try_into().map_err(Into::into)?, value));
        }
        if values.is_empty() {
            return Err(Error::text("metadata", "none is given"));
        }
        let mut connection = self.lease(NAME)?;
        if let Some(missing) = missing(&target, connection.capabilities()?) {
            return Err(Error::unsupported(NAME, missing));
        }
        connection.run(
            NAME,
            |encoder| {
                encoder.raw("SETMETADATA ");
                scope(encoder, &target)?;
                for (place, (name, value)) in values.iter().enumerate() {
                    encoder.raw(if place > 0 { " " } else { " (" });
                    entry_name(encoder, name)?.sp();
                    encoder.value(value.as_ref().map(AsRef::as_ref));
                }
                encoder.raw(")");
                Ok(())
            },
            leave,
        )?;
        Ok(())
    }
}

impl Connection {
    /// Metadata of many mailboxes in one go, for a command that lists them.
    pub(crate) fn metadata_of<'n>(
        &mut self,
        mailboxes: impl Iterator<Item = &'n MailboxName>,
        names: &[MetadataName],
    ) -> Result<Vec<Result<Metadata>>> {
        let names: Arc<[_]> = names.into();
        let commands = mailboxes.map(|name| GetMetadata {
            scope: MetadataScope::Mailbox(name.clone()),
            names: Arc::clone(&names),
            options: MetadataOptions::new(),
        });
        run_on(self, commands.collect::<Vec<_>>())
    }
}

/// The extension that the server does not have and that metadata of this scope needs.
fn missing(scope: &MetadataScope, capabilities: &Capabilities) -> Option<Capability> {
    let has = |capability| capabilities.supports(&capability);
    let is_there = has(Capability::Metadata)
        || (*scope == MetadataScope::Server && has(Capability::MetadataServer));
    match (is_there, scope) {
        (true, _) => None,
        (false, MetadataScope::Server) => Some(Capability::MetadataServer),
        (false, MetadataScope::Mailbox(_)) => Some(Capability::Metadata),
    }
}

fn scope(encoder: &mut Encoder<'_>, scope: &MetadataScope) -> Result<()> {
    match scope {
        MetadataScope::Server => encoder.raw("\"\""),
        MetadataScope::Mailbox(name) => encoder.mailbox(name)?,
    };
    Ok(())
}

/// `getmetadata-options SP`, if there are any.
fn options(encoder: &mut Encoder<'_>, options: &MetadataOptions) {
    let MetadataOptions { max_size, depth } = options;
    match (max_size, depth) {
        (None, MetadataDepth::Zero) => encoder,
        (Some(octets), MetadataDepth::Zero) => encoder.display(format_args!("(MAXSIZE {octets}) ")),
        (None, depth) => encoder.display(format_args!("(DEPTH {depth}) ")),
        (Some(octets), depth) => encoder.display(format_args!("(MAXSIZE {octets} DEPTH {depth}) ")),
    };
}

/// `entries`.
fn names(encoder: &mut Encoder<'_>, names: &[MetadataName]) -> Result<()> {
    for (place, name) in names.iter().enumerate() {
        encoder.raw(if place > 0 { " " } else { "(" });
        entry_name(encoder, name)?;
    }
    encoder.raw(")");
    Ok(())
}

fn entry_name<'e, 'a>(
    encoder: &'e mut Encoder<'a>,
    name: &MetadataName,
) -> Result<&'e mut Encoder<'a>> {
    Ok(encoder.string("name of metadata", name.as_str())?)
}
