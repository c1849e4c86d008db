//! The file layer that SQLite calls: finds the disk of a path and passes every call on.
//!
//! Invariant: nothing here keeps state, and a handle reaches its own disk alone. What SQLite asks of the machine
//! besides files (time, sleep, random salts of the log) still comes from its default layer.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlite_plugin::flags::{AccessFlags, CreateMode, LockLevel, OpenMode, OpenOpts};
use sqlite_plugin::vars;
use sqlite_plugin::vfs::{Vfs, VfsHandle, VfsResult};

use super::device::Device;
use super::file::SECTOR;

/// A device behind its lock.
pub(super) type Shared = Arc<Mutex<Device>>;

/// The device, also after a test panicked while it held it.
pub(super) fn locked(device: &Shared) -> MutexGuard<'_, Device> {
    device.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All disks of the process, as one file layer.
#[derive(Debug)]
pub(super) struct Layer;

/// An open file.
#[derive(Debug)]
pub(super) struct Handle {
    device: Shared,
    number: u64,
    /// Name to delete when the handle closes.
    delete: Option<String>,
}

impl Handle {
    fn device(&self) -> MutexGuard<'_, Device> {
        locked(&self.device)
    }
}

impl VfsHandle for Handle {
    fn readonly(&self) -> bool {
        false
    }

    fn in_memory(&self) -> bool {
        false
    }
}

/// The disk and the name on it that a path means.
fn find(path: &str) -> VfsResult<(Shared, &str)> {
    let rest = path.strip_prefix(super::ROOT).ok_or(vars::SQLITE_CANTOPEN)?;
    let (number, name) = rest.split_once('/').ok_or(vars::SQLITE_CANTOPEN)?;
    let number = number.parse().map_err(|_| vars::SQLITE_CANTOPEN)?;
    Ok((super::device(number).ok_or(vars::SQLITE_CANTOPEN)?, name))
}

impl Vfs for Layer {
    type Handle = Handle;

    fn canonical_path<'a>(&self, path: Cow<'a, str>) -> VfsResult<Cow<'a, str>> {
        // A folder joined with a name on Windows.
        Ok(if path.contains('\\') { path.replace('\\', "/").into() } else { path })
    }

    fn open(&self, path: Option<&str>, opts: OpenOpts) -> VfsResult<Handle> {
        let Some(path) = path else {
            // A temporary file of SQLite: a disk of its own, which nobody crashes.
            let device = Arc::new(Mutex::new(Device::new(0)));
            let number = locked(&device).open("temporary", true, false)?;
            return Ok(Handle { device, number, delete: None });
        };
        let (device, name) = find(path)?;
        let create = match opts.mode() {
            OpenMode::ReadWrite { create } => create,
            OpenMode::ReadOnly => CreateMode::None,
        };
        let must = create == CreateMode::MustCreate;
        let number = locked(&device).open(name, create != CreateMode::None, must)?;
        Ok(Handle { device, number, delete: opts.delete_on_close().then(|| name.to_owned()) })
    }

    fn delete(&self, path: &str) -> VfsResult<()> {
        let (device, name) = find(path)?;
        locked(&device).delete(name)
    }

    fn access(&self, path: &str, _flags: AccessFlags) -> VfsResult<bool> {
        let (device, name) = find(path)?;
        let device = locked(&device);
        device.alive(vars::SQLITE_IOERR_ACCESS)?;
        Ok(device.exists(name))
    }

    fn file_size(&self, handle: &mut Handle) -> VfsResult<usize> {
        handle.device().len(handle.number)
    }

    fn truncate(&self, handle: &mut Handle, size: usize) -> VfsResult<()> {
        handle.device().truncate(handle.number, size)
    }

    fn write(&self, handle: &mut Handle, offset: usize, data: &[u8]) -> VfsResult<usize> {
        handle.device().write(handle.number, offset, data)?;
        Ok(data.len())
    }

    fn read(&self, handle: &mut Handle, offset: usize, data: &mut [u8]) -> VfsResult<usize> {
        handle.device().read(handle.number, offset, data)
    }

    fn lock(&self, handle: &mut Handle, level: LockLevel) -> VfsResult<()> {
        handle.device().lock(handle.number, level)
    }

    fn unlock(&self, handle: &mut Handle, level: LockLevel) -> VfsResult<()> {
        handle.device().unlock(handle.number, level)
    }

    fn check_reserved_lock(&self, handle: &mut Handle) -> VfsResult<bool> {
        handle.device().reserved(handle.number)
    }

    fn sync(&self, handle: &mut Handle) -> VfsResult<()> {
        handle.device().sync(handle.number)
    }

    fn close(&self, handle: Handle) -> VfsResult<()> {
        let mut device = handle.device();
        device.close(handle.number);
        match &handle.delete {
            Some(name) => device.delete(name),
            None => Ok(()),
        }
    }

    fn sector_size(&self, _handle: &mut Handle) -> VfsResult<i32> {
        i32::try_from(SECTOR).map_err(|_| vars::SQLITE_INTERNAL)
    }

    /// What SQLite assumes on Unix, and no more: a lost write leaves the bytes beside it alone. The library's default
    /// promises atomic writes in order, which a torn write breaks.
    fn device_characteristics(&self, _handle: &mut Handle) -> VfsResult<i32> {
        Ok(vars::SQLITE_IOCAP_POWERSAFE_OVERWRITE)
    }
}
