//! Exchange with the server.

use tauri::State;
use xeploai_core::view::{SyncReport, SyncView};

use super::{Answer, Store};

/// Exchanges everything there is to exchange. Waits for the network.
#[tauri::command(async)]
pub(crate) fn sync(store: State<'_, Store>) -> Answer<SyncReport> {
    store.call(|app| app.sync())
}

/// What is received and what still waits.
#[tauri::command(async)]
pub(crate) fn sync_status(store: State<'_, Store>) -> Answer<SyncView> {
    store.call(|app| app.sync_status())
}
