//! Builds Tauri's context: configuration, permissions and the page.
fn main() {
    tauri_build::build();
}
