//! Quotas for the console: who is counted together, and what comes out.

use xeploai_core::classify::{Quota, QuotaLine, QuotaMember, quota};
use xeploai_core::view::{QuotaView, Text};

use super::classification::Classified;

/// The quotas that subjects are under, each over those who are under it.
pub(super) fn views(
    subjects: &[&Classified<'_>],
    outstanding: bool,
    member: impl Fn(&Classified<'_>) -> QuotaMember<String>,
) -> Vec<QuotaView> {
    let mut quotas: Vec<&Quota> = Vec::new();
    for quota in subjects.iter().filter_map(|subject| of(subject)) {
        if !quotas.contains(&quota) {
            quotas.push(quota);
        }
    }
    let lines = quotas.into_iter().flat_map(|with| {
        let under = subjects.iter().filter(|subject| of(subject) == Some(with));
        let members: Vec<QuotaMember<String>> = under.map(|subject| member(subject)).collect();
        quota(&members, with, outstanding)
    });
    lines.map(view).collect()
}

fn of<'a>(subject: &'a Classified<'_>) -> Option<&'a Quota> {
    subject.scored.terms().ruleset.quota.as_ref()
}

fn view(line: QuotaLine<String>) -> QuotaView {
    QuotaView {
        title: match line.group {
            Some(group) => Text { vi: group.clone(), en: group },
            None => Text { vi: "Toàn đơn vị".into(), en: "The whole unit".into() },
        },
        count: line.excellent,
        limit: line.limit,
        rule: line.text,
        over: line.over,
    }
}
