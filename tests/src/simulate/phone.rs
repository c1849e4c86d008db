//! A phone: a disk, a key store, a clock, and the app while it runs.

use std::rc::Rc;
use std::sync::Arc;

use fastrand::Rng;
use xeploai_client::keys::memory::MemoryKeys;
use xeploai_client::{App, ClientError, Environment};

use super::ledger::Desk;
use super::outside::{Dice, Line, Time, WrongClock};
use crate::disk::{Disk, Image, Loss};

/// Bytes that a disk has left when it is made full: some writes fit, the next don't.
const ALMOST_FULL: usize = 20_000;

/// What was on a phone's disk once, and what its people had written until then.
pub(super) struct Backup {
    pub(super) image: Image,
    pub(super) desk: Desk,
}

/// One phone.
pub(super) struct Phone {
    pub(super) name: String,
    /// The name that it was enrolled under: a copy keeps it.
    pub(super) enrolled_as: String,
    pub(super) disk: Disk,
    pub(super) clock: WrongClock,
    /// The server that this phone is told to talk to.
    pub(super) line: Line,
    pub(super) people: Vec<String>,
    /// What its people have written and not sealed, and what it is known to hold.
    pub(super) desk: Desk,
    pub(super) backup: Option<Backup>,
    /// How often a backup was put back.
    pub(super) restores: u64,
    /// Whether the key file was copied with the store, so that two devices write one stream.
    pub(super) cloned: bool,
    pub(super) full: bool,
    /// Whether the server refuses it.
    pub(super) put_out: bool,
    /// Whether a sync is under way.
    pub(super) syncing: bool,
    keys: Arc<MemoryKeys>,
    dice: Arc<Dice>,
    app: Option<Rc<App>>,
    /// Changes of its disk when it was looked at last.
    looked_at: Option<u64>,
}

impl Phone {
    pub(super) fn new(name: &str, people: &[&str], line: Line, time: &Time, rng: &mut Rng) -> Self {
        Self {
            name: name.to_owned(),
            enrolled_as: name.to_owned(),
            disk: Disk::new(rng.u64(..)),
            clock: WrongClock::right(time),
            line,
            people: people.iter().map(|code| (*code).to_owned()).collect(),
            desk: Desk::default(),
            backup: None,
            restores: 0,
            cloned: false,
            full: false,
            put_out: false,
            syncing: false,
            keys: Arc::default(),
            dice: Dice::new(rng),
            app: None,
            looked_at: None,
        }
    }

    /// A second phone with the same store and the same key file.
    pub(super) fn clone_of(other: &mut Self, time: &Time, rng: &mut Rng) -> Self {
        other.cloned = true;
        Self {
            name: format!("{} (bản sao)", other.name),
            disk: Disk::from_image(&other.disk.snapshot(), rng.u64(..)),
            desk: other.desk.clone(),
            cloned: true,
            people: other.people.clone(),
            enrolled_as: other.enrolled_as.clone(),
            keys: Arc::new(MemoryKeys::clone(&other.keys)),
            ..Self::new("", &[], other.line.clone(), time, rng)
        }
    }

    fn environment(&self) -> Environment {
        Environment {
            clock: Arc::new(self.clock.clone()),
            random: self.dice.clone(),
            keys: self.keys.clone(),
            carrier: Arc::new(self.line.clone()),
            vfs: Some(Disk::vfs().to_owned()),
        }
    }

    /// The app, started when it is not running.
    ///
    /// # Errors
    /// When the store does not open, which a healthy disk never does.
    pub(super) fn app(&mut self) -> Result<Rc<App>, ClientError> {
        if let Some(app) = &self.app {
            return Ok(Rc::clone(app));
        }
        let app = Rc::new(App::open_with(&self.disk.folder(), self.environment())?);
        self.app = Some(Rc::clone(&app));
        Ok(app)
    }

    /// The power goes: the app is gone, and of the disk what was not synced.
    pub(super) fn crash(&mut self, loss: Loss) {
        self.disk.crash(loss);
        self.disk.fail_syncs(false);
        self.clock.restart();
        self.app = None;
        // Of what was written and not synced, a piece may have come to the medium.
        self.looked_at = None;
    }

    /// Closes the app in good order.
    pub(super) fn close(&mut self) {
        self.app = None;
    }

    /// The disk is full from now on, or has room again.
    pub(super) fn set_full(&mut self, full: bool) {
        let used: usize = self.disk.snapshot().sizes().values().sum();
        self.full = full;
        self.disk.set_capacity(if full { (used + ALMOST_FULL) as u64 } else { u64::MAX });
    }

    /// Notes what is durable now, to be put back later.
    pub(super) fn back_up(&mut self) {
        self.backup = Some(Backup { image: self.disk.snapshot(), desk: self.desk.clone() });
    }

    /// Puts the backup back, if there is one; the keys and their marks stay as they are.
    pub(super) fn restore(&mut self) -> bool {
        let Some(backup) = self.backup.take() else { return false };
        self.disk.restore(&backup.image);
        self.app = None;
        self.desk = backup.desk;
        self.restores += 1;
        self.looked_at = None;
        true
    }

    /// Whether the disk has changed since this was asked last.
    pub(super) fn has_changed(&mut self) -> bool {
        let changes = Some(self.disk.writes() + self.disk.syncs());
        std::mem::replace(&mut self.looked_at, changes) != changes
    }
}
