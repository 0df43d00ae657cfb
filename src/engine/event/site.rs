//! What concerns the site as a whole: its configuration, and what it need not repeat.

use std::sync::Arc;

use crate::domain::ContactId;
use crate::engine::command::RequestKey;
use crate::engine::options::Options;

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum SiteEvent {
    #[n(0)]
    Configured {
        #[cbor(n(0), with = "crate::engine::codec::shared")]
        options: Arc<Options>,
    },
    #[n(1)]
    RequestRemembered {
        #[n(0)]
        key: RequestKey,
        #[n(1)]
        contact: Option<ContactId>,
    },
    #[n(2)]
    HistoryFiled {
        #[n(0)]
        closed_upto: u64,
    },
    /// The webhook has been called for every escalation up to this event, or will not be.
    #[n(3)]
    EscalationsTold {
        #[n(0)]
        upto_seq: u64,
    },
}
