//! COMPRESS on the wire (RFC 4978): from the octet after its OK on, both directions are compressed.

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::transport::deflate::Deflate;
use crate::types::capability::Capability;

impl Connection {
    /// Begins compression, unless it has begun.
    ///
    /// What arrived after the OK is only ever read as compressed data.
    pub(crate) fn compress(&mut self) -> Result<()> {
        if self.is_compressed {
            return Ok(());
        }
        let deflate = Capability::Compress("DEFLATE".into());
        if !self.capabilities()?.supports(&deflate) {
            return Err(Error::unsupported("COMPRESS", deflate));
        }
        self.run_plain("COMPRESS", |encoder| {
            encoder.raw("COMPRESS DEFLATE");
            Ok(())
        })?;
        self.stream
            .put_between(|below, arrived| Box::new(Deflate::new(below, arrived)));
        self.is_compressed = true;
        self.state.desired.compress();
        self.meter().set_compressed();
        Ok(())
    }

    /// Like [`compress`](Self::compress), but optional: the server may lack it, or refuse.
    pub(crate) fn try_to_compress(&mut self) -> Result<()> {
        match self.compress() {
            Err(error) if error.is_dispensable() => Ok(()),
            done => done,
        }
    }
}
