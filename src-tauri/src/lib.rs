//! The window of Xếp Loại: it opens the store and hands each command to the client.
//!
//! Invariant: no rule and no SQL here; a command is a call.

mod commands;
#[cfg(target_os = "linux")]
mod instance;
mod opened;

use std::path::PathBuf;

use tauri::Manager;
use xeploai_client::opened::Opened;

use crate::commands::{Store, bundle, conflict, enrol, evidence, home, qr, ranking, sheet, sync, visit};

/// Names the folder of the store, for tests and for two people on one computer.
const STORE_VARIABLE: &str = "XEPLOAI_STORE";

/// Opens the store and the window, and returns when the window is closed, or at once when another one is open on the store,
/// which then takes what this one was started with. A store that can't be opened is no reason to stay away: the window then
/// says why.
///
/// # Errors
/// When the window system can't be used.
pub fn run() -> tauri::Result<()> {
    let context = tauri::generate_context!();
    let store = std::env::var_os(STORE_VARIABLE).map(PathBuf::from);
    let files = opened::arguments();
    #[cfg(target_os = "linux")]
    let Some(instance) = instance::first(&context.config().identifier, store.as_deref(), &files) else {
        return Ok(());
    };
    let app = builder(store).build(context)?;
    app.state::<Opened>().add(files);
    #[cfg(target_os = "linux")]
    instance::listen(&instance, app.handle());
    app.run(|_app, _event| {
        #[cfg(any(target_os = "macos", target_os = "ios", target_os = "android"))]
        if let tauri::RunEvent::Opened { urls } = _event {
            opened::open(_app, urls.iter().filter_map(|url| url.to_file_path().ok()));
        }
    });
    Ok(())
}

/// The window on a store: the one in this folder, or else the system's for this app.
fn builder(store: Option<PathBuf>) -> tauri::Builder<tauri::Wry> {
    let builder = tauri::Builder::default().manage(Opened::default());
    #[cfg(mobile)]
    let builder = builder.plugin(tauri_plugin_barcode_scanner::init());
    builder
        .setup(|app| {
            let folder = store.map_or_else(|| app.path().app_data_dir(), Ok)?;
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
            bundle::opened_bundle,
            qr::show_qr,
            qr::qr_part,
            qr::qr_texts,
            qr::read_qr,
            qr::read_invitation,
            ranking::rankings,
            ranking::periods,
        ])
}
