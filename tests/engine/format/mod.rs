//! The format of the journal and of snapshots: bytes that were written once can be read for ever.
//!
//! The history below has every kind of event, and ends with contacts in every stage.

mod serving;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use minicbor::{Decode, Decoder, Encode};
use switchboard::domain::{Channel, ContactId, OfferId, Text, Timestamp};
use switchboard::engine::Engine;
use switchboard::engine::event::{
    AgentEvent, CallbackEvent, ConsultEvent, ContactEvent, Cooling, Event, Labels, LineEvent,
    MessageEvent, OfferEvent, QueueEvent, Recorded, RuleEvent, ServiceEvent, SiteEvent,
};
use switchboard::engine::state::registry::{AgentKey, QueueKey, TierKey};

const EVENTS: &str = "d396578fda15868fe676fe46037b18e6";
const SNAPSHOT: &str = "32d0fa8962482255394289945bc8d49f";

const WHAT_TO_DO: &str = "If you have only added samples, or before the first release, update the \
    constant. Otherwise take the change back: after a release the format may only be extended, by \
    numbers that were never used.";

const A1: AgentKey = AgentKey(0);
const A2: AgentKey = AgentKey(1);
const A3: AgentKey = AgentKey(2);
const Q: QueueKey = QueueKey(0);
const R: QueueKey = QueueKey(1);
const LABELS: Labels = Labels {
    queue: Q,
    channel: Channel::App,
    tier: TierKey(3),
};
const COOLING: Option<Cooling> = Some(Cooling {
    until: Timestamp(90_000),
    lift_at: Some(Timestamp(80_000)),
    times: 1,
});

const fn c(number: u128) -> ContactId {
    ContactId(number)
}

const fn offer(contact: u128, number: u32) -> OfferId {
    OfferId {
        contact: c(contact),
        number,
    }
}

fn text(text: &str) -> Text {
    Text::from(text)
}

fn history() -> Vec<Event> {
    let mut events = waiting::centre_events();
    events.extend((1..=10).map(waiting::arrival));
    events.extend(waiting::in_line());
    events.extend(waiting::ruled());
    events.extend(waiting::called_back());
    events.extend(serving::offered());
    events.extend(serving::served());
    events.extend(serving::consulted());
    events.extend(serving::ended());
    events
}

/// The number of a variant as it is written.
fn number(event: &impl Encode<()>) -> u32 {
    let bytes = minicbor::to_vec(event).unwrap();
    let mut read = Decoder::new(&bytes);
    read.array().unwrap();
    read.u32().unwrap()
}

/// The numbers of all variants that can be read.
fn numbers<T: for<'b> Decode<'b, ()>>() -> BTreeSet<u32> {
    let is_known = |number: &u32| {
        let without_fields = minicbor::to_vec((number, [(); 0])).unwrap();
        let read = minicbor::decode::<T>(&without_fields);
        read.err().is_none_or(|error| !error.is_unknown_variant())
    };
    (0..200).filter(is_known).collect()
}

/// The group of an event, its number in it, and all numbers that there are.
fn kind(event: &Event) -> (u32, u32, BTreeSet<u32>) {
    let (inner, all) = match event {
        Event::Site(event) => (number(event), numbers::<SiteEvent>()),
        Event::Queue(_, event) => (number(event), numbers::<QueueEvent>()),
        Event::Agent(_, event) => (number(event), numbers::<AgentEvent>()),
        Event::Contact(_, event) => (number(event), numbers::<ContactEvent>()),
        Event::Line(_, event) => (number(event), numbers::<LineEvent>()),
        Event::Rule(_, event) => (number(event), numbers::<RuleEvent>()),
        Event::Callback(_, event) => (number(event), numbers::<CallbackEvent>()),
        Event::Offer(_, event) => (number(event), numbers::<OfferEvent>()),
        Event::Service(_, _, event) => (number(event), numbers::<ServiceEvent>()),
        Event::Consult(_, event) => (number(event), numbers::<ConsultEvent>()),
        Event::Message(_, event) => (number(event), numbers::<MessageEvent>()),
    };
    (number(event), inner, all)
}

fn recorded() -> Vec<Recorded> {
    let numbered = (1..).zip(history());
    let recorded = numbered.map(|(seq, event)| Recorded {
        seq,
        at: Timestamp(1_000 * i64::try_from(seq).unwrap()),
        event,
    });
    recorded.collect()
}

fn fingerprint(bytes: &[u8]) -> String {
    Engine::hash_of(bytes)[..16]
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
}

#[test]
fn every_kind_of_event_has_a_sample() {
    let mut lacking: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for event in history() {
        let (group, number, all) = kind(&event);
        lacking.entry(group).or_insert(all).remove(&number);
    }
    let groups: BTreeSet<u32> = lacking.keys().copied().collect();
    assert_eq!(groups, numbers::<Event>(), "groups of events");
    lacking.retain(|_, numbers| !numbers.is_empty());
    assert_eq!(
        lacking,
        BTreeMap::new(),
        "kinds of events without a sample: add them to the history above"
    );
}

#[test]
fn what_was_written_once_can_be_read_for_ever() {
    let (mut written, mut engine) = (Vec::new(), Engine::new());
    for recorded in recorded() {
        let bytes = minicbor::to_vec(&recorded).unwrap();
        assert_eq!(minicbor::decode::<Recorded>(&bytes).unwrap(), recorded);
        engine.apply(&recorded);
        written.extend(bytes);
    }
    assert_eq!(
        fingerprint(&written),
        EVENTS,
        "The format of events has changed. {WHAT_TO_DO}"
    );
    let stage = |number| engine.contact(c(number)).unwrap().state.name();
    let stages: BTreeSet<&str> = (1..=10).map(stage).collect();
    assert_eq!(stages.len(), 8, "not all stages: {stages:?}");
    let snapshot = engine.snapshot();
    let restored = Engine::restore(&snapshot).unwrap();
    assert_eq!(restored.snapshot(), snapshot);
    assert_eq!(
        fingerprint(&snapshot),
        SNAPSHOT,
        "The format of snapshots, or what they hold after these events, has changed. {WHAT_TO_DO}"
    );
}
