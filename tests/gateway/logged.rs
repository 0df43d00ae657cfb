//! Captures what is logged by the whole process.

use std::io;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use tokio::time::sleep;
use tracing_subscriber::fmt;

static LOGGED: OnceLock<Mutex<Vec<u8>>> = OnceLock::new();

/// Starts capturing; the lines of all tests are in one text.
pub(crate) fn begin() {
    LOGGED.get_or_init(|| {
        let lines = fmt().with_ansi(false).with_writer(|| Writer);
        tracing::subscriber::set_global_default(lines.finish()).unwrap();
        Mutex::default()
    });
}

/// The lines with these words; waits for the first.
pub(crate) async fn lines_with(words: &str) -> Vec<String> {
    for _ in 0..200 {
        let text = String::from_utf8_lossy(&lock()).into_owned();
        let lines = text.lines().filter(|line| line.contains(words));
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        if !lines.is_empty() {
            return lines;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{words:?} is not logged");
}

fn lock() -> MutexGuard<'static, Vec<u8>> {
    LOGGED.get().unwrap().lock().unwrap()
}

struct Writer;

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if LOGGED.get().is_some() {
            lock().extend(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
