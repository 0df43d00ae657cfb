//! An agent as the engine holds it: intent, session and health are three separate facts, and free
//! capacity is what the held contacts leave.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use crate::domain::{Channel, Millis, PerChannel, Text, Timestamp};
use crate::engine::options::CATEGORIES_MAX;
use crate::engine::state::attention::Attention;
use crate::engine::state::capacity::{Class, Count};
use crate::engine::state::carried_out::CarriedOut;
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

/// What the agent asked for. Connecting and reconnecting never change it.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Intent {
    #[n(0)]
    NotReady {
        #[n(0)]
        reason: Text,
    },
    #[n(1)]
    Ready,
    /// Finishes the work in hand, then is not ready.
    #[n(2)]
    Draining {
        #[n(0)]
        reason: Text,
    },
}

impl Intent {
    pub const NAMES: [&'static str; 3] = ["not_ready", "ready", "draining"];

    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotReady { .. } => "not_ready",
            Self::Ready => "ready",
            Self::Draining { .. } => "draining",
        }
    }

    pub fn reason(&self) -> Option<&Text> {
        match self {
            Self::NotReady { reason } | Self::Draining { reason } => Some(reason),
            Self::Ready => None,
        }
    }
}

/// Named in events where the server itself acted.
pub const BY_SYSTEM: &str = "system";

/// Why the server itself has an agent not ready.
#[derive(Clone, Copy, Debug)]
pub enum Unready {
    /// Has not asked for work so far.
    NeverReady,
    /// Did not come back within the grace period.
    Lost,
    /// Let too many offers pass.
    NoAnswer,
    /// Is not in the configuration any more.
    Removed,
}

impl From<Unready> for Intent {
    fn from(why: Unready) -> Self {
        let reason = match why {
            Unready::NeverReady => "never_ready",
            Unready::Lost => "lost",
            Unready::NoAnswer => "no_answer",
            Unready::Removed => "removed",
        };
        Self::NotReady {
            reason: Text::from(reason),
        }
    }
}

/// Who set an intent.
pub(in crate::engine) struct SetBy {
    pub by: Text,
    pub is_steered: bool,
}

impl SetBy {
    pub(in crate::engine) fn agent(by: Text) -> Self {
        Self {
            by,
            is_steered: false,
        }
    }

    pub(in crate::engine) fn supervisor(by: Text) -> Self {
        Self {
            by,
            is_steered: true,
        }
    }

    pub(in crate::engine) fn engine() -> Self {
        Self::agent(Text::from(BY_SYSTEM))
    }
}

/// Whether a desktop is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Session {
    #[n(0)]
    Gone,
    #[n(1)]
    Connected {
        #[n(0)]
        number: u64,
    },
    /// Lost; the contacts being served stay until then.
    #[n(2)]
    Grace {
        #[n(0)]
        until: Timestamp,
    },
}

impl Session {
    pub const NAMES: [&'static str; 3] = ["gone", "connected", "grace"];

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Connected { .. } => "connected",
            Self::Grace { .. } => "grace",
        }
    }
}

/// Whether the engine trusts the agent with one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Health {
    #[default]
    #[n(0)]
    Ok,
    #[n(1)]
    CoolingDown {
        #[n(0)]
        until: Timestamp,
        /// The desktop did not confirm an offer, which is not the agent's fault.
        #[n(1)]
        undelivered: bool,
    },
    /// Until the agent sends `ready` again or a supervisor clears it.
    #[n(2)]
    Suspended,
}

/// Suspended: time alone does not restore trust in the agent.
pub(in crate::engine) struct NotTrusted;

impl Health {
    /// When the agent is trusted with the channel again; none: now.
    pub(in crate::engine) const fn rested_at(self) -> Result<Option<Timestamp>, NotTrusted> {
        match self {
            Self::Ok => Ok(None),
            Self::CoolingDown { until, .. } => Ok(Some(until)),
            Self::Suspended => Err(NotTrusted),
        }
    }

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::CoolingDown { .. } => "cooling_down",
            Self::Suspended => "suspended",
        }
    }

    /// It was caused by an offer that was not answered.
    pub const fn is_of_strike(&self) -> bool {
        match self {
            Self::Ok => false,
            Self::CoolingDown { undelivered, .. } => !*undelivered,
            Self::Suspended => true,
        }
    }
}

/// A desktop that has connected may be about to resume for this long: what is new waits until it has
/// what it missed.
pub const RESUMES_WITHIN: Millis = Millis(500);

/// The most offers open to one agent at a time, over all channels: nobody can answer more than two
/// in time.
pub const OPEN_OFFERS_MAX: u32 = 2;

/// Expired offers count against an agent for this long.
pub const STRIKES_WITHIN: Millis = Millis::from_s(600);

/// How a held contact occupies its agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Involvement {
    Offer,
    /// It was offered to another agent first.
    OfferBeside,
    Work,
    /// Work on hold because another contact has interrupted it.
    Interrupted,
    /// An offer to help another agent.
    ConsultOffer,
    Consult,
}

impl Involvement {
    pub const fn is_offer(self) -> bool {
        matches!(self, Self::Offer | Self::OfferBeside | Self::ConsultOffer)
    }

    /// The contact is also in another agent's hands, and counted there.
    pub const fn is_second(self) -> bool {
        matches!(self, Self::OfferBeside | Self::ConsultOffer | Self::Consult)
    }
}

/// What the engine remembers of an agent. What follows from the held contacts and the configuration
/// is not written to snapshots.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Agent {
    #[n(0)]
    pub key: AgentKey,
    /// Still in the configuration.
    #[n(1)]
    pub configured: bool,
    /// As last configured.
    #[n(2)]
    pub label: Option<Text>,
    #[n(3)]
    pub capacity: u32,
    #[n(4)]
    pub intent: Intent,
    /// The supervisor who set the intent; none: the agent or the engine did.
    #[n(5)]
    pub intent_by: Option<Text>,
    #[n(6)]
    pub session: Session,
    /// Sessions so far, which is the number of the newest one.
    #[n(7)]
    pub sessions: u64,
    /// When the newest session began.
    #[n(8)]
    pub connected_at: Timestamp,
    /// The newest desktop may lack frames before this number, that of its welcome; 0 once it has
    /// resumed while messages were unheard.
    #[n(9)]
    pub lacks_upto: u64,
    /// The number of the last frame to this agent: frames are numbered by event.
    #[n(10)]
    pub frames_sent: u64,
    #[n(11)]
    pub health: PerChannel<Health>,
    #[n(12)]
    pub strikes: u32,
    #[n(13)]
    pub last_strike_at: Timestamp,
    /// The end of the last work, or the last `ready`.
    #[n(14)]
    pub idle_since: Timestamp,
    /// The site-wide number of the last offer to this agent: the agent with the lowest is next in
    /// turn.
    #[n(15)]
    pub last_turn: u64,
    #[n(16)]
    pub attention: Attention,
    /// No parked contact comes back unasked before then.
    #[n(17)]
    pub rest_until: Option<Timestamp>,
    /// When its contacts are checked for ends that were never reported.
    #[n(18)]
    pub(in crate::engine) ends_checked_at: Option<Timestamp>,
    #[n(19)]
    #[cbor(default)]
    pub(in crate::engine) carried_out: CarriedOut,
    /// A desktop of the agent has acknowledged a message since the agent signed in.
    #[n(20)]
    #[cbor(default)]
    pub(in crate::engine) acknowledges: bool,
    #[cbor(skip)]
    pub load: Load,
}

/// What an agent holds, counted incrementally.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    pub capacity: u32,
    pub used: u32,
    pub offers: u32,
    /// Contacts that are also in another agent's hands, and counted there.
    pub seconds: u32,
    /// Contacts on hold because another one has interrupted them.
    pub interrupted: u32,
    /// By channel: of tiers without reserved capacity, and of tiers with it.
    pub(in crate::engine) counts: [PerChannel<Count>; 2],
    pub(in crate::engine) per_category: [u32; CATEGORIES_MAX + 1],
    /// The contact that room is kept for, and its class.
    pub(in crate::engine) keeps_room_for: Option<(Slot, Class)>,
    /// Contacts held, by slot, oldest first.
    pub held: SmallVec<[Slot; 4]>,
    /// Parked contacts, by arrival.
    pub parked: BTreeSet<(u64, Slot)>,
    /// Those of `parked` that have woken, the first to wake first.
    pub woken: BTreeSet<(Timestamp, u64, Slot)>,
}

impl Agent {
    pub fn new(key: AgentKey) -> Self {
        Self {
            key,
            configured: true,
            label: None,
            capacity: 0,
            intent: Unready::NeverReady.into(),
            intent_by: None,
            session: Session::Gone,
            sessions: 0,
            connected_at: Timestamp::default(),
            lacks_upto: 0,
            frames_sent: 0,
            health: PerChannel::default(),
            strikes: 0,
            last_strike_at: Timestamp::default(),
            idle_since: Timestamp::default(),
            last_turn: 0,
            attention: Attention::default(),
            rest_until: None,
            ends_checked_at: None,
            carried_out: CarriedOut::default(),
            acknowledges: false,
            load: Load::default(),
        }
    }

    /// Contacts that share the agent's attention.
    pub fn works_on(&self) -> u32 {
        self.at_work() - self.load.interrupted
    }

    /// Contacts in hand, not counting offers.
    pub fn at_work(&self) -> u32 {
        u32::try_from(self.load.held.len()).expect("hands are few") - self.load.offers
    }

    pub fn is_connected(&self) -> bool {
        matches!(self.session, Session::Connected { .. })
    }

    pub fn has_session(&self, session: u64) -> bool {
        self.session == Session::Connected { number: session }
    }

    /// An agent that has reconnected since then may not have received the result of a command.
    pub fn has_come_back_since(&self, then: Timestamp) -> bool {
        self.connected_at > then
    }

    /// It has connected a moment ago.
    pub(in crate::engine) fn may_resume(&self, now: Timestamp) -> bool {
        now - self.connected_at < RESUMES_WITHIN
    }

    /// Signed in and ready, or at work and ready again afterwards.
    pub fn is_staffed(&self) -> bool {
        self.configured && self.is_connected() && self.intent == Intent::Ready
    }

    /// Ready, but the desktop is lost and may come back within the grace period.
    pub fn is_away(&self) -> bool {
        let lost = matches!(self.session, Session::Grace { .. });
        self.configured && lost && self.intent == Intent::Ready
    }

    pub fn is_healthy(&self, channel: Channel) -> bool {
        *self.health.get(channel) == Health::Ok
    }

    /// The health of a staffed agent; ok for any other.
    pub(in crate::engine) fn ails(&self) -> PerChannel<Health> {
        if self.is_staffed() {
            self.health
        } else {
            PerChannel::default()
        }
    }
}
