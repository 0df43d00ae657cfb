//! What happens to contacts that cannot enter a queue: a word, or a table naming a destination.

use crate::config::escalation::{Move, only};
use crate::config::queue::Others;
use crate::config::reader::Reader;
use crate::domain::{Channel, Name, PerChannel, Text};
use crate::engine::options::{Overflow, WhenFull};

/// The longest deflection text, in bytes.
const DEFLECTION_BYTES_MAX: usize = 256;
const WAITING_MAX: u32 = 1_000_000;

/// The destination that a table names.
pub(super) enum Diversion {
    Deflect(Text),
    Queue(Name),
}

/// One of some words, or a diversion.
pub(super) fn read<T: Clone>(
    table: &mut Reader<'_, '_>,
    key: &'static str,
    words: &[(&str, T)],
    (id, others): (Option<&Name>, &mut Others<'_, '_>),
    divert: impl FnOnce(Diversion) -> T,
) -> Option<T> {
    if table.holds_table(key) {
        let diversion = table.key(key).table(|rule| read_table(rule, id, others));
        return diversion.map(divert);
    }
    let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    let allowed = format!(
        "{}, {{ deflect = \"text\" }} or {{ queue = \"id\" }}",
        names.join(", ")
    );
    table.key(key).parse(&allowed, |value| {
        let text = value.as_str()?;
        let word = words.iter().find(|(name, _)| *name == text);
        word.map(|(_, meant)| meant.clone())
    })
}

fn read_table(
    rule: &mut Reader<'_, '_>,
    id: Option<&Name>,
    others: &mut Others<'_, '_>,
) -> Option<Diversion> {
    let deflect = rule.key("deflect").string(DEFLECTION_BYTES_MAX);
    let queue = rule.key("queue").name_of(others.queues);
    if let (Some(from), Some(to)) = (id, &queue) {
        let place = rule.spot_of("queue");
        others.overflows.push(Move::new(from, to, place));
    }
    let diversions = [
        deflect.map(|text| Diversion::Deflect(Text::from(text))),
        queue.map(Diversion::Queue),
    ];
    only(rule, diversions)
}

/// How many contacts of each channel may wait, and what happens to those beyond.
pub(super) fn read_overflow(
    queue: &mut Reader<'_, '_>,
    id: Option<&Name>,
    others: &mut Others<'_, '_>,
) -> Overflow {
    queue.key("overflow").table(|overflow| {
        let waiting_max = overflow.key("waiting_max").table(|waiting_max| {
            let each = |channel: Channel| waiting_max.key(channel.name()).whole(0..=WAITING_MAX);
            PerChannel(Channel::ALL.map(each))
        });
        let words = [
            ("refuse", WhenFull::Refuse),
            ("callback", WhenFull::Callback),
        ];
        let of = (id, others);
        let when_full = read(
            overflow,
            "when_full",
            &words,
            of,
            |diversion| match diversion {
                Diversion::Deflect(text) => WhenFull::Deflect(text),
                Diversion::Queue(queue) => WhenFull::Queue(queue),
            },
        );
        Overflow {
            waiting_max,
            when_full: when_full.unwrap_or_default(),
        }
    })
}
