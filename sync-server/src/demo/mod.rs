//! The demonstration: the districts of the source, made-up people, and scores as their devices would have sent them.
//!
//! Invariant: deterministic from a seed but for the department's own key; everything goes through the same door as
//! real data, so that what the demonstration shows is what the product does.

mod commune;
mod dice;
mod people;
mod periods;
pub(crate) mod scores;
mod units;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use ed25519_dalek::SigningKey;
use xeploai_core::ids::{PersonId, UnitId};
use xeploai_core::org::{Config, Department, Document, Unit};
use xeploai_core::period::Period;
use xeploai_core::ruleset::shipped;
use xeploai_core::sheet::{ActKind, SheetKey, Subject};
use xeploai_core::sync::message::Message;
use xeploai_core::sync::stream::Header;
use xeploai_core::view::Column;

use self::dice::Dice;
use self::scores::{Papers, Pen, Quality, own_scores, reviewed};
use crate::service::Service;

/// Products in the list of the 2026 unit.
const PRODUCTS: u16 = 3;
/// Units whose sheet nobody has filled in yet in the open period: one of them is the story's.
const SILENT: [&str; 3] = ["TT-13", "TT-09", "PVH-06"];
/// Pairs of units with the same scores, so that a tie is seen.
const TWINS: [(&str, &str); 2] = [("TT-10", "TT-04"), ("PVH-11", "PVH-05")];
/// Staff who have not begun in an open period: the second and the last of every district's unit, and some more.
const UNFINISHED: [&str; 3] = ["-02", "-04", "SO-08"];
/// A working day after the 20th, eight in the morning in Vietnam.
const WORKING_DAY: i8 = 21;
const MORNING_HOUR: i8 = 8;
/// When the server got it all, in seconds after the first score.
const RECEIVED_AFTER_S: i64 = 5 * 24 * 3600;
/// Seconds between two sheets.
const PACE_S: i64 = 300;

/// Everybody with a device, and what they have written.
struct Cast {
    seed: u64,
    pens: BTreeMap<PersonId, Pen>,
    papers: Papers,
}

/// Fills a new server with the demonstration.
///
/// # Errors
/// When the store fails or a shipped criteria set is not there.
pub fn install(service: &Service, seed: u64) -> Result<()> {
    let department = service.department();
    let rulesets = shipped()?;
    let units: Vec<Unit> =
        units::units(department).into_iter().map(|unit| people::in_charge(department, unit)).collect();
    let name = "Sở Thông tin và Truyền thông tỉnh Phú Thọ (dữ liệu minh họa)".into();
    let mut documents = vec![Document::Department(Department { id: department, name, demonstration: true })];
    documents.extend(units.iter().cloned().map(Document::Unit));
    let mut cast = Cast { seed, pens: BTreeMap::new(), papers: Papers::default() };
    for unit in &units {
        for member in people::staff(department, unit, &mut Dice::new(seed, &unit.code))? {
            cast.enrol(service, member.person.id, &member.person.code);
            documents.push(Document::Person(member.person, unit.id));
            documents.push(Document::Assignment(member.post));
        }
    }
    service.admit(cast.pens.values().map(|pen| pen.certificate().clone()).collect())?;
    documents.extend(rulesets.iter().cloned().map(|ruleset| Document::Ruleset(Box::new(ruleset))));
    documents.push(Document::Products(commune::products(department)));
    let (october, november, commune) =
        (Period::month(2022, 10)?, Period::month(2022, 11)?, Period::month(2026, 11)?);
    documents.push(Document::Period(periods::of_districts(&units, &rulesets, october)?));
    documents.push(Document::Period(commune::period(department, &units, &rulesets, commune)?));
    service.write_documents(&documents)?;

    cast.play(service, october, false)?;
    service.lock_period(october)?;
    service.write_documents(&[Document::Period(periods::of_districts(&units, &rulesets, november)?)])?;
    cast.play(service, november, true)?;
    cast.play(service, commune, true)
}

impl Cast {
    fn enrol(&mut self, service: &Service, person: PersonId, code: &str) {
        let mut dice = Dice::new(self.seed, code);
        let key = SigningKey::from_bytes(&dice.bytes());
        let device = format!("Điện thoại {code}");
        let public = key.verifying_key().to_bytes();
        let department = service.department();
        let header = Header { department, author: person, key: public, nonce: dice.bytes(), device };
        let certificate = service.certify(header);
        self.pens.insert(person, Pen::new(key, certificate));
    }

    /// Lets everybody score a period; in an open one some are not done.
    fn play(&mut self, service: &Service, period: Period, open: bool) -> Result<()> {
        let config = service.config()?;
        let day: jiff::civil::Date = format!("{period}-{WORKING_DAY}").parse()?;
        let hanoi = jiff::tz::TimeZone::fixed(jiff::tz::offset(7));
        let start = hanoi.to_timestamp(day.at(MORNING_HOUR, 0, 0, 0))?.as_second();
        let from = self.papers.frames.len();
        for (turn, key) in config.sheets(period).into_iter().enumerate() {
            self.score(&config, &key, open, start + turn as i64 * PACE_S)?;
        }
        let carrier = self.pens.values().next().context("the demonstration has people")?;
        let received_at = start + RECEIVED_AFTER_S;
        for frames in self.papers.frames[from..].chunks(512) {
            let message = Message { frames: frames.to_vec(), ..Message::default() };
            service.receive_at(carrier.certificate().header.stream(), &message, received_at)?;
        }
        Ok(())
    }

    /// One sheet: own scores, handed in, reviewed, approved.
    fn score(&mut self, config: &Config, key: &SheetKey, open: bool, at: i64) -> Result<()> {
        let unit = config.unit_of(key.subject).context("a sheet's unit")?;
        let ruleset = config.rulesets.get(&key.ruleset).context("a sheet's criteria set")?;
        let (code, author) = subject(config, key)?;
        let unfinished = || UNFINISHED.iter().any(|end| code.ends_with(end));
        let silent =
            SILENT.contains(&unit.code.as_str()) || commune::is_unfinished(&code).unwrap_or_else(unfinished);
        if open && silent {
            return Ok(());
        }
        let twin = TWINS.iter().find(|(twin, _)| *twin == unit.code).map_or(unit.code.as_str(), |(_, of)| of);
        let purpose = format!("{}/{}/{code}", key.period, if code.is_empty() { twin } else { &unit.code });
        let mut dice = Dice::new(self.seed, &purpose);
        let drawn = Quality(620 + dice.below(340));
        let quality = commune::quality(&code).unwrap_or(drawn);
        let own = own_scores(ruleset, key, quality, &mut dice);
        let pen = self.pens.get_mut(&author).context("an author's device")?;
        pen.write(&mut self.papers, key, at, own.clone())?;
        pen.act(&mut self.papers, key, at + 60, ActKind::Submit)?;

        let (column, reviewer) = reviewer(config, key, unit)?;
        let reviewer = self.pens.get_mut(&reviewer).context("a reviewer's device")?;
        let mut changes = reviewed(ruleset, key, &own, column, &mut dice);
        changes.extend(commune::discipline(key, &code));
        reviewer.write(&mut self.papers, key, at + 7200, changes)?;
        // The director's own level is decided above the department: nobody here approves his sheet.
        if column == Column::Superior || matches!(key.subject, Subject::Unit(_)) {
            reviewer.act(&mut self.papers, key, at + 7260, ActKind::Approve)?;
        }
        Ok(())
    }
}

/// Staff code of a sheet's subject (none for a unit) and who fills it in.
fn subject(config: &Config, key: &SheetKey) -> Result<(String, PersonId)> {
    Ok(match key.subject {
        Subject::Post(post) => {
            let person = config.holder(post).context("a sheet's person")?;
            (person.code.clone(), person.id)
        }
        Subject::Unit(unit) => (String::new(), head_of(config, unit)?),
    })
}

fn head_of(config: &Config, unit: UnitId) -> Result<PersonId> {
    let head = config.assignments.values().find(|post| post.unit == unit && post.head);
    Ok(head.context("a unit's head")?.person)
}

/// Who reviews a sheet: a supervisor in charge a unit's, the leader in charge a head's, the head everybody else's. The
/// director has no superior here: a supervisor appraises him.
fn reviewer(config: &Config, key: &SheetKey, unit: &Unit) -> Result<(Column, PersonId)> {
    let supervisor = *unit.supervisors.first().context("a supervisor in charge")?;
    let Subject::Post(post) = key.subject else { return Ok((Column::Appraised, supervisor)) };
    let person = config.holder(post).context("a sheet's person")?.id;
    let head = head_of(config, unit.id)?;
    Ok(match unit.leader {
        _ if person != head => (Column::Superior, head),
        Some(leader) => (Column::Superior, leader),
        None => (Column::Appraised, supervisor),
    })
}
