//! The real window, phone size: score with the server off, be killed, come back, sync.

use anyhow::{Context, Result, ensure};
use xeploai_tests::process::{Binaries, Office, Server};
use xeploai_tests::story::{incomplete_centre, rankings};

use crate::webdriver::{Display, kill_window, window};

const TYPED: &str = "1,5";

#[tokio::test]
async fn a_score_written_offline_survives_a_kill_and_is_received() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binaries = Binaries::beside_this_program()?;
    let office = Office::new(&binaries, &folder.path().join("server"));
    office.run(&["init", "--demo"])?;
    let server = Server::start(&binaries, office.data(), "127.0.0.1:0")?;
    let person = format!("{}-02", incomplete_centre(&rankings(&office)?)?);
    let (display, store) = (Display::start()?, folder.path().join("phone"));

    let page = window(&binaries, &display, &store).await?;
    page.at("enrol-code").await?;
    page.shot("window-1-enrol").await?;
    page.fill("enrol-code", &office.code(&person, &server.url)?).await?;
    page.fill("enrol-device", "Điện thoại thử").await?;
    page.click("enrol-submit").await?;
    let sheet = format!("sheet-{person}");
    page.at(&sheet).await?;
    page.shot("window-2-home").await?;

    let address = server.address().to_owned();
    server.stop()?;
    page.click(&sheet).await?;
    page.at("points-1-own").await?;
    page.shot("window-3-sheet").await?;
    page.fill("points-1-own", TYPED).await?;
    page.at("saved-1").await?;
    page.shot("window-4-scored-offline").await?;
    kill_window(&binaries, &store)?;
    drop(page);

    let page = window(&binaries, &display, &store).await?;
    page.click(&sheet).await?;
    let kept = page.value("points-1-own").await?;
    ensure!(kept == TYPED, "the score is there after the kill: {kept:?}");
    page.shot("window-5-after-the-kill").await?;

    page.css("a[href='/sync']").await.context("the way to the sync screen")?.click().await?;
    page.click("sync-now").await?;
    page.text("sync-sentence", |sentence| !sentence.is_empty()).await?;
    page.shot("window-6-sync-without-server").await?;
    let server = Server::start(&binaries, office.data(), &address)?;
    page.click("sync-now").await?;
    page.css("[data-testid='place'][data-place='received']").await?;
    page.text("place", |place| place.contains("Đã nhận")).await?;
    page.shot("window-7-received").await?;
    page.css("a[href='/ranking']").await?.click().await?;
    page.css("[data-testid^='ranking-row-']").await?;
    page.shot("window-8-ranking").await?;
    page.close().await?;
    server.stop()
}
