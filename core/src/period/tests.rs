//! Forms of periods, their order, and the calendar of ISO weeks.

use super::*;
use crate::mutation::{edits, mutated_text};
use proptest::prelude::*;

#[test]
fn a_period_has_a_name_that_people_say() {
    for (text, vi, en) in [
        ("2022", "năm 2022", "year 2022"),
        ("2022-03", "tháng 03/2022", "month 03/2022"),
        ("2022-Q4", "quý IV/2022", "quarter IV/2022"),
        ("2026-W07", "tuần 07/2026", "week 07/2026"),
    ] {
        let name = period(text).name();
        assert_eq!((name.vi.as_str(), name.en.as_str()), (vi, en));
    }
}

#[test]
fn text_and_number_are_one_to_one() {
    for text in
        ["2022-01", "2022-12", "2026-Q1", "2026-Q4", "2026", "2999-12", "2026-W07", "2020-W53", "2999-W52"]
    {
        let period: Period = text.parse().unwrap();
        assert_eq!(period.to_string(), text);
        assert_eq!(Period::from_number(period.to_number()), Ok(period));
    }
}

#[test]
fn what_is_not_a_period_is_refused() {
    for text in [
        "", "2022-1", "2022-13", "2022-00", "2022-Q0", "2022-Q5", "1999-01", "3000", "22-01", "2022-+1",
        "2022-W1", "2022-W00", "2022-W53", "2020-W54", "1999-W52", "2022-w07", "2022-", "2022-Ü",
    ] {
        assert_eq!(text.parse::<Period>(), Err(InvalidPeriod), "{text:?}");
    }
}

#[test]
fn a_month_or_a_week_out_of_range_is_refused() {
    for (year, number) in [(1999, 1), (3000, 1), (2022, 0), (2022, 13)] {
        assert_eq!(Period::month(year, number), Err(InvalidPeriod), "{year} {number}");
    }
    for (year, number) in
        [(1999, 1), (3000, 1), (2022, 0), (2022, 53), (2020, 54), (2022, 200), (u16::MAX, 1)]
    {
        assert_eq!(Period::week(year, number), Err(InvalidPeriod), "{year} {number}");
    }
}

#[test]
fn a_quarter_is_three_months_and_a_year_twelve() {
    for (period, months) in [
        ("2022-11", ["2022-11", "2022-11"]),
        ("2022-Q1", ["2022-01", "2022-03"]),
        ("2022-Q4", ["2022-10", "2022-12"]),
        ("2022", ["2022-01", "2022-12"]),
    ] {
        assert_eq!(period.parse::<Period>().unwrap().months().map(|month| month.to_string()), months);
    }
}

#[test]
fn the_period_before_is_of_the_same_kind_and_the_first_has_none() {
    for (later, before) in [
        ("2022-01", "2021-12"),
        ("2022-02", "2022-01"),
        ("2022-Q1", "2021-Q4"),
        ("2022-Q3", "2022-Q2"),
        ("2001", "2000"),
        ("2026-W07", "2026-W06"),
        ("2021-W01", "2020-W53"),
        ("2022-W01", "2021-W52"),
        ("2000-W02", "2000-W01"),
    ] {
        assert_eq!(period(later).previous(), Some(period(before)), "{later}");
    }
    for first in ["2000", "2000-01", "2000-Q1", "2000-W01"] {
        assert_eq!(period(first).previous(), None, "{first}");
    }
}

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

fn texts(periods: Vec<Period>) -> Vec<String> {
    periods.into_iter().map(|period| period.to_string()).collect()
}

#[test]
fn the_numbers_on_the_wire_stay_as_they_were_and_weeks_come_behind() {
    let numbers = ["2022", "2022-01", "2022-12", "2022-Q1", "2022-Q4", "2022-W01", "2020-W53"];
    assert_eq!(
        numbers.map(|text| period(text).to_number()),
        [2816, 2817, 2828, 2833, 2836, 2881, 2677],
        "22 × 128 and the part; 20 × 128 + 64 + 53"
    );
    for number in [2829, 2832, 2837, 2880, 2881 + 52, 22 * 128 + 127] {
        assert_eq!(Period::from_number(number), Err(InvalidPeriod), "{number}");
    }
}

#[test]
fn a_week_has_the_months_of_its_monday_and_its_sunday() {
    for (week, months) in [
        ("2026-W07", ["2026-02", "2026-02"]),
        ("2026-W05", ["2026-01", "2026-02"]),
        ("2026-W01", ["2025-12", "2026-01"]),
        ("2020-W53", ["2020-12", "2021-01"]),
        ("2000-W01", ["2000-01", "2000-01"]),
        ("2999-W52", ["2999-12", "2999-12"]),
    ] {
        assert_eq!(period(week).months().map(|month| month.to_string()), months, "{week}");
    }
}

#[test]
fn years_that_begin_or_end_on_a_thursday_have_53_weeks() {
    let long = (2000..=2032).filter(|&year| Period::week(year, 53).is_ok()).collect::<Vec<_>>();
    assert_eq!(long, [2004, 2009, 2015, 2020, 2026, 2032]);
    assert_eq!(period("2026").parts(PartKind::Week).len(), 53);
    assert_eq!(period("2025").parts(PartKind::Week).len(), 52);
}

#[test]
fn longer_periods_are_made_of_shorter_ones() {
    assert_eq!(texts(period("2026").parts(PartKind::Quarter)), ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]);
    assert_eq!(texts(period("2026-Q2").parts(PartKind::Month)), ["2026-04", "2026-05", "2026-06"]);
    assert_eq!(period("2026").parts(PartKind::Month).len(), 12);
    for (whole, of) in [
        ("2026-Q1", PartKind::Quarter),
        ("2026-01", PartKind::Quarter),
        ("2026-01", PartKind::Month),
        ("2026-W01", PartKind::Week),
    ] {
        assert_eq!(period(whole).parts(of), [], "{whole} is not longer than a {of:?}");
    }
}

#[test]
fn a_week_belongs_to_the_month_of_its_thursday() {
    // 1 January 2026 is a Thursday; 30 December 2024 begins 2025-W01.
    let weeks = |text: &str| texts(period(text).parts(PartKind::Week));
    assert_eq!(weeks("2026-01"), ["2026-W01", "2026-W02", "2026-W03", "2026-W04", "2026-W05"]);
    assert_eq!(weeks("2025-01")[0], "2025-W01");
    assert_eq!(weeks("2026-12").last().unwrap(), "2026-W53");
    assert_eq!(weeks("2026-Q1").len(), 13);
}

proptest! {
    #[test]
    fn the_weeks_of_months_and_of_quarters_are_the_weeks_of_the_year(year in 2000u16..3000) {
        let year = period(&year.to_string());
        let weeks = year.parts(PartKind::Week);
        for of in [PartKind::Month, PartKind::Quarter] {
            let parts = year.parts(of);
            let inner: Vec<_> = parts.iter().flat_map(|part| part.parts(PartKind::Week)).collect();
            prop_assert_eq!(&inner, &weeks);
        }
        prop_assert!(weeks.windows(2).all(|pair| pair[1].previous() == Some(pair[0]) && pair[0] < pair[1]));
    }

    #[test]
    fn any_text_or_number_is_a_period_or_refused(text in "\\PC{0,12}", number in any::<u64>(), small in 0u64..200_000) {
        prop_assert!(text.parse::<Period>().map_or(true, |period| period.to_string() == text));
        for number in [number, small] {
            prop_assert!(Period::from_number(number).map_or(true, |period| period.to_number() == number));
        }
    }

    #[test]
    fn a_mutated_period_is_refused_or_comes_back(month in 1u8..=12, year in 2000u16..3000, edits in edits()) {
        let text = mutated_text(&Period::month(year, month).unwrap().to_string(), &edits);
        if let Ok(period) = text.parse::<Period>() {
            prop_assert_eq!(period.to_string(), text);
            prop_assert_eq!(Period::from_number(period.to_number()), Ok(period));
        }
    }
}
