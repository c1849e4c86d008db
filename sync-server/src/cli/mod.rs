//! The administrator's commands. Each prints for people, or with `--json` one JSON value; a failure is exit code 1, with
//! `--json` an error with code and message on standard output.

mod bench;
mod classify;
mod decide;
mod device;
mod enrol;
mod import;
mod init;
mod period;
mod ruleset;
mod serve;
mod unit;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::ServerError;

/// Máy chủ đồng bộ của một Sở: nhận, phán định, xếp loại, xếp hạng.
#[derive(Debug, Parser)]
#[command(name = "xeploai-server", version)]
struct Cli {
    /// Answer with JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// Where the department's data is.
#[derive(Debug, clap::Args)]
struct Data {
    /// Folder of the department's data.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new department: keys, database, console account.
    Init(init::Init),
    /// Serve devices and the console.
    Serve(serve::Serve),
    /// Make a one-time code for a person's device.
    Enrol(enrol::Enrol),
    /// Open or lock a period, or decide on its locked result.
    #[command(subcommand)]
    Period(period::PeriodCommand),
    /// List what waits for a person, or let it count.
    #[command(subcommand)]
    Held(decide::Held),
    /// Take accepted changes back.
    Annul(decide::Decide),
    /// Put a device out, or vouch for one that was enrolled on a visit.
    #[command(subcommand)]
    Device(device::Device),
    /// State that a verified copy of everything up to now exists off this machine.
    Archive(decide::Archive),
    /// Import units or people from a CSV file.
    #[command(subcommand)]
    Import(import::Import),
    /// Record what becomes of units.
    #[command(subcommand)]
    Unit(unit::UnitCommand),
    /// Print the rankings of a period.
    Rank(period::Rank),
    /// Show the levels of units and people, or decide one.
    #[command(subcommand)]
    Classify(classify::ClassifyCommand),
    /// Print a quarter or year, made of the shorter periods.
    Aggregate(period::OfPeriod),
    /// Print the file of a league's result, whose SHA-256 stands on documents.
    Result(period::ExportResult),
    /// Check criteria sets, or make them known.
    #[command(subcommand)]
    Ruleset(ruleset::RulesetCommand),
    /// Print where a unit's total comes from.
    Explain(period::Explain),
    /// Compute one sheet from two files, or a published result again from its own.
    Evaluate(period::Evaluate),
    /// Serve a benchmark's department.
    #[command(hide = true)]
    Bench(bench::Bench),
}

/// What a command says: JSON, and lines for people.
struct Said {
    json: serde_json::Value,
    text: String,
    /// Whether the command has found what it was asked to look for, and it is wrong.
    failed: bool,
}

impl Said {
    fn new(json: &impl serde::Serialize, text: String) -> Result<Self, ServerError> {
        Ok(Self { json: serde_json::to_value(json)?, text, failed: false })
    }
}

/// Runs the program's arguments.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let said = match cli.command {
        Command::Init(command) => command.run(),
        Command::Serve(command) => command.run(),
        Command::Enrol(command) => command.run(),
        Command::Period(command) => command.run(),
        Command::Held(command) => command.run(),
        Command::Annul(of) => of.annul(),
        Command::Device(command) => command.run(),
        Command::Archive(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Classify(command) => command.run(),
        Command::Aggregate(of) => of.aggregate(),
        Command::Result(of) => of.run(),
        Command::Ruleset(command) => command.run(),
        Command::Unit(command) => command.run(),
        Command::Rank(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Evaluate(command) => command.run(),
        Command::Bench(command) => command.run(),
    };
    match said {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(said)) => {
            let text = if cli.json { said.json.to_string() } else { said.text };
            // Who reads has perhaps seen enough and gone: `| head` is no fault.
            let _ = writeln!(std::io::stdout(), "{text}");
            if said.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(error) => {
            let view = error.view();
            match serde_json::to_string(&view) {
                Ok(json) if cli.json => println!("{json}"),
                _ => eprintln!("{} ({})", view.message.vi, view.code),
            }
            // What only the administrator may see: paths, what the database said.
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
