//! The simulator, optimised: built with the profile `simulation`, and run with whatever arguments it is given.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::setup::{self, Need};
use crate::shell::{cargo, root, run};

/// Which program, in which profile and with which features: the same wherever it is built, so that one folder keeps it.
pub(crate) const PROGRAM: [&str; 4] =
    ["--profile=simulation", "--package=xeploai-tests", "--features=simulate", "--bin=simulate"];

/// The server's crate carries a page, which nobody looks at here: an empty folder does.
pub(crate) fn without_page(tree: &Path) -> Result<()> {
    Ok(fs::create_dir_all(tree.join("ui/build"))?)
}

/// The simulator with arguments, built where it is not.
pub(crate) fn simulator(arguments: &[&str]) -> Command {
    let mut command = cargo(&["run"]);
    command.args(PROGRAM).arg("--").args(arguments);
    command
}

/// Installs what it needs, builds it, and passes the arguments on.
///
/// # Errors
/// When it can't be built, or a run broke a promise: it has said which.
pub(crate) fn simulate(arguments: &[String]) -> Result<()> {
    setup::install(Need::Simulator)?;
    without_page(&root())?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    run(&mut simulator(&arguments))
}
