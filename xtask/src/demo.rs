//! The demo: the story with real components, then the app and the console to look around in.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Result;
use xeploai_tests::process::{Binaries, Running};
use xeploai_tests::story;

use crate::setup::{self, Need};
use crate::shell::{cargo, root, run};

const APP: [&str; 5] = [
    "build",
    "--package=xeploai-client",
    "--package=xeploai-server",
    "--package=xeploai-app",
    CUSTOM_PROTOCOL,
];
/// The window carries its page; the same everywhere, because a change of it compiles Tauri again.
pub(crate) const CUSTOM_PROTOCOL: &str = "--features=xeploai-app/custom-protocol";

/// Builds, plays, opens.
pub(crate) fn play(story_only: bool) -> Result<()> {
    let screen = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    let window = screen && !story_only;
    let start = Instant::now();
    setup::install(if window { Need::App } else { Need::Story })?;
    setup::build_ui()?;
    run(&mut cargo(if window { &APP } else { &APP[..3] }))?;
    println!(
        "\nBuilt in {} s. Everything below runs on this machine, in demo-data/.",
        start.elapsed().as_secs()
    );

    let folder = root().join("demo-data");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let binaries = Binaries::beside_this_program()?;
    let ending = story::play(&binaries, &folder, &mut std::io::stdout())?;
    println!("\nThe story is told: every step was checked. {} s in all.", start.elapsed().as_secs());
    if story_only {
        return ending.server.stop();
    }
    println!(
        "Console: {}/console   login {}   password {}",
        ending.server.url, ending.login, ending.password
    );
    let _window = if window {
        let app = Command::new(binaries.path("xeploai-app")?)
            .env("XEPLOAI_STORE", ending.head.store())
            .stdin(Stdio::null())
            .spawn()?;
        println!("The app is open on the phone of the head of {}.", ending.unit);
        Some(Running(app))
    } else {
        println!("No display here, so the app's window stays closed.");
        None
    };
    println!("Ctrl-C ends the demo.");
    ending.server.wait()
}
