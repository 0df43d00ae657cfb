//! Where the journal and the customer profiles are stored.

use std::path::PathBuf;

use crate::config::names::Known;
use crate::config::reader::Reader;
use crate::domain::{Millis, Name};
use crate::store::profiles::options::RedisUrl;

/// The largest lookup budget.
const LOOKUP_WITHIN_MS_MAX: i64 = 1_000;
const URL_BYTES_MAX: usize = 1_024;

/// Where the event journal is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalSettings {
    /// A directory; if relative, to the working directory.
    Embedded { path: PathBuf },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomersOptions {
    pub store: CustomersStore,
    /// How long routing waits for a customer's profile before proceeding without it.
    pub lookup_within: Millis,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomersStore {
    /// In the journal's directory.
    Embedded,
    Redis {
        url: RedisUrl,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Embedded,
    Redis,
}

const KINDS: [(&str, Kind); 2] = [("embedded", Kind::Embedded), ("redis", Kind::Redis)];

pub(super) fn read_journal(journal: &mut Reader<'_, '_>) -> JournalSettings {
    journal.key("kind").choice(&[("embedded", ())]);
    let path = journal.key("path").path();
    JournalSettings::Embedded {
        path: path.unwrap_or_else(|| "data".into()),
    }
}

/// Also returns the name of the default tier, if given.
pub(super) fn read_customers(
    customers: &mut Reader<'_, '_>,
    tiers: &Known<'_>,
) -> (CustomersOptions, Option<Name>) {
    let kind = customers.key("kind").choice(&KINDS);
    let url = read_url(customers, kind.unwrap_or(Kind::Embedded));
    let lookup_within_ms = customers
        .key("lookup_within_ms")
        .whole(1..=LOOKUP_WITHIN_MS_MAX);
    let default_tier = customers.key("default_tier").name_of(tiers);
    let options = CustomersOptions {
        store: url.map_or(CustomersStore::Embedded, |url| CustomersStore::Redis {
            url,
        }),
        lookup_within: Millis(lookup_within_ms.unwrap_or(50)),
    };
    (options, default_tier)
}

fn read_url(reader: &mut Reader<'_, '_>, kind: Kind) -> Option<RedisUrl> {
    let url = reader.key("url").or_required_if(kind == Kind::Redis);
    let url = url.parse(RedisUrl::FORM, |value| {
        let text = value.as_str().filter(|text| text.len() <= URL_BYTES_MAX)?;
        RedisUrl::parse(text)
    });
    if kind == Kind::Embedded && reader.has("url") {
        reader.fault_at("url", "a URL", "only with kind = \"redis\"");
        return None;
    }
    url
}
