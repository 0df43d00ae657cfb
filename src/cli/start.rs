//! Starts a server: journal, customer store, site and network interface, in this order; stops it
//! in reverse order.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
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

/// Open files besides connections: journal, customers, listener, standard streams.
const OTHER_FILES: usize = 64;

/// Shorter recoveries are not worth a progress line.
const TOLD_RECORDS_MIN: u64 = 100_000;

/// A server that is ready to serve.
pub(super) struct Server {
    pub(super) reload: Reload,
    address: SocketAddr,
    site: Site<Journal>,
    gateway: Gateway,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartFault {
    #[error(transparent)]
    Recovery(#[from] RecoverError),
    #[error("recovery panicked")]
    RecoveryPanicked,
    #[error("cannot open the customer store: {0}")]
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
    /// Starts everything; requests are served only once [`run`](Self::run) is called.
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

    /// The address it listens on, with the actual port if port 0 was configured.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` completes; then shuts everything down in order.
    pub(super) async fn run(self, stop: impl Future<Output = ()>) {
        self.gateway.run(stop).await;
        self.site.stop().await;
    }
}

/// Options of the network interface, and the addresses to try.
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

    /// Lowers the number of connections, and logs it, if only `allowed` files can be open, so that
    /// connections do not take the files that the journal and the customer store need.
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
                    "the limit on open files is too low for server.connections_max; \
                     connections_max lowered"
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

/// Raises the limit on open files to the hard limit and returns it; none without a limit.
pub(super) fn allow_open_files() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot raise the limit on open files");
    }
    getrlimit(Resource::Nofile).current
}

async fn recover(config: &Config) -> Result<Recovered<Journal>, StartFault> {
    let files = SiteFiles::new(config.routing.site.clone(), data_dir(config).to_owned());
    let recovering = tokio::task::spawn_blocking(move || recovery::recover(&files, &mut tell));
    let recovered = recovering.await.map_err(|_| StartFault::RecoveryPanicked)?;
    let (recovered, report) = recovered?;
    tell_of(&report);
    warn_of_rights(data_dir(config));
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
            "discarded an incomplete, unacknowledged batch at the end of the journal"
        );
    }
}

/// A directory that existed keeps its rights: whoever made it may have had a reason.
fn warn_of_rights(dir: &Path) {
    let rights = fs::metadata(dir).map_or(0, |found| found.mode() & 0o777);
    if rights & 0o077 != 0 {
        tracing::warn!(
            path = %dir.display(),
            rights = format_args!("{rights:04o}"),
            "group or others have rights on the data directory; the server needs only 0700"
        );
    }
}

/// Where the customers of a site are stored, and the time budget for looking them up.
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
