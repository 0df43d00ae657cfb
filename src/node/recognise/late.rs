//! Customers whose look-ups were given up, as before the start: they are looked up once the
//! store is there again.

use tokio::time::sleep;

use crate::domain::{ContactId, Identities};
use crate::node::handle::Handle;
use crate::node::recognise::{WATCH_EVERY, read, recognise_strangers};
use crate::store::profiles::Profiles;

/// Whenever look-ups were given up, as before the start, and the store is there again: looks
/// up everyone who is here and unknown.
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
