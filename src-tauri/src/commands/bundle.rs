//! Records in files.

use std::path::PathBuf;

use tauri::ipc::{InvokeBody, Request};
use tauri::{AppHandle, Manager, State};
use xeploai_client::opened::{Opened, Taken};
use xeploai_client::{ClientError, Refused};
use xeploai_core::view::BundleView;

use super::{Answer, Store};

/// Saves what waits where people look for what they have saved, and says where.
#[tauri::command(async)]
pub(crate) fn export_bundle(app: AppHandle, store: State<'_, Store>) -> Answer<BundleView> {
    store.call(|client| {
        let (bytes, mut view) = client.export_bundle(None)?;
        let file = folder(&app)?.join(&view.file);
        xeploai_client::files::replace(&file, &bytes)?;
        view.file = file.display().to_string();
        Ok(view)
    })
}

/// Takes in a file, whose bytes are the body of the call.
#[tauri::command(async)]
pub(crate) fn import_bundle(store: State<'_, Store>, request: Request<'_>) -> Answer<BundleView> {
    store.call(|client| match request.body() {
        InvokeBody::Raw(bytes) => client.import_bundle(bytes),
        InvokeBody::Json(_) => Err(Refused::NotAMessage.into()),
    })
}

/// Takes in the next of the files that the system gave the app to open.
#[tauri::command(async)]
pub(crate) fn opened_bundle(store: State<'_, Store>, opened: State<'_, Opened>) -> Answer<Option<Taken>> {
    store.call(|client| opened.next(client))
}

/// The folder of downloads, or else the person's own.
pub(super) fn folder(app: &AppHandle) -> Result<PathBuf, ClientError> {
    let paths = app.path();
    let folder = paths.download_dir().or_else(|_| paths.home_dir());
    let folder = folder.map_err(|error| ClientError::File(std::io::Error::other(error)))?;
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
