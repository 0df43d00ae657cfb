//! Relaxation steps: each widens who may serve a contact, as time passes or because no agent of the
//! previous steps is there.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::{Event, LineEvent};
use crate::engine::state::contacts::Slot;
use crate::engine::state::needs::NeedLine;
use crate::engine::state::registry::{AgentKey, QueueKey};

impl Engine {
    /// Takes the step that the contact's age has reached, and further ones if no agent is there for
    /// it.
    pub(in crate::engine) fn take_steps(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        if self.is_offered_to_someone(slot) && !contact.is_fanned_out() {
            return;
        }
        self.let_go(slot, now);
        let contact = self.contact_at(slot);
        let (id, rules) = (contact.id, &self.rules[contact.labels.queue.index()]);
        let step = rules.step_at(now - contact.wait.first_queued_at);
        if step > contact.wait.step {
            self.emit(now, Event::Line(id, LineEvent::StepTaken { step }));
        }
        // An agent that it is offered to is there.
        if !self.is_offered_to_someone(slot)
            && let Some(step) = self.step_with_staff(slot)
        {
            self.emit(now, Event::Line(id, LineEvent::StepTaken { step }));
        }
    }

    /// The further step that is taken at once because no agent of the steps so far is there: the
    /// first one that has an agent.
    fn step_with_staff(&mut self, slot: Slot) -> Option<u32> {
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()];
        let (from, steps) = (contact.wait.step, rules.options.steps.len());
        let further = rules.options.steps[steps.min(from as usize)..].iter();
        let skips = further.take_while(|step| step.skip_unstaffed).count();
        let is_for_one = contact.meant.direct.is_some() || self.meant_alone(slot).is_some();
        if skips == 0 || is_for_one || self.staff_at(slot, from) != (0, 0) {
            return None;
        }
        let last = from + u32::try_from(skips).expect("steps are few");
        let first = (from + 1..=last).find(|step| self.staff_at(slot, *step).0 > 0)?;
        let queue = self.contact_at(slot).labels.queue;
        Some(self.rules[queue.index()].taken_with(first))
    }

    /// How many agents are there for the contact at a step, and how many may soon be back.
    fn staff_at(&mut self, slot: Slot, step: u32) -> (u32, u32) {
        let line = self.line_at(slot, step);
        let staff = self.staff_of(self.needs.get(line));
        self.needs.release(line);
        staff
    }

    /// Counts only agents who could take the contact with nothing else in hand; the others can
    /// never serve it.
    fn staff_of(&self, need: &NeedLine) -> (u32, u32) {
        let ground = self.ground();
        let groups = need.eligible.iter().map(|eligible| eligible.group);
        groups
            .filter(|group| ground.fits(*group, need.need.class.channel))
            .map(|group| self.pool.group(group))
            .fold((0, 0), |(staffed, away), group| {
                (staffed + group.staffed, away + group.away)
            })
    }

    /// Takes the steps of contacts for which no agent is there, after agents of these queues have
    /// come or gone.
    pub(in crate::engine) fn hurry(&mut self, queues: &[QueueKey], now: Timestamp) -> Vec<Slot> {
        let waits_for_nobody = |need: &NeedLine| {
            let steps = &self.rules[need.need.queue.index()].options.steps;
            let next = steps.get(need.need.step as usize);
            next.is_some_and(|next| next.skip_unstaffed) && self.staff_of(need) == (0, 0)
        };
        let queue = |key: &QueueKey| &self.queues[key.index()];
        let concerned = queues
            .iter()
            .flat_map(|key| queue(key).widens.iter().chain([key]));
        let mut lines: Vec<_> = concerned.flat_map(|key| &queue(key).active_lines).collect();
        lines.sort_unstable();
        lines.dedup();
        let lines = lines.into_iter().map(|line| self.needs.get(*line));
        let lines = lines.filter(|need| waits_for_nobody(need));
        let mut waiting: Vec<_> = lines.flat_map(|need| need.line.iter()).collect();
        waiting.sort_unstable();
        let slots: Vec<Slot> = waiting.iter().map(|place| place.slot).collect();
        for slot in &slots {
            self.take_steps(*slot, now);
        }
        slots
    }

    /// An agent has gone: contacts that waited only for agents who are gone take further steps, and
    /// idle agents take what is due first for them.
    pub(in crate::engine) fn hurry_on(&mut self, gone: AgentKey, now: Timestamp) {
        for slot in self.hurry(&self.queues_served_by(gone), now) {
            while self.is_queued(slot)
                && let Some(agent) = self.find_agent(slot, now)
            {
                self.serve(agent, now);
            }
        }
    }

    /// The queues that an agent serves; none for one removed from the configuration.
    pub(in crate::engine) fn queues_served_by(&self, agent: AgentKey) -> Vec<QueueKey> {
        let group = self.pool.group_of(agent);
        group.map_or_else(Vec::new, |group| {
            self.pool.group(group).signature.queues.clone()
        })
    }
}
