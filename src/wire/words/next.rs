//! What will change next, unless something happens before.

use crate::domain::{Millis, Name, Requirements};
use crate::engine::view::{Explanation, Upcoming, What};
use crate::wire::words::{Words, seconds};

pub(super) fn say_next(explanation: &Explanation, next: &Upcoming, words: &mut Words) {
    let in_s = seconds(Millis((next.at - explanation.at).0.max(0)));
    let (zh, en) = of_change(&next.what);
    words.say(
        format!("下一变化在 {in_s} 秒后：{zh}。"),
        format!("Next change in {in_s} s: {en}."),
    );
}

fn of_change(what: &What) -> (String, String) {
    match what {
        What::Step {
            requires,
            also_agents_of,
            ..
        } => of_step(requires.as_ref(), also_agents_of),
        What::Escalation {
            rule,
            boost,
            move_to,
            notifies,
        } => of_escalation(rule, *boost, move_to.as_ref(), *notifies),
        What::CooldownEnds { agent } => (
            format!("可再次派给坐席 {agent}"),
            format!("agent {agent} may be offered it again"),
        ),
        What::CooldownMayEnd { agent } => (
            format!("若无他人可受理，可再次派给坐席 {agent}"),
            format!("agent {agent} may be offered it again if nobody else could take it"),
        ),
        What::ChannelRests { agent } => (
            format!("坐席 {agent} 恢复接单"),
            format!("agent {agent} is offered contacts of this channel again"),
        ),
        What::Scheduled => ("预约时间到".to_owned(), "its time comes".to_owned()),
        What::OfferEnds { agent } => (
            format!("坐席 {agent} 若仍未应答，派单失效"),
            format!("the offer ends unless agent {agent} answers"),
        ),
        What::ParkingEnds => ("搁置结束".to_owned(), "it is parked no longer".to_owned()),
        What::DialEnds => (
            "若客户仍未接听，改期再拨".to_owned(),
            "the call ends unless the customer answers".to_owned(),
        ),
        What::ResponseLate => ("回复超时".to_owned(), "the next answer is late".to_owned()),
        What::WrapUpEnds => ("话后处理结束".to_owned(), "the wrap-up ends".to_owned()),
    }
}

fn of_step(requires: Option<&Requirements>, also_agents_of: &[Name]) -> (String, String) {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    if let Some(requires) = requires {
        let listed = requires.iter();
        let listed: Vec<String> = listed
            .map(|(skill, level)| format!("{skill} {}", level.get()))
            .collect();
        let listed = listed.join(", ");
        if listed.is_empty() {
            zh.push("不再要求技能".to_owned());
            en.push("no skill is required any more".to_owned());
        } else {
            zh.push(format!("只要求 {listed}"));
            en.push(format!("only {listed} is required"));
        }
    }
    if !also_agents_of.is_empty() {
        let names: Vec<&str> = also_agents_of.iter().map(Name::as_str).collect();
        let names = names.join(", ");
        zh.push(format!("{names} 的坐席也可受理"));
        en.push(format!("agents of {names} may serve, too"));
    }
    (zh.join("，"), en.join(", and "))
}

fn of_escalation(
    rule: &Name,
    boost: Millis,
    move_to: Option<&Name>,
    notifies: bool,
) -> (String, String) {
    let mut zh = vec![format!("触发升级规则 {rule}")];
    let mut en = vec![format!("rule {rule} fires")];
    if boost != Millis::ZERO {
        let amount = seconds(boost);
        zh.push(format!("提前 {amount} 秒"));
        en.push(format!("moving it forward by {amount} s"));
    }
    if let Some(queue) = move_to {
        zh.push(format!("转入队列 {queue}"));
        en.push(format!("moving it to queue {queue}"));
    }
    if notifies {
        zh.push("通知主管".to_owned());
        en.push("telling supervisors".to_owned());
    }
    (zh.join("，"), en.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_says_who_may_serve_from_then_on() {
        let general = [Name::new("general").unwrap()];
        let (zh, en) = of_step(None, &general);
        assert_eq!(en, "agents of general may serve, too");
        assert_eq!(zh, "general 的坐席也可受理");
        let (_, en) = of_step(Some(&Requirements::default()), &general);
        assert_eq!(
            en,
            "no skill is required any more, and agents of general may serve, too"
        );
    }
}
