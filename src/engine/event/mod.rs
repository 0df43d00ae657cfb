//! What has happened, in the past tense: the journal's content and the only
//! input of [`Engine::apply`](crate::engine::Engine::apply).
//!
//! An event carries every fact that its fold and the metrics need, decided
//! once. Field and variant numbers are never reused: a journal of any age is
//! read as it was meant.

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

/// One line of the history.
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

/// Under which labels a contact is counted.
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
        /// Rules that did not apply when their time came are looked at again, as they are now.
        #[cbor(n(1), default)]
        looks_again: bool,
    },
    /// A new contact; it stands nowhere until the next event about it.
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
        /// Its age counts from here, for ever.
        #[n(4)]
        first_queued_at: Timestamp,
        /// The adapter whose contact it is.
        #[cbor(n(5), default)]
        posted_by: Option<Text>,
    },
    #[n(2)]
    ContactScheduled {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        until: Timestamp,
        /// Where it has not come in yet, it waits from that instant, and no agent is reserved for
        /// it meanwhile: an older version let both be as they were, unless that was sooner.
        #[cbor(n(2), default)]
        begins_then: bool,
    },
    /// Stands in line: newly, again, or in another queue.
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
        /// Waits for this agent alone.
        #[n(4)]
        direct: Option<AgentKey>,
        /// For anyone from then on.
        #[cbor(n(60), default)]
        direct_until: Option<Timestamp>,
        /// It belongs to another queue by a topic that is new, and cannot go on there yet.
        #[cbor(n(61), default)]
        stays_for_now: bool,
    },
    /// Went from one queue to another without having been answered in between.
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
        /// What the rules of the queue that it leaves have moved it forward counts no longer.
        #[cbor(n(4), default)]
        loses_boost: bool,
        /// Neither how far a no-show has put it back nor to how many it may be offered at once
        /// goes along: an older version took both.
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
        /// It belongs to another queue now, where it cannot go on yet.
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
        /// All boosts of the contact together, this one included.
        #[n(4)]
        boost: Millis,
        #[n(5)]
        due: Timestamp,
        #[n(6)]
        notify: Vec<Audience>,
        /// When it is to fire again.
        #[n(10)]
        again_at: Option<Timestamp>,
        /// All queues whose agents may serve it, too.
        #[cbor(n(11), default)]
        also: Vec<QueueKey>,
        /// The next agent is reserved for it.
        #[cbor(n(12), default)]
        reserved: bool,
        #[cbor(n(13), default)]
        callback_offered: bool,
        /// So many live offers it may have beside the first.
        #[cbor(n(14), default)]
        beside_max: u32,
        /// The next agent is to be reserved for it once none is for another contact.
        #[cbor(n(15), default)]
        claims: bool,
        /// It is kept until the webhook has been called.
        #[cbor(n(16), default)]
        awaits_webhook: bool,
    },
    /// Its time came, but it does not apply as the contact is.
    #[n(70)]
    EscalationNotApplicable {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
    },
    /// Of an older version: a rule has fired whose contact the next queue does not take now, and
    /// is asked again then, in place of its repeats.
    #[n(115)]
    MovePostponed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
        /// None: the rule does not ask for it any more.
        #[n(3)]
        until: Option<Timestamp>,
    },
    /// A rule has fired by which the contact leaves its queue, and that cannot be now: it goes as
    /// soon as it can.
    #[n(150)]
    MoveOwed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
        /// Not: the rule does not ask for it any more.
        #[n(3)]
        is_owed: bool,
    },
    /// The next agent is reserved for it, as a rule has asked before, when one was reserved for
    /// another contact.
    #[n(151)]
    NextReserved {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
    },
    /// A desktop hears of an escalation.
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
    /// Its condition could not be evaluated: said once for each contact and rule.
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
        /// Undelivered then, unless the desktop confirms before.
        #[n(3)]
        deliver_by: Timestamp,
        #[n(4)]
        answer_within: Millis,
        /// The supervisor who assigned it; none when the engine chose.
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
        /// What was foreseen of its wait, of the few for which that was kept.
        #[cbor(n(5), default)]
        foreseen: Option<Foretold>,
        /// A customer who is to be called first stays one who is: to an older version whoever was
        /// taken was on the line.
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
    /// This agent may be offered this contact again before its time.
    #[n(13)]
    CooldownLifted {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
    },
    /// Somebody else could take the contact: the cooldown runs on.
    #[n(30)]
    CooldownKept {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        /// When that is looked at again; in journals of before, and just before its end: never.
        #[n(2)]
        lift_at: Option<Timestamp>,
    },
    /// More wait in a queue than one of its rules looks out for: the rule looks at all of them.
    #[n(140)]
    QueueGrew {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        waiting: u64,
    },
    /// No breach of the promise is in sight; to be looked at again then.
    #[n(31)]
    WaitReviewed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        check_at: Timestamp,
        /// Rules that did not apply when a breach was predicted, and do now: looked at then, too.
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
    /// Has left the agent who served it, and is about to be queued or handed on.
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
        /// The agent's outcome, or the reason that was given.
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
        /// Waited or was offered when it ended, and so was never answered there.
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
    /// The socket is gone; the agent may come back until then.
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
    /// It was served for longer than any contact is: its end was not reported, and is assumed.
    #[n(125)]
    EndMissed {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        labels: Labels,
    },
    /// Its contacts were looked at for ends that nobody has reported.
    #[n(126)]
    EndsChecked {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        next: Option<Timestamp>,
    },
    /// The agent's desktop has what customers wrote.
    #[n(116)]
    AgentHeard {
        #[n(0)]
        agent: AgentKey,
        /// Up to the frame of this number. In journals of before: all of it.
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
    },
    #[n(25)]
    AgentHealthChanged {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        channel: Channel,
        #[n(2)]
        health: Health,
        /// Offers in a row that this agent let expire.
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
    /// Somebody could take it again, after a reload or from somewhere else.
    #[n(81)]
    ContactRoutable {
        #[n(0)]
        contact: ContactId,
    },
    /// The customer would rather be called, and keeps the place in line.
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
        /// Before an agent is asked.
        #[cbor(n(4), default)]
        customer_first: bool,
    },
    /// It is the contact's turn: the adapter calls the customer, and no agent is held.
    #[n(92)]
    CallbackDialled {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        queue: QueueKey,
        /// Who could have taken it.
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
    /// The customer is on the line, and waits on.
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
        /// So often, this time included.
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
        /// So often, this time included.
        #[n(1)]
        attempts: u32,
        /// No work with the customer, then: an older version learned from it.
        #[cbor(n(2), default)]
        teaches_nothing: bool,
    },
    /// As long as this contact stands in line, the agent takes none of another class.
    #[n(128)]
    RoomKept {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
    },
    /// Idle agents are kept for others from this contact no longer: it has waited for so long.
    #[n(146)]
    AgentsLetGo {
        #[n(0)]
        contact: ContactId,
    },
    /// Called once more by the agent who has called it.
    #[n(63)]
    ContactRecalled {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        queue: QueueKey,
        /// So often, this time included.
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
        /// Of its agent's attention until it goes on: an older version gave it its share.
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
    /// Set aside: its agent keeps it and has room for others meanwhile.
    #[n(42)]
    ContactParked {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        /// It wakes then, unless something wakes it before.
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
        /// Then it goes back to its queue, if the agent has not taken it up.
        #[n(2)]
        until: Timestamp,
        /// Its customer has written; otherwise its time has come.
        #[cbor(n(3), default)]
        by_customer: bool,
    },
    /// Taken up again by its agent.
    #[n(44)]
    ContactUnparked {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        /// No other contact comes back to the agent by itself before then.
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
        /// Who asks.
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
        /// Where the contact is served; a history of before tells none.
        #[n(2)]
        queue: Option<QueueKey>,
    },
    /// The customer joins the two agents.
    #[n(49)]
    ConferenceBegun {
        #[n(0)]
        contact: ContactId,
        /// Who was consulted.
        #[n(1)]
        agent: AgentKey,
    },
    #[n(50)]
    ConsultEnded {
        #[n(0)]
        offer: OfferId,
        /// Who was consulted, or would have been.
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        how: ConsultEnd,
        /// Where the contact is served; a history of before tells none.
        #[n(3)]
        queue: Option<QueueKey>,
        /// Of who was asked, and did not take it.
        #[n(4)]
        cooldown: Option<Cooling>,
    },
    /// An agent's desktop is shown what others have done; nothing else changes.
    #[n(51)]
    ContactShown {
        #[n(0)]
        contact: ContactId,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        because: Because,
    },
    /// From one agent to the one who was consulted, without an offer in between.
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
    /// A customer who is being served has waited for an answer for longer than the queue
    /// promises: once for each answer.
    #[n(90)]
    ResponseLate {
        #[n(0)]
        contact: ContactId,
        /// Who should have answered.
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        labels: Labels,
        /// The first message that was not answered.
        #[n(3)]
        since: Timestamp,
    },
    /// The customer had written, and now has an answer.
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
    /// A new configuration has taken the agent out or back in, or has changed what the agent
    /// serves: whose desktop is there is told.
    #[n(129)]
    AgentReconfigured {
        #[n(0)]
        agent: AgentKey,
    },
}
