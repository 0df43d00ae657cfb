//! Plays a random tape: a centre drawn by chance, then one command after
//! another, with crashes, reloads and the passing of time in between.

mod calls;

use std::sync::Arc;

use switchboard::domain::{
    AttributeValue, Attributes, Channel, ContactId, Identities, Identity, IdentityKind, Intake,
    Millis, Name, OfferId, Recognition, Requirements, Timestamp,
};
use switchboard::engine::Engine;
use switchboard::engine::choice::How;
use switchboard::engine::command::{
    Act, AgentCommand, Change, Command, ContactCommand, Destination, Intention, Manner, RequestKey,
    SiteCommand,
};
use switchboard::engine::event::{Event, Recorded};
use switchboard::engine::foresee::Effects;
use switchboard::engine::options::Options;
use switchboard::engine::registry::AgentKey;

use super::dice::Dice;
use super::draw::{TIERS, draw_agent_name, draw_centre, draw_skill};
use super::oracle::{Oracle, Place};
use crate::tell::name;

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
    /// More agents than contacts, so that there is a choice.
    is_calm: bool,
    /// Much is served at a time, set aside, and shared.
    is_lively: bool,
    /// Many would rather be called, and few answer.
    is_calling: bool,
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
        let is_calm = seed.is_multiple_of(2);
        let options = draw_centre(&mut dice, is_calm);
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
            is_calm,
            is_lively: seed % 4 == 1,
            is_calling: seed % 4 == 3,
        };
        player.command(Command::Site(SiteCommand::Configure(Arc::new(options))));
        if player.is_calm {
            player.everybody_comes();
        }
        player
    }

    /// Plays so many steps; the history's fingerprint.
    pub(super) fn play(mut self, steps: u64) -> [u8; 32] {
        for step in 0..steps {
            self.step = step;
            self.take_step();
            self.oracle.judge_state();
            self.oracle.judge_responses(self.now);
            self.oracle.judge_calls(self.now);
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
        if self.is_calling && !self.dice.once_in(3) {
            return self.take_calling_step();
        }
        let chance = if self.is_calm {
            [7, 22, 60, 69]
        } else {
            [24, 44, 57, 69]
        };
        match self.dice.roll(100) {
            roll if roll <= chance[0] => self.arrive(),
            roll if roll <= chance[1] => self.answer_an_offer(),
            roll if roll <= chance[2] => self.work(),
            roll if roll <= chance[3] => self.come_or_go(),
            70..=71 => self.report_a_call(),
            72..=77 => self.change_a_contact(),
            78..=94 => self.let_time_pass(),
            95..=96 => self.steer(),
            97 => self.reload(),
            98 => self.snapshot = (self.engine.snapshot(), self.history.len()),
            _ => self.crash(),
        }
    }

    fn everybody_comes(&mut self) {
        for agent in (0..self.oracle.registry.agents.all().len()).map(AgentKey::from) {
            let by = self.oracle.registry.agents.name(agent).text();
            self.agent_does(agent, Act::Connect);
            let intent = Intention::Ready;
            let session = Some(1);
            self.agent_does(
                agent,
                Act::Intend {
                    session,
                    intent,
                    by,
                },
            );
        }
    }

    /// Agents are there, and much is served at a time.
    fn take_lively_step(&mut self) {
        match self.dice.roll(24) {
            20..=21 => self.talk(),
            22..=23 => self.report_a_call(),
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
            // Where contacts are held, parked and shared, idle time is not followed here.
            self.oracle.sought_agent = self.is_calm && self.judge_choice(&emitted.recorded.event);
            self.oracle.hear(&emitted.recorded, emitted.told);
            self.history.push(emitted.recorded);
        }
    }

    /// What is told of a choice begins with what was chosen. True where the contact looked
    /// for an agent.
    fn judge_choice(&self, event: &Event) -> bool {
        let Event::OfferMade { offer, agent, .. } = event else {
            return false;
        };
        let Some(choice) = self.engine.choice_of_offer(*offer) else {
            return false;
        };
        assert_eq!(choice.agent, *agent);
        match &choice.how {
            How::ForContact { shortlist, .. } => assert_eq!(shortlist[0].agent, *agent),
            How::ForAgent { heads, .. } => assert_eq!(heads[0].contact, offer.contact),
            How::Meant | How::Assigned { .. } => {}
        }
        matches!(choice.how, How::ForContact { .. })
    }

    fn arrive(&mut self) {
        let dice = &mut self.dice;
        self.contacts += 1;
        let mut intake = Intake::new(*dice.pick(&Channel::ALL).unwrap());
        if self.is_calling && !dice.once_in(4) {
            intake.channel = *dice.pick(&[Channel::App, Channel::Hotline]).unwrap();
        }
        if !dice.once_in(3) {
            intake.queue = dice
                .pick(&self.options.queues)
                .map(|queue| queue.id.clone());
        }
        if dice.once_in(3) {
            let phone = format!("+861380000000{}", dice.roll(6));
            let phone = Identity::new(IdentityKind::Phone, &phone).unwrap();
            intake.identities = Identities::new(vec![phone]);
        }
        if dice.once_in(6) {
            intake.requires = Requirements::new(vec![draw_skill(dice, 4)]);
        }
        if dice.once_in(8) {
            intake.agent = Some(draw_agent_name(dice));
            intake.or_queue = !dice.once_in(3);
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
            3..=8 if self.is_calm => Act::Accept { session, offer },
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
        let act = if self.is_calm || self.dice.once_in(2) {
            self.draw_work(session, contact)
        } else {
            self.draw_aside(session, contact)
        };
        self.agent_does(agent, act);
    }

    fn draw_work(&mut self, session: u64, contact: ContactId) -> Act {
        let sides = if self.is_calm { 7 } else { 17 };
        match self.dice.roll(sides) {
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
            11 => Act::Recall { session, contact },
            12 => Act::NoShow { session, contact },
            13 => Act::FailCallback {
                session,
                contact,
                outcome: None,
            },
            _ => Act::Pull {
                session,
                queue: self.any_queue(),
                contact: self.dice.once_in(2).then(|| self.any_contact()),
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
        let sides = if self.is_calm { 9 } else { 12 };
        let act = match self.dice.roll(sides) {
            0..=2 => Act::Connect,
            3 if self.is_calm && !self.dice.once_in(4) => Act::Connect,
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
        let command = match self.dice.roll(13) {
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
            10..=12 => ContactCommand::Callback {
                contact,
                phone: self.dice.once_in(2).then(|| {
                    format!("+861380000000{}", self.dice.roll(6))
                        .as_str()
                        .into()
                }),
                customer_first: !self.dice.once_in(3),
                key,
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
            // Offers are answered before they are over.
            _ if self.is_calm && !self.dice.once_in(6) => Millis(self.dice.roll(400).cast_signed()),
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
        loop {
            self.oracle.judge_order = true;
            let more = self.engine.expire(self.now, 1);
            self.drain();
            if !more {
                return;
            }
        }
    }

    fn steer(&mut self) {
        let (queue, by) = (self.any_queue(), "s1".into());
        match self.dice.roll(4) {
            0 if !self.is_calm => self.command(Command::Site(SiteCommand::Pause {
                queue,
                by,
                key: None,
            })),
            0..=2 => self.command(Command::Site(SiteCommand::Resume {
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
        let mut next = draw_centre(&mut self.dice, self.is_calm);
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
        let before = self.engine.snapshot();
        let foreseen = self.engine.foresee_reload(&next).unwrap();
        assert!(
            self.engine.snapshot() == before,
            "looking ahead leaves no mark"
        );
        self.oracle.judge_foreseen(&foreseen, &next);
        let seen = self.history.len();
        self.command(Command::Site(SiteCommand::Configure(Arc::new(next))));
        assert_eq!(
            self.engine.reloaded(),
            Some(&foreseen),
            "it says what it has done"
        );
        self.judge_done(&foreseen, seen);
    }

    /// What a reload did is what was foreseen, by the events alone: those before the ordinary
    /// rules go on from there.
    fn judge_done(&self, foreseen: &Effects, seen: usize) {
        let events = self.history[seen..].iter().map(|recorded| &recorded.event);
        let done: Vec<&Event> = events
            .take_while(|event| {
                !matches!(
                    event,
                    Event::OfferMade { .. }
                        | Event::CallbackDialled { .. }
                        | Event::EscalationFired { .. }
                )
            })
            .collect();
        let count =
            |is_so: fn(&Event) -> bool| done.iter().filter(|event| is_so(event)).count() as u64;
        let moved = count(|event| matches!(event, Event::ContactMoved { .. }));
        let lost = count(|event| matches!(event, Event::ContactUnroutable { .. }));
        let found = count(|event| matches!(event, Event::ContactRoutable { .. }));
        let taken_back = count(|event| matches!(event, Event::OfferEnded { .. }));
        assert_eq!(
            (moved, lost, found, taken_back),
            (
                foreseen.moved,
                foreseen.unroutable,
                foreseen.routable,
                foreseen.agents_gone.hold.offered
            ),
            "moved, unroutable, routable, taken back"
        );
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
