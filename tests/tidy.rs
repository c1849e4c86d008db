//! The rules of the repository, checked: arrows between crates, what `core` may need, sizes, and what is never committed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Which crate of ours may need which, in any kind of dependency.
const ARROWS: [(&str, &[&str]); 6] = [
    ("xeploai-core", &[]),
    ("xeploai-client", &["xeploai-core"]),
    ("xeploai-server", &["xeploai-core"]),
    ("xeploai-app", &["xeploai-client", "xeploai-core"]),
    // On itself for a feature that only its own tests switch on.
    ("xeploai-tests", &["xeploai-client", "xeploai-core", "xeploai-server", "xeploai-tests"]),
    ("xtask", &["xeploai-tests"]),
];
/// The rules are pure: no database, no network, no window, at any depth.
const NEVER_IN_CORE: [&str; 6] = ["rusqlite", "sqlx", "tokio", "axum", "reqwest", "tauri"];
const SQL: [&str; 6] = ["SELECT ", "INSERT INTO", "INSERT OR", "UPDATE ", "DELETE FROM", "CREATE TABLE"];
const CODE: [&str; 8] = ["rs", "ts", "svelte", "css", "js", "mjs", "sql", "py"];
const LINES_MAX: usize = 600;
const README_LINES_MAX: usize = 250;
/// Bugs that `cargo xtask planted` plants; a change of the code that one of them is in changes the patch too.
const BUGS_MIN: usize = 12;
const DECISION_HEADINGS: [&str; 5] =
    ["## Context", "## Options", "## Choice", "## Consequence", "## When to revisit"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn said(program: &str, args: &[&str]) -> Result<String> {
    let output = Command::new(program).args(args).current_dir(root()).output()?;
    ensure!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// Every file that is committed or would be, with its text. Pictures and other binary files are left out.
fn files() -> Result<Vec<(String, String)>> {
    let names = said("git", &["ls-files", "-co", "--exclude-standard"])?;
    let read = |name: &str| Some((name.to_owned(), std::fs::read_to_string(root().join(name)).ok()?));
    Ok(names.lines().filter_map(read).collect())
}

fn generated(name: &str) -> bool {
    name.contains("/generated/")
}

#[test]
fn crates_need_each_other_only_along_the_arrows() -> Result<()> {
    let metadata: Value =
        serde_json::from_str(&said("cargo", &["metadata", "--format-version=1", "--no-deps"])?)?;
    let allowed = BTreeMap::from(ARROWS);
    for package in metadata["packages"].as_array().context("packages")? {
        let name = package["name"].as_str().context("a name")?;
        let may = allowed
            .get(name)
            .with_context(|| format!("{name} is not in the map: add it to ARROWS and README"))?;
        let needs = package["dependencies"].as_array().context("dependencies")?.iter();
        let ours =
            needs.filter_map(|needed| needed["name"].as_str()).filter(|needed| allowed.contains_key(needed));
        let wrong: Vec<_> = ours.filter(|needed| !may.contains(needed)).collect();
        ensure!(wrong.is_empty(), "{name} may not depend on {wrong:?}");
    }
    Ok(())
}

#[test]
fn core_needs_no_database_network_or_window() -> Result<()> {
    let tree = said("cargo", &["tree", "--package=xeploai-core", "--edges=normal,build", "--prefix=none"])?;
    let needed: Vec<_> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    ensure!(needed.first() == Some(&"xeploai-core"), "cargo tree starts at core");
    let wrong: Vec<_> = needed.iter().filter(|name| NEVER_IN_CORE.contains(name)).collect();
    ensure!(wrong.is_empty(), "core depends on {wrong:?}");
    Ok(())
}

#[test]
fn routes_have_no_sql() -> Result<()> {
    for (name, text) in files()?.iter().filter(|(name, _)| name.starts_with("sync-server/src/routes")) {
        let wrong = text.lines().find(|line| SQL.iter().any(|word| line.contains(word)));
        ensure!(wrong.is_none(), "{name} talks to the database: {wrong:?}; move it to storage");
    }
    Ok(())
}

#[test]
fn files_are_short_enough_to_read() -> Result<()> {
    let code =
        |name: &str| CODE.iter().any(|end| Path::new(name).extension().is_some_and(|found| found == *end));
    for (name, text) in files()?.iter().filter(|(name, _)| code(name) && !generated(name)) {
        let lines = text.lines().count();
        ensure!(lines <= LINES_MAX, "{name} has {lines} lines, more than {LINES_MAX}: split it");
    }
    let readme = std::fs::read_to_string(root().join("README.md"))?.lines().count();
    ensure!(readme <= README_LINES_MAX, "README.md has {readme} lines, more than {README_LINES_MAX}");
    Ok(())
}

#[test]
fn no_address_of_a_package_registry_is_committed() -> Result<()> {
    // In two parts each, so that this file does not hold them.
    let hosts = [
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("index.crates", ".io"),
        ("static.crates", ".io"),
        ("deb.debian", ".org"),
        ("pythonhosted", ".org"),
        ("pypi", ".org"),
    ]
    .map(|(start, end)| format!("{start}{end}"));
    for (name, text) in files()? {
        let wrong = hosts.iter().find(|host| text.contains(host.as_str()));
        ensure!(wrong.is_none(), "{name} names a package registry's host: {wrong:?}");
        let locked = name.ends_with("package-lock.json") && text.contains("\"resolved\": \"http");
        ensure!(!locked, "{name} records download addresses: set omit-lockfile-registry-resolved");
    }
    Ok(())
}

#[test]
fn decisions_say_when_to_revisit_them() -> Result<()> {
    for (name, text) in files()?.iter().filter(|(name, _)| name.starts_with("core/decisions/")) {
        let lacks: Vec<_> =
            DECISION_HEADINGS.iter().filter(|wanted| !text.lines().any(|line| line == **wanted)).collect();
        ensure!(lacks.is_empty(), "{name} lacks {lacks:?}");
    }
    Ok(())
}

/// Nasty cases of the sync design: each has happened to somebody.
const CASES: u32 = 24;

#[test]
fn every_nasty_case_of_sync_is_a_named_test() -> Result<()> {
    let files = files()?;
    let tests = |case: u32| {
        let name = format!("fn case_{case:02}_");
        files.iter().filter(|(name, _)| name.ends_with(".rs")).any(|(_, text)| text.contains(&name))
    };
    let lacking: Vec<_> = (1..=CASES).filter(|case| !tests(*case)).collect();
    ensure!(lacking.is_empty(), "no test is named after the cases {lacking:?}");
    Ok(())
}

#[test]
fn no_test_is_switched_off() -> Result<()> {
    // In two parts, so that this file does not hold it.
    let ignored = ["#[", "ignore"].concat();
    for (name, text) in files()?.iter().filter(|(name, _)| name.ends_with(".rs")) {
        ensure!(!text.contains(&ignored), "{name} has a test that does not run");
    }
    Ok(())
}

#[test]
fn every_planted_bug_applies_to_this_tree() -> Result<()> {
    let patches = said("git", &["ls-files", "-co", "--exclude-standard", "tests/planted"])?;
    ensure!(patches.lines().count() >= BUGS_MIN, "the simulator has to find {BUGS_MIN} bugs at least");
    patches.lines().try_for_each(|patch| said("git", &["apply", "--check", patch]).map(drop))
}
