//! The configuration: documents folded in the order in which the server wrote them.
//!
//! Invariant: a record that is written again replaces what it said before; nothing is ever taken out.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Archive, Assignment, Cut, Decision, Department, Document, Grant, LevelDecision, PeriodRecord, PeriodRule,
    Person, Posts, ProductList, Publication, Revocation, Role, Ruling, Succession, Unit, UnitKind,
};
use crate::ids::{AssignmentId, PersonId, UnitId};
use crate::period::Period;
use crate::ruleset::{Position, Ruleset, RulesetId, Standing, SubjectKind};
use crate::scoring::Product;
use crate::sheet::{SheetKey, Subject};
use crate::sync::Scope;

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
    pub assignments: Posts,
    /// Criteria sets.
    pub rulesets: BTreeMap<RulesetId, Ruleset>,
    /// Periods.
    pub periods: BTreeMap<Period, PeriodRecord>,
    /// What became of units, in order of time.
    pub successions: BTreeMap<(Period, BTreeSet<UnitId>), Succession>,
    /// Product lists.
    pub products: BTreeMap<UnitId, Vec<Product>>,
    /// Product lists that were replaced after a period was locked, as they were at its lock.
    former_products: BTreeMap<(Period, UnitId), Vec<Product>>,
    /// Published rankings by period and league.
    pub publications: BTreeMap<(Period, String), Publication>,
    /// Rules that a period had before the ones that it has: a draft keeps the criteria set that it was begun with.
    pub former_rules: BTreeMap<Period, Vec<PeriodRule>>,
    /// What was granted, by reader and scope; taken back ones too.
    pub grants: BTreeMap<(PersonId, Scope), Grant>,
    /// Devices that are out, by public key.
    pub revocations: BTreeMap<[u8; 32], Revocation>,
    /// How far verified copies reach, by epoch.
    pub archives: BTreeMap<[u8; 16], Archive>,
    /// Replacement decisions by period and number.
    pub decisions: BTreeMap<(Period, u32), Decision>,
    /// Levels that a person has decided.
    pub levels: BTreeMap<(Period, Subject), LevelDecision>,
    /// What was let in or taken back by name, in order.
    pub rulings: Vec<Ruling>,
    /// The highest logical counter of the server's frames that were applied: what a frame states as seen by its writer.
    pub revision: u64,
}

impl Config {
    /// Says that the server's frame with this logical counter is applied, whether or not its documents are known here.
    pub fn advance(&mut self, counter: u64) {
        self.revision = self.revision.max(counter);
    }

    /// Applies a document; the caller goes in the order of the server's counters, and calls [`Self::advance`].
    pub fn apply(&mut self, document: Document) {
        match document {
            Document::Department(it) => self.department = Some(it),
            Document::Unit(it) => drop(self.units.insert(it.id, it)),
            Document::Person(it, _) => drop(self.people.insert(it.id, it)),
            Document::Assignment(it) => self.assignments.insert(it),
            Document::Ruleset(it) => self.apply_ruleset(*it),
            Document::Period(it) => self.apply_period(it),
            Document::Products(it) => self.apply_products(it),
            Document::Publication(it) => {
                self.publications.insert((it.period, it.ranking.league.clone()), *it);
            }
            Document::Grant(it) => drop(self.grants.insert((it.reader, it.scope), it)),
            Document::Revocation(it) => drop(self.revocations.insert(it.device, it)),
            Document::Archive(it) => self.apply_archive(it),
            Document::Succession(it) => drop(self.successions.insert(it.key(), it)),
            Document::Decision(it) => drop(self.decisions.insert((it.period, it.cut.decision), it)),
            Document::Ruling(it) => self.rulings.push(it),
            Document::Level(it) => drop(self.levels.insert((it.period, it.subject), it)),
        }
    }

    fn apply_period(&mut self, record: PeriodRecord) {
        let former = self.former_rules.entry(record.period).or_default();
        let before =
            self.periods.get(&record.period).map(|before| before.rules.as_slice()).unwrap_or_default();
        for rule in before {
            if !record.rules.contains(rule) && !former.contains(rule) {
                former.push(rule.clone());
            }
        }
        self.periods.insert(record.period, record);
    }

    /// A version that a locked period was scored by stays as it is: a change is another version.
    fn apply_ruleset(&mut self, ruleset: Ruleset) {
        let id = ruleset.id();
        let closed = |record: &PeriodRecord| record.locked && record.rules.iter().any(|it| it.ruleset == id);
        if !self.periods.values().any(closed) || !self.rulesets.contains_key(&id) {
            self.rulesets.insert(id, ruleset);
        }
    }

    /// A locked period keeps the list that it was locked with: a replacement decision counts by it.
    fn apply_products(&mut self, list: ProductList) {
        let before = self.products.insert(list.unit, list.products).unwrap_or_default();
        for record in self.periods.values().filter(|record| record.locked) {
            let key = (record.period, list.unit);
            self.former_products.entry(key).or_insert_with(|| before.clone());
        }
    }

    /// A copy that was verified stays so: a statement with a lower number takes nothing back.
    fn apply_archive(&mut self, archive: Archive) {
        let known = self.archives.entry(archive.epoch).or_insert_with(|| archive.clone());
        if known.number < archive.number {
            *known = archive;
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
        let mut posts: Vec<_> = self.assignments.of_person(person).collect();
        posts.sort_by_key(|post| std::cmp::Reverse((post.until.is_none(), post.since)));
        posts
    }

    /// Whether a person has a role in the department.
    pub fn has_role(&self, person: PersonId, role: Role) -> bool {
        self.people.get(&person).is_some_and(|person| person.roles.contains(&role))
    }

    /// Whether a unit names a person as its head's deputy.
    pub fn is_deputy(&self, person: PersonId, unit: UnitId) -> bool {
        self.units.get(&unit).is_some_and(|unit| unit.deputies.contains(&person))
    }

    /// Whether a unit names a person for filling in its sheet.
    pub fn is_scorer(&self, person: PersonId, unit: UnitId) -> bool {
        self.units.get(&unit).is_some_and(|unit| unit.scorers.contains(&person))
    }

    /// Whether a person is the department's leader in charge of a unit.
    pub fn leads(&self, person: PersonId, unit: UnitId) -> bool {
        let named = self.units.get(&unit).is_some_and(|unit| unit.leader == Some(person));
        named && (self.has_role(person, Role::Director) || self.has_role(person, Role::Leader))
    }

    /// Whether a person is a supervisor in charge of a unit.
    pub fn supervises(&self, person: PersonId, unit: UnitId) -> bool {
        let named = self.units.get(&unit).is_some_and(|unit| unit.supervisors.contains(&person));
        named && self.has_role(person, Role::Supervisor)
    }

    /// The position that a sheet's subject is scored in; a unit has none.
    pub fn position_of(&self, subject: Subject) -> Position {
        let Subject::Post(post) = subject else { return Position::default() };
        let Some(post) = self.assignments.get(&post) else { return Position::default() };
        let standing = match post.head {
            true => Standing::Head,
            false if self.is_deputy(post.person, post.unit) => Standing::Deputy,
            false => Standing::Staff,
        };
        Position { standing, title: post.position.vi.clone() }
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

    /// The product list that a sheet's subject works by: of a locked period the one that it was locked with.
    pub fn products_of(&self, sheet: &SheetKey) -> &[Product] {
        let Some(unit) = self.unit_of(sheet.subject) else { return &[] };
        let locked = self.former_products.get(&(sheet.period, unit.id));
        locked.or_else(|| self.products.get(&unit.id)).map_or(&[], Vec::as_slice)
    }

    /// All sheets that a period expects, of the units and people known here.
    pub fn sheets(&self, period: Period) -> Vec<SheetKey> {
        let Some(record) = self.periods.get(&period) else { return Vec::new() };
        let mut sheets = Vec::new();
        for rule in &record.rules {
            let key = |subject| SheetKey { subject, period, ruleset: rule.ruleset.clone() };
            for unit in rule.units.iter().filter(|unit| self.exists_in(**unit, period)) {
                match rule.subject {
                    SubjectKind::Unit => sheets.push(key(Subject::Unit(*unit))),
                    SubjectKind::Person => sheets.extend(
                        self.assignments
                            .of_unit(*unit)
                            .filter(|post| post.is_in(period))
                            .map(|post| key(Subject::Post(post.id))),
                    ),
                }
            }
        }
        sheets
    }

    /// Whether a period expects this sheet.
    pub fn expects(&self, sheet: &SheetKey) -> bool {
        let rules = self.periods.get(&sheet.period).map(|record| record.rules.as_slice());
        self.covers(rules.unwrap_or_default(), sheet)
    }

    /// Whether a period expects this sheet or expected it by a rule that was replaced: such a draft keeps its version.
    pub fn knows(&self, sheet: &SheetKey) -> bool {
        let former = self.former_rules.get(&sheet.period).map(Vec::as_slice);
        self.expects(sheet) || self.covers(former.unwrap_or_default(), sheet)
    }

    fn covers(&self, rules: &[PeriodRule], sheet: &SheetKey) -> bool {
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
        self.exists_in(unit, sheet.period) && rules.iter().any(covers)
    }

    /// Whether a period is locked: its result changes by a replacement decision only.
    pub fn is_locked(&self, period: Period) -> bool {
        self.periods.get(&period).is_some_and(|record| record.locked)
    }

    /// What a locked period's result is made of: the cut of its last replacement decision, else that of its lock.
    pub fn cut(&self, period: Period) -> Option<&Cut> {
        let decided = self.decisions.range((period, 0)..=(period, u32::MAX)).next_back();
        let decided = decided.map(|(_, decision)| &decision.cut);
        decided.or_else(|| self.periods.get(&period)?.cut.as_ref())
    }
}
