//! Decisions of named persons: what enters a locked result after all, what is taken back, which device is out, which
//! copy is safe.
//!
//! Invariant: a decision never changes a frame or a verdict; it adds another verdict with a higher number, and a record
//! of who decided it and why.

use std::collections::BTreeMap;

use rusqlite::Transaction;
use xeploai_core::ids::{FrameHash, PersonId};
use xeploai_core::org::{Archive, Cut, Decision, Document, PeriodRecord, Publication, Revocation, Tip};
use xeploai_core::period::Period;
use xeploai_core::sheet::ChangeId;
use xeploai_core::sync::Status;
use xeploai_core::sync::verdict::{FrameVerdict, Rank, Reason};
use xeploai_core::view::RankingView;

use super::Service;
use crate::error::{Refused, ServerError};
use crate::storage::verdicts::{self, Decoded};
use crate::storage::{epochs, frames, streams};

/// Who decides, and why.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Name or login of the person.
    pub by: String,
    /// The reason; an empty one is refused.
    pub reason: String,
}

impl Authority {
    fn check(&self) -> Result<(), Refused> {
        if self.by.trim().is_empty() || self.reason.trim().is_empty() {
            Err(Refused::ReasonMissing)
        } else {
            Ok(())
        }
    }
}

impl Service {
    /// Lets changes that are held after the lock enter a period's result: a replacement decision, with a new cut, new
    /// rankings and a new result hash. What was published before stays readable in the server's own frames.
    ///
    /// # Errors
    /// [`Refused::ReasonMissing`], [`Refused::NoSuchPeriod`], [`Refused::NotHeld`] for a change that is not held;
    /// else when the store or the rules fail. Then nothing was changed.
    pub fn decide(
        &self,
        period: Period,
        accepted: &[ChangeId],
        authority: &Authority,
    ) -> Result<Vec<RankingView>, ServerError> {
        authority.check()?;
        self.storage.write(|write| {
            let config = self.config_in(write)?;
            let record = config.periods.get(&period).ok_or(Refused::NoSuchPeriod)?;
            let Some(before) = record.cut.clone().filter(|_| record.locked) else {
                return Err(Refused::NotLocked.into());
            };
            self.overrule(write, accepted, Status::Held, (Status::Accepted, Reason::None))?;
            let rankings = self.rank_anew(write, &config, period)?;
            let roots = self.roots_of(write, &config, period)?;
            let cut = Cut { decision: before.decision + 1, roots, ..self.cut(write)? };
            let named = accepted.iter().map(|change| (change.frame, change.index)).collect();
            let decision = Decision {
                period,
                accepted: named,
                reason: authority.reason.trim().to_owned(),
                by: authority.by.trim().to_owned(),
                cut: cut.clone(),
            };
            let publication = |ranking: &RankingView| Publication { period, ranking: ranking.clone() };
            let mut documents: Vec<Document> =
                rankings.iter().map(|it| Document::Publication(Box::new(publication(it)))).collect();
            documents.push(Document::Decision(decision));
            documents.push(Document::Period(PeriodRecord { cut: Some(cut), ..record.clone() }));
            self.write_documents_in(write, &documents)?;
            Ok(rankings)
        })
    }

    /// Takes accepted changes back, with a reason. In a locked period only a replacement decision changes anything.
    ///
    /// # Errors
    /// [`Refused::ReasonMissing`], [`Refused::NotAccepted`]; else when the store fails.
    pub fn annul(&self, changes: &[ChangeId], authority: &Authority) -> Result<(), ServerError> {
        authority.check()?;
        tracing::warn!(changes = changes.len(), "changes are annulled by decision");
        self.storage.write(|write| {
            self.overrule(write, changes, Status::Accepted, (Status::Annulled, Reason::ByDecision))
        })
    }

    /// Puts the devices of a person out: of each lane only the branches that are here now count.
    ///
    /// # Errors
    /// [`Refused::ReasonMissing`], [`Refused::NoSuchPerson`] when the person has no such device; else when the store fails.
    pub fn revoke(
        &self,
        person: PersonId,
        device: &str,
        authority: &Authority,
    ) -> Result<usize, ServerError> {
        authority.check()?;
        self.storage.write(|write| {
            let mut keys: BTreeMap<[u8; 32], Vec<Tip>> = BTreeMap::new();
            for stream in streams::after(write, 0)? {
                let header = &stream.certificate.header;
                if header.author == person && header.device == device {
                    keys.entry(header.key).or_default().extend(frames::tips(write, header.stream())?);
                }
            }
            if keys.is_empty() {
                return Err(Refused::NoSuchPerson.into());
            }
            let (reason, by) = (authority.reason.trim().to_owned(), authority.by.trim().to_owned());
            let out = |(device, tips)| Revocation { device, tips, reason: reason.clone(), by: by.clone() };
            let documents: Vec<Document> = keys.into_iter().map(out).map(Document::Revocation).collect();
            self.write_documents_in(write, &documents)?;
            Ok(documents.len())
        })
    }

    /// States that a verified copy of everything up to now exists off this machine: from then on devices may let go of
    /// what they only carried.
    ///
    /// # Errors
    /// When the store fails.
    pub fn archive(&self) -> Result<Archive, ServerError> {
        self.storage.write(|write| {
            let (epoch, _) = epochs::present(write)?;
            let archive = Archive { epoch, number: verdicts::last_number(write, epoch)?, at: self.now() };
            self.write_documents_in(write, &[Document::Archive(archive.clone())])?;
            Ok(archive)
        })
    }

    /// The cut as of now, without its roots.
    pub(super) fn cut(&self, write: &Transaction<'_>) -> Result<Cut, ServerError> {
        let (epoch, epoch_order) = epochs::present(write)?;
        let number = verdicts::last_number(write, epoch)?;
        Ok(Cut { epoch, epoch_order, number, roots: Vec::new(), decision: 0 })
    }

    /// Gives changes another verdict; each of them must have the status `from`.
    fn overrule(
        &self,
        write: &Transaction<'_>,
        changes: &[ChangeId],
        from: Status,
        to: (Status, Reason),
    ) -> Result<(), ServerError> {
        let mut frames: BTreeMap<FrameHash, Vec<u16>> = BTreeMap::new();
        changes.iter().for_each(|change| frames.entry(change.frame).or_default().push(change.index));
        let (mut judged, mut positions) = (Vec::new(), Vec::new());
        for (frame, indexes) in frames {
            let position = frames::position_of(write, frame)?.ok_or(Refused::NoSuchChange)?;
            let before = Decoded::default().of(write, position, frame)?.ok_or(Refused::NoSuchChange)?.0;
            let count = frames::get(write, position)?
                .and_then(|stored| stored.frame.decode_body().ok())
                .map_or(0, |body| body.changes.len());
            judged.push(overruled(before, &indexes, count, from, to)?);
            positions.push(position);
        }
        self.write_verdicts(write, judged, &positions, self.now()).map(drop)
    }
}

/// A verdict in which some changes have another status than before.
fn overruled(
    before: FrameVerdict,
    indexes: &[u16],
    count: usize,
    from: Status,
    to: (Status, Reason),
) -> Result<FrameVerdict, Refused> {
    let mut outcomes = BTreeMap::new();
    for index in 0..count as u16 {
        outcomes.insert(index, before.of(index));
    }
    for index in indexes {
        let outcome = outcomes.get_mut(index).ok_or(Refused::NoSuchChange)?;
        if outcome.0 != from {
            return Err(Refused::NoSuchChange);
        }
        *outcome = to;
    }
    let accepted = (Status::Accepted, Reason::None);
    let exceptions = outcomes
        .into_iter()
        .filter(|(_, outcome)| *outcome != accepted)
        .map(|(at, it)| (at, it.0, it.1))
        .collect();
    Ok(FrameVerdict::accepted_but(before.frame, exceptions))
}

/// A cut as the rank of the last verdict that counts.
pub(super) fn rank(cut: &Cut) -> Rank {
    Rank { epoch_order: cut.epoch_order, epoch: cut.epoch, number: cut.number }
}
