//! What is answered: the same octets in every run.

use std::io::Write;

/// A mailbox as the one answer it gives.
pub struct Mailbox {
    pub count: u32,
    pub answer: Vec<u8>,
}

impl Mailbox {
    /// Of a name like `flags-1000`, which says what it holds.
    pub fn made(name: &str) -> Mailbox {
        let (kind, count) = name.rsplit_once('-').expect("a kind and a count");
        let count = count.parse().expect("a count");
        let mut answer = Vec::new();
        let mut chance = Chance(u64::from(count) + 1);
        if kind == "search" {
            answer.extend_from_slice(b"* SEARCH");
            (1..=count).for_each(|uid| write!(answer, " {uid}").unwrap());
            answer.extend_from_slice(b"\r\n");
        }
        for uid in 1..=count {
            match kind {
                "flags" => flags(uid, &mut chance, &mut answer),
                "envelopes" => envelope(uid, &mut chance, &mut answer),
                "bodies" => body(uid, &mut chance, &mut answer),
                "mailboxes" => mailbox(name, &format!("Projects {uid}"), &mut answer),
                "letters" => mailbox(name, &format!("Entw&APw-rfe {uid}/&ZeVnLIqe-"), &mut answer),
                _ => {}
            }
        }
        Mailbox { count, answer }
    }
}

fn mailbox(top: &str, name: &str, to: &mut Vec<u8>) {
    write!(to, "* LIST (\\HasNoChildren) \"/\" \"{top}/{name}\"\r\n").unwrap();
}

fn flags(uid: u32, chance: &mut Chance, to: &mut Vec<u8>) {
    let flags = [
        "",
        "\\Seen",
        "\\Seen \\Answered",
        "\\Flagged",
        "$Work \\Seen",
    ];
    let flags = flags[chance.below(flags.len())];
    write!(to, "* {uid} FETCH (UID {uid} FLAGS ({flags}))\r\n").unwrap();
}

fn envelope(uid: u32, chance: &mut Chance, to: &mut Vec<u8>) {
    let words = ["report", "of the", "meeting", "=?utf-8?q?gr=C3=BC=C3=9Fe?="];
    let mut text = |least: usize, more: usize| {
        let count = least + chance.below(more);
        let words: Vec<_> = (0..count)
            .map(|_| words[chance.below(words.len())])
            .collect();
        words.join(" ")
    };
    let subject = text(2, 8);
    let address = "(\"Some One\" NIL \"someone\" \"example.org\")";
    let part = |kind: &str, size| {
        format!(
            "(\"TEXT\" \"{kind}\" (\"CHARSET\" \"utf-8\") NIL NIL \"BASE64\" {size} 20 NIL NIL NIL NIL)"
        )
    };
    let structure = match uid % 3 {
        0 => part("PLAIN", 4711),
        _ => format!(
            "({}{} \"ALTERNATIVE\" (\"BOUNDARY\" \"{uid}=_x\") NIL NIL NIL)",
            part("PLAIN", 1234),
            part("HTML", 5678)
        ),
    };
    let to_all = address.repeat(1 + uid as usize % 6);
    write!(
        to,
        "* {uid} FETCH (UID {uid} FLAGS (\\Seen) RFC822.SIZE {} ENVELOPE (\"Mon, 7 Feb 1994 21:52:25 -0800\" \
         \"{subject}\" ({address}) ({address}) ({address}) ({to_all}) NIL NIL NIL \"<{uid}@example.org>\") \
         BODYSTRUCTURE {structure})\r\n",
        1000 + uid
    )
    .unwrap();
}

fn body(uid: u32, chance: &mut Chance, to: &mut Vec<u8>) {
    let length = 4096 + chance.below(56 << 10);
    write!(to, "* {uid} FETCH (UID {uid} BODY[] {{{length}}}\r\n").unwrap();
    let line = b"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod.\r\n";
    to.extend(line.iter().cycle().take(length));
    to.extend_from_slice(b")\r\n");
}

/// Numbers that look like chance (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}
