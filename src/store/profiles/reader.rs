//! The one thread that reads from the file: it takes what is waiting and reads all of it
//! from one snapshot.

use std::io;
use std::sync::Arc;
use std::thread;

use redb::Database;
use redb::ReadTransaction;
use redb::ReadableDatabase;
use tokio::sync::mpsc;

use crate::store::profiles::embedded::failed;
use crate::store::profiles::fault::StoreFault;

/// The most reads of one snapshot.
const GROUP_MAX: usize = 64;

/// Reads, and tells whoever asked.
pub(super) type Read = Box<dyn FnOnce(Result<&ReadTransaction, &StoreFault>) + Send + 'static>;

/// The thread ends when nobody can send any more.
pub(super) fn start(file: Arc<Database>, mut inbox: mpsc::Receiver<Read>) -> io::Result<()> {
    let work = move || {
        let mut group = Vec::with_capacity(GROUP_MAX);
        while inbox.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
            let snapshot = file.begin_read().map_err(failed);
            for read in group.drain(..) {
                read(snapshot.as_ref());
            }
        }
    };
    thread::Builder::new()
        .name("customers, read".to_owned())
        .spawn(work)
        .map(drop)
}
