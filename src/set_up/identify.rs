//! ID (RFC 2971) as an exchange: sends the fields of this program, and receives those of the
//! server.

use crate::connection::pipeline::{Among, Footprint};
use crate::error::Result;
use crate::exchange::Simple;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// ID with these fields; NIL if there are none. The answer is the server's fields.
pub(crate) struct Identify<'f>(Vec<(&'f str, &'f str)>);

impl<'f> Identify<'f> {
    pub(crate) fn new(fields: &[(&'f str, &'f str)]) -> Self {
        Self(fields.to_vec())
    }

    /// The fields of the settings.
    pub(crate) fn of(fields: &'f [(String, String)]) -> Self {
        let fields = fields.iter();
        Self(fields.map(|(n, v)| (n.as_str(), v.as_str())).collect())
    }
}

impl Simple for Identify<'_> {
    const NAME: &'static str = "ID";
    type Partial = Vec<(String, Option<String>)>;

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        let mut between = " (";
        for (name, value) in &self.0 {
            encoder
                .raw(between)
                .string("ID field", name)?
                .sp()
                .string("ID value", value)?;
            between = " ";
        }
        encoder.raw(if self.0.is_empty() { " NIL" } else { ")" });
        Ok(())
    }

    fn footprint(&self) -> Footprint<'_> {
        Footprint::Kind(Self::NAME)
    }

    fn claim<'r>(
        &self,
        found: &mut Self::Partial,
        data: Untagged<'r>,
        _among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::Id(fields) => *found = fields,
            other => return Some(other),
        }
        None
    }
}
