//! Closed periods: a new device gets their signed state, and the proof when it asks; what comes late changes nothing.

use xeploai_core::points::Points;
use xeploai_core::sheet::ChangeId;
use xeploai_core::view::{
    ActView, Column, ColumnView, ExplainNode, ExplainScore, GroupView, Place, SheetSummary, SheetView,
};
use xeploai_server::service::Authority;

use crate::office::{Office, PERIOD, month};
use crate::phone::{Phone, cell};

pub(crate) fn authority() -> Authority {
    Authority { by: "Giám đốc".into(), reason: "Nộp đúng hạn, máy không có mạng".into() }
}

/// Everything but how each score is vouched for.
fn shown(sheet: &SheetView) -> (&SheetSummary, &[ColumnView], &[GroupView], &[ActView]) {
    (&sheet.summary, &sheet.columns, &sheet.groups, &sheet.acts)
}

/// Whether the scores are signed by their authors, and whether the server vouches for them.
fn marks(sheet: &SheetView) -> (bool, bool) {
    fn scores(node: &ExplainNode) -> Vec<&ExplainScore> {
        node.scores.iter().chain(node.children.iter().flat_map(scores)).collect()
    }
    let scores = scores(&sheet.explanation);
    assert!(!scores.is_empty());
    (scores.iter().all(|score| score.signature_fits), scores.iter().all(|score| score.by_server))
}

#[test]
fn a_new_device_gets_the_state_of_a_closed_period_and_then_its_frames() {
    let office = Office::new();
    month(&office);
    let reader = office.phone("so-th", "cũ");
    office.lock();
    reader.sync();
    let new = office.phone("so-th", "mới");
    assert_eq!(new.count("snapshots"), 2, "one for each unit");
    for person in ["tt-1-a", "tt-1-b", "tt-2-a", "tt-2-b"] {
        assert_eq!(shown(&new.sheet(person)), shown(&reader.sheet(person)), "as the frames give it");
    }
    let (signed, by_server) = marks(&new.sheet("tt-1-a"));
    assert!(!signed && by_server, "marked as confirmed by the server");
    let frames = new.count("frames");
    new.sync();
    assert_eq!(new.count("frames"), frames, "nothing is missing by the root, so nothing is fetched");

    let report = new.app.fetch_history().unwrap();
    assert!(report.ok && report.came > 0, "{report:?}");
    assert_eq!(new.count("frames"), reader.count("frames"), "every frame, signed by its author");
    assert_eq!(new.sheet("tt-1-a"), reader.sheet("tt-1-a"));
    assert_eq!(marks(&new.sheet("tt-1-a")), (true, false));
    new.sync();
    assert_eq!(new.app.fetch_history().unwrap().came, 0, "it goes on where it left off");
}

#[test]
fn who_may_not_read_the_whole_unit_gets_frames_of_his_own() {
    let office = Office::new();
    month(&office);
    office.lock();
    let new = office.phone("tt-1-a", "mới");
    assert_eq!(new.count("snapshots"), 0);
    assert_eq!(new.own("tt-1-a", 1), Some(Points(15_000)));
    assert!(new.app.sheets(Some(PERIOD)).unwrap().iter().all(|sheet| sheet.code != "tt-1-b"));
}

/// A scored month that is closed, with one score written over before; its writer, and a reader who holds all frames.
fn closed_month_with_a_change(office: &Office) -> (Phone, Phone) {
    let writer = month(office).swap_remove(0);
    writer.score("tt-1-a", 1, Column::Own, "1").unwrap();
    writer.sync();
    let reader = office.phone("so-th", "cũ");
    office.lock();
    (writer, reader)
}

#[test]
fn a_change_replaced_within_the_period_is_not_in_its_state_and_comes_with_its_frame() {
    let office = Office::new();
    let (_, reader) = closed_month_with_a_change(&office);
    reader.sync();
    let new = office.phone("so-th", "mới");
    assert_eq!(new.own("tt-1-a", 1), Some(Points::whole(1)));
    assert_eq!(shown(&new.sheet("tt-1-a")), shown(&reader.sheet("tt-1-a")));
    assert!(new.app.fetch_history().unwrap().ok);
    assert_eq!(new.count("frames"), reader.count("frames"));
    assert_eq!(new.own("tt-1-a", 1), Some(Points::whole(1)), "later on the branch still replaces earlier");
}

#[test]
fn a_new_device_knows_what_replaced_a_write_whose_frame_is_also_about_an_open_month() {
    let office = Office::new();
    office.open_month("2026-11");
    let first = office.phone("tt-1-a", "máy 1");
    let later = first.app.sheets(Some("2026-11")).unwrap().into_iter().find(|sheet| sheet.mine).unwrap();
    first.score_on(&first.app.sheet(&later.id).unwrap(), 1, Column::Own, "1").unwrap();
    first.score("tt-1-a", 1, Column::Own, "1").unwrap();
    first.sync();
    assert_eq!(first.written().len(), 1, "one frame for both months");
    // Each knows the one before: the second is about the closed month alone, and does not stand at the end.
    for text in ["1,5", "2"] {
        let next = office.phone("tt-1-a", "máy khác");
        next.score("tt-1-a", 1, Column::Own, text).unwrap();
        next.sync();
    }
    office.lock();
    let new = office.phone("so-th", "mới");
    assert_eq!(new.own("tt-1-a", 1), Some(Points::whole(2)));
    assert!(!cell(&new.sheet("tt-1-a"), 1, Column::Own).conflict);
}

#[test]
fn a_new_device_sees_what_an_annulled_change_of_a_closed_period_had_replaced() {
    let office = Office::new();
    let (writer, reader) = closed_month_with_a_change(&office);
    let frame = *writer.written().last().unwrap();
    office.ask(|service| service.annul(&[ChangeId { frame, index: 0 }], &authority())).unwrap();
    reader.sync();
    assert_eq!(reader.own("tt-1-a", 1), Some(Points(15_000)), "it stands again");
    let new = office.phone("so-th", "mới");
    assert_eq!(new.count("snapshots"), 1, "that of the other unit");
    assert_eq!(shown(&new.sheet("tt-1-a")), shown(&reader.sheet("tt-1-a")));
}

#[test]
fn a_new_device_knows_of_a_sheet_whose_only_write_was_annulled() {
    let office = Office::new();
    let writer = office.phone("tt-1-a", "máy");
    writer.score("tt-1-a", 1, Column::Own, "1").unwrap();
    writer.sync();
    let reader = office.phone("so-th", "cũ");
    let annulled = [ChangeId { frame: writer.written()[0], index: 0 }];
    office.ask(|service| service.annul(&annulled, &authority())).unwrap();
    office.lock();
    // From now on the month expects no such sheet: that there is one, only its frame says.
    office.end_post("tt-1-a", "2026-09");
    reader.sync();
    let new = office.phone("so-th", "mới");
    assert_eq!(new.count("snapshots"), 2);
    assert_eq!(shown(&new.sheet("tt-1-a")), shown(&reader.sheet("tt-1-a")));
}

#[test]
fn a_verdict_from_before_the_lock_does_not_count_against_the_state_of_the_month() {
    let office = Office::new();
    office.open_month("2026-11");
    let head = office.phone("tt-1-gd", "máy");
    head.score("tt-1-a", 1, Column::Superior, "1").unwrap();
    let later = head.app.sheets(Some("2026-11")).unwrap().into_iter().find(|it| it.code == "tt-1-b").unwrap();
    head.score_on(&head.app.sheet(&later.id).unwrap(), 1, Column::Superior, "1").unwrap();
    head.sync();
    // One batch accepts both frames: a new device gets it for the one of the open month.
    let sheet = head.sheet("tt-1-a").summary.id.parse().unwrap();
    let frame = xeploai_client::tables::frames::of_sheet(&head.store(), sheet).unwrap()[0].hash;
    office.ask(|service| service.annul(&[ChangeId { frame, index: 0 }], &authority())).unwrap();
    office.lock();
    let new = office.phone("so-th", "mới");
    assert_eq!(cell(&new.sheet("tt-1-a"), 1, Column::Superior).points, None, "it was annulled");
}

#[test]
fn an_own_frame_that_came_back_without_its_receipt_is_offered_until_it_has_one() {
    let office = Office::new();
    let head = office.phone("tt-1-gd", "máy");
    let backup = head.back_up();
    head.score("tt-1-a", 1, Column::Superior, "1").unwrap();
    head.sync();
    let frame = head.written()[0];
    office.lock();
    let head = office.put_back(head, &backup);
    // As when he goes on in a new stream: he begins with the state of closed months.
    head.store().execute("UPDATE accounts SET cursor = x''", []).unwrap();
    head.sync();
    assert!(!head.holds(frame), "he gets the state of the closed month");
    head.app.fetch_history().unwrap();
    assert!(head.holds(frame));
    head.sync();
    assert_eq!(head.count("frames JOIN streams ON id = stream WHERE own = 1 AND receipt IS NULL"), 0);
}

#[test]
fn case_12_what_comes_after_the_lock_is_held_and_enters_by_a_replacement_decision_alone() {
    let office = Office::new();
    let phones = month(&office);
    phones[0].score("tt-1-a", 4, Column::Own, "2").unwrap();
    office.lock();
    let cut = |office: &Office| {
        let config = office.config();
        config.periods[&PERIOD.parse().unwrap()].cut.clone().unwrap()
    };
    let locked = cut(&office);
    phones[0].sync();
    assert_eq!(phones[0].place("tt-1-a"), Place::Held, "kept, and said so");
    assert_eq!(cut(&office), locked, "the locked result is unchanged");

    let late: Vec<ChangeId> = held(&office);
    assert_eq!(late.len(), 1);
    let refused = office.ask(|service| {
        service.decide(PERIOD.parse().unwrap(), &late, &Authority { reason: " ".into(), ..authority() })
    });
    assert_eq!(refused.unwrap_err().view().code, "reason_missing");
    office.ask(|service| service.decide(PERIOD.parse().unwrap(), &late, &authority())).unwrap();
    let decided = cut(&office);
    assert_eq!((locked.decision, decided.decision), (0, 1));
    assert!(decided.number > locked.number);
    phones[0].sync();
    assert_eq!(phones[0].place("tt-1-a"), Place::Received);
    let again = office.ask(|service| service.decide(PERIOD.parse().unwrap(), &late, &authority()));
    assert_eq!(again.unwrap_err().view().code, "no_such_change", "it is no longer held");
}

/// The changes that the server holds.
pub(crate) fn held(office: &Office) -> Vec<ChangeId> {
    use xeploai_core::sync::verdict::Reason;
    use xeploai_server::storage::{frames, held};
    office
        .ask(|service| {
            service.storage().read(|read| {
                let mut changes = Vec::new();
                for position in held::of(read, &[Reason::PeriodLocked])? {
                    let frame =
                        frames::get(read, position)?.map(|stored| stored.frame.hash()).unwrap_or_default();
                    changes.push(ChangeId { frame, index: 0 });
                }
                Ok(changes)
            })
        })
        .unwrap()
}
