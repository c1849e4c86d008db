//! The shipped legal presets say what the collected facts say: levels, maxima, dates, trust, and what stands above the total.
//!
//! The table is a copy of the figures of the machine-readable presets of the domain research, by its ids.

#![expect(clippy::unwrap_used, reason = "what is wrong here fails the test")]

use std::sync::LazyLock;

use serde_json::json;
use unicode_normalization::UnicodeNormalization;
use xeploai_core::classify::{Facts, evaluate_facts};
use xeploai_core::points::Points;
use xeploai_core::ruleset::{
    Condition, Deduction, DeductionScope, Definition, Denominator, Effect, Problem, Rule, Ruleset, Standing,
    shipped, shipped_json,
};
use xeploai_core::view::{Level, Trust};

/// A preset as it was collected.
struct Preset {
    id: &'static str,
    set: &'static str,
    trust: Trust,
    valid: [Option<&'static str>; 2],
    /// Groups, by the beginnings of their codes, and what their maxima add up to.
    blocks: &'static [(&'static str, i32)],
    /// Where the three upper levels begin; none in a set without points.
    thresholds: Option<[i32; 3]>,
}

const THIRTY_SEVENTY: &[(&str, i32)] = &[("I.", 30), ("II", 70)];
const SHELL: &[(&str, i32)] = &[("I", 30), ("II", 70)];
const LAW: Option<[i32; 3]> = Some([90, 70, 50]);
const FROM_2026: [Option<&str>; 2] = [Some("2026-01-01"), None];
const FROM_366: [Option<&str>; 2] = [Some("2025-08-30"), None];
const OF_NĐ90: [Option<&str>; 2] = [Some("2020-08-20"), Some("2026-06-30")];
const NOT_KNOWN: [Option<&str>; 2] = [None, None];

#[rustfmt::skip]
const PRESETS: [Preset; 13] = [
    Preset { id: "ND335_CC_STAFF", set: "nd335-staff.2", trust: Trust::Press, valid: FROM_2026, blocks: THIRTY_SEVENTY, thresholds: LAW },
    Preset { id: "ND335_CC_LEADER", set: "nd335-leader.1", trust: Trust::Press, valid: FROM_2026, blocks: THIRTY_SEVENTY, thresholds: LAW },
    Preset { id: "ND233_VC", set: "nd233-vien-chuc.1", trust: Trust::Secondary, valid: [Some("2026-07-01"), None], blocks: SHELL, thresholds: LAW },
    Preset { id: "QD366_COLLECTIVE", set: "qd366-tap-the.1", trust: Trust::Press, valid: FROM_366, blocks: SHELL, thresholds: LAW },
    Preset { id: "QD366 leader", set: "qd366-lanh-dao.1", trust: Trust::Press, valid: FROM_366, blocks: SHELL, thresholds: LAW },
    Preset { id: "QD366 individual", set: "qd366-ca-nhan.1", trust: Trust::Press, valid: FROM_366, blocks: SHELL, thresholds: LAW },
    Preset { id: "ND90_VC", set: "nd90-vien-chuc.1", trust: Trust::Secondary, valid: OF_NĐ90, blocks: &[], thresholds: None },
    Preset { id: "ND90_VC manager", set: "nd90-vien-chuc-quan-ly.1", trust: Trust::Secondary, valid: OF_NĐ90, blocks: &[], thresholds: None },
    Preset { id: "HATINH_BQLDA_MONTH", set: "ha-tinh-thang.1", trust: Trust::Local, valid: NOT_KNOWN, blocks: &[("1", 20), ("2a", 20), ("2b", 55), ("3", 5), ("4", 30)], thresholds: Some([91, 71, 50]) },
    Preset { id: "R2 form 04", set: "thanh-hoa-nhan-vien.1", trust: Trust::Local, valid: NOT_KNOWN, blocks: THIRTY_SEVENTY, thresholds: LAW },
    Preset { id: "R2 form 03", set: "thanh-hoa-lanh-dao.1", trust: Trust::Local, valid: NOT_KNOWN, blocks: THIRTY_SEVENTY, thresholds: LAW },
    Preset { id: "R2 form 05", set: "thanh-hoa-hop-dong.1", trust: Trust::Local, valid: NOT_KNOWN, blocks: THIRTY_SEVENTY, thresholds: LAW },
    Preset { id: "R5", set: "quan-9.1", trust: Trust::Partial, valid: NOT_KNOWN, blocks: &[("I", 28)], thresholds: None },
];

static SHIPPED: LazyLock<Vec<Ruleset>> = LazyLock::new(|| shipped().unwrap());

fn set(id: &str) -> &'static Ruleset {
    SHIPPED.iter().find(|set| set.id().to_string() == id).unwrap()
}

/// The level that a set proposes for these answers in its first column that counts.
fn level(id: &str, points: serde_json::Value, position: serde_json::Value) -> (Option<Level>, bool) {
    let set = set(id);
    let column = serde_json::to_value(set.counting[0]).unwrap();
    let facts = json!({"columns": {column.as_str().unwrap(): {"points": points}}, "position": position});
    let evaluation = evaluate_facts(set, &serde_json::from_value::<Facts>(facts).unwrap()).unwrap();
    (evaluation.level, evaluation.not_rated)
}

/// How many gates force the lowest level.
fn forces(set: &Ruleset) -> usize {
    set.gates.iter().filter(|gate| gate.then == Effect::Force { level: Level::Khtnv }).count()
}

#[test]
fn every_preset_has_the_collected_figures() {
    for preset in PRESETS {
        let set = set(preset.set);
        let id = preset.id;
        assert_eq!(set.trust, preset.trust, "{id}");
        assert_eq!([set.valid_from.as_deref(), set.valid_to.as_deref()], preset.valid, "{id}");
        for (block, max) in preset.blocks {
            let groups = set.groups.iter().filter(|group| {
                let part = block.ends_with('.') && group.code.starts_with(block);
                part || group.code == *block
            });
            let sum: i64 = groups.map(|group| group.max.0).sum();
            assert_eq!(Points(sum), Points::whole(*max), "{id}: block {block}");
        }
        if let Some(thresholds) = preset.thresholds {
            let from: Vec<Points> = set.levels.iter().map(|level| level.from.unwrap()).collect();
            assert_eq!(from[..3], thresholds.map(Points::whole), "{id}");
            assert_eq!(set.maximum(), Points::whole(100), "{id}");
        }
    }
}

#[test]
fn every_shipped_set_is_in_the_table_or_demonstrates_or_is_an_older_version() {
    for set in SHIPPED.iter() {
        let listed = PRESETS.iter().any(|preset| preset.set == set.id().to_string());
        let older = set.id().to_string() == "nd335-staff.1";
        assert!(listed || older || set.trust == Trust::Demonstration, "{}", set.id());
    }
}

#[test]
fn what_is_not_known_of_a_preset_is_said_in_both_languages_in_nfc() {
    for (json, set) in shipped_json().into_iter().zip(SHIPPED.iter()) {
        assert!(json.nfc().eq(json.chars()), "{}", set.id());
        let says = set.trust == Trust::Demonstration || set.id().to_string() == "nd335-staff.1";
        assert!(says || !set.unknown.is_empty(), "{} says nothing of what is not known", set.id());
    }
}

#[test]
fn every_level_and_gate_of_a_preset_names_its_source() {
    for preset in PRESETS {
        let set = set(preset.set);
        assert!(set.levels.iter().all(|level| level.source.is_some()), "{}", preset.id);
        assert!(set.gates.iter().all(|gate| gate.source.is_some()), "{}", preset.id);
    }
}

#[test]
fn a_version_that_was_published_says_the_same_for_ever() {
    for (id, published) in [
        ("demo-a.1", "f12502fb8f7d60eb63a37144d7724a8c3abfbe2f6463f5d9992547aca59e5cb2"),
        ("demo-b.1", "364f1b0b9b42172bd709b35bea9cf539ee8357f5919b9f99fbb924c306ea0236"),
        ("demo-c.1", "adf47344ff0506c27c161d9ab8aa3157c3e4387d0856221faa830135d50fdab4"),
        ("demo-unit-staff.1", "3877b7ed0924445039aabcfcc5ef4a5b92ac2e4089eaf729c740eff69b86c117"),
        ("nd335-staff.1", "683c5e4ec8632e1b10c7bfacb5e11369d1c3252da4635d3851eb283823b2440e"),
    ] {
        let hash = set(id).content_hash();
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, published, "{id} changed: sheets that were scored under it would say something else");
    }
}

#[test]
fn converted_work_takes_25_percent_as_the_text_says() {
    for (id, max, denominator, scope) in [
        ("nd335-staff.2", "70", Denominator::Assigned, DeductionScope::Unit),
        ("nd335-leader.1", "35", Denominator::Assigned, DeductionScope::Unit),
        ("thanh-hoa-nhan-vien.1", "70", Denominator::Completed, DeductionScope::Line),
        ("thanh-hoa-lanh-dao.1", "35", Denominator::Completed, DeductionScope::Line),
        ("thanh-hoa-hop-dong.1", "70", Denominator::Completed, DeductionScope::Line),
    ] {
        let set = set(id);
        let works = |rule: &Rule| matches!(rule, Rule::ConvertedWork { .. });
        let work = set.criteria().find(|criterion| works(&criterion.rule)).unwrap();
        assert_eq!(work.max.as_points(), Some(Points::parse(max).unwrap()), "{id}");
        let Rule::ConvertedWork { denominator: of, deduction, .. } = work.rule.clone() else {
            unreachable!()
        };
        assert_eq!(of, denominator, "{id}");
        assert_eq!(deduction, Some(Deduction { percent: Points::whole(25), scope }), "{id}");
    }
}

#[test]
fn a_leaders_three_items_are_met_or_half_met() {
    for id in ["nd335-leader.1", "thanh-hoa-lanh-dao.1"] {
        let set = set(id);
        let half = Rule::TwoLevel { low: Points::whole(50) };
        let items: Vec<_> = set.criteria().filter(|criterion| criterion.rule == half).collect();
        assert_eq!(items.len(), 3, "{id}");
        assert!(items.iter().all(|item| item.max.parts() == (35, 3)), "{id}: a sixth of 70 each");
    }
}

#[test]
fn discipline_degradation_and_corruption_force_non_completion() {
    let forced = |id| forces(set(id));
    assert_eq!((forced("nd335-staff.2"), forced("nd335-leader.1")), (2, 3));
    assert_eq!((forced("qd366-lanh-dao.1"), forced("qd366-ca-nhan.1"), forced("qd366-tap-the.1")), (6, 2, 0));
    assert_eq!((forced("nd90-vien-chuc.1"), forced("thanh-hoa-nhan-vien.1")), (3, 2));
}

#[test]
fn what_only_gates_look_at_may_stay_unanswered() {
    for preset in PRESETS {
        let set = set(preset.set);
        let conditions = set.gates.iter().flat_map(|gate| &gate.when);
        for condition in conditions {
            let Condition::Criterion { criterion, .. } = condition else { continue };
            let looked_at = |other: &Condition| matches!(other, Condition::Criterion { criterion: it, .. } if it == criterion);
            let by_level = set.levels.iter().flat_map(|level| &level.conditions).any(looked_at);
            let required = set.requires(set.criterion(*criterion).unwrap());
            assert_eq!(required, by_level, "{}: criterion {criterion}", preset.set);
        }
    }
}

#[test]
fn heads_are_not_above_their_units_where_the_text_says_so() {
    assert_eq!(set("nd233-vien-chuc.1").not_above_unit, [Standing::Head]);
    assert_eq!(set("ha-tinh-thang.1").not_above_unit, [Standing::Head, Standing::Deputy]);
    assert!(set("nd335-leader.1").not_above_unit.is_empty());
}

#[test]
fn the_published_thresholds_of_hà_tĩnh_are_refused_for_both_gaps() {
    let json = include_str!("../rulesets/examples/ha-tinh-as-published.json");
    let error = Ruleset::parse(json).unwrap_err();
    let found: Vec<_> =
        error.findings().iter().map(|finding| (finding.place.as_str(), &finding.problem)).collect();
    let gap = |from, to| Problem::LevelGap(Points::whole(from), Points::whole(to));
    assert_eq!(found, [("levels[HTTNV].below", &gap(90, 91)), ("levels[HTNV].below", &gap(70, 71))]);
    let mut closed: Definition = serde_json::from_str(json).unwrap();
    closed.levels.iter_mut().for_each(|level| level.below = None);
    assert!(Ruleset::try_from(closed).is_ok(), "nothing else is wrong with it");
}

#[test]
fn the_gaps_of_hà_tĩnh_are_closed_downwards() {
    let at = |capacity: &str, percent: &str, results: &str| {
        let points =
            json!({"1": "6", "2": "5", "3": "3", "4": "6", "5": capacity, "6": percent, "7": results});
        level("ha-tinh-thang.1", points, json!({})).0
    };
    assert_eq!(at("16", "90", "55"), Some(Level::Htxsnv), "91");
    assert_eq!(at("15.5", "90", "55"), Some(Level::Httnv), "90,5");
    assert_eq!(at("15", "75", "36"), Some(Level::Httnv), "71");
    assert_eq!(at("14.5", "75", "36"), Some(Level::Htnv), "70,5");
}

#[test]
fn a_band_of_hà_tĩnh_allows_no_other_points() {
    let at = |percent: &str, results: &str| {
        let points = json!({"1": "6", "2": "5", "3": "3", "4": "6", "5": "20", "6": percent, "7": results});
        level("ha-tinh-thang.1", points, json!({})).0
    };
    assert_eq!(at("60", "31"), Some(Level::Httnv));
    assert_eq!(at("60", "30"), None, "30 is in no band");
    assert_eq!(at("59.9", "29"), Some(Level::Htnv));
    assert_eq!(at("59.9", "31"), None);
}

#[test]
fn hà_tĩnh_leaves_out_caps_and_lowers_as_article_10_says() {
    let full = json!({"1": "6", "2": "5", "3": "3", "4": "6", "5": "20", "6": "95", "7": "55"});
    let with = |facts: &[(&str, &str)], standing: &str| {
        let mut points = full.clone();
        for (criterion, figure) in facts {
            points[*criterion] = json!(figure);
        }
        level("ha-tinh-thang.1", points, json!({"standing": standing, "title": ""}))
    };
    let staff = |facts: &[(&str, &str)]| with(facts, "staff");
    assert_eq!(staff(&[]), (Some(Level::Htxsnv), false));
    for facts in [("21", "1"), ("22", "1"), ("23", "21"), ("24", "16")] {
        assert_eq!(staff(&[facts]), (None, true), "{facts:?}");
    }
    for facts in [("23", "20"), ("24", "15"), ("25", "12"), ("26", "51"), ("27", "30")] {
        assert_eq!(staff(&[facts]), (Some(Level::Htxsnv), false), "{facts:?}");
    }
    for facts in [("25", "13"), ("26", "50"), ("30", "1")] {
        assert_eq!(staff(&[facts]).0, Some(Level::Htnv), "{facts:?}");
    }
    assert_eq!(staff(&[("27", "31")]).0, Some(Level::Httnv));
    assert_eq!(staff(&[("27", "31"), ("28", "1")]).0, Some(Level::Htnv));
    assert_eq!(staff(&[("27", "31"), ("29", "1")]).0, Some(Level::Khtnv));
    assert_eq!(with(&[("31", "1")], "head").0, Some(Level::Httnv));
}

#[test]
fn nđ_90_rates_nobody_on_less_than_six_months_but_after_maternity() {
    let best: Vec<(String, &str)> = (1..=8)
        .map(|number| (number.to_string(), "1"))
        .chain(
            [("9", "100"), ("10", "1"), ("11", "50"), ("12", "0"), ("13", "0")].map(|(n, f)| (n.into(), f)),
        )
        .collect();
    let with = |facts: &[(&str, &str)]| {
        let mut points: serde_json::Map<_, _> =
            best.iter().map(|(number, figure)| (number.clone(), json!(figure))).collect();
        points.extend(facts.iter().map(|(number, figure)| (number.to_string(), json!(figure))));
        level("nd90-vien-chuc.1", points.into(), json!({}))
    };
    assert_eq!(with(&[]).0, Some(Level::Htxsnv));
    assert_eq!(with(&[("11", "49.9")]).0, Some(Level::Httnv));
    assert_eq!(with(&[("5", "0")]).0, Some(Level::Httnv), "met, but not done well");
    assert_eq!(with(&[("9", "80"), ("12", "20")]).0, Some(Level::Htnv));
    assert_eq!(with(&[("14", "5.5"), ("15", "0")]), (None, true));
    assert_eq!(with(&[("14", "5.5"), ("15", "1")]).0, Some(Level::Htxsnv));
    assert_eq!(with(&[("16", "3")]).0, Some(Level::Htnv));
    assert_eq!(with(&[("16", "2.9")]).0, Some(Level::Htxsnv));
    assert_eq!(with(&[("17", "1")]).0, Some(Level::Khtnv));
    assert_eq!(with(&[("9", "49"), ("13", "51")]).0, Some(Level::Khtnv));
}

#[test]
fn qđ_366_asks_for_shares_of_tasks_besides_the_points() {
    for (id, fixed) in
        [("qd366-tap-the.1", ("7", "0")), ("qd366-lanh-dao.1", ("7", "0")), ("qd366-ca-nhan.1", ("7", "1"))]
    {
        let with = |in_time: &str, exceeded: &str, done: &str, late: &str| {
            let points = json!({"1": "30", "2": "60", "3": in_time, "4": exceeded, "5": done, "6": late, fixed.0: fixed.1});
            level(id, points, json!({})).0
        };
        assert_eq!(with("100", "30", "100", "0"), Some(Level::Htxsnv), "{id}");
        assert_eq!(with("100", "29.9", "100", "0"), Some(Level::Httnv), "{id}");
        assert_eq!(with("80", "30", "100", "20"), Some(Level::Htnv), "{id}");
        assert_eq!(with("79.9", "30", "100", "20.1"), Some(Level::Khtnv), "{id}");
        assert_eq!(with("99", "30", "99", "0"), Some(Level::Khtnv), "{id}");
    }
}

#[test]
fn thanh_hóa_asks_for_the_lowest_task_and_the_share_exceeded() {
    let with = |lowest: &str, exceeded: &str, late: &str, disciplined: &str| {
        let set = set("thanh-hoa-hop-dong.1");
        let quantity = |measure| json!({"criterion": 10, "product": 1, "measure": measure, "value": "10"});
        let text = json!({"vi": "Hồ sơ", "en": "Files"});
        let points = json!({"1": "15", "2": "10", "3": "5", "20": lowest, "21": exceeded, "22": late, "24": disciplined});
        let facts = json!({
            "columns": {"appraised": {"points": points, "quantities": [quantity("assigned"), quantity("completed")]}},
            "products": [{"number": 1, "title": text, "measure_unit": text, "coefficient": "300"}],
        });
        evaluate_facts(set, &serde_json::from_value(facts).unwrap()).unwrap().level
    };
    assert_eq!(with("100", "30", "0", "0"), Some(Level::Htxsnv));
    assert_eq!(with("99.9", "30", "0", "0"), Some(Level::Httnv));
    assert_eq!(with("100", "29.9", "0", "0"), Some(Level::Httnv));
    assert_eq!(with("49.9", "30", "20", "0"), Some(Level::Htnv));
    assert_eq!(with("49.9", "30", "20.1", "0"), Some(Level::Khtnv));
    assert_eq!(with("100", "30", "0", "1"), Some(Level::Khtnv));
}

#[test]
fn the_sets_of_phú_thọ_have_the_groups_of_the_source_and_demonstration_points() {
    for (id, bonus) in [
        ("demo-a.1", &[false; 5][..]),
        ("demo-b.1", &[false, false, false, true]),
        ("demo-c.1", &[false, true]),
    ] {
        let set = set(id);
        let groups: Vec<bool> = set.groups.iter().map(|group| group.bonus).collect();
        assert_eq!((groups.as_slice(), &set.trust), (bonus, &Trust::Demonstration), "{id}");
    }
}

#[test]
fn the_weights_of_a_nđ_233_regulation_come_out_as_its_example() {
    let mut definition: Definition = set("nd335-staff.2").clone().into();
    let Rule::ConvertedWork { weights, .. } = &mut definition.groups[3].criteria[0].rule else {
        unreachable!()
    };
    *weights = [20, 32, 18].map(Points::whole).to_vec();
    let set = Ruleset::try_from(definition).unwrap();
    let quantity =
        |measure, value| json!({"criterion": 11, "product": 1, "measure": measure, "value": value});
    let text = json!({"vi": "Hồ sơ", "en": "Files"});
    let facts = json!({
        "columns": {"superior": {"quantities": [
            quantity("assigned", "10"), quantity("completed", "9"), quantity("faults", "2"), quantity("delays", "4")
        ]}},
        "products": [{"number": 1, "title": text, "measure_unit": text, "coefficient": "1"}],
    });
    let evaluation = evaluate_facts(&set, &serde_json::from_value(facts).unwrap()).unwrap();
    assert_eq!(evaluation.groups[3].exact, "298/5", "90% × 20 + 85% × 32 + 80% × 18");
}
