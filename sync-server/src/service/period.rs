//! Opening and locking periods.

use xeploai_core::org::{Document, PeriodRecord, Publication};
use xeploai_core::period::Period;
use xeploai_core::view::RankingView;

use super::Service;
use crate::error::{Refused, ServerError};

impl Service {
    /// Opens a period with the rules and leagues of the latest one of its kind before it.
    ///
    /// # Errors
    /// [`Refused::PeriodExists`], or [`Refused::NoSuchPeriod`] when there is none to go by.
    pub fn open_period(&self, period: Period) -> Result<PeriodRecord, ServerError> {
        let config = self.config()?;
        if config.periods.contains_key(&period) {
            return Err(Refused::PeriodExists.into());
        }
        let month = |record: &&PeriodRecord| record.period.to_string().len() == period.to_string().len();
        let before = config.periods.values().rev().filter(|record| record.period < period).find(month);
        let before = before.ok_or(Refused::NoSuchPeriod)?;
        let record = PeriodRecord {
            period,
            locked: false,
            own_until: None,
            superior_until: None,
            classified_on: None,
            published_on: None,
            ..before.clone()
        };
        self.write_documents(&[Document::Period(record.clone())])?;
        Ok(record)
    }

    /// Locks a period: its rankings are published with their hashes, and what comes later is held.
    ///
    /// # Errors
    /// [`Refused::NoSuchPeriod`] or [`Refused::PeriodLocked`]; else when the store or the rules fail.
    pub fn lock_period(&self, period: Period) -> Result<Vec<RankingView>, ServerError> {
        self.storage.write(|write| {
            let config = self.config_in(write)?;
            let record = config.periods.get(&period).ok_or(Refused::NoSuchPeriod)?;
            if record.locked {
                return Err(Refused::PeriodLocked.into());
            }
            let rankings = self.rank_in(write, &config, period, Some(self.now()))?;
            let publication =
                |ranking: &RankingView| Box::new(Publication { period, ranking: ranking.clone() });
            let mut documents: Vec<Document> =
                rankings.iter().map(|ranking| Document::Publication(publication(ranking))).collect();
            documents.push(Document::Period(PeriodRecord { locked: true, ..record.clone() }));
            self.write_documents_in(write, &documents)?;
            Ok(rankings)
        })
    }
}
