//! The customers of the demonstration: profiles and identities.

use serde::Serialize;

use crate::cli::demo::dice::Dice;

/// Number of customers in each tier.
const TIERS: [(&str, usize); 4] = [("diamond", 6), ("gold", 12), ("silver", 18), ("basic", 24)];

const SURNAMES: [&str; 20] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
    "何", "高", "林", "罗",
];
const GIVEN_NAMES: [&str; 18] = [
    "伟", "芳", "秀英", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "明",
    "超", "桂英", "晓东",
];
const CITIES: [&str; 6] = ["广州", "深圳", "佛山", "东莞", "珠海", "惠州"];
const MANAGERS: [&str; 2] = ["a2", "a8"];

/// A customer; serialised as a profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Customer {
    #[serde(skip)]
    pub(super) id: String,
    name: String,
    pub(super) identities: Identities,
    pub(super) tier: &'static str,
    value: Value,
    tags: Tags,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_manager: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Identities {
    pub(super) phone: String,
    pub(super) wechat_openid: String,
    pub(super) account: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Value {
    arpu: u64,
    tenure_months: u64,
    churn_risk: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Tags {
    city: &'static str,
}

/// All customers; the same seed gives the same ones.
pub(super) fn customers(seed: u64) -> Vec<Customer> {
    let mut dice = Dice::new(seed, 1);
    let tiers = TIERS
        .iter()
        .flat_map(|(tier, count)| std::iter::repeat_n(*tier, *count));
    tiers
        .enumerate()
        .map(|(index, tier)| customer(index + 1, tier, &mut dice))
        .collect()
}

fn customer(number: usize, tier: &'static str, dice: &mut Dice) -> Customer {
    let (arpu_from, arpu_to) = match tier {
        "diamond" => (300, 800),
        "gold" => (150, 300),
        "silver" => (80, 150),
        _ => (20, 80),
    };
    let surname = dice.pick(&SURNAMES);
    let given = dice.pick(&GIVEN_NAMES);
    let churn_percent = u32::try_from(dice.below(80)).unwrap_or(0);
    Customer {
        id: format!("c-{number}"),
        name: format!("{surname}{given}"),
        identities: Identities {
            phone: phone(number),
            wechat_openid: format!("oDemo{number:04}"),
            account: format!("GD-{:05}", 20_000 + number),
        },
        tier,
        value: Value {
            arpu: dice.within(arpu_from, arpu_to),
            tenure_months: dice.within(1, 120),
            churn_risk: f64::from(churn_percent) / 100.0,
        },
        tags: Tags {
            city: dice.pick(&CITIES),
        },
        account_manager: (tier == "diamond").then(|| dice.pick(&MANAGERS)),
    }
}

/// The mobile number of customer `number`; strangers have higher numbers.
pub(super) fn phone(number: usize) -> String {
    format!("+86138{number:08}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::customer::{CustomerId, Tiers, document};
    use crate::domain::Timestamp;

    #[test]
    fn every_profile_is_valid() {
        let customers = customers(7);
        assert_eq!(customers.len(), 60);
        for customer in &customers {
            let id = CustomerId::new(&customer.id).unwrap();
            let document = serde_json::to_value(customer).unwrap();
            let profile = document::put(id, document, &Tiers::Any, Timestamp(0)).unwrap();
            assert_eq!(profile.identities.iter().count(), 3, "{customer:?}");
        }
        let phones: BTreeSet<_> = customers.iter().map(|c| &c.identities.phone).collect();
        assert_eq!(phones.len(), 60);
    }
}
