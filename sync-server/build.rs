//! Makes sure that the console's folder exists: a server built before the interface still compiles, and says so.

use std::path::Path;
use std::{fs, io};

const NOTE: &str = "<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\"><title>Xếp Loại</title>\
<p>Giao diện chưa được dựng. Chạy: cargo xtask setup, rồi dựng lại máy chủ.</p></html>\n";

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/build");
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed={}", folder.display());
    if !folder.join("index.html").exists() {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("index.html"), NOTE)?;
    }
    Ok(())
}
