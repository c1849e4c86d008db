//! What a message brings, checked: the one gate through which anything foreign comes into a store.
//!
//! Invariant: pure, and one bad part never stops the good ones. What leaves here was signed by whom it claims; what could
//! not be believed is set apart with its reason. The phone, the hub and the server all take messages in through
//! [`plan_incoming`]; the server judges what it gives, the others keep it.

use std::collections::{BTreeMap, BTreeSet};

use super::body::Body;
use super::content::{Block, Content};
use super::epoch::{Epochs, SignedEpochs};
use super::frame::Frame;
use super::message::Message;
use super::snapshot::{SignedSnapshot, Snapshot};
use super::stream::Certificate;
use super::verdict::{Reason, SignedVerdicts, Verdicts};
use super::wire::WireError;
use crate::ids::{DepartmentId, FrameHash, PersonId, StreamId};

/// Whose word counts.
#[derive(Debug, Clone, Copy)]
pub struct Trust {
    /// The department.
    pub department: DepartmentId,
    /// Its public key: the root of trust.
    pub key: [u8; 32],
}

/// What the store that takes a message holds already.
pub trait Holding {
    /// A stream's certificate.
    fn certificate(&self, stream: StreamId) -> Option<Certificate>;
    /// Whether a device that was enrolled on a visit is let in, once the signatures of its certificate fit:
    /// [`super::policy::admits`].
    fn admits(&self, certificate: &Certificate) -> bool;
    /// Whether a frame is here.
    fn holds(&self, frame: FrameHash) -> bool;
    /// Whether a block is still lacking of a content that a frame here names, and there is room for it.
    fn takes(&self, content: Content, number: u32) -> bool;
}

/// A frame whose signature fits its stream.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Its hash.
    pub hash: FrameHash,
    /// The frame.
    pub frame: Frame,
    /// Who wrote it.
    pub author: PersonId,
    /// Its body; nothing when it is of a later version: such a frame is kept and passed on.
    pub body: Option<Body>,
}

/// What a message brings.
#[derive(Debug, Default)]
pub struct Plan {
    /// Certificates that the department vouches for, or somebody in its place, and that are new here.
    pub certificates: Vec<Certificate>,
    /// New frames, in the order of the message.
    pub frames: Vec<Signed>,
    /// Frames that are here already.
    pub known: Vec<FrameHash>,
    /// Frames that can't be believed or read, and why.
    pub doubtful: Vec<(Frame, Reason)>,
    /// Verdicts that the department has signed.
    pub verdicts: Vec<(SignedVerdicts, Verdicts)>,
    /// Snapshots that it has.
    pub snapshots: Vec<(SignedSnapshot, Snapshot)>,
    /// Blocks that are lacking here, each checked against the name of its content.
    pub blocks: Vec<Block>,
    /// Epochs that it has.
    pub epochs: Option<(SignedEpochs, Epochs)>,
    /// Parts of the message that were signed by nobody who may, certificates, verdicts, snapshots, epochs; and blocks that are
    /// not what they are said to be.
    pub unbelievable: usize,
}

/// Checks everything in a message.
pub fn plan_incoming(message: &Message, trust: &Trust, holding: &dyn Holding) -> Plan {
    let mut plan = Plan::default();
    let Trust { department, key } = *trust;
    let mut streams = BTreeMap::new();
    for certificate in &message.certificates {
        let stream = certificate.header.stream();
        match certificate.verify(department, &key) {
            Ok(()) if holding.admits(certificate) => {
                let known = streams.get(&stream).cloned().or_else(|| holding.certificate(stream));
                if known.is_none_or(|known| is_confirmed_by(certificate, &known)) {
                    plan.certificates.push(certificate.clone());
                }
                streams.insert(stream, certificate.clone());
            }
            _ => plan.unbelievable += 1,
        }
    }
    plan.take_frames(&message.frames, streams, holding);
    for signed in &message.verdicts {
        match signed.open(department, &key) {
            Ok(verdicts) => plan.verdicts.push((signed.clone(), verdicts)),
            Err(_) => plan.unbelievable += 1,
        }
    }
    for signed in &message.snapshots {
        match signed.open(department, &key) {
            Ok(snapshot) => plan.snapshots.push((signed.clone(), snapshot)),
            Err(_) => plan.unbelievable += 1,
        }
    }
    for block in message.blocks.iter().filter(|block| holding.takes(block.content, block.number)) {
        match block.fits() {
            true => plan.blocks.push(block.clone()),
            false => plan.unbelievable += 1,
        }
    }
    if let Some(signed) = &message.epochs {
        match signed.open(department, &key) {
            Ok(epochs) => plan.epochs = Some((signed.clone(), epochs)),
            Err(_) => plan.unbelievable += 1,
        }
    }
    plan
}

/// Whether the department has signed what a supervisor alone has signed so far.
fn is_confirmed_by(certificate: &Certificate, known: &Certificate) -> bool {
    certificate.delegation.is_none() && known.delegation.is_some()
}

impl Plan {
    /// The server's time, when this is the answer to a request for it: a batch on nothing concerns no reader, so that the
    /// server gives it to nobody but who asked for it.
    pub fn beacon(&self) -> Option<&Verdicts> {
        self.verdicts.iter().map(|(_, verdicts)| verdicts).find(|verdicts| verdicts.is_beacon())
    }

    fn take_frames(
        &mut self,
        frames: &[Frame],
        mut streams: BTreeMap<StreamId, Certificate>,
        holding: &dyn Holding,
    ) {
        let mut seen = BTreeSet::new();
        let mut new = Vec::new();
        for frame in frames {
            let (hash, stream) = (frame.hash(), frame.lane.stream);
            if !seen.insert(hash) {
                continue;
            }
            if holding.holds(hash) {
                self.known.push(hash);
                continue;
            }
            if let std::collections::btree_map::Entry::Vacant(vacant) = streams.entry(stream)
                && let Some(certificate) = holding.certificate(stream)
            {
                vacant.insert(certificate);
            }
            match streams.contains_key(&stream) {
                true => new.push((hash, frame)),
                false => self.doubtful.push((frame.clone(), Reason::UnknownStream)),
            }
        }
        let fits = verify_all(&new, &streams);
        for ((hash, frame), fits) in new.into_iter().zip(fits) {
            let Some(certificate) = streams.get(&frame.lane.stream).filter(|_| fits) else {
                self.doubtful.push((frame.clone(), Reason::BadSignature));
                continue;
            };
            let author = certificate.header.author;
            let body = match frame.decode_body() {
                Ok(body) => Some(body),
                Err(WireError::Version) => None,
                Err(_) => {
                    self.doubtful.push((frame.clone(), Reason::Unreadable));
                    continue;
                }
            };
            self.frames.push(Signed { hash, frame: frame.clone(), author, body });
        }
    }
}

/// Signatures are checked by several threads from this many frames on: a signature costs about as much as starting one.
const THREADS_FROM: usize = 32;
/// Most threads; what is more than the machine has costs little.
const THREADS: usize = 4;

fn verify_all(frames: &[(FrameHash, &Frame)], streams: &BTreeMap<StreamId, Certificate>) -> Vec<bool> {
    let fits = |(_, frame): &(FrameHash, &Frame)| {
        streams.get(&frame.lane.stream).is_some_and(|certificate| frame.verify(certificate).is_ok())
    };
    if frames.len() < THREADS_FROM {
        return frames.iter().map(fits).collect();
    }
    let mut results = vec![false; frames.len()];
    let share = frames.len().div_ceil(THREADS);
    std::thread::scope(|scope| {
        for (frames, results) in frames.chunks(share).zip(results.chunks_mut(share)) {
            scope.spawn(move || {
                for (frame, result) in frames.iter().zip(results) {
                    *result = fits(frame);
                }
            });
        }
    });
    results
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
