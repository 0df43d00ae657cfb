//! Waits of one queue in closed form: the starting point of planning, before anything is simulated.
//!
//! * Erlang-C (M/M/n): Erlang 1917, from the recursion of Erlang-B,
//!   `B(0) = 1, B(n) = a·B(n-1) / (n + a·B(n-1))`.
//! * Erlang-A (M/M/n+M): patience is exponential, Palm 1957; Garnett, Mandelbaum and Reiman
//!   2002. Written as Zeltyn and Mandelbaum 2005 write M/M/n+G, with the offered wait `v`:
//!
//! ```text
//! H(x) = (1 - exp(-x/p)) · p          patience survived, added up
//! J(t) = ∫ exp(λ·H(x) - n·μ·x) dx     from t on
//! ε = 1 / B(n-1)
//! P(wait) = λ·J(0) / (ε + λ·J(0))     P(v > t) = λ·J(t) / (ε + λ·J(0))
//! P(abandon) = (1 + (λ - n·μ)·J(0)) / (ε + λ·J(0))
//! ```
//!
//! Absent on purpose: skills, concurrency and priorities, which simulation is for.

/// One queue with identical agents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    pub agents: u32,
    pub rate_per_s: f64,
    pub service_s: f64,
    /// The mean; none: nobody abandons.
    pub patience_s: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waits {
    pub p_wait: f64,
    /// Of all contacts, including abandoned ones.
    pub mean_wait_s: f64,
    /// The service level: answered within the given time, of all contacts.
    pub in_time: f64,
    pub p_abandon: f64,
}

/// The number of parts of an integral, even.
const PARTS: u32 = 4_000;
/// An exponent this far below the highest adds nothing.
const NEGLIGIBLE: f64 = 45.0;
/// More agents than any queue has.
const AGENTS_MAX: u32 = 100_000;

/// The probability that all agents are busy if nobody waits (Erlang-B).
pub fn erlang_b(load: f64, agents: u32) -> f64 {
    (1..=agents).fold(1.0, |blocked, agent| {
        load * blocked / (f64::from(agent) + load * blocked)
    })
}

/// The probability of having to wait if nobody abandons; 1 if overloaded.
pub fn erlang_c(load: f64, agents: u32) -> f64 {
    let agents_f = f64::from(agents);
    if load >= agents_f {
        return 1.0;
    }
    let blocked = erlang_b(load, agents);
    agents_f * blocked / (agents_f - load * (1.0 - blocked))
}

impl Station {
    fn load(&self) -> f64 {
        self.rate_per_s * self.service_s
    }

    /// The waits, with `within_s` as the service-level threshold.
    pub fn waits(&self, within_s: f64) -> Waits {
        if self.rate_per_s <= 0.0 {
            return Waits {
                p_wait: 0.0,
                mean_wait_s: 0.0,
                in_time: 1.0,
                p_abandon: 0.0,
            };
        }
        match self.patience_s {
            Some(patience_s) => self.erlang_a(patience_s, within_s),
            None => self.erlang_c(within_s),
        }
    }

    fn erlang_c(&self, within_s: f64) -> Waits {
        let p_wait = erlang_c(self.load(), self.agents);
        let drain = f64::from(self.agents) / self.service_s - self.rate_per_s;
        if drain <= 0.0 {
            return Waits {
                p_wait,
                mean_wait_s: f64::INFINITY,
                in_time: 0.0,
                p_abandon: 0.0,
            };
        }
        Waits {
            p_wait,
            mean_wait_s: p_wait / drain,
            in_time: 1.0 - p_wait * (-drain * within_s).exp(),
            p_abandon: 0.0,
        }
    }

    fn erlang_a(&self, patience_s: f64, within_s: f64) -> Waits {
        let rate = self.rate_per_s;
        if self.agents == 0 {
            return Waits {
                p_wait: 1.0,
                mean_wait_s: patience_s,
                in_time: 0.0,
                p_abandon: 1.0,
            };
        }
        let work = f64::from(self.agents) / self.service_s;
        let exponent = |x: f64| rate * patience_s * (1.0 - (-x / patience_s).exp()) - work * x;
        // The exponent rises as long as more patient customers arrive than are served.
        let highest_at = (patience_s * (rate / work).ln()).max(0.0);
        let highest = exponent(highest_at);
        let mut end = highest_at + 1.0 / work;
        while exponent(end) > highest - NEGLIGIBLE {
            end += (end - highest_at).max(1.0 / work);
        }
        let above = |from: f64, weight: &dyn Fn(f64) -> f64| {
            let value = |x: f64| (exponent(x) - highest).exp() * weight(x);
            integral(from, end, value)
        };
        let all = above(0.0, &|_| 1.0);
        let scale = (-highest).exp();
        let idle = scale / erlang_b(self.load(), self.agents - 1);
        let whole = idle + rate * all;
        let p_abandon = ((scale + (rate - work) * all) / whole).max(0.0);
        let served_late = above(within_s.min(end), &|x| (-x / patience_s).exp());
        Waits {
            p_wait: rate * all / whole,
            mean_wait_s: p_abandon * patience_s,
            in_time: (1.0 - p_abandon - rate * served_late / whole).max(0.0),
            p_abandon,
        }
    }

    /// The fewest agents that reach this service level, or the most that any queue has. One more
    /// never makes it worse.
    pub fn agents_for(self, within_s: f64, share: f64) -> u32 {
        let reaches = |agents: u32| {
            let station = Self { agents, ..self };
            station.waits(within_s).in_time >= share
        };
        if self.rate_per_s <= 0.0 {
            return 0;
        }
        let (mut too_few, mut enough) = (0, 1);
        while !reaches(enough) {
            if enough == AGENTS_MAX {
                return AGENTS_MAX;
            }
            too_few = enough;
            enough = (2 * enough).min(AGENTS_MAX);
        }
        while too_few + 1 < enough {
            let agents = u32::midpoint(too_few, enough);
            if reaches(agents) {
                enough = agents;
            } else {
                too_few = agents;
            }
        }
        enough
    }
}

/// Simpson's rule.
fn integral(from: f64, to: f64, value: impl Fn(f64) -> f64) -> f64 {
    let step = (to - from) / f64::from(PARTS);
    if step <= 0.0 {
        return 0.0;
    }
    let weight = |part: u32| match part {
        0 | PARTS => 1.0,
        part if part % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let parts = (0..=PARTS).map(|part| weight(part) * value(from + f64::from(part) * step));
    parts.sum::<f64>() * step / 3.0
}

/// Γ for positive arguments (Lanczos 1964, g = 7, nine terms).
pub fn gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let terms = (1_u32..).zip(TERMS);
    let sum = terms.fold(0.999_999_999_999_809_9, |sum, (at, term)| {
        sum + term / (x + f64::from(at))
    });
    let base = x + 7.5;
    std::f64::consts::TAU.sqrt() * base.powf(x + 0.5) * (-base).exp() * sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TABLE: &str = include_str!("../../tests/rehearsal/validation.csv");

    fn station(agents: u32, rate_per_h: f64, service_s: f64, patience_s: Option<f64>) -> Station {
        Station {
            agents,
            rate_per_s: rate_per_h / 3_600.0,
            service_s,
            patience_s,
        }
    }

    #[test]
    fn the_formulas_give_what_is_known() {
        let mut rows = 0;
        for line in TABLE.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            if !cells[0].starts_with(['A', 'C']) {
                continue;
            }
            let number = |at: usize| cells[at].parse::<f64>().unwrap();
            let patience = cells[6].strip_prefix("patience=exp;mean=");
            let patience_s = patience.map(|mean| mean.parse().unwrap());
            let agents = cells[2].parse().unwrap();
            let waits = station(agents, number(3), number(4), patience_s).waits(20.0);
            for (found, known, what) in [
                (waits.p_wait, number(7), "p_wait"),
                (waits.mean_wait_s, number(8), "mean wait"),
                (waits.in_time, number(9), "in time"),
                (waits.p_abandon, number(10), "abandoned"),
            ] {
                let close = (found - known).abs() <= 1e-7 * known.abs().max(1e-6);
                assert!(close, "{} {what}: {found} for {known}", cells[0]);
            }
            rows += 1;
        }
        assert!(rows >= 12, "{rows}");
    }

    #[test]
    fn the_agents_for_any_load_are_found_soon() {
        let patience = Some(180.0);
        let many = station(0, 900.0, 50_000.0, patience).agents_for(20.0, 0.8);
        let with = |agents| {
            station(agents, 900.0, 50_000.0, patience)
                .waits(20.0)
                .in_time
        };
        assert!(with(many) >= 0.8 && with(many - 1) < 0.8, "{many}");
        for patience in [patience, None] {
            let too_many = station(0, 900.0, 1e9, patience).agents_for(20.0, 0.8);
            assert_eq!(too_many, AGENTS_MAX);
        }
    }

    #[test]
    fn the_gamma_function_is_the_factorial() {
        assert!((gamma(5.0) - 24.0).abs() < 1e-9);
        assert!((gamma(0.5) - std::f64::consts::PI.sqrt()).abs() < 1e-9);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn one_more_agent_never_makes_it_worse(
            agents in 1_u32..80,
            rate in 1.0_f64..900.0,
            service in 30.0_f64..600.0,
            patience in proptest::option::of(20.0_f64..2_000.0),
        ) {
            let fewer = station(agents, rate, service, patience).waits(20.0);
            let more = station(agents + 1, rate, service, patience).waits(20.0);
            prop_assert!(more.in_time >= fewer.in_time - 1e-9);
            prop_assert!(more.p_wait <= fewer.p_wait + 1e-9);
            prop_assert!(more.p_abandon <= fewer.p_abandon + 1e-9);
            for share in [fewer.p_wait, fewer.in_time, fewer.p_abandon] {
                prop_assert!((-1e-9..=1.0 + 1e-9).contains(&share), "{fewer:?}");
            }
        }

        #[test]
        fn with_endless_patience_erlang_a_is_erlang_c(
            agents in 2_u32..60,
            utilisation in 0.3_f64..0.9,
        ) {
            let rate = f64::from(agents) * utilisation / 240.0 * 3_600.0;
            let patient = station(agents, rate, 240.0, Some(1e9)).waits(20.0);
            let endless = station(agents, rate, 240.0, None).waits(20.0);
            prop_assert!((patient.p_wait - endless.p_wait).abs() < 1e-4);
            prop_assert!((patient.in_time - endless.in_time).abs() < 1e-4);
        }

        #[test]
        fn the_fewest_agents_are_the_fewest(
            rate in 5.0_f64..400.0,
            patience in 50.0_f64..1_000.0,
        ) {
            let station = station(0, rate, 270.0, Some(patience));
            let agents = station.agents_for(20.0, 0.8);
            let with = |agents| Station { agents, ..station }.waits(20.0).in_time;
            prop_assert!(with(agents) >= 0.8);
            prop_assert!(agents == 1 || with(agents - 1) < 0.8);
        }
    }
}
