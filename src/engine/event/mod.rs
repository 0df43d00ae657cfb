//! What has happened, in the past tense: the journal's content and the only
//! input of [`Engine::apply`](crate::engine::Engine::apply).
//!
//! An event carries every fact that its fold and the metrics need, decided once. Field and variant
//! numbers are never reused: a journal of any age is read as it was meant. A flag that is only ever
//! written as true is false in journals from before it was added.

mod about;
mod ways;

use std::sync::Arc;

use crate::domain::{
    Channel, ContactId, Intake, Millis, Name, OfferId, Phone, Recognition, Text, Timestamp,
};
use crate::engine::command::{Change, RequestKey};
use crate::engine::condition::Trouble;
use crate::engine::options::{Audience, Options};
use crate::engine::state::agent::{Health, Intent};
use crate::engine::state::contact::{EndedBy, Final};
use crate::engine::state::registry::{AgentKey, QueueKey, TierKey};

pub use crate::engine::event::ways::{
    Because, ConsultEnd, Cooling, Foretold, HeldBy, OfferEnd, Return, Withdrawal,
};

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Recorded {
    /// Counted from 1, without gaps.
    #[n(0)]
    pub seq: u64,
    #[n(1)]
    pub at: Timestamp,
    #[n(2)]
    pub event: Event,
}

/// The labels under which a contact is counted.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, minicbor::Encode, minicbor::Decode,
)]
pub struct Labels {
    #[n(0)]
    pub queue: QueueKey,
    #[n(1)]
    pub channel: Channel,
    #[n(2)]
    pub tier: TierKey,
}

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Event {
    #[n(0)]
    Configured {
        #[cbor(n(0), with = "crate::engine::codec::shared")]
        options: Arc<Options>,
        /// Rules that did not apply when their time came are evaluated again under the new rules.
        /// Always true; older journals left them as they were.
        #[cbor(n(1), default)]
        looks_again: bool,
    },
    /// A new contact; it is `Moving` until the next event about it.
    #[n(1)]
    ContactArrived {
        #[n(0)]
        contact: ContactId,
        #[cbor(n(1), with = "crate::engine::codec::shared")]
        intake: Arc<Intake>,
        #[cbor(n(2), with = "crate::engine::codec::shared")]
        recognition: Arc<Recognition>,
        #[n(3)]
        labels: Labels,
        /// Its age counts from here, forever.
        #[n(4)]
        first_queued_at: Timestamp,
        /// The adapter that posted it.
        #[cbor(n(5), default)]
        posted_by: Option<Text>,
    },
    #[n(2)]
    ContactScheduled {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        until: Timestamp,
        /// If it has not come in yet, it waits from that time, and no agent is reserved for it
        /// meanwhile. Always true; older journals kept a reservation, and changed the start only if
        /// it became earlier.
        #[cbor(n(2), default)]
        begins_then: bool,
    },
    /// Enters a line: newly, again, or in another queue.
    #[n(3)]
    ContactQueued {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        step: u32,
        #[n(3)]
        due: Timestamp,
        /// Waits for this agent alone,
        #[n(4)]
        direct: Option<AgentKey>,
        /// until this time, and then for anyone.
        #[cbor(n(60), default)]
        direct_until: Option<Timestamp>,
        /// By a new topic it belongs to another queue, which cannot take it yet.
        #[cbor(n(61), default)]
        stays_for_now: bool,
    },
    /// Moved from one queue to another without having been answered in between.
    #[n(4)]
    ContactMoved {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        from: QueueKey,
        #[n(2)]
        labels: Labels,
        /// It goes on waiting for the one agent that it waited for.
        #[cbor(n(3), default)]
        keeps_agent: bool,
        /// It loses the boosts by the rules of the queue that it leaves.
        #[cbor(n(4), default)]
        loses_boost: bool,
        /// It leaves no-show penalties and permission for several offers behind. Always true; older
        /// journals kept both.
        #[cbor(n(5), default)]
        leaves_all: bool,
    },
    #[n(5)]
    ContactRecognised {
        #[n(0)]
        contact: ContactId,
        #[cbor(n(1), with = "crate::engine::codec::shared")]
        recognition: Arc<Recognition>,
        #[n(2)]
        tier: TierKey,
        #[n(3)]
        due: Timestamp,
        #[n(4)]
        told: Option<AgentKey>,
    },
    #[n(6)]
    ContactUpdated {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        change: Change,
        #[n(2)]
        told: Option<AgentKey>,
        /// It now belongs to another queue, which cannot take it yet.
        #[cbor(n(3), default)]
        stays_for_now: bool,
    },
    #[n(7)]
    StepTaken {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        step: u32,
    },
    #[n(8)]
    EscalationFired {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        rule: u32,
        #[n(3)]
        name: Name,
        /// The total of all boosts of the contact, this one included.
        #[n(4)]
        boost: Millis,
        #[n(5)]
        due: Timestamp,
        #[n(6)]
        notify: Vec<Audience>,
        /// When it will fire again.
        #[n(10)]
        again_at: Option<Timestamp>,
        /// All further queues whose agents may serve it.
        #[cbor(n(11), default)]
        also: Vec<QueueKey>,
        /// The next agent is reserved for it.
        #[cbor(n(12), default)]
        reserved: bool,
        #[cbor(n(13), default)]
        callback_offered: bool,
        /// How many live offers it may have beside the first.
        #[cbor(n(14), default)]
        beside_max: u32,
        /// It claims the next agent, once none is reserved for another contact.
        #[cbor(n(15), default)]
        claims: bool,
        /// It is kept until the webhook has been called.
        #[cbor(n(16), default)]
        awaits_webhook: bool,
    },
    /// Its time came, but it does not apply to the contact as it is.
    #[n(70)]
    EscalationNotApplicable {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
    },
    /// No longer written. In older journals: a rule has fired whose target queue does not take the
    /// contact now; it is retried at `until`, in place of the rule's repeats.
    #[n(115)]
    MovePostponed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
        /// None: the rule no longer asks for it.
        #[n(3)]
        until: Option<Timestamp>,
    },
    /// A rule has fired that takes the contact out of its queue, which is not possible now: it goes
    /// as soon as it can.
    #[n(150)]
    MoveOwed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
        /// False: the rule no longer asks for it.
        #[n(3)]
        is_owed: bool,
    },
    /// The next agent is reserved for it: a rule had claimed it while it was reserved for another
    /// contact.
    #[n(151)]
    NextReserved {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
    },
    /// An escalation is shown on a desktop.
    #[n(72)]
    AgentNotified {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        contact: ContactId,
        #[n(2)]
        queue: QueueKey,
        #[n(3)]
        name: Name,
    },
    /// A message of an escalation to the customer.
    #[n(73)]
    CustomerTold {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        name: Name,
        #[n(2)]
        text: Text,
    },
    /// Its condition could not be evaluated: reported once per contact and rule.
    #[n(71)]
    ConditionFailed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
        #[n(3)]
        trouble: Trouble,
    },
    #[n(9)]
    OfferMade {
        #[n(0)]
        offer: OfferId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        queue: QueueKey,
        /// When it counts as undelivered, unless the desktop confirms it before.
        #[n(3)]
        deliver_by: Timestamp,
        #[n(4)]
        answer_within: Millis,
        /// The supervisor who assigned it; none if the engine chose.
        #[n(5)]
        by: Option<Text>,
    },
    #[n(10)]
    OfferDelivered {
        #[n(0)]
        offer: OfferId,
        #[n(1)]
        answer_by: Timestamp,
    },
    #[n(11)]
    OfferAccepted {
        #[n(0)]
        offer: OfferId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        labels: Labels,
        /// First queued to accepted.
        #[n(3)]
        waited: Millis,
        #[n(4)]
        within_target: bool,
        /// The estimate of its wait, for the few contacts for which one was kept.
        #[cbor(n(5), default)]
        foreseen: Option<Foretold>,
        /// A customer who is to be called first still is. Always true; in older journals a customer
        /// whose contact was taken was on the line.
        #[cbor(n(6), default)]
        keeps_call: bool,
    },
    #[n(12)]
    OfferEnded {
        #[n(0)]
        offer: OfferId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        queue: QueueKey,
        #[n(3)]
        how: OfferEnd,
        #[n(4)]
        cooldown: Option<Cooling>,
        /// The supervisor who took it back.
        #[n(5)]
        by: Option<Text>,
    },
    /// This agent may be offered this contact again early.
    #[n(13)]
    CooldownLifted {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
    },
    /// Another agent could take the contact: the cooldown goes on.
    #[n(30)]
    CooldownKept {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        /// When that is checked again; none in older journals and just before its end: never.
        #[n(2)]
        lift_at: Option<Timestamp>,
    },
    /// More contacts wait in a queue than one of its rules allows: the rule is evaluated for all of
    /// them.
    #[n(140)]
    QueueGrew {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        waiting: u64,
    },
    /// No breach is predicted; checked again at `check_at`.
    #[n(31)]
    WaitReviewed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        check_at: Timestamp,
        /// Rules that did not apply to a predicted breach before, and do now: evaluated then as
        /// well.
        #[cbor(n(2), default)]
        lets_go: Vec<Name>,
    },
    /// Called or assigned past the line: with the agent at once.
    #[n(14)]
    ContactPulled {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        labels: Labels,
        #[n(3)]
        waited: Millis,
        #[n(4)]
        within_target: bool,
        #[cbor(n(5), default)]
        foreseen: Option<Foretold>,
        #[cbor(n(6), default)]
        keeps_call: bool,
    },
    #[n(15)]
    MessageSent {
        #[n(0)]
        contact: ContactId,
        /// None: from the customer.
        #[n(1)]
        from: Option<AgentKey>,
        #[n(2)]
        told: Option<AgentKey>,
        #[n(3)]
        text: Text,
    },
    /// Has left the agent who served it, and is about to be queued or offered.
    #[n(16)]
    ContactReturned {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        why: Return,
        #[n(3)]
        handled: Millis,
        #[n(4)]
        cooldown: Option<Cooling>,
        #[n(5)]
        labels: Labels,
        /// How long the customer was on hold with the agent.
        #[n(6)]
        on_hold: Option<Millis>,
        /// Its agent was lost while the customer was on the line: it goes to the front. In older
        /// journals it kept its place.
        #[cbor(n(7), default)]
        to_front: bool,
    },
    #[n(17)]
    WrapUpStarted {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        until: Timestamp,
        #[n(3)]
        outcome: Text,
        #[n(4)]
        notes: Option<Text>,
        #[n(5)]
        ended_by: EndedBy,
    },
    #[n(18)]
    WrapUpExtended {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        until: Timestamp,
    },
    #[n(19)]
    ContactClosed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        how: Final,
        #[n(2)]
        labels: Labels,
        #[n(3)]
        ended_by: EndedBy,
        /// The agent's outcome, or the given reason.
        #[n(4)]
        outcome: Option<Text>,
        #[n(5)]
        notes: Option<Text>,
        /// The agent it was with.
        #[n(6)]
        agent: Option<AgentKey>,
        /// Accepted to the end of the wrap-up, if it was accepted.
        #[n(7)]
        handled: Option<Millis>,
        /// Counted from 1: the order in which contacts were closed.
        #[n(8)]
        number: u64,
        /// It was in line or offered when it ended, and so was not answered there.
        #[n(9)]
        unanswered: bool,
        /// How long the customer was on hold with the agent.
        #[n(10)]
        on_hold: Option<Millis>,
    },
    #[n(20)]
    AgentConnected {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        session: u64,
    },
    /// The connection is lost; the agent may come back until then.
    #[n(21)]
    AgentLost {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        until: Timestamp,
    },
    #[n(22)]
    AgentGone {
        #[n(0)]
        agent: AgentKey,
    },
    #[n(23)]
    AgentResynced {
        #[n(0)]
        agent: AgentKey,
    },
    /// It was served for longer than any contact lasts: its end was not reported, and is assumed.
    #[n(125)]
    EndMissed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        labels: Labels,
    },
    /// Its contacts were checked for ends that were never reported.
    #[n(126)]
    EndsChecked {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        next: Option<Timestamp>,
    },
    /// The agent's desktop has received what customers wrote.
    #[n(116)]
    AgentHeard {
        #[n(0)]
        agent: AgentKey,
        /// Up to the frame of this number; none in older journals: everything.
        #[cbor(n(1), default)]
        upto: Option<u64>,
    },
    #[n(24)]
    AgentIntended {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        intent: Intent,
        #[n(2)]
        by: Text,
        /// A supervisor has set it; not known in older journals.
        #[cbor(n(3), default)]
        is_steered: bool,
    },
    #[n(25)]
    AgentHealthChanged {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        channel: Channel,
        #[n(2)]
        health: Health,
        /// Consecutive offers that this agent let expire.
        #[n(3)]
        strikes: u32,
    },
    #[n(26)]
    QueuePaused {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        by: Text,
    },
    #[n(27)]
    QueueResumed {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        by: Text,
    },
    #[n(28)]
    RequestRemembered {
        #[n(0)]
        key: RequestKey,
        #[n(1)]
        contact: Option<ContactId>,
    },
    #[n(29)]
    HistoryFiled {
        #[n(0)]
        closed_upto: u64,
    },
    /// The webhook has been called for every escalation up to this event, or will not be.
    #[n(152)]
    EscalationsTold {
        #[n(0)]
        upto_seq: u64,
    },
    /// It waits, and no registered agent could ever take it, whatever step it reaches.
    #[n(80)]
    ContactUnroutable {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        labels: Labels,
    },
    /// An agent could take it again, after a reload or a move.
    #[n(81)]
    ContactRoutable {
        #[n(0)]
        contact: ContactId,
    },
    /// The customer asks to be called, and keeps the place in line.
    #[n(62)]
    CallbackRequested {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        /// In E.164.
        #[n(2)]
        phone: Phone,
        #[n(3)]
        told: Option<AgentKey>,
        /// The customer is called before an agent is asked.
        #[cbor(n(4), default)]
        customer_first: bool,
    },
    /// It is the contact's turn: the adapter calls the customer; no agent is occupied.
    #[n(92)]
    CallbackDialled {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        /// The agent who could have taken it.
        #[n(2)]
        agent: AgentKey,
        #[n(3)]
        phone: Phone,
        /// Which attempt this is, counted from 1.
        #[n(4)]
        attempt: u32,
        #[n(5)]
        until: Timestamp,
    },
    /// The customer is on the line, and goes on waiting.
    #[n(93)]
    CallbackAnswered {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        /// The next agent is reserved for it.
        #[n(2)]
        reserved: bool,
    },
    /// The customer was called, and nobody answered.
    #[n(94)]
    CallbackMissed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        /// Unanswered calls so far, this one included.
        #[n(2)]
        attempts: u32,
        #[n(3)]
        reason: Text,
    },
    /// The agent has called for the last time, and nobody answered; it is closed next.
    #[n(127)]
    CallbackGivenUp {
        #[n(0)]
        contact: ContactId,
        /// Unanswered calls so far, this one included.
        #[n(1)]
        attempts: u32,
        /// Counts as no work with the customer. Always true; older journals learned from it.
        #[cbor(n(2), default)]
        teaches_nothing: bool,
    },
    /// As long as this contact is in line, the agent takes none of another class.
    #[n(128)]
    RoomKept {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
    },
    /// Idle agents are no longer reserved for others from this contact: it has waited too long.
    #[n(146)]
    AgentsLetGo {
        #[n(0)]
        contact: ContactId,
    },
    /// Called once more by the agent who called it.
    #[n(63)]
    ContactRecalled {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        queue: QueueKey,
        /// Repeated calls so far, this one included.
        #[n(3)]
        times: u32,
    },
    /// By its timetable, or because it no longer has one.
    #[n(60)]
    QueueOpened {
        #[n(0)]
        queue: QueueKey,
        /// When it closes; none if it never does.
        #[n(1)]
        until: Option<Timestamp>,
    },
    #[n(61)]
    QueueClosed {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        until: Option<Timestamp>,
    },
    /// The customer, being served, is put on hold; the time counts as handling.
    #[n(40)]
    ContactHeld {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        by: HeldBy,
        /// It takes none of its agent's attention until it goes on. Always true; older journals
        /// gave it a share.
        #[cbor(n(3), default)]
        takes_nothing: bool,
    },
    #[n(41)]
    ContactUnheld {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        by: HeldBy,
    },
    /// Parked: its agent keeps it and has room for others meanwhile.
    #[n(42)]
    ContactParked {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        /// When it wakes, unless something wakes it before.
        #[n(2)]
        until: Timestamp,
    },
    /// A parked contact asks for its agent again.
    #[n(43)]
    ContactWoken {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        /// When it returns to its queue, if the agent has not taken it back.
        #[n(2)]
        until: Timestamp,
        /// Its customer has written; otherwise its time has come.
        #[cbor(n(3), default)]
        by_customer: bool,
    },
    /// Taken back by its agent.
    #[n(44)]
    ContactUnparked {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        /// No other contact comes back to the agent unasked before then.
        #[n(2)]
        rest_until: Option<Timestamp>,
    },
    /// A second agent is asked for help; the customer waits on hold.
    #[n(46)]
    ConsultOffered {
        #[n(0)]
        offer: OfferId,
        #[n(1)]
        agent: AgentKey,
        /// The agent who asks.
        #[n(2)]
        by: AgentKey,
        #[n(3)]
        queue: QueueKey,
        #[n(4)]
        deliver_by: Timestamp,
        #[n(5)]
        answer_within: Millis,
        #[n(6)]
        note: Option<Text>,
    },
    #[n(47)]
    ConsultDelivered {
        #[n(0)]
        offer: OfferId,
        #[n(1)]
        answer_by: Timestamp,
    },
    #[n(48)]
    ConsultAccepted {
        #[n(0)]
        offer: OfferId,
        #[n(1)]
        agent: AgentKey,
        /// The queue in which the contact is served; none in older journals.
        #[n(2)]
        queue: Option<QueueKey>,
    },
    /// The customer joins the two agents.
    #[n(49)]
    ConferenceBegun {
        #[n(0)]
        contact: ContactId,
        /// The consulted agent.
        #[n(1)]
        agent: AgentKey,
    },
    #[n(50)]
    ConsultEnded {
        #[n(0)]
        offer: OfferId,
        /// The consulted agent, or the one who was asked.
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        how: ConsultEnd,
        /// The queue in which the contact is served; none in older journals.
        #[n(3)]
        queue: Option<QueueKey>,
        /// Of an agent who was asked, and did not take it.
        #[n(4)]
        cooldown: Option<Cooling>,
    },
    /// A desktop is shown what others, or a new configuration, have done; nothing else changes.
    #[n(51)]
    ContactShown {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        because: Because,
    },
    /// From one agent to the consulted one, without an offer in between.
    #[n(52)]
    ContactHandedOver {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        from: AgentKey,
        #[n(2)]
        agent: AgentKey,
        #[n(3)]
        why: Return,
        #[n(4)]
        handled: Millis,
        #[n(5)]
        labels: Labels,
        /// How long the customer was on hold with the agent.
        #[n(6)]
        on_hold: Option<Millis>,
    },
    /// A message that was sent is shown to one more agent.
    #[n(53)]
    MessageRelayed {
        #[n(0)]
        contact: ContactId,
        /// None: from the customer.
        #[n(1)]
        from: Option<AgentKey>,
        #[n(2)]
        agent: AgentKey,
        #[n(3)]
        text: Text,
    },
    /// A customer who is being served has waited for a reply for longer than the queue's target:
    /// reported once per reply.
    #[n(90)]
    ResponseLate {
        #[n(0)]
        contact: ContactId,
        /// The agent who should have replied.
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        labels: Labels,
        /// The first message without a reply.
        #[n(3)]
        since: Timestamp,
    },
    /// A reply to a customer who had written.
    #[n(91)]
    ResponseGiven {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        labels: Labels,
        #[n(3)]
        waited: Millis,
        #[n(4)]
        within_target: bool,
    },
    /// Parked contacts may come back to the agent again.
    #[n(45)]
    AgentRested {
        #[n(0)]
        agent: AgentKey,
    },
    /// A new configuration has removed or restored the agent, or has changed the agent's name or
    /// what the agent serves: shown on a connected desktop.
    #[n(129)]
    AgentReconfigured {
        #[n(0)]
        agent: AgentKey,
    },
}
