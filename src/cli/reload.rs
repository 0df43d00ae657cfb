//! Reloads the configuration file while the server runs.
//!
//! Routing and credentials change together, or not at all. What a process is built around (its
//! address, its stores, its name) changes only with a restart; a file that changes it is refused
//! as a whole.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::cli::source::{Settings, Source};
use crate::config::{Config, CustomersStore, JournalSettings};
use crate::domain::counted;
use crate::engine::Engine;
use crate::engine::command::{Command, SiteCommand};
use crate::engine::options::Options;
use crate::engine::shown::foresee::Effects;
use crate::gateway::admin::{Manner, Reload, ReloadDone, Reloaded};
use crate::gateway::auth::Guard;
use crate::node::handle::{CallError, Handle};
use crate::task;

/// Longer than any working disk takes, and shorter than the caller of a reload waits.
const READ_WITHIN: Duration = Duration::from_secs(5);

const NO_FILE: &str = "no configuration file; the built-in configuration stays in force";

struct Running {
    source: Source,
    node: Handle,
    guard: Arc<Guard>,
    /// Locked for the duration of a reload.
    held: Mutex<Held>,
}

struct Held {
    /// The configuration in force.
    config: Config,
    /// The last read, unless it has been awaited to its end.
    reading: Option<Reading>,
}

type Reading = JoinHandle<Result<Settings, Vec<String>>>;

/// Returns the function that reloads a server running with `config`.
pub(super) fn reload(source: Source, config: Config, node: Handle, guard: Arc<Guard>) -> Reload {
    let running = Arc::new(Running {
        source,
        node,
        guard,
        held: Mutex::new(Held {
            config,
            reading: None,
        }),
    });
    Arc::new(move |manner| {
        let running = Arc::clone(&running);
        // A task of its own, so that it completes even if the caller hangs up.
        let reloading = task::spawn("reload", async move { running.reload(manner).await });
        Box::pin(async move {
            let done = reloading.await;
            done.unwrap_or_else(|error| Err(vec![format!("the reload did not finish: {error}")]))
        })
    })
}

impl Running {
    async fn reload(&self, manner: Manner) -> Reloaded {
        if self.source.0.is_none() {
            if manner == Manner::Earnest {
                tracing::info!("{NO_FILE}");
            }
            return Ok(ReloadDone {
                summary: NO_FILE.to_owned(),
                effects: None,
            });
        }
        let mut held = self.held.lock().await;
        let Held { config, reading } = &mut *held;
        let Settings {
            config: new,
            credentials,
        } = read(&self.source, READ_WITHIN, reading).await?;
        let fixed = fixed(config, &new);
        if !fixed.is_empty() {
            return Err(fixed);
        }
        let summary = summary(config, &new);
        let effects = if new.routing == config.routing {
            None
        } else {
            let options = Arc::new(new.routing.clone());
            let effects = self.route_by(options, manner).await;
            effects.map_err(|error| vec![refused(&error)])?
        };
        if manner == Manner::Earnest {
            // Unconditionally: the key files may have changed where the configuration has not.
            self.guard.exchange(credentials);
            *config = new;
            tracing::info!(summary, "the new configuration is in effect");
        }
        Ok(ReloadDone { summary, effects })
    }

    async fn route_by(
        &self,
        options: Arc<Options>,
        manner: Manner,
    ) -> Result<Option<Effects>, CallError> {
        match manner {
            Manner::DryRun => self.node.foresee(options).await.map(Some),
            Manner::Earnest => {
                let command = Command::Site(SiteCommand::Configure(options));
                let effects = |_, engine: &Engine| engine.reloaded().cloned();
                self.node.decide(command, effects).await
            }
        }
    }
}

/// Reads everything anew, or gives up after `within`: a reload that waits forever would block all
/// others. While a read is still going on no second one starts, as each occupies a thread.
async fn read(
    source: &Source,
    within: Duration,
    under_way: &mut Option<Reading>,
) -> Result<Settings, Vec<String>> {
    if under_way
        .as_ref()
        .is_some_and(|reading| !reading.is_finished())
    {
        return Err(vec![
            "the files of an earlier reload are still being read".to_owned(),
        ]);
    }
    let source = source.clone();
    let reading = under_way.insert(tokio::task::spawn_blocking(move || source.read()));
    match timeout(within, reading).await {
        Ok(read) => {
            *under_way = None;
            read.map_err(|error| vec![error.to_string()])?
        }
        Err(_) => Err(vec![format!(
            "the configuration and its files could not be read within {} s",
            within.as_secs_f64()
        )]),
    }
}

fn refused(error: &CallError) -> String {
    format!("routing: {error}")
}

/// A line for each change that needs a restart.
fn fixed(old: &Config, new: &Config) -> Vec<String> {
    let changed = built_around(old).into_iter().zip(built_around(new));
    let changed = changed.filter(|(old, new)| old != new);
    let changed = changed.map(|((path, old), (_, new))| stays(path, &new, &old));
    // Neither its URL nor its key is shown.
    let webhook = (old.webhook != new.webhook)
        .then(|| "webhook: changed, allowed: unchanged until a restart".to_owned());
    let customers = fixed_store(&old.customers.store, &new.customers.store);
    changed.chain(customers).chain(webhook).collect()
}

fn stays(path: &str, new: &str, old: &str) -> String {
    format!("{path}: {new}, allowed: {old} until a restart")
}

/// Users and passwords are compared, and never shown.
fn fixed_store(old: &CustomersStore, new: &CustomersStore) -> Option<String> {
    match (old, new) {
        (CustomersStore::Embedded, CustomersStore::Embedded) => None,
        (CustomersStore::Embedded, CustomersStore::Redis { .. }) => {
            Some(stays("customers.kind", "redis", "embedded"))
        }
        (CustomersStore::Redis { .. }, CustomersStore::Embedded) => {
            Some(stays("customers.kind", "embedded", "redis"))
        }
        (CustomersStore::Redis { url: old }, CustomersStore::Redis { url: new }) => {
            let (was, is) = (old.public(), new.public());
            match (old == new, was == is) {
                (true, _) => None,
                (false, true) => Some(stays(
                    "customers.url",
                    "changed user or password",
                    "unchanged",
                )),
                (false, false) => Some(stays("customers.url", &is, &was)),
            }
        }
    }
}

fn built_around(config: &Config) -> [(&'static str, String); 6] {
    let journal = match &config.journal {
        JournalSettings::Embedded { path } => path.display().to_string(),
    };
    let server = &config.server;
    let lookup_within_ms = config.customers.lookup_within.0;
    [
        ("site", config.routing.site.to_string()),
        ("server.listen", server.listen.to_string()),
        ("server.connections_max", server.connections_max.to_string()),
        ("server.origins", format!("{:?}", server.origins)),
        ("journal.path", journal),
        ("customers.lookup_within_ms", lookup_within_ms.to_string()),
    ]
}

fn summary(old: &Config, new: &Config) -> String {
    let changed = if new.routing == old.routing {
        "routing unchanged"
    } else {
        "routing changed"
    };
    let routing: &Options = &new.routing;
    format!(
        "{changed}: {}, {}, {}",
        counted(routing.queues.len() as u64, "queue"),
        counted(routing.agents.len() as u64, "agent"),
        counted(routing.tiers.len() as u64, "tier")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_redis(url: &str) -> Config {
        let text = format!(
            "[customers]\nkind = \"redis\"\nurl = \"{url}\"\n[[queue]]\nid = \"general\"\n"
        );
        Config::parse(&text).expect("it has what it needs")
    }

    #[test]
    fn changing_the_store_or_its_password_needs_a_restart_and_shows_no_password() {
        let old = with_redis("redis://:hunter2@127.0.0.1:6379");
        assert_eq!(fixed(&old, &old), Vec::<String>::new());
        let rotated = with_redis("redis://:hunter3@127.0.0.1:6379");
        assert_eq!(
            fixed(&old, &rotated),
            ["customers.url: changed user or password, allowed: unchanged until a restart"]
        );
        let moved = with_redis("redis://:hunter2@127.0.0.2:6379");
        assert_eq!(
            fixed(&old, &moved),
            ["customers.url: redis://•••@127.0.0.2:6379, \
              allowed: redis://•••@127.0.0.1:6379 until a restart"]
        );
        let mut embedded = old.clone();
        embedded.customers.store = CustomersStore::Embedded;
        embedded.journal = JournalSettings::Embedded {
            path: "data2".into(),
        };
        assert_eq!(
            fixed(&old, &embedded),
            [
                "journal.path: data2, allowed: data until a restart",
                "customers.kind: embedded, allowed: redis until a restart",
            ]
        );
    }

    #[tokio::test]
    async fn reading_a_file_without_an_end_is_given_up() {
        let folder = tempfile::TempDir::new().unwrap();
        let pipe = folder.path().join("centre.toml");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let source = Source(Some(pipe.clone()));
        let (within, mut reading) = (Duration::from_millis(200), None);
        let faults = read(&source, within, &mut reading).await.err();
        assert_eq!(
            faults.unwrap(),
            ["the configuration and its files could not be read within 0.2 s"]
        );
        let faults = read(&source, within, &mut reading).await.err();
        assert_eq!(
            faults.unwrap(),
            ["the files of an earlier reload are still being read"]
        );
        // End of file for the read that was given up.
        drop(std::fs::OpenOptions::new().write(true).open(&pipe).unwrap());
        while !reading.as_ref().unwrap().is_finished() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        std::fs::remove_file(&pipe).unwrap();
        let faults = read(&source, within, &mut reading).await.err().unwrap();
        assert!(faults[0].contains("centre.toml"), "{faults:?}");
        assert!(reading.is_none());
    }

    #[test]
    fn changes_that_need_a_restart_are_named() {
        let old = Config::builtin();
        let mut new = old.clone();
        assert_eq!(fixed(&old, &new), Vec::<String>::new());
        new.server.connections_max = 7;
        new.routing.queues.pop();
        assert_eq!(
            fixed(&old, &new),
            ["server.connections_max: 7, allowed: 20000 until a restart"]
        );
        assert_eq!(
            summary(&old, &new),
            "routing changed: 3 queues, 4 agents, 4 tiers"
        );
    }
}
