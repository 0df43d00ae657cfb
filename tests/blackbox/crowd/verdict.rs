//! Compares what the server shows with what was promised.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::contact::FINAL;
use super::ledger::Ledger;
use crate::chance::Chance;
use crate::http_client::{HttpClient, SUPERVISOR};
use crate::patience::within;

/// Ended contacts are checked again now and then.
const OLD_ONES: u64 = 100;
/// Longer than the longest cooldown after a refusal.
const ENDS_WITHIN: Duration = Duration::from_secs(330);

impl Ledger {
    /// Every contact that was acknowledged is there, in a state that fits.
    pub(crate) async fn compare(&self, address: SocketAddr, chance: &mut Chance) {
        let mut numbers = self.which(|known| known.is_touched || known.is_open());
        for _ in 0..OLD_ONES.min(self.len() as u64) {
            let number = chance.below(self.len() as u64);
            numbers.push(usize::try_from(number).unwrap());
        }
        let mut http = HttpClient::new(address);
        for number in numbers {
            self.look_up(&mut http, number).await;
        }
        http.assert_conserved().await;
        self.assert_unbroken();
    }

    async fn look_up(&self, http: &mut HttpClient, number: usize) {
        let known = self.contact(number);
        let Some(id) = &known.id else {
            return;
        };
        let reply = http.get(SUPERVISOR, &format!("/v1/contacts/{id}")).await;
        if reply.status != 200 {
            return self.breach(format!("{id}: {} {:?}", reply.status, reply.bytes));
        }
        let seen = reply.json();
        if let Some(contradiction) = known.contradiction(&seen) {
            return self.breach(contradiction);
        }
        self.compared(number, seen["state"].as_str().unwrap());
    }

    /// Every contact of the crowd's queues is listed once, and is one of ours.
    pub(crate) async fn compare_all(&self, address: SocketAddr) {
        let mut http = HttpClient::new(address);
        let mut listed: BTreeMap<String, Value> = BTreeMap::new();
        let mut after = String::new();
        loop {
            let path = format!("/v1/contacts?limit=200&after={after}");
            let page = http.get(SUPERVISOR, &path).await.expect(200);
            let contacts = page["contacts"].as_array().unwrap();
            for contact in contacts.iter().filter(|known| known["queue"] != "quiet") {
                self.learn(contact);
                let id = contact["id"].as_str().unwrap().to_owned();
                let twice = listed.insert(id, contact.clone());
                assert!(twice.is_none(), "listed twice: {contact}");
            }
            let Some(next) = page["next_after"].as_str() else {
                break;
            };
            after = next.to_owned();
        }
        for number in self.which(|_| true) {
            let known = self.contact(number);
            let seen = listed.remove(known.id.as_ref().unwrap());
            let seen = seen.unwrap_or_else(|| panic!("not listed: {known:?}"));
            let contradiction = known.contradiction(&seen);
            assert!(contradiction.is_none(), "{}", contradiction.unwrap());
        }
        assert!(listed.is_empty(), "from nowhere: {listed:?}");
        self.assert_unbroken();
    }
}

/// Waits until no contact is open. The list changes while it is being read.
pub(super) async fn await_ends(ledger: &Ledger, address: SocketAddr) {
    within(
        ENDS_WITHIN,
        "every contact has come to an end",
        async || {
            let mut http = HttpClient::new(address);
            for number in ledger.which(|known| known.ended.is_none()) {
                let id = ledger.contact(number).id.unwrap();
                let seen = http.contact(&id).await;
                let state = seen["state"].as_str().unwrap();
                if FINAL.contains(&state) {
                    ledger.ended(&id, state);
                }
            }
            ledger.assert_unbroken();
            (ledger.open() == 0).then_some(())
        },
    )
    .await;
}
