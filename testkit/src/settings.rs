//! What a server is set to, which stays the same while it runs.

use std::fmt;
use std::io;

use crate::builder::{Deletion, Greeting, Literals};
use crate::mime::style::Style;
use crate::preset::Preset;
use crate::server::Server;

/// What the server advertises when nothing is added or removed.
const CAPABILITIES: &[&str] = &[
    "IMAP4rev1",
    "SASL-IR",
    "AUTH=PLAIN",
    "ENABLE",
    "ID",
    "IDLE",
    "NAMESPACE",
    "UNSELECT",
    "UIDPLUS",
    "MOVE",
    "ESEARCH",
    "SEARCHRES",
    "PARTIAL",
    "WITHIN",
    "SORT",
    "SORT=DISPLAY",
    "THREAD=ORDEREDSUBJECT",
    "THREAD=REFERENCES",
    "CONDSTORE",
    "CHILDREN",
    "SPECIAL-USE",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "STATUS=SIZE",
    "BINARY",
    "MULTIAPPEND",
    #[cfg(feature = "deflate")]
    "COMPRESS=DEFLATE",
    "QUOTA",
    "QUOTASET",
    "QUOTA=RES-STORAGE",
    "QUOTA=RES-MESSAGE",
    "ACL",
    "RIGHTS=texk",
    "LIST-MYRIGHTS",
    "METADATA",
    "LIST-METADATA",
];

/// What a test does before each command.
pub(crate) struct Hook(pub(crate) Box<OnCommand>);

pub(crate) type OnCommand = dyn Fn(&Server, &str) + Send + Sync;

impl Hook {
    pub(crate) fn call(&self, server: &Server, line: &str) {
        (self.0)(server, line);
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

/// What a test does with the octets of each command.
pub(crate) struct Inspector(pub(crate) Box<OnOctets>);

pub(crate) type OnOctets = dyn Fn(&[u8]) + Send + Sync;

impl Inspector {
    pub(crate) fn call(&self, command: &[u8]) {
        (self.0)(command);
    }
}

impl fmt::Debug for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inspector")
    }
}

/// What stays the same while the server runs.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) capabilities: Vec<String>,
    pub(crate) greeting: Greeting,
    pub(crate) literals: Literals,
    pub(crate) implicit_tls: bool,
    pub(crate) append_limit: u32,
    pub(crate) timeline_limit: usize,
    pub(crate) omits_uid_next: bool,
    pub(crate) frozen_view: bool,
    pub(crate) silent_idle: bool,
    pub(crate) shared_mod_seqs: bool,
    pub(crate) rename_resets: bool,
    pub(crate) deletion: Deletion,
    pub(crate) hook: Option<Hook>,
    pub(crate) preset: Option<Preset>,
    pub(crate) style: Style,
    pub(crate) shows_timeline: bool,
    pub(crate) inspector: Option<Inspector>,
}

impl Settings {
    /// Whether this is advertised. QRESYNC brings CONDSTORE with it (RFC 7162, section 3.2.1).
    pub(crate) fn has(&self, capability: &str) -> bool {
        let mut names = self.capabilities.iter();
        names.any(|name| name.eq_ignore_ascii_case(capability))
            || (capability.eq_ignore_ascii_case("CONDSTORE") && self.has("QRESYNC"))
    }

    /// The first setting that a real server with these extensions does not have.
    pub(crate) fn check_real(&self, extensions: &[&str]) -> Result<(), String> {
        let plain = Self::default();
        let lacks = |setting: &str, is_set: bool| match is_set {
            true => Err(setting.to_owned()),
            false => Ok(()),
        };
        lacks("on_command", self.hook.is_some())?;
        lacks("greeting", self.greeting != plain.greeting)?;
        lacks("literals", self.literals != plain.literals)?;
        lacks("append_limit", self.append_limit != plain.append_limit)?;
        lacks("omit_uid_next", self.omits_uid_next)?;
        lacks("frozen_view", self.frozen_view)?;
        lacks("silent_idle", self.silent_idle)?;
        lacks("shared_mod_seqs", self.shared_mod_seqs)?;
        lacks("rename_resets_uid_validity", self.rename_resets)?;
        lacks("deletion", self.deletion != plain.deletion)?;
        for name in &plain.capabilities {
            lacks(&format!("without({name})"), !self.has(name))?;
        }
        for name in &self.capabilities {
            let has = plain.has(name) || extensions.contains(&name.as_str());
            lacks(&format!("with({name})"), !has)?;
        }
        Ok(())
    }

    /// Whether this crate was built with what is advertised.
    pub(crate) fn check(&self) -> io::Result<()> {
        for name in &self.capabilities {
            let name = name.to_ascii_uppercase();
            let feature = match name.as_str() {
                "COMPRESS=DEFLATE" if cfg!(not(feature = "deflate")) => "deflate",
                "AUTH=CRAM-MD5" if cfg!(not(feature = "scram")) => "scram",
                name if name.starts_with("AUTH=SCRAM-") && cfg!(not(feature = "scram")) => "scram",
                _ => continue,
            };
            let reason = format!("{name} needs the feature `{feature}` of this crate");
            return Err(io::Error::new(io::ErrorKind::Unsupported, reason));
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            capabilities: CAPABILITIES.iter().map(|&name| name.to_owned()).collect(),
            greeting: Greeting::default(),
            literals: Literals::default(),
            implicit_tls: false,
            append_limit: 64 << 20,
            timeline_limit: 10_000,
            omits_uid_next: false,
            frozen_view: false,
            silent_idle: false,
            shared_mod_seqs: false,
            rename_resets: false,
            deletion: Deletion::default(),
            hook: None,
            preset: None,
            style: Style::default(),
            shows_timeline: false,
            inspector: None,
        }
    }
}
