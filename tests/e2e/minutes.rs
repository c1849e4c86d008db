//! The minutes of a visit in two real windows without a server: the supervisor writes his part, the centre's head hers,
//! both sign, and both see that both have signed.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use xeploai_tests::namespaces::{in_namespaces, valley};
use xeploai_tests::process::{Binaries, Phone, demonstration, list, text};
use xeploai_tests::story::enrolled;

use crate::visit::SUPERVISOR;
use crate::webdriver::{Display, Page, window};

/// Of a centre that the demo data leaves empty.
const UNIT: &str = "TT-13";
const OPINION: &str = "Nhất trí với kết quả kiểm tra; bảo lưu ý kiến về tiêu chí 2.";

#[test]
fn both_sides_of_a_visit_sign_its_minutes_in_their_windows() -> Result<()> {
    in_namespaces(&["--net"], tempfile::tempdir()?.path(), || {
        valley()?;
        tokio::runtime::Runtime::new()?.block_on(visit())
    })
}

async fn visit() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binaries = Binaries::beside_this_program()?;
    let (supervisor, head) = appraised(&binaries, folder.path())?;
    let displays = [Display::start()?, Display::start()?];
    let hub = window(&binaries, &displays[0], supervisor.store()).await?;
    let guest = window(&binaries, &displays[1], head.store()).await?;

    hub.click("home-visit").await?;
    hub.click("visit-open").await?;
    let invitation = hub.text("visit-typed-0", |typed| !typed.is_empty()).await?;
    of_the_delegation(&hub).await?;
    guest.tap("nav a[href='/sync']").await?;
    joined(&guest, &invitation).await?;
    of_the_unit(&guest).await?;
    back_to_the_visit(&guest).await?;
    joined(&guest, &invitation).await?;

    hub.text("minutes-opinion", |said| said == OPINION).await.context("it is shown as soon as it is here")?;
    sign(&hub).await?;
    hub.text("minutes-state", |said| said.contains("đã ký đủ")).await?;
    hub.click("sign_for_delegation").await?;
    hub.shot("minutes-3-signed").await?;
    guest.tap("header a[href='/sync']").await?;
    joined(&guest, &invitation).await?;
    guest.click(&format!("minutes-{UNIT}")).await?;
    guest.text("minutes-state", |said| said.contains("đã ký đủ")).await?;
    guest.tap("[data-testid='sign_for_unit'] [data-place='carried']").await?;
    guest.shot("minutes-4-signed-by-both").await?;
    same(&supervisor, &head)?;
    hub.close().await?;
    guest.close().await
}

/// The head has scored, the supervisor has appraised three items, and the server is off.
fn appraised(binaries: &Binaries, folder: &Path) -> Result<(Phone, Phone)> {
    let (office, server) = demonstration(binaries, folder)?;
    let head = enrolled(binaries, &office, &server.url, &format!("{UNIT}-00"))?;
    for (criterion, points, note) in [("1", "20", "Kế hoạch số 12"), ("2", "15", ""), ("3", "10", "")] {
        head.run(&["score", "unit", criterion, points, "--note", note])?;
    }
    head.synced()?;
    let supervisor = enrolled(binaries, &office, &server.url, SUPERVISOR)?;
    let sheet = sheet(&supervisor)?;
    let appraised = ["--column", "appraised", "--note"];
    for (criterion, points, note) in
        [("1", "20", ""), ("2", "12", "Thiếu 3 biên bản nghiệm thu"), ("3", "10", "")]
    {
        supervisor.run(&[&["score", &sheet, criterion, points], &appraised[..], &[note]].concat())?;
    }
    server.stop()?;
    Ok((supervisor, head))
}

fn sheet(phone: &Phone) -> Result<String> {
    let sheets = phone.run(&["sheets"])?;
    let of_unit = list(&sheets, "")?.iter().find(|sheet| sheet["code"] == UNIT);
    Ok(text(of_unit.context("the centre's sheet")?, "/id")?.to_owned())
}

async fn of_the_delegation(page: &Page) -> Result<()> {
    page.click(&format!("minutes-{UNIT}")).await?;
    page.click("propose-delegation").await?;
    page.click("propose-place").await?;
    page.click("propose-arrived").await?;
    page.fill("minutes-remarks", "Hồ sơ đầy đủ. Đề nghị bổ sung biên bản nghiệm thu.").await?;
    page.at("minutes-item-2").await?;
    page.shot("minutes-1-delegation").await
}

async fn of_the_unit(page: &Page) -> Result<()> {
    page.click(&format!("minutes-{UNIT}")).await?;
    page.text("minutes-remarks", |said| said.starts_with("Hồ sơ đầy đủ")).await?;
    page.click("propose-representative").await?;
    page.fill("minutes-opinion", OPINION).await?;
    page.click("minutes-sign").await?;
    page.at("minutes-sign-confirm").await?;
    page.shot("minutes-2-unit-signs").await?;
    page.click("minutes-sign-confirm").await?;
    page.css("[data-testid='sign_for_unit'] [data-place='waiting']").await.map(drop)
}

async fn sign(page: &Page) -> Result<()> {
    page.click("minutes-sign").await?;
    page.click("minutes-sign-confirm").await
}

/// From the minutes over the sheet and the home screen.
async fn back_to_the_visit(page: &Page) -> Result<()> {
    page.tap("header a[href^='/sheet']").await?;
    page.tap("header a[href='/']").await?;
    page.tap("nav a[href='/sync']").await
}

async fn joined(page: &Page, invitation: &str) -> Result<()> {
    page.click("sync-visit").await?;
    page.fill("visit-invitation", invitation).await?;
    page.click("visit-join").await?;
    page.text("visit-guest-sentence", |said| said.contains("Xong")).await.map(drop)
}

/// The minutes say the same on both devices.
fn same(one: &Phone, other: &Phone) -> Result<()> {
    let digest = |phone: &Phone| -> Result<String> {
        let shown = phone.run(&["minutes", "show", &sheet(phone)?])?;
        ensure!(shown.pointer("/minutes/signed").is_some_and(|signed| signed == true), "{shown}");
        Ok(text(&shown, "/minutes/digest")?.to_owned())
    };
    ensure!(digest(one)? == digest(other)?, "one content under both signatures");
    Ok(())
}
