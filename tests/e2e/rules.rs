//! The rules as people see them, on the commune's office of 2026: NĐ 335 in the window, gates and the quota in the console.

use anyhow::{Result, ensure};
use serde_json::Value;
use xeploai_tests::process::{Binaries, Office, Phone, Server, demonstration, eventually, list, text};
use xeploai_tests::story::enrolled;

use crate::webdriver::{Display, Page, window};

const PERIOD: &str = "2026-11";
const UNIT: &str = "ND-335";
const HEAD: &str = "ND-335-00";
/// Over the quota in the demo data.
const OVER: &str = "ND-335-01";
/// Has not begun in the demo data.
const STAFF: &str = "ND-335-02";
/// Disciplined in the demo data.
const DISCIPLINED: &str = "ND-335-04";

#[tokio::test]
async fn the_console_shows_gate_quota_and_signals_and_keeps_a_decision_beside_the_proposal() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binaries = Binaries::beside_this_program()?;
    let office = Office::new(&binaries, &folder.path().join("server"));
    let init = office.run(&["init", "--demo"])?;
    let server = Server::start(&binaries, office.data(), "127.0.0.1:0")?;
    let page = Page::chromium().await?;
    page.goto(&format!("{}/console?period={PERIOD}", server.url)).await?;
    page.fill("login-name", text(&init, "/console/login")?).await?;
    page.fill("login-password", text(&init, "/console/password")?).await?;
    page.click("login-submit").await?;
    page.click("section-classes").await?;
    page.click(&format!("class-unit-{UNIT}")).await?;

    page.text(&row(OVER), |row| row.contains("Xuất sắc") && row.contains("Vượt tỷ lệ")).await?;
    page.text(&format!("gates-{DISCIPLINED}"), |gate| gate.starts_with("Bị kỷ luật từ khiển trách")).await?;
    page.text("quotas", |line| line.contains("xuất sắc không quá 1 người")).await?;
    page.text("unit-signals", |signals| signals.contains("Độ chênh điểm trong đơn vị")).await?;

    let decided = format!("decided-{OVER}");
    let stands = |said: &str| {
        said.contains("Tốt") && said.contains("khác đề xuất") && said.contains("Theo tỷ lệ của đơn vị")
    };
    page.click(&format!("decide-{OVER}")).await?;
    page.click("decide-HTTNV").await?;
    page.click("decide-save").await?;
    let refusal = page.css("[role='dialog'] [role='alert']").await?.text().await?;
    ensure!(refusal == "Mức khác đề xuất: hãy nêu lý do.", "refused with the sentence: {refusal:?}");
    page.fill("decide-reason", "Theo tỷ lệ của đơn vị").await?;
    page.click("decide-save").await?;
    page.text(&decided, stands).await?;
    page.reload().await?;
    page.text(&decided, stands).await?;
    page.text(&row(OVER), |row| row.contains("Xuất sắc") && !row.contains("Vượt tỷ lệ")).await?;
    page.shot("console-6-classification").await?;

    page.click("span-quarter").await?;
    page.text(&format!("longer-row-{OVER}"), |row| row.contains("(97,5) ÷ 1 = 97,5")).await?;
    page.shot("console-7-quarter").await?;
    page.close().await?;
    server.stop()
}

#[tokio::test]
async fn faults_and_a_discipline_are_entered_in_the_window_and_change_points_and_level() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (binaries, display) = (Binaries::beside_this_program()?, Display::start()?);
    let (office, server) = demonstration(&binaries, folder.path())?;
    let staff = enrolled(&binaries, &office, &server.url, STAFF)?;
    let head = enrolled(&binaries, &office, &server.url, HEAD)?;
    score_all_but_the_first_product(&staff)?;

    let page = window(&binaries, &display, staff.store()).await?;
    page.tap(&format!("[data-testid='sheet-{STAFF}'] a")).await?;
    page.click("criterion-11").await?;
    for (measure, figure) in [("assigned", "4"), ("completed", "4"), ("faults", "1"), ("delays", "0")] {
        page.fill(&format!("quantity-11-1-{measure}-own"), figure).await?;
    }
    // Of 18 converted items one fault takes a quarter: (1 + 17,75/18 + 1) ÷ 3 × 70.
    page.text("points-11-own", |points| points.contains("69,68")).await?;
    page.shot("window-9-rules").await?;
    page.close().await?;

    staff.run(&["submit", "me"])?;
    staff.synced()?;
    head.synced()?;
    let page = window(&binaries, &display, head.store()).await?;
    page.click("nav-review").await?;
    page.click(&format!("sheet-{STAFF}")).await?;
    page.click("agree-all").await?;
    page.text("points-11-superior", |points| points.contains("69,68")).await?;
    page.tap("[data-testid='criterion-13'] button.head").await?;
    page.click("points-13-superior-yes").await?;
    let forced = eventually("the discipline forces the level", || {
        let sheet = of_staff(&head)?;
        Ok((sheet["total"]["level"] == "KHTNV").then_some(sheet))
    })?;
    ensure!(text(&forced, "/total/total")?.starts_with("94.6"), "the points stay: {forced}");
    page.shot("window-10-discipline").await?;
    page.close().await?;
    server.stop()
}

fn row(code: &str) -> String {
    format!("class-row-{code}")
}

fn score_all_but_the_first_product(staff: &Phone) -> Result<()> {
    for criterion in 1..=10 {
        staff.run(&["score", "me", &criterion.to_string(), "2,5"])?;
    }
    for product in ["2", "3"] {
        for (measure, figure) in [("assigned", "4"), ("completed", "4"), ("faults", "0"), ("delays", "0")] {
            staff.run(&["score", "me", "11", figure, "--product", product, "--measure", measure])?;
        }
    }
    Ok(())
}

fn of_staff(phone: &Phone) -> Result<Value> {
    let sheets = phone.run(&["sheets", "--period", PERIOD])?;
    Ok(list(&sheets, "")?.iter().find(|sheet| sheet["code"] == STAFF).cloned().unwrap_or_default())
}
