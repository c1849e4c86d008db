//! A photo in the real window: attached without the server, received, and looked at in the head's window.

use std::path::Path;

use anyhow::{Result, ensure};
use xeploai_tests::process::{Binaries, Server, demonstration, eventually, text};
use xeploai_tests::story::{enrolled, incomplete_centre, rankings};

use crate::webdriver::{Display, window};
use crate::window::open_first_criterion;

/// Some photo.
const PHOTO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/screenshots/window-2-home.png");
const PIECE: &str = "[data-testid='evidence-list-1-own'] [data-testid='evidence-piece']";

#[tokio::test]
async fn a_photo_is_attached_offline_received_and_seen_by_the_head() -> Result<()> {
    ensure!(Path::new(PHOTO).exists(), "the photo is in the repository");
    let folder = tempfile::tempdir()?;
    let binaries = Binaries::beside_this_program()?;
    let (office, server) = demonstration(&binaries, folder.path())?;
    let unit = incomplete_centre(&rankings(&office)?)?;
    let head = enrolled(&binaries, &office, &server.url, &format!("{unit}-00"))?;
    let staff = enrolled(&binaries, &office, &server.url, &format!("{unit}-01"))?;
    let address = server.address().to_owned();
    server.stop()?;

    let display = Display::start()?;
    let page = window(&binaries, &display, staff.store()).await?;
    open_first_criterion(&page, &format!("sheet-{unit}-01")).await?;
    page.fill("points-1-own", "1").await?;
    page.choose("attach-1-own", PHOTO).await?;
    page.css(&format!("{PIECE}[data-place='waiting'] img")).await?;
    page.shot("window-evidence-1-attached").await?;
    page.close().await?;

    let server = Server::start(&binaries, office.data(), &address)?;
    staff.synced()?;
    eventually("the photo is received", || {
        let sheet = staff.run(&["evidence", "me"])?;
        let place = text(&sheet, "/groups/0/criteria/0/cells/0/evidence/0/place")?;
        Ok((place == "received").then_some(()))
    })?;
    head.synced()?;
    let page = window(&binaries, &display, head.store()).await?;
    page.tap("[data-testid='nav-review']").await?;
    page.click(&format!("sheet-{unit}-01")).await?;
    page.css(&format!("{PIECE}[data-here='true'] img")).await?;
    page.shot("window-evidence-2-review").await?;
    page.tap(&format!("{PIECE} button")).await?;
    page.at("evidence-close").await?;
    page.css("[role='dialog'] img").await?;
    page.shot("window-evidence-3-whole").await?;
    page.close().await?;
    server.stop()
}
