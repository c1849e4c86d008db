//! Replicas in memory, for the tests of this folder.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;

use super::content::{BLOCK_BYTES, Block, Content, Wish};
use super::exchange::{Holdings, within};
use super::frame::Frame;
use super::inventory::Root;
use super::message::Message;
use super::names::Short;
use super::plan::{Holding, Trust, plan_incoming};
use super::reply::{Inventory, reply};
use super::stream::{Certificate, Header};
use super::transfer::{self, Contents};
use super::verdict::SignedVerdicts;
use super::{Lane, Scope};
use crate::ids::{DepartmentId, FrameHash, PersonId, StreamId, UnitId};

pub(super) const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);

pub(super) fn department_key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

pub(super) fn trust() -> Trust {
    Trust { department: DEPARTMENT, key: department_key().verifying_key().to_bytes() }
}

/// Somebody with a device.
pub(super) struct Author {
    pub(super) key: SigningKey,
    pub(super) certificate: Certificate,
    tips: RefCell<BTreeMap<Lane, (u64, FrameHash)>>,
}

impl Author {
    pub(super) fn new(seed: u8) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let (author, public) = (PersonId([seed; 16]), key.verifying_key().to_bytes());
        let header =
            Header { department: DEPARTMENT, author, key: public, nonce: [seed; 16], device: "Máy".into() };
        let certificate = Certificate::sign(header, &department_key());
        Self { key, certificate, tips: RefCell::default() }
    }

    pub(super) fn stream(&self) -> StreamId {
        self.certificate.header.stream()
    }

    /// Seals the next frame of a lane; its body says nothing.
    pub(super) fn seal(&self, unit: u8) -> Frame {
        let scope = Scope::unit(UnitId([unit; 16]));
        let lane = Lane { stream: self.stream(), scope };
        let mut tips = self.tips.borrow_mut();
        let (number, previous) = tips.get(&lane).copied().unwrap_or_default();
        let body = super::body::Body::default().encode(scope).unwrap();
        let frame = Frame::seal(&self.key, DEPARTMENT, lane, number + 1, previous, body);
        tips.insert(lane, (number + 1, frame.hash()));
        frame
    }
}

/// A store that keeps what the plan lets in, and has receipts for what it says it has.
#[derive(Default)]
pub(super) struct Replica {
    pub(super) frames: BTreeMap<FrameHash, Frame>,
    pub(super) certificates: BTreeMap<StreamId, Certificate>,
    pub(super) receipts: BTreeSet<FrameHash>,
    /// Whose devices may have been enrolled on a visit.
    pub(super) admitted: Option<PersonId>,
    /// Contents that its frames name, and the blocks that it has of them.
    pub(super) named: BTreeSet<Content>,
    pub(super) blocks: BTreeMap<(Content, u32), Block>,
    /// Contents with a receipt.
    pub(super) durable: BTreeSet<Content>,
    /// Scopes that it gives nobody.
    pub(super) withheld: BTreeSet<Scope>,
}

impl Replica {
    pub(super) fn write(&mut self, author: &Author, unit: u8) -> FrameHash {
        self.certificates.insert(author.stream(), author.certificate.clone());
        let frame = author.seal(unit);
        let hash = frame.hash();
        self.frames.insert(hash, frame);
        hash
    }

    pub(super) fn take(&mut self, message: &Message) {
        let plan = plan_incoming(message, &trust(), self);
        self.certificates.extend(plan.certificates.into_iter().map(|it| (it.header.stream(), it)));
        self.frames.extend(plan.frames.into_iter().map(|signed| (signed.hash, signed.frame)));
        self.blocks.extend(plan.blocks.into_iter().map(|block| ((block.content, block.number), block)));
    }

    /// Answers as a hub: takes what came, and gives what the asker lacks.
    pub(super) fn answer(&mut self, asked: &Message) -> Message {
        self.take(asked);
        let mut answer = Message::default();
        reply(asked, self, &mut answer);
        transfer::reply(asked, self, |_| true, &mut answer);
        let streams: BTreeSet<StreamId> = answer.frames.iter().map(|frame| frame.lane.stream).collect();
        answer.certificates = streams.iter().filter_map(|it| self.certificates.get(it).cloned()).collect();
        answer
    }
}

impl Holding for Replica {
    fn certificate(&self, stream: StreamId) -> Option<Certificate> {
        self.certificates.get(&stream).cloned()
    }

    fn admits(&self, certificate: &Certificate) -> bool {
        certificate.delegation.is_none() || self.admitted == Some(certificate.header.author)
    }

    fn holds(&self, frame: FrameHash) -> bool {
        self.frames.contains_key(&frame)
    }
    fn takes(&self, content: Content, number: u32) -> bool {
        self.named.contains(&content) && !self.blocks.contains_key(&(content, number))
    }
}

impl Contents for Replica {
    fn lacks(&self, content: Content) -> Option<Wish> {
        let from = (0..content.blocks()).find(|number| !self.blocks.contains_key(&(content, *number)))?;
        self.named.contains(&content).then_some(Wish { content, from })
    }
    fn blocks(&self, wish: Wish, bytes: usize) -> Vec<Block> {
        let here = (wish.from..).map_while(|number| self.blocks.get(&(wish.content, number)).cloned());
        here.take(bytes.div_ceil(BLOCK_BYTES).max(1)).collect()
    }
}

impl Inventory for Replica {
    fn gives(&self, scope: Scope) -> bool {
        !self.withheld.contains(&scope)
    }
    fn roots(&self) -> BTreeMap<Scope, Root> {
        let mut roots: BTreeMap<Scope, Root> = BTreeMap::new();
        for (hash, frame) in &self.frames {
            let root = roots.entry(frame.lane.scope).or_default();
            *root = root.with(*hash);
        }
        roots
    }
    fn names(&self, scope: Scope) -> Vec<FrameHash> {
        self.frames.iter().filter(|(_, frame)| frame.lane.scope == scope).map(|(hash, _)| *hash).collect()
    }
    fn find(&self, name: Short) -> Option<Frame> {
        self.frames.iter().find(|(hash, _)| Short::of(&hash.0) == name).map(|(_, frame)| frame.clone())
    }
}

impl Holdings for Replica {
    fn asks_hub(&self, scope: Scope) -> bool {
        self.gives_hub(scope)
    }

    fn gives_hub(&self, scope: Scope) -> bool {
        Inventory::gives(self, scope)
    }
    fn cursor(&self) -> Vec<u8> {
        Vec::new()
    }
    fn history(&self) -> Vec<u8> {
        Vec::new()
    }
    fn waiting(&self, theirs: &BTreeSet<FrameHash>, bytes: usize) -> Vec<Frame> {
        let waits = |hash: &FrameHash| !self.receipts.contains(hash) && !theirs.contains(hash);
        let waiting = self.frames.iter().filter(|(hash, _)| waits(hash)).map(|(_, frame)| frame.clone());
        within(waiting, bytes)
    }
    fn certificates(&self, frames: &[Frame]) -> Vec<Certificate> {
        let streams: BTreeSet<StreamId> = frames.iter().map(|frame| frame.lane.stream).collect();
        streams.iter().filter_map(|stream| self.certificates.get(stream).cloned()).collect()
    }
    fn verdicts(&self, _: &[Frame]) -> Vec<SignedVerdicts> {
        Vec::new()
    }
    fn roots(&self) -> BTreeMap<Scope, Root> {
        Inventory::roots(self)
    }
    fn names(&self, scope: Scope) -> Vec<FrameHash> {
        Inventory::names(self, scope)
    }
    fn offers(&self, except: &BTreeSet<Content>) -> Vec<Content> {
        let mut offers: Vec<Content> = self.named.difference(except).copied().collect();
        offers.retain(|content| self.lacks(*content).is_none() && !self.durable.contains(content));
        offers.sort_by_key(|content| content.size);
        offers
    }
    fn wishes(&self, except: &BTreeSet<Content>) -> Vec<Wish> {
        let mut wishes: Vec<Wish> = self.named.difference(except).filter_map(|it| self.lacks(*it)).collect();
        wishes.sort_by_key(|wish| wish.content.size);
        wishes
    }
    fn frames(&self, names: &[FrameHash], bytes: usize) -> Vec<Frame> {
        let found = names.iter().filter_map(|hash| self.frames.get(hash).cloned());
        within(found, bytes)
    }
}
