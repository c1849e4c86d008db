//! A network between phones and the server: it carries each exchange whole, or spoils it as it was told.
//!
//! Only what the exchanges need of HTTP/1.1: a head and a body whose length it says.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};

use crate::process::PATIENCE;

const LOGIN_PAGE: &[u8] =
    b"<!doctype html><html><title>Wi-Fi</title><body><form>Log in to this network</form></body></html>";

/// What becomes of one exchange.
#[derive(Debug)]
pub enum Fault {
    /// The server gets half of the request, as if that were all of it.
    RequestShort,
    /// The connection breaks in the middle of the request.
    RequestCut,
    /// The phone gets half of the answer, as if that were all of it.
    AnswerShort,
    /// The connection breaks in the middle of the answer.
    AnswerCut,
    /// The server has answered, and the connection breaks before the first byte of it.
    AnswerLost,
    /// The server has answered: `Sender` says so, and the answer goes on when `Receiver` does.
    AnswerHeld(Sender<()>, Receiver<()>),
    /// The network answers with a page of its own, and asks nobody.
    Html,
    /// The network answers with nothing, and asks nobody.
    Empty,
}

/// A proxy on this machine. It listens as long as the program runs.
#[derive(Debug)]
pub struct Proxy {
    /// Where phones find it.
    pub url: String,
    faults: Arc<Mutex<VecDeque<Fault>>>,
}

impl Proxy {
    /// Starts it before the server at `address`.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(address: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let proxy = Self { url: format!("http://{}", listener.local_addr()?), faults: Arc::default() };
        let (faults, address) = (Arc::clone(&proxy.faults), address.to_owned());
        std::thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                let (faults, address) = (Arc::clone(&faults), address.clone());
                // An end of either side is the end of the connection, as on any network.
                std::thread::spawn(move || carry(&phone, &address, &faults));
            }
        });
        Ok(proxy)
    }

    /// Spoils the next exchange that has no fault yet.
    pub fn spoil(&self, fault: Fault) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push_back(fault);
    }
}

/// Carries the exchanges of one connection until one of them breaks it.
fn carry(mut phone: &TcpStream, address: &str, faults: &Mutex<VecDeque<Fault>>) -> Result<()> {
    let mut reader = BufReader::new(phone);
    while let Some(request) = Message::read(&mut reader)? {
        let fault = faults.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let answer = match fault {
            Some(Fault::Html) => Message::answer(LOGIN_PAGE),
            Some(Fault::Empty) => Message::answer(b""),
            Some(Fault::RequestCut) => return Ok(TcpStream::connect(address)?.write_all(&request.cut())?),
            Some(Fault::RequestShort) => ask(address, &request.short())?,
            _ => ask(address, &request)?,
        };
        match fault {
            Some(Fault::AnswerLost) => return Ok(()),
            Some(Fault::AnswerCut) => return Ok(phone.write_all(&answer.cut())?),
            Some(Fault::AnswerShort) => phone.write_all(&answer.short().bytes())?,
            Some(Fault::AnswerHeld(is_here, goes_on)) => {
                is_here.send(())?;
                goes_on.recv_timeout(PATIENCE)?;
                phone.write_all(&answer.bytes())?;
            }
            _ => phone.write_all(&answer.bytes())?,
        }
    }
    Ok(())
}

fn ask(address: &str, request: &Message) -> Result<Message> {
    let mut server = TcpStream::connect(address)?;
    server.write_all(&request.bytes())?;
    Message::read(&mut BufReader::new(server))?.context("the server has not answered")
}

/// A request or an answer.
struct Message {
    /// Its first lines, without the one that says how long the body is.
    head: String,
    body: Vec<u8>,
}

impl Message {
    fn answer(body: &[u8]) -> Self {
        Self { head: "HTTP/1.1 200 OK\r\n".to_owned(), body: body.to_owned() }
    }

    /// The next one; nothing when the connection has ended.
    fn read(from: &mut impl BufRead) -> Result<Option<Self>> {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if from.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            match line.to_ascii_lowercase().strip_prefix("content-length:") {
                Some(said) => length = said.trim().parse()?,
                None if line.trim().is_empty() => break,
                None => head.push_str(&line),
            }
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        Ok(Some(Self { head, body }))
    }

    fn bytes(&self) -> Vec<u8> {
        let head = format!("{}content-length: {}\r\n\r\n", self.head, self.body.len());
        [head.as_bytes(), &self.body].concat()
    }

    /// The bytes without the second half of the body.
    fn cut(&self) -> Vec<u8> {
        let mut bytes = self.bytes();
        bytes.truncate(bytes.len() - self.body.len().div_ceil(2));
        bytes
    }

    /// With half of the body, as if that were all.
    fn short(&self) -> Self {
        Self { head: self.head.clone(), body: self.body[..self.body.len() / 2].to_vec() }
    }
}
