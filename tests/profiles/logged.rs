//! Captures what is logged.

use std::io;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::sleep;
use tracing::subscriber::{DefaultGuard, set_default};
use tracing_subscriber::fmt;

/// What is logged, as text.
#[derive(Clone, Default)]
pub(crate) struct Logged(Arc<Mutex<Vec<u8>>>);

impl Logged {
    /// What this thread logs while the guard lives.
    pub(crate) fn begin() -> (Self, DefaultGuard) {
        let logged = Self::default();
        let writer = logged.clone();
        let lines = fmt().with_ansi(false).with_writer(move || writer.clone());
        let guard = set_default(lines.finish());
        (logged, guard)
    }

    pub(crate) fn lines_with(&self, words: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().filter(|line| line.contains(words));
        lines.map(str::to_owned).collect()
    }

    pub(crate) async fn comes_to(&self, words: &str) -> Vec<String> {
        for _ in 0..200 {
            let lines = self.lines_with(words);
            if !lines.is_empty() {
                return lines;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{words:?} is not logged");
    }
}

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut logged = self.0.lock().map_err(|_| io::ErrorKind::Other)?;
        logged.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
