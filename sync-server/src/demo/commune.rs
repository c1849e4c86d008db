//! The commune's office of 2026: scored by NĐ 335, staff under one set and managers under another. Its people, products
//! and points are made up, so that a gate, the quota and the signals have something to say.

use anyhow::Result;
use xeploai_core::ids::{DepartmentId, UnitId};
use xeploai_core::org::{PeriodRecord, PeriodRule, ProductList, Unit};
use xeploai_core::period::Period;
use xeploai_core::points::Points;
use xeploai_core::ruleset::{Ruleset, Standing, SubjectKind};
use xeploai_core::scoring::Product;
use xeploai_core::sheet::{Field, Place, SheetKey, Value};
use xeploai_core::sync::body::Change;
use xeploai_core::view::Column;

use super::periods::{record, rule};
use super::scores::{Quality, change_of};
use super::units::{COMMUNE, text};

/// Staff besides the head.
pub(super) const STAFF: u32 = 8;
/// Who has not begun.
const UNFINISHED: &str = "ND-335-02";
/// Who was disciplined, and the criterion that says so in the set of the staff.
const DISCIPLINED: (&str, u16) = ("ND-335-04", 13);
/// Two who did so well that they are more than the quota allows.
const EXCELLENT: [&str; 2] = ["ND-335-01", "ND-335-03"];

/// Whether somebody has not begun; absent: of another unit.
pub(super) fn is_unfinished(code: &str) -> Option<bool> {
    code.starts_with(COMMUNE).then_some(code == UNFINISHED)
}

/// How well somebody of the unit did; absent: of another unit.
pub(super) fn quality(code: &str) -> Option<Quality> {
    code.starts_with(COMMUNE).then_some(Quality(if EXCELLENT.contains(&code) { 985 } else { 700 }))
}

/// What a superior adds to the scores of the one who was disciplined.
pub(super) fn discipline(sheet: &SheetKey, code: &str) -> Vec<Change> {
    let (disciplined, criterion) = DISCIPLINED;
    if code != disciplined {
        return Vec::new();
    }
    let say = |field, value| change_of(sheet, Place { criterion, column: Column::Superior, field }, value);
    let note = "Khiển trách (tình huống minh họa, không có thật)".to_owned();
    vec![say(Field::Points, Value::Points(Points::whole(1))), say(Field::Note, Value::Text(note))]
}

/// The approved products of the unit, with their coefficients.
pub(super) fn products(department: DepartmentId) -> ProductList {
    let product = |number, vi: &str, en: &str, tenths: i64| Product {
        number,
        title: text(vi, en),
        measure_unit: text("sản phẩm", "items"),
        coefficient: Points(tenths * Points::SCALE / 10),
    };
    let products = vec![
        product(1, "Tin, bài truyền thanh", "Radio bulletins", 10),
        product(2, "Buổi tuyên truyền lưu động", "Mobile propaganda shows", 15),
        product(3, "Kế hoạch, báo cáo chuyên đề", "Plans and reports", 20),
    ];
    ProductList { unit: UnitId::of(department, COMMUNE), products }
}

/// A month of the unit: NĐ 335, whose leaders' set is for heads and deputies.
pub(super) fn period(
    department: DepartmentId,
    all: &[Unit],
    rulesets: &[Ruleset],
    period: Period,
) -> Result<PeriodRecord> {
    let for_people = |code: &str, version, standings: &[Standing]| {
        let units = vec![UnitId::of(department, COMMUNE)];
        let of_all = rule(rulesets, units, SubjectKind::Person, (code, version))?;
        anyhow::Ok(PeriodRule { standings: standings.to_vec(), ..of_all })
    };
    let rules = vec![
        for_people("nd335-staff", 2, &[Standing::Staff])?,
        for_people("nd335-leader", 1, &[Standing::Head, Standing::Deputy])?,
    ];
    Ok(record(period, rules).freeze(all))
}
