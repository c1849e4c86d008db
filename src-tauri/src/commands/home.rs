//! The first screen.

use tauri::State;
use xeploai_core::view::{HomeView, PeriodView};

use super::{Answer, Store};

/// The open period, the user's sheets and what waits.
#[tauri::command(async)]
pub(crate) fn home(store: State<'_, Store>) -> Answer<HomeView> {
    store.call(|app| app.home())
}

/// Every period known here.
#[tauri::command(async)]
pub(crate) fn periods(store: State<'_, Store>) -> Answer<Vec<PeriodView>> {
    store.call(|app| app.periods())
}
