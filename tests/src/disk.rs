//! A disk that forgets: a file layer for SQLite, in memory, where a crash takes what was not synced.
//!
//! Open a store with [`Disk::path`] and [`Disk::vfs`], and set `locking_mode=EXCLUSIVE` before the first access: there
//! is no shared memory, so a store in WAL mode has one connection at a time.
//!
//! ```text
//! let disk = Disk::new(7);
//! let store = Connection::open_with_flags_and_vfs(disk.path("a.db"), OpenFlags::default(), Disk::vfs())?;
//! ```
//!
//! Model: a write is seen at once and durable after the next sync of its file. A file's creation or deletion is durable
//! after the sync of a new file (which syncs the folder, as SQLite does on Unix). A sector holds its last write or what
//! it held at the last sync, nothing between and nothing else: a disk that lies about syncs or rots is not simulated.
//!
//! Invariant: the same seed and the same calls lose the same sectors; disks know nothing of each other.

mod device;
mod file;
mod layer;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use sqlite_plugin::vfs::{RegisterOpts, register_static};

use device::Device;
use layer::{Layer, Shared, locked};

/// Name of the file layer in SQLite.
const VFS: &str = "forgetful-disk";
/// What every path starts with, before the number of the disk.
const ROOT: &str = "/disk-";

static DISKS: Mutex<BTreeMap<u64, Weak<Mutex<Device>>>> = Mutex::new(BTreeMap::new());
static LAST: AtomicU64 = AtomicU64::new(0);

/// The device of disk `number`, while anyone holds it.
fn device(number: u64) -> Option<Shared> {
    DISKS.lock().unwrap_or_else(PoisonError::into_inner).get(&number)?.upgrade()
}

/// What a crash takes of the changes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of them.
    All,
    /// Those that the disk's seed says, sector by sector and name by name: now and then all, now and then none.
    Some,
}

/// What is durable on a disk at one moment: a backup that can be put on any disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    files: BTreeMap<String, Arc<Vec<u8>>>,
}

impl Image {
    /// Writes every file into a folder of the real disk, to be looked at with other tools.
    ///
    /// # Errors
    /// What the file system says.
    pub fn save(&self, folder: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        self.files
            .iter()
            .try_for_each(|(name, content)| std::fs::write(folder.join(name), content.as_slice()))
    }

    /// Length of every file, by its name.
    pub fn sizes(&self) -> BTreeMap<&str, usize> {
        self.files.iter().map(|(name, content)| (name.as_str(), content.len())).collect()
    }
}

/// One disk. Clones are the same disk; it is gone with the last of them.
#[derive(Debug, Clone)]
pub struct Disk {
    number: u64,
    device: Shared,
}

impl Disk {
    /// An empty disk without limit; `seed` decides what survives its crashes.
    pub fn new(seed: u64) -> Self {
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let device = Arc::new(Mutex::new(Device::new(seed)));
        let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
        disks.retain(|_, device| device.strong_count() > 0);
        disks.insert(number, Arc::downgrade(&device));
        Self { number, device }
    }

    /// A new disk with the files of `image`.
    pub fn from_image(image: &Image, seed: u64) -> Self {
        let disk = Self::new(seed);
        disk.restore(image);
        disk
    }

    /// Name of the file layer to open a path with. The first call registers it.
    ///
    /// # Panics
    /// When SQLite can't start.
    pub fn vfs() -> &'static str {
        static REGISTERED: OnceLock<bool> = OnceLock::new();
        let register = || {
            let Ok(name) = std::ffi::CString::new(VFS) else { return false };
            register_static(name, Layer, RegisterOpts { make_default: false }).is_ok()
        };
        assert!(*REGISTERED.get_or_init(register), "SQLite takes the file layer");
        VFS
    }

    /// The folder of this disk: to join names with.
    pub fn folder(&self) -> PathBuf {
        PathBuf::from(format!("{ROOT}{}", self.number))
    }

    /// Path of the file `name` on this disk.
    pub fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("{ROOT}{}/{name}", self.number))
    }

    /// Whether a program would see a file `name` now.
    pub fn exists(&self, name: &str) -> bool {
        locked(&self.device).exists(name)
    }

    /// The power goes and comes back. Unsynced changes are lost as `loss` says, handles opened before fail from now on,
    /// and what [`Self::fail_at`] planned or did is over.
    pub fn crash(&self, loss: Loss) {
        locked(&self.device).crash(loss);
    }

    /// As [`Self::crash`] with [`Loss::Some`]: the usual end of [`Self::fail_at`].
    pub fn reboot(&self) {
        self.crash(Loss::Some);
    }

    /// The `steps`-th step from now (1 is the next) fails with an I/O error, and every call after it, until the next
    /// crash or reboot. A step is a sync or a change: write, truncation, creation, deletion. Other than a sync, the step
    /// that fails may still have reached the disk in part.
    pub fn fail_at(&self, steps: u64) {
        locked(&self.device).fail_at(steps);
    }

    /// Syncs fail and make nothing durable, until told otherwise.
    pub fn fail_syncs(&self, fail: bool) {
        locked(&self.device).fail_syncs = fail;
    }

    /// Bytes that fit on the disk. Writes beyond them fail as on a full disk.
    pub fn set_capacity(&self, bytes: u64) {
        locked(&self.device).capacity = bytes;
    }

    /// Changes (writes, truncations, creations, deletions) since the disk was new, also those that failed half way.
    pub fn writes(&self) -> u64 {
        locked(&self.device).writes
    }

    /// Syncs since the disk was new, also those that failed.
    pub fn syncs(&self) -> u64 {
        locked(&self.device).syncs
    }

    /// A backup of what is durable now.
    pub fn snapshot(&self) -> Image {
        locked(&self.device).image()
    }

    /// What programs see now, durable or not.
    pub fn seen(&self) -> Image {
        locked(&self.device).seen()
    }

    /// Puts `image` in the place of everything on the disk. Handles opened before fail from now on.
    pub fn restore(&self, image: &Image) {
        locked(&self.device).restore(image);
    }
}
