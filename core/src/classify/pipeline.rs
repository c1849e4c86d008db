//! From a total to a proposed level: the gates, in order.
//!
//! eligibility (not rated) → thresholds with their conditions → caps → forced level → not above the unit. Who is over a
//! quota is [`super::quota`]; what a person decides is no rule.
//!
//! Invariant: a pure function of the figures. It proposes; whoever decides may say otherwise, with a reason.

use std::collections::BTreeMap;

use crate::points::{Exact, Points};
use crate::ruleset::{Condition, Effect, Gate, LevelFrom};
use crate::scoring::{ScoringError, Terms};
use crate::view::Level;

/// What comes out for a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Chưa đủ dữ liệu: something required is unanswered.
    Missing,
    /// Không đánh giá, xếp loại.
    NotRated,
    /// The proposed level.
    Level(Level),
}

impl Outcome {
    /// The level, if there is one.
    pub fn level(self) -> Option<Level> {
        match self {
            Self::Level(level) => Some(level),
            Self::Missing | Self::NotRated => None,
        }
    }
}

/// What the rules look at beside the sheet itself. What is absent is not known here: it is not checked, and the steps say
/// so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outside {
    /// Level of the unit that the subject stands in.
    pub unit_level: Option<Level>,
    /// Levels of the unit's people, for a unit's own sheet.
    pub people: Option<People>,
}

/// How many of a unit's rated people have which level; [`Level::Khtnv`] first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct People(pub [u32; 4]);

impl FromIterator<Level> for People {
    fn from_iter<I: IntoIterator<Item = Level>>(levels: I) -> Self {
        let mut people = Self::default();
        levels.into_iter().for_each(|level| people.0[level as usize] += 1);
        people
    }
}

impl People {
    /// How many have which level.
    pub fn by_level(self) -> BTreeMap<Level, u32> {
        [Level::Khtnv, Level::Htnv, Level::Httnv, Level::Htxsnv].into_iter().zip(self.0).collect()
    }

    /// The share that has a level or a better one, in percent; nothing when nobody is rated.
    pub fn share(self, level: Level) -> Option<Exact> {
        let at_least: u32 = self.0[level as usize..].iter().sum();
        Exact::new(100 * i128::from(at_least), i128::from(self.0.iter().sum::<u32>()))
    }
}

/// One thing that the pipeline did, for the explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// A gate says that the subject is not rated.
    NotRated(&'a Gate),
    /// The total reaches the level, and all its conditions hold.
    Reached(&'a LevelFrom),
    /// The total reaches the level, but a condition does not hold.
    Unmet(&'a LevelFrom, &'a Condition),
    /// What a condition looks at is not known here.
    Unchecked(&'a Condition),
    /// A gate changed the level, or would have.
    Gate {
        /// Which.
        gate: &'a Gate,
        /// The level before.
        from: Level,
        /// The level after.
        to: Level,
    },
    /// The unit's level was looked at.
    Unit {
        /// The unit's level; absent: not known here.
        unit: Option<Level>,
        /// The level before.
        from: Level,
        /// The level after.
        to: Level,
    },
}

/// What is known of a sheet when its level is proposed.
pub struct Case<'a, F> {
    /// What it is computed under.
    pub terms: Terms<'a>,
    /// The value that meets the thresholds; nothing while something required is unanswered. In a set without points any.
    pub value: Option<Exact>,
    /// The figure of a criterion, as conditions look at it; nothing when it is unanswered.
    pub figure: F,
    /// What the rules look at beside the sheet.
    pub outside: Outside,
}

/// Proposes a level; `say` hears each step.
///
/// # Errors
/// Whatever `figure` says.
pub fn propose<'a, F>(case: &Case<'a, F>, mut say: impl FnMut(Step<'a>)) -> Result<Outcome, ScoringError>
where
    F: Fn(u16) -> Result<Option<Exact>, ScoringError>,
{
    let ruleset = case.terms.ruleset;
    for gate in ruleset.gates.iter().filter(|gate| gate.then == Effect::NotRated) {
        if case.acts(gate)? {
            say(Step::NotRated(gate));
            return Ok(Outcome::NotRated);
        }
    }
    let Some(value) = case.value else { return Ok(Outcome::Missing) };
    let Some(mut level) = case.reached(value, &mut say)? else { return Ok(Outcome::Missing) };
    let kinds: [fn(Effect) -> bool; 3] = [
        |effect| effect == Effect::LowerByOne,
        |effect| matches!(effect, Effect::AtMost { .. }),
        |effect| matches!(effect, Effect::Force { .. }),
    ];
    for kind in kinds {
        for gate in ruleset.gates.iter().filter(|gate| kind(gate.then)) {
            if case.acts(gate)? {
                let from = level;
                level = after(gate.then, level);
                say(Step::Gate { gate, from, to: level });
            }
        }
    }
    if ruleset.not_above_unit.contains(&case.terms.position.standing) {
        let (unit, from) = (case.outside.unit_level, level);
        level = unit.map_or(level, |unit| level.min(unit));
        say(Step::Unit { unit, from, to: level });
    }
    Ok(Outcome::Level(level))
}

fn after(effect: Effect, level: Level) -> Level {
    match effect {
        Effect::NotRated => level,
        Effect::LowerByOne => match level {
            Level::Htxsnv => Level::Httnv,
            Level::Httnv => Level::Htnv,
            Level::Htnv | Level::Khtnv => Level::Khtnv,
        },
        Effect::AtMost { level: most } => level.min(most),
        Effect::Force { level } => level,
    }
}

impl<'a, F> Case<'a, F>
where
    F: Fn(u16) -> Result<Option<Exact>, ScoringError>,
{
    /// The best level whose threshold and conditions hold.
    fn reached(&self, value: Exact, say: &mut impl FnMut(Step<'a>)) -> Result<Option<Level>, ScoringError> {
        let reached = |level: &&LevelFrom| level.from.is_none_or(|from| value >= from.exact());
        'levels: for level in self.terms.ruleset.levels.iter().filter(reached) {
            for condition in &level.conditions {
                match self.holds(condition)? {
                    Some(true) => {}
                    Some(false) => {
                        say(Step::Unmet(level, condition));
                        continue 'levels;
                    }
                    None => say(Step::Unchecked(condition)),
                }
            }
            say(Step::Reached(level));
            return Ok(Some(level.level));
        }
        Ok(None)
    }

    fn acts(&self, gate: &Gate) -> Result<bool, ScoringError> {
        if !gate.applies.to(self.terms.position) {
            return Ok(false);
        }
        for condition in &gate.when {
            if self.holds(condition)? != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a condition holds; nothing when what it looks at is not known here.
    fn holds(&self, condition: &Condition) -> Result<Option<bool>, ScoringError> {
        let compare = |found: Option<Exact>, is: crate::ruleset::Comparison, value: Points| {
            Some(found.is_some_and(|found| is.holds(found, value.exact())))
        };
        Ok(match condition {
            Condition::Criterion { criterion, is, value } => compare((self.figure)(*criterion)?, *is, *value),
            Condition::People { level, is, value } => match self.outside.people {
                Some(people) => compare(people.share(*level), *is, *value),
                None => None,
            },
        })
    }
}
