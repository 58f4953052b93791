//! UIDBATCHES (RFC 10022).

use crate::connection::{Answer, Connection, Outcome, bad, no, ok};
use crate::grammar::message::Batches;

/// The smallest batch.
const LEAST: u32 = 500;

/// How many messages the batches of one command may have.
const MOST: u64 = 100_000;

impl Connection {
    pub(super) fn batches(&mut self, tag: &str, asked: Batches) -> Outcome {
        let Batches { size, range } = asked;
        if size < LEAST {
            return bad("A batch has at least 500 messages");
        }
        let batches = self.selected(|view, _| divided(view.uids(), size));
        let Some(batches) = batches else {
            return no("The mailbox has gone");
        };
        let (first, last) = range.unwrap_or((1, u32::MAX));
        if range.is_some() && u64::from(last - first + 1) * u64::from(size) > MOST {
            return Ok(Answer::Bad("These are too many batches".to_owned()));
        }
        let mut line = format!("* UIDBATCHES (TAG \"{tag}\")");
        let wanted = (1..)
            .zip(batches)
            .filter(|(number, _)| (first..=last).contains(number));
        for (place, (_, (high, low))) in wanted.enumerate() {
            line.push_str(if place > 0 { "," } else { " " });
            line.push_str(&format!("{high}:{low}"));
        }
        self.wire.say(&line)?;
        ok("Done")
    }
}

/// The ranges of so many messages each, from the highest UID down to 1, with nothing between them.
fn divided(uids: &[u32], size: u32) -> Vec<(u32, u32)> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut high = uids.last().copied().unwrap_or_default();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for batch in uids.rchunks(size) {
        let low = batch.first().copied().unwrap_or(1);
        ranges.push((high, low));
        high = low.saturating_sub(1);
    }
    if let Some((_, low)) = ranges.last_mut() {
        *low = 1;
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::divided;

    #[test]
    fn batches_cover_everything_down_to_one() {
        assert_eq!(divided(&[3, 4, 7, 9, 20], 2), [(20, 9), (8, 4), (3, 1)]);
        assert_eq!(divided(&[5], 2), [(5, 1)]);
        assert_eq!(divided(&[], 2), []);
    }
}
