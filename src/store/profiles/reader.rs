//! The thread that reads from the file: it takes all waiting reads and serves them from one
//! snapshot.

use std::io;

use redb::{ReadTransaction, ReadableDatabase, StorageError, TableError};
use tokio::sync::{mpsc, oneshot};

use crate::store::profiles::fault::StoreFault;
use crate::store::profiles::file;
use crate::store::profiles::file::{Access, caught};
use crate::task;

/// The most reads per snapshot.
const GROUP_MAX: usize = 64;

/// Why a read failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    File(redb::Error),
    #[error(transparent)]
    Record(#[from] StoreFault),
}

impl From<TableError> for ReadError {
    fn from(error: TableError) -> Self {
        Self::File(error.into())
    }
}

impl From<StorageError> for ReadError {
    fn from(error: StorageError) -> Self {
        Self::File(error.into())
    }
}

/// A pending read; its caller may be gone.
pub(super) trait Ask: Send {
    /// Reads and answers; also returns faults of the file.
    fn read(self: Box<Self>, snapshot: &ReadTransaction) -> Result<(), redb::Error>;
    fn refuse(self: Box<Self>, fault: StoreFault);
}

pub(super) type Read = Box<dyn Ask>;

pub(super) struct Question<F, T> {
    read: F,
    answer: oneshot::Sender<Result<T, StoreFault>>,
}

impl<F, T> Question<F, T> {
    pub(super) fn new(read: F, answer: oneshot::Sender<Result<T, StoreFault>>) -> Self {
        Self { read, answer }
    }
}

impl<F, T: Send> Ask for Question<F, T>
where
    F: FnOnce(&ReadTransaction) -> Result<T, ReadError> + Send,
{
    fn read(self: Box<Self>, snapshot: &ReadTransaction) -> Result<(), redb::Error> {
        let Self {
            read,
            answer: reply,
        } = *self;
        let read = caught(|| read(snapshot));
        let (answer, fault) = match read.map_err(ReadError::File).flatten() {
            Ok(value) => (Ok(value), Ok(())),
            Err(ReadError::Record(fault)) => (Err(fault), Ok(())),
            Err(ReadError::File(error)) => (Err(file::own_fault(&error)), Err(error)),
        };
        let _ = reply.send(answer);
        fault
    }

    fn refuse(self: Box<Self>, fault: StoreFault) {
        let _ = self.answer.send(Err(fault));
    }
}

/// The thread ends when all senders are gone.
pub(super) fn start(file: Access, mut inbox: mpsc::Receiver<Read>) -> io::Result<()> {
    let work = move || {
        let mut group = Vec::with_capacity(GROUP_MAX);
        while inbox.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
            let read = file.read(|file| {
                let snapshot = file.begin_read()?;
                // All of them are answered; the first fault is returned.
                let reads = group.drain(..).map(|read| read.read(&snapshot));
                reads.fold(Ok(()), Result::and)
            });
            if let Err(fault) = read {
                group.drain(..).for_each(|read| read.refuse(fault.clone()));
            }
        }
    };
    task::thread("customers, read", work).map(drop)
}
