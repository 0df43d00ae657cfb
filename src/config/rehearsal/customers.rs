//! Customers in a rehearsal: channels, topics and tiers.

use super::refuse_no_share;
use crate::config::names::Unique;
use crate::config::reader::Reader;
use crate::domain::Channel;
use crate::sim::workload::{ChannelWork, Patience, TierShare, TopicWork};

const TOPICS_MAX: usize = 256;
const TIERS_MAX: usize = 256;

pub(super) fn read_channels(channels: &mut Reader<'_, '_>) -> [(f64, ChannelWork); 4] {
    let mut is_empty = true;
    let read = Channel::ALL.map(|channel| {
        let given = channels.has(channel.name());
        channels.key(channel.name()).table(|table| {
            let share = table.key("share").or_required_if(given).number(0.0..=1e6);
            let effort_s = table
                .key("effort_s")
                .or_required_if(given)
                .number(1.0..=1e6);
            let patient = table.has("patience");
            let patience = table.key("patience").table(|patience| {
                let shape = patience.key("shape").number(0.1..=10.0);
                let scale_s = patience
                    .key("scale_s")
                    .or_required_if(patient)
                    .number(1.0..=1e6);
                scale_s.map(|scale_s| Patience {
                    shape: shape.unwrap_or(1.0),
                    scale_s,
                })
            });
            let answer_within = table.key("answer_within_s").seconds(1..=86_400);
            let work = ChannelWork {
                effort_s: effort_s.unwrap_or(0.0),
                patience,
                answer_within,
            };
            // An unreadable share has its own fault.
            is_empty &= !given || share == Some(0.0);
            (share.unwrap_or(0.0), work)
        })
    });
    if is_empty {
        channels.fault("no share above 0", "one or more, or there are no contacts");
    }
    read
}

/// The channels with a share above 0; all of them if a share might have been misread.
pub(super) fn busy(root: &mut Reader<'_, '_>, channels: &[(f64, ChannelWork); 4]) -> Vec<Channel> {
    let is_sound = root.findings().spare(&["channels"]);
    let busy = Channel::ALL.into_iter();
    busy.filter(|channel| !is_sound || channels[channel.index()].0 > 0.0)
        .collect()
}

pub(super) fn read_topics(root: &mut Reader<'_, '_>) -> Vec<TopicWork> {
    let mut ids = Unique::default();
    let topics = root.key("topic").required();
    let topics = topics.tables(TOPICS_MAX, |topic| read_topic(topic, &mut ids));
    let shares: Vec<f64> = topics.iter().map(|topic| topic.share).collect();
    refuse_no_share(root, "topic", &shares);
    topics
}

fn read_topic(topic: &mut Reader<'_, '_>, ids: &mut Unique) -> Option<TopicWork> {
    let name = topic.key("id").required().new_name(ids);
    let share = topic.key("share").required().number(0.0..=1e6);
    let effort = topic.key("effort").number(0.01..=100.0);
    let skill = topic.key("skill").name();
    Some(TopicWork {
        name: name?,
        share: share?,
        effort: effort.unwrap_or(1.0),
        skill,
    })
}

pub(super) fn read_tiers(root: &mut Reader<'_, '_>) -> Vec<TierShare> {
    let mut ids = Unique::default();
    let tiers = root.key("tier").required();
    let tiers = tiers.tables(TIERS_MAX, |tier| read_tier(tier, &mut ids));
    let shares: Vec<f64> = tiers.iter().map(|tier| tier.share).collect();
    refuse_no_share(root, "tier", &shares);
    tiers
}

fn read_tier(tier: &mut Reader<'_, '_>, ids: &mut Unique) -> Option<TierShare> {
    let name = tier.key("id").required().new_name(ids);
    let share = tier.key("share").required().number(0.0..=1e6);
    let value = tier.key("value").number(0.0..=1e6);
    let is_vip = tier.key("vip").flag();
    let has_manager = tier.key("manager").flag();
    Some(TierShare {
        name: name?,
        share: share?,
        value: value.unwrap_or(1.0),
        is_vip: is_vip.unwrap_or(false),
        has_manager: has_manager.unwrap_or(false),
    })
}
