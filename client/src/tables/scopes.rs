//! `scopes`: which frames each scope holds, as one sum.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};
use xeploai_core::ids::FrameHash;
use xeploai_core::sync::Scope;
use xeploai_core::sync::inventory::Root;

use crate::error::ClientError;
use crate::transact::Write;

/// The root of every scope.
///
/// # Errors
/// When the store fails.
pub fn roots(connection: &Connection) -> Result<BTreeMap<Scope, Root>, ClientError> {
    let mut query = connection.prepare_cached("SELECT kind, id, root FROM scopes")?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok((Scope::from_parts(row.get(0)?, row.get(1)?), Root::from_bytes(row.get(2)?)))
    };
    Ok(query.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// Counts a frame in, once.
///
/// # Errors
/// When the store fails.
pub fn add(write: &Write<'_>, scope: Scope, frame: FrameHash) -> Result<(), ClientError> {
    set(write, scope, get(write, scope)?.with(frame))
}

/// Counts a frame out that was counted in.
///
/// # Errors
/// When the store fails.
pub fn remove(write: &Write<'_>, scope: Scope, frame: FrameHash) -> Result<(), ClientError> {
    set(write, scope, get(write, scope)?.without(frame))
}

fn get(connection: &Connection, scope: Scope) -> Result<Root, ClientError> {
    let mut query = connection.prepare_cached("SELECT root FROM scopes WHERE kind = ?1 AND id = ?2")?;
    let root = query.query_row((scope.kind(), scope.id()), |row| row.get(0)).optional()?;
    Ok(root.map(Root::from_bytes).unwrap_or_default())
}

fn set(write: &Write<'_>, scope: Scope, root: Root) -> Result<(), ClientError> {
    write
        .prepare_cached(
            "INSERT INTO scopes (kind, id, root) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET root = excluded.root",
        )?
        .execute((scope.kind(), scope.id(), root.to_bytes()))?;
    Ok(())
}
