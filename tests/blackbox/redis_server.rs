//! A real Redis of the test's own.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::server::signal;

/// Keeps what it was told over a restart. Ends with the test.
pub(crate) struct RedisServer {
    port: u16,
    folder: TempDir,
    process: Option<Child>,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut server = Self {
            port,
            folder: tempfile::tempdir().unwrap(),
            process: None,
        };
        server.begin();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn restart(&mut self) {
        self.stop();
        self.begin();
    }

    /// On the same port, with what it knew.
    fn begin(&mut self) {
        let process = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "yes"])
            .args(["--appendfsync", "always", "--loglevel", "warning"])
            .arg("--dir")
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .spawn();
        let process = process.unwrap_or_else(|error| {
            assert!(
                error.kind() != ErrorKind::NotFound,
                "redis-server is not installed: apt-get install redis-server"
            );
            panic!("redis-server does not start: {error}");
        });
        self.process = Some(process);
        for _ in 0..1_000 {
            if self.try_tell(&["PING"]).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("redis-server did not answer within ten seconds");
    }

    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Connections stay open, and nothing is answered.
    pub(crate) fn freeze(&self) {
        signal(self.process.as_ref().unwrap(), Signal::STOP);
    }

    pub(crate) fn thaw(&self) {
        signal(self.process.as_ref().unwrap(), Signal::CONT);
    }

    pub(crate) fn tell(&self, words: &[&str]) {
        self.try_tell(words).unwrap();
    }

    fn try_tell(&self, words: &[&str]) -> redis::RedisResult<()> {
        let client = redis::Client::open(self.url())?;
        let mut connection = client.get_connection_with_timeout(Duration::from_secs(5))?;
        let (name, arguments) = words.split_first().unwrap();
        redis::cmd(name).arg(arguments).exec(&mut connection)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}
