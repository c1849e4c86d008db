//! A department of one centre in memory: it enrols, judges what comes, and gives every device what the others wrote.

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use xeploai_core::ids::{AssignmentId, DepartmentId, FrameHash, PersonId, StreamId, UnitId};
use xeploai_core::org::{
    Assignment, Config, Department as Named, Document, PeriodRecord, PeriodRule, Person, Role, Unit, UnitKind,
};
use xeploai_core::period::Period;
use xeploai_core::ruleset::{Ruleset, SubjectKind, shipped};
use xeploai_core::sync::body::{Body, Change};
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::{Message, Request};
use xeploai_core::sync::names::{Known, Nothing, Short, Standing};
use xeploai_core::sync::policy::judge;
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::sync::verdict::{FrameVerdict, SignedVerdicts, Verdicts};
use xeploai_core::sync::wire::WireError;
use xeploai_core::sync::{Lane, Scope, Status};
use xeploai_core::view::{ErrorView, Text};

pub(crate) const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);
/// A member of the centre's staff; the centre's sheet may be filled in by him too.
pub(crate) const STAFF: &str = "TT-01";
/// The centre's head.
pub(crate) const HEAD: &str = "TT-02";
/// The department's supervisor, in charge of the centre once he is appointed.
pub(crate) const SUPERVISOR: &str = "SO-01";
/// Further staff: `TT-03` and so on.
const OTHERS: u16 = 28;

pub(crate) fn person(code: &str) -> PersonId {
    PersonId::of(DEPARTMENT, code)
}

fn unit() -> UnitId {
    UnitId::of(DEPARTMENT, "TT")
}

fn month(month: u8) -> Period {
    Period::month(2022, month).unwrap()
}

fn codes() -> Vec<String> {
    (1..=2 + OTHERS).map(|number| format!("TT-{number:02}")).collect()
}

fn the_unit() -> Unit {
    Unit {
        id: unit(),
        code: "TT".into(),
        name: "Trung tâm thử".into(),
        short_name: "Thử".into(),
        kind: UnitKind::Centre,
        league: None,
        leagues: Vec::new(),
        scorers: vec![person(STAFF)],
        deputies: vec![],
        leader: None,
        supervisors: vec![],
        merged_into: None,
        since: None,
        until: None,
    }
}

fn staff(code: &str) -> [Document; 2] {
    let name = if code == STAFF { "Hà Thị Lụa".to_owned() } else { format!("Người {code}") };
    let record = Person { id: person(code), code: code.into(), name, roles: vec![] };
    let post = Assignment {
        id: AssignmentId::of(person(code), unit(), "2022-01"),
        person: person(code),
        unit: unit(),
        position: Text { vi: "Viên chức".into(), en: "Officer".into() },
        task_group: None,
        head: code == HEAD,
        since: month(1),
        until: None,
    };
    [Document::Person(record, unit()), Document::Assignment(post)]
}

fn period(locked: bool) -> PeriodRecord {
    let rule = |code: &str, subject| {
        let ruleset = shipped().unwrap().into_iter().find(|set| set.code == code).unwrap().id();
        PeriodRule::new(vec![unit()], subject, ruleset)
    };
    let rules = vec![rule("demo-unit-staff", SubjectKind::Person), rule("demo-c", SubjectKind::Unit)];
    PeriodRecord { locked, ..PeriodRecord::open(month(11), rules, vec![]) }
}

fn documents() -> Vec<Document> {
    let mut documents = vec![
        Document::Department(Named { id: DEPARTMENT, name: "Sở thử".into(), demonstration: true }),
        Document::Unit(the_unit()),
    ];
    documents.extend(codes().iter().flat_map(|code| staff(code)));
    let sets =
        shipped().unwrap().into_iter().filter(|set| ["demo-unit-staff", "demo-c"].contains(&&*set.code));
    documents.extend(sets.map(|set| Document::Ruleset(Box::new(set))));
    documents.push(Document::Period(period(false)));
    documents
}

/// A frame as the department holds it, with the batch that judged it; its own have none.
struct Kept {
    frame: Frame,
    judged: Option<SignedVerdicts>,
}

pub(crate) struct Department {
    key: SigningKey,
    id: DepartmentId,
    certificate: Certificate,
    config: Config,
    devices: Vec<Certificate>,
    kept: Vec<Kept>,
    batches: u64,
    /// Signs verdicts with another key.
    pub(crate) forges: bool,
}

impl Department {
    pub(crate) fn new() -> Self {
        Self::of(DEPARTMENT)
    }

    /// Another department than the usual one.
    pub(crate) fn of(id: DepartmentId) -> Self {
        let key = SigningKey::from_bytes(&[7; 32]);
        let (author, public) = (Header::SERVER, key.verifying_key().to_bytes());
        let header =
            Header { department: id, author, key: public, nonce: [0; 16], device: "Máy chủ".into() };
        let certificate = Certificate::sign(header, &key);
        let (config, kept) = (Config::default(), vec![]);
        let mut department =
            Self { key, id, certificate, config, devices: vec![], kept, batches: 0, forges: false };
        department.publish(documents());
        department
    }

    /// Writes documents as the server does.
    pub(crate) fn publish(&mut self, documents: Vec<Document>) {
        let lane = Lane { stream: self.certificate.header.stream(), scope: Scope::CONFIGURATION };
        let own: Vec<&Frame> = self.frames().filter(|frame| frame.lane == lane).collect();
        let (number, previous) = own.last().map_or_else(Default::default, |last| (last.number, last.hash()));
        let changes = documents.iter().map(|it| Change::Document(it.to_change().unwrap())).collect();
        let body = Body { counter: number + 1, sealed_at: 0, revision: 0, changes };
        let encoded = body.encode(lane.scope).unwrap();
        let frame = Frame::seal(&self.key, self.id, lane, number + 1, previous, encoded);
        documents.into_iter().for_each(|it| self.config.apply(it));
        self.kept.push(Kept { frame, judged: None });
    }

    /// Puts another version in the place of the criteria set of the staff.
    pub(crate) fn revise_staff_set(&mut self, edit: impl FnOnce(&mut serde_json::Value)) {
        let set = shipped().unwrap().into_iter().find(|set| set.code == "demo-unit-staff").unwrap();
        let mut json = serde_json::to_value(&set).unwrap();
        json["version"] = (set.version + 1).into();
        edit(&mut json);
        let revised = Ruleset::parse(&json.to_string()).unwrap();
        let mut record = period(false);
        for rule in record.rules.iter_mut().filter(|rule| rule.ruleset == set.id()) {
            rule.ruleset = revised.id();
        }
        self.publish(vec![Document::Ruleset(Box::new(revised)), Document::Period(record)]);
    }

    /// Puts a supervisor in charge of the centre.
    pub(crate) fn appoint_supervisor(&mut self) {
        let office = UnitId::of(DEPARTMENT, "SO");
        let record = Person {
            id: person(SUPERVISOR),
            code: SUPERVISOR.into(),
            name: "Trần Văn An".into(),
            roles: vec![Role::Supervisor],
        };
        let [_, Document::Assignment(post)] = staff(SUPERVISOR) else { panic!("a post") };
        let id = AssignmentId::of(record.id, office, "2022-01");
        self.publish(vec![
            Document::Unit(Unit { id: office, code: "SO".into(), supervisors: vec![], ..the_unit() }),
            Document::Unit(Unit { supervisors: vec![record.id], ..the_unit() }),
            Document::Person(record, office),
            Document::Assignment(Assignment { id, unit: office, ..post }),
        ]);
    }

    /// Locks the month.
    pub(crate) fn lock(&mut self) {
        self.publish(vec![Document::Period(period(true))]);
    }

    pub(crate) fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.kept.iter().map(|kept| &kept.frame)
    }

    /// Frames that a person has written, in the order in which they came.
    pub(crate) fn frames_of(&self, code: &str) -> Vec<Frame> {
        let by = |frame: &&Frame| self.certificate_of(frame).header.author == person(code);
        self.frames().filter(by).cloned().collect()
    }

    /// The certificate of a frame's stream, which fits it.
    pub(crate) fn certificate_of(&self, frame: &Frame) -> &Certificate {
        let certificates = self.devices.iter().chain([&self.certificate]);
        let found = certificates.into_iter().find(|it| it.header.stream() == frame.lane.stream).unwrap();
        assert!(frame.verify(found).is_ok(), "what is here is signed by its author");
        found
    }

    /// The streams that a person was given.
    pub(crate) fn enrolled(&self, code: &str) -> BTreeSet<StreamId> {
        let of = |it: &&Certificate| it.header.author == person(code);
        self.devices.iter().filter(of).map(|it| it.enrolled().stream()).collect()
    }

    /// Answers `POST /enrol`: the secret of a code is the person's staff code.
    pub(crate) fn enrol(&mut self, body: &[u8]) -> Vec<u8> {
        let asked: serde_json::Value = serde_json::from_slice(body).unwrap();
        let text = |name: &str| asked[name].as_str().unwrap();
        let unhex = |name: &str| data_encoding::HEXLOWER.decode(text(name).as_bytes()).unwrap();
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        let header = Header {
            department: self.id,
            author: PersonId::of(DEPARTMENT, text("code")),
            key: unhex("key").try_into().unwrap(),
            nonce: unhex("nonce").try_into().unwrap(),
            device: text("device").into(),
        };
        let given =
            self.devices.iter().find(|it| (it.header.key, it.header.author) == (header.key, header.author));
        let certificate = given.cloned().unwrap_or_else(|| Certificate::sign(header, &self.key));
        self.devices.push(certificate.clone());
        let answer = serde_json::json!({
            "certificate": hex(&certificate.encode()),
            "server_certificate": hex(&self.certificate.encode()),
            "department": self.id.to_string(),
            "department_key": hex(self.key.verifying_key().as_bytes()),
        });
        answer.to_string().into_bytes()
    }

    /// Answers `POST /sync`: judges what came, and gives what is new since the cursor. The frames that came are told too.
    pub(crate) fn sync(&mut self, body: &[u8]) -> Result<(Vec<u8>, Vec<Frame>), ErrorView> {
        let request = Request::decode(body).unwrap();
        for certificate in request.certificates().unwrap() {
            let public = self.key.verifying_key().to_bytes();
            assert_eq!(certificate.verify(self.id, &public), Ok(()), "a certificate needs nobody's word");
            self.devices.push(certificate);
        }
        let named = |it: &&Certificate| Short::of(&it.header.stream().0) == request.sender();
        let unknown = || ErrorView {
            code: "unknown_device".into(),
            message: Text { vi: String::new(), en: String::new() },
        };
        let device = self.devices.iter().find(named).ok_or_else(unknown)?;
        let channel = Channel::between(&self.key, &device.header.key, self.id).unwrap();
        request.check(&channel).unwrap();
        let asked = match request.message(device.header.stream(), &Shelves(self)) {
            Err(WireError::Unresolved) => {
                let full = Message { full: true, ..Message::default() };
                return Ok((full.answer(&[], &Nothing), vec![]));
            }
            asked => asked.unwrap(),
        };
        let judged = self.judge(&asked.frames);
        let answer = self.answer(&asked, judged);
        let hashes: Vec<FrameHash> = asked.frames.iter().map(Frame::hash).collect();
        Ok((answer.answer(&hashes, &Nothing), asked.frames))
    }

    /// Judges frames and keeps those that are new.
    fn judge(&mut self, frames: &[Frame]) -> Option<SignedVerdicts> {
        let verdict = |frame: &Frame| {
            let author = self.certificate_of(frame).header.author;
            let changes = frame.decode_body().unwrap().changes;
            let judged = changes.iter().enumerate().map(|(index, change)| {
                let (status, reason) = judge(&self.config, author, change);
                (index as u16, status, reason)
            });
            let exceptions = judged.filter(|(_, status, _)| *status != Status::Accepted).collect();
            FrameVerdict::accepted_but(frame.hash(), exceptions)
        };
        let verdicts: Vec<FrameVerdict> = frames.iter().map(verdict).collect();
        if verdicts.is_empty() {
            return None;
        }
        self.batches += 1;
        let (number, received_at) = (self.batches, 1_700_000_000);
        let batch = Verdicts {
            epoch: [1; 16],
            epoch_order: 1,
            number,
            received_at,
            frames: verdicts,
            contents: Vec::new(),
        };
        let key = if self.forges { SigningKey::from_bytes(&[8; 32]) } else { self.key.clone() };
        let judged = batch.sign(self.id, &key);
        for frame in frames {
            if !self.frames().any(|kept| kept.hash() == frame.hash()) {
                self.kept.push(Kept { frame: frame.clone(), judged: Some(judged.clone()) });
            }
        }
        Some(judged)
    }

    /// What a device lacks that left off at `asked.cursor`.
    fn answer(&self, asked: &Message, judged: Option<SignedVerdicts>) -> Message {
        let seen = asked.cursor.as_slice().try_into().map_or(0, u64::from_le_bytes) as usize;
        let brought: BTreeSet<FrameHash> = asked.frames.iter().map(Frame::hash).collect();
        let new = self.kept.iter().skip(seen).filter(|kept| !brought.contains(&kept.frame.hash()));
        let (mut frames, mut verdicts) = (Vec::new(), Vec::from_iter(judged));
        for kept in new {
            frames.push(kept.frame.clone());
            verdicts.extend(kept.judged.clone().filter(|batch| !verdicts.contains(batch)));
        }
        Message {
            cursor: (self.kept.len() as u64).to_le_bytes().to_vec(),
            certificates: self.devices.iter().chain([&self.certificate]).cloned().collect(),
            frames,
            verdicts,
            ..Message::default()
        }
    }
}

/// What the department can resolve short names with.
struct Shelves<'a>(&'a Department);

impl Known for Shelves<'_> {
    fn stream(&self, name: Short) -> Option<StreamId> {
        let streams = self.0.devices.iter().map(|it| it.header.stream());
        streams.into_iter().find(|stream| Short::of(&stream.0) == name)
    }

    fn frame(&self, name: Short) -> Option<Standing> {
        let frame = self.0.frames().find(|frame| Short::of(&frame.hash().0) == name)?;
        Some(Standing { hash: frame.hash(), lane: frame.lane, number: frame.number })
    }
}
