//! How rankings and explanations are printed in a terminal.

use std::io::Write;

use anyhow::Result;
use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::Value;

use crate::process::{list, text};

/// Việt Nam has one time all year.
const VIETNAM: Offset = jiff::tz::offset(7);

/// Prints the ranking of one league.
///
/// # Errors
/// When it is not a `RankingView`, or the output is closed.
pub fn ranking(out: &mut dyn Write, view: &Value) -> Result<()> {
    let state = if view["published"] == true { "published" } else { "provisional" };
    writeln!(out, "\n  {} · {} · {state}", text(view, "/title/vi")?, text(view, "/period/id")?)?;
    for row in list(view, "/rows")? {
        writeln!(
            out,
            "  {:>4}{} {:<7} {:<66} {:>8}  {}",
            row["rank"].as_u64().map_or("–".to_owned(), |rank| rank.to_string()),
            if row["tied"] == true { "=" } else { " " },
            text(row, "/code")?,
            text(row, "/name")?,
            row["total"].as_str().map_or("–".to_owned(), comma),
            row["level"].as_str().unwrap_or("chưa đủ dữ liệu"),
        )?;
    }
    writeln!(out, "  Tie rule: {}", text(view, "/tie_rule/en")?)?;
    if let Some(hash) = view["result_hash"].as_str() {
        writeln!(out, "  Result hash: {hash}")?;
    }
    Ok(())
}

/// Prints where a number comes from: the whole tree, down to the signed scores.
///
/// # Errors
/// When it is not an `ExplainNode`, or the output is closed.
pub fn explanation(out: &mut dyn Write, node: &Value, depth: usize) -> Result<()> {
    let indent = "  ".repeat(depth + 1);
    writeln!(out, "{indent}{}: {}", text(node, "/title/vi")?, text(node, "/value/vi")?)?;
    if let Some(rule) = node.pointer("/rule/vi").and_then(Value::as_str) {
        writeln!(out, "{indent}  ↳ {rule}")?;
    }
    for score in list(node, "/scores")? {
        writeln!(out, "{indent}  {} {}", if score["counts"] == true { "●" } else { "○" }, signed(score)?)?;
    }
    list(node, "/children")?.iter().try_for_each(|child| explanation(out, child, depth + 1))
}

/// Where a total comes from, in one line: the parts that it is made of.
///
/// # Errors
/// When it is not an `ExplainNode`.
pub fn parts(node: &Value) -> Result<String> {
    let mut top = node;
    while let [only] = list(top, "/children")? {
        top = only;
    }
    let parts: Result<Vec<_>> = list(top, "/children")?
        .iter()
        .map(|part| Ok(format!("{} {}", text(part, "/title/vi")?, text(part, "/value/vi")?)))
        .collect();
    Ok(parts?.join(" + "))
}

fn signed(score: &Value) -> Result<String> {
    let frame = score["frame"].as_str().map_or("not sealed".to_owned(), |hash| {
        let fits = if score["signature_fits"] == true { "signature fits" } else { "signature not checked" };
        format!("frame {}…, {fits}", &hash[..hash.len().min(12)])
    });
    Ok(format!(
        "{} {} by {} ({}), {}, device {}, {frame}",
        text(score, "/column")?,
        text(score, "/value/vi")?,
        text(score, "/written/author")?,
        text(score, "/written/code")?,
        moment(score.pointer("/written/at").and_then(Value::as_i64).unwrap_or(0))?,
        text(score, "/written/device")?,
    ))
}

/// Points with the decimal sign of Việt Nam.
pub fn comma(points: &str) -> String {
    points.replace('.', ",")
}

/// `14:05 23/11/2026` in Việt Nam.
fn moment(unix_s: i64) -> Result<String> {
    Ok(VIETNAM.to_datetime(Timestamp::from_second(unix_s)?).strftime("%H:%M %d/%m/%Y").to_string())
}
