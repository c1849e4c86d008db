//! Decisions of named persons: what enters a locked result after all, what is taken back, which device is out, which
//! copy is safe.
//!
//! Invariant: a decision never changes a frame or a verdict; it adds another verdict with a higher number, and a record
//! of who decided it and why.

use std::collections::BTreeMap;

use rusqlite::Transaction;
use xeploai_core::ids::{FrameHash, PersonId};
use xeploai_core::org::{
    Archive, Cut, Decision, Document, PeriodRecord, Publication, Revocation, Ruling, Tip,
};
use xeploai_core::period::Period;
use xeploai_core::sheet::ChangeId;
use xeploai_core::sync::Status;
use xeploai_core::sync::body::Change;
use xeploai_core::sync::verdict::{FrameVerdict, Rank, Reason};
use xeploai_core::view::RankingView;

use super::Service;
use super::delegation::is_called;
use crate::error::{Refused, ServerError};
use crate::storage::verdicts::{self, Decoded};
use crate::storage::{delegations, epochs, frames, streams};

/// Who decides, and why.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Name or login of the person.
    pub by: String,
    /// The reason; an empty one is refused.
    pub reason: String,
}

impl Authority {
    pub(super) fn check(&self) -> Result<(), Refused> {
        if self.by.trim().is_empty() || self.reason.trim().is_empty() {
            Err(Refused::ReasonMissing)
        } else {
            Ok(())
        }
    }

    /// Who and why, where a reason may be missing.
    pub(super) fn named(&self) -> Result<(String, String), Refused> {
        if self.by.trim().is_empty() { Err(Refused::ReasonMissing) } else { Ok(self.said()) }
    }

    /// Who and why.
    pub(super) fn said(&self) -> (String, String) {
        (self.by.trim().to_owned(), self.reason.trim().to_owned())
    }
}

fn named(changes: &[ChangeId]) -> Vec<(FrameHash, u16)> {
    changes.iter().map(|change| (change.frame, change.index)).collect()
}

impl Service {
    /// Lets changes that are held after the lock enter a period's result: a replacement decision, with a new cut, new
    /// rankings and a new result hash. What was published before stays readable in the server's own frames.
    ///
    /// # Errors
    /// [`Refused::ReasonMissing`], [`Refused::NoSuchPeriod`], [`Refused::NotLocked`]; [`Refused::NoSuchChange`] for a change that is not
    /// held or is of another period; else when the store or the rules fail. Then nothing was changed.
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
            let is_of = |change: &Change| change.sheet().is_some_and(|sheet| sheet.period == period);
            self.overrule(write, accepted, Status::Held, (Status::Accepted, Reason::None), is_of)?;
            let rankings = self.publish(write, &config, period)?;
            let roots = self.roots_of(write, &config, period)?;
            let cut = Cut { decision: before.decision + 1, roots, ..self.cut(write)? };
            let (by, reason) = authority.said();
            let decision = Decision { period, accepted: named(accepted), reason, by, cut: cut.clone() };
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
    /// [`Refused::ReasonMissing`]; [`Refused::NoSuchChange`] for a change that is not accepted; else when the store fails.
    pub fn annul(&self, changes: &[ChangeId], authority: &Authority) -> Result<(), ServerError> {
        authority.check()?;
        self.storage.write(|write| {
            let annulled = (Status::Annulled, Reason::ByDecision);
            self.overrule(write, changes, Status::Accepted, annulled, |change| change.sheet().is_some())?;
            self.note_ruling(write, changes, true, authority)
        })
    }

    /// Lets held changes count, with a reason, where no lock is in the way: into a locked result a replacement decision
    /// leads, see [`Self::decide`].
    ///
    /// # Errors
    /// [`Refused::ReasonMissing`]; [`Refused::NoSuchChange`] for a change that is not held or is of a locked period; else
    /// when the store fails.
    pub fn accept(&self, changes: &[ChangeId], authority: &Authority) -> Result<(), ServerError> {
        authority.check()?;
        self.storage.write(|write| {
            let config = self.config_in(write)?;
            let is_open =
                |change: &Change| change.sheet().is_some_and(|sheet| !config.is_locked(sheet.period));
            self.overrule(write, changes, Status::Held, (Status::Accepted, Reason::None), is_open)?;
            self.note_ruling(write, changes, false, authority)
        })
    }

    fn note_ruling(
        &self,
        write: &Transaction<'_>,
        changes: &[ChangeId],
        annulled: bool,
        authority: &Authority,
    ) -> Result<(), ServerError> {
        let (by, reason) = authority.said();
        let ruling = Ruling { changes: named(changes), annulled, reason, by, at: self.now() };
        self.write_documents_in(write, &[Document::Ruling(ruling)])
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
                if is_called(&stream.certificate, person, device) {
                    keys.entry(header.key).or_default().extend(frames::tips(write, header.stream())?);
                }
            }
            // One that waits to be confirmed has nothing that counts.
            for delegated in delegations::all(write)?.iter().filter(|it| !it.confirmed) {
                if is_called(&delegated.certificate, person, device) {
                    keys.entry(delegated.certificate.header.key).or_default();
                }
            }
            if keys.is_empty() {
                return Err(Refused::NoSuchPerson.into());
            }
            let (by, reason) = authority.said();
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

    /// Gives changes another verdict; each of them must have the status `from`, and be one that is meant.
    fn overrule(
        &self,
        write: &Transaction<'_>,
        changes: &[ChangeId],
        from: Status,
        to: (Status, Reason),
        is_meant: impl Fn(&Change) -> bool,
    ) -> Result<(), ServerError> {
        let mut frames: BTreeMap<FrameHash, Vec<u16>> = BTreeMap::new();
        changes.iter().for_each(|change| frames.entry(change.frame).or_default().push(change.index));
        let (mut judged, mut positions) = (Vec::new(), Vec::new());
        for (frame, indexes) in frames {
            let position = frames::position_of(write, frame)?.ok_or(Refused::NoSuchChange)?;
            let before = Decoded::default().of(write, position, frame)?.ok_or(Refused::NoSuchChange)?.0;
            let stored = frames::get(write, position)?.ok_or(Refused::NoSuchChange)?;
            let changes = stored.frame.decode_body().map_err(|_| Refused::NoSuchChange)?.changes;
            for index in &indexes {
                let change = changes.get(usize::from(*index)).filter(|change| is_meant(change));
                change.filter(|_| before.of(*index).0 == from).ok_or(Refused::NoSuchChange)?;
            }
            let outcome = |index| if indexes.contains(&index) { to } else { before.of(index) };
            judged.push(FrameVerdict::of_changes(frame, (0..changes.len() as u16).map(outcome)));
            positions.push(position);
        }
        self.write_verdicts(write, judged, &positions, self.now()).map(drop)
    }
}

/// A cut as the rank of the last verdict that counts.
pub(super) fn rank(cut: &Cut) -> Rank {
    Rank { epoch_order: cut.epoch_order, epoch: cut.epoch, number: cut.number }
}
