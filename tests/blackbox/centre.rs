//! A contact centre: its folder and its configuration.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::server::{NotStarted, Server};

/// Agents a1, a2 and so on, all in the queues `first`, `second` (which has a wrap-up)
/// and `quiet` (nobody's but a1's).
pub(crate) struct Centre {
    folder: TempDir,
    data: PathBuf,
    agents: u32,
    customers_url: Option<String>,
    more_server: String,
    limits: String,
    wrap_up_s: u32,
    offer: &'static str,
    waiting_max: u32,
}

impl Centre {
    pub(crate) fn new(agents: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            data: folder.path().join("data"),
            folder,
            agents,
            customers_url: None,
            more_server: String::new(),
            limits: String::new(),
            wrap_up_s: 1,
            offer: "{ answer_within_s = 20, undelivered_after_s = 2 }",
            waiting_max: 100_000,
        }
    }

    pub(crate) fn with_customers_at(mut self, url: &str) -> Self {
        self.customers_url = Some(url.to_owned());
        self
    }

    pub(crate) fn with_data_in(mut self, data: PathBuf) -> Self {
        self.data = data;
        self
    }

    /// Agents have five seconds to answer, and one to show an offer.
    pub(crate) fn with_short_offers(mut self) -> Self {
        self.offer = "{ answer_within_s = 5, undelivered_after_s = 1 }";
        self
    }

    pub(crate) fn with_waiting_max(mut self, waiting_max: u32) -> Self {
        self.waiting_max = waiting_max;
        self
    }

    pub(crate) fn with_connections_max(mut self, connections_max: u32) -> Self {
        self.more_server = format!("connections_max = {connections_max}\n");
        self
    }

    /// How long a lost agent has to come back.
    pub(crate) fn with_grace_s(mut self, grace_s: u32) -> Self {
        self.limits = format!("\n[limits]\ngrace_s = {grace_s}\n");
        self
    }

    /// The wrap-up in the queue `second`, usually one second.
    pub(crate) fn with_wrap_up_s(mut self, wrap_up_s: u32) -> Self {
        self.wrap_up_s = wrap_up_s;
        self
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn start(&self) -> Server {
        Server::start(&self.write_config())
    }

    pub(crate) fn try_start(&self) -> Result<Server, NotStarted> {
        Server::try_start(&self.write_config())
    }

    pub(crate) fn write_config(&self) -> PathBuf {
        let path = self.folder.path().join("switchboard.toml");
        fs::write(&path, self.config()).unwrap();
        path
    }

    fn config(&self) -> String {
        let customers = self.customers_url.as_ref().map_or_else(
            || "kind = \"embedded\"".to_owned(),
            |url| format!("kind = \"redis\"\nurl = \"{url}\""),
        );
        let mut text = format!(
            "site = \"main\"\ndefault_queue = \"first\"\n\n\
             [server]\nlisten = \"127.0.0.1:0\"\n{}\n\
             [auth]\nmode = \"dev\"\n\n\
             [journal]\nkind = \"embedded\"\npath = \"{}\"\n\n\
             [customers]\n{customers}\nlookup_within_ms = 50\n\n\
             [channels.hotline]\ncost = 100\nmax = 1\n\
             [channels.app]\ncost = 20\nmax = 5\n\
             [channels.wechat]\ncost = 20\nmax = 5\n{}",
            self.more_server,
            self.data.display(),
            self.limits,
        );
        for (queue, wrap_up_s) in [("first", 0), ("second", self.wrap_up_s), ("quiet", 0)] {
            write!(
                text,
                "\n[[queue]]\nid = \"{queue}\"\n\
                 target = {{ answer_within_s = 10 }}\noffer = {}\n\
                 wrap_up_s = {wrap_up_s}\nwaiting_max = {}\n",
                self.offer, self.waiting_max,
            )
            .unwrap();
        }
        for agent in 1..=self.agents {
            let quiet = if agent == 1 { ", \"quiet\"" } else { "" };
            write!(
                text,
                "\n[[agent]]\nid = \"a{agent}\"\nqueues = [\"first\", \"second\"{quiet}]\n\
                 capacity = 100\n",
            )
            .unwrap();
        }
        text
    }
}
