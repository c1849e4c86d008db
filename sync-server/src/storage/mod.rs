//! The database: the only place with SQL. One file a table, plain functions on a connection.
//!
//! Invariant: one connection writes, in immediate transactions that are durable when they return; readers each see one
//! snapshot. Another process may have the same database open, so nothing may be cached here.

pub mod accounts;
pub mod contents;
pub mod delegations;
pub mod enrolments;
pub mod epochs;
pub mod frames;
pub mod held;
pub mod meta;
mod open;
pub mod places;
pub mod quarantine;
pub mod results;
pub mod scopes;
pub mod snapshots;
pub mod streams;
pub mod verdicts;
pub mod witnesses;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::ServerError;

/// Most idle connections kept for reading.
const READERS_MAX: usize = 8;

/// The database of one department.
#[derive(Debug)]
pub struct Storage {
    path: PathBuf,
    writer: Mutex<Connection>,
    /// Idle connections; `None` on a file layer that takes one connection, where the writer reads too.
    readers: Option<Mutex<Vec<Connection>>>,
}

impl Storage {
    /// Opens or creates the database in `folder` and brings it to this version.
    ///
    /// # Errors
    /// [`crate::error::Refused::StoreTooNew`] for one of a newer program; else what SQLite says.
    pub fn open(folder: &Path) -> Result<Self, ServerError> {
        Self::open_on(folder, None)
    }

    /// As [`Self::open`], on the file layer of SQLite that is registered as `vfs`: without shared memory, so through one
    /// connection that no other may share, for reading as well.
    ///
    /// # Errors
    /// As there.
    pub fn open_on(folder: &Path, vfs: Option<&str>) -> Result<Self, ServerError> {
        let path = folder.join(open::STORE_FILE);
        let writer = Mutex::new(open::open(&path, vfs)?);
        let readers = vfs.is_none().then(Mutex::default);
        Ok(Self { path, writer, readers })
    }

    /// Whether `folder` has a database.
    pub fn exists(folder: &Path) -> bool {
        folder.join(open::STORE_FILE).exists()
    }

    /// Reads one snapshot.
    ///
    /// # Errors
    /// What `read` says, or the database.
    pub fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, ServerError>,
    ) -> Result<T, ServerError> {
        let Some(readers) = &self.readers else {
            let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            return read(&*writer.transaction_with_behavior(TransactionBehavior::Deferred)?);
        };
        let idle = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => open::connect(&self.path, None)?,
        };
        let answer = {
            let snapshot = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
            read(&snapshot)
        };
        let mut readers = readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS_MAX {
            readers.push(connection);
        }
        answer
    }

    /// Writes in one transaction: durable when this returns, undone when `write` fails.
    ///
    /// # Errors
    /// What `write` says, or the database.
    pub fn write<T>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, ServerError>,
    ) -> Result<T, ServerError> {
        // A writer that panicked has rolled its transaction back when it was dropped.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let answer = write(&transaction)?;
        transaction.commit()?;
        Ok(answer)
    }
}

/// The error for a stored value that can't be what it stands for.
fn corrupt(column: usize) -> rusqlite::Error {
    rusqlite::Error::IntegralValueOutOfRange(column, 0)
}
