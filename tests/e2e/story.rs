//! The main job, through the two binaries.

use anyhow::Result;
use xeploai_tests::process::{Binaries, written};
use xeploai_tests::story::play;

#[test]
fn a_centre_is_scored_offline_merged_classified_and_ranked() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let played = play(&Binaries::beside_this_program()?, folder.path(), &mut std::io::stdout());
    played.inspect_err(|_| eprintln!("{}", written(&folder.path().join("server.log"))))?.server.stop()
}
