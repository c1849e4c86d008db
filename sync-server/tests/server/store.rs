//! The database file and the keys.

use std::os::unix::fs::PermissionsExt;

use rusqlite::Connection;
use xeploai_server::service::Service;

use crate::fixture::Office;

#[test]
fn a_database_opens_again_and_a_newer_one_is_refused() {
    let office = Office::new();
    let (data, department) = (office.data(), office.service.department());
    assert_eq!(Service::open(&data).unwrap().department(), department);
    let raw = Connection::open(data.join("server.db")).unwrap();
    raw.execute(
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (999, 'later', '2099-01-01T00:00:00Z', '1')",
        [],
    )
    .unwrap();
    assert_eq!(Service::open(&data).err().unwrap().view().code, "store_too_new");
}

#[test]
fn a_folder_is_initialised_once() {
    let office = Office::new();
    let again = Service::init(&office.data(), "Sở khác", false).err().unwrap();
    assert_eq!(again.view().code, "already_initialised");
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(Service::open(empty.path()).err().unwrap().view().code, "not_initialised");
}

#[test]
fn keys_are_the_owners_alone_and_not_in_the_database() {
    let office = Office::new();
    let database = std::fs::read(office.data().join("server.db")).unwrap();
    let log = std::fs::read(office.data().join("server.db-wal")).unwrap_or_default();
    for file in std::fs::read_dir(office.data().join("keys")).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
        let bytes = std::fs::read(file.path()).unwrap();
        let holds = |stored: &[u8]| stored.windows(bytes.len()).any(|window| window == bytes);
        assert!(!holds(&database) && !holds(&log), "{:?}", file.file_name());
    }
}

#[test]
fn every_commit_is_durable_and_integrity_holds() {
    let office = Office::new();
    let (journal, integrity) = office
        .service
        .storage()
        .read(|read| {
            let ask = |pragma: &str| read.query_row(pragma, [], |row| row.get::<_, String>(0));
            Ok((ask("PRAGMA journal_mode")?, ask("PRAGMA integrity_check")?))
        })
        .unwrap();
    assert_eq!((journal.as_str(), integrity.as_str()), ("wal", "ok"));
    let full = office
        .service
        .storage()
        .write(|write| Ok(write.query_row("PRAGMA synchronous", [], |row| row.get::<_, i64>(0))?))
        .unwrap();
    assert_eq!(full, 2);
}
