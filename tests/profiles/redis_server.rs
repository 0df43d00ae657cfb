//! A real Redis for one test.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Keeps its data over a restart. Ends with the test.
pub(crate) struct RedisServer {
    port: u16,
    folder: TempDir,
    password: Option<&'static str>,
    process: Option<Child>,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        Self::with_password(None)
    }

    pub(crate) fn with_password(password: Option<&'static str>) -> Self {
        let mut server = Self {
            port: free_port(),
            folder: tempfile::tempdir().unwrap(),
            password,
            process: None,
        };
        server.begin();
        server
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Restarts it on the same port with its data.
    pub(crate) fn begin(&mut self) {
        let mut command = Command::new("redis-server");
        command
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "yes"])
            .args(["--appendfsync", "always", "--loglevel", "warning"])
            .arg("--dir")
            .arg(self.folder.path())
            .stdout(Stdio::null());
        if let Some(password) = self.password {
            command.args(["--requirepass", password]);
        }
        let process = command.spawn().unwrap_or_else(|error| {
            if error.kind() == ErrorKind::NotFound {
                panic!("redis-server is not installed: apt-get install redis-server");
            }
            panic!("redis-server does not start: {error}");
        });
        self.process = Some(process);
        self.await_answer();
    }

    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Sends it a command on a separate connection.
    pub(crate) fn tell(&self, words: &[&str]) {
        let mut connection = self.connect().unwrap();
        let (name, arguments) = words.split_first().unwrap();
        redis::cmd(name)
            .arg(arguments)
            .exec(&mut connection)
            .unwrap();
    }

    /// The value of a key as text.
    pub(crate) fn read(&self, key: &str) -> Option<String> {
        let mut connection = self.connect().unwrap();
        redis::cmd("GET").arg(key).query(&mut connection).unwrap()
    }

    fn connect(&self) -> redis::RedisResult<redis::Connection> {
        let address = match self.password {
            Some(password) => format!("redis://:{password}@127.0.0.1:{}", self.port),
            None => self.url(),
        };
        redis::Client::open(address)?.get_connection_with_timeout(Duration::from_secs(5))
    }

    fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().unwrap();
        let id = Pid::from_raw(i32::try_from(process.id()).unwrap()).unwrap();
        kill_process(id, signal).unwrap();
    }

    fn await_answer(&self) {
        for _ in 0..1_000 {
            let pong = self
                .connect()
                .and_then(|mut connection| redis::cmd("PING").exec(&mut connection));
            if pong.is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("redis-server did not answer within ten seconds");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port without a listener.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
