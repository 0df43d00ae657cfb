//! The agents of a run, each on its own socket.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::agent::{Agent, Way};
use super::book::AgentNo;
use super::desk::Desk;
use super::options::Target;
use super::poster::Poster;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::proc::FilesMax;

/// Agents per loopback address: one address has 28,000 ports to connect from by default.
const AGENTS_PER_SOURCE: u32 = 20_000;
const CONNECTING_MAX: usize = 128;
/// Files besides sockets: the runtime's, the standard streams, and those of `/proc`.
const OTHER_FILES_MAX: u64 = 64;
/// The run fails if no further agent becomes ready for this long.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(20);

pub(crate) struct Crowd {
    agents: u32,
    /// Dropping it ends the agents.
    _tasks: JoinSet<()>,
}

impl Way {
    pub(crate) fn new(server: SocketAddr, host: &str, drops_per_minute: f64) -> Self {
        Self {
            server,
            host: host.to_owned(),
            gate: Semaphore::new(CONNECTING_MAX),
            drops_per_minute,
        }
    }
}

impl Crowd {
    /// Starts the agents of `target`; they connect and report ready.
    pub(crate) fn seat(target: &Target, seed: u64, way: Way, poster: &Arc<Poster>) -> Self {
        let way = Arc::new(way);
        let mut tasks = JoinSet::new();
        for no in 0..target.agents {
            let id = target.agent_first + no;
            let agent = Agent {
                desk: Desk::new(AgentNo(no), Arc::clone(poster.room())),
                token: format!("{}{}{id}", target.token_agent_prefix, target.agent_prefix),
                source: source(way.server, no),
                dice: Dice::new(seed, (1 << 40) + u64::from(no)),
            };
            tasks.spawn(agent.work(Arc::clone(&way), Arc::clone(poster)));
        }
        Self {
            agents: target.agents,
            _tasks: tasks,
        }
    }

    /// Waits until every agent is ready.
    pub(crate) async fn until_ready(&self, poster: &Poster) -> Result<(), Fault> {
        let tally = &poster.room().tally;
        let all = u64::from(self.agents);
        let (mut seen, mut waited) = (0, Duration::ZERO);
        while seen < all {
            tokio::time::sleep(LOOK).await;
            waited += LOOK;
            let ready = tally.agents_ready.get();
            if ready > seen {
                (seen, waited) = (ready, Duration::ZERO);
            } else if waited > PATIENCE {
                return Err(Fault::new(format!(
                    "only {seen} of {all} agents became ready; {} sockets were lost or never opened",
                    tally.sockets_lost.get()
                )));
            }
        }
        Ok(())
    }
}

/// The address an agent connects from: further loopback addresses once one runs out of ports.
fn source(server: SocketAddr, no: u32) -> Option<IpAddr> {
    let index = no / AGENTS_PER_SOURCE;
    let loopback = matches!(server.ip(), IpAddr::V4(address) if address.is_loopback());
    (loopback && index > 0).then(|| {
        let first = u32::from(Ipv4Addr::LOCALHOST);
        IpAddr::V4(Ipv4Addr::from(first + index))
    })
}

/// Fails if this process may not open enough files for the run.
pub(crate) fn check_files(agents: u32, connections: usize) -> Result<(), Fault> {
    let needed = u64::from(agents) + connections as u64 + OTHER_FILES_MAX;
    let max = FilesMax::of_this_process()?;
    if needed <= max.soft {
        return Ok(());
    }
    Err(Fault::new(format!(
        "agents: {needed} open files are needed and this process may open {} (ulimit -n; it may \
         be raised to {}); use fewer agents, or several processes with --agent-first",
        max.soft, max.hard
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_beyond_the_ports_of_one_address_come_from_the_next() {
        let server: SocketAddr = "127.0.0.1:80".parse().unwrap();
        assert_eq!(source(server, 19_999), None);
        assert_eq!(source(server, 20_000), Some("127.0.0.2".parse().unwrap()));
        let elsewhere: SocketAddr = "10.0.0.1:80".parse().unwrap();
        assert_eq!(source(elsewhere, 20_000), None);
    }

    #[test]
    fn more_sockets_than_files_are_refused_with_the_limit_named() {
        let fault = check_files(u32::MAX, 1).map(|()| "accepted").unwrap_err();
        assert!(fault.to_string().contains("ulimit -n"), "{fault}");
    }
}
