//! Photos and documents by command line.

use std::path::Path;

use xeploai_client::{App, ClientError, Refused};
use xeploai_core::view::{AttachRequest, Column, EvidenceRef, EvidenceView, Place as Where, SheetView};

/// A criterion's column.
pub(crate) struct Place<'a> {
    pub(crate) sheet: &'a str,
    pub(crate) criterion: u16,
    pub(crate) column: Column,
}

/// Attaches a file.
///
/// # Errors
/// What [`App::attach`] says, or the file system.
pub(crate) fn attach(app: &App, place: &Place<'_>, file: &Path) -> Result<SheetView, ClientError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Place { sheet, criterion, column } = *place;
    let request = AttachRequest { sheet: sheet.to_owned(), criterion, column, name };
    app.attach(&request, &xeploai_client::files::read(file)?)
}

/// Takes away the piece whose content's name begins like this.
///
/// # Errors
/// What [`App::detach`] says.
pub(crate) fn detach(app: &App, place: &Place<'_>, content: &str) -> Result<SheetView, ClientError> {
    let view = app.sheet(place.sheet)?;
    let mut here =
        all(&view).filter(|(number, column, _)| (*number, *column) == (place.criterion, place.column));
    let found = here.find(|(_, _, it)| it.content.starts_with(content)).ok_or(Refused::NoSuchEvidence)?;
    app.detach(&EvidenceRef {
        sheet: view.summary.id.clone(),
        criterion: place.criterion,
        column: place.column,
        slot: found.2.slot,
        content: found.2.content.clone(),
    })
}

/// Saves the file whose content's name begins like this.
///
/// # Errors
/// What [`App::evidence`] says, or the file system.
pub(crate) fn save(app: &App, sheet: &str, content: &str, file: &Path) -> Result<(), ClientError> {
    let view = app.sheet(sheet)?;
    let found = all(&view).find(|(_, _, it)| it.content.starts_with(content));
    let (_, _, found) = found.ok_or(Refused::NoSuchEvidence)?;
    Ok(xeploai_client::files::replace(file, &app.evidence(sheet, &found.content)?)?)
}

fn all(view: &SheetView) -> impl Iterator<Item = (u16, Column, &EvidenceView)> {
    let criteria = view.groups.iter().flat_map(|group| &group.criteria);
    let cells = criteria.flat_map(|criterion| criterion.cells.iter().map(|cell| (criterion.number, cell)));
    cells.flat_map(|(number, cell)| cell.evidence.iter().map(move |it| (number, cell.column, it)))
}

/// The evidence of a sheet, a line each.
pub(crate) fn listed(view: &SheetView) -> String {
    let line = |(number, column, it): (u16, Column, &EvidenceView)| {
        let place = match it.place {
            Where::Received => "Đã nhận",
            Where::Carried => "Đã mang đi",
            Where::Empty => "bản đầy đủ chưa về máy này",
            _ => "chưa gửi",
        };
        let column = format!("{column:?}").to_lowercase();
        let name = it.content.get(..12).unwrap_or_default();
        format!("{number} {column}: {name} {} ({}, {} byte), {place}\n", it.name, it.media, it.size)
    };
    match all(view).map(line).collect::<String>() {
        none if none.is_empty() => "Chưa có minh chứng nào.\n".to_owned(),
        lines => lines,
    }
}
