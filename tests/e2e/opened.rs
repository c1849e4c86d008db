//! A file is opened by double click: the window is started with it, or the one that runs is handed it.

use anyhow::{Context, Result};
use xeploai_tests::process::{Binaries, demonstration};
use xeploai_tests::story::enrolled;

use crate::visit::{STAFF, SUPERVISOR};
use crate::webdriver::{Display, start_again, window_with};

#[tokio::test]
async fn a_file_that_is_double_clicked_is_taken_in_and_a_broken_one_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binaries = Binaries::beside_this_program()?;
    let (office, server) = demonstration(&binaries, folder.path())?;
    let supervisor = enrolled(&binaries, &office, &server.url, SUPERVISOR)?;
    let staff = enrolled(&binaries, &office, &server.url, STAFF)?;
    staff.run(&["score", "me", "1", "1,5"])?;
    let (file, broken) = (folder.path().join("phiếu.xlb"), folder.path().join("hỏng.xlb"));
    staff.run(&["bundle", "export", file.to_str().context("a path")?])?;
    let bytes = std::fs::read(&file)?;
    std::fs::write(&broken, &bytes[..bytes.len() - 1])?;

    let display = Display::with_bus()?;
    let page = window_with(&binaries, &display, supervisor.store(), &[&file]).await?;
    page.text("bundle-done", |said| said.contains("Nhận 1 phiếu của 1 người.")).await?;
    page.reads(".toast", |said| said.contains("Nhận 1 phiếu của 1 người.")).await?;
    page.shot("visit-30-opened").await?;
    page.tap("header a[href='/sync']").await?;
    start_again(&binaries, &display, supervisor.store(), &broken)?;
    page.text("bundle-error", |said| said.contains("thiếu phần cuối")).await?;
    page.reads(".toast", |said| said.contains("thiếu phần cuối")).await?;
    page.shot("visit-31-opened-broken").await?;
    page.close().await?;

    let page = window_with(&binaries, &display, &folder.path().join("new"), &[&file]).await?;
    page.reads(".toast", |said| said.contains("chưa đăng ký")).await?;
    page.shot("visit-32-opened-by-nobody").await?;
    page.fill("enrol-code", &office.code(SUPERVISOR, &server.url)?).await?;
    page.click("enrol-submit").await?;
    // Made before this device was there: not for it, and so it was kept and read.
    page.text("bundle-error", |said| said.contains("không ghi cho người dùng máy này")).await?;
    page.close().await?;
    server.stop()
}
