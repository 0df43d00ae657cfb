//! What is shown while the demonstration runs.
//!
//! **Invariant:** everything shown comes from the server's public interface.

use std::net::SocketAddr;

use crate::cli::demo::look::{Queue, Seen};
use crate::config::columns;

const QUEUE_COLUMNS: usize = 22;
const BAR_MAX: usize = 20;

/// Commands with which to look at the running server.
pub(super) fn doors(address: SocketAddr) -> Vec<String> {
    vec![
        format!("  curl -H 'Authorization: Bearer dev-metrics' http://{address}/metrics"),
        format!("  curl -H 'Authorization: Bearer dev-supervisor' http://{address}/v1/queues"),
        format!("  curl http://{address}/v1/openapi.json"),
        "  websocat -H 'Authorization: Bearer dev-supervisor' \\".to_owned(),
        format!("    --protocol switchboard.supervisor.v1 ws://{address}/v1/supervisor"),
    ]
}

/// The whole screen, line by line; `news` are the latest escalations.
pub(super) fn screen(
    address: SocketAddr,
    elapsed_s: u64,
    seen: &Seen,
    news: &[String],
) -> Vec<String> {
    let mut lines = vec![format!(
        "Switchboard demo   {}   http://{address}   Ctrl-C to stop",
        clock(elapsed_s)
    )];
    lines.extend(doors(address));
    lines.push(String::new());
    lines.push(format!(
        "{} waiting offered active wrap-up  longest  free/staffed",
        columns::left("queue", QUEUE_COLUMNS)
    ));
    lines.extend(seen.queues.iter().map(queue));
    lines.push(String::new());
    lines.extend(totals(seen));
    lines.extend(news.iter().map(|line| format!("{:15}{line}", "latest")));
    lines
}

fn queue(queue: &Queue) -> String {
    let name = format!("{} {}", columns::left(&queue.name, 10), queue.id);
    let waiting = usize::try_from(queue.waiting).unwrap_or(BAR_MAX);
    let line = format!(
        "{} {:>7} {:>7} {:>6} {:>7} {:>6.0} s  {:>7}  {}",
        columns::left(&name, QUEUE_COLUMNS),
        queue.waiting,
        queue.offered,
        queue.active,
        queue.wrap_up,
        queue.longest_wait_s,
        format!("{}/{}", queue.available, queue.staffed),
        "*".repeat(waiting.min(BAR_MAX)),
    );
    line.trim_end().to_owned()
}

fn totals(seen: &Seen) -> [String; 5] {
    let agents = seen.agents;
    let rules: Vec<String> = seen
        .escalations
        .iter()
        .map(|(rule, count)| format!("{rule} {count}"))
        .collect();
    [
        format!(
            "agents         {} ready   {} busy   {} not ready   {} lost",
            agents.ready, agents.busy, agents.not_ready, agents.lost
        ),
        format!("within target  {}", within_target(seen, "   ")),
        format!(
            "contacts       {} received   {} answered   {} abandoned   {} completed",
            seen.received, seen.answered, seen.abandoned, seen.completed
        ),
        format!(
            "escalations    {}   {}",
            seen.escalated(),
            columns::cut(&rules.join("   "), 60)
        ),
        format!(
            "conservation   residual {}   longest wait {:.0} s",
            seen.residual,
            seen.longest_wait_s()
        ),
    ]
}

fn within_target(seen: &Seen, between: &str) -> String {
    let tiers = seen.tiers.iter().map(|tier| {
        let percent = tier.percent_within_target();
        let percent = percent.map_or_else(|| "-".to_owned(), |percent| format!("{percent}%"));
        format!("{} {percent}", tier.name)
    });
    tiers.collect::<Vec<_>>().join(between)
}

/// The same in one line, for output that is not a terminal.
pub(super) fn line(elapsed_s: u64, seen: &Seen) -> String {
    let agents = seen.agents;
    format!(
        "{} | waiting {} offered {} active {} | agents ready {} busy {} not ready {} lost {} | \
         within target {} | longest wait {:.0} s | escalations {} | \
         received {} answered {} abandoned {} | residual {}",
        clock(elapsed_s),
        seen.waiting(),
        seen.offered(),
        seen.active(),
        agents.ready,
        agents.busy,
        agents.not_ready,
        agents.lost,
        within_target(seen, " "),
        seen.longest_wait_s(),
        seen.escalated(),
        seen.received,
        seen.answered,
        seen.abandoned,
        seen.residual,
    )
}

pub(super) fn clock(elapsed_s: u64) -> String {
    let (minutes, seconds) = (elapsed_s / 60, elapsed_s % 60);
    format!("{:02}:{:02}:{seconds:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::cli::demo::look::{Agents, Tier};

    fn seen() -> Seen {
        let queue = |id: &str, name: &str, waiting| Queue {
            id: id.to_owned(),
            name: name.to_owned(),
            waiting,
            active: 2,
            staffed: 4,
            longest_wait_s: 12.4,
            ..Queue::default()
        };
        Seen {
            queues: vec![
                queue("billing", "账单咨询", 3),
                queue("storefront", "营业厅取号", 0),
            ],
            agents: Agents {
                busy: 3,
                ..Agents::default()
            },
            tiers: vec![Tier {
                name: "gold".to_owned(),
                answered: 4,
                within_target: 3,
                ..Tier::default()
            }],
            received: 9,
            ..Seen::default()
        }
    }

    #[test]
    fn a_screen_shows_queues_in_columns() {
        let address = "127.0.0.1:8080".parse().unwrap();
        let lines = screen(address, 3_725, &seen(), &[]);
        assert!(lines[0].contains("01:02:05"));
        let head = lines.iter().position(|line| line.starts_with("queue"));
        let head = head.unwrap();
        assert_eq!(
            lines[head + 1],
            "账单咨询   billing           3       0      2       0     12 s      0/4  ***"
        );
        let columns = lines[head + 1].trim_end_matches(['*', ' ']).width();
        assert_eq!(lines[head + 2].width(), columns);
        assert!(lines.iter().any(|line| line == "within target  gold 75%"));
        assert!(lines.iter().all(|line| line.width() <= 100));
    }

    #[test]
    fn a_line_summarises_the_screen() {
        let line = line(61, &seen());
        assert!(line.starts_with("00:01:01 | waiting 3 offered 0 active 4 |"));
        assert!(line.ends_with("received 9 answered 0 abandoned 0 | residual 0"));
    }
}
