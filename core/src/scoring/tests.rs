//! Laws of scoring, on the shipped sets and on sets that are made by chance.

use proptest::prelude::*;

use super::exact::round;
use super::testing::{
    any_answers, any_set, any_sheet, as_counted, full, points, products, raised, set, terms, total_of,
};
use super::*;
use crate::points::{Exact, Points};
use crate::ruleset::{
    Band, ClassifyOn, Criterion, Definition, Denominator, Group, Rounding, RoundingAt, RoundingMode, Rule,
    Ruleset,
};
use crate::view::{Column, CriterionKind, Measure};

const WORK: u16 = 11;

fn half_up(decimals: u8) -> Rounding {
    Rounding { decimals, mode: RoundingMode::HalfUp, classify_on: ClassifyOn::Rounded, ..Rounding::SHOWN }
}

#[test]
fn what_may_not_be_entered_says_what_may() {
    let set = set("demo-a");
    let criterion = set.criterion(4).unwrap();
    let says = |text| parse_points(criterion, text).map_err(|error| error.message().vi);
    assert_eq!(says(" 8,5 "), Ok(points("8.5")));
    assert_eq!(says("10,5"), Err("Điểm tối đa của tiêu chí này là 10.".into()));
    assert_eq!(says("99999999999"), Err("Điểm tối đa của tiêu chí này là 10.".into()));
    assert_eq!(says("8,3"), Err("Điểm phải theo bước 0,5: ví dụ 8 hoặc 8,5.".into()));
    assert_eq!(says("-1"), Err("Điểm không được nhỏ hơn 0.".into()));
    assert_eq!(says("-99999999999"), Err("Điểm không được nhỏ hơn 0.".into()));
    assert_eq!(says("tám"), Err("Điểm phải là số: ví dụ 8,5.".into()));
    assert_eq!(says("8,00001"), Err("Điểm có nhiều nhất 4 chữ số thập phân: ví dụ 8,25.".into()));
    assert_eq!(parse_quantity("một"), Err(InputError::QuantityNotANumber));
    assert_eq!(parse_quantity("-1"), Err(InputError::NegativeQuantity));
    assert_eq!(parse_quantity("1000000,5"), Err(InputError::HugeQuantity));
    assert_eq!(parse_quantity("1000000"), Ok(QUANTITY_MAX));
    assert_eq!(parse_quantity("99999999999999"), Err(InputError::HugeQuantity));
    assert_eq!(parse_quantity("-99999999999999"), Err(InputError::NegativeQuantity));
}

#[test]
fn the_largest_figure_may_be_entered_and_no_larger_one() {
    let most = points("12.5");
    let rule = Rule::Figure { most, unit: Default::default() };
    let criterion = Criterion { rule, step: points("0.5"), ..set("demo-a").criterion(1).unwrap().clone() };
    assert_eq!(check_points(&criterion, most), Ok(()));
    assert_eq!(check_points(&criterion, points("13")), Err(InputError::FigureAboveMost { most }));
    assert_eq!(parse_points(&criterion, "12,5"), Ok(most));
    let times = Criterion { rule: Rule::Count { each: most }, ..criterion };
    assert_eq!(check_points(&times, TIMES_MAX), Ok(()));
    let above = Points(TIMES_MAX.0 + Points::SCALE);
    assert_eq!(check_points(&times, above), Err(InputError::FigureAboveMost { most: TIMES_MAX }));
}

#[test]
fn a_band_takes_the_points_from_its_least_to_its_most() {
    let band = |from: &str, least: &str, most: &str| Band {
        from: points(from),
        least: points(least),
        most: points(most),
    };
    let bands = [band("50", "6", "8"), band("0", "0", "5")];
    let off = InputError::OffBand { percent: points("50"), least: points("6"), most: points("8") };
    for (entered, expected) in [("6", Ok(())), ("8", Ok(())), ("5.5", Err(off)), ("8.5", Err(off))] {
        assert_eq!(check_band(&bands, Some(points("50")), points(entered)), expected, "{entered}");
    }
    assert!(check_band(&bands, Some(points("49.9999")), points("5.5")).is_err(), "of the band below");
    assert_eq!(check_band(&bands, None, points("8.5")), Ok(()), "nothing is known to measure against");
}

#[test]
fn work_takes_no_points_and_points_take_no_work() {
    let set = set("nd335-staff");
    assert_eq!(parse_points(set.criterion(WORK).unwrap(), "70"), Err(InputError::Computed));
    let mut answers = full(&set);
    answers.quantities.insert((1, 1, Measure::Assigned), Points::ZERO);
    assert_eq!(total_of(&set, &answers, &products()), Err(ScoringError::TakesPoints { criterion: 1 }));
}

#[test]
fn an_answer_that_does_not_fit_is_named_and_never_left_out() {
    let set = set("nd335-staff");
    let code = |change: &dyn Fn(&mut Answers)| {
        let mut answers = full(&set);
        change(&mut answers);
        total_of(&set, &answers, &products()).unwrap_err().message().vi
    };
    assert_eq!(code(&|a| a.points.insert(99, Points::ZERO)), "Bộ tiêu chí không có tiêu chí số 99.");
    let unknown = "Tiêu chí số 11: danh mục sản phẩm của đơn vị không có sản phẩm số 9.";
    assert_eq!(code(&|a| a.quantities.extend([((WORK, 9, Measure::Assigned), Points::ZERO)])), unknown);
    assert_eq!(
        code(&|a| a.points.insert(1, points("6"))),
        "Tiêu chí số 1: Điểm tối đa của tiêu chí này là 5."
    );
    let doubled = [products(), products()].concat();
    assert_eq!(total_of(&set, &full(&set), &doubled), Err(ScoringError::DuplicateProduct { product: 1 }));
    let mut free = products();
    free[0].coefficient = Points::ZERO;
    assert_eq!(total_of(&set, &full(&set), &free), Err(ScoringError::Coefficient { product: 1 }));
    free[0].coefficient = COEFFICIENT_MAX;
    assert_eq!(total_of(&set, &full(&set), &free).map(drop), Ok(()));
    free[0].coefficient = Points(COEFFICIENT_MAX.0 + 1);
    assert_eq!(total_of(&set, &full(&set), &free), Err(ScoringError::Coefficient { product: 1 }));
}

#[test]
fn a_total_refuses_exactly_what_a_field_refuses() {
    for set in crate::org::testing::SHIPPED.iter() {
        let (answers, products) = (full(set), products());
        let mut foreign = answers.clone();
        foreign.points.insert(9999, Points::ZERO);
        let unknown = Err(ScoringError::UnknownCriterion { criterion: 9999 });
        assert_eq!(total_of(set, &foreign, &products), unknown, "{}", set.id());
        for criterion in set.criteria().filter(|criterion| criterion.kind() != CriterionKind::Work) {
            let (number, most) = (criterion.number, criterion.most());
            let beside = [Points::whole(-1), Points::ZERO, points("0.5"), Points::whole(1), most];
            for figure in beside.into_iter().chain([Points(most.0 + 1), Points(most.0 + Points::SCALE)]) {
                let mut answers = answers.clone();
                answers.points.insert(number, figure);
                let refused = check_points(criterion, figure).err();
                let refused = refused.map(|error| ScoringError::Input { criterion: number, error });
                assert_eq!(
                    total_of(set, &answers, &products).err(),
                    refused,
                    "{} {number}: {figure}",
                    set.id()
                );
            }
        }
    }
}

#[test]
fn a_condition_sees_the_criterion_that_it_names_and_of_work_its_points() {
    let mut definition: Definition = set("nd335-staff").into();
    definition.groups[0].criteria[0].number = 40;
    let set = Ruleset::try_from(definition).unwrap();
    let (products, columns) = (products(), as_counted(&set, &full(&set)));
    let plan = Plan::new(terms(&set, &products)).unwrap();
    let figure = |number| plan.figure(&columns, &set.counting, number).unwrap();
    assert_eq!([1, 2, 40].map(figure), [None, Some(points("5").exact()), Some(points("5").exact())]);
    assert_eq!(figure(WORK), Some(points("70").exact()));
}

#[test]
fn nothing_assigned_is_not_enough_data() {
    let set = set("nd335-staff");
    let mut answers = full(&set);
    answers.quantities.insert((WORK, 1, Measure::Assigned), Points::ZERO);
    assert_eq!(total_of(&set, &answers, &products()).unwrap().total, None);
    answers = full(&set);
    answers.quantities.insert((WORK, 2, Measure::Completed), Points::whole(1));
    let total = total_of(&set, &answers, &products()).unwrap();
    assert_eq!(total.total, Some(Points::whole(100)), "a line without an assigned quantity does not count");
}

#[test]
fn the_largest_figures_are_computed_or_refused_and_never_wrong() {
    let set = set("nd335-staff");
    let mut answers = full(&set);
    answers.quantities.clear();
    let products: Products = (1..=500)
        .map(|number| Product {
            number,
            coefficient: Points(COEFFICIENT_MAX.0 - i64::from(number)),
            ..products()[0].clone()
        })
        .collect();
    for product in 1..=500 {
        for measure in [Measure::Assigned, Measure::Completed, Measure::QualityOk, Measure::OnTime] {
            answers.quantities.insert((WORK, product, measure), Points(QUANTITY_MAX.0 - i64::from(product)));
        }
    }
    assert_eq!(
        total_of(&set, &answers, &products).unwrap().exact.map(|exact| exact.to_string()).as_deref(),
        Some("100/1")
    );
    assert_eq!(
        exact::mul(Exact::from_integer(i128::MAX), Exact::from_integer(2)),
        Err(ScoringError::Overflow)
    );
    assert_eq!(round(Exact::from_integer(i128::MAX), half_up(2)), Err(ScoringError::Overflow));
}

#[test]
fn the_own_column_never_counts() {
    let set = set("demo-a");
    let columns = Columns::from_iter([(Column::Own, full(&set))]);
    let total = total(&Plan::new(terms(&set, &[])).unwrap(), &columns, &set.counting).unwrap();
    assert!(total.points.is_empty() && total.columns.is_empty() && total.provisional);
}

#[test]
fn work_counts_whole_from_the_first_column_that_is_complete() {
    let mut definition: Definition = set("nd335-staff").into();
    definition.columns.push(Column::Appraised);
    definition.counting.insert(0, Column::Appraised);
    let set = Ruleset::try_from(definition).unwrap();
    let mut appraised = full(&set);
    appraised.quantities.remove(&(WORK, 1, Measure::OnTime));
    let columns = Columns::from_iter([(Column::Superior, full(&set)), (Column::Appraised, appraised)]);
    let products = products();
    let total = total(&Plan::new(terms(&set, &products)).unwrap(), &columns, &set.counting).unwrap();
    assert_eq!(
        total.columns.get(&WORK),
        Some(&Column::Superior),
        "the appraised quantities are not complete"
    );
    assert_eq!(total.columns.get(&1), Some(&Column::Appraised));
    assert_eq!(
        total.points[&WORK],
        set.criterion(WORK).unwrap().max,
        "no quantity of the other column is mixed in"
    );
    assert!(total.provisional);
}

#[test]
fn a_bonus_is_never_missing_and_capped() {
    let set = set("demo-c");
    let mut answers = full(&set);
    let without = total_of(&set, &answers, &[]).unwrap();
    assert_eq!((without.total, without.possible), (Some(points("90")), points("100")));
    assert_eq!((without.answered, without.criteria), (6, 6));
    for (number, bonus) in [(7, "5"), (8, "4"), (9, "3")] {
        answers.points.insert(number, points(bonus));
    }
    let with = total_of(&set, &answers, &[]).unwrap();
    assert_eq!((with.total, with.bonus), (Some(points("100")), points("10")), "12 of bonus, 10 count");
}

/// A set with something changed in its file.
fn changed(code: &str, change: impl FnOnce(&mut Definition)) -> Ruleset {
    let mut definition: Definition = set(code).into();
    change(&mut definition);
    definition.try_into().unwrap()
}

#[test]
fn of_work_that_nobody_completed_nothing_is_good_or_on_time() {
    let set = changed("nd335-staff", |set| {
        if let Rule::ConvertedWork { denominator, .. } = &mut set.groups[3].criteria[0].rule {
            *denominator = Denominator::Completed;
        }
    });
    let mut answers = full(&set);
    for measure in [Measure::Completed, Measure::QualityOk, Measure::OnTime] {
        answers.quantities.insert((WORK, 1, measure), Points::ZERO);
    }
    assert_eq!(total_of(&set, &answers, &products()).unwrap().total, Some(points("30")));
}

#[test]
fn bonuses_and_deductions_are_shown_as_they_count_after_the_sets_own_caps() {
    let set = changed("ha-tinh-thang", |set| {
        (set.bonus_cap, set.penalty_cap) = (Some(points("4")), Some(points("20")));
    });
    let mut answers = full(&set);
    for (number, figure) in [(8, "3"), (9, "2"), (20, "3")] {
        answers.points.insert(number, points(figure));
        answers.noted.insert(number);
    }
    let total = total_of(&set, &answers, &[]).unwrap();
    assert_eq!((total.bonus, total.penalty, total.total), (points("4"), points("-20"), Some(points("79"))));
}

#[test]
fn a_figure_that_does_not_count_opens_no_band_and_meets_no_condition() {
    const PLAN_DONE: u16 = 6;
    const RESULT: u16 = 7;
    let figure = |set: &Ruleset, noted: bool, number| {
        let mut answers = full(set);
        answers.points.insert(PLAN_DONE, points("92"));
        answers.noted.clear();
        answers.noted.extend(noted.then_some(PLAN_DONE));
        let columns = Columns::from_iter([(Column::Appraised, answers)]);
        let plan = Plan::new(terms(set, &[])).unwrap();
        let total = total(&plan, &columns, &set.counting).unwrap();
        (plan.figure(&columns, &set.counting, number).unwrap(), total.points.get(&RESULT).copied())
    };
    let result = points("55").exact();
    let evident = changed("ha-tinh-thang", |set| set.groups[2].criteria[0].evidence = true);
    assert_eq!(figure(&evident, false, PLAN_DONE), (None, None));
    assert_eq!(figure(&evident, true, PLAN_DONE), (Some(points("92").exact()), Some(result)));
    let superiors =
        changed("ha-tinh-thang", |set| set.groups[2].criteria[0].columns = vec![Column::Superior]);
    assert_eq!(figure(&superiors, true, PLAN_DONE), (None, None), "the appraised column may not answer it");
    assert_eq!(figure(&superiors, true, RESULT), (None, None), "points outside of their band are no answer");
}

#[test]
fn what_can_still_be_reached_is_rounded_as_it_would_count() {
    let set = changed("nd335-leader", |set| {
        set.rounding = Rounding { at: RoundingAt::Criteria, mode: RoundingMode::Down, ..half_up(0) };
    });
    let mut answers = full(&set);
    for number in [12, 13, 14] {
        answers.points.remove(number);
    }
    let possible = total_of(&set, &answers, &products()).unwrap().possible;
    assert_eq!(possible, points("94"), "26 + 35, and three times 11 of 35/3");
}

/// Criteria with entered points, in a rule that takes points.
fn entered(set: &Ruleset, answers: &Answers) -> Vec<u16> {
    let points = |number: &u16| matches!(set.criterion(*number).unwrap().rule, Rule::Points);
    answers.points.as_slice().iter().map(|(number, _)| *number).filter(points).collect()
}

proptest! {
    #[test]
    fn raising_a_score_never_lowers_a_total((set, answers, pick) in any_set().prop_flat_map(|set| {
        (Just(set.clone()), any_answers(&set), any::<prop::sample::Index>())
    })) {
        let raised = raised(&set, &answers, pick);
        prop_assume!(raised.is_some());
        let before = total_of(&set, &answers, &products()).unwrap();
        let after = total_of(&set, &raised.unwrap(), &products()).unwrap();
        prop_assert!(after.sum >= before.sum && after.total >= before.total);
    }

    #[test]
    fn a_total_is_bounded_and_so_far_reaches_possible((set, answers) in any_set().prop_flat_map(|set| {
        (Just(set.clone()), any_answers(&set))
    })) {
        let total = total_of(&set, &answers, &products()).unwrap();
        prop_assert!(Points::ZERO <= total.so_far && total.so_far <= total.possible);
        prop_assert!(total.possible <= set.maximum());
        let of = |which: fn(&Group) -> bool| set.groups.iter().filter(|group| which(group)).map(|group| group.max.0).sum();
        let (bonus, penalty) = (Points(of(|group| group.bonus)), Points(of(|group| group.penalty)));
        prop_assert!(Points::ZERO <= total.bonus && total.bonus <= set.bonus_cap.unwrap_or(bonus));
        prop_assert!(total.penalty <= Points::ZERO && -total.penalty.0 <= set.penalty_cap.unwrap_or(penalty).0);
        prop_assert_eq!(total.total.is_some(), total.answered == total.criteria && set.has_points());
    }

    #[test]
    fn what_counts_is_exactly_what_comes_to_points((set, columns) in any_sheet()) {
        let products = products();
        let plan = Plan::new(terms(&set, &products)).unwrap();
        let whole = total(&plan, &columns, &set.counting).unwrap();
        prop_assert!(whole.points.keys().eq(whole.columns.keys()));
        for (number, column) in &whole.columns {
            prop_assert!(set.counting.contains(column));
            let evidence = |(at, answers): &(Column, Answers)| (*at, Answers { noted: answers.noted.clone(), ..Answers::default() });
            let others = columns.iter().filter(|(at, _)| at != column).map(evidence);
            let one: Columns = others.chain([(*column, columns.get(*column).unwrap().clone())]).collect();
            let banded = matches!(set.criterion(*number).unwrap().rule, Rule::Banded { .. });
            let alone = total(&plan, &one, &[*column]).unwrap();
            prop_assert!(banded || alone.points.get(number) == whole.points.get(number), "not mixed from two columns");
        }
        prop_assert!(whole.provisional || whole.total.is_some() || !set.has_points());
    }

    #[test]
    fn what_is_rounded_before_it_is_added_up_is_added_up_as_it_is_shown(
        (set, columns) in any_sheet(), decimals in 0_u8..3, criteria in any::<bool>(),
    ) {
        let at = if criteria { RoundingAt::Criteria } else { RoundingAt::Groups };
        let rounding = Rounding { at, ..half_up(decimals) };
        let set = Ruleset::try_from(Definition { rounding, ..set.into() }).unwrap();
        let products = products();
        let total = total(&Plan::new(terms(&set, &products)).unwrap(), &columns, &set.counting).unwrap();
        let shown = |exact: &Exact| round(*exact, rounding).unwrap().exact();
        for (group, of) in total.groups.iter().zip(&set.groups) {
            prop_assert_eq!(group.points, shown(&group.points));
            let points = of.criteria.iter().filter_map(|criterion| total.points.get(&criterion.number));
            let shown = points.map(|points| if criteria { shown(points) } else { *points });
            prop_assert_eq!(exact::sum(shown).unwrap(), group.uncapped);
        }
    }

    #[test]
    fn unanswered_is_not_zero((set, pick) in (any_set(), any::<prop::sample::Index>())) {
        let mut answers = full(&set);
        let scored = entered(&set, &answers);
        prop_assume!(!scored.is_empty());
        let number = scored[pick.index(scored.len())];
        answers.points.insert(number, Points::ZERO);
        let zero = total_of(&set, &answers, &products()).unwrap();
        answers.points.remove(number);
        let unanswered = total_of(&set, &answers, &products()).unwrap();
        prop_assert!(zero.total.is_some() && unanswered.total.is_none());
        prop_assert_eq!(zero.so_far, unanswered.so_far);
    }

    #[test]
    fn the_order_of_products_changes_nothing((set, columns) in any_sheet()) {
        let (products, reversed): (Products, Products) = (products(), products().into_iter().rev().collect());
        let one = |products| total(&Plan::new(terms(&set, products)).unwrap(), &columns, &set.counting);
        prop_assert_eq!(one(&products), one(&reversed));
    }

    #[test]
    fn the_order_of_groups_and_criteria_in_the_file_changes_no_figure((set, columns) in any_sheet()) {
        let mut turned: Definition = set.clone().into();
        turned.groups.reverse();
        turned.groups.iter_mut().for_each(|group| group.criteria.reverse());
        let turned = Ruleset::try_from(turned).unwrap();
        let products = products();
        let one = |set| total(&Plan::new(terms(set, &products)).unwrap(), &columns, &set.counting).unwrap();
        let (as_written, mut otherwise) = (one(&set), one(&turned));
        otherwise.groups.reverse();
        prop_assert_eq!(as_written, otherwise);
    }

    #[test]
    fn rounding_is_within_half_a_step_and_a_half_goes_up(numer in 0_i128..10_000_000, denom in 1_i128..10_000, decimals in 0_u8..=4) {
        let value = Exact::new(numer, denom).unwrap();
        let rounded = round(value, half_up(decimals)).unwrap().exact();
        let half = Exact::new(1, 2 * 10_i128.pow(decimals.into())).unwrap();
        let (above, below) = (exact::add(value, half).unwrap(), exact::add(rounded, half).unwrap());
        prop_assert!(rounded <= above && value < below);
        if let Some(points) = value.as_points() {
            prop_assert_eq!(round(value, half_up(4)).unwrap(), points);
        }
    }
}
