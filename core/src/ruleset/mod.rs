//! stub
use crate::points::Points;
use crate::view::*;
use serde::{Deserialize, Serialize};
/// .
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RulesetId {
    /// .
    pub code: String,
    /// .
    pub version: u32,
}
impl std::fmt::Display for RulesetId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.code, self.version)
    }
}
/// .
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// .
    Person,
    /// .
    Unit,
}
/// .
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruleset {
    /// .
    pub code: String,
    /// .
    pub version: u32,
    /// .
    pub criteria: Vec<Criterion>,
}
/// .
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// .
    pub number: u16,
    /// .
    pub max: Points,
    /// .
    pub step: Points,
}
impl Criterion {
    /// .
    pub fn kind(&self) -> CriterionKind {
        CriterionKind::Points
    }
}
impl Ruleset {
    /// .
    pub fn id(&self) -> RulesetId {
        RulesetId { code: self.code.clone(), version: self.version }
    }
    /// .
    pub fn criterion(&self, n: u16) -> Option<&Criterion> {
        self.criteria.iter().find(|c| c.number == n)
    }
}
