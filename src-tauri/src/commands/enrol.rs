//! Who uses this device.

use tauri::State;
use xeploai_client::App;
use xeploai_core::view::Me;

use super::{Answer, answer};

#[tauri::command(async)]
pub(crate) fn me(app: State<'_, App>) -> Answer<Option<Me>> {
    answer(app.me())
}

#[tauri::command(async)]
pub(crate) fn enrol(app: State<'_, App>, code: String, device: String) -> Answer<Me> {
    answer(app.enrol(&code, &device))
}
