//! Who is who, and what a period is: the records that people think of as the organisation.

use serde::{Deserialize, Serialize};

use super::{Cut, PeriodUnit};
use crate::ids::{AssignmentId, DepartmentId, PersonId, UnitId};
use crate::period::Period;
use crate::ruleset::{RulesetId, SubjectKind};
use crate::scoring::Product;
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
    /// League that it is ranked in at any time, if there is one: code of a [`League`].
    pub league: Option<String>,
    /// Leagues that it is ranked in for a time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leagues: Vec<Membership>,
    /// People beside the head who may fill in the unit's sheet, while they hold a post in it.
    #[serde(default)]
    pub scorers: Vec<PersonId>,
    /// People who stand in for the head as superiors of the unit's people, while they hold a post in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deputies: Vec<PersonId>,
    /// The department's leader in charge: superior of the head. Counts while he has [`Role::Director`] or
    /// [`Role::Leader`]; where none is named, nobody scores the head as superior.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leader: Option<PersonId>,
    /// Supervisors in charge: each counts while he has [`Role::Supervisor`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supervisors: Vec<PersonId>,
    /// The unit that it became part of, in records from before there was a [`super::Succession`]. Moves no right to read
    /// or to write: who reads on is granted one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<UnitId>,
    /// First month, when it has not been there from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Period>,
    /// Last month, when it has ended: no sheets are expected later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Period>,
}

impl Unit {
    /// Whether the unit exists in a period: in a month of it.
    pub fn is_in(&self, period: Period) -> bool {
        covers(self.since, self.until, period)
    }

    /// Codes of the leagues that the unit is a member of in a period, each once.
    pub fn leagues_in(&self, period: Period) -> Vec<&str> {
        let dated = self.leagues.iter().filter(|it| covers(it.since, it.until, period));
        let mut codes: Vec<&str> = self.league.as_deref().into_iter().collect();
        for membership in dated {
            if !codes.contains(&membership.league.as_str()) {
                codes.push(&membership.league);
            }
        }
        codes
    }
}

/// A unit's place in a league.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Code of a [`League`].
    pub league: String,
    /// First month, when it has not been a member from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Period>,
    /// Last month, when it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Period>,
}

/// Whether what begins and ends with these periods covers a month of another one. What is not named has no end.
fn covers(since: Option<Period>, until: Option<Period>, period: Period) -> bool {
    let [first, last] = period.months();
    since.is_none_or(|since| since.months()[0] <= last)
        && until.is_none_or(|until| first <= until.months()[1])
}

/// What a person may do for the whole department.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Giám đốc: sees everything; superior of the heads of the units that name him.
    Director,
    /// Phó Giám đốc: superior of the heads of the units that name him, and sees those units.
    Leader,
    /// Chuyên viên tổng hợp: sees everything, scores nothing.
    Synthesis,
    /// Thẩm định: appraises the units that name him, and sees those units.
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
    /// Group of similar tasks (nhóm nhiệm vụ tương đồng) that a quota looks at; absent: those with the same position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_group: Option<String>,
    /// Whether as the unit's head.
    pub head: bool,
    /// First month.
    pub since: Period,
    /// Last month, when it has ended.
    pub until: Option<Period>,
}

/// A league: units that are ranked against each other. A cluster (cụm thi đua) is one too: all units of a league are
/// scored under one criteria set, and a unit may be in several.
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
    /// Its units as they were when it was opened: later renames, ends and leagues don't change it. Empty in records from
    /// before: then the units are as they are now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<PeriodUnit>,
    /// Last day of self-scoring, `YYYY-MM-DD`.
    pub own_until: Option<String>,
    /// Last day of the superiors' scores.
    pub superior_until: Option<String>,
    /// Day of classification.
    pub classified_on: Option<String>,
    /// Day of publication.
    pub published_on: Option<String>,
    /// What the locked result is made of; nothing while the period is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
}

impl PeriodRecord {
    /// A period as it is opened: nothing is locked, no day is set.
    pub fn open(period: Period, rules: Vec<PeriodRule>, leagues: Vec<League>) -> Self {
        Self {
            period,
            locked: false,
            rules,
            leagues,
            units: Vec::new(),
            own_until: None,
            superior_until: None,
            classified_on: None,
            published_on: None,
            cut: None,
        }
    }

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

impl Assignment {
    /// Whether the post covers a month of a period.
    pub fn is_in(&self, period: Period) -> bool {
        covers(Some(self.since), self.until, period)
    }

    /// Whether the post counts for a period: it covers a month of it, or it is held now.
    pub fn counts_in(&self, period: Period) -> bool {
        self.is_current() || self.is_in(period)
    }

    /// The group of similar tasks that the post is counted in.
    pub fn similar(&self) -> &str {
        self.task_group.as_deref().unwrap_or(&self.position.vi)
    }

    /// Whether the post is held now.
    pub fn is_current(&self) -> bool {
        self.until.is_none()
    }
}
