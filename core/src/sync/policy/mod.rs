//! Who may write what, when: one pure function, asked by the server when it judges and by a device before it saves.
//!
//! Three questions, in this order. **Who**: [`rights`], under the configuration as of now; when it says no, under the
//! one that the writer had seen. **What**: `value`, whether the field takes it. **When**: a locked period takes
//! nothing; what a witness got before the lock is held as on time.
//!
//! | right now | right as the writer had seen it | handed to a witness while the right stood | the period is open | locked |
//! |---|---|---|---|---|
//! | yes | – | – | accepted | held, [`Reason::PeriodLocked`]; to a witness before the lock: [`Reason::OnTimeByWitness`] |
//! | no | yes | yes | accepted | the same |
//! | no | yes | no | held, [`Reason::RightsChanged`] | the same as when open |
//! | no | no | – | rejected; what is not known here is held | the same as when open |
//!
//! Rejected is final, so a locked period does not hold what nobody had a right to write: a decision must not be offered it.
//! No clock is asked: "before" is the order of the server's own frames, and a witness's time is the server's, carried
//! forward.
//!
//! Invariant: default deny. Judging never accepts anything into a locked period.

mod delegation;
pub mod rights;
mod value;

use std::collections::BTreeMap;

use super::body::{ActChange, Change, ScoreChange};
use super::stream::Header;
use super::verdict::Reason;
use super::{Scope, Status};
use crate::ids::PersonId;
use crate::org::Config;
use crate::sheet::{ActKind, SheetKey};

pub use delegation::{DELEGATION_SECONDS, DELEGATIONS_MAX, admits, candidates, may_enrol};
pub use rights::{may_act, may_vouch, may_witness, may_write};

/// What the writer of a frame had seen of the configuration.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// All that is known here.
    Now,
    /// Less: this is what he knew.
    Earlier(&'a Config),
    /// More: this server was restored and lacks some of its own frames. What it would reject it holds.
    Later,
}

/// The configurations that a judgement looks at.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// As of now.
    pub now: &'a Config,
    /// As the writer had seen it.
    pub seen: Seen<'a>,
    /// As it was in force when a witness that [`may_vouch`] got the frame, by the time that he states; nothing without
    /// such a witness.
    pub handed: Option<&'a Config>,
}

impl<'a> Moment<'a> {
    /// A writer who has seen all that is known, and no witness.
    pub fn now(config: &'a Config) -> Self {
        Self { now: config, seen: Seen::Now, handed: None }
    }
}

/// Judges the changes of a frame of `scope` by `author`: those that are not accepted, by index.
pub fn judge_frame(
    moment: &Moment<'_>,
    author: PersonId,
    scope: Scope,
    changes: &[Change],
) -> Vec<(u16, Status, Reason)> {
    let mut judge = Judge { moment, author, scope, sheets: BTreeMap::new() };
    let mut exceptions = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        if let Err((status, reason)) = judge.change(change) {
            exceptions.push((index as u16, status, reason));
        }
    }
    exceptions
}

/// Judges a change by `author` as of now, in the scope of its own sheet: what a device asks before it saves. Documents,
/// and what has no sheet, are taken as written in the configuration.
pub fn judge(config: &Config, author: PersonId, change: &Change) -> (Status, Reason) {
    let scope = change.sheet().map_or(Scope::CONFIGURATION, SheetKey::scope);
    let exceptions = judge_frame(&Moment::now(config), author, scope, std::slice::from_ref(change));
    exceptions.first().map_or((Status::Accepted, Reason::None), |&(_, status, reason)| (status, reason))
}

/// Whether a judgement with [`Seen::Now`] may become another one with what the writer had really seen. Few frames have
/// such a reason: nobody needs to fold an earlier configuration for the others.
pub fn asks_seen(reason: Reason) -> bool {
    matches!(reason, Reason::NotAllowed | Reason::NotAWitness | Reason::Unknown)
}

/// Whether a judgement without a witness may become another one with him.
pub fn asks_witness(reason: Reason) -> bool {
    matches!(reason, Reason::PeriodLocked | Reason::RightsChanged)
}

type Judged<T = ()> = Result<T, (Status, Reason)>;

const NOT_ALLOWED: (Status, Reason) = (Status::Rejected, Reason::NotAllowed);

/// Since when a right stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It stands now, or stood when a witness got the frame.
    Stands,
    /// It stood as the writer had seen it, and is gone.
    Gone,
}

/// What was asked of one sheet already: a frame has many changes to few sheets.
#[derive(Default)]
struct Asked {
    columns: [Option<Judged<Standing>>; 3],
    acts: [Option<Judged<Standing>>; ActKind::ALL.len()],
}

struct Judge<'a, 'm> {
    moment: &'m Moment<'m>,
    author: PersonId,
    scope: Scope,
    sheets: BTreeMap<&'a SheetKey, Asked>,
}

impl<'a> Judge<'a, '_> {
    fn change(&mut self, change: &'a Change) -> Judged {
        match change {
            Change::Score(score) => self.score(score),
            Change::Act(act) => self.act(act),
            Change::Document(_) if self.author == Header::SERVER => Ok(()),
            Change::Document(_) => Err((Status::Rejected, Reason::DocumentNotByServer)),
            Change::Witness(_) => match self.standing(|config| self.witness_in(config))? {
                Standing::Stands => Ok(()),
                Standing::Gone => Err((Status::Held, Reason::RightsChanged)),
            },
            Change::Unknown => Err((Status::Held, Reason::UnknownKind)),
        }
    }

    fn score(&mut self, score: &'a ScoreChange) -> Judged {
        let (sheet, column) = (&score.sheet, score.place.column);
        let known = self.sheets.get(sheet).and_then(|asked| asked.columns[column as usize]);
        let standing = match known {
            Some(known) => known,
            None => {
                let judged = self.standing(|config| {
                    self.sheet_in(config, sheet, |config| may_write(config, self.author, sheet, column))
                });
                self.sheets.entry(sheet).or_default().columns[column as usize] = Some(judged);
                judged
            }
        }?;
        let now = self.moment.now;
        let ruleset = now.rulesets.get(&sheet.ruleset).ok_or((Status::Held, Reason::Unknown))?;
        value::judge_value(ruleset, now.products_of(sheet), score.place, &score.value)
            .map_err(|reason| (Status::Rejected, reason))?;
        self.in_time(sheet, standing)
    }

    fn act(&mut self, act: &'a ActChange) -> Judged {
        let (sheet, kind) = (&act.sheet, act.kind);
        let known = self.sheets.get(sheet).and_then(|asked| asked.acts[kind as usize]);
        let standing = match known {
            Some(known) => known,
            None => {
                let judged = self.standing(|config| {
                    self.sheet_in(config, sheet, |config| may_act(config, self.author, sheet, kind))
                });
                self.sheets.entry(sheet).or_default().acts[kind as usize] = Some(judged);
                judged
            }
        }?;
        if act.reason.trim().is_empty() && self.needs_reason(sheet, kind) {
            return Err((Status::Rejected, Reason::ReasonMissing));
        }
        self.in_time(sheet, standing)
    }

    fn needs_reason(&self, sheet: &SheetKey, kind: ActKind) -> bool {
        let needs = |config| rights::needs_reason(config, self.author, sheet, kind);
        let as_seen = match self.moment.seen {
            Seen::Earlier(seen) => needs(seen),
            Seen::Now | Seen::Later => true,
        };
        as_seen && needs(self.moment.now)
    }

    /// A right, looked for now, then as the writer had seen it.
    fn standing(&self, ask: impl Fn(&Config) -> Judged) -> Judged<Standing> {
        let Err(refused) = ask(self.moment.now) else { return Ok(Standing::Stands) };
        match self.moment.seen {
            Seen::Now => Err(refused),
            Seen::Later => Err((Status::Held, Reason::Unknown)),
            Seen::Earlier(seen) if ask(seen).is_err() => Err(refused),
            Seen::Earlier(_) => {
                let stood = self.moment.handed.is_some_and(|handed| ask(handed).is_ok());
                Ok(if stood { Standing::Stands } else { Standing::Gone })
            }
        }
    }

    /// Whether a configuration knows the sheet and gives the right.
    fn sheet_in(&self, config: &Config, sheet: &SheetKey, may: impl Fn(&Config) -> bool) -> Judged {
        let known = config.rulesets.contains_key(&sheet.ruleset) && config.knows(sheet);
        if sheet.scope() != self.scope {
            Err(NOT_ALLOWED)
        } else if known && may(config) {
            Ok(())
        } else if known || !rights::may_touch(config, self.author, self.scope) {
            Err(NOT_ALLOWED)
        } else {
            Err((Status::Held, Reason::Unknown))
        }
    }

    fn witness_in(&self, config: &Config) -> Judged {
        let known = rights::unit_of(config, self.scope).is_some();
        if may_witness(config, self.author, self.scope) {
            Ok(())
        } else if known || self.scope == Scope::CONFIGURATION {
            Err((Status::Rejected, Reason::NotAWitness))
        } else {
            Err((Status::Held, Reason::Unknown))
        }
    }

    /// What the moment says of a change that its author may make.
    fn in_time(&self, sheet: &SheetKey, standing: Standing) -> Judged {
        if standing == Standing::Gone {
            return Err((Status::Held, Reason::RightsChanged));
        }
        if !self.moment.now.is_locked(sheet.period) {
            return Ok(());
        }
        let on_time = self.moment.handed.is_some_and(|handed| !handed.is_locked(sheet.period));
        Err((Status::Held, if on_time { Reason::OnTimeByWitness } else { Reason::PeriodLocked }))
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod moment_tests;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;
