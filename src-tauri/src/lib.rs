//! The window of Xếp Loại: it opens the store and hands each command to the client.
//!
//! Invariant: no rule and no SQL here; a command is a call.

mod commands;

use std::path::PathBuf;

use tauri::Manager;

use crate::commands::{Store, bundle, conflict, enrol, evidence, home, qr, ranking, sheet, sync, visit};

/// Names the folder of the store, for tests and for two people on one computer.
const STORE_VARIABLE: &str = "XEPLOAI_STORE";

/// Opens the store and the window, and returns when the window is closed. A store that can't be opened is no reason
/// to stay away: the window then says why.
///
/// # Errors
/// When the window system can't be used.
pub fn run() -> tauri::Result<()> {
    let builder = tauri::Builder::default();
    #[cfg(mobile)]
    let builder = builder.plugin(tauri_plugin_barcode_scanner::init());
    builder
        .setup(|app| {
            let folder = match std::env::var_os(STORE_VARIABLE) {
                Some(folder) => PathBuf::from(folder),
                None => app.path().app_data_dir()?,
            };
            app.manage(Store::open(&folder));
            Ok(())
        })
        .invoke_handler(tauri::generate_handler![
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
            sheet::sign_minutes,
            sheet::agree_all,
            evidence::attach,
            evidence::detach,
            evidence::evidence,
            evidence::save_evidence,
            conflict::conflicts,
            conflict::resolve,
            sync::sync,
            sync::sync_status,
            visit::visit,
            visit::open_hub,
            visit::close_hub,
            visit::join_hub,
            visit::candidates,
            visit::enrol_newcomer,
            visit::decline_newcomer,
            bundle::export_bundle,
            bundle::import_bundle,
            qr::show_qr,
            qr::qr_part,
            qr::qr_texts,
            qr::read_qr,
            qr::read_invitation,
            ranking::rankings,
            ranking::periods,
        ])
        .run(tauri::generate_context!())
}
