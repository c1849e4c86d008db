//! How long the rules take for a department's year, starting from the stored values in memory: for `cargo xtask bench`.
//!
//! Prints one line of JSON: milliseconds (medians), megabytes, and what a plain sum over the same values takes.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement, with a clock"
)]

mod year;

use std::time::Instant;

use xeploai_core::classify::{Entry, Outside, Placed, roster};
use xeploai_core::points::Points;
use xeploai_core::ruleset::Position;
use xeploai_core::scoring::{Columns, Plan, Sums, Terms};
use xeploai_core::view::{Column, Level};

const ROUNDS: usize = 15;

fn main() {
    let ruleset = year::ruleset();
    let sheets = year::sheets();
    let position = Position::default();
    let plan = Plan::new(Terms { ruleset: &ruleset, position: &position, products: &[] }).unwrap();
    let mut sums = Sums::default();
    let year_ms = median(|| ranked(&plan, &sheets, &mut sums));
    let month = &sheets[..year::UNITS * year::PEOPLE];
    let unit = &month[..year::PEOPLE];
    let change_ms = median(|| ranked(&plan, unit, &mut sums));
    let plain: Vec<i64> = figures(&sheets).map(|points| points.0).collect();
    let plain_ms = median(|| plain.iter().sum::<i64>());
    let bytes = sheets.len() * (size_of::<Columns>() + size_of::<(Column, xeploai_core::scoring::Answers)>())
        + plain.len() * size_of::<(u16, Points)>();
    let (scores, memory_mb) = (plain.len(), bytes as f64 / 1e6);
    println!(
        "{{\"scores\": {scores}, \"year_ms\": {year_ms:.3}, \"change_ms\": {change_ms:.4}, \"plain_ms\": {plain_ms:.3}, \"memory_mb\": {memory_mb:.1}}}"
    );
}

/// Classifies and ranks every unit of every month, and gives a figure that depends on all of it.
fn ranked(plan: &Plan<'_>, sheets: &[Columns], sums: &mut Sums) -> i64 {
    let outside = Outside { unit_level: Some(Level::Httnv), people: None };
    let units = sheets.chunks(year::PEOPLE).map(|people| {
        let entry = |(key, columns)| Entry { key, order: String::new(), plan, columns };
        let placed = roster(people.iter().enumerate().map(entry).collect(), outside, sums).unwrap();
        placed.iter().map(sum).sum::<i64>()
    });
    units.sum()
}

fn sum(placed: &Placed<usize>) -> i64 {
    i64::from(placed.rank.unwrap_or_default()) * (placed.key as i64 + 1)
        + placed.proposal.outcome.level().map_or(0, |level| level as i64)
}

fn figures(sheets: &[Columns]) -> impl Iterator<Item = Points> {
    let columns = sheets.iter().flat_map(Columns::iter);
    columns.flat_map(|(_, answers)| answers.points.as_slice()).map(|(_, points)| *points)
}

/// The median of some rounds, in milliseconds.
fn median<T: std::fmt::Debug>(mut work: impl FnMut() -> T) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            std::hint::black_box(work());
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}
