//! Levels, ranking, quotas, longer periods, their explanation, the hash of a result, and fairness signals.
//!
//! Invariant: a level here is a proposal by thresholds alone; a named person decides. Nothing depends on the order
//! in which inputs come.
//! Reading order: `level`, `rank`, `quota`, `aggregate`, `explain`, `hash`, `evaluate` (all of it from two JSON texts),
//! `fairness`.

mod aggregate;
mod evaluate;
mod explain;
mod explain_work;
mod fairness;
mod hash;
mod level;
mod quota;
mod rank;
mod words;

#[cfg(test)]
mod tests;

pub use aggregate::{
    Aggregate, AggregateVariant, Aggregation, AggregationMethod, LevelCount, LevelRule, LevelScale,
    SubPeriod, TotalParts, aggregate, aggregation_method_name,
};
pub use evaluate::{
    ColumnFacts, CriterionEvaluation, EvaluateError, Evaluation, Facts, GroupEvaluation, QuantityFact,
    evaluate, evaluate_facts,
};
pub use explain::explain;
pub use fairness::{
    CHANGE_POINTS, FigureName, Prompt, SUBJECTS_MIN, Signal, SignalKind, SignalRow, Standing, signals,
};
pub use hash::{HashRow, result_hash};
pub use level::{decisive, level, level_name};
pub use quota::{Quota, QuotaDenominator, QuotaLine, QuotaMember, QuotaRounding, QuotaScope, quota};
pub use rank::{Contestant, Ranked, change, rank, tie_rule_text};
