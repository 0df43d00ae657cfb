//! `switchboard import customers FILE`: writes customer profiles from a CSV file.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::cli::source::Source;
use crate::cli::start::StartFault;
use crate::cli::{EXIT_FAILED, runtime, say, start};
use crate::config::Config;
use crate::customer::Tiers;
use crate::domain::Timestamp;
use crate::node::clock::Clock;
use crate::store::profiles::Profiles;
use crate::store::profiles::import::{ImportError, Report, import_into};

/// Imports data from other systems
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Customers(Customers),
}

/// Imports customer profiles from CSV; bad lines are reported and skipped. Of a customer who is known
/// already, what the columns say is changed (an empty field removes it), and all else is kept
#[derive(Debug, clap::Args)]
struct Customers {
    /// CSV file with a header: id, name, phone, account, tier, …, tag:NAME
    file: PathBuf,
    /// Configuration file (TOML) that names the customer store
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> ExitCode {
    let What::Customers(Customers { file, config }) = args.what;
    let settings = match Source(config).read() {
        Ok(settings) => settings,
        Err(faults) => return say::refused(&faults),
    };
    let csv = match File::open(&file) {
        Ok(csv) => csv,
        Err(error) => return say::refused(&[format!("{}: {error}", file.display())]),
    };
    if let Err(error) = say::set_up_log("warn") {
        return say::refused(&[error.to_string()]);
    }
    runtime::run(async move {
        let profiles = match open(&settings.config).await {
            Ok(profiles) => profiles,
            Err(fault) => return say::failed(&fault),
        };
        let now = Clock::start(Timestamp::default()).now();
        let routing = &settings.config.routing;
        let tiers = Tiers::Of {
            known: routing.tiers.iter().map(|tier| tier.name.clone()).collect(),
            default: routing.default_tier.clone(),
        };
        let mut report = Report::default();
        let outcome = import_into(&mut report, &profiles, csv, &tiers, now).await;
        tell(&file, &report, outcome)
    })
}

async fn open(config: &Config) -> Result<Profiles, StartFault> {
    let customers = start::customers_of(config);
    Ok(Profiles::open(&config.routing.site, &customers).await?)
}

/// Reports what was written, even if the import broke off.
fn tell(file: &Path, report: &Report, outcome: Result<(), ImportError>) -> ExitCode {
    if let Err(ImportError::Header(bad)) = &outcome {
        return say::refused(&[bad.to_string()]);
    }
    for complaint in &report.complaints {
        say::warn(complaint);
    }
    let told = say::answer(&format_args!(
        "{} created, {} changed, {} refused",
        report.created, report.changed, report.refused
    ));
    match (outcome, told) {
        (Err(error @ ImportError::Store { .. }), _) => say::failed(&error),
        (Err(error), _) => say::refused(&[format!("{}: {error}", file.display())]),
        (Ok(()), Ok(())) if report.refused == 0 => ExitCode::SUCCESS,
        (Ok(()), Ok(())) => ExitCode::from(EXIT_FAILED),
        (Ok(()), Err(fault)) => say::failed(&fault),
    }
}
