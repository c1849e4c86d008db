//! Laws of the quota: the limit is maximal, exactly those over it are named, and nobody is moved.

use proptest::prelude::*;

use crate::classify::{Quota, QuotaDenominator, QuotaLine, QuotaMember, QuotaRounding, QuotaScope, quota};
use crate::points::{Exact, Points};
use crate::view::Level;

const DENOMINATORS: [QuotaDenominator; 3] =
    [QuotaDenominator::GoodOnly, QuotaDenominator::GoodAndAbove, QuotaDenominator::AllRated];
const ROUNDINGS: [QuotaRounding; 3] = [QuotaRounding::Floor, QuotaRounding::HalfUp, QuotaRounding::Ceil];

fn law(denominator: QuotaDenominator, rounding: QuotaRounding) -> Quota {
    let scope = vec![QuotaScope::Agency];
    Quota { ratio: Points::whole(20), ratio_outstanding: Points::whole(25), denominator, rounding, scope }
}

fn member(key: u32, level: Level, value: i128) -> QuotaMember<u32> {
    QuotaMember { key, group: "tin".into(), level: Some(level), value: Some(Exact::from_integer(value)) }
}

/// `excellent` people from 100 points downwards, then `good` ones.
fn people(excellent: u32, good: u32) -> Vec<QuotaMember<u32>> {
    let level = |key| if key < excellent { Level::Htxsnv } else { Level::Httnv };
    (0..excellent + good).map(|key| member(key, level(key), 100 - i128::from(key))).collect()
}

fn agency(members: &[QuotaMember<u32>], law: &Quota, outstanding: bool) -> QuotaLine<u32> {
    quota(members, law, outstanding).into_iter().next().unwrap()
}

#[test]
fn the_table_of_readings_comes_out_exactly() {
    use QuotaDenominator::{AllRated, GoodAndAbove, GoodOnly};
    for (count, good_only, other) in
        [(5, [0, 1], [1, 1]), (6, [1, 1], [1, 1]), (10, [1, 2], [2, 2]), (30, [5, 6], [6, 7])]
    {
        for (denominator, limits) in [(GoodOnly, good_only), (GoodAndAbove, other), (AllRated, other)] {
            let law = law(denominator, QuotaRounding::Floor);
            let limit = |outstanding| agency(&people(count, 0), &law, outstanding).limit;
            assert_eq!([limit(false), limit(true)], limits, "{count} people, {denominator:?}");
        }
    }
}

#[test]
fn rounding_decides_over_a_part_of_a_person() {
    let limit =
        |rounding, good| agency(&people(1, good), &law(QuotaDenominator::AllRated, rounding), false).limit;
    // 20% of 7 is 1,4; of 8 it is 1,6; of 10 it is 2.
    assert_eq!(
        [limit(QuotaRounding::Floor, 6), limit(QuotaRounding::HalfUp, 6), limit(QuotaRounding::Ceil, 6)],
        [1, 1, 2]
    );
    assert_eq!(
        [limit(QuotaRounding::Floor, 7), limit(QuotaRounding::HalfUp, 7), limit(QuotaRounding::Ceil, 7)],
        [1, 2, 2]
    );
    assert_eq!(ROUNDINGS.map(|rounding| limit(rounding, 9)), [2, 2, 2], "a whole person is not rounded");
    let law = Quota { ratio: Points::whole(25), ..law(QuotaDenominator::AllRated, QuotaRounding::HalfUp) };
    assert_eq!(agency(&people(1, 5), &law, false).limit, 2, "exactly one and a half goes up");
}

#[test]
fn the_lowest_of_the_excellent_are_over_and_the_sentence_says_so() {
    let line = agency(&people(3, 7), &law(QuotaDenominator::GoodOnly, QuotaRounding::Floor), false);
    assert_eq!((line.limit, line.over.as_slice(), line.tied), (1, [1, 2].as_slice(), false));
    assert_eq!(
        line.text.vi,
        "Toàn đơn vị: 3 người hoàn thành xuất sắc, 7 người hoàn thành tốt, 10 người được xếp loại; xuất sắc không quá \
         1 người (20% số người hoàn thành tốt, làm tròn xuống). 2 người vượt tỷ lệ; cấp có thẩm quyền quyết định, \
         phần mềm không tự hạ mức của ai."
    );
}

#[test]
fn everybody_who_is_tied_across_the_limit_is_named() {
    let mut members = people(3, 7);
    members[1].value = members[0].value;
    let line = agency(&members, &law(QuotaDenominator::GoodOnly, QuotaRounding::Floor), false);
    assert_eq!((line.over.as_slice(), line.tied), ([0, 1, 2].as_slice(), true));
    assert!(
        line.text.en.ends_with("People at the limit have equal values: all of them are named."),
        "{}",
        line.text.en
    );
    members[1].value = members[2].value;
    let line = agency(&members, &law(QuotaDenominator::GoodOnly, QuotaRounding::Floor), false);
    assert_eq!(
        (line.over.as_slice(), line.tied),
        ([1, 2].as_slice(), false),
        "equal, but both behind the limit"
    );
}

#[test]
fn somebody_excellent_with_nobody_good_breaks_the_quota() {
    let line = agency(&people(1, 0), &law(QuotaDenominator::GoodOnly, QuotaRounding::Ceil), true);
    assert_eq!((line.is_kept(), line.over.as_slice()), (false, [0].as_slice()));
    assert!(line.text.en.contains("Nobody is good while somebody is excellent"), "{}", line.text.en);
}

#[test]
fn nobody_excellent_and_nobody_good_is_nothing_to_remark_on() {
    let line =
        agency(&[member(0, Level::Htnv, 60)], &law(QuotaDenominator::GoodOnly, QuotaRounding::Floor), false);
    assert!(line.is_kept() && line.text.en.ends_with("rounded down)."), "{}", line.text.en);
}

#[test]
fn a_level_without_points_comes_after_those_with_points() {
    let mut members = people(2, 5);
    members[0].value = None;
    let line = agency(&members, &law(QuotaDenominator::GoodOnly, QuotaRounding::Floor), false);
    assert_eq!((line.limit, line.over.as_slice()), (1, [0].as_slice()));
}

#[test]
fn each_group_of_similar_tasks_keeps_it_by_itself() {
    let mut members = people(2, 10);
    members[1].group = "múa".into();
    let scope = vec![QuotaScope::Agency, QuotaScope::SimilarTasks];
    let law = Quota { scope, ..law(QuotaDenominator::GoodOnly, QuotaRounding::Floor) };
    let lines = quota(&members, &law, false);
    let said: Vec<_> = lines.iter().map(|line| (line.group.as_deref(), line.limit, line.is_kept())).collect();
    assert_eq!(said, [(None, 2, true), (Some("múa"), 0, false), (Some("tin"), 1, true)]);
}

#[test]
fn a_quota_that_is_no_percentage_is_invalid() {
    let valid = law(QuotaDenominator::GoodOnly, QuotaRounding::Floor);
    assert!(valid.is_valid());
    assert!(Quota { ratio: valid.ratio_outstanding, ..valid.clone() }.is_valid());
    assert!(Quota { scope: vec![QuotaScope::SimilarTasks, QuotaScope::Agency], ..valid.clone() }.is_valid());
    assert!(Quota { ratio: Points::ZERO, ratio_outstanding: Points::whole(100), ..valid.clone() }.is_valid());
    for invalid in [
        Quota { ratio: Points(-1), ..valid.clone() },
        Quota { ratio_outstanding: Points(100 * Points::SCALE + 1), ..valid.clone() },
        Quota { ratio: Points::whole(26), ..valid.clone() },
        Quota { scope: vec![], ..valid.clone() },
        Quota { scope: vec![QuotaScope::Agency; 2], ..valid.clone() },
        Quota { scope: vec![QuotaScope::SimilarTasks; 2], ..valid.clone() },
    ] {
        assert!(!invalid.is_valid(), "{invalid:?}");
    }
}

/// rounded(ratio × denominator) by division, as a person would do it.
fn share(ratio: Points, denominator: u32, rounding: QuotaRounding) -> u32 {
    let (whole, rest) = {
        let product = ratio.0 * i64::from(denominator);
        (product / 1_000_000, product % 1_000_000)
    };
    let up = match rounding {
        QuotaRounding::Floor => false,
        QuotaRounding::HalfUp => rest >= 500_000,
        QuotaRounding::Ceil => rest > 0,
    };
    whole as u32 + u32::from(up)
}

fn any_members() -> impl Strategy<Value = Vec<QuotaMember<u32>>> {
    let level = prop::sample::select(vec![
        None,
        Some(Level::Htxsnv),
        Some(Level::Htxsnv),
        Some(Level::Httnv),
        Some(Level::Htnv),
    ]);
    prop::collection::vec((level, 88_i128..100, prop::sample::select(vec!["múa", "tin"])), 0..40).prop_map(
        |people| {
            let member = |(key, (level, value, group)): (usize, (Option<Level>, i128, &str))| QuotaMember {
                key: key as u32,
                group: group.into(),
                level,
                value: Some(Exact::new(value, 3).unwrap()),
            };
            people.into_iter().enumerate().map(member).collect()
        },
    )
}

fn any_quota() -> impl Strategy<Value = Quota> {
    let (denominator, rounding) = (prop::sample::select(&DENOMINATORS), prop::sample::select(&ROUNDINGS));
    (0_i64..=1_000_000, denominator, rounding).prop_map(|(ratio, denominator, rounding)| Quota {
        ratio: Points(ratio),
        ratio_outstanding: Points(ratio),
        denominator,
        rounding,
        scope: vec![QuotaScope::Agency, QuotaScope::SimilarTasks],
    })
}

proptest! {
    #[test]
    fn the_limit_is_the_largest_number_that_fits(members in any_members(), law in any_quota()) {
        for line in quota(&members, &law, false) {
            let fits = |x: u32| {
                let denominator = match law.denominator {
                    QuotaDenominator::GoodOnly => match (line.excellent + line.good).checked_sub(x) {
                        Some(good) => good,
                        None => return false,
                    },
                    QuotaDenominator::GoodAndAbove => line.excellent + line.good,
                    QuotaDenominator::AllRated => line.rated,
                };
                x <= share(law.ratio, denominator, law.rounding)
            };
            prop_assert!(fits(line.limit), "{line:?}");
            prop_assert!((line.limit + 1..=line.rated).all(|x| !fits(x)), "{line:?}");
        }
    }

    #[test]
    fn exactly_those_over_the_limit_and_their_equals_are_named(members in any_members(), law in any_quota()) {
        for line in quota(&members, &law, false) {
            let here = |member: &&QuotaMember<u32>| line.group.as_ref().is_none_or(|group| *group == member.group);
            let excellent: Vec<_> =
                members.iter().filter(here).filter(|member| member.level == Some(Level::Htxsnv)).collect();
            // Over is who has as many colleagues at least as good, himself too, as the limit leaves no room for.
            let at_least = |value| excellent.iter().filter(|other| other.value >= value).count() as u32;
            let named = |member: &&&QuotaMember<u32>| at_least(member.value) > line.limit;
            let mut expected: Vec<u32> = excellent.iter().filter(named).map(|member| member.key).collect();
            let mut over = line.over.clone();
            expected.sort();
            over.sort();
            prop_assert_eq!(&over, &expected);
            prop_assert_eq!(line.is_kept(), line.excellent <= line.limit);
            let none_tied = line.over.len() as u32 == line.excellent.saturating_sub(line.limit);
            prop_assert_eq!(line.tied, !none_tied);
        }
    }

    #[test]
    fn the_order_of_the_members_does_not_matter(
        (members, shuffled) in any_members().prop_flat_map(|members| (Just(members.clone()), Just(members).prop_shuffle())),
        law in any_quota(),
    ) {
        prop_assert_eq!(quota(&members, &law, false), quota(&shuffled, &law, false));
    }

    #[test]
    fn putting_out_who_is_over_keeps_the_law_s_quota(members in any_members(), ratio in 0_i64..=1_000_000) {
        let law = Quota { ratio: Points(ratio), ratio_outstanding: Points(ratio), ..law(QuotaDenominator::GoodOnly, QuotaRounding::Floor) };
        let line = quota(&members, &law, false).into_iter().next();
        let over = line.map(|line| line.over).unwrap_or_default();
        let moved = |member: &QuotaMember<u32>| {
            let level = if over.contains(&member.key) { Some(Level::Httnv) } else { member.level };
            QuotaMember { level, ..member.clone() }
        };
        let after: Vec<_> = members.iter().map(moved).collect();
        prop_assert!(quota(&after, &law, false).iter().all(QuotaLine::is_kept));
    }
}
