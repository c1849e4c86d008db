//! Who may write what, under one configuration.
//!
//! | to a sheet | of a person | of a head | of a unit |
//! |---|---|---|---|
//! | own column, submit, withdraw, retract | who holds the post | who holds the post | its head, or whom he names (scorers) |
//! | superior column, approve, return | the unit's head or his deputy | the department's leader in charge | the same leader |
//! | appraised column | a supervisor in charge | a supervisor in charge | a supervisor in charge, who also approves and returns |
//! | adopt | who may write own, or the superior with a reason | the same | the same |
//! | sign the minutes | nobody | nobody | for the unit: who may write own; for the delegation: who may write appraised |
//!
//! A post counts for the period of the sheet when it covers a month of it or is held now: who headed the unit then and
//! who heads it now both may. Where nobody is named, nobody may.
//!
//! Invariants: default deny. Nobody is superior or appraiser of a sheet that he is scored by, through whatever roles and
//! posts: not of a post that he holds, and not of a unit that he heads, stands in for, or scores.

use crate::ids::{AssignmentId, PersonId, UnitId};
use crate::org::{Assignment, Config, Role};
use crate::period::Period;
use crate::sheet::{ActKind, SheetKey, Subject};
use crate::sync::Scope;
use crate::sync::stream::Header;
use crate::view::Column;

/// Whether `person` may write a column of a sheet.
pub fn may_write(config: &Config, person: PersonId, sheet: &SheetKey, column: Column) -> bool {
    let period = sheet.period;
    let (unit, post) = match sheet.subject {
        Subject::Unit(unit) => (unit, None),
        Subject::Post(post) => match config.assignments.get(&post) {
            Some(post) => (post.unit, Some(post)),
            None => return false,
        },
    };
    match (column, post) {
        (Column::Own, Some(post)) => post.person == person,
        (Column::Own, None) => {
            is_head(config, person, unit, period)
                || (config.is_scorer(person, unit) && config.assignments.held(person, unit, period))
        }
        _ if is_self(config, person, unit, post, period) => false,
        (Column::Superior, Some(post)) => is_superior(config, person, post, period),
        (Column::Superior, None) => config.leads(person, unit),
        (Column::Appraised, _) => config.supervises(person, unit),
    }
}

/// Whether a sheet scores `person`: his own post, or the unit that he answers for.
fn is_self(
    config: &Config,
    person: PersonId,
    unit: UnitId,
    post: Option<&Assignment>,
    period: Period,
) -> bool {
    match post {
        Some(post) => post.person == person,
        None => {
            is_head(config, person, unit, period)
                || config.is_scorer(person, unit)
                || config.is_deputy(person, unit)
        }
    }
}

fn is_head(config: &Config, person: PersonId, unit: UnitId, period: Period) -> bool {
    config.assignments.heads(person, unit) || config.assignments.headed(person, unit, period)
}

/// Whether `person` is the superior of who holds `post`. For who headed the unit in the period that is the leader in
/// charge; for who heads it only now, the leader and who headed it then; for everybody else, the head and his
/// deputies, of then and of now.
fn is_superior(config: &Config, person: PersonId, post: &Assignment, period: Period) -> bool {
    let (posts, unit, subject) = (&config.assignments, post.unit, post.person);
    if posts.headed(subject, unit, period) {
        config.leads(person, unit)
    } else if posts.heads(subject, unit) {
        config.leads(person, unit) || posts.headed(person, unit, period)
    } else {
        is_head(config, person, unit, period)
            || (config.is_deputy(person, unit) && posts.held(person, unit, period))
    }
}

/// Whether `person` may do `act` to a sheet.
pub fn may_act(config: &Config, person: PersonId, sheet: &SheetKey, act: ActKind) -> bool {
    let may = |column| may_write(config, person, sheet, column);
    let of_unit = matches!(sheet.subject, Subject::Unit(_));
    match act {
        ActKind::Submit | ActKind::Withdraw | ActKind::Retract => may(Column::Own),
        ActKind::Approve | ActKind::Return => may(Column::Superior) || (of_unit && may(Column::Appraised)),
        ActKind::Adopt => may(Column::Own) || may(Column::Superior),
        ActKind::SignForDelegation => of_unit && may(Column::Appraised),
        ActKind::SignForUnit => of_unit && may(Column::Own),
    }
}

/// Whether an act by `person` has to say why.
pub fn needs_reason(config: &Config, person: PersonId, sheet: &SheetKey, act: ActKind) -> bool {
    match act {
        ActKind::Submit
        | ActKind::Withdraw
        | ActKind::Approve
        | ActKind::SignForDelegation
        | ActKind::SignForUnit => false,
        ActKind::Return | ActKind::Retract => true,
        // The authority decides for somebody else.
        ActKind::Adopt => !may_write(config, person, sheet, Column::Own),
    }
}

/// Whether an author has anything to do in a scope at all: he reads it, or a post of his, former ones too, gave him
/// something to write in it. Of what this configuration doesn't know, nobody can say: it is left open, to be held.
pub fn may_touch(config: &Config, author: PersonId, scope: Scope) -> bool {
    if author == Header::SERVER {
        return true;
    }
    if scope == Scope::CONFIGURATION {
        return false;
    }
    let Some(unit) = unit_of(config, scope) else { return true };
    let of_unit = scope == Scope::unit(unit);
    let stood_in = config.is_deputy(author, unit);
    let gave = |post: &Assignment| of_unit || stood_in || post.head || scope == Scope::assignment(post.id);
    config.assignments.of_person_in(author, unit).any(gave) || config.may_read(author, scope)
}

/// Whether `person` may state in a scope that frames of it were handed to him: a supervisor, or whom a grant on the
/// scope makes a witness, but nobody of the unit itself.
pub fn may_witness(config: &Config, person: PersonId, scope: Scope) -> bool {
    let Some(unit) = unit_of(config, scope) else { return false };
    let granted = config.grants.get(&(person, scope)).is_some_and(|grant| grant.witness && !grant.revoked);
    let holder =
        config.assignments.get(&AssignmentId(scope.id())).filter(|post| scope == Scope::assignment(post.id));
    (granted || config.has_role(person, Role::Supervisor))
        && !config.assignments.holds(person, unit)
        && holder.is_none_or(|post| post.person != person)
}

/// Whether a statement by `witness` says anything of a frame by `author`: nobody vouches for himself.
pub fn may_vouch(config: &Config, witness: PersonId, author: PersonId, scope: Scope) -> bool {
    witness != author && may_witness(config, witness, scope)
}

/// The unit that a scope is of, when this configuration knows the scope.
pub(super) fn unit_of(config: &Config, scope: Scope) -> Option<UnitId> {
    let (unit, post) = (UnitId(scope.id()), AssignmentId(scope.id()));
    if scope == Scope::unit(unit) {
        config.units.get(&unit).map(|unit| unit.id)
    } else if scope == Scope::assignment(post) {
        config.assignments.get(&post).map(|post| post.unit)
    } else {
        None
    }
}
