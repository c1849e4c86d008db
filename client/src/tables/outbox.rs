//! `outbox`: what was written on this device and is not sealed yet.
//!
//! Invariant: a field has at most one row. A later write takes its value and time, and replaces what the first one
//! replaced and what was shown to the later one.

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use xeploai_core::ids::SheetId;
use xeploai_core::points::Points;
use xeploai_core::sheet::state::Pending;
use xeploai_core::sheet::{ActKind, ChangeId, Field, Place, SheetKey, Token, Value};
use xeploai_core::sync::Scope;
use xeploai_core::view::{Column, Measure};

use super::corrupt;
use crate::error::ClientError;
use crate::transact::Write;

/// A row: a pending change of a sheet and when it was written.
#[derive(Debug, Clone)]
pub struct Row {
    /// Row number: the order of writing.
    pub id: i64,
    /// Sheet.
    pub sheet: SheetKey,
    /// Change.
    pub change: Pending,
    /// Claimed time, Unix seconds.
    pub written_at: i64,
}

/// A change as it stands in the row.
#[derive(Serialize, Deserialize)]
enum Stored {
    Score {
        criterion: u16,
        column: Column,
        quantity: Option<(u16, Measure)>,
        note: bool,
        points: Option<Points>,
        text: Option<String>,
        replaces: String,
    },
    Act {
        kind: u8,
        digest: [u8; 16],
        reason: String,
    },
}

impl Stored {
    fn from_pending(pending: &Pending) -> Self {
        match pending {
            Pending::Score(place, value, replaces) => Self::Score {
                criterion: place.criterion,
                column: place.column,
                quantity: match place.field {
                    Field::Quantity(product, measure) => Some((product, measure)),
                    Field::Points | Field::Note => None,
                },
                note: place.field == Field::Note,
                points: match value {
                    Value::Points(points) => Some(*points),
                    Value::Text(_) | Value::Empty => None,
                },
                text: match value {
                    Value::Text(text) => Some(text.clone()),
                    Value::Points(_) | Value::Empty => None,
                },
                replaces: Token(replaces.clone()).to_string(),
            },
            Pending::Act(kind, digest, reason) => {
                Self::Act { kind: *kind as u8, digest: *digest, reason: reason.clone() }
            }
        }
    }

    fn into_pending(self) -> Result<Pending, ClientError> {
        match self {
            Self::Score { criterion, column, quantity, note, points, text, replaces } => {
                let field = match quantity {
                    Some((product, measure)) => Field::Quantity(product, measure),
                    None if note => Field::Note,
                    None => Field::Points,
                };
                let value = points.map(Value::Points).or(text.map(Value::Text)).unwrap_or(Value::Empty);
                let Token(replaces) = replaces.parse().map_err(|_| corrupt(2))?;
                Ok(Pending::Score(Place { criterion, column, field }, value, replaces))
            }
            Self::Act { kind, digest, reason } => {
                let kind = *ActKind::ALL.get(usize::from(kind)).ok_or_else(|| corrupt(2))?;
                Ok(Pending::Act(kind, digest, reason))
            }
        }
    }
}

/// Writes a field, or collapses into the write that waits there.
///
/// # Errors
/// When the store fails.
pub fn put_score(
    write: &Write<'_>,
    (id, key): (SheetId, &SheetKey),
    place: Place,
    value: Value,
    shown: &[ChangeId],
    now: i64,
) -> Result<(), ClientError> {
    let field = format!("{place:?}");
    let mut query = write.prepare_cached("SELECT change FROM outbox WHERE sheet = ?1 AND field = ?2")?;
    let before: Option<String> = query.query_row((id.0, &field), |row| row.get(0)).optional()?;
    let mut replaces: Vec<ChangeId> = Vec::new();
    if let Some(before) = before
        && let Pending::Score(_, _, first) = serde_json::from_str::<Stored>(&before)?.into_pending()?
    {
        replaces = first;
    }
    replaces.extend(shown.iter().filter(|id| !replaces.contains(id)).copied().collect::<Vec<_>>());
    let change = Stored::from_pending(&Pending::Score(place, value, replaces));
    insert(write, id, key.scope(), &field, &change, now)
}

/// Appends an act.
///
/// # Errors
/// When the store fails.
pub fn put_act(
    write: &Write<'_>,
    (id, key): (SheetId, &SheetKey),
    kind: ActKind,
    digest: [u8; 16],
    reason: &str,
    now: i64,
) -> Result<(), ClientError> {
    let change = Stored::from_pending(&Pending::Act(kind, digest, reason.to_owned()));
    insert(write, id, key.scope(), "", &change, now)
}

fn insert(
    write: &Write<'_>,
    sheet: SheetId,
    scope: Scope,
    field: &str,
    change: &Stored,
    now: i64,
) -> Result<(), ClientError> {
    write
        .prepare_cached(
            "INSERT INTO outbox (sheet, scope_kind, scope_id, field, change, written_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (sheet, field) WHERE field <> ''
             DO UPDATE SET change = excluded.change, written_at = excluded.written_at",
        )?
        .execute((sheet.0, scope.kind(), scope.id(), field, serde_json::to_string(change)?, now))?;
    Ok(())
}

/// What waits on a sheet, in order.
///
/// # Errors
/// When the store fails.
pub fn of_sheet(connection: &Connection, sheet: SheetId) -> Result<Vec<(Pending, i64)>, ClientError> {
    let mut query =
        connection.prepare_cached("SELECT change, written_at FROM outbox WHERE sheet = ?1 ORDER BY id")?;
    let rows = query.query_map([sheet.0], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    rows.map(|row| {
        let (change, at) = row?;
        Ok((serde_json::from_str::<Stored>(&change)?.into_pending()?, at))
    })
    .collect()
}

/// Scopes in which something waits.
///
/// # Errors
/// When the store fails.
pub fn scopes(connection: &Connection) -> Result<Vec<Scope>, ClientError> {
    let mut query = connection
        .prepare_cached("SELECT DISTINCT scope_kind, scope_id FROM outbox ORDER BY scope_kind, scope_id")?;
    let scopes = query.query_map([], |row| Ok(Scope::from_parts(row.get(0)?, row.get(1)?)))?;
    Ok(scopes.collect::<Result<_, _>>()?)
}

/// What waits in a scope, in order, at most `limit` rows.
///
/// # Errors
/// When the store fails.
pub fn of_scope(connection: &Connection, scope: Scope, limit: usize) -> Result<Vec<Row>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT outbox.id, key, change, written_at FROM outbox JOIN sheets ON sheets.id = outbox.sheet
         WHERE scope_kind = ?1 AND scope_id = ?2 ORDER BY outbox.id LIMIT ?3",
    )?;
    let rows = query.query_map((scope.kind(), scope.id(), limit as i64), |row| {
        Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get(3)?))
    })?;
    rows.map(|row| {
        let (id, key, change, written_at) = row?;
        let change = serde_json::from_str::<Stored>(&change)?.into_pending()?;
        Ok(Row { id, sheet: serde_json::from_str(&key)?, change, written_at })
    })
    .collect()
}

/// Takes sealed rows out.
///
/// # Errors
/// When the store fails.
pub fn remove(write: &Write<'_>, rows: &[Row]) -> Result<(), ClientError> {
    let mut delete = write.prepare_cached("DELETE FROM outbox WHERE id = ?1")?;
    for row in rows {
        delete.execute([row.id])?;
    }
    Ok(())
}
