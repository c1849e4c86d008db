//! The answer to a sync: what a reader may read and does not have yet, in pages.
//!
//! Invariant: one snapshot of the database answers one page, and the cursor moves only over what was looked at in it, so
//! that a late commit is never skipped. Nothing outside the reader's grants is named or given.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use xeploai_core::ids::{FrameHash, StreamId, UnitId};
use xeploai_core::sync::content::Content;
use xeploai_core::sync::epoch::{Epochs, SignedEpochs};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::inventory::{Root, whole};
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::{Nothing, PeerHas, Short};
use xeploai_core::sync::reply::{Inventory, reply};
use xeploai_core::sync::snapshot::{Proof, Snapshot};
use xeploai_core::sync::transfer;
use xeploai_core::sync::version::SNAPSHOTS;
use xeploai_core::sync::wire::{Reader, Writer};
use xeploai_core::sync::{Scope, verdict::SignedVerdicts};

use super::cursor::{Cursor, Given, Seal};
use super::grants::Grants;
use super::store::Fallible;
use crate::error::ServerError;
use crate::storage::{contents, epochs, frames, places, scopes, snapshots, streams, verdicts};

/// Bytes of frames and snapshots in one page. With verdicts and certificates a page stays under 2 MiB.
const FRAME_BYTES: usize = 1024 * 1024;
/// Bytes of verdicts in one page: more than the longest batch.
const VERDICT_BYTES: usize = 288 * 1024;
/// Bytes that a frame or batch takes beside its body, at most.
const OVERHEAD: usize = 160;
/// Most frames in a page.
const FRAMES_MAX: usize = 4000;
/// Most certificates in a page.
const CERTIFICATES_MAX: usize = 2000;
/// Most snapshots in a page.
const SNAPSHOTS_MAX: usize = 1000;

/// Who asks, and what for.
pub(super) struct Question<'a> {
    pub(super) grants: &'a Grants,
    pub(super) seal: Seal<'a>,
    /// Signs the server's epochs.
    pub(super) sign: &'a dyn Fn(&Epochs) -> SignedEpochs,
    pub(super) asked: &'a Message,
    /// The frames that came with the question: the reader has them.
    pub(super) sent: &'a BTreeSet<FrameHash>,
    /// Batches with the verdicts on them.
    pub(super) receipts: &'a BTreeSet<i64>,
}

/// One page: the message, and what it may name briefly.
pub(super) struct Page {
    pub(super) message: Message,
    /// What the reader has, as its cursor proves; nothing when it proves nothing.
    has: Option<Cursor>,
}

/// Answers from one snapshot of the database.
pub(super) fn answer(read: &Connection, question: &Question<'_>) -> Result<Page, ServerError> {
    let present = epochs::present(read)?;
    let given = given(read, &question.seal, &question.asked.cursor)?;
    let last = last(read)?;
    let (start, known) = start(question, given, last);
    let mut page = Page { message: Message::default(), has: known.then_some(start) };
    if question.asked.roots.is_some() || !question.asked.want.is_empty() {
        compare(read, question, &mut page.message)?;
        page.has = None;
        return Ok(page);
    }
    if question.asked.is_about_contents() {
        about_contents(read, question, &mut page.message)?;
        page.has = None;
        return Ok(page);
    }
    if !question.asked.history.is_empty() {
        history(read, question, start, &mut page.message)?;
        page.has = None;
        return Ok(page);
    }
    let mut turner =
        Turner { read, question, start, last, lines: lines(read, question, start, false)?, at: start };
    turner.certificates(&mut page.message)?;
    turner.snapshots(&mut page.message)?;
    turner.frames(&mut page.message)?;
    turner.batches(&mut page.message)?;
    let (at, message) = (turner.at, &mut page.message);
    message.more = at != Cursor { snapshot: at.through, through: at.through, ..last };
    let fresh = matches!(given, Given::Good(order, _) if order == present.1);
    if !fresh || at != start {
        message.cursor = question.seal.encode(present, at, standing(read, at)?);
    }
    if !fresh {
        message.epochs = Some((question.sign)(&epochs::all(read)?));
    }
    let beacon = usize::from(question.asked.beacon);
    let idle =
        question.asked.frames.is_empty() && message.frames.is_empty() && message.verdicts.len() <= beacon;
    // To whom has proved nothing with the first page: by the last one his cursor is good, and has skipped what he lacks.
    if !known || (idle && !message.more) {
        message.root = Some(whole(&readable_roots(read, question.grants)?));
    }
    Ok(page)
}

fn last(read: &Connection) -> Result<Cursor, ServerError> {
    Ok(Cursor {
        stream: streams::last(read)?,
        position: frames::last(read)?,
        batch: verdicts::last(read)?,
        snapshot: snapshots::last(read)?,
        through: 0,
    })
}

/// Where the page begins, and whether the reader has what lies before. A cursor that is no longer good leads to a
/// comparison, not to sending everything again; verdicts go on from where it says, which can only be too early, unless
/// another server's order says it: then they are all told again.
fn start(question: &Question<'_>, given: Given, last: Cursor) -> (Cursor, bool) {
    let takes_snapshots = question.asked.capabilities & SNAPSHOTS != 0;
    let within = |cursor: Cursor| Cursor { batch: cursor.batch.min(last.batch), ..cursor };
    match given {
        Given::Good(_, cursor) => (within(cursor), true),
        Given::Nothing => {
            let through = if takes_snapshots { last.snapshot } else { 0 };
            (Cursor { through, ..Cursor::default() }, false)
        }
        Given::Stale(hint) => {
            let hint = within(hint);
            let through = hint.through.min(last.snapshot);
            (Cursor { stream: 0, position: last.position, snapshot: through, through, ..hint }, false)
        }
        Given::Elsewhere(_) | Given::Foreign => {
            (Cursor { position: last.position, ..Cursor::default() }, false)
        }
    }
}

/// What a device's cursor says to this database.
fn given(read: &Connection, seal: &Seal<'_>, cursor: &[u8]) -> Result<Given, ServerError> {
    let store = Fallible::new(read);
    let epoch_of = |order| store.ask(|read| epochs::of_order(read, order));
    let given = seal.decode(cursor, epoch_of, |cursor| store.ask(|read| standing(read, cursor)));
    store.done()?;
    Ok(given)
}

fn standing(read: &Connection, at: Cursor) -> Result<[u8; 32], ServerError> {
    places::name(read, [at.stream, at.position, at.batch, at.through])
}

/// The epoch of which a cursor proves that it has gone on elsewhere: this server is a copy, or was put back.
pub(super) fn parted(
    read: &Connection,
    seal: &Seal<'_>,
    cursor: &[u8],
) -> Result<Option<[u8; 16]>, ServerError> {
    match given(read, seal, cursor)? {
        Given::Elsewhere(order) => epochs::of_order(read, order),
        _ => Ok(None),
    }
}

/// The snapshots that the reader may read, by id; with those that are superseded, or without.
fn lines(
    read: &Connection,
    question: &Question<'_>,
    start: Cursor,
    superseded: bool,
) -> Result<BTreeMap<i64, snapshots::Line>, ServerError> {
    let all = snapshots::up_to(read, start.through, superseded)?;
    let readable = |line: &snapshots::Line| reads_unit(question.grants, line.unit);
    Ok(all.into_iter().filter(readable).map(|line| (line.id, line)).collect())
}

/// Whether a reader may read a unit and all its people's posts: then snapshots of it are for him.
pub(super) fn reads_unit(grants: &Grants, unit: UnitId) -> bool {
    grants.reads(Scope::unit(unit)) && grants.reads_posts_of(unit)
}

/// Turns from one page to the next.
struct Turner<'a> {
    read: &'a Connection,
    question: &'a Question<'a>,
    start: Cursor,
    last: Cursor,
    lines: BTreeMap<i64, snapshots::Line>,
    at: Cursor,
}

impl Turner<'_> {
    /// Certificates of devices that came since, of authors whom the reader knows.
    fn certificates(&mut self, message: &mut Message) -> Result<(), ServerError> {
        for stream in streams::after(self.read, self.start.stream)? {
            if message.certificates.len() >= CERTIFICATES_MAX {
                return Ok(());
            }
            self.at.stream = stream.seq;
            if self.question.grants.knows(stream.certificate.header.author) {
                message.certificates.push(stream.certificate);
            }
        }
        Ok(())
    }

    fn is_turned(&self) -> bool {
        self.at.stream == self.last.stream && self.at.snapshot == self.at.through
    }

    /// Signed states of closed periods come before any frame, a unit's one after the other: they have the same people,
    /// and pack to two thirds of what they do by the order of their making. The place is how many the reader has got.
    fn snapshots(&mut self, message: &mut Message) -> Result<(), ServerError> {
        let mut bytes = 0;
        if self.at.stream != self.last.stream {
            return Ok(());
        }
        let mut lines: Vec<&snapshots::Line> = self.lines.values().collect();
        lines.sort_by_key(|line| (line.unit, line.period, line.id));
        let got = usize::try_from(self.start.snapshot).unwrap_or_default();
        for (line, place) in lines.into_iter().zip(1..).skip(got) {
            bytes += line.bytes + OVERHEAD;
            if !message.snapshots.is_empty()
                && (bytes > FRAME_BYTES || message.snapshots.len() >= SNAPSHOTS_MAX)
            {
                return Ok(());
            }
            message.snapshots.extend(snapshots::get(self.read, line.id)?);
            self.at.snapshot = place;
        }
        self.at.snapshot = self.at.through;
        Ok(())
    }

    /// Whether a snapshot that the reader gets or has stands in for a frame.
    fn is_covered(&self, snapshot: Option<i64>) -> bool {
        snapshot.is_some_and(|id| self.lines.contains_key(&id))
    }

    fn frames(&mut self, message: &mut Message) -> Result<(), ServerError> {
        if !self.is_turned() || !message.snapshots.is_empty() {
            return Ok(());
        }
        let (mut chosen, mut budget) = (Vec::new(), FRAME_BYTES);
        let (mut position, mut before) = (self.last.position, self.start.position);
        frames::after(self.read, self.start.position, |line| {
            let has = self.question.sent.contains(&line.hash) || self.is_covered(line.snapshot);
            if has || !self.question.grants.reads(line.scope) {
                before = line.position;
                return true;
            }
            let cost = line.bytes + OVERHEAD;
            if cost > budget || chosen.len() >= FRAMES_MAX {
                position = before;
                return false;
            }
            budget -= cost;
            chosen.push(line.position);
            before = line.position;
            true
        })?;
        self.at.position = position;
        message.frames = load(self.read, &chosen)?;
        self.missing_certificates(message)
    }

    /// Certificates of authors whom the reader knows by their frames alone: once more with each page that has some.
    fn missing_certificates(&self, message: &mut Message) -> Result<(), ServerError> {
        let streams: BTreeSet<StreamId> = message.frames.iter().map(|frame| frame.lane.stream).collect();
        for stream in streams {
            let Some(record) = streams::get(self.read, stream)? else { continue };
            if !self.question.grants.knows(record.certificate.header.author) {
                message.certificates.push(record.certificate);
            }
        }
        Ok(())
    }

    /// Verdicts on what the device has just sent, then those after its cursor that judge anything it may read.
    fn batches(&mut self, message: &mut Message) -> Result<(), ServerError> {
        let (mut chosen, mut budget) = (BTreeSet::new(), VERDICT_BYTES);
        for batch in self.question.receipts {
            let cost = verdicts::get(self.read, *batch)?.map_or(0, |signed| signed.bytes.len()) + OVERHEAD;
            // What does not fit comes with a later page, or when the device asks again.
            if cost <= budget {
                budget -= cost;
                chosen.insert(*batch);
            }
        }
        let (mut end, mut before) = (self.last.batch, self.start.batch);
        verdicts::after(self.read, self.start.batch, |batch, bytes, judged| {
            if chosen.contains(&batch) || !self.concerns(batch, judged) {
                before = batch;
                return true;
            }
            if bytes + OVERHEAD > budget {
                end = before;
                return false;
            }
            budget -= bytes + OVERHEAD;
            chosen.insert(batch);
            before = batch;
            true
        })?;
        self.at.batch = end;
        message.verdicts = load_batches(self.read, &chosen)?;
        Ok(())
    }

    /// Whether a batch says something that the reader may read and no snapshot has told him.
    fn concerns(&self, batch: i64, judged: &[verdicts::Judged]) -> bool {
        judged.iter().any(|(scope, snapshot)| {
            let told = snapshot.and_then(|id| self.lines.get(&id)).is_some_and(|line| batch <= line.batch);
            !told && self.question.grants.reads(*scope)
        })
    }
}

/// Frames of a page, ordered by lane, so that they share what they have in common.
fn load(read: &Connection, positions: &[i64]) -> Result<Vec<Frame>, ServerError> {
    let mut loaded = Vec::with_capacity(positions.len());
    for position in positions {
        loaded.extend(frames::get(read, *position)?.map(|stored| stored.frame));
    }
    loaded.sort_by_key(|frame| (frame.lane, frame.number));
    Ok(loaded)
}

fn load_batches(read: &Connection, batches: &BTreeSet<i64>) -> Result<Vec<SignedVerdicts>, ServerError> {
    let mut loaded = Vec::with_capacity(batches.len());
    for batch in batches {
        loaded.extend(verdicts::get(read, *batch)?);
    }
    Ok(loaded)
}

/// Answers a comparison or a wish: frames with the certificates and verdicts that go with them.
fn compare(read: &Connection, question: &Question<'_>, answer: &mut Message) -> Result<(), ServerError> {
    let readable = Readable { store: Fallible::new(read), grants: question.grants };
    reply(question.asked, &readable, answer);
    readable.store.done()?;
    let mut batches = question.receipts.clone();
    for frame in &answer.frames {
        if let Some(position) = frames::position_of(read, frame.hash())? {
            batches.extend(verdicts::batch_of(read, position, None)?);
        }
    }
    let streams: BTreeSet<StreamId> = answer.frames.iter().map(|frame| frame.lane.stream).collect();
    for stream in streams {
        answer.certificates.extend(streams::get(read, stream)?.map(|stream| stream.certificate));
    }
    answer.verdicts = load_batches(read, &batches)?;
    Ok(())
}

/// Answers about contents: what is lacking here of what was offered, blocks of what is wished and the reader may read, and the
/// receipts on both.
fn about_contents(
    read: &Connection,
    question: &Question<'_>,
    answer: &mut Message,
) -> Result<(), ServerError> {
    let store = Fallible::new(read);
    let scopes = |content| store.ask(|read| contents::scopes(read, content));
    let gives = |content| scopes(content).into_iter().any(|scope| question.grants.reads(scope));
    transfer::reply(question.asked, &store, gives, answer);
    store.done()?;
    let (mut batches, epochs) = (question.receipts.clone(), epochs::all(read)?);
    let given: BTreeSet<Content> = answer.blocks.iter().map(|block| block.content).collect();
    for content in given {
        batches.extend(contents::receipt(read, content, &epochs)?);
    }
    answer.verdicts = load_batches(read, &batches)?;
    Ok(())
}

/// What stands behind the snapshots that the reader has: the signatures of frames that stand in them whole, and the
/// others themselves. The place is the number of the last snapshot that was looked at.
fn history(
    read: &Connection,
    question: &Question<'_>,
    start: Cursor,
    answer: &mut Message,
) -> Result<(), ServerError> {
    let mut place = Reader::new(&question.asked.history).number().ok().and_then(|at| i64::try_from(at).ok());
    let from = place.take().unwrap_or_default();
    let mut bytes = 0;
    let mut last = from;
    for (id, line) in lines(read, question, start, true)?.range(from + 1..) {
        if bytes > FRAME_BYTES {
            answer.more = true;
            break;
        }
        let Some(snapshot) = snapshots::get(read, *id)? else { continue };
        let whole: BTreeSet<FrameHash> = Snapshot::decode(&snapshot.bytes)?
            .entries
            .into_iter()
            .filter(|entry| entry.kept.is_none())
            .map(|entry| entry.verdict.frame)
            .collect();
        let mut proof = Proof { unit: line.unit, period: line.period, signatures: Vec::new() };
        for stored in frames::of_snapshot(read, *id)? {
            if whole.contains(&stored.frame.hash()) {
                proof.signatures.push(stored.frame.signature);
                bytes += stored.frame.signature.len();
            } else {
                bytes += stored.frame.body.len() + OVERHEAD;
                answer.frames.push(stored.frame);
            }
        }
        answer.proofs.push(proof);
        last = *id;
    }
    let mut writer = Writer::new();
    writer.number(last.unsigned_abs());
    answer.history = writer.finish();
    Ok(())
}

fn readable_roots(read: &Connection, grants: &Grants) -> Result<BTreeMap<Scope, Root>, ServerError> {
    Ok(scopes::roots(read)?.into_iter().filter(|(scope, _)| grants.reads(*scope)).collect())
}

/// What the reader may read, for comparisons.
struct Readable<'a> {
    store: Fallible<'a>,
    grants: &'a Grants,
}

impl Inventory for Readable<'_> {
    fn gives(&self, scope: Scope) -> bool {
        self.grants.reads(scope)
    }

    fn roots(&self) -> BTreeMap<Scope, Root> {
        self.store.ask(scopes::roots)
    }

    fn names(&self, scope: Scope) -> Vec<FrameHash> {
        self.store.ask(|read| frames::names(read, scope))
    }

    fn find(&self, name: Short) -> Option<Frame> {
        self.store.ask(|read| frames::named(read, name)).map(|stored| stored.frame)
    }
}

impl Page {
    /// Encodes the page. What the reader's cursor proves that it has is named briefly.
    pub(super) fn encode(
        &self,
        read: &Connection,
        question: &Question<'_>,
        asked: &[FrameHash],
    ) -> Result<Vec<u8>, ServerError> {
        let Some(has) = self.has.filter(|_| !question.asked.full) else {
            return Ok(self.message.answer(asked, &Nothing));
        };
        let reader = Holder { store: Fallible::new(read), question, has };
        let bytes = self.message.answer(asked, &reader);
        reader.store.done()?;
        Ok(bytes)
    }
}

/// What a reader has, as its cursor proves.
struct Holder<'a> {
    store: Fallible<'a>,
    question: &'a Question<'a>,
    has: Cursor,
}

impl PeerHas for Holder<'_> {
    fn stream(&self, stream: StreamId) -> bool {
        let Some(record) = self.store.ask(|read| streams::get(read, stream)) else { return false };
        record.seq <= self.has.stream && self.question.grants.knows(record.certificate.header.author)
    }

    fn frame(&self, frame: FrameHash) -> bool {
        let position = self.store.ask(|read| frames::position_of(read, frame));
        self.question.sent.contains(&frame) || position.is_some_and(|position| position <= self.has.position)
    }
}
