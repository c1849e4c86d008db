//! Periods.

use xeploai_core::org::{Config, PeriodRecord};
use xeploai_core::view::PeriodView;

/// A period for a screen.
pub(crate) fn view(record: &PeriodRecord) -> PeriodView {
    PeriodView {
        id: record.period.to_string(),
        locked: record.locked,
        own_until: record.own_until.clone(),
        superior_until: record.superior_until.clone(),
        classified_on: record.classified_on.clone(),
        published_on: record.published_on.clone(),
    }
}

/// Every period, latest first.
pub(crate) fn all(config: &Config) -> Vec<PeriodView> {
    config.periods.values().rev().map(view).collect()
}
