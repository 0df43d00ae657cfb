//! Where a contact is that is not in line, and which agent one in line waits for.

use crate::domain::instant::print as at;
use crate::domain::{Name, Timestamp};
use crate::engine::command::CUSTOMER_LEFT;
use crate::engine::state::contact::{ContactState, Final};
use crate::engine::view::{
    ConsultView, ContactView, Explanation, UpcomingChange, WaitsFor, Wanted,
};
use crate::wire::words::{Phrase, Words, say};

/// Contacts of its queue are not offered.
pub(super) const PAUSED: Phrase = Phrase::of(
    "队列已暂停，恢复之前不派单。",
    "The queue is paused: nothing is offered until it is resumed.",
);

/// The next agent is reserved for it.
pub(super) const RESERVED: Phrase = Phrase::of(
    "下一名可受理的空闲坐席已为其预留。",
    "The next agent who may serve it is reserved for it, whatever else is due.",
);

/// An agent who keeps room for it.
pub(super) fn of_room(agent: &Name) -> Phrase {
    say(
        format!("坐席 {agent} 正为其腾出余量，在此之前不接其他联系。"),
        format!("Agent {agent} takes nothing else until there is room for it."),
    )
}

pub(super) fn say_state(explanation: &Explanation, words: &mut Words) {
    let contact = &explanation.contact;
    match (contact.state, &contact.agent) {
        (ContactState::Scheduled, _) => say_scheduled(explanation, words),
        (ContactState::Offered, Some(agent)) => {
            words.say(
                format!("状态为派单中，正在派给坐席 {agent}。"),
                format!("It is offered to agent {agent}."),
            );
            say_beside(contact, words);
        }
        (ContactState::Parked, Some(agent)) if contact.woken_at.is_some() => {
            let (zh, en) = if contact.woken_by_customer {
                ("客户已发来消息", "its customer has written")
            } else {
                ("挂起已到时", "its parking time is over")
            };
            words.say(
                format!("由坐席 {agent} 挂起，{zh}，等待轮到该坐席接回。"),
                format!(
                    "It was parked by agent {agent}; {en}, and it waits for the agent to take it \
                     back."
                ),
            );
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
    if let Some((agent, until)) = contact.agent.as_ref().zip(explanation.agent_away_until) {
        let until = at(until);
        words.say(
            format!("坐席 {agent} 连接中断，保留至 {until}。"),
            format!("Agent {agent} has lost the connection and can return until {until}."),
        );
    }
    say_help(contact, words);
    say_end(contact, words);
}

fn say_beside(contact: &ContactView, words: &mut Words) {
    let beside: Vec<&str> = contact.offered_beside.iter().map(Name::as_str).collect();
    if !beside.is_empty() {
        words.say(
            format!("同时也派给坐席 {}，先接者得。", beside.join("、")),
            format!(
                "At the same time it is offered to {}: the first to accept gets it.",
                beside.join(", ")
            ),
        );
    }
}

/// Until when it is not offered, and why.
fn say_scheduled(explanation: &Explanation, words: &mut Words) {
    let contact = &explanation.contact;
    let mut changes = explanation.changes.iter();
    let next = changes.find(|next| {
        matches!(
            next.what,
            UpcomingChange::Scheduled | UpcomingChange::DialEnds { .. }
        )
    });
    let until = next.map_or(contact.queued_at, |next| next.at);
    let is_dialled = next.is_some_and(|next| matches!(next.what, UpcomingChange::DialEnds { .. }));
    let until = at(until);
    let attempts = contact.callback.as_ref().map_or(0, |call| call.attempts);
    let times = match attempts {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    };
    if is_dialled {
        words.say(
            format!("正在呼叫客户，等待接听至 {until}，接听前不派单。"),
            format!(
                "Its customer is being called until {until}; it is not offered before they answer."
            ),
        );
    } else if attempts > 0 {
        words.say(
            format!("回拨 {attempts} 次未接通，{until} 之前不再拨打，也不派单。"),
            format!(
                "Its customer was called {times} without answering; it is not offered before \
                 {until}."
            ),
        );
    } else {
        words.say(
            format!("预约在 {until} 之前不派单。"),
            format!("Scheduled; not offered before {until}."),
        );
    }
}

/// Hold, and the second agent.
fn say_help(contact: &ContactView, words: &mut Words) {
    if let Some(consult) = &contact.consulted {
        return say_consult(consult, contact.held_since, words);
    }
    let Some(since) = contact.held_since.map(at) else {
        return;
    };
    if contact.is_interrupted {
        words.say(
            format!("另一联系插入，客户自 {since} 起处于保持状态。"),
            format!(
                "Another contact has interrupted it; the customer has been on hold since {since}."
            ),
        );
    } else {
        words.say(
            format!("客户自 {since} 起处于保持状态。"),
            format!("The customer has been on hold since {since}."),
        );
    }
}

fn say_consult(consult: &ConsultView, held_since: Option<Timestamp>, words: &mut Words) {
    let (agent, since) = (&consult.agent, at(consult.since));
    let (zh, en) = if consult.conference {
        (
            format!("坐席 {agent} 自 {since} 起协助，三方会话中"),
            format!("Agent {agent}, asked at {since}, is in conference with them"),
        )
    } else if consult.accepted {
        (
            format!("坐席 {agent} 自 {since} 起协助"),
            format!("Agent {agent}, asked at {since}, helps"),
        )
    } else {
        (
            format!("已于 {since} 请坐席 {agent} 协助，尚未应答"),
            format!("Agent {agent} was asked for help at {since} and has not answered yet"),
        )
    };
    let Some(held_since) = held_since.map(at) else {
        return words.say(format!("{zh}。"), format!("{en}."));
    };
    words.say(
        format!("{zh}，客户自 {held_since} 起处于保持状态。"),
        format!("{en}; the customer has been on hold since {held_since}."),
    );
}

/// How it ended, as far as that was reported.
fn say_end(contact: &ContactView, words: &mut Words) {
    let Some(text) = contact.outcome.as_deref() else {
        return;
    };
    match contact.state {
        ContactState::Closed(Final::Deflected) => words.say(
            format!("已告知客户：“{text}”。"),
            format!("The customer was told: “{text}”."),
        ),
        ContactState::Closed(how @ (Final::Abandoned | Final::Cancelled)) => match text {
            "no_show" if how == Final::Abandoned => {
                words.say("叫号后客户未到。", "The customer did not come when called.");
            }
            CUSTOMER_LEFT => words.say("客户已自行离开。", "The customer has left."),
            text => words.say(format!("原因：{text}。"), format!("The reason: {text}.")),
        },
        ContactState::WrapUp | ContactState::Closed(Final::Completed) => {
            words.say(format!("结果：{text}。"), format!("The outcome: {text}."));
        }
        ContactState::Moving
        | ContactState::Scheduled
        | ContactState::Queued
        | ContactState::Offered
        | ContactState::Active
        | ContactState::Parked => {}
    }
}

pub(super) fn of_waits_for(wanted: &WaitsFor) -> Phrase {
    let agent = &wanted.agent;
    let (zh, en) = match wanted.why {
        Wanted::AskedFor => ("客户指定的", "the one that it asks for"),
        Wanted::AccountManager => ("客户经理", "the account manager"),
        Wanted::LastAgent => ("上次服务此客户的", "the last agent of this customer"),
        Wanted::HandedOn => ("转接指定的", "to whom it was transferred"),
    };
    match wanted.until.map(at) {
        Some(until) => say(
            format!("{until} 之前只等{zh}坐席 {agent}。"),
            format!("Until {until} it waits for agent {agent} alone, {en}."),
        ),
        None => say(
            format!("只等{zh}坐席 {agent}。"),
            format!("It waits for agent {agent} alone, {en}."),
        ),
    }
}

fn state_in_chinese(state: ContactState) -> &'static str {
    match state {
        ContactState::Offered => "派单中",
        ContactState::Active => "服务中",
        ContactState::Parked => "挂起",
        ContactState::WrapUp => "话后处理",
        ContactState::Closed(Final::Completed) => "已完成",
        ContactState::Closed(Final::Abandoned) => "已放弃",
        ContactState::Closed(Final::Cancelled) => "已取消",
        ContactState::Closed(Final::Deflected) => "已分流",
        ContactState::Moving | ContactState::Scheduled | ContactState::Queued => state.name(),
    }
}

fn state_in_english(state: ContactState) -> &'static str {
    match state {
        ContactState::WrapUp => "being wrapped up",
        ContactState::Active => "being served",
        ContactState::Moving
        | ContactState::Scheduled
        | ContactState::Queued
        | ContactState::Offered
        | ContactState::Parked
        | ContactState::Closed(_) => state.name(),
    }
}
