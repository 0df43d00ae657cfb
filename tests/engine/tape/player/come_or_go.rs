//! Agents who connect, are ready, and go.

use switchboard::engine::command::{Act, Intention};
use switchboard::engine::registry::AgentKey;

use super::Player;

impl Player {
    pub(super) fn everybody_comes(&mut self) {
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
                    key: None,
                },
            );
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
            Some(_) => Act::Intend {
                session,
                intent: Intention::Ready,
                by,
                key: None,
            },
        };
        self.agent_does(agent, act);
    }

    pub(super) fn come_or_go(&mut self) {
        let agent = self.any_agent();
        let session = self.session_of(agent);
        let by = self.oracle.registry.agents.name(agent).text();
        let intend = |session, intent| Act::Intend {
            session,
            intent,
            by,
            key: None,
        };
        let sides = if self.is_calm { 9 } else { 14 };
        let upto = if self.is_calm {
            0
        } else {
            self.some_frame_of(agent)
        };
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
            11 => Act::Resync { session, upto },
            12 => Act::CatchUp { session },
            _ => Act::Hear { session, upto },
        };
        self.agent_does(agent, act);
    }

    /// One that it was told, or one ahead.
    fn some_frame_of(&mut self, agent: AgentKey) -> u64 {
        let told = self.oracle.desks.get(&agent).map_or(0, |desk| desk.told);
        let back = self.dice.roll(8);
        (told + 1).saturating_sub(back)
    }
}
