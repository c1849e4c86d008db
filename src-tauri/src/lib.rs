//! The window of Xếp Loại: it opens the store and hands each command to the client.
//!
//! Invariant: no rule and no SQL here; a command is a call.

use std::process::ExitCode;

/// Opens the store and the window, and returns when the window is closed.
pub fn run() -> ExitCode {
    let outcome = tauri::Builder::default().run(tauri::generate_context!());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
