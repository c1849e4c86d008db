//! A witness's statement: what was handed over in time counts as in time, by the server's own time carried forward.

use xeploai_core::ids::PersonId;
use xeploai_core::sheet::ChangeId;
use xeploai_core::sync::Status;
use xeploai_core::sync::verdict::Reason;
use xeploai_core::view::{Column, Place};
use xeploai_server::service::{Authority, Service};

use crate::office::{Office, PERIOD};
use crate::phone::Phone;

fn authority() -> Authority {
    Authority { by: "Giám đốc".into(), reason: "Bàn giao đúng hạn".into() }
}

/// A phone, and a supervisor's that has just heard from the server.
fn pair(office: &Office) -> (Phone, Phone) {
    let (phone, hub) = (office.phone("tt-1-a", "máy"), office.supervisor());
    hub.sync();
    (phone, hub)
}

#[test]
fn case_12_scores_handed_over_before_the_lock_are_on_time_and_enter_by_decision_alone() {
    let office = Office::new();
    let (phone, hub) = pair(&office);
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    office.wait(60);
    phone.meet(&hub);
    office.wait(60);
    office.lock();
    let cut = |office: &Office| {
        let config = office.config();
        config.cut(PERIOD.parse().unwrap()).cloned().unwrap()
    };
    let locked = cut(&office);
    hub.sync();
    let frame = phone.written()[0];
    assert_eq!(office.said(frame), Some((Status::Held, Reason::OnTimeByWitness)));
    assert_eq!(cut(&office), locked, "the locked result is unchanged");
    phone.meet(&hub);
    assert_eq!(phone.place("tt-1-a"), Place::Held);

    let late = [ChangeId { frame, index: 0 }];
    office.ask(|service| service.decide(PERIOD.parse().unwrap(), &late, &authority())).unwrap();
    assert_eq!(office.said(frame), Some((Status::Accepted, Reason::None)));
    assert_eq!(cut(&office).decision, 1);
}

#[test]
fn a_statement_that_comes_after_the_frame_has_it_judged_again() {
    let office = Office::new();
    let (phone, hub) = pair(&office);
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    phone.meets(&hub.certificate(), |request| {
        // What it answers is lost: the phone has no statement that it could bring itself.
        hub.app.serve(&request)?;
        Err(xeploai_client::Refused::Unreachable.into())
    });
    office.wait(60);
    office.lock();
    phone.sync();
    let frame = phone.written()[0];
    assert_eq!(office.said(frame), Some((Status::Held, Reason::PeriodLocked)));
    hub.sync();
    assert_eq!(office.said(frame), Some((Status::Held, Reason::OnTimeByWitness)));
}

#[test]
fn handed_over_after_the_lock_is_late_whatever_the_hub_has_heard_last() {
    let office = Office::new();
    let (phone, hub) = pair(&office);
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    office.wait(60);
    office.lock();
    office.wait(60);
    phone.meet(&hub);
    hub.sync();
    assert_eq!(office.said(phone.written()[0]), Some((Status::Held, Reason::PeriodLocked)));
}

#[test]
fn a_witness_that_was_restarted_since_states_no_time() {
    let office = Office::new();
    let (phone, hub) = pair(&office);
    let hub = office.restarted(hub);
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    phone.meet(&hub);
    assert_eq!(phone.place("tt-1-a"), Place::Carried);
    office.wait(60);
    office.lock();
    hub.sync();
    assert_eq!(office.said(phone.written()[0]), Some((Status::Held, Reason::PeriodLocked)));
}

#[test]
fn who_lost_his_right_is_heard_for_what_a_witness_got_before_and_waits_for_a_person_otherwise() {
    let office = Office::new();
    let (head, hub) = (office.phone("tt-1-gd", "máy"), office.supervisor());
    hub.sync();
    head.sync();
    head.score("tt-1-a", 1, Column::Superior, "1").unwrap();
    office.wait(60);
    head.meet(&hub);
    office.wait(60);
    office.end_post("tt-1-gd", "2026-09");
    office.wait(60);
    head.score("tt-1-a", 2, Column::Superior, "1").unwrap();
    head.meet(&hub);
    hub.sync();
    let [before, after] = head.written()[..] else { panic!("two frames") };
    assert_eq!(office.said(before), Some((Status::Accepted, Reason::None)));
    assert_eq!(office.said(after), Some((Status::Held, Reason::RightsChanged)));
}

#[test]
fn of_a_revoked_device_a_person_decides_on_what_a_witness_got_and_the_rest_counts_for_nothing() {
    let office = Office::new();
    let (stolen, hub) = pair(&office);
    stolen.score("tt-1-a", 1, Column::Own, "1").unwrap();
    stolen.meet(&hub);
    let person = PersonId::of(office.ask(Service::department), "tt-1-a");
    office.wait(60);
    office.ask(|service| service.revoke(person, "máy", &authority())).unwrap();
    hub.sync();
    stolen.score("tt-1-a", 2, Column::Own, "2").unwrap();
    assert_eq!(stolen.app.sync().unwrap().failure.unwrap().code, "device_revoked");
    let [handed, late] = stolen.written()[..] else { panic!("two frames") };
    assert_eq!(office.said(handed), Some((Status::Held, Reason::Revoked)));
    assert_eq!(office.said(late), Some((Status::Rejected, Reason::Revoked)));
}

#[test]
fn what_a_person_has_decided_no_later_statement_changes() {
    let office = Office::new();
    let (phone, hub) = pair(&office);
    for criterion in 1..=2 {
        phone.score("tt-1-a", criterion, Column::Own, "1").unwrap();
    }
    let lost = |request: Vec<u8>| {
        hub.app.serve(&request)?;
        Err(xeploai_client::Refused::Unreachable.into())
    };
    phone.meets(&hub.certificate(), lost);
    phone.sync();
    let frame = phone.written()[0];
    let change = [ChangeId { frame, index: 0 }];
    office.ask(|service| service.annul(&change, &authority())).unwrap();
    hub.sync();
    assert_eq!(office.said(frame), Some((Status::Annulled, Reason::ByDecision)));
    let config = office.config();
    assert_eq!(config.rulings.len(), 1);
    assert_eq!((&*config.rulings[0].by, config.rulings[0].annulled), ("Giám đốc", true));
}

#[test]
fn a_revoked_witness_says_nothing() {
    let office = Office::new();
    let (phone, hub) = pair(&office);
    let person = PersonId::of(office.ask(Service::department), crate::office::SUPERVISOR);
    office.ask(|service| service.revoke(person, "máy kiểm tra", &authority())).unwrap();
    phone.score("tt-1-a", 1, Column::Own, "1").unwrap();
    phone.meet(&hub);
    office.wait(60);
    office.lock();
    phone.sync();
    assert_eq!(office.said(phone.written()[0]), Some((Status::Held, Reason::PeriodLocked)));
}
