//! The hash that a published result is known by: the same inputs give the same hash on every machine, in any order.

use crate::points::Points;
use crate::ruleset::RulesetId;
use crate::scoring::Counted;
use crate::view::{Column, Level, Measure};

/// One unit's counted input and its output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashRow<'a> {
    /// Unit code.
    pub unit: &'a str,
    /// The criteria set it was scored under.
    pub ruleset: RulesetId,
    /// Hash of that set's content: two texts of one version give two results.
    pub content_hash: [u8; 32],
    /// What counted.
    pub counted: &'a Counted,
    /// The total; absent: chưa đủ dữ liệu.
    pub total: Option<Points>,
    /// The level.
    pub level: Option<Level>,
    /// Its rank in its league.
    pub rank: Option<u32>,
}

/// BLAKE3 over the period and every unit's counted input and output. Layout: SCORING.md, "Result hash".
pub fn result_hash(period: &str, rows: &[HashRow<'_>]) -> [u8; 32] {
    let mut bytes = Canonical::default();
    bytes.text(period);
    // Sorted as bytes: whatever order the rows came in.
    let mut lines: Vec<Vec<u8>> = rows.iter().map(row_bytes).collect();
    lines.sort();
    bytes.count(lines.len());
    for line in &lines {
        bytes.count(line.len());
        bytes.0.extend_from_slice(line);
    }
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 result");
    *hasher.update(&bytes.0).finalize().as_bytes()
}

fn row_bytes(row: &HashRow<'_>) -> Vec<u8> {
    let mut bytes = Canonical::default();
    bytes.text(row.unit);
    bytes.text(&row.ruleset.to_string());
    bytes.0.extend_from_slice(&row.content_hash);
    bytes.counted(row.counted);
    bytes.option(row.total, Canonical::points);
    bytes.option(row.level, |bytes, level| bytes.0.push(level_byte(level)));
    bytes.option(row.rank, |bytes, rank| bytes.0.extend_from_slice(&rank.to_le_bytes()));
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
            self.0.push(column_byte(column));
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
            self.0.push(measure_byte(measure));
            self.points(quantity);
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

fn column_byte(column: Column) -> u8 {
    match column {
        Column::Own => 0,
        Column::Superior => 1,
        Column::Appraised => 2,
    }
}

fn measure_byte(measure: Measure) -> u8 {
    match measure {
        Measure::Assigned => 0,
        Measure::Completed => 1,
        Measure::QualityOk => 2,
        Measure::OnTime => 3,
    }
}
