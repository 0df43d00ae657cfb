//! One contact as its clients have seen it.

use serde_json::Value;

/// How a repeated request identifies itself.
#[derive(Clone, Debug)]
pub(super) enum Key {
    /// `external_id`, in the body.
    External,
    /// `Idempotency-Key`, in the head.
    Request(String),
}

/// A period in which one agent had the contact, by the server's own instants.
#[derive(Clone, Debug)]
pub(super) struct Span {
    /// Which server it was.
    pub(super) run: u64,
    pub(super) agent: String,
    /// The number of the offer; none while the contact is being served.
    pub(super) offer: Option<u64>,
    /// The number of the frame that reported it.
    pub(super) seq: u64,
    pub(super) from_ms: i64,
    pub(super) until: Until,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    Open,
    /// It ended at an unknown time.
    Unknown,
    Ms(i64),
}

/// What the server has confirmed about a contact.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub(super) key: Key,
    pub(super) body: Value,
    /// Set once; before that nothing was promised.
    pub(super) id: Option<String>,
    pub(super) not_before_ms: Option<i64>,
    /// Commands about it that are sent and not answered.
    pub(super) doubts: u32,
    /// The agent whose `accept` was answered `ok`, until a transfer.
    pub(super) agent: Option<String>,
    /// `complete` was answered `ok`.
    pub(super) is_completed: bool,
    /// The final state, once seen.
    pub(super) ended: Option<String>,
    pub(super) ended_frames: u32,
    pub(super) spans: Vec<Span>,
    /// Its history, for diagnosis.
    pub(super) story: Vec<String>,
    /// Whether something happened since it was last compared with the server.
    pub(super) is_touched: bool,
}

pub(super) const FINAL: [&str; 4] = ["completed", "abandoned", "cancelled", "deflected"];

impl Span {
    /// Until when it is certain to have lasted.
    fn end_ms(&self) -> i64 {
        match self.until {
            Until::Open => i64::MAX,
            Until::Unknown => self.from_ms,
            Until::Ms(ms) => ms,
        }
    }

    fn overlaps(&self, later: &Self) -> bool {
        let end_ms = self.end_ms();
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

    /// An accept was answered; returns who else certainly has it.
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

    /// A transfer was answered; if refused, another agent already has the contact.
    pub(super) fn hand_on(&mut self, agent: &str, stays: bool) -> Option<String> {
        if !stays && !self.is_completed && self.agent.as_deref() == Some(agent) {
            self.agent = None;
        }
        None
    }

    fn open_spans(&mut self, agent: &str) -> impl Iterator<Item = &mut Span> {
        let spans = self.spans.iter_mut().rev();
        spans.filter(move |span| span.agent == agent && span.until == Until::Open)
    }

    pub(super) fn end_offer(&mut self, agent: &str, offer: u64, until: Until) {
        let mut spans = self.open_spans(agent);
        if let Some(span) = spans.find(|span| span.offer == Some(offer)) {
            span.until = until;
        }
    }

    /// The agent has accepted; missed frames may be received after later ones.
    pub(super) fn begin_service(&mut self, service: Span) {
        let earlier = |span: &&mut Span| span.offer.is_some() && span.seq < service.seq;
        let offer = self.open_spans(&service.agent).find(earlier);
        if let Some(offer) = offer {
            offer.until = Until::Ms(service.from_ms);
        }
        self.spans.push(service);
    }

    pub(super) fn end_service(&mut self, agent: &str, seq: u64, until: Until) {
        let mut spans = self.open_spans(agent);
        if let Some(span) = spans.find(|span| span.offer.is_none() && span.seq < seq) {
            span.until = until;
        }
    }

    /// The agent serves it; since when may be unknown.
    pub(super) fn hold(&mut self, service: Span) {
        let is_known = self
            .open_spans(&service.agent)
            .any(|span| span.offer.is_none());
        if !is_known {
            self.spans.push(service);
        }
    }

    /// The state was sent anew: offers of earlier sessions are gone, as is everything that the
    /// agent no longer holds.
    pub(super) fn let_go(&mut self, agent: &str, is_held: bool, session_seq: u64) {
        for span in self.open_spans(agent) {
            let is_old_offer = span.offer.is_some() && span.seq < session_seq;
            if is_old_offer || (span.offer.is_none() && !is_held) {
                span.until = Until::Unknown;
            }
        }
    }

    /// Two agents who had it at the same time.
    pub(super) fn conflict(&self) -> Option<(Span, Span)> {
        let mut spans = self.spans.clone();
        spans.sort_by_key(|span| (span.run, span.from_ms, span.end_ms()));
        spans.iter().enumerate().find_map(|(index, earlier)| {
            let mut later = spans[index + 1..].iter();
            let hit = later.find(|later| earlier.overlaps(later));
            hit.map(|later| (earlier.clone(), later.clone()))
        })
    }

    /// What is wrong with the contact as the server shows it, if anything.
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
