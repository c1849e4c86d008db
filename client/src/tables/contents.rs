//! `contents`, `blocks` and `content_receipts`: the bytes of evidence, what waits of them, and what was received.
//!
//! Invariant: bytes are let go of only when the server's receipt for them stands and a verified copy has it, or when nothing ever
//! named them.

use rusqlite::{Connection, OptionalExtension, Row};
use xeploai_core::sheet::evidence::Evidence;
use xeploai_core::sync::Scope;
use xeploai_core::sync::content::{BLOCK_BYTES, Block, Content, Wish};
use xeploai_core::sync::verdict::SignedVerdicts;

use super::outbox;
use crate::error::ClientError;
use crate::transact::Write;

/// Evidence of others is asked for and carried until the store is as long as this, in bytes.
const STORE_BYTES_MAX: i64 = 2 * 1024 * 1024 * 1024;
/// What was archived is let go of, oldest first, until blocks take no more than this.
const KEPT_BYTES_MAX: i64 = STORE_BYTES_MAX / 2;

/// A receipt for `contents` that stands.
const RECEIVED: &str = "EXISTS (SELECT 1 FROM content_receipts AS r JOIN verdicts ON verdicts.id = r.verdict
     WHERE r.hash = contents.hash AND r.size = contents.size AND stands = 1)";
/// How many blocks of `contents` are here.
const HERE: &str =
    "(SELECT count(*) FROM blocks AS b WHERE b.hash = contents.hash AND b.size = contents.size)";
/// How many blocks `contents` has.
const ALL: &str = "((contents.size + 65535) / 65536)";
const _: () = assert!(BLOCK_BYTES == 65536);

fn read(row: &Row<'_>) -> rusqlite::Result<Content> {
    Ok(Content { hash: row.get(0)?, size: row.get(1)? })
}

/// Notes a piece of evidence of a scope; `named` says that a frame names it.
///
/// # Errors
/// When the store fails.
pub fn name(write: &Write<'_>, scope: Scope, evidence: &Evidence, named: bool) -> Result<(), ClientError> {
    let mut put = write.prepare_cached(
        "INSERT INTO contents (hash, size, scope_kind, scope_id, original, named) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET named = max(named, excluded.named), original = max(original, excluded.original)",
    )?;
    for content in evidence.contents() {
        let original = content == evidence.content;
        put.execute((content.hash, content.size, scope.kind(), scope.id(), original, named))?;
    }
    Ok(())
}

/// The scopes whose readers may have a content; none when nothing names it.
///
/// # Errors
/// When the store fails.
pub fn scopes(connection: &Connection, content: Content) -> Result<Vec<Scope>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT scope_kind, scope_id FROM contents WHERE hash = ?1 AND size = ?2 AND named = 1",
    )?;
    let read = |row: &Row<'_>| Ok(Scope::from_parts(row.get(0)?, row.get(1)?));
    Ok(query.query_map((content.hash, content.size), read)?.collect::<Result<_, _>>()?)
}

/// What is lacking of a content, whether or not something names it.
///
/// # Errors
/// When the store fails.
pub fn missing(connection: &Connection, content: Content) -> Result<Option<Wish>, ClientError> {
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

/// Whether there is room for evidence of others.
///
/// # Errors
/// When the store fails.
pub fn has_room(connection: &Connection) -> Result<bool, ClientError> {
    let mut length = connection.prepare_cached(
        // Pages that were given back are room.
        "SELECT (page_count - freelist_count) * page_size
             FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    )?;
    Ok(length.query_row([], |row| row.get::<_, i64>(0))? <= STORE_BYTES_MAX)
}

/// Whether a block is here.
///
/// # Errors
/// When the store fails.
pub fn holds(connection: &Connection, content: Content, number: u32) -> Result<bool, ClientError> {
    let mut query =
        connection.prepare_cached("SELECT 1 FROM blocks WHERE hash = ?1 AND size = ?2 AND number = ?3")?;
    Ok(query.exists((content.hash, content.size, number))?)
}

/// Keeps a block that was checked, or made here.
///
/// # Errors
/// When the store fails.
pub fn insert(write: &Write<'_>, block: &Block) -> Result<(), ClientError> {
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
/// When the store fails.
pub fn blocks(connection: &Connection, wish: Wish, bytes: usize) -> Result<Vec<Block>, ClientError> {
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

/// The bytes of a content; nothing when they are not all here, or no longer what they were.
///
/// # Errors
/// When the store fails.
pub fn bytes(connection: &Connection, content: Content) -> Result<Option<Vec<u8>>, ClientError> {
    let all = blocks(connection, Wish { content, from: 0 }, content.size as usize)?;
    let bytes: Vec<u8> = all.into_iter().flat_map(|block| block.bytes).collect();
    Ok((*blake3::hash(&bytes).as_bytes() == content.hash).then_some(bytes))
}

/// Contents that frames name, that are here whole and for which no receipt stands, smallest first.
///
/// # Errors
/// When the store fails.
pub fn waiting(connection: &Connection) -> Result<Vec<Content>, ClientError> {
    let waiting = format!(
        "SELECT DISTINCT hash, size FROM contents WHERE named = 1 AND NOT {RECEIVED} AND {HERE} = {ALL}
         ORDER BY size, hash"
    );
    all(connection, &waiting)
}

/// How many photos and documents are here for which no receipt stands.
///
/// # Errors
/// When the store fails.
pub fn waiting_count(connection: &Connection) -> Result<u32, ClientError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT count(*) FROM (SELECT DISTINCT hash, size FROM contents
         WHERE original = 1 AND NOT {RECEIVED} AND {HERE} = {ALL})"
    ))?;
    Ok(query.query_row([], |row| row.get(0))?)
}

/// Contents that are not here whole and were not let go of, each with a scope that it stands in, smallest first.
///
/// # Errors
/// When the store fails.
pub fn lacking(connection: &Connection) -> Result<Vec<(Content, Scope)>, ClientError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT hash, size, scope_kind, scope_id FROM contents
         WHERE named = 1 AND released = 0 AND {HERE} < {ALL} ORDER BY size, hash"
    ))?;
    let rows = query.query_map([], |row| Ok((read(row)?, Scope::from_parts(row.get(2)?, row.get(3)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes that a batch says of a content that it is durable at the server.
///
/// # Errors
/// When the store fails.
pub fn note_receipt(write: &Write<'_>, content: Content, verdict: i64) -> Result<(), ClientError> {
    write
        .prepare_cached("INSERT OR IGNORE INTO content_receipts (hash, size, verdict) VALUES (?1, ?2, ?3)")?
        .execute((content.hash, content.size, verdict))?;
    Ok(())
}

/// The receipt for a content that stands.
///
/// # Errors
/// When the store fails.
pub fn receipt(connection: &Connection, content: Content) -> Result<Option<SignedVerdicts>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT bytes, signature FROM content_receipts JOIN verdicts ON verdicts.id = verdict
         WHERE hash = ?1 AND size = ?2 AND stands = 1 ORDER BY id DESC LIMIT 1",
    )?;
    let read = |row: &Row<'_>| Ok(SignedVerdicts { bytes: row.get(0)?, signature: row.get(1)? });
    Ok(query.query_row((content.hash, content.size), read).optional()?)
}

/// Notes that another device has taken a content whole. That is no receipt.
///
/// # Errors
/// When the store fails.
pub fn note_handed(write: &Write<'_>, content: Content) -> Result<(), ClientError> {
    write
        .prepare_cached("UPDATE contents SET handed = 1 WHERE hash = ?1 AND size = ?2")?
        .execute((content.hash, content.size))?;
    Ok(())
}

/// Whether another device has taken a content whole.
///
/// # Errors
/// When the store fails.
pub fn is_handed(connection: &Connection, content: Content) -> Result<bool, ClientError> {
    let mut query =
        connection.prepare_cached("SELECT 1 FROM contents WHERE hash = ?1 AND size = ?2 AND handed = 1")?;
    Ok(query.exists((content.hash, content.size))?)
}

/// Whether [`tidy`] has anything to do: most often it does not, and asks no disk.
///
/// # Errors
/// When the store fails.
pub fn is_untidy(connection: &Connection) -> Result<bool, ClientError> {
    let mut query = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM contents WHERE named = 0)")?;
    let unnamed: bool = query.query_row([], |row| row.get(0))?;
    Ok(unnamed || used(connection)? > KEPT_BYTES_MAX)
}

/// Bytes of contents of which blocks are here.
fn used(connection: &Connection) -> Result<i64, ClientError> {
    let mut query = connection
        .prepare_cached("SELECT coalesce(sum(size), 0) FROM (SELECT DISTINCT hash, size FROM blocks)")?;
    Ok(query.query_row([], |row| row.get(0))?)
}

/// A place among the server's batches: epoch and number.
type Receipt = ([u8; 16], u64);

/// Lets go of what no frame has ever named, because it was taken back before it was sealed, and, beyond what is kept here, of what
/// the server has received by a batch that `is_archived`, oldest first.
///
/// # Errors
/// When the store fails.
pub fn tidy(write: &Write<'_>, is_archived: impl Fn(Receipt) -> bool) -> Result<(), ClientError> {
    tidy_to(write, KEPT_BYTES_MAX, is_archived)
}

fn tidy_to(write: &Write<'_>, kept: i64, is_archived: impl Fn(Receipt) -> bool) -> Result<(), ClientError> {
    // What the outbox still names will be named by a frame.
    if outbox::is_empty(write)? {
        let unnamed = "SELECT hash, size FROM contents GROUP BY hash, size HAVING max(named) = 0";
        for content in all(write, unnamed)? {
            remove_blocks(write, content)?;
        }
        write.execute("DELETE FROM contents WHERE named = 0", [])?;
    }
    let mut over = used(write)? - kept;
    for (content, receipt) in received(write)? {
        if over <= 0 {
            break;
        }
        if !is_archived(receipt) {
            continue;
        }
        over -= i64::from(content.size);
        remove_blocks(write, content)?;
        let released = "UPDATE contents SET released = 1 WHERE hash = ?1 AND size = ?2";
        write.execute(released, (content.hash, content.size))?;
    }
    Ok(())
}

/// Photos and documents of which blocks are here, oldest first, each with the first receipt that stands.
fn received(connection: &Connection) -> Result<Vec<(Content, Receipt)>, ClientError> {
    let mut query = connection.prepare_cached(
        "SELECT c.hash, c.size, v.epoch, v.number, min(v.id) FROM contents AS c
         JOIN content_receipts AS r ON r.hash = c.hash AND r.size = c.size
         JOIN verdicts AS v ON v.id = r.verdict AND stands = 1
         WHERE original = 1 AND EXISTS (SELECT 1 FROM blocks AS b WHERE b.hash = c.hash AND b.size = c.size)
         GROUP BY c.hash, c.size
         ORDER BY (SELECT min(rowid) FROM blocks AS b WHERE b.hash = c.hash AND b.size = c.size)",
    )?;
    let rows =
        query.query_map([], |row| Ok((read(row)?, (row.get(2)?, row.get::<_, i64>(3)?.unsigned_abs()))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn all(connection: &Connection, query: &str) -> Result<Vec<Content>, ClientError> {
    let mut query = connection.prepare_cached(query)?;
    Ok(query.query_map([], read)?.collect::<Result<_, _>>()?)
}

fn remove_blocks(write: &Write<'_>, content: Content) -> Result<(), ClientError> {
    write
        .prepare_cached("DELETE FROM blocks WHERE hash = ?1 AND size = ?2")?
        .execute((content.hash, content.size))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use xeploai_core::ids::UnitId;
    use xeploai_core::sheet::evidence::MediaType;
    use xeploai_core::sync::content::split;

    use super::*;
    use crate::transact::transact;

    /// A file of one block that a frame names, kept here.
    fn kept(write: &Write<'_>, seed: u8, named: bool) -> Content {
        let (content, blocks) = split(&[seed; 1000]);
        let (media, name_of) = (MediaType::Pdf, "a".to_owned());
        let evidence = Evidence { content, media, name: name_of, thumbnail: None };
        name(write, Scope::unit(UnitId([1; 16])), &evidence, named).unwrap();
        insert(write, &blocks[0]).unwrap();
        content
    }

    fn receive(write: &Write<'_>, content: Content, number: i64) {
        let batch = "INSERT INTO verdicts (id, epoch, epoch_order, stands, number, bytes, signature)
             VALUES (?1, zeroblob(16), 0, 1, ?1, zeroblob(1), zeroblob(64))";
        write.execute(batch, [number]).unwrap();
        note_receipt(write, content, number).unwrap();
    }

    fn store() -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::open::open(folder.path()).unwrap();
        (folder, store)
    }

    #[test]
    fn beyond_what_is_kept_the_oldest_that_is_archived_goes_and_what_is_not_never_does() {
        let (_folder, mut store) = store();
        let contents = transact(&mut store, |write| {
            let contents: Vec<Content> = (1..=4).map(|seed| kept(write, seed, true)).collect();
            receive(write, contents[1], 1);
            receive(write, contents[2], 2);
            tidy_to(write, 0, |_| false)?;
            assert_eq!(used(write)?, 4000, "received is not archived");
            tidy_to(write, 3000, |_| true)?;
            Ok(contents)
        })
        .unwrap();
        let here = |content: &Content| missing(&store, *content).unwrap().is_none();
        assert_eq!(contents.iter().map(here).collect::<Vec<_>>(), [true, false, true, true]);
        assert!(lacking(&store).unwrap().is_empty(), "what was let go of is not asked for again");
        transact(&mut store, |write| tidy_to(write, 0, |receipt| receipt == ([0; 16], 2))).unwrap();
        let here = |content: &Content| missing(&store, *content).unwrap().is_none();
        assert_eq!(contents.iter().map(here).collect::<Vec<_>>(), [true, false, false, true]);
        assert_eq!(waiting(&store).unwrap().len(), 2);
    }

    #[test]
    fn what_nothing_names_goes_and_is_never_offered() {
        let (_folder, mut store) = store();
        let (alone, both) = transact(&mut store, |write| {
            let both = kept(write, 2, true);
            kept(write, 2, false);
            Ok((kept(write, 1, false), both))
        })
        .unwrap();
        assert_eq!(waiting(&store).unwrap(), [both]);
        assert!(is_untidy(&store).unwrap());
        transact(&mut store, |write| tidy(write, |_| false)).unwrap();
        assert!(missing(&store, alone).unwrap().is_some() && missing(&store, both).unwrap().is_none());
        assert!(!is_untidy(&store).unwrap());
    }

    #[test]
    fn bytes_that_the_disk_has_changed_are_not_shown() {
        let (_folder, mut store) = store();
        let content = transact(&mut store, |write| Ok(kept(write, 1, true))).unwrap();
        assert_eq!(bytes(&store, content).unwrap(), Some(vec![1; 1000]));
        transact(&mut store, |write| Ok(write.execute("UPDATE blocks SET bytes = zeroblob(1000)", [])?))
            .unwrap();
        assert_eq!(bytes(&store, content).unwrap(), None);
    }
}
