//! Repeats look-ups that were given up, also those of a previous process, once the store is
//! available again.

use tokio::time::sleep;

use crate::domain::{ContactId, Identities};
use crate::node::handle::Handle;
use crate::node::recognise::{WATCH_EVERY, read, recognise_strangers};
use crate::store::profiles::Profiles;

/// Whenever look-ups were given up and the store is available, looks up every unrecognised customer
/// with an open contact.
pub(in crate::node) async fn make_good(node: Handle, profiles: Profiles) {
    loop {
        if profiles.is_reachable() && profiles.take_given_up() {
            let mut after = 0;
            while let Some((upto, strangers)) = unrecognised(&node, after).await {
                recognise_strangers(&node, &profiles, strangers).await;
                after = upto;
            }
        }
        sleep(WATCH_EVERY).await;
    }
}

async fn unrecognised(node: &Handle, after: u64) -> Option<(u64, Vec<(ContactId, Identities)>)> {
    let looked = read(node, move |engine| engine.unrecognised(after)).await?;
    Some((looked.upto?, looked.strangers))
}
