//! The site, its queues, channels, tiers and hours: what is written is what is used.

use super::*;
use crate::domain::{Channel, Millis};
use crate::engine::options::{
    CapacityRules, ChannelOptions, Limits, NoShow, Select, WhenClosed, WhenFull,
};

#[test]
fn a_queue_with_nothing_but_an_id_is_a_configuration() {
    let routing = config(LEAST).routing;
    assert_eq!(routing.site.as_str(), "main");
    assert_eq!(routing.default_queue.as_str(), "general");
    assert_eq!(routing.default_tier.as_str(), "basic");
    assert_eq!(routing.overtake_max, Millis::from_s(900));
    assert_eq!(routing.specialist, Millis::from_s(120));
    assert_eq!(routing.limits, Limits::DEFAULT);
    assert_eq!(routing.agents, []);
    let tiers = routing.tiers.iter();
    let tiers: Vec<_> = tiers
        .map(|tier| (tier.name.as_str(), tier.head_start.whole_s()))
        .collect();
    assert_eq!(
        tiers,
        [
            ("diamond", 300),
            ("gold", 200),
            ("silver", 60),
            ("basic", 0)
        ]
    );
}

#[test]
fn a_queue_may_promise_the_next_answer_too() {
    let promising = config(
        r#"
        [[queue]]
        id = "general"
        target = { answer_within_s = 20, respond_within_s = 90 }
    "#,
    );
    let target = promising.routing.queues[0].target;
    assert_eq!(target.respond_within, Some(Millis::from_s(90)));
    let report = report(&promising, &[]);
    assert!(report.contains("20 s, then 90 s"), "{report}");
}

#[test]
fn a_queue_with_nothing_but_an_id_has_the_defaults() {
    let least = config(LEAST);
    let queue = &least.routing.queues[0];
    assert_eq!(&*queue.label, "general");
    assert_eq!(queue.target.answer_within, Millis::from_s(30));
    assert_eq!(queue.target.goal_percent, 80);
    assert_eq!(queue.offer.answer_within, Millis::from_s(20));
    assert_eq!(queue.offer.undelivered_after, Millis::from_s(2));
    assert_eq!(queue.wrap_up, None);
    assert_eq!(queue.waiting_max, 500);
    assert_eq!(queue.select, Select::Best);
    assert!(!queue.pull);
}

#[test]
fn a_channels_maximum_is_limited_by_the_largest_capacity() {
    let limits = |channel: &str| {
        let agents = "agent = [{ id = 'a', capacity = 50 }, { id = 'b', capacity = 110 }]\n";
        let config = config(&format!("{agents}{channel}\n{LEAST}"));
        *config.routing.channels.get(Channel::Hotline)
    };
    let alone = limits("channels.hotline.cost = 60");
    assert_eq!(alone, ChannelOptions { cost: 60, max: 1 });
    assert!(alone.is_exclusive());
    assert_eq!(limits("channels.hotline.cost = 30").max, 3);
    assert_eq!(limits("channels.hotline = { cost = 30, max = 9 }").max, 3);
    assert_eq!(limits("channels.hotline.cost = 200").max, 1);
}

#[test]
fn a_channel_keeps_the_defaults_that_are_not_changed_and_a_cost_alone_has_no_other_limit() {
    let text = "channels = { app = { max = 3 }, wechat = { cost = 10 } }\n";
    let routing = config(&format!("{text}{LEAST}")).routing;
    let expected = [
        (Channel::App, 25, 3),
        (Channel::Hotline, 100, 1),
        (Channel::Wechat, 10, 1_000),
        (Channel::Storefront, 100, 1),
    ];
    for (channel, cost, max) in expected {
        assert_eq!(*routing.channels.get(channel), ChannelOptions { cost, max });
    }
}

#[test]
fn named_tiers_replace_the_default_ones_in_their_order() {
    let text = "[tiers.zinc]\nhead_start_s = 5\n[tiers.argon]\nhead_start_s = 0\n";
    let routing = config(&format!("{text}{LEAST}")).routing;
    let tiers: Vec<_> = routing
        .tiers
        .iter()
        .map(|tier| tier.name.as_str())
        .collect();
    assert_eq!(tiers, ["zinc", "argon"]);
    assert_eq!(routing.default_tier.as_str(), "argon");
    let chosen = format!("customers.default_tier = 'zinc'\n{text}{LEAST}");
    assert_eq!(config(&chosen).routing.default_tier.as_str(), "zinc");
}

#[test]
fn contacts_without_queue_or_topic_go_where_no_skill_is_required() {
    let text = "
        [[queue]]
        id = 'skilled'
        requires = { broadband = 2 }
        [[queue]]
        id = 'counter'
        pull = true
        [[queue]]
        id = 'open'
        [[queue]]
        id = 'other'
    ";
    assert_eq!(config(text).routing.default_queue.as_str(), "open");
    let chosen = format!("default_queue = 'other'\n{text}");
    assert_eq!(config(&chosen).routing.default_queue.as_str(), "other");
    let only = "[[queue]]\nid = 'skilled'\nrequires = { broadband = 2 }\n";
    assert_eq!(config(only).routing.default_queue.as_str(), "skilled");
}

#[test]
fn a_wrap_up_of_zero_is_none() {
    let wrap_up = |s: i64| config(&format!("{LEAST}wrap_up_s = {s}\n")).routing.queues[0].wrap_up;
    assert_eq!(wrap_up(0), None);
    assert_eq!(wrap_up(900), Some(Millis::from_s(900)));
}

#[test]
fn the_other_limits_on_agents_are_understood_and_reported() {
    let text = "
        [[queue]]
        id = 'general'
        topics = ['complaint', 'billing']
        [categories.hard]
        max = 2
        topics = ['complaint']
        [capacity]
        reserve = 20
        tiers = ['diamond']
        [interrupts.hotline]
        wechat = 'hold'
        app = 'no'
    ";
    let understood = config(text);
    let rules = &understood.routing.capacity;
    assert_eq!(
        (rules.categories[0].max, rules.categories[0].topics.len()),
        (2, 1)
    );
    assert_eq!(rules.reserve.as_ref().unwrap().units, 20);
    let report = report(&understood, &[]);
    for line in [
        "At most 2 of hard at a time: complaint",
        "20 of each agent's capacity is reserved for diamond",
        "A contact of hotline is not offered beside those of app",
        "A contact of hotline puts on hold those of wechat",
    ] {
        assert!(report.contains(line), "{report}");
    }
    assert_eq!(config(LEAST).routing.capacity, CapacityRules::default());
    assert_eq!(
        config(LEAST).routing.queues[0].park_max,
        Millis::from_s(24 * 3_600)
    );
}

#[test]
fn hours_are_understood_as_they_are_written() {
    let text = r#"
        [hours.office]
        zone = "asia/shanghai"
        mon = ["09:00-12:00", "13:00-18:00"]
        fri = ["22:00-06:00"]
        holidays = ["2026-10-05"]
        special = { "2026-10-10" = ["09:00-18:00"] }
        [[queue]]
        id = "general"
        hours = "office"
        when_closed = { deflect = "closed" }
        [[queue]]
        id = "other"
        hours = "office"
        when_closed = { queue = "general" }
    "#;
    let understood = config(text);
    let routing = &understood.routing;
    let hours = routing.hours(&name("office")).unwrap();
    assert_eq!(hours.zone().name(), "Asia/Shanghai");
    for (instant, open) in [
        ("2026-09-28T09:00:00+08:00", true),
        ("2026-09-28T12:00:00+08:00", false),
        ("2026-10-03T05:59:00+08:00", true),
        ("2026-10-05T09:00:00+08:00", false),
        ("2026-10-10T12:00:00+08:00", true),
    ] {
        let at = crate::domain::instant::parse(instant).unwrap();
        assert_eq!(hours.is_open(at), open, "{instant}");
    }
    assert_eq!(
        routing.queues[0].when_closed,
        WhenClosed::Deflect("closed".into())
    );
    assert_eq!(
        routing.queues[1].when_closed,
        WhenClosed::Queue(name("general"))
    );
    let report = report(&understood, &[]);
    assert!(
        report.contains("office  Asia/Shanghai  general, other"),
        "{report}"
    );
}

#[test]
fn the_ways_in_and_out_of_a_queue_are_understood() {
    let text = r#"
        direct.wait_s = 45
        direct_to_manager = { tiers = ["diamond"], channels = ["hotline", "app"], hold_s = 5 }
        [[queue]]
        id = "general"
        pull = true
        prefer = { hold_s = 10 }
        no_show = "requeue"
        no_show_back = 3
        callback = { retry_delay_s = 60, attempts_max = 2, dial_within_s = 30 }
        [queue.overflow]
        waiting_max = { wechat = 50, app = 0 }
        when_full = "callback"
    "#;
    let routing = config(text).routing;
    assert_eq!(routing.direct_wait, Millis::from_s(45));
    let rule = routing.direct_to_manager.unwrap();
    assert_eq!(rule.tiers, [name("diamond")]);
    assert_eq!(rule.channels, [Channel::Hotline, Channel::App]);
    assert_eq!(rule.hold, Millis::from_s(5));
    let queue = &routing.queues[0];
    assert_eq!(queue.prefer, Some(Millis::from_s(10)));
    assert_eq!(queue.no_show, NoShow::Requeue { places: Some(3) });
    assert_eq!(queue.callback.retry_delay, Millis::from_s(60));
    assert_eq!(queue.callback.attempts_max, 2);
    assert_eq!(queue.callback.dial_within, Millis::from_s(30));
    let limits = Channel::ALL.map(|channel| *queue.overflow.waiting_max.get(channel));
    assert_eq!(limits, [Some(0), None, Some(50), None]);
    assert_eq!(queue.overflow.when_full, WhenFull::Callback);
}
