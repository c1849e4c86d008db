//! The hash that a published result is known by: the same inputs give the same hash on every machine, in any order.

use std::collections::BTreeMap;

use crate::ids::UnitId;
use crate::points::{Exact, Points};
use crate::ruleset::Ruleset;
use crate::scoring::{Counted, Product, Total};
use crate::view::Level;

/// One unit's counted input and its output.
#[derive(Debug, Clone, Copy)]
pub struct UnitResult<'a> {
    /// The unit.
    pub unit: UnitId,
    /// The criteria set it was scored under.
    pub ruleset: &'a Ruleset,
    /// What counted.
    pub counted: &'a Counted,
    /// The unit's products.
    pub products: &'a [Product],
    /// What came out.
    pub total: &'a Total,
    /// Its rank in its league.
    pub rank: Option<u32>,
}

/// BLAKE3 over period, criteria sets and every unit's counted input and output. Layout: SCORING.md, "Result hash".
pub fn result_hash(period: &str, units: &[UnitResult<'_>]) -> [u8; 32] {
    let mut bytes = Canonical::default();
    bytes.text(period);
    let sets =
        units.iter().map(|unit| (unit.ruleset.id(), unit.ruleset.content_hash())).collect::<BTreeMap<_, _>>();
    bytes.count(sets.len());
    for (id, content) in &sets {
        bytes.text(&id.to_string());
        bytes.0.extend_from_slice(content);
    }
    // Sorted as bytes: each begins with the unit's id.
    let mut lines: Vec<Vec<u8>> = units.iter().map(unit_bytes).collect();
    lines.sort();
    bytes.count(lines.len());
    for line in &lines {
        bytes.count(line.len());
        bytes.0.extend_from_slice(line);
    }
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 result");
    *hasher.update(&bytes.0).finalize().as_bytes()
}

fn unit_bytes(unit: &UnitResult<'_>) -> Vec<u8> {
    let mut bytes = Canonical::default();
    bytes.0.extend_from_slice(&unit.unit.0);
    bytes.text(&unit.ruleset.id().to_string());
    bytes.counted(unit.counted);
    let products: BTreeMap<u16, Points> = unit.products.iter().map(|p| (p.number, p.coefficient)).collect();
    bytes.count(products.len());
    for (&number, &coefficient) in &products {
        bytes.number(number);
        bytes.points(coefficient);
    }
    bytes.total(unit.total);
    bytes.option(unit.rank, |bytes, rank| bytes.0.extend_from_slice(&rank.to_le_bytes()));
    bytes.0
}

/// Little-endian integers; texts and lists behind their length in four bytes; options behind 0 or 1.
#[derive(Default)]
struct Canonical(Vec<u8>);

impl Canonical {
    fn count(&mut self, count: usize) {
        self.0.extend_from_slice(&(count as u32).to_le_bytes());
    }

    fn number(&mut self, number: u16) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn points(&mut self, points: Points) {
        self.0.extend_from_slice(&points.0.to_le_bytes());
    }

    fn exact(&mut self, exact: Exact) {
        self.0.extend_from_slice(&exact.numer().to_le_bytes());
        self.0.extend_from_slice(&exact.denom().to_le_bytes());
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.0.push(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn counted(&mut self, counted: &Counted) {
        self.count(counted.column_of.len());
        for (&criterion, &column) in &counted.column_of {
            self.number(criterion);
            self.0.push(column as u8);
        }
        self.count(counted.answers.points.len());
        for (&criterion, &points) in &counted.answers.points {
            self.number(criterion);
            self.points(points);
        }
        self.count(counted.answers.quantities.len());
        for (&(criterion, product, measure), &quantity) in &counted.answers.quantities {
            self.number(criterion);
            self.number(product);
            self.0.push(measure as u8);
            self.points(quantity);
        }
    }

    fn total(&mut self, total: &Total) {
        self.exact(total.sum);
        self.option(total.total, Self::points);
        self.option(total.level, |bytes, level| bytes.0.push(level_byte(level)));
        self.count(total.groups.len());
        for group in &total.groups {
            self.text(&group.code);
            self.exact(group.points);
        }
    }
}

fn level_byte(level: Level) -> u8 {
    match level {
        Level::Khtnv => 0,
        Level::Htnv => 1,
        Level::Httnv => 2,
        Level::Htxsnv => 3,
    }
}
