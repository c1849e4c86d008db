//! The month-end workload, the same for every contender: one line a score with its later review, of the shape of
//! `gen.py` in the peers' harness.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;
use serde_json::json;

/// What people note beside one score in ten.
const NOTES: [&str; 6] = [
    "Hoàn thành tốt nhiệm vụ được giao",
    "Nộp báo cáo chậm 2 ngày",
    "Có sáng kiến tuyên truyền lưu động",
    "Chưa đủ số buổi chiếu phim phục vụ",
    "Nghỉ ốm 3 ngày có giấy phép",
    "Thiếu minh chứng, đề nghị bổ sung",
];
const STAFF: u32 = 30;
const CRITERIA: u32 = 30;
/// The first own score and the first review, Unix milliseconds.
const OWN_FROM: u64 = 1_795_000_000_000;
const REVIEWS_FROM: u64 = 1_795_090_000_000;

/// How much is written.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) name: &'static str,
    units: u32,
    months: u32,
}

/// A unit's month: 900 records.
pub(crate) const SMALL: Size = Size { name: "small", units: 1, months: 1 };
/// A month of thirteen units: 11,700 records.
pub(crate) const MEDIUM: Size = Size { name: "medium", units: 13, months: 1 };
/// A year of a unit: 10,800 records.
pub(crate) const UNIT: Size = Size { name: "unit", units: 1, months: 12 };
/// A year of a department: 1,080,000 records.
pub(crate) const LARGE: Size = Size { name: "large", units: 100, months: 12 };

impl Size {
    /// Records; each is written, then reviewed.
    pub(crate) const fn records(self) -> u32 {
        self.units * self.months * STAFF * CRITERIA
    }
}

/// Marsaglia's xorshift: the same numbers on every machine.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }
}

/// Writes the workload as JSON lines.
pub(crate) fn write(size: Size, path: &Path) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let (mut dice, mut at, mut reviewed_at) = (Dice(20_261_123), OWN_FROM, REVIEWS_FROM);
    for month in 1..=size.months {
        let period = format!("2026-{:02}", if size.months == 1 { 10 } else { month });
        for (unit, staff) in (0..size.units).flat_map(|unit| (0..STAFF).map(move |staff| (unit, staff))) {
            let unit = format!("tttt-{unit:03}");
            let subject = format!("{unit}-cb{staff:02}");
            for criterion in 0..CRITERIA {
                at += 900 + dice.below(8_101);
                reviewed_at += 400 + dice.below(4_601);
                let halves = 2 + dice.below(u64::from(2 * (2 + criterion % 5)) - 1);
                let less = [0, 0, 0, 1, 2][dice.below(5) as usize];
                let mut row = json!({
                    "id": format!("{:016x}{at:016x}", dice.below(u64::MAX)), "unit": unit, "period": period,
                    "subject": subject, "criterion": format!("tc{:02}", criterion + 1),
                    "self": halves as f64 / 2.0, "author": subject, "ts": at,
                    "review": halves.saturating_sub(less) as f64 / 2.0, "reviewer": format!("{unit}-gd"),
                    "rts": reviewed_at,
                });
                if dice.below(10) == 0 {
                    row["note"] = NOTES[dice.below(NOTES.len() as u64) as usize].into();
                }
                writeln!(out, "{row}")?;
            }
        }
    }
    Ok(out.flush()?)
}
