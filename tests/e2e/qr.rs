//! Codes in the real window: an independent reader reads them from pictures of the screen, another device takes them in, and they
//! arrive.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use xeploai_tests::process::{Binaries, Office, Phone, Server, demonstration, text};
use xeploai_tests::story::enrolled;

use crate::visit::{STAFF, SUPERVISOR, scanned};
use crate::webdriver::{Display, Page, picture, window};

/// Characters that no packing makes shorter: with them a month is more than one code holds.
const NOTE_CHARS: usize = 700;
const NOTES: u16 = 4;
/// Pictures of a series, after which something is wrong with it.
const PICTURES_MAX: usize = 200;

/// An office whose server is off, a member of staff with a month that waits, and a supervisor.
struct Cast {
    binaries: Binaries,
    office: Office,
    address: String,
    staff: Phone,
    supervisor: Phone,
}

impl Cast {
    fn new(folder: &Path) -> Result<Self> {
        let binaries = Binaries::beside_this_program()?;
        let (office, server) = demonstration(&binaries, folder)?;
        let staff = enrolled(&binaries, &office, &server.url, STAFF)?;
        let supervisor = enrolled(&binaries, &office, &server.url, SUPERVISOR)?;
        let address = server.address().to_owned();
        server.stop()?;
        for criterion in ["1", "2", "3"] {
            staff.run(&["score", "me", criterion, "1"])?;
        }
        Ok(Self { binaries, office, address, staff, supervisor })
    }

    /// Longer notes than one code holds.
    fn write_notes(&self) -> Result<()> {
        let mut random = fastrand::Rng::with_seed(5);
        for criterion in 1..=NOTES {
            let note: String = (0..NOTE_CHARS).map(|_| random.alphanumeric()).collect();
            self.staff.run(&["score", "me", &criterion.to_string(), "2", "--note", &note])?;
        }
        Ok(())
    }

    /// The supervisor is in town, then the member of staff: the server has what the codes carried.
    async fn arrives(&self, page: &Page) -> Result<()> {
        let server = Server::start(&self.binaries, self.office.data(), &self.address)?;
        self.supervisor.synced()?;
        self.staff.synced()?;
        server.stop()?;
        page.tap("header a[href='/visit']").await?;
        page.tap("header a[href='/sync']").await?;
        page.css("[data-testid='place'][data-place='received']").await.map(drop)
    }
}

/// From the home screen to the ways without a network.
async fn on_a_visit(page: &Page) -> Result<()> {
    page.tap("nav a[href='/sync']").await?;
    page.click("sync-visit").await?;
    page.at("qr-show").await.map(drop)
}

#[tokio::test]
async fn a_month_is_one_code_that_zbar_reads_and_another_device_takes_in() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cast = Cast::new(folder.path())?;
    let display = Display::start()?;
    let page = window(&cast.binaries, &display, cast.staff.store()).await?;
    on_a_visit(&page).await?;
    page.shot("qr-1-ways").await?;
    page.click("qr-show").await?;
    page.at("qr-code").await?;
    page.shot("qr-2-one-code").await?;
    let said = page.text("qr-sentence", |said| !said.is_empty()).await?;
    ensure!(said.contains("Mã QR có 1 phiếu. Ai nhìn thấy màn hình đều đọc được."), "{said}");

    let file = folder.path().join("read.txt");
    std::fs::write(&file, scanned("qr-2-one-code")?)?;
    let read = cast.supervisor.run(&["qr", "read", file.to_str().context("a path")?])?;
    ensure!(text(&read, "/sentence/vi")? == "Nhận 1 phiếu của 1 người.", "{read}");
    cast.arrives(&page).await?;
    page.click("sync-visit").await?;
    page.click("qr-show").await?;
    page.text("qr-show-error", |said| said.contains("Không còn gì chờ gửi")).await?;
    page.shot("qr-3-nothing-waits").await?;
    page.close().await
}

#[tokio::test]
async fn a_series_is_read_from_pictures_of_the_screen_until_there_are_enough() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cast = Cast::new(folder.path())?;
    cast.write_notes()?;
    let displays = [Display::start()?, Display::start()?];
    let page = window(&cast.binaries, &displays[0], cast.staff.store()).await?;
    let reader = window(&cast.binaries, &displays[1], cast.supervisor.store()).await?;
    on_a_visit(&reader).await?;
    refusals(&reader).await?;
    on_a_visit(&page).await?;
    page.click("qr-show").await?;
    read_all(&page, &reader).await?;
    let before = page.text("qr-part", |_| true).await?;
    page.click("qr-play").await?;
    page.click("qr-next").await?;
    page.text("qr-part", |part| part != before).await.context("parts go on by hand too")?;
    cast.arrives(&page).await?;
    page.close().await?;
    reader.close().await
}

/// No camera here, and a picture without a code.
async fn refusals(reader: &Page) -> Result<()> {
    reader.click("qr-look").await?;
    reader.text("qr-error", |said| said.contains("không dùng được camera")).await?;
    reader.shot("qr-4-no-camera").await?;
    reader.choose("qr-pictures", &picture("qr-4-no-camera")).await?;
    reader.text("qr-error", |said| said.contains("Không tìm thấy mã QR nào")).await.map(drop)
}

/// Takes pictures of a series while it runs, until the other window has read enough of them.
async fn read_all(page: &Page, reader: &Page) -> Result<()> {
    let mut seen = BTreeSet::new();
    let needed = page.text("qr-sentence", |said| said.contains("Loạt mã QR")).await?;
    for _ in 0..PICTURES_MAX {
        page.shot("qr-5-series").await?;
        if !seen.insert(scanned("qr-5-series")?) {
            continue;
        }
        reader.choose("qr-pictures", &picture("qr-5-series")).await?;
        let counted =
            format!("[data-testid='qr-done'], [data-testid='qr-ring'][aria-valuenow='{}']", seen.len());
        if reader.css(&counted).await?.attr("data-testid").await?.as_deref() == Some("qr-done") {
            reader.text("qr-done", |said| said == "Nhận 1 phiếu của 1 người.").await?;
            return reader.shot("qr-7-taken").await;
        }
        reader.shot("qr-6-progress").await?;
    }
    anyhow::bail!("not enough after {PICTURES_MAX} pictures: {needed}")
}
