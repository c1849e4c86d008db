//! Which criteria set applies to whom in the demonstration.

use anyhow::{Context, Result};
use xeploai_core::ids::{DepartmentId, UnitId};
use xeploai_core::org::{PeriodRecord, PeriodRule, ProductList, Unit, UnitKind};
use xeploai_core::period::Period;
use xeploai_core::points::Points;
use xeploai_core::ruleset::{Ruleset, SubjectKind};
use xeploai_core::scoring::Product;

use super::units::{self, COMMUNE, text};

/// The approved products of the 2026 unit, with their coefficients.
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

fn rule(rulesets: &[Ruleset], units: Vec<UnitId>, subject: SubjectKind, code: &str) -> Result<PeriodRule> {
    let found = rulesets.iter().find(|ruleset| ruleset.code == code);
    let ruleset = found.with_context(|| format!("criteria set {code} is not shipped"))?.id();
    Ok(PeriodRule { units, subject, ruleset })
}

fn record(period: Period, rules: Vec<PeriodRule>) -> PeriodRecord {
    let day = |day: &str| Some(format!("{period}-{day}"));
    PeriodRecord {
        own_until: day("25"),
        superior_until: day("26"),
        classified_on: day("28"),
        published_on: day("30"),
        ..PeriodRecord::open(period, rules, Vec::new())
    }
}

/// A month of the districts: sets A, B and C, and for the staff of units the set shaped like A.
pub(super) fn of_districts(all: &[Unit], rulesets: &[Ruleset], period: Period) -> Result<PeriodRecord> {
    let of =
        |wanted: &dyn Fn(&Unit) -> bool| all.iter().filter(|unit| wanted(unit)).map(|unit| unit.id).collect();
    let league = |code: &'static str| move |unit: &Unit| unit.league.as_deref() == Some(code);
    let rules = vec![
        rule(rulesets, of(&|unit| unit.kind == UnitKind::Department), SubjectKind::Person, "demo-a")?,
        rule(rulesets, of(&league(units::OFFICES)), SubjectKind::Unit, "demo-b")?,
        rule(rulesets, of(&league(units::CENTRES)), SubjectKind::Unit, "demo-c")?,
        rule(rulesets, of(&|unit| unit.league.is_some()), SubjectKind::Person, "demo-unit-staff")?,
    ];
    Ok(PeriodRecord { leagues: units::leagues(), ..record(period, rules) }.freeze(all))
}

/// A month of the 2026 unit: NĐ 335.
pub(super) fn of_commune(
    department: DepartmentId,
    all: &[Unit],
    rulesets: &[Ruleset],
    period: Period,
) -> Result<PeriodRecord> {
    let units = vec![UnitId::of(department, COMMUNE)];
    let rules = vec![rule(rulesets, units, SubjectKind::Person, "nd335-staff")?];
    Ok(record(period, rules).freeze(all))
}
