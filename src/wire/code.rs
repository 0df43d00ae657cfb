//! Every code of a refusal, over HTTP and in frames: the one list that the published descriptions
//! use.

/// In alphabetical order.
pub const CODES: [&str; 77] = [
    "agent_first_only",
    "agent_full",
    "agent_not_ready",
    "already_yours",
    "bad_attributes",
    "bad_body",
    "bad_configuration",
    "bad_framing",
    "bad_handshake",
    "bad_host",
    "bad_idempotency_key",
    "bad_query",
    "bad_value",
    "body_too_large",
    "body_too_slow",
    "callback_exists",
    "consulting",
    "contact_forgotten",
    "customer_store_failed",
    "customer_store_unavailable",
    "duplicate_field",
    "extended_before",
    "forbidden",
    "idempotency_mismatch",
    "identity_taken",
    "internal",
    "interrupted",
    "malformed_json",
    "messages_full",
    "method_not_allowed",
    "missing_field",
    "no_callback",
    "no_customer_store",
    "no_new_contacts",
    "no_phone",
    "nobody_free",
    "nobody_waits",
    "not_a_callback",
    "not_consulting",
    "not_dialled",
    "not_durable",
    "not_found",
    "not_parkable",
    "not_waiting_here",
    "not_your_queue",
    "not_yours",
    "origin_not_allowed",
    "outcome_unknown",
    "overloaded",
    "pull_not_allowed",
    "queue_closed",
    "queue_full",
    "queue_paused",
    "site_full",
    "stale_offer",
    "stale_session",
    "stopping",
    "subprotocol_required",
    "token_in_url",
    "too_far_ahead",
    "too_fast",
    "too_many_connections",
    "too_many_tickets",
    "unauthenticated",
    "under_way",
    "unknown_agent",
    "unknown_command",
    "unknown_contact",
    "unknown_customer",
    "unknown_field",
    "unknown_queue",
    "unknown_skill",
    "unknown_tier",
    "unsupported_encoding",
    "unsupported_media_type",
    "upgrade_required",
    "wrong_state",
];

/// Whether a code is published.
pub fn is_known(code: &str) -> bool {
    CODES.binary_search(&code).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_in_order_and_each_is_there_once() {
        assert!(CODES.is_sorted_by(|one, next| one < next));
        assert!(is_known("queue_full") && !is_known("queue_empty"));
    }
}
