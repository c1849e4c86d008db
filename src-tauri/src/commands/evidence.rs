//! Photos and documents that stand behind a score.

use tauri::ipc::{InvokeBody, Request, Response};
use tauri::{AppHandle, State};
use xeploai_client::{ClientError, Refused};
use xeploai_core::view::{AttachRequest, EvidenceRef, SheetView};

use super::bundle::folder;
use super::{Answer, Store};

/// Names the header of a call whose body is a file: what to do with it, as JSON in ASCII.
const REQUEST: &str = "x-request";

/// Attaches a file, whose bytes are the body of the call.
#[tauri::command(async)]
pub(crate) fn attach(store: State<'_, Store>, request: Request<'_>) -> Answer<SheetView> {
    store.call(|app| match request.body() {
        InvokeBody::Raw(file) => app.attach(&stated(&request)?, file),
        InvokeBody::Json(_) => Err(Refused::EvidenceType.into()),
    })
}

fn stated(request: &Request<'_>) -> Result<AttachRequest, ClientError> {
    let header = request.headers().get(REQUEST).ok_or(Refused::NotAMessage)?;
    Ok(serde_json::from_slice(header.as_bytes())?)
}

/// Takes a piece of evidence away.
#[tauri::command(async)]
pub(crate) fn detach(store: State<'_, Store>, request: EvidenceRef) -> Answer<SheetView> {
    store.call(|app| app.detach(&request))
}

/// The bytes of a piece of evidence, or of its thumbnail.
#[tauri::command(async)]
pub(crate) fn evidence(store: State<'_, Store>, sheet: &str, content: &str) -> Answer<Response> {
    store.call(|app| Ok(Response::new(app.evidence(sheet, content)?)))
}

/// Saves a piece of evidence where people look for what they have saved, and says where.
#[tauri::command(async)]
pub(crate) fn save_evidence(
    app: AppHandle,
    store: State<'_, Store>,
    sheet: &str,
    content: &str,
    name: &str,
) -> Answer<String> {
    store.call(|client| {
        let (bytes, name) = client.evidence_file(sheet, content, name)?;
        // Another file of that name is another content.
        let short = content.get(..8).unwrap_or_default();
        let file = folder(&app)?.join(format!("{short}-{name}"));
        xeploai_client::files::replace(&file, &bytes)?;
        Ok(file.display().to_string())
    })
}
