//! Two phones that write apart, with clocks that are wrong, over old values, around a submission.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use xeploai_client::environment::{Clock, Environment};
use xeploai_core::points::Points;
use xeploai_core::view::{Column, FieldName, Place, ScoreRequest, Stage};

use crate::office::{Office, PERIOD};
use crate::phone::{Phone, cell};

/// Unix seconds of the first of January of a year.
const YEAR_2099: i64 = 4_070_908_800;
const YEAR_2001: i64 = 978_307_200;
/// The last second of October 2026 in Việt Nam.
const END_OF_OCTOBER: i64 = 1_793_465_999;

/// A clock that shows what a test says.
struct Shown(AtomicI64);

impl Clock for Shown {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A phone with a clock of its own.
fn phone_at(office: &Office, device: &str, at: i64) -> (Phone, Arc<Shown>) {
    let clock = Arc::new(Shown(at.into()));
    let set = |environment| Environment { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..environment };
    (office.phone_with(("tt-1-a", device), set), clock)
}

fn write(phone: &Phone, text: &str) {
    phone.score("tt-1-a", 1, Column::Own, text).unwrap();
}

#[test]
fn case_09_a_clock_in_2099_in_2001_or_jumping_back_decides_nothing() {
    let office = Office::new();
    let (late, clock) = phone_at(&office, "2099", YEAR_2099);
    let (early, _) = phone_at(&office, "2001", YEAR_2001);
    write(&late, "1");
    late.sync();
    early.sync();
    let notice = |phone: &Phone| phone.app.home().unwrap().sync.clock.map(|notice| notice.en);
    assert!(notice(&late).unwrap().starts_with("This device's clock is about 23969 days fast"));
    assert!(notice(&early).unwrap().starts_with("This device's clock is about 11825 days slow"));
    let written = |phone: &Phone| cell(&phone.sheet("tt-1-a"), 1, Column::Own).written.clone().unwrap();
    assert!(written(&early).clock_wrong, "claimed for years after the server had it");
    write(&early, "2");
    early.sync();
    late.sync();
    assert_eq!(late.own("tt-1-a", 1), Some(Points::whole(2)), "who had seen the other one replaces it");
    write(&late, "0,5");
    clock.0.store(YEAR_2001, Ordering::Relaxed);
    write(&late, "1,5");
    late.sync();
    early.sync();
    for phone in [&late, &early] {
        assert_eq!(phone.own("tt-1-a", 1), Some(Points(15_000)), "what was written last on the phone");
        assert!(phone.app.conflicts().unwrap().is_empty());
    }
    let written = written(&early);
    assert_eq!(written.at / 60, YEAR_2001 / 60, "shown as claimed");
    assert!(written.received.unwrap() > END_OF_OCTOBER - 100_000_000, "beside the server's time");
    assert!(!written.clock_wrong, "what came late may have waited");
    assert!(notice(&late).unwrap().contains("slow"), "it has jumped back");
    clock.0.store(written.received.unwrap(), Ordering::Relaxed);
    late.sync();
    assert_eq!(notice(&late), None, "the person has set it right");
}

#[test]
fn the_servers_time_is_asked_for_once_a_day_and_at_each_sync_while_the_clock_is_wrong() {
    let office = Office::new();
    let (right, wrong) = (office.phone("tt-1-a", "đúng"), phone_at(&office, "sai", YEAR_2099).0);
    let came = |phone: &Phone| {
        let before = phone.count("verdicts");
        phone.sync();
        phone.count("verdicts") - before
    };
    assert_eq!([came(&right), came(&right), came(&wrong), came(&wrong)], [0, 0, 1, 1]);
    office.wait(24 * 3600);
    assert_eq!([came(&right), came(&right)], [1, 0]);
}

#[test]
fn case_19_the_period_is_a_field_whatever_the_clock_and_its_zone_say() {
    let office = Office::new();
    let (phone, clock) = phone_at(&office, "máy", END_OF_OCTOBER);
    let head = office.phone("tt-1-gd", "máy");
    // A second later it is November in Việt Nam, and still October in Greenwich; then November everywhere.
    for (criterion, at) in [(1, 0), (2, 1), (3, 7 * 3600 + 1), (4, 40 * 86_400)] {
        clock.0.store(END_OF_OCTOBER + at, Ordering::Relaxed);
        phone.score("tt-1-a", criterion, Column::Own, "1").unwrap();
        let open = phone.app.home().unwrap().period.unwrap().id;
        assert_eq!(open, PERIOD, "which period is open is the server's word");
    }
    phone.sync();
    head.sync();
    for phone in [&phone, &head] {
        assert!((1..=4).all(|criterion| phone.own("tt-1-a", criterion) == Some(Points::whole(1))));
    }
}

#[test]
fn case_21_another_value_that_came_while_a_person_typed_is_a_conflict_and_not_overwritten() {
    let office = Office::new();
    let (one, two) = (office.phone("tt-1-a", "một"), office.phone("tt-1-a", "hai"));
    write(&one, "1");
    one.sync();
    two.sync();
    let shown = one.sheet("tt-1-a");
    let token = cell(&shown, 1, Column::Own).token.clone();
    write(&two, "2");
    two.sync();
    one.sync();
    let (sheet, field, text) = (shown.summary.id, FieldName::Points, "1,5".to_owned());
    one.app.score(&ScoreRequest { sheet, criterion: 1, column: Column::Own, field, text, token }).unwrap();
    one.sync();
    two.sync();
    for phone in [&one, &two] {
        let [conflict] = phone.app.conflicts().unwrap().try_into().unwrap();
        let mut values: Vec<String> = conflict.values.into_iter().map(|value| value.value).collect();
        values.sort();
        assert_eq!(values, ["1.5", "2"]);
    }
}

#[test]
fn case_22_what_was_submitted_on_one_phone_and_edited_unseen_on_the_other_is_asked_again() {
    let office = Office::new();
    let (one, two) = (office.phone("tt-1-a", "một"), office.phone("tt-1-a", "hai"));
    (1..=4).for_each(|criterion| one.score("tt-1-a", criterion, Column::Own, "1").unwrap());
    one.sync();
    two.sync();
    let id = one.sheet("tt-1-a").summary.id;
    one.app.submit(&id).unwrap();
    write(&two, "2");
    one.sync();
    two.sync();
    one.sync();
    for phone in [&one, &two] {
        assert_eq!(phone.sheet("tt-1-a").summary.stage, Stage::Outdated);
        assert_eq!(phone.own("tt-1-a", 1), Some(Points::whole(2)));
    }
    two.app.submit(&id).unwrap();
    two.sync();
    one.sync();
    let summary = one.sheet("tt-1-a").summary;
    assert_eq!((summary.stage, summary.place), (Stage::Submitted, Place::Received));
}
