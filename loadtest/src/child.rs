//! A server started by this process, and ended by its process id.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::fault::{Doing, Fault};

const LISTENING: &str = "listening on ";
/// How long a server may take to shut down.
const END_LOOKS_MAX: u32 = 200;
const END_LOOK: Duration = Duration::from_millis(50);

pub(crate) struct Child {
    process: process::Child,
    pub(crate) url: String,
}

impl Child {
    /// Starts `program` and waits for the line with its listening address.
    pub(crate) fn start(program: &Path, arguments: &[&str]) -> Result<Self, Fault> {
        let name = program.display();
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .doing(&format!("start {name}"))?;
        let Some(stdout) = process.stdout.take() else {
            unreachable!("standard output was asked to be a pipe");
        };
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next() {
            let line = line.doing(&format!("read the output of {name}"))?;
            if let Some(url) = line.strip_prefix(LISTENING) {
                let url = url.trim().to_owned();
                // Keeps reading, so that the server never finds its pipe full or closed.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self { process, url });
            }
        }
        let status = process.wait().doing(&format!("wait for {name}"))?;
        Err(Fault::new(format!(
            "{name} ended before it listened: {status}"
        )))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Asks the server to end, and kills it if it does not.
    pub(crate) fn end(mut self) {
        let asked = Command::new("kill")
            .args(["-TERM", &self.process.id().to_string()])
            .status()
            .is_ok_and(|status| status.success());
        for _ in 0..END_LOOKS_MAX {
            if !asked || matches!(self.process.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::sleep(END_LOOK);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may already have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
