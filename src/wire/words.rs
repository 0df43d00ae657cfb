//! An explanation in sentences, Chinese and English, as a supervisor would say it: made
//! from the same data as the reply beside it, and from nothing else.

use crate::domain::instant::print as at;
use crate::domain::{Millis, Name, Requirements};
use crate::engine::choice::{Choice, How, Shortlisted, Unknown};
use crate::engine::cost::Cost;
use crate::engine::options::Select;
use crate::engine::view::{Explanation, Obstacle, Upcoming, What};
use serde::Serialize;
use utoipa::ToSchema;

/// The same sentences in two languages, one by one.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Words {
    pub zh: Vec<String>,
    pub en: Vec<String>,
}

impl Words {
    fn say(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.zh.push(zh.into());
        self.en.push(en.into());
    }
}

/// Why a contact waits, or why it went where it is.
pub fn of(explanation: &Explanation) -> Words {
    let mut words = Words::default();
    let contact = &explanation.contact;
    match (contact.state, &contact.agent) {
        ("queued", _) => {
            say_place(explanation, &mut words);
            say_due(explanation, &mut words);
            say_candidates(explanation, &mut words);
        }
        ("scheduled", _) => {
            let at = at(contact.queued_at);
            words.say(
                format!("预约在 {at} 之前不派单。"),
                format!("Scheduled, and offered to nobody before {at}."),
            );
            say_candidates(explanation, &mut words);
        }
        (state, Some(agent)) => words.say(
            format!("状态为{}，由坐席 {agent} 负责。", state_in_chinese(state)),
            format!("It is {}, with agent {agent}.", state_in_english(state)),
        ),
        (state, None) => words.say(
            format!("状态为{}。", state_in_chinese(state)),
            format!("It is {}.", state_in_english(state)),
        ),
    }
    if let Some(choice) = &explanation.choice {
        say_choice(choice, &mut words);
    }
    if let Some(next) = explanation.changes.first() {
        say_next(explanation, next, &mut words);
    }
    words
}

fn say_place(explanation: &Explanation, words: &mut Words) {
    let contact = &explanation.contact;
    let (queue, step) = (&contact.queue, contact.step);
    let waited = seconds(explanation.at - contact.queued_at);
    if let Some(place) = contact.position {
        words.say(
            format!("在队列 {queue} 中排第 {place} 位，已等待 {waited} 秒，处于第 {step} 步。"),
            format!("Number {place} in queue {queue}, for {waited} s now, at step {step}."),
        );
    }
}

/// `due`, term by term.
fn say_due(explanation: &Explanation, words: &mut Words) {
    let contact = &explanation.contact;
    for (term, span) in &explanation.due_terms {
        let amount = seconds(Millis(span.0.abs()));
        match *term {
            "target" => words.say(
                format!("队列承诺 {amount} 秒内接通。"),
                format!("The queue promises an answer within {amount} s."),
            ),
            "head_start" if span.0 != 0 => {
                let tier = &contact.tier;
                words.say(
                    format!("视同提前 {amount} 秒到达（{tier}）。"),
                    format!("Served as if they had come {amount} s earlier ({tier})."),
                );
            }
            "boost" if span.0 != 0 => words.say(
                format!("升级规则将其提前了 {amount} 秒。"),
                format!("Escalations have moved it forward by {amount} s."),
            ),
            _ => {}
        }
    }
    let due = at(contact.due_at);
    words.say(
        format!("因此应接时刻为 {due}，先到期者先服务。"),
        format!("So it is due at {due}, and who is due first is served first."),
    );
}

/// How many agents fail which test.
fn say_candidates(explanation: &Explanation, words: &mut Words) {
    if explanation.unroutable {
        words.say(
            "没有任何已登记的坐席能够受理。",
            "No registered agent could ever take it.",
        );
    }
    let mut counts: Vec<(Reason, usize)> = Vec::new();
    for candidate in &explanation.candidates {
        let reason = candidate.failed.as_ref().map_or(FREE, reason);
        match counts.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => counts.push((reason, 1)),
        }
    }
    if counts.is_empty() {
        return;
    }
    let all = explanation.candidates.len();
    let zh: Vec<String> = counts
        .iter()
        .map(|((zh, _), count)| format!("{count} 名{zh}"))
        .collect();
    let en: Vec<String> = counts
        .iter()
        .map(|((_, en), count)| format!("{count} {en}"))
        .collect();
    words.say(
        format!("当前步骤的 {all} 名坐席中：{}。", zh.join("，")),
        format!("Of the {all} agents of this step: {}.", en.join(", ")),
    );
}

type Reason = (&'static str, &'static str);

const FREE: Reason = ("可以受理", "could take it");

fn reason(obstacle: &Obstacle) -> Reason {
    match obstacle {
        Obstacle::NotInQueue => ("不服务该队列", "not of this queue"),
        Obstacle::MissingSkill { .. } => ("技能不足", "without the skill"),
        Obstacle::NotConnected => ("未登录", "not signed in"),
        Obstacle::InGrace { .. } => ("连接中断", "with a lost connection"),
        Obstacle::NotReady { .. } => ("未就绪", "not ready"),
        Obstacle::Draining => ("正在收尾", "finishing their work"),
        Obstacle::ChannelCoolingDown { .. } => {
            ("因未应答暂停", "resting after an unanswered offer")
        }
        Obstacle::ChannelSuspended => ("因多次未应答停派", "suspended after unanswered offers"),
        Obstacle::CoolingDown { .. } => ("刚拒接过此联系", "who have just refused it"),
        Obstacle::NoCapacity { .. } | Obstacle::ChannelFull { .. } => ("已满", "fully occupied"),
        Obstacle::CategoryFull { .. } => ("同类联系已满", "with as many of its category as may be"),
        Obstacle::CapacityKept { .. } => {
            ("余量留给其他等级客户", "with room for other tiers alone")
        }
        Obstacle::NotBeside { .. } => (
            "正在处理不可并行的联系",
            "with a contact that it may not break into",
        ),
        Obstacle::OffersOpen { .. } => ("有派单未应答", "with offers open"),
        Obstacle::OtherIsDialled => ("正在为其呼叫另一客户", "with another customer being called"),
        Obstacle::WaitsForOther { .. } => ("不是指定坐席", "not the one it waits for"),
        Obstacle::QueuePaused => ("所在队列已暂停", "held up because the queue is paused"),
        Obstacle::QueueClosed { .. } => {
            ("所在队列非营业时间", "held up because the queue is closed")
        }
        Obstacle::QueueIsPulled => ("须主动叫号", "who have to call it"),
        Obstacle::KeptForOthers { .. } => ("留给其他等级客户", "kept for other tiers"),
    }
}

fn say_choice(choice: &Result<Choice, Unknown>, words: &mut Words) {
    match choice {
        Err(Unknown::RestartedSince) => words.say(
            "系统此后重启过，选择理由已不可知。",
            "What was compared is not known any more: the server has restarted since.",
        ),
        Err(Unknown::NotKept) => words.say(
            "当时派单过多，未保留选择理由。",
            "What was compared was not kept: too many offers have been made.",
        ),
        Err(Unknown::Called) => words.say(
            "由坐席主动叫号，未作比较。",
            "The agent called it; nothing was compared.",
        ),
        Ok(choice) => {
            say_how(choice, words);
            if let Some(cost) = choice.cost {
                say_cost(&choice.agent, cost, words);
            }
        }
    }
}

fn say_how(choice: &Choice, words: &mut Words) {
    let agent = &choice.agent;
    match &choice.how {
        How::Meant => words.say(
            format!("此联系专门等待坐席 {agent}。"),
            format!("It waited for agent {agent} alone."),
        ),
        How::Assigned { by } => words.say(
            format!("由主管 {} 指派给坐席 {agent}。", &**by),
            format!("Supervisor {} assigned it to agent {agent}.", &**by),
        ),
        How::ForContact {
            shortlist,
            could_take,
        } => {
            let (zh, en) = merit(choice.select, shortlist.first());
            words.say(
                format!("联系寻找坐席：{could_take} 名可受理的坐席中，{agent} {zh}。"),
                format!("It looked for an agent: of {could_take} who could take it, {agent} {en}."),
            );
            if let Some(second) = shortlist.get(1) {
                let (zh, en) = merit_of_second(choice.select, second);
                let second = &second.agent;
                words.say(
                    format!("其次是 {second}（{zh}）。"),
                    format!("Next best was {second} ({en})."),
                );
            }
        }
        How::ForAgent { heads, lines } => {
            let Some(first) = heads.first() else {
                return;
            };
            let (due, fit) = (at(first.due), seconds(first.fit));
            words.say(
                format!(
                    "坐席 {agent} 有空，在 {lines} 条队伍的排头中选取最先到期者：应接时刻 {due}，\
                     坐席匹配提前 {fit} 秒。"
                ),
                format!(
                    "Agent {agent} had room and took who was due first of {lines} lines: due at \
                     {due}, {fit} s earlier for this agent."
                ),
            );
            if let Some(second) = heads.get(1) {
                let (queue, due, fit) = (&second.queue, at(second.due), seconds(second.fit));
                words.say(
                    format!("其次是队列 {queue} 的联系，应接时刻 {due}，提前 {fit} 秒。"),
                    format!("Next was one of queue {queue}, due at {due}, {fit} s earlier."),
                );
            }
        }
    }
}

/// By what the chosen agent was the best.
fn merit(select: Select, first: Option<&Shortlisted>) -> (String, String) {
    let Some(first) = first else {
        return ("被选中".to_owned(), "was chosen".to_owned());
    };
    let (zh, en) = figure(select, first);
    match select {
        Select::Best => (format!("成本最低（{zh}）"), format!("costs least ({en})")),
        Select::LeastLoad => (
            format!("负载最低（{zh}）"),
            format!("had the least load ({en})"),
        ),
        Select::MostLoad => (
            format!("负载最高（{zh}）"),
            format!("had the most load ({en})"),
        ),
        Select::LongestIdle => (
            format!("空闲最久（{zh}）"),
            format!("had been idle for longest ({en})"),
        ),
        Select::BestSkill => (
            format!("技能最高（{zh}）"),
            format!("has the best skills ({en})"),
        ),
        Select::RoundRobin => (
            format!("轮到其接单（{zh}）"),
            format!("was next in turn ({en})"),
        ),
    }
}

fn merit_of_second(select: Select, second: &Shortlisted) -> (String, String) {
    let (zh, en) = figure(select, second);
    if second.step == 0 {
        return (zh, en);
    }
    let step = second.step;
    (
        format!("{zh}，第 {step} 步加入"),
        format!("{en}, in by step {step}"),
    )
}

/// What the queue compares, of one agent.
fn figure(select: Select, listed: &Shortlisted) -> (String, String) {
    match select {
        Select::Best => {
            let total = seconds(listed.cost.map_or(Millis::ZERO, |cost| cost.total()));
            (format!("{total} 秒"), format!("{total} s"))
        }
        Select::LeastLoad | Select::MostLoad => {
            let percent = listed.load_permille / 10;
            (format!("{percent}%"), format!("{percent} %"))
        }
        Select::LongestIdle => {
            let idle = seconds(listed.idle);
            (format!("{idle} 秒"), format!("{idle} s"))
        }
        Select::BestSkill => {
            let sum = listed.skill_sum;
            (format!("等级合计 {sum}"), format!("levels add up to {sum}"))
        }
        Select::RoundRobin => {
            let turn = listed.last_turn;
            (
                format!("上次派单号 {turn}"),
                format!("last offer number {turn}"),
            )
        }
    }
}

/// A cost, term by term, without those that are nothing.
fn say_cost(agent: &Name, cost: Cost, words: &mut Words) {
    let terms = [
        (cost.work, "预计工作量", "expected work"),
        (
            cost.last_agent,
            "上次服务此客户",
            "the last agent of this customer",
        ),
        (cost.account_manager, "客户经理", "the account manager"),
        (cost.idle, "空闲", "idle time"),
        (
            cost.crowding,
            "拖慢手头联系",
            "slowing down what is in hand",
        ),
        (
            cost.occupancy,
            "占用整名坐席",
            "occupying an agent whom others need whole",
        ),
    ];
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for (span, in_chinese, in_english) in terms {
        let amount = seconds(span);
        if amount != 0 {
            zh.push(format!("{in_chinese} {amount:+} 秒"));
            en.push(format!("{in_english} {amount:+} s"));
        }
    }
    let total = seconds(cost.total());
    words.say(
        format!("坐席 {agent} 的成本为 {total} 秒：{}。", zh.join("，")),
        format!("Agent {agent} costs {total} s: {}.", en.join(", ")),
    );
}

fn say_next(explanation: &Explanation, next: &Upcoming, words: &mut Words) {
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

/// To the nearest second, the way a person says it.
fn seconds(span: Millis) -> i64 {
    (span.0 + 500 * span.0.signum()) / 1_000
}

fn state_in_chinese(state: &str) -> &str {
    match state {
        "offered" => "派单中",
        "active" => "服务中",
        "parked" => "挂起",
        "wrap_up" => "话后处理",
        "completed" => "已完成",
        "abandoned" => "已放弃",
        "cancelled" => "已取消",
        "deflected" => "已分流",
        other => other,
    }
}

fn state_in_english(state: &str) -> &str {
    match state {
        "wrap_up" => "being wrapped up",
        "active" => "being served",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_to_the_nearest_on_both_sides_of_nothing() {
        let said = [-1_500, -1_499, -499, 0, 499, 500, 1_499].map(|ms| seconds(Millis(ms)));
        assert_eq!(said, [-2, -1, 0, 0, 0, 1, 1]);
    }

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
