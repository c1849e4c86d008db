//! What would be left of a store if the power went now: read from a copy of its disk, apart from the program that runs.

use std::collections::BTreeSet;

use rusqlite::{Connection, OpenFlags};
use xeploai_client::open::STORE_FILE;
use xeploai_client::tables::{accounts, outbox, streams};
use xeploai_core::ids::{FrameHash, PersonId, StreamId};
use xeploai_core::sheet::Value;
use xeploai_core::sync::frame::Frame;
use xeploai_core::sync::stream::Certificate;
use xeploai_core::sync::verdict::{FrameVerdict, Rank, SignedVerdicts, Verdicts};
use xeploai_core::sync::{Lane, Scope};

use super::ledger::Spot;
use super::server::Shelf;
use crate::disk::{Disk, Image};

/// Name of a server's database on its disk.
const SERVER_FILE: &str = "server.db";

/// A copy of a store. The disk goes with the connection.
pub(super) struct Copy {
    connection: Connection,
    _disk: Disk,
}

pub(super) type Looked<T> = Result<T, String>;

fn failed(error: impl std::fmt::Display) -> String {
    format!("a store that can't be read: {error}")
}

impl Copy {
    fn open(image: &Image, file: &str) -> Looked<Option<Self>> {
        let disk = Disk::from_image(image, 0);
        if !disk.exists(file) {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let open = || {
            let connection = Connection::open_with_flags_and_vfs(disk.path(file), flags, Disk::vfs())?;
            connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
            let tables: i64 =
                connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            Ok((connection, tables > 0))
        };
        let (connection, made) = open().map_err(|error: rusqlite::Error| failed(error))?;
        Ok(made.then_some(Self { connection, _disk: disk }))
    }

    /// A phone's store; nothing before it was made.
    pub(super) fn of_phone(image: &Image) -> Looked<Option<Self>> {
        Self::open(image, STORE_FILE)
    }

    /// A server's store; nothing before it was made.
    pub(super) fn of_server(image: &Image) -> Looked<Option<Self>> {
        Self::open(image, SERVER_FILE)
    }

    fn hashes(&self, query: &str) -> Looked<BTreeSet<FrameHash>> {
        let mut query = self.connection.prepare(query).map_err(failed)?;
        let rows = query.query_map([], |row| Ok(FrameHash(row.get(0)?))).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    /// Every frame that a phone holds.
    pub(super) fn held(&self) -> Looked<BTreeSet<FrameHash>> {
        self.hashes("SELECT hash FROM frames")
    }

    /// Frames of a phone's own streams that it shows as received.
    pub(super) fn received(&self) -> Looked<BTreeSet<FrameHash>> {
        self.hashes(
            "SELECT hash FROM frames JOIN streams ON streams.id = stream
             JOIN frame_verdicts ON frame = hash AND verdict = receipt WHERE own = 1 AND kept = 1",
        )
    }

    /// Of these, those of the active person: a sync compares what he may read, and not what another one may.
    pub(super) fn received_by_active(&self) -> Looked<BTreeSet<FrameHash>> {
        self.hashes(
            "SELECT hash FROM frames JOIN streams ON streams.id = frames.stream JOIN accounts ON person = author
             JOIN frame_verdicts ON frame = hash AND verdict = receipt WHERE own = 1 AND kept = 1 AND active = 1",
        )
    }

    /// Frames of a phone's own streams that it neither shows as received nor offers.
    pub(super) fn forgotten(&self) -> Looked<BTreeSet<FrameHash>> {
        self.hashes(
            "SELECT hash FROM frames JOIN streams ON streams.id = stream
             WHERE own = 1 AND receipt IS NULL AND waits = 0",
        )
    }

    /// Frames that a phone has to hand over.
    pub(super) fn waiting_frames(&self) -> Looked<BTreeSet<FrameHash>> {
        self.hashes("SELECT hash FROM frames WHERE waits = 1")
    }

    /// Frames that a phone only carries, and neither has a receipt of nor offers.
    pub(super) fn unoffered(&self) -> Looked<BTreeSet<FrameHash>> {
        self.hashes(
            "SELECT hash FROM frames JOIN streams ON streams.id = stream
             WHERE own = 0 AND receipt IS NULL AND waits = 0",
        )
    }

    /// A frame with its stream's certificate, and whether a phone writes that stream.
    pub(super) fn frame(&self, hash: FrameHash) -> Looked<(Frame, Certificate)> {
        let frame = self
            .connection
            .query_row(
                "SELECT stream, scope_kind, scope_id, number, previous, body, signature FROM frames WHERE hash = ?1",
                [hash.0],
                |row| {
                    let scope = Scope::from_parts(row.get(1)?, row.get(2)?);
                    Ok(Frame {
                        lane: Lane { stream: StreamId(row.get(0)?), scope },
                        number: row.get::<_, i64>(3)? as u64,
                        previous: FrameHash(row.get(4)?),
                        body: row.get(5)?,
                        signature: row.get(6)?,
                    })
                },
            )
            .map_err(failed)?;
        let certificate: Vec<u8> = self
            .connection
            .query_row("SELECT certificate FROM streams WHERE id = ?1", [frame.lane.stream.0], |row| {
                row.get(0)
            })
            .map_err(failed)?;
        Ok((frame, Certificate::decode(&certificate).map_err(failed)?))
    }

    /// Whether a phone writes a stream.
    pub(super) fn is_own(&self, stream: StreamId) -> Looked<bool> {
        streams::is_own(&self.connection, stream).map_err(failed)
    }

    /// The certificate of the stream that the active person of a phone writes.
    pub(super) fn certificate(&self) -> Looked<Option<Certificate>> {
        let Some(account) = accounts::active(&self.connection).map_err(failed)? else { return Ok(None) };
        streams::get(&self.connection, account.stream).map_err(failed)
    }

    /// What waits unsealed in a field, of one author.
    pub(super) fn waiting(&self, person: PersonId, (sheet, place): Spot) -> Looked<Option<Value>> {
        let found = outbox::score(&self.connection, (sheet, person), place).map_err(failed)?;
        Ok(found.map(|(value, _)| value))
    }

    /// What a phone has not handed over, in words.
    pub(super) fn unsent(&self) -> Looked<Vec<String>> {
        let mut query = self
            .connection
            .prepare(
                "SELECT 'unsealed ' || hex(author) || ' ' || hex(change) FROM outbox UNION ALL
                 SELECT 'frame ' || hex(hash) || ' own ' || own || ' receipt ' || ifnull(receipt, '-') || ' waits ' || waits || ' author ' || hex(author)
                 FROM frames JOIN streams ON streams.id = stream WHERE waits = 1",
            )
            .map_err(failed)?;
        let rows = query.query_map([], |row| row.get(0)).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    /// Every frame that a server holds, with the rank of the verdict that counts.
    pub(super) fn shelf(&self) -> Looked<Shelf> {
        let mut query = self
            .connection
            .prepare(
                "SELECT hash, epoch_order, epoch, verdicts.number FROM frames LEFT JOIN verdicts ON batch = verdict",
            )
            .map_err(failed)?;
        let rows = query.query_map([], |row| {
            let rank = match row.get::<_, Option<u32>>(1)? {
                Some(epoch_order) => {
                    let number = row.get::<_, i64>(3)? as u64;
                    Some(Rank { epoch_order, epoch: row.get(2)?, number })
                }
                None => None,
            };
            Ok((FrameHash(row.get(0)?), rank))
        });
        rows.map_err(failed)?.collect::<Result<_, _>>().map_err(failed)
    }

    /// The epochs of a server that went on nowhere else.
    pub(super) fn epochs(&self) -> Looked<BTreeSet<[u8; 16]>> {
        let mut query =
            self.connection.prepare("SELECT epoch FROM epochs WHERE parted = 0").map_err(failed)?;
        let rows = query.query_map([], |row| row.get(0)).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    /// What every batch of verdicts in a store says, in the order in which they came.
    pub(super) fn verdicts(&self) -> Looked<Vec<(Rank, FrameVerdict)>> {
        let mut query = self
            .connection
            .prepare("SELECT bytes, signature FROM verdicts ORDER BY rowid")
            .map_err(failed)?;
        let read =
            |row: &rusqlite::Row<'_>| Ok(SignedVerdicts { bytes: row.get(0)?, signature: row.get(1)? });
        let rows = query.query_map([], read).map_err(failed)?;
        let mut verdicts = Vec::new();
        for row in rows {
            let batch = Verdicts::decode(&row.map_err(failed)?.bytes).map_err(failed)?;
            let rank = batch.rank();
            // That a server could not believe a frame says nothing of it.
            let kept = batch.frames.into_iter().filter(|verdict| verdict.whole.0.is_kept());
            verdicts.extend(kept.map(|verdict| (rank, verdict)));
        }
        Ok(verdicts)
    }
}
