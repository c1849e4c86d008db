//! A unit on a visit: its staff's phones, the head's, a new one, and that of the department's officer, each a store of the real
//! program. The year before is at the server and on the head's phone; the last month waits on the staff's phones.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xeploai_tests::process::{Running, start};

use super::{release, remove};

/// Folder of the head's phone, of a member of staff's new one, of the officer's.
pub(crate) const HEAD: &str = "head";
pub(crate) const NEWCOMER: &str = "newcomer";
pub(crate) const READER: &str = "reader";

/// A unit whose last month waits.
pub(crate) struct Unit {
    pub(crate) folder: PathBuf,
    pub(crate) staff: u32,
}

/// Folder of a member of staff's phone.
pub(crate) fn person(number: u32) -> String {
    format!("cb{number:02}")
}

impl Unit {
    /// Plays the year of a workload of one unit.
    pub(crate) fn play(folder: &Path, workload: &Path) -> Result<Self> {
        remove(folder)?;
        fs::create_dir_all(folder)?;
        let mut unit = Self { folder: folder.to_owned(), staff: 0 };
        let rows = BufReader::new(File::open(workload)?).lines();
        let rows = rows.map(|line| Ok(serde_json::from_str(&line?)?)).collect::<Result<Vec<Value>>>()?;
        let months = by_month(&rows);
        let (last, before) = months.split_last().context("a month")?;
        let staff: Vec<&str> = last.1.keys().map(String::as_str).collect();
        unit.staff = staff.len() as u32;
        let (server, url) = unit.serve(workload)?;
        let head = rows[0]["reviewer"].as_str().context("a head")?;
        for (number, code) in (0..).zip(&staff) {
            unit.enrol(&person(number), code, &url)?;
        }
        for (phone, code) in [(HEAD, head), (NEWCOMER, staff[0]), (READER, "so-th")] {
            unit.enrol(phone, code, &url)?;
        }
        for month in before {
            unit.write_month(month, "own")?;
        }
        unit.sync_staff()?;
        unit.run(HEAD, &["sync"])?;
        for month in before {
            unit.write_month(month, "superior")?;
        }
        unit.run(HEAD, &["sync"])?;
        // So that the hub brings them nothing but what comes of the last month.
        unit.sync_staff()?;
        unit.write_month(last, "own")?;
        server.stop()?;
        Ok(unit)
    }

    /// The same in another folder, which is made anew.
    pub(crate) fn copied_to(&self, folder: &Path) -> Result<Self> {
        remove(folder)?;
        copy(&self.folder, folder)?;
        Ok(Self { folder: folder.to_owned(), staff: self.staff })
    }

    /// Folder of the server's data.
    pub(crate) fn data(&self) -> String {
        self.folder.join("server").display().to_string()
    }

    /// A phone's program.
    pub(crate) fn phone(&self, phone: &str, args: &[&str]) -> Command {
        let mut command = Command::new(release("xeploai"));
        command.arg("--store").arg(self.folder.join(phone)).arg("--json").args(args);
        command
    }

    /// Runs a phone's program to its end; gives what it says.
    pub(crate) fn run(&self, phone: &str, args: &[&str]) -> Result<String> {
        said(&mut self.phone(phone, args))
    }

    /// Runs a command of the server's; gives what it says.
    pub(crate) fn server(&self, args: &[&str]) -> Result<Value> {
        let mut command = Command::new(release("xeploai-server"));
        Ok(serde_json::from_str(&said(command.arg("--json").args(args))?)?)
    }

    fn serve(&self, workload: &Path) -> Result<(Running, String)> {
        let mut command = Command::new(release("xeploai-server"));
        command
            .args(["bench", "--listen", "127.0.0.1:0", "--data", &self.data(), "--workload"])
            .arg(workload);
        command.stderr(File::create(self.folder.join("log"))?);
        start(&mut command, |line| line.strip_prefix("listening on ").map(|url| url.trim().to_owned()))
    }

    fn sync_staff(&self) -> Result<()> {
        (0..self.staff).try_for_each(|number| self.run(&person(number), &["sync"]).map(drop))
    }

    fn enrol(&self, phone: &str, code: &str, url: &str) -> Result<()> {
        let made = self.server(&["enrol", "--data", &self.data(), "--person", code, "--url", url])?;
        let code = made["code"].as_str().context("a code")?;
        self.run(phone, &["enrol", code, "--device", phone]).map(drop)
    }

    /// Writes a month's own scores on the staff's phones, or the reviews on the head's.
    fn write_month(&self, (period, people): &Month<'_>, column: &str) -> Result<()> {
        let mut reviews = Vec::new();
        for (number, rows) in (0..).zip(people.values()) {
            let phone = if column == "own" { person(number) } else { HEAD.to_owned() };
            let subject = rows[0]["subject"].as_str().unwrap_or_default();
            let sheet = self.sheet(&phone, period, subject)?;
            let lines = rows.iter().flat_map(|row| lines(&sheet, row, column));
            if column == "own" {
                self.batch(&phone, lines)?;
            } else {
                reviews.extend(lines);
            }
        }
        if reviews.is_empty() { Ok(()) } else { self.batch(HEAD, reviews.into_iter()) }
    }

    /// Id of a sheet on a phone.
    fn sheet(&self, phone: &str, period: &str, subject: &str) -> Result<String> {
        let sheets = self.run(phone, &["sheets", "--period", period])?;
        let sheets: Vec<Value> = serde_json::from_str(&sheets)?;
        let found = sheets.iter().find(|sheet| sheet["code"] == subject);
        let id = found.and_then(|sheet| sheet["id"].as_str());
        Ok(id.with_context(|| format!("no sheet of {subject} in {period}"))?.to_owned())
    }

    fn batch(&self, phone: &str, lines: impl Iterator<Item = Value>) -> Result<()> {
        let mut child = self.phone(phone, &["batch"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let mut input = child.stdin.take().context("no input")?;
        lines.into_iter().try_for_each(|line| writeln!(input, "{line}"))?;
        drop(input);
        let ended = child.wait()?;
        ensure!(ended.success(), "{phone}: batch: {ended}");
        Ok(())
    }
}

/// A month, and the rows of each person's, by staff code.
type Month<'a> = (String, BTreeMap<String, Vec<&'a Value>>);

fn by_month(rows: &[Value]) -> Vec<Month<'_>> {
    let mut months: BTreeMap<String, BTreeMap<String, Vec<&Value>>> = BTreeMap::new();
    for row in rows {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        months.entry(text("period")).or_default().entry(text("subject")).or_default().push(row);
    }
    months.into_iter().collect()
}

/// What a row is as lines of a batch: the points, and the note beside them.
fn lines(sheet: &str, row: &Value, column: &str) -> Vec<Value> {
    let criterion = row["criterion"].as_str().unwrap_or_default().trim_start_matches("tc");
    let criterion: u16 = criterion.parse().unwrap_or_default();
    let points = &row[if column == "own" { "self" } else { "review" }];
    let line = |field: &str, value: &str| json!({"command": "score", "sheet": sheet, "criterion": criterion, "column": column, "field": field, "value": value});
    let note = row["note"].as_str().filter(|_| column == "own").map(|note| line("note", note));
    std::iter::once(line("points", &points.to_string())).chain(note).collect()
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::piped()).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    Ok(said)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
