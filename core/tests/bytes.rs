//! Budgets in bytes, of the sync design: what scores cost when they travel, signed, and whether a month fits one QR code.

#![expect(clippy::unwrap_used, reason = "what is wrong here fails the test")]

use ed25519_dalek::SigningKey;
use fast_qr::{ECL, QRBuilder};
use xeploai_core::ids::{AssignmentId, DepartmentId, FrameHash, PersonId, StreamId};
use xeploai_core::period::Period;
use xeploai_core::points::Points;
use xeploai_core::ruleset::RulesetId;
use xeploai_core::sheet::{Field, Place, SheetKey, Subject, Value};
use xeploai_core::sync::Lane;
use xeploai_core::sync::body::{Body, Change, ScoreChange};
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::{Message, Request};
use xeploai_core::sync::names::{Known, Nothing, PeerHas, Short, Standing};
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::view::Column;

const DEPARTMENT: DepartmentId = DepartmentId([0x11; 16]);
const CRITERIA: u16 = 30;
const PEOPLE: u8 = 30;
/// Most modules on a side of a code that a phone's camera still reads well: version 20.
const QR_SIDE_MAX: usize = 97;

/// Bytes of the payload in a part of a series.
const SYMBOL_BYTES: usize = 376;

/// Dice that fall alike in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn department_key() -> SigningKey {
    SigningKey::from_bytes(&[0x44; 32])
}

/// A person with a phone.
struct Author {
    key: SigningKey,
    certificate: Certificate,
    post: AssignmentId,
}

impl Author {
    fn new(number: u8) -> Self {
        let key = SigningKey::from_bytes(&blake3::derive_key("budget", &[number]));
        let id = |of: &str| blake3::derive_key(of, &[number])[..16].try_into().unwrap();
        let header = Header {
            department: DEPARTMENT,
            author: PersonId(id("person")),
            key: key.verifying_key().to_bytes(),
            nonce: id("nonce"),
            device: "Điện thoại TS-01".into(),
        };
        Self {
            certificate: Certificate::sign(header, &department_key()),
            key,
            post: AssignmentId(id("post")),
        }
    }

    fn stream(&self) -> StreamId {
        self.certificate.header.stream()
    }

    /// Somebody's first scores of a month: halves up to the maximum of each criterion, typed in some minutes.
    fn month(&self, dice: &mut Dice, with_notes: bool) -> Frame {
        let sheet = SheetKey {
            subject: Subject::Post(self.post),
            period: Period::month(2026, 10).unwrap(),
            ruleset: RulesetId { code: "demo-unit-staff".into(), version: 1 },
        };
        let mut changes = Vec::new();
        for criterion in 1..=CRITERIA {
            let most = 2 * (2 + u64::from(criterion - 1) % 5);
            let points = Points((2 + dice.below(most - 1) as i64) * 5_000);
            let mut write = |field, value| {
                let place = Place { criterion, column: Column::Own, field };
                let (sheet, minutes_before) = (sheet.clone(), 90 - u32::from(criterion) / 10);
                let score = ScoreChange { sheet, place, value, replaces: vec![], minutes_before };
                changes.push(Change::Score(score));
            };
            write(Field::Points, Value::Points(points));
            if with_notes && dice.below(10) == 0 {
                // Its text is not counted; everything else that a note costs is.
                write(Field::Note, Value::Text(String::new()));
            }
        }
        let scope = sheet.scope();
        let body = Body { counter: 1, sealed_at: 1_793_465_999, revision: 60, changes };
        let lane = Lane { stream: self.stream(), scope };
        Frame::seal(&self.key, DEPARTMENT, lane, 1, FrameHash::default(), body.encode(scope).unwrap())
    }
}

/// The reader has the certificates of these streams, and no frame.
struct Streams(Vec<StreamId>);

impl PeerHas for Streams {
    fn stream(&self, stream: StreamId) -> bool {
        self.0.contains(&stream)
    }
    fn frame(&self, _: FrameHash) -> bool {
        false
    }
}

impl Known for Streams {
    fn stream(&self, name: Short) -> Option<StreamId> {
        self.0.iter().find(|stream| Short::of(&stream.0) == name).copied()
    }
    fn frame(&self, _: Short) -> Option<Standing> {
        None
    }
}

/// The bytes of a message of `sender` to the server, which gives it back.
fn sent(sender: &Author, message: &Message, streams: &Streams) -> Vec<u8> {
    let server = SigningKey::from_bytes(&[0x35; 32]);
    let channel = Channel::between(&sender.key, &server.verifying_key().to_bytes(), DEPARTMENT).unwrap();
    let bytes = message.request(sender.stream(), &channel, streams);
    let request = Request::decode(&bytes).unwrap();
    request.check(&Channel::between(&server, &sender.certificate.header.key, DEPARTMENT).unwrap()).unwrap();
    assert_eq!(request.message(sender.stream(), streams).as_ref(), Ok(message));
    bytes
}

fn assert_fits_one_code(bytes: &[u8]) {
    let code = QRBuilder::new(bytes).ecl(ECL::M).build().unwrap();
    assert!(code.size <= QR_SIDE_MAX, "{} modules on a side", code.size);
}

#[test]
fn a_persons_month_of_a_known_stream_is_at_most_300_bytes_and_one_code() {
    let person = Author::new(1);
    let message = Message { frames: vec![person.month(&mut Dice(1), false)], ..Message::default() };
    let bytes = sent(&person, &message, &Streams(vec![person.stream()]));
    assert!(bytes.len() <= 300, "{} bytes", bytes.len());
    assert_fits_one_code(&bytes);
}

#[test]
fn a_persons_month_with_header_and_certificate_is_at_most_500_bytes_and_one_code() {
    let person = Author::new(1);
    let message = Message {
        frames: vec![person.month(&mut Dice(1), false)],
        certificates: vec![person.certificate.clone()],
        ..Message::default()
    };
    let bytes = sent(&person, &message, &Streams(vec![]));
    assert!(bytes.len() <= 500, "{} bytes", bytes.len());
    assert_fits_one_code(&bytes);
}

#[test]
fn nine_hundred_first_scores_of_a_unit_cost_at_most_8_bytes_each_apart_from_the_text_of_notes() {
    let (people, mut dice): (Vec<_>, _) = ((0..PEOPLE).map(Author::new).collect(), Dice(7));
    let frames = people.iter().map(|person| person.month(&mut dice, true)).collect();
    let streams = Streams(people.iter().map(Author::stream).collect());
    let bytes = sent(&people[0], &Message { frames, ..Message::default() }, &streams);
    let scores = usize::from(PEOPLE) * usize::from(CRITERIA);
    assert!(bytes.len() <= 8 * scores, "{:.2} bytes a score", bytes.len() as f64 / scores as f64);
}

#[test]
fn a_units_month_with_every_certificate_is_at_most_30_parts_of_a_series_of_codes() {
    let (people, mut dice): (Vec<_>, _) = ((0..PEOPLE).map(Author::new).collect(), Dice(7));
    let frames = people.iter().map(|person| person.month(&mut dice, false)).collect();
    let certificates = people.iter().map(|person| person.certificate.clone()).collect();
    let bytes = Message { frames, certificates, full: true, ..Message::default() }.answer(&[], &Nothing);
    assert!(bytes.len() <= 30 * SYMBOL_BYTES, "{} bytes", bytes.len());
}
