//! One row of a FETCH, read where it lies.

use std::hint::black_box;

/// What is left of a row.
pub struct Cursor<'a> {
    pub bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn skip(&mut self, octets: usize) {
        self.bytes = self.bytes.get(octets..).unwrap_or_default();
    }

    pub fn number(&mut self) -> Option<u64> {
        let digits = self.bytes.iter().take_while(|b| b.is_ascii_digit()).count();
        let (number, rest) = self.bytes.split_at(digits);
        self.bytes = rest;
        let value = number
            .iter()
            .fold(0, |n, digit| n * 10 + u64::from(digit - b'0'));
        (digits > 0).then_some(value)
    }

    /// All items; what the row adds to the sum.
    pub fn row(&mut self) -> u64 {
        let mut sum = 0;
        while self.bytes.first().is_some_and(|b| *b != b')') {
            let name = self.atom();
            self.skip(1);
            sum += match name {
                b"UID" | b"RFC822.SIZE" => self.number().unwrap_or(0),
                b"FLAGS" => self.flags(),
                b"ENVELOPE" => self.envelope(),
                b"BODYSTRUCTURE" => self.body(),
                b"BODY[]" => self.string().map_or(0, |text| text.len() as u64),
                name => panic!("{}", String::from_utf8_lossy(name)),
            };
            if self.bytes.first() == Some(&b' ') {
                self.skip(1);
            }
        }
        sum
    }

    /// A mailbox behind `LIST `: one, and its attributes.
    pub fn mailbox(&mut self) -> u64 {
        let attributes = self.flags();
        self.skip(1);
        black_box(self.string());
        self.skip(1);
        black_box(self.string());
        1 + attributes
    }

    fn atom(&mut self) -> &'a [u8] {
        let ends = |b: &u8| matches!(b, b' ' | b'(' | b')');
        let end = self.bytes.iter().position(ends).unwrap_or(self.bytes.len());
        let (atom, rest) = self.bytes.split_at(end);
        self.bytes = rest;
        atom
    }

    /// How many there are.
    fn flags(&mut self) -> u64 {
        self.skip(1);
        let mut count = 0;
        while self.bytes.first().is_some_and(|b| *b != b')') {
            count += u64::from(!black_box(self.atom()).is_empty());
            if self.bytes.first() == Some(&b' ') {
                self.skip(1);
            }
        }
        self.skip(1);
        count
    }

    /// The length of the subject, with everything else read too.
    fn envelope(&mut self) -> u64 {
        self.skip(1);
        black_box(self.string());
        self.skip(1);
        let subject = self.string().map_or(0, <[u8]>::len);
        for _ in 0..6 {
            self.skip(1);
            self.addresses();
        }
        for _ in 0..2 {
            self.skip(1);
            black_box(self.string());
        }
        self.skip(1);
        subject as u64
    }

    fn addresses(&mut self) {
        if self.bytes.starts_with(b"NIL") {
            return self.skip(3);
        }
        self.skip(1);
        while self.bytes.first() == Some(&b'(') {
            for _ in 0..4 {
                self.skip(1);
                black_box(self.string());
            }
            self.skip(1);
        }
        self.skip(1);
    }

    /// How many parts there are that hold no others.
    fn body(&mut self) -> u64 {
        let mut leaves = 0;
        self.skip(1);
        match self.bytes.first() {
            Some(b'(') => {
                while self.bytes.first() == Some(&b'(') {
                    leaves += self.body();
                }
            }
            _ => leaves = 1,
        }
        while self.bytes.first().is_some_and(|b| *b != b')') {
            match self.bytes[0] {
                b' ' => self.skip(1),
                b'(' => drop(self.body()),
                b'"' => drop(black_box(self.string())),
                _ => drop(black_box(self.atom())),
            }
        }
        self.skip(1);
        leaves
    }

    /// A quoted string, a literal or NIL.
    fn string(&mut self) -> Option<&'a [u8]> {
        match self.bytes.first()? {
            b'"' => {
                let inside = &self.bytes[1..];
                let mut end = 0;
                loop {
                    end += memchr::memchr2(b'"', b'\\', &inside[end..])?;
                    if inside[end] == b'"' {
                        break;
                    }
                    end += 2;
                }
                self.skip(end + 2);
                Some(&inside[..end])
            }
            b'{' => {
                self.skip(1);
                let length = self.number()? as usize;
                self.skip(3);
                let (text, rest) = self.bytes.split_at(length);
                self.bytes = rest;
                Some(text)
            }
            _ => {
                self.skip(3);
                None
            }
        }
    }
}
