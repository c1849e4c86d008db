//! The sources of the client, read: what comes from outside comes through the environment.

use std::path::{Path, PathBuf};

/// What asks the system for time, randomness, files or network, and the only files that may.
const DOORS: [(&str, &[&str]); 9] = [
    ("Timestamp::now", &["environment.rs"]),
    ("SystemTime", &[]),
    ("Instant", &[]),
    ("getrandom", &["environment.rs"]),
    ("std::fs", &["environment.rs", "files.rs", "open.rs", "keys/file.rs", "keys/marks.rs"]),
    ("reqwest", &["carrier/http.rs", "carrier/mod.rs"]),
    ("tokio::net", &["lan/guest.rs", "lan/hub.rs", "lan/listen.rs"]),
    ("if_addrs", &["lan/interfaces.rs"]),
    // Its order differs from run to run.
    ("HashMap", &[]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn nothing_but_the_environment_asks_the_system() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    // The command line is a program of its own.
    let library = found.iter().filter(|path| !path.starts_with(root.join("bin")));
    for path in library {
        let (name, text) = (path.strip_prefix(&root).unwrap(), std::fs::read_to_string(path).unwrap());
        for (door, may) in DOORS {
            let allowed = may.iter().any(|allowed| name == Path::new(allowed));
            assert!(allowed || !text.contains(door), "{}: {door} is the environment's", name.display());
        }
    }
}
