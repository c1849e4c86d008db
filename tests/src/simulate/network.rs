//! The network between a phone and a server, or between two phones: what becomes of one request and its answer.

use fastrand::Rng;
use xeploai_client::{App, ClientError, Refused};

use super::desk::is_store;
use super::outside::Line;
use super::world::World;

/// Requests that are kept to arrive late, or twice.
const LATE_MAX: usize = 8;

/// What becomes of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Delivered,
    RequestLost,
    RequestCut,
    RequestGarbled,
    AnswerLost,
    AnswerCut,
    AnswerGarbled,
    /// A captive portal answers.
    Html,
    Empty,
    Twice,
    /// The request arrives at some later time, and its answer nowhere.
    Late,
    /// The server dies while it works on the request.
    ServerCrash,
}

impl Fate {
    const FAULTS: [Self; 11] = [
        Self::RequestLost,
        Self::RequestCut,
        Self::RequestGarbled,
        Self::AnswerLost,
        Self::AnswerCut,
        Self::AnswerGarbled,
        Self::Html,
        Self::Empty,
        Self::Twice,
        Self::Late,
        Self::ServerCrash,
    ];

    fn choose(rng: &mut Rng, quiet: bool) -> Self {
        if quiet || rng.u8(0..10) < 8 {
            Self::Delivered
        } else {
            Self::FAULTS[rng.usize(..Self::FAULTS.len())]
        }
    }
}

type Answer = Result<Vec<u8>, ClientError>;

/// Asks whichever server is at the end of a line, as HTTPS would.
pub(super) fn deliver(line: &Line, request: &[u8]) -> Answer {
    let answer = line.ask(|service| service.sync(request)).ok_or(Refused::Unreachable)?;
    answer.map_err(|error| ClientError::Server(error.view()))
}

impl World {
    /// Carries a request of a phone to its server and the answer back, or not.
    pub(super) fn carry(&mut self, phone: usize, request: Vec<u8>) -> Answer {
        let line = self.phones[phone].line.clone();
        match self.fate() {
            Fate::Late => {
                if self.late.len() < LATE_MAX {
                    self.late.push((line, request));
                }
                Err(Refused::Unreachable.into())
            }
            Fate::ServerCrash => self.crash_while(&line, &request),
            fate => self.spoil(fate, request, &|request| deliver(&line, request)),
        }
    }

    /// As [`Self::carry`], to another phone.
    pub(super) fn carry_to(&mut self, hub: &App, request: Vec<u8>) -> Answer {
        let fate = self.fate();
        self.spoil(fate, request, &|request| {
            hub.serve(request)
                .map_err(|error| if is_store(&error) { Refused::Unreachable.into() } else { error })
        })
    }

    fn fate(&mut self) -> Fate {
        let fate = Fate::choose(&mut self.rng, self.quiet);
        if fate != Fate::Delivered {
            self.say(|| format!("  {fate:?}"));
        }
        fate
    }

    fn spoil(&mut self, fate: Fate, request: Vec<u8>, deliver: &dyn Fn(&[u8]) -> Answer) -> Answer {
        match fate {
            Fate::Delivered => deliver(&request),
            Fate::RequestLost | Fate::Late | Fate::ServerCrash => Err(Refused::Unreachable.into()),
            Fate::RequestCut => deliver(&request[..self.rng.usize(..request.len())]),
            Fate::RequestGarbled => deliver(&garbled(&mut self.rng, request)),
            Fate::AnswerLost => deliver(&request).and(Err(Refused::Unreachable.into())),
            Fate::AnswerCut => {
                let mut answer = deliver(&request)?;
                answer.truncate(self.rng.usize(..=answer.len().saturating_sub(1)));
                Ok(answer)
            }
            Fate::AnswerGarbled => deliver(&request).map(|answer| garbled(&mut self.rng, answer)),
            Fate::Html => Ok(b"<!doctype html><title>Wi-Fi</title>".to_vec()),
            Fate::Empty => Ok(Vec::new()),
            Fate::Twice => deliver(&request).and_then(|_| deliver(&request)),
        }
    }

    fn crash_while(&mut self, line: &Line, request: &[u8]) -> Answer {
        let steps = self.rng.u64(1..40);
        let Some(server) = self.servers.iter().position(|server| server.line.is(line)) else {
            return Err(Refused::Unreachable.into());
        };
        self.servers[server].disk.fail_at(steps);
        let answer = deliver(line, request);
        let loss = self.loss();
        self.servers[server].crash(loss);
        answer
    }

    /// A request from some time ago arrives.
    pub(super) fn deliver_late(&mut self) {
        if !self.late.is_empty() {
            let (line, request) = self.late.swap_remove(self.rng.usize(..self.late.len()));
            let _ = deliver(&line, &request);
        }
    }
}

fn garbled(rng: &mut Rng, mut bytes: Vec<u8>) -> Vec<u8> {
    if !bytes.is_empty() {
        let at = rng.usize(..bytes.len());
        bytes[at] ^= 1 << rng.u8(..8);
    }
    bytes
}
