//! Where the configuration comes from, and reading it again.

use std::path::PathBuf;

use crate::cli::credentials;
use crate::config::{Config, Faults};
use crate::gateway::auth::Credentials;
use crate::node::check_size;

/// A file, or none for the built-in configuration.
#[derive(Clone, Debug)]
pub(super) struct Source(pub(super) Option<PathBuf>);

/// A configuration with the files that it refers to.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) credentials: Credentials,
}

impl Source {
    /// Reads everything anew, or returns a line for each fault. Blocks.
    pub(super) fn read(&self) -> Result<Settings, Vec<String>> {
        let config = match &self.0 {
            Some(file) => Config::load(file).map_err(|faults| lines(&faults))?,
            None => Config::builtin(),
        };
        Settings::of(config)
    }
}

/// The faults, with those of the key files that the valid part refers to.
fn lines(faults: &Faults) -> Vec<String> {
    let mut lines: Vec<_> = faults.to_string().lines().map(str::to_owned).collect();
    let credentials = faults.callers().map(credentials::load);
    lines.extend(credentials.and_then(Result::err).unwrap_or_default());
    lines
}

impl Settings {
    pub(super) fn of(config: Config) -> Result<Self, Vec<String>> {
        // Last, so that faults in its parts are reported first.
        let credentials = credentials::load(&config.auth)?;
        check_size(&config.routing).map_err(|refusal| vec![format!("routing: {refusal}")])?;
        Ok(Self {
            config,
            credentials,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Name, Text};
    use crate::engine::options::AgentOptions;

    #[test]
    fn a_configuration_too_large_for_the_journal_is_refused_when_it_is_read() {
        let mut config = Config::builtin();
        let queues = vec![config.routing.queues[0].id.clone()];
        let label = Text::from(&*"x".repeat(120));
        config.routing.agents = (0..50_000)
            .map(|number| AgentOptions {
                label: label.clone(),
                ..AgentOptions::ordinary(Name::new(&format!("a{number}")).unwrap(), queues.clone())
            })
            .collect();
        let faults = Settings::of(config).err().unwrap();
        let [fault] = &faults[..] else {
            panic!("one line: {faults:?}");
        };
        assert!(fault.contains("the configuration takes "), "{fault}");
        assert!(fault.ends_with("bytes; allowed: 6291456"), "{fault}");
    }
}
