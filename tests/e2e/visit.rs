//! Two real windows meet on a network without a server: the supervisor's shows a QR code, which an independent reader reads
//! from a picture of it, and the staff member's comes to it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use xeploai_tests::namespaces::{in_namespaces, valley};
use xeploai_tests::process::{Binaries, Office, Phone, Server, demonstration, text};
use xeploai_tests::story::enrolled;

use crate::webdriver::{Display, Page, picture, window};

pub(crate) const SUPERVISOR: &str = "SO-TD2";
/// Of a centre that the demo data leaves empty.
pub(crate) const STAFF: &str = "TT-13-01";

/// What zbar reads in a screenshot.
pub(crate) fn scanned(shot: &str) -> Result<String> {
    let picture = picture(shot);
    let output = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&picture).output();
    let output = output.context("no zbarimg here: install zbar-tools")?;
    ensure!(output.status.success(), "zbar finds no code in {picture}");
    // Only the end of the line is its own: a text of ours may end with a space.
    Ok(String::from_utf8(output.stdout)?.trim_end_matches('\n').to_owned())
}

#[test]
fn two_windows_meet_without_a_server() -> Result<()> {
    in_namespaces(&["--net"], tempfile::tempdir()?.path(), || {
        valley()?;
        tokio::runtime::Runtime::new()?.block_on(meet())
    })
}

/// Everything that the meeting needs: an office whose server is off, two people's stores, and their windows.
struct Meeting {
    binaries: Binaries,
    office: Office,
    address: String,
    supervisor: Phone,
    staff: Phone,
    hub: Page,
    guest: Page,
    _displays: [Display; 2],
}

async fn meet() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let meeting = begin(folder.path()).await?;
    let Meeting { staff, hub, guest, .. } = &meeting;
    let invitation = opened(hub).await?;
    joined(&meeting, &invitation).await?;
    hub.click("visit-close").await?;
    hub.at("visit-open").await?;
    hub.shot("visit-5-closed").await?;
    guest.tap("header a[href='/sync']").await?;
    guest.css("[data-testid='place'][data-place='carried']").await?;
    let tag = guest.text("carried", |said| !said.is_empty()).await?;
    let name = text(&staff.run(&["show", "me"])?, "/summary/carried/by")?.to_owned();
    ensure!(tag.contains(&name) && !name.is_empty(), "who has it: {tag}");
    guest.shot("visit-6-carried").await?;
    by_file(&meeting, &name).await?;
    receipt(&meeting).await?;
    meeting.hub.close().await?;
    meeting.guest.close().await
}

async fn begin(folder: &Path) -> Result<Meeting> {
    let binaries = Binaries::beside_this_program()?;
    let (office, server) = demonstration(&binaries, folder)?;
    let supervisor = enrolled(&binaries, &office, &server.url, SUPERVISOR)?;
    let staff = enrolled(&binaries, &office, &server.url, STAFF)?;
    let address = server.address().to_owned();
    server.stop()?;
    staff.run(&["score", "me", "1", "1,5"])?;
    let displays = [Display::start()?, Display::start()?];
    let hub = window(&binaries, &displays[0], supervisor.store()).await?;
    let guest = window(&binaries, &displays[1], staff.store()).await?;
    Ok(Meeting { binaries, office, address, supervisor, staff, hub, guest, _displays: displays })
}

/// The supervisor opens a hub; gives what another reader than ours reads on its screen.
async fn opened(hub: &Page) -> Result<String> {
    hub.click("home-visit").await?;
    hub.click("visit-open").await?;
    hub.at("visit-qr").await?;
    hub.shot("visit-1-hub").await?;
    let typed = hub.text("visit-typed-0", |typed| !typed.is_empty()).await?;
    ensure!(typed.starts_with("192.168.43.1 "), "the address of its own network: {typed}");
    scanned("visit-1-hub")
}

/// The staff member mistypes, then comes to it.
async fn joined(Meeting { hub, guest, .. }: &Meeting, invitation: &str) -> Result<()> {
    guest.tap("nav a[href='/sync']").await?;
    guest.click("sync-visit").await?;
    guest.at("visit-invitation").await?;
    guest.shot("visit-2-guest").await?;
    guest.fill("visit-invitation", "192.168.43.1 0000-0000-0000-0000").await?;
    guest.click("visit-join").await?;
    guest.text("visit-guest-sentence", |said| said.contains("không khớp với máy trả lời")).await?;
    guest.fill("visit-invitation", invitation).await?;
    guest.click("visit-join").await?;
    let said = guest.text("visit-guest-sentence", |said| said.contains("Xong")).await?;
    ensure!(said.contains("đã trao 1 phiếu"), "{said}");
    guest.shot("visit-3-handed").await?;
    hub.css("[data-testid='visit-link-0'][data-state='done']").await?;
    hub.text("visit-sentence", |said| said == "Nhận 1 phiếu của 1 người.").await?;
    hub.shot("visit-4-received").await?;
    let digits = |shown: String| shown.chars().filter(char::is_ascii_digit).collect::<String>();
    let (here, there) = (hub.text("visit-code", |_| true).await?, guest.text("visit-code", |_| true).await?);
    ensure!(digits(here.clone()) == digits(there), "both screens show one number: {here}");
    Ok(())
}

/// What is written afterwards goes by a file.
async fn by_file(Meeting { staff, hub, guest, .. }: &Meeting, name: &str) -> Result<()> {
    staff.run(&["score", "me", "2", "2"])?;
    guest.click("sync-visit").await?;
    guest.click("bundle-save").await?;
    let saved = guest.text("bundle-done", |said| said.contains(".xlb")).await?;
    ensure!(saved.contains("Đã ghi 1 phiếu") && saved.contains(name), "for the supervisor too: {saved}");
    guest.shot("visit-8-file").await?;
    let file = saved.rsplit_once("Tệp: ").context("where it is")?.1.trim().to_owned();
    hub.choose("bundle-file", &file).await?;
    hub.text("bundle-done", |said| said.contains("Nhận 1 phiếu của 1 người.")).await?;
    hub.shot("visit-9-file-taken").await?;
    guest.tap("header a[href='/sync']").await?;
    Ok(())
}

/// The supervisor has been in town; the second meeting, by a picture of his screen, brings the server's receipt.
async fn receipt(meeting: &Meeting) -> Result<()> {
    let Meeting { hub, guest, .. } = meeting;
    let server = Server::start(&meeting.binaries, meeting.office.data(), &meeting.address)?;
    meeting.supervisor.synced()?;
    server.stop()?;
    hub.click("visit-open").await?;
    hub.at("visit-qr").await?;
    hub.shot("visit-10-hub-again").await?;
    guest.click("sync-visit").await?;
    guest.choose("visit-read-pictures", &picture("visit-10-hub-again")).await?;
    guest.text("visit-guest-sentence", |said| said.contains("máy chủ đã nhận 2 thay đổi")).await?;
    guest.tap("header a[href='/sync']").await?;
    guest.css("[data-testid='place'][data-place='received']").await?;
    guest.shot("visit-7-receipt").await
}
