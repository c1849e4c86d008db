//! Taking in what a device brings: one durable transaction from checking to receipts.
//!
//! Invariant: one bad frame or change never stops the good ones; and every frame that was brought leaves with a verdict
//! that stands in the present epoch: a new one, the one it has, or an earlier one of this server, adopted, not judged again.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Transaction};
use xeploai_core::ids::{FrameHash, StreamId};
use xeploai_core::sync::body::Body;
use xeploai_core::sync::content::Content;
use xeploai_core::sync::epoch::Epochs;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::inventory::Root;
use xeploai_core::sync::message::Message;
use xeploai_core::sync::plan::{Holding, Plan, Signed, Trust, plan_incoming};
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::sync::transfer::Contents;
use xeploai_core::sync::verdict::{FrameVerdict, Rank, Reason, SignedVerdicts, Verdicts};
use xeploai_core::sync::{Scope, Status};

use super::Service;
use super::documents::note_counting;
use super::judge::Judge;
use super::store::Fallible;
use crate::error::ServerError;
use crate::storage::verdicts::Decoded;
use crate::storage::{contents, epochs, frames, quarantine, scopes, snapshots, streams, verdicts};

/// What became of what one request brought.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// Batches with the verdicts on all that was brought.
    pub batches: BTreeSet<i64>,
    /// How many frames are new.
    pub new: usize,
    /// How many could not be believed or read.
    pub quarantined: usize,
    /// Whether it proved that this server is a restored copy.
    pub restored: bool,
}

/// Verdicts on frames, with their positions where they have one.
#[derive(Default)]
struct Outcome {
    judged: Vec<FrameVerdict>,
    positions: Vec<i64>,
    doubtful: Vec<(Frame, Reason)>,
}

/// Which verdicts stand, and those that were read to find out.
struct Standing {
    epochs: Epochs,
    decoded: Decoded,
}

impl Service {
    /// Takes in what the device with the stream `carrier` brings. Frames that are here already keep the verdict they have.
    ///
    /// # Errors
    /// When the database fails; then nothing was kept.
    pub fn receive(&self, carrier: StreamId, message: &Message) -> Result<Received, ServerError> {
        self.receive_at(carrier, message, self.now())
    }

    /// As [`Self::receive`], at a time of this server's clock.
    ///
    /// # Errors
    /// As there.
    pub fn receive_at(
        &self,
        carrier: StreamId,
        message: &Message,
        now: i64,
    ) -> Result<Received, ServerError> {
        // Signatures are checked before the writer is taken: it is held for the disk's sake alone.
        let message = self.confirmed(message, now)?;
        let plan = self.storage.read(|read| self.plan(read, &message))?;
        self.storage.write(|write| {
            let mut received = Received::default();
            for certificate in &plan.certificates {
                streams::insert(write, certificate)?;
            }
            let released = self.released(write, &plan.certificates)?;
            let brought = plan.frames.into_iter().chain(released.frames);
            let (new, known) = part(write, brought, plan.known)?;
            let mut outcome = Outcome::default();
            let positions = self.insert(write, &new, now)?;
            received.new = positions.len();
            received.restored = self.adopt(write, &plan.verdicts)?;
            let mut standing = Standing { epochs: epochs::all(write)?, decoded: Decoded::default() };
            let known = known_positions(write, &known)?;
            let mut judge = Judge::new(self, write)?;
            for (signed, position) in new.iter().zip(&positions) {
                outcome.settle(write, &mut standing, *position, signed.hash, &mut received, || {
                    judge.frame(signed)
                })?;
            }
            for (position, hash) in known {
                // A frame without a verdict would be a hole in an earlier version: it is judged now.
                let stored = |judge: &mut Judge<'_>| judge.stored(position);
                outcome.settle(write, &mut standing, position, hash, &mut received, || stored(&mut judge))?;
            }
            outcome.doubt(write, &plan.doubtful, &mut received)?;
            received.batches.extend(self.write_outcome(write, outcome, carrier, now)?);
            let (blocks, offers) = (&plan.blocks, &message.offers);
            received.batches.extend(self.keep_contents(write, blocks, offers, &standing.epochs, now)?);
            self.hear_witnesses(write, new.iter())?;
            streams::seen(write, carrier, now)?;
            Ok(received)
        })
    }

    /// Whose word counts: the department's.
    pub(super) fn trust(&self) -> Trust {
        Trust { department: self.department, key: self.keys.department.verifying_key().to_bytes() }
    }

    fn plan(&self, read: &Connection, message: &Message) -> Result<Plan, ServerError> {
        let store = Fallible::new(read);
        let plan = plan_incoming(message, &self.trust(), &store);
        store.done()?;
        Ok(plan)
    }

    /// Keeps verdicts that were given earlier, or by a copy of this server. One that this server has lost, or that is
    /// above its epoch, proves a restore: then an epoch begins that is above them all, and those stand no longer whose
    /// numbers were given twice.
    fn adopt(
        &self,
        write: &Transaction<'_>,
        brought: &[(SignedVerdicts, Verdicts)],
    ) -> Result<bool, ServerError> {
        let (mine, mut parted, mut twice) = (epochs::all(write)?, false, BTreeSet::new());
        let mut before = Decoded::default();
        for (signed, opened) in brought {
            let batch = match verdicts::same(write, opened, signed)? {
                Some(batch) => batch,
                None => {
                    if mine.covers(opened.epoch, opened.number) {
                        twice.insert(opened.epoch);
                    }
                    parted |= opened.epoch_order >= mine.order;
                    verdicts::insert(write, opened, signed, &[])?
                }
            };
            for verdict in opened.frames.iter().filter(|verdict| verdict.whole.0.is_kept()) {
                match frames::position_of(write, verdict.frame)? {
                    Some(position) => link(write, &mut before, (batch, opened.rank()), position, verdict)?,
                    None => verdicts::expect(write, batch, verdict.frame)?,
                }
            }
        }
        let restored = parted || !twice.is_empty();
        if restored {
            tracing::error!("verdicts that are not here: the server is a restored copy, or has one");
            self.begin_epoch_in(write, &twice)?;
        }
        Ok(restored)
    }

    /// Frames that waited in quarantine for one of these certificates.
    fn released(&self, write: &Transaction<'_>, certificates: &[Certificate]) -> Result<Plan, ServerError> {
        let mut message = Message::default();
        for certificate in certificates {
            message.frames.extend(quarantine::of_stream(write, certificate.header.stream())?);
        }
        self.plan(write, &message)
    }

    /// Keeps new frames, and counts them into the roots of their scopes.
    fn insert(&self, write: &Transaction<'_>, new: &[Signed], now: i64) -> Result<Vec<i64>, ServerError> {
        let (mut positions, mut roots) = (Vec::new(), BTreeMap::<Scope, Root>::new());
        for Signed { hash, frame, author, body } in new {
            let by_server = *author == Header::SERVER;
            let entry = (*hash, frame);
            let position = frames::insert(write, self.department, entry, body.as_ref(), by_server, now)?;
            verdicts::link_expected(write, *hash, position)?;
            snapshots::supersede_forked(write, position)?;
            positions.push(position);
            let root = roots.entry(frame.lane.scope).or_default();
            *root = root.with(*hash);
            quarantine::remove(write, *hash)?;
            for evidence in body.iter().flat_map(Body::evidence) {
                contents::name(write, frame.lane.scope, *author, evidence)?;
            }
        }
        scopes::add(write, &roots)?;
        Ok(positions)
    }

    fn write_outcome(
        &self,
        write: &Transaction<'_>,
        outcome: Outcome,
        carrier: StreamId,
        now: i64,
    ) -> Result<Vec<i64>, ServerError> {
        let mut batches = self.write_verdicts(write, outcome.judged, &outcome.positions, now)?;
        // One after the other, so that room that one frame takes is not given to the next.
        for (frame, why) in &outcome.doubtful {
            let room = quarantine::has_room(write, carrier, frame)?;
            let (status, reason) =
                if room { (Status::Quarantined, *why) } else { (Status::Refused, Reason::QuotaUsed) };
            let doubt = FrameVerdict::of_whole(frame.hash(), status, reason);
            for batch in self.write_verdicts(write, vec![doubt], &[], now)? {
                if room {
                    quarantine::insert(write, carrier, frame, *why, batch, now)?;
                }
                batches.push(batch);
            }
        }
        Ok(batches)
    }
}

impl Outcome {
    /// Sees to it that the frame at a position has a verdict that stands in the present epoch.
    fn settle(
        &mut self,
        write: &Transaction<'_>,
        standing: &mut Standing,
        position: i64,
        hash: FrameHash,
        received: &mut Received,
        judge: impl FnOnce() -> Result<FrameVerdict, ServerError>,
    ) -> Result<(), ServerError> {
        let batch = verdicts::batch_of(write, position, None)?;
        let verdict = match batch {
            Some(batch) => match standing.decoded.of(write, position, hash)? {
                Some((_, rank)) if standing.epochs.covers(rank.epoch, rank.number) => {
                    received.batches.insert(batch);
                    return Ok(());
                }
                Some((earlier, _)) => earlier,
                None => judge()?,
            },
            None => judge()?,
        };
        self.judged.push(verdict);
        self.positions.push(position);
        Ok(())
    }

    /// Sets apart what can't be believed; what is in quarantine already gets the same answer again.
    fn doubt(
        &mut self,
        write: &Transaction<'_>,
        doubtful: &[(Frame, Reason)],
        received: &mut Received,
    ) -> Result<(), ServerError> {
        for (frame, why) in doubtful {
            received.quarantined += 1;
            match quarantine::get(write, frame.hash())? {
                Some((_, batch)) => drop(received.batches.insert(batch)),
                None => self.doubtful.push((frame.clone(), *why)),
            }
        }
        Ok(())
    }
}

/// Says that an adopted batch judges the frame at a position. What follows from it is noted when it counts.
fn link(
    write: &Transaction<'_>,
    before: &mut Decoded,
    (batch, rank): (i64, Rank),
    position: i64,
    verdict: &FrameVerdict,
) -> Result<(), ServerError> {
    if before.of(write, position, verdict.frame)?.is_none_or(|(_, highest)| highest < rank) {
        note_counting(write, before, position, verdict)?;
    }
    verdicts::link(write, batch, position)
}

/// Parts what was brought into frames that are new and such that are known: by now, or because a frame came both in the
/// message and out of quarantine. The same may have come by another request while signatures were checked.
fn part(
    write: &Connection,
    brought: impl Iterator<Item = Signed>,
    mut known: Vec<FrameHash>,
) -> Result<(Vec<Signed>, Vec<FrameHash>), ServerError> {
    let (mut new, mut seen) = (Vec::new(), BTreeSet::new());
    for signed in brought {
        if !seen.insert(signed.hash) {
            continue;
        }
        match frames::position_of(write, signed.hash)? {
            Some(_) => known.push(signed.hash),
            None => new.push(signed),
        }
    }
    Ok((new, known))
}

fn known_positions(write: &Connection, known: &[FrameHash]) -> Result<Vec<(i64, FrameHash)>, ServerError> {
    let mut positions = Vec::with_capacity(known.len());
    for hash in known {
        positions.extend(frames::position_of(write, *hash)?.map(|position| (position, *hash)));
    }
    Ok(positions)
}

impl Holding for Fallible<'_> {
    fn certificate(&self, stream: StreamId) -> Option<Certificate> {
        self.ask(|read| Ok(streams::get(read, stream)?.map(|stream| stream.certificate)))
    }

    /// Those that may come in were confirmed before: [`super::delegation`].
    fn admits(&self, certificate: &Certificate) -> bool {
        certificate.delegation.is_none()
    }

    fn holds(&self, frame: FrameHash) -> bool {
        self.ask(|read| frames::position_of(read, frame)).is_some()
    }

    fn takes(&self, content: Content, number: u32) -> bool {
        self.lacks(content).is_some() && !self.ask(|read| contents::holds(read, content, number))
    }
}
