//! The server on a real socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use tokio::sync::oneshot;
use xeploai_core::view::Column;
use xeploai_server::serve::Listening;
use xeploai_server::service::Service;

use crate::fixture::{Office, score, verdict};

/// A server that listens on a free port until it is dropped.
pub(crate) struct Served {
    pub(crate) address: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Served {
    pub(crate) fn start(office: &Office) -> Self {
        let service = Arc::new(Service::open(&office.data()).unwrap());
        let listening = Listening::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = listening.url().strip_prefix("http://").unwrap().to_owned();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            let shutdown = async { drop(stopped.await) };
            runtime.block_on(listening.serve(service, shutdown)).unwrap();
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// Sends a request, head by head, and reads the answer: status, head, body.
    pub(crate) fn ask(&self, method: &str, path: &str, head: &[&str], body: &[u8]) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let lines: String = head.iter().map(|line| format!("{line}\r\n")).collect();
        let length = body.len();
        let start = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{lines}\r\n"
        );
        stream.write_all(start.as_bytes()).unwrap();
        // A server that refuses early closes its end.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let at = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("an HTTP answer");
        let head = String::from_utf8(answer[..at].to_vec()).unwrap();
        (head[9..12].parse().unwrap(), head, answer[at + 4..].to_vec())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.stop.take().map(|stop| stop.send(()));
        self.thread.take().map(std::thread::JoinHandle::join).unwrap().unwrap();
    }
}

pub(crate) fn error_code(body: &[u8]) -> String {
    let view: xeploai_core::view::ErrorView =
        serde_json::from_slice(body).expect("an error with code and sentence");
    assert!(!view.message.vi.is_empty());
    view.code
}

#[test]
fn a_phone_enrols_and_syncs_over_a_socket() {
    let office = Office::new();
    let served = Served::start(&office);
    assert_eq!(served.ask("GET", "/health", &[], b"").0, 200);
    let mut head = office.phone("TT-01-00");
    let sheet = office.sheet("TT-01");
    let frame = head.write(&sheet, vec![score(&sheet, Column::Own, 1, 20, &[])]);
    let (status, _, body) = served.ask("POST", "/sync", &[], &head.request(std::slice::from_ref(&frame)));
    assert_eq!(status, 200);
    let answer = head.decode(&body, std::slice::from_ref(&frame));
    assert!(verdict(&office, &answer, &frame).is_some());
}

#[test]
fn an_enrolment_answers_with_certificates_in_hex() {
    let office = Office::new();
    let served = Served::start(&office);
    let code = office.service.new_code("TT-01-00").unwrap().code;
    let request =
        serde_json::json!({"code": code, "key": "07".repeat(32), "nonce": "01".repeat(16), "device": "Máy"});
    let json = ["content-type: application/json"];
    let ask = |request: &str| served.ask("POST", "/enrol", &json, request.as_bytes());
    let (status, _, body) = ask(&request.to_string());
    assert_eq!(status, 200);
    let answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(answer["department"], office.service.department().to_string());
    for field in ["certificate", "server_certificate", "department_key"] {
        assert!(data_encoding::HEXLOWER.decode(answer[field].as_str().unwrap().as_bytes()).is_ok());
    }
    let (status, _, body) = ask(&request.to_string().replace(&"07".repeat(32), &"06".repeat(32)));
    assert_eq!((status, error_code(&body).as_str()), (403, "enrolment_used"));
    let (status, _, body) = ask("{\"code\":1}");
    assert_eq!((status, error_code(&body).as_str()), (400, "bad_request"));
}

#[test]
fn bad_bodies_are_answered_with_a_code() {
    let office = Office::new();
    let served = Served::start(&office);
    let sync = |body: &[u8]| {
        let (status, _, body) = served.ask("POST", "/sync", &[], body);
        (status, error_code(&body))
    };
    assert_eq!(sync(b"<html>"), (400, "not_a_message".into()));
    assert_eq!(sync(b""), (400, "message_cut".into()));
    assert_eq!(sync(&vec![0; 4 * 1024 * 1024 + 1]), (413, "message_too_large".into()));
}
