//! What will change next, unless something else happens first.

use crate::domain::{Millis, Name, Requirements, counted};
use crate::engine::options::{Action, Audience};
use crate::engine::view::{Explanation, Upcoming, UpcomingChange};
use crate::wire::words::{Phrase, Words, say, seconds};

pub(super) fn say_next(explanation: &Explanation, next: &Upcoming, words: &mut Words) {
    let in_s = seconds(Millis((next.at - explanation.at).0.max(0)));
    let Phrase { zh, en } = of_change(&next.what);
    words.say(
        format!("下一变化在 {in_s} 秒后：{zh}。"),
        format!("Next change in {in_s} s: {en}."),
    );
}

fn of_change(what: &UpcomingChange) -> Phrase {
    match what {
        UpcomingChange::Step {
            requires,
            also_agents_of,
            ..
        } => of_step(requires.as_ref(), also_agents_of),
        UpcomingChange::Escalation {
            rule,
            is_conditional,
            actions,
        } => of_escalation(rule, *is_conditional, actions),
        UpcomingChange::AgentsLetGo => say(
            "不再为其他等级客户保留空闲坐席",
            "idle agents are no longer reserved for other tiers from it",
        ),
        UpcomingChange::HoldingEnds { agent } => say(
            format!("不再只等坐席 {agent}，其他坐席也可受理"),
            format!("it no longer waits for agent {agent} alone, and anyone may take it"),
        ),
        UpcomingChange::QueueOpens { queue } => of_hours(queue, true),
        UpcomingChange::QueueCloses { queue } => of_hours(queue, false),
        UpcomingChange::GraceEnds { agent } => say(
            format!("坐席 {agent} 若仍未恢复连接，将不再等待该坐席"),
            format!("it goes on without agent {agent} unless the connection is back"),
        ),
        UpcomingChange::CooldownEnds { agent } => of_cooldown(agent, false),
        UpcomingChange::CooldownMayEnd { agent } => of_cooldown(agent, true),
        UpcomingChange::ChannelRests { agent } => say(
            format!("坐席 {agent} 恢复接单"),
            format!("agent {agent} is offered contacts of this channel again"),
        ),
        UpcomingChange::Scheduled => say("预约时间到", "its scheduled time comes"),
        UpcomingChange::OfferEnds { agent } => say(
            format!("坐席 {agent} 若仍未应答，派单失效"),
            format!("the offer ends unless agent {agent} answers"),
        ),
        UpcomingChange::ParkingEnds {
            is_awake,
            goes_back,
        } => of_parking(*is_awake, *goes_back),
        UpcomingChange::DialEnds { is_last } => of_dial(*is_last),
        UpcomingChange::OtherDialEnds { agent } => say(
            format!("坐席 {agent} 呼叫另一客户的时限到"),
            format!("the call to another customer for agent {agent} ends unless answered"),
        ),
        UpcomingChange::EndMissed => say(
            "若仍未上报结束，将自动结束",
            "it is closed unless its end is reported",
        ),
        UpcomingChange::ResponseLate => say("回复超时", "the next reply is late"),
        UpcomingChange::WrapUpEnds { agent } => say(
            format!("坐席 {agent} 的话后处理结束"),
            format!("the wrap-up of agent {agent} ends"),
        ),
        UpcomingChange::TakenUpAgain { agent } => say(
            format!("由坐席 {agent} 接回"),
            format!("agent {agent} takes it back"),
        ),
    }
}

fn of_cooldown(agent: &Name, is_early: bool) -> Phrase {
    if is_early {
        say(
            format!("若无他人可受理，可再次派给坐席 {agent}"),
            format!("agent {agent} may be offered it again if nobody else could take it"),
        )
    } else {
        say(
            format!("可再次派给坐席 {agent}"),
            format!("agent {agent} may be offered it again"),
        )
    }
}

fn of_hours(queue: &Name, opens: bool) -> Phrase {
    if opens {
        say(
            format!("队列 {queue} 开始营业"),
            format!("queue {queue} opens"),
        )
    } else {
        say(
            format!("队列 {queue} 停止营业，此后不再派单"),
            format!("queue {queue} closes, and it is not offered from then on"),
        )
    }
}

fn of_dial(is_last: bool) -> Phrase {
    if is_last {
        Phrase::of(
            "若客户仍未接听，不再拨打，联络结束",
            "it ends unless the customer answers; there is no further attempt",
        )
    } else {
        Phrase::of(
            "若客户仍未接听，改期再拨",
            "the call ends unless the customer answers",
        )
    }
}

fn of_parking(is_awake: bool, goes_back: bool) -> Phrase {
    match (is_awake, goes_back) {
        (true, _) => Phrase::of(
            "原坐席若仍未接回，返回队列",
            "it returns to its queue unless its agent has taken it back",
        ),
        (false, true) => Phrase::of(
            "挂起结束，原坐席若仍不在，返回队列",
            "it wakes, and returns to its queue unless its agent is back",
        ),
        (false, false) => Phrase::of(
            "挂起结束，重新等待原坐席",
            "it wakes and waits for its agent",
        ),
    }
}

fn of_step(requires: Option<&Requirements>, also_agents_of: &[Name]) -> Phrase {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    if let Some(requires) = requires {
        let listed = requires.iter();
        let listed: Vec<String> = listed
            .map(|(skill, level)| format!("{skill} {}", level.get()))
            .collect();
        let listed = listed.join(", ");
        if listed.is_empty() {
            zh.push("不再要求技能".to_owned());
            en.push("skills are no longer required".to_owned());
        } else {
            zh.push(format!("只要求 {listed}"));
            en.push(format!("only {listed} is required"));
        }
    }
    if !also_agents_of.is_empty() {
        let names: Vec<&str> = also_agents_of.iter().map(Name::as_str).collect();
        let names = names.join(", ");
        zh.push(format!("{names} 的坐席也可受理"));
        en.push(format!("agents of {names} may serve as well"));
    }
    say(zh.join("，"), en.join(", and "))
}

fn of_escalation(rule: &Name, is_conditional: bool, actions: &[Action]) -> Phrase {
    let (mut zh, mut en) = if is_conditional {
        (
            vec![format!("若条件成立，触发升级规则 {rule}")],
            vec![format!("rule {rule} fires if its condition holds")],
        )
    } else {
        (
            vec![format!("触发升级规则 {rule}")],
            vec![format!("rule {rule} fires")],
        )
    };
    for action in actions {
        let action = of_action(action);
        zh.push(action.zh.into_owned());
        en.push(action.en.into_owned());
    }
    say(zh.join("，"), en.join(", "))
}

fn of_action(action: &Action) -> Phrase {
    match action {
        Action::Boost(span) => {
            let amount = seconds(*span);
            say(
                format!("提前 {amount} 秒"),
                format!("moving it forward by {amount} s"),
            )
        }
        Action::NextStep => Phrase::of("进入下一步", "taking the next step"),
        Action::MoveTo(queue) => say(
            format!("转入队列 {queue}"),
            format!("moving it to queue {queue}"),
        ),
        Action::Notify(Audience::Supervisor) => Phrase::of("通知主管", "notifying supervisors"),
        Action::Notify(Audience::AccountManager) => {
            Phrase::of("通知客户经理", "notifying the account manager")
        }
        Action::Notify(Audience::Webhook) => Phrase::of("调用 webhook", "calling the webhook"),
        Action::AddQueue(queue) => say(
            format!("队列 {queue} 的坐席也可受理"),
            format!("letting agents of queue {queue} serve it as well"),
        ),
        Action::ReserveNext => Phrase::of("预留下一名空闲坐席", "reserving the next agent for it"),
        Action::Message(text) => say(
            format!("告知客户“{}”", &**text),
            format!("telling the customer “{}”", &**text),
        ),
        Action::OfferCallback => Phrase::of("向客户提供回拨", "offering the customer a callback"),
        Action::Deflect(text) => say(
            format!("分流并告知客户“{}”", &**text),
            format!("deflecting it with “{}”", &**text),
        ),
        Action::FanOut(agents) => say(
            format!("同时邀请最多 {agents} 名坐席"),
            format!(
                "offering it to up to {} at once",
                counted(u64::from(*agents), "agent")
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_says_which_agents_may_serve_from_then_on() {
        let general = [Name::new("general").unwrap()];
        let Phrase { zh, en } = of_step(None, &general);
        assert_eq!(en, "agents of general may serve as well");
        assert_eq!(zh, "general 的坐席也可受理");
        let Phrase { en, .. } = of_step(Some(&Requirements::default()), &general);
        assert_eq!(
            en,
            "skills are no longer required, and agents of general may serve as well"
        );
    }
}
