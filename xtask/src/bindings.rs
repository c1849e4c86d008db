//! What is generated from the types of `core`: TypeScript types of the views, and the JSON Schema of criteria-set files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::shell::{cargo, root, run};

/// One set of features for both, so that `core` is built once.
const FEATURES: &str = "--features=bindings,schema";

fn committed() -> PathBuf {
    root().join("ui/src/lib/api/generated")
}

fn committed_schema() -> PathBuf {
    root().join("core/rulesets/schema.json")
}

/// Writes them anew; what is no longer a view goes. A core that does not compile leaves them as they are.
pub(crate) fn write() -> Result<()> {
    let (fresh, schema) = (fresh()?, fresh_schema()?);
    let _ = fs::remove_dir_all(committed());
    fs::create_dir_all(committed())?;
    for (name, text) in fresh {
        fs::write(committed().join(name), text)?;
    }
    Ok(fs::write(committed_schema(), schema)?)
}

/// Checks that the committed ones equal a fresh generation.
pub(crate) fn check() -> Result<()> {
    let (is, should) = (read(&committed())?, fresh()?);
    let names = is.keys().chain(should.keys());
    let wrong: BTreeSet<_> = names.filter(|name| is.get(*name) != should.get(*name)).collect();
    ensure!(wrong.is_empty(), "run `cargo xtask bindings` and commit: {wrong:?} differ from core/src/view/");
    let same = fs::read_to_string(committed_schema())? == fresh_schema()?;
    ensure!(same, "run `cargo xtask bindings` and commit: schema.json differs from core/src/ruleset/");
    Ok(())
}

/// What a generation gives now, file by file.
fn fresh() -> Result<BTreeMap<String, String>> {
    let folder = std::env::temp_dir().join(format!("xeploai-bindings-{}", std::process::id()));
    let args = ["test", "--quiet", "--package=xeploai-core", "--lib", FEATURES, "export_bindings"];
    run(cargo(&args).env("TS_RS_EXPORT_DIR", &folder).stdout(std::process::Stdio::null()))?;
    let files = read(&folder)?;
    fs::remove_dir_all(&folder)?;
    ensure!(!files.is_empty(), "no bindings were generated");
    Ok(files)
}

fn fresh_schema() -> Result<String> {
    let args = ["run", "--quiet", "--package=xeploai-core", FEATURES, "--example=schema"];
    let output = cargo(&args).stderr(std::process::Stdio::inherit()).output()?;
    ensure!(output.status.success(), "cargo {}: {}", args.join(" "), output.status);
    Ok(String::from_utf8(output.stdout)?)
}

fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let entry = entry?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?);
    }
    Ok(files)
}
