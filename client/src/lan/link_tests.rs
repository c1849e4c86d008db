use std::time::Duration;

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use tokio::io::{DuplexStream, duplex};
use xeploai_core::ids::{DepartmentId, PersonId};

use super::*;

const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);
const SECRET: [u8; SECRET_BYTES] = [7; SECRET_BYTES];

/// A device of the department whose key is made from `root`.
fn device_of(root: u8, seed: u8) -> Identity {
    let (root, key) = (SigningKey::from_bytes(&[root; 32]), SigningKey::from_bytes(&[seed; 32]));
    let header = Header {
        department: DEPARTMENT,
        author: PersonId([seed; 16]),
        key: key.verifying_key().to_bytes(),
        nonce: [seed; 16],
        device: format!("Máy {seed}"),
    };
    let trust = Trust { department: DEPARTMENT, key: root.verifying_key().to_bytes() };
    let card = Card::new(&format!("Người {seed}"), "Đơn vị");
    Identity { certificate: Certificate::sign(header, &root), key, trust, card }
}

fn device(seed: u8) -> Identity {
    device_of(9, seed)
}

fn invitation(hub: &Identity) -> Invitation {
    let key = key_name(DEPARTMENT, &hub.certificate.header.key, &SECRET);
    Invitation { addresses: vec![[127, 0, 0, 1].into()], port: 1, key, secret: SECRET }
}

type Met<T> = Result<(Link<DuplexStream>, T), Refused>;
type Meeting = (Met<super::Met>, Met<Guest>);

/// A guest comes to a hub: what becomes of it on the guest's side, and on the hub's.
fn meet(guest: &Identity, hub: &Identity, invitation: &Invitation) -> Meeting {
    let (here, there) = duplex(1 << 20);
    run(async { tokio::join!(Link::join(here, guest, invitation, 3), Link::welcome(there, hub, &SECRET)) })
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

fn met(guest: Guest) -> super::Met {
    match guest {
        Guest::Device(met) => *met,
        Guest::Newcomer(application, _) => panic!("a newcomer: {application:?}"),
    }
}

fn refused(meeting: Meeting) -> (Refused, Refused) {
    (meeting.0.err().unwrap(), meeting.1.err().unwrap())
}

#[test]
fn two_devices_of_a_department_know_each_other_and_show_one_code() {
    let (guest, hub) = (device(2), device(3));
    let (at_guest, at_hub) = meet(&guest, &hub, &invitation(&hub));
    let (at_guest, at_hub) = (at_guest.unwrap().1, met(at_hub.unwrap().1));
    assert_eq!(at_guest.peer, hub.certificate);
    assert_eq!(at_hub.peer, guest.certificate);
    assert_eq!((at_guest.code.len(), &at_guest.code), (6, &at_hub.code));
    assert_eq!(at_hub.announced, 3);
    assert_eq!((&at_guest.card, &at_hub.card), (&hub.card, &guest.card));
    let again = meet(&guest, &hub, &invitation(&hub)).0.unwrap().1;
    assert_ne!(again.code, at_guest.code, "each meeting has its own");
}

#[test]
fn names_of_any_length_are_told_as_far_as_they_fit() {
    let long = "Đ".repeat(5000);
    let (mut guest, mut hub) = (device(2), device(3));
    (guest.card, hub.card) = (Card::new(&long, &long), Card::new("", &long));
    let (at_guest, at_hub) = meet(&guest, &hub, &invitation(&hub));
    assert_eq!(met(at_hub.unwrap().1).card.name.chars().count(), NAME_CHARS_MAX);
    assert_eq!(at_guest.unwrap().1.card.unit.chars().count(), NAME_CHARS_MAX);
}

#[test]
fn messages_of_every_size_come_whole_in_both_directions() {
    let (guest, hub) = (device(2), device(3));
    let (at_guest, at_hub) = meet(&guest, &hub, &invitation(&hub));
    let (mut at_guest, mut at_hub) = (at_guest.unwrap().0, at_hub.unwrap().0);
    let part = PACKET_MAX - TAG_BYTES - LENGTH_BYTES;
    for size in [0, 1, part - 1, part, part + 1, 3 * part + 17, CONTENT_MAX] {
        let content: Vec<u8> = (0..size).map(|at| at as u8).collect();
        let (sent, came) = run(async { tokio::join!(at_guest.send(&content), at_hub.receive()) });
        assert_eq!((sent, came.unwrap().as_ref()), (Ok(()), Some(&content)));
        let (sent, came) = run(async { tokio::join!(at_hub.send(&content), at_guest.receive()) });
        assert_eq!((sent, came.unwrap().as_ref()), (Ok(()), Some(&content)));
    }
    let too_long = vec![0; CONTENT_MAX + 1];
    let came = run(async {
        tokio::select!(came = at_hub.receive() => came, _ = at_guest.send(&too_long) => panic!("taken in"))
    });
    assert_eq!(came, Err(Refused::MessageTooLarge));
}

#[test]
fn whoever_does_not_know_the_secret_is_not_let_in_and_hears_so() {
    let (guest, hub) = (device(2), device(3));
    let secret = [8; SECRET_BYTES];
    let key = key_name(DEPARTMENT, &hub.certificate.header.key, &secret);
    let guessed = Invitation { secret, key, ..invitation(&hub) };
    assert_eq!(refused(meet(&guest, &hub, &guessed)), (Refused::WrongSecret, Refused::WrongSecret));
}

#[test]
fn a_device_of_the_department_that_is_not_the_hub_of_the_invitation_learns_nothing() {
    let (guest, hub, other) = (device(2), device(3), device(4));
    assert_eq!(refused(meet(&guest, &other, &invitation(&hub))), (Refused::NotTheHub, Refused::LinkBroken));
}

#[test]
fn a_device_of_another_department_neither_gets_in_nor_is_a_hub() {
    let (guest, hub) = (device(2), device(3));
    let stranger = device_of(8, 4);
    assert_eq!(
        refused(meet(&stranger, &hub, &invitation(&hub))),
        (Refused::NotTheHub, Refused::LinkBroken),
        "it trusts another department"
    );
    let liar = Identity { trust: guest.trust, ..stranger };
    assert_eq!(refused(meet(&liar, &hub, &invitation(&hub))), (Refused::WrongSecret, Refused::UnknownDevice));
    assert_eq!(refused(meet(&guest, &liar, &invitation(&liar))), (Refused::NotTheHub, Refused::LinkBroken));
}

#[test]
fn a_certificate_without_its_key_proves_nothing() {
    let (guest, hub, victim) = (device(2), device(3), device(4));
    let thief = Identity { certificate: victim.certificate, ..guest.clone() };
    assert_eq!(
        refused(meet(&thief, &hub, &invitation(&hub))),
        (Refused::WrongSecret, Refused::UnknownDevice)
    );
    let thief = Identity { certificate: hub.certificate.clone(), ..guest.clone() };
    assert_eq!(refused(meet(&guest, &thief, &invitation(&hub))), (Refused::NotTheHub, Refused::LinkBroken));
    let key = SigningKey::from_bytes(&[9; 32]);
    let header = Header {
        author: Header::SERVER,
        key: key.verifying_key().to_bytes(),
        ..guest.certificate.header.clone()
    };
    let server = Identity { certificate: Certificate::sign(header, &key), key, ..guest };
    assert_eq!(
        refused(meet(&server, &hub, &invitation(&hub))),
        (Refused::WrongSecret, Refused::UnknownDevice),
        "the server comes over no hub"
    );
}

/// A new device, and what it asks for: with this key, which may be another one's.
fn newcomer(seed: u8, claimed: &SigningKey) -> (SigningKey, Application) {
    let application = Application::new(claimed.verifying_key().to_bytes(), [seed; 16], "Máy mới", "NV-01");
    (SigningKey::from_bytes(&[seed; 32]), application)
}

fn apply((key, application): &(SigningKey, Application), hub: &Identity, invitation: &Invitation) -> Meeting {
    let (here, there) = duplex(1 << 20);
    let comes = Link::apply(here, key, application, invitation);
    run(async { tokio::join!(comes, Link::welcome(there, hub, &SECRET)) })
}

#[test]
fn a_new_device_shows_what_it_asks_for_and_one_code() {
    let (hub, key) = (device(3), SigningKey::from_bytes(&[5; 32]));
    let new = newcomer(5, &key);
    let (at_guest, at_hub) = apply(&new, &hub, &invitation(&hub));
    let (at_guest, Guest::Newcomer(application, code)) = (at_guest.unwrap().1, at_hub.unwrap().1) else {
        panic!("a device of the department")
    };
    assert_eq!((&application, &at_guest.code), (&new.1, &code));
    assert_eq!((at_guest.peer, at_guest.card), (hub.certificate, hub.card));
}

#[test]
fn a_new_device_that_has_not_read_the_invitation_or_holds_no_such_key_is_not_heard() {
    let (hub, other, key) = (device(3), device(4), SigningKey::from_bytes(&[5; 32]));
    let secret = [8; SECRET_BYTES];
    let guessed = key_name(DEPARTMENT, &hub.certificate.header.key, &secret);
    let guessed = Invitation { secret, key: guessed, ..invitation(&hub) };
    let new = newcomer(5, &key);
    assert_eq!(refused(apply(&new, &hub, &guessed)), (Refused::WrongSecret, Refused::WrongSecret));
    assert_eq!(refused(apply(&new, &other, &invitation(&hub))), (Refused::NotTheHub, Refused::LinkBroken));
    let thief = newcomer(5, &other.key);
    assert_eq!(
        refused(apply(&thief, &hub, &invitation(&hub))),
        (Refused::WrongSecret, Refused::UnknownDevice)
    );
}

#[test]
fn what_a_new_device_says_of_itself_fits_whatever_it_is() {
    let long = "Đ".repeat(5000);
    let application = Application::new([1; 32], [2; 16], &long, &long);
    assert_eq!(Application::decode(&application.encode()), Ok(application.clone()));
    assert!(application.encode().len() < GREETING_MAX / 2);
}

/// A guest comes to a hub and says something, through somebody who may spoil one byte of what the guest sends, or swallow
/// the rest from there. Gives what the hub took.
fn spoilt(at: usize, with: Option<u8>) -> Option<Vec<u8>> {
    let (guest, hub) = (device(2), device(3));
    let invitation = invitation(&hub);
    let ((here, mut near), (mut far, there)) = (duplex(1 << 16), duplex(1 << 16));
    run(async {
        let guest = async {
            let (mut link, _) = Link::join(here, &guest, &invitation, 0).await.ok()?;
            link.send(b"what I wrote").await.ok()
        };
        let hub = async { Link::welcome(there, &hub, &SECRET).await.ok()?.0.receive().await.ok()? };
        let between = async {
            let (mut back, mut forth, mut passed) = ([0; 1024], [0; 1024], 0);
            loop {
                tokio::select! {
                    read = near.read(&mut forth) => {
                        let read = read.unwrap_or_default();
                        let here = at.checked_sub(passed).filter(|here| *here < read);
                        let read = match (here, with) {
                            (Some(here), Some(with)) => { forth[here] ^= with; read }
                            (Some(here), None) => here,
                            (None, _) => read,
                        };
                        passed += read;
                        let _ = far.write_all(&forth[..read]).await;
                        if read == 0 || (here.is_some() && with.is_none()) { break; }
                    }
                    read = far.read(&mut back) => {
                        let read = read.unwrap_or_default();
                        if read == 0 { break; }
                        let _ = near.write_all(&back[..read]).await;
                    }
                }
            }
            drop((near, far));
        };
        // Whoever is told a greater length waits for the rest, as long as the caller lets it.
        let all = async { tokio::join!(guest, hub, between).1 };
        tokio::time::timeout(Duration::from_secs(1), all).await.ok().flatten()
    })
}

#[test]
fn of_a_link_that_is_cut_anywhere_the_hub_takes_nothing() {
    let mut at = 0;
    while spoilt(at, None).is_none() {
        at += 1;
        assert!(at < 1000, "it never comes through");
    }
    assert_eq!(spoilt(at, None).as_deref(), Some(&b"what I wrote"[..]));
    assert!(at > 300, "a handshake with a certificate is longer: {at}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_byte_that_was_changed_on_the_way_spoils_all(at in 0_usize..300, with in 1_u8..) {
        prop_assert_eq!(spoilt(at, Some(with)), None);
    }

    #[test]
    fn noise_of_another_kind_is_no_guest(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (mut here, there) = duplex(1 << 16);
        let refused = run(async {
            here.write_all(&noise).await.unwrap();
            drop(here);
            Link::welcome(there, &device(3), &SECRET).await.err()
        });
        prop_assert!(refused.is_some());
    }
}
