//! The store as the sync rules of the core see it: questions that cannot fail there, and here are asked afterwards
//! whether one of them did.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use xeploai_core::ids::{FrameHash, PersonId, StreamId};
use xeploai_core::org::Config;
use xeploai_core::sheet::evidence::Evidence;
use xeploai_core::sync::content::{Block, Content, Wish};
use xeploai_core::sync::epoch::SignedEpochs;
use xeploai_core::sync::exchange::{Holdings, Peer, within};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::inventory::Root;
use xeploai_core::sync::message::{FRAMES_MAX, Message};
use xeploai_core::sync::names::{Known, PeerHas, Short, Standing};
use xeploai_core::sync::plan::Holding;
use xeploai_core::sync::reply::Inventory;
use xeploai_core::sync::stream::Certificate;
use xeploai_core::sync::transfer::{self, Contents};
use xeploai_core::sync::verdict::SignedVerdicts;
use xeploai_core::sync::{Scope, policy};

use crate::error::ClientError;
use crate::tables::{accounts, contents, epochs, frames, scopes, snapshots, streams, verdicts};

/// Most bytes of receipts in a message between two devices.
const RECEIPT_BYTES_MAX: usize = 1024 * 1024;

/// A view of the store for somebody who may read a part of it; it remembers its first failure.
pub(crate) struct Shelf<'a> {
    connection: &'a Connection,
    config: &'a Config,
    /// Who reads: the active person, or the one whose device asks a hub.
    reader: PersonId,
    failed: RefCell<Option<ClientError>>,
}

impl<'a> Shelf<'a> {
    pub(crate) fn new(connection: &'a Connection, config: &'a Config, reader: PersonId) -> Self {
        Self { connection, config, reader, failed: RefCell::new(None) }
    }

    fn ask<T: Default>(&self, ask: impl FnOnce(&Connection) -> Result<T, ClientError>) -> T {
        ask(self.connection).unwrap_or_else(|failure| {
            self.failed.borrow_mut().get_or_insert(failure);
            T::default()
        })
    }

    /// # Errors
    /// The first failure, if there was one: then what was computed from the answers means nothing.
    pub(crate) fn done(self) -> Result<(), ClientError> {
        self.failed.into_inner().map_or(Ok(()), Err)
    }

    /// Adds to a message what the peer may not know.
    pub(crate) fn bring_along(&self, message: &mut Message, peer: Peer, doubts: &[i64]) {
        if peer == Peer::Hub {
            // It keeps no cursors that say what it knows.
            message.certificates = self.certificates_of(&message.frames);
            message.verdicts.extend(self.receipts_on(message.frames.iter()));
        }
        message.verdicts.extend(self.ask(|read| verdicts::in_rows(read, doubts)));
    }

    /// The server's epochs, as far as they are known here.
    pub(crate) fn epochs(&self) -> Option<SignedEpochs> {
        self.ask(epochs::signed)
    }

    /// Certificates of the streams that frames stand in.
    pub(crate) fn certificates_of(&self, frames: &[Frame]) -> Vec<Certificate> {
        let streams: BTreeSet<StreamId> = frames.iter().map(|frame| frame.lane.stream).collect();
        streams.into_iter().filter_map(|stream| self.ask(|read| streams::get(read, stream))).collect()
    }

    /// Answers about contents as a hub: what this device lacks of the offers, blocks of what the reader is given, and the server's
    /// receipts on both.
    pub(crate) fn answer_contents(&self, asked: &Message, answer: &mut Message) {
        let scopes = |content| self.ask(|read| contents::scopes(read, content));
        let gives = |content| scopes(content).into_iter().any(|scope| self.gives(scope));
        transfer::reply(asked, self, gives, answer);
        let given: BTreeSet<Content> = answer.blocks.iter().map(|block| block.content).collect();
        for content in asked.offers.iter().chain(&given) {
            answer.verdicts.extend(self.ask(|read| contents::receipt(read, *content)));
        }
        answer.verdicts.dedup();
    }

    /// The server's receipts for frames and for the evidence in them. Those that do not fit come with a later exchange, or from the server.
    pub(crate) fn receipts_on<'f>(&self, frames: impl Iterator<Item = &'f Frame>) -> Vec<SignedVerdicts> {
        let mut receipts: Vec<SignedVerdicts> = Vec::new();
        let mut bytes = 0;
        for receipt in frames.flat_map(|frame| self.ask(|read| said_of(read, frame))) {
            if !receipts.contains(&receipt) && bytes + receipt.bytes.len() <= RECEIPT_BYTES_MAX {
                bytes += receipt.bytes.len();
                receipts.push(receipt);
            }
        }
        receipts
    }
}

/// The server's receipts for a frame and for the evidence in it.
fn said_of(read: &Connection, frame: &Frame) -> Result<Vec<SignedVerdicts>, ClientError> {
    let mut receipts = Vec::from_iter(verdicts::receipt_of(read, frame.hash())?);
    // Of a later version, it names what is for a later program.
    let body = frame.decode_body().unwrap_or_default();
    for content in body.evidence().flat_map(Evidence::contents) {
        receipts.extend(contents::receipt(read, content)?);
    }
    Ok(receipts)
}

impl Holdings for Shelf<'_> {
    fn gives_hub(&self, scope: Scope) -> bool {
        Inventory::gives(self, scope)
    }

    fn asks_hub(&self, scope: Scope) -> bool {
        Inventory::gives(self, scope) || !self.config.knows_scope(scope)
    }

    fn cursor(&self) -> Vec<u8> {
        self.ask(|read| accounts::cursor(read, self.reader))
    }

    fn history(&self) -> Vec<u8> {
        self.ask(|read| accounts::history(read, self.reader))
    }

    fn waiting(&self, theirs: &BTreeSet<FrameHash>, bytes: usize) -> Vec<Frame> {
        let waiting = self.ask(|read| frames::waiting(read, FRAMES_MAX + theirs.len()));
        let mut chosen = within(waiting.into_iter().filter(|frame| !theirs.contains(&frame.hash())), bytes);
        // By lane, so that they share what they have in common.
        chosen.sort_by_key(|frame| (frame.lane, frame.number));
        chosen
    }

    fn certificates(&self, frames: &[Frame]) -> Vec<Certificate> {
        let mut certificates = self.certificates_of(frames);
        certificates.retain(|it| !self.ask(|read| streams::is_known(read, it.header.stream())));
        certificates
    }

    fn verdicts(&self, frames: &[Frame]) -> Vec<SignedVerdicts> {
        let mut given: Vec<SignedVerdicts> = Vec::new();
        for frame in frames {
            for batch in self.ask(|read| verdicts::on(read, frame.hash())) {
                if !given.contains(&batch) {
                    given.push(batch);
                }
            }
        }
        given
    }

    fn roots(&self) -> BTreeMap<Scope, Root> {
        let mut roots = self.ask(scopes::roots);
        roots.retain(|scope, _| self.config.may_read(self.reader, *scope));
        roots
    }

    fn names(&self, scope: Scope) -> Vec<FrameHash> {
        self.ask(|read| frames::names(read, scope))
    }

    fn frames(&self, names: &[FrameHash], bytes: usize) -> Vec<Frame> {
        within(names.iter().filter_map(|hash| self.ask(|read| frames::get(read, *hash))), bytes)
    }

    fn offers(&self, except: &BTreeSet<Content>) -> Vec<Content> {
        let mut offers = self.ask(contents::waiting);
        offers.retain(|content| !except.contains(content));
        offers
    }

    fn wishes(&self, except: &BTreeSet<Content>) -> Vec<Wish> {
        let mut lacking = self.ask(contents::lacking);
        lacking.retain(|(content, scope)| {
            !except.contains(content) && self.config.may_read(self.reader, *scope)
        });
        lacking.dedup_by_key(|(content, _)| *content);
        lacking.into_iter().filter_map(|(content, _)| self.lacks(content)).collect()
    }
}

impl Holding for Shelf<'_> {
    /// Of a device that was let in once and may not any more, nothing further is believed: see [`policy::admits`].
    fn certificate(&self, stream: StreamId) -> Option<Certificate> {
        self.ask(|read| streams::get(read, stream)).filter(|it| self.admits(it))
    }

    fn admits(&self, certificate: &Certificate) -> bool {
        policy::admits(self.config, certificate)
    }

    fn holds(&self, frame: FrameHash) -> bool {
        self.ask(|read| frames::holds(read, frame))
    }

    fn takes(&self, content: Content, number: u32) -> bool {
        self.lacks(content).is_some() && !self.ask(|read| contents::holds(read, content, number))
    }
}

impl Known for Shelf<'_> {
    fn stream(&self, name: Short) -> Option<StreamId> {
        self.ask(|read| streams::named(read, name))
    }

    fn frame(&self, name: Short) -> Option<Standing> {
        let here = self.ask(|read| frames::named(read, name));
        let standing =
            here.map(|frame| Standing { hash: frame.hash(), lane: frame.lane, number: frame.number });
        standing.or_else(|| self.ask(|read| snapshots::named(read, name)))
    }
}

/// What the server has, as its receipts say.
impl PeerHas for Shelf<'_> {
    fn stream(&self, stream: StreamId) -> bool {
        self.ask(|read| streams::is_known(read, stream))
    }

    fn frame(&self, frame: FrameHash) -> bool {
        self.ask(|read| frames::is_received(read, frame))
    }
}

/// Carried is what others may read too: the bytes of evidence go the way of the frames that name it.
impl Contents for Shelf<'_> {
    fn lacks(&self, content: Content) -> Option<Wish> {
        let wish = self.ask(|read| contents::missing(read, content))?;
        let is_named = !self.ask(|read| contents::scopes(read, content)).is_empty();
        (is_named && self.ask(contents::has_room)).then_some(wish)
    }

    fn blocks(&self, wish: Wish, bytes: usize) -> Vec<Block> {
        self.ask(|read| contents::blocks(read, wish, bytes))
    }
}

/// What this device, as a hub, has for the reader.
impl Inventory for Shelf<'_> {
    fn gives(&self, scope: Scope) -> bool {
        self.config.may_be_handed(self.reader, scope)
    }

    fn roots(&self) -> BTreeMap<Scope, Root> {
        self.ask(scopes::roots)
    }

    fn names(&self, scope: Scope) -> Vec<FrameHash> {
        self.ask(|read| frames::names_in_full(read, scope))
    }

    fn find(&self, name: Short) -> Option<Frame> {
        self.ask(|read| frames::named(read, name))
    }
}
