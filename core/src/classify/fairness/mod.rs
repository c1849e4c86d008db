//! Fairness signals: plain formulas over the results of a period that tell people where to look.
//!
//! Invariant: a signal informs; it changes no score, no level and no rank, and nothing reads one back. Its figures are
//! exact, over totals as they are printed, so anybody can compute it anew; the order of the rows does not matter.
//! Reading order: the types and `signals` here, `formulas` (each signal). Sources: SCORING.md, section "Fairness signals".

mod formulas;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::words::text;
use crate::period::Period;
use crate::points::{Exact, Points};
use crate::ruleset::Rounding;
use crate::scoring::ScoringError;
use crate::view::{Level, Text};

/// With fewer subjects than this a signal says "too few" instead of a figure. Our reading: of two, each would know the
/// other's points.
pub const SUBJECTS_MIN: usize = 3;

/// A change of so many points prompts praise or a reminder, when the department sets nothing else. Our reading.
pub const CHANGE_POINTS: Points = Points::whole(10);

/// What is known of one subject (a person in a post, or a unit) in a period. A subject has one row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignalRow {
    /// The unit that it belongs to, or is.
    pub unit: String,
    /// Whatever the caller knows it by.
    pub subject: String,
    /// Level; absent: not rated, or not enough data.
    pub level: Option<Level>,
    /// Total in points, as printed; absent: not rated, or not enough data.
    pub total: Option<Points>,
    /// Total of the subject's own column; absent: not complete. So are the next two.
    pub own: Option<Points>,
    /// Total of the direct superior's column.
    pub superior: Option<Points>,
    /// Total of the appraised column.
    pub appraised: Option<Points>,
    /// Who filled the superior's column.
    pub superior_by: Option<String>,
    /// Who appraised.
    pub appraised_by: Option<String>,
    /// When each score was entered, in Unix seconds.
    pub entered_at: Vec<i64>,
    /// End of the last day of entry, in Unix seconds.
    pub entry_ends: i64,
    /// What it reached in earlier periods.
    pub before: BTreeMap<Period, Standing>,
}

/// A total and a level that were reached in an earlier period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Total in points, as printed.
    pub total: Option<Points>,
    /// Level.
    pub level: Option<Level>,
}

/// The signals, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// Share of HTXSNV among the rated of a unit.
    TopShare,
    /// How far apart the totals of a unit are.
    Spread,
    /// What a superior gives against what people gave themselves, by superior.
    OwnSuperiorGap,
    /// What an appraiser gives against what the superiors gave, by appraiser.
    SuperiorAppraisedGap,
    /// Share of a unit's scores that were entered in the last three days or later.
    LateEntry,
    /// A subject against its earlier periods.
    Change,
    /// An appraiser's mean gap to the own scores against that of all appraisers.
    Severity,
}

/// What a figure of a signal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureName {
    /// How many are HTXSNV.
    Excellent,
    /// A share, in percent.
    Share,
    /// Highest total, in points.
    Highest,
    /// Lowest total, in points.
    Lowest,
    /// Highest − lowest, in points.
    Range,
    /// Mean of |total − mean|, in points.
    MeanDeviation,
    /// Mean of the differences between two columns, in points.
    MeanGap,
    /// The same over all appraisers.
    MeanGapOfAll,
    /// What the subject's figure is above the one that it is compared with, in points.
    Difference,
    /// Scores that were entered.
    Entries,
    /// Those of them in the last three days or later.
    Late,
    /// Total of this period.
    Total,
    /// Mean total of the earlier periods.
    MeanBefore,
    /// Units that the appraiser appraised in.
    Units,
}

/// What a signal asks people to think of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Cào bằng: everybody is excellent, or everybody has the same total.
    Levelled,
    /// Praise: clearly better than before.
    Praise,
    /// A reminder: clearly worse than before.
    Reminder,
}

/// A signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Which.
    pub kind: SignalKind,
    /// Key of the unit, scorer or subject that it is about.
    pub of: String,
    /// How many subjects (of [`SignalKind::Change`]: earlier periods) it is made of.
    pub subjects: usize,
    /// Exact figures; none: too few subjects, or nothing but levels to compare.
    pub figures: Vec<(FigureName, Exact)>,
    /// What it asks people to think of; a gap or a share by itself asks nothing.
    pub prompt: Option<Prompt>,
    /// The figures in a sentence, which also says that they change no score.
    pub text: Text,
}

/// All signals of a period, by kind and then by the key that they are about.
///
/// `change_points` (at least 0): from which change on a subject is praised or reminded. `rounding` is that of the sentences.
///
/// # Errors
/// [`ScoringError::Overflow`] beyond 128 bits: not reachable with totals within the limits of entry.
pub fn signals(
    rows: &[SignalRow],
    change_points: Points,
    rounding: Rounding,
) -> Result<Vec<Signal>, ScoringError> {
    let mut signals = Vec::new();
    for (unit, rows) in grouped(rows, |row| Some(&row.unit)) {
        signals.push(formulas::top_share(unit, &rows, rounding)?);
        signals.push(formulas::spread(unit, &rows, rounding)?);
        signals.push(formulas::late_entry(unit, &rows, rounding)?);
    }
    for (superior, rows) in grouped(rows, |row| row.superior_by.as_ref()) {
        signals.push(formulas::own_superior_gap(superior, &rows, rounding)?);
    }
    let by_appraiser = grouped(rows, |row| row.appraised_by.as_ref());
    for (appraiser, rows) in &by_appraiser {
        signals.push(formulas::superior_appraised_gap(appraiser, rows, rounding)?);
        signals.push(formulas::severity(appraiser, rows, &by_appraiser, rounding)?);
    }
    for row in rows.iter().filter(|row| row.total.is_some() || row.level.is_some()) {
        signals.push(formulas::change(row, change_points, rounding)?);
    }
    signals.sort_by(|a, b| (a.kind, &a.of).cmp(&(b.kind, &b.of)));
    Ok(signals)
}

fn grouped<'a>(
    rows: &'a [SignalRow],
    key: impl Fn(&'a SignalRow) -> Option<&'a String>,
) -> BTreeMap<&'a str, Vec<&'a SignalRow>> {
    let mut groups: BTreeMap<&str, Vec<&SignalRow>> = BTreeMap::new();
    for row in rows {
        if let Some(key) = key(row) {
            groups.entry(key).or_default().push(row);
        }
    }
    groups
}

impl SignalKind {
    /// What is measured.
    pub fn name(self) -> Text {
        match self {
            Self::TopShare => text("Tỷ lệ xuất sắc của đơn vị", "Share of the top level in the unit"),
            Self::Spread => text("Độ chênh điểm trong đơn vị", "Spread of totals in the unit"),
            Self::OwnSuperiorGap => text("Chênh lệch cấp trên – tự chấm", "Gap superior – own"),
            Self::SuperiorAppraisedGap => text("Chênh lệch thẩm định – cấp trên", "Gap appraised – superior"),
            Self::LateEntry => text("Tỷ lệ nhập ba ngày cuối", "Share entered in the last three days"),
            Self::Change => text("Thay đổi so với kỳ trước", "Change against the period before"),
            Self::Severity => text("Mức độ chặt của người thẩm định", "Severity of the appraiser"),
        }
    }

    /// The formula in words.
    pub fn formula(self) -> Text {
        match self {
            Self::TopShare => {
                text("số HTXSNV ÷ số được xếp loại × 100%", "number of HTXSNV ÷ number rated × 100%")
            }
            Self::Spread => text(
                "điểm cao nhất − điểm thấp nhất; trung bình của |điểm − điểm bình quân|",
                "highest − lowest total; mean of |total − mean total|",
            ),
            Self::OwnSuperiorGap => {
                text("trung bình của (cấp trên trực tiếp − tự chấm)", "mean of (direct superior − own)")
            }
            Self::SuperiorAppraisedGap => text(
                "trung bình của (thẩm định − cấp trên trực tiếp)",
                "mean of (appraised − direct superior)",
            ),
            Self::LateEntry => text(
                "số lần nhập từ ba ngày cuối trở đi ÷ số lần nhập × 100%",
                "scores entered in the last three days or later ÷ scores entered × 100%",
            ),
            Self::Change => text(
                "tổng điểm − trung bình các kỳ trước; mức kỳ này so với mức gần nhất",
                "total − mean of the earlier periods; level against the latest one before",
            ),
            Self::Severity => text(
                "trung bình của (thẩm định − tự chấm) của người này − của mọi người thẩm định",
                "his mean of (appraised − own) − that of all appraisers",
            ),
        }
    }

    /// Where the need for it was read; the formulas themselves are our reading.
    pub fn source(self) -> Text {
        match self {
            Self::TopShare | Self::Spread => text(
                "Báo chí: nể nang, cào bằng; 97–98% luôn “hoàn thành” (vietnamnet 2456944). Công thức: cách hiểu của phần mềm.",
                "Press: everybody levelled; 97–98% always “completed” (vietnamnet 2456944). The formula is our reading.",
            ),
            Self::OwnSuperiorGap | Self::SuperiorAppraisedGap => text(
                "Quy chế KTC, điều 17: chênh lệch lớn thì đưa ra Hội đồng. Công thức: cách hiểu của phần mềm.",
                "KTC's regulation, article 17: a large gap goes to the council. The formula is our reading.",
            ),
            Self::LateEntry => text(
                "Hải quan, đối chiếu 01/2026: 544 người chấm trong ba ngày cuối.",
                "Customs, reconciliation of 01/2026: 544 people scored in the last three days.",
            ),
            Self::Change => text(
                "Sở TT&TT Phú Thọ 2022: đánh giá thường xuyên để khen, nhắc nhở kịp thời. Ngưỡng: cách hiểu của phần mềm.",
                "Phú Thọ 2022: regular, so that praise and reminders are prompt. The threshold is our reading.",
            ),
            Self::Severity => text(
                "Sở TT&TT Phú Thọ 2022: khách quan, không đánh giá xuôi chiều. Công thức: cách hiểu của phần mềm.",
                "Phú Thọ 2022: objective, not one-directional. The formula is our reading.",
            ),
        }
    }
}
