//! The first screen.

use tauri::State;
use xeploai_client::App;
use xeploai_core::view::HomeView;

use super::{Answer, answer};

#[tauri::command(async)]
pub(crate) fn home(app: State<'_, App>) -> Answer<HomeView> {
    answer(app.home())
}
