//! What the system gives the app to open, and how the page hears of it.

use std::path::PathBuf;

use tauri::{AppHandle, Manager};
use xeploai_client::opened::Opened;

/// Tells the page to ask for what was opened. One that is not there yet asks by itself when it is.
const TELL: &str = "dispatchEvent(new Event('opened'))";

/// The files that this start was given, as the desktops of Linux and Windows do.
pub(crate) fn arguments() -> Vec<PathBuf> {
    let given = std::env::args_os().skip(1).filter(|it| !it.as_encoded_bytes().starts_with(b"-"));
    given.map(PathBuf::from).collect()
}

/// Lets files wait for the page, tells it, and brings the window to the front.
pub(crate) fn open(app: &AppHandle, files: impl IntoIterator<Item = PathBuf>) {
    app.state::<Opened>().add(files);
    let Some(window) = app.get_webview_window("main") else { return };
    // Whatever of this the system refuses: the file waits all the same.
    let _ = window.eval(TELL);
    #[cfg(desktop)]
    let _ = window.unminimize();
    let _ = window.set_focus();
}
