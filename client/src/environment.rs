//! What the client takes from outside: time, randomness, keys, the network, and where files are.
//!
//! Invariant: nothing else in this crate asks the system for them, so that a simulator can run many devices in one
//! thread, on a clock of its own, and play the same run again from its seed. A test reads the sources for it.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::carrier::Carrier;
use crate::carrier::http::HttpCarrier;
use crate::error::ClientError;
use crate::keys::KeyStore;
use crate::keys::file::FileKeys;

/// A clock.
pub trait Clock: Send + Sync {
    /// Unix seconds, as the device claims: shown to people, and decides nothing.
    fn now(&self) -> i64;

    /// How long the device has been on, its sleep included; nothing where it can't say: a witness then states no times.
    fn uptime(&self) -> Option<Uptime> {
        None
    }
}

/// A moment of a clock that nobody can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// Names the device's start: two of them can't be compared.
    pub boot: [u8; 8],
    /// Seconds since then.
    pub seconds: u64,
}

/// A source of randomness.
pub trait Random: Send + Sync {
    /// Fills `bytes` with what nobody can guess.
    ///
    /// # Errors
    /// When there is none.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ClientError>;
}

/// Everything that an [`crate::App`] needs of its device.
#[derive(Clone)]
pub struct Environment {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for keys and nonces.
    pub random: Arc<dyn Random>,
    /// Keys, and how far they have sealed.
    pub keys: Arc<dyn KeyStore>,
    /// How bytes get to the server.
    pub carrier: Arc<dyn Carrier>,
    /// Name of the SQLite file layer that the store is opened on; the system's when absent.
    pub vfs: Option<String>,
}

impl Environment {
    /// The system's, with the keys beside the store in `folder`. Touches nothing yet.
    pub fn system(folder: &Path) -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            keys: Arc::new(FileKeys::new(folder)),
            carrier: Arc::new(HttpCarrier::default()),
            vfs: None,
        }
    }

    /// `N` random bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> Result<[u8; N], ClientError> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes)?;
        Ok(bytes)
    }
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second()
    }

    /// As Linux and Android tell it.
    fn uptime(&self) -> Option<Uptime> {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let boot = *uuid::Uuid::parse_str(boot.trim()).ok()?.as_bytes().first_chunk()?;
        let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
        Some(Uptime { boot, seconds: uptime.split('.').next()?.parse().ok()? })
    }
}

struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ClientError> {
        getrandom::fill(bytes).map_err(|_| ClientError::Randomness)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn linux_tells_how_long_it_has_been_on() {
        let uptime = || SystemClock.uptime().unwrap();
        let (before, after) = (uptime(), uptime());
        assert!(before.boot == after.boot && before.boot != [0; 8]);
        assert!(before.seconds <= after.seconds);
    }
}
