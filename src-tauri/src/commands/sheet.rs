//! Sheets: reading, writing a field, and what is done to a whole sheet.

use tauri::State;
use xeploai_client::App;
use xeploai_core::view::{ScoreRequest, SheetSummary, SheetView};

use super::{Answer, answer};

#[tauri::command(async)]
pub(crate) fn sheets(app: State<'_, App>, period: Option<String>) -> Answer<Vec<SheetSummary>> {
    answer(app.sheets(period.as_deref()))
}

#[tauri::command(async)]
pub(crate) fn sheet(app: State<'_, App>, id: String) -> Answer<SheetView> {
    answer(app.sheet(&id))
}

#[tauri::command(async)]
pub(crate) fn score(app: State<'_, App>, request: ScoreRequest) -> Answer<SheetView> {
    answer(app.score(&request))
}

#[tauri::command(async)]
pub(crate) fn submit(app: State<'_, App>, id: String) -> Answer<SheetView> {
    answer(app.submit(&id))
}

#[tauri::command(async)]
pub(crate) fn withdraw(app: State<'_, App>, id: String) -> Answer<SheetView> {
    answer(app.withdraw(&id))
}

#[tauri::command(async)]
pub(crate) fn approve(app: State<'_, App>, id: String) -> Answer<SheetView> {
    answer(app.approve(&id))
}

#[tauri::command(async)]
pub(crate) fn return_sheet(app: State<'_, App>, id: String, reason: String) -> Answer<SheetView> {
    answer(app.return_sheet(&id, &reason))
}

#[tauri::command(async)]
pub(crate) fn agree_all(app: State<'_, App>, id: String) -> Answer<SheetView> {
    answer(app.agree_all(&id))
}
