//! Laws of aggregation: what counts, what is named, and where the variants differ.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use crate::classify::{
    Aggregate, AggregateVariant, Aggregation, AggregationMethod, LevelScale, SubPeriod, TotalParts, aggregate,
};
use crate::period::{PartKind, Period};
use crate::points::{Exact, Points};
use crate::ruleset::{LevelFrom, Ruleset};
use crate::scoring::ScoringError;
use crate::scoring::exact::add;
use crate::scoring::testing::{points, set};
use crate::view::Level;

use AggregationMethod::{MeanAll, MeanRated, RatioOfSums};

static DECREE: LazyLock<Ruleset> = LazyLock::new(|| set("nd335-staff"));

fn scale(set: &Ruleset) -> LevelScale<'_> {
    LevelScale { levels: &set.levels, rounding: set.rounding, work_max: Points::whole(70) }
}

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

fn by(
    method: AggregationMethod,
    of: PartKind,
    whole: &str,
    known: &BTreeMap<Period, SubPeriod>,
) -> Aggregate {
    aggregate(&Aggregation { of, method }, period(whole), known, scale(&DECREE)).unwrap()
}

fn total(total: &str) -> SubPeriod {
    SubPeriod { total: Some(points(total).exact()), ..SubPeriod::default() }
}

fn not_rated() -> SubPeriod {
    SubPeriod { not_rated: true, ..total("95") }
}

/// Months of 2022 from January on.
fn months(known: impl IntoIterator<Item = SubPeriod>) -> BTreeMap<Period, SubPeriod> {
    period("2022").parts(PartKind::Month).into_iter().zip(known).collect()
}

/// Eleven months with 966,5 points in all.
fn eleven_months() -> BTreeMap<Period, SubPeriod> {
    months((0..10).map(|_| total("87.9")).chain([total("87.5")]))
}

fn figures(variant: &AggregateVariant) -> (String, Option<Level>) {
    (variant.rounded.map(|rounded| rounded.to_string()).unwrap_or_default(), variant.level)
}

#[test]
fn twelve_or_eleven_months_are_two_results_and_both_are_shown() {
    let year = by(MeanAll, PartKind::Month, "2022", &eleven_months());
    assert_eq!(figures(&year.result), ("80.54".into(), Some(Level::Httnv)));
    assert_eq!(year.result.exact, Some(Exact::new(1933, 24).unwrap()));
    assert_eq!(year.others.iter().map(figures).collect::<Vec<_>>(), [("87.86".into(), Some(Level::Httnv))]);
    assert_eq!(year.result.missing, [period("2022-12")]);
    assert_eq!(year.result.notes[0].vi, "Chưa đủ dữ liệu, tính 0 điểm theo quy định này: tháng 12/2022.");
    assert_eq!(year.warning, None, "both are HTTNV");
    assert!(
        year.result.formula.vi.ends_with(" + 87,9 + 87,5) ÷ 12 ≈ 80,54 (= 1933/24)"),
        "{}",
        year.result.formula.vi
    );
    let rated = by(MeanRated, PartKind::Month, "2022", &eleven_months()).result;
    assert_eq!(rated.notes[0].vi, "Chưa đủ dữ liệu, không tính: tháng 12/2022.");
}

#[test]
fn a_mean_exactly_on_a_threshold_reaches_the_level() {
    let thirds = [269, 270, 271]
        .map(|thirds| SubPeriod { total: Some(Exact::new(thirds, 3).unwrap()), ..SubPeriod::default() });
    let quarter = by(MeanRated, PartKind::Month, "2022-Q1", &months(thirds)).result;
    assert_eq!((quarter.exact, quarter.level), (Some(Exact::from_integer(90)), Some(Level::Htxsnv)));
}

#[test]
fn where_twelve_and_eleven_months_are_different_levels_everybody_is_warned() {
    let level = |level, from| LevelFrom {
        level,
        from: Some(Points::whole(from)),
        below: None,
        label: None,
        conditions: Vec::new(),
        source: None,
    };
    let levels =
        [level(Level::Htxsnv, 95), level(Level::Httnv, 85), level(Level::Htnv, 50), level(Level::Khtnv, 0)];
    let aggregation = Aggregation { of: PartKind::Month, method: MeanRated };
    let scale = LevelScale { levels: &levels, ..scale(&DECREE) };
    let year = aggregate(&aggregation, period("2022"), &eleven_months(), scale).unwrap();
    assert_eq!(
        year.warning.unwrap().vi,
        "Các cách tổng hợp cho mức khác nhau, cần người có thẩm quyền xem xét: trung bình các kỳ được xếp loại: 87,86 → \
         Hoàn thành tốt nhiệm vụ; trung bình trên tất cả các kỳ: 80,54 → Hoàn thành nhiệm vụ"
    );
}

#[test]
fn a_period_that_is_not_rated_counts_nothing_or_zero_as_the_method_says() {
    let known = months((0..11).map(|_| total("91")).chain([not_rated()]));
    let year = by(MeanRated, PartKind::Month, "2022", &known);
    assert_eq!(figures(&year.result), ("91".into(), Some(Level::Htxsnv)));
    assert_eq!(year.result.not_rated, [period("2022-12")]);
    assert_eq!(year.result.notes[0].en, "Not rated, left out: month 12/2022.");
    let year = by(MeanAll, PartKind::Month, "2022", &known);
    assert_eq!(figures(&year.result), ("83.42".into(), Some(Level::Httnv)), "its 95 points count nowhere");
    assert_eq!(year.result.notes[0].en, "Not rated, counted as 0 points by this rule: month 12/2022.");
    assert!(year.warning.is_some());
}

#[test]
fn without_any_rated_period_there_is_no_value_and_no_level() {
    let rules = customs();
    for method in [MeanAll, MeanRated, RatioOfSums, rules] {
        for known in [months([]), months([not_rated(), SubPeriod::default()])] {
            let year = by(method.clone(), PartKind::Month, "2022", &known);
            assert_eq!(
                (year.result.exact, year.result.rounded, year.result.level),
                (None, None, None),
                "{method:?}"
            );
            assert_eq!(
                (year.result.formula.en.as_str(), year.result.left_to_people),
                ("Not enough data", false)
            );
            assert_eq!((year.others, year.warning), (vec![], None));
        }
    }
}

fn parts(common: &str, ratios: &[[i128; 2]]) -> SubPeriod {
    let exact = |pair: &[i128; 2]| pair.map(Exact::from_integer);
    let parts = TotalParts { common: points(common).exact(), ratios: ratios.iter().map(exact).collect() };
    SubPeriod { parts: Some(parts), ..SubPeriod::default() }
}

#[test]
fn sums_are_divided_and_the_common_part_is_the_mean_of_the_rated() {
    let known = months([
        parts("27", &[[9, 10], [8, 10], [8, 10]]),
        parts("28", &[[20, 20], [20, 20], [18, 20]]),
        parts("26.5", &[[1, 10], [1, 10], [1, 10]]),
    ]);
    let quarter = by(RatioOfSums, PartKind::Month, "2022-Q1", &known).result;
    // 163/6 + (30/40 + 29/40 + 27/40) ÷ 3 × 70 = 163/6 + 301/6
    assert_eq!(quarter.exact, Some(Exact::new(464, 6).unwrap()));
    assert_eq!(
        quarter.formula.vi,
        "(27 + 28 + 26,5) ÷ 3 + (30 ÷ 40 + 29 ÷ 40 + 27 ÷ 40) ÷ 3 × 70 ≈ 77,33 (= 232/3); mỗi tỷ lệ không quá 100%"
    );
    let common = |known| by(RatioOfSums, PartKind::Month, "2022-Q1", &known).result.exact;
    let without_work = [0, 0, 0].map(|done| [done, 10]);
    let known =
        months([parts("27", &without_work), parts("28", &without_work), parts("26.5", &without_work)]);
    assert_eq!(common(known), Some(Exact::new(163, 6).unwrap()), "27,17");
}

#[test]
fn a_ratio_of_sums_is_at_most_one_and_needs_something_to_measure_against() {
    let quarter = |known| by(RatioOfSums, PartKind::Month, "2022-Q1", &months(known)).result;
    assert_eq!(quarter(vec![parts("30", &[[12, 10]])]).exact, Some(Exact::from_integer(100)));
    for nothing in [
        vec![parts("30", &[[0, 0]])],
        vec![parts("30", &[])],
        vec![parts("30", &[[1, 1]]), parts("30", &[[1, 1], [1, 1]])],
        vec![total("30")],
    ] {
        assert_eq!(quarter(nothing.clone()).exact, None, "{nothing:?}");
    }
}

/// The customs' rule for a year, as SCORING.md ships it.
fn customs() -> AggregationMethod {
    let rules = r#"{"count_levels": [
        {"level": "HTXSNV", "conditions": [{"level": "HTXSNV", "at_least": 2}, {"level": "KHTNV", "at_most": 0}]},
        {"level": "KHTNV", "conditions": [{"level": "KHTNV", "at_least": 2}]},
        {"level": "HTTNV", "conditions": [{"level": "HTNV", "at_most": 2}, {"level": "KHTNV", "at_most": 1}]}]}"#;
    serde_json::from_str(rules).unwrap()
}

fn quarters(levels: [Option<Level>; 4]) -> BTreeMap<Period, SubPeriod> {
    let known = levels.map(|level| SubPeriod { level, ..SubPeriod::default() });
    period("2026").parts(PartKind::Quarter).into_iter().zip(known).collect()
}

#[test]
fn counting_levels_takes_the_first_rule_that_fits() {
    use Level::{Htnv as N, Httnv as T, Htxsnv as X, Khtnv as K};
    for (levels, expected) in [
        ([X, X, T, T], Some(X)),
        ([T, T, K, T], Some(T)),
        ([K, K, T, X], Some(K)),
        ([X, X, K, T], Some(T)),
        ([X, T, N, N], Some(T)),
        ([N, N, N, T], None),
        ([N, N, N, N], None),
    ] {
        let year = by(customs(), PartKind::Quarter, "2026", &quarters(levels.map(Some))).result;
        assert_eq!((year.level, year.left_to_people), (expected, expected.is_none()), "{levels:?}");
    }
    let judged = by(customs(), PartKind::Quarter, "2026", &quarters([N, N, N, T].map(Some))).result;
    assert_eq!(judged.notes[0].vi, "Không quy tắc nào khớp với các mức này: cấp có thẩm quyền quyết định.");
    assert_eq!(
        judged.formula.vi,
        "Hoàn thành xuất sắc nhiệm vụ: 0; Hoàn thành tốt nhiệm vụ: 1; Hoàn thành nhiệm vụ: 3; Không hoàn thành nhiệm vụ: 0"
    );
}

#[test]
fn a_quarter_that_is_missing_fits_no_at_most() {
    let quarters = quarters([Some(Level::Httnv), Some(Level::Httnv), Some(Level::Httnv), None]);
    let year = by(customs(), PartKind::Quarter, "2026", &quarters).result;
    assert_eq!((year.level, year.left_to_people), (None, false));
    assert_eq!(year.notes[0].en, "Not enough data, left out: quarter IV/2026.");
}

#[test]
fn a_year_of_fractions_beyond_128_bits_has_a_level_all_the_same() {
    let primes = [10007, 10009, 10037, 10039, 10061, 10067, 10069, 10079, 10091, 10093, 10099, 10103];
    let just = |offset: i128| {
        months(primes.map(|prime| {
            let total = Exact::new(90 * prime + offset, prime).unwrap();
            SubPeriod { total: Some(total), ..SubPeriod::default() }
        }))
    };
    let above = by(MeanRated, PartKind::Month, "2022", &just(1)).result;
    assert_eq!((above.exact, figures(&above)), (None, ("90".into(), Some(Level::Htxsnv))));
    assert!(above.formula.en.ends_with(" ÷ 12 ≈ 90"), "{}", above.formula.en);
    let below = by(MeanRated, PartKind::Month, "2022", &just(-1)).result;
    assert_eq!(figures(&below), ("90".into(), Some(Level::Httnv)), "89,9999 prints as 90 and is below it");
    // A few hundred-billionths from the threshold: twelve decimals tell the side, whatever the set rounds to.
    let near = |sign: i128| {
        months((1..=12).map(|month| {
            let denominator = 25_000_000_000 + 2 * month + 1;
            let total = Exact::new(90 * denominator + sign, denominator).unwrap();
            SubPeriod { total: Some(total), ..SubPeriod::default() }
        }))
    };
    for (sign, level) in [(1, Level::Htxsnv), (-1, Level::Httnv)] {
        let year = by(MeanRated, PartKind::Month, "2022", &near(sign)).result;
        assert_eq!((year.exact, year.level), (None, Some(level)));
    }
    // Pairs that cancel but for 10^-20: twelve decimals can't tell the side, and nobody guesses.
    let coprime = [100_000_007, 100_000_037, 100_000_039, 100_000_049, 100_000_073];
    let pairs = [1, -1]
        .into_iter()
        .flat_map(|sign| coprime.map(|prime| Exact::new(90 * prime + sign, prime).unwrap()));
    let on_the_edge = Exact::new(90 * 10_i128.pow(20) - 1, 10_i128.pow(20)).unwrap();
    let totals = pairs.chain([on_the_edge]);
    let known = months(totals.map(|total| SubPeriod { total: Some(total), ..SubPeriod::default() }));
    let aggregation = Aggregation { of: PartKind::Month, method: MeanRated };
    let edge = aggregate(&aggregation, period("2022"), &known, scale(&DECREE));
    assert_eq!(edge.unwrap_err(), ScoringError::Overflow);
}

#[test]
fn an_aggregation_is_data_and_refuses_what_it_does_not_know() {
    for (json, valid) in [
        (r#"{"of": "month", "method": "mean_all"}"#, true),
        (r#"{"of": "week", "method": "ratio_of_sums"}"#, true),
        (r#"{"of": "year", "method": "mean_all"}"#, false),
        (r#"{"of": "month", "method": "median"}"#, false),
        (r#"{"of": "month", "method": "mean_all", "weights": []}"#, false),
        (
            r#"{"of": "month", "method": {"count_levels": [{"level": "HTNV", "conditions": [], "else": "KHTNV"}]}}"#,
            false,
        ),
    ] {
        assert_eq!(serde_json::from_str::<Aggregation>(json).is_ok(), valid, "{json}");
    }
}

fn any_month() -> impl Strategy<Value = SubPeriod> {
    (prop::option::of(0_i128..=300), prop::bool::weighted(0.2)).prop_map(|(thirds, not_rated)| SubPeriod {
        total: thirds.map(|thirds| Exact::new(thirds, 3).unwrap()),
        not_rated,
        ..SubPeriod::default()
    })
}

proptest! {
    #[test]
    fn every_part_is_counted_or_named(known in prop::collection::vec(any_month(), 0..=12)) {
        let known = months(known);
        for method in [MeanAll, MeanRated, RatioOfSums, customs()] {
            let year = by(method, PartKind::Month, "2022", &known).result;
            let mut named = [year.counted, year.not_rated, year.missing].concat();
            named.sort();
            prop_assert_eq!(named, period("2022").parts(PartKind::Month));
        }
    }

    #[test]
    fn a_mean_over_the_rated_lies_between_them_and_above_the_mean_over_all(
        known in prop::collection::vec(any_month(), 1..=12),
    ) {
        let known = months(known);
        let rated: Vec<_> = known.values().filter(|month| !month.not_rated).filter_map(|month| month.total).collect();
        let mean = |method| by(method, PartKind::Month, "2022", &known).result.exact;
        prop_assert!(mean(MeanRated) >= rated.iter().min().copied());
        prop_assert!(mean(MeanRated) <= rated.iter().max().copied());
        prop_assert!(mean(MeanAll) <= mean(MeanRated));
        if rated.len() == 12 {
            prop_assert_eq!(mean(MeanAll), mean(MeanRated));
        }
    }

    #[test]
    fn a_better_month_never_makes_a_worse_year(
        known in prop::collection::vec(any_month(), 1..=12), at in any::<prop::sample::Index>(), gain in 0_i128..50,
    ) {
        let before = months(known);
        let mut after = before.clone();
        let at = at.get(&before.keys().copied().collect::<Vec<_>>()).to_owned();
        let month = after.get_mut(&at).unwrap();
        month.total = month.total.map(|total| add(total, Exact::new(gain, 7).unwrap()).unwrap());
        for method in [MeanAll, MeanRated] {
            let year = |known| by(method.clone(), PartKind::Month, "2022", known).result;
            prop_assert!(year(&after).exact >= year(&before).exact);
            prop_assert!(year(&after).level >= year(&before).level);
        }
    }

    #[test]
    fn what_is_known_of_other_periods_changes_nothing(known in prop::collection::vec(any_month(), 12)) {
        let year = months(known);
        let quarter = year.clone().into_iter().take(3).collect();
        prop_assert_eq!(
            by(MeanAll, PartKind::Month, "2022-Q1", &year),
            by(MeanAll, PartKind::Month, "2022-Q1", &quarter)
        );
    }
}
