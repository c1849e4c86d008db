//! The department behind a real socket, whose answers a test can spoil.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::department::{Department, STAFF};

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

/// A request as it came over the socket.
#[derive(Clone)]
pub(crate) struct Heard {
    /// Which connection it came over, from 0.
    pub(crate) connection: usize,
    /// Request line and headers.
    pub(crate) head: String,
}

pub(crate) struct FakeServer {
    pub(crate) url: String,
    spoil: Arc<Mutex<Spoil>>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl FakeServer {
    /// A server that closes each connection after its answer.
    pub(crate) fn start() -> Self {
        Self::start_with(1)
    }

    /// A server that answers so many requests over one connection.
    pub(crate) fn start_with(requests: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let spoil = Arc::new(Mutex::new(Spoil::Nothing));
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let (shared, hears) = (Arc::clone(&spoil), Arc::clone(&heard));
        std::thread::spawn(move || {
            let department = Arc::new(Mutex::new(Department::new()));
            for (connection, stream) in listener.incoming().enumerate() {
                let (department, shared, hears) = (department.clone(), shared.clone(), Arc::clone(&hears));
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    for left in (0..requests).rev() {
                        let Some((head, body)) = read_request(&mut stream) else { return };
                        let (path, spoil) = (path_of(&head), *shared.lock().unwrap());
                        hears.lock().unwrap().push(Heard { connection, head });
                        serve(&mut department.lock().unwrap(), &mut stream, (&path, &body), spoil, left == 0);
                    }
                });
            }
        });
        Self { url, spoil, heard }
    }

    pub(crate) fn code(&self) -> String {
        format!("{}/#{STAFF}", self.url)
    }

    pub(crate) fn spoil(&self, how: Spoil) {
        *self.spoil.lock().unwrap() = how;
    }

    /// Everything that was asked so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

fn serve(
    department: &mut Department,
    stream: &mut TcpStream,
    (path, body): (&str, &[u8]),
    spoil: Spoil,
    last: bool,
) {
    department.forges = spoil == Spoil::WrongSignature;
    let mut sync = || department.sync(body).map(|(answer, _)| answer).unwrap();
    let (status, answer) = match (path, spoil) {
        ("/enrol", _) => (200, department.enrol(body)),
        (_, Spoil::Html) => (200, b"<!doctype html><html><body>Wi-Fi</body></html>".to_vec()),
        (_, Spoil::Empty) => (200, Vec::new()),
        (_, Spoil::Fault) => (502, b"Bad gateway".to_vec()),
        (_, Spoil::Cut) => {
            let whole = sync();
            (200, whole[..whole.len() / 2].to_vec())
        }
        (_, Spoil::WrongSignature | Spoil::Nothing) => (200, sync()),
    };
    let close = if last { "Connection: close\r\n" } else { "" };
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{close}\r\n", answer.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer));
}

fn path_of(head: &str) -> String {
    head.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// Head and body of the next request; nothing when the connection has ended.
fn read_request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).unwrap_or(0);
        if read == 0 {
            return None;
        }
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if bytes.len() >= end + 4 + length {
            return Some((head, bytes[end + 4..].to_vec()));
        }
    }
}
