//! Plays a random tape: a randomly drawn centre, then one command after another, with crashes,
//! reloads and the passing of time in between.
//!
//! This module decides which kind of step comes next, and checks what holds after any command; the
//! commands are grouped by who gives them, and the oracle checks what must be true.

mod adapters;
mod arrive;
mod calls;
mod come_or_go;
mod pick;
mod serve;
mod steer;

use std::collections::BTreeMap;
use std::sync::Arc;

use switchboard::domain::{Millis, Timestamp};
use switchboard::engine::choosing::choice::Basis;
use switchboard::engine::command::{Act, AgentCommand, Command, CommandKey, DeskAct, SiteCommand};
use switchboard::engine::event::{AgentEvent, Event, OfferEvent, Recorded};
use switchboard::engine::options::Options;
use switchboard::engine::state::registry::AgentKey;
use switchboard::engine::{Done, Engine};

use super::dice::Dice;
use super::draw::draw_centre;
use super::oracle::{Oracle, Place};

pub(super) struct Player {
    seed: u64,
    dice: Dice,
    options: Options,
    engine: Engine,
    oracle: Oracle,
    now: Timestamp,
    history: Vec<Recorded>,
    /// A snapshot, and how much of the history it contains.
    snapshot: (Vec<u8>, usize),
    contacts: u128,
    /// The newest command of each agent's desktop that was carried out and is remembered.
    carried_out: BTreeMap<AgentKey, (CommandKey, DeskAct)>,
    /// Of these, those whose answers may be lost, because the process has restarted since.
    unanswered: BTreeMap<AgentKey, (CommandKey, DeskAct)>,
    step: u64,
    /// More agents than contacts, so that there is a choice.
    is_calm: bool,
    /// Many contacts are served at a time, parked, and shared.
    is_lively: bool,
    /// Many customers request callbacks, and few answer.
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
            carried_out: BTreeMap::new(),
            unanswered: BTreeMap::new(),
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

    /// Plays this many steps; returns the history's fingerprint.
    pub(super) fn play(mut self, steps: u64) -> [u8; 32] {
        for step in 0..steps {
            self.step = step;
            self.take_step();
            self.oracle.judge_state();
            self.oracle.judge_responses(self.now);
            self.oracle.judge_messages();
            self.oracle.judge_lengths();
            self.oracle.judge_calls(self.now);
            if step % 10 == 9 {
                self.oracle.judge_explanations(&self.engine, self.now);
                self.oracle.judge_hands(&self.engine);
            }
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
        self.oracle.judge_unserved(&self.engine);
        assert_eq!(
            self.replayed(self.step % 80 == 79).state_hash(),
            self.engine.state_hash()
        );
    }

    /// The engine after a crash here, recovered from the snapshot or from the very beginning.
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

    /// Agents are there, and many contacts are served at a time.
    fn take_lively_step(&mut self) {
        match self.dice.roll(24) {
            20..=21 => self.talk(),
            22..=23 => self.report_a_call(),
            0..=2 => self.arrive(),
            3..=9 => self.answer_an_offer(),
            10..=15 => self.work(),
            16..=18 => self.come(),
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
        let catches_up = match &command {
            Command::Agent(AgentCommand {
                agent,
                act:
                    Act::Desk {
                        act: DeskAct::CatchUp,
                        ..
                    },
            }) if outcome.is_ok() => self.oracle.registry.agents.key(agent.as_str()),
            Command::Agent(_)
            | Command::Contact(_)
            | Command::ByAdapter { .. }
            | Command::Site(_) => None,
        };
        if let Command::ByAdapter {
            adapter,
            command: said,
        } = &command
        {
            self.oracle.judge_told(adapter, said, &outcome);
        }
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
        if let Some(agent) = catches_up {
            self.oracle.desks.get_mut(&agent).unwrap().knows_all = true;
        }
    }

    fn drain(&mut self) {
        while let Some(emitted) = self.engine.poll_event() {
            self.oracle.sought_agent = self.is_calm && self.judge_choice(&emitted.recorded.event);
            self.oracle.hear(&emitted.recorded, emitted.told);
            if let Event::Agent(agent, AgentEvent::Gone) = &emitted.recorded.event {
                self.carried_out.remove(agent);
                self.unanswered.remove(agent);
            }
            self.history.push(emitted.recorded);
        }
    }

    /// The explanation of a choice starts with the chosen one. True if the contact looked for an
    /// agent.
    fn judge_choice(&self, event: &Event) -> bool {
        let Event::Offer(offer, OfferEvent::Made { agent, .. }) = event else {
            return false;
        };
        let Some(choice) = self.engine.choice_of_offer(*offer) else {
            return false;
        };
        assert_eq!(choice.agent, *agent);
        match &choice.how {
            Basis::ForContact { shortlist, .. } => assert_eq!(shortlist[0].agent, *agent),
            Basis::ForAgent { heads, .. } => assert_eq!(heads[0].contact, offer.contact),
            Basis::Meant | Basis::Assigned { .. } => {}
        }
        matches!(choice.how, Basis::ForContact { .. })
    }

    /// Lets time pass: to the next deadline, a moment, or a while.
    fn let_time_pass(&mut self) {
        let span = match self.dice.roll(4) {
            // Offers are answered before they expire.
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

    /// Desktops give each command a key of its own.
    fn agent_does(&mut self, agent: AgentKey, act: Act) {
        let Act::Desk { session, act, .. } = act else {
            return self.by_agent(agent, act);
        };
        let key = CommandKey(self.history.len() as u64);
        self.by_agent(agent, act.clone().under(key, session));
        let carried_out = AgentEvent::CarriedOut { key };
        let newest = self.history.last().map(|recorded| &recorded.event);
        if newest == Some(&Event::Agent(agent, carried_out)) {
            self.carried_out.insert(agent, (key, act));
            self.unanswered.remove(&agent);
        } else if let DeskAct::Resync { .. } = act {
            self.repeat(agent, session);
        }
    }

    /// A desktop that has come back repeats its newest command: nothing happens again.
    fn repeat(&mut self, agent: AgentKey, session: u64) {
        let Some((key, act)) = self.unanswered.get(&agent).cloned() else {
            return;
        };
        let desk = self.oracle.desks.get(&agent);
        if desk.is_none_or(|desk| desk.session != Some(session)) {
            return;
        }
        let so_far = self.history.len();
        let act = act.under(key, session);
        let agent = self.oracle.registry.agents.name(agent).clone();
        let repeated = Command::Agent(AgentCommand { agent, act });
        assert_eq!(self.engine.handle(self.now, repeated), Ok(Done::Again));
        self.drain();
        assert_eq!(self.history.len(), so_far, "it was carried out again");
    }

    fn by_agent(&mut self, agent: AgentKey, act: Act) {
        let agent = self.oracle.registry.agents.name(agent).clone();
        self.command(Command::Agent(AgentCommand { agent, act }));
    }
}
