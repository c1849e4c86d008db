//! Periods and their rankings.

use tauri::State;
use xeploai_core::view::{PeriodView, RankingView};

use super::{Answer, Store};

/// The rankings of a period, or of the latest one.
#[tauri::command(async)]
pub(crate) fn rankings(store: State<'_, Store>, period: Option<&str>) -> Answer<Vec<RankingView>> {
    store.call(|app| app.rankings(period))
}

/// Every period known here.
#[tauri::command(async)]
pub(crate) fn periods(store: State<'_, Store>) -> Answer<Vec<PeriodView>> {
    store.call(|app| app.periods())
}
