//! The formula of each signal, and its sentence.
//!
//! Invariant: a formula reads only rows that have all that it needs; they are its subjects.

use std::collections::{BTreeMap, BTreeSet};

use super::{FigureName, Prompt, SUBJECTS_MIN, Signal, SignalKind, SignalRow, Standing};
use crate::classify::level_name;
use crate::classify::rule_text::append;
use crate::classify::words::{decimals, figure, fill, text};
use crate::points::{Exact, Points};
use crate::ruleset::Rounding;
use crate::scoring::ScoringError;
use crate::scoring::exact::{add, div, mul, sum};
use crate::view::{Level, Text};

/// The days before the end of entry that count as late, in seconds.
const LAST_DAYS_S: i64 = 3 * 24 * 60 * 60;

type Figures = Vec<(FigureName, Exact)>;
/// Figures, prompt and sentence of a signal.
type Found = (Figures, Option<Prompt>, Text);

/// Number of HTXSNV ÷ number of rated, in percent.
pub(super) fn top_share(unit: &str, rows: &[&SignalRow], rounding: Rounding) -> Result<Signal, ScoringError> {
    let levels: Vec<Level> = rows.iter().filter_map(|row| row.level).collect();
    let excellent = levels.iter().filter(|level| **level == Level::Htxsnv).count();
    signal(SignalKind::TopShare, unit, levels.len(), SUBJECTS_MIN, || {
        let share = percent(excellent, levels.len())?;
        let mut said = fill(
            "#/# được xếp loại hoàn thành xuất sắc (#%).",
            "# of # rated are excellent (#%).",
            &[count(excellent), count(levels.len()), written(share, rounding)?],
        );
        let levelled = excellent == levels.len();
        if levelled {
            append(
                &mut said,
                text(" Tất cả đều xuất sắc: có thể là cào bằng.", " All are excellent: perhaps levelled."),
            );
        }
        let figures = vec![(FigureName::Excellent, integer(excellent)), (FigureName::Share, share)];
        Ok((figures, levelled.then_some(Prompt::Levelled), said))
    })
}

/// Highest − lowest total, and the mean of |total − mean|, in points.
pub(super) fn spread(unit: &str, rows: &[&SignalRow], rounding: Rounding) -> Result<Signal, ScoringError> {
    let totals: Vec<Exact> = rows.iter().filter_map(|row| row.total).map(Points::exact).collect();
    signal(SignalKind::Spread, unit, totals.len(), SUBJECTS_MIN, || {
        let highest = totals.iter().copied().max().unwrap_or(integer(0));
        let lowest = totals.iter().copied().min().unwrap_or(integer(0));
        let (range, middle) = (minus(highest, lowest)?, mean(&totals)?);
        let off = |total: &Exact| minus((*total).max(middle), (*total).min(middle));
        let deviation = mean(&totals.iter().map(off).collect::<Result<Vec<_>, _>>()?)?;
        let mut said = fill(
            "# đối tượng, điểm từ # đến #: chênh lệch #, lệch trung bình so với bình quân #.",
            "# subjects, totals from # to #: range #, mean deviation from the mean #.",
            &[
                count(totals.len()),
                written(lowest, rounding)?,
                written(highest, rounding)?,
                written(range, rounding)?,
                written(deviation, rounding)?,
            ],
        );
        let levelled = highest == lowest;
        if levelled {
            append(
                &mut said,
                text(" Tất cả bằng điểm: có thể là cào bằng.", " All have the same total: perhaps levelled."),
            );
        }
        let figures = vec![
            (FigureName::Highest, highest),
            (FigureName::Lowest, lowest),
            (FigureName::Range, range),
            (FigureName::MeanDeviation, deviation),
        ];
        Ok((figures, levelled.then_some(Prompt::Levelled), said))
    })
}

/// Scores entered in the last three days or later ÷ scores entered, in percent. Subjects: those with an entry.
pub(super) fn late_entry(
    unit: &str,
    rows: &[&SignalRow],
    rounding: Rounding,
) -> Result<Signal, ScoringError> {
    let subjects = rows.iter().filter(|row| !row.entered_at.is_empty()).count();
    let entries: usize = rows.iter().map(|row| row.entered_at.len()).sum();
    let late_of = |row: &&SignalRow| {
        let from = row.entry_ends.saturating_sub(LAST_DAYS_S);
        row.entered_at.iter().filter(|at| **at >= from).count()
    };
    let late: usize = rows.iter().map(late_of).sum();
    signal(SignalKind::LateEntry, unit, subjects, SUBJECTS_MIN, || {
        let share = percent(late, entries)?;
        let said = fill(
            "#/# lần nhập điểm (#%) là trong ba ngày cuối hoặc muộn hơn.",
            "# of # scores (#%) were entered in the last three days or later.",
            &[count(late), count(entries), written(share, rounding)?],
        );
        let figures = vec![
            (FigureName::Late, integer(late)),
            (FigureName::Entries, integer(entries)),
            (FigureName::Share, share),
        ];
        Ok((figures, None, said))
    })
}

/// Mean of (direct superior − own) of one superior, in points.
pub(super) fn own_superior_gap(
    superior: &str,
    rows: &[&SignalRow],
    rounding: Rounding,
) -> Result<Signal, ScoringError> {
    let gaps = gaps(rows, |row| (row.own, row.superior))?;
    let columns = text("cấp trên trực tiếp − tự chấm", "direct superior − own");
    gap(SignalKind::OwnSuperiorGap, superior, &gaps, columns, rounding)
}

/// Mean of (appraised − direct superior) of one appraiser, in points.
pub(super) fn superior_appraised_gap(
    appraiser: &str,
    rows: &[&SignalRow],
    rounding: Rounding,
) -> Result<Signal, ScoringError> {
    let gaps = gaps(rows, |row| (row.superior, row.appraised))?;
    let columns = text("thẩm định − cấp trên trực tiếp", "appraised − direct superior");
    gap(SignalKind::SuperiorAppraisedGap, appraiser, &gaps, columns, rounding)
}

fn gap(
    kind: SignalKind,
    scorer: &str,
    gaps: &[Exact],
    columns: Text,
    rounding: Rounding,
) -> Result<Signal, ScoringError> {
    signal(kind, scorer, gaps.len(), SUBJECTS_MIN, || {
        let mean = mean(gaps)?;
        let said = fill(
            "Trung bình (#) trên # phiếu: # điểm.",
            "Mean of (#) over # sheets: # points.",
            &[columns, count(gaps.len()), written(mean, rounding)?],
        );
        Ok((vec![(FigureName::MeanGap, mean)], None, said))
    })
}

/// Mean of (appraised − own) of one appraiser − that of all, himself too, each sheet weighing the same; in points.
pub(super) fn severity(
    appraiser: &str,
    rows: &[&SignalRow],
    by_appraiser: &BTreeMap<&str, Vec<&SignalRow>>,
    rounding: Rounding,
) -> Result<Signal, ScoringError> {
    let columns = |row: &SignalRow| (row.own, row.appraised);
    let own = gaps(rows, columns)?;
    let (mut all, mut appraisers) = (Vec::new(), 0);
    for rows in by_appraiser.values() {
        let gaps = gaps(rows, columns)?;
        appraisers += usize::from(!gaps.is_empty());
        all.extend(gaps);
    }
    signal(SignalKind::Severity, appraiser, own.len(), SUBJECTS_MIN, || {
        let (mean_own, mean_all) = (mean(&own)?, mean(&all)?);
        let difference = minus(mean_own, mean_all)?;
        let units = rows.iter().map(|row| &row.unit).collect::<BTreeSet<_>>().len();
        let said = fill(
            "Trung bình (thẩm định − tự chấm) trên # phiếu của # đơn vị: # điểm; của cả # người thẩm định: #; chênh lệch #.",
            "Mean of (appraised − own) over # sheets of # units: # points; of all # appraisers: #; difference #.",
            &[
                count(own.len()),
                count(units),
                written(mean_own, rounding)?,
                count(appraisers),
                written(mean_all, rounding)?,
                written(difference, rounding)?,
            ],
        );
        let figures = vec![
            (FigureName::Units, integer(units)),
            (FigureName::MeanGap, mean_own),
            (FigureName::MeanGapOfAll, mean_all),
            (FigureName::Difference, difference),
        ];
        Ok((figures, None, said))
    })
}

/// Total − mean of the earlier totals, and the level against the latest earlier one. A change of level decides what is
/// prompted; without one, a change of at least `change_points`.
pub(super) fn change(
    row: &SignalRow,
    change_points: Points,
    rounding: Rounding,
) -> Result<Signal, ScoringError> {
    let known = |before: &&Standing| before.total.is_some() || before.level.is_some();
    let periods = row.before.values().filter(known).count();
    signal(SignalKind::Change, &row.subject, periods, 1, || {
        let (figures, moved, mut said) = moved(row, rounding)?;
        let before = row.before.values().rev().find_map(|before| before.level);
        let levels = before.zip(row.level);
        if let Some((before, now)) = levels {
            append(&mut said, fill("Mức: # → #. ", "Level: # → #. ", &[level_name(before), level_name(now)]));
        }
        let prompt = prompt(levels, moved, change_points)?;
        let advice = match prompt {
            Some(Prompt::Praise) => text("Nên xem xét khen.", "Worth praise."),
            Some(Prompt::Reminder) => text("Nên nhắc nhở, trao đổi.", "Worth a reminder and a talk."),
            Some(Prompt::Levelled) | None => text("Không thay đổi nhiều.", "No great change."),
        };
        append(&mut said, advice);
        Ok((figures, prompt, said))
    })
}

/// What the total moved by, in points, with its figures and sentence; nothing where a total is not known.
fn moved(row: &SignalRow, rounding: Rounding) -> Result<(Figures, Exact, Text), ScoringError> {
    let totals: Vec<Exact> =
        row.before.values().filter_map(|before| before.total).map(Points::exact).collect();
    let Some(total) = row.total.map(Points::exact).filter(|_| !totals.is_empty()) else {
        return Ok((Vec::new(), integer(0), text("", "")));
    };
    let before = mean(&totals)?;
    let moved = minus(total, before)?;
    let parts = [
        written(total, rounding)?,
        count(totals.len()),
        written(before, rounding)?,
        written(moved, rounding)?,
    ];
    let said = fill(
        "# điểm; trung bình # kỳ trước: #; thay đổi #. ",
        "# points; mean of # earlier periods: #; change #. ",
        &parts,
    );
    let figures =
        vec![(FigureName::Total, total), (FigureName::MeanBefore, before), (FigureName::Difference, moved)];
    Ok((figures, moved, said))
}

fn prompt(
    levels: Option<(Level, Level)>,
    moved: Exact,
    change_points: Points,
) -> Result<Option<Prompt>, ScoringError> {
    let (zero, least) = (integer(0), change_points.exact());
    let level = levels.map(|(before, now)| now.cmp(&before)).filter(|change| change.is_ne());
    let much = moved != zero && (moved >= least || moved <= minus(zero, least)?);
    let change = level.or(much.then(|| moved.cmp(&zero)));
    Ok(change.map(|change| if change.is_gt() { Prompt::Praise } else { Prompt::Reminder }))
}

/// A signal, or that there are too few subjects for one.
fn signal(
    kind: SignalKind,
    of: &str,
    subjects: usize,
    subjects_min: usize,
    found: impl FnOnce() -> Result<Found, ScoringError>,
) -> Result<Signal, ScoringError> {
    let (figures, prompt, mut text) = if subjects >= subjects_min {
        found()?
    } else {
        let few = fill("Quá ít để nêu số liệu: #.", "Too few for a figure: #.", &[count(subjects)]);
        (Vec::new(), None, few)
    };
    append(&mut text, informs());
    Ok(Signal { kind, of: of.to_owned(), subjects, figures, prompt, text })
}

fn informs() -> Text {
    text(" Số liệu để tham khảo; không làm thay đổi điểm nào.", " Signals inform; they change no score.")
}

/// Second column − first column, of the rows that have both.
fn gaps(
    rows: &[&SignalRow],
    columns: impl Fn(&SignalRow) -> (Option<Points>, Option<Points>),
) -> Result<Vec<Exact>, ScoringError> {
    let both = rows.iter().filter_map(|row| {
        let (first, second) = columns(row);
        first.zip(second)
    });
    both.map(|(first, second)| minus(second.exact(), first.exact())).collect()
}

/// The mean of values; callers have made sure that there are some.
fn mean(values: &[Exact]) -> Result<Exact, ScoringError> {
    div(sum(values.iter().copied())?, integer(values.len()))
}

fn percent(part: usize, whole: usize) -> Result<Exact, ScoringError> {
    div(integer(part * 100), integer(whole))
}

fn minus(a: Exact, b: Exact) -> Result<Exact, ScoringError> {
    add(a, mul(b, Exact::from_integer(-1))?)
}

fn integer(count: usize) -> Exact {
    Exact::from_integer(count as i128)
}

fn count(count: usize) -> Text {
    figure(&count.to_string())
}

fn written(value: Exact, rounding: Rounding) -> Result<Text, ScoringError> {
    Ok(figure(&decimals(value, rounding)?))
}
