//! Where a new contact may go: its queue, the one that takes over for it, or
//! nowhere.
//!
//! A queue that is closed or full says what happens to new contacts. It may name another queue,
//! which is asked next; configurations have no cycles, and the engine follows only a few steps.

use crate::domain::{Channel, Intake, Millis, Name, Phone, Recognition, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::options::{WhenClosed, WhenFull};
use crate::engine::refusal::Refusal;
use crate::engine::state::contact::Contact;
use crate::engine::state::registry::QueueKey;

/// How far ahead a contact may be scheduled.
pub(in crate::engine) const NOT_BEFORE_MAX: Millis = Millis::from_s(90 * 24 * 3_600);
/// How many queues are asked in turn.
const OVERFLOWS_MAX: usize = 16;

/// Where a new contact goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Admission {
    /// The queue that was asked first.
    pub came_to: QueueKey,
    /// The queue that takes it.
    pub queue: QueueKey,
    pub how: WayIn,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) enum WayIn {
    Enter,
    /// It is scheduled for this time.
    Schedule(Timestamp),
    /// It waits to be called at this number.
    CallBack(Phone),
    /// It ends at once, with this outcome.
    Deflect(Text),
}

impl WayIn {
    pub(in crate::engine) const fn comes_in_at(&self, now: Timestamp) -> Timestamp {
        match self {
            Self::Schedule(until) => *until,
            Self::Enter | Self::Deflect(_) | Self::CallBack(_) => now,
        }
    }
}

impl Engine {
    /// Where a new contact goes, if there is room and some queue takes it.
    pub(in crate::engine) fn admit(
        &self,
        now: Timestamp,
        intake: &Intake,
        recognition: &Recognition,
    ) -> Result<Admission, Refusal> {
        for (skill, _) in intake.requires.iter() {
            if self.registry.skills.key(skill.as_str()).is_none() {
                return Err(Refusal::UnknownSkill(skill.clone()));
            }
        }
        if let Some(agent) = &intake.agent {
            self.agent_key(agent)?;
        }
        let ordered = intake.not_before.filter(|until| *until > now);
        if ordered.is_some_and(|until| until - now > NOT_BEFORE_MAX) {
            return Err(Refusal::TooFarAhead);
        }
        let queue = match &intake.queue {
            Some(queue) => self.queue_key(queue)?,
            None => self.queue_of_topic(intake.topic.as_ref()),
        };
        if self.contacts.open_count() >= self.configuration().limits.open_contacts_max as usize {
            return Err(Refusal::SiteFull);
        }
        let mut asked = queue;
        for _ in 0..OVERFLOWS_MAX {
            match self.ask(asked, intake, recognition, now)? {
                QueueAnswer::Next(next) => asked = next,
                QueueAnswer::Final(how) => {
                    return Ok(Admission {
                        came_to: queue,
                        queue: asked,
                        how,
                    });
                }
            }
        }
        Err(self.full(queue))
    }

    /// The queue that a contact that has not come in yet would enter, had it been submitted to this
    /// one, and when; none if it would be turned away.
    pub(in crate::engine) fn ordered_in(
        &self,
        queue: QueueKey,
        contact: &Contact,
        now: Timestamp,
    ) -> Option<(QueueKey, Timestamp)> {
        let mut asked = queue;
        for _ in 0..OVERFLOWS_MAX {
            let answer = self.ask(asked, &contact.intake, &contact.recognition, now);
            match answer.ok()? {
                QueueAnswer::Next(next) => asked = next,
                QueueAnswer::Final(WayIn::Enter) => return Some((asked, now)),
                QueueAnswer::Final(WayIn::Schedule(until)) => return Some((asked, until)),
                QueueAnswer::Final(WayIn::Deflect(_) | WayIn::CallBack(_)) => return None,
            }
        }
        None
    }

    /// The answer of one queue.
    fn ask(
        &self,
        queue: QueueKey,
        intake: &Intake,
        recognition: &Recognition,
        now: Timestamp,
    ) -> Result<QueueAnswer, Refusal> {
        let (channel, ordered) = (intake.channel, intake.not_before);
        let ordered = ordered.filter(|until| *until > now);
        let enter = QueueAnswer::Final(ordered.map_or(WayIn::Enter, WayIn::Schedule));
        let rules = &self.rules[queue.index()];
        let hours = rules.hours.as_deref();
        let is_closed = match (hours, ordered) {
            (Some(hours), Some(ordered)) => !hours.is_open(ordered),
            (Some(_), None) | (None, _) => self.queues[queue.index()].closed,
        };
        if is_closed {
            match &rules.options.when_closed {
                WhenClosed::Hold => {}
                WhenClosed::Deflect(text) => {
                    return Ok(QueueAnswer::Final(WayIn::Deflect(text.clone())));
                }
                WhenClosed::Queue(name) => return Ok(QueueAnswer::Next(self.queue_key(name)?)),
                WhenClosed::Schedule => {
                    let from = ordered.unwrap_or(now);
                    let opens = hours.and_then(|hours| hours.next_opening(from));
                    return Ok(opens.map_or(enter, |at| QueueAnswer::Final(WayIn::Schedule(at))));
                }
            }
        }
        // Contacts that wait now will have been answered before a scheduled one comes in.
        let target = rules.options.target.answer_within;
        let is_for_later = ordered.is_some_and(|until| until - now > target);
        if is_for_later || !self.is_full(queue, channel) {
            return Ok(enter);
        }
        match &rules.options.overflow.when_full {
            WhenFull::Refuse => Err(self.full(queue)),
            WhenFull::Deflect(text) => Ok(QueueAnswer::Final(WayIn::Deflect(text.clone()))),
            WhenFull::Queue(name) => Ok(QueueAnswer::Next(self.queue_key(name)?)),
            // A scheduled contact gains nothing from a callback.
            WhenFull::Callback if ordered.is_none() && !self.is_filled(queue, channel, 2) => {
                let customer = recognition.customer.as_ref();
                let phone = self.callback_phone(intake, None, customer, queue);
                match phone {
                    Ok(phone) => Ok(QueueAnswer::Final(WayIn::CallBack(phone))),
                    Err(Refusal::CallbackExists) => Err(Refusal::CallbackExists),
                    Err(_) => Err(self.full(queue)),
                }
            }
            WhenFull::Callback => Err(self.full(queue)),
        }
    }

    fn full(&self, queue: QueueKey) -> Refusal {
        Refusal::QueueFull(self.registry.queues.name(queue).clone())
    }

    /// No more contacts may wait, of this channel or in total.
    fn is_full(&self, queue: QueueKey, channel: Channel) -> bool {
        self.is_filled(queue, channel, 1)
    }

    /// As many contacts wait as `times` the limit.
    fn is_filled(&self, queue: QueueKey, channel: Channel, times: u64) -> bool {
        let options = &self.rules[queue.index()].options;
        let counts = &self.queues[queue.index()].counts;
        let of_channel = *options.overflow.waiting_max.get(channel);
        counts.waiting() >= times * u64::from(options.waiting_max)
            || of_channel.is_some_and(|most| *counts.queued.get(channel) >= times * u64::from(most))
    }

    /// Whether an agent may transfer a contact to a queue: one that does not hold contacts while it
    /// is closed is no place to wait for the opening.
    pub(in crate::engine) fn check_room(
        &self,
        queue: QueueKey,
        channel: Channel,
    ) -> Result<(), Refusal> {
        let when_closed = &self.rules[queue.index()].options.when_closed;
        if self.queues[queue.index()].closed && *when_closed != WhenClosed::Hold {
            let name = self.registry.queues.name(queue).clone();
            return Err(Refusal::QueueClosed(name));
        }
        if self.is_full(queue, channel) {
            return Err(self.full(queue));
        }
        Ok(())
    }

    /// Whether a contact that waits elsewhere may move to this queue.
    pub(in crate::engine) fn takes_in(&self, queue: QueueKey, channel: Channel) -> bool {
        !self.queues[queue.index()].closed && !self.is_full(queue, channel)
    }

    /// The same for this particular contact: a customer has at most one open callback per queue.
    pub(in crate::engine) fn goes_on_in(&self, queue: QueueKey, contact: &Contact) -> bool {
        self.takes_in(queue, contact.labels.channel) && !self.has_callback_beside(queue, contact)
    }

    /// A queue that is in the configuration.
    pub(in crate::engine) fn queue_key(&self, name: &Name) -> Result<QueueKey, Refusal> {
        let key = self.registry.queues.key(name.as_str());
        key.filter(|key| self.rules[key.index()].configured)
            .ok_or_else(|| Refusal::UnknownQueue(name.to_string()))
    }

    /// The queue that lists the topic; the default queue for any other.
    pub(in crate::engine) fn queue_of_topic(&self, topic: Option<&Name>) -> QueueKey {
        let listed = topic.and_then(|topic| self.topics.get(topic).copied());
        listed.unwrap_or_else(|| {
            let name = &self.configuration().default_queue;
            let key = self.registry.queues.key(name.as_str());
            key.expect("the default queue is configured")
        })
    }
}

enum QueueAnswer {
    Final(WayIn),
    Next(QueueKey),
}
