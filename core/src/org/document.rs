//! Documents: the records as changes in the server's stream.
//!
//! Invariant: an id is given by what the record is about, so that a record that is written again replaces itself.

use serde::{Deserialize, Serialize};

use super::pack::{packed, unpacked};
use super::{
    Archive, Assignment, Decision, Department, Grant, LevelDecision, PeriodRecord, Person, ProductList,
    Publication, Revocation, Ruling, Succession, Unit,
};
use crate::ids::{UnitId, first16};
use crate::ruleset::Ruleset;
use crate::sync::Scope;
use crate::sync::body::DocumentChange;

/// Every kind of document. The number is on the wire and never reused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// 1
    Department(Department),
    /// 2
    Unit(Unit),
    /// 3
    Person(Person, UnitId),
    /// 4
    Assignment(Assignment),
    /// 5
    Ruleset(Box<Ruleset>),
    /// 6
    Period(PeriodRecord),
    /// 7
    Products(ProductList),
    /// 8
    Publication(Box<Publication>),
    /// 9
    Grant(Grant),
    /// 10
    Revocation(Revocation),
    /// 11
    Archive(Archive),
    /// 12
    Succession(Succession),
    /// 13
    Decision(Decision),
    /// 14
    Ruling(Ruling),
    /// 15
    Level(LevelDecision),
}

/// A person's record names the unit that may read it: people without a role in the department are known to their
/// own unit only.
#[derive(Serialize, Deserialize)]
struct PersonOfUnit {
    unit: UnitId,
    #[serde(flatten)]
    person: Person,
}

fn derived(kind: u16, parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("xeploai 2026 document");
    hasher.update(&kind.to_le_bytes());
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    first16(&hasher)
}

impl Document {
    /// The change that writes this document.
    ///
    /// # Errors
    /// When it can't be serialised.
    pub fn to_change(&self) -> Result<DocumentChange, serde_json::Error> {
        let (kind, id, json) = match self {
            Self::Department(it) => (1, it.id.0, serde_json::to_string(it)?),
            Self::Unit(it) => (2, it.id.0, serde_json::to_string(it)?),
            Self::Person(it, unit) => {
                (3, it.id.0, serde_json::to_string(&PersonOfUnit { unit: *unit, person: it.clone() })?)
            }
            Self::Assignment(it) => (4, it.id.0, serde_json::to_string(it)?),
            Self::Ruleset(it) => {
                (5, derived(5, &[it.id().to_string().as_bytes()]), serde_json::to_string(it)?)
            }
            Self::Period(it) => {
                (6, derived(6, &[it.period.to_string().as_bytes()]), serde_json::to_string(it)?)
            }
            Self::Products(it) => (7, derived(7, &[&it.unit.0]), serde_json::to_string(it)?),
            Self::Publication(it) => {
                let parts = [it.period.to_string(), it.ranking.league.clone()];
                (8, derived(8, &[parts[0].as_bytes(), parts[1].as_bytes()]), serde_json::to_string(it)?)
            }
            Self::Grant(it) => {
                let parts: [&[u8]; 3] = [&[it.scope.kind()], &it.scope.id(), &it.reader.0];
                (9, derived(9, &parts), serde_json::to_string(it)?)
            }
            Self::Revocation(it) => (10, derived(10, &[&it.device]), serde_json::to_string(it)?),
            Self::Archive(it) => {
                let parts: [&[u8]; 2] = [&it.epoch, &it.number.to_le_bytes()];
                (11, derived(11, &parts), serde_json::to_string(it)?)
            }
            Self::Succession(it) => (12, derived(12, &[&it.subject()]), serde_json::to_string(it)?),
            Self::Decision(it) => {
                let (period, number) = (it.period.to_string(), it.cut.decision.to_le_bytes());
                (13, derived(13, &[period.as_bytes(), &number]), serde_json::to_string(it)?)
            }
            Self::Ruling(it) => {
                let json = serde_json::to_string(it)?;
                (14, derived(14, &[json.as_bytes()]), json)
            }
            Self::Level(it) => {
                let (period, scope) = (it.period.to_string(), it.subject.scope());
                let parts: [&[u8]; 3] = [period.as_bytes(), &[scope.kind()], &scope.id()];
                (15, derived(15, &parts), serde_json::to_string(it)?)
            }
        };
        Ok(DocumentChange { kind, id, json: packed(json) })
    }

    /// Reads a document; nothing when this version doesn't know the kind, or what is in a criteria set.
    ///
    /// # Errors
    /// When the JSON is not of that kind.
    pub fn from_change(change: &DocumentChange) -> Result<Option<Self>, serde_json::Error> {
        let json = unpacked(&change.json).ok_or_else(|| serde::de::Error::custom("a packed record"))?;
        let json = json.as_ref();
        Ok(Some(match change.kind {
            1 => Self::Department(serde_json::from_str(json)?),
            2 => Self::Unit(serde_json::from_str(json)?),
            3 => {
                let PersonOfUnit { unit, person } = serde_json::from_str(json)?;
                Self::Person(person, unit)
            }
            4 => Self::Assignment(serde_json::from_str(json)?),
            // A set with rules of a later version, or that a later version no longer takes, is not known here: its sheets
            // wait, and nothing else does.
            5 => match serde_json::from_str(json) {
                Ok(ruleset) => Self::Ruleset(ruleset),
                Err(error) if error.is_data() => return Ok(None),
                Err(error) => return Err(error),
            },
            6 => Self::Period(serde_json::from_str(json)?),
            7 => Self::Products(serde_json::from_str(json)?),
            8 => Self::Publication(serde_json::from_str(json)?),
            9 => Self::Grant(serde_json::from_str(json)?),
            10 => Self::Revocation(serde_json::from_str(json)?),
            11 => Self::Archive(serde_json::from_str(json)?),
            12 => Self::Succession(serde_json::from_str(json)?),
            13 => Self::Decision(serde_json::from_str(json)?),
            14 => Self::Ruling(serde_json::from_str(json)?),
            15 => Self::Level(serde_json::from_str(json)?),
            _ => return Ok(None),
        }))
    }

    /// The scopes that a document is written in, given the department's own unit. Mostly one; that a post has ended is
    /// told to its holder too, who no longer reads the unit.
    pub fn scopes(&self, department_unit: UnitId) -> Vec<Scope> {
        let of_unit = |unit: UnitId| {
            if unit == department_unit { Scope::CONFIGURATION } else { Scope::unit(unit) }
        };
        match self {
            Self::Person(person, unit) if person.roles.is_empty() => vec![of_unit(*unit)],
            Self::Assignment(post) if post.is_current() || post.unit == department_unit => {
                vec![of_unit(post.unit)]
            }
            Self::Assignment(post) => vec![of_unit(post.unit), Scope::assignment(post.id)],
            Self::Products(list) => vec![of_unit(list.unit)],
            // Of a person: whoever may read his sheet. What is made public is a notice of its own.
            Self::Level(decision) => vec![decision.subject.scope()],
            _ => vec![Scope::CONFIGURATION],
        }
    }
}
