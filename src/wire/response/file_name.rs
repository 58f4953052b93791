//! The name that a sender gave to a file, and the part of it that is safe to use.

use std::fmt;

use crate::printable::{Printable, misleads};

/// A file name from a sender: it can be a path, hold control characters, or name a device.
///
/// `Display` is escaped. To save the file, use [`safe_file_name`](Self::safe_file_name), or a name
/// of your own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    text: String,
}

impl FileName {
    pub(crate) fn new(text: String) -> FileName {
        FileName { text }
    }

    /// The name as it was sent, decoded.
    pub fn as_untrusted_str(&self) -> &str {
        &self.text
    }

    /// Whether it holds path syntax of any system: `/`, `\`, `:` or `..`.
    pub fn has_path(&self) -> bool {
        self.text.contains(['/', '\\', ':']) || self.text.contains("..")
    }

    /// A name that is safe to join to a directory on any platform: one component that stays inside
    /// it.
    ///
    /// It has 1 to 200 octets, no path separator, no `..`, nothing that Windows reserves
    /// (characters, `CON`, `COM1.txt`, a period or a space at the end), no control characters, and
    /// no characters that are invisible or change the writing direction. A character that is not
    /// allowed becomes `_`; a name of which nothing is left is `file`. It does not begin with a
    /// period, `-` or `~`. A name that is too long keeps its extension.
    ///
    /// The extension is still the sender's choice: a file that is opened by its extension may be a
    /// program. Two files can have the same name, also in another case: create the file with
    /// [`File::create_new`](std::fs::File::create_new), which overwrites none.
    ///
    /// ```
    #[doc = include_str!("../../doc/message.txt")]
    /// let structure = message.body_structure()?;
    /// let attachment = structure.attachments().next().ok_or("it has none")?;
    /// let name = attachment.file_name().ok_or("it has no name")?;
    /// let path = std::path::Path::new("downloads").join(name.safe_file_name());
    /// assert_eq!(path, std::path::Path::new("downloads/Übersicht.png"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn safe_file_name(&self) -> String {
        let mut name = String::new();
        for character in self.text.chars().take(LONGEST_READ) {
            let character = if is_allowed(character) {
                character
            } else {
                '_'
            };
            // A single period is never `..`.
            if !(character == '.' && name.ends_with('.')) {
                name.push(character);
            }
        }
        let name = shortened(trimmed(&name), LONGEST);
        match trimmed(&name) {
            "" => FALLBACK.to_owned(),
            name if is_reserved(name) => {
                let name = shortened(name, LONGEST - 1);
                format!("_{}", trimmed(&name))
            }
            name => name.to_owned(),
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.text).fmt(f)
    }
}

/// The file name if nothing of the sender's can be used.
const FALLBACK: &str = "file";

/// The longest name, in octets: with what a program adds, it stays below the 255 of most systems.
const LONGEST: usize = 200;

/// The longest extension that a shortened name keeps, in octets.
const LONGEST_EXTENSION: usize = 20;

/// The number of characters that are read.
const LONGEST_READ: usize = 4096;

fn is_allowed(character: char) -> bool {
    let is_forbidden = matches!(
        character,
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'
            // Windows turns these into a separator if it needs an older charset.
            | '\u{2044}' | '\u{2215}' | '\u{2216}' | '\u{ff0f}' | '\u{ff3c}' | '\u{ff1a}'
            // Periods that some systems fold into the one of ASCII.
            | '\u{2024}' | '\u{2025}' | '\u{2026}' | '\u{fe52}' | '\u{ff0e}'
    );
    !is_forbidden && !misleads(character)
}

/// The name without what must not stand at its ends.
fn trimmed(name: &str) -> &str {
    let is_blank = |it: char| it == '.' || it.is_whitespace();
    let name = name.trim_end_matches(is_blank);
    name.trim_start_matches(|it| is_blank(it) || matches!(it, '-' | '~'))
}

/// The name in at most `longest` octets, with its extension if that is short.
fn shortened(name: &str, longest: usize) -> String {
    if name.len() <= longest {
        return name.to_owned();
    }
    let extension = name.rfind('.').and_then(|at| name.split_at_checked(at));
    let extension = extension.map_or("", |(_, extension)| extension);
    let extension = Some(extension).filter(|it| it.len() <= LONGEST_EXTENSION);
    let extension = extension.unwrap_or_default();
    let room = longest.saturating_sub(extension.len());
    let mut stem = String::new();
    for character in name.chars() {
        if stem.len() + character.len_utf8() > room {
            break;
        }
        stem.push(character);
    }
    stem.truncate(stem.trim_end_matches('.').len());
    stem + extension
}

/// Whether Windows takes it for a device, whatever its extension.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    let is_port = ["COM", "LPT"].iter().any(|port| {
        let number = stem
            .strip_prefix(port)
            .map(|number| number.chars().collect::<Vec<_>>());
        matches!(
            number.as_deref(),
            Some(['0'..='9' | '\u{b9}' | '\u{b2}' | '\u{b3}'])
        )
    });
    is_port || ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"].contains(&stem.as_str())
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    fn safe(name: &str) -> String {
        FileName::new(name.to_owned()).safe_file_name()
    }

    #[test]
    fn names_of_files_stay_in_their_directory() {
        for (sent, name) in [
            ("report.pdf", "report.pdf"),
            ("Übersicht (2).tar.gz", "Übersicht (2).tar.gz"),
            ("東京.txt", "東京.txt"),
            ("../../etc/passwd", "_._etc_passwd"),
            ("/etc/passwd", "_etc_passwd"),
            ("..\\..\\boot.ini", "_._boot.ini"),
            ("C:\\windows\\a.exe", "C__windows_a.exe"),
            ("\\\\host\\share", "__host_share"),
            ("a.txt:stream", "a.txt_stream"),
            ("a.txt::$DATA", "a.txt__$DATA"),
            ("..", "file"),
            (".", "file"),
            ("", "file"),
            (" . . ", "file"),
            ("...", "file"),
            ("a..b", "a.b"),
            (".bashrc", "bashrc"),
            ("-rf", "rf"),
            ("~root", "root"),
            ("CON", "_CON"),
            ("con.txt", "_con.txt"),
            ("Nul .tar.gz", "_Nul .tar.gz"),
            ("aux", "_aux"),
            ("COM1", "_COM1"),
            ("lpt\u{b9}.txt", "_lpt\u{b9}.txt"),
            ("conin$", "_conin$"),
            ("COM10", "COM10"),
            ("CONSOLE", "CONSOLE"),
            ("a.txt.", "a.txt"),
            ("a.txt . ", "a.txt"),
            ("a\0.exe\0.txt", "a_.exe_.txt"),
            ("a\r\nb", "a__b"),
            ("a\u{202e}fdp.exe", "a_fdp.exe"),
            ("a\u{200b}b\u{feff}", "a_b_"),
            ("a\u{2028}b", "a_b"),
            ("a\u{1b}[2Jb", "a_[2Jb"),
            ("a<b>|c?*\"", "a_b__c___"),
            ("\u{ff0e}\u{ff0e}\u{ff0f}etc", "___etc"),
            ("\u{2026}/x", "__x"),
        ] {
            assert_eq!(safe(sent), name, "{sent:?}");
        }
    }

    #[test]
    fn attack_100_file_names_are_marked() {
        for (name, has_path) in [
            ("a.txt", false),
            ("../a", true),
            ("/etc/passwd", true),
            ("C:a", true),
            ("a\\b", true),
            ("..", true),
        ] {
            let file_name = FileName::new(name.into());
            assert_eq!(
                (file_name.has_path(), file_name.as_untrusted_str()),
                (has_path, name)
            );
        }
        assert_eq!(
            FileName::new("a\u{202e}gpj.exe".into()).to_string(),
            "a\\u{202e}gpj.exe"
        );
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let long = format!("{}.pdf", "ä".repeat(5000));
        assert_eq!(
            safe(&long),
            "ä".repeat(100),
            "what is not looked at is not there"
        );
        let long = format!("{}.pdf", "ä".repeat(500));
        assert_eq!(safe(&long), format!("{}.pdf", "ä".repeat(98)));
        let long = format!("a.{}", "b".repeat(500));
        assert_eq!(safe(&long).len(), LONGEST);
        let cut = format!("{}.{}.x", "a".repeat(197), "b".repeat(50));
        assert_eq!(safe(&cut), format!("{}.x", "a".repeat(197)));
    }

    proptest! {
        #[test]
        fn any_name_is_one_component(name in "(\\PC|[./\\\\: ]|\\.\\.|con|nul|[\0-\u{ff}]){0,300}") {
            let safe_name = safe(&name);
            prop_assert!((1..=LONGEST).contains(&safe_name.len()));
            let path = Path::new(&safe_name);
            let components: Vec<_> = path.components().collect();
            prop_assert_eq!(components, [Component::Normal(safe_name.as_ref())]);
            prop_assert!(!safe_name.contains(['/', '\\', ':', '\0']), "{:?}", safe_name);
            prop_assert!(!safe_name.contains("..") && !safe_name.ends_with(['.', ' ']));
            prop_assert_eq!(Printable(&safe_name).to_string(), safe_name.clone());
            prop_assert_eq!(safe(&safe_name), safe_name);
        }
    }
}
