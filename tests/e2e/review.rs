//! The head's window: settle a conflict, take over a staff member's points, approve, look at the result.

use anyhow::{Result, ensure};
use xeploai_tests::process::{Binaries, demonstration, eventually, list, text};
use xeploai_tests::story::{enrolled, fill, incomplete_centre, rankings};

use crate::webdriver::{Display, window};

#[tokio::test]
async fn the_head_settles_a_conflict_and_approves_a_month() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binaries = Binaries::beside_this_program()?;
    let (office, server) = demonstration(&binaries, folder.path())?;
    let unit = incomplete_centre(&rankings(&office)?)?;
    let head = enrolled(&binaries, &office, &server.url, &format!("{unit}-00"))?;
    let staff = enrolled(&binaries, &office, &server.url, &format!("{unit}-01"))?;
    head.run(&["score", "unit", "1", "25"])?;
    staff.run(&["score", "unit", "1", "20,5"])?;
    fill(&staff, "me", "own", 90)?;
    staff.run(&["submit", "me"])?;
    staff.synced()?;
    head.synced()?;

    let display = Display::start()?;
    let page = window(&binaries, &display, head.store()).await?;
    page.at("nav-review").await?;
    page.shot("window-head-1-home").await?;
    page.click("home-conflicts").await?;
    page.at("conflict-0").await?;
    page.shot("window-head-2-conflict").await?;
    page.tap("[data-testid='conflict-0'] [data-testid='choose-0']").await?;
    page.click("settle-0").await?;
    eventually("the conflict is settled", || {
        Ok(list(&head.run(&["conflicts"])?, "")?.is_empty().then_some(()))
    })?;

    page.tap("header.back a").await?;
    page.tap("[data-testid='nav-review']").await?;
    let sheet = format!("sheet-{unit}-01");
    page.at(&sheet).await?;
    page.shot("window-head-3-to-review").await?;
    page.click(&sheet).await?;
    page.at("agree-all").await?;
    page.shot("window-head-4-review").await?;
    page.click("agree-all").await?;
    page.tap("[data-testid='approve']:not(:disabled):not([aria-disabled='true'])").await?;
    page.click("approve-confirm").await?;
    let approved = eventually("the month is approved", || {
        let sheets = head.run(&["sheets", "--period", "2022-11"])?;
        let of_staff = list(&sheets, "")?.iter().find(|it| it["code"] == format!("{unit}-01")).cloned();
        Ok(of_staff.filter(|it| it["stage"] == "approved"))
    })?;
    ensure!(!text(&approved, "/total/total")?.is_empty(), "the superior's points count: {approved}");
    page.shot("window-head-5-approved").await?;
    page.close().await?;
    server.stop()
}
