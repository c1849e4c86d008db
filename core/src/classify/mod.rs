//! Levels, ranking, quotas, longer periods, their explanation, results that can be computed again, and fairness signals.
//!
//! Invariant: a level here is a proposal; a named person decides. Nothing depends on the order in which inputs come.
//! Reading order: `pipeline` (the gates), `assess` (a sheet's total and level), `rank`, `roster` (many sheets at once), `quota`, `aggregate`, `explain`,
//! `result` (what a published result is known by), `evaluate` (all of it from two JSON texts), `fairness`.

mod aggregate;
mod assess;
mod evaluate;
mod explain;
mod explain_gates;
mod explain_work;
mod fairness;
mod level;
mod pipeline;
mod quota;
mod rank;
mod result;
mod roster;
mod rule_text;
mod words;

#[cfg(test)]
mod tests;

pub use aggregate::{
    Aggregate, AggregateVariant, Aggregation, AggregationMethod, LevelCount, LevelRule, LevelScale,
    SubPeriod, TotalParts, aggregate, aggregation_method_name,
};
pub use assess::{Assessment, Proposal, assess, classify, decisive, keys};
pub use evaluate::{
    ColumnFacts, CriterionEvaluation, EvaluateError, Evaluation, Facts, GroupEvaluation, QuantityFact,
    evaluate, evaluate_facts,
};
pub use explain::explain;
pub use explain_gates::gate_sentences;
pub use fairness::{
    CHANGE_POINTS, FigureName, Prompt, SUBJECTS_MIN, Signal, SignalKind, SignalRow, Standing, signals,
};
pub use level::level_name;
pub use pipeline::{Case, Outcome, Outside, People, Step, propose};
pub use quota::{Quota, QuotaDenominator, QuotaLine, QuotaMember, QuotaRounding, QuotaScope, quota};
pub use rank::{Contestant, Ranked, change, rank, tie_rule_text};
pub use result::{PublishedResult, ResultError, ResultRow};
pub use roster::{Entry, Placed, roster};
pub use rule_text::{condition_text, rule_text};
pub use words::{quantity_name, written_value};
