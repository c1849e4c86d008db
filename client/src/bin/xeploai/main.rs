//! `xeploai`: the app's store by command line, for tests, administrators and benchmarks.
//!
//! Reading order: [`args`] (what it takes), here (which call of the app a command is), [`write`](crate::write) (writing without a
//! screen), [`evidence`] (photos and documents), [`batch`] (many commands to one process), [`qr`] (codes and pictures of them), [`print`](crate::print) (what it says).
//!
//! Invariant: no rule here; a command is a call of [`App`].

mod args;
mod batch;
mod bench;
mod evidence;
mod hub;
mod print;
mod qr;
mod write;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use xeploai_client::lan::Visit;
use xeploai_client::{App, ClientError};
use xeploai_core::view::{FieldName, SheetView};

use args::{BundleCommand, Cli, Command, MinutesCommand, Score};
use print::Output;
use write::Target;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = Output::new(cli.json);
    let code = match run(&cli, &mut out) {
        Ok(code) => code,
        Err(error) => {
            tell_cause(&error);
            out.error(&error.view());
            ExitCode::FAILURE
        }
    };
    // A closed pipe is the reader's choice, not a failure.
    let _ = std::io::stdout().write_all(out.text().as_bytes());
    code
}

/// The cause, for an administrator; the sentence goes to the person.
fn tell_cause(error: &ClientError) {
    let _ = writeln!(std::io::stderr(), "xeploai: {error}");
}

fn run(cli: &Cli, out: &mut Output) -> Result<ExitCode, ClientError> {
    match &cli.command {
        Command::BenchClient { url, workload } => {
            return bench::run(&cli.store, url, workload).map(|()| ExitCode::SUCCESS);
        }
        Command::BenchDevice { url, device } => {
            return bench::run_device(&cli.store, url, device).map(|()| ExitCode::SUCCESS);
        }
        _ => {}
    }
    let app = App::open(&cli.store)?;
    match &cli.command {
        Command::Enrol { code, device, claim } => {
            let me = Visit::new(Arc::new(app)).enrol(code, device, claim)?;
            out.show(&me, print::me_text)?
        }
        Command::Sheets { period } => {
            out.show(&app.sheets(period.as_deref())?, |it| print::lines(it, print::summary_text))?
        }
        Command::Show { sheet } => out.show(&app.sheet(sheet)?, print::sheet_text)?,
        Command::Score(score) => out.show(&write_score(&app, score)?, print::sheet_text)?,
        Command::Attach { sheet, criterion, file, column } => {
            let place = evidence::Place { sheet, criterion: *criterion, column: (*column).into() };
            out.show(&evidence::attach(&app, &place, file)?, evidence::listed)?
        }
        Command::Detach { sheet, criterion, content, column } => {
            let place = evidence::Place { sheet, criterion: *criterion, column: (*column).into() };
            out.show(&evidence::detach(&app, &place, content)?, evidence::listed)?
        }
        Command::Evidence { sheet, content, save } => {
            if let (Some(content), Some(file)) = (content, save) {
                evidence::save(&app, sheet, content, file)?;
            }
            out.show(&app.sheet(sheet)?, evidence::listed)?
        }
        Command::Submit { sheet } => out.show(&app.submit(sheet)?, print::sheet_text)?,
        Command::Withdraw { sheet } => out.show(&app.withdraw(sheet)?, print::sheet_text)?,
        Command::Approve { sheet } => out.show(&app.approve(sheet)?, print::sheet_text)?,
        Command::AgreeAll { sheet } => out.show(&app.agree_all(sheet)?, print::sheet_text)?,
        Command::Return { sheet, reason } => {
            out.show(&app.return_sheet(sheet, reason)?, print::sheet_text)?
        }
        Command::Sync { hub } => {
            let report = match hub {
                Some(invitation) => Visit::new(Arc::new(app)).join_hub(invitation)?,
                None => app.sync()?,
            };
            out.show(&report, print::sync_text)?;
            return Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::from(2) });
        }
        Command::People => out.show(&app.people()?, |it| print::lines(it, print::me_text))?,
        Command::Switch { person } => out.show(&app.switch(person)?, print::me_text)?,
        Command::History => out.show(&app.fetch_history()?, print::sync_text)?,
        // Handled before a store is opened.
        Command::BenchClient { .. } | Command::BenchDevice { .. } => {}
        Command::Minutes(command) => out.show(&minutes(&app, command)?, print::minutes_text)?,
        Command::Bundle(BundleCommand::Export { file, to }) => {
            let (bytes, mut view) = app.export_bundle(to.as_deref())?;
            xeploai_client::files::replace(file, &bytes)?;
            view.file = file.display().to_string();
            out.show(&view, print::bundle_text)?
        }
        Command::Bundle(BundleCommand::Import { file }) => {
            out.show(&app.import_bundle(&xeploai_client::files::read(file)?)?, print::bundle_text)?
        }
        Command::Qr(command) => return qr::run(&app, command, out),
        Command::Hub(args) => hub::run(app, args, cli.json)?,
        Command::Batch => {
            let all_done = batch::run(&app, std::io::stdin().lock(), std::io::stdout().lock())?;
            return Ok(if all_done { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Status => out.show(&app.sync_status()?, print::status_text)?,
        Command::Conflicts => out.show(&app.conflicts()?, |it| print::lines(it, print::conflict_text))?,
        Command::Resolve { conflict, value } => {
            out.show(&write::resolve(&app, conflict, value)?, |it| print::lines(it, print::conflict_text))?
        }
        Command::Ranking { period } => {
            out.show(&app.rankings(period.as_deref())?, |it| print::lines(it, print::ranking_text))?
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn minutes(app: &App, command: &MinutesCommand) -> Result<SheetView, ClientError> {
    match command {
        MinutesCommand::Show { sheet } => app.sheet(sheet),
        MinutesCommand::Write { sheet, part, text } => {
            let part = xeploai_core::view::MinutesPart::from(*part);
            let xeploai_core::sheet::Place { criterion, column, .. } = part.place();
            write::field(app, Target { sheet, criterion, column, field: FieldName::Minutes(part) }, text)
        }
        MinutesCommand::Sign { sheet } => app.sign_minutes(sheet, None),
    }
}

/// Writes the value, then the note when there is one.
fn write_score(app: &App, score: &Score) -> Result<SheetView, ClientError> {
    let target = |field| Target {
        sheet: &score.sheet,
        criterion: score.criterion,
        column: score.column.into(),
        field,
    };
    let view = write::field(app, target(score.field()), &score.value)?;
    match &score.note {
        Some(note) => write::field(app, target(FieldName::Note), note),
        None => Ok(view),
    }
}
