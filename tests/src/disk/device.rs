//! The state of one disk: files, their names, and what is about to go wrong.
//!
//! Invariant: `durable` names hold after a power cut; `names` is `durable` with the `pending` changes in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sqlite_plugin::flags::LockLevel;
use sqlite_plugin::vars;
use sqlite_plugin::vfs::VfsResult;

use super::file::{File, Luck};
use super::{Image, Loss};

/// Number of a file, whatever its name; never given twice.
pub(super) type FileId = u64;

/// Bytes that fit on a new disk: no limit in practice.
const CAPACITY: u64 = u64::MAX;

#[derive(Debug)]
pub(super) struct Device {
    files: BTreeMap<FileId, File>,
    names: BTreeMap<String, FileId>,
    durable: BTreeMap<String, FileId>,
    /// A creation has a file, a deletion none.
    pending: Vec<(String, Option<FileId>)>,
    /// Open handles with their file and lock.
    handles: BTreeMap<u64, (FileId, LockLevel)>,
    last_id: u64,
    rng: fastrand::Rng,
    /// Steps until everything fails.
    fuse: Option<u64>,
    dead: bool,
    pub(super) fail_syncs: bool,
    pub(super) capacity: u64,
    pub(super) writes: u64,
    pub(super) syncs: u64,
}

impl Device {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            files: BTreeMap::new(),
            names: BTreeMap::new(),
            durable: BTreeMap::new(),
            pending: Vec::new(),
            handles: BTreeMap::new(),
            last_id: 0,
            rng: fastrand::Rng::with_seed(seed),
            fuse: None,
            dead: false,
            fail_syncs: false,
            capacity: CAPACITY,
            writes: 0,
            syncs: 0,
        }
    }

    /// Lets the `steps`-th change or sync from now fail, and all that comes after it.
    pub(super) fn fail_at(&mut self, steps: u64) {
        self.fuse = Some(steps.max(1));
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Counts one change or sync; false when the power went during it.
    fn step(&mut self) -> bool {
        if let Some(left) = &mut self.fuse {
            *left = left.saturating_sub(1);
            self.dead |= *left == 0;
        }
        !self.dead
    }

    /// A change: it may be on its way to the medium even when the power goes during it, so the caller makes it before
    /// it looks at the answer.
    fn change(&mut self, code: i32) -> VfsResult<()> {
        self.writes += 1;
        if self.step() { Ok(()) } else { Err(code) }
    }

    pub(super) fn alive(&self, code: i32) -> VfsResult<()> {
        if self.dead { Err(code) } else { Ok(()) }
    }

    /// The file of an open handle; after a crash no handle has one.
    fn file(&mut self, handle: u64, code: i32) -> VfsResult<(FileId, &mut File)> {
        self.alive(code)?;
        let (id, _) = self.handles.get(&handle).ok_or(code)?;
        let file = self.files.get_mut(id).ok_or(code)?;
        Ok((*id, file))
    }

    pub(super) fn exists(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// A handle on the file `name`, which is made when `create` says so.
    pub(super) fn open(&mut self, name: &str, create: bool, must_create: bool) -> VfsResult<u64> {
        self.alive(vars::SQLITE_CANTOPEN)?;
        let found = self.names.get(name).copied();
        let file = match found {
            Some(file) if !must_create => file,
            None if create => self.create(name)?,
            _ => return Err(vars::SQLITE_CANTOPEN),
        };
        let handle = self.next_id();
        self.handles.insert(handle, (file, LockLevel::Unlocked));
        Ok(handle)
    }

    fn create(&mut self, name: &str) -> VfsResult<FileId> {
        let id = self.next_id();
        self.files.insert(id, File::default());
        self.names.insert(name.to_owned(), id);
        self.pending.push((name.to_owned(), Some(id)));
        self.change(vars::SQLITE_CANTOPEN)?;
        Ok(id)
    }

    pub(super) fn delete(&mut self, name: &str) -> VfsResult<()> {
        self.alive(vars::SQLITE_IOERR_DELETE)?;
        self.names.remove(name).ok_or(vars::SQLITE_IOERR_DELETE_NOENT)?;
        self.pending.push((name.to_owned(), None));
        self.change(vars::SQLITE_IOERR_DELETE)
    }

    pub(super) fn close(&mut self, handle: u64) {
        self.handles.remove(&handle);
        self.forget_nameless();
    }

    pub(super) fn len(&mut self, handle: u64) -> VfsResult<usize> {
        Ok(self.file(handle, vars::SQLITE_IOERR_FSTAT)?.1.len())
    }

    pub(super) fn read(&mut self, handle: u64, offset: usize, buffer: &mut [u8]) -> VfsResult<usize> {
        Ok(self.file(handle, vars::SQLITE_IOERR_READ)?.1.read(offset, buffer))
    }

    pub(super) fn write(&mut self, handle: u64, offset: usize, data: &[u8]) -> VfsResult<()> {
        let code = vars::SQLITE_IOERR_WRITE;
        let len = self.file(handle, code)?.1.len();
        let end = offset.checked_add(data.len()).ok_or(vars::SQLITE_FULL)?;
        self.room_for(end.saturating_sub(len))?;
        self.file(handle, code)?.1.write(offset, data);
        self.change(code)
    }

    pub(super) fn truncate(&mut self, handle: u64, len: usize) -> VfsResult<()> {
        let code = vars::SQLITE_IOERR_TRUNCATE;
        let old = self.file(handle, code)?.1.len();
        self.room_for(len.saturating_sub(old))?;
        self.file(handle, code)?.1.resize(len);
        self.change(code)
    }

    /// Whether the disk takes `growth` more bytes. What shrinks or stays always fits.
    fn room_for(&self, growth: usize) -> VfsResult<()> {
        let used: usize = self.files.values().map(File::len).sum();
        let wanted = u64::try_from(used.saturating_add(growth)).unwrap_or(u64::MAX);
        if growth > 0 && wanted > self.capacity { Err(vars::SQLITE_FULL) } else { Ok(()) }
    }

    /// Makes a file durable and, when it is new, its folder: as SQLite's own layer does on Unix.
    pub(super) fn sync(&mut self, handle: u64) -> VfsResult<()> {
        let code = vars::SQLITE_IOERR_FSYNC;
        let (id, _) = self.file(handle, code)?;
        self.syncs += 1;
        if !self.step() || self.fail_syncs {
            return Err(code);
        }
        self.file(handle, code)?.1.sync();
        if self.pending.iter().any(|(_, created)| *created == Some(id)) {
            self.pending.clear();
            self.durable.clone_from(&self.names);
            self.forget_nameless();
        }
        Ok(())
    }

    /// Takes a higher lock or says busy. `Pending` is never asked for; a writer that waits simply tries again.
    pub(super) fn lock(&mut self, handle: u64, level: LockLevel) -> VfsResult<()> {
        let (id, _) = self.file(handle, vars::SQLITE_IOERR_LOCK)?;
        let highest = self.highest_of_others(handle, id);
        let free = match level {
            LockLevel::Unlocked => true,
            LockLevel::Shared => highest < LockLevel::Pending,
            LockLevel::Reserved | LockLevel::Pending => highest < LockLevel::Reserved,
            LockLevel::Exclusive => highest == LockLevel::Unlocked,
        };
        if !free {
            return Err(vars::SQLITE_BUSY);
        }
        self.handles.entry(handle).and_modify(|(_, held)| *held = level.max(*held));
        Ok(())
    }

    pub(super) fn unlock(&mut self, handle: u64, level: LockLevel) -> VfsResult<()> {
        self.file(handle, vars::SQLITE_IOERR_UNLOCK)?;
        self.handles.entry(handle).and_modify(|(_, held)| *held = level.min(*held));
        Ok(())
    }

    pub(super) fn reserved(&mut self, handle: u64) -> VfsResult<bool> {
        let (id, _) = self.file(handle, vars::SQLITE_IOERR_CHECKRESERVEDLOCK)?;
        Ok(self.highest_of_others(handle, id) >= LockLevel::Reserved)
    }

    fn highest_of_others(&self, handle: u64, file: FileId) -> LockLevel {
        let others = self.handles.iter().filter(|(other, (of, _))| **other != handle && *of == file);
        others.map(|(_, (_, level))| *level).max().unwrap_or(LockLevel::Unlocked)
    }

    /// The power goes and comes back: unsynced changes are lost as `loss` says, handles are dead, planned failures over.
    pub(super) fn crash(&mut self, loss: Loss) {
        let quarters = self.rng.u8(0..=4);
        let mut luck = Luck { rng: &mut self.rng, quarters };
        for file in self.files.values_mut() {
            file.crash(matches!(loss, Loss::Some).then_some(&mut luck));
        }
        let mut lost = BTreeSet::new();
        for (name, file) in std::mem::take(&mut self.pending) {
            // Changes of one name keep their order; those of different names need not.
            if lost.contains(&name) || loss == Loss::All || !luck.survives() {
                lost.insert(name);
            } else if let Some(file) = file {
                self.durable.insert(name, file);
            } else {
                self.durable.remove(&name);
            }
        }
        self.restart();
    }

    fn restart(&mut self) {
        self.names.clone_from(&self.durable);
        self.pending.clear();
        self.handles.clear();
        self.fuse = None;
        self.dead = false;
        self.forget_nameless();
    }

    /// Drops files that no name and no handle leads to.
    fn forget_nameless(&mut self) {
        let named = self.names.values().chain(self.durable.values());
        let pending = self.pending.iter().filter_map(|(_, file)| file.as_ref());
        let open = self.handles.values().map(|(file, _)| file);
        let used: BTreeSet<_> = named.chain(pending).chain(open).copied().collect();
        self.files.retain(|id, _| used.contains(id));
    }

    /// What a power cut can't take, now.
    pub(super) fn image(&self) -> Image {
        let file = |(name, id): (&String, &FileId)| Some((name.clone(), self.files.get(id)?.image()));
        Image { files: self.durable.iter().filter_map(file).collect() }
    }

    /// What programs see, now: a power cut may take some of it.
    pub(super) fn seen(&self) -> Image {
        let file = |(name, id): (&String, &FileId)| Some((name.clone(), self.files.get(id)?.seen()));
        Image { files: self.names.iter().filter_map(file).collect() }
    }

    /// Replaces everything on the disk; handles are dead.
    pub(super) fn restore(&mut self, image: &Image) {
        self.files.clear();
        self.durable.clear();
        for (name, content) in &image.files {
            let id = self.next_id();
            self.files.insert(id, File::durable(Arc::clone(content)));
            self.durable.insert(name.clone(), id);
        }
        self.restart();
    }
}
