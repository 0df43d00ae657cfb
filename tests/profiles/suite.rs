//! The behaviour of both stores.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::Write;

use switchboard::customer::event::{EventKey, Recorded};
use switchboard::customer::history::{HISTORY_MAX, HISTORY_SHOWN};
use switchboard::customer::{Tiers, document, event, recognise};
use switchboard::domain::{IdentityKind, Timestamp};
use switchboard::store::profiles::import::import;
use switchboard::store::profiles::{LookupOutcome, PatchError, Put, PutError, Taken};
use tokio::task::JoinSet;

use crate::customers::{
    BUDGET, NOW, both_stores, by, by_id, by_phone, customer, entry, found, id, looked_up, name,
    with_phone,
};

#[tokio::test]
async fn a_profile_comes_back_as_it_was_written() {
    for store in both_stores().await {
        let profile = customer(
            "c-81",
            serde_json::json!({
                "name": "张三 \"quoted\"",
                "identities": {
                    "phone": "13800138000", "account": "GD-20931", "wechat_openid": "oX1",
                    "wechat_unionid": "u:1", "device": "d{1}"
                },
                "tier": "diamond",
                "value": { "arpu": 168.5, "tenure_months": 61, "potential": 0.4, "churn_risk": 0.1 },
                "tags": { "segment": "business", "port_out_query_7d": true, "lines": 3 },
                "account_manager": "a7",
                "consent": { "service": true, "marketing": false }
            }),
        );
        assert_eq!(store.profiles.put(profile.clone()).await, Ok(Put::Created));
        assert_eq!(store.profiles.put(profile.clone()).await, Ok(Put::Replaced));
        let record = store.profiles.get(&id("c-81")).await.unwrap().unwrap();
        assert_eq!(*record.profile, profile, "{}", store.name);
        for identity in profile.identities.iter() {
            let who = by(&[(identity.kind, identity.value())]);
            assert_eq!(found(&store.profiles, &who).await.as_deref(), Some("c-81"));
        }
        assert_eq!(
            found(&store.profiles, &by_id("c-81")).await.as_deref(),
            Some("c-81")
        );
        assert_eq!(store.profiles.get(&id("c-82")).await, Ok(None));
    }
}

#[tokio::test]
async fn the_strongest_identity_that_leads_anywhere_decides() {
    for store in both_stores().await {
        let profiles = &store.profiles;
        profiles
            .put(with_phone("c-1", "13800000001"))
            .await
            .unwrap();
        let openid = serde_json::json!({ "identities": { "wechat_openid": "o2" } });
        profiles.put(customer("c-2", openid)).await.unwrap();
        for (who, expected) in [
            (
                vec![
                    (IdentityKind::WechatOpenid, "o2"),
                    (IdentityKind::Phone, "13800000001"),
                ],
                Some("c-1"),
            ),
            (
                vec![
                    (IdentityKind::WechatOpenid, "o2"),
                    (IdentityKind::Phone, "13800000009"),
                ],
                Some("c-2"),
            ),
            (
                vec![
                    (IdentityKind::Id, "c-9"),
                    (IdentityKind::WechatOpenid, "o2"),
                ],
                Some("c-2"),
            ),
            (
                vec![
                    (IdentityKind::Id, "c-2"),
                    (IdentityKind::Phone, "13800000001"),
                ],
                Some("c-2"),
            ),
            (
                vec![(IdentityKind::Account, "x"), (IdentityKind::Device, "y")],
                None,
            ),
            (vec![], None),
        ] {
            // Twice: the second answer comes from the cache.
            for _ in 0..2 {
                assert_eq!(
                    found(profiles, &by(&who)).await.as_deref(),
                    expected,
                    "{}",
                    store.name
                );
            }
        }
    }
}

#[tokio::test]
async fn an_identity_that_is_given_up_is_free() {
    for store in both_stores().await {
        let profiles = &store.profiles;
        profiles
            .put(with_phone("c-1", "13800000001"))
            .await
            .unwrap();
        profiles
            .put(with_phone("c-1", "13800000002"))
            .await
            .unwrap();
        assert_eq!(found(profiles, &by_phone("13800000001")).await, None);
        profiles
            .put(with_phone("c-2", "13800000001"))
            .await
            .unwrap();
        assert_eq!(
            found(profiles, &by_phone("13800000001")).await.as_deref(),
            Some("c-2")
        );
        assert_eq!(
            found(profiles, &by_phone("13800000002")).await.as_deref(),
            Some("c-1")
        );
    }
}

#[tokio::test]
async fn an_identity_of_someone_else_is_refused_and_nothing_is_written() {
    for store in both_stores().await {
        let profiles = &store.profiles;
        profiles
            .put(with_phone("c-1", "13800000001"))
            .await
            .unwrap();
        let both = serde_json::json!({
            "identities": { "account": "A2", "phone": "13800000001" }
        });
        let taken = Taken {
            kind: IdentityKind::Phone,
            by: id("c-1"),
        };
        let refused = profiles.put(customer("c-2", both)).await;
        assert_eq!(
            refused,
            Err(PutError::Taken(taken.clone())),
            "{}",
            store.name
        );
        assert_eq!(profiles.get(&id("c-2")).await, Ok(None));
        let account = by(&[(IdentityKind::Account, "A2")]);
        assert_eq!(found(profiles, &account).await, None);

        profiles
            .put(with_phone("c-2", "13800000002"))
            .await
            .unwrap();
        let refused = profiles
            .patch(&id("c-2"), |_| {
                Ok::<_, Infallible>(with_phone("c-2", "13800000001"))
            })
            .await;
        assert_eq!(refused, Err(PatchError::Taken(taken)));
        assert_eq!(
            found(profiles, &by_phone("13800000002")).await.as_deref(),
            Some("c-2")
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_who_claim_one_phone_one_gets_it() {
    for store in both_stores().await {
        let mut claims = JoinSet::new();
        for number in 0..100 {
            let profiles = store.profiles.clone();
            let profile = with_phone(&format!("c-{number}"), "13800138000");
            claims.spawn(async move { (number, profiles.put(profile).await) });
        }
        let mut winners = BTreeSet::new();
        let mut owners = BTreeSet::new();
        for (number, outcome) in claims.join_all().await {
            match outcome {
                Ok(_) => assert!(winners.insert(format!("c-{number}"))),
                Err(PutError::Taken(taken)) => drop(owners.insert(taken.by.to_string())),
                Err(PutError::Fault(fault)) => panic!("{fault}"),
            }
        }
        assert_eq!(winners.len(), 1, "{}", store.name);
        assert_eq!(owners, winners);
        let owner = found(&store.profiles, &by_phone("13800138000")).await;
        assert_eq!(owner.as_ref(), winners.first());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn patches_at_the_same_time_all_count() {
    for store in both_stores().await {
        store
            .profiles
            .put(customer("c-1", serde_json::json!({})))
            .await
            .unwrap();
        let mut patches = JoinSet::new();
        for number in 0..20 {
            let profiles = store.profiles.clone();
            let change = serde_json::json!({ "tags": { format!("t{number}"): number } });
            patches.spawn(async move {
                let edit = |profile: &_| document::patch(profile, &change, &Tiers::Any, NOW);
                profiles.patch(&id("c-1"), edit).await.map(drop)
            });
        }
        assert!(
            patches.join_all().await.iter().all(Result::is_ok),
            "{}",
            store.name
        );
        let record = store.profiles.get(&id("c-1")).await.unwrap().unwrap();
        assert_eq!(record.profile.tags.iter().count(), 20);
    }
}

#[tokio::test]
async fn a_patch_of_nobody_or_of_nonsense_is_refused() {
    for store in both_stores().await {
        let nonsense = serde_json::json!({ "value": { "arpu": -1 } });
        let edit = |profile: &_| document::patch(profile, &nonsense, &Tiers::Any, NOW);
        let refused = store.profiles.patch(&id("c-1"), edit).await;
        assert!(matches!(refused, Err(PatchError::Unknown)), "{refused:?}");
        store
            .profiles
            .put(with_phone("c-1", "13800000001"))
            .await
            .unwrap();
        let refused = store.profiles.patch(&id("c-1"), edit).await;
        assert!(
            matches!(refused, Err(PatchError::Refused(_))),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_history_told_twice_is_remembered_once() {
    for store in both_stores().await {
        let profiles = &store.profiles;
        profiles
            .put(with_phone("c-1", "13800000001"))
            .await
            .unwrap();
        let batch = vec![
            (id("c-1"), entry(1, 10, Some("a1"))),
            (id("c-2"), entry(2, 15, Some("a2"))),
            (id("c-1"), entry(3, 30, None)),
            (id("c-1"), entry(4, 20, Some("a4"))),
        ];
        for _ in 0..3 {
            profiles.append_history(batch.clone()).await.unwrap();
        }
        let record = profiles.get(&id("c-1")).await.unwrap().unwrap();
        let contacts: Vec<u128> = record.history.iter().map(|entry| entry.contact.0).collect();
        assert_eq!(contacts, [3, 4, 1], "{}", store.name);
        let recognition = recognise(&record.profile, &record.history);
        assert_eq!(recognition.last_agent, Some(name("a4")));

        let corrected = vec![(id("c-1"), entry(1, 40, Some("a1")))];
        profiles.append_history(corrected).await.unwrap();
        let record = profiles.get(&id("c-1")).await.unwrap().unwrap();
        let contacts: Vec<u128> = record.history.iter().map(|entry| entry.contact.0).collect();
        assert_eq!(contacts, [1, 3, 4], "{}", store.name);

        let many = (0..60).map(|n| (id("c-1"), entry(100 + n, 1_000, Some("a5"))));
        profiles
            .append_history(many.collect::<Vec<_>>())
            .await
            .unwrap();
        let record = profiles.get(&id("c-1")).await.unwrap().unwrap();
        assert_eq!(record.history.len(), HISTORY_MAX);
        let outcome = profiles.lookup(&by_id("c-1"), BUDGET * 100).await.outcome;
        let LookupOutcome::Found { found, .. } = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(found.history[..], record.history[..HISTORY_SHOWN]);
    }
}

#[tokio::test]
async fn events_are_kept_newest_first_and_bounded() {
    for store in both_stores().await {
        let profiles = &store.profiles;
        let told = |number: i64| {
            let body = serde_json::json!({ "type": "bill", "attributes": { "n": number } });
            event::read(body, Timestamp(NOW.0 + number)).unwrap()
        };
        let nobody = profiles.append_event(&id("c-1"), told(0)).await;
        assert_eq!(nobody, Ok(Recorded::OfNobody));
        profiles
            .put(with_phone("c-1", "13800000001"))
            .await
            .unwrap();
        for number in 0..60 {
            assert_eq!(
                profiles.append_event(&id("c-1"), told(number)).await,
                Ok(Recorded::Added)
            );
        }
        let events = profiles.get(&id("c-1")).await.unwrap().unwrap().events;
        assert_eq!(events.len(), 50, "{}", store.name);
        assert_eq!((&events[0], &events[49]), (&told(59), &told(10)));
    }
}

#[tokio::test]
async fn an_event_that_is_told_again_is_there_once() {
    for store in both_stores().await {
        let profiles = &store.profiles;
        profiles
            .put(with_phone("c-1", "13800000001"))
            .await
            .unwrap();
        let told = |n: i64, key: Option<(u128, u128)>| {
            let body = serde_json::json!({ "type": "bill", "attributes": { "n": n } });
            let mut told = event::read(body, NOW).unwrap();
            told.key = key.map(|(key, fingerprint)| EventKey { key, fingerprint });
            told
        };
        let id = id("c-1");
        let append = |n, key| profiles.append_event(&id, told(n, key));
        for (n, key, expected) in [
            (1, Some((7, 1)), Recorded::Added),
            (2, Some((u128::MAX, 2)), Recorded::Added),
            (3, None, Recorded::Added),
            (1, Some((7, 1)), Recorded::Again),
            (4, Some((7, 4)), Recorded::Otherwise),
            (3, None, Recorded::Added),
        ] {
            assert_eq!(append(n, key).await, Ok(expected), "{}: {n}", store.name);
        }
        let events = profiles.get(&id).await.unwrap().unwrap().events;
        let kept = [
            told(3, None),
            told(3, None),
            told(2, Some((u128::MAX, 2))),
            told(1, Some((7, 1))),
        ];
        assert_eq!(events, kept, "{}", store.name);
    }
}

#[tokio::test]
async fn the_cache_never_hides_a_write_of_this_process() {
    for store in both_stores().await {
        let profiles = &store.profiles;
        let who = by_phone("13800000001");
        for _ in 0..2 {
            assert_eq!(looked_up(profiles, &who).await, ("stranger", None));
        }
        profiles
            .put(with_phone("c-1", "13800000001"))
            .await
            .unwrap();
        let c1 = Some("c-1".to_owned());
        assert_eq!(looked_up(profiles, &who).await, ("found", c1.clone()));
        assert_eq!(looked_up(profiles, &who).await, ("hit", c1.clone()));
        let batch = vec![(id("c-1"), entry(1, 10, Some("a1")))];
        profiles.append_history(batch).await.unwrap();
        let LookupOutcome::Found { found, cached } = profiles.lookup(&who, BUDGET).await.outcome
        else {
            panic!("the customer is known");
        };
        assert_eq!((found.history.len(), cached), (1, true), "{}", store.name);
        let gold = serde_json::json!({ "tier": "gold" });
        let edit = |profile: &_| document::patch(profile, &gold, &Tiers::Any, NOW);
        profiles.patch(&id("c-1"), edit).await.unwrap();
        assert_eq!(looked_up(profiles, &who).await, ("found", c1.clone()));
        profiles
            .put(with_phone("c-1", "13800000002"))
            .await
            .unwrap();
        assert_eq!(looked_up(profiles, &who).await, ("stranger", None));
        assert_eq!(looked_up(profiles, &by_id("c-1")).await, ("found", c1));
    }
}

#[tokio::test]
async fn ten_thousand_customers_are_imported_from_a_file() {
    let mut file = "id,phone,tier,arpu,tag:plan\n".to_owned();
    for number in 0..10_000 {
        writeln!(file, "c-{number},1380000{number:04},gold,99.5,5G").unwrap();
    }
    file.push_str("c-x,13800000042,gold,,\nc-y,12,gold,,\nc-z,,gold\n");
    for store in both_stores().await {
        let report = import(&store.profiles, file.as_bytes(), &Tiers::Any, NOW)
            .await
            .unwrap();
        assert_eq!(
            (report.created, report.changed, report.refused),
            (10_000, 0, 3)
        );
        assert_eq!(
            report.complaints,
            [
                "line 10003: identities.phone: \"12\", allowed: a number in E.164 (+8613800138000) or a mainland mobile number",
                "line 10004: row: 3 fields, allowed: 5",
                "line 10002: identities.phone: an identity of customer c-42, allowed: an unused identity",
            ]
        );
        let last = found(&store.profiles, &by_phone("13800009999")).await;
        assert_eq!(last.as_deref(), Some("c-9999"), "{}", store.name);
        let again = import(&store.profiles, file.as_bytes(), &Tiers::Any, NOW)
            .await
            .unwrap();
        assert_eq!((again.created, again.changed), (0, 10_000));
    }
}
