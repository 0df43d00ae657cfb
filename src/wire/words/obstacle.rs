//! Why an agent cannot take a contact: in detail for one agent, and in short for many.

use crate::domain::instant::print as at;
use crate::domain::{Channel, Name, Timestamp};
use crate::engine::state::contact::Cooled;
use crate::engine::view::Obstacle;
use crate::wire::words::{Phrase, say};

pub(super) const FREE: Phrase = Phrase::of("可以受理", "could take it");

/// What the agents that fail one test have in common; follows their number.
pub(super) fn in_short(obstacle: &Obstacle) -> Phrase {
    match obstacle {
        Obstacle::MissingSkill { .. } => Phrase::of("技能不足", "without the skill"),
        Obstacle::NotConnected => Phrase::of("未登录", "not signed in"),
        Obstacle::InGrace { .. } => Phrase::of("连接中断", "with a lost connection"),
        Obstacle::NotReady { .. } => Phrase::of("未就绪", "not ready"),
        Obstacle::Draining => Phrase::of("正在收尾", "finishing their work"),
        Obstacle::ChannelCoolingDown {
            undelivered: false, ..
        } => Phrase::of("因未应答暂停", "resting after an unanswered offer"),
        Obstacle::ChannelCoolingDown {
            undelivered: true, ..
        } => Phrase::of(
            "因桌面未确认派单而暂停",
            "resting because the desktop did not confirm an offer",
        ),
        Obstacle::ChannelSuspended => {
            Phrase::of("因多次未应答停派", "suspended after unanswered offers")
        }
        Obstacle::CoolingDown { why, .. } => cooldown_in_short(*why),
        Obstacle::NoCapacity { capacity, cost, .. } if cost > capacity => Phrase::of(
            "容量不足以受理此类联系",
            "whose capacity is too small for it",
        ),
        Obstacle::NoCapacity { .. } | Obstacle::ChannelFull { .. } => {
            Phrase::of("已满", "fully occupied")
        }
        Obstacle::CategoryFull { .. } => Phrase::of("同类联系已满", "at the limit of its category"),
        Obstacle::CapacityKept { .. } => Phrase::of(
            "余量留给其他等级客户",
            "whose remaining capacity is reserved for other tiers",
        ),
        Obstacle::NotBeside { .. } => Phrase::of(
            "正在处理不可并行的联系",
            "with a contact that it cannot interrupt",
        ),
        Obstacle::OffersOpen { .. } => Phrase::of("有派单未应答", "with offers open"),
        Obstacle::KeepsRoom => Phrase::of(
            "正为等候已久的联系腾出余量",
            "keeping room for a contact that has waited long",
        ),
        Obstacle::OtherIsDialled => {
            Phrase::of("正在为其呼叫另一客户", "with another customer being called")
        }
        Obstacle::WaitsForOther { .. } => Phrase::of("不是指定坐席", "not the one it waits for"),
        Obstacle::QueuePaused => {
            Phrase::of("所在队列已暂停", "held up because the queue is paused")
        }
        Obstacle::QueueClosed { .. } => {
            Phrase::of("所在队列非营业时间", "held up because the queue is closed")
        }
        Obstacle::QueueIsPulled => Phrase::of("须主动叫号", "who have to call it"),
        Obstacle::KeptForOthers { .. } => {
            Phrase::of("留给其他等级客户", "reserved for other tiers")
        }
    }
}

const fn cooldown_in_short(why: Cooled) -> Phrase {
    match why {
        Cooled::Declined => Phrase::of("刚拒接过此联系", "who have just declined it"),
        Cooled::Expired => Phrase::of("刚未应答此联系", "who did not answer it"),
        Cooled::Undelivered => Phrase::of("桌面刚未确认此派单", "whose desktop did not confirm it"),
        Cooled::TakenBack => Phrase::of(
            "刚被主管收回此派单",
            "from whom a supervisor has just taken it back",
        ),
        Cooled::HadIt | Cooled::LostIt => Phrase::of("之前处理过此联系", "who have had it before"),
    }
}

/// Why an agent cannot take a contact; follows the agent's name.
pub(super) fn of_obstacle(obstacle: &Obstacle) -> Phrase {
    match obstacle {
        Obstacle::MissingSkill {
            skill,
            required,
            has,
        } => say(
            format!("技能 {skill} 为 {has} 级，需要 {required} 级"),
            format!("has {skill} at level {has}; level {required} is required"),
        ),
        Obstacle::NotConnected => say("未登录", "is not signed in"),
        Obstacle::InGrace { until } => of_grace(*until),
        Obstacle::NotReady { reason } => say(
            format!("未就绪（{}）", &**reason),
            format!("is not ready ({})", &**reason),
        ),
        Obstacle::Draining => say("正在收尾，不再接新单", "is draining"),
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
            format!("{}渠道已满（上限 {max}）", channel_in_chinese(*channel)),
            format!("has as many contacts of channel {channel} as allowed ({max})"),
        ),
        Obstacle::CategoryFull { category, max } => of_category(category, *max),
        Obstacle::CapacityKept { used, open, cost } => of_kept(*used, *open, *cost),
        Obstacle::NotBeside { current } => of_not_beside(*current),
        Obstacle::OffersOpen { open } => say(
            format!("尚有 {open} 个派单未应答"),
            format!("has {open} open offers"),
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
            format!("空闲坐席不多于 {kept} 名，须留给其他等级客户"),
            format!("is reserved for other tiers unless more than {kept} of the agents are free"),
        ),
    }
}

fn of_other(agent: &Name) -> Phrase {
    say(
        format!("不是专属坐席，此联系等待 {agent}"),
        format!("is not the agent it waits for: {agent}"),
    )
}

fn of_kept_room() -> Phrase {
    say(
        "正为等候已久、需要更多余量的联系腾出余量",
        "keeps room for a contact that has waited long and needs more of it",
    )
}

fn of_rest(until: Timestamp, undelivered: bool) -> Phrase {
    let until = at(until);
    if undelivered {
        return say(
            format!("桌面未确认派单，该渠道暂停至 {until}"),
            format!(
                "rests on this channel until {until} because the desktop did not confirm an offer"
            ),
        );
    }
    say(
        format!("未应答，该渠道暂停至 {until}"),
        format!("let an offer expire and rests on this channel until {until}"),
    )
}

fn of_cooldown(until: Timestamp, lift_at: Option<Timestamp>, why: Cooled) -> Phrase {
    let until = at(until);
    let (zh, en) = match why {
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
        Cooled::HadIt | Cooled::LostIt => {
            ("之前处理过此联系，", "has had this contact before and ")
        }
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

fn of_grace(until: Timestamp) -> Phrase {
    let until = at(until);
    say(
        format!("连接中断，保留至 {until}"),
        format!("has lost the connection and can return until {until}"),
    )
}

fn of_capacity(used: u32, on_hold: u32, capacity: u32, cost: u32) -> Phrase {
    if on_hold > 0 {
        return say(
            format!("容量不足（已用 {used}/{capacity}，另有 {on_hold} 处于保持，需要 {cost}）"),
            format!(
                "has no free capacity ({used} of {capacity} used, {on_hold} more on hold, {cost} \
                 needed)"
            ),
        );
    }
    say(
        format!("容量不足（已用 {used}/{capacity}，需要 {cost}）"),
        format!("has no free capacity ({used} of {capacity} used, {cost} needed)"),
    )
}

fn of_category(category: &Name, max: u32) -> Phrase {
    say(
        format!("{category} 类联系已满（上限 {max}）"),
        format!("has as many contacts of category {category} as allowed ({max})"),
    )
}

fn of_kept(used: u32, open: u32, cost: u32) -> Phrase {
    say(
        format!("剩余容量留给其他等级客户（已用 {used}/{open}，需要 {cost}）"),
        format!("reserves capacity for other tiers ({used} of {open} used, {cost} needed)"),
    )
}

fn of_not_beside(current: Channel) -> Phrase {
    say(
        format!("正在处理{}联系，不可插入", channel_in_chinese(current)),
        format!("has a contact of channel {current} beside which this one cannot be served"),
    )
}

fn channel_in_chinese(channel: Channel) -> &'static str {
    match channel {
        Channel::App => "应用",
        Channel::Hotline => "热线",
        Channel::Wechat => "微信",
        Channel::Storefront => "营业厅",
    }
}
