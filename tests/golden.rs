//! The frame format, proven by a decoder that isn't ours: Python's standard library and `core/PROTOCOL.md`, see
//! `decoder/`. It needs Python 3.11 or later and none of its packages.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Runs a script of `decoder/` and gives what it said last.
fn python(script: &str, arguments: &[&str]) -> Result<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Without `-B` it leaves compiled files beside the sources.
    let output = Command::new("python3")
        .arg("-B")
        .arg(here.join("decoder").join(script))
        .args(arguments)
        .current_dir(here.join(".."))
        .output()
        .context("python3 is missing: run `cargo xtask setup all`")?;
    let said = String::from_utf8(output.stdout)?;
    ensure!(output.status.success(), "{script}: {said}{}", String::from_utf8_lossy(&output.stderr));
    Ok(said.lines().last().context("it says nothing")?.to_owned())
}

fn golden_files() -> Result<usize> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/golden");
    let names = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    Ok(names.iter().filter(|name| name.extension().is_some_and(|end| end == "json")).count())
}

#[test]
fn its_hash_and_signature_are_those_of_the_published_vectors() -> Result<()> {
    ensure!(python("blake3.py", &[])?.starts_with("blake3: "), "it checked the hash");
    ensure!(python("ed25519.py", &[])?.starts_with("ed25519: "), "it checked the signature");
    Ok(())
}

#[test]
fn a_second_decoder_verifies_and_reads_every_golden_frame() -> Result<()> {
    let said = python("verify_golden.py", &["core/tests/golden"])?;
    ensure!(said == format!("{} passed, 0 failed", golden_files()?), "{said}");
    Ok(())
}

#[test]
fn it_refuses_every_golden_frame_with_one_bit_flipped() -> Result<()> {
    let said = python("verify_golden.py", &["core/tests/golden", "--mutate"])?;
    ensure!(said == format!("{} passed, 0 failed", golden_files()?), "{said}");
    Ok(())
}
