//! Criteria that not every column answers: what a column does not answer is not missing in it.

use std::sync::Arc;

use serde_json::json;
use xeploai_core::view::{Action, Column, FieldName, ScoreRequest, SheetView};

use crate::department::{Department, HEAD, STAFF};
use crate::device::{Device, Office, criterion_of};

/// The staff's set leaves the first criterion to the superior, and the second to the person and the appraiser.
fn office() -> Arc<Office> {
    let mut department = Department::new();
    department.revise_staff_set(|set| {
        set["groups"][0]["criteria"][0]["columns"] = json!(["superior"]);
        set["groups"][0]["criteria"][1]["columns"] = json!(["own", "appraised"]);
    });
    Office::with(department)
}

/// A member of the staff who has answered all that is his to answer.
fn answered(office: &Arc<Office>) -> Device {
    let staff = Device::of(office, "máy nhân viên", STAFF);
    (2..=12).for_each(|criterion| staff.score("me", criterion, "4"));
    staff
}

fn blocked(view: &SheetView, action: Action) -> Option<&str> {
    let found = view.actions.iter().find(|it| it.action == action).unwrap();
    found.blocked.as_ref().map(|why| why.vi.as_str())
}

#[test]
fn what_only_the_superior_answers_keeps_nobody_from_handing_in() {
    let view = answered(&office()).app().sheet("me").unwrap();
    let own = &view.columns[0].total;
    assert_eq!((own.answered, own.criteria), (11, 11));
    assert_eq!(blocked(&view, Action::Submit), None);
    assert_eq!(own.total, None, "something that counts is still open");
}

#[test]
fn agreeing_with_all_leaves_out_what_the_superior_does_not_answer() {
    let office = office();
    let staff = answered(&office);
    let id = staff.app().submit("me").unwrap().summary.id;
    staff.syncs();
    let head = Device::of(&office, "máy trưởng", HEAD);
    head.syncs();
    let view = head.app().agree_all(&id).unwrap();
    assert_eq!(criterion_of(&view, 2).cells[1].entered, None);
    assert_eq!(criterion_of(&view, 3).cells[1].entered, criterion_of(&view, 3).cells[0].entered);
    assert_eq!(blocked(&view, Action::Approve), Some("còn 1 tiêu chí chưa chấm"), "the first is the head's");
    let request = ScoreRequest {
        sheet: id,
        criterion: 1,
        column: Column::Superior,
        field: FieldName::Points,
        text: "15".into(),
        token: criterion_of(&view, 1).cells[1].token.clone(),
    };
    let view = head.app().score(&request).unwrap();
    assert_eq!(blocked(&view, Action::Approve), None);
}
