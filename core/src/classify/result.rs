//! A result as a file: everything that it was computed from, and what came out. Its SHA-256 is what documents print.
//!
//! Invariant: the same records and criteria sets give the same bytes on every machine, in whatever order they came:
//! [`PublishedResult::canonical`]. Whoever has the file can compute it again: [`PublishedResult::verify`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::assess::assess;
use super::evaluate::{EvaluateError, Facts};
use super::pipeline::Outcome;
use super::rank::{Contestant, rank};
use super::words::text;
use crate::points::Points;
use crate::ruleset::{Ruleset, RulesetError, RulesetId};
use crate::scoring::Plan;
use crate::view::{Level, Text};

/// A league's result of a period. Layout: SCORING.md, "Result".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedResult {
    /// Period.
    pub period: String,
    /// League's code.
    pub league: String,
    /// The criteria sets that rows name.
    pub rulesets: Vec<Ruleset>,
    /// One row for each unit, in order of unit codes.
    pub rows: Vec<ResultRow>,
}

/// What a unit's result was computed from, and what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultRow {
    /// Unit's code.
    pub unit: String,
    /// The criteria set.
    pub ruleset: RulesetId,
    /// What its sheet says.
    pub facts: Facts,
    /// The total, rounded; absent: chưa đủ dữ liệu.
    pub total: Option<Points>,
    /// The total, exact.
    pub exact: Option<String>,
    /// Bonus part of what is answered, rounded.
    pub bonus: Points,
    /// What deductions take, rounded; 0 or less.
    pub penalty: Points,
    /// The proposed level.
    pub level: Option<Level>,
    /// Whether it is not rated.
    pub not_rated: bool,
    /// Rank in the league.
    pub rank: Option<u32>,
    /// Whether another unit has the same rank.
    pub tied: bool,
}

/// A result could not be computed again, or came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResultError {
    /// The file is not JSON of the documented shape.
    #[error("result: {detail}")]
    Json {
        /// What the JSON reader found, in English.
        detail: String,
    },
    /// A criteria set was refused.
    #[error(transparent)]
    Ruleset(#[from] RulesetError),
    /// A row's facts do not fit its set.
    #[error("unit {unit}: {error}")]
    Facts {
        /// Unit's code.
        unit: String,
        /// Why.
        error: EvaluateError,
    },
    /// A row names a criteria set that the file does not have.
    #[error("unit {unit}: no criteria set {ruleset}")]
    NoRuleset {
        /// Unit's code.
        unit: String,
        /// The set.
        ruleset: RulesetId,
    },
    /// A row says something else than what comes out of its facts.
    #[error("unit {unit}: the file says otherwise than its own figures")]
    Differs {
        /// Unit's code.
        unit: String,
        /// What the figures come to.
        computed: Box<ResultRow>,
    },
}

impl ResultError {
    /// Stable code for tools and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json { .. } => "result.json",
            Self::Ruleset(error) => error.code(),
            Self::Facts { error, .. } => error.code(),
            Self::NoRuleset { .. } => "result.no_ruleset",
            Self::Differs { .. } => "result.differs",
        }
    }

    /// The sentence for a person.
    pub fn message(&self) -> Text {
        match self {
            Self::Json { detail } => text(
                &format!("Tệp kết quả không đúng: {detail}"),
                &format!("The result's file is wrong: {detail}"),
            ),
            Self::Ruleset(error) => error.message(),
            Self::Facts { unit, error } => {
                let Text { vi, en } = error.message();
                text(&format!("Đơn vị {unit}: {vi}"), &format!("Unit {unit}: {en}"))
            }
            Self::NoRuleset { unit, ruleset } => text(
                &format!("Đơn vị {unit}: tệp không có bộ tiêu chí {ruleset}."),
                &format!("Unit {unit}: the file has no criteria set {ruleset}."),
            ),
            Self::Differs { unit, .. } => text(
                &format!(
                    "Đơn vị {unit}: tính lại từ số liệu trong tệp ra kết quả khác. Tệp đã bị sửa hoặc sai."
                ),
                &format!(
                    "Unit {unit}: its figures come to another result. The file was changed or is wrong."
                ),
            ),
        }
    }
}

impl PublishedResult {
    /// Computes a league's result from its units' facts: rows come in any order and their outcomes are filled in.
    ///
    /// # Errors
    /// [`ResultError`] when a row's facts do not fit its set.
    pub fn compute(
        period: &str,
        league: &str,
        rulesets: &BTreeMap<RulesetId, Ruleset>,
        facts: Vec<(String, RulesetId, Facts)>,
    ) -> Result<Self, ResultError> {
        let (mut rows, mut contestants) = (Vec::with_capacity(facts.len()), Vec::with_capacity(facts.len()));
        let mut facts = facts;
        facts.sort_by(|a, b| a.0.cmp(&b.0));
        for (at, (unit, id, facts)) in facts.into_iter().enumerate() {
            let no_ruleset = || ResultError::NoRuleset { unit: unit.clone(), ruleset: id.clone() };
            let ruleset = rulesets.get(&id).ok_or_else(no_ruleset)?;
            let wrong = |error| ResultError::Facts { unit: unit.clone(), error };
            let (row, keys) = row(&unit, ruleset, facts).map_err(wrong)?;
            contestants.push(Contestant { key: at, order: unit, keys });
            rows.push(row);
        }
        for placed in rank(contestants) {
            if let Some(row) = rows.get_mut(placed.key) {
                (row.rank, row.tied) = (placed.rank, placed.tied);
            }
        }
        let named = |id: &&RulesetId| rows.iter().any(|row| row.ruleset == **id);
        let rulesets = rulesets.iter().filter(|(id, _)| named(id)).map(|(_, set)| set.clone()).collect();
        Ok(Self { period: period.to_owned(), league: league.to_owned(), rulesets, rows })
    }

    /// Reads a result's file.
    ///
    /// # Errors
    /// [`ResultError::Json`].
    pub fn parse(json: &str) -> Result<Self, ResultError> {
        serde_json::from_str(json).map_err(|error| ResultError::Json { detail: error.to_string() })
    }

    /// Computes everything again from the facts in the file.
    ///
    /// # Errors
    /// [`ResultError::Differs`] names the first unit whose row says otherwise.
    pub fn verify(&self) -> Result<(), ResultError> {
        let rulesets = self.rulesets.iter().map(|set| (set.id(), set.clone())).collect();
        let facts = self.rows.iter().map(|row| (row.unit.clone(), row.ruleset.clone(), row.facts.clone()));
        let computed = Self::compute(&self.period, &self.league, &rulesets, facts.collect())?;
        for (said, computed) in self.rows.iter().zip(computed.rows) {
            if *said != computed {
                return Err(ResultError::Differs { unit: said.unit.clone(), computed: Box::new(computed) });
            }
        }
        Ok(())
    }

    /// The file: JSON with sorted keys and no spaces, as RFC 8785 has it; there are no floating-point numbers in it.
    ///
    /// # Errors
    /// [`ResultError::Json`] when it can't be serialised.
    pub fn canonical(&self) -> Result<String, ResultError> {
        let value =
            serde_json::to_value(self).map_err(|error| ResultError::Json { detail: error.to_string() })?;
        Ok(sorted(value).to_string())
    }

    /// SHA-256 of [`Self::canonical`].
    ///
    /// # Errors
    /// As there.
    pub fn hash(&self) -> Result<[u8; 32], ResultError> {
        Ok(Sha256::digest(self.canonical()?).into())
    }
}

type Computed = (ResultRow, Option<Vec<crate::points::Exact>>);

fn row(unit: &str, ruleset: &Ruleset, facts: Facts) -> Result<Computed, EvaluateError> {
    let columns = facts.columns(ruleset)?;
    let plan = Plan::new(facts.terms(ruleset))?;
    let assessment = assess(&plan, &columns, &ruleset.counting, facts.outside())?;
    let keys = assessment.keys(ruleset)?;
    Ok((
        ResultRow {
            unit: unit.to_owned(),
            ruleset: ruleset.id(),
            total: assessment.total.total,
            exact: assessment.total.exact.map(|exact| exact.to_string()),
            bonus: assessment.total.bonus,
            penalty: assessment.total.penalty,
            level: assessment.outcome.level(),
            not_rated: assessment.outcome == Outcome::NotRated,
            rank: None,
            tied: false,
            facts: facts.clone(),
        },
        keys,
    ))
}

/// The same with the keys of every object in order, whatever order the JSON library keeps.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<String, Value> =
                map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(sorted.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
