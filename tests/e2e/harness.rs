//! The harness itself: a page in Chromium, a program in a window.

use anyhow::{Result, ensure};

use xeploai_tests::process::Binaries;

use crate::webdriver::{Display, Page, kill_window, window};

#[tokio::test]
async fn chromium_shows_a_page_and_takes_typing() -> Result<()> {
    let page = Page::chromium().await?;
    let html = "<input data-testid=points><p data-testid=title>Xếp Loại</p>";
    page.goto(&format!("data:text/html;charset=utf-8,{html}")).await?;
    page.fill("points", "8,5").await?;
    ensure!(page.value("points").await? == "8,5", "what was typed stands in the field");
    page.text("title", |text| text == "Xếp Loại").await?;
    page.shot("harness-chromium").await?;
    page.close().await
}

#[tokio::test]
async fn the_window_opens_and_can_be_killed() -> Result<()> {
    let (binaries, folder, display) =
        (Binaries::beside_this_program()?, tempfile::tempdir()?, Display::start()?);
    for shot in ["harness-window", "harness-window-again"] {
        let page = window(&binaries, &display, folder.path()).await?;
        page.at("enrol-code").await?;
        page.shot(shot).await?;
        kill_window(&binaries, folder.path())?;
    }
    Ok(())
}
