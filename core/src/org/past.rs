//! Rankings of several periods beside each other, from what was published.
//!
//! Invariant: nothing is computed again; an earlier figure is the one that was published.

use super::{Config, Lineage, Publication};
use crate::ids::UnitId;
use crate::period::Period;
use crate::view::{PastRank, RankRow, RankingView, SuccessionKind};

/// Most earlier periods beside one: a year of months with it.
pub const PAST_PERIODS_MAX: usize = 11;

impl Config {
    /// Adds to each row what its unit had in earlier published periods of the same kind and league, as far back as it can
    /// be compared.
    pub fn add_past(&self, ranking: &mut RankingView) {
        let Ok(now) = ranking.period.id.parse::<Period>() else { return };
        let earlier: Vec<&Publication> = self
            .publications
            .range(..(now, String::new()))
            .rev()
            .map(|(_, publication)| publication)
            .filter(|it| it.period.is_like(now) && it.ranking.league == ranking.league)
            .take(PAST_PERIODS_MAX)
            .collect();
        for row in &mut ranking.rows {
            let Ok(unit) = row.unit.parse::<UnitId>() else { continue };
            let comparable = earlier.iter().map_while(|it| match self.lineage(unit, now, it.period) {
                Lineage::Of(was) => Some((*it, was)),
                Lineage::Broken(_) => None,
            });
            row.past =
                comparable.filter_map(|(it, was)| Some(past_rank(it.period, row_of(it, was)?))).collect();
        }
    }

    /// A unit's rank in the period just before, as published: nothing when it was not ranked; the reason when it can't be
    /// compared.
    ///
    /// # Errors
    /// How the unit came about since then.
    pub fn rank_before(
        &self,
        unit: UnitId,
        now: Period,
        league: &str,
    ) -> Result<Option<u32>, SuccessionKind> {
        let Some(before) = now.previous() else { return Ok(None) };
        match self.lineage(unit, now, before) {
            Lineage::Broken(kind) => Err(kind),
            Lineage::Of(was) => {
                let published = self.publications.get(&(before, league.to_owned()));
                Ok(published.and_then(|it| row_of(it, was)).and_then(|row| row.rank))
            }
        }
    }
}

fn row_of(publication: &Publication, unit: UnitId) -> Option<&RankRow> {
    publication.ranking.rows.iter().find(|row| row.unit.parse() == Ok(unit))
}

fn past_rank(period: Period, row: &RankRow) -> PastRank {
    PastRank { period: period.to_string(), rank: row.rank, total: row.total, level: row.level }
}
