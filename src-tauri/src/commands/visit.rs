//! Visits: this device as a hub, and as the guest of another one.

use tauri::State;
use xeploai_core::view::{CandidateView, SyncReport, VisitView};

use super::{Answer, Store};

/// The hub and the meeting that are under way here, or were last.
#[tauri::command(async)]
pub(crate) fn visit(store: State<'_, Store>) -> Answer<VisitView> {
    store.visit(|visit| Ok(visit.view()))
}

/// Opens a hub.
#[tauri::command(async)]
pub(crate) fn open_hub(store: State<'_, Store>) -> Answer<VisitView> {
    store.visit(|visit| visit.open_hub())
}

/// Closes it.
#[tauri::command(async)]
pub(crate) fn close_hub(store: State<'_, Store>) -> Answer<VisitView> {
    store.visit(|visit| Ok(visit.close_hub()))
}

/// Comes to the hub of an invitation and exchanges everything. Waits for the network.
#[tauri::command(async)]
pub(crate) fn join_hub(store: State<'_, Store>, invitation: &str) -> Answer<SyncReport> {
    store.visit(|visit| visit.join_hub(invitation))
}

/// Those whom this person may enrol on a visit.
#[tauri::command(async)]
pub(crate) fn candidates(store: State<'_, Store>) -> Answer<Vec<CandidateView>> {
    store.visit(|visit| visit.candidates())
}

/// Says whose the new device is that waits at this hub.
#[tauri::command(async)]
pub(crate) fn enrol_newcomer(store: State<'_, Store>, number: u32, person: &str) -> Answer<VisitView> {
    store.visit(|visit| visit.enrol_newcomer(number, person))
}

/// Sends it away.
#[tauri::command(async)]
pub(crate) fn decline_newcomer(store: State<'_, Store>, number: u32) -> Answer<VisitView> {
    store.visit(|visit| visit.decline_newcomer(number))
}
