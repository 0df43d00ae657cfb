//! A table of expectations about timetables, and a naive oracle that walks from minute to minute.

use proptest::prelude::*;

use super::*;
use crate::domain::instant;

fn periods(text: &str) -> Vec<Period> {
    text.split_whitespace()
        .map(|p| p.parse().unwrap())
        .collect()
}

fn special(date: &str, text: &str) -> SpecialDay {
    SpecialDay {
        date: date.parse().unwrap(),
        periods: periods(text),
    }
}

/// The periods of Monday to Friday, Saturday, and Sunday.
fn timetable(zone: &str, [weekday, saturday, sunday]: [&str; 3], days: Vec<SpecialDay>) -> Hours {
    let mut week = [(); 7].map(|()| periods(weekday));
    week[5] = periods(saturday);
    week[6] = periods(sunday);
    Hours::new(zone.parse().unwrap(), week, days).unwrap()
}

fn daily(zone: &str, text: &str) -> Hours {
    timetable(zone, [text, text, text], Vec::new())
}

fn named(name: &str) -> Hours {
    match name {
        "shop" => {
            let mut days: Vec<_> = (1..=7)
                .map(|day| special(&format!("2026-10-0{day}"), ""))
                .collect();
            days.push(special("2026-09-30", "09:00-12:00"));
            days.push(special("2026-10-10", "09:00-18:00"));
            timetable("Asia/Shanghai", ["09:00-12:00 13:00-18:00", "", ""], days)
        }
        "always" => daily("Asia/Shanghai", "00:00-24:00"),
        "always_berlin" => daily("Europe/Berlin", "00:00-24:00"),
        "night" => {
            let holiday = special("2026-10-01", "");
            timetable("Asia/Shanghai", ["22:00-06:00", "", ""], vec![holiday])
        }
        "berlin" => daily("Europe/Berlin", "01:00-05:00 09:00-17:00"),
        "in_gap" => daily("Europe/Berlin", "02:15-02:45 03:30-04:00"),
        "from_gap" => daily("Europe/Berlin", "02:30-04:00"),
        "into_fold" => daily("Europe/Berlin", "01:00-02:30"),
        "york" => daily("America/New_York", "08:00-17:00 22:00-04:00"),
        other => panic!("no timetable {other}"),
    }
}

fn at(text: &str) -> Timestamp {
    instant::parse(text).unwrap_or_else(|_| panic!("{text}"))
}

/// Timetable, instant, whether it is open, when that changes, when an hour of work that begins then
/// is done.
const TABLE: &str = "
shop 2026-09-28T08:59:59.999+08:00 closed 2026-09-28T09:00:00+08:00 2026-09-28T10:00:00+08:00
shop 2026-09-28T09:00:00+08:00     open   2026-09-28T12:00:00+08:00 2026-09-28T10:00:00+08:00
shop 2026-09-28T11:59:59.999+08:00 open   2026-09-28T12:00:00+08:00 2026-09-28T13:59:59.999+08:00
shop 2026-09-28T12:00:00+08:00     closed 2026-09-28T13:00:00+08:00 2026-09-28T14:00:00+08:00
shop 2026-09-28T12:30:00+08:00     closed 2026-09-28T13:00:00+08:00 2026-09-28T14:00:00+08:00
shop 2026-09-28T13:00:00+08:00     open   2026-09-28T18:00:00+08:00 2026-09-28T14:00:00+08:00
shop 2026-09-28T17:00:00+08:00     open   2026-09-28T18:00:00+08:00 2026-09-28T18:00:00+08:00
shop 2026-09-28T17:30:00+08:00     open   2026-09-28T18:00:00+08:00 2026-09-29T09:30:00+08:00
shop 2026-09-28T18:00:00+08:00     closed 2026-09-29T09:00:00+08:00 2026-09-29T10:00:00+08:00
shop 2026-09-29T23:00:00+08:00     closed 2026-09-30T09:00:00+08:00 2026-09-30T10:00:00+08:00
shop 2026-09-26T10:00:00+08:00     closed 2026-09-28T09:00:00+08:00 2026-09-28T10:00:00+08:00
shop 2026-09-30T10:00:00+08:00     open   2026-09-30T12:00:00+08:00 2026-09-30T11:00:00+08:00
shop 2026-09-30T11:30:00+08:00     open   2026-09-30T12:00:00+08:00 2026-10-08T09:30:00+08:00
shop 2026-09-30T12:00:00+08:00     closed 2026-10-08T09:00:00+08:00 2026-10-08T10:00:00+08:00
shop 2026-09-30T14:00:00+08:00     closed 2026-10-08T09:00:00+08:00 2026-10-08T10:00:00+08:00
shop 2026-10-01T10:00:00+08:00     closed 2026-10-08T09:00:00+08:00 2026-10-08T10:00:00+08:00
shop 2026-10-04T10:00:00+08:00     closed 2026-10-08T09:00:00+08:00 2026-10-08T10:00:00+08:00
shop 2026-10-07T23:59:59.999+08:00 closed 2026-10-08T09:00:00+08:00 2026-10-08T10:00:00+08:00
shop 2026-10-08T09:00:00+08:00     open   2026-10-08T12:00:00+08:00 2026-10-08T10:00:00+08:00
shop 2026-10-09T18:00:00+08:00     closed 2026-10-10T09:00:00+08:00 2026-10-10T10:00:00+08:00
shop 2026-10-10T08:59:00+08:00     closed 2026-10-10T09:00:00+08:00 2026-10-10T10:00:00+08:00
shop 2026-10-10T12:30:00+08:00     open   2026-10-10T18:00:00+08:00 2026-10-10T13:30:00+08:00
shop 2026-10-10T17:30:00+08:00     open   2026-10-10T18:00:00+08:00 2026-10-12T09:30:00+08:00
shop 2026-10-11T12:00:00+08:00     closed 2026-10-12T09:00:00+08:00 2026-10-12T10:00:00+08:00
shop 2026-09-28T01:30:00Z          open   2026-09-28T04:00:00Z      2026-09-28T02:30:00Z
always 2026-09-28T23:59:59.999+08:00 open never 2026-09-29T00:59:59.999+08:00
always 2026-09-29T00:00:00+08:00     open never 2026-09-29T01:00:00+08:00
always 2026-10-04T12:00:00+08:00     open never 2026-10-04T13:00:00+08:00
always_berlin 2026-03-29T01:30:00+01:00 open never 2026-03-29T03:30:00+02:00
always_berlin 2026-10-25T02:30:00+02:00 open never 2026-10-25T02:30:00+01:00
night 2026-09-28T05:00:00+08:00 closed 2026-09-28T22:00:00+08:00 2026-09-28T23:00:00+08:00
night 2026-09-28T21:59:00+08:00 closed 2026-09-28T22:00:00+08:00 2026-09-28T23:00:00+08:00
night 2026-09-28T22:00:00+08:00 open   2026-09-29T06:00:00+08:00 2026-09-28T23:00:00+08:00
night 2026-09-29T00:00:00+08:00 open   2026-09-29T06:00:00+08:00 2026-09-29T01:00:00+08:00
night 2026-09-29T05:30:00+08:00 open   2026-09-29T06:00:00+08:00 2026-09-29T22:30:00+08:00
night 2026-09-29T06:00:00+08:00 closed 2026-09-29T22:00:00+08:00 2026-09-29T23:00:00+08:00
night 2026-10-01T03:00:00+08:00 open   2026-10-01T06:00:00+08:00 2026-10-01T04:00:00+08:00
night 2026-10-01T05:30:00+08:00 open   2026-10-01T06:00:00+08:00 2026-10-02T22:30:00+08:00
night 2026-10-01T22:30:00+08:00 closed 2026-10-02T22:00:00+08:00 2026-10-02T23:00:00+08:00
night 2026-10-02T03:00:00+08:00 closed 2026-10-02T22:00:00+08:00 2026-10-02T23:00:00+08:00
night 2026-10-03T03:00:00+08:00 open   2026-10-03T06:00:00+08:00 2026-10-03T04:00:00+08:00
night 2026-10-03T06:00:00+08:00 closed 2026-10-05T22:00:00+08:00 2026-10-05T23:00:00+08:00
berlin 2026-03-29T00:59:00+01:00 closed 2026-03-29T01:00:00+01:00 2026-03-29T03:00:00+02:00
berlin 2026-03-29T01:30:00+01:00 open   2026-03-29T05:00:00+02:00 2026-03-29T03:30:00+02:00
berlin 2026-03-29T04:30:00+02:00 open   2026-03-29T05:00:00+02:00 2026-03-29T09:30:00+02:00
berlin 2026-10-25T00:30:00+02:00 closed 2026-10-25T01:00:00+02:00 2026-10-25T02:00:00+02:00
berlin 2026-10-25T02:30:00+02:00 open   2026-10-25T05:00:00+01:00 2026-10-25T02:30:00+01:00
berlin 2026-10-25T02:30:00+01:00 open   2026-10-25T05:00:00+01:00 2026-10-25T03:30:00+01:00
berlin 2026-10-25T04:30:00+01:00 open   2026-10-25T05:00:00+01:00 2026-10-25T09:30:00+01:00
in_gap 2026-03-29T01:00:00+01:00 closed 2026-03-29T03:30:00+02:00 2026-03-30T02:45:00+02:00
from_gap 2026-03-29T01:59:00+01:00 closed 2026-03-29T03:00:00+02:00 2026-03-29T04:00:00+02:00
from_gap 2026-10-25T02:29:00+02:00 closed 2026-10-25T02:30:00+02:00 2026-10-25T02:30:00+01:00
from_gap 2026-10-25T02:15:00+01:00 open   2026-10-25T04:00:00+01:00 2026-10-25T03:15:00+01:00
into_fold 2026-10-25T02:29:00+02:00 open   2026-10-25T02:30:00+02:00 2026-10-26T01:59:00+01:00
into_fold 2026-10-25T02:00:00+01:00 closed 2026-10-26T01:00:00+01:00 2026-10-26T02:00:00+01:00
york 2026-03-07T23:00:00-05:00 open   2026-03-08T04:00:00-04:00 2026-03-08T00:00:00-05:00
york 2026-03-08T01:30:00-05:00 open   2026-03-08T04:00:00-04:00 2026-03-08T03:30:00-04:00
york 2026-11-01T00:30:00-04:00 open   2026-11-01T04:00:00-05:00 2026-11-01T01:30:00-04:00
york 2026-11-01T01:30:00-04:00 open   2026-11-01T04:00:00-05:00 2026-11-01T01:30:00-05:00
york 2026-11-01T03:30:00-05:00 open   2026-11-01T04:00:00-05:00 2026-11-01T08:30:00-05:00
york 2026-12-24T17:00:00-05:00 closed 2026-12-24T22:00:00-05:00 2026-12-24T23:00:00-05:00
";

#[test]
fn it_is_open_when_people_expect_it() {
    let rows: Vec<&str> = TABLE.lines().filter(|row| !row.is_empty()).collect();
    assert!(rows.len() >= 40, "{} rows", rows.len());
    for row in rows {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let [name, instant, state, change, done] = cells[..] else {
            panic!("five cells: {row}");
        };
        let (hours, now) = (named(name), at(instant));
        let change = (change != "never").then(|| at(change));
        assert_eq!(hours.is_open(now), state == "open", "{row}");
        assert_eq!(hours.next_change(now), change, "{row}");
        let opening = if state == "open" { Some(now) } else { change };
        assert_eq!(hours.next_opening(now), opening, "{row}");
        let hour = Millis::from_s(3_600);
        assert_eq!(hours.add_working(now, hour), Ok(at(done)), "{row}");
    }
}

/// Timetable, from, until, hours of work in between.
const WORK: &str = "
shop          2026-09-28T00:00:00+08:00 2026-10-05T00:00:00+08:00 19
shop          2026-10-01T00:00:00+08:00 2026-10-08T00:00:00+08:00 0
shop          2026-10-08T00:00:00+08:00 2026-10-12T00:00:00+08:00 25
shop          2026-10-12T00:00:00+08:00 2026-10-08T00:00:00+08:00 0
york          2026-03-07T22:00:00-05:00 2026-03-08T04:00:00-04:00 5
york          2026-10-31T22:00:00-04:00 2026-11-01T04:00:00-05:00 7
in_gap        2026-03-28T12:00:00+01:00 2026-03-29T12:00:00+02:00 0.5
always_berlin 2026-10-25T00:00:00+02:00 2026-10-26T00:00:00+01:00 25
always_berlin 2026-03-29T00:00:00+01:00 2026-03-30T00:00:00+02:00 23
";

#[test]
fn working_time_is_counted_over_nights_holidays_and_changes_of_the_clock() {
    for row in WORK.lines().filter(|row| !row.is_empty()) {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let [name, from, until, expected] = cells[..] else {
            panic!("four cells: {row}");
        };
        let (hours, from, until) = (named(name), at(from), at(until));
        let minutes = expected.parse::<f64>().unwrap() * 60.0;
        let worked = Millis(minutes as i64 * MINUTE.0);
        if worked > Millis::ZERO {
            assert!(hours.add_working(from, worked).unwrap() <= until, "{row}");
        }
        let more = hours.add_working(from, worked + Millis(1)).unwrap();
        assert!(more > until, "{row}");
        assert_eq!(hours.working_between(from, until), worked, "{row}");
    }
}

#[test]
fn targets_of_zero_or_less_are_refused() {
    let (hours, now) = (named("shop"), at("2026-09-28T10:00:00+08:00"));
    for span in [Millis::ZERO, Millis(-1), Millis::from_s(-3_600)] {
        assert_eq!(hours.add_working(now, span), Err(NoSpan(span)));
    }
    let instant = hours.add_working(now, Millis(1));
    assert_eq!(instant, Ok(now + Millis(1)));
}

#[test]
fn an_invalid_timetable_is_refused() {
    for text in [
        "",
        "09:00",
        "9:00-18:00",
        "09:00-09:00",
        "24:00-09:00",
        "09:60-10:00",
        "09:00-24:01",
        "09:00 - 18:00",
        "0900-1800",
        "09:00-18:00 ",
        "-1:00-02:00",
    ] {
        assert!(text.parse::<Period>().is_err(), "{text}");
    }
    for text in [
        "2026-02-29",
        "2026-1-1",
        "1969-12-31",
        "2100-01-01",
        "20261001",
        "2026-10-01T00",
    ] {
        assert!(text.parse::<Date>().is_err(), "{text}");
    }
    for text in ["", "Mars/Olympus", "+08:00", "CST8CDT,M3"] {
        assert!(text.parse::<Zone>().is_err(), "{text}");
    }
    let zone = || "Asia/Shanghai".parse::<Zone>().unwrap();
    let empty = || [(); 7].map(|()| Vec::new());
    assert_eq!(
        Hours::new(zone(), empty(), Vec::new()),
        Err(BadHours::NeverOpen)
    );
    let mut week = empty();
    week[0] = periods("09:00-12:00 11:00-13:00");
    assert_eq!(
        Hours::new(zone(), week.clone(), Vec::new()),
        Err(BadHours::Overlap)
    );
    week[0] = periods("09:00-12:00");
    let days = vec![
        special("2026-10-01", ""),
        special("2026-10-01", "09:00-10:00"),
    ];
    let date = days[0].date;
    assert_eq!(Hours::new(zone(), week, days), Err(BadHours::Twice(date)));
}

#[test]
fn a_timetable_survives_encoding() {
    for name in ["shop", "always", "night", "york"] {
        let hours = named(name);
        let bytes = minicbor::to_vec(&hours).unwrap();
        assert_eq!(minicbor::decode::<Hours>(&bytes).unwrap(), hours);
    }
}

const MINUTE: Millis = Millis(60_000);

/// Walks through the minutes with a clock that is never put back.
struct Walk<'a> {
    hours: &'a Hours,
    now: Timestamp,
    wall: civil::DateTime,
}

impl<'a> Walk<'a> {
    fn begin(hours: &'a Hours, now: Timestamp) -> Self {
        // It starts days before, so that the clock has forgotten where it began.
        let mut walk = Self {
            hours,
            now: now - Millis::from_s(2 * 86_400),
            wall: civil::DateTime::MIN,
        };
        walk.look();
        while walk.now < now {
            walk.step();
        }
        walk
    }

    fn step(&mut self) {
        self.now = self.now + MINUTE;
        self.look();
    }

    fn look(&mut self) {
        let now = jiff::Timestamp::from_millisecond(self.now.0).unwrap();
        self.wall = self.wall.max(self.hours.zone.rules().to_datetime(now));
    }

    fn is_open(&self) -> bool {
        let (date, time) = (self.wall.date(), self.wall.time());
        let minute = u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap();
        let within = |date: civil::Date, minute: u16| {
            let special = self.hours.days.iter().find(|day| day.date.civil() == date);
            let weekday = date.weekday().to_monday_zero_offset();
            let periods = special.map_or_else(
                || &self.hours.week[usize::try_from(weekday).unwrap()],
                |day| &day.periods,
            );
            periods
                .iter()
                .any(|period| (period.from_min()..period.until_min()).contains(&minute))
        };
        within(date, minute) || within(date.yesterday().unwrap(), minute + 24 * 60)
    }
}

fn a_day() -> impl Strategy<Value = Vec<Period>> {
    let cuts = proptest::collection::btree_set(0..24 * 12u16, 0..6);
    (cuts, any::<bool>()).prop_map(|(cuts, over_midnight)| {
        let cuts: Vec<u16> = cuts.into_iter().map(|cut| cut * 5).collect();
        let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let mut day: Vec<String> = cuts
            .chunks_exact(2)
            .map(|pair| format!("{}-{}", text(pair[0]), text(pair[1])))
            .collect();
        if let (Some(last), true) = (cuts.chunks_exact(2).last(), over_midnight) {
            day.pop();
            day.push(format!("{}-{}", text(last[1]), text(last[0])));
        }
        day.iter().map(|period| period.parse().unwrap()).collect()
    })
}

fn any_hours() -> impl Strategy<Value = (Hours, Timestamp)> {
    // Days around which clocks change, and others.
    let begins = prop_oneof![
        Just("2026-03-27T00:00:00Z"),
        Just("2026-10-23T00:00:00Z"),
        Just("2026-03-06T00:00:00Z"),
        Just("2026-10-30T00:00:00Z"),
        Just("2026-10-02T00:00:00Z"),
        Just("2026-04-03T00:00:00Z"),
        Just("2025-12-30T00:00:00Z"),
    ];
    let zones = prop_oneof![
        Just("Europe/Berlin"),
        Just("America/New_York"),
        Just("Asia/Shanghai"),
        Just("Australia/Lord_Howe"),
        Just("America/St_Johns"),
        Just("America/Havana"),
        Just("Africa/Cairo"),
    ];
    let week = proptest::array::uniform7(a_day());
    let special = proptest::collection::btree_map(0..6i32, a_day(), 0..3);
    (begins, zones, week, special, 0..4 * 1_440i64).prop_filter_map(
        "never open",
        |(begins, zone, week, special, minutes)| {
            let begins = at(begins);
            let first: civil::Date = instant::print(begins)[..10].parse().unwrap();
            let days = special.into_iter().map(|(number, periods)| SpecialDay {
                date: (first + jiff::Span::new().days(number))
                    .to_string()
                    .parse()
                    .unwrap(),
                periods,
            });
            let hours = Hours::new(zone.parse().unwrap(), week, days.collect()).ok()?;
            Some((hours, begins + Millis(minutes * MINUTE.0)))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn it_agrees_with_a_walk_from_minute_to_minute(
        (hours, begins) in any_hours(), work in 1..600i64
    ) {
        let span = Millis(work * MINUTE.0);
        let mut walk = Walk::begin(&hours, begins);
        let open_at_first = walk.is_open();
        let (mut worked, mut done, mut change) = (Millis::ZERO, None, None);
        for _ in 0..5 * 1_440 {
            let open = walk.is_open();
            prop_assert_eq!(hours.is_open(walk.now), open, "at {}", instant::print(walk.now));
            if open != open_at_first {
                change = change.or(Some(walk.now));
            }
            if worked == span {
                done = done.or(Some(walk.now));
            }
            prop_assert!(worked < span || done.is_some());
            if open && done.is_none() {
                worked = worked + MINUTE;
            }
            walk.step();
        }
        if let Some(change) = change {
            prop_assert_eq!(hours.next_change(begins), Some(change));
        }
        if let Some(done) = done {
            prop_assert_eq!(hours.add_working(begins, span), Ok(done));
            prop_assert_eq!(hours.working_between(begins, done), span);
        } else {
            prop_assert!(hours.add_working(begins, span).unwrap() >= walk.now);
        }
        let opening = hours.next_opening(begins).unwrap();
        prop_assert!(hours.is_open(opening));
        prop_assert!(hours.add_working(begins, Millis(1)).unwrap() > opening);
    }
}
