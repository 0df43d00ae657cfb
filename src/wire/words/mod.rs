//! An explanation in sentences, in Chinese and English, for supervisors: made only from the data of
//! the same reply.

mod choice;
mod next;
mod obstacle;
pub mod sentence;
mod state;

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::instant::print as at;
use crate::engine::state::contact::ContactState;
use crate::engine::state::due::DueTerm;
use crate::engine::view::Explanation;
use crate::wire::words::choice::say_choice;
use crate::wire::words::next::say_next;
use crate::wire::words::obstacle::{FREE, in_short};
use crate::wire::words::state::{PAUSED, RESERVED, of_room, of_waits_for, say_state};

/// The same sentence in two languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Sentence)]
pub struct Phrase {
    #[schema(value_type = String)]
    pub zh: Cow<'static, str>,
    #[schema(value_type = String)]
    pub en: Cow<'static, str>,
}

impl Phrase {
    const fn of(zh: &'static str, en: &'static str) -> Self {
        Self {
            zh: Cow::Borrowed(zh),
            en: Cow::Borrowed(en),
        }
    }

    fn and(self, next: Self) -> Self {
        say(
            format!("{}{}", self.zh, next.zh),
            format!("{} {}", self.en, next.en),
        )
    }
}

fn say(zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Phrase {
    Phrase {
        zh: zh.into(),
        en: en.into(),
    }
}

/// The same sentences in two languages, in order.
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

    fn add(&mut self, phrase: Phrase) {
        self.say(phrase.zh, phrase.en);
    }
}

/// Why a contact waits, or why it went where it is.
pub fn of(explanation: &Explanation) -> Words {
    let mut words = Words::default();
    let contact = &explanation.contact;
    match contact.state {
        ContactState::Queued => {
            say_place(explanation, &mut words);
            say_wait(explanation, &mut words);
            say_due(explanation, &mut words);
            say_candidates(explanation, &mut words);
        }
        ContactState::Scheduled => {
            say_state(explanation, &mut words);
            if let Some(wanted) = &explanation.waits_for {
                words.add(of_waits_for(wanted));
            }
            say_candidates(explanation, &mut words);
        }
        ContactState::Moving
        | ContactState::Offered
        | ContactState::Active
        | ContactState::Parked
        | ContactState::WrapUp
        | ContactState::Closed(_) => say_state(explanation, &mut words),
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
    let waited = seconds(explanation.waited);
    if let Some(place) = contact.position {
        words.say(
            format!("在队列 {queue} 中排第 {place} 位，已等待 {waited} 秒，处于第 {step} 步。"),
            format!("Number {place} in queue {queue}, waiting for {waited} s, at step {step}."),
        );
    }
}

/// `due`, term by term.
fn say_due(explanation: &Explanation, words: &mut Words) {
    let contact = &explanation.contact;
    for (term, span) in &explanation.due_terms {
        let amount = seconds(Millis(span.0.abs()));
        match term {
            DueTerm::Target => words.say(
                format!("队列承诺 {amount} 秒内接通。"),
                format!("The queue promises an answer within {amount} s."),
            ),
            DueTerm::HeadStart if span.0 != 0 => {
                let tier = &contact.tier;
                words.say(
                    format!("视同提前 {amount} 秒到达（{tier}）。"),
                    format!("Served as if the customer had come {amount} s earlier ({tier})."),
                );
            }
            DueTerm::Closed => words.say(
                format!("非营业的 {amount} 秒不计入。"),
                format!("The {amount} s for which the queue is closed do not count."),
            ),
            DueTerm::Boost if span.0 < 0 => words.say(
                format!("升级规则将其提前了 {amount} 秒。"),
                format!("Escalations have moved it forward by {amount} s."),
            ),
            DueTerm::Boost if span.0 > 0 => say_put_back("其位置", "It was", *span, words),
            DueTerm::NoShow => {
                let en = "Its customer did not come when called, and it was";
                say_put_back("叫号未到，", en, *span, words);
            }
            DueTerm::AgentLost => words.say(
                format!("其坐席在服务中掉线，按最优先的等级再提前 {amount} 秒。"),
                format!(
                    "Its agent was lost in the middle of it: {amount} s earlier, as of the tier \
                     with the greatest head start."
                ),
            ),
            // They contribute nothing.
            DueTerm::HeadStart | DueTerm::Boost => {}
        }
    }
    let due = at(contact.due_at);
    words.say(
        format!("因此排位时刻为 {due}，时刻在前者先服务。"),
        format!("Its place in line is determined by {due}; the earliest is served first."),
    );
}

fn say_put_back(zh: &str, en: &str, span: Millis, words: &mut Words) {
    let amount = seconds(span);
    if amount == 0 {
        words.say(
            format!("{zh}后移不足 1 秒。"),
            format!("{en} put back by less than 1 s."),
        );
    } else {
        words.say(
            format!("{zh}后移了 {amount} 秒。"),
            format!("{en} put back by {amount} s."),
        );
    }
}

/// What it waits for besides its turn.
fn say_wait(explanation: &Explanation, words: &mut Words) {
    if let Some(opens) = explanation.opens_at {
        let opens = at(opens);
        words.say(
            format!("队列目前非营业时间，{opens} 开始营业。"),
            format!("The queue is closed, and opens at {opens}."),
        );
    }
    if explanation.is_paused {
        words.add(PAUSED);
    }
    if let Some(wanted) = &explanation.waits_for {
        words.add(of_waits_for(wanted));
    }
    if explanation.contact.is_reserved {
        words.add(RESERVED);
    }
    if let Some(agent) = &explanation.room_kept_by {
        words.add(of_room(agent));
    }
}

/// How many agents fail which test.
fn say_candidates(explanation: &Explanation, words: &mut Words) {
    if explanation.unroutable {
        words.say(
            "没有任何已登记的坐席能够受理。",
            "No registered agent could ever take it.",
        );
    }
    let mut counts: Vec<(Phrase, usize)> = Vec::new();
    for candidate in &explanation.candidates {
        let reason = candidate.failed.as_ref().map_or(FREE, in_short);
        match counts.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => counts.push((reason, 1)),
        }
    }
    if counts.is_empty() {
        return;
    }
    let (listed, left_out) = (
        explanation.candidates.len(),
        explanation.candidates_left_out,
    );
    let zh: Vec<String> = counts
        .iter()
        .map(|(reason, count)| format!("{count} 名{}", reason.zh))
        .collect();
    let en: Vec<String> = counts
        .iter()
        .map(|(reason, count)| format!("{count} {}", reason.en))
        .collect();
    let (zh, en) = (zh.join("，"), en.join(", "));
    if left_out > 0 {
        let all = listed as u64 + left_out;
        words.say(
            format!("当前步骤共 {all} 名坐席，此处列出 {listed} 名，已登录者在先：{zh}。"),
            format!(
                "Of the {all} agents of this step {listed} are listed, those signed in first: {en}."
            ),
        );
    } else {
        words.say(
            format!("当前步骤的 {listed} 名坐席中：{zh}。"),
            format!("Of the {listed} agents of this step: {en}."),
        );
    }
}

/// Rounded to the nearest second.
fn seconds(span: Millis) -> i64 {
    (span.0 + 500 * span.0.signum()) / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_to_the_nearest_on_both_sides_of_zero() {
        let said = [-1_500, -1_499, -499, 0, 499, 500, 1_499].map(|ms| seconds(Millis(ms)));
        assert_eq!(said, [-2, -1, 0, 0, 0, 1, 1]);
    }
}
