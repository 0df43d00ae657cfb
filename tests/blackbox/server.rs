//! The server as a separate process, ended by its process id.

use std::fs;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::patience::PATIENCE;

const PROGRAM: &str = env!("CARGO_BIN_EXE_switchboard");
const LISTENING: &str = "listening on http://";
/// How much of the server's log is shown when a test fails.
const LINES_SHOWN: usize = 40;

pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
    log: PathBuf,
}

/// A server that did not start.
#[derive(Debug)]
pub(crate) struct NotStarted {
    pub(crate) status: ExitStatus,
    pub(crate) said: String,
}

impl Server {
    pub(crate) fn start(config: &Path) -> Self {
        Self::try_start(config).unwrap_or_else(|ended| {
            panic!("the server did not start: {}\n{}", ended.status, ended.said)
        })
    }

    pub(crate) fn try_start(config: &Path) -> Result<Self, NotStarted> {
        Self::run(Command::new(PROGRAM), config)
    }

    /// Logs at the most verbose level.
    pub(crate) fn talkative(config: &Path) -> Self {
        let mut command = Command::new(PROGRAM);
        command.env("RUST_LOG", "trace");
        let started = Self::run(command, config);
        started.unwrap_or_else(|ended| panic!("the server did not start: {}", ended.said))
    }

    /// `command` runs the server, possibly within another program.
    pub(crate) fn run(mut command: Command, config: &Path) -> Result<Self, NotStarted> {
        let log = config.with_extension("log");
        let said_before = fs::read(&log).unwrap_or_default().len();
        let mut process = spawn(&mut command, config, &log);
        if let Some(address) = address_of(&mut process) {
            return Ok(Self {
                process,
                address,
                log,
            });
        }
        Err(NotStarted {
            status: wait(&mut process),
            said: said_since(&log, said_before),
        })
    }

    /// Runs within `strace`, which tampers with system calls of one kind; none if that is
    /// impossible.
    pub(crate) fn traced(
        config: &Path,
        call: &str,
        injected: &str,
    ) -> Option<Result<Self, NotStarted>> {
        let probe = Command::new("strace")
            .args(["-D", "-f", "-o", "/dev/null", "true"])
            .output();
        if !probe.is_ok_and(|output| output.status.success()) {
            return None;
        }
        let mut strace = Command::new("strace");
        strace
            // The tracer runs beside the server, so that the process is the server.
            .args(["-D", "-f", "-q"])
            .args(["-o", "/dev/null", "-e", &format!("trace={call}")])
            .args(["-e", &format!("inject={call}:{injected}")])
            .arg(PROGRAM);
        Some(Self::run(strace, config))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// SIGKILL; the process has ended when this returns.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGTERM; waits for the orderly end.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        self.ask_to_end();
        wait(&mut self.process)
    }

    /// SIGSTOP: connections stay open, and nothing is read.
    pub(crate) fn stop(&self) {
        signal(&self.process, Signal::STOP);
    }

    /// SIGCONT.
    pub(crate) fn go_on(&self) {
        signal(&self.process, Signal::CONT);
    }

    pub(crate) fn ask_to_end(&self) {
        signal(&self.process, Signal::TERM);
    }

    /// Waits for the server to end by itself.
    pub(crate) fn await_end(mut self) -> ExitStatus {
        wait(&mut self.process)
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// Memory that is in use, in KiB.
    pub(crate) fn rss_kib(&self) -> u64 {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let words = line.unwrap().trim().strip_suffix("kB").unwrap();
        words.trim().parse().unwrap()
    }

    /// Open files and sockets.
    pub(crate) fn files_open(&self) -> usize {
        fs::read_dir(self.proc("fd")).unwrap().count()
    }

    pub(crate) fn logged(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap()).into_owned()
    }

    fn proc(&self, name: &str) -> PathBuf {
        Path::new("/proc")
            .join(self.process.id().to_string())
            .join(name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            let logged = self.logged();
            let lines: Vec<&str> = logged.lines().collect();
            let from = lines.len().saturating_sub(LINES_SHOWN);
            eprintln!("the server had said:\n{}", lines[from..].join("\n"));
        }
    }
}

fn spawn(command: &mut Command, config: &Path, log: &Path) -> Child {
    let log = File::options().append(true).create(true).open(log);
    command
        .args(["serve", "--config"])
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log.unwrap())
        .spawn()
        .unwrap()
}

/// The address from its log, once it listens; none if it ends before.
fn address_of(process: &mut Child) -> Option<SocketAddr> {
    let (line, lines) = mpsc::sync_channel(64);
    let stdout = process.stdout.take()?;
    thread::spawn(move || {
        let all = BufReader::new(stdout).lines().map_while(Result::ok);
        // A closed receiver needs no further lines.
        all.for_each(|text| drop(line.try_send(text)));
    });
    while let Ok(text) = lines.recv_timeout(PATIENCE) {
        if let Some(address) = text.strip_prefix(LISTENING) {
            return address.trim().parse().ok();
        }
    }
    None
}

fn said_since(log: &Path, before: usize) -> String {
    let said = fs::read(log).unwrap();
    String::from_utf8_lossy(&said[before..]).into_owned()
}

pub(crate) fn signal(process: &Child, signal: Signal) {
    let id = Pid::from_raw(i32::try_from(process.id()).unwrap()).unwrap();
    kill_process(id, signal).unwrap();
}

fn wait(process: &mut Child) -> ExitStatus {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < end, "the server does not come to its end");
        thread::sleep(Duration::from_millis(10));
    }
}
