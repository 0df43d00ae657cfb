//! Configurations in simulations: interruptions, services that are cut short, callbacks for want of
//! room, and agents who call by a step or a rule.

use std::collections::BTreeMap;

use switchboard::config::Rehearsal;
use switchboard::domain::{Channel, ContactId, Millis, Timestamp};
use switchboard::engine::event::{
    CallbackEvent, ContactEvent, Event, HeldBy, OfferEvent, Recorded, ServiceEvent,
};

use crate::centres::{centre, configuration, figure, routed, routing, working};

fn recorded(text: &str, config: &str) -> Vec<Recorded> {
    let rehearsal = Rehearsal::parse(text).unwrap();
    routing(config).record(&rehearsal.workload, 1, 0)
}

/// How long each contact took an agent, less the time for which another one interrupted it; and how
/// many were interrupted.
fn served(events: &[Recorded]) -> (Vec<(Channel, Millis)>, usize) {
    let mut channels: BTreeMap<ContactId, Channel> = BTreeMap::new();
    let mut since: BTreeMap<ContactId, (Timestamp, Millis)> = BTreeMap::new();
    let (mut served, mut interrupted) = (Vec::new(), 0);
    let held_by = HeldBy::Interruption;
    for Recorded { at, event, .. } in events {
        match event {
            Event::Contact(id, ContactEvent::Arrived { intake, .. }) => {
                channels.insert(*id, intake.channel);
            }
            Event::Offer(offer, OfferEvent::Accepted { .. }) => {
                since.insert(offer.contact, (*at, Millis::ZERO));
            }
            Event::Service(id, _, ServiceEvent::Held { by }) if *by == held_by => {
                let (from, before) = since[id];
                since.insert(*id, (*at, before + (*at - from)));
                interrupted += 1;
            }
            Event::Service(id, _, ServiceEvent::Unheld { by }) if *by == held_by => {
                since.insert(*id, (*at, since[id].1));
            }
            Event::Contact(id, ContactEvent::Closed { .. }) => {
                let (from, before) = since[id];
                served.push((channels[id], before + (*at - from)));
            }
            Event::Site(_)
            | Event::Queue(..)
            | Event::Agent(..)
            | Event::Contact(..)
            | Event::Line(..)
            | Event::Rule(..)
            | Event::Callback(..)
            | Event::Offer(..)
            | Event::Service(..)
            | Event::Consult(..)
            | Event::Message(..) => {}
        }
    }
    (served, interrupted)
}

#[test]
fn a_contact_on_hold_for_another_is_not_worked_on_and_slows_nothing_down() {
    let chats = "[channels.wechat]\nshare = 1\neffort_s = 240\n[[topic]]";
    let text = centre(8, 1, 40.0).replacen("[[topic]]", chats, 1);
    let queue = "topics = [\"t\"]\nwrap_up_s = 0\n[channels.wechat]\ncost = 100\nmax = 1\n\
                 [interrupts.hotline]\nwechat = \"hold\"";
    let (served, interrupted) = served(&recorded(&text, &configuration(1, queue)));
    assert!(served.len() > 20, "{served:?}");
    assert!(interrupted > 2, "{interrupted}");
    for (channel, took) in served {
        let over = (took - Millis::from_s(240)).0.abs();
        assert!(over <= 2, "{channel}: {} ms", took.0);
    }
}

/// The occupancy of these agents, by the times at which each served a contact.
fn occupancy(text: &str, config: &str, agents: f64) -> f64 {
    let workload = Rehearsal::parse(text).unwrap().workload;
    let (opens_at, closes_at) = (workload.opens_at, workload.closes_at());
    let (mut since, mut busy_s) = (BTreeMap::new(), 0.0);
    for Recorded { at, event, .. } in recorded(text, config) {
        if let Event::Offer(offer, OfferEvent::Accepted { .. }) = &event {
            since.insert(offer.contact, at);
        }
        if let Event::Contact(id, ContactEvent::Closed { .. }) = &event {
            let (from, until) = (since[id].max(opens_at), at.min(closes_at));
            busy_s += (until - from).0.max(0) as f64 / 1_000.0;
        }
    }
    100.0 * busy_s / (agents * (closes_at - opens_at).0 as f64 / 1_000.0)
}

#[test]
fn a_service_that_the_configuration_cuts_short_leaves_nothing_to_finish() {
    let config = configuration(1, "topics = [\"t\"]\nwrap_up_s = 0\nserved_max_s = 60");
    let text = centre(8, 1, 160.0).replace("effort_s = 240", "effort_s = 100");
    let (served, _) = served(&recorded(&text, &config));
    assert!(served.len() > 120, "{}", served.len());
    for (_, took) in served {
        assert_eq!(took, Millis::from_s(60));
    }
    let reported = routed(&text, &config);
    let found = figure(&reported, "occupancy");
    let expected = occupancy(&text, &config, 1.0);
    assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    let resolved = figure(&reported, "resolved_per_agent_hour");
    assert_eq!(resolved, 0.0, "nothing was brought to its end");
}

#[test]
fn occupancy_is_the_time_at_work_as_a_share_of_the_time_on_duty() {
    let text = centre(8, 1, 400.0);
    let config = configuration(9, "topics = [\"t\"]\nwrap_up_s = 0");
    let found = figure(&routed(&text, &config), "occupancy");
    let expected = occupancy(&text, &config, 9.0);
    assert!((30.0..60.0).contains(&found), "{found}");
    assert!((found - expected).abs() < 1e-6, "{found} {expected}");
}

#[test]
fn a_full_queue_calls_customers_back_who_then_do_not_give_up() {
    let text = centre(8, 1, 400.0).replace(
        "answer_within_s = 20\n",
        "answer_within_s = 20\npatience = { scale_s = 300 }\n",
    );
    let full = |what: &str| {
        let queue = "topics = [\"t\"]\nwrap_up_s = 0\nwaiting_max = 3\noverflow.when_full = ";
        configuration(1, &format!("{queue}\"{what}\""))
    };
    let (refuse, callback) = (
        routed(&text, &full("refuse")),
        routed(&text, &full("callback")),
    );
    assert!(figure(&callback, "mean_wait") > figure(&refuse, "mean_wait"));
    let (mut called, mut answered) = (Vec::new(), 0);
    for Recorded { event, .. } in recorded(&text, &full("callback")) {
        match event {
            Event::Callback(id, CallbackEvent::Requested { .. }) => called.push(id),
            Event::Offer(offer, OfferEvent::Accepted { .. }) => {
                answered += usize::from(called.contains(&offer.contact));
            }
            Event::Site(_)
            | Event::Queue(..)
            | Event::Agent(..)
            | Event::Contact(..)
            | Event::Line(..)
            | Event::Rule(..)
            | Event::Callback(..)
            | Event::Offer(..)
            | Event::Service(..)
            | Event::Consult(..)
            | Event::Message(..) => {}
        }
    }
    assert!(answered > 20, "{answered}");
    assert_eq!(answered, called.len());
}

#[test]
fn agents_call_from_queues_that_a_step_or_a_rule_opens_to_them() {
    let text = centre(8, 1, 100.0);
    let step = "[[queue.step]]\nafter_s = 5\nalso_agents_of = [\"r\"]";
    let rule = "[[queue.escalation]]\nname = \"more\"\nwhen = { after_s = 5 }\n\
                do = [{ add_queue = \"r\" }]";
    for more in [step, rule] {
        let config = |pull: bool| {
            let queue = format!("topics = [\"t\"]\nwrap_up_s = 0\npull = {pull}\n{more}");
            let others = configuration(0, &queue);
            format!("{others}[[queue]]\nid = \"r\"\n[[agent]]\nid = \"a\"\nqueues = [\"r\"]\n")
        };
        let (pulled, pushed) = (routed(&text, &config(true)), routed(&text, &config(false)));
        assert!(figure(&pushed, "answered") > 80.0);
        for key in ["answered", "contacts", "mean_wait"] {
            assert_eq!(figure(&pulled, key), figure(&pushed, key), "{key}: {more}");
        }
    }
}

#[test]
fn a_transfer_that_a_full_queue_refuses_hands_nothing_on_and_resolves_nothing() {
    let text = centre(8, 1, 1_600.0).replace(
        "[[grade]]\n",
        "[[grade]]\nhands_on = 1.0\nhands_on_max = 1\nresolves = 1.0\n",
    );
    let config = configuration(1, "topics = [\"t\"]\nwrap_up_s = 0\nwaiting_max = 1");
    let column = routed(&text, &config);
    let answered = figure(&column, "answered");
    assert!(answered > 100.0, "{answered}");
    // Whenever the agent wants to hand on, somebody waits already.
    assert!(figure(&column, "handed_on") < 5.0);
    let resolved = figure(&column, "resolved_per_agent_hour") * figure(&column, "agent_hours");
    assert!(resolved < 0.05 * answered, "{resolved} of {answered}");
}

#[test]
fn however_many_offers_one_opening_makes_all_are_answered() {
    const AGENTS: u32 = 2_500;
    // All of them wait for the second hour.
    let text = centre(2, AGENTS, 4_000.0).replace("shares = [1, 1]", "shares = [1, 0]");
    let week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let hours: String = week
        .map(|day| format!("{day} = [\"01:00-24:00\"]\n"))
        .concat();
    let queue = "topics = [\"t\"]\nwrap_up_s = 0\nwaiting_max = 9000\nhours = \"late\"\n\
                 when_closed = \"hold\"";
    let config = configuration(AGENTS as usize, queue);
    let config = format!("{config}\n[hours.late]\nzone = \"UTC\"\n{hours}");
    let ringing = working(
        &text,
        "answers = { after_s = 4, declined = 0, ignored = 0 }",
    );
    for text in [text, ringing] {
        let column = routed(&text, &config);
        let answered = figure(&column, "answered");
        assert!(answered > 3_000.0, "{answered}");
        assert_eq!(answered, figure(&column, "contacts"));
    }
}
