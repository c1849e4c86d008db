//! The harness itself: a page in Chromium, a program in a window.

use anyhow::{Result, ensure};

use crate::webdriver::Page;

#[tokio::test]
async fn chromium_shows_a_page_and_takes_typing() -> Result<()> {
    let page = Page::chromium().await?;
    let html = "<input data-testid=points><p data-testid=title>Xếp Loại</p>";
    page.goto(&format!("data:text/html;charset=utf-8,{html}")).await?;
    page.fill("points", "8,5").await?;
    ensure!(page.value("points").await? == "8,5", "what was typed stands in the field");
    page.text("title", |text| text == "Xếp Loại").await?;
    page.shot("harness-chromium").await?;
    page.close().await
}
