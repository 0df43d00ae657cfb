//! Plays a random tape: a centre drawn by chance, then one command after
//! another, with crashes, reloads and the passing of time in between.

use std::sync::Arc;

use switchboard::domain::skill::Level;
use switchboard::domain::{
    AttributeValue, Attributes, Channel, ContactId, Intake, Millis, Name, OfferId, Recognition,
    Requirements, Text, Timestamp,
};
use switchboard::engine::Engine;
use switchboard::engine::command::{
    Act, AgentCommand, Change, Command, ContactCommand, Destination, Intention, Manner, RequestKey,
    SiteCommand,
};
use switchboard::engine::event::Recorded;
use switchboard::engine::options::{
    Action, AgentOptions, Audience, CapacityReserve, CapacityRules, CategoryOptions,
    EscalationRule, Interrupt, Interrupts, Options, QueueOptions, Repeat, Select, Step, Trigger,
};
use switchboard::engine::registry::AgentKey;

use super::dice::Dice;
use super::oracle::{Oracle, Place};
use crate::tell::{agent, centre, name, queue};

const SKILLS: [&str; 3] = ["fibre", "english", "billing"];
/// Some of them cannot be evaluated for some contacts.
const CONDITIONS: [&str; 5] = [
    "contact.sentiment < -0.5",
    "customer.tier in ['gold', 'diamond'] && queue.waiting > 1",
    "contact.waited_s > 30 || contact.offers > 1",
    "contact.attributes.mood == 'bad' || contact.attributes.mood > 3",
    "contact.waited_s / queue.staffed > 5",
];
const TIERS: [&str; 4] = ["diamond", "gold", "silver", "basic"];

pub(super) struct Player {
    seed: u64,
    dice: Dice,
    options: Options,
    engine: Engine,
    oracle: Oracle,
    now: Timestamp,
    history: Vec<Recorded>,
    /// A snapshot and how much of the history it holds.
    snapshot: (Vec<u8>, usize),
    contacts: u128,
    step: u64,
    is_lively: bool,
}

impl Drop for Player {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for recorded in self.history.iter().rev().take(12).rev() {
                eprintln!("{recorded:?}");
            }
            eprintln!(
                "seed {} failed at step {} at {}",
                self.seed, self.step, self.now
            );
        }
    }
}

impl Player {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let options = draw_centre(&mut dice);
        let mut player = Self {
            seed,
            dice,
            options: options.clone(),
            engine: Engine::new(),
            oracle: Oracle::default(),
            now: Timestamp(0),
            history: Vec::new(),
            snapshot: (Engine::new().snapshot(), 0),
            contacts: 0,
            step: 0,
            is_lively: seed.is_multiple_of(2),
        };
        player.command(Command::Site(SiteCommand::Configure(Arc::new(options))));
        player
    }

    /// Plays so many steps; the history's fingerprint.
    pub(super) fn play(mut self, steps: u64) -> [u8; 32] {
        for step in 0..steps {
            self.step = step;
            self.take_step();
            self.oracle.judge_state();
            if step % 40 == 39 {
                self.audit();
            }
        }
        self.engine.state_hash()
    }

    fn audit(&self) {
        assert_eq!(self.engine.faults(), Vec::<String>::new());
        let census = self.engine.census();
        let open = self
            .oracle
            .contacts
            .values()
            .filter(|known| !matches!(known.place, Place::Closed(_)))
            .count();
        assert_eq!(census.open, open as u64, "whoever arrived is somewhere");
        assert_eq!(
            self.replayed(self.step % 80 == 79).state_hash(),
            self.engine.state_hash()
        );
    }

    /// The engine that a crash here would leave, from the snapshot or from the
    /// very beginning.
    fn replayed(&self, from_snapshot: bool) -> Engine {
        let (mut engine, from) = if from_snapshot {
            (Engine::restore(&self.snapshot.0).unwrap(), self.snapshot.1)
        } else {
            (Engine::new(), 0)
        };
        for recorded in &self.history[from..] {
            let bytes = minicbor::to_vec(recorded).unwrap();
            engine.apply(&minicbor::decode(&bytes).unwrap());
        }
        engine
    }

    fn take_step(&mut self) {
        if self.is_lively && !self.dice.once_in(4) {
            return self.take_lively_step();
        }
        match self.dice.roll(100) {
            0..=24 => self.arrive(),
            25..=44 => self.answer_an_offer(),
            45..=57 => self.work(),
            58..=69 => self.come_or_go(),
            70..=77 => self.change_a_contact(),
            78..=94 => self.let_time_pass(),
            95..=96 => self.steer(),
            97 => self.reload(),
            98 => self.snapshot = (self.engine.snapshot(), self.history.len()),
            _ => self.crash(),
        }
    }

    /// Agents are there, and much is served at a time.
    fn take_lively_step(&mut self) {
        match self.dice.roll(20) {
            0..=2 => self.arrive(),
            3..=9 => self.answer_an_offer(),
            10..=15 => self.work(),
            16..=18 => {
                let agent = self.any_agent();
                let desk = self.oracle.desks.get(&agent);
                let session = desk.and_then(|desk| desk.session);
                let by = self.oracle.registry.agents.name(agent).text();
                let act = match session {
                    None => Act::Connect,
                    Some(_) => Act::Intend {
                        session,
                        intent: Intention::Ready,
                        by,
                    },
                };
                self.agent_does(agent, act);
            }
            _ => {
                self.now = self.now + Millis(self.dice.roll(1_500).cast_signed());
                self.expire();
            }
        }
    }

    fn command(&mut self, command: Command) {
        let judged = !matches!(command, Command::Site(_));
        let before = self.dice.once_in(8).then(|| self.engine.snapshot());
        self.oracle.judge_order = judged;
        let outcome = self.engine.handle(self.now, command.clone());
        if outcome.is_err() {
            assert!(
                self.engine.poll_event().is_none(),
                "a refusal says nothing: {command:?}"
            );
            if let Some(before) = before {
                assert!(
                    self.engine.snapshot() == before,
                    "a refusal leaves no mark: {command:?}"
                );
            }
        }
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(emitted) = self.engine.poll_event() {
            self.oracle.hear(&emitted.recorded, emitted.told);
            self.history.push(emitted.recorded);
        }
    }

    fn arrive(&mut self) {
        let dice = &mut self.dice;
        self.contacts += 1;
        let mut intake = Intake::new(*dice.pick(&Channel::ALL).unwrap());
        if !dice.once_in(3) {
            intake.queue = dice
                .pick(&self.options.queues)
                .map(|queue| queue.id.clone());
        }
        if dice.once_in(6) {
            intake.requires = Requirements::new(vec![draw_skill(dice, 4)]);
        }
        if dice.once_in(3) {
            intake.topic = Some(name(dice.pick(&["t0", "t1", "t2"]).unwrap()));
        }
        if dice.once_in(8) {
            intake.external_id = Some(format!("x{}", dice.roll(40)).as_str().into());
        }
        if dice.once_in(12) {
            intake.not_before = Some(self.now + Millis::from_s(dice.roll(90).cast_signed()));
        }
        let tier = dice.once_in(2).then(|| name(dice.pick(&TIERS).unwrap()));
        let recognition = Recognition {
            customer: tier.as_ref().map(|_| "k1".into()),
            tier,
            account_manager: dice.once_in(4).then(|| draw_agent_name(dice)),
            last_agent: dice.once_in(4).then(|| draw_agent_name(dice)),
        };
        let key = dice.once_in(10).then(|| RequestKey {
            key: u128::from(dice.roll(30)),
            fingerprint: u128::from(dice.roll(2)),
        });
        self.command(Command::Contact(ContactCommand::Submit {
            id: ContactId(self.contacts),
            intake: Box::new(intake),
            recognition,
            key,
        }));
    }

    /// Mostly a live offer and its agent; sometimes anything.
    fn answer_an_offer(&mut self) {
        let live: Vec<(ContactId, AgentKey, u32)> = self
            .oracle
            .contacts
            .iter()
            .filter_map(|(id, known)| match known.place {
                Place::Served(_) => {
                    let asked = known.consult.filter(|consult| consult.until.is_some());
                    asked.map(|consult| (*id, consult.agent, consult.number))
                }
                Place::Offered { agent, number, .. } => Some((*id, agent, number)),
                Place::Nowhere
                | Place::Scheduled(_)
                | Place::Waiting
                | Place::Parked { .. }
                | Place::WrapUp(..)
                | Place::Closed(_) => None,
            })
            .collect();
        let chosen = self.dice.pick(&live).copied();
        let (contact, agent, number) = match chosen {
            Some(chosen) if !self.dice.once_in(12) => chosen,
            _ => (
                self.any_contact(),
                self.any_agent(),
                1 + u32::try_from(self.dice.roll(3)).unwrap(),
            ),
        };
        let (session, offer) = (self.session_of(agent), OfferId { contact, number });
        let act = match self.dice.roll(10) {
            0..=2 => Act::Deliver { session, offer },
            3..=7 => Act::Accept { session, offer },
            _ => Act::Decline {
                session,
                offer,
                reason: None,
                retry_after: self
                    .dice
                    .once_in(4)
                    .then(|| Millis::from_s(self.dice.roll(60).cast_signed())),
            },
        };
        self.agent_does(agent, act);
    }

    fn work(&mut self) {
        let held: Vec<(ContactId, AgentKey)> = self
            .oracle
            .contacts
            .iter()
            .filter_map(|(id, known)| match known.place {
                Place::Served(agent) | Place::WrapUp(agent, _) | Place::Parked { agent, .. } => {
                    Some((*id, agent))
                }
                Place::Nowhere
                | Place::Scheduled(_)
                | Place::Waiting
                | Place::Offered { .. }
                | Place::Closed(_) => None,
            })
            .collect();
        let (contact, agent) = self
            .dice
            .pick(&held)
            .copied()
            .unwrap_or_else(|| (self.any_contact(), self.any_agent()));
        let session = self.session_of(agent);
        let act = if self.dice.once_in(2) {
            self.draw_end(session, contact)
        } else {
            self.draw_aside(session, contact)
        };
        self.agent_does(agent, act);
    }

    /// What brings a contact forward.
    fn draw_end(&mut self, session: u64, contact: ContactId) -> Act {
        match self.dice.roll(12) {
            0..=4 => Act::Complete {
                session,
                contact,
                outcome: "resolved".into(),
                notes: None,
            },
            5..=6 => Act::FinishWrapUp { session, contact },
            7 => Act::ExtendWrapUp { session, contact },
            8 => Act::Message {
                session,
                contact,
                text: "hello".into(),
            },
            9 => {
                let to = Destination::Queue(self.any_queue());
                self.draw_transfer(session, contact, to)
            }
            10 => {
                let to = self.any_agent();
                let to = self.oracle.registry.agents.name(to).clone();
                self.draw_transfer(session, contact, Destination::Agent(to))
            }
            _ => Act::Pull {
                session,
                queue: self.any_queue(),
            },
        }
    }

    /// What an agent does with a contact meanwhile.
    fn draw_aside(&mut self, session: u64, contact: ContactId) -> Act {
        let known = self.oracle.contacts.get(&contact);
        let is_helped = known.is_some_and(|known| known.consult.is_some());
        let sides = if is_helped && !self.dice.once_in(4) {
            10 + self.dice.roll(4)
        } else {
            self.dice.roll(14)
        };
        match sides {
            0 => Act::Hold { session, contact },
            1 => Act::Unhold { session, contact },
            2..=4 => Act::Park { session, contact },
            5..=6 => Act::Unpark { session, contact },
            7..=9 => self.draw_consult(session, contact),
            10 => Act::Conference { session, contact },
            11 => Act::EndConsult { session, contact },
            _ => {
                let consult = self.oracle.contacts.get(&contact);
                let consult = consult.and_then(|known| known.consult);
                let to = consult.map_or_else(|| self.any_agent(), |consult| consult.agent);
                let to = self.oracle.registry.agents.name(to).clone();
                self.draw_transfer(session, contact, Destination::Agent(to))
            }
        }
    }

    fn draw_transfer(&mut self, session: u64, contact: ContactId, to: Destination) -> Act {
        Act::Transfer {
            session,
            contact,
            to,
            note: None,
            manner: Manner {
                keep_age: !self.dice.once_in(4),
                or_queue: self.dice.once_in(4),
            },
        }
    }

    fn draw_consult(&mut self, session: u64, contact: ContactId) -> Act {
        let to = if self.dice.once_in(2) {
            Destination::Queue(self.any_queue())
        } else {
            let desks = self.oracle.desks.iter();
            let ready = desks.filter(|(_, desk)| desk.ready && desk.session.is_some());
            let ready: Vec<AgentKey> = ready.map(|(agent, _)| *agent).collect();
            let to = self.dice.pick(&ready).copied();
            let to = to.unwrap_or_else(|| self.any_agent());
            Destination::Agent(self.oracle.registry.agents.name(to).clone())
        };
        Act::Consult {
            session,
            contact,
            to,
            note: None,
        }
    }

    fn come_or_go(&mut self) {
        let agent = self.any_agent();
        let session = self.session_of(agent);
        let by = self.oracle.registry.agents.name(agent).text();
        let intend = |session, intent| Act::Intend {
            session,
            intent,
            by,
        };
        let act = match self.dice.roll(12) {
            0..=2 => Act::Connect,
            3 => Act::Lose { session },
            4..=8 => intend(Some(session), Intention::Ready),
            9 => intend(
                Some(session),
                Intention::NotReady {
                    reason: "break".into(),
                },
            ),
            10 => intend(
                None,
                Intention::Draining {
                    reason: "end".into(),
                },
            ),
            _ => Act::Resync { session },
        };
        self.agent_does(agent, act);
    }

    fn change_a_contact(&mut self) {
        let contact = self.any_contact();
        let key = None;
        let command = match self.dice.roll(10) {
            0..=2 => ContactCommand::Cancel {
                contact,
                reason: "customer_left".into(),
                key,
            },
            3 => ContactCommand::End {
                contact,
                outcome: "hung_up".into(),
                key,
            },
            4..=5 => ContactCommand::Recognise {
                contact,
                recognition: Recognition {
                    customer: Some("k2".into()),
                    tier: Some(name(self.dice.pick(&TIERS).unwrap())),
                    account_manager: Some(draw_agent_name(&mut self.dice)),
                    last_agent: None,
                },
            },
            6 => ContactCommand::Update {
                contact,
                change: Change {
                    topic: Some(name(self.dice.pick(&["t0", "t1", "t2"]).unwrap())),
                    ..Change::default()
                },
            },
            7 => ContactCommand::Update {
                contact,
                change: Change {
                    sentiment: Some(*self.dice.pick(&[-0.9, 0.5]).unwrap()),
                    attributes: self.dice.once_in(2).then(|| mood(&mut self.dice)),
                    ..Change::default()
                },
            },
            8 => ContactCommand::Message {
                contact: self.parked_or_any(contact),
                text: "hello".into(),
                key,
            },
            _ => ContactCommand::Requeue {
                contact,
                by: "s1".into(),
                key,
            },
        };
        self.command(Command::Contact(command));
    }

    /// To the next deadline, a moment, or a while.
    fn let_time_pass(&mut self) {
        let span = match self.dice.roll(4) {
            0 => Millis(self.dice.roll(3_000).cast_signed()),
            1 => Millis::from_s(self.dice.roll(70).cast_signed()),
            _ => self
                .engine
                .next_deadline()
                .map_or(Millis(1), |at| at - self.now),
        };
        self.now = self.now + Millis(span.0.max(0));
        self.expire();
    }

    fn expire(&mut self) {
        self.oracle.judge_order = true;
        while self.engine.expire(self.now, 1) {
            self.drain();
        }
        self.drain();
    }

    fn steer(&mut self) {
        let (queue, by) = (self.any_queue(), "s1".into());
        match self.dice.roll(4) {
            0 => self.command(Command::Site(SiteCommand::Pause {
                queue,
                by,
                key: None,
            })),
            1 | 2 => self.command(Command::Site(SiteCommand::Resume {
                queue,
                by,
                key: None,
            })),
            _ => {
                let agent = self.any_agent();
                let agent = self.oracle.registry.agents.name(agent).clone();
                let contact = self.any_contact();
                self.oracle.judge_order = false;
                // Assigning goes past the line by intention.
                let command = Command::Contact(ContactCommand::Assign {
                    contact,
                    agent,
                    by,
                    key: None,
                });
                let outcome = self.engine.handle(self.now, command);
                assert!(outcome.is_ok() || self.engine.seq() == self.history.len() as u64);
                self.drain();
            }
        }
    }

    /// Another configuration with the same costs: queues and agents come, go
    /// and change.
    fn reload(&mut self) {
        let mut next = draw_centre(&mut self.dice);
        next.channels = self.options.channels;
        next.capacity = self.options.capacity.clone();
        for agent in &mut next.agents {
            let before = self
                .options
                .agents
                .iter()
                .find(|known| known.id == agent.id);
            agent.capacity = before.map_or(agent.capacity, |known| known.capacity);
        }
        self.options = next.clone();
        self.command(Command::Site(SiteCommand::Configure(Arc::new(next))));
    }

    /// All that is not written is gone; what is left is read again.
    fn crash(&mut self) {
        let next_deadline = self.engine.next_deadline();
        let from_snapshot = self.dice.once_in(2);
        self.engine = self.replayed(from_snapshot);
        assert_eq!(
            self.engine.next_deadline(),
            next_deadline,
            "deadlines survive"
        );
        if self.dice.once_in(3) {
            self.command(Command::Site(SiteCommand::Restart));
        }
    }

    fn agent_does(&mut self, agent: AgentKey, act: Act) {
        let agent = self.oracle.registry.agents.name(agent).clone();
        self.command(Command::Agent(AgentCommand { agent, act }));
    }

    /// Mostly the session that there is.
    fn session_of(&mut self, agent: AgentKey) -> u64 {
        let session = self
            .oracle
            .desks
            .get(&agent)
            .and_then(|desk| desk.session)
            .unwrap_or(1);
        if self.dice.once_in(30) {
            session.saturating_sub(1)
        } else {
            session
        }
    }

    fn any_agent(&mut self) -> AgentKey {
        let count = self.oracle.registry.agents.all().len();
        AgentKey(u32::try_from(self.dice.roll(count as u64)).unwrap())
    }

    fn any_queue(&mut self) -> Name {
        self.dice
            .pick(self.oracle.registry.queues.all())
            .unwrap()
            .clone()
    }

    /// Mostly one that is parked.
    fn parked_or_any(&mut self, any: ContactId) -> ContactId {
        let parked: Vec<ContactId> = self
            .oracle
            .contacts
            .iter()
            .filter(|(_, known)| matches!(known.place, Place::Parked { woken: false, .. }))
            .map(|(id, _)| *id)
            .collect();
        let chosen = self.dice.pick(&parked).copied();
        chosen.filter(|_| !self.dice.once_in(4)).unwrap_or(any)
    }

    /// Mostly one of the newest.
    fn any_contact(&mut self) -> ContactId {
        let newest = u64::try_from(self.contacts).unwrap().max(1);
        let back = self.dice.roll(newest.min(25));
        ContactId(u128::from(newest - back))
    }
}

fn mood(dice: &mut Dice) -> Attributes {
    let values = [
        AttributeValue::Text("bad".to_owned()),
        AttributeValue::Number(5.0),
        AttributeValue::Flag(true),
    ];
    let value = dice.pick(&values).unwrap().clone();
    Attributes::new([("mood".to_owned(), value)].into()).unwrap()
}

fn draw_skill(dice: &mut Dice, level_max: u64) -> (Name, Level) {
    let level = 1 + dice.roll(level_max).cast_signed();
    (
        name(dice.pick(&SKILLS).unwrap()),
        Level::try_from(level).unwrap(),
    )
}

fn draw_agent_name(dice: &mut Dice) -> Name {
    name(&format!("a{}", 1 + dice.roll(5)))
}

fn draw_centre(dice: &mut Dice) -> Options {
    let count = 1 + dice.roll(3);
    let ids: Vec<String> = (0..count).map(|number| format!("q{number}")).collect();
    let mut queues: Vec<QueueOptions> = ids.iter().map(|id| draw_queue(dice, id, &ids)).collect();
    for (number, queue) in queues.iter_mut().enumerate() {
        queue.topics = vec![name(&format!("t{number}"))];
    }
    // A rule that moves must not lead back.
    let last = ids.last().unwrap();
    for queue in queues.iter_mut().filter(|queue| queue.id.as_str() != last) {
        if dice.once_in(3) {
            let when = Trigger::TargetPercent(150);
            let on = if dice.once_in(4) {
                vec![Action::Deflect("elsewhere".into())]
            } else {
                vec![Action::MoveTo(name(last))]
            };
            let rule = EscalationRule::new(name("moved"), when, on);
            queue.escalations.push(rule);
        }
    }
    let agents = (1..=1 + dice.roll(5))
        .map(|number| draw_agent(dice, number, &ids))
        .collect();
    let mut options = centre(queues, agents);
    if dice.once_in(2) {
        options.specialist = Millis::ZERO;
    }
    options.limits.open_contacts_max = 60;
    options.capacity = draw_capacity(dice);
    options
}

/// Half of the centres have none of it.
fn draw_capacity(dice: &mut Dice) -> CapacityRules {
    let mut rules = CapacityRules::default();
    if dice.once_in(2) {
        return rules;
    }
    if dice.once_in(2) {
        rules.categories = vec![CategoryOptions {
            name: name("hard"),
            max: 1,
            topics: vec![name("t0"), name("t1")],
        }];
    }
    if dice.once_in(2) {
        rules.reserve = Some(CapacityReserve {
            units: 20 + u32::try_from(dice.roll(50)).unwrap(),
            tiers: vec![name("diamond"), name("gold")],
        });
    }
    if dice.once_in(2) {
        let mut interrupts = Interrupts::default();
        let texts = [Channel::App, Channel::Wechat];
        for current in texts {
            // Voice over text alone, so that nothing gives way in a circle.
            for new in [Channel::Hotline, Channel::Storefront] {
                let interrupt = *dice.pick(&Interrupt::ALL).unwrap();
                *interrupts.0.get_mut(new).get_mut(current) = interrupt;
            }
        }
        if dice.once_in(2) {
            let over = interrupts.0.get_mut(Channel::Storefront);
            *over.get_mut(Channel::Hotline) = Interrupt::Hold;
        }
        if dice.once_in(3) {
            let over = interrupts.0.get_mut(Channel::App);
            *over.get_mut(Channel::Wechat) = Interrupt::No;
        }
        rules.interrupts = Some(interrupts);
    }
    rules
}

fn draw_queue(dice: &mut Dice, id: &str, ids: &[String]) -> QueueOptions {
    let mut drawn = queue(id);
    drawn.select = *dice.pick(&Select::ALL).unwrap();
    drawn.target.answer_within = Millis::from_s(5 + dice.roll(60).cast_signed());
    drawn.wrap_up = dice
        .once_in(2)
        .then(|| Millis::from_s(1 + dice.roll(20).cast_signed()));
    drawn.waiting_max = if dice.once_in(4) { 5 } else { 500 };
    drawn.pull = dice.once_in(8);
    drawn.park_max = dice.once_in(2).then(|| Millis::from_s(90));
    if dice.once_in(2) {
        drawn.requires = Requirements::new(vec![draw_skill(dice, 3)]);
        let relaxed = drawn
            .requires
            .iter()
            .map(|(skill, _)| (skill.clone(), Level::try_from(1).unwrap()))
            .collect();
        drawn.steps.push(Step {
            after: Millis::from_s(1 + dice.roll(20).cast_signed()),
            requires: Some(Requirements::new(relaxed)),
            also_agents_of: Vec::new(),
            skip_unstaffed: dice.once_in(2),
        });
    }
    if dice.once_in(2) {
        drawn.steps.push(Step {
            after: Millis::from_s(25 + dice.roll(20).cast_signed()),
            requires: None,
            also_agents_of: dice.pick(ids).map(|id| name(id)).into_iter().collect(),
            skip_unstaffed: dice.once_in(2),
        });
    }
    draw_escalations(dice, &mut drawn, ids);
    drawn
}

fn draw_escalations(dice: &mut Dice, queue: &mut QueueOptions, ids: &[String]) {
    let triggers = [
        Trigger::TargetPercent(75),
        Trigger::After(Millis::from_s(40)),
        Trigger::PredictedBreach,
        Trigger::OffersEnded(2),
        Trigger::WaitingOver(3),
        Trigger::NobodyStaffed,
        Trigger::SentimentBelow(-0.5),
    ];
    for (number, when) in triggers.into_iter().enumerate() {
        if !dice.once_in(4) {
            continue;
        }
        let action = match dice.roll(10) {
            0..=1 => Action::Boost(Millis::from_s(30)),
            2 => Action::NextStep,
            3..=4 => Action::AddQueue(name(dice.pick(ids).unwrap())),
            5..=6 => Action::ReserveNext,
            7 => Action::Message("we are busy".into()),
            8 => Action::Notify(Audience::AccountManager),
            _ => Action::Notify(Audience::Supervisor),
        };
        let mut rule = EscalationRule::new(name(&format!("r{number}")), when, vec![action]);
        if dice.once_in(4) {
            rule.when = None;
        }
        if rule.when.is_none() || dice.once_in(3) {
            rule.only_if = dice.pick(&CONDITIONS).map(|source| Text::from(*source));
        }
        if dice.once_in(4) {
            rule.tiers = vec![name(dice.pick(&TIERS).unwrap())];
        }
        rule.repeat = dice.once_in(3).then(|| Repeat {
            every: Millis::from_s(10 + dice.roll(20).cast_signed()),
            at_most: 1 + u32::try_from(dice.roll(3)).unwrap(),
        });
        queue.escalations.push(rule);
    }
}

fn draw_agent(dice: &mut Dice, number: u64, ids: &[String]) -> AgentOptions {
    let mut queues: Vec<&str> = ids
        .iter()
        .map(String::as_str)
        .filter(|_| dice.once_in(2))
        .collect();
    if queues.is_empty() {
        queues.push(&ids[0]);
    }
    let mut drawn = agent(&format!("a{number}"), &queues.join(" "), "");
    let skills = (0..dice.roll(3)).map(|_| draw_skill(dice, 6)).collect();
    drawn.skills = Requirements::new(skills);
    drawn.capacity = if dice.once_in(3) { 140 } else { 100 };
    drawn
}
