//! The minutes of a visit at the server: judged by the side that writes them, counted nowhere.

use xeploai_core::sheet::{ActKind, SheetKey, Value};
use xeploai_core::sync::Status;
use xeploai_core::sync::body::{ActChange, Change, ScoreChange};
use xeploai_core::sync::verdict::Reason;
use xeploai_core::view::MinutesPart;

use crate::fixture::{Office, Phone, appraise, november, verdict};

fn said(sheet: &SheetKey, part: MinutesPart) -> Change {
    let (sheet, value) = (sheet.clone(), Value::Text("Theo biên bản".into()));
    Change::Score(ScoreChange { sheet, place: part.place(), value, replaces: vec![], minutes_before: 0 })
}

fn signed(office: &Office, sheet: &SheetKey, kind: ActKind) -> Change {
    let digest = office.service.sheet_of(sheet).unwrap().digest(kind).unwrap();
    let reason = String::new();
    Change::Act(ActChange { sheet: sheet.clone(), kind, digest, reason, minutes_before: 0 })
}

/// What the server has against changes.
fn against(
    office: &Office,
    phone: &mut Phone,
    sheet: &SheetKey,
    changes: Vec<Change>,
) -> Vec<(u16, Status, Reason)> {
    let frame = phone.write(sheet, changes);
    let answer = phone.sync(office, std::slice::from_ref(&frame));
    verdict(office, &answer, &frame).unwrap().exceptions
}

#[test]
fn minutes_of_both_sides_are_accepted_and_change_no_result() {
    let office = Office::new();
    let sheet = office.sheet("TT-01");
    for (unit, percent) in [("TT-01", 90), ("TT-02", 80)] {
        appraise(&office, &office.sheet(unit), percent);
    }
    let result = || office.service.export_result(november(), "centres").unwrap();
    let views =
        || (office.service.classification(november()).unwrap(), office.service.rank(november()).unwrap());
    let (before, views_before) = (result(), views());
    let mut supervisor = office.phone("SO-TD");
    let mut head = office.phone("TT-01-00");
    let (of_delegation, of_unit): (Vec<_>, Vec<_>) =
        MinutesPart::ALL.into_iter().partition(|part| part.column() == xeploai_core::view::Column::Appraised);
    let parts = |parts: Vec<MinutesPart>| parts.into_iter().map(|part| said(&sheet, part)).collect();
    assert_eq!(against(&office, &mut supervisor, &sheet, parts(of_delegation)), []);
    assert_eq!(against(&office, &mut head, &sheet, parts(of_unit)), []);
    let signature = signed(&office, &sheet, ActKind::SignForDelegation);
    assert_eq!(against(&office, &mut supervisor, &sheet, vec![signature]), []);
    let signature = signed(&office, &sheet, ActKind::SignForUnit);
    assert_eq!(against(&office, &mut head, &sheet, vec![signature]), []);
    let at_server = office.service.sheet_of(&sheet).unwrap();
    let sides = [ActKind::SignForDelegation, ActKind::SignForUnit];
    assert!(sides.iter().all(|side| at_server.is_signed(*side)), "the server reads the same minutes");
    assert_eq!(result(), before, "the file whose hash is published");
    assert_eq!(views(), views_before);
}

#[test]
fn nobody_signs_or_writes_for_the_other_side() {
    let office = Office::new();
    let sheet = office.sheet("TT-01");
    appraise(&office, &sheet, 90);
    let refused = |at| (at, Status::Rejected, Reason::NotAllowed);
    let changes = |side, part| vec![said(&sheet, part), signed(&office, &sheet, side)];
    let as_delegation = changes(ActKind::SignForDelegation, MinutesPart::Remarks);
    let as_unit = changes(ActKind::SignForUnit, MinutesPart::Opinion);
    for person in ["TT-01-00", "TT-02-00"] {
        let mut phone = office.phone(person);
        assert_eq!(against(&office, &mut phone, &sheet, as_delegation.clone()), [refused(0), refused(1)]);
    }
    for person in ["SO-TD", "TT-02-00"] {
        let mut phone = office.phone(person);
        assert_eq!(against(&office, &mut phone, &sheet, as_unit.clone()), [refused(0), refused(1)]);
    }
}

#[test]
fn minutes_that_come_after_the_lock_are_held() {
    let office = Office::new();
    let sheet = office.sheet("TT-01");
    appraise(&office, &sheet, 90);
    let signature = signed(&office, &sheet, ActKind::SignForUnit);
    office.service.lock_period(november()).unwrap();
    let late = vec![said(&sheet, MinutesPart::Opinion), signature];
    let held = |at| (at, Status::Held, Reason::PeriodLocked);
    assert_eq!(against(&office, &mut office.phone("TT-01-00"), &sheet, late), [held(0), held(1)]);
    let kept = office.service.held().unwrap();
    let what: Vec<_> = kept.iter().map(|it| it.what.as_str()).collect();
    assert!(what.contains(&"Ý kiến của đơn vị"), "it is named to whoever decides: {what:?}");
}
