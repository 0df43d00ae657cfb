//! What a replay leaves out and assumes, printed below its table so that no figure is overrated.

use std::collections::BTreeSet;

use crate::domain::{Channel, Millis, Name, counted};
use crate::engine::options::Options;
use crate::sim::recorded::patience::OWN_PATIENCE_FROM;
use crate::sim::recorded::{End, Fate, Leaving, Leg, Matter, RecordedDay, Span, with_staff};

/// The most names in one line; the others are only counted.
const NAMED_MAX: usize = 8;

/// The notes on the day, whichever configuration it is replayed with.
pub fn of_day(day: &RecordedDay) -> Vec<String> {
    let under_way = (day.under_way > 0).then(|| {
        let contacts = contacts(day.under_way);
        format!("{contacts} under way when the journal begins")
    });
    let parked = (day.parked > 0).then(|| {
        let contacts = contacts(day.parked);
        format!("the time for which {contacts} lay parked")
    });
    let helped = (day.helped > 0).then(|| {
        let contacts = contacts(day.helped);
        format!("the time of the agents who were consulted on {contacts}")
    });
    let deserted = (day.deserted > 0).then(|| {
        let contacts = contacts(day.deserted);
        format!("the second wait of {contacts} whose agent was lost")
    });
    let left_out: Vec<String> = [under_way, parked, helped, deserted, outages(day)]
        .into_iter()
        .flatten()
        .collect();
    let left_out = (!left_out.is_empty()).then(|| format!("Left out: {}.", left_out.join("; ")));
    let is_open = |matter: &&Matter| matter.legs.last().is_some_and(is_open);
    let open = day.matters.iter().filter(is_open).count();
    let open = (open > 0).then(|| {
        let contacts = contacts(open);
        format!("what {contacts} still open when it ends would have taken")
    });
    let called_back = (day.customer_first > 0).then(|| {
        let contacts = contacts(day.customer_first);
        format!("that an agent dials where the customer was to be called first ({contacts})")
    });
    let assumed = [open, called_back, Some(patience(day))];
    let assumed: Vec<String> = assumed.into_iter().flatten().collect();
    let assumed = format!("Assumed: {}.", assumed.join("; "));
    left_out.into_iter().chain([assumed]).collect()
}

fn outages(day: &RecordedDay) -> Option<String> {
    let times = match day.outages.len() {
        0 => return None,
        1 => "1 time".to_owned(),
        times => format!("{times} times"),
    };
    let ms = day.outages.iter().map(Span::ms).sum();
    let seconds = Millis(ms).as_s_f64();
    Some(format!(
        "the time for which the server was down ({times}, {seconds:.0} s)"
    ))
}

fn is_open(leg: &Leg) -> bool {
    match &leg.fate {
        Fate::Open => true,
        Fate::Left { .. } => false,
        Fate::Served(service) => service.end == End::Open,
    }
}

/// Which abandonments the patience was fitted to.
fn patience(day: &RecordedDay) -> String {
    let legs = |channel: Channel| {
        let those = day.matters.iter();
        let those = those.filter(move |matter| matter.intake.channel == channel);
        those.flat_map(|matter| &matter.legs)
    };
    let gave_up = |channel: Channel| {
        let left = |leg: &&Leg| {
            matches!(
                leg.fate,
                Fate::Left {
                    how: Leaving::GaveUp,
                    ..
                }
            )
        };
        legs(channel).filter(left).count()
    };
    let all: usize = Channel::ALL.into_iter().map(gave_up).sum();
    if all == 0 {
        return "that nobody gives up, as nobody did".to_owned();
    }
    let came = |channel: &Channel| legs(*channel).next().is_some();
    let (own, shared): (Vec<Channel>, Vec<Channel>) = Channel::ALL
        .into_iter()
        .filter(came)
        .partition(|channel| gave_up(*channel) >= OWN_PATIENCE_FROM);
    let mut fits: Vec<String> = own
        .into_iter()
        .map(|channel| format!("{channel} to its own {}", gave_up(channel)))
        .collect();
    if !shared.is_empty() {
        let names: Vec<&str> = shared.iter().map(|channel| channel.name()).collect();
        fits.push(format!("{} to all {all}", names.join(", ")));
    }
    let fits = fits.join("; ");
    format!("the patience of those who were answered, fitted to those who gave up ({fits})")
}

/// What a configuration lacks that the day had, which agents are left out, staff changes that are
/// impossible, and what is assumed because of these.
pub fn of_variant(day: &RecordedDay, name: &str, options: &Options, change: i32) -> Option<String> {
    let (staffed, _) = with_staff(day, options, change);
    let parts = [
        queues(day, options),
        topics(day, options),
        tiers(day, options),
        agents(day, options),
        staff(options, &staffed, change),
    ];
    let lacks = sentence(&format!("{name}: "), parts);
    let assumed = [asked(day, &staffed), called(day, options)];
    let assumed = sentence(&format!("Assumed for {name}: "), assumed);
    let told: Vec<String> = [lacks, assumed].into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(" "))
}

fn sentence<const N: usize>(beginning: &str, parts: [Option<String>; N]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("{beginning}{}.", parts.join("; ")))
}

fn queues(day: &RecordedDay, options: &Options) -> Option<String> {
    let lacks = |queue: &Name| options.queue(queue).is_none();
    let queue = |leg: &Leg| lacks(&leg.queue).then(|| leg.queue.clone());
    let those = |matter: &Matter| matter.legs.iter().filter_map(queue).collect();
    lacking("queue", day, those)
}

/// Recorded topics of queues that no queue lists any more.
fn topics(day: &RecordedDay, options: &Options) -> Option<String> {
    let lists = |options: &Options, topic: &Name| {
        let mut queues = options.queues.iter();
        queues.any(|queue| queue.topics.contains(topic))
    };
    let lacks = |topic: &&Name| lists(&day.options, topic) && !lists(options, topic);
    let those = |matter: &Matter| matter.intake.topic.iter().filter(lacks).cloned().collect();
    lacking("topic", day, those)
}

fn lacking(
    what: &str,
    day: &RecordedDay,
    of: impl Fn(&Matter) -> BTreeSet<Name>,
) -> Option<String> {
    let (names, contacts) = those(day, of);
    let listed = listed(what, &names)?;
    Some(format!("without {listed} ({contacts} elsewhere)"))
}

/// The names, and how many contacts have any of them.
fn those(day: &RecordedDay, of: impl Fn(&Matter) -> BTreeSet<Name>) -> (BTreeSet<Name>, String) {
    let mut names = BTreeSet::new();
    let mut number = 0;
    for matter in &day.matters {
        let those = of(matter);
        number += usize::from(!those.is_empty());
        names.extend(those);
    }
    (names, contacts(number))
}

/// Customers of an unknown tier are of the default one.
fn tiers(day: &RecordedDay, options: &Options) -> Option<String> {
    let lacks = |tier: &&Name| options.tiers.iter().all(|known| known.name != **tier);
    let tier = |matter: &Matter| {
        day.tiers
            .get(matter.tier)
            .into_iter()
            .filter(lacks)
            .cloned()
            .collect()
    };
    let (names, contacts) = those(day, tier);
    let (listed, default) = (listed("tier", &names)?, &options.default_tier);
    Some(format!("without {listed} ({contacts} as {default})"))
}

fn asked(day: &RecordedDay, staffed: &Options) -> Option<String> {
    let lacks = |name: &&Name| staffed.agents.iter().all(|agent| agent.id != **name);
    let agent = |matter: &Matter| matter.intake.agent.iter().filter(lacks).cloned().collect();
    let (names, contacts) = those(day, agent);
    let listed = listed("agent", &names)?;
    Some(format!(
        "that anyone of the queue will do for {contacts} that asked for {listed}"
    ))
}

/// Queues that nobody could call from on that day.
fn called(day: &RecordedDay, options: &Options) -> Option<String> {
    let queues = options.queues.iter().filter(|queue| queue.pull);
    let queues = queues.filter(|queue| !day.was_pulled_from(&queue.id));
    let names: BTreeSet<Name> = queues.map(|queue| queue.id.clone()).collect();
    let listed = listed("queue", &names)?;
    Some(format!("that idle agents call from {listed} at once"))
}

fn agents(day: &RecordedDay, options: &Options) -> Option<String> {
    let is_there = |name: &Name| options.agents.iter().any(|agent| agent.id == *name);
    let gone = day.agents.iter();
    let gone = gone.filter(|agent| !agent.spans.is_empty() && !is_there(&agent.name));
    let names: BTreeSet<Name> = gone.map(|agent| agent.name.clone()).collect();
    let listed = listed("agent", &names)?;
    Some(format!("without {listed}"))
}

fn staff(options: &Options, staffed: &Options, change: i32) -> Option<String> {
    let there = options.agents.len();
    let wanted = change.unsigned_abs() as usize;
    if change < 0 && wanted >= there {
        return Some(format!(
            "it has {}, so that none is left",
            counted(there as u64, "agent")
        ));
    }
    if change > 0 && there == 0 {
        return Some("it has no agents, so that none is added".to_owned());
    }
    let is_there = |name: &Name| staffed.agents.iter().any(|agent| agent.id == *name);
    let names = options.agents.iter().map(|agent| agent.id.clone());
    let names: BTreeSet<Name> = names.filter(|name| !is_there(name)).collect();
    let listed = listed("agent", &names)?;
    Some(format!("{listed} left out"))
}

fn listed(what: &str, names: &BTreeSet<Name>) -> Option<String> {
    let first: Vec<&str> = names.iter().take(NAMED_MAX).map(Name::as_str).collect();
    let more = match names.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first_names = first.join(", ");
    let plural = if names.len() == 1 { "" } else { "s" };
    (!first.is_empty()).then(|| format!("{what}{plural} {first_names}{more}"))
}

fn contacts(number: usize) -> String {
    counted(number as u64, "contact")
}
