//! Who uses this device.

use tauri::State;
use xeploai_core::view::Me;

use super::{Answer, Store};

/// The enrolled person, if one is.
#[tauri::command(async)]
pub(crate) fn me(store: State<'_, Store>) -> Answer<Option<Me>> {
    store.call(|app| app.me())
}

/// Enrols this device with a one-time code, or at the hub of a supervisor, to whom `claim` says whose it is. Waits for him.
#[tauri::command(async)]
pub(crate) fn enrol(store: State<'_, Store>, code: &str, device: &str, claim: &str) -> Answer<Me> {
    store.visit(|visit| visit.enrol(code, device, claim))
}
