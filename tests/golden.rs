//! Frames, messages and rules, proven by code that isn't ours: Python's standard library and `core/PROTOCOL.md`, see
//! `decoder/`, or `core/SCORING.md`, see `core/tests/vectors/`. It needs Python 3.11 or later and none of its packages.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

const VECTORS: &str = "core/tests/vectors";

/// Runs a script and gives what it said last.
fn python(script: &str, arguments: &[&str]) -> Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // Without `-B` it leaves compiled files beside the sources.
    let output = Command::new("python3")
        .arg("-B")
        .arg(root.join(script))
        .args(arguments)
        .current_dir(root)
        .output()
        .context("python3 is missing: run `cargo xtask setup all`")?;
    let said = String::from_utf8(output.stdout)?;
    ensure!(output.status.success(), "{script}: {said}{}", String::from_utf8_lossy(&output.stderr));
    Ok(said.lines().last().context("it says nothing")?.to_owned())
}

/// Has every golden file of a folder verified, or mutated.
fn verify(script: &str, folder: &str, mutate: &[&str]) -> Result<()> {
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder))?;
    let names = files.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let golden = names.iter().filter(|name| name.extension().is_some_and(|end| end == "json")).count();
    let said = python(&format!("tests/decoder/{script}"), &[&[folder], mutate].concat())?;
    ensure!(golden > 0 && said == format!("{golden} passed, 0 failed"), "{said}");
    Ok(())
}

#[test]
fn its_hash_signature_and_key_agreement_are_those_of_the_published_vectors() -> Result<()> {
    for name in ["blake3", "ed25519", "channel"] {
        let said = python(&format!("tests/decoder/{name}.py"), &[])?;
        ensure!(said.starts_with(&format!("{name}: ")), "it checked {name}");
    }
    Ok(())
}

#[test]
fn a_second_decoder_verifies_and_reads_every_golden_frame() -> Result<()> {
    verify("verify_golden.py", "core/tests/golden", &[])
}

#[test]
fn it_refuses_every_golden_frame_with_one_bit_flipped() -> Result<()> {
    verify("verify_golden.py", "core/tests/golden", &["--mutate"])
}

#[test]
fn a_second_decoder_verifies_and_reads_every_golden_message() -> Result<()> {
    verify("verify_messages.py", "core/tests/golden/messages", &[])
}

#[test]
fn it_refuses_every_golden_message_with_one_signed_bit_flipped() -> Result<()> {
    verify("verify_messages.py", "core/tests/golden/messages", &["--mutate"])
}

#[test]
fn the_committed_vectors_of_the_rules_are_what_a_fresh_generation_makes() -> Result<()> {
    let fresh = tempfile::tempdir()?;
    let folder = fresh.path().to_str().context("a folder with another name")?;
    python(&format!("{VECTORS}/generate.py"), &[folder])?;
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(VECTORS);
    let mut compared = 0;
    for entry in std::fs::read_dir(fresh.path())? {
        let name = entry?.file_name();
        let alike = std::fs::read(fresh.path().join(&name))? == std::fs::read(committed.join(&name))?;
        ensure!(alike, "{name:?} is another: run `python3 {VECTORS}/generate.py`");
        compared += 1;
    }
    let kept = std::fs::read_dir(committed)?
        .filter_map(|entry| entry.ok()?.path().extension().map(ToOwned::to_owned));
    ensure!(
        compared > 0 && kept.filter(|end| end == "json").count() == compared,
        "a file that nothing makes"
    );
    Ok(())
}
