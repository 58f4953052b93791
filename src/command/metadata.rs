//! GETMETADATA and SETMETADATA (RFC 5464).

use std::sync::Arc;

use crate::connection::Connection;
use crate::connection::of_mailbox::OfMailbox;
use crate::connection::pipeline::{Among, Footprint};
use crate::error::{Error, Result};
use crate::exchange::{BatchState, Command, Partial, Simple, run_alone};
use crate::pipeline::run_on;
use crate::session::Session;
use crate::types::capability::{Capabilities, Capability};
use crate::types::mailbox_name::{InvalidMailboxName, MailboxName};
use crate::types::metadata::{Metadata, MetadataDepth, MetadataEntry, MetadataName, MetadataScope};
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::metadata::{MetadataData, Told};

/// GETMETADATA as a value, with its options. Its answer is a [`Metadata`].
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::metadata::{GetMetadata, MetadataDepth};
///
/// session.metadata("INBOX").set([("/private/app/color", Some("red"))])?;
/// let app = GetMetadata::new("INBOX", ["/private/app"])?.depth(MetadataDepth::Infinity);
/// let metadata = session.run(app.max_size(1024))?;
/// for entry in metadata.entries() {
///     println!("{} {:?}", entry.name(), entry.text());
/// }
/// # assert_eq!(metadata.text("/private/app/color"), Some("red"));
/// if let Some(octets) = metadata.longest_left_out() {
///     println!("something has {octets} octets");
/// }
///
/// let comment = |mailbox| GetMetadata::new(mailbox, ["/shared/comment"]);
/// let [inbox, sent] = session.pipeline([comment("INBOX")?, comment("Sent")?])?;
/// println!("{:?} {:?}", inbox?.text("/shared/comment"), sent?.text("/shared/comment"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct GetMetadata {
    scope: MetadataScope,
    names: Arc<[MetadataName]>,
    max_size: Option<u32>,
    depth: MetadataDepth,
}

impl GetMetadata {
    /// Requests the entries with these names.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for invalid names, and for none at all.
    pub fn new<S, N>(scope: S, names: impl IntoIterator<Item = N>) -> Result<Self>
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
            false => Ok(Self::of(scope, names)),
        }
    }

    fn of(scope: MetadataScope, names: Arc<[MetadataName]>) -> Self {
        Self {
            scope,
            names,
            max_size: None,
            depth: MetadataDepth::Zero,
        }
    }

    /// Leaves out values that are longer than this, in octets (`MAXSIZE`).
    ///
    /// Values that are returned are in memory.
    pub fn max_size(mut self, octets: u32) -> Self {
        self.max_size = Some(octets);
        self
    }

    /// Also returns entries below the names (`DEPTH`).
    pub fn depth(mut self, depth: MetadataDepth) -> Self {
        self.depth = depth;
        self
    }

    /// `SP getmetadata-options`, if there are any.
    fn options(&self, encoder: &mut Encoder<'_>) {
        match (self.max_size, self.depth) {
            (None, MetadataDepth::Zero) => encoder,
            (Some(octets), MetadataDepth::Zero) => {
                encoder.display(format_args!(" (MAXSIZE {octets})"))
            }
            (None, depth) => encoder.display(format_args!(" (DEPTH {depth})")),
            (Some(octets), depth) => {
                encoder.display(format_args!(" (MAXSIZE {octets} DEPTH {depth})"))
            }
        };
    }
}

impl<In: BatchState> Command<In> for GetMetadata {
    type Answer = Metadata;

    fn run_on(self, place: In::Place<'_>) -> Result<Metadata> {
        run_alone::<In, _>(place, &self)
    }
}

#[allow(private_interfaces, reason = "only this crate calls it")]
impl Simple for GetMetadata {
    const NAME: &'static str = "GETMETADATA";
    type Partial = MetadataSoFar;

    fn check(&self, connection: &mut Connection) -> Result<()> {
        connection.require_all(Self::NAME, |capabilities| {
            missing(&self.scope, capabilities)
        })
    }

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        self.options(encoder);
        scope(encoder, &self.scope)?;
        names(encoder, &self.names)
    }

    fn footprint(&self) -> Footprint<'_> {
        match &self.scope {
            MetadataScope::Server => Footprint::Kind(Self::NAME),
            MetadataScope::Mailbox(name) => Footprint::Counts(name),
        }
    }

    fn claim<'r>(
        &self,
        MetadataSoFar(heard): &mut Self::Partial,
        data: Untagged<'r>,
        among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        let Untagged::Metadata(MetadataData {
            scope,
            told: Told::Entries(entries),
        }) = data
        else {
            return heard.take_unreadable(data, "METADATA", among);
        };
        let left = match (&scope, &self.scope) {
            (MetadataScope::Mailbox(name), MetadataScope::Mailbox(asked)) => {
                heard.offer(name, asked, among, entries, Vec::extend)
            }
            (MetadataScope::Server, MetadataScope::Server) => {
                heard.take(entries, Vec::extend);
                None
            }
            _ => Some(entries),
        };
        let told = Told::Entries(left?);
        Some(Untagged::Metadata(MetadataData { scope, told }))
    }
}

#[derive(Default)]
pub struct MetadataSoFar(OfMailbox<Vec<MetadataEntry>>);

impl Partial for MetadataSoFar {
    type Answer = Metadata;

    /// An empty answer is that of a server which has none of the entries.
    fn finish(self, command: &'static str, code: Option<ResponseCode>) -> Result<Metadata> {
        self.0.check_readable(command)?;
        Ok(Metadata {
            entries: self.0.found(command)?.unwrap_or_default(),
            longest_left_out: match code {
                Some(ResponseCode::MetadataLongEntries(octets)) => Some(octets),
                _ => None,
            },
        })
    }
}

struct SetMetadata<V> {
    scope: MetadataScope,
    values: Vec<(MetadataName, Option<V>)>,
}

impl<V: AsRef<[u8]>> Simple for SetMetadata<V> {
    const NAME: &'static str = "SETMETADATA";
    type Partial = ();

    fn check(&self, connection: &mut Connection) -> Result<()> {
        connection.require_all(Self::NAME, |capabilities| {
            missing(&self.scope, capabilities)
        })
    }

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        scope(encoder, &self.scope)?;
        for (place, (name, value)) in self.values.iter().enumerate() {
            encoder.raw(if place > 0 { " " } else { " (" });
            entry_name(encoder, name)?.sp();
            encoder.value(value.as_ref().map(AsRef::as_ref));
        }
        encoder.raw(")");
        Ok(())
    }
}

/// The commands of METADATA on a mailbox or the server (RFC 5464); see [`Session::metadata`].
#[derive(Clone, Debug)]
#[must_use = "its methods send the commands"]
pub struct MetadataCommands<'s> {
    session: &'s Session,
    scope: Result<MetadataScope, InvalidMailboxName>,
}

impl Session {
    /// The commands of METADATA on a mailbox or the server (RFC 5464); sends nothing by itself.
    ///
    /// [`MetadataScope::Server`] stands for the server.
    ///
    /// An invalid name is the error of the command.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let inbox = session.metadata("INBOX");
    /// inbox.set([("/private/comment", Some("Read daily"))])?;
    /// assert_eq!(inbox.get(["/private/comment"])?.text("/private/comment"), Some("Read daily"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "GETMETADATA")]
    #[doc(alias = "get_metadata")]
    pub fn metadata(
        &self,
        scope: impl TryInto<MetadataScope, Error: Into<InvalidMailboxName>>,
    ) -> MetadataCommands<'_> {
        MetadataCommands {
            session: self,
            scope: scope.try_into().map_err(Into::into),
        }
    }
}

impl MetadataCommands<'_> {
    fn scope(&self) -> Result<MetadataScope> {
        Ok(self.scope.clone()?)
    }

    /// The entries with these names (GETMETADATA). Entries that do not exist are left out.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`] for invalid names, and for none at all;
    /// [`Error::Unsupported`] if the server lacks METADATA, or, for [`MetadataScope::Server`],
    /// METADATA-SERVER; [`Error::Lock`]. Then [`Error::Refused`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::metadata::MetadataScope;
    ///
    /// let metadata = session.metadata("INBOX").get(["/shared/comment", "/private/comment"])?;
    /// println!("{:?}", metadata.text("/private/comment"));
    ///
    /// let server = session.metadata(MetadataScope::Server).get(["/shared/admin"])?;
    /// println!("write to {:?}", server.text("/shared/admin"));
    /// # assert_eq!(server.text("/shared/admin"), Some("mailto:postmaster@example.com"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "GETMETADATA")]
    pub fn get<N>(&self, names: impl IntoIterator<Item = N>) -> Result<Metadata>
    where
        N: TryInto<MetadataName, Error: Into<Error>>,
    {
        let get = GetMetadata::new(self.scope()?, names)?;
        self.session.execute(&get)
    }

    /// Sets or removes entries atomically (SETMETADATA).
    ///
    /// `None` removes an entry; values can be any octets. The server sets all entries or none.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the code
    /// [`MetadataMaxSize`](crate::types::ResponseCode::MetadataMaxSize) for a value that is too
    /// long, [`MetadataTooMany`](crate::types::ResponseCode::MetadataTooMany) for too many entries,
    /// [`MetadataNoPrivate`](crate::types::ResponseCode::MetadataNoPrivate) if the server has no
    /// private entries, and without a code if the user lacks the right. Otherwise as for
    /// [`get`](Self::get).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.metadata("Archive").set([
    ///     ("/shared/comment", Some("All that is done")),
    ///     ("/private/comment", None),
    /// ])?;
    /// # let metadata = session.metadata("Archive").get(["/shared/comment"])?;
    /// # assert_eq!(metadata.text("/shared/comment"), Some("All that is done"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SETMETADATA")]
    pub fn set<N, V>(&self, entries: impl IntoIterator<Item = (N, Option<V>)>) -> Result<()>
    where
        N: TryInto<MetadataName, Error: Into<Error>>,
        V: AsRef<[u8]>,
    {
        let scope = self.scope()?;
        let entries = entries.into_iter();
        let values = entries.map(|(name, value)| Ok((name.try_into().map_err(Into::into)?, value)));
        let values = values.collect::<Result<Vec<_>>>()?;
        match values.is_empty() {
            true => Err(Error::text("metadata", "none is given")),
            false => self.session.execute(&SetMetadata { scope, values }),
        }
    }
}

impl Connection {
    /// Metadata of many mailboxes, pipelined, for a command that lists them.
    pub(crate) fn metadata_of<'n>(
        &mut self,
        mailboxes: impl Iterator<Item = &'n MailboxName>,
        names: &[MetadataName],
    ) -> Result<Vec<Result<Metadata>>> {
        let names: Arc<[_]> = names.into();
        let commands = mailboxes
            .map(|name| GetMetadata::of(MetadataScope::Mailbox(name.clone()), Arc::clone(&names)));
        run_on(self, commands.collect::<Vec<_>>())
    }
}

/// The extension that metadata of this scope needs and the server lacks.
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
        MetadataScope::Server => encoder.raw(" \"\""),
        MetadataScope::Mailbox(name) => encoder.sp().mailbox(name)?,
    };
    Ok(())
}

/// `SP entries`.
fn names(encoder: &mut Encoder<'_>, names: &[MetadataName]) -> Result<()> {
    for (place, name) in names.iter().enumerate() {
        encoder.raw(if place > 0 { " " } else { " (" });
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
