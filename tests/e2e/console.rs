//! The console in a browser: a unit's rank changes after a sync, and opens down to the score that changed it.

use anyhow::{Context, Result};
use xeploai_tests::process::{Binaries, Office, Server, text};
use xeploai_tests::story::{
    counted_author, enrolled, fill, hand_in_and_appraise, incomplete_centre, rankings, row,
};

use crate::webdriver::Page;

#[tokio::test]
async fn a_rank_changes_after_a_sync_and_opens_down_to_the_score() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binaries = Binaries::beside_this_program()?;
    let office = Office::new(&binaries, &folder.path().join("server"));
    let init = office.run(&["init", "--demo"])?;
    let server = Server::start(&binaries, office.data(), "127.0.0.1:0")?;
    let before = rankings(&office)?;
    let unit = incomplete_centre(&before)?;
    let league = before.iter().find(|league| row(std::slice::from_ref(league), &unit).is_ok());
    let line = format!("rank-{}-{unit}", text(league.context("a league has the unit")?, "/league")?);

    let page = Page::chromium().await?;
    page.goto(&server.url).await?;
    page.at("login-name").await?;
    page.shot("console-1-login").await?;
    page.fill("login-name", text(&init, "/console/login")?).await?;
    page.fill("login-password", text(&init, "/console/password")?).await?;
    page.click("login-submit").await?;
    page.text(&line, |row| !row.is_empty()).await?;
    page.shot("console-2-before").await?;

    let head = enrolled(&binaries, &office, &server.url, &format!("{unit}-00"))?;
    let supervisor = enrolled(&binaries, &office, &server.url, "SO-TD1")?;
    fill(&head, "unit", "own", 85)?;
    hand_in_and_appraise(&head, &supervisor, &unit)?;
    let after = rankings(&office)?;
    let total = text(row(&after, &unit)?, "/total")?.replace('.', ",");
    page.reload().await?;
    page.text(&line, |row| row.contains(&total)).await?;
    page.shot("console-3-after").await?;

    page.click(&line).await?;
    page.at("unit-detail").await?;
    let truth = office.run(&["explain", "--period", "2022-11", "--unit", &unit])?;
    let author = counted_author(&truth).context("the explanation ends at a signed score")?;
    page.text("explain", |tree| tree.contains(&total) && tree.contains(author)).await?;
    page.shot("console-4-unit").await?;
    page.close().await?;
    server.stop()
}
