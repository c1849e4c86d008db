//! Rankings and periods.

use tauri::State;
use xeploai_client::App;
use xeploai_core::view::{PeriodView, RankingView};

use super::{Answer, answer};

#[tauri::command(async)]
pub(crate) fn rankings(app: State<'_, App>, period: Option<String>) -> Answer<Vec<RankingView>> {
    answer(app.rankings(period.as_deref()))
}

#[tauri::command(async)]
pub(crate) fn periods(app: State<'_, App>) -> Answer<Vec<PeriodView>> {
    answer(app.periods())
}
