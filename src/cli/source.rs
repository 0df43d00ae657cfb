//! Where the configuration is from, and reading it again.

use std::path::PathBuf;

use crate::cli::credentials;
use crate::config::{Config, Faults};
use crate::gateway::auth::Credentials;

/// A file, or none for the configuration that is built in.
#[derive(Clone, Debug)]
pub(super) struct Source(pub(super) Option<PathBuf>);

/// A configuration with everything that it refers to.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) credentials: Credentials,
}

impl Source {
    /// Reads everything anew, or gives a line for each fault. Blocks.
    pub(super) fn read(&self) -> Result<Settings, Vec<String>> {
        let config = match &self.0 {
            Some(file) => Config::load(file).map_err(|faults| lines(&faults))?,
            None => Config::builtin(),
        };
        Settings::of(config)
    }
}

/// With those of the files that the rest of it refers to.
fn lines(faults: &Faults) -> Vec<String> {
    let mut lines: Vec<_> = faults.to_string().lines().map(str::to_owned).collect();
    let credentials = faults.callers().map(credentials::load);
    lines.extend(credentials.and_then(Result::err).unwrap_or_default());
    lines
}

impl Settings {
    pub(super) fn of(config: Config) -> Result<Self, Vec<String>> {
        let credentials = credentials::load(&config.auth)?;
        Ok(Self {
            config,
            credentials,
        })
    }
}
