//! Golden messages: requests with the code of their channel, answers, and what a later version may send.

use std::collections::BTreeMap;

use serde_json::json;
use xeploai_core::ids::{FrameHash, StreamId, UnitId};
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::content::{Content, Wish};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::inventory::{Root, whole};
use xeploai_core::sync::message::{Message, Request};
use xeploai_core::sync::names::{Known, Short, Standing};
use xeploai_core::sync::stream::Certificate;
use xeploai_core::sync::wire::{Reader, WireError, Writer};
use xeploai_core::sync::{Scope, version};

use super::statements::{self, Golden, frame};
use super::words::message_json;
use super::{DEPARTMENT, Held, cases, hex};

/// Bytes of an envelope before its payload: magic, version, flags, checksum.
const ENVELOPE_BYTES: usize = 10;
const PACKED: u8 = 1;

impl Known for Held<'_> {
    fn stream(&self, name: Short) -> Option<StreamId> {
        let mut streams = self.0.iter().map(|frame| frame.lane.stream);
        streams.find(|stream| Short::of(&stream.0) == name)
    }
    fn frame(&self, name: Short) -> Option<Standing> {
        let held = self.0.iter().find(|frame| Short::of(&frame.hash().0) == name)?;
        Some(Standing { hash: held.hash(), lane: held.lane, number: held.number })
    }
}

/// Frames that both sides of the exchanges hold.
const HELD: [&str; 2] = ["replaces-1", "unit-1"];

/// Channel of the phone with the server, as the server computes it.
fn channel() -> Channel {
    let phone = cases::post().certificate.header.key;
    Channel::between(&cases::server().key, &phone, DEPARTMENT).unwrap()
}

/// What a message holds, unpacked.
pub(crate) fn payload(message: &[u8]) -> Vec<u8> {
    let payload = &message[ENVELOPE_BYTES..];
    if message[5] != PACKED {
        return payload.to_vec();
    }
    let mut reader = Reader::new(payload);
    let length = reader.number().unwrap() as usize;
    zstd::bulk::decompress(reader.raw(reader.remaining()).unwrap(), length).unwrap()
}

/// A message of any version, not packed.
fn envelope(version: u8, payload: &[u8]) -> Vec<u8> {
    let sum = blake3::derive_key("xeploai 2026 message", payload);
    let mut writer = Writer::new();
    writer.raw(b"XLSY").byte(version).byte(0).raw(&sum[..4]).raw(payload);
    writer.finish()
}

fn request(name: &'static str, about: &'static str, message: &Message) -> Golden {
    let (phone, server) = (cases::post(), cases::server());
    let held = HELD.map(frame);
    let held = Held(held.iter().collect());
    let key = Channel::between(&phone.key, &server.certificate.header.key, DEPARTMENT).unwrap();
    let bytes = message.request(phone.lane.stream, &key, &held);
    let given = json!({
        "bytes": hex(&bytes),
        "payload": hex(&payload(&bytes)),
        "held": HELD,
        "certificates": [hex(&phone.certificate.encode()), hex(&cases::tablet().certificate.encode())],
        "reader_secret": hex(&server.key.to_bytes()),
    });
    let read = open_request(&bytes, &held).unwrap();
    assert_eq!(&read, message, "{name}");
    Golden { name, about, kind: "request", given, decoded: message_json(&read) }
}

/// As the server opens a request of the phone; nothing when it is not the phone's.
fn open_request(bytes: &[u8], held: &Held<'_>) -> Option<Message> {
    let (request, sender) = (Request::decode(bytes).ok()?, cases::post().lane.stream);
    request.check(&channel()).ok()?;
    (request.sender() == Short::of(&sender.0)).then_some(())?;
    request.message(sender, held).ok()
}

fn answer(name: &'static str, about: &'static str, asked: &[FrameHash], message: &Message) -> Golden {
    let held = HELD.map(frame);
    let bytes = message.answer(asked, &Held(held.iter().collect()));
    let read = Message::decode_answer(&bytes, asked, &Held(held.iter().collect())).unwrap();
    assert_eq!(&read, message, "{name}");
    answer_of(name, about, asked, &bytes, message_json(&read))
}

fn answer_of(
    name: &'static str,
    about: &'static str,
    asked: &[FrameHash],
    bytes: &[u8],
    decoded: serde_json::Value,
) -> Golden {
    let known = [cases::post(), cases::tablet()].map(|author| hex(&author.certificate.encode()));
    let given = json!({
        "bytes": hex(bytes), "payload": hex(&payload(bytes)), "held": HELD, "certificates": known, "asked": asked,
    });
    Golden { name, about, kind: "answer", given, decoded }
}

fn root(names: &[&str]) -> Root {
    names.iter().map(|name| frame(name).hash()).collect()
}

/// What the phone holds, in the order of scopes.
const SCOPES: [&[&str]; 3] = [&["documents"], &["unit-1", "unit-2", "witness"], &["example", "replaces-1"]];

fn roots() -> BTreeMap<Scope, Root> {
    SCOPES.map(|names| (frame(names[0]).lane.scope, root(names))).into()
}

fn names(of: &[&str]) -> Vec<Short> {
    of.iter().map(|name| Short::of(&frame(name).hash().0)).collect()
}

fn requests() -> Vec<Golden> {
    let frames = |names: &[&str]| names.iter().map(|name| frame(name)).collect::<Vec<Frame>>();
    let idle = Message { cursor: vec![0xc0; 20], capabilities: version::CAPABILITIES, ..Message::default() };
    let carried = Message {
        history: vec![0xc1; 9],
        certificates: vec![cases::post().certificate, statements::renewed()],
        frames: frames(&["example", "replaces-2", "unit-2", "witness"]),
        verdicts: vec![statements::accepted()],
        ..idle.clone()
    };
    let inventory = Message { roots: Some(roots()), ..idle.clone() };
    let beacon = Message { beacon: true, ..idle.clone() };
    let wish = Message { want: names(&["unit-2", "witness"]), full: true, ..idle.clone() };
    let [small, large] = statements::pieces();
    let contents = Message {
        offers: vec![small[0].content, large[0].content],
        wishes: vec![Wish { content: Content { hash: [0xd7; 32], size: 8 * 1024 * 1024 }, from: 127 }],
        blocks: vec![small[0].clone(), large[1].clone()],
        ..Message::default()
    };
    let mut roots = request("request-inventory", "A root for each scope.", &inventory);
    roots.given["scopes"] = json!(SCOPES);
    vec![
        request("request-idle", "Nothing to bring; where the phone left off.", &idle),
        request(
            "request-frames",
            "Frames of two authors, certificates, a verdict that may be lost.",
            &carried,
        ),
        roots,
        request("request-beacon", "The server's time is asked for.", &beacon),
        request(
            "request-contents",
            "Evidence is offered and wished; blocks with and without a path.",
            &contents,
        ),
        request("request-want", "Frames that the phone lacks; all named in full.", &wish),
    ]
}

fn answers() -> Vec<Golden> {
    let asked = ["example", "replaces-2"].map(|name| frame(name).hash());
    let idle = Message { root: Some(whole(&roots())), ..Message::default() };
    let page = Message {
        cursor: vec![0xc2; 24],
        more: true,
        certificates: vec![cases::server().certificate],
        frames: vec![frame("documents"), frame("unit-2")],
        verdicts: vec![statements::accepted(), statements::mixed()],
        ..Message::default()
    };
    let restored = Message { full: true, epochs: Some(statements::chain()), ..Message::default() };
    let closed = Message {
        snapshots: vec![statements::whole(), statements::thinned()],
        proofs: vec![statements::proof()],
        history: vec![0xc3; 9],
        ..Message::default()
    };
    let contents = Message {
        wishes: vec![Wish { content: statements::pieces()[1][0].content, from: 0 }],
        verdicts: vec![statements::durable()],
        ..Message::default()
    };
    let unit = Scope::unit(UnitId([0x77; 16]));
    let have = vec![(unit, names(&["unit-1", "unit-2"])), (cases::post().lane.scope, vec![])];
    let mut same = answer("answer-idle", "Nothing new: the root over everything.", &[], &idle);
    same.given["roots_of"] = json!("request-inventory");
    vec![
        same,
        answer("answer-page", "Frames and verdicts; there is more.", &asked, &page),
        answer("answer-epochs", "From a server that was restored.", &[], &restored),
        answer("answer-snapshots", "Closed periods, and a proof.", &[], &closed),
        answer("answer-contents", "What is lacking still, and a receipt.", &[], &contents),
        answer(
            "answer-have",
            "The frames of scopes that differ.",
            &[],
            &Message { have, ..Message::default() },
        ),
    ]
}

/// What a later version may send: a section of a kind that this one does not know is passed over; a later message is told
/// from nonsense, and nothing of it is read.
fn later() -> Vec<Golden> {
    let (idle, held) = (Message { root: Some(whole(&roots())), ..Message::default() }, Held(vec![]));
    let mut sections = Writer::new();
    sections.section(99, b"of a later version").raw(&payload(&idle.answer(&[], &held)));
    let (section, message) = (envelope(1, &sections.finish()), envelope(2, b"\xca\xfe"));
    let read = Message::decode_answer(&section, &[], &held).unwrap();
    assert_eq!(read, idle);
    assert_eq!(Message::decode_answer(&message, &[], &held), Err(WireError::Version));
    let about = "A section of a later version before one of this.";
    vec![
        answer_of("later-section", about, &[], &section, message_json(&read)),
        answer_of("later-message", "A message of a later version.", &[], &message, json!({"version": 2})),
    ]
}

/// Every golden message.
pub(crate) fn all() -> Vec<Golden> {
    [requests(), answers(), later()].concat()
}

fn bytes(golden: &Golden, name: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(golden.given[name].as_str().unwrap().as_bytes()).unwrap()
}

/// Each copy of `bytes` with one bit flipped.
fn flipped(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..8 * bytes.len()).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}

#[test]
fn a_bit_flipped_in_a_message_is_noticed_and_in_a_request_with_another_checksum_too() {
    let held = HELD.map(frame);
    let held = Held(held.iter().collect());
    for golden in all() {
        let read = |bytes: &[u8]| match golden.kind {
            "request" => open_request(bytes, &held).is_some(),
            _ => Message::decode_answer(bytes, &[], &held).is_ok(),
        };
        assert!(flipped(&bytes(&golden, "bytes")).all(|flipped| !read(&flipped)), "{}", golden.name);
        if golden.kind == "request" {
            let payload = bytes(&golden, "payload");
            let mut changed = flipped(&payload).map(|payload| envelope(1, &payload));
            assert!(changed.all(|changed| !read(&changed)), "{}", golden.name);
        }
    }
}

#[test]
fn a_bit_flipped_in_what_was_signed_is_noticed() {
    use xeploai_core::sync::{epoch::SignedEpochs, snapshot::SignedSnapshot, verdict::SignedVerdicts};
    let key = statements::public_key();
    for golden in statements::all().into_iter().filter(|golden| golden.kind != "proof") {
        let (bytes, signature) = (bytes(&golden, "bytes"), &golden.given["signature"]);
        let signature = signature.as_str().map(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap());
        let signed = [&bytes[..], &signature.unwrap_or_default()[..]].concat();
        let believed = |all: &[u8]| {
            let (bytes, rest) = all.split_at(bytes.len());
            let (bytes, signature) = (bytes.to_vec(), rest.try_into().unwrap_or([0; 64]));
            match golden.kind {
                "certificate" => {
                    Certificate::decode(&bytes).is_ok_and(|it| it.verify(DEPARTMENT, &key).is_ok())
                }
                "verdicts" => SignedVerdicts { bytes, signature }.open(DEPARTMENT, &key).is_ok(),
                "epochs" => SignedEpochs { bytes, signature }.open(DEPARTMENT, &key).is_ok(),
                _ => SignedSnapshot { bytes, signature }.open(DEPARTMENT, &key).is_ok(),
            }
        };
        assert!(believed(&signed), "{}", golden.name);
        assert!(flipped(&signed).all(|flipped| !believed(&flipped)), "{}", golden.name);
    }
}
