//! A volume that is full: a real one of a few megabytes, under a phone's store or under the server's folder.
//!
//! The volumes are mounted in a namespace of their own, which needs no rights on the machine and is gone with the test,
//! however it ends: each test runs itself again in there.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use fastrand::Rng;
use serde_json::Value;
use xeploai_tests::namespaces::in_namespaces;
use xeploai_tests::process::{Phone, Running, Server, text};

use crate::department::{Department, PEOPLE, is_whole, own, store};
use crate::ledger::{Ledger, Line};

const MEGABYTES: usize = 1024 * 1024;
/// A full volume may have room for some more writes in what files hold already, and never for so many.
const WRITES_MAX: usize = 2_000;

/// Runs the body of a test where it may mount.
fn with_volumes<F: FnOnce() -> Result<()>>(test: F) -> Result<()> {
    in_namespaces(&["--mount"], tempfile::tempdir()?.path(), test)
}

/// A small volume at a folder.
struct Volume(PathBuf);

impl Volume {
    fn mount(folder: &Path, size: usize) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let size = format!("size={size}");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).status()?;
        ensure!(mounted.success(), "no small volume can be mounted here: {mounted}");
        Ok(Self(folder.to_owned()))
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// Takes all the room that is left.
    fn fill(&self) -> Result<()> {
        let mut ballast = File::options().create(true).append(true).open(self.ballast())?;
        loop {
            match ballast.write_all(&[0; 4096]) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn make_room(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.ballast())?)
    }
}

/// One `xeploai batch` that is told line after line, with what it has acknowledged.
struct Batch {
    _process: Running,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    ledger: Ledger,
    chance: Rng,
}

impl Batch {
    fn start(phone: &Phone) -> Result<Self> {
        let mut command = phone.command(&["batch"])?;
        let mut process = Running(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?);
        let input = process.0.stdin.take().context("an input")?;
        let output = BufReader::new(process.0.stdout.take().context("an output")?);
        Ok(Self { _process: process, input, output, ledger: Ledger::default(), chance: Rng::with_seed(3) })
    }

    fn say(&mut self, line: &Line) -> Result<Value> {
        self.input.write_all(line.json().as_bytes())?;
        let mut said = String::new();
        self.output.read_line(&mut said)?;
        Ok(serde_json::from_str(&said)?)
    }

    fn write(&mut self) -> Result<Value> {
        let line = self.ledger.next(&mut self.chance);
        let said = self.say(&line)?;
        if said["ok"] == true {
            self.ledger.acknowledged(&line, &said)?;
        }
        Ok(said)
    }

    /// Writes that are saved, and then a sync that hands all over.
    fn works(&mut self) -> Result<()> {
        for _ in 0..10 {
            let said = self.write()?;
            ensure!(said["ok"] == true, "there is room, and it is not saved: {said}");
        }
        let said = self.say(&Line::Sync)?;
        ensure!(said["ok"] == true && said["report"]["waiting"] == 0, "{said}");
        Ok(())
    }
}

/// A phone whose store is on a small volume of its own, and its department.
fn phone_on_volume() -> Result<(Volume, Department, Server, Phone)> {
    let folder = tempfile::tempdir()?;
    let volume = Volume::mount(&folder.path().join(format!("phone-{}", PEOPLE[0])), 4 * MEGABYTES)?;
    let department = Department::in_folder(folder)?;
    let server = department.serve()?;
    let phone = department.phone(PEOPLE[0], &server.url)?;
    Ok((volume, department, server, phone))
}

#[test]
fn a_phone_that_is_full_says_that_nothing_was_saved_and_goes_on_when_there_is_room() -> Result<()> {
    with_volumes(|| {
        let (volume, department, server, phone) = phone_on_volume()?;
        let mut batch = Batch::start(&phone)?;
        batch.works()?;
        batch.write()?;
        volume.fill()?;
        let refusal = first_refusal(|| batch.write())?;
        ensure!(text(&refusal, "/error/code")? == "disk_full", "{refusal}");
        ensure!(text(&refusal, "/error/message/vi")?.contains("CHƯA lưu được"), "{refusal}");
        let said = batch.say(&Line::Sync)?;
        ensure!(text(&said, "/error/code")? == "disk_full", "not even a receipt can be noted: {said}");
        volume.make_room()?;
        batch.ledger.check(&phone, None)?;
        batch.works()?;
        batch.ledger.check(&phone, None)?;
        is_whole(&store(&phone)?)?;
        department.reads_back(&server.url, &[(&phone, &batch.ledger.written)])
    })
}

#[test]
fn an_app_that_starts_on_a_full_volume_says_so_and_has_lost_nothing() -> Result<()> {
    with_volumes(|| {
        let (volume, department, server, phone) = phone_on_volume()?;
        // It ends well, so that its log is gone and has to be made anew.
        phone.run(&["score", "me", "1", "1.5"])?;
        let written = own(&phone.run(&["show", "me"])?)?;
        volume.fill()?;
        for command in [&["score", "me", "1", "2"][..], &["sync"], &["enrol", "http://127.0.0.1:9/#1"]] {
            let code = phone.refused(command)?;
            ensure!(code == "disk_full", "{command:?}: {code}");
        }
        volume.make_room()?;
        ensure!(own(&phone.run(&["show", "me"])?)? == written, "what was saved is there, and nothing else");
        phone.synced()?;
        department.reads_back(&server.url, &[(&phone, &written)])
    })
}

#[test]
fn a_server_that_is_full_takes_nothing_keeps_what_it_took_and_goes_on_when_there_is_room() -> Result<()> {
    with_volumes(|| {
        let folder = tempfile::tempdir()?;
        let volume = Volume::mount(&folder.path().join("server"), 16 * MEGABYTES)?;
        let department = Department::in_folder(folder)?;
        let server = department.serve()?;
        let phone = department.phone(PEOPLE[0], &server.url)?;
        let mut batch = Batch::start(&phone)?;
        batch.works()?;
        volume.fill()?;
        let report = first_refusal(|| {
            batch.write()?;
            batch.say(&Line::Sync)
        })?;
        ensure!(text(&report, "/report/failure/code")? == "server_fault", "{report}");
        ensure!(report["report"]["waiting"] == 1, "what was refused waits: {report}");
        volume.make_room()?;
        batch.works()?;
        let held = department.frames()?;
        volume.fill()?;
        // Dropped is killed.
        drop(server);
        ensure!(department.serve().is_err(), "a server that can't begin an epoch does not start");
        volume.make_room()?;
        let server = department.serve()?;
        ensure!(department.frames()?.is_superset(&held), "what it had is there");
        batch.works()?;
        is_whole(&department.database()?)?;
        department.reads_back(&server.url, &[(&phone, &batch.ledger.written)])
    })
}

/// Does something again and again until it is refused.
fn first_refusal(mut ask: impl FnMut() -> Result<Value>) -> Result<Value> {
    for _ in 0..WRITES_MAX {
        let said = ask()?;
        if said["ok"] == false {
            return Ok(said);
        }
    }
    bail!("the volume is full, and everything goes on")
}
