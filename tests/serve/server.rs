//! The program as a user starts it, and a server that ends with its test.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

pub(crate) const LOOK: Duration = Duration::from_millis(20);
pub(crate) const LOOKS_MAX: u32 = 500;

pub(crate) const CENTRE: &str = r#"
[server]
listen = "127.0.0.1:0"
[[queue]]
id = "general"
[[agent]]
id = "a1"
queues = ["general"]
"#;

pub(crate) fn switchboard(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.current_dir(folder).args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A shell script in which `"$@"` is the serve command.
pub(crate) fn by_shell(folder: &Path, shell: &str) -> Command {
    let mut command = Command::new("sh");
    command.current_dir(folder).args(["-c", shell, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_switchboard"));
    command.args(["serve", "--config", "centre.toml"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    switchboard(folder, arguments).output().unwrap()
}

pub(crate) fn folder_with(configuration: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("centre.toml"), configuration).unwrap();
    folder
}

/// A server that is killed when the test ends, whatever its result.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
    pub(crate) told: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start(folder: &Path) -> Self {
        let mut command = switchboard(folder, &["serve", "--config", "centre.toml"]);
        Self::start_as(command.stderr(Stdio::inherit()))
    }

    /// Starts it by a shell script in which `"$@"` is the command.
    pub(crate) fn start_by(folder: &Path, shell: &str) -> Self {
        Self::start_as(by_shell(folder, shell).stderr(Stdio::inherit()))
    }

    pub(crate) fn start_as(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut told = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://");
        Self {
            address: address.unwrap_or_else(|| panic!("{line:?}")).to_owned(),
            child,
            told,
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        for _ in 0..LOOKS_MAX {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            sleep(LOOK);
        }
        panic!("the server goes on");
    }

    /// Status and body of the response to a request.
    pub(crate) fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> (u16, String) {
        let mut tcp = TcpStream::connect(&self.address).unwrap();
        write!(
            tcp,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Usually it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
