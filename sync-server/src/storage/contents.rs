//! `contents`, `blocks` and `content_receipts`: the bytes of evidence, and what was said of them.
//!
//! Invariant: blocks are kept of what a frame names alone, and each was checked before it came here.

use rusqlite::{Connection, Row, Transaction};
use xeploai_core::ids::PersonId;
use xeploai_core::sheet::evidence::Evidence;
use xeploai_core::sync::Scope;
use xeploai_core::sync::content::{BLOCK_BYTES, Block, Content, Wish};
use xeploai_core::sync::epoch::Epochs;

use crate::error::ServerError;

/// Most bytes of evidence of one author.
pub const AUTHOR_BYTES_MAX: i64 = 512 * 1024 * 1024;
/// No evidence is taken once the database is as long as this.
pub const STORE_BYTES_MAX: i64 = 64 * 1024 * 1024 * 1024;

/// Notes what a frame of a scope names.
///
/// # Errors
/// When the database fails.
pub fn name(
    write: &Transaction<'_>,
    scope: Scope,
    author: PersonId,
    evidence: &Evidence,
) -> Result<(), ServerError> {
    let mut put = write.prepare_cached(
        "INSERT OR IGNORE INTO contents (hash, size, scope_kind, scope_id, author) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for content in evidence.contents() {
        put.execute((content.hash, content.size, scope.kind(), scope.id(), author.0))?;
    }
    Ok(())
}

/// The scopes whose readers may have a content; none when nothing names it.
///
/// # Errors
/// When the database fails.
pub fn scopes(connection: &Connection, content: Content) -> Result<Vec<Scope>, ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT DISTINCT scope_kind, scope_id FROM contents WHERE hash = ?1 AND size = ?2 ORDER BY 1, 2",
    )?;
    let read = |row: &Row<'_>| Ok(Scope::from_parts(row.get(0)?, row.get(1)?));
    Ok(query.query_map((content.hash, content.size), read)?.collect::<Result<_, _>>()?)
}

/// What is lacking of a content, whether or not something names it.
///
/// # Errors
/// When the database fails.
pub fn missing(connection: &Connection, content: Content) -> Result<Option<Wish>, ServerError> {
    let mut query = connection
        .prepare_cached("SELECT number FROM blocks WHERE hash = ?1 AND size = ?2 ORDER BY number")?;
    let numbers = query.query_map((content.hash, content.size), |row| row.get::<_, u32>(0))?;
    let mut from = 0;
    for number in numbers {
        if number? != from {
            break;
        }
        from += 1;
    }
    Ok((from < content.blocks()).then_some(Wish { content, from }))
}

/// Whether there is room for a content: in the database, and in what one of those who name it may have here.
///
/// # Errors
/// When the database fails.
pub fn has_room(connection: &Connection, content: Content) -> Result<bool, ServerError> {
    let mut length = connection.prepare_cached(
        // Pages that were given back are room.
        "SELECT (page_count - freelist_count) * page_size
             FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    )?;
    if length.query_row([], |row| row.get::<_, i64>(0))? > STORE_BYTES_MAX {
        return Ok(false);
    }
    let mut query = connection.prepare_cached(
        "SELECT coalesce(min(used), 0) FROM (
           SELECT (SELECT coalesce(sum(size), 0) FROM contents AS mine WHERE mine.author = named.author AND EXISTS
                    (SELECT 1 FROM blocks WHERE blocks.hash = mine.hash AND blocks.size = mine.size)) AS used
           FROM contents AS named WHERE hash = ?1 AND size = ?2)",
    )?;
    let least: i64 = query.query_row((content.hash, content.size), |row| row.get(0))?;
    Ok(least + i64::from(content.size) <= AUTHOR_BYTES_MAX)
}

/// Whether a block is here.
///
/// # Errors
/// When the database fails.
pub fn holds(connection: &Connection, content: Content, number: u32) -> Result<bool, ServerError> {
    let mut query =
        connection.prepare_cached("SELECT 1 FROM blocks WHERE hash = ?1 AND size = ?2 AND number = ?3")?;
    Ok(query.exists((content.hash, content.size, number))?)
}

/// Keeps a block that was checked.
///
/// # Errors
/// When the database fails.
pub fn insert(write: &Transaction<'_>, block: &Block) -> Result<(), ServerError> {
    let Content { hash, size } = block.content;
    write
        .prepare_cached(
            "INSERT OR IGNORE INTO blocks (hash, size, number, path, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((hash, size, block.number, block.path.concat(), &block.bytes))?;
    Ok(())
}

/// Blocks from a number on, in order, at most so many bytes, but one at least.
///
/// # Errors
/// When the database fails.
pub fn blocks(connection: &Connection, wish: Wish, bytes: usize) -> Result<Vec<Block>, ServerError> {
    let Wish { content, from } = wish;
    let most = bytes.div_ceil(BLOCK_BYTES).max(1) as i64;
    let mut query = connection.prepare_cached(
        "SELECT number, path, bytes FROM blocks WHERE hash = ?1 AND size = ?2 AND number >= ?3
         ORDER BY number LIMIT ?4",
    )?;
    let read = |row: &Row<'_>| {
        let path: Vec<u8> = row.get(1)?;
        let path = path.chunks_exact(32).filter_map(|value| value.try_into().ok()).collect();
        Ok(Block { content, number: row.get(0)?, path, bytes: row.get(2)? })
    };
    Ok(query.query_map((content.hash, content.size, from, most), read)?.collect::<Result<_, _>>()?)
}

/// Notes that a batch is the receipt for a content.
///
/// # Errors
/// When the database fails.
pub fn link(write: &Transaction<'_>, content: Content, batch: i64) -> Result<(), ServerError> {
    write
        .prepare_cached("INSERT OR IGNORE INTO content_receipts (hash, size, batch) VALUES (?1, ?2, ?3)")?
        .execute((content.hash, content.size, batch))?;
    Ok(())
}

/// A batch that is a receipt for a content and stands.
///
/// # Errors
/// When the database fails.
pub fn receipt(
    connection: &Connection,
    content: Content,
    epochs: &Epochs,
) -> Result<Option<i64>, ServerError> {
    let mut query = connection.prepare_cached(
        "SELECT batch, epoch, number FROM content_receipts JOIN verdicts USING (batch)
         WHERE hash = ?1 AND size = ?2 ORDER BY batch DESC",
    )?;
    let mut rows = query.query((content.hash, content.size))?;
    while let Some(row) = rows.next()? {
        if epochs.covers(row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs()) {
            return Ok(Some(row.get(0)?));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use xeploai_core::ids::UnitId;
    use xeploai_core::sheet::evidence::MediaType;
    use xeploai_core::sync::content::CONTENT_BYTES_MAX;

    use super::*;
    use crate::storage::Storage;

    /// The `number`th of the longest files that an author may name.
    fn named(write: &Transaction<'_>, author: u8, number: u8) -> Content {
        let content = Content { hash: [number; 32], size: CONTENT_BYTES_MAX };
        let evidence = Evidence { content, media: MediaType::Pdf, name: "a".into(), thumbnail: None };
        name(write, Scope::unit(UnitId([1; 16])), PersonId([author; 16]), &evidence).unwrap();
        content
    }

    #[test]
    fn an_author_fills_no_more_than_his_part_and_takes_nothing_from_another() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(folder.path()).unwrap();
        let most = (AUTHOR_BYTES_MAX / i64::from(CONTENT_BYTES_MAX)) as u8;
        let room = storage.write(|write| {
            for number in 0..most {
                let content = named(write, 1, number);
                assert!(has_room(write, content)?, "{number}");
                insert(write, &Block { content, number: 0, path: vec![], bytes: vec![0] })?;
            }
            let mine = named(write, 1, most);
            let alone = has_room(write, mine)?;
            let of_two = named(write, 2, most);
            Ok([alone, has_room(write, of_two)?, has_room(write, named(write, 2, most + 1))?])
        });
        assert_eq!(room.unwrap(), [false, true, true], "what somebody else names too is his");
    }
}
