//! A visit without the server: the supervisor appraises a centre's sheet at its place, both sides write the minutes and
//! sign them, each on a device of its own, and the server hears of it later.

use xeploai_core::ids::UnitId;
use xeploai_core::org::{Document, PeriodRecord, PeriodRule};
use xeploai_core::ruleset::{SubjectKind, shipped};
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::sync::Status;
use xeploai_core::view::{ActView, Column, FieldName, MinutesPart, MinutesView, Place, ScoreRequest};
use xeploai_server::service::Service;

use crate::office::{Office, PERIOD};
use crate::phone::Phone;
use crate::visit::{join, open};

const HEAD: &str = "tt-1-gd";

/// Has the first centre itself scored; gives the id of its sheet.
fn with_units_sheet(office: &Office) -> String {
    let department = office.ask(Service::department);
    let (unit, period) = (UnitId::of(department, "tt-1"), PERIOD.parse().unwrap());
    let ruleset = shipped().unwrap().into_iter().find(|set| set.code == "demo-c").unwrap();
    let key = SheetKey { subject: Subject::Unit(unit), period, ruleset: ruleset.id() };
    let mut record: PeriodRecord = office.config().periods[&period].clone();
    record.rules.push(PeriodRule::new(vec![unit], SubjectKind::Unit, ruleset.id()));
    office.write(&[Document::Ruleset(Box::new(ruleset)), Document::Period(record)]);
    key.id(department).to_string()
}

fn minutes(phone: &Phone, sheet: &str) -> MinutesView {
    phone.app.sheet(sheet).unwrap().minutes.expect("a unit's sheet has them")
}

/// Somebody types into a part on the screen of his device.
fn says(phone: &Phone, sheet: &str, part: MinutesPart, text: &str) {
    let shown = minutes(phone, sheet).parts.into_iter().find(|it| it.part == part).unwrap();
    let place = part.place();
    let (criterion, column, field) = (place.criterion, place.column, FieldName::Minutes(part));
    let request =
        ScoreRequest { sheet: sheet.into(), criterion, column, field, text: text.into(), token: shown.token };
    phone.app.score(&request).unwrap();
}

/// The document as one row of bytes.
fn bytes(phone: &Phone, sheet: &str) -> String {
    serde_json::to_string(&minutes(phone, sheet)).unwrap()
}

fn places(signatures: &[ActView]) -> Vec<Place> {
    signatures.iter().map(|it| it.by.place.clone()).collect()
}

#[test]
fn minutes_of_a_visit_are_signed_by_both_devices_and_alike_everywhere() {
    let office = Office::new();
    let sheet = with_units_sheet(&office);
    let (head, supervisor) = (office.phone(HEAD, "máy của trung tâm"), office.supervisor());
    supervisor.sync();
    head.score_on(&head.app.sheet(&sheet).unwrap(), 1, Column::Own, "3").unwrap();

    // At the centre, without the server.
    let hub = open(&supervisor);
    let meet = || assert!(join(&head, &hub.view().invitation).ok);
    meet();
    supervisor.score_on(&supervisor.app.sheet(&sheet).unwrap(), 1, Column::Appraised, "2,5").unwrap();
    says(&supervisor, &sheet, MinutesPart::Delegation, "Người kiểm tra, trưởng đoàn");
    says(&supervisor, &sheet, MinutesPart::Arrived, "08:30");
    meet();
    says(&head, &sheet, MinutesPart::Opinion, "Bảo lưu ý kiến về tiêu chí 1");
    head.app.sign_minutes(&sheet, None).unwrap();
    assert_eq!(places(&minutes(&head, &sheet).signatures), [Place::Waiting]);
    meet();
    assert_eq!(places(&minutes(&head, &sheet).signatures), [Place::Carried], "he has them with him");
    supervisor.app.sign_minutes(&sheet, None).unwrap();
    meet();
    let (here, there) = (minutes(&head, &sheet), minutes(&supervisor, &sheet));
    assert!(here.signed && there.signed, "both sides, before any server heard of it");
    assert_eq!(here.digest, there.digest);
    assert_eq!(here.items.iter().map(|item| item.number).collect::<Vec<_>>(), [1]);
    assert!(supervisor.written().iter().all(|frame| office.said(*frame).is_none()));

    // Back in town; the receipts take the same way.
    supervisor.sync();
    meet();
    for frame in head.written().into_iter().chain(supervisor.written()) {
        let (status, reason) = office.said(frame).unwrap();
        assert_eq!(status, Status::Accepted, "{reason:?}");
    }
    assert_eq!(places(&minutes(&head, &sheet).signatures), [Place::Received, Place::Received]);
    head.sync();
    supervisor.sync();
    assert_eq!(bytes(&head, &sheet), bytes(&supervisor, &sheet));
    let at_server = office.ask(|service| {
        let key = service.config().unwrap().sheets(PERIOD.parse().unwrap());
        let unit = key.into_iter().find(|key| matches!(key.subject, Subject::Unit(_))).unwrap();
        service.sheet_of(&unit).unwrap().digest(xeploai_core::sheet::ActKind::SignForUnit).unwrap()
    });
    let signed = minutes(&head, &sheet).digest.unwrap();
    assert_eq!(data_encoding::HEXLOWER.encode(&at_server), signed, "and at the server");
}

#[test]
fn a_word_that_was_under_way_during_the_signature_asks_both_again() {
    let office = Office::new();
    let sheet = with_units_sheet(&office);
    let (head, supervisor) = (office.phone(HEAD, "máy của trung tâm"), office.supervisor());
    let tablet = office.phone(HEAD, "máy tính bảng");
    supervisor.sync();
    supervisor.score_on(&supervisor.app.sheet(&sheet).unwrap(), 1, Column::Appraised, "2,5").unwrap();
    head.meet(&supervisor);
    says(&tablet, &sheet, MinutesPart::Opinion, "Không nhất trí");
    supervisor.app.sign_minutes(&sheet, None).unwrap();
    head.app.sign_minutes(&sheet, None).unwrap();
    head.meet(&supervisor);
    assert!(minutes(&supervisor, &sheet).signed);
    tablet.sync();
    supervisor.sync();
    head.sync();
    for phone in [&head, &supervisor] {
        let minutes = minutes(phone, &sheet);
        assert!(!minutes.signed && minutes.signatures.iter().all(|it| it.outdated));
    }
    supervisor.app.sign_minutes(&sheet, None).unwrap();
    head.meet(&supervisor);
    head.app.sign_minutes(&sheet, None).unwrap();
    assert!(minutes(&head, &sheet).signed);
}

#[test]
fn nothing_is_signed_that_came_after_the_question_was_asked() {
    let office = Office::new();
    let sheet = with_units_sheet(&office);
    let (head, supervisor) = (office.phone(HEAD, "máy của trung tâm"), office.supervisor());
    supervisor.sync();
    supervisor.score_on(&supervisor.app.sheet(&sheet).unwrap(), 1, Column::Appraised, "2,5").unwrap();
    head.meet(&supervisor);
    let seen = minutes(&supervisor, &sheet).stamp;
    says(&head, &sheet, MinutesPart::Opinion, "Không nhất trí");
    head.meet(&supervisor);
    let refused = supervisor.app.sign_minutes(&sheet, Some(&seen)).unwrap_err().code();
    assert_eq!(refused, xeploai_client::Refused::BadToken.code());
    let seen = minutes(&supervisor, &sheet).stamp;
    supervisor.app.sign_minutes(&sheet, Some(&seen)).unwrap();
    assert_eq!(minutes(&supervisor, &sheet).stamp, seen, "to sign changes nothing of what is shown");
}
