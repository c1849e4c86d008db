//! Fields with two values.

use tauri::State;
use xeploai_client::App;
use xeploai_core::view::ConflictView;

use super::{Answer, answer};

#[tauri::command(async)]
pub(crate) fn conflicts(app: State<'_, App>) -> Answer<Vec<ConflictView>> {
    answer(app.conflicts())
}

#[tauri::command(async)]
pub(crate) fn resolve(
    app: State<'_, App>,
    id: String,
    value: String,
    token: String,
) -> Answer<Vec<ConflictView>> {
    answer(app.resolve(&id, &value, &token))
}
