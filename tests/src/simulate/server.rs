//! A server: a disk, keys that no backup holds, and the service while it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use fastrand::Rng;
use xeploai_core::ids::FrameHash;
use xeploai_core::period::Period;
use xeploai_core::sync::verdict::Rank;
use xeploai_server::error::ServerError;
use xeploai_server::service::{Environment, Keys, Service};

use super::office;
use super::outside::{Dice, Line, Time, WrongClock};
use crate::disk::{Disk, Image, Loss};

/// What a server is known to hold: each frame, with the rank of the verdict that counts.
pub(super) type Shelf = BTreeMap<FrameHash, Option<Rank>>;

/// One server.
pub(super) struct Server {
    pub(super) disk: Disk,
    pub(super) clock: WrongClock,
    pub(super) line: Line,
    pub(super) shelf: Shelf,
    /// Which months it knew to be locked when it was looked at last; none since it was down or put back.
    pub(super) locked: BTreeSet<Period>,
    pub(super) backup: Option<(Image, Shelf)>,
    pub(super) keys: Pair,
    dice: Arc<Dice>,
    looked_at: Option<u64>,
}

/// The keys of a department.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) department: SigningKey,
    pub(super) server: SigningKey,
}

impl Pair {
    fn keys(&self) -> Keys {
        Keys {
            department: self.department.clone(),
            server: self.server.clone(),
            tls_certificate: Vec::new(),
            tls_key: Vec::new(),
        }
    }
}

impl Server {
    /// A new department's server, with its people and periods.
    ///
    /// # Errors
    /// What the service says.
    pub(super) fn init(time: &Time, rng: &mut Rng) -> Result<Self, ServerError> {
        let mut secret = || {
            let mut secret = [0; 32];
            rng.fill(&mut secret);
            SigningKey::from_bytes(&secret)
        };
        let keys = Pair { department: secret(), server: secret() };
        let server = Self::on(Disk::new(rng.u64(..)), keys, Shelf::new(), time, rng);
        let (folder, keys) = (server.disk.folder(), server.keys.keys());
        let service = Service::init_with(&folder, keys, server.environment(), "Sở thử", true)?;
        service.write_documents(office::documents(service.department()))?;
        server.line.put(Some(service));
        Ok(server)
    }

    fn on(disk: Disk, keys: Pair, shelf: Shelf, time: &Time, rng: &mut Rng) -> Self {
        Self {
            disk,
            clock: WrongClock::right(time),
            line: Line::default(),
            shelf,
            locked: BTreeSet::new(),
            backup: None,
            keys,
            dice: Dice::new(rng),
            looked_at: None,
        }
    }

    /// A second server on a copy of this one's disk, which runs beside it.
    pub(super) fn copy(&self, time: &Time, rng: &mut Rng) -> Self {
        let disk = Disk::from_image(&self.disk.snapshot(), rng.u64(..));
        Self::on(disk, self.keys.clone(), self.shelf.clone(), time, rng)
    }

    fn environment(&self) -> Environment {
        let (clock, dice) = (self.clock.clone(), Arc::clone(&self.dice));
        Environment {
            clock: Box::new(move || clock.seconds()),
            random: Box::new(move |bytes| {
                dice.roll(bytes);
                Ok(())
            }),
            vfs: Some(Disk::vfs().to_owned()),
        }
    }

    /// Starts the service when it is down. Each start begins an epoch, unless the copy is put back behind its back.
    ///
    /// # Errors
    /// When the store does not open, which a healthy disk never does.
    pub(super) fn start(&mut self, silently: bool) -> Result<(), ServerError> {
        if self.line.ask(|_| ()).is_some() {
            return Ok(());
        }
        let service = Service::open_with(&self.disk.folder(), self.keys.keys(), self.environment())?;
        if !silently {
            service.begin_epoch()?;
        }
        self.line.put(Some(service));
        Ok(())
    }

    /// Which months it knows to be locked; none while it is down.
    pub(super) fn knows_locked(&self) -> BTreeSet<Period> {
        let config = self.line.ask(Service::config).and_then(Result::ok);
        let periods = config.into_iter().flat_map(|config| config.periods.clone().into_values());
        periods.filter(|record| record.locked).map(|record| record.period).collect()
    }

    /// The power goes.
    pub(super) fn crash(&mut self, loss: Loss) {
        self.disk.crash(loss);
        self.disk.fail_syncs(false);
        self.looked_at = None;
        self.locked.clear();
        self.line.put(None);
    }

    /// The backup, a copy of the disk and of nothing else.
    pub(super) fn back_up(&mut self) {
        self.backup = Some((self.disk.snapshot(), self.shelf.clone()));
    }

    /// Puts the backup in the place of the disk, if there is one.
    pub(super) fn restore(&mut self) -> bool {
        let Some((image, shelf)) = self.backup.clone() else { return false };
        self.line.put(None);
        self.disk.restore(&image);
        self.shelf = shelf;
        self.looked_at = None;
        self.locked.clear();
        true
    }

    /// Whether the disk has changed since this was asked last.
    pub(super) fn has_changed(&mut self) -> bool {
        let changes = Some(self.disk.writes() + self.disk.syncs());
        std::mem::replace(&mut self.looked_at, changes) != changes
    }
}
