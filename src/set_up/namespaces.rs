//! NAMESPACE (RFC 9051 section 6.3.10, RFC 2342) as an exchange.

use crate::connection::of_mailbox::{OfMailbox, replace};
use crate::connection::pipeline::{Among, Footprint};
use crate::exchange::Simple;
use crate::types::namespace::Namespaces;
use crate::wire::response::Untagged;

/// NAMESPACE; the answer is the namespaces, which are required.
pub(crate) struct AskNamespaces;

impl Simple for AskNamespaces {
    const NAME: &'static str = "NAMESPACE";
    type Partial = OfMailbox<Namespaces>;

    fn footprint(&self) -> Footprint<'_> {
        Footprint::Kind(Self::NAME)
    }

    fn claim<'r>(
        &self,
        found: &mut Self::Partial,
        data: Untagged<'r>,
        among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::Namespace(namespaces) => found.take(namespaces, replace),
            other => return found.take_unreadable(other, Self::NAME, among),
        }
        None
    }
}
