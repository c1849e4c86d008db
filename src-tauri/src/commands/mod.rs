//! What the page may ask: one file a noun, one call a command. Failures leave as code and sentence.

use tauri::ipc::Invoke;
use xeploai_client::ClientError;
use xeploai_core::view::ErrorView;

mod conflict;
mod enrol;
mod home;
mod ranking;
mod sheet;
mod sync;

/// What a command gives back.
type Answer<T> = Result<T, ErrorView>;

/// Turns the client's error into the one that screens show.
fn answer<T>(result: Result<T, ClientError>) -> Answer<T> {
    result.map_err(|error| error.view())
}

/// Every command of the window.
pub(crate) fn all() -> impl Fn(Invoke) -> bool {
    tauri::generate_handler![
        enrol::me,
        enrol::enrol,
        home::home,
        sheet::sheets,
        sheet::sheet,
        sheet::score,
        sheet::submit,
        sheet::withdraw,
        sheet::approve,
        sheet::return_sheet,
        sheet::agree_all,
        conflict::conflicts,
        conflict::resolve,
        sync::sync,
        sync::sync_status,
        ranking::rankings,
        ranking::periods,
    ]
}
