//! The overtaking bounds hold and are tight.

use proptest::prelude::*;

use super::*;
use crate::domain::Millis;
use crate::engine::shown::fairness::{Bound, Deferral, bounds};

fn queue(id: &str, target_s: i64, extra: &str) -> String {
    format!("[[queue]]\nid = '{id}'\ntarget = {{ answer_within_s = {target_s} }}\n{extra}\n")
}

fn rule(name: &str, actions: &str) -> String {
    format!("[[queue.escalation]]\nname = '{name}'\nwhen = {{ after_s = 9 }}\ndo = [{actions}]\n")
}

/// The terms of the longest bound, in seconds, and its two queues.
fn longest(text: &str) -> (i64, String) {
    let config = config(&format!("fairness.overtake_max_s = 86400\n{text}"));
    let bounds = bounds(&config.routing, Deferral::Bounded);
    let longest = bounds.iter().max_by_key(|bound| bound.longest()).unwrap();
    (longest.longest().whole_s(), meeting(longest))
}

fn meeting(bound: &Bound<'_>) -> String {
    format!("{} by {}", bound.overtaken.queue.id, bound.by.queue.id)
}

#[test]
fn one_queue_is_overtaken_by_head_start_and_fit_alone() {
    assert_eq!(
        longest(&queue("a", 30, "")),
        (300 + 120, "a by a".to_owned())
    );
}

#[test]
fn a_shorter_target_overtakes_a_longer_one() {
    let text = queue("slow", 90, "") + &queue("fast", 20, "");
    assert_eq!(longest(&text), (300 + 120 + 70, "slow by fast".to_owned()));
}

#[test]
fn every_escalation_of_the_other_queue_counts() {
    let rules = rule("one", "{ boost_s = 60 }, { boost_s = 1 }") + &rule("two", "{ boost_s = 9 }");
    let text = queue("a", 30, "") + &queue("b", 30, &rules);
    let (seconds, queues) = longest(&text);
    assert_eq!(seconds, 300 + 120 + 70);
    assert!(queues.ends_with("by b"), "{queues}");
}

#[test]
fn an_escalation_counts_as_often_as_it_can_be_repeated() {
    let repeated = "repeat_every_s = 60\nrepeat_max = 3\n";
    let rules = rule("one", "{ boost_s = 10 }") + repeated;
    let text = queue("a", 30, "") + &queue("b", 30, &rules);
    assert_eq!(longest(&text).0, 300 + 120 + 40);
}

#[test]
fn the_longest_way_into_a_queue_counts() {
    let text = [
        queue("end", 30, &rule("e", "{ boost_s = 1 }")),
        queue("a", 30, &rule("e", "{ boost_s = 10 }, { move_to = 'b' }")),
        queue(
            "b",
            30,
            &rule("e", "{ boost_s = 100 }, { move_to = 'end' }"),
        ),
        queue(
            "c",
            30,
            &rule("e", "{ boost_s = 109 }, { move_to = 'end' }"),
        ),
    ]
    .concat();
    let (seconds, queues) = longest(&text);
    assert_eq!(seconds, 300 + 120 + 1 + 100 + 10);
    assert!(queues.ends_with("by end"), "{queues}");
}

#[test]
fn a_queue_that_is_pulled_competes_with_itself_alone() {
    let text = queue("counter", 3_600, "pull = true") + &queue("a", 10, "");
    assert_eq!(longest(&text).0, 300 + 120);
    let offered = queue("counter", 3_600, "") + &queue("a", 10, "");
    assert_eq!(longest(&offered).0, 300 + 120 + 3_590);
}

#[test]
fn a_queue_that_can_be_deferred_is_shown_and_not_refused() {
    let text = queue("mail", 3_601, "") + &queue("a", 10, "");
    let config = config(&text);
    let exempt = bounds(&config.routing, Deferral::Deferrable);
    let longest = exempt.iter().max_by_key(|bound| bound.longest()).unwrap();
    assert_eq!(longest.longest(), Millis::from_s(3_591 + 420));
    assert_eq!(meeting(longest), "mail by a");
    let told = report(&config, &[]);
    assert!(told.contains("in queues that can be deferred"), "{told}");
    assert_eq!(faults(&text.replace("3601", "3600")).len(), 1);
}

#[test]
fn the_bound_is_shown_for_every_pair_of_tiers() {
    let config = config(&queue("a", 30, ""));
    let bounds = bounds(&config.routing, Deferral::Bounded);
    let row: Vec<i64> = bounds[12..]
        .iter()
        .map(|bound| bound.longest().whole_s())
        .collect();
    assert_eq!(bounds.len(), 16);
    assert_eq!(bounds[12].overtaken.tier.name.as_str(), "basic");
    assert_eq!(row, [420, 320, 180, 120]);
}

#[test]
fn a_bound_that_is_just_allowed_is_allowed() {
    let text = format!("fairness.overtake_max_s = 420\n{LEAST}");
    assert_eq!(faults(&text), [""; 0]);
    assert_eq!(faults(&text.replace("420", "419")).len(), 1);
}

fn told(text: &str) -> String {
    report(&config(text), &[])
}

#[test]
fn a_rule_that_reserves_the_next_agent_is_named_as_unbounded() {
    let reserves = rule("next", "{ reserve_next = true }");
    let rules = rule("soon", "{ boost_s = 1 }") + &reserves;
    let offered = told(&queue("a", 30, &rules));
    let line = "  unbounded by reserve_next of rule next in queue a: one contact at a time goes \
                before all others of any queue, however late it arrived\n";
    assert!(offered.contains(line), "{offered}");
    let plain = told(&queue("a", 30, ""));
    assert!(!plain.contains("unbounded by reserve_next"));
    let line = "  unbounded by customer_first: a customer who answers goes before those";
    assert!(plain.contains(line), "{plain}");
    let pulled = told(&queue("a", 30, &format!("pull = true\n{reserves}")));
    assert!(
        pulled.contains("goes before all others of that queue,"),
        "{pulled}"
    );
}

#[test]
fn bounds_of_a_queue_with_business_hours_are_working_time() {
    let hours = "[hours.office]\nzone = 'Asia/Shanghai'\nmon = ['09:00-18:00']\n";
    let alone = format!("{hours}{}", queue("a", 30, "hours = 'office'"));
    let line =
        "  in a seconds are working time of office, and closed hours can use up a head start\n";
    assert!(told(&alone).contains(line), "{}", told(&alone));
    let beside = alone + &queue("b", 30, "");
    let line = "  in a seconds are working time of office, and closed hours can use up a head start; by queues with other hours at least 30 s\n";
    assert!(told(&beside).contains(line), "{}", told(&beside));
    assert!(!told(&beside).contains("in b seconds"));
}

#[test]
fn a_bound_in_working_time_that_is_longer_than_by_the_clock_is_refused_too() {
    let hours = "[hours.office]\nzone = 'Asia/Shanghai'\nmon = ['09:00-18:00']\n";
    let day = queue("day", 1_800, "hours = 'office'");
    let text = format!("{hours}{day}{}", queue("always", 1_800, ""));
    let [fault] = faults(&text).try_into().unwrap();
    let why = "at least 1800, because in day seconds are working time of office";
    assert!(fault.contains(why), "{fault}");
    let enough = format!("fairness.overtake_max_s = 1800\n{text}");
    assert_eq!(faults(&enough), [""; 0]);
    // Neither case has a bounded queue with other hours.
    assert_eq!(faults(&format!("{hours}{day}")), [""; 0]);
    let deferrable = format!("{hours}{day}{}", queue("always", 1_800, "hours = 'office'"));
    assert_eq!(faults(&deferrable), [""; 0]);
}

#[test]
fn reserved_capacity_and_interrupts_make_equal_channels_differ() {
    let alike: String = ["app", "hotline", "wechat", "storefront"]
        .map(|channel| format!("channels.{channel} = {{ cost = 20, max = 5 }}\n"))
        .concat();
    let proviso = "  for want of capacity: a contact that does not fit";
    let plain = told(&format!("{alike}{}", queue("a", 30, "")));
    assert!(!plain.contains(proviso), "{plain}");
    let kept = "capacity = { reserve = 20, tiers = ['diamond'] }\n";
    let no = "interrupts.hotline = { app = 'no' }\n";
    for rule in [kept, no] {
        let text = told(&format!("{alike}{rule}{}", queue("a", 30, "")));
        assert!(text.contains(proviso), "{text}");
    }
}

#[test]
fn limits_below_the_capacity_are_a_proviso() {
    let full: String = ["app", "hotline", "wechat", "storefront"]
        .map(|channel| format!("channels.{channel} = {{ cost = 20, max = 5 }}\n"))
        .concat();
    let agent = "[[agent]]\nid = 'a1'\nqueues = ['a']\n";
    let queue = queue("a", 30, "");
    let proviso = "  at a limit: while agents have";
    let is_told = |text: String| told(&text).contains(proviso);
    assert!(!is_told(format!("{full}{queue}{agent}")));
    let lower = full.replacen("max = 5", "max = 4", 1);
    assert!(is_told(format!("{lower}{queue}{agent}")));
    let category = "[categories.bills]\ntopics = ['bill']\nmax = 1\n";
    let queue = queue.replacen("id = ", "topics = ['bill']\nid = ", 1);
    assert!(
        is_told(format!("{full}{category}{queue}{agent}")),
        "{queue}"
    );
}

#[test]
fn whom_a_lost_agent_puts_forward_is_a_proviso_where_tiers_differ() {
    let line = "  after a lost agent: a customer on the hotline or at a counter can overtake as one \
                of diamond does, whatever the tier\n";
    let text = told(&queue("a", 30, ""));
    assert!(text.contains(line), "{text}");
}

#[test]
fn a_customer_who_did_not_come_when_called_is_a_proviso() {
    let line = "  after a no-show: a customer of b who did not come when called can be overtaken by \
                all contacts of the queue that waited then\n";
    let text = |no_show: &str| {
        let counter = format!("pull = true\nno_show = {no_show}");
        told(&(queue("a", 30, "") + &queue("b", 30, &counter)))
    };
    let requeued = text("'requeue'");
    assert!(requeued.contains(line), "{requeued}");
    assert!(!text("'close'").contains("after a no-show"));
}

#[test]
fn a_reserve_of_agents_is_a_proviso_and_a_warning_if_it_covers_all_of_them() {
    let reserve = "reserve = { agents = 1, tiers = ['diamond', 'gold'] }";
    let agent = |id: &str| format!("[[agent]]\nid = '{id}'\nqueues = ['a']\n");
    let text = queue("a", 30, reserve) + &agent("a1") + &agent("a2");
    let line = "  by reserve of a: others can be overtaken by diamond, gold contacts that arrive \
                within 900 s; after that no agent is withheld from them\n";
    assert!(told(&text).contains(line), "{}", told(&text));
    assert_eq!(warnings(&config(&text)), []);
    let all = queue("a", 30, reserve) + &agent("a1");
    let [doubt] = warnings(&config(&all)).try_into().unwrap();
    assert_eq!(
        doubt.to_string(),
        "queue[0].reserve.agents: keeps 1 of the 1 agents of a, so contacts of other tiers wait \
         for 900 s although agents are idle"
    );
    let everybody = "tiers = ['diamond', 'gold', 'silver', 'basic']";
    let all = all.replace("tiers = ['diamond', 'gold']", everybody);
    let [doubt] = warnings(&config(&all)).try_into().unwrap();
    let expected = "queue[0].reserve.tiers: every tier, so no agent is kept from anybody";
    assert_eq!(doubt.to_string(), expected);
}

proptest! {
    /// For any two contacts, whatever the configuration gives each, the later one does not go first
    /// if it arrives later than the bound; and some pair attains it.
    #[test]
    fn no_contact_later_than_the_bound_goes_first(
        targets in prop::collection::vec(1_i64..400, 1..5),
        boosts in prop::collection::vec(0_i64..300, 5),
        head_starts in prop::collection::vec(0_i64..600, 1..4),
        fit in 0_i64..=120,
        share in 0_i64..=100,
    ) {
        let tiers = head_starts.iter().enumerate();
        let tiers = tiers.map(|(index, s)| format!("tiers.t{index}.head_start_s = {s}\n"));
        let queues = targets.iter().zip(&boosts).enumerate();
        let queues = queues.map(|(index, (target, boost))| {
            let rule = rule("e", &format!("{{ boost_s = {} }}", boost + 1));
            queue(&format!("q{index}"), *target, &rule)
        });
        let allowed = ["fairness.overtake_max_s = 86400\n".to_owned()];
        let text: String = allowed.into_iter().chain(tiers).chain(queues).collect();
        let config = config(&text);
        let bounds = bounds(&config.routing, Deferral::Bounded);
        for bound in &bounds {
            let (from, by) = (bound.overtaken, bound.by);
            let mut worst = i64::MIN;
            for target in &targets {
                for (other, boost) in targets.iter().zip(&boosts) {
                    let due = target - from.tier.head_start.whole_s();
                    let boosted = (boost + 1) * share / 100;
                    let other_due = |fit, boost| other - by.tier.head_start.whole_s() - fit - boost;
                    let gap = due - other_due(fit, boosted);
                    prop_assert!(gap <= bound.longest().whole_s());
                    worst = worst.max(due - other_due(120, boost + 1));
                }
            }
            prop_assert_eq!(worst.max(0), bound.longest().whole_s());
        }
    }
}
