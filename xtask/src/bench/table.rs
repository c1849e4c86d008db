//! The measures of the sync issue with their limits, and the table of what was measured.

use std::collections::BTreeMap;
use std::fmt;

use super::carriers::Figures;
use super::contender::{Phase, Phases};
use super::workload::LARGE;
use super::{FLOOR, OURS};

/// The most, or the least, that a figure may be.
#[derive(Clone, Copy)]
enum Limit {
    AtMost(f64),
    AtLeast(f64),
    /// At most so many times what the floor takes in the same round.
    TimesFloor(f64),
}

/// A measure: its name, what it is in, how it follows from a run, its limit.
type Measure = (&'static str, &'static str, fn(&Phases) -> f64, Limit);

const SMALL: [Measure; 8] = [
    ("small: bytes a change, both legs", "B", |run| wire(run) / changes(run), Limit::AtMost(15.0)),
    (
        "small: requests, push + pull",
        "",
        |run| sum(run, &["push", "pull"], |it| it.requests),
        Limit::AtMost(2.0),
    ),
    ("small: push + pull", "ms", |run| exchange_s(run) * 1e3, Limit::TimesFloor(2.5)),
    ("one edit, device to department", "ms", |run| of(run, "one").seconds * 1e3, Limit::AtMost(5.0)),
    ("one edit", "B", |run| of(run, "one").bytes, Limit::AtMost(900.0)),
    ("idle sync", "B", |run| of(run, "idle").bytes, Limit::AtMost(350.0)),
    ("keystroke to durable, p50", "ms", |run| keystroke(run, |it| it.p50_ms), Limit::TimesFloor(1.5)),
    ("keystroke to durable, p99", "ms", |run| keystroke(run, |it| it.p99_ms), Limit::TimesFloor(1.5)),
];
const MEDIUM: [Measure; 2] = [
    ("medium: push + pull", "ms", |run| exchange_s(run) * 1e3, Limit::TimesFloor(2.5)),
    (
        "medium: server merge, push alone",
        "/s",
        |run| changes(run) / of(run, "push").seconds,
        Limit::AtLeast(150e3),
    ),
];
const LINK: [Measure; 2] = [
    ("2G, small: push + pull", "s", exchange_s, Limit::AtMost(6.0)),
    ("2G: one edit", "s", |run| of(run, "one").seconds, Limit::AtMost(1.6)),
];
const DEVICE: [Measure; 3] = [
    ("new device, a year: state, a change", "B", |run| of(run, "state").bytes / YEAR, Limit::AtMost(3.0)),
    (
        "new device, a year: with the authors' frames",
        "B",
        |run| sum(run, &["state", "frames"], |it| it.bytes) / YEAR,
        Limit::AtMost(6.0),
    ),
    ("new device, a year: time to the state", "s", |run| of(run, "state").seconds, Limit::AtMost(10.0)),
];
/// The same when the link breaks halfway: beginning again would cost half as much once more.
const BROKEN: [Measure; 1] = [(
    "new device, link cut halfway: state, a change",
    "B",
    |run| of(run, "state").bytes / YEAR,
    Limit::AtMost(3.3),
)];
/// Of the rules: measure, unit, our figure's name, the floor's name, limit.
type RuleMeasure = (&'static str, &'static str, &'static str, &'static str, Option<f64>);

const RULES: [RuleMeasure; 3] = [
    ("1.08 M scores classified and ranked, one core", "ms", "year_ms", "plain_ms", Some(25.0)),
    ("one change: its unit classified and ranked again", "ms", "change_ms", "", Some(1.0)),
    ("memory of the year's values", "MB", "memory_mb", "", None),
];
/// Of carriers: measure, unit, name of the figure, limit.
type CarrierMeasure = (&'static str, &'static str, &'static str, Option<f64>);

const CARRIERS: [CarrierMeasure; 19] = [
    ("link: 30 months to a hub", "B", "link_bytes", None),
    ("link: 30 months to a hub, phone by phone", "ms", "link_ms", None),
    ("link: of it, starting the 30 programs", "ms", "link_starts_ms", None),
    ("link: times the floor", "", "link_ratio", None),
    ("link: memory of the hub, at most", "MB", "link_memory_mb", None),
    ("new phone, first sync from the hub", "B", "first_bytes", None),
    ("new phone, first sync from the hub", "s", "first_s", Some(60.0)),
    ("new phone: times the floor", "", "first_ratio", None),
    ("new phone: memory of the hub, at most", "MB", "first_memory_mb", None),
    ("file: 30 months", "B", "file_bytes", None),
    ("file: one month", "B", "file_own_bytes", None),
    ("file: written by the hub, taken in by the server", "ms", "file_ms", None),
    ("file: times the floor", "", "file_ratio", None),
    ("codes: 30 months", "B", "codes_bytes", None),
    ("codes: parts needed", "", "codes_parts", None),
    ("codes: in front of a camera, at 8 parts a second", "s", "codes_s", None),
    ("codes: parts of one month", "", "codes_own_parts", None),
    ("codes: made by the hub, taken in by a phone", "ms", "codes_ms", None),
    ("codes: times the floor", "", "codes_ratio", None),
];
/// Changes of the year: each record is written and reviewed.
const YEAR: f64 = 2.0 * LARGE.records() as f64;

fn of(run: &Phases, name: &str) -> Phase {
    run.get(name).copied().unwrap_or_default()
}

fn sum(run: &Phases, names: &[&str], figure: fn(&Phase) -> f64) -> f64 {
    names.iter().map(|name| figure(&of(run, name))).sum()
}

fn wire(run: &Phases) -> f64 {
    sum(run, &["write", "edit", "push", "pull"], |it| it.bytes)
}

fn changes(run: &Phases) -> f64 {
    sum(run, &["write", "edit"], |it| it.changes)
}

fn exchange_s(run: &Phases) -> f64 {
    sum(run, &["push", "pull"], |it| it.seconds)
}

fn keystroke(run: &Phases, figure: fn(&Phase) -> f64) -> f64 {
    sum(run, &["write", "edit"], figure) / 2.0
}

struct Row {
    measure: &'static str,
    unit: &'static str,
    /// Medians by contender.
    medians: BTreeMap<String, f64>,
    /// In the unit of the measure.
    limit: Option<f64>,
    /// How much of the limit is used: it holds at one and below.
    used: Option<f64>,
}

/// What was measured.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn small(&mut self, runs: &BTreeMap<String, Vec<Phases>>) {
        self.add(&SMALL, runs);
    }

    pub(crate) fn medium(&mut self, runs: &BTreeMap<String, Vec<Phases>>) {
        self.add(&MEDIUM, runs);
    }

    pub(crate) fn link(&mut self, runs: &BTreeMap<String, Vec<Phases>>) {
        self.add(&LINK, runs);
    }

    pub(crate) fn device(&mut self, whole: &Phases, broken: &Phases) {
        self.add(&DEVICE, &BTreeMap::from([(OURS.to_owned(), vec![whole.clone()])]));
        self.add(&BROKEN, &BTreeMap::from([(OURS.to_owned(), vec![broken.clone()])]));
    }

    /// Figures of the rules, by name; the floor is the sum of the same values in a plain array.
    pub(crate) fn rules(&mut self, figures: &BTreeMap<String, f64>) {
        for (measure, unit, ours, floor, limit) in RULES {
            let figure = |name: &str| figures.get(name).copied();
            let medians = [(OURS, figure(ours)), (FLOOR, figure(floor))];
            let medians = medians.into_iter().filter_map(|(name, figure)| Some((name.to_owned(), figure?)));
            let used = limit.and_then(|limit| Some(figure(ours)? / limit));
            self.0.push(Row { measure, unit, medians: medians.collect(), limit, used });
        }
    }

    /// Figures of carriers, by name; the floor is a plain copy of the same bytes.
    pub(crate) fn carriers(&mut self, figures: &Figures) {
        for (measure, unit, name, limit) in CARRIERS {
            let Some(&(ours, floor)) = figures.get(name) else { continue };
            let floor = floor.map(|floor| (FLOOR.to_owned(), floor));
            let medians = [(OURS.to_owned(), ours)].into_iter().chain(floor).collect();
            self.0.push(Row { measure, unit, medians, limit, used: limit.map(|limit| ours / limit) });
        }
    }

    fn add(&mut self, measures: &[Measure], runs: &BTreeMap<String, Vec<Phases>>) {
        for (measure, unit, figure, limit) in measures {
            let figures = |name: &str| runs.get(name).into_iter().flatten().map(figure).collect::<Vec<f64>>();
            let medians =
                runs.keys().filter_map(|name| Some((name.clone(), median(figures(name))?))).collect();
            let (ours, floor) = (figures(OURS), figures(FLOOR));
            let used = median(match limit {
                Limit::AtMost(most) => ours.iter().map(|ours| ours / most).collect(),
                Limit::AtLeast(least) => ours.iter().map(|ours| least / ours).collect(),
                Limit::TimesFloor(times) => {
                    ours.iter().zip(&floor).map(|(ours, floor)| ours / floor / times).collect()
                }
            });
            let limit = match limit {
                Limit::AtMost(limit) | Limit::AtLeast(limit) => Some(*limit),
                Limit::TimesFloor(times) => median(floor).map(|floor| floor * times),
            };
            self.0.push(Row { measure, unit, medians, limit, used });
        }
    }
}

/// The one in the middle; nothing of nothing.
pub(super) fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    let above = figures.get(middle)?;
    Some(if figures.len() % 2 == 1 { *above } else { (figures[middle - 1] + above) / 2.0 })
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: std::collections::BTreeSet<&String> =
            self.0.iter().flat_map(|row| row.medians.keys()).filter(|name| *name != OURS).collect();
        write!(f, "| measure | ours | limit | of the limit |")?;
        names.iter().try_for_each(|name| write!(f, " {name} |"))?;
        write!(f, "\n|---|{}", "---|".repeat(names.len() + 3))?;
        for row in &self.0 {
            let cell = |figure: Option<f64>| match figure {
                Some(figure) => format!("{} {}", digits(figure), row.unit).trim_end().to_owned(),
                None => "not run".to_owned(),
            };
            let used = row.used.map_or_else(String::new, |used| {
                format!("{used:.2}{}", if used > 1.0 { " **over**" } else { "" })
            });
            let ours = cell(row.medians.get(OURS).copied());
            write!(f, "\n| {} | {ours} | {} | {used} |", row.measure, cell(row.limit))?;
            for name in &names {
                write!(f, " {} |", cell(row.medians.get(*name).copied()))?;
            }
        }
        Ok(())
    }
}

/// Three digits that count.
fn digits(figure: f64) -> String {
    match figure {
        0.0..1.0 => format!("{figure:.3}"),
        1.0..10.0 => format!("{figure:.2}"),
        10.0..100.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(push_s: f64) -> Phases {
        let phase =
            Phase { seconds: push_s, changes: 900.0, p50_ms: 0.1, bytes: 9_000.0, ..Phase::default() };
        ["write", "edit", "push", "pull"].iter().map(|name| ((*name).to_owned(), phase)).collect()
    }

    #[test]
    fn a_figure_stands_beside_its_limit_which_is_the_floors_of_the_same_round() {
        let mut table = Table::default();
        let ours = vec![run(0.010), run(0.030), run(0.020)];
        let floor = vec![run(0.005), run(0.010), run(0.005)];
        table.small(&BTreeMap::from([(OURS.to_owned(), ours), (FLOOR.to_owned(), floor)]));
        let (bytes, time) = (&table.0[0], &table.0[2]);
        assert_eq!((bytes.medians[OURS], bytes.used), (20.0, Some(20.0 / 15.0)));
        assert_eq!((time.limit, time.used), (Some(25.0), Some(3.0 / 2.5)));
        let said = table.to_string();
        assert!(
            said.contains("| small: push + pull | 40.0 ms | 25.0 ms | 1.20 **over** | 10.0 ms |"),
            "{said}"
        );
    }

    #[test]
    fn what_was_not_run_is_said_so() {
        let mut table = Table::default();
        table.device(&run(0.1), &run(0.1));
        table.small(&BTreeMap::from([(OURS.to_owned(), vec![run(0.1)])]));
        let said = table.to_string();
        assert!(said.contains("| small: push + pull | 200 ms | not run |  |"), "{said}");
    }
}
