//! Explanations in words, Chinese and English.

use crate::domain::instant::print as at;
use crate::domain::{Channel, Name, Timestamp};
use crate::engine::contact::{ContactState, Cooled};
use crate::engine::view::{
    Candidate, ContactView, Explanation, Obstacle, UpcomingChange, WaitEstimate,
};
use crate::wire::words::Words;
use crate::wire::words::state::{PAUSED, RESERVED, of_room, of_waits_for, say_state};
use serde::Serialize;
use utoipa::ToSchema;

/// The same sentence in two languages.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sentence {
    pub zh: String,
    pub en: String,
}

impl Sentence {
    fn and(mut self, next: Self) -> Self {
        self.zh.push_str(&next.zh);
        self.en.push(' ');
        self.en.push_str(&next.en);
        self
    }
}

fn say(zh: impl Into<String>, en: impl Into<String>) -> Sentence {
    Sentence {
        zh: zh.into(),
        en: en.into(),
    }
}

pub(super) fn of_contact(explanation: &Explanation) -> Sentence {
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

fn of_waiting(explanation: &Explanation) -> Sentence {
    let mut told = of_place(&explanation.contact);
    if let Some(opens) = explanation.opens_at {
        let opens = at(opens);
        told = told.and(say(
            format!("队列目前非营业时间，{opens} 开始营业。"),
            format!("The queue is closed, and opens at {opens}."),
        ));
    }
    if explanation.is_paused {
        let (zh, en) = PAUSED;
        told = told.and(say(zh, en));
    }
    if let Some(outlook) = outlook(explanation) {
        told = told.and(outlook);
    }
    if let Some(wanted) = &explanation.waits_for {
        let (zh, en) = of_waits_for(wanted);
        told = told.and(say(zh, en));
    }
    if explanation.contact.is_reserved {
        let (zh, en) = RESERVED;
        told = told.and(say(zh, en));
    }
    if let Some(agent) = &explanation.room_kept_by {
        let (zh, en) = of_room(agent);
        told = told.and(say(zh, en));
    }
    if let Some(next) = relaxed_at(explanation) {
        let next = at(next);
        told = told.and(say(
            format!("将在 {next} 放宽条件。"),
            format!("What it needs is relaxed at {next}."),
        ));
    }
    told
}

/// When a step comes that lets in somebody else.
fn relaxed_at(explanation: &Explanation) -> Option<Timestamp> {
    let mut changes = explanation.changes.iter();
    let step = changes.find(|next| matches!(next.what, UpcomingChange::Step { .. }));
    step.map(|next| next.at)
}

fn outlook(explanation: &Explanation) -> Option<Sentence> {
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
            format!("Agent {agent} may take it when its turn comes."),
        ));
    }
    (explanation.contact.wait == WaitEstimate::NobodyStaffed).then(|| {
        say(
            "目前没有能够受理的坐席在岗。",
            "Nobody who could take it is signed in and ready.",
        )
    })
}

fn of_place(contact: &ContactView) -> Sentence {
    let (queue, step, due) = (&contact.queue, contact.step, at(contact.due_at));
    match contact.position {
        Some(place) => say(
            format!("在队列 {queue} 中排第 {place} 位，排位时刻为 {due}，处于第 {step} 步。"),
            format!(
                "It is number {place} in queue {queue}, in which its place goes by {due}, at \
                 step {step}."
            ),
        ),
        None => say(
            format!("在队列 {queue} 中等待，排位时刻为 {due}，处于第 {step} 步。"),
            format!("It waits in queue {queue}, in which its place goes by {due}, at step {step}."),
        ),
    }
}

pub(super) fn of_candidate(candidate: &Candidate) -> Sentence {
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
            format!("Agent {agent} may take it."),
        );
    };
    let reason = of_obstacle(obstacle);
    say(
        format!("坐席 {agent} {}。", reason.zh),
        format!("Agent {agent} {}.", reason.en),
    )
}

fn of_obstacle(obstacle: &Obstacle) -> Sentence {
    match obstacle {
        Obstacle::MissingSkill {
            skill,
            required,
            has,
        } => say(
            format!("技能 {skill} 为 {has} 级，需要 {required} 级"),
            format!("has {skill} at level {has}, and {required} is required"),
        ),
        Obstacle::NotConnected => say("未登录", "is not signed in"),
        Obstacle::InGrace { until } => of_grace(*until),
        Obstacle::NotReady { reason } => say(
            format!("未就绪（{}）", &**reason),
            format!("is not ready ({})", &**reason),
        ),
        Obstacle::Draining => say("正在收尾，不再接新单", "finishes what is at hand"),
        Obstacle::ChannelCoolingDown { until, undelivered } => of_rest(*until, *undelivered),
        Obstacle::ChannelSuspended => say(
            "多次未应答，该渠道已停派",
            "let too many offers expire and is suspended on this channel",
        ),
        Obstacle::CoolingDown {
            until,
            lift_at,
            why,
        } => of_cooldown(*until, *lift_at, *why),
        Obstacle::NoCapacity {
            used,
            on_hold,
            capacity,
            cost,
        } => of_capacity(*used, *on_hold, *capacity, *cost),
        Obstacle::ChannelFull { channel, max } => say(
            format!("{}渠道已满（上限 {max}）", in_chinese(*channel)),
            format!("has as many contacts of channel {channel} as allowed ({max})"),
        ),
        Obstacle::CategoryFull { category, max } => of_category(category, *max),
        Obstacle::CapacityKept { used, open, cost } => of_kept(*used, *open, *cost),
        Obstacle::NotBeside { current } => of_not_beside(*current),
        Obstacle::OffersOpen { open } => say(
            format!("尚有 {open} 个派单未应答"),
            format!("has {open} offers open"),
        ),
        Obstacle::KeepsRoom => of_kept_room(),
        Obstacle::OtherIsDialled => {
            say("正在为其呼叫另一客户", "has another customer being called")
        }
        Obstacle::WaitsForOther { agent } => of_other(agent),
        Obstacle::QueuePaused => say("所在队列已暂停", "waits while the queue is paused"),
        Obstacle::QueueClosed { .. } => {
            say("所在队列非营业时间", "waits while the queue is closed")
        }
        Obstacle::QueueIsPulled => say("须主动叫号", "has to call it"),
        Obstacle::KeptForOthers { kept } => say(
            format!("空闲坐席不多于 {kept} 名，须留给更高等级客户"),
            format!("is kept for other tiers, as no more than {kept} are free"),
        ),
    }
}

fn of_other(agent: &Name) -> Sentence {
    say(
        format!("不是专属坐席，此联系等待 {agent}"),
        format!("is not the one that it waits for: {agent}"),
    )
}

fn of_kept_room() -> Sentence {
    say(
        "正为等候已久、需要更多余量的联系腾出余量",
        "keeps its hands free for a contact that has waited long and needs more room",
    )
}

fn of_rest(until: Timestamp, undelivered: bool) -> Sentence {
    let until = at(until);
    if undelivered {
        return say(
            format!("桌面未确认派单，该渠道暂停至 {until}"),
            format!(
                "pauses on this channel until {until}, as the desktop did not confirm an offer"
            ),
        );
    }
    say(
        format!("未应答，该渠道暂停至 {until}"),
        format!("let an offer expire and pauses on this channel until {until}"),
    )
}

fn of_cooldown(until: Timestamp, lift_at: Option<Timestamp>, why: Cooled) -> Sentence {
    let until = at(until);
    let (zh, en) = match why {
        Cooled::Unknown => ("", ""),
        Cooled::Declined => ("曾拒接此联系，", "has declined this contact and "),
        Cooled::Expired => ("未应答此联系，", "has not answered this contact and "),
        Cooled::Undelivered => (
            "桌面未确认此派单，",
            "has a desktop that did not confirm this contact and ",
        ),
        Cooled::TakenBack => (
            "此派单已被主管收回，",
            "has had its offer taken back by a supervisor and ",
        ),
        Cooled::HadIt => ("之前处理过此联系，", "has had this contact before and "),
    };
    if let Some(lift_at) = lift_at.map(at) {
        return say(
            format!("{zh}{lift_at} 前不再派给；至 {until} 仅在无他人可受理时再派"),
            format!(
                "{en}is not offered it again before {lift_at}, and until {until} only if nobody \
                 else could take it"
            ),
        );
    }
    say(
        format!("{zh}{until} 前不再派给"),
        format!("{en}is not offered it again before {until}"),
    )
}

fn of_grace(until: Timestamp) -> Sentence {
    let until = at(until);
    say(
        format!("连接中断，保留至 {until}"),
        format!("has lost the connection and may return until {until}"),
    )
}

fn of_capacity(used: u32, on_hold: u32, capacity: u32, cost: u32) -> Sentence {
    if on_hold > 0 {
        return say(
            format!("容量不足（已用 {used}/{capacity}，另有 {on_hold} 处于保持，需要 {cost}）"),
            format!(
                "has no capacity free ({used} of {capacity} used, {on_hold} more on hold, {cost} \
                 needed)"
            ),
        );
    }
    say(
        format!("容量不足（已用 {used}/{capacity}，需要 {cost}）"),
        format!("has no capacity free ({used} of {capacity} used, {cost} needed)"),
    )
}

fn of_category(category: &Name, max: u32) -> Sentence {
    say(
        format!("{category} 类联系已满（上限 {max}）"),
        format!("has as many contacts of category {category} as allowed ({max})"),
    )
}

fn of_kept(used: u32, open: u32, cost: u32) -> Sentence {
    say(
        format!("剩余容量留给更高等级客户（已用 {used}/{open}，需要 {cost}）"),
        format!("keeps capacity for other tiers ({used} of {open} used, {cost} needed)"),
    )
}

fn of_not_beside(current: Channel) -> Sentence {
    say(
        format!("正在处理{}联系，不可插入", in_chinese(current)),
        format!("has a contact of channel {current} that this one may not come beside"),
    )
}

fn in_chinese(channel: Channel) -> &'static str {
    match channel {
        Channel::App => "应用",
        Channel::Hotline => "热线",
        Channel::Wechat => "微信",
        Channel::Storefront => "营业厅",
    }
}
