//! Writes a folder of samples for each fuzz target: `seed FOLDER`. An example of `core`, so that it needs no sanitizer.

#![expect(clippy::unwrap_used, reason = "what is wrong here fails the run")]

#[path = "../../core/tests/allocation/samples.rs"]
mod samples;

use std::path::{Path, PathBuf};

fn main() {
    let corpus = PathBuf::from(std::env::args().nth(1).unwrap());
    for samples::Samples { target, inputs } in
        samples::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"))
    {
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder).unwrap();
        for (at, input) in inputs.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{at}")), input).unwrap();
        }
    }
}
