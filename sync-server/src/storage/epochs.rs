//! `epochs`: one for each start of the server, so that what a restored copy says is told from what was said before.

use rusqlite::{Connection, Transaction};
use xeploai_core::sync::epoch::{Ended, Epochs};

use crate::error::{Refused, ServerError};

/// The present epoch and those it descends from.
///
/// # Errors
/// [`Refused::NotInitialised`] when there is none; else when the database fails.
pub fn all(connection: &Connection) -> Result<Epochs, ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT epoch, epoch_order, last FROM epochs WHERE parted = 0 ORDER BY epoch_order",
    )?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?)))?;
    let mut epochs = None;
    let mut ended = Vec::new();
    for row in rows {
        match row? {
            (epoch, order, None) => epochs = Some((epoch, order)),
            (_, _, Some(0)) => {}
            (epoch, _, Some(last)) => ended.push(Ended { epoch, last: last.unsigned_abs() }),
        }
    }
    let (epoch, order) = epochs.ok_or(Refused::NotInitialised)?;
    Ok(Epochs { epoch, order, ended })
}

/// The present epoch and its order.
///
/// # Errors
/// [`Refused::NotInitialised`] when there is none; else when the database fails.
pub fn present(connection: &Connection) -> Result<([u8; 16], u32), ServerError> {
    use rusqlite::OptionalExtension;
    let mut query = connection.prepare_cached(
        "SELECT epoch, epoch_order FROM epochs WHERE last IS NULL ORDER BY epoch_order DESC LIMIT 1",
    )?;
    let present = query.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(present.ok_or(Refused::NotInitialised)?)
}

/// The epoch with an order, if this server had it alone.
///
/// # Errors
/// When the database fails.
pub fn of_order(connection: &Connection, order: u32) -> Result<Option<[u8; 16]>, ServerError> {
    use rusqlite::OptionalExtension;
    let mut query =
        connection.prepare_cached("SELECT epoch FROM epochs WHERE epoch_order = ?1 AND parted = 0")?;
    Ok(query.query_row([order], |row| row.get(0)).optional()?)
}

/// Says that an epoch of ours went on elsewhere too: its numbers were given twice, so that nothing in it stands any more.
///
/// # Errors
/// When the database fails.
pub fn part(write: &Transaction<'_>, epoch: [u8; 16]) -> Result<(), ServerError> {
    write.execute("UPDATE epochs SET parted = 1 WHERE epoch = ?1", [epoch])?;
    Ok(())
}

/// Ends the present epoch, if there is one, and begins another. Its order is above that of every verdict that is here.
///
/// # Errors
/// When the database fails.
pub fn begin(write: &Transaction<'_>, epoch: [u8; 16]) -> Result<(), ServerError> {
    write.execute(
        "UPDATE epochs SET last = (SELECT coalesce(max(number), 0) FROM verdicts WHERE verdicts.epoch = epochs.epoch)
         WHERE last IS NULL",
        [],
    )?;
    write.execute(
        "INSERT INTO epochs (epoch_order, epoch) SELECT 1 + max(
           coalesce((SELECT max(epoch_order) FROM epochs), 0),
           coalesce((SELECT max(epoch_order) FROM verdicts), 0)), ?1",
        [epoch],
    )?;
    Ok(())
}
