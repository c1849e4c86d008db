//! The shell on a desktop.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> tauri::Result<()> {
    xeploai_app::run()
}
