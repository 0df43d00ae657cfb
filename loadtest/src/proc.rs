//! Reads from `/proc`: processor time, resident memory, open files.

use std::fs;

use serde::{Deserialize, Serialize};

use crate::fault::{Doing, Fault};

/// `/proc` counts processor time in ticks of this length on every Linux that Rust supports.
const TICK_MS: u64 = 10;

/// Processor time since the process started, over all threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CpuTime {
    pub(crate) user_ms: u64,
    pub(crate) system_ms: u64,
}

impl CpuTime {
    pub(crate) fn of(pid: u32) -> Result<Self, Fault> {
        let path = format!("/proc/{pid}/stat");
        let text = fs::read_to_string(&path).doing(&format!("read {path}"))?;
        Self::parse(&text).ok_or_else(|| Fault::new(format!("{path} has no processor times")))
    }

    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            user_ms: self.user_ms.saturating_sub(earlier.user_ms),
            system_ms: self.system_ms.saturating_sub(earlier.system_ms),
        }
    }

    pub(crate) fn total_ms(self) -> u64 {
        self.user_ms + self.system_ms
    }

    fn parse(stat: &str) -> Option<Self> {
        // The program's name, in parentheses, may itself contain spaces and parentheses.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut ticks = fields.split_ascii_whitespace().skip(11);
        let mut next_ms = || Some(ticks.next()?.parse::<u64>().ok()? * TICK_MS);
        Some(Self {
            user_ms: next_ms()?,
            system_ms: next_ms()?,
        })
    }
}

/// Busy processor time of the whole machine, in milliseconds: everything but idle and interrupt
/// time, including time that the hypervisor stole.
pub(crate) fn machine_busy_ms() -> Result<u64, Fault> {
    let text = fs::read_to_string("/proc/stat").doing("read /proc/stat")?;
    parse_machine_busy_ms(&text).ok_or_else(|| Fault::new("/proc/stat has no cpu line"))
}

fn parse_machine_busy_ms(stat: &str) -> Option<u64> {
    let fields = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = fields
        .split_ascii_whitespace()
        .map_while(|field| field.parse().ok())
        .collect();
    let [
        user,
        nice,
        system,
        _idle,
        _iowait,
        _irq,
        _softirq,
        stolen,
        ..,
    ] = ticks[..]
    else {
        return None;
    };
    Some((user + nice + system + stolen) * TICK_MS)
}

/// Resident memory in KiB.
pub(crate) fn rss_kib(pid: u32) -> Result<u64, Fault> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).doing(&format!("read {path}"))?;
    parse_rss_kib(&text).ok_or_else(|| Fault::new(format!("{path} has no VmRSS")))
}

fn parse_rss_kib(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// How many files this process may have open: the current limit and the highest it could request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FilesMax {
    pub(crate) soft: u64,
    pub(crate) hard: u64,
}

impl FilesMax {
    pub(crate) fn of_this_process() -> Result<Self, Fault> {
        let text = fs::read_to_string("/proc/self/limits").doing("read /proc/self/limits")?;
        Self::parse(&text).ok_or_else(|| Fault::new("/proc/self/limits has no Max open files"))
    }

    fn parse(limits: &str) -> Option<Self> {
        let rest = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max open files"))?;
        let mut fields = rest.split_ascii_whitespace().map(|field| match field {
            "unlimited" => Some(u64::MAX),
            number => number.parse().ok(),
        });
        Some(Self {
            soft: fields.next()??,
            hard: fields.next()??,
        })
    }
}

/// Asks the kernel to wake the calling thread within a microsecond of the requested time, instead
/// of the usual 50. Returns whether the kernel agreed.
pub(crate) fn sharpen_timers() -> bool {
    let Ok(thread) = fs::read_link("/proc/thread-self") else {
        return false;
    };
    let Some(id) = thread.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    fs::write(format!("/proc/{id}/timerslack_ns"), "1000").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_a_strange_name_still_has_processor_times() {
        let stat = "17 (a ) b) S 1 17 17 0 -1 4194304 100 0 0 0 250 75 0 0 20 0 3 0 900 1 2";
        assert_eq!(
            CpuTime::parse(stat),
            Some(CpuTime {
                user_ms: 2_500,
                system_ms: 750
            })
        );
    }

    #[test]
    fn the_machine_is_busy_except_for_idle_and_interrupt_time() {
        let stat = "cpu  100 1 50 9000 70 6 5 4 0 0\ncpu0 1 2 3\n";
        assert_eq!(parse_machine_busy_ms(stat), Some(1_550));
        assert_eq!(parse_machine_busy_ms("intr 5"), None);
    }

    #[test]
    fn resident_memory_is_read_in_kib() {
        assert_eq!(parse_rss_kib("Name:\tx\nVmRSS:\t   5321 kB\n"), Some(5_321));
        assert_eq!(parse_rss_kib("Name:\tx\n"), None);
    }

    #[test]
    fn the_limit_of_open_files_may_be_unlimited() {
        let limits = "Max processes  1 2 processes\nMax open files  1024  unlimited  files\n";
        assert_eq!(
            FilesMax::parse(limits),
            Some(FilesMax {
                soft: 1_024,
                hard: u64::MAX
            })
        );
    }

    #[test]
    fn this_process_can_be_read() {
        let pid = std::process::id();
        assert!(CpuTime::of(pid).is_ok());
        assert!(rss_kib(pid).unwrap() > 0);
        assert!(FilesMax::of_this_process().is_ok());
    }
}
