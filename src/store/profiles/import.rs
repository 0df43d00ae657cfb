//! Reads a customer file and writes the profiles in batches.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use csv::{ByteRecord, Position, StringRecord};

use crate::customer::Tiers;
use crate::customer::import::{BadLine, Header, Row};
use crate::domain::Timestamp;
use crate::store::profiles::lines::Lines;
use crate::store::profiles::{Edit, ImportRefusal, Profiles, Put, StoreFault};

/// Profiles per write.
const BATCH: usize = 512;
/// The most faults kept; further ones are counted.
const COMPLAINTS_MAX: usize = 100;

/// The fault of a line that is not text.
const ENCODING: &str = "wrong encoding, allowed: UTF-8";

/// What was done with the lines of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub created: u64,
    /// Of customers who were known already.
    pub changed: u64,
    /// Lines not written.
    pub refused: u64,
    /// The reasons, `line N: path: found, allowed: …`, the first hundred.
    pub complaints: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Header(#[from] BadLine),
    #[error("the file cannot be read: {0}")]
    File(String),
    /// The lines before this one were written.
    #[error("line {line}: {fault}")]
    Store { line: u64, fault: StoreFault },
}

impl Report {
    fn refuse(&mut self, complaint: String) {
        self.refused += 1;
        if self.complaints.len() < COMPLAINTS_MAX {
            self.complaints.push(complaint);
        }
    }
}

/// Writes every valid line and reports the faults of the others. Blocks while it reads: for
/// commands, not for the server.
pub async fn import(
    profiles: &Profiles,
    file: impl io::Read,
    tiers: &Tiers,
    now: Timestamp,
) -> Result<Report, ImportError> {
    let mut report = Report::default();
    import_into(&mut report, profiles, file, tiers, now).await?;
    Ok(report)
}

/// The same; `report` is kept up to date even if the file cannot be read to its end.
pub async fn import_into(
    report: &mut Report,
    profiles: &Profiles,
    file: impl io::Read,
    tiers: &Tiers,
    now: Timestamp,
) -> Result<(), ImportError> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(Lines::of(file));
    let header = reader.headers().cloned();
    let header = header.map_err(|error| unreadable(&error, reader.get_mut()))?;
    let header = Header::read(header.iter())?;
    let (tiers, mut batch) = (Arc::new(tiers.clone()), Vec::with_capacity(BATCH));
    let (mut row, mut ids) = (ByteRecord::new(), BTreeSet::new());
    loop {
        let read = reader.read_byte_record(&mut row);
        if !read.map_err(|error| unreadable(&error, reader.get_mut()))? {
            break;
        }
        let line = line_at(row.position(), reader.get_mut());
        match StringRecord::from_byte_record(std::mem::take(&mut row)) {
            Ok(row) => match header.row(line, row.iter(), &tiers, now) {
                Ok(row) => {
                    // Its earlier line comes first.
                    if !ids.insert(row.id().clone()) {
                        let batch = std::mem::take(&mut batch);
                        write(profiles, batch, &tiers, now, report).await?;
                        ids = BTreeSet::from([row.id().clone()]);
                    }
                    batch.push(row);
                }
                Err(bad) => report.refuse(bad.to_string()),
            },
            Err(_) => report.refuse(format!("line {line}: {ENCODING}")),
        }
        if batch.len() == BATCH {
            write(profiles, std::mem::take(&mut batch), &tiers, now, report).await?;
            ids.clear();
        }
    }
    write(profiles, batch, &tiers, now, report).await
}

fn line_at<R>(position: Option<&Position>, lines: &mut Lines<R>) -> u64 {
    position.map_or(0, |position| lines.line_from(position.byte()))
}

fn unreadable<R>(error: &csv::Error, lines: &mut Lines<R>) -> ImportError {
    // The reader's own message would name a wrong line.
    if let csv::ErrorKind::Utf8 { pos, .. } = error.kind() {
        let line = line_at(pos.as_ref(), lines);
        return ImportError::File(format!("line {line}: {ENCODING}"));
    }
    ImportError::File(error.to_string())
}

async fn write(
    profiles: &Profiles,
    batch: Vec<Row>,
    tiers: &Arc<Tiers>,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), ImportError> {
    let lines: Vec<u64> = batch.iter().map(|row| row.line).collect();
    let change = |row: Row| Edit {
        id: row.id().clone(),
        edit: {
            let tiers = Arc::clone(tiers);
            Box::new(move |known| row.profile(known, &tiers, now))
        },
    };
    let changes: Vec<Edit<BadLine>> = batch.into_iter().map(change).collect();
    let first = lines.first().copied().unwrap_or(0);
    let written = profiles
        .import(&changes)
        .await
        .map_err(|fault| ImportError::Store { line: first, fault })?;
    for (line, written) in lines.into_iter().zip(written) {
        match written {
            Ok(Put::Created) => report.created += 1,
            Ok(Put::Replaced) => report.changed += 1,
            Err(ImportRefusal::Refused(bad)) => report.refuse(bad.to_string()),
            Err(ImportRefusal::Unreadable(id)) => report.refuse(format!(
                "line {line}: id: customer {id}, whose profile cannot be read, allowed: a customer \
                 whose profile can; PUT /v1/customers/ID replaces one"
            )),
            Err(ImportRefusal::Taken(taken)) => report.refuse(format!(
                "line {line}: identities.{}: an identity of customer {}, allowed: an unused identity",
                taken.kind, taken.by
            )),
        }
    }
    Ok(())
}
