//! The first screen.

use tauri::State;
use xeploai_core::view::HomeView;

use super::{Answer, Store};

/// The open period, the user's sheets and what waits.
#[tauri::command(async)]
pub(crate) fn home(store: State<'_, Store>) -> Answer<HomeView> {
    store.call(|app| app.home())
}
