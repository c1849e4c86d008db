//! A new phone on a visit: the supervisor's hub makes it somebody's, and the department has the last word.

use std::sync::Arc;
use std::time::Duration;

use xeploai_client::lan::{Hub, HubOptions, Visit};
use xeploai_client::{ClientError, Refused};
use xeploai_core::ids::PersonId;
use xeploai_core::org::{Document, Unit};
use xeploai_core::points::Points;
use xeploai_core::sync::Status;
use xeploai_core::sync::policy::{DELEGATION_SECONDS, DELEGATIONS_MAX};
use xeploai_core::view::{HubView, LinkState, Place};
use xeploai_server::service::{Authority, DeviceOfVisit, Service};

use crate::office::Office;
use crate::phone::Phone;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn open(phone: &Phone) -> Hub {
    let addresses = Some(vec![std::net::Ipv4Addr::LOCALHOST.into()]);
    Hub::open(&phone.app, HubOptions { addresses, port: 0, ..HubOptions::default() }).unwrap()
}

/// The meeting of a new device that waits for a word.
fn asking(hub: &Hub) -> u32 {
    let mut revision = 0;
    loop {
        let HubView { links, .. } = hub.view();
        if let Some(link) = links.iter().find(|link| link.state == LinkState::Asking) {
            return link.number;
        }
        let seen = hub.wait(revision, PATIENCE);
        assert_ne!(seen, revision, "nobody asks: {links:?}");
        revision = seen;
    }
}

/// What comes of a new phone that asks a hub, when its person says whose it is.
fn enrolled(phone: &Phone, hub: &Hub, person: &str) -> Result<(), String> {
    let (visit, code) = (Visit::new(Arc::clone(&phone.app)), hub.view().typed[0].clone());
    std::thread::scope(|scope| {
        let guest = scope.spawn(move || visit.enrol(&code, "máy mới", person).map(drop));
        let number = asking(hub);
        if let Err(error) = hub.enrol(number, PersonId::of(phone.department, person)) {
            hub.decline(number).unwrap();
            assert_eq!(guest.join().unwrap().unwrap_err().code(), Refused::EnrolmentDeclined.code());
            return Err(error.code());
        }
        guest.join().unwrap().map_err(|error: ClientError| error.code())
    })
}

fn authority() -> Authority {
    Authority { by: "Giám đốc".into(), reason: "đã gọi điện hỏi".into() }
}

fn of_visits(office: &Office) -> Vec<DeviceOfVisit> {
    office.ask(Service::devices_of_visits).unwrap()
}

/// A supervisor who has heard from the server, and a new phone at his hub that is a staff member's by now.
fn new_phone(office: &Office) -> (Phone, Phone) {
    let (supervisor, phone) = (office.supervisor(), office.new_phone("máy mới"));
    supervisor.sync();
    enrolled(&phone, &open(&supervisor), "tt-1-a").unwrap();
    (supervisor, phone)
}

#[test]
fn a_new_phone_gets_its_unit_from_the_hub_writes_and_the_server_confirms_it() {
    let office = Office::new();
    let head = office.phone("tt-1-gd", "máy trưởng");
    head.sync();
    let (supervisor, phone) = new_phone(&office);
    assert_eq!(phone.sheet("tt-1-a").summary.total.criteria, 4, "its month is here, from the hub alone");
    let me = phone.app.me().unwrap().unwrap();
    assert_eq!(me.enrolled_by.as_deref(), Some("Người kiểm tra"), "until the department confirms it");
    phone.score_three("tt-1-a");
    assert!(phone.meet(&supervisor).ok);
    assert_eq!(supervisor.own("tt-1-a", 1), Some(Points(15_000)), "read on the spot");
    assert_eq!(phone.place("tt-1-a"), Place::Carried);
    assert!(of_visits(&office).is_empty(), "the server has not heard of it");

    supervisor.sync();
    assert_eq!(office.said(phone.written()[0]).unwrap().0, Status::Accepted);
    assert!(of_visits(&office)[0].confirmed);
    assert_eq!(phone.meet(&supervisor).sent, 3, "its receipt comes back the way it went");
    assert_eq!(phone.place("tt-1-a"), Place::Received);

    phone.sync();
    let me = phone.app.me().unwrap().unwrap();
    assert_eq!(me.enrolled_by, None, "the department's own signature has taken the supervisor's place");
    assert!(phone.certificate().delegation.is_none());
    head.sync();
    assert_eq!(head.own("tt-1-a", 1), Some(Points(15_000)));
}

#[test]
fn a_new_phone_that_meets_the_server_first_is_confirmed_there() {
    let office = Office::new();
    let (_, phone) = new_phone(&office);
    phone.score_three("tt-1-a");
    assert_eq!(phone.sync().sent, 3);
    assert!(phone.certificate().delegation.is_none());
}

#[test]
fn others_take_its_work_and_pass_it_on_before_the_department_has_confirmed_it() {
    let office = Office::new();
    let (head, colleague) = (office.phone("tt-1-gd", "máy trưởng"), office.phone("tt-1-b", "máy của B"));
    let (_, phone) = new_phone(&office);
    head.sync();
    colleague.sync();
    phone.score_three("tt-1-a");
    phone.meet(&head);
    assert_eq!(head.own("tt-1-a", 1), Some(Points(15_000)));
    colleague.meet(&phone);
    head.sync();
    assert_eq!(office.said(phone.written()[0]).unwrap().0, Status::Accepted);
}

#[test]
fn nobody_is_enrolled_but_staff_of_a_unit_in_charge() {
    let office = Office::new();
    let supervisor = office.supervisor();
    supervisor.sync();
    let names: Vec<String> =
        Visit::new(Arc::clone(&supervisor.app)).candidates().unwrap().into_iter().map(|it| it.code).collect();
    assert_eq!(names, ["tt-1-a", "tt-1-b"]);
    let hub = open(&supervisor);
    for person in ["tt-1-gd", "tt-2-a", "so-td"] {
        let phone = office.new_phone(person);
        assert_eq!(enrolled(&phone, &hub, person), Err(Refused::NotEnrollable.code().into()), "{person}");
        assert!(phone.app.me().unwrap().is_none());
    }
    let of_staff = office.phone("tt-1-b", "máy của B");
    of_staff.sync();
    let phone = office.new_phone("máy của A");
    assert_eq!(enrolled(&phone, &open(&of_staff), "tt-1-a"), Err(Refused::NotEnrollable.code().into()));
}

#[test]
fn the_right_ends_a_month_after_the_servers_last_word_and_comes_back_with_the_next() {
    let office = Office::new();
    let (supervisor, phone) = (office.supervisor(), office.new_phone("máy mới"));
    supervisor.sync();
    office.wait(DELEGATION_SECONDS + 1);
    let hub = open(&supervisor);
    assert_eq!(enrolled(&phone, &hub, "tt-1-a"), Err(Refused::DelegationExpired.code().into()));
    supervisor.sync();
    assert_eq!(enrolled(&phone, &hub, "tt-1-a"), Ok(()));
}

#[test]
fn a_supervisor_enrols_so_many_devices_and_no_more_until_the_department_has_heard_of_them() {
    let office = Office::new();
    let supervisor = office.supervisor();
    supervisor.sync();
    let hub = open(&supervisor);
    let phones: Vec<Phone> = (0..=DELEGATIONS_MAX).map(|at| office.new_phone(&at.to_string())).collect();
    for phone in &phones[..DELEGATIONS_MAX] {
        enrolled(phone, &hub, "tt-1-a").unwrap();
    }
    assert_eq!(
        enrolled(&phones[DELEGATIONS_MAX], &hub, "tt-1-a"),
        Err(Refused::DelegationsUsedUp.code().into())
    );
}

#[test]
fn what_the_department_does_not_confirm_by_itself_waits_whole_for_a_person() {
    let office = Office::new();
    let (supervisor, phone) = new_phone(&office);
    // The supervisor is not in charge any more when the department hears of it.
    let unit = office.config().units.values().find(|it| it.code == "tt-1").unwrap().clone();
    office.write(&[Document::Unit(Unit { supervisors: Vec::new(), ..unit })]);
    phone.score_three("tt-1-a");
    phone.meet(&supervisor);
    supervisor.sync();
    assert_eq!(office.said(phone.written()[0]), None, "not judged");
    assert_eq!(phone.app.sync().unwrap().failure.unwrap().code, "delegation_waits");
    let waits = of_visits(&office);
    assert_eq!(waits.iter().map(|it| it.confirmed).collect::<Vec<_>>(), [false]);
    assert_eq!((waits[0].person.as_str(), waits[0].issuer.as_str()), ("tt-1-a", "so-td"));

    let person = PersonId::of(phone.department, "tt-1-a");
    let confirm = |reason: &str| {
        let authority = Authority { reason: reason.into(), ..authority() };
        office.ask(|service| service.confirm_device(person, "máy mới", &authority))
    };
    assert!(confirm("").is_err(), "not without a reason");
    assert_eq!(confirm("đã gọi điện hỏi").unwrap(), 1);
    assert_eq!(office.said(phone.written()[0]).unwrap().0, Status::Accepted, "out of quarantine");
    assert_eq!(phone.sync().sent, 3);
    assert!(confirm("đã gọi điện hỏi").is_err(), "nothing waits any more");
}

#[test]
fn a_supervisor_in_charge_no_longer_in_time_or_put_out_is_not_believed_by_the_server() {
    let late = Office::new();
    let (supervisor, phone) = new_phone(&late);
    phone.score_three("tt-1-a");
    phone.meet(&supervisor);
    late.wait(DELEGATION_SECONDS + 1);
    supervisor.sync();
    assert!(!of_visits(&late)[0].confirmed, "a month after it was made");

    let stolen = Office::new();
    let (_, phone) = new_phone(&stolen);
    let by = PersonId::of(phone.department, "so-td");
    stolen.ask(|service| service.revoke(by, "máy kiểm tra", &authority())).unwrap();
    assert_eq!(phone.app.sync().unwrap().failure.unwrap().code, "delegation_waits");
    assert!(!of_visits(&stolen)[0].confirmed);
    let head = stolen.phone("tt-1-gd", "máy trưởng");
    head.sync();
    phone.score_three("tt-1-a");
    let report = phone.meets(&head.certificate(), |request| head.app.serve(&request));
    assert_eq!(report.failure.unwrap().code, Refused::UnknownDevice.code(), "the revocation has travelled");
}

#[test]
fn who_has_met_a_device_of_a_visit_lets_it_in_no_more_once_its_supervisor_is_out() {
    let office = Office::new();
    let (_, phone) = new_phone(&office);
    let head = office.phone("tt-1-gd", "máy trưởng");
    head.sync();
    phone.score_three("tt-1-a");
    phone.meet(&head);
    let by = PersonId::of(phone.department, "so-td");
    office.ask(|service| service.revoke(by, "máy kiểm tra", &authority())).unwrap();
    head.sync();
    let report = phone.meets(&head.certificate(), |request| head.app.serve(&request));
    assert_eq!(report.failure.unwrap().code, Refused::UnknownDevice.code());
}

#[test]
fn a_false_hub_of_the_same_name_makes_nobody_of_a_device_that_knows_the_department() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-b", "máy chung"), office.supervisor());
    supervisor.sync();
    // The name is the same, the key another one.
    phone.store().execute("UPDATE accounts SET department_key = zeroblob(32)", []).unwrap();
    let refused = enrolled(&phone, &open(&supervisor), "tt-1-a");
    assert_eq!(refused, Err(Refused::OtherDepartment.code().into()));
    assert_eq!(phone.app.people().unwrap().len(), 1);
}

#[test]
fn a_device_of_a_visit_is_put_out_like_any_other_whether_or_not_it_was_confirmed() {
    let office = Office::new();
    let (supervisor, phone) = new_phone(&office);
    let person = PersonId::of(phone.department, "tt-1-a");
    phone.sync();
    office.ask(|service| service.revoke(person, "máy mới", &authority())).unwrap();
    supervisor.sync();
    let report = phone.meets(&supervisor.certificate(), |request| supervisor.app.serve(&request));
    assert_eq!(report.failure.unwrap().code, Refused::DeviceRevoked.code(), "by the hub, without the server");
}

#[test]
fn a_phone_of_a_visit_that_was_put_back_goes_on_in_a_new_stream_before_it_is_confirmed() {
    let office = Office::new();
    let (supervisor, phone) = new_phone(&office);
    let backup = phone.back_up();
    phone.score_three("tt-1-a");
    phone.meet(&supervisor);
    let phone = office.put_back(phone, &backup);
    phone.meet(&supervisor);
    phone.score("tt-1-a", 4, xeploai_core::view::Column::Own, "1").unwrap();
    phone.meet(&supervisor);
    assert!(phone.certificate().renewal.is_some() && phone.certificate().delegation.is_some());
    supervisor.sync();
    assert_eq!(of_visits(&office).len(), 1, "one device");
    let told: Vec<_> = phone.written().into_iter().map(|frame| office.said(frame).unwrap().0).collect();
    assert!(told.iter().all(|it| *it == Status::Accepted), "{told:?}");
}

#[test]
fn who_gives_up_or_is_sent_away_is_nobody() {
    let office = Office::new();
    let (supervisor, phone) = (office.supervisor(), office.new_phone("máy mới"));
    supervisor.sync();
    let hub = open(&supervisor);
    let (visit, code) = (Visit::new(Arc::clone(&phone.app)), hub.view().typed[0].clone());
    let declined = std::thread::scope(|scope| {
        let guest = scope.spawn(|| visit.enrol(&code, "máy mới", "tt-1-a").map(drop));
        let number = asking(&hub);
        hub.decline(number).unwrap();
        assert!(hub.decline(number).is_err(), "once");
        guest.join().unwrap()
    });
    let there = visit.view().guest.unwrap();
    assert_eq!(hub.view().links[0].code, there.code, "both screens show one code");
    assert_eq!(declined.unwrap_err().code(), Refused::EnrolmentDeclined.code());
    assert!(phone.app.me().unwrap().is_none());
    assert_eq!(there.state, LinkState::Failed);
}
