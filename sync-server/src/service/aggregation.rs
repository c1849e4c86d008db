//! Weeks, months and quarters to a longer period, subject by subject, by what its criteria set says.
//!
//! Invariant: made of the sheets of the shorter periods as they officially stand; where the ways of aggregating give
//! different levels, the warning with their figures stands beside the result.

use std::collections::BTreeMap;

use rusqlite::Connection;
use xeploai_core::classify::{
    Aggregate, AggregateVariant, Aggregation, AggregationMethod, LevelScale, Outcome, SubPeriod, TotalParts,
    aggregate, aggregation_method_name,
};
use xeploai_core::org::Config;
use xeploai_core::period::{PartKind, Period};
use xeploai_core::points::Exact;
use xeploai_core::ruleset::{Rule, Ruleset};
use xeploai_core::scoring::exact::{add, negate, shown};
use xeploai_core::scoring::{ScoringError, Total, converted_work};
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::view::{AggregateRow, AggregateVariantView, AggregationView, Text};

use super::Service;
use super::classification::named;
use super::scored::Scored;
use crate::error::{Refused, ServerError};

/// A subject's sheets in the shorter periods.
type Sheets = BTreeMap<Period, SheetKey>;

impl Service {
    /// A longer period, made of the shorter ones that were opened.
    ///
    /// # Errors
    /// [`Refused::NoSuchPeriod`] when none of its parts was opened; else when the store or the rules fail.
    pub fn aggregation(&self, period: Period) -> Result<AggregationView, ServerError> {
        self.storage.read(|read| {
            let config = self.config_in(read)?;
            let mut rows = Vec::new();
            for of in [PartKind::Week, PartKind::Month, PartKind::Quarter] {
                for (subject, sheets) in sheets_of(&config, period, of) {
                    rows.extend(self.aggregate_subject(read, &config, (period, of), subject, &sheets)?);
                }
            }
            if rows.is_empty() {
                return Err(Refused::NoSuchPeriod.into());
            }
            rows.sort_by(|a, b| (!a.of_unit, &a.code).cmp(&(!b.of_unit, &b.code)));
            Ok(AggregationView { period: period.to_string(), rows })
        })
    }

    fn aggregate_subject(
        &self,
        connection: &Connection,
        config: &Config,
        (period, of): (Period, PartKind),
        subject: Subject,
        sheets: &Sheets,
    ) -> Result<Option<AggregateRow>, ServerError> {
        let Some(latest) = sheets.values().next_back() else { return Ok(None) };
        let ruleset = config.rulesets.get(&latest.ruleset).ok_or(Refused::NoSuchSheet)?;
        let said = ruleset.aggregation.clone();
        let is_reading = said.is_none();
        let aggregation = said.unwrap_or(Aggregation { of, method: AggregationMethod::MeanRated });
        if aggregation.of != of {
            return Ok(None);
        }
        let mut known = BTreeMap::new();
        for (part, key) in sheets {
            let scored = self.scored_or_empty(connection, config, key.clone())?;
            let outside = match subject {
                Subject::Post(_) => self.below_unit(connection, config, &scored)?,
                Subject::Unit(_) => self.outside_of(connection, config, key)?,
            };
            let assessment = scored.assess(outside)?;
            let decided = config.levels.get(&(*part, subject));
            known.insert(
                *part,
                SubPeriod {
                    total: assessment.total.exact,
                    level: decided.map_or(assessment.outcome.level(), |decided| decided.level),
                    not_rated: assessment.outcome == Outcome::NotRated
                        || decided.is_some_and(|decided| decided.level.is_none()),
                    parts: parts(&scored, &assessment.total)?,
                },
            );
        }
        let mut made = aggregate(&aggregation, period, &known, scale(ruleset))?;
        if period.parts(of).iter().any(|part| !config.periods.contains_key(part)) {
            leave_out_all(&mut made);
        }
        Ok(Some(row(config, subject, made, is_reading)))
    }
}

/// While a part is not opened yet, a mean over all parts would call everybody worse than he is: it is no other way then.
fn leave_out_all(made: &mut Aggregate) {
    made.others.retain(|other| other.method != AggregationMethod::MeanAll);
    if made.others.iter().all(|other| other.level == made.result.level) {
        made.warning = None;
    }
}

/// The sheets of every subject in the parts of a period.
fn sheets_of(config: &Config, period: Period, of: PartKind) -> BTreeMap<Subject, Sheets> {
    let mut subjects: BTreeMap<Subject, Sheets> = BTreeMap::new();
    for part in period.parts(of) {
        for key in config.sheets(part) {
            subjects.entry(key.subject).or_default().insert(part, key);
        }
    }
    subjects
}

fn scale(ruleset: &Ruleset) -> LevelScale<'_> {
    let work = ruleset.criteria().find(|criterion| matches!(criterion.rule, Rule::ConvertedWork { .. }));
    LevelScale {
        levels: &ruleset.levels,
        rounding: ruleset.rounding,
        work_max: work.map(|criterion| shown(criterion.max)).unwrap_or_default(),
    }
}

/// The numerators and denominators of converted work, apart from the rest of the total.
fn parts(scored: &Scored<'_>, total: &Total) -> Result<Option<TotalParts>, ScoringError> {
    let terms = scored.terms();
    let mut work = terms.ruleset.criteria().filter(|it| matches!(it.rule, Rule::ConvertedWork { .. }));
    let (Some(criterion), None, Some(exact)) = (work.next(), work.next(), total.exact) else {
        return Ok(None);
    };
    let column = total.columns.get(&criterion.number);
    let Some(answers) = column.and_then(|column| scored.columns.get(*column)) else { return Ok(None) };
    let Some(result) = converted_work(criterion, answers, terms.products)? else { return Ok(None) };
    let ratio = |ratio: &xeploai_core::scoring::Ratio| Some([ratio.numerator?, ratio.denominator?]);
    let Some(ratios) = result.ratios.iter().map(ratio).collect::<Option<Vec<[Exact; 2]>>>() else {
        return Ok(None);
    };
    let Some(points) = result.points else { return Ok(None) };
    Ok(Some(TotalParts { common: add(exact, negate(points)?)?, ratios }))
}

fn row(config: &Config, subject: Subject, made: Aggregate, is_reading: bool) -> AggregateRow {
    let (code, name) = named(config, subject);
    let mut notes = made.result.notes.clone();
    if is_reading {
        notes.push(Text {
            vi: "Bộ tiêu chí không quy định cách gộp kỳ; trung bình các kỳ được xếp loại là cách hiểu của phần mềm.".into(),
            en: "The criteria set does not say how periods are aggregated; the mean of the rated ones is our reading.".into(),
        });
    }
    AggregateRow {
        of_unit: matches!(subject, Subject::Unit(_)),
        unit: config.unit_of(subject).map(|unit| unit.name.clone()).unwrap_or_default(),
        code,
        name,
        result: variant(&made.result),
        notes,
        others: made.others.iter().map(variant).collect(),
        warning: made.warning,
    }
}

fn variant(variant: &AggregateVariant) -> AggregateVariantView {
    AggregateVariantView {
        method: aggregation_method_name(&variant.method),
        total: variant.rounded,
        level: variant.level,
        left_to_people: variant.left_to_people,
        formula: variant.formula.clone(),
    }
}
