//! The app without a window, against a server behind a real socket: what is saved stays, whatever the network says.

use tempfile::TempDir;
use xeploai_client::{App, ClientError};
use xeploai_core::points::Points;
use xeploai_core::view::{Column, FieldName, Place, ScoreRequest, SheetView, Stage};

use crate::socket::{FakeServer, Spoil};

fn enrolled() -> (TempDir, FakeServer, App) {
    let (folder, server) = (tempfile::tempdir().unwrap(), FakeServer::start());
    let app = App::open(folder.path()).unwrap();
    let me = app.enrol(&server.code(), "Điện thoại TS-01").unwrap();
    assert_eq!((me.name.as_str(), me.device.as_str()), ("Hà Thị Lụa", "Điện thoại TS-01"));
    (folder, server, app)
}

fn write(app: &App, criterion: u16, text: &str) -> Result<SheetView, ClientError> {
    let shown = app.sheet("me")?;
    let mut criteria = shown.groups.iter().flat_map(|group| &group.criteria);
    let token =
        criteria.find(|it| it.number == criterion).map(|it| it.cells[0].token.clone()).unwrap_or_default();
    let (sheet, field, text) = (shown.summary.id, FieldName::Points, text.to_owned());
    app.score(&ScoreRequest { sheet, criterion, column: Column::Own, field, text, token })
}

fn points(view: &SheetView, criterion: u16) -> Option<Points> {
    view.groups.iter().flat_map(|group| &group.criteria).find(|it| it.number == criterion).unwrap().cells[0]
        .points
}

#[test]
fn a_score_is_there_after_a_restart_and_received_after_a_sync() {
    let (folder, _server, app) = enrolled();
    assert_eq!(write(&app, 1, "8,5").unwrap().summary.place, Place::Waiting);
    drop(app);
    let app = App::open(folder.path()).unwrap();
    assert_eq!(points(&app.sheet("me").unwrap(), 1), Some(Points(85_000)));
    let report = app.sync().unwrap();
    assert!(report.ok && report.sent == 1, "{report:?}");
    assert_eq!(app.sheet("me").unwrap().summary.place, Place::Received);
    assert_eq!(app.sync().unwrap().sent, 0, "nothing is sent twice");
}

#[test]
fn case_05_what_a_bad_network_answers_leaves_everything_waiting() {
    let (_folder, server, app) = enrolled();
    let before = app.sync_status().unwrap().summary.last_success;
    write(&app, 1, "8").unwrap();
    let cases = [
        (Spoil::Html, "not_our_server"),
        (Spoil::Empty, "answer_cut"),
        (Spoil::Cut, "answer_cut"),
        (Spoil::Fault, "server_fault"),
    ];
    for (spoil, code) in cases {
        server.spoil(spoil);
        let report = app.sync().unwrap();
        assert_eq!(report.failure.map(|failure| failure.code).as_deref(), Some(code));
        assert_eq!(app.sheet("me").unwrap().summary.place, Place::Failed, "{code}");
        assert_eq!(app.sync_status().unwrap().summary.last_success, before, "{code}: no success is claimed");
    }
    server.spoil(Spoil::Nothing);
    assert!(app.sync().unwrap().ok);
    assert_eq!(app.sheet("me").unwrap().summary.place, Place::Received);
}

#[test]
fn a_receipt_that_the_department_has_not_signed_is_none() {
    let (_folder, server, app) = enrolled();
    write(&app, 1, "8").unwrap();
    server.spoil(Spoil::WrongSignature);
    app.sync().unwrap();
    assert_eq!(app.sheet("me").unwrap().summary.place, Place::Waiting);
}

#[test]
fn no_network_is_quiet_and_says_that_the_data_is_safe() {
    let (folder, server, app) = enrolled();
    write(&app, 1, "8").unwrap();
    drop(app);
    let store = rusqlite::Connection::open(folder.path().join("xeploai.db")).unwrap();
    store
        .execute("UPDATE accounts SET server = 'http://127.0.0.1:9' WHERE server = ?1", [&server.url])
        .unwrap();
    drop(store);
    let app = App::open(folder.path()).unwrap();
    let report = app.sync().unwrap();
    assert_eq!(report.failure.unwrap().code, "unreachable");
    assert_eq!(app.sheet("me").unwrap().summary.place, Place::Waiting, "no network is not a fault");
}

#[test]
fn bad_points_say_the_fix_and_change_nothing() {
    let (_folder, _server, app) = enrolled();
    write(&app, 1, "8").unwrap();
    for (text, code) in [
        ("21", "points_above_max"),
        ("8,3", "points_off_step"),
        ("tám", "points_not_a_number"),
        ("-1", "points_below_zero"),
    ] {
        let error = write(&app, 1, text).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(!error.view().message.vi.is_empty());
        assert_eq!(points(&app.sheet("me").unwrap(), 1), Some(Points::whole(8)), "{text}");
    }
    let above = write(&app, 1, "21").unwrap_err().view().message.vi;
    assert!(above.contains("20"), "the maximum is named: {above}");
    assert_eq!(write(&app, 99, "1").unwrap_err().code(), "no_such_criterion");
}

#[test]
fn an_empty_field_is_unanswered_and_not_zero() {
    let (_folder, _server, app) = enrolled();
    assert_eq!(write(&app, 1, "0").unwrap().summary.total.answered, 1);
    let cleared = write(&app, 1, "").unwrap();
    assert_eq!((cleared.summary.total.answered, points(&cleared, 1)), (0, None));
}

#[test]
fn a_sheet_is_handed_in_when_nothing_is_missing_and_asks_again_after_a_change() {
    let (_folder, _server, app) = enrolled();
    assert_eq!(app.submit("me").unwrap_err().code(), "not_now");
    let numbers: Vec<u16> = app
        .sheet("me")
        .unwrap()
        .groups
        .iter()
        .flat_map(|group| &group.criteria)
        .map(|it| it.number)
        .collect();
    for number in numbers {
        write(&app, number, "2,5").unwrap();
    }
    assert_eq!(app.submit("me").unwrap().summary.stage, Stage::Submitted);
    assert!(app.sync().unwrap().ok);
    assert_eq!(app.sheet("me").unwrap().summary.stage, Stage::Submitted);
    assert_eq!(write(&app, 1, "3").unwrap().summary.stage, Stage::Outdated);
    assert_eq!(app.submit("me").unwrap().summary.stage, Stage::Submitted);
    assert_eq!(app.withdraw("me").unwrap().summary.stage, Stage::Draft);
}

#[test]
fn an_enrolment_code_of_something_else_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(folder.path()).unwrap();
    for (code, expected) in [
        ("", "bad_code"),
        ("https://example.vn", "bad_code"),
        ("https://example.vn/#", "bad_code"),
        ("https://example.vn/#ABCD.xyz", "bad_code"),
        ("WIFI:S:abc;;#x", "bad_code"),
        ("http://example.vn/#ABCD", "not_https"),
    ] {
        assert_eq!(app.enrol(code, "x").unwrap_err().code(), expected, "{code}");
    }
    assert_eq!(app.enrol("http://127.0.0.1:9/#ABCD", "x").unwrap_err().code(), "unreachable");
    assert!(app.me().unwrap().is_none());
}

#[test]
fn a_store_of_a_newer_app_is_refused_and_a_broken_one_is_kept_aside() {
    let (folder, _server, app) = enrolled();
    drop(app);
    let path = folder.path().join("xeploai.db");
    let store = rusqlite::Connection::open(&path).unwrap();
    let newer = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (999, 'later', '', '0')";
    store.execute(newer, []).unwrap();
    drop(store);
    assert_eq!(App::open(folder.path()).err().unwrap().code(), "store_too_new");
    std::fs::write(&path, b"this is no database, but some bytes that somebody put here").unwrap();
    assert!(App::open(folder.path()).unwrap().me().unwrap().is_none());
    assert!(folder.path().join("xeploai.db.corrupt-1").exists(), "nothing is deleted");
}
