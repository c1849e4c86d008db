//! Rankings.

use tauri::State;
use xeploai_core::view::RankingView;

use super::{Answer, Store};

/// The rankings of a period, or of the latest one.
#[tauri::command(async)]
pub(crate) fn rankings(store: State<'_, Store>, period: Option<&str>) -> Answer<Vec<RankingView>> {
    store.call(|app| app.rankings(period))
}
