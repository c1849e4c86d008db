//! One window on a store: a second start hands the first what it was started with. The desktop's D-Bus carries it; where
//! there is none, each start has a window of its own, and two of them on one store do no harm.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use gio::prelude::{ApplicationExt, ApplicationExtManual, FileExt};
use gio::{Application, ApplicationFlags, Cancellable, File};
use tauri::AppHandle;

use crate::opened;

/// Becomes the one on its store. Nothing when there was one: it was handed the files, and comes to the front.
pub(crate) fn first(identifier: &str, store: Option<&Path>, files: &[PathBuf]) -> Option<Application> {
    let application = Application::new(Some(&name(identifier, store)), ApplicationFlags::HANDLES_OPEN);
    let registered = application.register(Cancellable::NONE);
    let bus = application.dbus_connection().filter(|_| registered.is_ok() && application.is_remote());
    let Some(bus) = bus else { return Some(application) };
    let files: Vec<File> = files.iter().map(File::for_path).collect();
    if files.is_empty() {
        application.activate()
    } else {
        application.open(&files, "")
    }
    // This process ends: what it has said must have left it.
    bus.flush_sync(Cancellable::NONE).is_err().then_some(application)
}

/// Hears from later starts.
pub(crate) fn listen(application: &Application, app: &AppHandle) {
    let window = app.clone();
    application.connect_activate(move |_| opened::open(&window, []));
    let window = app.clone();
    application.connect_open(move |_, files, _| opened::open(&window, files.iter().filter_map(File::path)));
}

/// The app's name on the bus; of a store that was named, one of its own.
fn name(identifier: &str, store: Option<&Path>) -> String {
    let Some(store) = store else { return identifier.to_owned() };
    let mut hasher = DefaultHasher::new();
    store.hash(&mut hasher);
    format!("{identifier}.store{:x}", hasher.finish())
}
