//! Ranking of subjects that are scored under one criteria set.

use std::cmp::Ordering;

use super::words::{fill, text};
use crate::points::Exact;
use crate::ruleset::{ClassifyOn, Ruleset, TieKey};
use crate::view::Text;

/// One who is ranked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contestant<K> {
    /// Whatever the caller knows it by.
    pub key: K,
    /// Unit code: orders the lines of those who share a rank. It never gives anybody a better rank.
    pub order: String,
    /// What is compared, first key first; higher is better. Absent: without enough data.
    pub keys: Option<Vec<Exact>>,
}

/// One line of a ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked<K> {
    /// The contestant's key.
    pub key: K,
    /// Rank, from 1; absent: chưa đủ dữ liệu.
    pub rank: Option<u32>,
    /// Whether another has the same rank.
    pub tied: bool,
}

/// Ranks by the keys, high to low; [`super::keys`] gives them by a set's tie rule.
///
/// Equal in all keys: the rank is shared and the next ones are skipped (1, 2, 2, 4). Those without a total come last,
/// without a rank. Lines of one rank are in order of [`Contestant::order`], whatever order they came in; it should be unique.
pub fn rank<K>(mut contestants: Vec<Contestant<K>>) -> Vec<Ranked<K>> {
    let better_first = |a: &Contestant<K>, b: &Contestant<K>| -> Ordering {
        b.keys.cmp(&a.keys).then_with(|| a.order.cmp(&b.order))
    };
    contestants.sort_by(better_first);
    let mut ranked: Vec<Ranked<K>> = Vec::with_capacity(contestants.len());
    let mut previous: Option<Option<Vec<Exact>>> = None;
    for (index, Contestant { key, keys, .. }) in contestants.into_iter().enumerate() {
        let tied = keys.is_some() && previous.as_ref() == Some(&keys);
        let shared = ranked.last_mut().filter(|_| tied).and_then(|line| {
            line.tied = true;
            line.rank
        });
        let rank = keys.as_ref().map(|_| shared.unwrap_or(index as u32 + 1));
        ranked.push(Ranked { key, rank, tied });
        previous = Some(keys);
    }
    ranked
}

/// Places gained since the last period; negative: lost; `None` when there was or is no rank.
pub fn change(previous: Option<u32>, now: Option<u32>) -> Option<i32> {
    let difference = i64::from(previous?) - i64::from(now?);
    i32::try_from(difference).ok()
}

/// The tie rule in words, as a ranking prints it.
pub fn tie_rule_text(ruleset: &Ruleset) -> Text {
    let mut rule = match ruleset.rounding.classify_on {
        ClassifyOn::Rounded => text("Xếp theo tổng điểm đã làm tròn", "By rounded total"),
        ClassifyOn::Exact => text("Xếp theo tổng điểm chưa làm tròn", "By unrounded total"),
    };
    rule.vi.push_str(", từ cao xuống thấp");
    rule.en.push_str(", from high to low");
    for key in &ruleset.tie_keys {
        if let TieKey::Group(code) = key {
            let code = text(code, code);
            let next = fill("; bằng điểm thì xét nhóm #", "; if equal, by group #", &[code]);
            rule.vi.push_str(&next.vi);
            rule.en.push_str(&next.en);
        }
    }
    rule.vi.push_str(
        "; vẫn bằng nhau thì đồng hạng và bỏ trống hạng kế tiếp (1, 2, 2, 4), ghi theo thứ tự mã đơn vị.",
    );
    rule.en.push_str(
        "; if still equal, the rank is shared and the next is skipped (1, 2, 2, 4), listed by unit code.",
    );
    rule
}
