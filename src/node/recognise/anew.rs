//! Recognises customers again when their profiles change while their contacts wait, as if the store
//! had answered so on arrival.
//!
//! **Invariant:** the store's last answer wins. After each update of the engine the store is read
//! again, until nothing differs.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio::time::sleep;

use crate::customer::{self, CustomerId};
use crate::domain::{ContactId, Recognition, Text};
use crate::node::handle::Handle;
use crate::node::recognise::{PAUSE, read, recognise_strangers, tell};
use crate::store::profiles::{Profiles, Record};

/// Customers looked up at a time after a start; nothing waits for it.
const CUSTOMERS_MAX: usize = 8;

/// Updates the engine with the customer's current profile, for each waiting contact of that
/// customer and for strangers who turn out to be that customer. Retries while the store fails
/// temporarily or the engine is overloaded.
pub async fn recognise_anew(node: &Handle, profiles: &Profiles, customer: &CustomerId) {
    if let Some(record) = known(profiles, customer).await {
        let identities = record.profile.all_identities();
        let strangers = read(node, move |engine| engine.unrecognised_with(&identities)).await;
        recognise_strangers(node, profiles, strangers.unwrap_or_default()).await;
    }
    while let Some(record) = known(profiles, customer).await {
        let recognition = customer::recognise(&record.profile, &record.history);
        let mut unserved = unserved(node, customer).await;
        unserved.retain(|(_, before)| **before != recognition);
        if unserved.is_empty() {
            return;
        }
        for (contact, _) in unserved {
            tell(node, contact, &recognition).await;
        }
    }
}

/// For customers whose contacts have waited since before the start, when changes went unnoticed.
pub(in crate::node) async fn recognise_all_anew(
    node: Handle,
    profiles: Profiles,
    customers: Vec<Text>,
) {
    let customers = customers.iter().filter_map(|id| CustomerId::new(id).ok());
    let (node, profiles) = (&node, &profiles);
    let each = |customer| async move { recognise_anew(node, profiles, &customer).await };
    stream::iter(customers)
        .for_each_concurrent(CUSTOMERS_MAX, each)
        .await;
}

/// None if there is no such customer, or retrying is of no use.
async fn known(profiles: &Profiles, customer: &CustomerId) -> Option<Record> {
    loop {
        match profiles.get(customer).await {
            Ok(record) => return record,
            Err(fault) if fault.is_passing() => sleep(PAUSE).await,
            Err(fault) => {
                tracing::error!(%fault, "a customer cannot be looked up again");
                return None;
            }
        }
    }
}

async fn unserved(node: &Handle, customer: &CustomerId) -> Vec<(ContactId, Arc<Recognition>)> {
    let customer = customer.text();
    let unserved = read(node, move |engine| engine.unserved_of_customer(&customer));
    unserved.await.unwrap_or_default()
}
