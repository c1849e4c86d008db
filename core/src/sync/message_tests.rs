//! Messages come back, stay small, prove their sender, and refuse any other bytes.

use super::*;
use crate::ids::{DepartmentId, PersonId};
use crate::mutation::{edits, mutated};
use crate::sync::channel::CODE_BYTES;
use crate::sync::names::Nothing;
use crate::sync::stream::Header;
use crate::sync::verdict::{FrameVerdict, Reason, VERDICTS_MAX, Verdicts};
use crate::sync::{Lane, Status, columns};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;

const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);

fn key() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

fn server() -> SigningKey {
    SigningKey::from_bytes(&[6; 32])
}

fn channel() -> Channel {
    Channel::between(&key(), &server().verifying_key().to_bytes(), DEPARTMENT).unwrap()
}

fn certificate() -> Certificate {
    let (department, author) = (DEPARTMENT, PersonId([2; 16]));
    let key = key().verifying_key().to_bytes();
    Certificate::sign(Header { department, author, key, nonce: [3; 16], device: "Máy".into() }, &server())
}

fn stream() -> StreamId {
    certificate().header.stream()
}

fn frame() -> Frame {
    let lane = Lane { stream: stream(), scope: Scope::CONFIGURATION };
    Frame::seal(&key(), DEPARTMENT, lane, 1, FrameHash::default(), vec![1, 2, 3])
}

fn asking() -> Message {
    Message {
        cursor: vec![9; 20],
        history: vec![7; 9],
        full: true,
        beacon: true,
        capabilities: version::CAPABILITIES,
        certificates: vec![certificate()],
        frames: vec![frame()],
        roots: Some(BTreeMap::from([(Scope::CONFIGURATION, Root::default().with(frame().hash()))])),
        have: vec![(Scope::CONFIGURATION, vec![Short::of(&frame().hash().0)])],
        want: vec![Short([4; 8]), Short([5; 8])],
        ..Message::default()
    }
}

fn answering() -> Message {
    let exceptions = vec![(2, Status::Rejected, Reason::BadPoints)];
    let frames = vec![FrameVerdict::accepted_but(frame().hash(), exceptions)];
    let verdicts = Verdicts {
        epoch: [4; 16],
        epoch_order: 1,
        number: 7,
        received_at: 1_669_000_000,
        frames,
        contents: Vec::new(),
    };
    let epochs = crate::sync::epoch::Epochs { epoch: [4; 16], order: 1, ended: vec![] };
    Message {
        cursor: vec![1, 2],
        more: true,
        epochs: Some(epochs.sign(DEPARTMENT, &server())),
        certificates: vec![certificate()],
        frames: vec![frame()],
        verdicts: vec![verdicts.sign(DEPARTMENT, &server())],
        root: Some([8; 16]),
        ..Message::default()
    }
}

fn peer_channel() -> Channel {
    Channel::between(&server(), &key().verifying_key().to_bytes(), DEPARTMENT).unwrap()
}

#[test]
fn a_request_comes_back_and_is_its_device_s() {
    let bytes = asking().request(stream(), &channel(), &Nothing);
    let request = Request::decode(&bytes).unwrap();
    assert_eq!(request.sender(), Short::of(&stream().0));
    assert_eq!(request.certificates(), Ok(vec![certificate()]));
    assert_eq!(request.check(&peer_channel()), Ok(()));
    assert_eq!(request.message(stream(), &Nothing), Ok(asking()));
    let other =
        Channel::between(&SigningKey::from_bytes(&[7; 32]), &key().verifying_key().to_bytes(), DEPARTMENT);
    assert!(request.check(&other.unwrap()).is_err(), "another server can't read it as its own");
}

#[test]
fn an_answer_comes_back_and_its_verdicts_open() {
    for asked in [vec![], vec![frame().hash()]] {
        let bytes = answering().answer(&asked, &Nothing);
        let answer = Message::decode_answer(&bytes, &asked, &Nothing).unwrap();
        assert_eq!(answer, answering());
        let key = server().verifying_key().to_bytes();
        let opened = answer.verdicts[0].open(DEPARTMENT, &key).unwrap();
        assert_eq!(opened.frames[0].of(2), (Status::Rejected, Reason::BadPoints));
        assert_eq!(opened.frames[0].of(3), (Status::Accepted, Reason::None));
        assert!(answer.verdicts[0].open(DepartmentId([2; 16]), &key).is_err(), "of another department");
    }
}

#[test]
fn an_idle_exchange_is_short() {
    let request = Message { cursor: vec![9; 20], capabilities: 1, ..Message::default() };
    let answer = Message { root: Some([1; 16]), ..Message::default() };
    let (there, back) = (request.request(stream(), &channel(), &Nothing), answer.answer(&[], &Nothing));
    assert!(there.len() + back.len() <= 96, "{} + {}", there.len(), back.len());
}

#[test]
fn a_section_of_a_later_version_is_passed_over() {
    let mut writer = Writer::new();
    writer.section(99, b"something new");
    Message { root: Some([1; 16]), ..Message::default() }.write(
        &mut writer,
        &Context { sender: None, asked: &[] },
        &Nothing,
    );
    let bytes = seal_envelope(&writer.finish());
    assert_eq!(Message::decode_answer(&bytes, &[], &Nothing).unwrap().root, Some([1; 16]));
}

#[test]
fn a_message_of_a_later_version_says_so() {
    let mut bytes = answering().answer(&[], &Nothing);
    bytes[4] = PROTOCOL_VERSION + 1;
    assert_eq!(Message::decode_answer(&bytes, &[], &Nothing), Err(WireError::Version));
}

#[test]
fn what_is_not_ours_is_refused() {
    for other in [&b""[..], b"X", b"<!doctype html><html><body>Wi-Fi</body></html>", b"{\"ok\":true}"] {
        assert!(Message::decode_answer(other, &[], &Nothing).is_err(), "{other:?}");
        assert!(Request::decode(other).is_err(), "{other:?}");
    }
}

#[test]
fn packing_is_bounded_by_what_it_says() {
    // Four megabytes of zeros, said to be ten bytes, and said to be more than a message may be.
    let zeros = zstd::bulk::compress(&vec![0; MESSAGE_BYTES_MAX + 1], 3).unwrap();
    for said in [10, MESSAGE_BYTES_MAX + 1] {
        let mut payload = Writer::new();
        payload.number(said as u64).raw(&zeros);
        let payload = payload.finish();
        let mut bytes = Writer::new();
        bytes.raw(MAGIC).byte(PROTOCOL_VERSION).byte(PACKED).raw(&checksum(&payload)).raw(&payload);
        assert!(Message::decode_answer(&bytes.finish(), &[], &Nothing).is_err());
    }
}

#[test]
fn frames_named_by_place_count_as_if_they_were_named_in_full() {
    // Each batch names one frame as often as a batch may: ninety bytes that stand for more than a hundred thousand.
    let batch = |writer: &mut Writer| {
        writer.bytes(&[0; 20]).number(VERDICTS_MAX as u64);
        columns::write(writer, &[1; VERDICTS_MAX]);
        writer.bytes(&[]).raw(&[0; 64]);
    };
    let count = |batches: usize| {
        let (mut section, mut payload) = (Writer::new(), Writer::new());
        list(&mut section, &vec![(); batches], |to, ()| batch(to));
        payload.section(kind::VERDICTS, &section.finish());
        let bytes = seal_envelope(&payload.finish());
        Message::decode_answer(&bytes, &[frame().hash()], &Nothing).map(|message| message.verdicts.len())
    };
    assert_eq!(count(31), Ok(31));
    assert_eq!(count(33), Err(WireError::TooLarge));
}

#[test]
fn a_kind_of_section_stands_once() {
    // Each section of verdicts would have all frames of the message hashed again.
    let mut writer = Writer::new();
    writer.section(99, &[]).section(kind::VERDICTS, &[0]).section(99, &[]);
    let once = writer.finish();
    assert!(Message::decode_answer(&seal_envelope(&once), &[], &Nothing).is_ok());
    let twice = seal_envelope(&[&once[..], &once[..]].concat());
    assert_eq!(Message::decode_answer(&twice, &[], &Nothing), Err(WireError::Malformed("section twice")));
}

proptest! {
    #[test]
    fn a_cut_or_changed_message_is_refused(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let messages = [asking().request(stream(), &channel(), &Nothing), answering().answer(&[], &Nothing)];
        for bytes in messages {
            let at = at.index(bytes.len());
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            let open = |bytes: &[u8]| Request::decode(bytes).is_ok_and(|it| it.check(&peer_channel()).is_ok());
            prop_assert!(Message::decode_answer(&bytes[..at], &[], &Nothing).is_err());
            prop_assert!(!open(&bytes[..at]));
            prop_assert!(Message::decode_answer(&changed, &[], &Nothing).is_err());
            prop_assert!(!open(&changed));
        }
    }

    #[test]
    fn any_payload_is_read_or_refused(payload in proptest::collection::vec(any::<u8>(), 0..400)) {
        let bytes = seal_envelope(&payload);
        let _ = Message::decode_answer(&bytes, &[frame().hash()], &Nothing);
        if let Ok(request) = Request::decode(&bytes) {
            let _ = (request.certificates(), request.message(stream(), &Nothing));
        }
    }

    #[test]
    fn mutated_sections_are_refused_or_come_back(edits in edits()) {
        let context = Context { sender: Some(stream()), asked: &[] };
        for message in [asking(), answering()] {
            let sections = |message: &Message| {
                let mut writer = Writer::new();
                message.write(&mut writer, &context, &Nothing);
                writer.finish()
            };
            let payload = mutated(&sections(&message), &edits);
            if let Ok(read) = Message::read(&payload, &context, &Nothing)
                && read.verdicts.iter().all(|signed| Verdicts::decode(&signed.bytes).is_ok())
            {
                prop_assert_eq!(Message::read(&sections(&read), &context, &Nothing), Ok(read));
            }
            let mut request = vec![0; 8];
            request.extend(payload);
            request.extend([0; CODE_BYTES]);
            let request = Request::decode(&seal_envelope(&request)).unwrap();
            let _ = (request.certificates(), request.message(stream(), &Nothing));
        }
    }
}
