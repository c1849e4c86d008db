//! The shipped sets, and what is refused.

use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use super::*;

fn demo_b() -> Value {
    serde_json::from_str(shipped_json()[1]).unwrap()
}

/// The code and the Vietnamese sentence for set B with the value at `pointer` replaced.
fn refusal(pointer: &str, value: Value) -> (&'static str, String) {
    let mut set = demo_b();
    *set.pointer_mut(pointer).unwrap() = value;
    let error = Ruleset::parse(&set.to_string()).unwrap_err();
    (error.code(), error.message().vi)
}

#[test]
fn every_shipped_text_is_a_set() {
    for json in shipped_json() {
        let set =
            Ruleset::parse(json).unwrap_or_else(|error| panic!("{}: {}", error.message().en, &json[..80]));
        if set.trust == Trust::Demonstration {
            assert_eq!(set.maximum(), Points::whole(100), "{}", set.id());
        }
        assert_eq!(set.trust == Trust::Demonstration, set.title.vi.contains("điểm minh họa"), "{}", set.id());
        assert_eq!(
            set.trust == Trust::Demonstration,
            set.source.vi.contains("không phải của nguồn"),
            "{}",
            set.id()
        );
        assert!(json.nfc().eq(json.chars()), "{} is not NFC", set.id());
    }
    assert_eq!(shipped().unwrap().len(), shipped_json().len());
}

#[test]
fn a_set_survives_its_json_and_layout_does_not_change_its_hash() {
    for json in shipped_json() {
        let set = Ruleset::parse(json).unwrap();
        let compact = serde_json::to_string(&set).unwrap();
        assert_eq!(Ruleset::parse(&compact).unwrap(), set);
        assert_eq!(serde_json::from_str::<Ruleset>(&compact).unwrap().content_hash(), set.content_hash());
    }
    let mut other = demo_b();
    other["version"] = json!(2);
    let other = Ruleset::parse(&other.to_string()).unwrap();
    assert_ne!(other.content_hash(), shipped().unwrap()[1].content_hash());
}

#[test]
fn decomposed_titles_become_nfc() {
    let decomposed: String = shipped_json()[1].nfd().collect();
    assert_ne!(decomposed, shipped_json()[1]);
    assert_eq!(Ruleset::parse(&decomposed).unwrap(), shipped().unwrap()[1]);
    // An escape hides the form from the text as a whole, so the title itself is looked at.
    let escaped = demo_b().to_string().replace("(điểm minh họa)", "(minh ho\\u0323a)");
    assert_eq!(Ruleset::parse(&escaped).unwrap_err().code(), "ruleset.not_nfc");
}

#[test]
fn thresholds_cannot_leave_a_gap_or_overlap() {
    let gap = refusal("/levels/3/from", json!("10"));
    let named = "Bộ tiêu chí, chỗ levels[KHTNV].from: từ 0 đến dưới 10 không có mức nào: hãy hạ ngưỡng trên hoặc nâng ngưỡng dưới, và ghi đó là một cách hiểu.";
    assert_eq!(gap, ("ruleset.level_gap", named.into()));
    assert_eq!(refusal("/levels/1/from", json!("90")).0, "ruleset.level_order", "equal thresholds");
    assert_eq!(refusal("/levels/1/from", json!("95")).0, "ruleset.level_order");
    assert_eq!(refusal("/levels/0/from", json!("100.5")).0, "ruleset.unreachable");
    assert_eq!(refusal("/levels/0/level", json!("HTTNV")).0, "ruleset.levels");
}

#[test]
fn the_highest_total_knows_of_the_cap_of_all_bonuses() {
    let mut set = demo_b();
    set["total_cap"] = Value::Null;
    set["bonus_cap"] = json!("6");
    assert_eq!(Ruleset::parse(&set.to_string()).unwrap().maximum(), Points::whole(96));
}

#[test]
fn rounding_could_not_lift_a_total_over_its_highest() {
    let mut set = demo_b();
    set["rounding"]["decimals"] = json!(0);
    set["total_cap"] = json!("99.5");
    assert_eq!(Ruleset::parse(&set.to_string()).unwrap_err().code(), "ruleset.off_rounding");
    set["total_cap"] = json!("99");
    assert!(Ruleset::parse(&set.to_string()).is_ok());
    set["groups"][3]["max"] = json!("9.5");
    assert!(Ruleset::parse(&set.to_string()).is_ok(), "a group that is not rounded by itself");
}

#[test]
fn what_no_sheet_could_be_scored_under_is_refused() {
    for (pointer, value, code) in [
        ("/code", json!("Set B"), "ruleset.code"),
        ("/version", json!(0), "ruleset.zero"),
        ("/title/en", json!(" "), "ruleset.empty_text"),
        ("/title/en", json!("x".repeat(4_001)), "ruleset.long_text"),
        ("/columns", json!([]), "ruleset.empty"),
        ("/counting", json!(["appraised", "own"]), "ruleset.own_counts"),
        ("/counting", json!(["superior", "superior"]), "ruleset.duplicate"),
        ("/columns", json!(["own", "superior"]), "ruleset.unknown"),
        ("/rounding/decimals", json!(5), "ruleset.decimals"),
        ("/total_cap", json!("0"), "ruleset.range"),
        ("/tie_keys", json!(["group:I"]), "ruleset.tie_total"),
        ("/tie_keys/1", json!("group:IX"), "ruleset.unknown"),
        ("/tie_keys/1", json!("total"), "ruleset.duplicate"),
        ("/tie_keys/1", json!("name"), "ruleset.json"),
        ("/groups/3/bonus", json!(false), "ruleset.mixed_group"),
        ("/groups", json!([]), "ruleset.empty"),
        ("/groups/1/code", json!("I"), "ruleset.duplicate"),
        ("/groups/0/max", json!("29"), "ruleset.group_max"),
        ("/groups/3/max", json!("12.5"), "ruleset.bonus_cap"),
        ("/groups/0/criteria/0/rule", json!({"kind": "bonus"}), "ruleset.mixed_group"),
        ("/groups/0/criteria/1/number", json!(1), "ruleset.duplicate"),
        ("/groups/0/criteria/0/number", json!(0), "ruleset.zero"),
        ("/groups/0/criteria/0/step", json!("3"), "ruleset.step"),
        ("/groups/0/criteria/0/step", json!("0"), "ruleset.step"),
        ("/groups/0/criteria/0/max", json!("-10"), "ruleset.group_max"),
        ("/groups/0/criteria/0/max", json!(10), "ruleset.json"),
        ("/groups/0/criteria/0/rule", json!({"kind": "magic"}), "ruleset.json"),
        ("/groups/0/criteria/0/rule", json!({"kind": "converted_work", "weight": "1"}), "ruleset.json"),
        ("/trust", json!("sure"), "ruleset.json"),
    ] {
        assert_eq!(refusal(pointer, value.clone()).0, code, "{pointer} = {value}");
    }
}

#[test]
fn converted_work_is_measured_against_what_was_assigned() {
    let work = |measures: Value, step: &str| {
        let criterion = json!({"number": 1, "label": "I.1", "title": {"vi": "Việc", "en": "Work"}, "max": "10", "step": step,
            "rule": {"kind": "converted_work", "measures": measures, "denominator": "assigned"}});
        let mut set = demo_b();
        set["groups"][0]["criteria"][0] = criterion;
        Ruleset::parse(&set.to_string()).map_err(|error| error.code())
    };
    assert!(work(json!(["completed"]), "0").is_ok());
    assert_eq!(work(json!(["completed", "assigned"]), "0"), Err("ruleset.assigned_measure"));
    assert_eq!(work(json!([]), "0"), Err("ruleset.empty"));
    assert_eq!(work(json!(["completed"]), "0.5"), Err("ruleset.step_of_work"));
}

#[test]
fn missing_trust_or_source_and_unknown_fields_are_refused() {
    for field in ["trust", "source", "tie_keys", "rounding"] {
        let mut set = demo_b();
        set.as_object_mut().unwrap().remove(field);
        let error = Ruleset::parse(&set.to_string()).unwrap_err();
        assert!(error.message().en.contains(field), "{}", error.message().en);
    }
    let mut set = demo_b();
    set["bonus"] = json!("10");
    assert_eq!(Ruleset::parse(&set.to_string()).unwrap_err().code(), "ruleset.json");
    assert_eq!(Ruleset::parse("").unwrap_err().code(), "ruleset.json");
    assert_eq!(Ruleset::parse(&" ".repeat(Ruleset::LEN_MAX + 1)).unwrap_err().code(), "ruleset.too_long");
}

#[test]
fn more_than_five_hundred_criteria_are_refused() {
    let mut set = demo_b();
    let one = set["groups"][0]["criteria"][0].clone();
    set["groups"][0]["criteria"] = (1..=501).map(|_| one.clone()).collect();
    assert_eq!(Ruleset::parse(&set.to_string()).unwrap_err().code(), "ruleset.too_many");
}

#[test]
fn an_id_is_its_text() {
    let id: RulesetId = "nd335-staff.12".parse().unwrap();
    assert_eq!(
        (id.code.as_str(), id.version, id.to_string().as_str()),
        ("nd335-staff", 12, "nd335-staff.12")
    );
    for text in ["", "a", "a.", ".1", "a.0", "a.01", "a.+1", "A.1", "a b.1", "a.4294967296"] {
        assert_eq!(text.parse::<RulesetId>(), Err(InvalidRulesetId), "{text:?}");
    }
}
