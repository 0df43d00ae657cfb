//! Turns text into checked options, once.
//!
//! A reader walks the document and collects every fault; a `Config` has none. The reading of each
//! key states its default and its bounds; `config/default.toml` shows them, and tests compare the
//! two.
//!
//! **Invariant:** a [`Config`] that exists is valid, and no two runs read the
//! same text differently: nothing here reads a clock or the environment, and
//! only [`Config::load`] reads a file.

mod auth;
mod capacity;
pub mod columns;
mod diversion;
mod escalation;
mod fault;
mod hours;
mod names;
mod queue;
mod reader;
mod rehearsal;
mod report;
mod routing;
mod rule_warning;
mod server;
mod store;
mod value;
mod warning;
mod webhook;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;

use toml::Spanned;
use toml::de::DeTable;

use crate::engine::options::Options;

pub use auth::AuthOptions;
pub use auth::JwtKey;
pub use auth::KeyFile;
pub use auth::KeyRing;
pub use fault::Fault;
pub use fault::Faults;
pub use rehearsal::REPLICATIONS_MAX;
pub use rehearsal::{Calendar, Rehearsal};
pub use report::report;
pub use server::ServerOptions;
pub use store::CustomersOptions;
pub use store::CustomersStore;
pub use store::JournalSettings;
pub use warning::Warning;
pub use warning::warnings;

use fault::{Findings, Spot};
use names::Known;
use reader::Reader;
use routing::{DEFAULT_TIERS, Names};

/// The largest accepted file, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

/// The configuration of `switchboard serve` without a file.
const BUILTIN: &str = include_str!("../../config/dev.toml");

/// The whole configuration of the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub routing: Options,
    pub server: ServerOptions,
    pub auth: AuthOptions,
    pub journal: JournalSettings,
    pub customers: CustomersOptions,
    /// None: escalations are not reported to another system.
    pub webhook: Option<crate::gateway::webhook::WebhookOptions>,
}

impl Config {
    /// For development: on loopback, with publicly known tokens.
    pub fn builtin() -> Self {
        Self::parse(BUILTIN).expect("a test reads the built-in configuration")
    }

    /// Reads a file, or reports its faults.
    pub fn load(path: &Path) -> Result<Self, Faults> {
        Self::parse(&text_of(path)?)
    }

    pub fn parse(text: &str) -> Result<Self, Faults> {
        let (document, mut findings) = document_of(text)?;
        let document = document.get_ref();
        let names = names_of(document);
        let mut callers = None;
        let config = reader::walk(document, &mut findings, |root| {
            read(root, &names, &mut callers)
        });
        match config {
            Some(config) if findings.is_empty() => Ok(config),
            _ => Err(findings.into_faults().beside(callers)),
        }
    }
}

fn text_of(path: &Path) -> Result<String, Faults> {
    read_file(path).map_err(|error| {
        let allowed = format!("a readable file of at most {FILE_BYTES_MAX} bytes of UTF-8");
        Faults::of_file(path.display().to_string(), error.to_string(), &allowed)
    })
}

/// The parsed document, if it is well-formed TOML.
fn document_of(text: &str) -> Result<(Spanned<DeTable<'_>>, Findings), Faults> {
    let mut findings = Findings::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let spot = Spot {
            path: "toml".to_owned(),
            offset: error.span().map(|span| span.start),
        };
        let message = error.message().replace('\n', ", ");
        findings.add(spot, &message, "TOML 1.1");
    }
    // After a syntax error the rest might be misread.
    if findings.is_empty() {
        Ok((document, findings))
    } else {
        Err(findings.into_faults())
    }
}

fn read_file(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let mut file = File::open(path)?.take(FILE_BYTES_MAX + 1);
    if file.read_to_string(&mut text)? as u64 > FILE_BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

fn names_of<'d>(document: &'d DeTable<'d>) -> Names<'d> {
    let tiers = names::keys(document, "tiers")
        .unwrap_or_else(|| DEFAULT_TIERS.iter().map(|(name, _)| *name).collect());
    Names {
        queues: Known::ids("a queue id", document, "queue"),
        tiers: Known::new("a tier", tiers),
        agents: Known::ids("an agent id", document, "agent"),
        topics: Known::topics(document),
        calls_webhook: names::is_notified(document, escalation::WEBHOOK),
        hours: Known::new(
            "a name of [hours]",
            names::keys(document, "hours").unwrap_or_default(),
        ),
    }
}

/// Leaves `[auth]` in `callers` even if other sections have faults.
fn read(
    root: &mut Reader<'_, '_>,
    names: &Names<'_>,
    callers: &mut Option<AuthOptions>,
) -> Option<Config> {
    let server = root.key("server").table(server::read);
    let auth = root
        .key("auth")
        .table(|auth| auth::read(auth, &names.agents, server.listen));
    *callers = Some(auth.clone());
    let journal = root.key("journal").table(store::read_journal);
    let (customers, default_tier) = root
        .key("customers")
        .table(|customers| store::read_customers(customers, &names.tiers));
    let webhook = webhook::read(root);
    let routing = routing::read(root, names, default_tier);
    if names.calls_webhook {
        webhook::require(root);
    }
    Some(Config {
        routing: routing?,
        server,
        auth,
        journal,
        customers,
        webhook,
    })
}
