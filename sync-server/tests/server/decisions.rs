//! Decisions by command line, as an administrator makes them while the server runs.

use serde_json::json;
use xeploai_core::ids::UnitId;
use xeploai_core::org::{Document, Unit};
use xeploai_core::sheet::{ChangeId, Token};
use xeploai_core::sync::Status;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::verdict::Reason;
use xeploai_core::view::Column;

use crate::fixture::{Office, november, says, score, verdict};

const WHY: [&str; 4] = ["--by", "Giám đốc", "--reason", "Đã kiểm tra"];

fn change(frame: &Frame) -> String {
    Token(vec![ChangeId { frame: frame.hash(), index: 0 }]).to_string()
}

/// A score by a supervisor who had not seen that he is in charge no longer.
fn held_for_a_person(office: &Office) -> Frame {
    let mut supervisor = office.phone("SO-TD");
    let seen = office.service.config().unwrap().revision;
    let id = UnitId::of(office.service.department(), "TT-01");
    let unit = office.service.config().unwrap().units[&id].clone();
    office.service.write_documents([Document::Unit(Unit { supervisors: vec![], ..unit })]).unwrap();
    let sheet = office.sheet("TT-01");
    let frame = supervisor.write_seen(&sheet, vec![score(&sheet, Column::Appraised, 1, 20, &[])], seen);
    let answer = supervisor.sync(office, std::slice::from_ref(&frame));
    assert_eq!(verdict(office, &answer, &frame).unwrap().of(0), (Status::Held, Reason::RightsChanged));
    frame
}

fn accepted(office: &Office) -> usize {
    office.service.sheet_of(&office.sheet("TT-01")).unwrap().fields.len()
}

#[test]
fn what_waits_for_a_person_is_listed_and_let_in_with_a_reason() {
    let office = Office::new();
    let frame = held_for_a_person(&office);
    let listed = says(&office, &["held", "list"], &[]).unwrap();
    let [held] = listed.as_array().unwrap().as_slice() else { panic!("one change: {listed}") };
    let expected = json!({"change": change(&frame), "unit": "TT-01", "author": "SO-TD",
        "period": november().to_string(), "value": "20", "reason": "rights_changed"});
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&held[name], value, "{name}");
    }
    let id = change(&frame);
    let accept = |why: &[&str]| says(&office, &["held", "accept", "--change", &id], why);
    assert_eq!(accept(&["--by", "Giám đốc", "--reason", " "]), Err(json!("reason_missing")));
    assert_eq!(accepted(&office), 0);
    assert_eq!(accept(&WHY), Ok(json!(1)));
    assert_eq!(accepted(&office), 1);
    assert_eq!(says(&office, &["held", "list"], &[]), Ok(json!([])));
    assert_eq!(accept(&WHY), Err(json!("no_such_change")), "it is no longer held");

    assert_eq!(says(&office, &["annul", "--change", &id], &WHY), Ok(json!(1)));
    assert_eq!(accepted(&office), 0);
    let rulings = &office.service.config().unwrap().rulings;
    assert_eq!(rulings.iter().map(|ruling| ruling.annulled).collect::<Vec<_>>(), [false, true]);
    assert!(rulings.iter().all(|ruling| ruling.by == "Giám đốc" && ruling.reason == "Đã kiểm tra"));
}

#[test]
fn into_a_locked_result_a_replacement_decision_leads_and_nothing_else() {
    let office = Office::new();
    let frame = held_for_a_person(&office);
    let (id, period) = (change(&frame), november().to_string());
    let decide = || says(&office, &["period", "decide", "--period", &period, "--change", &id], &WHY);
    assert_eq!(decide(), Err(json!("not_locked")));
    office.service.lock_period(november()).unwrap();
    let other = office.service.open_period("2022-12".parse().unwrap()).unwrap().period;
    office.service.lock_period(other).unwrap();
    let elsewhere = ["period", "decide", "--period", "2022-12", "--change", &id];
    assert_eq!(says(&office, &elsewhere, &WHY), Err(json!("no_such_change")), "of another period");
    assert_eq!(says(&office, &["held", "accept", "--change", &id], &WHY), Err(json!("no_such_change")));
    assert!(decide().unwrap().is_array());
    assert_eq!(accepted(&office), 1);
    assert_eq!(office.service.config().unwrap().cut(november()).unwrap().decision, 1);
}

#[test]
fn a_device_is_put_out_and_a_copy_is_stated() {
    let office = Office::new();
    let mut phone = office.phone("TT-01-00");
    phone.sync(&office, &[]);
    let revoke =
        |device: &str| says(&office, &["device", "revoke", "--person", "TT-01-00", "--device", device], &WHY);
    assert_eq!(revoke("Không có"), Err(json!("no_such_person")));
    assert_eq!(revoke("Máy của TT-01-00"), Ok(json!(1)));
    assert_eq!(office.service.config().unwrap().revocations.len(), 1);
    let stated = says(&office, &["archive"], &[]).unwrap();
    let archives = &office.service.config().unwrap().archives;
    assert_eq!(archives.values().map(|it| json!(it.number)).collect::<Vec<_>>(), [stated["number"].clone()]);
}
