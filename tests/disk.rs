//! The forgetful disk keeps what SQLite was promised, and takes what was not: crashes at every step of a workload.
//!
//! Invariant: a transaction writes one row into each of two tables, so half of one shows as a difference.

use rusqlite::{Connection, ErrorCode, OpenFlags};
use xeploai_server::error::ServerError;
use xeploai_server::storage::{Storage, meta};
use xeploai_tests::disk::{Disk, Loss};

const STORE: &str = "store.db";
/// Transactions of one workload, over two openings of the store.
const ROUNDS: i64 = 24;

fn open(disk: &Disk, synchronous: &str) -> rusqlite::Result<Connection> {
    let store = Connection::open_with_flags_and_vfs(disk.path(STORE), OpenFlags::default(), Disk::vfs())?;
    store.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    store.pragma_update(None, "journal_mode", "WAL")?;
    store.pragma_update(None, "synchronous", synchronous)?;
    // Small, so that the log goes round and the store itself is written often.
    store.pragma_update(None, "wal_autocheckpoint", 8)?;
    store.execute_batch(
        "BEGIN IMMEDIATE;
         CREATE TABLE IF NOT EXISTS one (n INTEGER PRIMARY KEY, content BLOB NOT NULL);
         CREATE TABLE IF NOT EXISTS two (n INTEGER PRIMARY KEY, content BLOB NOT NULL);
         COMMIT",
    )?;
    Ok(store)
}

/// One transaction: row `n` in both tables, of a size that goes with `n`.
fn write(store: &mut Connection, n: i64) -> rusqlite::Result<()> {
    let transaction = store.transaction()?;
    for table in ["one", "two"] {
        let size = 100 + n * 7919 % 5000;
        let insert = format!("INSERT INTO {table} VALUES (?1, zeroblob(?2))");
        transaction.execute(&insert, [n, size])?;
    }
    transaction.commit()
}

/// Writes rows 1 to [`ROUNDS`], closing the store in between; the highest row that was acknowledged before an error.
fn workload(disk: &Disk, synchronous: &str) -> i64 {
    let mut acknowledged = 0;
    for half in [1..=ROUNDS / 2, ROUNDS / 2 + 1..=ROUNDS] {
        let Ok(mut store) = open(disk, synchronous) else { return acknowledged };
        for n in half {
            if write(&mut store, n).is_err() {
                return acknowledged;
            }
            acknowledged = n;
        }
    }
    acknowledged
}

/// The highest row, when the store is whole and holds every row below it in both tables.
fn rows(store: &Connection) -> Result<i64, String> {
    let text = |error: rusqlite::Error| error.to_string();
    let check: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(text)?;
    if check != "ok" {
        return Err(check);
    }
    let counts = |table| {
        let query = format!("SELECT count(*), coalesce(max(n), 0) FROM {table}");
        store.query_row(&query, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).map_err(text)
    };
    let (one, two) = (counts("one")?, counts("two")?);
    if one != two || one.0 != one.1 {
        return Err(format!("half a transaction or a gap: {one:?} and {two:?}"));
    }
    Ok(one.0)
}

/// What is wrong after a crash, if anything: rows lost, or more than the one whose answer never came.
fn loss(disk: &Disk, synchronous: &str, acknowledged: i64) -> Option<String> {
    let store = match open(disk, synchronous) {
        Ok(store) => store,
        Err(error) => return Some(format!("does not open: {error}")),
    };
    match rows(&store) {
        Ok(found) if (acknowledged..=acknowledged + 1).contains(&found) => None,
        Ok(found) => Some(format!("{found} rows, {acknowledged} were acknowledged")),
        Err(wrong) => Some(wrong),
    }
}

/// Changes and syncs of an undisturbed workload.
fn steps(synchronous: &str) -> u64 {
    let disk = Disk::new(0);
    assert_eq!(workload(&disk, synchronous), ROUNDS);
    disk.writes() + disk.syncs()
}

#[test]
fn what_was_acknowledged_survives_a_crash_at_every_step() {
    let steps = steps("FULL");
    for step in 1..=steps {
        for seed in 0..6 {
            let kept = if seed == 0 { Loss::All } else { Loss::Some };
            let disk = Disk::new(seed * 10_000 + step);
            disk.fail_at(step);
            let acknowledged = workload(&disk, "FULL");
            disk.crash(kept);
            // The power goes once more while the store recovers.
            disk.fail_at(1 + (step + seed) % 12);
            drop(open(&disk, "FULL"));
            disk.crash(kept);
            let wrong = loss(&disk, "FULL", acknowledged);
            assert_eq!(wrong, None, "step {step} of {steps}, seed {seed}, {kept:?}");
            // A store that was recovered takes new rows, and keeps them.
            let mut store = open(&disk, "FULL").unwrap();
            let next = rows(&store).unwrap() + 1;
            write(&mut store, next).unwrap();
            disk.crash(kept);
            assert_eq!(loss(&disk, "FULL", next), None, "after step {step}, seed {seed}, {kept:?}");
        }
    }
}

/// What is wrong after a crash, when rows 5 to `last` were written without syncs into files whose names are durable: so
/// that a loss is one of contents.
fn loss_without_syncs(seed: u64, kept: Loss, last: i64) -> rusqlite::Result<Option<String>> {
    let disk = Disk::new(seed);
    let mut store = open(&disk, "FULL")?;
    for n in 1..=last {
        if n == 5 {
            store.pragma_update(None, "synchronous", "OFF")?;
        }
        write(&mut store, n)?;
    }
    disk.crash(kept);
    drop(store);
    Ok(loss(&disk, "OFF", last))
}

#[test]
fn without_syncs_acknowledged_rows_are_lost() {
    let lost =
        |kept| (0..40).filter(|seed| loss_without_syncs(*seed, kept, ROUNDS).unwrap().is_some()).count();
    assert_eq!(lost(Loss::All), 40, "nothing after the last sync is left");
    let some = lost(Loss::Some);
    assert!((1..40).contains(&some), "luck takes rows from some and leaves others whole: {some} of 40");
}

#[test]
fn a_torn_crash_damages_a_store_that_does_not_sync() {
    let torn = |seed| {
        loss_without_syncs(seed, Loss::Some, ROUNDS).unwrap().is_some_and(|wrong| !wrong.contains("rows,"))
    };
    assert!((0..100).any(torn), "not only whole transactions go: some seed leaves a damaged store");
}

#[test]
fn the_same_seed_loses_the_same() {
    let left = |seed| {
        let disk = Disk::new(seed);
        let mut store = open(&disk, "OFF").unwrap();
        for n in 1..=ROUNDS {
            write(&mut store, n).unwrap();
        }
        disk.crash(Loss::Some);
        let sizes = disk.snapshot();
        let sizes = sizes.sizes();
        (disk.writes(), disk.syncs(), format!("{sizes:?}"))
    };
    for seed in 0..20 {
        assert_eq!(left(seed), left(seed));
    }
    assert!((1..20).any(|seed| left(seed) != left(0)), "and another seed something else");
}

#[test]
fn a_handle_from_before_a_crash_is_dead() {
    let disk = Disk::new(1);
    let mut before = open(&disk, "FULL").unwrap();
    write(&mut before, 1).unwrap();
    disk.crash(Loss::All);
    assert!(write(&mut before, 2).is_err());
    let after = open(&disk, "FULL").unwrap();
    assert!(write(&mut before, 2).is_err());
    drop(before);
    assert_eq!(rows(&after), Ok(1));
}

#[test]
fn a_full_disk_says_so_and_goes_on_when_there_is_room() {
    let disk = Disk::new(1);
    let mut store = open(&disk, "FULL").unwrap();
    disk.set_capacity(100_000);
    let refused = (1..).find_map(|n| write(&mut store, n).err().map(|error| (n, error)));
    let (n, error) = refused.unwrap();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DiskFull));
    assert_eq!(rows(&store), Ok(n - 1));
    disk.crash(Loss::Some);
    assert_eq!(loss(&disk, "FULL", n - 1), None);

    disk.set_capacity(10_000_000);
    let mut store = open(&disk, "FULL").unwrap();
    let next = rows(&store).unwrap() + 1;
    write(&mut store, next).unwrap();
    assert_eq!(rows(&store), Ok(next));
}

#[test]
fn a_failed_sync_fails_the_commit_and_takes_nothing_acknowledged() {
    for kept in [Loss::All, Loss::Some] {
        for seed in 0..50 {
            let disk = Disk::new(seed);
            let mut store = open(&disk, "FULL").unwrap();
            for n in 1..=5 {
                write(&mut store, n).unwrap();
            }
            disk.fail_syncs(true);
            let error = write(&mut store, 6).unwrap_err();
            assert_eq!(error.sqlite_error_code(), Some(ErrorCode::SystemIoFailure));
            disk.fail_syncs(false);
            if seed % 2 == 0 {
                write(&mut store, 6).unwrap();
                disk.crash(kept);
                assert_eq!(loss(&disk, "FULL", 6), None, "seed {seed}");
            } else {
                disk.crash(kept);
                assert_eq!(loss(&disk, "FULL", 5), None, "seed {seed}");
            }
        }
    }
}

#[test]
fn a_second_connection_has_to_wait() {
    let disk = Disk::new(1);
    let mut first = open(&disk, "FULL").unwrap();
    write(&mut first, 1).unwrap();
    let error = open(&disk, "FULL").unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    drop(first);
    assert_eq!(rows(&open(&disk, "FULL").unwrap()), Ok(1));
}

#[test]
fn a_backup_goes_back_and_becomes_a_clone() {
    let disk = Disk::new(1);
    let mut store = open(&disk, "FULL").unwrap();
    write(&mut store, 1).unwrap();
    let backup = disk.snapshot();
    write(&mut store, 2).unwrap();

    let clone = Disk::from_image(&backup, 2);
    let mut copied = open(&clone, "FULL").unwrap();
    assert_eq!(rows(&copied), Ok(1));
    write(&mut copied, 2).unwrap();
    write(&mut copied, 3).unwrap();
    assert_eq!((rows(&store), rows(&copied)), (Ok(2), Ok(3)), "two disks know nothing of each other");

    disk.restore(&backup);
    assert!(write(&mut store, 3).is_err(), "the store was taken from under this connection");
    drop(store);
    assert_eq!(rows(&open(&disk, "FULL").unwrap()), Ok(1));
    assert_eq!(Disk::from_image(&backup, 3).snapshot(), backup);
}

#[test]
fn a_backup_has_no_row_that_a_crash_would_take() {
    let disk = Disk::new(1);
    let mut store = open(&disk, "FULL").unwrap();
    write(&mut store, 1).unwrap();
    store.pragma_update(None, "synchronous", "OFF").unwrap();
    write(&mut store, 2).unwrap();
    let copy = Disk::from_image(&disk.snapshot(), 2);
    assert_eq!(rows(&open(&copy, "FULL").unwrap()), Ok(1));
}

#[test]
fn the_servers_database_keeps_what_it_wrote_through_crashes_of_its_birth() {
    let id = [7; 16];
    let begin = |disk: &Disk| -> Result<(), ServerError> {
        let storage = Storage::open_on(&disk.folder(), Some(Disk::vfs()))?;
        storage.write(|write| meta::set(write, meta::Key::Department, &id))
    };
    let whole = Disk::new(0);
    begin(&whole).unwrap();
    for step in 1..=whole.writes() + whole.syncs() {
        let disk = Disk::new(step);
        disk.fail_at(step);
        let acknowledged = begin(&disk).is_ok();
        disk.reboot();
        let storage = Storage::open_on(&disk.folder(), Some(Disk::vfs())).unwrap();
        let found: Option<[u8; 16]> = storage.read(|read| meta::get(read, meta::Key::Department)).unwrap();
        assert!(found == Some(id) || found.is_none() && !acknowledged, "step {step}");
    }
}
