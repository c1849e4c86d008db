//! The window's program is killed again and again while it writes.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use xeploai_tests::process::{Binaries, demonstration};
use xeploai_tests::story::enrolled;

use crate::webdriver::{Display, Page, kill_window, window};
use crate::window::open_first_criterion;

/// Of a centre that the demo data leaves empty.
const STAFF: &str = "TT-13-03";
const NOTE: &str = "note-1-own";
/// At moments spread over a little more than the time that a write takes.
const KILLS: u32 = 20;

#[tokio::test]
async fn what_the_window_showed_as_saved_is_there_after_each_of_twenty_kills() -> Result<()> {
    let (binaries, folder, display) =
        (Binaries::beside_this_program()?, tempfile::tempdir()?, Display::start()?);
    let (office, server) = demonstration(&binaries, folder.path())?;
    let phone = enrolled(&binaries, &office, &server.url, STAFF)?;
    server.stop()?;
    // One note that only grows: what was saved is the beginning of what is there, and that of what was typed.
    let (mut saved, mut typed) = (String::new(), String::new());
    let (mut life, mut whole) = (Duration::ZERO, 0);
    for kill in 0..=KILLS {
        let page = window(&binaries, &display, phone.store()).await?;
        open_first_criterion(&page, &format!("sheet-{STAFF}")).await?;
        let there = page.value(NOTE).await?;
        ensure!(there.starts_with(&saved), "kill {kill}: {saved:?} was shown as saved, {there:?} is there");
        ensure!(typed.starts_with(&there), "kill {kill}: {typed:?} was typed, {there:?} is there");
        whole += u32::from(kill > 0 && there == typed);
        if kill == KILLS {
            println!(
                "{whole} of {KILLS} writes that a kill met were whole, the others had not come to the store"
            );
            return page.close().await;
        }
        saved = format!("{there}{kill};");
        let start = Instant::now();
        page.add(NOTE, &format!("{kill};")).await?;
        shows_saved(&page, &saved).await?;
        life = life.max(start.elapsed());
        let more = format!("{kill}-lần-nữa;");
        typed = format!("{saved}{more}");
        let killed = async {
            tokio::time::sleep(life * kill / (KILLS - 2)).await;
            kill_window(&binaries, phone.store())
        };
        // What was being typed may get no answer any more.
        let (_, killed) = tokio::join!(page.add(NOTE, &more), killed);
        killed?;
    }
    Ok(())
}

async fn shows_saved(page: &Page, typed: &str) -> Result<()> {
    page.css("[data-testid='saved-1'][data-phase='saved']").await?;
    let stands = page.value(NOTE).await?;
    ensure!(stands == typed, "what was typed stands at the end: {stands:?}");
    Ok(())
}
