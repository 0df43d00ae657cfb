//! What is written is what is used.

use super::*;

use std::path::PathBuf;

use jsonwebtoken::Algorithm;

use crate::domain::Channel;
use crate::domain::Millis;
use crate::engine::options::Action;
use crate::engine::options::Audience;
use crate::engine::options::CapacityRules;
use crate::engine::options::ChannelOptions;
use crate::engine::options::Limits;
use crate::engine::options::NoShow;
use crate::engine::options::Repeat;
use crate::engine::options::Select;
use crate::engine::options::Trigger;
use crate::engine::options::WhenClosed;
use crate::engine::options::WhenFull;

fn name(text: &str) -> crate::domain::Name {
    text.parse().unwrap()
}

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
fn customers_are_kept_beside_the_journal() {
    let least = config(LEAST);
    assert_eq!(least.customers.store, CustomersStore::Embedded);
    assert_eq!(least.customers.lookup_within, Millis(50));
}

#[test]
fn a_channel_keeps_the_defaults_that_are_not_changed() {
    let routing = config(&format!("channels.wechat.cost = 30\n{LEAST}")).routing;
    let expected = [
        (Channel::App, 25, 4),
        (Channel::Hotline, 100, 1),
        (Channel::Wechat, 30, 5),
        (Channel::Storefront, 100, 1),
    ];
    for (channel, cost, max) in expected {
        assert_eq!(*routing.channels.get(channel), ChannelOptions { cost, max });
    }
}

#[test]
fn tiers_that_are_named_are_all_there_are_in_their_order() {
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
fn contacts_that_say_nothing_go_where_no_skill_is_needed() {
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
fn a_wrap_up_of_nothing_is_none() {
    let wrap_up = |s: i64| config(&format!("{LEAST}wrap_up_s = {s}\n")).routing.queues[0].wrap_up;
    assert_eq!(wrap_up(0), None);
    assert_eq!(wrap_up(900), Some(Millis::from_s(900)));
}

#[test]
fn what_limits_agents_beside_capacity_is_understood_and_reported() {
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
        "Of each agent's capacity 20 is kept for diamond",
        "A contact of hotline is not offered beside those of app",
        "A contact of hotline puts on hold those of wechat",
    ] {
        assert!(report.contains(line), "{report}");
    }
    assert_eq!(config(LEAST).routing.capacity, CapacityRules::default());
    assert_eq!(
        config(LEAST).routing.queues[0].park_max,
        Some(Millis::from_s(24 * 3_600))
    );
}

#[test]
fn every_trigger_and_every_action_is_understood() {
    let triggers = [
        ("target_percent = 75", Trigger::TargetPercent(75)),
        ("after_s = 60", Trigger::After(Millis::from_s(60))),
        ("predicted_breach = true", Trigger::PredictedBreach),
        ("offers_ended = 3", Trigger::OffersEnded(3)),
        ("waiting_over = 50", Trigger::WaitingOver(50)),
        ("nobody_staffed = true", Trigger::NobodyStaffed),
        ("sentiment_below = -0.5", Trigger::SentimentBelow(-0.5)),
        ("sentiment_below = 0", Trigger::SentimentBelow(0.0)),
    ];
    for (when, trigger) in triggers {
        let rule = format!(
            "[[queue.escalation]]\nname = 'e'\nwhen = {{ {when} }}\ndo = [{{ boost_s = 60 }}, \
             {{ next_step = true }}, {{ move_to = 'other' }}, {{ notify = 'supervisor' }}]\n"
        );
        let routing = config(&format!("{LEAST}{rule}[[queue]]\nid = 'other'\n")).routing;
        let rule = &routing.queues[0].escalations[0];
        assert_eq!(rule.when, Some(trigger));
        let actions = [
            Action::Boost(Millis::from_s(60)),
            Action::NextStep,
            Action::MoveTo(name("other")),
            Action::Notify(Audience::Supervisor),
        ];
        assert_eq!(rule.actions, actions);
    }
}

#[test]
fn what_escalations_do_beside_that_is_understood() {
    let rule = "
        [[queue.escalation]]
        name = 'e'
        when = { after_s = 1 }
        do = [
            { add_queue = 'other' }, { reserve_next = true }, { notify = 'account_manager' },
            { message = '我们很忙' }, { offer_callback = true }, { deflect = 'elsewhere' },
        ]
        [[queue]]
        id = 'other'
    ";
    let routing = config(&format!("{LEAST}{rule}")).routing;
    let actions = [
        Action::AddQueue(name("other")),
        Action::ReserveNext,
        Action::Notify(Audience::AccountManager),
        Action::Message("我们很忙".into()),
        Action::OfferCallback,
        Action::Deflect("elsewhere".into()),
    ];
    assert_eq!(routing.queues[0].escalations[0].actions, actions);
}

#[test]
fn a_queue_says_what_happens_when_no_step_is_left() {
    let step = "
        [[queue.step]]
        after_s = 10
        requires = { fibre = 2 }
        skip_unstaffed = false
    ";
    let other = "[[queue]]\nid = 'other'\n";
    let queue = |last: &str| {
        let text = format!("{LEAST}requires = {{ fibre = 5 }}\n{last}\n{step}{other}");
        config(&text).routing.queues[0].clone()
    };
    for hold in ["", "last = 'hold'"] {
        assert_eq!(queue(hold).steps.len(), 1);
        assert!(queue(hold).escalations.is_empty());
    }
    let any = queue("last = 'any_in_queue'").steps;
    assert_eq!(any.len(), 2);
    assert_eq!(any[1].after, Millis::from_s(10));
    assert!(any[1].requires.as_ref().unwrap().is_empty());
    assert!(!any[1].skip_unstaffed);
    let overflow = queue("last = { overflow = 'other', after_s = 90 }").escalations;
    assert_eq!(overflow[0].name, name("overflow"));
    assert_eq!(overflow[0].when, Some(Trigger::After(Millis::from_s(90))));
    assert_eq!(overflow[0].actions, [Action::MoveTo(name("other"))]);
}

#[test]
fn rules_may_have_conditions_tiers_and_repeats() {
    let rules = "
        [[queue.escalation]]
        name = 'e'
        if = \"customer.tier == 'diamond'\"
        do = [{ boost_s = 60 }]
        [[queue.escalation]]
        name = 'f'
        when = { tiers = ['gold', 'diamond'] }
        repeat_every_s = 30
        do = [{ boost_s = 1 }]
        [[queue.escalation]]
        name = 'g'
        when = { after_s = 5, tiers = ['gold'] }
        if = 'contact.sentiment < 0.0'
        repeat_every_s = 60
        repeat_max = 3
        do = [{ boost_s = 60 }]
    ";
    let routing = config(&format!("{LEAST}{rules}")).routing;
    let [e, f, g] = routing.queues[0].escalations.as_slice() else {
        panic!("three rules");
    };
    assert_eq!((e.when, e.repeat), (None, None));
    assert_eq!(e.only_if.as_deref(), Some("customer.tier == 'diamond'"));
    assert_eq!((f.when, &f.only_if), (None, &None));
    assert_eq!(f.tiers, [name("gold"), name("diamond")]);
    assert_eq!(f.repeat.map(|repeat| repeat.at_most), Some(10));
    assert_eq!(g.when, Some(Trigger::After(Millis::from_s(5))));
    assert_eq!(g.tiers, [name("gold")]);
    assert_eq!(
        g.repeat,
        Some(Repeat {
            every: Millis::from_s(60),
            at_most: 3,
        })
    );
}

#[test]
fn a_step_that_requires_nothing_is_not_one_that_keeps_what_is_required() {
    let steps = "
        [[queue.step]]
        after_s = 10
        requires = {}
        [[queue.step]]
        after_s = 20
        also_agents_of = ['other']
    ";
    let routing = config(&format!("{LEAST}{steps}\n[[queue]]\nid = 'other'\n")).routing;
    let steps = &routing.queues[0].steps;
    assert!(
        steps[0]
            .requires
            .as_ref()
            .is_some_and(|none| none.is_empty())
    );
    assert_eq!(steps[1].requires, None);
    assert_eq!(steps[1].also_agents_of, [name("other")]);
}

#[test]
fn keys_name_who_may_call_as_what() {
    let text = "
        server = { listen = '0.0.0.0:443', origins = ['https://desk.example.com:8443'] }
        [auth]
        mode = 'keys'
        [[auth.key]]
        id = 'desktop-of-a1'
        role = 'agent'
        agent = 'a1'
        sha256 = 'FF00000000000000000000000000000000000000000000000000000000000001'
        [[auth.jwt]]
        kid = 'k/1'
        algorithm = 'ES256'
        public_key_file = 'keys/es.pem'
        issuer = 'https://id.example.com'
        audience = 'switchboard'
        [[auth.jwt]]
        kid = 'k/2'
        algorithm = 'HS512'
        secret_file = 'keys/hs.key'
        issuer = 'https://id.example.com'
        audience = 'switchboard'
        [[agent]]
        id = 'a1'
    ";
    let config = config(&format!("{text}\n{LEAST}"));
    assert_eq!(config.server.origins, ["https://desk.example.com:8443"]);
    let AuthOptions::Keys(ring) = &config.auth else {
        panic!("{:?}", config.auth);
    };
    let mut sha256 = [0; 32];
    (sha256[0], sha256[31]) = (0xff, 1);
    let role = Role::Agent(name("a1"));
    let id = name("desktop-of-a1");
    assert_eq!(ring.api, [ApiKey { id, role, sha256 }]);
    let files: Vec<_> = ring
        .jwt
        .iter()
        .map(|jwt| (jwt.algorithm, &jwt.key))
        .collect();
    let es = KeyFile::Public(PathBuf::from("keys/es.pem"));
    let hs = KeyFile::Secret(PathBuf::from("keys/hs.key"));
    assert_eq!(files, [(Algorithm::ES256, &es), (Algorithm::HS512, &hs)]);
}

#[test]
fn loopback_has_several_spellings() {
    for listen in [
        "127.0.0.1:0",
        "127.8.8.8:80",
        "[::1]:80",
        "[::ffff:127.0.0.1]:80",
    ] {
        config(&format!("server.listen = '{listen}'\n{LEAST}"));
    }
}

#[test]
fn a_password_does_not_show_itself() {
    let text = "customers = { kind = 'redis', url = 'redis://u:secret@10.0.0.1/3' }\n";
    let config = config(&format!("{text}{LEAST}"));
    assert!(!format!("{config:?}").contains("secret"));
    assert!(!report(&config, &[]).contains("secret"));
    let CustomersStore::Redis { url } = &config.customers.store else {
        panic!("{:?}", config.customers);
    };
    assert_eq!(url.as_str(), "redis://u:secret@10.0.0.1/3");
    assert_eq!(url.public(), "redis://•••@10.0.0.1/3");
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
    assert_eq!(queue.callback.dial_within, Some(Millis::from_s(30)));
    let limits = Channel::ALL.map(|channel| *queue.overflow.waiting_max.get(channel));
    assert_eq!(limits, [Some(0), None, Some(50), None]);
    assert_eq!(queue.overflow.when_full, WhenFull::Callback);
}

#[test]
fn a_webhook_is_called_over_https_or_on_this_machine() {
    let webhook = |url: &str| {
        let secret = "whsec_CU6vkWpHRknRIsBn8psEVCBY+jcxo6Ep";
        let text = format!("[webhook]\nurl = '{url}'\nsecret = '{secret}'\n{LEAST}");
        Config::parse(&text).ok().and_then(|config| config.webhook)
    };
    for sound in [
        "https://hooks.example.com/a?b=c",
        "http://127.0.0.1:9000/",
        "http://localhost/hook",
        "http://[::1]:80/",
    ] {
        let webhook = webhook(sound).unwrap();
        assert_eq!(webhook.url.to_string(), sound);
        assert_eq!(webhook.timeout.as_secs(), 5);
    }
    for unsound in [
        "http://127.example.com/",
        "http://hooks.example.com/",
        "https://user:pass@example.com/",
        "/hook",
        "ftp://example.com/",
    ] {
        assert_eq!(webhook(unsound), None, "{unsound}");
    }
    assert_eq!(config(LEAST).webhook, None);
}
