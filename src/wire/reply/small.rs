//! Small replies.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Timestamp;
use crate::wire::written::Written;

/// Opens one WebSocket within half a minute, as the subprotocol `ticket.…`.
#[derive(Serialize, ToSchema)]
#[schema(as = Ticket)]
pub struct TicketReply<'a> {
    pub ticket: &'a str,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Written<Timestamp>,
}

/// Liveness or readiness.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub struct HealthReply {
    /// `ok`, or the reason why not.
    #[schema(value_type = String)]
    pub status: &'static str,
}
