//! Brings a whole server up: journal, customers, site and doors, in this order,
//! and down again the other way round.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::cli::reload::reload;
use crate::cli::source::{Settings, Source};
use crate::config::{Config, CustomersStore, JournalSettings};
use crate::gateway::admin::Reload;
use crate::gateway::auth::Guard;
use crate::gateway::options::DoorOptions;
use crate::gateway::{Behind, Gateway, OpenError};
use crate::node::recognise::Recognise;
use crate::node::recovery;
use crate::node::recovery::{RecoverError, Report, SiteFiles};
use crate::node::site::{Recovered, Site, StartError};
use crate::store::journal::{Journal, Progress};
use crate::store::profiles;
use crate::store::profiles::{Profiles, StoreFault};
use crate::telemetry::Telemetry;

/// Files beside those of connections: journal, customers, listener, standard streams.
const OTHER_FILES: usize = 64;

/// Less is recovered before anyone could read about it.
const TOLD_RECORDS_MIN: u64 = 100_000;

/// A server that is ready to serve.
pub(super) struct Server {
    pub(super) reload: Reload,
    address: SocketAddr,
    site: Site<Journal>,
    gateway: Gateway,
}

/// Why a server did not come up.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartFault {
    #[error(transparent)]
    Recovery(#[from] RecoverError),
    #[error("recovery has panicked")]
    RecoveryPanicked,
    #[error("cannot open the customers: {0}")]
    Store(#[from] StoreFault),
    #[error(transparent)]
    Site(#[from] StartError),
    #[error("cannot listen on {address}: {error}")]
    Listen {
        address: SocketAddr,
        error: io::Error,
    },
    #[error(transparent)]
    Doors(OpenError),
}

impl Server {
    /// Brings everything up; nobody is served before [`run`](Self::run).
    pub(super) async fn start(
        source: Source,
        settings: Settings,
        doors: Doors,
    ) -> Result<Self, StartFault> {
        let Settings {
            config,
            credentials,
        } = settings;
        let telemetry = Telemetry::new();
        telemetry.install();
        let recovered = recover(&config).await?;
        let customers = customers_of(&config);
        let profiles = Profiles::open(&config.routing.site, &customers).await?;
        let routing = Arc::new(config.routing.clone());
        let mut site = Site::start(recovered, routing, &telemetry)?;
        site.serve_customers(&profiles, &telemetry);
        let guard = Arc::new(Guard::new(credentials));
        let reload = reload(source, config, site.handle(), Arc::clone(&guard));
        let behind = || Behind {
            node: site.handle(),
            recognise: Recognise::new(Some(profiles.clone()), &telemetry),
            guard: Arc::clone(&guard),
            reload: Arc::clone(&reload),
        };
        match doors.open(behind) {
            Ok((address, gateway)) => Ok(Self {
                reload,
                address,
                site,
                gateway,
            }),
            Err(fault) => {
                site.stop().await;
                Err(fault)
            }
        }
    }

    /// Where it listens: the port that was found for port 0.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` comes true; then ends everything in order.
    pub(super) async fn run(self, stop: impl Future<Output = ()>) {
        self.gateway.run(stop).await;
        self.site.stop().await;
    }
}

/// How the doors are configured, and where.
pub(super) struct Doors {
    pub(super) options: DoorOptions,
    /// Tried in this order if the address of the options is taken.
    pub(super) or_else: Vec<SocketAddr>,
}

impl Doors {
    pub(super) fn of(config: &Config) -> Self {
        let server = &config.server;
        let connections_max = usize::try_from(server.connections_max).unwrap_or(usize::MAX);
        let options = DoorOptions {
            connections_max,
            origins: server.origins.clone(),
            webhook: config.webhook.clone(),
            ..DoorOptions::new(server.listen)
        };
        Self {
            options,
            or_else: Vec::new(),
        }
    }

    /// Lets fewer in, and says so, if no more than `allowed` files may be open: connections are
    /// not to take those that the journal and the customers need.
    pub(super) fn within(mut self, allowed: Option<u64>) -> Self {
        let options = &mut self.options;
        let wanted = options.connections_max + options.porch + OTHER_FILES;
        let allowed = allowed.and_then(|allowed| usize::try_from(allowed).ok());
        if let Some(allowed) = allowed.filter(|allowed| *allowed < wanted) {
            let left = allowed - OTHER_FILES.min(allowed / 2);
            options.porch = options.porch.min(left / 8);
            let connections_max = (left - options.porch).max(1);
            if connections_max < options.connections_max {
                options.connections_max = connections_max;
                tracing::warn!(
                    allowed,
                    wanted,
                    connections_max,
                    "fewer open files are allowed than server.connections_max needs: \
                     fewer connections are let in"
                );
            }
        }
        self
    }

    fn open(self, behind: impl Fn() -> Behind) -> Result<(SocketAddr, Gateway), StartFault> {
        let Self {
            mut options,
            or_else,
        } = self;
        let mut others = or_else.into_iter();
        loop {
            let address = options.listen;
            let opened = Gateway::open(options.clone(), behind()).and_then(|gateway| {
                let address = gateway.local_addr().map_err(OpenError::Listen)?;
                Ok((address, gateway))
            });
            match (opened, others.next()) {
                (Ok(opened), _) => return Ok(opened),
                (Err(OpenError::Listen(error)), Some(other))
                    if error.kind() == io::ErrorKind::AddrInUse =>
                {
                    options.listen = other;
                }
                (Err(OpenError::Listen(error)), _) => {
                    return Err(StartFault::Listen { address, error });
                }
                (Err(error @ OpenError::Webhook(_)), _) => return Err(StartFault::Doors(error)),
            }
        }
    }
}

/// Lets the process have as many open files as it may: how many that are, if there is a limit.
pub(super) fn allow_open_files() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
    getrlimit(Resource::Nofile).current
}

async fn recover(config: &Config) -> Result<Recovered<Journal>, StartFault> {
    let files = SiteFiles::new(config.routing.site.clone(), data_dir(config).to_owned());
    let recovering = tokio::task::spawn_blocking(move || recovery::recover(&files, &mut tell));
    let recovered = recovering.await.map_err(|_| StartFault::RecoveryPanicked)?;
    let (recovered, report) = recovered?;
    tell_of(&report);
    Ok(recovered)
}

fn tell(progress: Progress) {
    let Progress {
        segments_done,
        segments_count,
        records_read,
    } = progress;
    if records_read >= TOLD_RECORDS_MIN {
        tracing::info!(segments_done, segments_count, records_read, "recovering");
    }
}

fn tell_of(report: &Report) {
    let Report {
        snapshot_seq,
        events_replayed,
        bytes_replayed,
        torn_bytes,
    } = *report;
    tracing::info!(snapshot_seq, events_replayed, bytes_replayed, "recovered");
    if torn_bytes > 0 {
        tracing::warn!(
            torn_bytes,
            "discarded a half-written batch at the end of the journal; it had not been acknowledged"
        );
    }
}

/// Where the customers of a site are kept, and how they are asked for.
pub(super) fn customers_of(config: &Config) -> profiles::ProfileOptions {
    let kind = match &config.customers.store {
        CustomersStore::Embedded => profiles::Kind::Embedded {
            path: data_dir(config).to_owned(),
        },
        CustomersStore::Redis { url } => profiles::Kind::Redis { url: url.clone() },
    };
    profiles::ProfileOptions::new(kind).lookup_within(config.customers.lookup_within)
}

fn data_dir(config: &Config) -> &Path {
    match &config.journal {
        JournalSettings::Embedded { path } => path,
    }
}
