//! What stands at places of this server's orders: a number says nothing where a copy of the server has given it too.
//!
//! Invariant: two servers, or one before and after a restore, give a place the same name only when the same stands there.

use rusqlite::Connection;

use crate::error::ServerError;

/// Names what stands at a place of each order: of streams, frames, batches of verdicts, snapshots.
///
/// # Errors
/// When the database fails.
pub fn name(connection: &Connection, places: [i64; 4]) -> Result<[u8; 32], ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT (SELECT id FROM streams WHERE seq = ?1), (SELECT hash FROM frames WHERE position = ?2),
                (SELECT signature FROM verdicts WHERE batch = ?3), (SELECT signature FROM snapshots WHERE id = ?4)",
    )?;
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 places");
    query.query_row(places, |row| {
        for column in 0..places.len() {
            let stands: Option<Vec<u8>> = row.get(column)?;
            hasher.update(&[u8::from(stands.is_some())]).update(&stands.unwrap_or_default());
        }
        Ok(())
    })?;
    Ok(*hasher.finalize().as_bytes())
}
