//! Succession of units: recorded with its legal basis, and the units that it ends get their last month.

use xeploai_core::ids::UnitId;
use xeploai_core::org::{Config, Document, OrgError, Succession};
use xeploai_core::period::Period;
use xeploai_core::view::SuccessionKind;

use super::Service;
use crate::error::ServerError;

impl Service {
    /// Records that units come after others, by their codes, from the first month of `since` on. A unit on both sides goes
    /// on; one that is among the former ones only ends with the month before.
    ///
    /// # Errors
    /// An [`OrgError`] that names the unit, or when the database fails; then nothing is written.
    pub fn succeed(
        &self,
        kind: SuccessionKind,
        [from, to]: [&[String]; 2],
        since: Period,
        basis: &str,
    ) -> Result<Succession, ServerError> {
        self.storage.write(|write| {
            let config = self.config_in(write)?;
            let succession = Succession {
                kind,
                from: units(&config, from)?,
                to: units(&config, to)?,
                since: since.months()[0],
                basis: basis.trim().to_owned(),
            };
            succession.check(&config)?;
            let mut documents: Vec<Document> = succession.ended(&config).map(Document::Unit).collect();
            documents.push(Document::Succession(succession.clone()));
            self.write_documents_in(write, &documents)?;
            Ok(succession)
        })
    }
}

fn units(config: &Config, codes: &[String]) -> Result<Vec<UnitId>, OrgError> {
    let unit = |code: &String| {
        let known = config.units.values().find(|unit| unit.code == *code);
        known.map(|unit| unit.id).ok_or_else(|| OrgError::UnknownUnit(code.clone()))
    };
    codes.iter().map(unit).collect()
}
