//! The minutes of a visit to the centre: written by both sides, signed by both, asked again when something changes.

use std::sync::Arc;

use xeploai_core::view::{
    Action, ActionView, Column, FieldName, MinutesPart, MinutesView, ScoreRequest, SheetView, Stage,
    TotalView,
};

use crate::department::{HEAD, STAFF, SUPERVISOR};
use crate::device::{Device, Office, criterion_of};

/// The head's device and the supervisor's, who has appraised what the head has scored.
struct Visit {
    office: Arc<Office>,
    head: Device,
    supervisor: Device,
    /// The centre's sheet.
    id: String,
}

impl Visit {
    fn begun() -> Self {
        let office = Office::new();
        office.department().appoint_supervisor();
        let head = Device::of(&office, "máy của trung tâm", HEAD);
        let supervisor = Device::of(&office, "máy kiểm tra", SUPERVISOR);
        head.score("unit", 1, "3");
        head.syncs();
        let id = head.app().sheet("unit").unwrap().summary.id;
        let visit = Self { office, head, supervisor, id };
        visit.supervisor.syncs();
        visit.appraise("2,5");
        visit
    }

    fn sheet(&self, device: &Device) -> SheetView {
        device.app().sheet(&self.id).unwrap()
    }

    fn minutes(&self, device: &Device) -> MinutesView {
        self.sheet(device).minutes.unwrap()
    }

    fn appraise(&self, text: &str) {
        let sheet = self.sheet(&self.supervisor);
        let column = Column::Appraised;
        let cell = criterion_of(&sheet, 1).cells.iter().find(|cell| cell.column == column).unwrap();
        let (token, field) = (cell.token.clone(), FieldName::Points);
        let request =
            ScoreRequest { sheet: sheet.summary.id, criterion: 1, column, field, text: text.into(), token };
        self.supervisor.app().score(&request).unwrap();
    }

    /// What a screen sends when somebody types into a part.
    fn typed(&self, device: &Device, part: MinutesPart, text: &str) -> ScoreRequest {
        let (place, minutes) = (part.place(), self.minutes(device));
        let shown = minutes.parts.into_iter().find(|it| it.part == part).unwrap();
        ScoreRequest {
            sheet: self.id.clone(),
            criterion: place.criterion,
            column: place.column,
            field: FieldName::Minutes(part),
            text: text.into(),
            token: shown.token,
        }
    }

    fn say(&self, device: &Device, part: MinutesPart, text: &str) {
        device.app().score(&self.typed(device, part, text)).unwrap();
    }

    fn said(&self, device: &Device, part: MinutesPart) -> String {
        self.minutes(device).parts.into_iter().find(|it| it.part == part).unwrap().text
    }

    fn sign(&self, device: &Device) -> Result<SheetView, String> {
        device.app().sign_minutes(&self.id, None).map_err(|error| error.code())
    }

    /// The signature that a device offers, and what is in its way.
    fn offered(&self, device: &Device) -> Option<ActionView> {
        let signs = |it: &ActionView| matches!(it.action, Action::SignForDelegation | Action::SignForUnit);
        self.sheet(device).actions.into_iter().find(signs)
    }

    fn sync(&self) {
        for device in [&self.supervisor, &self.head, &self.supervisor] {
            device.syncs();
        }
    }
}

/// What follows from the scores of a sheet.
fn computed(sheet: &SheetView) -> (Vec<TotalView>, Stage) {
    (sheet.columns.iter().map(|column| column.total.clone()).collect(), sheet.summary.stage.clone())
}

#[test]
fn both_sides_write_and_sign_and_a_later_word_asks_both_again() {
    let visit = Visit::begun();
    visit.say(&visit.supervisor, MinutesPart::Delegation, "Ông An, trưởng đoàn");
    visit.say(&visit.supervisor, MinutesPart::Arrived, "08:30 ngày 21/11/2022");
    visit.sync();
    visit.say(&visit.head, MinutesPart::Opinion, "Nhất trí");
    visit.sync();
    assert_eq!(visit.offered(&visit.head).unwrap().action, Action::SignForUnit);
    visit.sign(&visit.head).unwrap();
    assert_eq!(visit.offered(&visit.head), None, "what is signed is not offered again");
    assert!(!visit.minutes(&visit.head).signed, "one side alone");
    visit.sync();
    visit.sign(&visit.supervisor).unwrap();
    visit.sync();
    let (head, supervisor) = (visit.minutes(&visit.head), visit.minutes(&visit.supervisor));
    assert!(head.signed && head.digest.is_some());
    assert_eq!(head.items.iter().map(|item| item.number).collect::<Vec<_>>(), [1]);
    let names =
        |minutes: &MinutesView| minutes.signatures.iter().map(|it| it.action.clone()).collect::<Vec<_>>();
    assert_eq!(names(&head), [Action::SignForUnit, Action::SignForDelegation]);
    assert_eq!((names(&head), &head.digest), (names(&supervisor), &supervisor.digest));

    visit.appraise("2");
    visit.sync();
    for device in [&visit.head, &visit.supervisor] {
        let minutes = visit.minutes(device);
        assert!(!minutes.signed && minutes.signatures.iter().all(|it| it.outdated));
    }
    visit.sign(&visit.head).unwrap();
    visit.sign(&visit.supervisor).unwrap();
    visit.sync();
    assert!(visit.minutes(&visit.head).signed);
    assert_eq!(visit.minutes(&visit.head).signatures.len(), 2, "of each person the last");
}

#[test]
fn minutes_change_no_total_and_no_stage() {
    let visit = Visit::begun();
    let view = visit.sheet(&visit.head);
    for criterion in view.groups.iter().flat_map(|group| &group.criteria) {
        visit.head.score("unit", criterion.number, "1");
    }
    visit.head.app().submit("unit").unwrap();
    visit.sync();
    let before = visit.sheet(&visit.supervisor);
    visit.say(&visit.supervisor, MinutesPart::Remarks, "Sổ sách đầy đủ");
    visit.say(&visit.head, MinutesPart::Opinion, "Bảo lưu ý kiến về tiêu chí 1");
    visit.sign(&visit.head).unwrap();
    visit.sync();
    let after = visit.sheet(&visit.supervisor);
    assert_eq!(before.summary.stage, Stage::Submitted);
    assert_eq!(computed(&before), computed(&after));
    assert_eq!(before.explanation, after.explanation);
}

#[test]
fn who_is_no_party_signs_nothing_and_nobody_writes_for_the_other_side() {
    let visit = Visit::begun();
    visit.sync();
    let other = Device::of(&visit.office, "máy cán bộ", "TT-03");
    assert_eq!(visit.offered(&other), None);
    assert_eq!(visit.sign(&other).unwrap_err(), "not_allowed");
    for (device, part) in [
        (&other, MinutesPart::Opinion),
        (&visit.supervisor, MinutesPart::Opinion),
        (&visit.head, MinutesPart::Remarks),
    ] {
        let request = visit.typed(device, part, "x");
        assert_eq!(device.app().score(&request).unwrap_err().code(), "not_allowed");
    }
    let me = visit.head.app().sheet("me").unwrap();
    assert!(me.minutes.is_none(), "a person's sheet has none");
    assert_eq!(visit.head.app().sign_minutes(&me.summary.id, None).unwrap_err().code(), "not_allowed");
    let scorer = Device::of(&visit.office, "máy người chấm", STAFF);
    visit.sign(&scorer).unwrap();
    assert_eq!(visit.minutes(&scorer).signatures[0].action, Action::SignForUnit, "whom the head has named");
}

#[test]
fn nothing_checked_is_not_signed() {
    let visit = Visit::begun();
    visit.appraise("");
    visit.sync();
    for device in [&visit.head, &visit.supervisor] {
        assert!(visit.offered(device).unwrap().blocked.is_some());
        assert_eq!(visit.sign(device).unwrap_err(), "not_now");
    }
}

#[test]
fn two_opinions_are_both_kept_and_settled_before_anybody_signs() {
    let visit = Visit::begun();
    let scorer = Device::of(&visit.office, "máy người chấm", STAFF);
    visit.sync();
    visit.say(&visit.head, MinutesPart::Opinion, "Nhất trí");
    visit.say(&scorer, MinutesPart::Opinion, "Không nhất trí");
    scorer.syncs();
    visit.sync();
    assert!(visit.offered(&visit.supervisor).unwrap().blocked.is_some());
    assert_eq!(visit.head.conflict(), ["Không nhất trí", "Nhất trí"]);
    let [conflict] = visit.head.app().conflicts().unwrap().try_into().unwrap();
    assert_eq!(
        (conflict.title.vi.as_str(), conflict.field),
        ("Ý kiến của đơn vị", FieldName::Minutes(MinutesPart::Opinion))
    );
    assert!(visit.head.app().resolve(&conflict.id, "Nhất trí một phần", &conflict.token).unwrap().is_empty());
    visit.sync();
    assert_eq!(visit.said(&visit.supervisor, MinutesPart::Opinion), "Nhất trí một phần");
    visit.sign(&visit.supervisor).unwrap();
}

#[test]
fn in_a_locked_period_minutes_are_read_and_neither_written_nor_signed() {
    let visit = Visit::begun();
    visit.say(&visit.supervisor, MinutesPart::Remarks, "Sổ sách đầy đủ");
    visit.sync();
    visit.office.department().lock();
    visit.sync();
    assert_eq!(visit.said(&visit.head, MinutesPart::Remarks), "Sổ sách đầy đủ");
    assert_eq!(visit.offered(&visit.head), None);
    assert_eq!(visit.sign(&visit.head).unwrap_err(), "period_locked");
    let late = visit.typed(&visit.head, MinutesPart::Opinion, "Muộn");
    assert_eq!(visit.head.app().score(&late).unwrap_err().code(), "period_locked");
}
