//! Golden frames: what the code makes of fixed keys and changes stays what it was, byte for byte, in the `*.json` here.
//!
//! A second decoder, in Python under `tests/decoder`, reads the same files. Their form is that of [`Golden`]; what is
//! inside a frame, in words, that of [`body_json`]. The changes themselves are in [`cases`].

#![expect(clippy::unwrap_used, reason = "what is wrong here fails the test")]

mod cases;
mod messages;
mod statements;
mod words;

use std::collections::BTreeMap;
use std::path::Path;

use ed25519_dalek::SigningKey;
use serde::Serialize;
use serde_json::{Value as Json, json};
use xeploai_core::ids::{DepartmentId, FrameHash, PersonId, StreamId};
use xeploai_core::sync::body::{Body, Change};
use xeploai_core::sync::frame::{Frame, write_all};
use xeploai_core::sync::names::PeerHas;
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::sync::wire::Writer;
use xeploai_core::sync::{Lane, Scope};

const UPDATE: &str = "UPDATE_GOLDEN";
const DEPARTMENT: DepartmentId = DepartmentId([0x11; 16]);

/// One file: a frame, what is needed to verify it, and what is inside.
#[derive(Serialize)]
struct Golden {
    name: &'static str,
    about: &'static str,
    department: DepartmentId,
    department_key: String,
    certificate: Json,
    frame: Json,
    decoded: Json,
    #[serde(skip)]
    sealed: Frame,
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn department_key() -> SigningKey {
    SigningKey::from_bytes(&[0x44; 32])
}

/// Who writes one lane: an author on a device, in a scope.
struct Author {
    key: SigningKey,
    certificate: Certificate,
    lane: Lane,
    last: Option<Frame>,
}

impl Author {
    fn new(author: u8, seed: u8, device: &str, scope: Scope) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let header = Header {
            department: DEPARTMENT,
            author: PersonId([author; 16]),
            key: key.verifying_key().to_bytes(),
            nonce: [0x55; 16],
            device: device.into(),
        };
        let certificate = Certificate::sign(header, &department_key());
        let lane = Lane { stream: certificate.header.stream(), scope };
        Self { key, certificate, lane, last: None }
    }

    /// Seals changes as the lane's next frame.
    fn seal(&mut self, name: &'static str, about: &'static str, changes: Vec<Change>) -> Golden {
        self.seal_body(name, about, cases::body(changes))
    }

    fn seal_body(&mut self, name: &'static str, about: &'static str, body: Body) -> Golden {
        let golden = self.seal_bytes(name, about, body.encode(self.lane.scope).unwrap());
        assert_eq!(golden.sealed.decode_body(), Ok(body), "{name}");
        golden
    }

    /// Seals any bytes: what a later version would write.
    fn seal_bytes(&mut self, name: &'static str, about: &'static str, body: Vec<u8>) -> Golden {
        let before = self.last.as_ref().map(|last| (last.number, last.hash())).unwrap_or_default();
        let frame = Frame::seal(&self.key, DEPARTMENT, self.lane, before.0 + 1, before.1, body);
        frame.verify(&self.certificate).unwrap();
        let key = department_key().verifying_key().to_bytes();
        self.certificate.verify(DEPARTMENT, &key).unwrap();
        self.last = Some(frame.clone());
        let header = &self.certificate.header;
        Golden {
            name,
            about,
            department: DEPARTMENT,
            department_key: hex(&key),
            certificate: json!({"header": hex(&header.encode()), "signature": hex(&self.certificate.signature)}),
            frame: json!({
                "stream": frame.lane.stream,
                "scope_kind": frame.lane.scope.kind(),
                "scope_id": hex(&frame.lane.scope.id()),
                "number": frame.number,
                "previous": frame.previous,
                "body": hex(&frame.body),
                "signature": hex(&frame.signature),
                "hash": frame.hash(),
            }),
            decoded: json!({
                "header": words::header_json(header),
                "body": words::body_json(&frame.body, frame.lane.scope),
            }),
            sealed: frame,
        }
    }
}

/// Both sides hold these frames and their streams.
struct Held<'a>(Vec<&'a Frame>);

impl PeerHas for Held<'_> {
    fn stream(&self, stream: StreamId) -> bool {
        self.0.iter().any(|held| held.lane.stream == stream)
    }
    fn frame(&self, frame: FrameHash) -> bool {
        self.0.iter().any(|held| held.hash() == frame)
    }
}

/// Frames as a message lists them, so that the short forms are held too.
#[derive(Serialize)]
struct List {
    name: &'static str,
    about: &'static str,
    /// Whose message it is; empty when the reader can't know.
    sender: String,
    held: Vec<&'static str>,
    frames: Vec<&'static str>,
    bytes: String,
}

/// A list of golden frames for a reader who holds some of them.
fn list(golden: &[Golden], sender: Option<StreamId>, held: &[&'static str], frames: &[&'static str]) -> List {
    let of = |name: &&str| &golden.iter().find(|golden| golden.name == *name).unwrap().sealed;
    let mut writer = Writer::new();
    let listed: Vec<Frame> = frames.iter().map(|name| of(name).clone()).collect();
    write_all(&mut writer, &listed, sender, &Held(held.iter().map(of).collect()));
    let (name, about) = match held {
        [] => ("list-in-full", "All frames as they stand in a message to somebody who holds nothing."),
        _ => ("list-in-short", "Frames in a message to somebody who holds those before them."),
    };
    let sender = sender.map(|sender| sender.to_string()).unwrap_or_default();
    List { name, about, sender, held: held.into(), frames: frames.into(), bytes: hex(&writer.finish()) }
}

fn lists(golden: &[Golden]) -> [List; 2] {
    let names: Vec<_> = golden.iter().map(|golden| golden.name).collect();
    let sender = golden.iter().find(|golden| golden.name == "example").unwrap().sealed.lane.stream;
    let short = ["example", "replaces-2", "unit-2", "documents", "sheets", "witness"];
    [list(golden, None, &[], &names), list(golden, Some(sender), &["replaces-1", "unit-1"], &short)]
}

/// Compares the files of a folder under `tests` with what the code makes, or writes them.
fn compare(folder: &str, made: &BTreeMap<&str, String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    if std::env::var_os(UPDATE).is_some() {
        for (name, text) in made {
            std::fs::write(folder.join(format!("{name}.json")), format!("{text}\n")).unwrap();
        }
    }
    let names =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let held: BTreeMap<_, _> = names
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .map(|name| (name.clone(), std::fs::read_to_string(folder.join(name + ".json")).unwrap()))
        .collect();
    let same = |(name, text): &(&&str, &String)| held.get(**name).is_some_and(|it| it.trim_end() == **text);
    let differ: Vec<_> = made.iter().filter(|it| !same(it)).map(|(name, _)| name).collect();
    assert!(
        differ.is_empty(),
        "the code makes something else of {differ:?}. A format that changed breaks every device in the field; if it \
         was meant to: {UPDATE}=1 cargo test -p xeploai-core --test golden"
    );
    let alone: Vec<_> = held.keys().filter(|name| !made.contains_key(name.as_str())).collect();
    assert!(alone.is_empty(), "no code makes {alone:?}: delete them");
}

#[test]
fn golden_files_are_what_the_code_makes_of_them() {
    let golden = cases::all();
    let mut made: BTreeMap<_, _> =
        golden.iter().map(|one| (one.name, serde_json::to_string_pretty(one).unwrap())).collect();
    made.extend(lists(&golden).iter().map(|one| (one.name, serde_json::to_string_pretty(one).unwrap())));
    assert_eq!(made.len(), golden.len() + 2, "names are different");
    compare("golden", &made);
}

#[test]
fn golden_messages_are_what_the_code_makes_of_them() {
    let all = [statements::all(), messages::all()].concat();
    let made: BTreeMap<_, _> =
        all.iter().map(|one| (one.name, serde_json::to_string_pretty(&one.json()).unwrap())).collect();
    assert_eq!(made.len(), all.len(), "names are different");
    compare("golden/messages", &made);
}

#[test]
fn the_example_is_that_of_the_document() {
    let hash = cases::example().sealed.hash().to_string();
    assert!(include_str!("../../PROTOCOL.md").contains(&hash), "PROTOCOL.md has another example than {hash}");
}
