//! `scopes`: which frames each scope holds, as one sum.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};
use xeploai_core::sync::Scope;
use xeploai_core::sync::inventory::Root;

use crate::error::ServerError;

/// The root of every scope.
///
/// # Errors
/// When the database fails.
pub fn roots(connection: &Connection) -> Result<BTreeMap<Scope, Root>, ServerError> {
    let mut query = connection.prepare_cached("SELECT kind, id, root FROM scopes")?;
    let rows = query.query_map([], |row| {
        Ok((Scope::from_parts(row.get(0)?, row.get(1)?), Root::from_bytes(row.get(2)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Counts frames in, which the caller has just stored.
///
/// # Errors
/// When the database fails.
pub fn add(write: &Transaction<'_>, added: &BTreeMap<Scope, Root>) -> Result<(), ServerError> {
    use rusqlite::OptionalExtension;
    let mut get = write.prepare_cached("SELECT root FROM scopes WHERE kind = ?1 AND id = ?2")?;
    let mut put = write.prepare_cached(
        "INSERT INTO scopes (kind, id, root) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET root = excluded.root",
    )?;
    for (scope, root) in added {
        let before = get.query_row((scope.kind(), scope.id()), |row| row.get(0)).optional()?;
        let sum = before.map(Root::from_bytes).unwrap_or_default().plus(*root);
        put.execute((scope.kind(), scope.id(), sum.to_bytes()))?;
    }
    Ok(())
}
