//! `outbox`: what was written on this device and is not sealed yet.
//!
//! Invariant: a field has at most one row an author. A later write takes its value and time, and replaces what the
//! first one replaced and what was shown to the later one. Nobody's write collapses into another's.

use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension};
use xeploai_core::ids::{FrameHash, PersonId, SheetId, StreamId};
use xeploai_core::points::Points;
use xeploai_core::sheet::evidence::Evidence;
use xeploai_core::sheet::state::Pending;
use xeploai_core::sheet::{ActKind, ChangeId, Digest, Field, Place, SheetKey, Value};
use xeploai_core::sync::Scope;
use xeploai_core::sync::body::REPLACES_MAX;
use xeploai_core::sync::numbers::{column_from, field_from, field_number};
use xeploai_core::sync::wire::{Reader, WireError, Writer};

use super::{corrupt, frames};
use crate::error::ClientError;
use crate::transact::Write;

/// What an author of this device has waiting on a sheet: who, in which stream it will stand, changes with their times.
pub type Waiting = (PersonId, StreamId, Vec<(Pending, i64)>);

/// The first byte of a change: what it is.
const SCORE: u8 = 0;
const ACT: u8 = 1;

/// A row: a pending change of a sheet and when it was written.
#[derive(Debug, Clone)]
pub struct Row {
    /// Where the row stands.
    place: RowKey,
    /// Scope.
    pub scope: Scope,
    /// Sheet.
    pub sheet: Rc<SheetKey>,
    /// Change.
    pub change: Pending,
    /// Claimed time, Unix seconds.
    pub written_at: i64,
}

impl Row {
    /// Whose write it is.
    pub fn author(&self) -> PersonId {
        self.place.author
    }
}

#[derive(Debug, Clone)]
struct RowKey {
    sheet: SheetId,
    author: PersonId,
    field: Vec<u8>,
    turn: i64,
}

/// A field's place in the order in which frames are shortest: columns one after the other, in each the points of all
/// criteria, then their notes.
fn field_key(place: Place) -> [u8; 7] {
    let (kind, product, measure) = match place.field {
        Field::Points => (0, 0, 0),
        Field::Note => (1, 0, 0),
        Field::Quantity(product, measure) => (2, product, measure as u8),
        Field::Minutes(part) => (3, 0, part as u8),
        Field::Evidence(slot) => (4, 0, slot),
    };
    let ([p1, p0], [c1, c0]) = (product.to_be_bytes(), place.criterion.to_be_bytes());
    [place.column as u8, kind, p1, p0, measure, c1, c0]
}

/// A change as it stands in its row: thousands are read in one sync.
fn encode(pending: &Pending) -> Result<Vec<u8>, WireError> {
    let mut writer = Writer::new();
    match pending {
        Pending::Score(place, value, replaces) => {
            writer.byte(SCORE).number(place.criterion.into()).byte(place.column as u8);
            writer.signed(field_number(place.field));
            match value {
                Value::Empty => writer.byte(0),
                Value::Points(points) => writer.byte(1).signed(points.0),
                Value::Text(text) => writer.byte(2).text(text),
                Value::Evidence(evidence) => {
                    writer.byte(3);
                    evidence.write(&mut writer)?;
                    &mut writer
                }
            };
            for id in replaces {
                writer.raw(&id.frame.0).number(id.index.into());
            }
        }
        Pending::Act(kind, digest, reason) => {
            writer.byte(ACT).byte(*kind as u8).raw(digest).text(reason);
        }
    }
    Ok(writer.finish())
}

/// Reads what [`encode`] wrote.
fn decode(bytes: &[u8]) -> Result<Pending, WireError> {
    let short = |number: u64| u16::try_from(number).map_err(|_| WireError::TooLarge);
    let mut reader = Reader::new(bytes);
    match reader.byte()? {
        SCORE => {}
        ACT => {
            let kind = ActKind::ALL.get(usize::from(reader.byte()?)).ok_or(WireError::Malformed("act"))?;
            let (digest, reason) = (reader.array()?, reader.text(bytes.len())?.to_owned());
            reader.finish()?;
            return Ok(Pending::Act(*kind, digest, reason));
        }
        _ => return Err(WireError::Malformed("change")),
    }
    let (criterion, column) = (short(reader.number()?)?, column_from(reader.byte()?.into())?);
    let place = Place { criterion, column, field: field_from(reader.signed()?)? };
    let value = match reader.byte()? {
        0 => Value::Empty,
        1 => Value::Points(Points(reader.signed()?)),
        2 => Value::Text(reader.text(bytes.len())?.to_owned()),
        3 => Value::Evidence(Box::new(Evidence::read(&mut reader)?)),
        _ => return Err(WireError::Malformed("value")),
    };
    let mut replaces = Vec::new();
    while !reader.is_empty() {
        replaces.push(ChangeId { frame: FrameHash(reader.array()?), index: short(reader.number()?)? });
    }
    Ok(Pending::Score(place, value, replaces))
}

fn read(row: &rusqlite::Row<'_>, column: usize) -> Result<Pending, ClientError> {
    Ok(decode(row.get_ref(column)?.as_blob().map_err(|_| corrupt(column))?)?)
}

/// The write of an author that waits in a field: its value, and what it replaces.
///
/// # Errors
/// When the store fails.
pub fn score(
    connection: &Connection,
    (sheet, author): (SheetId, PersonId),
    place: Place,
) -> Result<Option<(Value, Vec<ChangeId>)>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT change FROM outbox WHERE sheet = ?1 AND author = ?2 AND field = ?3 AND turn = 0",
    )?;
    let found = query.query_row((sheet.0, author.0, field_key(place)), |row| row.get::<_, Vec<u8>>(0));
    let Some(change) = found.optional()? else { return Ok(None) };
    match decode(&change)? {
        Pending::Score(_, value, replaces) => Ok(Some((value, replaces))),
        Pending::Act(..) => Err(corrupt(0).into()),
    }
}

/// Writes a field, in the place of what waits there. `replaces` holds what that replaced and what was shown since; of
/// more than a frame can name the first ones count, the others stay in conflict until the next write.
///
/// # Errors
/// When the store fails.
pub fn put_score(
    write: &Write<'_>,
    (sheet, author): (SheetId, PersonId),
    scope: Scope,
    (place, value, mut replaces): (Place, Value, Vec<ChangeId>),
    now: i64,
) -> Result<(), ClientError> {
    replaces.truncate(REPLACES_MAX);
    let change = encode(&Pending::Score(place, value, replaces))?;
    let row = RowKey { sheet, author, field: field_key(place).to_vec(), turn: 0 };
    put(write, &row, scope, &change, now)
}

/// Appends an act.
///
/// # Errors
/// When the store fails.
pub fn put_act(
    write: &Write<'_>,
    (sheet, author): (SheetId, PersonId),
    scope: Scope,
    (kind, digest, reason): (ActKind, Digest, &str),
    now: i64,
) -> Result<(), ClientError> {
    let mut query = write.prepare_cached(
        "SELECT coalesce(max(turn), 0) + 1 FROM outbox WHERE sheet = ?1 AND author = ?2 AND field = x''",
    )?;
    let turn = query.query_row((sheet.0, author.0), |row| row.get(0))?;
    let change = encode(&Pending::Act(kind, digest, reason.to_owned()))?;
    put(write, &RowKey { sheet, author, field: Vec::new(), turn }, scope, &change, now)
}

fn put(write: &Write<'_>, row: &RowKey, scope: Scope, change: &[u8], now: i64) -> Result<(), ClientError> {
    write
        .prepare_cached(
            "INSERT INTO outbox (sheet, author, field, turn, scope_kind, scope_id, change, written_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (sheet, author, field, turn)
             DO UPDATE SET change = excluded.change, written_at = excluded.written_at",
        )?
        .execute((row.sheet.0, row.author.0, &row.field, row.turn, scope.kind(), scope.id(), change, now))?;
    Ok(())
}

/// What waits on a sheet, author by author, each with the stream that he writes now.
///
/// # Errors
/// When the store fails.
pub fn of_sheet(connection: &Connection, sheet: SheetId) -> Result<Vec<Waiting>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT author, stream, change, written_at FROM outbox JOIN accounts ON person = author
         WHERE sheet = ?1 ORDER BY author, field, turn",
    )?;
    let mut rows = query.query([sheet.0])?;
    let mut authors: Vec<Waiting> = Vec::new();
    while let Some(row) = rows.next()? {
        let (author, stream) = (PersonId(row.get(0)?), StreamId(row.get(1)?));
        let change = read(row, 2)?;
        let change = (change, row.get(3)?);
        match authors.last_mut() {
            Some((last, _, changes)) if *last == author => changes.push(change),
            _ => authors.push((author, stream, vec![change])),
        }
    }
    Ok(authors)
}

/// Whose writes wait.
///
/// # Errors
/// When the store fails.
pub fn authors(connection: &Connection) -> Result<Vec<PersonId>, ClientError> {
    let mut query = connection.prepare_cached("SELECT DISTINCT author FROM outbox ORDER BY author")?;
    let authors = query.query_map([], |row| row.get(0).map(PersonId))?;
    Ok(authors.collect::<Result<_, _>>()?)
}

/// Whether nothing waits.
///
/// # Errors
/// When the store fails.
pub fn is_empty(connection: &Connection) -> Result<bool, ClientError> {
    Ok(!connection.prepare_cached("SELECT 1 FROM outbox LIMIT 1")?.exists([])?)
}

/// What waits, of everybody, in one scope or in all: author by author, scope by scope, sheet by sheet, acts in their
/// order.
///
/// # Errors
/// When the store fails.
pub fn all(connection: &Connection, scope: Option<Scope>) -> Result<Vec<Row>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT sheet, author, field, turn, scope_kind, scope_id, change, written_at FROM outbox
         WHERE ?1 IS NULL OR (scope_kind = ?1 AND scope_id = ?2) ORDER BY sheet, author, field, turn",
    )?;
    let mut rows = query.query((scope.map(Scope::kind), scope.map(Scope::id)))?;
    let mut found: Vec<Row> = Vec::new();
    while let Some(row) = rows.next()? {
        let (sheet, author) = (SheetId(row.get(0)?), PersonId(row.get(1)?));
        let key = match found.last().filter(|last| last.place.sheet == sheet) {
            Some(last) => Rc::clone(&last.sheet),
            None => Rc::new(frames::sheet(connection, sheet)?.ok_or_else(|| corrupt(0))?),
        };
        found.push(Row {
            place: RowKey { sheet, author, field: row.get(2)?, turn: row.get(3)? },
            scope: Scope::from_parts(row.get(4)?, row.get(5)?),
            sheet: key,
            change: read(row, 6)?,
            written_at: row.get(7)?,
        });
    }
    // Stable: within a sheet the order of the table stays, which SQLite gives without sorting.
    found.sort_by_cached_key(|row| (row.place.author, row.scope));
    Ok(found)
}

/// Takes everything out.
///
/// # Errors
/// When the store fails.
pub fn clear(write: &Write<'_>) -> Result<(), ClientError> {
    write.execute("DELETE FROM outbox", [])?;
    Ok(())
}

/// Takes sealed rows out: an unbroken piece of what [`all`] has given in this transaction.
///
/// # Errors
/// When the store fails.
pub fn remove(write: &Write<'_>, rows: &[Row]) -> Result<(), ClientError> {
    let mut delete = write.prepare_cached(
        "DELETE FROM outbox WHERE sheet = ?1 AND author = ?2
         AND (field, turn) >= (?3, ?4) AND (field, turn) <= (?5, ?6)",
    )?;
    let place = |row: &Row| (row.place.sheet, row.place.author);
    for rows in rows.chunk_by(|one, next| place(one) == place(next)) {
        if let (Some(Row { place: first, .. }), Some(Row { place: last, .. })) = (rows.first(), rows.last()) {
            let (sheet, author) = (first.sheet.0, first.author.0);
            delete.execute((sheet, author, &first.field, first.turn, &last.field, last.turn))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use xeploai_core::sheet::evidence::MediaType;
    use xeploai_core::sync::content::Content;
    use xeploai_core::view::{Column, Measure, MinutesPart};

    use super::*;

    #[test]
    fn a_change_is_read_as_it_was_written_and_in_no_other_form() {
        let place = |field| Place { criterion: 500, column: Column::Appraised, field };
        let id = |index| ChangeId { frame: FrameHash([7; 32]), index };
        let content = Content { hash: [8; 32], size: 70_000 };
        let (media, name) = (MediaType::Pdf, "quyết định.pdf".to_owned());
        let evidence = Evidence { content, media, name, thumbnail: Some(content) };
        for change in [
            Pending::Score(place(Field::Points), Value::Points(Points(-12_500)), vec![id(0), id(u16::MAX)]),
            Pending::Score(place(Field::Note), Value::Text("đạt".into()), Vec::new()),
            Pending::Score(place(Field::Evidence(9)), Value::Evidence(Box::new(evidence)), vec![id(1)]),
            Pending::Score(place(Field::Quantity(300, Measure::OnTime)), Value::Empty, vec![id(3)]),
            Pending::Score(MinutesPart::Opinion.place(), Value::Text("bảo lưu".into()), vec![id(1)]),
            Pending::Act(ActKind::Return, [9; 16], "thiếu minh chứng".into()),
        ] {
            let bytes = encode(&change).unwrap();
            assert_eq!(format!("{:?}", decode(&bytes).unwrap()), format!("{change:?}"));
            assert!(decode(&bytes[..bytes.len() - 1]).is_err(), "cut: {change:?}");
            assert!(decode(&[&bytes[..], &[0]].concat()).is_err(), "longer: {change:?}");
            assert!(decode(&[&[9], &bytes[1..]].concat()).is_err(), "of another kind: {change:?}");
        }
    }
}
