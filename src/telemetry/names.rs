//! Every metric of a site: name, labels and help.

use prometheus::{GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts};

use crate::domain::Channel;
use crate::engine::options::{EscalationRule, Options};
use crate::engine::state::agent::{Intent, Session};
use crate::engine::state::contact::ContactState;
use crate::store::profiles::LookedUp;
use crate::telemetry::outcomes::{Dial, Offered};
use crate::telemetry::recorder::Telemetry;

/// The labels of most contact counters.
const CONTACT: &[&str] = &["channel", "queue", "tier"];

pub(super) const RECEIVED: &str = "switchboard_contacts_received_total";
pub(super) const ANSWERED: &str = "switchboard_contacts_answered_total";
pub(super) const ABANDONED: &str = "switchboard_contacts_abandoned_total";
pub(super) const DEFLECTED: &str = "switchboard_contacts_deflected_total";
pub(super) const COMPLETED: &str = "switchboard_contacts_completed_total";
pub(super) const NO_SHOW: &str = "switchboard_contacts_no_show_total";
pub(super) const CANCELLED: &str = "switchboard_contacts_cancelled_total";
pub(super) const UNANSWERED: &str = "switchboard_contacts_ended_unanswered_total";
pub(super) const RETURNED: &str = "switchboard_contacts_returned_total";
pub(super) const MOVED_IN: &str = "switchboard_contacts_moved_in_total";
pub(super) const UNROUTABLE: &str = "switchboard_contacts_unroutable_total";
pub(super) const WITHIN_TARGET: &str = "switchboard_answered_within_target_total";
pub(super) const RESPONSES: &str = "switchboard_responses_total";
pub(super) const RESPONSES_WITHIN_TARGET: &str = "switchboard_responses_within_target_total";
pub(super) const RESPONSES_LATE: &str = "switchboard_responses_late_total";
pub(super) const ENDS_MISSED: &str = "switchboard_ends_missed_total";
pub(super) const MOVED_OUT: &str = "switchboard_contacts_moved_out_total";
pub(super) const CALLBACKS: &str = "switchboard_callbacks_requested_total";
pub(super) const CALLBACK_DIALS: &str = "switchboard_callback_dials_total";
pub(super) const CONSULTS: &str = "switchboard_consults_total";
pub(super) const RECALLS: &str = "switchboard_contacts_recalled_total";
pub(super) const OFFERS: &str = "switchboard_offers_total";
pub(super) const ESCALATIONS: &str = "switchboard_escalations_total";
pub(super) const CONDITION_FAILURES: &str = "switchboard_escalation_condition_failures_total";
pub(super) const WEBHOOKS: &str = "switchboard_webhooks_total";
pub(super) const DESKS_TOO_SLOW: &str = "switchboard_desks_ended_too_slow_total";
pub(super) const CONNECTIONS_REFUSED: &str = "switchboard_connections_refused_total";
pub(super) const CLOCK_STEPS: &str = "switchboard_clock_steps_total";
pub(super) const STANDSTILLS: &str = "switchboard_standstills_total";
pub(super) const HISTORIES_LOST: &str = "switchboard_histories_lost_total";

pub(super) const CONTACTS: &str = "switchboard_contacts";
pub(super) const LONGEST_WAIT: &str = "switchboard_longest_wait_seconds";
pub(super) const AGENTS: &str = "switchboard_agents";
pub(super) const STAFFED: &str = "switchboard_agents_staffed";
pub(super) const AVAILABLE: &str = "switchboard_agents_available";
pub(super) const RESIDUAL: &str = "switchboard_conservation_residual";
pub(super) const CLOCK_OFFSET: &str = "switchboard_clock_offset_seconds";
pub(super) const INBOX_DEPTH: &str = "switchboard_inbox_depth";
pub(super) const DESKS: &str = "switchboard_desks";
pub(super) const CONNECTIONS: &str = "switchboard_connections";
pub(super) const JOURNAL_HINDERED: &str = "switchboard_journal_hindered";
pub(super) const OLDEST_COMMIT: &str = "switchboard_journal_oldest_commit_seconds";
pub(super) const CUSTOMER_STORE_UP: &str = "switchboard_customer_store_up";
pub(super) const UNFILED: &str = "switchboard_contacts_unfiled";
pub(super) const BUILD_INFO: &str = "switchboard_build_info";

pub(super) const WAIT: &str = "switchboard_wait_seconds";
pub(super) const HANDLE: &str = "switchboard_handle_seconds";
pub(super) const ESTIMATE_ERROR: &str = "switchboard_wait_estimate_error_seconds";
pub(super) const ESTIMATES_COVERED: &str = "switchboard_wait_estimates_covered_total";
pub(super) const HOLD: &str = "switchboard_hold_seconds";
pub(super) const COMMIT: &str = "switchboard_journal_commit_seconds";
pub(super) const LOOKUP: &str = "switchboard_customer_lookup_seconds";

const COUNTERS: &[(&str, &[&str], &str)] = &[
    (RECEIVED, CONTACT, "Contacts taken in."),
    (
        ANSWERED,
        CONTACT,
        "Times that a contact was accepted by an agent.",
    ),
    (
        ABANDONED,
        CONTACT,
        "Contacts whose customer left before being answered.",
    ),
    (DEFLECTED, CONTACT, "Contacts deflected."),
    (
        COMPLETED,
        CONTACT,
        "Contacts served until the agent or the customer ended them.",
    ),
    (
        NO_SHOW,
        CONTACT,
        "Contacts called to a counter (counted as answered) whose customer did not come.",
    ),
    (
        CANCELLED,
        CONTACT,
        "Contacts cancelled (any reason other than customer_left).",
    ),
    (
        UNANSWERED,
        CONTACT,
        "Contacts ended while waiting or offered.",
    ),
    (
        RETURNED,
        CONTACT,
        "Contacts returned to the line after an agent had accepted them.",
    ),
    (
        MOVED_IN,
        CONTACT,
        "Contacts moved in from another queue, unanswered.",
    ),
    (
        UNROUTABLE,
        CONTACT,
        "Contacts that no registered agent could ever serve.",
    ),
    (
        WITHIN_TARGET,
        &["queue", "channel", "tier"],
        "Acceptances within the queue's target.",
    ),
    (
        ESTIMATES_COVERED,
        &["queue", "channel"],
        "Estimates whose p90 was not exceeded by the wait, of those whose error is observed.",
    ),
    (
        RESPONSES,
        CONTACT,
        "Replies to messages written by customers being served, in queues with a target for replies.",
    ),
    (
        RESPONSES_WITHIN_TARGET,
        CONTACT,
        "Such replies within the queue's target.",
    ),
    (
        RESPONSES_LATE,
        CONTACT,
        "Replies that missed the target, counted when the target passed.",
    ),
    (
        ENDS_MISSED,
        CONTACT,
        "Contacts closed after served_max_s because no end was reported.",
    ),
    (
        MOVED_OUT,
        &["queue"],
        "Contacts moved to another queue, unanswered.",
    ),
    (
        OFFERS,
        &["queue", "outcome"],
        "Offers made, and how they ended.",
    ),
    (CALLBACKS, &["queue"], "Callbacks requested."),
    (
        CALLBACK_DIALS,
        &["queue", "outcome"],
        "Customer-first calls: dialled, and how they ended.",
    ),
    (
        CONSULTS,
        &["queue", "outcome"],
        "Consultations requested of a second agent, and how they were answered.",
    ),
    (
        RECALLS,
        &["queue"],
        "Contacts recalled by the agent who had called them.",
    ),
    (ESCALATIONS, &["queue", "rule"], "Escalations fired."),
    (
        CONDITION_FAILURES,
        &["queue", "rule"],
        "Contacts for which a rule's condition could not be evaluated and counted as false.",
    ),
    (
        WEBHOOKS,
        &["outcome"],
        "Calls of the webhook: delivered, failed in their attempts, or dropped: too many waited, \
         or a customer could not be called in time any more.",
    ),
    (
        DESKS_TOO_SLOW,
        &[],
        "Desktops disconnected for reading too slowly.",
    ),
    (
        CONNECTIONS_REFUSED,
        &[],
        "Connections refused because server.connections_max was reached.",
    ),
    (
        CLOCK_STEPS,
        &[],
        "How many times the system clock was set by more than two seconds.",
    ),
    (
        STANDSTILLS,
        &[],
        "How many times the server stood still for more than a second: process stopped, machine paused or disk slow.",
    ),
    (
        HISTORIES_LOST,
        &[],
        "Closed contacts forgotten before the customer store recorded them, or refused by it; they are missing from the customer's history, if there is one.",
    ),
];

const GAUGES: &[(&str, &[&str], &str)] = &[
    (CONTACTS, &["state", "queue", "channel"], "Open contacts."),
    (
        LONGEST_WAIT,
        &["queue"],
        "How long the longest-waiting contact has been waiting.",
    ),
    (
        AGENTS,
        &["intent", "session"],
        "Agents by intent and session.",
    ),
    (STAFFED, &["queue"], "Agents working for the queue."),
    (
        AVAILABLE,
        &["queue"],
        "Agents who could be offered a contact of the queue at once, at one of its steps.",
    ),
    (
        RESIDUAL,
        &[],
        "Contacts received minus those closed and those open; anything but 0 is a bug.",
    ),
    (
        CLOCK_OFFSET,
        &[],
        "How far the server's time is ahead of the system clock; after a start it runs a tenth slower until they agree.",
    ),
    (INBOX_DEPTH, &[], "Commands waiting for the engine."),
    (DESKS, &[], "Agents' desktops connected."),
    (CONNECTIONS, &[], "Open connections, WebSockets included."),
    (
        JOURNAL_HINDERED,
        &[],
        "1 while the journal cannot be extended, for lack of space or another reason, and new contacts are refused.",
    ),
    (
        OLDEST_COMMIT,
        &[],
        "Age of the oldest write not yet durable; 0 if none.",
    ),
    (
        CUSTOMER_STORE_UP,
        &[],
        "1 while the customer store, as far as known, answers and lacks no permission and, if embedded, accepts writes.",
    ),
    (
        UNFILED,
        &[],
        "Closed contacts waiting to be added to customer histories.",
    ),
    (
        BUILD_INFO,
        &["version"],
        "Always 1; labelled with the running version.",
    ),
];

const HISTOGRAMS: &[(&str, &[&str], &[f64], &str)] = &[
    (
        WAIT,
        &["queue", "channel", "tier"],
        &[
            1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0,
            1_800.0, 3_600.0,
        ],
        "Time from first queued to accepted, per acceptance; after a return \
         (switchboard_contacts_returned_total) it includes time already spent with agents.",
    ),
    (
        HANDLE,
        &["queue", "channel"],
        &[
            10.0, 30.0, 60.0, 120.0, 180.0, 300.0, 450.0, 600.0, 900.0, 1_800.0, 3_600.0,
        ],
        "Time that an agent was at work with a contact: from accepted to the end of the wrap-up, or \
         until it left the agent.",
    ),
    (
        ESTIMATE_ERROR,
        &["queue", "channel"],
        &[
            1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0,
        ],
        "Difference between a wait and its estimated p50, for the one estimate kept per second.",
    ),
    (
        HOLD,
        &["queue", "channel"],
        &[
            5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1_800.0,
        ],
        "Time on hold with one agent, for contacts put on hold: by the agent, for a consultation or for another contact.",
    ),
    (
        COMMIT,
        &[],
        &[
            0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
        ],
        "Duration of one write and sync of the journal.",
    ),
    (
        LOOKUP,
        &["outcome"],
        &[
            0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
        ],
        "Duration of a customer look-up.",
    ),
];

/// Roughly how many lines the metrics of a configuration have, without their help.
pub fn metric_lines(options: &Options) -> usize {
    let scalars = COUNTERS.iter().chain(GAUGES);
    let scalars = scalars.map(|(name, labels, _)| series(name, labels, options));
    let histograms = HISTOGRAMS.iter().map(|(name, labels, buckets, _)| {
        // The `+Inf` bucket, the sum and the count.
        series(name, labels, options) * (buckets.len() + 3)
    });
    scalars.chain(histograms).sum()
}

fn series(name: &str, labels: &[&str], options: &Options) -> usize {
    if labels.contains(&"rule") {
        let rules = options.queues.iter().flat_map(|queue| &queue.escalations);
        let counted = |rule: &&EscalationRule| name == ESCALATIONS || rule.only_if.is_some();
        return rules.filter(counted).count();
    }
    let values = |label: &&str| match *label {
        "queue" => options.queues.len(),
        "tier" => options.tiers.len(),
        "channel" => Channel::ALL.len(),
        "state" => ContactState::OPEN.len(),
        "intent" => Intent::NAMES.len(),
        "session" => Session::NAMES.len(),
        "outcome" if name == LOOKUP => LookedUp::ALL.len(),
        "outcome" if name == CALLBACK_DIALS => Dial::ALL.len(),
        "outcome" if name == WEBHOOKS => 3,
        "outcome" => Offered::ALL.len(),
        _ => 1,
    };
    labels.iter().map(values).product()
}

/// Registers all of them with their help and buckets.
pub(super) fn describe(telemetry: &Telemetry) -> prometheus::Result<()> {
    for (name, labels, help) in COUNTERS {
        telemetry.add(IntCounterVec::new(Opts::new(*name, *help), labels)?)?;
    }
    for (name, labels, help) in GAUGES {
        telemetry.add(GaugeVec::new(Opts::new(*name, *help), labels)?)?;
    }
    for (name, labels, buckets, help) in HISTOGRAMS {
        let options = HistogramOpts::new(*name, *help).buckets(buckets.to_vec());
        telemetry.add(HistogramVec::new(options, labels)?)?;
    }
    Ok(())
}
