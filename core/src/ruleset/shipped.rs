//! The sets that come with the product.

use super::Ruleset;

/// The texts of the shipped sets, as files.
pub fn shipped_json() -> [&'static str; 5] {
    [
        include_str!("../../rulesets/demo-a.json"),
        include_str!("../../rulesets/demo-b.json"),
        include_str!("../../rulesets/demo-c.json"),
        include_str!("../../rulesets/demo-unit-staff.json"),
        include_str!("../../rulesets/nd335-staff.json"),
    ]
}

/// The shipped sets. A test proves that each text is a valid set, so none is ever left out.
pub fn shipped() -> Vec<Ruleset> {
    shipped_json().into_iter().filter_map(|json| Ruleset::parse(json).ok()).collect()
}
