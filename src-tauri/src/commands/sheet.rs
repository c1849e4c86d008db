//! Sheets: reading, scoring, and what is done to them.

use tauri::State;
use xeploai_core::view::{ScoreRequest, SheetSummary, SheetView};

use super::{Answer, Store};

/// The user's own sheets and those he reviews.
#[tauri::command(async)]
pub(crate) fn sheets(store: State<'_, Store>, period: Option<&str>) -> Answer<Vec<SheetSummary>> {
    store.call(|app| app.sheets(period))
}

/// One sheet, open.
#[tauri::command(async)]
pub(crate) fn sheet(store: State<'_, Store>, id: &str) -> Answer<SheetView> {
    store.call(|app| app.sheet(id))
}

/// Writes one field; durable when this answers.
#[tauri::command(async)]
pub(crate) fn score(store: State<'_, Store>, request: ScoreRequest) -> Answer<SheetView> {
    store.call(|app| app.score(&request))
}

/// Hands a sheet in.
#[tauri::command(async)]
pub(crate) fn submit(store: State<'_, Store>, id: &str) -> Answer<SheetView> {
    store.call(|app| app.submit(id))
}

/// Takes a sheet back before it is reviewed.
#[tauri::command(async)]
pub(crate) fn withdraw(store: State<'_, Store>, id: &str) -> Answer<SheetView> {
    store.call(|app| app.withdraw(id))
}

/// Approves a sheet.
#[tauri::command(async)]
pub(crate) fn approve(store: State<'_, Store>, id: &str) -> Answer<SheetView> {
    store.call(|app| app.approve(id))
}

/// Sends a sheet back with a reason.
#[tauri::command(async)]
pub(crate) fn return_sheet(store: State<'_, Store>, id: &str, reason: &str) -> Answer<SheetView> {
    store.call(|app| app.return_sheet(id, reason))
}

/// Signs the minutes of a visit that were shown, for the user's side.
#[tauri::command(async)]
pub(crate) fn sign_minutes(store: State<'_, Store>, id: &str, seen: &str) -> Answer<SheetView> {
    store.call(|app| app.sign_minutes(id, Some(seen)))
}

/// Takes over the person's own points where the reviewer has written none.
#[tauri::command(async)]
pub(crate) fn agree_all(store: State<'_, Store>, id: &str) -> Answer<SheetView> {
    store.call(|app| app.agree_all(id))
}
