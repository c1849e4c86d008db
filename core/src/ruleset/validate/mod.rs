//! What a criteria set must be. Policy in one place; every finding names its place in the file, and all are found at once.

mod groups;
mod levels;

use unicode_normalization::is_nfc;

use super::{Definition, Finding, Problem, RoundingAt, RulesetId, TieKey};
use crate::points::Points;
use crate::view::{Column, Text};

/// Most criteria in a set, and most of anything else in a list.
const CRITERIA_MAX: usize = 500;
/// Longest text, in characters.
const TEXT_CHARS_MAX: usize = 4_000;
/// Longest shown number or group code, in bytes.
const LABEL_LEN_MAX: usize = 32;
/// Most points of a criterion, group or total.
const POINTS_MAX: Points = Points::whole(10_000);

/// What is wrong so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

/// Everything that keeps a definition from being used; nothing for a valid one.
pub(super) fn validate(set: &Definition) -> Vec<Finding> {
    let mut found = Findings::default();
    found.ensure(RulesetId::is_code(&set.code), "code", Problem::Code);
    found.ensure(set.version > 0, "version", Problem::Zero);
    found.text(&set.title, "title");
    found.text(&set.source, "source");
    for (index, text) in set.unknown.iter().enumerate() {
        found.text(text, &format!("unknown[{index}]"));
    }
    dates(set, &mut found);
    columns(set, &mut found);
    rounding(set, &mut found);
    groups::groups(set, &mut found);
    totals(set, &mut found);
    levels::levels(set, &mut found);
    tie_keys(set, &mut found);
    found.0
}

fn dates(set: &Definition, found: &mut Findings) {
    for (day, place) in [(&set.valid_from, "valid_from"), (&set.valid_to, "valid_to")] {
        let is_day = |text: &String| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
        found.ensure(day.as_ref().is_none_or(is_day), place, Problem::Date);
    }
    if let (Some(from), Some(to)) = (&set.valid_from, &set.valid_to) {
        found.ensure(from <= to, "valid_to", Problem::EndsBeforeItBegins);
    }
}

fn columns(set: &Definition, found: &mut Findings) {
    found.list(&set.columns, "columns");
    found.list(&set.counting, "counting");
    found.ensure(!set.counting.contains(&Column::Own), "counting", Problem::OwnCounts);
    let known = set.counting.iter().all(|column| set.columns.contains(column));
    found.ensure(known, "counting", Problem::Unknown);
}

/// What is shown as the most must be something that rounding leaves alone, or it could be passed.
fn rounding(set: &Definition, found: &mut Findings) {
    let decimals = set.rounding.decimals;
    found.ensure(decimals <= 4, "rounding.decimals", Problem::Decimals);
    let kept = Points(Points::SCALE / 10_i64.pow(u32::from(decimals.min(4))));
    let each = set.groups.iter().filter(|_| set.rounding.at != RoundingAt::Total);
    let groups = each.map(|group| (format!("groups[{}].max", group.code), group.max));
    let total = ("rounding.decimals".to_owned(), set.maximum());
    for (place, most) in groups.chain([total]) {
        found.ensure(most.is_on_step(kept), &place, Problem::OffRounding(decimals));
    }
}

fn totals(set: &Definition, found: &mut Findings) {
    found.ensure((Points::ZERO..=POINTS_MAX).contains(&set.base), "base", Problem::Range);
    for (cap, place) in
        [(set.total_cap, "total_cap"), (set.bonus_cap, "bonus_cap"), (set.penalty_cap, "penalty_cap")]
    {
        let in_range = |cap| cap > Points::ZERO && cap <= POINTS_MAX;
        found.ensure(cap.is_none_or(in_range), place, Problem::Range);
    }
    for (cap, of, place) in [
        (set.bonus_cap, groups::sum_of(set, |group| group.bonus), "bonus_cap"),
        (set.penalty_cap, groups::sum_of(set, |group| group.penalty), "penalty_cap"),
    ] {
        found.ensure(cap.is_none_or(|cap| cap <= of), place, Problem::BonusCap(of));
    }
    let largest = set.groups.iter().filter(|group| !group.penalty).map(|group| group.max).max();
    let largest = largest.unwrap_or_default();
    found.ensure(set.total_cap.is_none_or(|cap| cap >= largest), "total_cap", Problem::CapBelowPart(largest));
}

fn tie_keys(set: &Definition, found: &mut Findings) {
    found.list(&set.tie_keys, "tie_keys");
    found.ensure(set.tie_keys.first() == Some(&TieKey::Total), "tie_keys", Problem::TieTotal);
    for key in &set.tie_keys {
        if let TieKey::Group(code) = key {
            let known = set.groups.iter().any(|group| group.code == *code);
            found.ensure(known, &format!("tie_keys[{key}]"), Problem::Unknown);
        }
    }
}

impl Findings {
    fn ensure(&mut self, holds: bool, place: &str, problem: Problem) {
        if !holds {
            self.0.push(Finding { place: place.to_owned(), problem });
        }
    }

    fn list<T: PartialEq>(&mut self, items: &[T], place: &str) {
        self.ensure(!items.is_empty(), place, Problem::Empty);
        self.distinct(items, place);
    }

    fn distinct<T: PartialEq>(&mut self, items: &[T], place: &str) {
        self.ensure(items.len() <= CRITERIA_MAX, place, Problem::TooMany(CRITERIA_MAX));
        let items = &items[..items.len().min(CRITERIA_MAX)];
        let distinct = items.iter().enumerate().all(|(index, item)| !items[..index].contains(item));
        self.ensure(distinct, place, Problem::Duplicate);
    }

    fn label(&mut self, label: &str, place: &str) {
        let short = !label.trim().is_empty() && label.len() <= LABEL_LEN_MAX && is_nfc(label);
        self.ensure(short, place, Problem::Code);
    }

    fn text(&mut self, text: &Text, place: &str) {
        let parts = [&text.vi, &text.en];
        self.ensure(parts.iter().all(|part| !part.trim().is_empty()), place, Problem::EmptyText);
        let short = parts.iter().all(|part| part.chars().count() <= TEXT_CHARS_MAX);
        self.ensure(short, place, Problem::LongText);
        self.ensure(parts.iter().all(|part| is_nfc(part)), place, Problem::NotNfc);
    }

    fn source(&mut self, source: &Option<Text>, place: &str) {
        if let Some(source) = source {
            self.text(source, &format!("{place}.source"));
        }
    }
}
