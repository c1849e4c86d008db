//! Taking a message in: everything that it brings and may be believed, in one transaction.
//!
//! Invariant: what came and the cursor that says so are one transaction; "received" is set by a signed verdict alone.

use std::collections::BTreeSet;

use xeploai_core::ids::{DepartmentId, FrameHash, PersonId, SheetId};
use xeploai_core::sync::body::Change;
use xeploai_core::sync::epoch::{Epochs, SignedEpochs};
use xeploai_core::sync::exchange::Peer;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::plan::{Plan, Signed, plan_incoming};
use xeploai_core::sync::snapshot::Proof;
use xeploai_core::view::Text;

use super::doubt;
use super::shelf::Shelf;
use crate::error::ClientError;
use crate::session::Session;
use crate::tables::{accounts, contents, epochs, frames, snapshots, streams, verdicts, witnessed};
use crate::transact::{Write, transact, transact_unhurried};

/// What a sync has moved so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    /// Changes of this device's people that have got their first receipt.
    pub(crate) sent: u32,
    /// Changes that came.
    pub(crate) came: u32,
    /// Sheets with something that was handed to another device before the server had it.
    pub(crate) handed: BTreeSet<SheetId>,
    /// Sheets with something that came here before the server had it.
    pub(crate) sheets: BTreeSet<SheetId>,
    /// Who has written that.
    pub(crate) people: BTreeSet<PersonId>,
}

impl Moved {
    /// Adds what else was moved.
    pub(crate) fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.came += other.came;
        self.handed.extend(&other.handed);
        self.sheets.extend(&other.sheets);
        self.people.extend(&other.people);
    }

    /// What was taken in, as people count it.
    /// `nothing` is said when there is nothing to count.
    pub(crate) fn counted(&self, conflicts: u32, nothing: Text) -> Text {
        let (sheets, people, sent) = (self.sheets.len(), self.people.len(), self.sent);
        let of_sheets = (
            format!("Nhận {sheets} phiếu của {people} người."),
            format!("Received sheets: {sheets}, from people: {people}."),
        );
        let of_receipts = (
            format!("Máy chủ đã nhận {sent} thay đổi của máy này."),
            format!("The server has received changes of this device: {sent}."),
        );
        let (vi, en) = match (sheets, sent) {
            (0, 0) => (nothing.vi, nothing.en),
            (0, _) => of_receipts,
            (_, 0) => of_sheets,
            _ => (format!("{} {}", of_receipts.0, of_sheets.0), format!("{} {}", of_receipts.1, of_sheets.1)),
        };
        let mut text = Text { vi, en };
        if conflicts > 0 {
            text.vi = format!("{}; {conflicts} mục cần xem lại.", text.vi.trim_end_matches('.'));
            text.en = format!("{}; to settle: {conflicts}.", text.en.trim_end_matches('.'));
        }
        text
    }

    fn came_with(&mut self, signed: &Signed, department: DepartmentId) {
        let changes = signed.body.iter().flat_map(|body| &body.changes);
        let sheets: Vec<SheetId> =
            changes.filter_map(|it| it.sheet()).map(|sheet| sheet.id(department)).collect();
        if !sheets.is_empty() {
            self.people.insert(signed.author);
            self.sheets.extend(sheets);
        }
    }
}

/// Checks a message and keeps what it brings.
pub(crate) fn take(
    session: &mut Session<'_>,
    message: &Message,
    peer: Peer,
    moved: &mut Moved,
) -> Result<Plan, ClientError> {
    let plan = planned(session, message)?;
    let (department, person) = (session.me.department, session.me.person);
    let mut new = Vec::new();
    let keep_all = |write: &Write<'_>| {
        if let Some((signed, opened)) = &plan.epochs {
            put_epochs(write, signed, opened, peer)?;
        }
        for certificate in &plan.certificates {
            streams::insert(write, certificate, peer == Peer::Server)?;
        }
        for signed in &plan.frames {
            if keep(write, signed, department, peer)? {
                moved.came += signed.body.as_ref().map_or(0, |body| body.changes.len() as u32);
                new.push(signed);
            }
        }
        for block in &plan.blocks {
            contents::insert(write, block)?;
        }
        for (signed, opened) in &plan.snapshots {
            snapshots::insert(write, department, signed, opened)?;
        }
        for proof in &message.proofs {
            moved.came += complete(write, department, proof)?;
        }
        moved.sent += keep_verdicts(write, &plan, peer)?;
        for signed in new {
            if !frames::is_received(write, signed.hash)? {
                moved.came_with(signed, department);
            }
        }
        if peer == Peer::Server && !message.cursor.is_empty() {
            accounts::set_cursor(write, person, &message.cursor)?;
        }
        if peer == Peer::Server && !message.history.is_empty() {
            accounts::set_history(write, person, &message.history)?;
        }
        Ok(())
    };
    // The server has it, and gives it again where the cursor was lost with it.
    match peer {
        Peer::Server => transact_unhurried(session.connection, keep_all)?,
        Peer::Hub => transact(session.connection, keep_all)?,
    }
    Ok(plan)
}

fn planned(session: &Session<'_>, message: &Message) -> Result<Plan, ClientError> {
    let snapshot = session.connection.unchecked_transaction()?;
    let shelf = Shelf::new(&snapshot, &session.config, session.me.person);
    let plan = plan_incoming(message, &session.me.trust(), &shelf);
    shelf.done()?;
    Ok(plan)
}

/// Puts epochs in the place of those that are here. Anybody can repeat what the server said once: of another device only
/// what is later counts. The server itself may have been put back.
fn put_epochs(
    write: &Write<'_>,
    signed: &SignedEpochs,
    told: &Epochs,
    peer: Peer,
) -> Result<(), ClientError> {
    let known = epochs::get(write)?;
    if peer == Peer::Hub && known.as_ref().is_some_and(|known| told.order <= known.order) {
        return Ok(());
    }
    epochs::put(write, signed)?;
    if known.as_ref().is_some_and(|known| known.epoch != told.epoch) {
        accounts::doubt_cursors(write)?;
    }
    let fallen = verdicts::restand(write, told)?;
    if fallen {
        streams::forget_known(write)?;
    }
    if fallen || known.is_some_and(|known| known.order > told.order) {
        doubt::arise(write)?;
    }
    Ok(())
}

/// Keeps what the server said; gives how many changes of this device's people have got their first receipt.
fn keep_verdicts(write: &Write<'_>, plan: &Plan, peer: Peer) -> Result<u32, ClientError> {
    let (mut sent, mut hearsay) = (0, false);
    for (signed, opened) in &plan.verdicts {
        let mut waiting = Vec::new();
        for verdict in &opened.frames {
            waiting.extend(waits(write, verdict.frame)?);
        }
        hearsay |= verdicts::insert(write, signed, opened)? && peer == Peer::Hub;
        for (frame, changes) in waiting {
            if frames::is_received(write, frame)? {
                sent += changes;
            }
        }
    }
    if hearsay {
        doubt::arise(write)?;
    }
    Ok(sent)
}

/// Keeps a frame, and tells whether it was new here. One of an own stream says that this store was put back or copied.
fn keep(
    write: &Write<'_>,
    signed: &Signed,
    department: DepartmentId,
    peer: Peer,
) -> Result<bool, ClientError> {
    let Signed { hash, frame, body, author } = signed;
    if !frames::insert(write, department, frame, body.as_ref(), peer == Peer::Hub)? {
        return Ok(false);
    }
    if streams::is_own(write, frame.lane.stream)? {
        accounts::mark_restored(write, frame.lane.stream)?;
    }
    let changes = body.as_ref().map_or(&[][..], |body| &body.changes);
    for change in changes {
        if let Change::Witness(statement) = change {
            witnessed::insert(write, *author, statement, *hash)?;
        }
    }
    Ok(true)
}

/// Turns entries of a snapshot into the frames themselves, where the author's signature fits; gives how many changes.
fn complete(write: &Write<'_>, department: DepartmentId, proof: &Proof) -> Result<u32, ClientError> {
    let Some(snapshot) = snapshots::get(write, proof.unit, proof.period)? else { return Ok(0) };
    let whole = snapshot.entries.iter().filter(|entry| entry.kept.is_none());
    let mut came = 0;
    for (entry, signature) in whole.zip(&proof.signatures) {
        let before = snapshots::before(write, entry)?;
        let Some(frame) = entry.complete(before, *signature) else { continue };
        let Some(certificate) = streams::get(write, entry.lane.stream)? else { continue };
        if frame.verify(&certificate).is_err() {
            continue;
        }
        let body = frame.decode_body().ok();
        if frames::insert(write, department, &frame, body.as_ref(), false)? {
            came += body.map_or(0, |body| body.changes.len() as u32);
        }
    }
    Ok(came)
}

/// A frame of this device's people that has no receipt yet, with the number of its changes; the server knows its stream by
/// now.
fn waits(write: &Write<'_>, hash: FrameHash) -> Result<Option<(FrameHash, u32)>, ClientError> {
    let Some(frame) = frames::get(write, hash)? else { return Ok(None) };
    streams::set_known(write, frame.lane.stream)?;
    if !streams::is_own(write, frame.lane.stream)? || frames::is_received(write, hash)? {
        return Ok(None);
    }
    Ok(Some((hash, frame.decode_body().map_or(0, |body| body.changes.len() as u32))))
}
