//! A small department and its phones.

use std::collections::BTreeMap;
use std::process::Command;

use ed25519_dalek::SigningKey;
use serde_json::Value as Json;
use tempfile::TempDir;
use xeploai_core::ids::{AssignmentId, DepartmentId, FrameHash, PersonId, StreamId, UnitId};
use xeploai_core::org::{
    Assignment, Document, League, PeriodRecord, PeriodRule, Person, Role, Unit, UnitKind,
};
use xeploai_core::period::Period;
use xeploai_core::points::Points;
use xeploai_core::ruleset::{Ruleset, SubjectKind, shipped};
use xeploai_core::sheet::{ChangeId, Field, Place, SheetKey, Subject, Value};
use xeploai_core::sync::body::{Body, Change, ScoreChange};
use xeploai_core::sync::channel::Channel;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::inventory::{self, Root};
use xeploai_core::sync::message::Message;
use xeploai_core::sync::names::{Known, Nothing, Short, Standing};
use xeploai_core::sync::stream::Certificate;
use xeploai_core::sync::verdict::FrameVerdict;
use xeploai_core::sync::{Lane, Scope, version};
use xeploai_core::view::{Column, Text};
use xeploai_server::service::Service;

/// Head and staff of the first centre, head of the second, supervisor and synthesis officer of the department.
pub(crate) const PEOPLE: [(&str, &str, bool, &[Role]); 5] = [
    ("TT-01-00", "TT-01", true, &[]),
    ("TT-01-01", "TT-01", false, &[]),
    ("TT-02-00", "TT-02", true, &[]),
    ("SO-TD", "SO", false, &[Role::Supervisor]),
    ("SO-TH", "SO", false, &[Role::Synthesis]),
];

pub(crate) struct Office {
    pub(crate) folder: TempDir,
    pub(crate) service: Service,
}

pub(crate) fn november() -> Period {
    "2022-11".parse().unwrap()
}

fn text(vi: &str) -> Text {
    Text { vi: vi.into(), en: vi.into() }
}

pub(crate) fn ruleset() -> Ruleset {
    shipped().unwrap().into_iter().find(|set| set.code == "demo-c").unwrap()
}

pub(crate) fn person(
    department: DepartmentId,
    code: &str,
    unit: &str,
    head: bool,
    roles: &[Role],
) -> [Document; 2] {
    let (id, unit) = (PersonId::of(department, code), UnitId::of(department, unit));
    let since = "2022-01".parse().unwrap();
    let post = Assignment {
        id: AssignmentId::of(id, unit, "2022-01"),
        person: id,
        unit,
        position: text("Viên chức"),
        task_group: None,
        head,
        since,
        until: None,
    };
    let person = Person { id, code: code.into(), name: format!("Người {code}"), roles: roles.to_vec() };
    [Document::Person(person, unit), Document::Assignment(post)]
}

impl Office {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let service = Service::init(&folder.path().join("server"), "Sở thử nghiệm", true).unwrap();
        let department = service.department();
        let unit = |code: &str, kind, league: Option<&str>| {
            let in_charge = code != "SO";
            Document::Unit(Unit {
                id: UnitId::of(department, code),
                code: code.into(),
                name: format!("Đơn vị {code}"),
                short_name: code.into(),
                kind,
                league: league.map(Into::into),
                leagues: Vec::new(),
                scorers: vec![PersonId::of(department, &format!("{code}-01"))],
                deputies: vec![],
                leader: None,
                supervisors: in_charge.then(|| PersonId::of(department, "SO-TD")).into_iter().collect(),
                merged_into: None,
                since: None,
                until: None,
            })
        };
        let mut documents = vec![
            unit("SO", UnitKind::Department, None),
            unit("TT-01", UnitKind::Centre, Some("centres")),
            unit("TT-02", UnitKind::Centre, Some("centres")),
            Document::Ruleset(Box::new(ruleset())),
        ];
        documents.extend(
            PEOPLE.iter().flat_map(|(code, unit, head, roles)| person(department, code, unit, *head, roles)),
        );
        documents.push(Document::Period(PeriodRecord::open(
            november(),
            vec![PeriodRule {
                units: ["TT-01", "TT-02"].map(|code| UnitId::of(department, code)).to_vec(),
                subject: SubjectKind::Unit,
                ruleset: ruleset().id(),
            }],
            vec![League { code: "centres".into(), title: text("Trung tâm") }],
        )));
        service.write_documents(&documents).unwrap();
        Self { folder, service }
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("server")
    }

    /// The sheet of a unit.
    pub(crate) fn sheet(&self, unit: &str) -> SheetKey {
        let subject = Subject::Unit(UnitId::of(self.service.department(), unit));
        SheetKey { subject, period: november(), ruleset: ruleset().id() }
    }

    /// Enrols a phone of a person, with a code as an administrator makes it.
    pub(crate) fn phone(&self, person: &str) -> Phone {
        let code = self.service.new_code(person).unwrap().code;
        let key = SigningKey::from_bytes(&xeploai_server::service::random().unwrap());
        let nonce = xeploai_server::service::random().unwrap();
        let public = key.verifying_key().to_bytes();
        let enrolled = self.service.enrol(&code, public, nonce, &format!("Máy của {person}")).unwrap();
        Phone {
            key,
            certificate: enrolled.certificate,
            server: enrolled.server_certificate.header.key,
            cursor: Vec::new(),
            frames: Vec::new(),
            held: Held::default(),
        }
    }
}

/// A phone that keeps what it wrote.
pub(crate) struct Phone {
    pub(crate) key: SigningKey,
    pub(crate) certificate: Certificate,
    pub(crate) server: [u8; 32],
    pub(crate) cursor: Vec<u8>,
    /// What it wrote.
    pub(crate) frames: Vec<Frame>,
    pub(crate) held: Held,
}

pub(crate) fn score(
    sheet: &SheetKey,
    column: Column,
    criterion: u16,
    points: i32,
    replaces: &[ChangeId],
) -> Change {
    Change::Score(ScoreChange {
        sheet: sheet.clone(),
        place: Place { criterion, column, field: Field::Points },
        value: Value::Points(Points::whole(points)),
        replaces: replaces.to_vec(),
        minutes_before: 0,
    })
}

impl Phone {
    /// Seals changes to one sheet.
    pub(crate) fn write(&mut self, sheet: &SheetKey, changes: Vec<Change>) -> Frame {
        self.write_seen(sheet, changes, 0)
    }

    /// Seals changes to one sheet, by a writer who had seen this much of the configuration.
    pub(crate) fn write_seen(&mut self, sheet: &SheetKey, changes: Vec<Change>, revision: u64) -> Frame {
        let scope = sheet.scope();
        let lane = Lane { stream: self.certificate.header.stream(), scope };
        let before = self.frames.iter().rfind(|frame| frame.lane == lane);
        let (number, previous) =
            before.map_or((0, FrameHash::default()), |frame| (frame.number, frame.hash()));
        let body = Body { counter: 1, sealed_at: 1_669_000_000, revision, changes };
        let department = self.certificate.header.department;
        let bytes = body.encode(scope).unwrap();
        let frame = Frame::seal(&self.key, department, lane, number + 1, previous, bytes);
        self.frames.push(frame.clone());
        frame
    }

    fn channel(&self) -> Channel {
        Channel::between(&self.key, &self.server, self.certificate.header.department).unwrap()
    }

    pub(crate) fn message(&self, frames: &[Frame]) -> Message {
        let (cursor, capabilities) = (self.cursor.clone(), version::CAPABILITIES);
        Message { cursor, capabilities, frames: frames.to_vec(), ..Message::default() }
    }

    pub(crate) fn request(&self, frames: &[Frame]) -> Vec<u8> {
        self.message(frames).request(self.certificate.header.stream(), &self.channel(), &Nothing)
    }

    /// Syncs to the end: all pages in one answer.
    pub(crate) fn sync(&mut self, office: &Office, frames: &[Frame]) -> Message {
        let mut whole = self.page(office, frames);
        while whole.more {
            let next = self.page(office, &[]);
            whole.frames.extend(next.frames);
            whole.verdicts.extend(next.verdicts);
            whole.certificates.extend(next.certificates);
            whole.snapshots.extend(next.snapshots);
            whole.root = next.root;
            whole.more = next.more;
        }
        if whole.root.is_some_and(|root| root != inventory::whole(&self.roots())) {
            self.compare(office, &mut whole);
        }
        whole
    }

    fn roots(&self) -> BTreeMap<Scope, Root> {
        let mut roots: BTreeMap<Scope, Root> = BTreeMap::new();
        let frames: BTreeMap<FrameHash, &Frame> = self.held.frames.iter().map(|it| (it.hash(), it)).collect();
        for (hash, frame) in frames {
            let root = roots.entry(frame.lane.scope).or_default();
            *root = root.with(hash);
        }
        roots
    }

    /// Asks for what it lacks, as a device does whose cursor is no longer good.
    fn compare(&mut self, office: &Office, whole: &mut Message) {
        let compared = self.exchange(office, &Message { roots: Some(self.roots()), ..Message::default() });
        let held: Vec<Short> = self.held.frames.iter().map(|frame| Short::of(&frame.hash().0)).collect();
        let names = compared.have.iter().flat_map(|(_, names)| names).filter(|name| !held.contains(name));
        let want = names.copied().collect();
        let wanted = self.exchange(office, &Message { want, ..Message::default() });
        whole.frames.extend(wanted.frames);
        whole.verdicts.extend(wanted.verdicts);
        whole.certificates.extend(wanted.certificates);
    }

    pub(crate) fn page(&mut self, office: &Office, frames: &[Frame]) -> Message {
        let answer = self.exchange(office, &self.message(frames));
        if !answer.cursor.is_empty() {
            self.cursor.clone_from(&answer.cursor);
        }
        answer
    }

    /// One message out, one in; keeps what came, so that it may be named briefly.
    pub(crate) fn exchange(&mut self, office: &Office, message: &Message) -> Message {
        let request = message.request(self.certificate.header.stream(), &self.channel(), &Nothing);
        let answer = office.service.sync(&request).unwrap();
        assert!(answer.len() < 2 * 1024 * 1024, "a page stays below 2 MiB: {}", answer.len());
        self.decode(&answer, &message.frames)
    }

    pub(crate) fn decode(&mut self, answer: &[u8], sent: &[Frame]) -> Message {
        let asked: Vec<FrameHash> = sent.iter().map(Frame::hash).collect();
        self.held.frames.extend(sent.iter().cloned());
        let answer = Message::decode_answer(answer, &asked, &self.held).unwrap();
        self.held.frames.extend(answer.frames.iter().cloned());
        self.held.streams.extend(answer.certificates.iter().map(|it| it.header.stream()));
        answer
    }
}

/// What a phone holds, as far as short names go.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) frames: Vec<Frame>,
    pub(crate) streams: Vec<StreamId>,
}

impl Known for Held {
    fn stream(&self, name: Short) -> Option<StreamId> {
        self.streams.iter().find(|stream| Short::of(&stream.0) == name).copied()
    }

    fn frame(&self, name: Short) -> Option<Standing> {
        let frame = self.frames.iter().find(|frame| Short::of(&frame.hash().0) == name)?;
        Some(Standing { hash: frame.hash(), lane: frame.lane, number: frame.number })
    }
}

/// All criteria of a unit's sheet in order by the supervisor, each at a percentage of its maximum.
pub(crate) fn appraise(office: &Office, sheet: &SheetKey, percent: i32) -> Frame {
    let mut supervisor = office.phone("SO-TD");
    let changes = ruleset()
        .criteria()
        .map(|criterion| {
            let points = (criterion.most().0 / 10_000) as i32 * percent / 100;
            score(sheet, Column::Appraised, criterion.number, points, &[])
        })
        .collect();
    let frame = supervisor.write(sheet, changes);
    let answer = supervisor.sync(office, std::slice::from_ref(&frame));
    assert!(verdict(office, &answer, &frame).unwrap().exceptions.is_empty());
    frame
}

/// The verdict on a frame in an answer, its signature checked.
pub(crate) fn verdict(office: &Office, answer: &Message, frame: &Frame) -> Option<FrameVerdict> {
    let key = office.service.keys().department.verifying_key().to_bytes();
    let opened = answer.verdicts.iter().map(|signed| signed.open(office.service.department(), &key).unwrap());
    opened.flat_map(|verdicts| verdicts.frames).find(|verdict| verdict.frame == frame.hash())
}

/// What the program says; the code of its error when it refuses.
pub(crate) fn says(office: &Office, verb: &[&str], rest: &[&str]) -> Result<Json, Json> {
    let output = Command::new(env!("CARGO_BIN_EXE_xeploai-server"))
        .args(verb)
        .arg("--data")
        .arg(office.data())
        .arg("--json")
        .args(rest)
        .output()
        .unwrap();
    let said: Json = serde_json::from_slice(&output.stdout).unwrap();
    if output.status.success() { Ok(said) } else { Err(said["code"].clone()) }
}
