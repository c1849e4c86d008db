//! Exchange with the server.

use tauri::State;
use xeploai_client::App;
use xeploai_core::view::{SyncReport, SyncView};

use super::{Answer, answer};

#[tauri::command(async)]
pub(crate) fn sync(app: State<'_, App>) -> Answer<SyncReport> {
    answer(app.sync())
}

#[tauri::command(async)]
pub(crate) fn sync_status(app: State<'_, App>) -> Answer<SyncView> {
    answer(app.sync_status())
}
