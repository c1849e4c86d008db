//! What the machine needs, and installing what is missing.
//!
//! Rust and Node are asked of the developer; Debian's packages are installed when we are root, else the command is shown.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use serde_json::Value;

use crate::shell::{command, npm, root, run, run_twice};

/// Oldest Node that the UI builds with.
const NODE_MIN: u32 = 20;
/// To link and show the window: WebKitGTK, and a font that has Vietnamese.
const WINDOW: [&str; 3] = ["libwebkit2gtk-4.1-dev", "pkg-config", "fonts-noto-core"];
/// The second decoder of frames, in `tests/decoder`.
const DECODER: [&str; 1] = ["python3"];
/// To build the bindings of the simulated disk's file layer.
const BINDINGS: [&str; 1] = ["libclang-dev"];
/// To drive it without a screen, and the console in a browser, and to read what it prints.
const DRIVERS: [&str; 6] =
    ["webkit2gtk-driver", "xvfb", "dbus-daemon", "chromium", "chromium-driver", "poppler-utils"];

/// To make a network of several hosts, in which a supervisor visits a centre, and to read QR codes with other eyes than ours.
const VISITS: [&str; 2] = ["iproute2", "zbar-tools"];

/// What the machine is for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Need {
    /// The two binaries and the built UI.
    Story,
    /// The simulator alone.
    Simulator,
    /// The two binaries, the built UI and the app's window.
    App,
    /// And all tests.
    All,
}

impl Need {
    fn packages(self) -> Vec<&'static str> {
        match self {
            Need::Story => Vec::new(),
            Need::Simulator => BINDINGS.to_vec(),
            Need::App => WINDOW.to_vec(),
            Need::All => [&WINDOW[..], &DRIVERS, &DECODER, &BINDINGS, &VISITS].concat(),
        }
    }
}

/// Installs what is missing.
///
/// # Errors
/// When Node is missing or too old, or packages are missing and cannot be installed here.
pub(crate) fn install(need: Need) -> Result<()> {
    debian(&need.packages())?;
    if need == Need::Simulator {
        return Ok(());
    }
    node()?;
    ui()
}

fn node() -> Result<()> {
    let output = Command::new("node").arg("--version").output();
    let said = output.context("Node is missing: install Node 20 or later, with npm")?.stdout;
    let version = String::from_utf8_lossy(&said).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    ensure!(
        major.is_some_and(|major| major >= NODE_MIN),
        "Node {version} is too old: install Node 20 or later"
    );
    Ok(())
}

fn debian(wanted: &[&str]) -> Result<()> {
    let missing: Vec<_> = wanted.iter().copied().filter(|package| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if !Path::new("/etc/debian_version").exists() {
        bail!("this is no Debian or Ubuntu: install what its packages {names} hold, then run again");
    }
    if !root_user() {
        bail!(
            "these packages are missing; run: sudo apt-get update && sudo apt-get install --no-install-recommends {names}"
        );
    }
    eprintln!("Installing Debian packages: {names}");
    run_twice(&mut apt(&["update", "-qq"]))?;
    run_twice(apt(&["install", "-y", "-qq", "--no-install-recommends"]).args(missing))
}

fn apt(args: &[&str]) -> Command {
    let mut apt = command("apt-get", args);
    // What it unpacks fills the terminal; what goes wrong is on stderr.
    apt.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).stdout(Stdio::null());
    apt
}

fn installed(package: &str) -> bool {
    let status = Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]).output();
    status.is_ok_and(|output| output.stdout == b"installed")
}

/// Files that we make belong to whom we run as.
fn root_user() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Installs the UI's packages as locked, unless that was done for this lock file.
///
/// Not with `npm ci`: it refuses a lock that lacks optional packages of other platforms, and a registry that does not hold
/// them can never write them. `npm install` takes the same versions, checks the same hashes, and leaves the lock as it is.
fn ui() -> Result<()> {
    let locked = fs::read(root().join("ui/package-lock.json")).context("ui/package-lock.json")?;
    let done = root().join("ui/node_modules/.xeploai-installed-lock.json");
    if fs::read(&done).is_ok_and(|installed| installed == locked) {
        return Ok(());
    }
    let package: Value = serde_json::from_slice(&fs::read(root().join("ui/package.json"))?)?;
    let lock: Value = serde_json::from_slice(&locked)?;
    for kind in ["dependencies", "devDependencies"] {
        let fits = package[kind] == lock["packages"][""][kind];
        ensure!(
            fits,
            "ui/package-lock.json does not fit ui/package.json: run `npm install` in ui/ and commit it"
        );
    }
    eprintln!("Installing the UI's npm packages: ui/package-lock.json");
    run_twice(&mut npm(&["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    Ok(fs::write(done, locked)?)
}

/// Builds the page that the server and the window carry.
pub(crate) fn build_ui() -> Result<()> {
    run(&mut npm(&["run", "--silent", "build"]))
}
