//! `period open|lock|decide`, `rank`, `explain`, `evaluate`: periods and their results.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Subcommand;
use xeploai_core::classify::PublishedResult;
use xeploai_core::period::Period;
use xeploai_core::points::{Points, vietnamese};
use xeploai_core::ruleset::Standing;
use xeploai_core::view::{ExplainNode, RankingView};

use super::decide::{By, Changes};
use super::{Data, Said};
use crate::error::{Refused, ServerError};
use crate::service::{Days, Opening, Service, TakenOver};

/// Open or lock a period, or decide on its locked result.
#[derive(Debug, Subcommand)]
pub(super) enum PeriodCommand {
    /// Open a period with the rules of the one before it; its units, their names and leagues are frozen.
    Open(Open),
    /// Lock a period: its rankings are published, what comes later is held.
    Lock(OfPeriod),
    /// Let held changes enter a locked result: a replacement decision.
    Decide(Replacement),
}

/// Which period is opened, what its leagues are called, and what is scored under another set from now on.
#[derive(Debug, clap::Args)]
pub(super) struct Open {
    #[command(flatten)]
    of: OfPeriod,
    /// Title of a league or cluster, for this period and later ones; may be repeated.
    #[arg(long = "league", value_name = "CODE=TITLE", value_parser = titled)]
    leagues: Vec<(String, String)>,
    /// A set that takes over what the set with the code has scored, such as `demo-c=trung-tam.1`; may be repeated.
    #[arg(long = "ruleset", value_name = "CODE[:STANDING]=CODE.VERSION", value_parser = taken_over)]
    rulesets: Vec<TakenOver>,
    /// Last day of self-scoring.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    own_until: Option<String>,
    /// Last day of the superiors' scores.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    superior_until: Option<String>,
    /// Day of classification.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    classified_on: Option<String>,
    /// Day of publication.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    published_on: Option<String>,
}

fn day(text: &str) -> Result<String, &'static str> {
    let day: jiff::civil::Date = text.parse().map_err(|_| "expected YYYY-MM-DD")?;
    Ok(day.to_string())
}

fn taken_over(text: &str) -> Result<TakenOver, &'static str> {
    const EXPECTED: &str = "expected CODE=CODE.VERSION, or CODE:head|deputy|staff=CODE.VERSION";
    let (of, id) = text.split_once('=').ok_or(EXPECTED)?;
    let (code, standing) = match of.split_once(':') {
        None => (of, None),
        Some((code, "head")) => (code, Some(Standing::Head)),
        Some((code, "deputy")) => (code, Some(Standing::Deputy)),
        Some((code, "staff")) => (code, Some(Standing::Staff)),
        Some(_) => return Err(EXPECTED),
    };
    Ok(TakenOver { code: code.to_owned(), standing, id: id.parse().map_err(|_| EXPECTED)? })
}

fn titled(text: &str) -> Result<(String, String), &'static str> {
    let parts = text.split_once('=').filter(|(code, title)| !code.is_empty() && !title.trim().is_empty());
    parts.map(|(code, title)| (code.into(), title.trim().into())).ok_or("expected CODE=TITLE")
}

/// What enters a locked result, by whom, and why.
#[derive(Debug, clap::Args)]
pub(super) struct Replacement {
    #[command(flatten)]
    of: OfPeriod,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    by: By,
}

/// Which department's period.
#[derive(Debug, clap::Args)]
pub(super) struct OfPeriod {
    #[command(flatten)]
    data: Data,
    /// Period, such as 2022-11.
    #[arg(long)]
    period: String,
}

/// Print the rankings of a period.
#[derive(Debug, clap::Args)]
pub(super) struct Rank {
    #[command(flatten)]
    of: OfPeriod,
    /// How many earlier published periods to print beside it, at most 11.
    #[arg(long, value_name = "N", default_value_t = 0)]
    last: usize,
}

/// Print where a unit's total comes from, down to the signed scores.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    #[command(flatten)]
    of: OfPeriod,
    /// Unit's code.
    #[arg(long)]
    unit: String,
}

/// Print the file of a league's result: canonical JSON, to be kept as it is.
#[derive(Debug, clap::Args)]
pub(super) struct ExportResult {
    #[command(flatten)]
    of: OfPeriod,
    /// League's code.
    #[arg(long)]
    league: String,
    /// Write it here instead, byte for byte.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Compute one sheet from two files, or a published result again from its own file; without a department.
#[derive(Debug, clap::Args)]
pub(super) struct Evaluate {
    /// Criteria set, JSON.
    #[arg(long, requires = "facts", required_unless_present = "result")]
    ruleset: Option<PathBuf>,
    /// What the columns say, JSON.
    #[arg(long, requires = "ruleset")]
    facts: Option<PathBuf>,
    /// A league's result as exported: everything is computed again, and its hash printed.
    #[arg(long, conflicts_with_all = ["ruleset", "facts"])]
    result: Option<PathBuf>,
}

impl OfPeriod {
    pub(super) fn open(&self) -> Result<(Service, Period), ServerError> {
        let period = self.period.parse().map_err(|_| Refused::NoSuchPeriod)?;
        Ok((Service::open(&self.data.data)?, period))
    }
}

impl Rank {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        let (service, period) = self.of.open()?;
        let mut rankings = service.rank(period)?;
        rankings.iter_mut().flat_map(|it| &mut it.rows).for_each(|row| row.past.truncate(self.last));
        let text = rankings.iter().map(table).collect::<Vec<_>>().join("\n");
        Ok(Some(Said::new(&rankings, text)?))
    }
}

impl PeriodCommand {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        match self {
            Self::Open(open) => {
                let (service, period) = open.of.open()?;
                let (own_until, superior_until) = (open.own_until, open.superior_until);
                let (classified_on, published_on) = (open.classified_on, open.published_on);
                let days = Days { own_until, superior_until, classified_on, published_on };
                let opening = Opening { titles: open.leagues, rulesets: open.rulesets, days };
                let record = service.open_period_with(period, &opening)?;
                Ok(Some(Said::new(&record, format!("Đã mở kỳ {period}."))?))
            }
            Self::Lock(of) => {
                let (service, period) = of.open()?;
                let rankings = service.lock_period(period)?;
                let text = rankings.iter().map(table).collect::<Vec<_>>().join("\n");
                Ok(Some(Said::new(&rankings, format!("Đã khóa kỳ {period}.\n{text}"))?))
            }
            Self::Decide(Replacement { of, changes, by }) => {
                let (service, period) = of.open()?;
                let rankings = service.decide(period, &changes.ids()?, &by.authority())?;
                let text = rankings.iter().map(table).collect::<Vec<_>>().join("\n");
                Ok(Some(Said::new(&rankings, format!("Đã quyết định cho kỳ {period}.\n{text}"))?))
            }
        }
    }
}

impl Explain {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        let (service, period) = self.of.open()?;
        let config = service.config()?;
        let unit = config.units.values().find(|unit| unit.code == self.unit).ok_or(Refused::NoSuchUnit)?;
        let explained = service.explain_unit(period, unit.id)?;
        let mut text = String::new();
        tree(&mut text, &explained, 0);
        Ok(Some(Said::new(&explained, text)?))
    }
}

impl Evaluate {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        if let Some(file) = self.result {
            return verify(&std::fs::read_to_string(file)?).map(Some);
        }
        let read = |path: Option<PathBuf>| path.map(std::fs::read_to_string).transpose();
        let (ruleset, facts) = (read(self.ruleset)?, read(self.facts)?);
        let evaluation =
            xeploai_core::classify::evaluate(&ruleset.unwrap_or_default(), &facts.unwrap_or_default())?;
        let mut text = String::new();
        tree(&mut text, &evaluation.explanation, 0);
        Ok(Some(Said::new(&evaluation, text)?))
    }
}

/// Computes a result's file again; its hash is of the file as canonical JSON, whatever was done to its layout.
fn verify(file: &str) -> Result<Said, ServerError> {
    let result = PublishedResult::parse(file)?;
    result.verify()?;
    let hash = data_encoding::HEXLOWER.encode(&result.hash()?);
    let text = format!(
        "Tính lại đúng: kỳ {}, bảng {}, {} đơn vị.\nMã kết quả: {hash}",
        result.period,
        result.league,
        result.rows.len()
    );
    let json = serde_json::json!({"period": result.period, "league": result.league, "result_hash": hash});
    Said::new(&json, text)
}

impl ExportResult {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        let (service, period) = self.of.open()?;
        let canonical = service.export_result(period, &self.league)?;
        if let Some(out) = self.out {
            std::fs::write(out, &canonical)?;
            return Ok(None);
        }
        let json: serde_json::Value = serde_json::from_str(&canonical)?;
        Ok(Some(Said::new(&json, canonical)?))
    }
}

fn table(ranking: &RankingView) -> String {
    let mut text = format!("{} · {}\n", ranking.title.vi, ranking.period.id);
    for row in &ranking.rows {
        let rank = row.rank.map_or("–".to_owned(), |rank| rank.to_string());
        let total = points(row.total);
        // Writing to a text never fails.
        let _ = writeln!(
            text,
            "{rank:>4}{} {:<8} {total:>8}  {}",
            if row.tied { "=" } else { " " },
            row.code,
            row.name
        );
        for past in &row.past {
            let rank = past.rank.map_or("–".to_owned(), |rank| rank.to_string());
            let _ = writeln!(text, "{rank:>9}  {:<8} {:>8}", past.period, points(past.total));
        }
    }
    text
}

fn points(total: Option<Points>) -> String {
    total.map_or_else(|| "chưa đủ dữ liệu".to_owned(), vietnamese)
}

fn tree(text: &mut String, node: &ExplainNode, depth: usize) {
    let _ = writeln!(text, "{:indent$}{}: {}", "", node.title.vi, node.value.vi, indent = depth * 2);
    let source = node.source.as_ref().map(|source| format!("Căn cứ: {}", source.vi));
    for said in node.rule.iter().map(|rule| &rule.vi).chain(&source) {
        let _ = writeln!(text, "{:indent$}↳ {said}", "", indent = depth * 2 + 2);
    }
    for score in &node.scores {
        let frame = score.frame.as_deref().unwrap_or("–");
        let _ = writeln!(
            text,
            "{:indent$}{} {} · {} · {} · {frame}",
            "",
            if score.counts { "●" } else { "○" },
            score.value,
            score.written.author,
            score.written.device,
            indent = depth * 2 + 2
        );
    }
    node.children.iter().for_each(|child| tree(text, child, depth + 1));
}
