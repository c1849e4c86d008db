//! The real window, phone size: score with the server off, be killed, come back, sync.

use anyhow::{Context, Result, ensure};
use xeploai_tests::process::{Binaries, Server, demonstration};

use crate::webdriver::{Display, Page, kill_window, window};

/// Of a centre that the demo data leaves empty.
const STAFF: &str = "TT-13-02";
const TYPED: &str = "1,5";

#[tokio::test]
async fn a_score_written_offline_survives_a_kill_and_is_received() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binaries = Binaries::beside_this_program()?;
    let (office, server) = demonstration(&binaries, folder.path())?;
    let (display, store) = (Display::start()?, folder.path().join("phone"));

    let page = window(&binaries, &display, &store).await?;
    page.at("enrol-code").await?;
    page.shot("window-1-enrol").await?;
    page.fill("enrol-code", &office.code(STAFF, &server.url)?).await?;
    page.fill("enrol-device", "Điện thoại thử").await?;
    page.click("enrol-submit").await?;
    let sheet = format!("sheet-{STAFF}");
    page.at(&sheet).await?;
    let link =
        page.css(&link_in(&sheet)).await?.attr("href").await?.context("the card leads to its sheet")?;
    page.shot("window-2-home").await?;

    let address = server.address().to_owned();
    server.stop()?;
    open_first_criterion(&page, &sheet).await?;
    page.shot("window-3-sheet").await?;
    page.fill("points-1-own", TYPED).await?;
    page.css("[data-testid='saved-1'][data-phase='saved']").await?;
    page.shot("window-4-scored-offline").await?;
    kill_window(&binaries, &store)?;
    drop(page);

    let page = window(&binaries, &display, &store).await?;
    open_first_criterion(&page, &sheet).await?;
    let kept = page.value("points-1-own").await?;
    ensure!(kept == TYPED, "the score is there after the kill: {kept:?}");
    page.shot("window-5-after-the-kill").await?;

    page.tap("header a[href='/']").await?;
    page.tap("nav a[href='/sync']").await?;
    page.click("sync-now").await?;
    page.text("sync-sentence", |sentence| !sentence.is_empty()).await?;
    page.css(&place(&link, "waiting")).await.context("without the server's receipt it waits")?;
    page.shot("window-6-sync-without-server").await?;
    let server = Server::start(&binaries, office.data(), &address)?;
    page.click("sync-now").await?;
    let tag = page.css(&place(&link, "received")).await?.text().await?;
    ensure!(tag.contains("Đã nhận"), "the word stands beside the state: {tag:?}");
    page.shot("window-7-received").await?;
    page.tap("nav a[href='/ranking']").await?;
    page.css("[data-testid^='ranking-row-']").await?;
    page.shot("window-8-ranking").await?;
    page.close().await?;
    server.stop()
}

/// From the home screen into a sheet, with the first criterion open.
pub(crate) async fn open_first_criterion(page: &Page, sheet: &str) -> Result<()> {
    page.tap(&link_in(sheet)).await?;
    let shut = "[data-testid='criterion-1']:not([data-state='open'])";
    let first = page.css(&format!("[data-testid='points-1-own'], {shut}")).await?;
    if first.tag_name().await? != "input" {
        page.tap(shut).await?;
    }
    page.at("points-1-own").await.map(|_| ())
}

/// The way from a card on the home screen to its sheet.
fn link_in(sheet: &str) -> String {
    format!("[data-testid='{sheet}'] a, a[data-testid='{sheet}']")
}

/// The mark of where a sheet is, on the sync screen; the same person's other months stand there too.
fn place(link: &str, place: &str) -> String {
    let id = link.rsplit('=').next().unwrap_or(link);
    format!("a[href$='={id}'] [data-testid='place'][data-place='{place}']")
}
