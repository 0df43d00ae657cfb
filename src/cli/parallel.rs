//! Runs numbered jobs on all processors.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub(super) fn workers(jobs: usize) -> usize {
    thread::available_parallelism()
        .map_or(1, usize::from)
        .min(jobs)
}

/// The results of jobs 0, 1, 2 … in this order, however many processors there are. `done` is
/// called with the number of finished jobs.
pub(super) fn all<T: Send>(
    jobs: usize,
    job: impl Fn(usize) -> T + Sync,
    done: impl Fn(usize) + Sync,
) -> Vec<T> {
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let places: Vec<Mutex<Option<T>>> = (0..jobs).map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..workers(jobs) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(place) = places.get(number) else {
                        return;
                    };
                    let found = job(number);
                    *place.lock().expect("a job has panicked") = Some(found);
                    done(finished.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    let found = places
        .into_iter()
        .map(|place| place.into_inner().ok().flatten());
    found
        .map(|found| found.expect("every job was done"))
        .collect()
}
