//! A contact or a candidate of a reply, summed up in a few sentences.

use crate::domain::Timestamp;
use crate::domain::instant::print as at;
use crate::engine::state::contact::ContactState;
use crate::engine::view::{Candidate, ContactView, Explanation, UpcomingChange, WaitEstimate};
use crate::wire::words::obstacle::of_obstacle;
use crate::wire::words::state::{PAUSED, RESERVED, of_room, of_waits_for, say_state};
use crate::wire::words::{Phrase, Words, say};

pub fn of_contact(explanation: &Explanation) -> Phrase {
    let contact = &explanation.contact;
    match contact.state {
        ContactState::Queued => of_waiting(explanation),
        ContactState::Moving
        | ContactState::Scheduled
        | ContactState::Offered
        | ContactState::Active
        | ContactState::Parked
        | ContactState::WrapUp
        | ContactState::Closed(_) => {
            let mut words = Words::default();
            say_state(explanation, &mut words);
            say(words.zh.concat(), words.en.join(" "))
        }
    }
}

fn of_waiting(explanation: &Explanation) -> Phrase {
    let mut told = of_place(&explanation.contact);
    if let Some(opens) = explanation.opens_at {
        let opens = at(opens);
        told = told.and(say(
            format!("队列目前非营业时间，{opens} 开始营业。"),
            format!("The queue is closed, and opens at {opens}."),
        ));
    }
    if explanation.is_paused {
        told = told.and(PAUSED);
    }
    if let Some(outlook) = outlook(explanation) {
        told = told.and(outlook);
    }
    if let Some(wanted) = &explanation.waits_for {
        told = told.and(of_waits_for(wanted));
    }
    if explanation.contact.is_reserved {
        told = told.and(RESERVED);
    }
    if let Some(agent) = &explanation.room_kept_by {
        told = told.and(of_room(agent));
    }
    if let Some(next) = relaxed_at(explanation) {
        let next = at(next);
        told = told.and(say(
            format!("将在 {next} 放宽条件，由更多坐席受理。"),
            format!("More agents can take it from {next} on."),
        ));
    }
    told
}

/// When a step comes that adds agents.
fn relaxed_at(explanation: &Explanation) -> Option<Timestamp> {
    let mut changes = explanation.changes.iter();
    let step = changes.find(|next| matches!(next.what, UpcomingChange::Step { .. }));
    step.map(|next| next.at)
}

fn outlook(explanation: &Explanation) -> Option<Phrase> {
    let mut candidates = explanation.candidates.iter();
    if explanation.unroutable {
        return Some(say(
            "没有任何已登记的坐席能够受理。",
            "No registered agent could ever take it.",
        ));
    }
    if let Some(free) = candidates.find(|candidate| candidate.failed.is_none()) {
        let agent = &free.agent;
        return Some(say(
            format!("坐席 {agent} 可以受理，轮到时即派单。"),
            format!("Agent {agent} can take it when its turn comes."),
        ));
    }
    (explanation.contact.wait == WaitEstimate::NobodyStaffed).then(|| {
        say(
            "目前没有能够受理的坐席在岗。",
            "No agent who could take it is signed in and ready.",
        )
    })
}

fn of_place(contact: &ContactView) -> Phrase {
    let (queue, step, due) = (&contact.queue, contact.step, at(contact.due_at));
    match contact.position {
        Some(place) => say(
            format!("在队列 {queue} 中排第 {place} 位，排位时刻为 {due}，处于第 {step} 步。"),
            format!(
                "It is number {place} in queue {queue}, at step {step}; its place is determined by \
                 {due}."
            ),
        ),
        None => say(
            format!("在队列 {queue} 中等待，排位时刻为 {due}，处于第 {step} 步。"),
            format!("It waits in queue {queue}, at step {step}; its place is determined by {due}."),
        ),
    }
}

pub fn of_candidate(candidate: &Candidate) -> Phrase {
    let agent = &candidate.agent;
    if candidate.is_offered {
        return say(
            format!("正在派给坐席 {agent}，等待应答。"),
            format!("It is offered to agent {agent}, who has not answered yet."),
        );
    }
    let Some(obstacle) = &candidate.failed else {
        return say(
            format!("坐席 {agent} 可以受理。"),
            format!("Agent {agent} can take it."),
        );
    };
    let reason = of_obstacle(obstacle);
    say(
        format!("坐席 {agent} {}。", reason.zh),
        format!("Agent {agent} {}.", reason.en),
    )
}
