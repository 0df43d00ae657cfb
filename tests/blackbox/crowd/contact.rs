//! One contact as its clients have seen it.

use serde_json::Value;

/// How a request says that it is the same one.
#[derive(Clone, Debug)]
pub(super) enum Key {
    /// `external_id`, in the body.
    External,
    /// `Idempotency-Key`, in the head.
    Request(String),
}

/// A stretch of time in which one agent had the contact, by the server's own instants.
#[derive(Clone, Debug)]
pub(super) struct Span {
    /// Which server it was.
    pub(super) run: u64,
    pub(super) agent: String,
    pub(super) from_ms: i64,
    pub(super) until: Until,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    Open,
    /// It ended, nobody was told when.
    Unknown,
    Ms(i64),
}

/// What is known of a contact, from what the server has confirmed.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub(super) key: Key,
    pub(super) body: Value,
    /// Given once: before that, nothing was promised.
    pub(super) id: Option<String>,
    pub(super) not_before_ms: Option<i64>,
    /// So many commands about it are sent and not answered.
    pub(super) doubts: u32,
    /// Whose `accept` was answered `ok`, until it was handed on.
    pub(super) agent: Option<String>,
    /// `complete` was answered `ok`.
    pub(super) is_completed: bool,
    /// The final state, once seen.
    pub(super) ended: Option<String>,
    pub(super) ended_frames: u32,
    pub(super) spans: Vec<Span>,
    /// What was told of it, for whoever has to find out.
    pub(super) story: Vec<String>,
    /// Something happened since it was last compared with the server.
    pub(super) is_touched: bool,
}

pub(super) const FINAL: [&str; 4] = ["completed", "abandoned", "cancelled", "deflected"];

impl Span {
    fn overlaps(&self, later: &Self) -> bool {
        let end_ms = match self.until {
            Until::Open => i64::MAX,
            Until::Unknown => self.from_ms,
            Until::Ms(ms) => ms,
        };
        // Spans of different servers cannot be compared, nor can those of one agent overlap.
        self.run == later.run && later.from_ms < end_ms && self.agent != later.agent
    }
}

impl Contact {
    pub(super) fn new(key: Key, body: Value, not_before_ms: Option<i64>) -> Self {
        Self {
            key,
            body,
            id: None,
            not_before_ms,
            doubts: 0,
            agent: None,
            is_completed: false,
            ended: None,
            ended_frames: 0,
            spans: Vec::new(),
            story: Vec::new(),
            is_touched: true,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.id.is_some() && self.ended.is_none()
    }

    /// Nobody is known to have it.
    pub(super) fn is_waiting(&self) -> bool {
        self.is_open() && self.agent.is_none()
    }

    /// An accept was answered; gives who else has it for certain.
    pub(super) fn accept(&mut self, agent: &str, is_ok: bool) -> Option<String> {
        let other = if is_ok {
            self.agent.replace(agent.to_owned())
        } else {
            None
        };
        other.filter(|other| other != agent && self.doubts == 0)
    }

    /// A completion was answered.
    pub(super) fn complete(&mut self, agent: &str, is_ok: bool) -> Option<String> {
        if is_ok {
            self.agent = Some(agent.to_owned());
            self.is_completed = true;
            return None;
        }
        self.hand_on(agent, false)
    }

    /// A transfer was answered: if it was refused, somebody else has the contact already.
    pub(super) fn hand_on(&mut self, agent: &str, stays: bool) -> Option<String> {
        if !stays && !self.is_completed && self.agent.as_deref() == Some(agent) {
            self.agent = None;
        }
        None
    }

    /// Ends the latest span of this agent.
    pub(super) fn end_span(&mut self, agent: &str, until: Until) {
        let spans = self.spans.iter_mut().rev();
        let mut open = spans.filter(|span| span.agent == agent && span.until == Until::Open);
        if let Some(span) = open.next() {
            span.until = until;
        }
    }

    /// Two agents who had it at the same time.
    pub(super) fn conflict(&self) -> Option<(Span, Span)> {
        let mut spans = self.spans.clone();
        spans.sort_by_key(|span| (span.run, span.from_ms));
        spans.iter().enumerate().find_map(|(index, earlier)| {
            let mut later = spans[index + 1..].iter();
            let hit = later.find(|later| earlier.overlaps(later));
            hit.map(|later| (earlier.clone(), later.clone()))
        })
    }

    /// What is wrong with the contact as the server shows it, if anything is.
    pub(super) fn contradiction(&self, seen: &Value) -> Option<String> {
        let state = state_of(seen);
        let agent = seen["agent"].as_str();
        let fits = if let Some(ended) = &self.ended {
            state == ended
        } else if self.is_completed {
            ["wrap_up", "completed"].contains(&state) && agent == self.agent.as_deref()
        } else if self.doubts > 0 {
            true
        } else if self.agent.is_some() {
            state == "active" && agent == self.agent.as_deref()
        } else {
            let scheduled = state == "scheduled" && self.not_before_ms.is_some();
            scheduled || ["queued", "offered"].contains(&state)
        };
        if fits && self.keeps_time(state, seen) {
            return None;
        }
        Some(format!(
            "known: ended {:?}, completed {}, agent {:?}, doubts {}, not before {:?}; server: {seen}",
            self.ended, self.is_completed, self.agent, self.doubts, self.not_before_ms,
        ))
    }

    /// It was not queued before its time.
    fn keeps_time(&self, state: &str, seen: &Value) -> bool {
        let waits = ["scheduled", "abandoned", "cancelled"].contains(&state);
        let (Some(not_before), false) = (self.not_before_ms, waits) else {
            return true;
        };
        ms(&seen["queued_at"]) >= not_before
    }
}

/// Every contact that is shown has a state.
fn state_of(seen: &Value) -> &str {
    seen["state"].as_str().unwrap()
}

/// An instant of the wire in milliseconds.
pub(super) fn ms(instant: &Value) -> i64 {
    let text = instant.as_str().unwrap();
    let instant: jiff::Timestamp = text.parse().unwrap();
    instant.as_millisecond()
}
