//! What has happened to every contact of a run.
//!
//! Senders and agents record facts with the time they saw them; the report is a fold over the
//! finished book, so nothing is computed while the load runs. Times are nanoseconds since the start
//! of the run.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::span::{OfferSpan, Until};

const PAGE_LEN: usize = 4_096;
const PAGES_MAX: usize = 8_192;

/// The number of a contact in its run, from 0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ContactNo(pub(crate) u32);

/// The number of an agent in its run, from 0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AgentNo(pub(crate) u32);

/// How the posting of a contact went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Posting {
    /// Not answered yet.
    #[default]
    Pending,
    Created {
        at_ns: u64,
    },
    Refused {
        status: u16,
    },
    /// The connection broke, or the generator could not send.
    Failed,
}

/// One contact, from its scheduled time to its end.
#[derive(Debug, Default)]
pub(crate) struct Life {
    pub(crate) scheduled_ns: u64,
    pub(crate) sent_ns: u64,
    pub(crate) posting: Posting,
    pub(crate) id: Option<Box<str>>,
    pub(crate) offered_ns: Option<u64>,
    pub(crate) offers: Vec<OfferSpan>,
    pub(crate) accepted_by: Option<AgentNo>,
    pub(crate) accepted_twice: bool,
    pub(crate) ended_ns: Option<u64>,
}

type Page = Box<[Mutex<Life>]>;

pub(crate) struct Book {
    pages: Box<[OnceLock<Page>]>,
    len: AtomicU32,
    answered: AtomicU64,
    created: AtomicU64,
    ended: AtomicU64,
}

impl Book {
    pub(crate) fn new() -> Self {
        Self {
            pages: (0..PAGES_MAX).map(|_| OnceLock::new()).collect(),
            len: AtomicU32::new(0),
            answered: AtomicU64::new(0),
            created: AtomicU64::new(0),
            ended: AtomicU64::new(0),
        }
    }

    /// Starts a life scheduled for `scheduled_ns`; none if the book is full.
    pub(crate) fn open(&self, scheduled_ns: u64) -> Option<ContactNo> {
        let no = self.len.fetch_add(1, Ordering::AcqRel);
        if no as usize >= PAGE_LEN * PAGES_MAX {
            self.len.fetch_sub(1, Ordering::AcqRel);
            return None;
        }
        let no = ContactNo(no);
        self.pages[no.0 as usize / PAGE_LEN].get_or_init(|| {
            std::iter::repeat_with(Mutex::default)
                .take(PAGE_LEN)
                .collect()
        });
        self.life(no)?.scheduled_ns = scheduled_ns;
        Some(no)
    }

    pub(crate) fn sent(&self, no: ContactNo, now_ns: u64) {
        if let Some(mut life) = self.life(no) {
            life.sent_ns = now_ns;
        }
    }

    pub(crate) fn created(&self, no: ContactNo, id: &str, now_ns: u64) {
        if let Some(mut life) = self.life(no) {
            life.posting = Posting::Created { at_ns: now_ns };
            // The server is only asked about lives without an end.
            life.id = life.ended_ns.is_none().then(|| id.into());
            self.answered.fetch_add(1, Ordering::Relaxed);
            self.created.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn refused(&self, no: ContactNo, status: u16) {
        if let Some(mut life) = self.life(no) {
            life.posting = Posting::Refused { status };
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn failed(&self, no: ContactNo) {
        if let Some(mut life) = self.life(no) {
            life.posting = Posting::Failed;
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn offered(&self, no: ContactNo, agent: AgentNo, made_at: u64, now_ns: u64) {
        if let Some(mut life) = self.life(no) {
            life.offered_ns.get_or_insert(now_ns);
            if life.offers.is_empty() {
                life.offers.reserve_exact(1);
            }
            life.offers.push(OfferSpan {
                agent,
                made_at,
                until: Until::Open,
            });
        }
    }

    /// Ends the latest offer to `agent` that was not accepted. When it was over is not forgotten
    /// again: an answer that came too late is refused after that was told.
    pub(crate) fn offer_over(&self, no: ContactNo, agent: AgentNo, until: Until) {
        if let Some(mut life) = self.life(no) {
            let latest = life
                .offers
                .iter_mut()
                .rev()
                .find(|span| span.agent == agent);
            if let Some(span) = latest
                && (span.until == Until::Open || until != Until::Unknown)
                && span.until != Until::Accepted
            {
                span.until = until;
            }
        }
    }

    pub(crate) fn accepted(&self, no: ContactNo, agent: AgentNo) {
        if let Some(mut life) = self.life(no) {
            life.accepted_twice |= life.accepted_by.is_some_and(|earlier| earlier != agent);
            life.accepted_by = Some(agent);
            let latest = life
                .offers
                .iter_mut()
                .rev()
                .find(|span| span.agent == agent);
            if let Some(span) = latest {
                span.until = Until::Accepted;
            }
        }
    }

    /// Returns whether this is the first report of the end.
    pub(crate) fn ended(&self, no: ContactNo, now_ns: u64) -> bool {
        let Some(mut life) = self.life(no) else {
            return false;
        };
        let first = life.ended_ns.is_none();
        if first {
            life.ended_ns = Some(now_ns);
            life.id = None;
            self.ended.fetch_add(1, Ordering::Relaxed);
        }
        first
    }

    /// How many contacts were created and how many have ended.
    pub(crate) fn progress(&self) -> (u64, u64) {
        (
            self.created.load(Ordering::Relaxed),
            self.ended.load(Ordering::Relaxed),
        )
    }

    /// Whether every started life is over: refused, failed or ended.
    pub(crate) fn is_settled(&self) -> bool {
        let (created, ended) = self.progress();
        let begun = u64::from(self.len.load(Ordering::Acquire));
        if self.answered.load(Ordering::Relaxed) < begun || ended < created {
            return false;
        }
        let mut open = false;
        self.for_each(|_, life| {
            let created = matches!(life.posting, Posting::Created { .. });
            open |= created && life.ended_ns.is_none();
        });
        !open
    }

    /// Calls `visit` with every started life, in order.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(ContactNo, &Life)) {
        for no in (0..self.len.load(Ordering::Acquire)).map(ContactNo) {
            if let Some(life) = self.life(no) {
                visit(no, &life);
            }
        }
    }

    fn life(&self, no: ContactNo) -> Option<MutexGuard<'_, Life>> {
        let page = self.pages.get(no.0 as usize / PAGE_LEN)?.get()?;
        let life = &page[no.0 as usize % PAGE_LEN];
        Some(life.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_counted_once() {
        let book = Book::new();
        let no = book.open(5).unwrap();
        book.created(no, "c", 6);
        assert!(book.ended(no, 7));
        assert!(!book.ended(no, 8));
        assert_eq!(book.progress(), (1, 1));
    }

    #[test]
    fn a_contact_of_another_run_leaves_no_mark() {
        let book = Book::new();
        book.accepted(ContactNo(9), AgentNo(1));
        assert!(!book.ended(ContactNo(9), 1));
        book.for_each(|_, _| unreachable!("no life was begun"));
    }

    #[test]
    fn acceptance_by_a_second_agent_is_remembered() {
        let book = Book::new();
        let no = book.open(0).unwrap();
        book.accepted(no, AgentNo(1));
        book.accepted(no, AgentNo(1));
        book.for_each(|_, life| assert!(!life.accepted_twice));
        book.accepted(no, AgentNo(2));
        book.for_each(|_, life| assert!(life.accepted_twice));
    }
}
