//! What is held for a person: who wrote what, and what it waits for.

use rusqlite::Connection;
use serde::Serialize;
use xeploai_core::classify::quantity_name;
use xeploai_core::ids::PersonId;
use xeploai_core::org::Config;
use xeploai_core::sheet::{ChangeId, Field, SheetKey, Subject, Token};
use xeploai_core::sync::Status;
use xeploai_core::sync::body::Change;
use xeploai_core::sync::verdict::Reason;

use super::Service;
use crate::error::ServerError;
use crate::storage::frames::{self, StoredFrame};
use crate::storage::verdicts::Decoded;
use crate::storage::{held, streams, witnesses};

/// A change that is held, as a person who decides sees it.
#[derive(Debug, Clone, Serialize)]
pub struct HeldChange {
    /// Its name, for the decision.
    pub change: String,
    /// Period of its sheet.
    pub period: String,
    /// Code of its sheet's unit.
    pub unit: String,
    /// Staff code of whom the sheet is of; empty for a unit's.
    pub subject: String,
    /// Staff code of the writer.
    pub author: String,
    /// The writer's device.
    pub device: String,
    /// Criterion, column and field, or the act.
    pub what: String,
    /// What was written; an act's reason.
    pub value: String,
    /// Code of what it waits for.
    pub reason: &'static str,
    /// The same as a sentence.
    pub sentence: &'static str,
    /// When the server received it, Unix seconds.
    pub received_at: i64,
    /// Staff codes of those who state to have been handed it, and when by the server's time.
    pub witnesses: Vec<(String, i64)>,
}

impl Service {
    /// Everything that is held on some sheet, oldest first. What no program here can read yet waits for another one, not
    /// for a person, and is left out.
    ///
    /// # Errors
    /// When the database fails.
    pub fn held(&self) -> Result<Vec<HeldChange>, ServerError> {
        self.storage.read(|read| {
            let config = self.config_in(read)?;
            let (mut decoded, mut found) = (Decoded::default(), Vec::new());
            for position in held::of(read, &Reason::ALL)? {
                let Some(stored) = frames::get(read, position)? else { continue };
                let Some((verdict, _)) = decoded.of(read, position, stored.frame.hash())? else { continue };
                let body = stored.frame.decode_body().unwrap_or_default();
                for (index, change) in (0..).zip(&body.changes) {
                    if let (Status::Held, reason) = verdict.of(index) {
                        found.extend(held_change(read, &config, &stored, (index, change), reason)?);
                    }
                }
            }
            Ok(found)
        })
    }
}

fn held_change(
    read: &Connection,
    config: &Config,
    stored: &StoredFrame,
    (index, change): (u16, &Change),
    reason: Reason,
) -> Result<Option<HeldChange>, ServerError> {
    let (sheet, what, value) = match change {
        Change::Score(score) => (&score.sheet, place(config, score), score.value.to_string()),
        Change::Act(act) => (&act.sheet, format!("{:?}", act.kind).to_lowercase(), act.reason.clone()),
        Change::Document(_) | Change::Witness(_) | Change::Unknown => return Ok(None),
    };
    let frame = stored.frame.hash();
    let header = streams::get(read, stored.frame.lane.stream)?.map(|stream| stream.certificate.header);
    let statements = witnesses::on(read, frame)?.into_iter();
    Ok(Some(HeldChange {
        change: Token(vec![ChangeId { frame, index }]).to_string(),
        period: sheet.period.to_string(),
        unit: config.unit_of(sheet.subject).map(|unit| unit.code.clone()).unwrap_or_default(),
        subject: subject(config, sheet),
        author: header.as_ref().map(|header| code(config, header.author)).unwrap_or_default(),
        device: header.map(|header| header.device).unwrap_or_default(),
        what,
        value,
        reason: reason.code(),
        sentence: reason.sentence().0,
        received_at: stored.received_at,
        witnesses: statements.map(|it| (code(config, it.witness), it.at)).collect(),
    }))
}

fn code(config: &Config, person: PersonId) -> String {
    config.people.get(&person).map(|person| person.code.clone()).unwrap_or_default()
}

fn subject(config: &Config, sheet: &SheetKey) -> String {
    match sheet.subject {
        Subject::Post(post) => config.holder(post).map(|person| person.code.clone()).unwrap_or_default(),
        Subject::Unit(_) => String::new(),
    }
}

fn place(config: &Config, score: &xeploai_core::sync::body::ScoreChange) -> String {
    let place = score.place;
    let criterion =
        config.rulesets.get(&score.sheet.ruleset).and_then(|ruleset| ruleset.criterion(place.criterion));
    let label = criterion.map_or_else(|| place.criterion.to_string(), |criterion| criterion.label.clone());
    let column = format!("{:?}", place.column).to_lowercase();
    let field = match place.field {
        Field::Points => "points".to_owned(),
        Field::Note => "note".to_owned(),
        Field::Quantity(product, measure) => quantity_name(product, measure).vi,
        Field::Minutes(part) => return part.name().vi,
        Field::Evidence(_) => "evidence".to_owned(),
    };
    format!("{label} {column} {field}")
}
