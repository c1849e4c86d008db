//! What the user can do with a sheet now, and what is missing for the rest.

use xeploai_core::ruleset::Ruleset;
use xeploai_core::sheet::state::{ActState, Sheet};
use xeploai_core::sheet::{ActKind, Field, Place, Value};
use xeploai_core::sync::policy::may_act;
use xeploai_core::view::{Action, ActionView, Column, Stage, Text, TotalView};

use super::sheet::review_column;
use super::summary;
use super::total::Scored;
use crate::error::ClientError;
use crate::session::Session;

/// The actions that the user may take at this stage, each with what blocks it.
pub(crate) fn actions(session: &Session<'_>, sheet: &Sheet) -> Result<Vec<ActionView>, ClientError> {
    let config = &session.config;
    let locked = config.periods.get(&sheet.key.period).is_none_or(|period| period.locked);
    let may = |act| !locked && may_act(config, session.me.person, &sheet.key, act);
    let ruleset = summary::ruleset(session, &sheet.key)?;
    let scored = Scored::new(session, ruleset, sheet);
    let (stage, mut actions) = (sheet.stage(), Vec::new());
    let mut offer = |action, blocked| actions.push(ActionView { action, blocked });
    if may(ActKind::Submit) && !matches!(stage, Stage::Submitted | Stage::Approved) {
        let own = scored.of_column(Column::Own)?;
        offer(Action::Submit, unanswered(&own).or_else(|| conflicts(sheet, scores)));
    }
    if may(ActKind::Withdraw) && stage == Stage::Submitted {
        offer(Action::Withdraw, None);
    }
    if may(ActKind::Approve) && matches!(stage, Stage::Submitted | Stage::Outdated) {
        let column = review_column(session, &sheet.key);
        let reviewed = scored.of_column(column)?;
        let blocked = if ruleset.columns.contains(&column) { unanswered(&reviewed) } else { None };
        let blocked =
            blocked.or_else(|| reasons(ruleset, sheet, column)).or_else(|| conflicts(sheet, scores));
        let outdated = stage == Stage::Outdated;
        let again =
            outdated.then(|| text("phiếu đã thay đổi, chờ nộp lại", "the sheet has changed, wait for it"));
        offer(Action::Approve, again.or(blocked));
        offer(Action::Return, None);
    }
    for (kind, action) in SIGNATURES.into_iter().filter(|(kind, _)| ruleset.is_visited() && may(*kind)) {
        if !has_signed(session, sheet, kind) {
            let nothing = text("chưa thẩm định tiêu chí nào", "nothing is appraised yet");
            let nothing = sheet.checked().is_empty().then_some(nothing);
            offer(action, nothing.or_else(|| conflicts(sheet, |place| kind.vouches_for(place))));
        }
    }
    Ok(actions)
}

/// Who signs a visit's minutes, and as what the screen offers it.
const SIGNATURES: [(ActKind, Action); 2] =
    [(ActKind::SignForDelegation, Action::SignForDelegation), (ActKind::SignForUnit, Action::SignForUnit)];

/// Whether the user has signed the minutes as they stand.
fn has_signed(session: &Session<'_>, sheet: &Sheet, kind: ActKind) -> bool {
    let own = |act: &&ActState| act.kind == kind && act.origin.author == session.me.person;
    sheet.acts.iter().filter(own).any(|act| !act.outdated)
}

/// Two opinions in the minutes are no reason to keep scores back.
fn scores(place: Place) -> bool {
    !place.field.is_minutes()
}

fn text(vi: &str, en: &str) -> Text {
    Text { vi: vi.into(), en: en.into() }
}

fn unanswered(total: &TotalView) -> Option<Text> {
    let missing = total.criteria - total.answered;
    (missing > 0)
        .then(|| text(&format!("còn {missing} tiêu chí chưa chấm"), &format!("{missing} criteria left")))
}

fn conflicts(sheet: &Sheet, concerns: impl Fn(Place) -> bool) -> Option<Text> {
    let open = sheet.conflicts().into_iter().filter(|place| concerns(*place)).count();
    (open > 0).then(|| text(&format!("còn {open} mục cần xem lại"), &format!("{open} to settle")))
}

/// Who changes somebody's points says why.
fn reasons(ruleset: &Ruleset, sheet: &Sheet, column: Column) -> Option<Text> {
    let missing = ruleset.criteria().filter(|criterion| {
        let at = |column, field| sheet.value(Place { criterion: criterion.number, column, field });
        let (own, reviewed) = (at(Column::Own, Field::Points), at(column, Field::Points));
        let differs = reviewed.is_some() && own.is_some() && own != reviewed;
        differs && !matches!(at(column, Field::Note), Some(Value::Text(_)))
    });
    let missing = missing.count();
    (missing > 0).then(|| text(&format!("thiếu {missing} lý do"), &format!("{missing} reasons missing")))
}
