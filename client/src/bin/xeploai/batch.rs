//! `batch`: many commands to one process, each acknowledged when it is durable.
//!
//! Invariant: an acknowledgement is written and flushed after the store has committed and before the next line is read.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};
use xeploai_client::{App, ClientError};
use xeploai_core::view::{Column, ErrorView, FieldName, SyncReport, Text};

use crate::write::{self, Target};

/// A line of the input.
#[derive(Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Score {
        sheet: String,
        criterion: u16,
        #[serde(default = "own")]
        column: Column,
        #[serde(default = "points")]
        field: FieldName,
        value: String,
    },
    Submit {
        sheet: String,
    },
    Withdraw {
        sheet: String,
    },
    Approve {
        sheet: String,
    },
    AgreeAll {
        sheet: String,
    },
    Return {
        sheet: String,
        reason: String,
    },
    Resolve {
        conflict: String,
        value: String,
    },
    Switch {
        person: String,
    },
    Sync {},
}

fn own() -> Column {
    Column::Own
}

fn points() -> FieldName {
    FieldName::Points
}

/// The answer to a line.
#[derive(Serialize)]
struct Acknowledgement {
    /// Number of the line, from 1.
    line: u64,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<SyncReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView>,
}

/// Does what the lines say until the input ends, and tells whether all was done. Nobody left to read the
/// acknowledgements is an end too.
///
/// # Errors
/// When the input can't be read.
pub(crate) fn run(app: &App, mut input: impl BufRead, mut output: impl Write) -> Result<bool, ClientError> {
    let (mut all_done, mut line, mut text) = (true, 0, Vec::new());
    loop {
        text.clear();
        if input.read_until(b'\n', &mut text)? == 0 {
            return Ok(all_done);
        }
        line += 1;
        if text.trim_ascii().is_empty() {
            continue;
        }
        let answer = acknowledge(app, line, &text);
        all_done &= answer.ok;
        if say(&mut output, &answer).is_err() {
            return Ok(false);
        }
    }
}

fn say(output: &mut impl Write, answer: &Acknowledgement) -> io::Result<()> {
    serde_json::to_writer(&mut *output, answer)?;
    output.write_all(b"\n")?;
    output.flush()
}

fn acknowledge(app: &App, line: u64, text: &[u8]) -> Acknowledgement {
    let done = match serde_json::from_slice(text) {
        Ok(command) => execute(app, command).map_err(|error| error.view()),
        Err(error) => Err(not_a_command(&error)),
    };
    match done {
        Ok(report) => {
            let ok = report.as_ref().is_none_or(|report| report.ok);
            Acknowledgement { line, ok, report, error: None }
        }
        Err(error) => Acknowledgement { line, ok: false, report: None, error: Some(error) },
    }
}

fn execute(app: &App, command: Line) -> Result<Option<SyncReport>, ClientError> {
    match command {
        Line::Score { sheet, criterion, column, field, value } => {
            write::field(app, Target { sheet: &sheet, criterion, column, field }, &value).map(drop)?;
        }
        Line::Submit { sheet } => app.submit(&sheet).map(drop)?,
        Line::Withdraw { sheet } => app.withdraw(&sheet).map(drop)?,
        Line::Approve { sheet } => app.approve(&sheet).map(drop)?,
        Line::AgreeAll { sheet } => app.agree_all(&sheet).map(drop)?,
        Line::Return { sheet, reason } => app.return_sheet(&sheet, &reason).map(drop)?,
        Line::Resolve { conflict, value } => write::resolve(app, &conflict, &value).map(drop)?,
        Line::Switch { person } => app.switch(&person).map(drop)?,
        Line::Sync {} => return app.sync().map(Some),
    }
    Ok(None)
}

fn not_a_command(error: &serde_json::Error) -> ErrorView {
    ErrorView {
        code: "bad_command".into(),
        message: Text {
            vi: format!("Dòng này không phải là lệnh đúng dạng: {error}."),
            en: format!("This line is not a command: {error}."),
        },
    }
}
