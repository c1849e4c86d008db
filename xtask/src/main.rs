//! What developers run: `cargo xtask setup | demo | test | simulate | planted | mutants | bindings | fuzz | bench`.
//!
//! Reading order: [`setup`] (what the machine needs), [`demo`] (the story, then the app), [`checks`] (what CI runs, part by
//! part), [`simulate`] (the department in one thread), [`planted`] (bugs that it must find), [`mutants`] (changes of the
//! rules that tests must find), [`bindings`] (what is generated from types), [`fuzz`] (the decoders under libFuzzer), [`bench`] (what sync costs), [`shell`] (starting programs).

mod bench;
mod bindings;
mod checks;
mod demo;
mod fuzz;
mod mutants;
mod planted;
mod setup;
mod shell;
mod simulate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer tasks of Xếp Loại.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing: Debian packages and the UI's npm packages.
    Setup {
        /// What the machine is for.
        #[arg(value_enum, default_value = "all")]
        need: setup::Need,
    },
    /// Build, play the story with real components, then open the app and the console.
    Demo {
        /// End after the ranking; needs no WebKit.
        #[arg(long)]
        story_only: bool,
    },
    /// Run what CI runs, or the named parts of it.
    Test {
        /// Parts to run; all of them when none is named.
        #[arg(value_enum)]
        parts: Vec<checks::Part>,
    },
    /// Play phones, hubs and servers from seeds: `--seeds N`, `--minutes M`, or `--seed S [--steps K] [--keep DIR]`.
    #[command(disable_help_flag = true)]
    Simulate {
        /// What the simulator is told; `--help` lists everything.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Plant bugs in a copy of the tree, one at a time: the simulator must find each.
    Planted {
        /// Bugs, by a part of their names in `tests/planted`; all of them when none is named.
        bugs: Vec<String>,
    },
    /// Change the rules one place at a time: the tests of `core` must notice each. Not part of `test`.
    Mutants {
        /// One part of the changes: K/N, K from 0.
        #[arg(long, value_name = "K/N")]
        shard: Option<String>,
        /// Files to change, as globs; all of the rules when none is named.
        files: Vec<String>,
    },
    /// Write the TypeScript types of the views and the JSON Schema of criteria sets.
    Bindings,
    /// Fuzz the decoders, a target after the other, two at once. Not part of `test`.
    Fuzz {
        /// How long each target runs.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// Targets to run, by their names in `tests/fuzz/fuzz_targets`; all of them when none is named.
        targets: Vec<String>,
    },
    /// Measure what sync costs, each figure beside its limit. Not part of `test`.
    Bench {
        /// Parts to measure; all of them when none is named.
        #[arg(value_enum)]
        parts: Vec<bench::Part>,
        /// How often each contender runs.
        #[arg(long, default_value_t = 5)]
        rounds: u64,
        /// A copy of the peers' harness whose set-up was run: its contenders take turns with ours.
        #[arg(long, value_name = "DIR")]
        peers: Option<std::path::PathBuf>,
    },
}

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Setup { need } => setup::install(need).map(|()| ExitCode::SUCCESS),
        Task::Demo { story_only } => demo::play(story_only).map(|()| ExitCode::SUCCESS),
        Task::Test { parts } => checks::run_parts(&parts),
        Task::Simulate { arguments } => simulate::simulate(&arguments).map(|()| ExitCode::SUCCESS),
        Task::Planted { bugs } => planted::plant(&bugs).map(|()| ExitCode::SUCCESS),
        Task::Mutants { shard, files } => {
            mutants::mutate(shard.as_deref(), &files).map(|()| ExitCode::SUCCESS)
        }
        Task::Bindings => bindings::write().map(|()| ExitCode::SUCCESS),
        Task::Bench { parts, rounds, peers } => {
            bench::measure(&parts, rounds, peers.as_deref()).map(|()| ExitCode::SUCCESS)
        }
        Task::Fuzz { seconds, targets } => fuzz::run_targets(seconds, &targets).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|fault| {
        eprintln!("error: {fault:#}");
        ExitCode::FAILURE
    })
}
