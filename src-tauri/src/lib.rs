//! The window of Xếp Loại: it opens the store and hands each command to the client.
//!
//! Invariant: no rule and no SQL here; a command is a call. Commands that may wait run beside the window's thread.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use tauri::Manager as _;
use xeploai_client::App;

mod commands;

/// Opens the store and the window, and returns when the window is closed.
///
/// # Errors
/// When the window system or the store can't be opened.
pub fn run() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            let store = App::open(&folder(app)?)?;
            app.manage(store);
            Ok(())
        })
        .invoke_handler(commands::all())
        .run(tauri::generate_context!())
}

/// Where the store is: `XEPLOAI_STORE`, or the system's folder for the app's data.
fn folder(app: &tauri::App) -> Result<PathBuf, Box<dyn Error>> {
    match env::var_os("XEPLOAI_STORE") {
        Some(folder) => Ok(folder.into()),
        None => Ok(app.path().app_data_dir()?),
    }
}
