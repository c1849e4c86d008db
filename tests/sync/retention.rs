//! What a device only carried goes when a verified copy of it exists, and nothing else ever does.

use xeploai_core::view::{Column, Place};
use xeploai_server::service::Service;

use crate::office::Office;
use crate::phone::Phone;

/// Somebody's scores that a colleague carries, who may not read them.
fn carried(office: &Office) -> (Phone, Phone) {
    let (phone, colleague) = (office.phone("tt-1-a", "máy"), office.phone("tt-1-b", "máy"));
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    phone.meet(&colleague);
    colleague.score("tt-1-b", 1, Column::Own, "2").unwrap();
    (phone, colleague)
}

fn archive(office: &Office) {
    office.ask(Service::archive).unwrap();
}

#[test]
fn carried_frames_go_after_the_statement_that_covers_them_and_not_before() {
    let office = Office::new();
    let (phone, colleague) = carried(&office);
    let frame = phone.written()[0];
    archive(&office);
    colleague.sync();
    colleague.sync();
    assert!(colleague.holds(frame), "received after the copy was made");
    archive(&office);
    let others = colleague.count("frames");
    colleague.sync();
    assert!(!colleague.holds(frame), "a copy of it exists");
    assert_eq!(colleague.count("frames"), others, "one went, and the statement came");
    assert!(colleague.holds(colleague.written()[0]), "own frames stay for ever");
    colleague.sync();

    phone.meet(&colleague);
    assert!(colleague.holds(frame), "what is handed over again is taken again");
    assert_eq!(phone.place("tt-1-a"), Place::Received, "and its receipt was never forgotten");
}

#[test]
fn what_has_no_receipt_stays_whatever_is_archived() {
    let office = Office::new();
    let (phone, colleague) = carried(&office);
    colleague.sync();
    phone.score("tt-1-a", 2, Column::Own, "2").unwrap();
    phone.meet(&colleague);
    let [received, waiting] = phone.written()[..] else { panic!("two frames") };
    archive(&office);
    // The statement comes over another phone of the unit, which reads the configuration.
    let third = office.phone("tt-2-a", "máy");
    colleague.meet(&third);
    assert!(colleague.holds(received) && colleague.holds(waiting));
    colleague.sync();
    assert!(!colleague.holds(received));
    assert!(colleague.holds(waiting), "its receipt came after the copy");
}

#[test]
fn what_somebody_of_the_device_may_read_stays() {
    let office = Office::new();
    let (phone, head) = (office.phone("tt-1-a", "máy"), office.phone("tt-1-gd", "máy"));
    phone.score("tt-1-a", 1, Column::Own, "1,5").unwrap();
    phone.sync();
    head.sync();
    archive(&office);
    let frames = head.count("frames");
    head.sync();
    head.sync();
    assert!(head.holds(phone.written()[0]));
    assert_eq!(head.count("frames"), frames + 1, "and the statement");
}

#[test]
fn a_copy_of_a_server_that_is_no_more_covers_nothing() {
    let office = Office::new();
    let (phone, colleague) = carried(&office);
    let backup = office.back_up();
    colleague.sync();
    archive(&office);
    let third = office.phone("tt-2-a", "máy");
    colleague.meet(&third);
    office.restore(&backup);
    colleague.sync();
    colleague.sync();
    assert!(colleague.holds(phone.written()[0]), "the present server has made no copy of it");
    archive(&office);
    colleague.sync();
    assert!(!colleague.holds(phone.written()[0]));
}
