//! A new phone at a visit, in two real windows on a network without a server: the supervisor's makes it a staff member's.

use anyhow::{Result, ensure};
use xeploai_tests::namespaces::{in_namespaces, valley};
use xeploai_tests::process::{Binaries, Phone, Server, demonstration};
use xeploai_tests::story::enrolled;

use crate::visit::{STAFF, SUPERVISOR};
use crate::webdriver::{Display, Page, window};

#[test]
fn a_new_phone_becomes_a_staff_members_at_the_supervisors_screen() -> Result<()> {
    in_namespaces(&["--net"], tempfile::tempdir()?.path(), || {
        valley()?;
        tokio::runtime::Runtime::new()?.block_on(visited())
    })
}

async fn visited() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binaries = Binaries::beside_this_program()?;
    let (office, server) = demonstration(&binaries, folder.path())?;
    let supervisor = enrolled(&binaries, &office, &server.url, SUPERVISOR)?;
    supervisor.synced()?;
    let address = server.address().to_owned();
    server.stop()?;
    let displays = [Display::start()?, Display::start()?];
    let hub = window(&binaries, &displays[0], supervisor.store()).await?;
    let phone = Phone::new(&binaries, &folder.path().join("new"));
    let guest = window(&binaries, &displays[1], phone.store()).await?;

    enrol(&hub, &guest).await?;
    guest.tap("nav a[href='/sync']").await?;
    let said = guest.text("enrolled-by", |said| !said.is_empty()).await?;
    ensure!(said.contains("Sở chưa xác nhận"), "{said}");
    guest.shot("visit-22-enrolled").await?;
    phone.run(&["score", "me", "1", "1,5"])?;

    let server = Server::start(&binaries, office.data(), &address)?;
    guest.click("sync-now").await?;
    guest.css("[data-testid='place'][data-place='received']").await?;
    guest.css("body:not(:has([data-testid='enrolled-by']))").await?;
    server.stop()?;
    let visits = office.run(&["device", "visits"])?;
    ensure!(visits[0]["person"] == STAFF && visits[0]["confirmed"] == true, "{visits}");
    hub.close().await?;
    guest.close().await
}

/// The new phone types what the supervisor's screen shows; he compares the digits and says whose it is.
async fn enrol(hub: &Page, guest: &Page) -> Result<()> {
    hub.click("home-visit").await?;
    hub.click("visit-open").await?;
    let typed = hub.text("visit-typed-0", |typed| !typed.is_empty()).await?;
    guest.fill("enrol-code", &typed).await?;
    guest.fill("enrol-claim", STAFF).await?;
    guest.click("enrol-submit").await?;
    let code = hub.text("visit-code", |code| !code.is_empty()).await?;
    let there = guest.text("visit-code", |code| !code.is_empty()).await?;
    ensure!(code == there, "both screens show one number: {code}, {there}");
    guest.at("enrol-waits").await?;
    guest.shot("visit-20-asks").await?;
    hub.at("newcomer-enrol").await?;
    hub.shot("visit-21-newcomer").await?;
    hub.click("newcomer-enrol").await?;
    guest.css("nav a[href='/sync']").await?;
    hub.css("[data-testid='visit-link-0'][data-state='done']").await.map(drop)
}
