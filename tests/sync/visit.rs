//! A visit over a local network: a hub that listens on real sockets, and the phones that come to it.

use std::io::{Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use xeploai_client::Refused;
use xeploai_client::lan::{Hub, HubOptions, Visit};
use xeploai_core::ids::PersonId;
use xeploai_core::points::Points;
use xeploai_core::sync::Status;
use xeploai_core::sync::invitation::{Invitation, key_name};
use xeploai_core::view::{Column, HubView, LinkState, Place, SyncReport};

use xeploai_server::service::{Authority, Service};

use crate::office::Office;
use crate::phone::Phone;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn options() -> HubOptions {
    HubOptions { addresses: Some(vec![HERE]), port: 0, ..HubOptions::default() }
}

pub(crate) fn open(phone: &Phone) -> Hub {
    Hub::open(&phone.app, options()).unwrap()
}

pub(crate) fn join(phone: &Phone, invitation: &str) -> SyncReport {
    Visit::new(Arc::clone(&phone.app)).join_hub(invitation).unwrap()
}

fn refused(phone: &Phone, invitation: &str) -> String {
    Visit::new(Arc::clone(&phone.app)).join_hub(invitation).unwrap_err().code()
}

/// Nobody is let in any more: the system may take a call for a hub that has just closed, and drops it.
fn assert_closed(phone: &Phone, invitation: &str) {
    let code = refused(phone, invitation);
    assert!([Refused::HubUnreachable, Refused::HubBusy].iter().any(|it| it.code() == code), "{code}");
}

/// What the hub shows once it shows what is waited for: the guest may hear of the end first.
fn shows(hub: &Hub, what: &str, is_shown: impl Fn(&HubView) -> bool) -> HubView {
    let mut revision = 0;
    loop {
        let view = hub.view();
        if is_shown(&view) {
            return view;
        }
        let seen = hub.wait(revision, PATIENCE);
        assert_ne!(seen, revision, "{what}: {view:?}");
        revision = seen;
    }
}

fn ended(hub: &Hub, meetings: usize) -> HubView {
    let has_ended =
        |link: &xeploai_core::view::LinkView| matches!(link.state, LinkState::Done | LinkState::Failed);
    shows(hub, "the meetings end", |view| {
        view.links.iter().filter(|link| has_ended(link)).count() == meetings
    })
}

/// An invitation with another secret, as somebody makes it who knows the hub's key.
fn guessed(hub: &Phone, right: &Invitation) -> Invitation {
    let (secret, header) = (right.secret.map(|byte| !byte), hub.certificate().header);
    Invitation { key: key_name(header.department, &header.key, &secret), secret, ..right.clone() }
}

#[test]
fn a_month_goes_over_a_visit_to_the_server_and_its_receipt_comes_back() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-a", "máy của A"), office.supervisor());
    supervisor.sync();
    phone.score_three("tt-1-a");
    let hub = open(&supervisor);
    let visit = Visit::new(Arc::clone(&phone.app));
    let report = visit.join_hub(&hub.view().typed[0]).unwrap();
    assert!(report.ok, "{report:?}");
    assert!(report.sentence.vi.starts_with("Xong: đã trao 1 phiếu"), "{}", report.sentence.vi);

    let (at_hub, at_guest) = (ended(&hub, 1), visit.view().guest.unwrap());
    let link = &at_hub.links[0];
    assert_eq!((&link.state, &at_guest.state), (&LinkState::Done, &LinkState::Done));
    assert_eq!(link.code, at_guest.code, "both screens show one code");
    assert_eq!((link.device.as_str(), link.handed, link.total), ("máy của A", 1, 1));
    assert_eq!(at_guest.device, "máy kiểm tra");
    assert!(link.known && !link.name.is_empty() && !link.unit.is_empty());
    assert_eq!(
        (at_guest.name.as_str(), at_guest.known),
        ("Người kiểm tra", false),
        "of a unit that he may not read"
    );
    assert_eq!(at_hub.sentence.vi, "Nhận 1 phiếu của 1 người.");
    assert_eq!(phone.place("tt-1-a"), Place::Carried);
    let carried = phone.sheet("tt-1-a").summary.carried.expect("who has it");
    assert_eq!(carried.by, "Người kiểm tra", "the hub has told of him");
    assert!(carried.at.is_some(), "by the server's time, which he had asked for");
    assert_eq!(supervisor.own("tt-1-a", 1), Some(Points(15_000)), "he reads it on the spot");

    supervisor.sync();
    assert_eq!(office.said(phone.written()[0]).unwrap().0, Status::Accepted);
    assert_eq!(join(&phone, &hub.view().invitation).sent, 3, "over the QR code's form as well");
    assert_eq!(phone.place("tt-1-a"), Place::Received);
    assert_eq!(phone.sheet("tt-1-a").summary.carried, None);
}

#[test]
fn several_come_at_once_while_the_way_to_the_server_is_open_too_and_there_is_one_copy() {
    let office = Office::new();
    let people = ["tt-1-a", "tt-1-b", "tt-1-gd"];
    let phones = people.map(|person| office.phone(person, "máy"));
    let supervisor = office.supervisor();
    for (phone, person) in phones.iter().zip(&people[..2]) {
        phone.score_three(person);
    }
    let hub = open(&supervisor);
    let invitation = hub.view().invitation;
    std::thread::scope(|scope| {
        for phone in &phones {
            scope.spawn(|| {
                assert!(join(phone, &invitation).ok);
                phone.sync();
                assert!(join(phone, &invitation).ok);
            });
        }
        scope.spawn(|| (0..4).for_each(|_| drop(supervisor.sync())));
    });
    let view = ended(&hub, 6);
    assert!(view.links.iter().all(|link| link.state == LinkState::Done), "{view:?}");
    supervisor.sync();
    for phone in &phones[..2] {
        for frame in phone.written() {
            assert_eq!(office.said(frame).unwrap().0, Status::Accepted);
            assert!(supervisor.holds(frame));
        }
    }
    let copies = "SELECT count(*) - count(DISTINCT hash) FROM frames";
    let twice: i64 = supervisor.store().query_row(copies, [], |row| row.get(0)).unwrap();
    assert_eq!(twice, 0);
}

#[test]
fn work_goes_from_phone_to_phone_to_the_supervisor_and_on_to_the_server() {
    let office = Office::new();
    let (phone, head, supervisor) =
        (office.phone("tt-1-a", "máy"), office.phone("tt-1-gd", "máy"), office.supervisor());
    phone.score_three("tt-1-a");
    assert!(join(&phone, &open(&head).view().invitation).ok);
    let at_supervisor = open(&supervisor);
    assert!(join(&head, &at_supervisor.view().invitation).ok);
    assert_eq!(ended(&at_supervisor, 1).sentence.vi, "Nhận 1 phiếu của 1 người.");
    supervisor.sync();
    assert_eq!(
        office.said(phone.written()[0]).unwrap().0,
        Status::Accepted,
        "its author never met the server"
    );
    assert!(join(&head, &at_supervisor.view().invitation).ok);
    assert_eq!(join(&phone, &open(&head).view().invitation).sent, 3, "the receipt takes the same way back");
}

#[test]
fn what_leads_to_no_hub_is_refused_and_nothing_is_lost() {
    let office = Office::new();
    let (phone, supervisor, head) =
        (office.phone("tt-1-a", "máy"), office.supervisor(), office.phone("tt-1-gd", "máy"));
    phone.score_three("tt-1-a");
    assert_eq!(refused(&phone, "https://may.chu/#ABC"), Refused::NoInvitation.code());
    let hub = open(&supervisor);
    let right = Invitation::parse(&hub.view().invitation).unwrap();

    let mistyped = Invitation { secret: right.secret.map(|byte| !byte), ..right.clone() };
    assert_eq!(
        refused(&phone, &mistyped.qr()),
        Refused::NotTheHub.code(),
        "it does not fit the name of the key"
    );
    let wrong = guessed(&supervisor, &right);
    assert_eq!(refused(&phone, &wrong.qr()), Refused::WrongSecret.code());
    let other = open(&head);
    let port = Invitation::parse(&other.view().invitation).unwrap().port;
    let elsewhere = Invitation { port, ..right.clone() };
    assert_eq!(refused(&phone, &elsewhere.qr()), Refused::NotTheHub.code());
    drop(hub);
    assert_closed(&phone, &right.qr());
    assert_eq!(phone.place("tt-1-a"), Place::Waiting);
    assert!(join(&phone, &open(&supervisor).view().invitation).ok);
}

#[test]
fn a_device_that_was_put_out_is_no_hub_and_gets_nothing() {
    let office = Office::new();
    let (phone, stolen) = (office.phone("tt-1-a", "máy"), office.phone("tt-1-gd", "bị mất"));
    phone.score_three("tt-1-a");
    let hub = open(&stolen);
    let head = PersonId::of(office.ask(Service::department), "tt-1-gd");
    let authority = Authority { by: "Chuyên viên tổng hợp".into(), reason: "Mất máy".into() };
    assert_eq!(office.ask(|service| service.revoke(head, "bị mất", &authority)).unwrap(), 1);
    phone.sync();
    phone.score("tt-1-a", 4, Column::Own, "1").unwrap();
    assert_eq!(refused(&phone, &hub.view().invitation), Refused::PeerRevoked.code());
    assert!(phone.written().iter().all(|frame| !stolen.holds(*frame)), "nothing was handed to it");
}

#[test]
fn what_a_device_that_was_put_out_brings_is_taken_and_it_is_told_nothing() {
    let office = Office::new();
    let (stolen, supervisor) = (office.phone("tt-1-a", "bị mất"), office.supervisor());
    stolen.score_three("tt-1-a");
    let person = PersonId::of(office.ask(Service::department), "tt-1-a");
    let authority = Authority { by: "Chuyên viên tổng hợp".into(), reason: "Mất máy".into() };
    assert_eq!(office.ask(|service| service.revoke(person, "bị mất", &authority)).unwrap(), 1);
    supervisor.sync();
    let hub = open(&supervisor);
    let report = join(&stolen, &hub.view().invitation);
    assert_eq!(report.failure.unwrap().code, Refused::DeviceRevoked.code(), "of itself");
    let view = ended(&hub, 1);
    let link = &view.links[0];
    assert_eq!(link.failure.as_ref().unwrap().code, Refused::PeerRevoked.code(), "of the other device");
    assert_eq!(
        link.sentence.as_ref().unwrap().vi,
        "Nhận 1 phiếu của 1 người.",
        "kept, for the server to judge"
    );
    assert!(stolen.written().iter().all(|frame| supervisor.holds(*frame)));
}

#[test]
fn of_several_addresses_the_one_that_leads_to_the_hub_is_found() {
    let office = Office::new();
    let (phone, supervisor, head) =
        (office.phone("tt-1-a", "máy"), office.supervisor(), office.phone("tt-1-gd", "máy"));
    let hub = open(&supervisor);
    let invitation = Invitation::parse(&hub.view().invitation).unwrap();
    let options = |address: &str| HubOptions {
        addresses: Some(vec![address.parse().unwrap()]),
        port: invitation.port,
        ..options()
    };
    let other = Hub::open(&head.app, options("127.0.0.2")).unwrap();
    assert_eq!(Invitation::parse(&other.view().invitation).unwrap().port, invitation.port);
    let addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.1"].map(|it| it.parse().unwrap()).to_vec();
    assert!(join(&phone, &Invitation { addresses, ..invitation }.qr()).ok);
}

#[test]
fn whoever_guesses_the_secret_gets_another_one_to_guess() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    let hub = open(&supervisor);
    let first = Invitation::parse(&hub.view().invitation).unwrap();
    let wrong = guessed(&supervisor, &first);
    for _ in 0..20 {
        assert_eq!(refused(&phone, &wrong.qr()), Refused::WrongSecret.code());
    }
    shows(&hub, "another secret", |view| view.invitation != first.qr());
    assert_eq!(refused(&phone, &first.qr()), Refused::WrongSecret.code(), "yesterday's code");
    assert!(join(&phone, &hub.view().invitation).ok);
}

#[test]
fn strangers_who_hold_the_places_of_one_address_hold_no_others() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    let two = HubOptions { addresses: Some(vec![HERE, "::1".parse().unwrap()]), ..options() };
    let hub = Hub::open(&supervisor.app, two).unwrap();
    let both = Invitation::parse(&hub.view().invitation).unwrap();
    let [four, six] = [0, 1].map(|at| Invitation { addresses: vec![both.addresses[at]], ..both.clone() });
    let silent: Vec<TcpStream> = (0..4).map(|_| TcpStream::connect((HERE, four.port)).unwrap()).collect();
    assert_eq!(refused(&phone, &four.qr()), Refused::HubBusy.code());
    assert!(join(&phone, &six.qr()).ok);
    drop(silent);
    // The hub notices each of them by itself: until then it may still be full.
    let free =
        (0..1000).any(|_| Visit::new(Arc::clone(&phone.app)).join_hub(&four.qr()).is_ok_and(|it| it.ok));
    assert!(free, "their places are free again");
}

#[test]
fn a_hub_closes_by_itself_and_by_hand() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    let hub = Hub::open(&supervisor.app, HubOptions { idle_s: 0, ..options() }).unwrap();
    let view = shows(&hub, "it closes", |view| !view.open);
    assert_eq!(view.sentence.vi, "Chưa nhận phiếu nào.");
    assert_closed(&phone, &view.invitation);

    let visit = Visit::new(Arc::clone(&supervisor.app));
    let mut hub = open(&supervisor);
    hub.close();
    hub.close();
    assert!(!hub.view().open);
    assert!(!visit.close_hub().hub.is_some_and(|hub| hub.open), "there was none to close");
}

/// Carries bytes between phones and a hub, so many of what comes from a phone and then no more.
struct Cut {
    listener: TcpListener,
    to: SocketAddr,
}

impl Cut {
    fn before(hub: &Invitation) -> (Self, Invitation) {
        let listener = TcpListener::bind((HERE, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let to = SocketAddr::new(HERE, hub.port);
        (Self { listener, to }, Invitation { port, ..hub.clone() })
    }

    /// Carries one connection; tells whether it ended before it was cut.
    fn carry(&self, mut bytes: usize) -> bool {
        let (mut near, _) = self.listener.accept().unwrap();
        let mut far = TcpStream::connect(self.to).unwrap();
        let (mut back, mut out) = (far.try_clone().unwrap(), near.try_clone().unwrap());
        let answers = std::thread::spawn(move || std::io::copy(&mut back, &mut out));
        let mut chunk = [0; 1024];
        let whole = loop {
            let most = chunk.len().min(bytes);
            if most == 0 {
                break false;
            }
            let read = near.read(&mut chunk[..most]).unwrap_or(0);
            if read == 0 {
                break true;
            }
            far.write_all(&chunk[..read]).unwrap();
            bytes -= read;
        };
        for stream in [&near, &far] {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let _ = answers.join();
        whole
    }
}

#[test]
fn a_link_that_breaks_anywhere_leaves_no_half_state_and_the_next_one_goes_on() {
    let office = Office::new();
    let (phone, supervisor) = (office.phone("tt-1-a", "máy"), office.supervisor());
    supervisor.sync();
    phone.score_three("tt-1-a");
    let hub = open(&supervisor);
    let (cut, invitation) = Cut::before(&Invitation::parse(&hub.view().invitation).unwrap());
    let mut bytes = 0;
    loop {
        let visit = Visit::new(Arc::clone(&phone.app));
        let whole = std::thread::scope(|scope| {
            let joining = scope.spawn(|| visit.join_hub(&invitation.qr()));
            let whole = cut.carry(bytes);
            let report = joining.join().unwrap();
            let ok = report.as_ref().is_ok_and(|report| report.ok);
            assert!(ok || !whole, "it was not cut: {report:?}");
            if !ok {
                let failure = visit.view().guest.unwrap().failure.expect("a reason");
                assert!(!failure.message.vi.is_empty());
            }
            whole
        });
        let held = supervisor.holds(phone.written()[0]);
        assert!(
            held || phone.place("tt-1-a") == Place::Waiting,
            "only its own device has it at {bytes} bytes"
        );
        if whole {
            break;
        }
        bytes += 61;
    }
    assert!(supervisor.holds(phone.written()[0]));
    assert_eq!(phone.place("tt-1-a"), Place::Carried);
    assert_eq!(phone.written().len(), 1, "sealed once");
}
