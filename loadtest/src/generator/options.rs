//! The options of a run, as given and as used.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use super::desk::Habits;
use super::pacer::Arrivals;
use super::template::Mix;
use crate::fault::{Doing, Fault};

const NS_PER_MS: u64 = 1_000_000;

/// The server and the agents.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Target {
    /// The server, as `http://ADDRESS:PORT`.
    #[arg(long)]
    pub(crate) url: String,
    /// Number of agents.
    #[arg(long, default_value_t = 200)]
    pub(crate) agents: u32,
    /// Agent ids are this prefix and a number, counting from --agent-first.
    #[arg(long, default_value = "a")]
    pub(crate) agent_prefix: String,
    #[arg(long, default_value_t = 1)]
    pub(crate) agent_first: u32,
    /// An agent's token is this prefix and the agent's id.
    #[arg(long, default_value = "dev-agent:")]
    pub(crate) token_agent_prefix: String,
    /// Read this process's processor time and memory from /proc.
    #[arg(long)]
    pub(crate) server_pid: Option<u32>,
    /// Threads of the generator, besides the one that keeps the schedule.
    #[arg(long, default_value_t = 2)]
    pub(crate) threads: usize,
}

/// The load.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Load {
    /// Contacts per second; not used with --closed.
    #[arg(long, default_value_t = 1_000.0)]
    pub(crate) rate: f64,
    /// How long contacts are sent, including the warm-up.
    #[arg(long, default_value_t = 15.0)]
    pub(crate) duration_s: f64,
    /// Contacts of this initial part are sent but not measured.
    #[arg(long, default_value_t = 3.0)]
    pub(crate) warmup_s: f64,
    /// Give up on open contacts once none has ended for this long.
    #[arg(long, default_value_t = 10.0)]
    pub(crate) drain_s: f64,
    /// Keep this many lives in flight instead of following a rate, to find the maximum.
    #[arg(long, value_name = "LIVES")]
    pub(crate) closed: Option<u32>,
    /// Keep-alive HTTP connections.
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: usize,
    #[arg(long, value_enum, default_value = "poisson")]
    pub(crate) arrivals: Arrivals,
    /// The same seed sends the same contacts at the same times.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    #[arg(long, default_value = "dev-adapter")]
    pub(crate) token_adapter: String,
    /// Channels with weights: `app=3,wechat=1`.
    #[arg(long, default_value = "app=1")]
    pub(crate) channel_mix: String,
    /// Topics, assigned to contacts in turn: a list, or a number (3 means t1,t2,t3).
    #[arg(long, default_value = "")]
    pub(crate) topics: String,
    /// Queues, assigned to contacts in turn: a list, or a number (3 means q1,q2,q3).
    #[arg(long, default_value = "")]
    pub(crate) queues: String,
    /// Number of customers, known by phone; 0 makes every contact anonymous.
    #[arg(long, default_value_t = 0)]
    pub(crate) customers: u64,
    /// Share of contacts from one of --customers; the rest are from strangers.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) known_share: f64,
    /// Time from an offer to its acceptance.
    #[arg(long, default_value_t = 0)]
    pub(crate) think_ms: u64,
    /// Time from acceptance to completion.
    #[arg(long, default_value_t = 0)]
    pub(crate) handle_ms: u64,
    /// Agents acknowledge every this many frames; 0 means never.
    #[arg(long, default_value_t = 64)]
    pub(crate) ack_every: u64,
    /// Percentage of the agents' sockets dropped per minute, at random moments.
    #[arg(long, default_value_t = 0.0)]
    pub(crate) drop_sockets_per_minute_percent: f64,
}

/// `loadtest run`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) load: Load,
    /// Also write the report here, as JSON.
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
}

impl Target {
    /// The command line's defaults, for the server at `url`.
    pub(crate) fn at(url: &str) -> Self {
        let Options { target, .. } = Options::from_words(&["--url", url]);
        target
    }

    /// The host part of the URL, and its resolved address.
    pub(crate) fn resolve(&self) -> Result<(String, SocketAddr), Fault> {
        let host = self
            .url
            .strip_prefix("http://")
            .map(|rest| rest.trim_end_matches('/'))
            .filter(|host| !host.contains('/'))
            .ok_or_else(|| Fault::new(format!("url: {}, not http://ADDRESS:PORT", self.url)))?;
        let address = host
            .to_socket_addrs()
            .doing(&format!("find {host}"))?
            .next()
            .ok_or_else(|| Fault::new(format!("{host} has no address")))?;
        Ok((host.to_owned(), address))
    }
}

impl Options {
    fn from_words(words: &[&str]) -> Self {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            options: Options,
        }
        let words = ["run"].iter().chain(words);
        let Ok(line) = <Line as clap::Parser>::try_parse_from(words) else {
            unreachable!("everything but the URL has a default");
        };
        line.options
    }
}

impl Load {
    /// The command line's defaults.
    pub(crate) fn usual() -> Self {
        let Options { load, .. } = Options::from_words(&["--url", ""]);
        load
    }

    pub(crate) fn mix(&self) -> Result<Mix, Fault> {
        Ok(Mix {
            channels: weights(&self.channel_mix)?,
            topics: names("t", &self.topics),
            queues: names("q", &self.queues),
            customers: self.customers,
            known_share: self.known_share,
        })
    }

    pub(crate) fn habits(&self) -> Habits {
        Habits {
            think_ns: self.think_ms * NS_PER_MS,
            handle_ns: self.handle_ms * NS_PER_MS,
            ack_every: (self.ack_every > 0).then_some(self.ack_every),
        }
    }

    pub(crate) fn check(&self) -> Result<(), Fault> {
        let rules = [
            (self.rate > 0.0, "rate: must be above 0"),
            (self.warmup_s >= 0.0, "warmup-s: must not be negative"),
            (
                self.duration_s > self.warmup_s,
                "duration-s: must be longer than warmup-s",
            ),
            (self.connections > 0, "connections: must be above 0"),
            (
                (0.0..=1.0).contains(&self.known_share),
                "known-share: must be within 0 and 1",
            ),
            (self.closed != Some(0), "closed: must be above 0"),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, rule)) => Err(Fault::new(*rule)),
            None => Ok(()),
        }
    }
}

fn weights(text: &str) -> Result<Vec<(String, u32)>, Fault> {
    let one = |part: &str| {
        let (channel, weight) = part.split_once('=').unwrap_or((part, "1"));
        let weight = weight.parse().ok().filter(|weight| *weight > 0);
        weight.map(|weight| (channel.to_owned(), weight))
    };
    text.split(',')
        .map(one)
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Fault::new(format!("channel-mix: {text}, not CHANNEL=WEIGHT,…")))
}

fn names(prefix: &str, text: &str) -> Vec<String> {
    match text.parse::<u32>() {
        Ok(count) => (1..=count).map(|no| format!("{prefix}{no}")).collect(),
        Err(_) if text.is_empty() => Vec::new(),
        Err(_) => text.split(',').map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_topics_names_them() {
        assert_eq!(names("t", "2"), ["t1", "t2"]);
        assert_eq!(names("t", "billing,repair"), ["billing", "repair"]);
        assert!(names("t", "").is_empty());
    }

    #[test]
    fn channels_may_have_weights() {
        let mix = weights("app=3,wechat").unwrap();
        assert_eq!(mix, [("app".to_owned(), 3), ("wechat".to_owned(), 1)]);
        assert!(weights("app=x").is_err());
    }
}
