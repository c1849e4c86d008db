//! Laws of the fairness signals: their figures are the formulas', and few subjects have none.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::classify::{
    CHANGE_POINTS, FigureName, Prompt, SUBJECTS_MIN, Signal, SignalKind, SignalRow, Standing, signals,
};
use crate::points::{Exact, Points};
use crate::ruleset::{ClassifyOn, Rounding, RoundingMode};
use crate::scoring::exact::{mul, sum};
use crate::scoring::testing::points;
use crate::view::Level;

const ROUNDING: Rounding =
    Rounding { decimals: 2, mode: RoundingMode::HalfUp, classify_on: ClassifyOn::Rounded, ..Rounding::SHOWN };

fn whole(number: i128) -> Exact {
    Exact::from_integer(number)
}

fn all(rows: &[SignalRow]) -> Vec<Signal> {
    signals(rows, CHANGE_POINTS, ROUNDING).unwrap()
}

fn find(signals: &[Signal], kind: SignalKind, of: &str) -> Signal {
    signals.iter().find(|signal| signal.kind == kind && signal.of == of).unwrap().clone()
}

fn figure(signal: &Signal, name: FigureName) -> Option<Exact> {
    signal.figures.iter().find(|(found, _)| *found == name).map(|(_, value)| *value)
}

/// A subject of unit `TT01`.
fn row(subject: &str, level: Level, total: &str) -> SignalRow {
    SignalRow {
        unit: "TT01".into(),
        subject: subject.into(),
        level: Some(level),
        total: Some(points(total)),
        ..SignalRow::default()
    }
}

#[test]
fn a_unit_where_everybody_is_excellent_is_levelled() {
    let excellent =
        [row("An", Level::Htxsnv, "95"), row("Bình", Level::Htxsnv, "92"), row("Chi", Level::Htxsnv, "91")];
    let share = find(&all(&excellent), SignalKind::TopShare, "TT01");
    assert_eq!((figure(&share, FigureName::Share), share.prompt), (Some(whole(100)), Some(Prompt::Levelled)));
    assert_eq!(
        share.text.vi,
        "3/3 được xếp loại hoàn thành xuất sắc (100%). Tất cả đều xuất sắc: có thể là cào bằng. Số liệu để tham khảo; \
         không làm thay đổi điểm nào."
    );
    let mut mixed = excellent.to_vec();
    mixed[2].level = Some(Level::Httnv);
    let share = find(&all(&mixed), SignalKind::TopShare, "TT01");
    assert_eq!((figure(&share, FigureName::Share), share.prompt), (Some(Exact::new(200, 3).unwrap()), None));
    assert_eq!(share.text.en, "2 of 3 rated are excellent (≈ 66.67%). Signals inform; they change no score.");
}

#[test]
fn the_spread_of_a_unit_is_exact() {
    let rows =
        [row("An", Level::Htxsnv, "95"), row("Bình", Level::Httnv, "80"), row("Chi", Level::Httnv, "81")];
    let spread = find(&all(&rows), SignalKind::Spread, "TT01");
    // The mean is 256/3; the deviations are 29/3, 16/3 and 13/3.
    let figures = [FigureName::Highest, FigureName::Lowest, FigureName::Range, FigureName::MeanDeviation];
    let expected = [whole(95), whole(80), whole(15), Exact::new(58, 9).unwrap()];
    assert_eq!(figures.map(|name| figure(&spread, name)), expected.map(Some));
    assert_eq!(spread.prompt, None);
    let same = ["An", "Bình", "Chi"].map(|subject| row(subject, Level::Httnv, "80"));
    assert_eq!(find(&all(&same), SignalKind::Spread, "TT01").prompt, Some(Prompt::Levelled));
}

#[test]
fn fewer_than_three_subjects_are_too_few_for_a_figure() {
    let rows = [row("An", Level::Htxsnv, "95"), row("Bình", Level::Htxsnv, "95")];
    for kind in [SignalKind::TopShare, SignalKind::Spread, SignalKind::LateEntry] {
        let signal = find(&all(&rows), kind, "TT01");
        assert_eq!((signal.figures, signal.prompt), (vec![], None), "{kind:?}");
        assert!(signal.text.vi.starts_with("Quá ít để nêu số liệu: "), "{}", signal.text.vi);
    }
}

#[test]
fn who_has_no_total_counts_in_no_mean() {
    let mut rows =
        vec![row("An", Level::Htxsnv, "95"), row("Bình", Level::Httnv, "80"), row("Chi", Level::Httnv, "81")];
    let before = all(&rows);
    rows.push(SignalRow { unit: "TT01".into(), subject: "Dung".into(), ..SignalRow::default() });
    assert_eq!(all(&rows), before);
}

/// A row with the three columns, by superior `S` and appraiser `by`.
fn columns(subject: &str, unit: &str, by: &str, [own, superior, appraised]: [&str; 3]) -> SignalRow {
    SignalRow {
        unit: unit.into(),
        subject: subject.into(),
        own: Some(points(own)),
        superior: Some(points(superior)),
        appraised: Some(points(appraised)),
        superior_by: Some("S".into()),
        appraised_by: Some(by.into()),
        ..SignalRow::default()
    }
}

fn appraised() -> Vec<SignalRow> {
    vec![
        columns("1", "TT01", "mild", ["90", "88", "90"]),
        columns("2", "TT02", "mild", ["80", "80", "81"]),
        columns("3", "TT03", "mild", ["70", "71", "70"]),
        columns("4", "TT04", "severe", ["90", "90", "80"]),
        columns("5", "TT04", "severe", ["80", "80", "75"]),
        columns("6", "TT05", "severe", ["70", "70", "66"]),
    ]
}

#[test]
fn gaps_are_means_of_later_minus_earlier_columns_by_scorer() {
    let signals = all(&appraised());
    let gap = |kind, of| figure(&find(&signals, kind, of), FigureName::MeanGap);
    assert_eq!(gap(SignalKind::OwnSuperiorGap, "S"), Some(Exact::new(-1, 6).unwrap()));
    assert_eq!(gap(SignalKind::SuperiorAppraisedGap, "mild"), Some(Exact::new(2, 3).unwrap()));
    assert_eq!(gap(SignalKind::SuperiorAppraisedGap, "severe"), Some(Exact::new(-19, 3).unwrap()));
    let said = find(&signals, SignalKind::SuperiorAppraisedGap, "severe").text.vi;
    assert!(
        said.starts_with("Trung bình (thẩm định − cấp trên trực tiếp) trên 3 phiếu: ≈ -6,33 điểm."),
        "{said}"
    );
}

#[test]
fn severity_compares_an_appraiser_with_all_appraisers() {
    let severe = find(&all(&appraised()), SignalKind::Severity, "severe");
    // His mean is −19/3; of all six sheets it is −18/6.
    let figures = [FigureName::Units, FigureName::MeanGap, FigureName::MeanGapOfAll, FigureName::Difference];
    let expected =
        [whole(2), Exact::new(-19, 3).unwrap(), Exact::from_integer(-3), Exact::new(-10, 3).unwrap()];
    assert_eq!(figures.map(|name| figure(&severe, name)), expected.map(Some));
    assert!(
        severe.text.vi.contains("trên 3 phiếu của 2 đơn vị: ≈ -6,33 điểm; của cả 2 người thẩm định: -3;")
    );
}

#[test]
fn entries_of_the_last_three_days_are_late_from_their_first_second() {
    let day = 86_400;
    let at = |times: &[i64]| SignalRow {
        entered_at: times.to_vec(),
        entry_ends: 30 * day,
        ..row("An", Level::Htnv, "60")
    };
    let rows = [at(&[27 * day - 1, 27 * day]), at(&[31 * day, 32 * day]), at(&[0])];
    let late = find(&all(&rows), SignalKind::LateEntry, "TT01");
    let figures = [FigureName::Late, FigureName::Entries, FigureName::Share].map(|name| figure(&late, name));
    assert_eq!(figures, [3, 5, 60].map(Exact::from_integer).map(Some), "what came after the end is late too");
    assert_eq!((late.subjects, late.prompt), (3, None));
}

fn changed(before: &[(Option<&str>, Option<Level>)], total: Option<&str>, level: Option<Level>) -> Signal {
    let standing =
        |(total, level): &(Option<&str>, Option<Level>)| Standing { total: total.map(points), level: *level };
    let months = ["2022-08", "2022-09", "2022-10"].map(|month| month.parse().unwrap());
    let row = SignalRow {
        total: total.map(points),
        level,
        before: months.into_iter().zip(before.iter().map(standing)).collect(),
        ..row("An", Level::Htnv, "0")
    };
    find(&all(&[row]), SignalKind::Change, "An")
}

#[test]
fn ten_points_or_a_level_prompt_praise_or_a_reminder() {
    let good = Some(Level::Httnv);
    let prompt = |total| changed(&[(Some("80"), good), (Some("81"), good)], Some(total), good).prompt;
    assert_eq!([prompt("90.5"), prompt("90.49")], [Some(Prompt::Praise), None], "the mean before is 80,5");
    assert_eq!([prompt("70.5"), prompt("70.51")], [Some(Prompt::Reminder), None]);
    let level =
        |now| changed(&[(Some("80"), Some(Level::Htxsnv)), (Some("80"), good)], Some("85"), Some(now)).prompt;
    assert_eq!(
        [level(Level::Htxsnv), level(Level::Httnv), level(Level::Htnv)],
        [Some(Prompt::Praise), None, Some(Prompt::Reminder)]
    );
    let forced = changed(&[(Some("80"), good)], Some("95"), Some(Level::Khtnv));
    assert_eq!(forced.prompt, Some(Prompt::Reminder), "a level that was forced down weighs more than points");
}

#[test]
fn a_change_is_said_with_its_figures_and_without_earlier_periods_there_is_none() {
    let good = Some(Level::Httnv);
    assert_eq!(
        changed(&[(Some("80"), good), (None, None), (Some("81"), good)], Some("91"), Some(Level::Htxsnv))
            .text
            .vi,
        "91 điểm; trung bình 2 kỳ trước: 80,5; thay đổi 10,5. Mức: Hoàn thành tốt nhiệm vụ → Hoàn thành xuất sắc nhiệm vụ. \
         Nên xem xét khen. Số liệu để tham khảo; không làm thay đổi điểm nào."
    );
    for nothing in [&[][..], &[(None, None)]] {
        let first = changed(nothing, Some("91"), good);
        assert_eq!((first.subjects, first.figures, first.prompt), (0, vec![], None));
    }
    let levels_alone = changed(&[(None, good)], None, Some(Level::Htnv));
    assert_eq!((levels_alone.figures, levels_alone.prompt), (vec![], Some(Prompt::Reminder)));
    assert_eq!(changed(&[(Some("50"), None)], Some("91"), None).prompt, Some(Prompt::Praise));
}

#[test]
fn a_threshold_of_nothing_prompts_at_any_change_but_not_without_one() {
    let standing = Standing { total: Some(points("80")), level: None };
    let row = |total| SignalRow {
        before: BTreeMap::from([("2022-10".parse().unwrap(), standing)]),
        level: None,
        ..row("An", Level::Htnv, total)
    };
    let prompt = |total| signals(&[row(total)], Points::ZERO, ROUNDING).unwrap().pop().unwrap().prompt;
    assert_eq!(["80.1", "80", "79.9"].map(prompt), [Some(Prompt::Praise), None, Some(Prompt::Reminder)]);
}

#[test]
fn every_signal_has_its_formula_and_its_source() {
    use SignalKind::*;
    for kind in [TopShare, Spread, OwnSuperiorGap, SuperiorAppraisedGap, LateEntry, Change, Severity] {
        for text in [kind.formula(), kind.source()] {
            assert!(!text.vi.is_empty() && !text.en.is_empty() && text.vi != text.en, "{kind:?}");
        }
    }
}

fn any_row() -> impl Strategy<Value = SignalRow> {
    let level = prop::sample::select(vec![None, Some(Level::Htxsnv), Some(Level::Httnv), Some(Level::Khtnv)]);
    let column = || prop::option::of((0_i64..=200).prop_map(|halves| Points(halves * 5_000)));
    let by = || prop::option::of(prop::sample::select(vec!["mild", "severe"]).prop_map(str::to_owned));
    let unit = prop::sample::select(vec!["TT01", "TT02"]);
    let times = prop::collection::vec(0_i64..40, 0..4);
    (unit, level, [column(), column(), column(), column(), column()], by(), by(), times).prop_map(
        |(unit, level, [total, own, superior, appraised, before], superior_by, appraised_by, days)| {
            SignalRow {
                unit: unit.into(),
                subject: String::new(),
                level,
                total,
                own,
                superior,
                appraised,
                superior_by,
                appraised_by,
                entered_at: days.into_iter().map(|day| day * 86_400).collect(),
                entry_ends: 30 * 86_400,
                before: BTreeMap::from([("2022-10".parse().unwrap(), Standing { total: before, level })]),
            }
        },
    )
}

fn any_rows() -> impl Strategy<Value = Vec<SignalRow>> {
    prop::collection::vec(any_row(), 0..20).prop_map(|mut rows| {
        rows.iter_mut().enumerate().for_each(|(at, row)| row.subject = at.to_string());
        rows
    })
}

proptest! {
    #[test]
    fn the_order_of_the_rows_does_not_matter(
        (rows, shuffled) in any_rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        prop_assert_eq!(all(&rows), all(&shuffled));
    }

    #[test]
    fn shares_are_percentages_a_deviation_is_at_most_half_the_range_and_few_have_no_figure(rows in any_rows()) {
        for signal in all(&rows) {
            let share = figure(&signal, FigureName::Share).unwrap_or(whole(0));
            prop_assert!(share >= whole(0) && share <= whole(100), "{signal:?}");
            if let Some(deviation) = figure(&signal, FigureName::MeanDeviation) {
                prop_assert!(mul(deviation, whole(2)).ok() <= figure(&signal, FigureName::Range), "{signal:?}");
            }
            prop_assert!(signal.kind == SignalKind::Change || signal.figures.is_empty() == (signal.subjects < SUBJECTS_MIN));
            prop_assert!(signal.text.en.ends_with("they change no score."));
        }
    }

    #[test]
    fn severities_weighed_by_their_sheets_even_out(
        mild in prop::collection::vec([0_i32..=100, 0..=100], SUBJECTS_MIN..10),
        severe in prop::collection::vec([0_i32..=100, 0..=100], SUBJECTS_MIN..10),
    ) {
        let sheet = |by: &str, [own, appraised]: [i32; 2]| SignalRow {
            own: Some(Points::whole(own)),
            appraised: Some(Points::whole(appraised)),
            appraised_by: Some(by.into()),
            ..SignalRow::default()
        };
        let sheets = |by, columns: Vec<[i32; 2]>| columns.into_iter().map(move |columns| sheet(by, columns));
        let signals = all(&sheets("mild", mild).chain(sheets("severe", severe)).collect::<Vec<_>>());
        let weighed = signals.iter().filter(|signal| signal.kind == SignalKind::Severity).map(|signal| {
            mul(figure(signal, FigureName::Difference).unwrap(), whole(signal.subjects as i128)).unwrap()
        });
        prop_assert_eq!(sum(weighed), Ok(whole(0)));
    }
}
