//! The main job, through the two binaries.

use anyhow::{Context, Result};
use xeploai_tests::process::{Binaries, written};
use xeploai_tests::story::play;

#[test]
fn a_centre_is_scored_offline_merged_classified_and_ranked() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut told = Vec::new();
    let played = play(&Binaries::beside_this_program()?, folder.path(), &mut told);
    let log =
        || format!("{}\n{}", String::from_utf8_lossy(&told), written(&folder.path().join("server.log")));
    played.with_context(log)?.server.stop()
}
