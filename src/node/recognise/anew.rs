//! Customers of whom something else is known while their contacts wait: these are
//! recognised anew, as if the store had answered so when they came.
//!
//! **Invariant:** what counts in the end is what the store says last. Whoever has told the
//! engine looks once more, and goes on until there is nothing left to tell.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio::time::sleep;

use crate::customer::{self, CustomerId};
use crate::domain::{ContactId, Recognition, Text};
use crate::node::handle::Handle;
use crate::node::recognise::{PAUSE, read, recognise_strangers, tell};
use crate::store::profiles::{Profiles, Record};

/// Customers looked up at a time after a start: nobody waits for it.
const CUSTOMERS_MAX: usize = 8;

/// Tells the engine who the customer is by now, for each contact that waits, and for whoever
/// is here as a stranger and turns out to be that customer; patient with a store that fails
/// for a while, and with an engine that has too much to do.
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

/// For customers whose contacts have waited while nobody was there to hear of a change.
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

/// None if there is no such customer, or no use in asking.
async fn known(profiles: &Profiles, customer: &CustomerId) -> Option<Record> {
    loop {
        match profiles.get(customer).await {
            Ok(record) => return record,
            Err(fault) if fault.is_passing() => sleep(PAUSE).await,
            Err(fault) => {
                tracing::error!(%fault, "a customer cannot be recognised anew");
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
