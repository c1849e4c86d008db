//! Writing without a screen.
//!
//! Invariant: the tokens are those that the store shows now. A command line has no screen that could be older.

use xeploai_client::{App, ClientError};
use xeploai_core::view::{Column, ConflictView, FieldName, ScoreRequest, SheetView};

/// One field of a sheet.
pub(crate) struct Target<'a> {
    /// The sheet as a person names it.
    pub(crate) sheet: &'a str,
    /// Number of the criterion.
    pub(crate) criterion: u16,
    /// Column.
    pub(crate) column: Column,
    /// Field.
    pub(crate) field: FieldName,
}

/// Writes a field; durable when this returns.
///
/// # Errors
/// What [`App::score`] says. Nothing is changed then.
pub(crate) fn field(app: &App, target: Target<'_>, text: &str) -> Result<SheetView, ClientError> {
    let shown = app.sheet(target.sheet)?;
    let token = token(&shown, &target);
    app.score(&ScoreRequest {
        sheet: shown.summary.id,
        criterion: target.criterion,
        column: target.column,
        field: target.field,
        text: text.to_owned(),
        token: token.unwrap_or_default(),
    })
}

fn token(shown: &SheetView, Target { criterion, column, field, .. }: &Target<'_>) -> Option<String> {
    let mut criteria = shown.groups.iter().flat_map(|group| &group.criteria);
    let criterion = criteria.find(|it| it.number == *criterion);
    let cell = criterion.and_then(|it| it.cells.iter().find(|cell| cell.column == *column));
    match field {
        FieldName::Points => cell.map(|cell| cell.token.clone()),
        FieldName::Note => cell.map(|cell| cell.note_token.clone()),
        FieldName::Quantity { product, measure } => {
            let line = criterion?.lines.iter().find(|line| line.product == *product)?;
            let mut quantities = line.quantities.iter();
            let found = quantities.find(|it| it.column == *column && it.measure == *measure);
            found.map(|quantity| quantity.token.clone())
        }
        FieldName::Minutes(part) => {
            let mut parts = shown.minutes.iter().flat_map(|minutes| &minutes.parts);
            parts.find(|it| it.part == *part).map(|it| it.token.clone())
        }
    }
}

/// Settles a conflict, and gives those that are left.
///
/// # Errors
/// What [`App::resolve`] says.
pub(crate) fn resolve(app: &App, id: &str, value: &str) -> Result<Vec<ConflictView>, ClientError> {
    let open = app.conflicts()?;
    let token = open.into_iter().find(|conflict| conflict.id == id).map(|conflict| conflict.token);
    app.resolve(id, value, &token.unwrap_or_default())
}
