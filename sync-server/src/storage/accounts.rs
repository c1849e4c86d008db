//! `accounts`: who may open the console.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::error::ServerError;

/// Adds an account, or gives it another password and name.
///
/// # Errors
/// When the database fails.
pub fn put(write: &Transaction<'_>, login: &str, password_hash: &str, name: &str) -> Result<(), ServerError> {
    write
        .prepare_cached(
            "INSERT INTO accounts (login, password_hash, name) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET password_hash = excluded.password_hash, name = excluded.name",
        )?
        .execute((login, password_hash, name))?;
    Ok(())
}

/// Password hash and name of an account.
///
/// # Errors
/// When the database fails.
pub fn get(connection: &Connection, login: &str) -> Result<Option<(String, String)>, ServerError> {
    let mut query = connection.prepare_cached("SELECT password_hash, name FROM accounts WHERE login = ?1")?;
    Ok(query.query_row([login], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}
