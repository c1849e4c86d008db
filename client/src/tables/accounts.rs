//! `accounts`: the people of this device.
//!
//! Invariant: one of them is active at most. An account names its key by the public half; whether this device has the
//! private one is the key store's to say, so that a copied store makes nobody of its people.

use rusqlite::{Connection, OptionalExtension, Row};
use xeploai_core::ids::{DepartmentId, PersonId, StreamId};
use xeploai_core::sync::plan::Trust;

use crate::carrier::{FINGERPRINT_BYTES, Server};
use crate::error::ClientError;
use crate::transact::Write;

/// A person of this device: where he is enrolled, and what he writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub person: PersonId,
    /// Department.
    pub department: DepartmentId,
    /// The department's public key: the root of trust.
    pub department_key: [u8; 32],
    /// Server's address.
    pub server: String,
    /// Fingerprint of its certificate.
    pub fingerprint: Option<[u8; FINGERPRINT_BYTES]>,
    /// The stream that is written now.
    pub stream: StreamId,
    /// Public half of the key that signs it.
    pub key: [u8; 32],
    /// This device's name.
    pub device: String,
    /// Whether the stream must not go on, see [`mark_restored`].
    pub restored: bool,
    /// Whether he uses the device now.
    pub active: bool,
}

impl Account {
    /// Whose word counts.
    pub(crate) fn trust(&self) -> Trust {
        Trust { department: self.department, key: self.department_key }
    }

    /// The server to talk to.
    pub(crate) fn server(&self) -> Result<Server, ClientError> {
        Ok(Server::new(&self.server, self.fingerprint)?)
    }
}

const COLUMNS: &str =
    "person, department, department_key, server, fingerprint, stream, key, device, restored, active";

fn read(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        person: PersonId(row.get(0)?),
        department: DepartmentId(row.get(1)?),
        department_key: row.get(2)?,
        server: row.get(3)?,
        fingerprint: row.get(4)?,
        stream: StreamId(row.get(5)?),
        key: row.get(6)?,
        device: row.get(7)?,
        restored: row.get(8)?,
        active: row.get(9)?,
    })
}

/// Everybody, the active one first.
///
/// # Errors
/// When the store fails.
pub fn all(connection: &Connection) -> Result<Vec<Account>, ClientError> {
    let mut query =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM accounts ORDER BY active DESC, person"))?;
    Ok(query.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// A person's account.
///
/// # Errors
/// When the store fails.
pub fn get(connection: &Connection, person: PersonId) -> Result<Option<Account>, ClientError> {
    let mut query =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM accounts WHERE person = ?1"))?;
    Ok(query.query_row([person.0], read).optional()?)
}

/// The account of whoever uses the device now.
///
/// # Errors
/// When the store fails.
pub fn active(connection: &Connection) -> Result<Option<Account>, ClientError> {
    let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM accounts WHERE active = 1"))?;
    Ok(query.query_row([], read).optional()?)
}

/// Adds an account, or enrols its person anew: his reading then starts from the beginning. Not active yet.
///
/// # Errors
/// When the store fails.
pub fn put(write: &Write<'_>, account: &Account) -> Result<(), ClientError> {
    write.execute(
        "INSERT INTO accounts (person, department, department_key, server, fingerprint, stream, key, device,
           cursor, history, restored, active)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, x'', x'', 0, 0)
         ON CONFLICT (person) DO UPDATE SET department_key = excluded.department_key, server = excluded.server,
           fingerprint = excluded.fingerprint, stream = excluded.stream, key = excluded.key,
           device = excluded.device, cursor = x'', history = x'', restored = 0",
        (
            account.person.0,
            account.department.0,
            account.department_key,
            &account.server,
            account.fingerprint,
            account.stream.0,
            account.key,
            &account.device,
        ),
    )?;
    Ok(())
}

/// Makes a person the one who uses the device.
///
/// # Errors
/// When the store fails.
pub fn activate(write: &Write<'_>, person: PersonId) -> Result<(), ClientError> {
    write.execute("UPDATE accounts SET active = 0 WHERE active = 1", [])?;
    write.execute("UPDATE accounts SET active = 1 WHERE person = ?1", [person.0])?;
    Ok(())
}

/// Lets a person go on in another stream of his.
///
/// # Errors
/// When the store fails.
pub fn set_stream(write: &Write<'_>, person: PersonId, stream: StreamId) -> Result<(), ClientError> {
    write.execute("UPDATE accounts SET stream = ?2, restored = 0 WHERE person = ?1", (person.0, stream.0))?;
    Ok(())
}

/// Notes that a stream was found to go on elsewhere: a peer has shown a validly signed frame of it that this store
/// does not hold, so the store was restored or copied. The next thing sealed opens a new stream. A stream that is not
/// written any more needs no note.
///
/// # Errors
/// When the store fails.
pub fn mark_restored(write: &Write<'_>, stream: StreamId) -> Result<(), ClientError> {
    write.execute("UPDATE accounts SET restored = 1 WHERE stream = ?1", [stream.0])?;
    Ok(())
}

/// Where a person's reading left off; empty before the first time.
///
/// # Errors
/// When the store fails.
pub fn cursor(connection: &Connection, person: PersonId) -> Result<Vec<u8>, ClientError> {
    let mut query = connection.prepare_cached("SELECT cursor FROM accounts WHERE person = ?1")?;
    Ok(query.query_row([person.0], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// Keeps where a person's reading left off.
///
/// # Errors
/// When the store fails.
pub fn set_cursor(write: &Write<'_>, person: PersonId, cursor: &[u8]) -> Result<(), ClientError> {
    write.execute("UPDATE accounts SET cursor = ?2 WHERE person = ?1", (person.0, cursor))?;
    Ok(())
}

/// Another epoch was heard of than the cursors of this device may be of, from another device or for another person: with
/// what stands for nothing the server tells its epochs again, and compares.
///
/// # Errors
/// When the store fails.
pub fn doubt_cursors(write: &Write<'_>) -> Result<(), ClientError> {
    write.execute("UPDATE accounts SET cursor = x'00' WHERE cursor <> x''", [])?;
    Ok(())
}

/// Where a person's reading of what stands behind snapshots left off; empty before the first time.
///
/// # Errors
/// When the store fails.
pub fn history(connection: &Connection, person: PersonId) -> Result<Vec<u8>, ClientError> {
    let mut query = connection.prepare_cached("SELECT history FROM accounts WHERE person = ?1")?;
    Ok(query.query_row([person.0], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// Keeps where that reading left off.
///
/// # Errors
/// When the store fails.
pub fn set_history(write: &Write<'_>, person: PersonId, history: &[u8]) -> Result<(), ClientError> {
    write.execute("UPDATE accounts SET history = ?2 WHERE person = ?1", (person.0, history))?;
    Ok(())
}
