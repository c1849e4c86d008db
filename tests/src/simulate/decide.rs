//! What the department decides: who may read and write, where people work, what is locked, what enters after all.

use xeploai_core::ids::{PersonId, UnitId};
use xeploai_core::org::{Config, Document, Grant, PeriodRecord};
use xeploai_core::period::Period;
use xeploai_core::sheet::ChangeId;
use xeploai_core::sync::body::Change;
use xeploai_core::sync::verdict::Reason;
use xeploai_core::sync::{Scope, Status};
use xeploai_server::error::ServerError;
use xeploai_server::service::{Authority, Service};
use xeploai_server::storage::{frames, held, verdicts};

use super::office::{self, CENTRES, MONTHS, READER, SUPERVISOR};
use super::world::World;

impl World {
    /// The department decides something, at its own server.
    pub(super) fn somebody_decides(&mut self) -> Result<(), String> {
        let line = self.servers[0].line.clone();
        let Some(config) = line.ask(Service::config).and_then(Result::ok) else { return Ok(()) };
        let choice = self.rng.u8(..14);
        let decided = match choice {
            0..8 => {
                let documents = self.documents(choice, &config);
                self.say(|| format!("the department writes {}", kinds(&documents)));
                line.ask(|service| service.write_documents(&documents))
            }
            8 | 9 if self.once_in(3) => {
                let month = office::month(MONTHS[self.rng.usize(..2)]);
                self.say(|| format!("{month} is locked"));
                self.locks += 1;
                line.ask(|service| service.lock_period(month).map(drop))
            }
            10 => {
                self.overruled = true;
                line.ask(|service| self.decide_held(service, &config))
            }
            11 if self.once_in(2) => {
                self.overruled = true;
                line.ask(|service| self.annul_one(service))
            }
            12 if self.once_in(4) => {
                self.say(|| "the second phone of tt-1-a is put out".into());
                (self.overruled, self.put_out) = (true, true);
                let person = PersonId::of(self.department, "tt-1-a");
                line.ask(|service| service.revoke(person, office::PHONES[1].0, &authority()).map(drop))
            }
            13 => {
                self.archived = true;
                line.ask(|service| service.archive().map(drop))
            }
            _ => None,
        };
        self.note_expected();
        match decided {
            Some(Err(error @ ServerError::Refused(_))) => {
                self.say(|| format!("  – {error}"));
                Ok(())
            }
            Some(Err(error)) => Err(format!("a decision that fails: {error}")),
            _ => Ok(()),
        }
    }

    fn documents(&mut self, choice: u8, config: &Config) -> Vec<Document> {
        let department = self.department;
        let flag = self.rng.bool();
        let centre = CENTRES[self.rng.usize(..2)];
        match choice {
            0 => office::person(department, SUPERVISOR, flag).into_iter().collect(),
            1 => vec![Document::Unit(office::unit(department, centre, flag))],
            2 | 3 => {
                let scope = Scope::unit(UnitId::of(department, centre));
                let readers = [SUPERVISOR, READER, "tt-1-a", "tt-2-a"];
                let reader = PersonId::of(department, readers[self.rng.usize(..4)]);
                vec![Document::Grant(Grant { scope, reader, witness: flag, revoked: self.rng.bool() })]
            }
            4 => vec![
                Document::Assignment(xeploai_core::org::Assignment {
                    until: Some(office::month(MONTHS[0])),
                    ..office::post(department, "tt-1-b", "tt-1", "2020-01", false)
                }),
                Document::Assignment(office::post(department, "tt-1-b", "tt-2", "2026-10", false)),
            ],
            5 if self.once_in(2) => {
                let mut merged = office::unit(department, CENTRES[1], flag);
                merged.merged_into = Some(UnitId::of(department, CENTRES[0]));
                merged.until = Some(office::month(MONTHS[1]));
                vec![Document::Unit(merged)]
            }
            6 => {
                let sets = office::later_version(&office::rulesets());
                let open = config.periods.values().filter(|record| !record.locked);
                let rules = office::period(department, MONTHS[0], &sets).rules;
                let later = open.map(|record| PeriodRecord { rules: rules.clone(), ..record.clone() });
                let mut documents: Vec<Document> =
                    sets.into_iter().map(|set| Document::Ruleset(Box::new(set))).collect();
                documents.extend(later.map(Document::Period));
                documents
            }
            _ => office::person(department, "so-gd", flag).into_iter().collect(),
        }
    }

    /// Lets everything that is held after the lock of a month enter its result.
    fn decide_held(&self, service: &Service, config: &Config) -> Result<(), ServerError> {
        let Some(locked) = config.periods.values().find(|record| record.locked) else { return Ok(()) };
        let changes = service.storage().read(|read| {
            let mut changes = Vec::new();
            for position in held::of(read, &[Reason::PeriodLocked, Reason::OnTimeByWitness])? {
                changes.extend(changes_of(read, position, Status::Held, Some(locked.period))?);
            }
            Ok(changes)
        })?;
        if changes.is_empty() {
            return Ok(());
        }
        service.decide(locked.period, &changes, &authority()).map(drop)
    }

    /// Takes one accepted change back.
    fn annul_one(&self, service: &Service) -> Result<(), ServerError> {
        let accepted = service.storage().read(|read| {
            let position = frames::last(read)?;
            changes_of(read, position, Status::Accepted, None)
        })?;
        match accepted.first() {
            Some(change) => service.annul(&[*change], &authority()),
            None => Ok(()),
        }
    }
}

/// The changes of a frame that have a status now, of one period's sheets or of any.
fn changes_of(
    read: &rusqlite::Connection,
    position: i64,
    status: Status,
    period: Option<Period>,
) -> Result<Vec<ChangeId>, ServerError> {
    let Some(stored) = frames::get(read, position)? else { return Ok(Vec::new()) };
    let frame = stored.frame.hash();
    let Some((verdict, _)) = verdicts::Decoded::default().of(read, position, frame)? else {
        return Ok(Vec::new());
    };
    let body = stored.frame.decode_body().unwrap_or_default();
    let named = body.changes.iter().enumerate().map(|(index, change)| (index as u16, change));
    let wanted = named.filter(|(index, change)| {
        let of_period = match change {
            Change::Score(score) => period.is_none_or(|period| score.sheet.period == period),
            Change::Act(act) => period.is_none_or(|period| act.sheet.period == period),
            _ => false,
        };
        of_period && verdict.of(*index).0 == status
    });
    Ok(wanted.map(|(index, _)| ChangeId { frame, index }).collect())
}

impl World {
    /// Whether a phone is the one that was put out.
    pub(super) fn is_put_out(&self, phone: usize) -> bool {
        self.put_out && self.phones[phone].enrolled_as == office::PHONES[1].0
    }
}

fn authority() -> Authority {
    Authority { by: "Giám đốc".into(), reason: "Theo biên bản".into() }
}

fn kinds(documents: &[Document]) -> String {
    let name = |document: &Document| {
        let text = format!("{document:?}");
        text.split(['(', ' ']).next().unwrap_or_default().to_owned()
    };
    documents.iter().map(name).collect::<Vec<_>>().join(", ")
}
