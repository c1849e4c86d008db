//! Two centres with two people and a head each, made as for a benchmark, behind a server process.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use xeploai_server::bench::{self, READER};
use xeploai_server::service::Service;
use xeploai_tests::process::{Binaries, Office, Phone, Server, list};
use xeploai_tests::story::enrolled;

/// Who scores, each on a phone of his own.
pub(crate) const PEOPLE: [&str; 4] = ["tt-1-a", "tt-1-b", "tt-2-a", "tt-2-b"];
/// Criteria of a sheet; each takes two points or more, in steps of a half.
pub(crate) const CRITERIA: u64 = 8;
/// Below the ports that the system gives to outgoing connections: one of those could take the place of a server that
/// is down for a moment.
const PORTS: std::ops::Range<u16> = 10_000..30_000;

/// What can be written to a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    Points,
    Note,
}

/// What a person has written on his sheet, by criterion and field.
pub(crate) type Written = BTreeMap<(u64, Field), String>;

/// A department, served or not.
pub(crate) struct Department {
    pub(crate) binaries: Binaries,
    pub(crate) office: Office,
    address: String,
    _folder: TempDir,
}

impl Department {
    pub(crate) fn new() -> Result<Self> {
        Self::in_folder(tempfile::tempdir()?)
    }

    /// Makes one whose data, and the stores of its phones, are in a folder.
    pub(crate) fn in_folder(folder: TempDir) -> Result<Self> {
        let binaries = Binaries::beside_this_program()?;
        let data = folder.path().join("server");
        let service = Service::init(&data, "Sở thử", true)?;
        bench::install(&service, &workload(folder.path())?)?;
        let office = Office::new(&binaries, &data);
        Ok(Self { binaries, office, address: free_address()?, _folder: folder })
    }

    /// Starts the server, each time at the same address.
    pub(crate) fn serve(&self) -> Result<Server> {
        Server::start(&self.binaries, self.office.data(), &self.address)
    }

    /// A new phone of a person, which finds the server at `url` and is in step with it.
    pub(crate) fn phone(&self, person: &str, url: &str) -> Result<Phone> {
        enrolled(&self.binaries, &self.office, url, person)
    }

    /// A device that reads everything and has had nothing yet shows, after a sync, what `written` says, and no conflict.
    pub(crate) fn reads_back(&self, url: &str, written: &[(&Phone, &Written)]) -> Result<()> {
        let reader = self.phone(READER, url)?;
        for (phone, written) in written {
            let id = phone.run(&["show", "me"])?["summary"]["id"].clone();
            let sheet = reader.run(&["show", id.as_str().context("a sheet's id")?])?;
            let shown = own(&sheet)?;
            ensure!(
                shown == **written,
                "a new device shows {shown:?} for {}, not {written:?}",
                sheet["summary"]["code"]
            );
            ensure!(sheet["summary"]["conflicts"] == 0, "a conflict that nobody made: {sheet}");
        }
        Ok(())
    }

    /// Names of the frames in the server's database, each there once.
    pub(crate) fn frames(&self) -> Result<BTreeSet<Vec<u8>>> {
        names(&self.database()?, "SELECT hash FROM frames")
    }

    /// The server's database.
    pub(crate) fn database(&self) -> Result<Connection> {
        open(&self.office.data().join("server.db"))
    }
}

fn workload(folder: &Path) -> Result<PathBuf> {
    let cells = PEOPLE.iter().flat_map(|person| (1..=CRITERIA).map(move |criterion| (person, criterion)));
    let lines = cells.map(|(person, criterion)| {
        let unit = person.rsplit_once('-').map_or(*person, |(unit, _)| unit);
        let line = json!({
            "unit": unit, "period": "2026-10", "subject": person, "criterion": format!("tc{criterion:02}"),
            "reviewer": format!("{unit}-gd"),
        });
        format!("{line}\n")
    });
    let path = folder.join("workload.jsonl");
    std::fs::write(&path, lines.collect::<String>())?;
    Ok(path)
}

fn free_address() -> Result<String> {
    let mut addresses = std::iter::repeat_with(|| format!("127.0.0.1:{}", fastrand::u16(PORTS)));
    addresses.by_ref().take(100).find(|address| TcpListener::bind(address).is_ok()).context("no port is free")
}

/// The database of a phone.
pub(crate) fn store(phone: &Phone) -> Result<Connection> {
    open(&phone.store().join("xeploai.db"))
}

fn open(path: &Path) -> Result<Connection> {
    ensure!(path.is_file(), "{} is gone", path.display());
    let database = Connection::open(path)?;
    database.busy_timeout(xeploai_tests::process::PATIENCE)?;
    Ok(database)
}

/// Names of the frames that `query` finds.
pub(crate) fn names(database: &Connection, query: &str) -> Result<BTreeSet<Vec<u8>>> {
    Ok(database.prepare(query)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// SQLite finds nothing wrong with a database.
pub(crate) fn is_whole(database: &Connection) -> Result<()> {
    let said: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(said == "ok", "a database is damaged: {said}");
    Ok(())
}

/// What a sheet shows in the column of the person that it is about.
pub(crate) fn own(sheet: &Value) -> Result<Written> {
    let groups = list(sheet, "/groups")?.iter().filter_map(|group| group["criteria"].as_array()).flatten();
    let mut written = Written::new();
    for criterion in groups {
        let number = criterion["number"].as_u64().context("a criterion's number")?;
        let cell =
            list(criterion, "/cells")?.iter().find(|cell| cell["column"] == "own").context("a column")?;
        ensure!(cell["conflict"] == false, "a conflict that nobody made: {cell}");
        for (field, value) in [(Field::Points, &cell["points"]), (Field::Note, &cell["note"])] {
            if let Some(value) = value.as_str().filter(|value| !value.is_empty()) {
                written.insert((number, field), value.to_owned());
            }
        }
    }
    Ok(written)
}
