//! The sets that come with the product.

use super::{Ruleset, RulesetError};

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

/// The shipped sets, in the order of [`shipped_json`].
///
/// # Errors
/// [`RulesetError`] of the first text that is no valid set; a test proves that there is none.
pub fn shipped() -> Result<Vec<Ruleset>, RulesetError> {
    shipped_json().into_iter().map(Ruleset::parse).collect()
}
