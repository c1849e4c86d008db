//! The sets that come with the product.

use super::{Ruleset, RulesetError};

/// The texts of the shipped sets, as files: every version that was published, the older one first.
pub fn shipped_json() -> [&'static str; 18] {
    [
        include_str!("../../rulesets/demo-a.json"),
        include_str!("../../rulesets/demo-b.json"),
        include_str!("../../rulesets/demo-c.json"),
        include_str!("../../rulesets/demo-unit-staff.json"),
        include_str!("../../rulesets/nd335-staff-1.json"),
        include_str!("../../rulesets/nd335-staff.json"),
        include_str!("../../rulesets/nd335-leader.json"),
        include_str!("../../rulesets/nd233-vien-chuc.json"),
        include_str!("../../rulesets/qd366-tap-the.json"),
        include_str!("../../rulesets/qd366-lanh-dao.json"),
        include_str!("../../rulesets/qd366-ca-nhan.json"),
        include_str!("../../rulesets/nd90-vien-chuc.json"),
        include_str!("../../rulesets/nd90-vien-chuc-quan-ly.json"),
        include_str!("../../rulesets/ha-tinh-thang.json"),
        include_str!("../../rulesets/thanh-hoa-nhan-vien.json"),
        include_str!("../../rulesets/thanh-hoa-lanh-dao.json"),
        include_str!("../../rulesets/thanh-hoa-hop-dong.json"),
        include_str!("../../rulesets/quan-9.json"),
    ]
}

/// The shipped sets, in the order of [`shipped_json`].
///
/// # Errors
/// [`RulesetError`] of the first text that is no valid set; a test proves that there is none.
pub fn shipped() -> Result<Vec<Ruleset>, RulesetError> {
    shipped_json().into_iter().map(Ruleset::parse).collect()
}
