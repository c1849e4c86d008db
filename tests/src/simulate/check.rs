//! The promises, asked of every disk that has changed, after every step: what would be left if the power went now.

use std::collections::BTreeSet;
use std::rc::Rc;

use xeploai_core::ids::{FrameHash, PersonId};
use xeploai_core::sheet::ChangeId;
use xeploai_core::sync::Status;
use xeploai_core::sync::body::{Change, ScoreChange};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::stream::{Certificate, Header};

use super::ledger::{Typed, Written};
use super::observe::{Copy, Looked};
use super::tally::Event;
use super::world::World;

impl World {
    /// Looks at every disk that has changed since it was looked at last: servers first, for what a phone shows as
    /// received must be there.
    pub(super) fn look(&mut self) -> Looked<()> {
        for server in 0..self.servers.len() {
            if self.servers[server].has_changed() {
                self.look_at_server(server)?;
            }
        }
        for phone in 0..self.phones.len() {
            if self.phones[phone].has_changed() {
                self.look_at_phone(phone)?;
            }
        }
        match self.ledger.unexplained.first_key_value() {
            Some((hash, store)) => Err(format!("I2: {store} holds frame {hash}, which nobody has signed")),
            None => Ok(()),
        }
    }

    fn look_at_server(&mut self, server: usize) -> Looked<()> {
        let Some(copy) = Copy::of_server(&self.servers[server].disk.snapshot())? else { return Ok(()) };
        let shelf = copy.shelf()?;
        for (hash, rank) in &self.servers[server].shelf {
            match shelf.get(hash) {
                None => return Err(format!("I1: server {server} has lost frame {hash}")),
                Some(now) if now < rank => {
                    return Err(format!("I6: the verdict of frame {hash} fell from {rank:?} to {now:?}"));
                }
                Some(_) => {}
            }
        }
        let before = std::mem::take(&mut self.servers[server].shelf);
        let new: Vec<FrameHash> = shelf.keys().filter(|hash| !before.contains_key(hash)).copied().collect();
        self.check_locked(server, &copy, &new)?;
        for hash in new {
            let (frame, certificate) = copy.frame(hash)?;
            self.verify(hash, &frame, &certificate)?;
            if certificate.header.author == Header::SERVER {
                self.ledger.note(hash, frame)?;
            } else {
                self.explain(hash, &frame, format!("server {server}"))?;
            }
        }
        self.ledger.delivered.extend(shelf.keys());
        self.servers[server].shelf = shelf;
        Ok(())
    }

    /// I10: of what reaches the department after the lock of its month, its server accepts nothing by itself. What a copy of
    /// the server has said, or the server before it was put back, it adopts.
    fn check_locked(&mut self, server: usize, copy: &Copy, new: &[FrameHash]) -> Looked<()> {
        let now = self.servers[server].knows_locked();
        let locked = &std::mem::replace(&mut self.servers[server].locked, now.clone()) & &now;
        let first = |hash: &FrameHash| new.contains(hash) && !self.ledger.delivered.contains(hash);
        if self.servers.len() > 1 || locked.is_empty() || !new.iter().any(first) {
            return Ok(());
        }
        let mut judged = BTreeSet::new();
        // The first word on each: a person may let it enter afterwards.
        let mut said = copy.verdicts()?;
        said.retain(|(_, verdict)| first(&verdict.frame) && judged.insert(verdict.frame));
        for (_, verdict) in said {
            let changes = copy.frame(verdict.frame)?.0.decode_body().unwrap_or_default().changes;
            let of_locked =
                |change: &Change| change.sheet().is_some_and(|sheet| locked.contains(&sheet.period));
            for (index, _) in changes.iter().enumerate().filter(|(_, change)| of_locked(change)) {
                self.tally.count(Event::AfterLock);
                if verdict.of(index as u16).0 == Status::Accepted {
                    return Err(format!(
                        "I10: {verdict:?}, of {locked:?}, which server {server} knew to be locked: {changes:?}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// A frame on a disk is what it was when it was signed, by a key of its stream.
    fn verify(&mut self, hash: FrameHash, frame: &Frame, certificate: &Certificate) -> Looked<()> {
        let key = self.keys.department.verifying_key().to_bytes();
        let signed = frame.hash() == hash
            && frame.verify(certificate).is_ok()
            && certificate.verify(self.department, &key).is_ok();
        self.ledger.certificates.insert(frame.lane.stream, certificate.clone());
        if signed { Ok(()) } else { Err(format!("I2: frame {hash} is not what was signed")) }
    }

    /// A frame that came from elsewhere has an origin, which may be found on the next disk.
    fn explain(&mut self, hash: FrameHash, frame: &Frame, store: String) -> Looked<()> {
        match self.ledger.frames.get(&hash) {
            None => drop(self.ledger.unexplained.insert(hash, store)),
            Some(known) if known != frame => return Err(format!("I2: frame {hash} has changed in {store}")),
            Some(_) => {}
        }
        Ok(())
    }

    fn look_at_phone(&mut self, phone: usize) -> Looked<()> {
        let Some(copy) = Copy::of_phone(&self.phones[phone].disk.snapshot())? else { return Ok(()) };
        let name = self.phones[phone].name.clone();
        let held = copy.held()?;
        for lost in self.phones[phone].desk.held.difference(&held) {
            // What it only carried may go once the department has said that a copy is elsewhere.
            let stream = self.ledger.frames.get(lost).map(|frame| frame.lane.stream);
            let own = stream.is_none_or(|stream| copy.is_own(stream).unwrap_or(true));
            if own || !self.archived {
                return Err(format!("I1: {name} has lost frame {lost}"));
            }
        }
        let new: Vec<FrameHash> = held.difference(&self.phones[phone].desk.held).copied().collect();
        let (mut own, mut again) = (Vec::new(), Vec::new());
        for hash in new {
            let (frame, certificate) = copy.frame(hash)?;
            self.verify(hash, &frame, &certificate)?;
            match (copy.is_own(frame.lane.stream)?, self.ledger.frames.contains_key(&hash)) {
                (true, false) => own.push((hash, frame, certificate)),
                // Two copies of a phone have sealed the same, or its own frame came back to it.
                (true, true) => again.push((hash, certificate.header.author)),
                (false, _) => self.explain(hash, &frame, name.clone())?,
            }
        }
        own.sort_by_key(|(_, frame, _)| (frame.lane, frame.number));
        for (hash, frame, certificate) in own {
            if self.phones[phone].cloned && !self.is_sealed_here(phone, &copy, &frame, &certificate)? {
                // The other copy has sealed it, and has handed it over to this one.
                self.explain(hash, &frame, name.clone())?;
            } else {
                self.note_sealed(phone, hash, frame, &certificate)?;
            }
        }
        for (hash, author) in again {
            self.forget_typed(phone, &copy, hash, author)?;
        }
        self.phones[phone].desk.held = Rc::new(held);
        self.check_typed(phone, &copy)?;
        self.check_receipts(phone, &copy)
    }

    /// Whether everything in a frame was typed on this phone and waits no longer.
    fn is_sealed_here(
        &self,
        phone: usize,
        copy: &Copy,
        frame: &Frame,
        certificate: &Certificate,
    ) -> Looked<bool> {
        let author = certificate.header.author;
        for change in frame.decode_body().unwrap_or_default().changes {
            let Change::Score(score) = change else { continue };
            let spot = (score.sheet.id(self.department), score.place);
            let typed = self.phones[phone].desk.typed.get(&(author, spot));
            let fits = typed.is_some_and(|typed| typed.may_be(&score.value));
            if !fits || copy.waiting(author, spot)?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A frame that this phone has sealed holds what its people typed, with what they had seen, and nothing else.
    fn note_sealed(
        &mut self,
        phone: usize,
        hash: FrameHash,
        frame: Frame,
        certificate: &Certificate,
    ) -> Looked<()> {
        let body = frame.decode_body().map_err(|error| format!("I2: own frame {hash}: {error}"))?;
        for (index, change) in body.changes.iter().enumerate() {
            let Change::Score(score) = change else { continue };
            let spot = (score.sheet.id(self.department), score.place);
            let typed = self.phones[phone].desk.typed.remove(&(certificate.header.author, spot));
            let typed = typed.filter(|typed| typed.may_be(&score.value));
            let typed =
                typed.ok_or_else(|| format!("I2: {hash} of phone {phone}, which nobody typed: {score:?}"))?;
            self.check_replaces(&frame, score, &typed)?;
            let id = ChangeId { frame: hash, index: index as u16 };
            let Typed { seen, shown, .. } = typed;
            let written = Written { spot, value: score.value.clone(), seen, shown };
            self.ledger.sheets.insert(spot.0, score.sheet.clone());
            self.ledger.writes.insert(id, written);
        }
        self.ledger.note(hash, frame)
    }

    /// What was typed and no longer waits stands in this frame of the phone's, which another one had sealed before.
    fn forget_typed(&mut self, phone: usize, copy: &Copy, hash: FrameHash, author: PersonId) -> Looked<()> {
        let written = self.ledger.writes.iter().filter(|(id, _)| id.frame == hash);
        for (_, written) in written {
            let key = (author, written.spot);
            let typed = self.phones[phone].desk.typed.get(&key);
            let same = typed.is_some_and(|typed| typed.saved.as_ref() == Some(&written.value));
            if same && copy.waiting(author, written.spot)?.is_none() {
                self.phones[phone].desk.typed.remove(&key);
            }
        }
        Ok(())
    }

    /// What was shown when the edit began is replaced: by name, or because it stands earlier on this branch.
    fn check_replaces(&self, frame: &Frame, score: &ScoreChange, typed: &Typed) -> Looked<()> {
        let named: BTreeSet<&ChangeId> = score.replaces.iter().collect();
        let implied =
            |id: &ChangeId| self.ledger.frames.get(&id.frame).is_some_and(|shown| shown.lane == frame.lane);
        match typed.shown.iter().find(|id| !named.contains(id) && !implied(id)) {
            Some(lost) => Err(format!("I5: the head {lost:?} was shown, and is not replaced by {score:?}")),
            None => Ok(()),
        }
    }

    /// What was shown as saved and is not sealed waits on the disk.
    fn check_typed(&self, phone: usize, copy: &Copy) -> Looked<()> {
        for ((person, spot), typed) in &self.phones[phone].desk.typed {
            let Some(saved) = &typed.saved else { continue };
            let waiting = copy.waiting(*person, *spot)?;
            let there = waiting.as_ref().is_some_and(|value| typed.may_be(value));
            if !there {
                let name = &self.phones[phone].name;
                return Err(format!(
                    "I1: {name} showed {saved:?} as saved in {spot:?}, there is {waiting:?}"
                ));
            }
        }
        Ok(())
    }

    /// "Received" was durable at a server, and what is not received is offered.
    fn check_receipts(&self, phone: usize, copy: &Copy) -> Looked<()> {
        let name = &self.phones[phone].name;
        let apart = |hash: &&FrameHash| !self.ledger.delivered.contains(hash);
        if let Some(claimed) = copy.received()?.iter().find(apart) {
            return Err(format!("I4: {name} shows frame {claimed} as received, which no server had"));
        }
        match copy.forgotten()?.first() {
            Some(forgotten) => Err(format!("I1: {name} neither has a receipt of {forgotten} nor offers it")),
            None => self.check_carried(name, copy),
        }
    }

    /// What a phone carries for others it offers, as long as no server has had it.
    fn check_carried(&self, name: &str, copy: &Copy) -> Looked<()> {
        match copy.unoffered()?.iter().find(|hash| !self.ledger.delivered.contains(hash)) {
            Some(lost) => {
                Err(format!("I1: {name} carries {lost}, which no server had, and does not offer it"))
            }
            None => Ok(()),
        }
    }
}
