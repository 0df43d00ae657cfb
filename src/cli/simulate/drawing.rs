//! Writes the charts of a report as SVG and PNG files.
//!
//! System fonts are loaded only for characters that the embedded fonts lack, so that the same
//! report gives the same pictures on every machine otherwise.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::cli::{output, say};
use crate::sim::chart::{Fonts, Page, PngError};
use crate::sim::report::Report;
use crate::sim::workload::Workload;

pub(super) fn draw(report: &Report, workload: &Workload, folder: &Path) -> Result<(), String> {
    write(&report.pages(workload), folder)
}

fn write(pages: &[(String, Page)], folder: &Path) -> Result<(), String> {
    let fonts = fonts(pages).map_err(|error| error.to_string())?;
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (name, page) in pages {
        let png = page.png(&fonts).map_err(|error| error.to_string())?;
        for (ending, bytes) in [("svg", page.svg().into_bytes()), ("png", png)] {
            let path = folder.join(format!("{name}.{ending}"));
            output::write(&path, &bytes)?;
        }
    }
    Ok(())
}

fn fonts(pages: &[(String, Page)]) -> Result<Fonts, PngError> {
    let embedded = Fonts::embedded();
    if lacking(pages, &embedded)?.is_empty() {
        return Ok(embedded);
    }
    let fonts = embedded.and(|fonts| fonts.load_system_fonts());
    let lacking = lacking(pages, &fonts)?;
    if !lacking.is_empty() {
        let characters: String = lacking.into_iter().collect();
        say::warn(&format_args!(
            "--charts: no font of this machine has {characters}: the PNG files show boxes instead, the SVG files do not"
        ));
    }
    Ok(fonts)
}

fn lacking(pages: &[(String, Page)], fonts: &Fonts) -> Result<BTreeSet<char>, PngError> {
    let mut all = BTreeSet::new();
    for (_, page) in pages {
        all.extend(page.lacks(fonts)?);
    }
    Ok(all)
}
