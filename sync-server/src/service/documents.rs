//! Configuration and publications: what the server itself writes, as frames of its own stream.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};
use xeploai_core::ids::{FrameHash, UnitId};
use xeploai_core::org::{Config, Document, History, UnitKind};
use xeploai_core::sync::body::{BODY_BYTES_MAX, Body, CHANGES_MAX, Change, DocumentChange};
use xeploai_core::sync::content::Content;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::inventory::Root;
use xeploai_core::sync::verdict::{FrameVerdict, Verdicts};
use xeploai_core::sync::{Lane, Scope};

use super::rejudge::BY_RECORDS;
use super::{Service, own_certificate};
use crate::error::{Refused, ServerError};
use crate::storage::{epochs, frames, held, scopes, snapshots, verdicts};

/// Bytes that a document takes beside its JSON, at most.
const DOCUMENT_OVERHEAD: usize = 64;
/// Longest batch of verdicts, in bytes: an answer has room for several.
const BATCH_BYTES_MAX: usize = 256 * 1024;

/// Reads the server's own frames, of which every configuration is made.
pub(super) fn history(read: &Connection) -> Result<History, ServerError> {
    let mut history = History::default();
    for body in frames::documents(read)? {
        let mut documents = Vec::with_capacity(body.changes.len());
        for change in body.changes {
            let Change::Document(change) = change else { continue };
            // A kind of a later version stays stored and is passed on.
            documents.extend(Document::from_change(&change)?);
        }
        history.push(body.counter, body.sealed_at, documents);
    }
    Ok(history)
}

/// Documents of one scope that fit one frame.
struct Parcel {
    scope: Scope,
    changes: Vec<DocumentChange>,
    bytes: usize,
}

impl Parcel {
    fn takes(&self, change: &DocumentChange) -> bool {
        self.changes.len() < CHANGES_MAX
            && self.bytes + change.json.len() + DOCUMENT_OVERHEAD < BODY_BYTES_MAX - DOCUMENT_OVERHEAD
    }
}

impl Service {
    /// Seals documents in the server's stream, accepted, in one transaction.
    ///
    /// # Errors
    /// [`Refused::RecordTooLarge`] when a document is larger than a frame; else when the database fails. Then nothing is
    /// written.
    pub fn write_documents(&self, documents: impl AsRef<[Document]>) -> Result<(), ServerError> {
        self.storage.write(|write| self.write_documents_in(write, documents.as_ref()))
    }

    /// As [`Self::write_documents`], in a transaction that is open.
    pub(super) fn write_documents_in(
        &self,
        write: &Transaction<'_>,
        documents: &[Document],
    ) -> Result<(), ServerError> {
        let config = self.config_in(write)?;
        let now = self.now();
        let before = frames::documents_counter(write)?;
        let (mut judged, mut positions, mut roots) = (Vec::new(), Vec::new(), BTreeMap::<Scope, Root>::new());
        let parcels = parcels(documents, department_unit(&config, documents))?;
        for (counter, parcel) in (before + 1..).zip(parcels) {
            let body = Body {
                counter,
                sealed_at: now,
                revision: config.revision,
                changes: parcel.changes.into_iter().map(Change::Document).collect(),
            };
            let frame = self.seal(write, parcel.scope, &body)?;
            let hash = frame.hash();
            positions.push(frames::insert(write, self.department, (hash, &frame), Some(&body), true, now)?);
            let root = roots.entry(parcel.scope).or_default();
            *root = root.with(hash);
            judged.push(FrameVerdict::accepted_but(hash, Vec::new()));
        }
        scopes::add(write, &roots)?;
        self.write_verdicts(write, judged, &positions, now)?;
        self.rejudge(write, &BY_RECORDS)?;
        Ok(())
    }

    fn seal(&self, write: &Transaction<'_>, scope: Scope, body: &Body) -> Result<Frame, ServerError> {
        let lane = Lane { stream: own_certificate(write)?.header.stream(), scope };
        let (number, previous): (u64, FrameHash) = frames::tip(write, lane)?;
        let bytes = body.encode(scope)?;
        Ok(Frame::seal(&self.keys.server, self.department, lane, number + 1, previous, bytes))
    }

    /// Signs verdicts and keeps them, in as many batches as their length asks for. `positions` are those of the frames, or
    /// none when the frames are not kept among the others. Gives the batches.
    pub(super) fn write_verdicts(
        &self,
        write: &Transaction<'_>,
        judged: Vec<FrameVerdict>,
        positions: &[i64],
        now: i64,
    ) -> Result<Vec<i64>, ServerError> {
        let mut batches = Vec::new();
        let mut rest =
            judged.into_iter().zip(positions.iter().map(Some).chain(std::iter::repeat(None))).peekable();
        while rest.peek().is_some() {
            let (mut frames, mut places, mut bytes) = (Vec::new(), Vec::new(), 0);
            while bytes < BATCH_BYTES_MAX
                && frames.len() < xeploai_core::sync::verdict::VERDICTS_MAX
                && let Some((verdict, place)) = rest.next()
            {
                bytes += FrameHash::LEN + 2 + verdict.exceptions.len() * 6;
                frames.push(verdict);
                places.extend(place.copied());
            }
            batches.push(self.write_batch(write, (frames, Vec::new()), &places, now)?);
        }
        Ok(batches)
    }

    /// Signs a batch on no frame: it says what time it is, for a witness to state times by and for a wrong clock to be found.
    pub(super) fn write_beacon(&self, write: &Transaction<'_>) -> Result<i64, ServerError> {
        self.write_batch(write, (Vec::new(), Vec::new()), &[], self.now())
    }

    /// Signs a batch that is the receipt for contents.
    pub(super) fn write_receipt(
        &self,
        write: &Transaction<'_>,
        contents: Vec<Content>,
        now: i64,
    ) -> Result<i64, ServerError> {
        self.write_batch(write, (Vec::new(), contents), &[], now)
    }

    fn write_batch(
        &self,
        write: &Transaction<'_>,
        (frames, contents): (Vec<FrameVerdict>, Vec<Content>),
        places: &[i64],
        now: i64,
    ) -> Result<i64, ServerError> {
        let (epoch, epoch_order) = epochs::present(write)?;
        let number = verdicts::next_number(write, epoch)?;
        let batch = Verdicts { epoch, epoch_order, number, received_at: now, frames, contents };
        let signed = batch.sign(self.department, &self.keys.department);
        let mut before = verdicts::Decoded::default();
        for (verdict, place) in batch.frames.iter().zip(places) {
            note_counting(write, &mut before, *place, verdict)?;
        }
        verdicts::insert(write, &batch, &signed, places)
    }
}

/// The department's own unit, known or about to be written.
fn department_unit(config: &Config, documents: &[Document]) -> UnitId {
    let written = documents.iter().find_map(|document| match document {
        Document::Unit(unit) if unit.kind == UnitKind::Department => Some(unit.id),
        _ => None,
    });
    written.or_else(|| config.department_unit().map(|unit| unit.id)).unwrap_or_default()
}

/// Packs documents by scope, each scope's in the order given.
fn parcels(documents: &[Document], department_unit: UnitId) -> Result<Vec<Parcel>, ServerError> {
    let mut parcels: Vec<Parcel> = Vec::new();
    for document in documents {
        let change = document.to_change()?;
        check_size(&change)?;
        for scope in document.scopes(department_unit) {
            pack(&mut parcels, scope, change.clone());
        }
    }
    Ok(parcels)
}

/// Checks that a frame has room for a document.
///
/// # Errors
/// [`Refused::RecordTooLarge`].
pub(super) fn check_size(change: &DocumentChange) -> Result<(), Refused> {
    let fits = change.json.len() + 2 * DOCUMENT_OVERHEAD <= BODY_BYTES_MAX;
    fits.then_some(()).ok_or(Refused::RecordTooLarge)
}

fn pack(parcels: &mut Vec<Parcel>, scope: Scope, change: DocumentChange) {
    let bytes = change.json.len() + DOCUMENT_OVERHEAD;
    // Only the scope's last parcel may take more, or its order would be lost.
    match parcels.iter_mut().rev().find(|parcel| parcel.scope == scope).filter(|it| it.takes(&change)) {
        Some(parcel) => {
            parcel.bytes += bytes;
            parcel.changes.push(change);
        }
        None => parcels.push(Parcel { scope, changes: vec![change], bytes }),
    }
}

/// Notes what follows from the verdict that is to count for the frame at a position: whether it waits, and that a
/// snapshot which says something else of it is superseded. `before` has what counted before.
pub(super) fn note_counting(
    write: &Transaction<'_>,
    before: &mut verdicts::Decoded,
    position: i64,
    verdict: &FrameVerdict,
) -> Result<(), ServerError> {
    held::note(write, position, verdict)?;
    match before.of(write, position, verdict.frame)? {
        Some((counted, _)) if counted != *verdict => snapshots::supersede(write, position),
        _ => Ok(()),
    }
}
