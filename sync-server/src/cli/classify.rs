//! `classify show|decide`, `aggregate`: levels of units and people, and of longer periods.

use std::fmt::Write;

use clap::Subcommand;
use xeploai_core::classify::level_name;
use xeploai_core::view::{AggregationView, ClassificationView, ClassifiedRow, Level, SignalView};

use super::Said;
use super::period::OfPeriod;
use crate::error::{Refused, ServerError};
use crate::service::Authority;

/// Show the levels of a period, or decide one.
#[derive(Debug, Subcommand)]
pub(super) enum ClassifyCommand {
    /// Print units and people with totals, levels, ranks, quotas and signals.
    Show(OfPeriod),
    /// Note the level that a person has decided.
    Decide(Decide),
}

/// What is decided, by whom, and why.
#[derive(Debug, clap::Args)]
pub(super) struct Decide {
    #[command(flatten)]
    of: OfPeriod,
    /// Staff code or unit code.
    #[arg(long)]
    subject: String,
    /// HTXSNV, HTTNV, HTNV, KHTNV, or `none`: not rated.
    #[arg(long)]
    level: String,
    /// The unit has outstanding achievements: its people's quota is the higher one.
    #[arg(long)]
    outstanding: bool,
    /// Name of the person who decides.
    #[arg(long)]
    by: String,
    /// Why; needed where the level differs from the proposal, and after the lock.
    #[arg(long, default_value = "")]
    reason: String,
}

impl ClassifyCommand {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        match self {
            Self::Show(of) => {
                let (service, period) = of.open()?;
                said(&service.classification(period)?)
            }
            Self::Decide(decide) => decide.run(),
        }
    }
}

impl Decide {
    fn run(self) -> Result<Option<Said>, ServerError> {
        let (service, period) = self.of.open()?;
        let view = service.classification(period)?;
        let rows = view.units.iter().flat_map(|unit| unit.own.iter().chain(&unit.people));
        let row = { rows }.find(|row| row.code == self.subject).ok_or(Refused::NoSuchSheet)?;
        let sheet = row.sheet.parse().map_err(|_| Refused::NoSuchSheet)?;
        let level = match self.level.to_uppercase().as_str() {
            "NONE" => None,
            "HTXSNV" => Some(Level::Htxsnv),
            "HTTNV" => Some(Level::Httnv),
            "HTNV" => Some(Level::Htnv),
            "KHTNV" => Some(Level::Khtnv),
            _ => return Err(Refused::BadRequest.into()),
        };
        let authority = Authority { by: self.by, reason: self.reason };
        said(&service.decide_level(sheet, level, self.outstanding, &authority)?)
    }
}

impl OfPeriod {
    pub(super) fn aggregate(self) -> Result<Option<Said>, ServerError> {
        let (service, period) = self.open()?;
        let view = service.aggregation(period)?;
        let text = aggregation_lines(&view);
        Ok(Some(Said::new(&view, text)?))
    }
}

fn said(view: &ClassificationView) -> Result<Option<Said>, ServerError> {
    let mut text = String::new();
    for unit in &view.units {
        // Writing to a text never fails.
        let _ = writeln!(text, "{} {}", unit.code, unit.name);
        for row in unit.own.iter().chain(&unit.people) {
            let _ = writeln!(text, "  {}", line(row));
            for gate in &row.gates {
                let _ = writeln!(text, "      {}", gate.vi);
            }
        }
        for quota in &unit.quotas {
            let _ = writeln!(text, "  {}", quota.rule.vi);
        }
        signals(&mut text, &unit.signals);
    }
    for quota in &view.quotas {
        let _ = writeln!(text, "{}: {}", quota.title.vi, quota.rule.vi);
    }
    signals(&mut text, &view.signals);
    Ok(Some(Said::new(view, text)?))
}

fn signals(text: &mut String, signals: &[SignalView]) {
    for signal in signals.iter().filter(|signal| signal.noticeable) {
        let _ = writeln!(text, "  {} · {}: {}", signal.name.vi, signal.about, signal.sentence.vi);
    }
}

fn line(row: &ClassifiedRow) -> String {
    let rank = row.rank.map_or("–".to_owned(), |rank| rank.to_string());
    let total = row.total.map_or("–".to_owned(), xeploai_core::points::vietnamese);
    let level = if row.not_rated { "Không đánh giá".to_owned() } else { name_of(row.level) };
    let mut line = format!("{rank:>3} {:<10} {total:>8} {level}  {}", row.code, row.name);
    if row.over_quota {
        line.push_str("  [vượt tỷ lệ]");
    }
    if let Some(decided) = &row.decided {
        let level = decided.level.map_or("Không đánh giá".to_owned(), |level| name_of(Some(level)));
        line.push_str(&format!("  → {level} ({}: {})", decided.by, decided.reason));
    }
    line
}

fn name_of(level: Option<Level>) -> String {
    level.map_or("Chưa đủ dữ liệu".to_owned(), |level| level_name(level).vi)
}

fn aggregation_lines(view: &AggregationView) -> String {
    let mut text = format!("Kỳ {}\n", view.period);
    for row in &view.rows {
        let result = &row.result;
        let total = result.total.map_or("–".to_owned(), xeploai_core::points::vietnamese);
        let _ = writeln!(text, "{:<10} {total:>8} {}  {}", row.code, name_of(result.level), row.name);
        let _ = writeln!(text, "      {}: {}", result.method.vi, result.formula.vi);
        for said in row.notes.iter().chain(&row.warning) {
            let _ = writeln!(text, "      {}", said.vi);
        }
    }
    text
}
