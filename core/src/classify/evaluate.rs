//! A whole evaluation from two JSON texts: a criteria set and the facts of one sheet. For audits and tests.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::assess::{Assessment, assess};
use super::explain::explain;
use super::pipeline::{Outcome, Outside, People};
use super::words::{column_name, text};
use crate::points::{Exact, Points};
use crate::ruleset::{Group, Position, Ruleset, RulesetError, RulesetId};
use crate::scoring::exact::round;
use crate::scoring::{Answers, Columns, Plan, Products, ScoringError, Terms, check_answers};
use crate::view::{Column, ExplainNode, Level, Measure, Text};

/// What the columns of one sheet say, and what its level depends on besides. Layout: SCORING.md, "Facts".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Answers by column.
    pub columns: BTreeMap<Column, ColumnFacts>,
    /// The unit's products.
    #[serde(default)]
    pub products: Products,
    /// The position that the subject is scored in.
    #[serde(default)]
    pub position: Position,
    /// Level of the unit that the subject stands in, if it is known.
    #[serde(default)]
    pub unit_level: Option<Level>,
    /// How many of the unit's rated people have which level, for a unit's sheet.
    #[serde(default)]
    pub people: Option<BTreeMap<Level, u32>>,
}

/// What one column says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnFacts {
    /// Points by criterion's number.
    #[serde(default)]
    pub points: BTreeMap<u16, Points>,
    /// Quantities.
    #[serde(default)]
    pub quantities: Vec<QuantityFact>,
    /// Criteria with a note beside the answer.
    #[serde(default)]
    pub noted: BTreeSet<u16>,
}

/// One quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantityFact {
    /// Criterion's number.
    pub criterion: u16,
    /// Product's number.
    pub product: u16,
    /// What is counted.
    pub measure: Measure,
    /// The quantity.
    pub value: Points,
}

/// What the facts come to under the set. Points are canonical text, exact values `num/den`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evaluation {
    /// Code and version of the set.
    pub ruleset: RulesetId,
    /// The total, rounded as the set says; absent: chưa đủ dữ liệu.
    pub total: Option<Points>,
    /// The total, exact.
    pub exact: Option<String>,
    /// Sum of what is answered, rounded.
    pub so_far: Points,
    /// Most that can still be reached.
    pub possible: Points,
    /// Bonus part.
    pub bonus: Points,
    /// Deductions, 0 or less.
    pub penalty: Points,
    /// Proposed level.
    pub level: Option<Level>,
    /// Whether a gate says that the subject is not rated.
    pub not_rated: bool,
    /// Tạm tính.
    pub provisional: bool,
    /// Answered criteria that are no bonus.
    pub answered: u32,
    /// Criteria that are no bonus.
    pub criteria: u32,
    /// Groups in order.
    pub groups: Vec<GroupEvaluation>,
    /// From the total down; without signed scores, which facts do not have.
    pub explanation: ExplainNode,
}

/// A group of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupEvaluation {
    /// Code in the set.
    pub code: String,
    /// What counts, rounded.
    pub points: Points,
    /// What counts, exact.
    pub exact: String,
    /// Whether nothing is missing.
    pub complete: bool,
    /// Criteria in order.
    pub criteria: Vec<CriterionEvaluation>,
}

/// A criterion of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CriterionEvaluation {
    /// Number in the set.
    pub number: u16,
    /// Points, rounded; absent: unanswered.
    pub points: Option<Points>,
    /// Points, exact.
    pub exact: Option<String>,
    /// The column that counts.
    pub column: Option<Column>,
}

/// Why there is no evaluation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// The criteria set was refused.
    #[error(transparent)]
    Ruleset(#[from] RulesetError),
    /// The answers do not fit the set.
    #[error(transparent)]
    Scoring(#[from] ScoringError),
    /// The facts are not JSON of the documented shape.
    #[error("facts: {detail}")]
    Json {
        /// What the JSON reader found, in English, with line and column.
        detail: String,
    },
    /// Answers in a column that the set does not have.
    #[error("the set has no column {column:?}")]
    UnknownColumn {
        /// The column.
        column: Column,
    },
    /// One quantity twice.
    #[error("criterion {criterion}, product {product}: a quantity is given twice")]
    DuplicateQuantity {
        /// Criterion's number.
        criterion: u16,
        /// Product's number.
        product: u16,
    },
}

impl EvaluateError {
    /// Stable code for tools and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ruleset(error) => error.code(),
            Self::Scoring(error) => error.code(),
            Self::Json { .. } => "facts.json",
            Self::UnknownColumn { .. } => "facts.unknown_column",
            Self::DuplicateQuantity { .. } => "facts.duplicate_quantity",
        }
    }

    /// The sentence for a person.
    pub fn message(&self) -> Text {
        match self {
            Self::Ruleset(error) => error.message(),
            Self::Scoring(error) => error.message(),
            Self::Json { detail } => text(
                &format!("Tệp dữ liệu chấm điểm không đúng: {detail}"),
                &format!("The facts are wrong: {detail}"),
            ),
            Self::UnknownColumn { column } => {
                let Text { vi, en } = column_name(*column);
                text(
                    &format!("Bộ tiêu chí không có cột {vi}."),
                    &format!("The criteria set has no column {en}."),
                )
            }
            Self::DuplicateQuantity { criterion, product } => text(
                &format!("Tiêu chí số {criterion}, sản phẩm số {product}: một khối lượng được ghi hai lần."),
                &format!("Criterion {criterion}, product {product}: a quantity is given twice."),
            ),
        }
    }
}

/// Evaluates the facts of one sheet under a criteria set, both as JSON texts.
///
/// # Errors
/// [`EvaluateError`] when either text is refused, or the facts do not fit the set.
pub fn evaluate(ruleset_json: &str, facts_json: &str) -> Result<Evaluation, EvaluateError> {
    let ruleset = Ruleset::parse(ruleset_json)?;
    let facts = serde_json::from_str(facts_json)
        .map_err(|error| EvaluateError::Json { detail: error.to_string() })?;
    evaluate_facts(&ruleset, &facts)
}

/// As [`evaluate`], of what was already read.
///
/// # Errors
/// [`EvaluateError`] when the facts do not fit the set.
pub fn evaluate_facts(ruleset: &Ruleset, facts: &Facts) -> Result<Evaluation, EvaluateError> {
    let columns = facts.columns(ruleset)?;
    let plan = Plan::new(facts.terms(ruleset))?;
    let assessment = assess(&plan, &columns, &ruleset.counting, facts.outside())?;
    let groups = ruleset.groups.iter().map(|group| group_evaluation(ruleset, group, &assessment));
    let total = &assessment.total;
    Ok(Evaluation {
        ruleset: ruleset.id(),
        total: total.total,
        exact: total.exact.map(|exact| exact.to_string()),
        so_far: total.so_far,
        possible: total.possible,
        bonus: total.bonus,
        penalty: total.penalty,
        level: assessment.outcome.level(),
        not_rated: assessment.outcome == Outcome::NotRated,
        provisional: total.provisional,
        answered: total.answered,
        criteria: total.criteria,
        groups: groups.collect::<Result<_, _>>()?,
        explanation: explain(&plan, &columns, facts.outside(), &|_| Vec::new())?,
    })
}

impl Facts {
    /// What the sheet is computed under.
    pub fn terms<'a>(&'a self, ruleset: &'a Ruleset) -> Terms<'a> {
        Terms { ruleset, position: &self.position, products: &self.products }
    }

    /// What the level depends on beside the sheet.
    pub fn outside(&self) -> Outside {
        let people = self.people.as_ref().map(|counts| {
            let mut people = People::default();
            counts.iter().for_each(|(level, count)| people.0[*level as usize] = *count);
            people
        });
        Outside { unit_level: self.unit_level, people }
    }

    /// The columns' answers, checked against the set.
    ///
    /// # Errors
    /// [`EvaluateError`] when they do not fit it.
    pub fn columns(&self, ruleset: &Ruleset) -> Result<Columns, EvaluateError> {
        let answers = |(&column, said): (&Column, &ColumnFacts)| {
            if !ruleset.columns.contains(&column) {
                return Err(EvaluateError::UnknownColumn { column });
            }
            let answers = said.answers()?;
            check_answers(ruleset, &answers, &self.products)?;
            Ok((column, answers))
        };
        self.columns.iter().map(answers).collect()
    }
}

impl ColumnFacts {
    /// The same as answers.
    ///
    /// # Errors
    /// [`EvaluateError::DuplicateQuantity`].
    pub fn answers(&self) -> Result<Answers, EvaluateError> {
        let points = self.points.iter().map(|(number, points)| (*number, *points)).collect();
        let mut answers = Answers { points, noted: self.noted.clone(), ..Answers::default() };
        for QuantityFact { criterion, product, measure, value } in self.quantities.iter().cloned() {
            if answers.quantities.insert((criterion, product, measure), value).is_some() {
                return Err(EvaluateError::DuplicateQuantity { criterion, product });
            }
        }
        Ok(answers)
    }
}

impl From<&Answers> for ColumnFacts {
    fn from(answers: &Answers) -> Self {
        let quantity = |(&(criterion, product, measure), &value): (&(u16, u16, Measure), &Points)| {
            QuantityFact { criterion, product, measure, value }
        };
        Self {
            points: answers.points.as_slice().iter().copied().collect(),
            quantities: answers.quantities.iter().map(quantity).collect(),
            noted: answers.noted.clone(),
        }
    }
}

fn group_evaluation(
    ruleset: &Ruleset,
    group: &Group,
    assessment: &Assessment<'_>,
) -> Result<GroupEvaluation, ScoringError> {
    let total = &assessment.total;
    let of_group = total.groups.iter().find(|totals| totals.code == group.code);
    let exact = of_group.map_or(Exact::ZERO, |totals| totals.points);
    let mut criteria = Vec::with_capacity(group.criteria.len());
    for criterion in &group.criteria {
        let points = total.points.get(&criterion.number).copied();
        criteria.push(CriterionEvaluation {
            number: criterion.number,
            points: points.map(|exact| round(exact, ruleset.rounding)).transpose()?,
            exact: points.map(|exact| exact.to_string()),
            column: total.columns.get(&criterion.number).copied(),
        });
    }
    Ok(GroupEvaluation {
        code: group.code.clone(),
        points: round(exact, ruleset.rounding)?,
        exact: exact.to_string(),
        complete: of_group.is_some_and(|totals| totals.complete),
        criteria,
    })
}
