//! One person's phone under load: shift after shift of writes and syncs, whose processes are killed.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStdout, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use serde_json::Value;
use xeploai_tests::process::{Phone, Running};

use crate::kill::Tally;
use crate::ledger::{Ledger, Line};

/// Lines of one `xeploai batch`, one in so many of them a sync.
const LINES: usize = 8;
const SYNC_ONE_IN: usize = 4;
/// A process is killed at most so long after the line that was chosen, or after its start.
const LATER_MAX: Duration = Duration::from_millis(40);

/// The process that works on a phone now. It stays until its end was seen, so that nothing else is killed in its place.
#[derive(Default)]
pub(crate) struct Slot(Mutex<Option<Running>>);

impl Slot {
    fn put(&self, process: Running) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
    }

    /// Sends SIGKILL; tells whether there was a process.
    pub(crate) fn kill(&self) -> bool {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_mut().is_some_and(|process| process.0.kill().is_ok())
    }

    /// Waits for the end of the process, which has closed its output; tells whether it died of SIGKILL.
    fn ended(&self) -> Result<bool> {
        let process = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        killed(process.context("a process")?)
    }
}

fn killed(mut process: Running) -> Result<bool> {
    Ok(process.0.wait()?.signal().is_some())
}

pub(crate) struct Lane<'a> {
    phone: &'a Phone,
    slot: &'a Slot,
    tally: &'a Tally,
    chance: Rng,
    /// Hears of every acknowledgement.
    says: Sender<()>,
    ledger: Ledger,
}

impl<'a> Lane<'a> {
    pub(crate) fn new(
        phone: &'a Phone,
        slot: &'a Slot,
        tally: &'a Tally,
        chance: Rng,
        says: Sender<()>,
    ) -> Self {
        Self { phone, slot, tally, chance, says, ledger: Ledger::default() }
    }

    /// Works until enough was killed; gives what was acknowledged.
    pub(crate) fn run(mut self) -> Result<Ledger> {
        while !self.tally.is_over() {
            self.shift()?;
        }
        Ok(self.ledger)
    }

    /// A batch of writes and syncs with another process that syncs beside it or after it, each killed or not.
    fn shift(&mut self) -> Result<()> {
        let lines: Vec<Line> = (0..LINES).map(|_| self.line()).collect();
        let beside = if self.chance.bool() { Some(self.sync()?) } else { None };
        let moment = self.kills().then(|| self.chance.usize(..LINES));
        let output = self.batch(&lines)?;
        let done = self.listen(output, &lines, moment)?;
        self.count(self.slot.ended()?);
        let beside = match beside {
            Some(beside) => beside,
            None => self.sync()?,
        };
        self.end(beside)?;
        self.ledger.check(self.phone, lines.get(done))
    }

    fn line(&mut self) -> Line {
        if self.chance.usize(..SYNC_ONE_IN) == 0 { Line::Sync } else { self.ledger.next(&mut self.chance) }
    }

    /// Whether the next process is killed.
    fn kills(&mut self) -> bool {
        !self.tally.spares_phones() && self.chance.u8(..3) > 0
    }

    fn later(&mut self) {
        std::thread::sleep(LATER_MAX.mul_f64(self.chance.f64()));
    }

    fn count(&self, killed: bool) {
        if killed {
            self.tally.phone_killed();
        }
    }

    fn sync(&self) -> Result<Running> {
        let mut command = self.phone.command(&["sync"])?;
        Ok(Running(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }

    /// Lets a sync end, or kills it.
    fn end(&mut self, mut sync: Running) -> Result<()> {
        if self.kills() {
            self.later();
            sync.0.kill()?;
        }
        self.count(killed(sync)?);
        Ok(())
    }

    /// Starts `xeploai batch` and hands it all lines; they fit into the pipe.
    fn batch(&self, lines: &[Line]) -> Result<ChildStdout> {
        let mut command = self.phone.command(&["batch"])?;
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Running(piped.spawn()?);
        let output = process.0.stdout.take().context("an output")?;
        let input = process.0.stdin.take();
        self.slot.put(process);
        let lines: String = lines.iter().map(Line::json).collect();
        // Killed before it could read: then nobody wants them.
        let _ = input.context("an input")?.write_all(lines.as_bytes());
        Ok(output)
    }

    /// Notes every acknowledgement, and kills a moment after the one that was chosen; gives how many there were.
    fn listen(&mut self, output: ChildStdout, lines: &[Line], moment: Option<usize>) -> Result<usize> {
        let (mut output, mut done, mut said) = (BufReader::new(output), 0, String::new());
        // Half a line was never said.
        while output.read_line(&mut said)? > 0 && said.ends_with('\n') {
            let answer: Value = serde_json::from_str(&said)?;
            let line = lines.get(done).context("more answers than lines")?;
            done += 1;
            ensure!(answer["line"] == done, "the answer to line {done}: {said}");
            self.ledger.acknowledged(line, &answer)?;
            let _ = self.says.send(());
            if moment == Some(done) {
                self.later();
                self.slot.kill();
            }
            said.clear();
        }
        Ok(done)
    }
}
