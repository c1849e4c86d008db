//! The classification of a period: every unit and its people, with what a person who decides must see.

use serde::{Deserialize, Serialize};

use super::{Level, PeriodView, Text};
use crate::points::Points;

view! {
    /// The classification of a period.
    struct ClassificationView {
        /// Period.
        pub period: PeriodView,
        /// Units in order of league and code; the department first.
        pub units: Vec<UnitClassification>,
        /// Quotas over the units of a league.
        pub quotas: Vec<QuotaView>,
        /// Signals about scorers, over all units. They inform; they change no score.
        pub signals: Vec<SignalView>,
    }

    /// A unit, its own sheet and its people.
    struct UnitClassification {
        /// Unit's id.
        pub unit: String,
        /// Code.
        pub code: String,
        /// Name.
        pub name: String,
        /// The unit's own line, if it is scored.
        pub own: Option<ClassifiedRow>,
        /// Its people, best first.
        pub people: Vec<ClassifiedRow>,
        /// Quotas over its people.
        pub quotas: Vec<QuotaView>,
        /// Signals about the unit and its people. They inform; they change no score.
        pub signals: Vec<SignalView>,
    }

    /// A subject with its total and level.
    struct ClassifiedRow {
        /// Sheet's id.
        pub sheet: String,
        /// Staff code or unit code.
        pub code: String,
        /// Name.
        pub name: String,
        /// Position; empty for a unit.
        pub position: Text,
        /// Title of the criteria set: ranks are among those under one set.
        pub ruleset: Text,
        /// Total; absent: chưa đủ dữ liệu.
        pub total: Option<Points>,
        /// Proposed level.
        pub level: Option<Level>,
        /// Whether it is not rated.
        pub not_rated: bool,
        /// Tạm tính.
        pub provisional: bool,
        /// Rank in its unit or league.
        pub rank: Option<u32>,
        /// What the gates did, one sentence each; empty when the total alone gives the level.
        pub gates: Vec<Text>,
        /// Whether a quota is exceeded by this one.
        pub over_quota: bool,
        /// What a person has decided; the proposal stands beside it.
        pub decided: Option<DecidedView>,
    }

    /// A level that a person has decided.
    struct DecidedView {
        /// The level; absent: not rated.
        pub level: Option<Level>,
        /// Of a unit: whether it has outstanding achievements, so that its people's quota is the higher one.
        pub outstanding: bool,
        /// Why, where it differs from the proposal.
        pub reason: String,
        /// Who.
        pub by: String,
        /// When, by the server's clock, Unix seconds.
        pub at: i64,
    }

    /// A quota and who is over it.
    struct QuotaView {
        /// Among whom it is counted.
        pub title: Text,
        /// How many have the top level.
        pub count: u32,
        /// How many may.
        pub limit: u32,
        /// The rule with its figures.
        pub rule: Text,
        /// Codes of those over it; nobody is moved.
        pub over: Vec<String>,
    }

    /// A signal: a plain formula with its figures.
    struct SignalView {
        /// What is measured.
        pub name: Text,
        /// Whom it is about: unit, person or scorer; empty: all.
        pub about: String,
        /// The figure.
        pub value: Text,
        /// The formula with the figures in it.
        pub formula: Text,
        /// Where the need for it was read.
        pub source: Text,
        /// What to think of.
        pub sentence: Text,
        /// Whether it is worth a look.
        pub noticeable: bool,
    }

    /// A longer period, made of shorter ones.
    struct AggregationView {
        /// Period.
        pub period: String,
        /// Units, then people, each with how it came about.
        pub rows: Vec<AggregateRow>,
    }

    /// A subject over a longer period.
    struct AggregateRow {
        /// Whether the subject is a unit.
        pub of_unit: bool,
        /// Unit's name.
        pub unit: String,
        /// Staff code or unit code.
        pub code: String,
        /// Name.
        pub name: String,
        /// By the criteria set's own way.
        pub result: AggregateVariantView,
        /// Periods that are missing or count zero; whether the way is a reading.
        pub notes: Vec<Text>,
        /// What other ways would give.
        pub others: Vec<AggregateVariantView>,
        /// Present when the ways give different levels.
        pub warning: Option<Text>,
    }

    /// One way of aggregating, with its figures.
    struct AggregateVariantView {
        /// Its name.
        pub method: Text,
        /// The value; absent: not enough data, or levels were counted.
        pub total: Option<Points>,
        /// The level.
        pub level: Option<Level>,
        /// Whether no rule fits and people judge.
        pub left_to_people: bool,
        /// The formula with its figures.
        pub formula: Text,
    }
}
