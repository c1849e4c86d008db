//! Fields with two values.

use tauri::State;
use xeploai_core::view::ConflictView;

use super::{Answer, Store};

/// The open conflicts.
#[tauri::command(async)]
pub(crate) fn conflicts(store: State<'_, Store>) -> Answer<Vec<ConflictView>> {
    store.call(|app| app.conflicts())
}

/// Settles one with a value; `token` names the values that the person saw.
#[tauri::command(async)]
pub(crate) fn resolve(
    store: State<'_, Store>,
    id: &str,
    value: &str,
    token: &str,
) -> Answer<Vec<ConflictView>> {
    store.call(|app| app.resolve(id, value, token))
}
