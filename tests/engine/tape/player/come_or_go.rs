//! Agents who connect, are ready, and go.

use switchboard::engine::command::{Act, DeskAct, Intention};
use switchboard::engine::state::registry::AgentKey;

use super::Player;

impl Player {
    pub(super) fn everybody_comes(&mut self) {
        for agent in (0..self.oracle.registry.agents.all().len()).map(AgentKey::from) {
            let by = self.oracle.registry.agents.name(agent).text();
            self.agent_does(agent, Act::Connect);
            let intent = Intention::Ready;
            self.agent_does(agent, DeskAct::Intend { intent, by }.of(1));
        }
    }

    /// Connects, or is ready once connected.
    pub(super) fn come(&mut self) {
        let agent = self.any_agent();
        let desk = self.oracle.desks.get(&agent);
        let session = desk.and_then(|desk| desk.session);
        let by = self.oracle.registry.agents.name(agent).text();
        let act = match session {
            None => Act::Connect,
            Some(session) => DeskAct::Intend {
                intent: Intention::Ready,
                by,
            }
            .of(session),
        };
        self.agent_does(agent, act);
    }

    pub(super) fn come_or_go(&mut self) {
        let agent = self.any_agent();
        let session = self.session_of(agent);
        let by = self.oracle.registry.agents.name(agent).text();
        let sides = if self.is_calm { 9 } else { 14 };
        let upto = if self.is_calm {
            0
        } else {
            self.some_frame_of(agent)
        };
        let act = match self.dice.roll(sides) {
            0..=2 => Act::Connect,
            3 if self.is_calm && !self.dice.once_in(4) => Act::Connect,
            3 => DeskAct::Lose.of(session),
            4..=8 => DeskAct::Intend {
                intent: Intention::Ready,
                by,
            }
            .of(session),
            9 => {
                let reason = "break".into();
                let intent = Intention::NotReady { reason };
                DeskAct::Intend { intent, by }.of(session)
            }
            10 => {
                let reason = "end".into();
                let intent = Intention::Draining { reason };
                let key = None;
                Act::Intend { intent, by, key }
            }
            11 => DeskAct::Resync { upto }.of(session),
            12 if upto.is_multiple_of(2) => DeskAct::Release.of(session),
            12 => DeskAct::CatchUp.of(session),
            _ if upto.is_multiple_of(2) => DeskAct::Resume { upto }.of(session),
            _ => DeskAct::Hear { upto }.of(session),
        };
        self.agent_does(agent, act);
    }

    /// One that was sent, or one ahead.
    fn some_frame_of(&mut self, agent: AgentKey) -> u64 {
        let told = self.oracle.desks.get(&agent).map_or(0, |desk| desk.told);
        let back = self.dice.roll(8);
        (told + 1).saturating_sub(back)
    }
}
