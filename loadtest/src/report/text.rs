//! A report as text.

use std::collections::BTreeMap;
use std::fmt;

use crate::report::Report;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setting = &self.setting;
        let mode = match setting.closed {
            Some(lives) => format!("saturating, {lives} lives in flight"),
            None => "open loop".to_owned(),
        };
        writeln!(
            f,
            "{}   {} agents, {} connections, {mode}, {:.1} s measured, seed {}",
            setting.url, setting.agents, setting.connections, setting.window_s, setting.seed
        )?;
        writeln!(
            f,
            "lives           due {:.0}/s   ended {:.0}/s",
            self.offered_per_s, self.achieved_per_s
        )?;
        writeln!(f, "POST to 201     {}", self.post_to_created)?;
        writeln!(f, "POST to offer   {}", self.post_to_offer)?;
        writeln!(f, "POST to end     {}", self.post_to_end)?;
        writeln!(f, "generator late  {}", self.schedule_to_send)?;
        self.write_contacts(f)?;
        self.write_broken(f)?;
        self.write_sockets(f)?;
        self.write_use(f)
    }
}

impl Report {
    fn write_contacts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contacts = &self.contacts;
        writeln!(
            f,
            "contacts        begun {}   created {}   refused {}   failed {}   offered {}   accepted {}   ended {}",
            contacts.begun,
            contacts.created,
            contacts.refused,
            contacts.failed,
            contacts.offered,
            contacts.accepted,
            contacts.ended
        )?;
        write_counts(f, "not seen to end", &contacts.stragglers)?;
        write_counts(f, "refused        ", &self.refusals.contacts)?;
        write_counts(f, "commands refused", &self.refusals.commands)
    }

    fn write_broken(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kept_every_promise() {
            return writeln!(f, "promises        all kept");
        }
        let broken = &self.broken;
        writeln!(
            f,
            "BROKEN          unanswered {}   lost {} (never offered {})   offered twice at once {}   accepted twice {}   gaps {}   unreadable {}",
            broken.unanswered,
            broken.lost,
            broken.never_offered,
            broken.offered_twice_at_once,
            broken.accepted_twice,
            broken.sequence_gaps,
            broken.unreadable_frames
        )
    }

    fn write_sockets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sockets = &self.sockets;
        let counts = [
            ("dropped", sockets.dropped),
            ("lost", sockets.lost),
            ("snapshots", sockets.resyncs),
            ("repeated frames", sockets.repeated_frames),
            ("HTTP lost", sockets.http_lost),
            ("unsent", sockets.unsent),
            ("foreign offers", sockets.foreign_offers),
        ];
        let counts = counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| (name.to_owned(), count))
            .collect();
        write_counts(f, "sockets        ", &counts)
    }

    fn write_use(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(server) = &self.server {
            writeln!(
                f,
                "server          {:.1} µs CPU per life ({:.2} s user, {:.2} s system)   RSS {:.1} MiB, connected {:.1} MiB ({:.1} KiB per agent), end {:.1} MiB",
                server.cpu_us_per_life,
                server.cpu.user_ms as f64 / 1_000.0,
                server.cpu.system_ms as f64 / 1_000.0,
                mib(server.rss_start_kib),
                mib(server.rss_connected_kib),
                server.rss_kib_per_agent,
                mib(server.rss_end_kib)
            )?;
        }
        write!(
            f,
            "processors      generator {:.0} % of one",
            self.generator_cpu_share * 100.0
        )?;
        match self.others_cpu_share {
            Some(share) => writeln!(f, "   others {:.0} % of one", share * 100.0),
            None => writeln!(f),
        }
    }
}

fn write_counts(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    counts: &BTreeMap<String, u64>,
) -> fmt::Result {
    if counts.is_empty() {
        return Ok(());
    }
    write!(f, "{title} ")?;
    for (name, count) in counts {
        write!(f, "  {name} {count}")?;
    }
    writeln!(f)
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1_024.0
}
