//! Why an agent was chosen, against whom, and by how much.

use crate::domain::instant::print as at;
use crate::domain::{Millis, Name, counted};
use crate::engine::choosing::choice::{Basis, Choice, Head, Shortlisted, Unknown};
use crate::engine::choosing::cost::Cost;
use crate::engine::options::Select;
use crate::wire::words::{Phrase, Words, say, seconds};

pub(super) fn say_choice(choice: &Result<Choice, Unknown>, words: &mut Words) {
    match choice {
        Err(Unknown::RestartedSince) => words.say(
            "系统此后重启过，选择理由已不可知。",
            "What was compared is no longer known: the server has restarted since.",
        ),
        Err(Unknown::NotKept) => words.say(
            "当时派单过多，未保留选择理由。",
            "What was compared was not kept: too many offers have been made.",
        ),
        Err(Unknown::Called) => words.say(
            "由坐席主动叫号，未作比较。",
            "The agent called it; nothing was compared.",
        ),
        Err(Unknown::HandedOver) => words.say(
            "此前已请该坐席协助，随后直接移交，未作比较。",
            "It was handed over to this agent, who had been asked for help; nothing was compared.",
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
        Basis::Meant => words.say(
            format!("此联系专门等待坐席 {agent}。"),
            format!("It waited for agent {agent} alone."),
        ),
        Basis::Assigned { by } => words.say(
            format!("由主管 {} 指派给坐席 {agent}。", &**by),
            format!("Supervisor {} assigned it to agent {agent}.", &**by),
        ),
        Basis::ForContact {
            shortlist,
            could_take,
        } => {
            let Phrase { zh, en } = merit(choice.select, shortlist);
            words.say(
                format!("联系寻找坐席：{could_take} 名可受理的坐席中，{agent} {zh}。"),
                format!("It looked for an agent: of {could_take} who could take it, {agent} {en}."),
            );
            if let Some(second) = shortlist.get(1) {
                let Phrase { zh, en } = merit_of_second(choice.select, second);
                let second = &second.agent;
                words.say(
                    format!("其次是 {second}（{zh}）。"),
                    format!("Next best was {second} ({en})."),
                );
            }
        }
        Basis::ForAgent { heads, lines } => say_heads(agent, heads, *lines, words),
    }
}

fn say_heads(agent: &Name, heads: &[Head], lines: u64, words: &mut Words) {
    let Some(first) = heads.first() else {
        return;
    };
    let (due, fit) = (at(first.due), seconds(first.fit));
    let of_lines = counted(lines, "line");
    if first.is_reserved {
        words.say(
            format!("此联系已预留下一名空闲坐席：{agent} 最先有空。"),
            format!(
                "The next agent was reserved for it, whatever else was due: {agent} had \
                 room first."
            ),
        );
        return;
    }
    words.say(
        format!(
            "坐席 {agent} 有空，在 {lines} 条队伍的排头中选取最前者：排位时刻 {due}，\
             坐席匹配提前 {fit} 秒。"
        ),
        format!(
            "Agent {agent} had room and took the contact due first of {of_lines}: due at \
             {due}, less {fit} s of fit."
        ),
    );
    if let Some(second) = heads.get(1) {
        let (queue, due, fit) = (&second.queue, at(second.due), seconds(second.fit));
        words.say(
            format!("其次是队列 {queue} 的联系，排位时刻 {due}，提前 {fit} 秒。"),
            format!("Next was a contact of queue {queue}, due at {due}, less {fit} s of fit."),
        );
    }
}

/// In what respect the chosen agent was the best.
fn merit(select: Select, shortlist: &[Shortlisted]) -> Phrase {
    let Some(first) = shortlist.first() else {
        return say("被选中".to_owned(), "was chosen".to_owned());
    };
    // No other agent of its step could take it, or that one would be second.
    if let Some(second) = shortlist.get(1).filter(|second| second.step > first.step) {
        let step = second.step;
        let Phrase { zh, en } = figure(select, first);
        return say(
            format!("是唯一在第 {step} 步之前即可受理者，先加入者优先（{zh}）"),
            format!(
                "was the only one eligible before step {step}, and earlier steps go first ({en})"
            ),
        );
    }
    let Phrase { zh, en } = figure(select, first);
    match select {
        Select::Best => say(format!("成本最低（{zh}）"), format!("costs least ({en})")),
        Select::LeastLoad => say(
            format!("负载最低（{zh}）"),
            format!("had the least load ({en})"),
        ),
        Select::MostLoad => say(
            format!("负载最高（{zh}）"),
            format!("had the most load ({en})"),
        ),
        Select::LongestIdle => say(
            format!("空闲最久（{zh}）"),
            format!("had been idle the longest ({en})"),
        ),
        Select::BestSkill => say(
            format!("技能最高（{zh}）"),
            format!("has the best skills ({en})"),
        ),
        Select::RoundRobin => say(
            format!("轮到其接单（{zh}）"),
            format!("was next in turn ({en})"),
        ),
    }
}

fn merit_of_second(select: Select, second: &Shortlisted) -> Phrase {
    let Phrase { zh, en } = figure(select, second);
    if second.step == 0 {
        return say(zh, en);
    }
    let step = second.step;
    say(
        format!("{zh}，第 {step} 步加入"),
        format!("{en}, eligible from step {step}"),
    )
}

/// What the queue compares, for one agent.
fn figure(select: Select, listed: &Shortlisted) -> Phrase {
    match select {
        Select::Best => {
            let total = seconds(listed.cost.map_or(Millis::ZERO, |cost| cost.total()));
            say(format!("{total} 秒"), format!("{total} s"))
        }
        Select::LeastLoad | Select::MostLoad => {
            let percent = listed.load_permille / 10;
            say(format!("{percent}%"), format!("{percent} %"))
        }
        Select::LongestIdle => {
            let idle = seconds(listed.idle);
            say(format!("{idle} 秒"), format!("{idle} s"))
        }
        Select::BestSkill => {
            let sum = listed.skill_sum;
            say(format!("等级合计 {sum}"), format!("levels total {sum}"))
        }
        Select::RoundRobin => {
            let turn = listed.last_turn;
            say(
                format!("上次派单号 {turn}"),
                format!("last offer number {turn}"),
            )
        }
    }
}

/// A cost, term by term, without terms of zero.
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
            "slowing down contacts in hand",
        ),
        (
            cost.occupancy,
            "占用整名坐席",
            "occupying an agent that others need whole",
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
