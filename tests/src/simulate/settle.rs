//! The end of a run: nothing goes wrong any more, everybody syncs until nothing moves, and all must agree.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use xeploai_client::App;
use xeploai_core::ids::FrameHash;
use xeploai_core::sheet::state::Sheet;
use xeploai_core::sheet::{ChangeId, SheetKey, Value};
use xeploai_core::sync::stream::Header;
use xeploai_core::sync::verdict::{FrameVerdict, Rank};
use xeploai_core::sync::{Lane, Status};

use super::observe::Copy;
use super::office;
use super::phone::Phone;
use super::world::World;

/// Rounds in which everybody syncs once, at most, until nothing moves.
const ROUNDS_MAX: usize = 12;
/// Failures of a sync that stand to the end: the device was put out.
const LASTING: [&str; 1] = ["device_revoked"];

/// What is said of a frame, by whoever holds it.
type Verdicts = BTreeMap<FrameHash, Vec<Option<FrameVerdict>>>;

impl World {
    /// Brings the world to rest and asks everything that must hold then.
    pub(super) fn settle(&mut self) -> Result<(), String> {
        self.calm()?;
        let known = self.verdicts_known()?;
        self.come_to_rest()?;
        let reader = self.new_reader()?;
        self.look()?;
        self.say(|| "at rest".into());
        self.all_is_at_the_server()?;
        self.verdicts_stand(&known)?;
        self.no_number_has_two_meanings()?;
        self.nothing_is_hidden_unseen()?;
        self.readers_agree(reader)
    }

    fn calm(&mut self) -> Result<(), String> {
        self.quiet = true;
        self.begun.clear();
        self.servers.truncate(1);
        while !self.late.is_empty() {
            self.deliver_late();
        }
        self.start_servers()?;
        for phone in 0..self.phones.len() {
            self.phones[phone].line = self.servers[0].line.clone();
            self.phones[phone].set_full(false);
            self.restart(phone);
        }
        self.look()
    }

    /// I6: everybody on every phone syncs, until two whole rounds bring nothing: a report counts no verdicts, and a sync that
    /// moves anything compares nothing.
    fn come_to_rest(&mut self) -> Result<(), String> {
        let (mut moved, mut quiet) = (String::new(), 0);
        for _ in 0..ROUNDS_MAX {
            moved = String::new();
            for phone in 0..self.phones.len() {
                for person in self.phones[phone].people.clone() {
                    if let Some(what) = self.sync_quietly(phone, &person)? {
                        moved = what;
                    }
                }
            }
            self.look()?;
            quiet = if moved.is_empty() { quiet + 1 } else { 0 };
            if quiet == 2 {
                return Ok(());
            }
        }
        Err(format!("I6: does not come to rest: {moved}"))
    }

    /// A sync in which nothing goes wrong; what moved, if anything did.
    fn sync_quietly(&mut self, phone: usize, person: &str) -> Result<Option<String>, String> {
        let name = self.phones[phone].name.clone();
        let app = self.open(phone)?;
        app.switch(person).map_err(|error| format!("{name}: {person} can't take it: {error}"))?;
        let report = match self.exchange(phone, &app)? {
            Some(Ok(report)) => report,
            Some(Err(error)) => return Err(format!("{name}: a quiet sync fails: {error}")),
            None => return Ok(None),
        };
        self.say(|| format!("{name}, {person}: {report:?}"));
        if let Some(failure) = report.failure {
            let lasting = LASTING.contains(&failure.code.as_str());
            self.phones[phone].put_out |= lasting;
            return Ok((!lasting).then(|| format!("{name}, {person}: {}", failure.code)));
        }
        let copy = Copy::of_phone(&self.phones[phone].disk.snapshot())?;
        let unsent = copy.map(|copy| copy.unsent()).transpose()?.unwrap_or_default();
        let moved = report.sent + report.came + report.waiting > 0 || !unsent.is_empty();
        Ok(moved.then(|| format!("{name}, {person}: {report:?}, not sent: {unsent:#?}")))
    }

    /// I1, I7, I8: what any phone holds is at the server, both branches of every fork, whatever else was brought. A device
    /// that is put out is told nothing, so not that the server was restored: what it had handed over before stays with it.
    fn all_is_at_the_server(&self) -> Result<(), String> {
        for phone in self.phones.iter().filter(|phone| !phone.put_out) {
            for hash in phone.desk.held.iter() {
                if !self.servers[0].shelf.contains_key(hash) && !self.ledger.foreign.contains(hash) {
                    return Err(format!("I1: {} holds frame {hash}, and the server lacks it", phone.name));
                }
            }
        }
        let by_server = |hash: &FrameHash| {
            let stream = self.ledger.frames.get(hash).map(|frame| frame.lane.stream);
            let certificate = stream.and_then(|stream| self.ledger.certificates.get(&stream));
            certificate.is_some_and(|it| it.header.author == Header::SERVER)
        };
        let unjudged = self.servers[0].shelf.iter().find(|(hash, rank)| rank.is_none() && !by_server(hash));
        match unjudged {
            Some((hash, _)) => Err(format!("I8: frame {hash} has no verdict")),
            None => Ok(()),
        }
    }

    /// What every phone that holds a frame knows as said of it, where the server lacks the frame: whoever offers it brings
    /// the verdict along.
    fn verdicts_known(&self) -> Result<Verdicts, String> {
        let mut known = Verdicts::new();
        for phone in &self.phones {
            let Some(copy) = Copy::of_phone(&phone.disk.snapshot())? else { continue };
            let said = highest(copy.verdicts()?);
            for hash in phone.desk.held.iter().filter(|hash| !self.servers[0].shelf.contains_key(hash)) {
                known.entry(*hash).or_default().push(said.get(hash).map(|it| it.1.clone()));
            }
        }
        Ok(known)
    }

    /// I3: a verdict that was given is adopted and not judged again: what was accepted or rejected stays so, unless a named
    /// person has decided otherwise, or a copy of the server that did not know it has said something else.
    fn verdicts_stand(&self, known: &Verdicts) -> Result<(), String> {
        let Some(copy) = Copy::of_server(&self.servers[0].disk.snapshot())? else { return Ok(()) };
        let own = copy.epochs()?;
        let mut counts: BTreeMap<FrameHash, (Rank, FrameVerdict)> = BTreeMap::new();
        for (rank, verdict) in copy.verdicts()? {
            let before = counts.get(&verdict.frame);
            if before.is_some_and(|(highest, _)| *highest > rank) {
                continue;
            }
            if let Some((_, before)) = before.filter(|_| own.contains(&rank.epoch)) {
                self.stays(before, &verdict)?;
            }
            counts.insert(verdict.frame, (rank, verdict));
        }
        for (hash, said) in known {
            let Some(said) = said.iter().cloned().collect::<Option<Vec<FrameVerdict>>>() else { continue };
            let Some((_, now)) = counts.get(hash) else { continue };
            if !said.iter().any(|said| self.stays(said, now).is_ok()) {
                return Err(format!("I3: {hash} was judged again: {said:?}, now {now:?}"));
            }
        }
        Ok(())
    }

    /// Whether what was said last of each change is still said.
    fn stays(&self, before: &FrameVerdict, after: &FrameVerdict) -> Result<(), String> {
        let changes = self.changes_of(before.frame).unwrap_or_default();
        let final_word = |status| matches!(status, Status::Accepted | Status::Rejected);
        let fell = |index: &u16| {
            let (was, is) = (before.of(*index).0, after.of(*index).0);
            final_word(was) && was != is
        };
        match (0..changes).find(fell) {
            Some(index) if !self.overruled => {
                Err(format!("I3: {}/{index} was judged twice: {before:?}, then {after:?}", before.frame))
            }
            _ => Ok(()),
        }
    }

    fn changes_of(&self, hash: FrameHash) -> Option<u16> {
        let body = self.ledger.frames.get(&hash)?.decode_body().ok()?;
        u16::try_from(body.changes.len()).ok()
    }

    /// I7: one number of a lane has two frames only where a key file was copied, a server was put back behind its own
    /// back, or a stranger lied.
    fn no_number_has_two_meanings(&self) -> Result<(), String> {
        let copied = |lane: &Lane| {
            self.ledger.certificates.get(&lane.stream).is_some_and(|certificate| {
                let header = &certificate.header;
                let is_copied = |phone: &Phone| phone.cloned && header.device == phone.enrolled_as;
                header.author == Header::SERVER && self.silent || self.phones.iter().any(is_copied)
            })
        };
        let mut meanings: BTreeMap<(Lane, u64), FrameHash> = BTreeMap::new();
        for hash in self.servers[0].shelf.keys().filter(|hash| !self.ledger.foreign.contains(hash)) {
            let frame = &self.ledger.frames[hash];
            let known = meanings.insert((frame.lane, frame.number), *hash);
            if let Some(known) = known.filter(|_| !copied(&frame.lane)) {
                return Err(format!("I7: {known} and {hash} are both number {} of a lane", frame.number));
            }
        }
        Ok(())
    }

    /// I5: an accepted value is a head, or somebody has replaced it who knew it; and a field never loses its last head.
    fn nothing_is_hidden_unseen(&mut self) -> Result<(), String> {
        for key in self.ledger.sheets.values().cloned().collect::<Vec<_>>() {
            let sheet = self.official(&key)?;
            let spots: BTreeSet<_> = self.ledger.writes.values().map(|it| it.spot).collect();
            let id = key.id(self.department);
            for (_, place) in spots.into_iter().filter(|(sheet, _)| *sheet == id) {
                let heads: BTreeSet<ChangeId> = sheet
                    .fields
                    .get(&place)
                    .map(|heads| heads.iter().filter_map(|head| head.origin.id).collect())
                    .unwrap_or_default();
                let accepted = self.accepted((id, place))?;
                self.check_field(&accepted, &heads)?;
                let values: BTreeSet<&Value> =
                    heads.iter().filter_map(|head| Some(&self.ledger.writes.get(head)?.value)).collect();
                self.tally.conflicts += u64::from(values.len() > 1);
            }
        }
        Ok(())
    }

    fn check_field(&self, accepted: &[ChangeId], heads: &BTreeSet<ChangeId>) -> Result<(), String> {
        if !accepted.is_empty() && heads.is_empty() {
            return Err(format!("I5: a field with the accepted write {:?} has no head", accepted[0]));
        }
        for hidden in accepted.iter().filter(|id| !heads.contains(id)) {
            let knew = |later: &&ChangeId| *later != hidden && self.ledger.knew(**later, *hidden);
            if !accepted.iter().any(|later| knew(&later)) {
                let told: Vec<String> = accepted.iter().map(|id| self.tell(*id, heads)).collect();
                return Err(format!(
                    "I5: {hidden:?} is hidden, and nobody who wrote the field knew it: {told:#?}"
                ));
            }
        }
        Ok(())
    }

    fn tell(&self, id: ChangeId, heads: &BTreeSet<ChangeId>) -> String {
        let (written, frame) = (self.ledger.writes.get(&id), self.ledger.frames.get(&id.frame));
        let value = written.map(|written| (&written.value, &written.shown));
        let lane = frame.map(|frame| (frame.lane.stream, frame.number, frame.previous));
        format!("{id:?}, head: {}, value, shown: {value:?}, lane: {lane:?}", heads.contains(&id))
    }

    /// The accepted writes of a field, by the server's own verdicts.
    fn accepted(&self, spot: super::ledger::Spot) -> Result<Vec<ChangeId>, String> {
        let line = &self.servers[0].line;
        let accepted = |id: &ChangeId| {
            let known = self.servers[0].shelf.contains_key(&id.frame);
            known
                && line
                    .ask(|service| status(service, *id))
                    .is_some_and(|status| status == Some(Status::Accepted))
        };
        Ok(self.ledger.of(spot).map(|it| it.0).filter(accepted).collect())
    }

    fn official(&self, key: &SheetKey) -> Result<Sheet, String> {
        let sheet = self.servers[0].line.ask(|service| service.sheet_of(key)).ok_or("no server")?;
        sheet.map_err(|error| error.to_string())
    }

    /// I3, I6: whoever reads everything sees the same, however and in whatever order it came to him.
    fn readers_agree(&mut self, new: usize) -> Result<(), String> {
        let old = office::PHONES.len() - 1;
        let (old, new) = (self.open(old)?, self.open(new)?);
        for (id, key) in self.expected.clone() {
            if !self.ledger.sheets.contains_key(&key.id(self.department)) {
                continue;
            }
            let (one, other) = (seen(&old, &id), seen(&new, &id));
            if one != other {
                let differs = difference("", &one, &other);
                return Err(format!("I3: two readers see another sheet {key:?}: {differs}"));
            }
        }
        let rankings = |app: &App| app.rankings(None).map_err(|error| error.to_string());
        if rankings(&old)? != rankings(&new)? {
            return Err("I3: two readers see another ranking".into());
        }
        Ok(())
    }
}

fn status(service: &xeploai_server::service::Service, id: ChangeId) -> Option<Status> {
    let found = service.storage().read(|read| {
        let position = xeploai_server::storage::frames::position_of(read, id.frame)?;
        let Some(position) = position else { return Ok(None) };
        xeploai_server::storage::verdicts::Decoded::default().of(read, position, id.frame)
    });
    found.ok()?.map(|(verdict, _)| verdict.of(id.index).0)
}

/// The verdict of the highest rank on each frame.
fn highest(all: Vec<(Rank, FrameVerdict)>) -> BTreeMap<FrameHash, (Rank, FrameVerdict)> {
    let mut highest: BTreeMap<FrameHash, (Rank, FrameVerdict)> = BTreeMap::new();
    for (rank, verdict) in all {
        if highest.get(&verdict.frame).is_none_or(|known| known.0 < rank) {
            highest.insert(verdict.frame, (rank, verdict));
        }
    }
    highest
}

/// A sheet as a reader sees it, without what differs by right: whether its frames or the server's signed state came to
/// him, and which of the server's receipts.
fn seen(app: &App, id: &str) -> Json {
    let mut seen = match app.sheet(id) {
        Ok(sheet) => serde_json::to_value(&sheet).unwrap_or_default(),
        Err(error) => Json::String(error.to_string()),
    };
    forget(&mut seen, &["explanation", "received"]);
    seen
}

/// Takes fields out at every depth.
fn forget(value: &mut Json, names: &[&str]) {
    match value {
        Json::Object(fields) => {
            fields.retain(|name, _| !names.contains(&name.as_str()));
            fields.values_mut().for_each(|value| forget(value, names));
        }
        Json::Array(values) => values.iter_mut().for_each(|value| forget(value, names)),
        _ => {}
    }
}

/// Where two values differ first.
fn difference(path: &str, one: &Json, other: &Json) -> String {
    let deeper: Vec<(String, &Json, &Json)> = match (one, other) {
        (Json::Object(one), Json::Object(other)) => {
            one.iter().filter_map(|(key, value)| Some((key.clone(), value, other.get(key)?))).collect()
        }
        (Json::Array(one), Json::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).enumerate().map(|(at, (one, other))| (at.to_string(), one, other)).collect()
        }
        _ => Vec::new(),
    };
    match deeper.into_iter().find(|(_, one, other)| one != other) {
        Some((key, one, other)) => difference(&format!("{path}/{key}"), one, other),
        None => format!("{path}: {one} and {other}"),
    }
}
