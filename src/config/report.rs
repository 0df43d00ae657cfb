//! What `switchboard check` prints: a summary, the overtaking bounds, and the warnings.

use crate::config::warning::staff;
use crate::config::{AuthOptions, Config, CustomersStore, JournalSettings, Warning, columns};
use crate::domain::{Channel, Name};
use crate::engine::options::{Interrupt, Options, Target};
use crate::engine::shown::fairness;
use crate::engine::shown::fairness::{Bound, Deferral};

pub fn report(config: &Config, warnings: &[Warning]) -> String {
    let options = &config.routing;
    let mut text = summary(config);
    text.push_str(&queues(options));
    text.push_str(&hours(options));
    text.push_str(&tiers(options));
    text.push_str(&channels(options));
    text.push_str(&overtaking(options, Deferral::Bounded));
    text.push_str(&overtaking(options, Deferral::Deferrable));
    text.push_str(&provisos(options));
    text.push('\n');
    text.push_str(&doubts(warnings));
    text
}

fn summary(config: &Config) -> String {
    let options = &config.routing;
    let auth = match &config.auth {
        AuthOptions::Dev => "dev".to_owned(),
        AuthOptions::Keys(ring) => {
            format!("{} API keys, {} token keys", ring.api.len(), ring.jwt.len())
        }
    };
    let journal = match &config.journal {
        JournalSettings::Embedded { path } => format!("embedded, in {}", path.display()),
    };
    let customers = match &config.customers.store {
        CustomersStore::Embedded => "embedded".to_owned(),
        CustomersStore::Redis { url } => format!("on {}", url.public()),
    };
    let rows = [
        ["site".to_owned(), options.site.to_string()],
        ["listen".to_owned(), config.server.listen.to_string()],
        ["auth".to_owned(), auth],
        ["journal".to_owned(), journal],
        [
            "customers".to_owned(),
            format!(
                "{customers}, looked up within {} ms",
                config.customers.lookup_within.0
            ),
        ],
        ["agents".to_owned(), options.agents.len().to_string()],
    ];
    columns::table(&rows)
}

fn queues(options: &Options) -> String {
    let staff = staff(&options.agents);
    let head = [
        "id",
        "target",
        "goal",
        "offer",
        "wrap-up",
        "waiting",
        "agents",
        "select",
        "steps",
        "escalations",
        "name",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for queue in &options.queues {
        let wrap_up = queue.wrap_up.map(|span| format!("{} s", span.whole_s()));
        let select = if queue.pull {
            "pull"
        } else {
            queue.select.name()
        };
        rows.push([
            queue.id.to_string(),
            promise(&queue.target),
            format!("{} %", queue.target.goal_percent),
            format!("{} s", queue.offer.answer_within.whole_s()),
            wrap_up.unwrap_or_else(|| "none".to_owned()),
            format!("≤ {}", queue.waiting_max),
            staff.get(&queue.id).map_or(0, Vec::len).to_string(),
            select.to_owned(),
            queue.steps.len().to_string(),
            queue.escalations.len().to_string(),
            queue.label.to_string(),
        ]);
    }
    format!(
        "\nQueues ({} takes contacts without queue or topic)\n{}",
        options.default_queue,
        columns::table(&rows)
    )
}

/// The target for the first answer, and for later responses if there is one.
fn promise(target: &Target) -> String {
    let first = target.answer_within.whole_s();
    target.respond_within.map_or_else(
        || format!("{first} s"),
        |next| format!("{first} s, then {} s", next.whole_s()),
    )
}

fn hours(options: &Options) -> String {
    if options.hours.is_empty() {
        return String::new();
    }
    let mut rows = vec![["hours", "time zone", "queues"].map(str::to_owned)];
    rows.extend(options.hours.iter().map(|hours| {
        let queues = options.queues.iter();
        let keep = queues.filter(|queue| queue.hours.as_ref() == Some(&hours.id));
        let keep: Vec<&str> = keep.map(|queue| queue.id.as_str()).collect();
        let zone = hours.hours.zone().name().to_owned();
        [hours.id.to_string(), zone, keep.join(", ")]
    }));
    format!("\nBusiness hours\n{}", columns::table(&rows))
}

fn tiers(options: &Options) -> String {
    let mut rows = vec![["tier", "head start"].map(str::to_owned)];
    rows.extend(options.tiers.iter().map(|tier| {
        let head_start = format!("{} s", tier.head_start.whole_s());
        [tier.name.to_string(), head_start]
    }));
    format!(
        "\nTiers (default: {})\n{}",
        options.default_tier,
        columns::table(&rows)
    )
}

fn channels(options: &Options) -> String {
    let mut rows = vec![["channel", "cost", "at a time"].map(str::to_owned)];
    rows.extend(options.channels.iter().map(|(channel, options)| {
        [
            channel.to_string(),
            options.cost.to_string(),
            format!("≤ {}", options.max),
        ]
    }));
    format!("\nChannels\n{}{}", columns::table(&rows), capacity(options))
}

/// The other limits on agents, if any.
fn capacity(options: &Options) -> String {
    let rules = &options.capacity;
    let named = |names: &[Name]| {
        let names: Vec<&str> = names.iter().map(Name::as_str).collect();
        names.join(", ")
    };
    let categories = rules.categories.iter().map(|category| {
        let (name, max, topics) = (&category.name, category.max, named(&category.topics));
        format!("At most {max} of {name} at a time: {topics}\n")
    });
    let reserve = rules.reserve.iter().map(|reserve| {
        let (units, tiers) = (reserve.units, named(&reserve.tiers));
        format!("{units} of each agent's capacity is reserved for {tiers}\n")
    });
    let interrupts = rules.interrupts.unwrap_or_default();
    let pairs = Channel::ALL
        .into_iter()
        .flat_map(|new| Channel::ALL.map(|current| (new, current)));
    let broken = pairs.filter_map(|(new, current)| {
        let what = match interrupts.of(new, current) {
            Interrupt::Beside => return None,
            Interrupt::Hold => "puts on hold",
            Interrupt::No => "is not offered beside",
        };
        Some(format!("A contact of {new} {what} those of {current}\n"))
    });
    categories.chain(reserve).chain(broken).collect()
}

/// A row for each overtaken tier, a column for each overtaking tier.
fn overtaking(options: &Options, deferral: Deferral) -> String {
    let bounds = fairness::bounds(options, deferral);
    let longest = bounds.iter().max_by_key(|bound| bound.longest());
    let Some(worst) = longest else {
        return String::new();
    };
    let allowed = match deferral {
        Deferral::Bounded => format!("allowed: {} s", options.overtake_max.whole_s()),
        Deferral::Deferrable => "in queues that can be deferred, without limit".to_owned(),
    };
    let mut head = vec!["overtaken".to_owned()];
    let by = options.tiers.iter().map(|tier| format!("by {}", tier.name));
    head.extend(by);
    let mut rows = vec![head];
    rows.extend(bounds.chunks(options.tiers.len()).map(|of_tier| {
        let overtaken = of_tier[0].overtaken.tier.name.to_string();
        let seconds = |bound: &Bound<'_>| format!("{} s", bound.longest().whole_s());
        [overtaken]
            .into_iter()
            .chain(of_tier.iter().map(seconds))
            .collect()
    }));
    format!(
        "\nOvertaking: how much later a contact can arrive and still be served first ({allowed})\n\
         {}  longest: {worst}\n",
        columns::table(&rows)
    )
}

/// Where the bounds are measured differently, or do not hold.
fn provisos(options: &Options) -> String {
    let working = fairness::in_working_time(options).map(|queue| format!("  {queue}\n"));
    let unbounded = fairness::unbounded(options).map(|rule| format!("  {rule}\n"));
    let called = fairness::called_first(options).map(|said| format!("  {said}\n"));
    let room = fairness::for_want_of_room(options).map(|said| format!("  {said}\n"));
    let limit = fairness::at_a_limit(options).map(|said| format!("  {said}\n"));
    let wish = format!("  {}\n", fairness::BY_WISH);
    let lost = fairness::after_a_loss(options).map(|said| format!("  {said}\n"));
    let absent = fairness::after_a_no_show(options).map(|said| format!("  {said}\n"));
    let kept = fairness::keeping_back(options).map(|queue| format!("  {queue}\n"));
    working
        .chain(room)
        .chain(limit)
        .chain([wish])
        .chain(lost)
        .chain(absent)
        .chain(kept)
        .chain(unbounded)
        .chain(called)
        .collect()
}

fn doubts(warnings: &[Warning]) -> String {
    if warnings.is_empty() {
        return "No warnings\n".to_owned();
    }
    let lines = warnings.iter().map(|warning| format!("  {warning}\n"));
    ["Warnings\n".to_owned()].into_iter().chain(lines).collect()
}
