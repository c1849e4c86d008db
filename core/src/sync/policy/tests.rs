//! What a field takes, and what a device asks before it saves.

use super::*;
use crate::org::testing::{config, november, person, sheet, with};
use crate::org::{Document, PeriodRecord, ProductList};
use crate::points::Points;
use crate::ruleset::{RulesetId, SubjectKind};
use crate::scoring::Product;
use crate::sheet::evidence::{Evidence, MediaType, THUMBNAIL_BYTES_MAX};
use crate::sheet::{Field, Place, Value};
use crate::sync::content::{CONTENT_BYTES_MAX, Content};
use crate::view::{Column, Measure, MinutesPart};

fn score(sheet: &SheetKey, criterion: u16, field: Field, value: Value) -> Change {
    let (sheet, place) = (sheet.clone(), Place { criterion, column: Column::Own, field });
    Change::Score(ScoreChange { sheet, place, value, replaces: vec![], minutes_before: 0 })
}

fn points(points: i32) -> Value {
    Value::Points(Points::whole(points))
}

fn evidence(size: u32, thumbnail: u32) -> Value {
    let content = |size| Content { hash: [7; 32], size };
    let (media, name) = (MediaType::Jpeg, "ảnh".to_owned());
    let (content, thumbnail) = (content(size), Some(content(thumbnail)));
    Value::Evidence(Box::new(Evidence { content, media, name, thumbnail }))
}

const ACCEPTED: (Status, Reason) = (Status::Accepted, Reason::None);
const BAD_POINTS: (Status, Reason) = (Status::Rejected, Reason::BadPoints);
const BAD_EVIDENCE: (Status, Reason) = (Status::Rejected, Reason::BadEvidence);
const NO_SUCH: (Status, Reason) = (Status::Rejected, Reason::NoSuchCriterion);

#[test]
fn a_value_must_fit_its_field() {
    let own = sheet("staff", november());
    let cases = [
        (score(&own, 1, Field::Points, points(20)), ACCEPTED),
        (score(&own, 1, Field::Points, Value::Empty), ACCEPTED),
        (score(&own, 1, Field::Points, points(21)), BAD_POINTS),
        (score(&own, 1, Field::Points, points(-1)), BAD_POINTS),
        (score(&own, 1, Field::Points, Value::Points(Points(1))), BAD_POINTS),
        (score(&own, 1, Field::Points, Value::Text("8".into())), NO_SUCH),
        (score(&own, 1, Field::Note, points(1)), NO_SUCH),
        (score(&own, 1, Field::Note, Value::Text("đủ minh chứng".into())), ACCEPTED),
        (score(&own, 999, Field::Points, points(1)), NO_SUCH),
        (score(&own, 1, Field::Evidence(9), evidence(CONTENT_BYTES_MAX, 1)), ACCEPTED),
        (score(&own, 1, Field::Evidence(9), Value::Empty), ACCEPTED),
        (score(&own, 1, Field::Evidence(0), evidence(CONTENT_BYTES_MAX + 1, 1)), BAD_EVIDENCE),
        (score(&own, 1, Field::Evidence(0), evidence(0, 1)), BAD_EVIDENCE),
        (score(&own, 1, Field::Evidence(0), evidence(1, THUMBNAIL_BYTES_MAX + 1)), BAD_EVIDENCE),
        (score(&own, 1, Field::Evidence(0), points(1)), NO_SUCH),
        (score(&own, 1, Field::Note, evidence(1, 1)), NO_SUCH),
        (score(&own, 999, Field::Evidence(0), evidence(1, 1)), NO_SUCH),
        (score(&own, 1, Field::Quantity(1, Measure::Assigned), points(1)), NO_SUCH),
    ];
    for (change, expected) in cases {
        assert_eq!(judge(&config(), person("staff"), &change), expected, "{change:?}");
    }
    for theirs in [(Field::Points, points(21)), (Field::Evidence(0), evidence(0, 1))] {
        let theirs = score(&own, 1, theirs.0, theirs.1);
        assert_eq!(judge(&config(), person("other"), &theirs), NOT_ALLOWED, "rights come before values");
    }
}

#[test]
fn parts_of_the_minutes_are_texts_at_their_own_place_on_a_unit_s_sheet() {
    let (opinion, text) = (MinutesPart::Opinion, Value::Text("Nhất trí".into()));
    let at = |sheet: &SheetKey, place, value: &Value| {
        let (sheet, value) = (sheet.clone(), value.clone());
        Change::Score(ScoreChange { sheet, place, value, replaces: vec![], minutes_before: 0 })
    };
    let said = |author: &str, change: &Change| judge(&config(), person(author), change);
    let (unit, place) = (sheet("tt", november()), opinion.place());
    assert_eq!(said("head", &at(&unit, place, &text)), ACCEPTED);
    assert_eq!(said("head", &at(&unit, place, &Value::Empty)), ACCEPTED);
    assert_eq!(said("head", &at(&unit, place, &points(1))), NO_SUCH);
    assert_eq!(said("head", &at(&unit, Place { criterion: 1, ..place }, &text)), NO_SUCH);
    assert_eq!(said("head", &at(&unit, Place { field: Field::Note, ..place }, &text)), NO_SUCH);
    let appraised = Place { column: Column::Appraised, ..place };
    assert_eq!(said("supervisor", &at(&unit, appraised, &text)), NO_SUCH, "the opinion is the unit's");
    assert_eq!(said("supervisor", &at(&unit, MinutesPart::Remarks.place(), &text)), ACCEPTED);
    assert_eq!(said("supervisor", &at(&unit, place, &text)), NOT_ALLOWED);
    assert_eq!(said("staff", &at(&sheet("staff", november()), place, &text)), NO_SUCH, "of a person");
    assert_eq!(said("staff", &at(&unit, place, &text)), NOT_ALLOWED);
}

/// The same department with its people scored by another set.
fn by(code: &str, more: impl IntoIterator<Item = Document>) -> (Config, SheetKey) {
    let ruleset = crate::org::testing::ruleset(code);
    let mut record = config().periods[&november()].clone();
    record
        .rules
        .iter_mut()
        .filter(|rule| rule.subject == SubjectKind::Person)
        .for_each(|rule| rule.ruleset = ruleset.clone());
    let sheet = SheetKey { ruleset, ..sheet("staff", november()) };
    (with([Document::Period(record)].into_iter().chain(more)), sheet)
}

#[test]
fn a_quantity_needs_its_product_and_a_column_its_set() {
    let unit = crate::org::testing::unit("tt");
    let title = crate::org::testing::text();
    let product =
        Product { number: 1, title: title.clone(), measure_unit: title, coefficient: Points::whole(1) };
    let list = Document::Products(ProductList { unit, products: vec![product] });
    let (config, sheet) = by("nd335-staff", [list]);
    let work =
        config.rulesets[&sheet.ruleset].criteria().find(|it| it.kind() == crate::view::CriterionKind::Work);
    let work = work.unwrap().number;
    let quantity_of =
        |product, quantity| score(&sheet, work, Field::Quantity(product, Measure::Assigned), quantity);
    let quantity = |product| quantity_of(product, points(3));
    assert_eq!(judge(&config, person("staff"), &quantity(1)), ACCEPTED);
    assert_eq!(judge(&config, person("staff"), &quantity(2)), NO_SUCH);
    assert_eq!(judge(&config, person("staff"), &quantity_of(1, points(-1))), BAD_POINTS);
    assert_eq!(judge(&config, person("staff"), &score(&sheet, work, Field::Points, points(1))), NO_SUCH);
    let Change::Score(mut appraised) = quantity(1) else { panic!("a score") };
    appraised.place.column = Column::Appraised;
    let appraised = Change::Score(appraised);
    assert_eq!(judge(&config, person("supervisor"), &appraised), NO_SUCH, "the set has no appraised column");
}

#[test]
fn case_11_a_draft_keeps_the_criteria_set_that_it_was_begun_with() {
    let (config, new) = by("demo-unit-staff", []);
    let old = sheet("staff", november());
    for sheet in [&old, &new] {
        let change = score(sheet, 1, Field::Points, points(1));
        assert_eq!(judge(&config, person("staff"), &change), ACCEPTED, "{}", sheet.ruleset);
    }
    assert!(config.expects(&new) && !config.expects(&old));
    let never = SheetKey { ruleset: RulesetId { code: "demo-a".into(), version: 9 }, ..old };
    let change = score(&never, 1, Field::Points, points(1));
    assert_eq!(judge(&config, person("staff"), &change), (Status::Held, Reason::Unknown));
}

#[test]
fn a_locked_period_holds_what_was_allowed_and_nothing_else() {
    let locked = PeriodRecord { locked: true, ..config().periods[&november()].clone() };
    let config = with([Document::Period(locked)]);
    let own = sheet("staff", november());
    let late = score(&own, 1, Field::Points, points(1));
    assert_eq!(judge(&config, person("staff"), &late), (Status::Held, Reason::PeriodLocked));
    assert_eq!(judge(&config, person("other"), &late), NOT_ALLOWED, "no decision is offered it");
    let bad = score(&own, 1, Field::Points, points(21));
    assert_eq!(judge(&config, person("staff"), &bad), BAD_POINTS);
}

#[test]
fn one_bad_change_stops_no_good_one() {
    let own = sheet("staff", november());
    let good = |criterion| score(&own, criterion, Field::Points, points(1));
    let changes = [good(1), score(&own, 2, Field::Points, points(999)), good(3), Change::Unknown, good(4)];
    let exceptions = judge_frame(&Moment::now(&config()), person("staff"), own.scope(), &changes);
    assert_eq!(
        exceptions,
        [(1, Status::Rejected, Reason::BadPoints), (3, Status::Held, Reason::UnknownKind)],
        "the others are accepted"
    );
}
