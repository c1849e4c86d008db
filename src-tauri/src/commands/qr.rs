//! Codes on this screen, and codes that were read on another one.

use tauri::State;
use tauri::ipc::{InvokeBody, Request};
use xeploai_client::qr::{QrError, texts};
use xeploai_client::screen;
use xeploai_core::view::{CodesView, QrView, ReadView};

use super::{Answer, Store};

/// Makes the codes of what the user has written and the server has not received.
#[tauri::command(async)]
pub(crate) fn show_qr(store: State<'_, Store>) -> Answer<CodesView> {
    store.screen(|screen| screen.show())
}

/// Draws one of them.
#[tauri::command(async)]
pub(crate) fn qr_part(store: State<'_, Store>, part: u32) -> Answer<QrView> {
    store.screen(|screen| screen.part(part))
}

/// The texts of the codes in a picture, whose bytes are the body of the call.
#[tauri::command(async)]
pub(crate) fn qr_texts(store: State<'_, Store>, request: Request<'_>) -> Answer<Vec<String>> {
    store.screen(|_| match request.body() {
        InvokeBody::Raw(bytes) => Ok(texts(bytes)?),
        InvokeBody::Json(_) => Err(QrError::NotAPicture.into()),
    })
}

/// Takes the texts of codes that show records.
#[tauri::command(async)]
pub(crate) fn read_qr(store: State<'_, Store>, texts: Vec<String>) -> Answer<ReadView> {
    store.screen(|screen| screen.read(&texts))
}

/// The invitation of a hub among the texts of codes.
#[tauri::command(async)]
pub(crate) fn read_invitation(store: State<'_, Store>, texts: Vec<String>) -> Answer<String> {
    store.screen(|_| screen::invitation(&texts))
}
