//! The fields that a condition may read.

use crate::domain::Attributes;

/// In the order of [`Root`].
pub(super) const ROOTS: [&str; 3] = ["contact", "customer", "queue"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    Contact,
    Customer,
    Queue,
}

/// One field. Each always has a value: text that was not given is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Channel,
    Topic,
    /// The customer's first message.
    Text,
    Language,
    /// 0 until set.
    Sentiment,
    Attributes,
    /// Whole seconds since first queued.
    WaitedS,
    Step,
    Offers,
    OffersEnded,
    CustomerKnown,
    CustomerId,
    Tier,
    AccountManager,
    LastAgent,
    QueueId,
    Waiting,
    BeingOffered,
    Staffed,
    LongestWaitS,
    Paused,
}

/// The value of a field.
#[derive(Clone, Copy, Debug)]
pub enum Fact<'a> {
    Flag(bool),
    Whole(i64),
    Decimal(f64),
    Text(&'a str),
    Attributes(&'a Attributes),
}

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Flag,
    Whole,
    Decimal,
    Text,
    Attributes,
    /// One attribute: a flag, a decimal number or text.
    Anything,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Flag => "a flag",
            Self::Whole => "a whole number",
            Self::Decimal => "a decimal number",
            Self::Text => "text",
            Self::Attributes => "the attributes",
            Self::Anything => "an attribute",
        }
    }
}

impl Field {
    pub const ALL: [Self; 21] = [
        Self::Channel,
        Self::Topic,
        Self::Text,
        Self::Language,
        Self::Sentiment,
        Self::Attributes,
        Self::WaitedS,
        Self::Step,
        Self::Offers,
        Self::OffersEnded,
        Self::CustomerKnown,
        Self::CustomerId,
        Self::Tier,
        Self::AccountManager,
        Self::LastAgent,
        Self::QueueId,
        Self::Waiting,
        Self::BeingOffered,
        Self::Staffed,
        Self::LongestWaitS,
        Self::Paused,
    ];

    pub(super) const fn path(self) -> (Root, &'static str) {
        let (root, name, _) = self.described();
        (root, name)
    }

    pub(super) const fn kind(self) -> Kind {
        let (_, _, kind) = self.described();
        kind
    }

    const fn described(self) -> (Root, &'static str, Kind) {
        match self {
            Self::Channel => (Root::Contact, "channel", Kind::Text),
            Self::Topic => (Root::Contact, "topic", Kind::Text),
            Self::Text => (Root::Contact, "text", Kind::Text),
            Self::Language => (Root::Contact, "language", Kind::Text),
            Self::Sentiment => (Root::Contact, "sentiment", Kind::Decimal),
            Self::Attributes => (Root::Contact, "attributes", Kind::Attributes),
            Self::WaitedS => (Root::Contact, "waited_s", Kind::Whole),
            Self::Step => (Root::Contact, "step", Kind::Whole),
            Self::Offers => (Root::Contact, "offers", Kind::Whole),
            Self::OffersEnded => (Root::Contact, "offers_ended", Kind::Whole),
            Self::CustomerKnown => (Root::Customer, "known", Kind::Flag),
            Self::CustomerId => (Root::Customer, "id", Kind::Text),
            Self::Tier => (Root::Customer, "tier", Kind::Text),
            Self::AccountManager => (Root::Customer, "account_manager", Kind::Text),
            Self::LastAgent => (Root::Customer, "last_agent", Kind::Text),
            Self::QueueId => (Root::Queue, "id", Kind::Text),
            Self::Waiting => (Root::Queue, "waiting", Kind::Whole),
            Self::BeingOffered => (Root::Queue, "offered", Kind::Whole),
            Self::Staffed => (Root::Queue, "staffed", Kind::Whole),
            Self::LongestWaitS => (Root::Queue, "longest_wait_s", Kind::Whole),
            Self::Paused => (Root::Queue, "paused", Kind::Flag),
        }
    }

    pub(super) fn named(root: &str, name: &str) -> Option<Self> {
        let is = |field: &Self| {
            let (own, known) = field.path();
            ROOTS[own as usize] == root && known == name
        };
        Self::ALL.into_iter().find(is)
    }

    /// `contact.channel, contact.topic, …`: the allowed names.
    pub(super) fn names() -> String {
        let names = Self::ALL.map(|field| {
            let (root, name) = field.path();
            format!("{}.{name}", ROOTS[root as usize])
        });
        names.join(", ")
    }
}
