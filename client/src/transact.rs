//! The one gate for every local write.
//!
//! Invariant: [`Write`] exists only inside [`transact`], and every function that changes a table asks for one; so
//! nothing is written outside a transaction, and an error rolls all of it back.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::ClientError;

/// Proof that a write transaction is open.
pub struct Write<'a> {
    transaction: Transaction<'a>,
}

impl std::ops::Deref for Write<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.transaction
    }
}

/// Runs `work` in one immediate transaction and commits it durably, or rolls it back when it fails.
///
/// # Errors
/// What `work` or the commit says.
pub fn transact<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Write<'_>) -> Result<T, ClientError>,
) -> Result<T, ClientError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let write = Write { transaction };
    let done = work(&write)?;
    write.transaction.commit()?;
    Ok(done)
}

/// As [`transact`], without waiting for the disk: after a crash all of it is there or nothing, and with the next
/// [`transact`] it is durable too. For what the server holds durably and gives again, see decision 12.
///
/// # Errors
/// As there.
pub fn transact_unhurried<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Write<'_>) -> Result<T, ClientError>,
) -> Result<T, ClientError> {
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    let done = transact(connection, work);
    // First of all back to waiting: every write of a person's depends on it.
    connection.pragma_update(None, "synchronous", "FULL")?;
    done
}
