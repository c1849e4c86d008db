//! Valid bytes for every decoder: what the allocation test mutates, and what `tests/fuzz` starts from.
//!
//! Invariant: the same bytes at every run; they come from the golden files and from fixed keys.

use std::collections::BTreeMap;
use std::path::Path;

use ed25519_dalek::SigningKey;
use serde_json::Value as Json;
use xeploai_core::ids::{DepartmentId, FrameHash, PersonId, StreamId, UnitId};
use xeploai_core::period::Period;
use xeploai_core::sync::Status;
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::content::{BLOCK_BYTES, Wish, split};
use xeploai_core::sync::epoch::{Ended, Epochs};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::inventory::Root;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::{Nothing, Short};
use xeploai_core::sync::snapshot::{Entry, Proof, SignedSnapshot, Snapshot};
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::sync::verdict::{FrameVerdict, Rank, Reason, SignedVerdicts, Verdicts};
use xeploai_core::sync::wire::Writer;
use xeploai_core::sync::{Lane, Scope};

/// The department of the golden files.
pub(crate) const DEPARTMENT: DepartmentId = DepartmentId([0x11; 16]);
/// Bytes of an envelope before its payload: magic, version, flags, checksum.
pub(crate) const ENVELOPE_BYTES: usize = 10;

/// Samples of one decoder.
pub(crate) struct Samples {
    /// Its target in `tests/fuzz`.
    pub(crate) target: &'static str,
    /// The inputs.
    pub(crate) inputs: Vec<Vec<u8>>,
}

/// The key of the department, of the golden files too.
pub(crate) fn department_key() -> SigningKey {
    SigningKey::from_bytes(&[0x44; 32])
}

/// The key of the device that the golden example stands on.
pub(crate) fn device_key() -> SigningKey {
    SigningKey::from_bytes(&[0x33; 32])
}

/// That device's certificate.
pub(crate) fn certificate() -> Certificate {
    let (key, device) = (device_key().verifying_key().to_bytes(), "TS-01".into());
    let author = PersonId([0x22; 16]);
    Certificate::sign(
        Header { department: DEPARTMENT, author, key, nonce: [0x55; 16], device },
        &department_key(),
    )
}

fn golden(folder: &Path) -> BTreeMap<String, Json> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            files.insert(name, serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap());
        }
    }
    files
}

fn bytes(json: &Json) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(json.as_str().unwrap().as_bytes()).unwrap()
}

fn array<const N: usize>(json: &Json) -> [u8; N] {
    bytes(json).try_into().unwrap()
}

/// The golden frames.
pub(crate) fn frames(folder: &Path) -> Vec<Frame> {
    let frame = |json: &Json| Frame {
        lane: Lane {
            stream: StreamId(array(&json["stream"])),
            scope: Scope::from_parts(json["scope_kind"].as_u64().unwrap() as u8, array(&json["scope_id"])),
        },
        number: json["number"].as_u64().unwrap(),
        previous: FrameHash(array(&json["previous"])),
        body: bytes(&json["body"]),
        signature: array(&json["signature"]),
    };
    golden(folder).values().map(|json| &json["frame"]).filter(|json| json.is_object()).map(frame).collect()
}

fn verdicts(frames: &[Frame]) -> SignedVerdicts {
    let exceptions = |at: usize| (0..at as u16).map(|at| (at, Status::Rejected, Reason::BadPoints)).collect();
    let frames = frames
        .iter()
        .enumerate()
        .map(|(at, frame)| FrameVerdict::accepted_but(frame.hash(), exceptions(at % 3)));
    let frames = frames.collect();
    let batch = Verdicts {
        epoch: [4; 16],
        epoch_order: 2,
        number: 300,
        received_at: 1_669_000_000,
        frames,
        contents: vec![split(b"thumbnail").0],
    };
    batch.sign(DEPARTMENT, &department_key())
}

fn epochs() -> Epochs {
    let ended = vec![Ended { epoch: [1; 16], last: 57 }, Ended { epoch: [2; 16], last: 3 }];
    Epochs { epoch: [4; 16], order: 2, ended }
}

fn snapshots(frames: &[Frame]) -> Vec<SignedSnapshot> {
    let snapshot = |thin: bool| {
        let entry = |frame: &Frame| {
            let verdict = (FrameVerdict::accepted_but(frame.hash(), vec![]), 1_669_000_100);
            Entry::of(frame, thin, verdict, |index| !thin || index % 2 == 0).ok()
        };
        let cut = Rank { epoch_order: 2, epoch: [4; 16], number: 300 };
        let (unit, period) = (UnitId([7; 16]), Period::month(2022, 11).unwrap());
        let entries = frames.iter().filter_map(entry).collect();
        Snapshot { unit, period, cut, entries }.sign(DEPARTMENT, &department_key()).unwrap()
    };
    vec![snapshot(false), snapshot(true)]
}

fn asking(frames: &[Frame]) -> Message {
    Message {
        cursor: vec![9; 20],
        history: vec![7; 9],
        full: true,
        capabilities: 1,
        certificates: vec![certificate()],
        frames: frames.to_vec(),
        verdicts: vec![verdicts(frames)],
        roots: Some(BTreeMap::from([(
            Scope::CONFIGURATION,
            frames.iter().map(Frame::hash).collect::<Root>(),
        )])),
        have: vec![(Scope::CONFIGURATION, vec![Short([3; 8]), Short([6; 8])])],
        want: vec![Short([4; 8]), Short([5; 8])],
        offers: vec![split(b"thumbnail").0],
        wishes: vec![Wish { content: split(b"photo").0, from: 0 }],
        blocks: split(&[7; BLOCK_BYTES + 3]).1,
        ..Message::default()
    }
}

fn answering(frames: &[Frame]) -> Message {
    let signatures = frames.iter().map(|frame| frame.signature).collect();
    let proof = Proof { unit: UnitId([7; 16]), period: Period::month(2022, 11).unwrap(), signatures };
    Message {
        cursor: vec![1, 2],
        more: true,
        epochs: Some(epochs().sign(DEPARTMENT, &department_key())),
        certificates: vec![certificate()],
        frames: frames.to_vec(),
        verdicts: vec![verdicts(frames)],
        snapshots: snapshots(frames),
        proofs: vec![proof],
        root: Some([8; 16]),
        ..Message::default()
    }
}

/// The payload of a message, unpacked.
fn payload(message: &[u8]) -> Vec<u8> {
    let payload = &message[ENVELOPE_BYTES..];
    if message[5] == 0 {
        return payload.to_vec();
    }
    let frame = (0..payload.len()).find(|at| payload[*at..].starts_with(&[0x28, 0xb5, 0x2f, 0xfd])).unwrap();
    zstd::bulk::decompress(&payload[frame..], 1 << 20).unwrap()
}

/// Samples of every decoder, from the folder of golden files.
pub(crate) fn all(folder: &Path) -> Vec<Samples> {
    let frames = frames(folder);
    let channel = Channel::between(&device_key(), &department_key().verifying_key().to_bytes(), DEPARTMENT);
    let (stream, channel) = (certificate().header.stream(), channel.unwrap());
    let request = |message: &Message| message.request(stream, &channel, &Nothing);
    let requests = vec![
        request(&asking(&frames[..1])),
        request(&asking(&frames)),
        request(&Message { cursor: vec![9; 20], capabilities: 1, ..Message::default() }),
    ];
    let answers = vec![
        answering(&frames[..2]).answer(&[], &Nothing),
        answering(&frames).answer(&[frames[0].hash()], &Nothing),
        Message { root: Some([1; 16]), ..Message::default() }.answer(&[], &Nothing),
    ];
    let body = |frame: &Frame| [&[frame.lane.scope.kind()], &frame.body[..]].concat();
    let lists = golden(folder).into_values().filter(|json| json["bytes"].is_string());
    let mut short = Writer::new();
    verdicts(&frames).write(&mut short, &|hash| frames.iter().position(|frame| frame.hash() == hash));
    let packed = |message: &Vec<u8>| (message[5] == 1).then(|| message[ENVELOPE_BYTES..].to_vec());
    let both = || requests.iter().chain(&answers);
    let samples = |target, inputs| Samples { target, inputs };
    vec![
        samples("frame_list", lists.map(|json| bytes(&json["bytes"])).collect()),
        samples("body", frames.iter().map(body).collect()),
        samples("payload", both().map(|message| payload(message)).collect()),
        samples("packed", both().filter_map(packed).collect()),
        samples("verdicts", vec![verdicts(&frames).bytes, verdicts(&frames[..1]).bytes, short.finish()]),
        samples("snapshot", snapshots(&frames).into_iter().map(|signed| signed.bytes).collect()),
        samples("epochs", vec![epochs().sign(DEPARTMENT, &department_key()).bytes]),
        samples("certificate", vec![certificate().encode()]),
        samples("request", requests),
        samples("answer", answers),
    ]
}
