//! Golden statements: what the department or a device has signed beside frames, alone and byte for byte.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use xeploai_core::ids::UnitId;
use xeploai_core::period::Period;
use xeploai_core::sync::Status;
use xeploai_core::sync::content::{BLOCK_BYTES, Block, Content, split};
use xeploai_core::sync::epoch::{Ended, Epochs, SignedEpochs};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::snapshot::{Entry, Proof, SignedSnapshot, Snapshot};
use xeploai_core::sync::stream::Certificate;
use xeploai_core::sync::verdict::{FrameVerdict, Rank, Reason, SignedVerdicts, Verdicts};
use xeploai_core::sync::wire::Writer;

use super::words::{certificate_json, epochs_json, proof_json, snapshot_json, verdicts_json};
use super::{DEPARTMENT, cases, department_key, hex};

/// The present epoch of the server in these files.
const EPOCH: [u8; 16] = [0xe2; 16];

/// One file of `messages/`.
#[derive(Clone)]
pub(crate) struct Golden {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// What the bytes are.
    pub(crate) kind: &'static str,
    /// Bytes, and what a reader needs beside them.
    pub(crate) given: Json,
    pub(crate) decoded: Json,
}

impl Golden {
    /// The file's content.
    pub(crate) fn json(&self) -> Json {
        let mut file = json!({
            "name": self.name,
            "about": self.about,
            "kind": self.kind,
            "department": DEPARTMENT,
            "department_key": hex(&public_key()),
            "decoded": self.decoded,
        });
        file.as_object_mut().unwrap().extend(self.given.as_object().unwrap().clone());
        file
    }
}

pub(crate) fn public_key() -> [u8; 32] {
    department_key().verifying_key().to_bytes()
}

/// A golden frame by its name.
pub(crate) fn frame(name: &str) -> Frame {
    static FRAMES: LazyLock<Vec<super::Golden>> = LazyLock::new(cases::all);
    FRAMES.iter().find(|golden| golden.name == name).unwrap().sealed.clone()
}

/// The phone's stream after a restore: another nonce, signed by the phone itself.
pub(crate) fn renewed() -> Certificate {
    let phone = cases::post();
    phone.certificate.renew([0x56; 16], &phone.key)
}

/// The tablet's stream, had the phone enrolled it on a visit.
pub(crate) fn delegated() -> Certificate {
    let (phone, tablet) = (cases::post(), cases::tablet());
    Certificate::delegate(tablet.certificate.header, phone.certificate, 1_668_996_000, &phone.key)
}

fn certificate(name: &'static str, about: &'static str, certificate: &Certificate) -> Golden {
    let read = Certificate::decode(&certificate.encode()).unwrap();
    read.verify(DEPARTMENT, &public_key()).unwrap();
    let given = json!({"bytes": hex(&certificate.encode())});
    Golden { name, about, kind: "certificate", given, decoded: certificate_json(&read) }
}

/// Two frames as they were brought, all accepted.
pub(crate) fn accepted() -> SignedVerdicts {
    let frames = ["example", "unit-1"].map(|name| FrameVerdict::accepted_but(frame(name).hash(), vec![]));
    verdicts(41, frames.into())
}

/// Every status, and every reason: for whole frames and for single changes.
pub(crate) fn mixed() -> SignedVerdicts {
    let whole = [
        ("example", Status::Rejected, Reason::NotAllowed),
        ("fields", Status::Held, Reason::Unknown),
        ("unit-1", Status::Annulled, Reason::ByDecision),
        ("unit-2", Status::Quarantined, Reason::BadSignature),
        ("acts", Status::Refused, Reason::QuotaUsed),
        ("later-body", Status::Held, Reason::FutureVersion),
    ];
    let whole =
        whole.map(|(name, status, reason)| FrameVerdict::of_whole(frame(name).hash(), status, reason));
    let status = |at: usize| [Status::Rejected, Status::Held, Status::Annulled][at % 3];
    let reasons = Reason::ALL.into_iter().enumerate().skip(1);
    let exceptions = reasons.map(|(at, reason)| (3 * at as u16, status(at), reason)).collect();
    let one = vec![(1023, Status::Rejected, Reason::BadPoints)];
    let but = [("sheets", exceptions), ("witness", one)];
    let but = but.map(|(name, exceptions)| FrameVerdict::accepted_but(frame(name).hash(), exceptions));
    verdicts(42, whole.into_iter().chain(but).collect())
}

/// Two contents that are durable, and no frame.
pub(crate) fn durable() -> SignedVerdicts {
    let contents = pieces().map(|blocks| blocks[0].content).into();
    sealed(43, vec![], contents)
}

/// A thumbnail's only block, and those of a file whose second block is three bytes long.
pub(crate) fn pieces() -> [Vec<Block>; 2] {
    [100, BLOCK_BYTES + 3].map(|length| split(&(0..length).map(|at| (at % 251) as u8).collect::<Vec<_>>()).1)
}

fn verdicts(number: u64, frames: Vec<FrameVerdict>) -> SignedVerdicts {
    sealed(number, frames, vec![])
}

fn sealed(number: u64, frames: Vec<FrameVerdict>, contents: Vec<Content>) -> SignedVerdicts {
    let batch =
        Verdicts { epoch: EPOCH, epoch_order: 2, number, received_at: 1_668_996_123, frames, contents };
    batch.sign(DEPARTMENT, &department_key())
}

/// The third epoch, with the two that it descends from.
pub(crate) fn chain() -> SignedEpochs {
    let ended = vec![Ended { epoch: [0xe0; 16], last: 57 }, Ended { epoch: [0xe1; 16], last: u64::MAX }];
    Epochs { epoch: EPOCH, order: 2, ended }.sign(DEPARTMENT, &department_key())
}

fn snapshot(entries: Vec<Entry>) -> SignedSnapshot {
    let cut = Rank { epoch_order: 2, epoch: EPOCH, number: 42 };
    let snapshot = Snapshot { unit: UnitId([0x77; 16]), period: november(), cut, entries };
    snapshot.sign(DEPARTMENT, &department_key()).unwrap()
}

fn november() -> Period {
    Period::month(2022, 11).unwrap()
}

fn entry(name: &str, forked: bool, stands: impl Fn(u16) -> bool) -> Entry {
    let frame = frame(name);
    let verdict = FrameVerdict::accepted_but(frame.hash(), vec![]);
    Entry::of(&frame, forked, (verdict, 1_668_996_200), stands).unwrap()
}

/// A unit's month in which nothing was replaced: two lanes, one of them with two frames.
pub(crate) fn whole() -> SignedSnapshot {
    snapshot(["unit-1", "unit-2", "example"].map(|name| entry(name, false, |_| true)).into())
}

/// One in which something was: changes are left out, and a lane with two branches names what its frames follow.
pub(crate) fn thinned() -> SignedSnapshot {
    let forked = ["replaces-2", "scale-1-halves"].map(|name| entry(name, true, |index| index % 2 == 0));
    let mut entries = vec![entry("unit-1", false, |_| true), entry("unit-2", false, |index| index == 1)];
    entries.extend(forked);
    entries.push(entry("acts", true, |_| true));
    snapshot(entries)
}

/// The authors' signatures behind [`whole`].
pub(crate) fn proof() -> Proof {
    let signatures = ["unit-1", "unit-2", "example"].map(|name| frame(name).signature).into();
    Proof { unit: UnitId([0x77; 16]), period: november(), signatures }
}

fn signed(bytes: &[u8], signature: &[u8; 64]) -> Json {
    json!({"bytes": hex(bytes), "signature": hex(signature)})
}

fn batch(name: &'static str, about: &'static str, signed_batch: &SignedVerdicts) -> Golden {
    let decoded = verdicts_json(&signed_batch.open(DEPARTMENT, &public_key()).unwrap());
    Golden {
        name,
        about,
        kind: "verdicts",
        given: signed(&signed_batch.bytes, &signed_batch.signature),
        decoded,
    }
}

fn epochs(name: &'static str, about: &'static str, epochs: &SignedEpochs) -> Golden {
    let decoded = epochs_json(&epochs.open(DEPARTMENT, &public_key()).unwrap());
    Golden { name, about, kind: "epochs", given: signed(&epochs.bytes, &epochs.signature), decoded }
}

fn state(name: &'static str, about: &'static str, snapshot: &SignedSnapshot) -> Golden {
    let decoded = snapshot_json(&snapshot.open(DEPARTMENT, &public_key()).unwrap());
    Golden { name, about, kind: "snapshot", given: signed(&snapshot.bytes, &snapshot.signature), decoded }
}

fn signatures() -> Golden {
    let mut writer = Writer::new();
    proof().write(&mut writer);
    let given = json!({"bytes": hex(&writer.finish()), "of": "snapshot-whole"});
    let about = "A proof: the signatures that turn the entries of snapshot-whole into frames.";
    Golden { name: "proof", about, kind: "proof", given, decoded: proof_json(&proof()) }
}

/// Every golden statement.
pub(crate) fn all() -> Vec<Golden> {
    let first = Epochs { epoch: [0xe0; 16], order: 0, ended: vec![] }.sign(DEPARTMENT, &department_key());
    vec![
        certificate("certificate-device", "What a phone gets at its enrolment.", &cases::post().certificate),
        certificate("certificate-renewed", "The same phone's stream after a restore.", &renewed()),
        certificate(
            "certificate-delegated",
            "A device that another one has enrolled on a visit.",
            &delegated(),
        ),
        certificate(
            "certificate-delegated-renewed",
            "The same, after a restore.",
            &delegated().renew([0x57; 16], &cases::tablet().key),
        ),
        certificate(
            "certificate-server",
            "The server's own: its author is all zeros.",
            &cases::server().certificate,
        ),
        batch("verdicts-none", "A batch on no frame: a beacon.", &verdicts(1, vec![])),
        batch("verdicts-accepted", "Two frames, accepted.", &accepted()),
        batch("verdicts-contents", "The receipt for two contents.", &durable()),
        batch("verdicts-mixed", "Every status and every reason; exceptions.", &mixed()),
        epochs("epochs-first", "A server that was never started before.", &first),
        epochs("epochs-chain", "An epoch with two ancestors.", &chain()),
        state("snapshot-whole", "A unit's month in which nothing was replaced.", &whole()),
        state("snapshot-thinned", "Changes left out; a lane with two branches.", &thinned()),
        signatures(),
    ]
}
