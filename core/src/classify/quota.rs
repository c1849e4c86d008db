//! The quota of HTXSNV (hoàn thành xuất sắc nhiệm vụ): how many may be rated excellent, and who is over.
//!
//! Invariant: nobody is moved and no level is changed. A line says how many there may be and names everybody who is
//! over; people choose. Source: SCORING.md, section "Quota".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rule_text::append;
use super::words::{figure, fill, text};
use crate::points::{Exact, Points};
use crate::view::{Level, Text};

/// A quota of the excellent, as data of a criteria set. NĐ 335/2025 and QĐ 366-QĐ/TW: 20% of those rated HTTNV, up to
/// 25% with outstanding achievements, in the agency and in each group of similar tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// The share, in percent, 0 to 100.
    pub ratio: Points,
    /// The share when the authority finds outstanding achievements, in percent, 0 to 100.
    pub ratio_outstanding: Points,
    /// What it is a share of.
    pub denominator: QuotaDenominator,
    /// What happens to a part of a person; no text that was read says it, tools round down.
    pub rounding: QuotaRounding,
    /// Where it must be kept; each is looked at by itself.
    pub scope: Vec<QuotaScope>,
}

/// What the quota is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuotaDenominator {
    /// Those rated HTTNV, as the law's text says; somebody who is put out of HTXSNV becomes one of them.
    GoodOnly,
    /// Those rated HTTNV or HTXSNV, as some regulations of units say.
    GoodAndAbove,
    /// All who are rated, as some tools count.
    AllRated,
}

/// What the quota does with a part of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuotaRounding {
    /// Down.
    Floor,
    /// A half and more up.
    HalfUp,
    /// Up.
    Ceil,
}

/// Among whom the quota is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuotaScope {
    /// All of the agency or unit.
    Agency,
    /// Each group of similar tasks (nhóm nhiệm vụ tương đồng).
    SimilarTasks,
}

/// One who counts for a quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaMember<K> {
    /// Whatever the caller knows him by.
    pub key: K,
    /// Name of his group of similar tasks.
    pub group: String,
    /// His level before the quota; absent: not rated, or not enough data, and he counts nowhere.
    pub level: Option<Level>,
    /// What he is ordered by, higher first; absent: a level without points, after everybody who has some.
    pub value: Option<Exact>,
}

/// What a quota says of the agency or of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuotaLine<K> {
    /// Among whom.
    pub scope: QuotaScope,
    /// The group's name; of the agency: none.
    pub group: Option<String>,
    /// How many are HTXSNV now.
    pub excellent: u32,
    /// How many are HTTNV now.
    pub good: u32,
    /// How many are rated.
    pub rated: u32,
    /// The largest number that may be HTXSNV while people move between HTXSNV and HTTNV alone.
    pub limit: u32,
    /// Who is over it, highest value first, then by key; nobody: the quota is kept.
    pub over: Vec<K>,
    /// Whether people with the same value stand on both sides of the limit: all of them are in `over`.
    pub tied: bool,
    /// All of that in a sentence.
    pub text: Text,
}

impl Quota {
    /// Whether both shares are percentages, the outstanding one is not the smaller, and each scope is named once.
    pub fn is_valid(&self) -> bool {
        let ordered = Points::ZERO <= self.ratio && self.ratio <= self.ratio_outstanding;
        let named_once = match self.scope.as_slice() {
            [_] => true,
            [first, second] => first != second,
            _ => false,
        };
        ordered && self.ratio_outstanding <= Points::whole(100) && named_once
    }

    fn ratio(&self, outstanding: bool) -> Points {
        if outstanding { self.ratio_outstanding } else { self.ratio }
    }
}

impl<K> QuotaLine<K> {
    /// Whether no more are excellent than may be.
    pub fn is_kept(&self) -> bool {
        self.over.is_empty()
    }
}

/// Holds the levels of an agency's members against a quota: a line for the agency, and one for each group by name, as
/// its `scope` asks. The order of the members does not matter.
///
/// `GOOD_ONLY`: the limit is the largest x with x ≤ rounded(ratio × good(x)), where good(x) is everybody who is HTXSNV
/// or HTTNV and not among the x. So with nobody good and somebody excellent the quota is never kept.
pub fn quota<K: Ord + Clone>(
    members: &[QuotaMember<K>],
    quota: &Quota,
    outstanding: bool,
) -> Vec<QuotaLine<K>> {
    let mut lines = Vec::new();
    for &scope in &quota.scope {
        let mut among: BTreeMap<Option<&str>, Vec<&QuotaMember<K>>> = BTreeMap::new();
        for member in members {
            let group = (scope == QuotaScope::SimilarTasks).then_some(member.group.as_str());
            among.entry(group).or_default().push(member);
        }
        lines.extend(
            among.into_iter().map(|(group, members)| line(scope, group, &members, quota, outstanding)),
        );
    }
    lines
}

fn line<K: Ord + Clone>(
    scope: QuotaScope,
    group: Option<&str>,
    members: &[&QuotaMember<K>],
    quota: &Quota,
    outstanding: bool,
) -> QuotaLine<K> {
    let count = |fits: fn(Level) -> bool| {
        members.iter().filter_map(|member| member.level).filter(|level| fits(*level)).count() as u32
    };
    let (excellent, good) = (count(|level| level == Level::Htxsnv), count(|level| level == Level::Httnv));
    let rated = count(|_| true);
    let may_be = |x: &u32| fits(*x, excellent + good, rated, quota, outstanding);
    let limit = (0..=rated).rev().find(may_be).unwrap_or_default();
    let (over, tied) = over(members, limit);
    let mut line = QuotaLine {
        scope,
        group: group.map(str::to_owned),
        excellent,
        good,
        rated,
        limit,
        over,
        tied,
        text: text("", ""),
    };
    line.text = sentence(&line, quota, outstanding);
    line
}

/// Whether x may be excellent: x ≤ rounded(ratio × denominator), without a division. `above` are HTTNV or HTXSNV.
fn fits(x: u32, above: u32, rated: u32, quota: &Quota, outstanding: bool) -> bool {
    let denominator = match quota.denominator {
        QuotaDenominator::GoodOnly => i128::from(above) - i128::from(x),
        QuotaDenominator::GoodAndAbove => i128::from(above),
        QuotaDenominator::AllRated => i128::from(rated),
    };
    let share = i128::from(quota.ratio(outstanding).0) * denominator;
    let person = i128::from(Points::whole(100).0);
    let x = i128::from(x) * person;
    match quota.rounding {
        QuotaRounding::Floor => x <= share,
        QuotaRounding::HalfUp => 2 * x <= 2 * share + person,
        QuotaRounding::Ceil => x < share + person,
    }
}

/// The excellent who stand behind the limit, with all who equal the first of them, and whether that took one from before it.
fn over<K: Ord + Clone>(members: &[&QuotaMember<K>], limit: u32) -> (Vec<K>, bool) {
    let mut excellent: Vec<_> = members.iter().filter(|member| member.level == Some(Level::Htxsnv)).collect();
    excellent.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.key.cmp(&b.key)));
    let Some(first_over) = excellent.get(limit as usize).map(|member| member.value) else {
        return (Vec::new(), false);
    };
    let over: Vec<K> = excellent
        .iter()
        .filter(|member| member.value <= first_over)
        .map(|member| member.key.clone())
        .collect();
    let tied = over.len() + limit as usize > excellent.len();
    (over, tied)
}

fn sentence<K>(line: &QuotaLine<K>, quota: &Quota, outstanding: bool) -> Text {
    let number = |count: u32| figure(&count.to_string());
    let among = match &line.group {
        Some(group) => {
            fill("Nhóm nhiệm vụ tương đồng “#”", "Group of similar tasks “#”", &[text(group, group)])
        }
        None => text("Toàn đơn vị", "The whole agency"),
    };
    let mut said = fill(
        "#: # người hoàn thành xuất sắc, # người hoàn thành tốt, # người được xếp loại; \
         xuất sắc không quá # người (#% số người #, làm tròn #).",
        "#: # excellent, # good, # rated; at most # excellent (#% of those #, rounded #).",
        &[
            among,
            number(line.excellent),
            number(line.good),
            number(line.rated),
            number(line.limit),
            figure(&quota.ratio(outstanding).to_string()),
            denominator_name(quota.denominator),
            rounding_name(quota.rounding),
        ],
    );
    append(&mut said, remarks(line, quota));
    said
}

/// What a reader must not miss.
fn remarks<K>(line: &QuotaLine<K>, quota: &Quota) -> Text {
    let mut said = text("", "");
    if quota.denominator == QuotaDenominator::GoodOnly && line.good == 0 && line.excellent > 0 {
        let none_good = text(
            " Không có ai hoàn thành tốt mà có người hoàn thành xuất sắc: không đúng tỷ lệ.",
            " Nobody is good while somebody is excellent: the quota is not kept.",
        );
        append(&mut said, none_good);
    }
    if !line.is_kept() {
        let over = fill(
            " # người vượt tỷ lệ; cấp có thẩm quyền quyết định, phần mềm không tự hạ mức của ai.",
            " # over the quota; the authority decides, the software lowers nobody by itself.",
            &[figure(&line.over.len().to_string())],
        );
        append(&mut said, over);
    }
    if line.tied {
        let tied = text(
            " Ở ranh giới có người bằng điểm nhau: tất cả những người đó đều được nêu.",
            " People at the limit have equal values: all of them are named.",
        );
        append(&mut said, tied);
    }
    said
}

fn denominator_name(denominator: QuotaDenominator) -> Text {
    match denominator {
        QuotaDenominator::GoodOnly => text("hoàn thành tốt", "rated good"),
        QuotaDenominator::GoodAndAbove => text("hoàn thành tốt trở lên", "rated good or better"),
        QuotaDenominator::AllRated => text("được xếp loại", "rated"),
    }
}

fn rounding_name(rounding: QuotaRounding) -> Text {
    match rounding {
        QuotaRounding::Floor => text("xuống", "down"),
        QuotaRounding::HalfUp => text("đến số gần nhất", "to the nearest"),
        QuotaRounding::Ceil => text("lên", "up"),
    }
}
