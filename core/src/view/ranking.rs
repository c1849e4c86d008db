//! Rankings, their explanation, and the console's overview.

use serde::{Deserialize, Serialize};

use super::{Column, Level, PeriodView, Stage, Text, Threshold, Trust, Written};
use crate::points::Points;

/// What happens to units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum SuccessionKind {
    /// Đổi tên: one unit goes on as another one.
    Rename,
    /// Sáp nhập: two or more become one.
    Merge,
    /// Chia tách: one becomes two or more.
    Split,
    /// Giải thể: units end; others may take over what they did.
    Dissolve,
}

view! {
    /// A ranking of one league in one period.
    struct RankingView {
        /// Period.
        pub period: PeriodView,
        /// League's code.
        pub league: String,
        /// League's title.
        pub title: Text,
        /// Whether it is what the server published, or provisional.
        pub published: bool,
        /// When it was published, Unix seconds.
        pub published_at: Option<i64>,
        /// Hash of input and output, hex; only of a published one.
        pub result_hash: Option<String>,
        /// The tie rule, in words.
        pub tie_rule: Text,
        /// Thresholds for the bars.
        pub thresholds: Vec<Threshold>,
        /// Maximum of the bars.
        pub maximum: Points,
        /// How far the figures may be trusted.
        pub trust: Trust,
        /// Units in order of rank; those without enough data last, without a rank.
        pub rows: Vec<RankRow>,
    }

    /// A row of a ranking.
    struct RankRow {
        /// Rank; absent: chưa đủ dữ liệu.
        pub rank: Option<u32>,
        /// Whether the rank is shared.
        pub tied: bool,
        /// Unit's id.
        pub unit: String,
        /// Unit's code.
        pub code: String,
        /// Unit's name.
        pub name: String,
        /// Short name for narrow screens: the district.
        pub short_name: String,
        /// Total.
        pub total: Option<Points>,
        /// Bonus part of it.
        pub bonus: Points,
        /// What deductions took of it; 0 or less.
        #[serde(default)]
        pub penalty: Points,
        /// Level.
        pub level: Option<Level>,
        /// Whether it is not rated.
        #[serde(default)]
        pub not_rated: bool,
        /// Places gained since the last period; negative: lost; absent: not ranked then.
        pub change: Option<i32>,
        /// Why there is no change: how the unit came about since the last period, other than by a rename.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "bindings", ts(optional))]
        pub reorganised: Option<SuccessionKind>,
        /// What it had in earlier published periods of the same kind and league, latest first. Not part of what is published.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "bindings", ts(optional, as = "Option<Vec<PastRank>>"))]
        pub past: Vec<PastRank>,
        /// Whether it is the user's unit.
        pub mine: bool,
    }

    /// What a unit had in an earlier period.
    struct PastRank {
        /// Id of the period.
        pub period: String,
        /// Rank; absent: chưa đủ dữ liệu.
        pub rank: Option<u32>,
        /// Total.
        pub total: Option<Points>,
        /// Level.
        pub level: Option<Level>,
    }

    /// A node of an explanation. The value is explained by its children.
    struct ExplainNode {
        /// What it is.
        pub title: Text,
        /// Its value: points, `points/max`, a level's name or a percentage.
        pub value: Text,
        /// How it comes from the children, or what the rule says.
        pub rule: Option<Text>,
        /// Level, when the value is one.
        pub level: Option<Level>,
        /// The text that the rule comes from, when it is named.
        pub source: Option<Text>,
        /// The signed scores behind a leaf, column by column.
        pub scores: Vec<ExplainScore>,
        /// What it is made of.
        pub children: Vec<ExplainNode>,
    }

    /// A score at a leaf of an explanation.
    struct ExplainScore {
        /// Column.
        pub column: Column,
        /// Points, a quantity, or the word for yes or no.
        pub value: Text,
        /// Reason or note.
        pub note: String,
        /// Who, when, on which device.
        pub written: Written,
        /// Whether it is the one that counts.
        pub counts: bool,
        /// Hash of the signed frame, hex; absent while it is not sealed.
        pub frame: Option<String>,
        /// Whether the frame's signature was checked here and fits.
        pub signature_fits: bool,
        /// Whether the server's signed state of a closed period vouches for it, and the frame itself is not here yet.
        pub by_server: bool,
    }

    /// The console's overview of a period.
    struct OverviewView {
        /// Department's name.
        pub department: String,
        /// Whether the data is a demonstration.
        pub demonstration: bool,
        /// Period shown.
        pub period: PeriodView,
        /// All periods, latest first.
        pub periods: Vec<PeriodView>,
        /// Who has handed in.
        pub units: Vec<UnitProgress>,
        /// Rankings, league by league.
        pub rankings: Vec<RankingView>,
    }

    /// How far a unit is in a period.
    struct UnitProgress {
        /// Unit's id.
        pub unit: String,
        /// Unit's name.
        pub name: String,
        /// Short name.
        pub short_name: String,
        /// League's code; empty for the department.
        pub league: String,
        /// People's sheets handed in.
        pub handed_in: u32,
        /// People's sheets expected.
        pub expected: u32,
        /// The unit's own sheet, if it has one.
        pub sheet: Option<Stage>,
        /// Last time that a device of the unit synced, Unix seconds of the server.
        pub last_seen: Option<i64>,
    }

    /// The console's account.
    struct Account {
        /// Login name.
        pub login: String,
        /// Full name.
        pub name: String,
    }
}
