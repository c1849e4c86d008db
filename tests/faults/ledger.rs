//! What a phone was told to write, what it has acknowledged, and whether that is there.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xeploai_tests::process::Phone;

use crate::department::{CRITERIA, Field, Written, own};

/// A line for `xeploai batch`.
#[derive(Debug, Clone)]
pub(crate) enum Line {
    Write((u64, Field), String),
    Sync,
}

impl Line {
    /// As JSON, with its end.
    pub(crate) fn json(&self) -> String {
        let line = match self {
            Self::Write((criterion, field), value) => {
                let field = if *field == Field::Points { "points" } else { "note" };
                json!({"command": "score", "sheet": "me", "criterion": criterion, "field": field, "value": value})
            }
            Self::Sync => json!({"command": "sync"}),
        };
        format!("{line}\n")
    }
}

/// One person's writes. Notes are numbered, so that an older one is never taken for it.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// What the person's phone must show.
    pub(crate) written: Written,
    writes: u64,
    /// Acknowledged syncs that exchanged everything, and the others.
    pub(crate) synced: u32,
    pub(crate) cut_off: u32,
}

impl Ledger {
    /// The next write, of a field of chance.
    pub(crate) fn next(&mut self, chance: &mut fastrand::Rng) -> Line {
        self.writes += 1;
        let criterion = chance.u64(1..=CRITERIA);
        match chance.bool() {
            true => Line::Write((criterion, Field::Note), format!("lần {}", self.writes)),
            false => {
                let step = ["0.5", "1", "1.5", "2"][self.writes as usize % 4];
                Line::Write((criterion, Field::Points), step.to_owned())
            }
        }
    }

    /// Notes what the phone has said to a line.
    pub(crate) fn acknowledged(&mut self, line: &Line, said: &Value) -> Result<()> {
        match line {
            Line::Write(place, value) => {
                ensure!(said["ok"] == true, "{line:?} was not saved: {said}");
                self.written.insert(*place, value.clone());
            }
            Line::Sync if said["ok"] == true => {
                ensure!(said["report"]["waiting"] == 0, "a sync that leaves something waiting: {said}");
                self.synced += 1;
            }
            Line::Sync => {
                said.pointer("/report/failure/code").or(said.pointer("/error/code")).context("a reason")?;
                self.cut_off += 1;
            }
        }
        Ok(())
    }

    /// The phone shows what it has acknowledged, and of the line that it was at, all or nothing.
    pub(crate) fn check(&mut self, phone: &Phone, at: Option<&Line>) -> Result<()> {
        let shown = own(&phone.run(&["show", "me"])?)?;
        let mut whole = self.written.clone();
        if let Some(Line::Write(place, value)) = at {
            whole.insert(*place, value.clone());
        }
        ensure!(
            shown == self.written || shown == whole,
            "{} shows {shown:?}, and has acknowledged {:?}; it was at {at:?}",
            phone.store().display(),
            self.written
        );
        self.written = shown;
        Ok(())
    }
}
