//! `loadtest config`: a configuration of Switchboard for measuring, the same for the same options.
//!
//! Agents are `a1`, `a2` and so on, queues `q1`, `q2` and so on; queue `qN` takes topic `tN`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use crate::fault::{Doing, Fault};

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    #[arg(long, default_value_t = 200)]
    pub(crate) agents: u32,
    #[arg(long, default_value_t = 4)]
    pub(crate) queues: u32,
    /// How many of the queues each agent serves.
    #[arg(long, default_value_t = 2)]
    pub(crate) queues_per_agent: u32,
    /// Directory of the embedded journal.
    #[arg(long, default_value = "bench-data")]
    pub(crate) journal: PathBuf,
    /// Contacts that may wait in one queue.
    #[arg(long, default_value_t = 100_000)]
    pub(crate) waiting_max: u32,
    /// How agents are chosen: best, least_load, longest_idle, best_skill or round_robin.
    #[arg(long, default_value = "best")]
    pub(crate) select: String,
}

pub(crate) fn run(options: &Options) -> Result<(), Fault> {
    write!(std::io::stdout(), "{}", render(options)).doing("print the configuration")
}

pub(crate) fn render(options: &Options) -> String {
    let mut text = head(options);
    for queue in 1..=options.queues {
        text.push_str(&queue_entry(options, queue));
    }
    for agent in 1..=options.agents {
        text.push_str(&agent_entry(options, agent));
    }
    text
}

fn head(options: &Options) -> String {
    let journal = quoted(&options.journal.to_string_lossy());
    let mut text = format!(
        r#"# Written by `loadtest config` for {agents} agents and {queues} queues.
site = "main"

[server]
listen = "127.0.0.1:0"

[auth]
mode = "dev"

[journal]
kind = "embedded"
path = {journal}

[customers]
kind = "embedded"
lookup_within_ms = 50

[fairness]
overtake_max_s = 900

"#,
        agents = options.agents,
        queues = options.queues,
    );
    for (tier, head_start_s) in [
        ("diamond", 300),
        ("gold", 200),
        ("silver", 60),
        ("basic", 0),
    ] {
        let _ = writeln!(text, "[tiers.{tier}]\nhead_start_s = {head_start_s}");
    }
    // Text channels cost so little that agents' capacity never limits the measurement.
    text.push_str("\n[channels.hotline]\ncost = 100\nmax = 1\n");
    for channel in ["app", "wechat"] {
        let _ = writeln!(text, "[channels.{channel}]\ncost = 1");
    }
    text
}

fn queue_entry(options: &Options, queue: u32) -> String {
    format!(
        r#"
[[queue]]
id = "q{queue}"
name = "Queue {queue}"
topics = ["t{queue}"]
target = {{ answer_within_s = 30, goal_percent = 80 }}
offer = {{ answer_within_s = 20, undelivered_after_s = 2 }}
wrap_up_s = 0
waiting_max = {waiting_max}
select = {select}
"#,
        waiting_max = options.waiting_max,
        select = quoted(&options.select),
    )
}

fn agent_entry(options: &Options, agent: u32) -> String {
    let queues: Vec<String> = (0..options.queues_per_agent.min(options.queues))
        .map(|nth| format!("\"q{}\"", (agent - 1 + nth) % options.queues + 1))
        .collect();
    format!(
        r#"
[[agent]]
id = "a{agent}"
name = "Agent {agent}"
queues = [{queues}]
capacity = 100
"#,
        queues = queues.join(", "),
    )
}

/// As a TOML basic string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options {
            agents: 3,
            queues: 2,
            queues_per_agent: 1,
            journal: "a \"b\"".into(),
            waiting_max: 7,
            select: "best".into(),
        }
    }

    #[test]
    fn the_same_options_write_the_same_configuration() {
        assert_eq!(render(&options()), render(&options()));
    }

    #[test]
    fn agents_are_spread_over_the_queues() {
        let text = render(&options());
        assert_eq!(text.matches("[[queue]]").count(), 2);
        assert_eq!(text.matches("[[agent]]").count(), 3);
        assert_eq!(text.matches("queues = [\"q1\"]").count(), 2);
        assert_eq!(text.matches("queues = [\"q2\"]").count(), 1);
        assert!(text.contains(r#"path = "a \"b\"""#));
    }
}
