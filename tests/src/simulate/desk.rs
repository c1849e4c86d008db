//! People at their phones: they open sheets, type, hand in, settle, and sync.

use std::rc::Rc;

use xeploai_client::{App, ClientError};
use xeploai_core::ids::PersonId;
use xeploai_core::points::Points;
use xeploai_core::sheet::{Field, Place, SheetKey, Token, Value};
use xeploai_core::view::{Action, Column, CriterionKind, CriterionView, FieldName, ScoreRequest, SheetView};

use super::ledger::Held;
use super::observe::Copy;
use super::world::World;

/// Criteria that people write: few, so that they meet.
const CRITERIA: usize = 3;
/// Edits that are begun and not finished, at most.
const BEGUN_MAX: usize = 6;

/// A field that somebody looked at, to type something into it.
struct Edit {
    phone: usize,
    person: PersonId,
    key: SheetKey,
    criterion: u16,
    column: Column,
    token: String,
    held: Held,
}

/// An edit that is begun, and nothing is typed yet.
pub(super) struct Begun {
    edit: Edit,
    sheet: String,
    step: Points,
    most: i64,
}

impl Edit {
    fn place(&self) -> Place {
        Place { criterion: self.criterion, column: self.column, field: Field::Points }
    }
}

/// Whether the field shows this value already, and nothing else: then there is nothing to write.
fn shows(app: &App, request: &ScoreRequest, points: Points) -> bool {
    let Ok(sheet) = app.sheet(&request.sheet) else { return false };
    let criteria = sheet.groups.iter().flat_map(|group| &group.criteria);
    let cells = criteria.filter(|it| it.number == request.criterion).flat_map(|it| &it.cells);
    let mut cell = cells.filter(|cell| cell.column == request.column);
    cell.next().is_some_and(|cell| cell.points == Some(points) && !cell.conflict)
}

impl World {
    /// Somebody types, hands something in, or settles a conflict.
    pub(super) fn write_something(&mut self) -> Result<(), String> {
        let phone = self.any_phone();
        self.write_on(phone)
    }

    /// As [`Self::write_something`], on one phone.
    pub(super) fn write_on(&mut self, phone: usize) -> Result<(), String> {
        match self.rng.u8(..12) {
            0..8 => self.type_on(phone),
            8 if !self.begun.is_empty() => {
                let begun = self.begun.swap_remove(self.rng.usize(..self.begun.len()));
                self.finish_edit(begun)
            }
            9 => self.switch(phone),
            10 => self.settle_conflict(phone),
            _ => self.act(phone),
        }
    }

    /// Somebody types on a phone.
    pub(super) fn type_on(&mut self, phone: usize) -> Result<(), String> {
        let Some(begun) = self.begin_edit(phone)? else { return Ok(()) };
        if self.once_in(4) && self.begun.len() < BEGUN_MAX {
            // He looks, and types later.
            self.begun.push(begun);
            return Ok(());
        }
        self.finish_edit(begun)
    }

    /// The app of a phone. One whose disk is broken is restarted.
    pub(super) fn open(&mut self, phone: usize) -> Result<Rc<App>, String> {
        if let Ok(app) = self.phones[phone].app() {
            return Ok(app);
        }
        self.restart(phone);
        self.phones[phone].app().map_err(|error| format!("an app that does not start: {error}"))
    }

    /// The power goes and comes back.
    pub(super) fn restart(&mut self, phone: usize) {
        self.tally.crashes += 1;
        let loss = self.loss();
        self.phones[phone].crash(loss);
        self.forget_begun(phone);
    }

    /// What somebody looked at on a phone is gone with the app.
    pub(super) fn forget_begun(&mut self, phone: usize) {
        self.begun.retain(|begun| begun.edit.phone != phone);
    }

    /// Opens a sheet and looks at a field that may be written.
    fn begin_edit(&mut self, phone: usize) -> Result<Option<Begun>, String> {
        // An app that starts seals what waited.
        let app = self.open(phone)?;
        self.look()?;
        let Some(sheet) = self.any_sheet(&app) else { return Ok(None) };
        let columns: Vec<Column> =
            sheet.columns.iter().filter(|column| column.editable).map(|column| column.column).collect();
        let criteria: Vec<&CriterionView> = sheet
            .groups
            .iter()
            .flat_map(|group| &group.criteria)
            .filter(|criterion| criterion.kind == CriterionKind::Points)
            .take(CRITERIA)
            .collect();
        if columns.is_empty() || criteria.is_empty() {
            return Ok(None);
        }
        let column = columns[self.rng.usize(..columns.len())];
        let criterion = criteria[self.rng.usize(..criteria.len())];
        let Some(cell) = criterion.cells.iter().find(|cell| cell.column == column) else { return Ok(None) };
        let most = criterion.most.0 / criterion.step.0.max(1);
        let (Some(person), Some(key)) = (self.active(&app), self.key_of(&sheet.summary.id)) else {
            return Ok(None);
        };
        let (criterion, step) = (criterion.number, criterion.step);
        let (token, held) = (cell.token.clone(), Rc::clone(&self.phones[phone].desk.held));
        let edit = Edit { phone, person, key, criterion, column, token, held };
        Ok(Some(Begun { edit, sheet: sheet.summary.id.clone(), step, most }))
    }

    /// A sheet that the active person sees, of any period.
    fn any_sheet(&mut self, app: &App) -> Option<SheetView> {
        let month = super::office::MONTHS[self.rng.usize(..2)];
        let sheets = app.sheets(Some(&super::office::month(month).to_string())).ok()?;
        let chosen = sheets.get(self.rng.usize(..sheets.len().max(1)))?;
        app.sheet(&chosen.id).ok()
    }

    fn active(&self, app: &App) -> Option<PersonId> {
        let me = app.me().ok()??;
        Some(PersonId::of(self.department, &me.code))
    }

    /// The key of a sheet: a view names it by its id alone.
    fn key_of(&self, sheet: &str) -> Option<SheetKey> {
        self.expected.get(sheet).cloned()
    }

    /// Types what was begun. What happened in the meantime is not seen by him.
    fn finish_edit(&mut self, begun: Begun) -> Result<(), String> {
        let Begun { edit, sheet, step, most } = begun;
        let app = self.open(edit.phone)?;
        self.look()?;
        if self.active(&app) != Some(edit.person) {
            return Ok(());
        }
        let points = Points(step.0 * self.rng.i64(0..=most));
        let request = ScoreRequest {
            sheet,
            criterion: edit.criterion,
            column: edit.column,
            field: FieldName::Points,
            text: points.to_string(),
            token: edit.token.clone(),
        };
        let same = shows(&app, &request, points);
        let result = app.score(&request).map(drop);
        let place = edit.place();
        let phone = edit.phone;
        self.say(|| format!("phone {phone}: {place:?} = {points} {}", outcome(&result)));
        // What is shown already need not be written again; where it was, it must be sealed.
        if !same || result.is_err() || self.waits(&edit)? == Some(Value::Points(points)) {
            self.note_typed(&edit, Value::Points(points), &result);
        }
        self.after(phone, &result);
        Ok(())
    }

    /// What waits on the disk in the field of an edit.
    fn waits(&self, edit: &Edit) -> Result<Option<Value>, String> {
        let copy = Copy::of_phone(&self.phones[edit.phone].disk.snapshot())?;
        let spot = (edit.key.id(self.department), edit.place());
        Ok(copy.map(|copy| copy.waiting(edit.person, spot)).transpose()?.flatten())
    }

    /// Notes what was typed, when it was shown as saved or nobody knows.
    fn note_typed(&mut self, edit: &Edit, value: Value, result: &Result<(), ClientError>) {
        let unknown = matches!(result, Err(error) if is_store(error));
        if result.is_err() && !unknown {
            return;
        }
        let Token(shown) = edit.token.parse().unwrap_or_default();
        let spot = (edit.key.id(self.department), edit.place());
        let typed = self.phones[edit.phone].desk.typed.entry((edit.person, spot)).or_default();
        typed.seen.push(Rc::clone(&edit.held));
        if unknown {
            typed.doubtful.push(value);
            return;
        }
        typed.saved = Some(value);
        typed.doubtful.clear();
        typed.shown.extend(shown);
        self.tally.saved += 1;
    }

    /// A store that fails is one whose power went; a full disk only says so.
    pub(super) fn after<T>(&mut self, phone: usize, result: &Result<T, ClientError>) {
        if matches!(result, Err(error) if is_store(error)) && !self.phones[phone].full {
            self.restart(phone);
        }
    }

    /// Hands the phone to the next of its people.
    fn switch(&mut self, phone: usize) -> Result<(), String> {
        let app = self.open(phone)?;
        let people = self.phones[phone].people.clone();
        let next = &people[self.rng.usize(..people.len())];
        let result = app.switch(next);
        self.say(|| format!("{next} takes phone {phone}: {}", outcome(&result)));
        self.after(phone, &result);
        Ok(())
    }

    /// Hands a sheet in, takes it back, approves it, or sends it back.
    fn act(&mut self, phone: usize) -> Result<(), String> {
        let app = self.open(phone)?;
        let Some(sheet) = self.any_sheet(&app) else { return Ok(()) };
        let free = sheet.actions.iter().filter(|it| it.blocked.is_none()).map(|it| it.action.clone());
        let free: Vec<Action> = free.collect();
        let Some(action) = free.get(self.rng.usize(..free.len().max(1))) else { return Ok(()) };
        let id = sheet.summary.id.as_str();
        let result = match action {
            Action::Submit => app.submit(id).map(drop),
            Action::Withdraw => app.withdraw(id).map(drop),
            Action::Approve => app.approve(id).map(drop),
            Action::Return => app.return_sheet(id, "Xem lại").map(drop),
            Action::SignForDelegation | Action::SignForUnit => app.sign_minutes(id, None).map(drop),
            Action::Adopt | Action::Retract => Ok(()),
        };
        self.say(|| format!("phone {phone}: {action:?} {}", outcome(&result)));
        self.after(phone, &result);
        Ok(())
    }

    /// Settles a conflict that is shown with one of its values.
    fn settle_conflict(&mut self, phone: usize) -> Result<(), String> {
        // An app that starts seals what waited.
        let app = self.open(phone)?;
        self.look()?;
        let conflicts = app.conflicts().unwrap_or_default();
        let open: Vec<_> =
            conflicts.iter().filter(|it| it.may_settle && it.field == FieldName::Points).collect();
        let Some(conflict) = open.get(self.rng.usize(..open.len().max(1))) else { return Ok(()) };
        let Some(value) = conflict.values.first().map(|it| it.value.clone()) else { return Ok(()) };
        let (Some(person), Some(key)) = (self.active(&app), self.key_of(&conflict.sheet.id)) else {
            return Ok(());
        };
        let result = app.resolve(&conflict.id, &value, &conflict.token).map(drop);
        self.say(|| format!("phone {phone}: settles {} with {value} {}", conflict.label, outcome(&result)));
        let edit = Edit {
            phone,
            person,
            key,
            criterion: conflict.criterion,
            column: conflict.column,
            token: conflict.token.clone(),
            held: Rc::clone(&self.phones[phone].desk.held),
        };
        if let Ok(points) = Points::parse(&value) {
            self.note_typed(&edit, Value::Points(points), &result);
        }
        self.after(phone, &result);
        Ok(())
    }
}

/// Whether the store failed, and nobody knows what it has kept.
pub(super) fn is_store(error: &ClientError) -> bool {
    matches!(error, ClientError::Store(_) | ClientError::Migration(_))
}

pub(super) fn outcome<T>(result: &Result<T, ClientError>) -> String {
    result.as_ref().err().map(|error| format!("– {error}")).unwrap_or_default()
}
