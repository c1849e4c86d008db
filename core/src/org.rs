//! Configuration: who is who, which units and periods there are, which criteria set applies to whom.
//!
//! Documents are written by the department's server alone, as changes in its stream; a device folds them into a
//! [`Config`]. Invariant: the fold depends on the order of the server's own writes only, never on arrival.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{AssignmentId, DepartmentId, PersonId, UnitId, first16};
use crate::period::Period;
use crate::ruleset::{Ruleset, RulesetId, SubjectKind};
use crate::scoring::Product;
use crate::sheet::{SheetKey, Subject};
use crate::sync::Scope;
use crate::sync::body::DocumentChange;
use crate::view::{PeriodView, RankingView, Text};

/// The department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Id.
    pub id: DepartmentId,
    /// Name.
    pub name: String,
    /// Whether its people and figures are made up.
    pub demonstration: bool,
}

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// The department itself (Sở).
    Department,
    /// A district's office of culture and information (Phòng VH&TT).
    Office,
    /// A district's centre (Trung tâm VHTTDL&TT).
    Centre,
    /// A radio and television station (Đài).
    Station,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Id.
    pub id: UnitId,
    /// Code, such as `TT-13`.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Name for narrow screens: its district.
    pub short_name: String,
    /// What it is.
    pub kind: UnitKind,
    /// League that it is ranked in, if it is: code of a [`League`].
    pub league: Option<String>,
    /// People beside the head who may fill in the unit's sheet.
    #[serde(default)]
    pub scorers: Vec<PersonId>,
}

/// What a person may do for the whole department.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Giám đốc: superior of the heads of units.
    Director,
    /// Chuyên viên tổng hợp: sees everything, scores nothing.
    Synthesis,
    /// Thẩm định: appraises.
    Supervisor,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Id.
    pub id: PersonId,
    /// Staff code.
    pub code: String,
    /// Full name, NFC.
    pub name: String,
    /// Roles in the department.
    #[serde(default)]
    pub roles: Vec<Role>,
}

/// A person's post in a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Id.
    pub id: AssignmentId,
    /// Who.
    pub person: PersonId,
    /// Where.
    pub unit: UnitId,
    /// As what.
    pub position: Text,
    /// Whether as the unit's head.
    pub head: bool,
    /// First month.
    pub since: Period,
    /// Last month, when it has ended.
    pub until: Option<Period>,
}

/// A league: units that are ranked against each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct League {
    /// Code.
    pub code: String,
    /// Title.
    pub title: Text,
}

/// Which criteria set applies to whom in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodRule {
    /// Units, frozen when the period was opened.
    pub units: Vec<UnitId>,
    /// The units themselves, or their people.
    pub subject: SubjectKind,
    /// Criteria set.
    pub ruleset: RulesetId,
}

/// A period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodRecord {
    /// Which.
    pub period: Period,
    /// Whether it is locked: what is written afterwards is held.
    pub locked: bool,
    /// Who is scored by what.
    pub rules: Vec<PeriodRule>,
    /// Leagues that are ranked.
    pub leagues: Vec<League>,
    /// Last day of self-scoring, `YYYY-MM-DD`.
    pub own_until: Option<String>,
    /// Last day of the superiors' scores.
    pub superior_until: Option<String>,
    /// Day of classification.
    pub classified_on: Option<String>,
    /// Day of publication.
    pub published_on: Option<String>,
}

impl PeriodRecord {
    /// The period for a screen.
    pub fn view(&self) -> PeriodView {
        PeriodView {
            id: self.period.to_string(),
            locked: self.locked,
            own_until: self.own_until.clone(),
            superior_until: self.superior_until.clone(),
            classified_on: self.classified_on.clone(),
            published_on: self.published_on.clone(),
        }
    }
}

/// A unit's approved product list, for converted work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductList {
    /// Whose.
    pub unit: UnitId,
    /// Products.
    pub products: Vec<Product>,
}

/// A ranking that the server has published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Period.
    pub period: Period,
    /// The ranking as published.
    pub ranking: RankingView,
}

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
        };
        Ok(DocumentChange { kind, id, json })
    }

    /// Reads a document; nothing when this version doesn't know the kind.
    ///
    /// # Errors
    /// When the JSON is not of that kind.
    pub fn from_change(change: &DocumentChange) -> Result<Option<Self>, serde_json::Error> {
        let json = &change.json;
        Ok(Some(match change.kind {
            1 => Self::Department(serde_json::from_str(json)?),
            2 => Self::Unit(serde_json::from_str(json)?),
            3 => {
                let PersonOfUnit { unit, person } = serde_json::from_str(json)?;
                Self::Person(person, unit)
            }
            4 => Self::Assignment(serde_json::from_str(json)?),
            5 => Self::Ruleset(serde_json::from_str(json)?),
            6 => Self::Period(serde_json::from_str(json)?),
            7 => Self::Products(serde_json::from_str(json)?),
            8 => Self::Publication(serde_json::from_str(json)?),
            _ => return Ok(None),
        }))
    }

    /// The scope that a document is written in, given the department's own unit.
    pub fn scope(&self, department_unit: UnitId) -> Scope {
        let of_unit = |unit: UnitId| {
            if unit == department_unit { Scope::CONFIGURATION } else { Scope::unit(unit) }
        };
        match self {
            Self::Person(person, unit) if person.roles.is_empty() => of_unit(*unit),
            Self::Assignment(assignment) => of_unit(assignment.unit),
            Self::Products(list) => of_unit(list.unit),
            _ => Scope::CONFIGURATION,
        }
    }
}

/// The configuration that a device or server has seen.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The department, once it is known.
    pub department: Option<Department>,
    /// Units.
    pub units: BTreeMap<UnitId, Unit>,
    /// People.
    pub people: BTreeMap<PersonId, Person>,
    /// Posts.
    pub assignments: BTreeMap<AssignmentId, Assignment>,
    /// Criteria sets.
    pub rulesets: BTreeMap<RulesetId, Ruleset>,
    /// Periods.
    pub periods: BTreeMap<Period, PeriodRecord>,
    /// Product lists.
    pub products: BTreeMap<UnitId, Vec<Product>>,
    /// Published rankings by period and league.
    pub publications: BTreeMap<(Period, String), Publication>,
    /// Documents applied.
    pub revision: u64,
}

impl Config {
    /// Applies a document; the caller goes in the order of the server's counters.
    pub fn apply(&mut self, document: Document) {
        self.revision += 1;
        match document {
            Document::Department(it) => self.department = Some(it),
            Document::Unit(it) => drop(self.units.insert(it.id, it)),
            Document::Person(it, _) => drop(self.people.insert(it.id, it)),
            Document::Assignment(it) => drop(self.assignments.insert(it.id, it)),
            Document::Ruleset(it) => drop(self.rulesets.insert(it.id(), *it)),
            Document::Period(it) => drop(self.periods.insert(it.period, it)),
            Document::Products(it) => drop(self.products.insert(it.unit, it.products)),
            Document::Publication(it) => {
                self.publications.insert((it.period, it.ranking.league.clone()), *it);
            }
        }
    }

    /// A person by staff code.
    pub fn person_by_code(&self, code: &str) -> Option<&Person> {
        self.people.values().find(|person| person.code == code)
    }

    /// The department's own unit.
    pub fn department_unit(&self) -> Option<&Unit> {
        self.units.values().find(|unit| unit.kind == UnitKind::Department)
    }

    /// Posts of a person, latest first.
    pub fn assignments_of(&self, person: PersonId) -> Vec<&Assignment> {
        let mut posts: Vec<_> = self.assignments.values().filter(|post| post.person == person).collect();
        posts.sort_by_key(|post| std::cmp::Reverse((post.until.is_none(), post.since)));
        posts
    }

    /// Whether a person has a role in the department.
    pub fn has_role(&self, person: PersonId, role: Role) -> bool {
        self.people.get(&person).is_some_and(|person| person.roles.contains(&role))
    }

    /// Whether a person heads a unit now.
    pub fn heads(&self, person: PersonId, unit: UnitId) -> bool {
        let now = |post: &&Assignment| post.person == person && post.unit == unit && post.until.is_none();
        self.assignments.values().filter(now).any(|post| post.head)
    }

    /// The person in a post.
    pub fn holder(&self, post: AssignmentId) -> Option<&Person> {
        self.people.get(&self.assignments.get(&post)?.person)
    }

    /// The unit of a sheet's subject.
    pub fn unit_of(&self, subject: Subject) -> Option<&Unit> {
        match subject {
            Subject::Unit(unit) => self.units.get(&unit),
            Subject::Post(assignment) => self.units.get(&self.assignments.get(&assignment)?.unit),
        }
    }

    /// The product list that a sheet's subject works by.
    pub fn products_of(&self, subject: Subject) -> &[Product] {
        let list = self.unit_of(subject).and_then(|unit| self.products.get(&unit.id));
        list.map_or(&[], Vec::as_slice)
    }

    /// All sheets that a period expects, of the units and people known here.
    pub fn sheets(&self, period: Period) -> Vec<SheetKey> {
        let Some(record) = self.periods.get(&period) else { return Vec::new() };
        let mut sheets = Vec::new();
        for rule in &record.rules {
            let key = |subject| SheetKey { subject, period, ruleset: rule.ruleset.clone() };
            for unit in &rule.units {
                match rule.subject {
                    SubjectKind::Unit => sheets.push(key(Subject::Unit(*unit))),
                    SubjectKind::Person => sheets.extend(
                        self.assignments
                            .values()
                            .filter(|post| post.unit == *unit && post.is_in(period))
                            .map(|post| key(Subject::Post(post.id))),
                    ),
                }
            }
        }
        sheets
    }

    /// Whether a period expects this sheet.
    pub fn expects(&self, sheet: &SheetKey) -> bool {
        let Some(record) = self.periods.get(&sheet.period) else { return false };
        let (unit, kind) = match sheet.subject {
            Subject::Unit(unit) => (unit, SubjectKind::Unit),
            Subject::Post(assignment) => match self.assignments.get(&assignment) {
                Some(post) if post.is_in(sheet.period) => (post.unit, SubjectKind::Person),
                _ => return false,
            },
        };
        let covers = |rule: &PeriodRule| {
            rule.subject == kind && rule.ruleset == sheet.ruleset && rule.units.contains(&unit)
        };
        record.rules.iter().any(covers)
    }

    /// Whether a device key was revoked.
    pub fn is_revoked(&self, _key: &[u8; 32]) -> bool {
        false
    }

    /// Whether a person may read a scope. Default: no.
    pub fn may_read(&self, person: PersonId, scope: Scope) -> bool {
        if scope == Scope::CONFIGURATION {
            return true;
        }
        let everything = [Role::Director, Role::Synthesis, Role::Supervisor];
        let known = scope.kind() <= Scope::assignment(AssignmentId::default()).kind();
        if known && everything.iter().any(|role| self.has_role(person, *role)) {
            return true;
        }
        self.assignments_of(person).into_iter().filter(|post| post.until.is_none()).any(|post| {
            let of_unit = |other: &Assignment| post.head && other.unit == post.unit;
            scope == Scope::unit(post.unit)
                || scope == Scope::assignment(post.id)
                || self
                    .assignments
                    .get(&AssignmentId(scope.id()))
                    .is_some_and(|other| scope == Scope::assignment(other.id) && of_unit(other))
        })
    }
}

impl Assignment {
    /// Whether the post covers a period.
    pub fn is_in(&self, period: Period) -> bool {
        self.since <= period && self.until.is_none_or(|until| period <= until)
    }
}
