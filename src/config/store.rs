//! Where facts and customers are kept.

use std::fmt;
use std::path::PathBuf;

use redis::IntoConnectionInfo;

use crate::config::fault::without_credentials;
use crate::config::names::Known;
use crate::config::reader::Reader;
use crate::domain::Millis;
use crate::domain::Name;

const URL_FORM: &str = "redis://[[user]:password@]host[:port][/number]";
const URL_BYTES_MAX: usize = 1_024;

/// Where the journal of events is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalOptions {
    /// A directory; relative to where the server was started.
    Embedded { path: PathBuf },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomersOptions {
    pub store: CustomersStore,
    /// How long routing waits for a customer before it goes on without.
    pub lookup_within: Millis,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomersStore {
    /// Beside the journal.
    Embedded,
    Redis {
        url: RedisUrl,
    },
}

/// Checked for its form. `Debug` hides it: it may contain a password.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without user and password.
    pub fn public(&self) -> String {
        without_credentials(&self.0)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.public())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Embedded,
    Redis,
}

const KINDS: [(&str, Kind); 2] = [("embedded", Kind::Embedded), ("redis", Kind::Redis)];

pub(super) fn read_journal(journal: &mut Reader<'_, '_>) -> JournalOptions {
    journal.key("kind").choice(&[("embedded", ())]);
    let path = journal.key("path").path();
    JournalOptions::Embedded {
        path: path.unwrap_or_else(|| "data".into()),
    }
}

/// With the name of the default tier, where it is given.
pub(super) fn read_customers(
    customers: &mut Reader<'_, '_>,
    tiers: &Known<'_>,
) -> (CustomersOptions, Option<Name>) {
    let kind = customers.key("kind").choice(&KINDS);
    let url = read_url(customers, kind.unwrap_or(Kind::Embedded));
    let lookup_within_ms = customers.key("lookup_within_ms").whole(1..=1_000);
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
    let url = url.parse(URL_FORM, |value| {
        let text = value.as_str().filter(|text| text.len() <= URL_BYTES_MAX)?;
        text.into_connection_info().ok()?;
        Some(RedisUrl(text.to_owned()))
    });
    if kind == Kind::Embedded && reader.has("url") {
        reader.fault_at("url", "a URL", "only with kind = \"redis\"");
        return None;
    }
    url
}
