//! A department of one unit behind a real socket, whose answers a test can spoil.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use ed25519_dalek::SigningKey;
use xeploai_core::ids::{AssignmentId, DepartmentId, PersonId, UnitId};
use xeploai_core::org::{
    Assignment, Config, Department, Document, PeriodRecord, PeriodRule, Person, Unit, UnitKind,
};
use xeploai_core::period::Period;
use xeploai_core::ruleset::{SubjectKind, shipped};
use xeploai_core::sync::body::{Body, Change};
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::message::{SyncRequest, SyncResponse};
use xeploai_core::sync::policy::judge;
use xeploai_core::sync::stream::{Certificate, Header};
use xeploai_core::sync::verdict::{FrameVerdict, Verdicts};
use xeploai_core::sync::{Lane, Scope, Status};
use xeploai_core::view::Text;

pub(crate) const DEPARTMENT: DepartmentId = DepartmentId([1; 16]);

/// How the next answers to `/sync` are spoilt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoil {
    Nothing,
    Html,
    Cut,
    Empty,
    Fault,
    WrongSignature,
}

pub(crate) struct FakeServer {
    pub(crate) url: String,
    pub(crate) spoil: Arc<Mutex<Spoil>>,
}

struct State {
    key: SigningKey,
    certificate: Certificate,
    config: Config,
    documents: Vec<Frame>,
    devices: Vec<Certificate>,
    batches: u64,
}

impl FakeServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let spoil = Arc::new(Mutex::new(Spoil::Nothing));
        let shared = Arc::clone(&spoil);
        std::thread::spawn(move || {
            let mut state = State::new();
            for stream in listener.incoming() {
                let spoil = *shared.lock().unwrap();
                state.serve(stream.unwrap(), spoil);
            }
        });
        Self { url, spoil }
    }

    pub(crate) fn code(&self) -> String {
        format!("{}/#ABCD-EFGH", self.url)
    }

    pub(crate) fn spoil(&self, how: Spoil) {
        *self.spoil.lock().unwrap() = how;
    }
}

fn person() -> PersonId {
    PersonId::of(DEPARTMENT, "TT-01")
}

fn documents() -> Vec<Document> {
    let unit = UnitId::of(DEPARTMENT, "TT");
    let month = |month| Period::month(2022, month).unwrap();
    let text = || Text { vi: "Viên chức".into(), en: "Officer".into() };
    let ruleset = shipped().unwrap().into_iter().find(|set| set.code == "demo-unit-staff").unwrap();
    let rules = vec![PeriodRule { units: vec![unit], subject: SubjectKind::Person, ruleset: ruleset.id() }];
    let name = "Trung tâm thử".to_owned();
    let unit_record = Unit {
        id: unit,
        code: "TT".into(),
        name,
        short_name: "Thử".into(),
        kind: UnitKind::Centre,
        league: None,
        scorers: vec![],
        deputies: vec![],
        leader: None,
        supervisors: vec![],
        merged_into: None,
        until: None,
    };
    let post = Assignment {
        id: AssignmentId::of(person(), unit, "2022-01"),
        person: person(),
        unit,
        position: text(),
        head: false,
        since: month(1),
        until: None,
    };
    let period = PeriodRecord {
        period: month(11),
        locked: false,
        rules,
        leagues: vec![],
        own_until: None,
        superior_until: None,
        classified_on: None,
        published_on: None,
        cut: None,
    };
    vec![
        Document::Department(Department { id: DEPARTMENT, name: "Sở thử".into(), demonstration: true }),
        Document::Unit(unit_record),
        Document::Person(
            Person { id: person(), code: "TT-01".into(), name: "Hà Thị Lụa".into(), roles: vec![] },
            unit,
        ),
        Document::Assignment(post),
        Document::Ruleset(Box::new(ruleset)),
        Document::Period(period),
    ]
}

impl State {
    fn new() -> Self {
        let key = SigningKey::from_bytes(&[7; 32]);
        let header = Header {
            department: DEPARTMENT,
            author: Header::SERVER,
            key: key.verifying_key().to_bytes(),
            nonce: [0; 16],
            device: "Máy chủ".into(),
        };
        let certificate = Certificate::sign(header, &key);
        let mut config = Config::default();
        let changes = documents().iter().map(|it| Change::Document(it.to_change().unwrap())).collect();
        documents().into_iter().for_each(|it| config.apply(it));
        let body = Body { counter: 1, sealed_at: 0, revision: 0, changes };
        let scope = Scope::CONFIGURATION;
        let lane = Lane { stream: certificate.header.stream(), scope };
        let frame = Frame::seal(&key, DEPARTMENT, lane, 1, Default::default(), body.encode(scope).unwrap());
        Self { key, certificate, config, documents: vec![frame], devices: vec![], batches: 0 }
    }

    fn serve(&mut self, mut stream: TcpStream, spoil: Spoil) {
        let (path, body) = read_request(&mut stream);
        let (status, answer) = match path.as_str() {
            "/enrol" => (200, self.enrol(&body)),
            _ => match spoil {
                Spoil::Html => (200, b"<!doctype html><html><body>Wi-Fi</body></html>".to_vec()),
                Spoil::Empty => (200, Vec::new()),
                Spoil::Fault => (502, b"Bad gateway".to_vec()),
                Spoil::Cut => {
                    let whole = self.sync(&body, false);
                    (200, whole[..whole.len() / 2].to_vec())
                }
                Spoil::WrongSignature => (200, self.sync(&body, true)),
                Spoil::Nothing => (200, self.sync(&body, false)),
            },
        };
        let head =
            format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer));
    }

    fn enrol(&mut self, body: &[u8]) -> Vec<u8> {
        let asked: serde_json::Value = serde_json::from_slice(body).unwrap();
        let unhex =
            |name: &str| data_encoding::HEXLOWER.decode(asked[name].as_str().unwrap().as_bytes()).unwrap();
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        let header = Header {
            department: DEPARTMENT,
            author: person(),
            key: unhex("key").try_into().unwrap(),
            nonce: unhex("nonce").try_into().unwrap(),
            device: asked["device"].as_str().unwrap().into(),
        };
        let certificate = Certificate::sign(header, &self.key);
        self.devices.push(certificate.clone());
        let answer = serde_json::json!({
            "certificate": hex(&certificate.encode()),
            "server_certificate": hex(&self.certificate.encode()),
            "department": DEPARTMENT.to_string(),
            "department_key": hex(self.key.verifying_key().as_bytes()),
        });
        answer.to_string().into_bytes()
    }

    /// Judges what came; with `forged`, signs the verdicts with another key.
    fn sync(&mut self, body: &[u8], forged: bool) -> Vec<u8> {
        let signed = SyncRequest::decode(body).unwrap();
        let device = self.devices.iter().find(|it| it.header.stream() == signed.stream()).unwrap();
        let request = signed.open(device).unwrap();
        let verdict = |frame: &Frame| {
            assert!(frame.verify(device).is_ok(), "a device sends what it has signed");
            let changes = frame.decode_body().unwrap().changes;
            let judged = changes.iter().enumerate().map(|(index, change)| {
                let (status, reason) = judge(&self.config, person(), change);
                (index as u16, status, reason)
            });
            let exceptions = judged.filter(|(_, status, _)| *status != Status::Accepted).collect();
            FrameVerdict { frame: frame.hash(), exceptions }
        };
        let frames: Vec<FrameVerdict> = request.frames.iter().map(verdict).collect();
        self.batches += 1;
        let batch = Verdicts {
            epoch: [1; 16],
            epoch_order: 1,
            number: self.batches,
            received_at: 1_700_000_000,
            frames,
        };
        let key = if forged { SigningKey::from_bytes(&[8; 32]) } else { self.key.clone() };
        let response = SyncResponse {
            cursor: vec![1],
            more: false,
            certificates: vec![self.certificate.clone()],
            frames: self.documents.clone(),
            verdicts: vec![batch.sign(DEPARTMENT, &key)],
        };
        response.encode()
    }
}

fn read_request(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).unwrap();
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if bytes.len() >= end + 4 + length || read == 0 {
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            return (path, bytes[end + 4..].to_vec());
        }
    }
}
