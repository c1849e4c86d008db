//! The console in a browser: a unit's rank changes after a sync, and opens down to the score that changed it.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xeploai_tests::process::{Binaries, Office, Server, list, text};
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
    log_in(&page, &init).await?;
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

async fn log_in(page: &Page, init: &Value) -> Result<()> {
    page.fill("login-name", text(init, "/console/login")?).await?;
    page.fill("login-password", text(init, "/console/password")?).await?;
    page.click("login-submit").await
}

#[tokio::test]
async fn a_published_ranking_has_its_whole_hash_on_paper() -> Result<()> {
    const PUBLISHED: &str = "2022-10";
    let folder = tempfile::tempdir()?;
    let binaries = Binaries::beside_this_program()?;
    let office = Office::new(&binaries, &folder.path().join("server"));
    let init = office.run(&["init", "--demo"])?;
    let server = Server::start(&binaries, office.data(), "127.0.0.1:0")?;
    let rankings = office.run(&["rank", "--period", PUBLISHED])?;
    let hashes = list(&rankings, "")?.iter().filter_map(|ranking| ranking["result_hash"].as_str());
    let hashes: Vec<&str> = hashes.collect();
    ensure!(!hashes.is_empty(), "a published ranking has a hash: {rankings}");

    let page = Page::chromium().await?;
    page.goto(&server.url).await?;
    log_in(&page, &init).await?;
    page.at("period").await?;
    page.tap(&format!("[data-testid='period'] option[value='{PUBLISHED}']")).await?;
    page.text("result-hash", |shown| !shown.is_empty()).await?;
    let paper: String = page.paper().await?.split_whitespace().collect();
    ensure!(hashes.iter().any(|hash| paper.contains(hash)), "none of {hashes:?} is on paper: {paper}");
    page.close().await?;
    server.stop()
}
