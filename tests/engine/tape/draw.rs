//! Randomly drawn centres: queues, steps, rules, hours and agents of every kind.

use switchboard::domain::skill::Level;
use switchboard::domain::{Channel, Millis, Name, Requirements, Text};
use switchboard::engine::options::{
    Action, AgentOptions, Audience, CapacityReserve, CapacityRules, CategoryOptions,
    DirectToManager, EscalationRule, HoursOptions, Interrupt, Interrupts, NoShow, Options,
    QueueOptions, Repeat, Reserve, Select, Step, Trigger, WhenClosed, WhenFull,
};

use super::dice::Dice;
use crate::tell::{agent, centre, hours, name, queue};

const SKILLS: [&str; 3] = ["fibre", "english", "billing"];
/// Some of them cannot be evaluated for some contacts.
const CONDITIONS: [&str; 5] = [
    "contact.sentiment < -0.5",
    "customer.tier in ['gold', 'diamond'] && queue.waiting > 1",
    "contact.waited_s > 30 || contact.offers > 1",
    "contact.attributes.mood == 'bad' || contact.attributes.mood > 3",
    "contact.waited_s / queue.staffed > 5",
];
pub(super) const TIERS: [&str; 4] = ["diamond", "gold", "silver", "basic"];

pub(super) fn draw_skill(dice: &mut Dice, level_max: u64) -> (Name, Level) {
    let level = 1 + dice.roll(level_max).cast_signed();
    (
        name(dice.pick(&SKILLS).unwrap()),
        Level::try_from(level).unwrap(),
    )
}

pub(super) fn draw_agent_name(dice: &mut Dice) -> Name {
    name(&format!("a{}", 1 + dice.roll(5)))
}

pub(super) fn draw_centre(dice: &mut Dice, is_calm: bool) -> Options {
    let count = 1 + dice.roll(3);
    let ids: Vec<String> = (0..count).map(|number| format!("q{number}")).collect();
    let mut queues: Vec<QueueOptions> = ids.iter().map(|id| draw_queue(dice, id, &ids)).collect();
    for (number, queue) in queues.iter_mut().enumerate() {
        queue.topics = vec![name(&format!("t{number}"))];
    }
    // A rule that moves must not lead back.
    let last = ids.last().unwrap();
    for queue in queues.iter_mut().filter(|queue| queue.id.as_str() != last) {
        if dice.once_in(3) {
            let when = Trigger::TargetPercent(150);
            let on = if dice.once_in(4) {
                vec![Action::Deflect("elsewhere".into())]
            } else {
                vec![Action::MoveTo(name(last))]
            };
            let rule = EscalationRule::new(name("moved"), when, on);
            queue.escalations.push(rule);
        }
    }
    let timetable = draw_hours(dice);
    draw_when_closed(dice, &mut queues, &ids, &timetable.id);
    draw_ways_out(dice, &mut queues, &ids);
    let agents = (1..=2 + dice.roll(5))
        .map(|number| draw_agent(dice, number, &ids, is_calm))
        .collect();
    let mut options = centre(queues, agents);
    if dice.once_in(2) {
        options.specialist = Millis::ZERO;
    }
    options.limits.open_contacts_max = 60;
    if !is_calm {
        options.capacity = draw_capacity(dice);
    }
    options.hours = vec![timetable];
    options.direct_wait = Millis::from_s(1 + dice.roll(40).cast_signed());
    if dice.once_in(2) {
        options.direct_to_manager = Some(DirectToManager {
            tiers: vec![name("diamond"), name("gold")],
            channels: vec![Channel::Hotline, Channel::App],
            hold: Millis::from_s(dice.roll(10).cast_signed()),
        });
    }
    if dice.once_in(3) {
        options.overtake_max = Millis::from_s(20 + dice.roll(80).cast_signed());
    }
    options
}

/// Some queues keep the hours of the timetable.
fn draw_when_closed(dice: &mut Dice, queues: &mut [QueueOptions], ids: &[String], hours: &Name) {
    for (number, queue) in queues.iter_mut().enumerate() {
        if dice.once_in(3) {
            queue.hours = Some(hours.clone());
            queue.when_closed = match dice.roll(4) {
                0 => WhenClosed::Deflect("closed".into()),
                1 => WhenClosed::Schedule,
                2 if number + 1 < ids.len() => WhenClosed::Queue(name(&ids[number + 1])),
                _ => WhenClosed::Hold,
            };
        }
    }
}

/// How many contacts may wait, what happens to the others, and how contacts come back.
fn draw_ways_out(dice: &mut Dice, queues: &mut [QueueOptions], ids: &[String]) {
    for (number, queue) in queues.iter_mut().enumerate() {
        if dice.once_in(3) {
            let channel = *dice.pick(&Channel::ALL).unwrap();
            let most = u32::try_from(dice.roll(3)).unwrap();
            *queue.overflow.waiting_max.get_mut(channel) = Some(most);
        }
        queue.target.respond_within = dice
            .once_in(2)
            .then(|| Millis::from_s(1 + dice.roll(40).cast_signed()));
        queue.callback.retry_delay = Millis::from_s(10 + dice.roll(60).cast_signed());
        queue.callback.dial_within = Millis::from_s(5 + dice.roll(30).cast_signed());
        queue.prefer = dice
            .once_in(3)
            .then(|| Millis::from_s(dice.roll(20).cast_signed()));
        queue.no_show = match dice.roll(3) {
            0 => NoShow::Close,
            1 => NoShow::Requeue { places: None },
            _ => NoShow::Requeue { places: Some(2) },
        };
        queue.overflow.when_full = match dice.roll(3) {
            0 if number + 1 < ids.len() => WhenFull::Queue(name(&ids[number + 1])),
            1 if dice.once_in(2) => WhenFull::Deflect("full".into()),
            1 => WhenFull::Callback,
            _ => WhenFull::Refuse,
        };
    }
}

/// Open and closed for some minutes in turn, from the first minutes of every day.
fn draw_hours(dice: &mut Dice) -> HoursOptions {
    let text = |minute: u64| format!("{:02}:{:02}", minute / 60, minute % 60);
    let mut minute = dice.roll(3);
    let mut periods = Vec::new();
    for _ in 0..1 + dice.roll(7) {
        let until = minute + 1 + dice.roll(5);
        periods.push(format!("{}-{}", text(minute), text(until)));
        minute = until + 1 + dice.roll(4);
    }
    if dice.once_in(2) {
        periods.push(format!("{}-24:00", text(minute)));
    }
    hours("h", &periods.join(" "))
}

/// Half of the centres have none.
fn draw_capacity(dice: &mut Dice) -> CapacityRules {
    let mut rules = CapacityRules::default();
    if dice.once_in(2) {
        return rules;
    }
    if dice.once_in(2) {
        rules.categories = vec![CategoryOptions {
            name: name("hard"),
            max: 1,
            topics: vec![name("t0"), name("t1")],
        }];
    }
    if dice.once_in(2) {
        rules.reserve = Some(CapacityReserve {
            units: 20 + u32::try_from(dice.roll(50)).unwrap(),
            tiers: vec![name("diamond"), name("gold")],
        });
    }
    if dice.once_in(2) {
        let mut interrupts = Interrupts::default();
        let texts = [Channel::App, Channel::Wechat];
        for current in texts {
            // Only voice interrupts text, so that there is no cycle.
            for new in [Channel::Hotline, Channel::Storefront] {
                let interrupt = *dice.pick(&Interrupt::ALL).unwrap();
                *interrupts.0.get_mut(new).get_mut(current) = interrupt;
            }
        }
        if dice.once_in(2) {
            let over = interrupts.0.get_mut(Channel::Storefront);
            *over.get_mut(Channel::Hotline) = Interrupt::Hold;
        }
        if dice.once_in(3) {
            let over = interrupts.0.get_mut(Channel::App);
            *over.get_mut(Channel::Wechat) = Interrupt::No;
        }
        rules.interrupts = Some(interrupts);
    }
    rules
}

fn draw_queue(dice: &mut Dice, id: &str, ids: &[String]) -> QueueOptions {
    let mut drawn = queue(id);
    drawn.select = *dice.pick(&Select::ALL).unwrap();
    drawn.target.answer_within = Millis::from_s(5 + dice.roll(60).cast_signed());
    drawn.wrap_up = dice
        .once_in(2)
        .then(|| Millis::from_s(1 + dice.roll(20).cast_signed()));
    drawn.waiting_max = if dice.once_in(4) { 5 } else { 500 };
    drawn.pull = dice.once_in(8);
    drawn.served_max = dice
        .once_in(4)
        .then(|| Millis::from_s(60 + dice.roll(120).cast_signed()));
    if dice.once_in(2) {
        drawn.park_max = Millis::from_s(90);
    }
    drawn.reserve = dice.once_in(4).then(|| draw_reserve(dice));
    if dice.once_in(2) {
        drawn.requires = Requirements::new(vec![draw_skill(dice, 3)]);
        let relaxed = drawn
            .requires
            .iter()
            .map(|(skill, _)| (skill.clone(), Level::try_from(1).unwrap()))
            .collect();
        drawn.steps.push(Step {
            after: Millis::from_s(1 + dice.roll(20).cast_signed()),
            requires: Some(Requirements::new(relaxed)),
            also_agents_of: Vec::new(),
            skip_unstaffed: dice.once_in(2),
        });
    }
    if dice.once_in(2) {
        drawn.steps.push(Step {
            after: Millis::from_s(25 + dice.roll(20).cast_signed()),
            requires: None,
            also_agents_of: dice.pick(ids).map(|id| name(id)).into_iter().collect(),
            skip_unstaffed: dice.once_in(2),
        });
    }
    draw_escalations(dice, &mut drawn, ids);
    drawn
}

fn draw_escalations(dice: &mut Dice, queue: &mut QueueOptions, ids: &[String]) {
    let triggers = [
        Trigger::TargetPercent(75),
        Trigger::After(Millis::from_s(40)),
        Trigger::PredictedBreach,
        Trigger::OffersEnded(2),
        Trigger::WaitingOver(3),
        Trigger::NobodyStaffed,
        Trigger::SentimentBelow(-0.5),
    ];
    for (number, when) in triggers.into_iter().enumerate() {
        if !dice.once_in(4) {
            continue;
        }
        let action = match dice.roll(13) {
            0..=1 => Action::Boost(Millis::from_s(30)),
            2 => Action::NextStep,
            3..=4 => Action::AddQueue(name(dice.pick(ids).unwrap())),
            5..=6 => Action::ReserveNext,
            7 => Action::Message("we are busy".into()),
            8 => Action::Notify(Audience::AccountManager),
            9..=11 => Action::FanOut(2 + u32::try_from(dice.roll(3)).unwrap()),
            _ => Action::Notify(Audience::Supervisor),
        };
        let mut rule = EscalationRule::new(name(&format!("r{number}")), when, vec![action]);
        if dice.once_in(4) {
            rule.when = None;
        }
        if rule.when.is_none() || dice.once_in(3) {
            rule.only_if = dice.pick(&CONDITIONS).map(|source| Text::from(*source));
        }
        if dice.once_in(4) {
            rule.tiers = vec![name(dice.pick(&TIERS).unwrap())];
        }
        rule.repeat = dice.once_in(3).then(|| Repeat {
            every: Millis::from_s(10 + dice.roll(20).cast_signed()),
            at_most: 1 + u32::try_from(dice.roll(3)).unwrap(),
        });
        queue.escalations.push(rule);
    }
}

fn draw_reserve(dice: &mut Dice) -> Reserve {
    let tiers = &TIERS[..=usize::try_from(dice.roll(3)).unwrap()];
    Reserve {
        agents: 1 + u32::try_from(dice.roll(2)).unwrap(),
        tiers: tiers.iter().map(|tier| name(tier)).collect(),
    }
}

fn draw_agent(dice: &mut Dice, number: u64, ids: &[String], is_calm: bool) -> AgentOptions {
    let mut queues: Vec<&str> = ids
        .iter()
        .map(String::as_str)
        .filter(|_| dice.once_in(2))
        .collect();
    if queues.is_empty() {
        queues.push(&ids[0]);
    }
    let mut drawn = agent(&format!("a{number}"), &queues.join(" "), "");
    let count = if is_calm { 8 } else { dice.roll(3) };
    let skills = (0..count).map(|_| draw_skill(dice, 6)).collect();
    drawn.skills = Requirements::new(skills);
    // By the name alone: a removed agent who comes back has the same.
    drawn.capacity = match number {
        _ if is_calm => 100,
        number if number.is_multiple_of(3) => 140,
        // Too little for a contact that takes a whole agent.
        2 => 60,
        _ => 100,
    };
    drawn
}
