//! What was promised and what was seen, across all servers, and every contradiction.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use serde_json::Value;

use super::contact::{Contact, FINAL, Span, Until};

/// The most broken promises to report.
const BROKEN_MAX: usize = 10;
/// The longest excerpt to report.
const STORY_LINES_MAX: usize = 60;

#[derive(Default)]
pub(crate) struct Ledger(Mutex<Book>);

#[derive(Default)]
struct Book {
    contacts: Vec<Contact>,
    by_id: BTreeMap<String, usize>,
    broken: Vec<String>,
    tally: BTreeMap<&'static str, u64>,
}

impl Book {
    fn find(&mut self, id: &str) -> Option<&mut Contact> {
        let index = *self.by_id.get(id)?;
        let contact = &mut self.contacts[index];
        contact.is_touched = true;
        Some(contact)
    }
}

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap()
    }

    /// Records a violation.
    pub(super) fn breach(&self, what: String) {
        let mut book = self.lock();
        if book.broken.len() < BROKEN_MAX {
            book.broken.push(what);
        }
    }

    pub(crate) fn assert_unbroken(&self) {
        let book = self.lock();
        assert!(book.broken.is_empty(), "{:#?}", book.broken);
    }

    /// For the story of a contact.
    pub(super) fn note(&self, id: &str, line: String) {
        if let Some(contact) = self.lock().find(id) {
            contact.story.push(line);
            contact.story.truncate(STORY_LINES_MAX);
        }
    }

    pub(crate) fn count(&self, what: &'static str) {
        *self.lock().tally.entry(what).or_default() += 1;
    }

    /// How often each thing has happened: a test that has seen nothing proves nothing.
    pub(crate) fn tally(&self) -> BTreeMap<&'static str, u64> {
        self.lock().tally.clone()
    }

    /// About to be posted for the first time; returns its number.
    pub(super) fn begin(&self, contact: impl FnOnce(usize) -> Contact) -> usize {
        let mut book = self.lock();
        let number = book.contacts.len();
        book.contacts.push(contact(number));
        number
    }

    pub(super) fn contact(&self, number: usize) -> Contact {
        self.lock().contacts[number].clone()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().contacts.len()
    }

    pub(crate) fn open(&self) -> usize {
        let book = self.lock();
        book.contacts.iter().filter(|known| known.is_open()).count()
    }

    /// Answered with 2xx: from here on the contact exists.
    pub(super) fn acknowledged(&self, number: usize, contact: &Value) {
        let id = contact["id"].as_str().unwrap().to_owned();
        let mut book = self.lock();
        let known = book.contacts[number].id.clone();
        if known.as_ref().is_some_and(|known| *known != id) {
            drop(book);
            return self.breach(format!("one key, two contacts: {known:?} and {id}"));
        }
        book.contacts[number].id = Some(id.clone());
        let earlier = book.by_id.insert(id.clone(), number);
        if earlier.is_some_and(|earlier| earlier != number) {
            drop(book);
            self.breach(format!("two keys, one contact: {id}"));
        }
    }

    /// A command about it is sent; its outcome is not known yet.
    pub(super) fn doubt(&self, id: &str) {
        if let Some(contact) = self.lock().find(id) {
            contact.doubts += 1;
        }
    }

    /// The outcome is known: `learn` records it, and returns another agent who also has the
    /// contact, if there is one.
    pub(super) fn settle(&self, id: &str, learn: impl FnOnce(&mut Contact) -> Option<String>) {
        let mut book = self.lock();
        let Some(contact) = book.find(id) else {
            return;
        };
        contact.doubts -= 1;
        if let Some(other) = learn(contact) {
            drop(book);
            self.breach(format!("{id} is with {other} and with another"));
        }
    }

    /// Records the id of a contact that an agent was shown, whether or not its request was
    /// answered.
    pub(super) fn learn(&self, contact: &Value) {
        let text = contact["text"].as_str().unwrap();
        let number: usize = text.parse().unwrap();
        let id = contact["id"].as_str().unwrap().to_owned();
        let earlier = self.lock().by_id.insert(id, number);
        if earlier.is_some_and(|earlier| earlier != number) {
            self.breach(format!("{contact} has the id of number {earlier:?}"));
        }
    }

    /// A final state was seen; a contact has only one.
    pub(super) fn ended(&self, id: &str, state: &str) {
        if !FINAL.contains(&state) {
            return self.breach(format!("{id} has ended as {state}"));
        }
        let mut book = self.lock();
        let Some(contact) = book.find(id) else {
            return;
        };
        let known = contact.ended.replace(state.to_owned());
        if let Some(known) = known.filter(|known| known != state) {
            drop(book);
            self.breach(format!("{id} has ended as {known} and as {state}"));
        }
    }

    /// `contact_ended` is sent once.
    pub(super) fn told_of_end(&self, id: &str) {
        let mut book = self.lock();
        let Some(contact) = book.find(id) else {
            return;
        };
        contact.ended_frames += 1;
        if contact.ended_frames > 1 {
            drop(book);
            self.breach(format!("{id} has ended twice"));
        }
    }

    /// An offer was made, not before its time.
    pub(super) fn offered(&self, id: &str, span: Span) {
        let mut book = self.lock();
        let Some(contact) = book.find(id) else {
            return;
        };
        let is_early = contact.not_before_ms.is_some_and(|ms| span.from_ms < ms);
        contact.spans.push(span);
        if is_early {
            drop(book);
            self.breach(format!("{id} was offered before its time"));
        }
    }

    /// Which agents had it, since when and until when.
    pub(super) fn trace(&self, id: &str, change: impl FnOnce(&mut Contact)) {
        if let Some(contact) = self.lock().find(id) {
            change(contact);
        }
    }

    /// The agent serves these and no others.
    pub(super) fn let_go_but(&self, agent: &str, held: &[&str], session_seq: u64) {
        for contact in &mut self.lock().contacts {
            let is_held = contact.id.as_deref().is_some_and(|id| held.contains(&id));
            contact.let_go(agent, is_held, session_seq);
        }
    }

    /// All agents have lost their sockets.
    pub(crate) fn close_spans(&self) {
        for contact in &mut self.lock().contacts {
            for span in &mut contact.spans {
                if span.until == Until::Open {
                    span.until = Until::Unknown;
                }
            }
        }
    }

    /// What this agent serves, as far as that is certain.
    pub(super) fn served_by(&self, agent: &str) -> Vec<String> {
        let book = self.lock();
        let certain = book.contacts.iter().filter(|contact| {
            let is_with = contact.agent.as_deref() == Some(agent);
            is_with && contact.doubts == 0 && !contact.is_completed && contact.is_open()
        });
        certain.filter_map(|contact| contact.id.clone()).collect()
    }

    /// Contacts that two agents had at the same time, over everything seen.
    pub(crate) fn assert_nothing_was_offered_twice(&self) {
        let book = self.lock();
        for contact in &book.contacts {
            if let Some((one, other)) = contact.conflict() {
                panic!("{one:?} and {other:?} of {contact:#?}");
            }
        }
    }

    /// The numbers of existing contacts that satisfy `which`.
    pub(super) fn which(&self, which: impl Fn(&Contact) -> bool) -> Vec<usize> {
        let book = self.lock();
        let all = book.contacts.iter().enumerate();
        let some = all.filter(|(_, contact)| contact.id.is_some() && which(contact));
        some.map(|(number, _)| number).collect()
    }

    /// The server has shown it; checks that it fits.
    pub(super) fn compared(&self, number: usize, state: &str) {
        let mut book = self.lock();
        let contact = &mut book.contacts[number];
        contact.is_touched = false;
        if FINAL.contains(&state) {
            contact.ended = Some(state.to_owned());
        }
    }
}
