//! A stranger: a device with a valid key that lies. It forges, reorders, replays, puts garbage under real numbers, and
//! writes frames of a later version; here as a client of the server, in `false_hub` as the hub of a phone.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;
use fastrand::Rng;
use xeploai_core::ids::{AssignmentId, DepartmentId, FrameHash, PersonId, UnitId};
use xeploai_core::points::Points;
use xeploai_core::sheet::{ChangeId, Field, Place, SheetKey, Subject, Value};
use xeploai_core::sync::body::{Body, Change, ScoreChange};
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::Nothing;
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::sync::verdict::{FrameVerdict, SignedVerdicts, Verdicts};
use xeploai_core::sync::{Lane, PROTOCOL_VERSION, Scope};
use xeploai_core::view::Column;
use xeploai_server::storage::epochs;

use super::ledger::Written;
use super::network::deliver;
use super::office::{self, MONTHS};
use super::outside::Line;
use super::server::Pair;
use super::world::World;

/// The stranger's staff code: he may write his own sheet, and nobody watches him.
const CODE: &str = "tt-2-b";
/// A scope of a kind that nobody knows yet.
const LATER_SCOPE: Scope = Scope::from_parts(77, [7; 16]);
/// Frames in one of his messages, at most.
const FRAMES_MAX: usize = 6;

/// The device.
pub(super) struct Stranger {
    pub(super) key: SigningKey,
    pub(super) certificate: Certificate,
    /// Frames that phones have handed to him as to a hub.
    pub(super) taken: BTreeSet<FrameHash>,
    tips: BTreeMap<Scope, (u64, FrameHash)>,
}

impl Stranger {
    /// Enrols the device as any other.
    pub(super) fn enrol(
        line: &Line,
        department: DepartmentId,
        keys: &Pair,
        rng: &mut Rng,
    ) -> Result<Self, String> {
        let (mut secret, mut nonce) = ([0; 32], [0; 16]);
        rng.fill(&mut secret);
        rng.fill(&mut nonce);
        let key = SigningKey::from_bytes(&secret);
        let author = PersonId::of(department, CODE);
        let header = Header {
            department,
            author,
            key: key.verifying_key().to_bytes(),
            nonce,
            device: "máy lạ".into(),
        };
        let certificate = Certificate::sign(header, &keys.department);
        let admitted = line.ask(|service| service.admit(vec![certificate.clone()])).ok_or("no server")?;
        admitted.map_err(|error| error.to_string())?;
        Ok(Self { key, certificate, taken: BTreeSet::new(), tips: BTreeMap::new() })
    }
}

impl World {
    /// The stranger does something.
    pub(super) fn stranger_acts(&mut self) -> Result<(), String> {
        match self.rng.u8(..6) {
            0 | 1 => self.stranger_writes()?,
            2 => self.stranger_writes_later_version()?,
            3 | 4 => self.stranger_sends(),
            _ => self.stranger_is_hub()?,
        }
        Ok(())
    }

    /// A frame of his own with scores that replace whatever he likes: forward, in a circle, of other fields.
    fn stranger_writes(&mut self) -> Result<(), String> {
        let person = PersonId::of(self.department, CODE);
        let unit = UnitId::of(self.department, "tt-2");
        let Some(set) = office::rulesets().into_iter().find(|set| set.code == "demo-unit-staff") else {
            return Err("no criteria set".into());
        };
        let sheet = SheetKey {
            subject: Subject::Post(AssignmentId::of(person, unit, "2020-01")),
            period: office::month(MONTHS[self.rng.usize(..2)]),
            ruleset: set.id(),
        };
        let change = |world: &mut Self| {
            let place = Place { criterion: 1, column: Column::Own, field: Field::Points };
            let value = Value::Points(Points::whole(world.rng.i32(0..2)));
            let replaces = world.any_replaces();
            Change::Score(ScoreChange { sheet: sheet.clone(), place, value, replaces, minutes_before: 0 })
        };
        let changes = vec![change(self), change(self)];
        let body =
            Body { counter: self.rng.u64(..1 << 40), sealed_at: self.time.now(), revision: 0, changes };
        let Ok(encoded) = body.encode(sheet.scope()) else { return Ok(()) };
        let frame = self.seal(sheet.scope(), encoded);
        let hash = frame.hash();
        for (index, change) in body.changes.into_iter().enumerate() {
            let Change::Score(score) = change else { continue };
            let spot = (sheet.id(self.department), score.place);
            self.ledger.sheets.insert(spot.0, sheet.clone());
            let (value, shown) = (score.value, score.replaces.into_iter().collect());
            let written = Written { spot, value, seen: Vec::new(), shown };
            self.ledger.writes.insert(ChangeId { frame: hash, index: index as u16 }, written);
        }
        self.publish(frame)
    }

    fn any_replaces(&mut self) -> Vec<ChangeId> {
        let mut replaces = Vec::new();
        for _ in 0..self.rng.u8(..3) {
            let known = self.ledger.writes.len();
            let found = self.ledger.writes.keys().nth(self.rng.usize(..known.max(1))).copied();
            let mut random = [0; 32];
            self.rng.fill(&mut random);
            let random = ChangeId { frame: FrameHash(random), index: self.rng.u16(..9) };
            let id = found.filter(|_| self.rng.bool()).unwrap_or(random);
            if !replaces.contains(&id) {
                replaces.push(id);
            }
        }
        replaces
    }

    /// A frame that this version can't read: another version, another scope, changes of a later kind.
    fn stranger_writes_later_version(&mut self) -> Result<(), String> {
        let mut body = Body { sealed_at: self.time.now(), ..Body::default() };
        body.counter = self.rng.u64(..1000);
        let mut encoded = body.encode(LATER_SCOPE).unwrap_or_default();
        let unit = Scope::unit(UnitId::of(self.department, "tt-2"));
        let scope = match self.rng.u8(..3) {
            0 => LATER_SCOPE,
            1 => {
                encoded[0] = PROTOCOL_VERSION + 1;
                unit
            }
            _ => {
                // A section of a kind that nobody knows, with one change.
                encoded.extend_from_slice(&[99, 1, 1]);
                unit
            }
        };
        let frame = self.seal(scope, encoded);
        self.publish(frame)
    }

    /// Signs a frame in his stream: mostly the next one of its lane, now and then another one under a used number.
    fn seal(&mut self, scope: Scope, body: Vec<u8>) -> Frame {
        let lane = Lane { stream: self.stranger.certificate.header.stream(), scope };
        let (number, previous) = self.stranger.tips.get(&scope).copied().unwrap_or_default();
        let (number, previous) = if self.once_in(4) { (0, FrameHash::default()) } else { (number, previous) };
        let frame = Frame::seal(&self.stranger.key, self.department, lane, number + 1, previous, body);
        self.stranger.tips.insert(scope, (number + 1, frame.hash()));
        frame
    }

    fn publish(&mut self, frame: Frame) -> Result<(), String> {
        let hash = frame.hash();
        self.say(|| format!("the stranger writes {hash} in {:?}", frame.lane.scope));
        self.ledger.foreign.insert(hash);
        self.ledger.note(hash, frame.clone())?;
        self.send(Message { frames: vec![frame], ..Message::default() });
        Ok(())
    }

    /// Sends what others have signed: forged, out of order, twice.
    fn stranger_sends(&mut self) {
        self.say(|| "the stranger sends what he has gathered".into());
        let frames = self.gathered();
        let verdicts = vec![self.forged_verdicts()];
        self.send(Message { frames, verdicts, ..Message::default() });
    }

    fn send(&mut self, mut message: Message) {
        let line = self.servers[self.rng.usize(..self.servers.len())].line.clone();
        let server = self.keys.server.verifying_key().to_bytes();
        let Ok(channel) = Channel::between(&self.stranger.key, &server, self.department) else { return };
        message.certificates = self.certificates(&message.frames);
        let stream = self.stranger.certificate.header.stream();
        let _ = deliver(&line, &message.request(stream, &channel, &Nothing));
    }

    pub(super) fn certificates(&self, frames: &[Frame]) -> Vec<Certificate> {
        let mut certificates = vec![self.stranger.certificate.clone()];
        for frame in frames {
            let found = self.ledger.certificates.get(&frame.lane.stream);
            certificates.extend(found.filter(|it| !certificates.contains(it)).cloned());
        }
        certificates
    }

    /// Frames of his own, of anybody that a server has had, and that were handed to him, some of them changed: he knows
    /// nothing of what never left a device.
    pub(super) fn gathered(&mut self) -> Vec<Frame> {
        let (delivered, foreign) = (&self.ledger.delivered, &self.ledger.foreign);
        let known: BTreeSet<FrameHash> = delivered | foreign;
        let known: Vec<FrameHash> = known.union(&self.stranger.taken).copied().collect();
        let mut frames = Vec::new();
        for _ in 0..self.rng.usize(1..FRAMES_MAX) {
            let chosen = known.get(self.rng.usize(..known.len().max(1)));
            let Some(mut frame) = chosen.and_then(|hash| self.ledger.frames.get(hash)).cloned() else {
                break;
            };
            match self.rng.u8(..6) {
                0 => flip(&mut self.rng, &mut frame.body),
                1 => frame.signature[self.rng.usize(..64)] ^= 1,
                2 => frame.number += self.rng.u64(..3),
                3 => {
                    // Garbage under a real number, signed by the wrong key.
                    let (lane, number, previous) = (frame.lane, frame.number, frame.previous);
                    let body = vec![PROTOCOL_VERSION; 9];
                    frame = Frame::seal(&self.stranger.key, self.department, lane, number, previous, body);
                }
                _ => {}
            }
            frames.push(frame);
        }
        frames
    }

    /// Says of frames in the server's own epoch, where it is known to answer, that the server has them.
    pub(super) fn forged_verdicts(&mut self) -> SignedVerdicts {
        let mut epoch = [0; 16];
        self.rng.fill(&mut epoch);
        let present = self.servers[0].line.ask(|service| service.storage().read(epochs::present));
        let (epoch, epoch_order) = present.and_then(Result::ok).unwrap_or((epoch, 99));
        let known = self.ledger.frames.len().max(1);
        let frames = self.ledger.frames.keys().skip(self.rng.usize(..known));
        let frames = frames.map(|hash| FrameVerdict::accepted_but(*hash, Vec::new())).collect();
        let batch = Verdicts {
            epoch,
            epoch_order,
            number: 1 << 40,
            received_at: self.time.now(),
            frames,
            contents: Vec::new(),
        };
        batch.sign(self.department, &self.stranger.key)
    }
}

fn flip(rng: &mut Rng, bytes: &mut [u8]) {
    if !bytes.is_empty() {
        bytes[rng.usize(..bytes.len())] ^= 1 << rng.u8(..8);
    }
}
