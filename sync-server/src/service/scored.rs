//! Sheets as they officially stand, with what they are computed under.
//!
//! Invariant: made of accepted frames and the configuration alone; a sheet that can't be computed stops no other.

use rusqlite::Connection;
use xeploai_core::classify::{Assessment, ColumnFacts, Facts, Outside, People, assess};
use xeploai_core::org::Config;
use xeploai_core::ruleset::{Condition, Position, Ruleset};
use xeploai_core::scoring::{Columns, Plan, Product, ScoringError, Terms, check_answers, check_products};
use xeploai_core::sheet::state::{Basis, FrameRecord, Sheet};
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::sync::verdict::Rank;

use super::Service;
use crate::error::{Refused, ServerError};
use crate::storage::frames::{self, StoredFrame};
use crate::storage::streams;
use crate::storage::verdicts::Decoded;

/// A sheet with what it is computed under.
pub(crate) struct Scored<'a> {
    pub(crate) sheet: Sheet,
    pub(crate) columns: Columns,
    pub(super) ruleset: &'a Ruleset,
    products: &'a [Product],
    position: Position,
}

impl Scored<'_> {
    /// What it is computed under.
    pub(crate) fn terms(&self) -> Terms<'_> {
        Terms { ruleset: self.ruleset, position: &self.position, products: self.products }
    }

    /// Its total and proposed level.
    pub(crate) fn assess(&self, outside: Outside) -> Result<Assessment<'_>, ServerError> {
        Ok(assess(&Plan::new(self.terms())?, &self.columns, &self.ruleset.counting, outside)?)
    }

    /// Whether every column fits the set and the product list.
    fn check(&self) -> Result<(), ScoringError> {
        check_products(self.products)?;
        let columns = self.columns.iter();
        { columns }.try_for_each(|(_, answers)| check_answers(self.ruleset, answers, self.products))
    }

    /// The same as a result's file has it.
    pub(super) fn facts(&self, people: Option<People>) -> Facts {
        let said = self.columns.iter().map(|(column, answers)| (*column, ColumnFacts::from(answers)));
        Facts {
            columns: said.collect(),
            products: self.products.to_vec(),
            position: self.position.clone(),
            unit_level: None,
            people: people.map(People::by_level),
        }
    }
}

impl Service {
    /// A sheet as it officially stands.
    ///
    /// # Errors
    /// When the database fails or holds what can't be decoded.
    pub fn sheet_of(&self, key: &SheetKey) -> Result<Sheet, ServerError> {
        self.storage.read(|read| self.sheet(read, key.clone()))
    }

    /// A sheet from its accepted frames.
    pub(crate) fn sheet(&self, connection: &Connection, key: SheetKey) -> Result<Sheet, ServerError> {
        self.sheet_at(connection, key, None)
    }

    /// A sheet as it stood at a cut: what was said of its frames later does not count.
    pub(crate) fn sheet_at(
        &self,
        connection: &Connection,
        key: SheetKey,
        cut: Option<Rank>,
    ) -> Result<Sheet, ServerError> {
        let stored = frames::of_sheet(connection, key.id(self.department))?;
        let (mut records, mut decoded) = (Vec::with_capacity(stored.len()), Decoded::at(cut));
        for StoredFrame { position, received_at, frame } in stored {
            let hash = frame.hash();
            let stream = streams::get(connection, frame.lane.stream)?.ok_or(Refused::NotInitialised)?;
            records.push(FrameRecord {
                hash,
                lane: frame.lane,
                author: stream.certificate.header.author,
                body: frame.decode_body().unwrap_or_default(),
                verdict: decoded.of(connection, position, hash)?.map(|verdict| verdict.0),
                received_at: Some(received_at),
            });
        }
        let chain = frames::chain(connection, &records.iter().map(|record| record.lane).collect())?;
        Ok(Sheet::assemble(key, &records, None, &chain, Basis::Official))
    }

    /// A sheet with what it is computed under.
    pub(crate) fn scored<'a>(
        &self,
        connection: &Connection,
        config: &'a Config,
        key: SheetKey,
    ) -> Result<Scored<'a>, ServerError> {
        let ruleset = config.rulesets.get(&key.ruleset).ok_or(Refused::NoSuchSheet)?;
        let (products, position) = (config.products_of(&key), config.position_of(key.subject));
        let sheet = self.sheet(connection, key)?;
        let columns = ruleset.columns.iter().map(|column| (*column, sheet.answers(*column))).collect();
        Ok(Scored { sheet, columns, ruleset, products, position })
    }

    /// As [`Self::scored`]; of a sheet whose figures no longer fit its criteria set or product list nothing counts: it
    /// stops nobody else's classification.
    pub(crate) fn scored_or_empty<'a>(
        &self,
        connection: &Connection,
        config: &'a Config,
        key: SheetKey,
    ) -> Result<Scored<'a>, ServerError> {
        let scored = self.scored(connection, config, key)?;
        if let Err(error) = scored.check() {
            tracing::warn!(%error, sheet = %scored.sheet.key.id(self.department), "a sheet can't be computed");
            return Ok(Scored { columns: Columns::default(), products: &[], ..scored });
        }
        Ok(scored)
    }

    /// What a unit's own sheet is judged by besides itself.
    pub(crate) fn outside_of(
        &self,
        connection: &Connection,
        config: &Config,
        key: &SheetKey,
    ) -> Result<Outside, ServerError> {
        let ruleset = config.rulesets.get(&key.ruleset).ok_or(Refused::NoSuchSheet)?;
        let (Subject::Unit(unit), true) = (key.subject, looks_at_people(ruleset)) else {
            return Ok(Outside::default());
        };
        let sheets = config.sheets(key.period).into_iter();
        let theirs = sheets.filter(|key| {
            matches!(key.subject, Subject::Post(_))
                && config.unit_of(key.subject).is_some_and(|it| it.id == unit)
        });
        let people = theirs.map(|key| self.scored_or_empty(connection, config, key));
        let people = people_of(config, &people.collect::<Result<Vec<_>, _>>()?)?;
        Ok(Outside { unit_level: None, people: Some(people) })
    }
}

/// Whether a level's condition or a gate of the set looks at the unit's people.
pub(super) fn looks_at_people(ruleset: &Ruleset) -> bool {
    let conditions = ruleset.levels.iter().flat_map(|level| &level.conditions);
    let gates = ruleset.gates.iter().flat_map(|gate| &gate.when);
    conditions.chain(gates).any(|condition| matches!(condition, Condition::People { .. }))
}

/// Levels of a unit's people: as decided, else by their own sheets, without the unit's own level, which follows from
/// theirs.
pub(super) fn people_of(config: &Config, people: &[Scored<'_>]) -> Result<People, ServerError> {
    let level =
        |scored: &Scored<'_>| match config.levels.get(&(scored.sheet.key.period, scored.sheet.key.subject)) {
            Some(decided) => Ok(decided.level),
            None => Ok(scored.assess(Outside::default())?.outcome.level()),
        };
    let levels = people.iter().map(level).collect::<Result<Vec<_>, ServerError>>()?;
    Ok(levels.into_iter().flatten().collect())
}
