//! Charts of a report, as files.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::cli::say;
use crate::sim::report::Report;
use crate::sim::workload::Workload;

pub(super) fn draw(report: &Report, workload: &Workload, folder: &Path) -> ExitCode {
    let fonts = crate::sim::chart::Fonts::embedded();
    let write = || -> Result<(), String> {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for (name, page) in report.pages(workload) {
            let png = page.png(&fonts).map_err(|error| error.to_string())?;
            for (ending, bytes) in [("svg", page.svg().into_bytes()), ("png", png)] {
                let path = folder.join(format!("{name}.{ending}"));
                fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
            }
        }
        Ok(())
    };
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => say::failed(&fault),
    }
}
