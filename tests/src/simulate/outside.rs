//! What the simulated devices take from outside: time, randomness, and a line to whichever server answers.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use fastrand::Rng;
use serde_json::{Value, json};
use xeploai_client::carrier::{Carrier, Server};
use xeploai_client::environment::{Clock, Random, Uptime};
use xeploai_client::{ClientError, Refused};
use xeploai_server::error::ServerError;
use xeploai_server::service::Service;

/// The true time, Unix seconds. It moves when the simulation says so.
#[derive(Clone, Debug)]
pub(super) struct Time(Arc<AtomicI64>);

impl Time {
    pub(super) fn starting_at(seconds: i64) -> Self {
        Self(Arc::new(AtomicI64::new(seconds)))
    }

    pub(super) fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// A device's clock: the true time, and how wrong it is; and how long the device has been on, which nobody can set.
#[derive(Clone, Debug)]
pub(super) struct WrongClock {
    time: Time,
    error: Arc<AtomicI64>,
    /// When the device was started last, by the true time.
    started: Arc<AtomicI64>,
}

impl WrongClock {
    pub(super) fn right(time: &Time) -> Self {
        Self { time: time.clone(), error: Arc::default(), started: Arc::new(AtomicI64::new(time.now())) }
    }

    /// Jumps to so many seconds off.
    pub(super) fn jump(&self, error: i64) {
        self.error.store(error, Ordering::Relaxed);
    }

    /// The device is started again.
    pub(super) fn restart(&self) {
        self.started.store(self.time.now(), Ordering::Relaxed);
    }

    pub(super) fn seconds(&self) -> i64 {
        self.time.now() + self.error.load(Ordering::Relaxed)
    }
}

impl Clock for WrongClock {
    fn now(&self) -> i64 {
        self.seconds()
    }

    fn uptime(&self) -> Option<Uptime> {
        let started = self.started.load(Ordering::Relaxed);
        let seconds = u64::try_from(self.time.now() - started).ok()?;
        Some(Uptime { boot: started.to_le_bytes(), seconds })
    }
}

/// Randomness that a seed repeats.
#[derive(Debug)]
pub(super) struct Dice(Mutex<Rng>);

impl Dice {
    pub(super) fn new(rng: &mut Rng) -> Arc<Self> {
        Arc::new(Self(Mutex::new(rng.fork())))
    }

    pub(super) fn roll(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }
}

impl Random for Dice {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ClientError> {
        self.roll(bytes);
        Ok(())
    }
}

/// The line to a server: nobody answers while it is down.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<Mutex<Option<Service>>>);

impl Line {
    /// Lets another service answer from now on, or nobody; gives the one before.
    pub(super) fn put(&self, service: Option<Service>) -> Option<Service> {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), service)
    }

    /// Whether both lead to the same server.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Asks the service that answers now.
    pub(super) fn ask<T>(&self, ask: impl FnOnce(&Service) -> T) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(ask)
    }
}

impl Carrier for Line {
    fn exchange(&self, _: &Server, path: &str, body: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        let answer = self.ask(|service| match path {
            "/sync" => service.sync(&body),
            _ => enrol(service, &body),
        });
        answer.ok_or(Refused::Unreachable)?.map_err(|error| ClientError::Server(error.view()))
    }
}

/// As the route does it.
fn enrol(service: &Service, body: &[u8]) -> Result<Vec<u8>, ServerError> {
    let asked: Value = serde_json::from_slice(body)?;
    let text = |name: &str| asked[name].as_str().unwrap_or_default();
    let bytes = |name: &str| HEXLOWER.decode(text(name).as_bytes()).unwrap_or_default();
    let malformed = |_| xeploai_server::error::Refused::BadRequest;
    let key = bytes("key").try_into().map_err(malformed)?;
    let nonce = bytes("nonce").try_into().map_err(malformed)?;
    let enrolled = service.enrol(text("code"), key, nonce, text("device"))?;
    let answer = json!({
        "certificate": HEXLOWER.encode(&enrolled.certificate.encode()),
        "server_certificate": HEXLOWER.encode(&enrolled.server_certificate.encode()),
        "department": service.department(),
        "department_key": HEXLOWER.encode(&enrolled.department_key),
    });
    Ok(serde_json::to_vec(&answer)?)
}
