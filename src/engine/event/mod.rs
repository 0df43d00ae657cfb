//! What has happened, in the past tense: the journal's content and the only
//! input of [`Engine::apply`](crate::engine::Engine::apply).
//!
//! An event carries every fact that its fold and the metrics need, decided once. From the first
//! release on, numbers of fields and variants are never reused.

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
        #[n(5)]
        posted_by: Option<Text>,
    },
    #[n(2)]
    ContactScheduled {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        until: Timestamp,
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
        #[n(5)]
        direct_until: Option<Timestamp>,
        /// By a new topic it belongs to another queue, which cannot take it yet.
        #[n(6)]
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
        #[n(3)]
        keeps_agent: bool,
        /// It loses the boosts by the rules of the queue that it leaves.
        #[n(4)]
        loses_boost: bool,
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
        #[n(3)]
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
        #[n(7)]
        again_at: Option<Timestamp>,
        /// All further queues whose agents may serve it.
        #[n(8)]
        also: Vec<QueueKey>,
        /// The next agent is reserved for it.
        #[n(9)]
        reserved: bool,
        #[n(10)]
        callback_offered: bool,
        /// How many live offers it may have beside the first.
        #[n(11)]
        beside_max: u32,
        /// It claims the next agent, once none is reserved for another contact.
        #[n(12)]
        claims: bool,
        /// It is kept until the webhook has been called.
        #[n(13)]
        awaits_webhook: bool,
    },
    /// Its time came, but it does not apply to the contact as it is.
    #[n(9)]
    EscalationNotApplicable {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
    },
    /// A rule has fired that takes the contact out of its queue, which is not possible now: it goes
    /// as soon as it can.
    #[n(10)]
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
    #[n(11)]
    NextReserved {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
    },
    /// An escalation is shown on a desktop.
    #[n(12)]
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
    #[n(13)]
    CustomerTold {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        name: Name,
        #[n(2)]
        text: Text,
    },
    /// Its condition could not be evaluated: reported once per contact and rule.
    #[n(14)]
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
    #[n(15)]
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
    #[n(16)]
    OfferDelivered {
        #[n(0)]
        offer: OfferId,
        #[n(1)]
        answer_by: Timestamp,
    },
    #[n(17)]
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
        #[n(5)]
        foreseen: Option<Foretold>,
    },
    #[n(18)]
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
    #[n(19)]
    CooldownLifted {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
    },
    /// Another agent could take the contact: the cooldown goes on.
    #[n(20)]
    CooldownKept {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        /// When that is checked again; none just before its end: never.
        #[n(2)]
        lift_at: Option<Timestamp>,
    },
    /// More contacts wait in a queue than one of its rules allows: the rule is evaluated for all of
    /// them.
    #[n(21)]
    QueueGrew {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        waiting: u64,
    },
    /// No breach is predicted; checked again at `check_at`.
    #[n(22)]
    WaitReviewed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        check_at: Timestamp,
        /// Rules that did not apply to a predicted breach before, and do now: evaluated then as
        /// well.
        #[n(2)]
        lets_go: Vec<Name>,
    },
    /// Called or assigned past the line: with the agent at once.
    #[n(23)]
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
        #[n(5)]
        foreseen: Option<Foretold>,
    },
    #[n(24)]
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
    #[n(25)]
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
        /// Its agent was lost while the customer was on the line: it goes to the front.
        #[n(7)]
        to_front: bool,
    },
    #[n(26)]
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
    #[n(27)]
    WrapUpExtended {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        until: Timestamp,
    },
    #[n(28)]
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
    #[n(29)]
    AgentConnected {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        session: u64,
    },
    /// The connection is lost; the agent may come back until then.
    #[n(30)]
    AgentLost {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        until: Timestamp,
    },
    #[n(31)]
    AgentGone {
        #[n(0)]
        agent: AgentKey,
    },
    #[n(32)]
    AgentResynced {
        #[n(0)]
        agent: AgentKey,
    },
    /// It was served for longer than any contact lasts: its end was not reported, and is assumed.
    #[n(33)]
    EndMissed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        labels: Labels,
    },
    /// Its contacts were checked for ends that were never reported.
    #[n(34)]
    EndsChecked {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        next: Option<Timestamp>,
    },
    /// The agent's desktop has received what customers wrote.
    #[n(35)]
    AgentHeard {
        #[n(0)]
        agent: AgentKey,
        /// Up to the frame of this number.
        #[n(1)]
        upto: u64,
    },
    #[n(36)]
    AgentIntended {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        intent: Intent,
        #[n(2)]
        by: Text,
        /// A supervisor has set it.
        #[n(3)]
        is_steered: bool,
    },
    #[n(37)]
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
    #[n(38)]
    QueuePaused {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        by: Text,
    },
    #[n(39)]
    QueueResumed {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        by: Text,
    },
    #[n(40)]
    RequestRemembered {
        #[n(0)]
        key: RequestKey,
        #[n(1)]
        contact: Option<ContactId>,
    },
    #[n(41)]
    HistoryFiled {
        #[n(0)]
        closed_upto: u64,
    },
    /// The webhook has been called for every escalation up to this event, or will not be.
    #[n(42)]
    EscalationsTold {
        #[n(0)]
        upto_seq: u64,
    },
    /// It waits, and no registered agent could ever take it, whatever step it reaches.
    #[n(43)]
    ContactUnroutable {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        labels: Labels,
    },
    /// An agent could take it again, after a reload or a move.
    #[n(44)]
    ContactRoutable {
        #[n(0)]
        contact: ContactId,
    },
    /// The customer asks to be called, and keeps the place in line.
    #[n(45)]
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
        #[n(4)]
        customer_first: bool,
    },
    /// It is the contact's turn: the adapter calls the customer; no agent is occupied.
    #[n(46)]
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
    #[n(47)]
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
    #[n(48)]
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
    #[n(49)]
    CallbackGivenUp {
        #[n(0)]
        contact: ContactId,
        /// Unanswered calls so far, this one included.
        #[n(1)]
        attempts: u32,
    },
    /// As long as this contact is in line, the agent takes none of another class.
    #[n(50)]
    RoomKept {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
    },
    /// Idle agents are no longer reserved for others from this contact: it has waited too long.
    #[n(51)]
    AgentsLetGo {
        #[n(0)]
        contact: ContactId,
    },
    /// Called once more by the agent who called it.
    #[n(52)]
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
    #[n(53)]
    QueueOpened {
        #[n(0)]
        queue: QueueKey,
        /// When it closes; none if it never does.
        #[n(1)]
        until: Option<Timestamp>,
    },
    #[n(54)]
    QueueClosed {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        until: Option<Timestamp>,
    },
    /// The customer, being served, is put on hold; the time counts as handling.
    #[n(55)]
    ContactHeld {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        by: HeldBy,
    },
    #[n(56)]
    ContactUnheld {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        by: HeldBy,
    },
    /// Parked: its agent keeps it and has room for others meanwhile.
    #[n(57)]
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
    #[n(58)]
    ContactWoken {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        /// When it returns to its queue, if the agent has not taken it back.
        #[n(2)]
        until: Timestamp,
        /// Its customer has written; otherwise its time has come.
        #[n(3)]
        by_customer: bool,
    },
    /// Taken back by its agent.
    #[n(59)]
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
    #[n(60)]
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
    #[n(61)]
    ConsultDelivered {
        #[n(0)]
        offer: OfferId,
        #[n(1)]
        answer_by: Timestamp,
    },
    #[n(62)]
    ConsultAccepted {
        #[n(0)]
        offer: OfferId,
        #[n(1)]
        agent: AgentKey,
        /// The queue in which the contact is served.
        #[n(2)]
        queue: QueueKey,
    },
    /// The customer joins the two agents.
    #[n(63)]
    ConferenceBegun {
        #[n(0)]
        contact: ContactId,
        /// The consulted agent.
        #[n(1)]
        agent: AgentKey,
    },
    #[n(64)]
    ConsultEnded {
        #[n(0)]
        offer: OfferId,
        /// The consulted agent, or the one who was asked.
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        how: ConsultEnd,
        /// The queue in which the contact is served.
        #[n(3)]
        queue: QueueKey,
        /// Of an agent who was asked, and did not take it.
        #[n(4)]
        cooldown: Option<Cooling>,
    },
    /// A desktop is shown what others, or a new configuration, have done; nothing else changes.
    #[n(65)]
    ContactShown {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        because: Because,
    },
    /// From one agent to the consulted one, without an offer in between.
    #[n(66)]
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
    #[n(67)]
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
    #[n(68)]
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
    #[n(69)]
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
    #[n(70)]
    AgentRested {
        #[n(0)]
        agent: AgentKey,
    },
    /// A new configuration has removed or restored the agent, or has changed the agent's name or
    /// what the agent serves: shown on a connected desktop.
    #[n(71)]
    AgentReconfigured {
        #[n(0)]
        agent: AgentKey,
    },
}
