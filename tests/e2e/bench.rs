//! The benchmark's contender writes as the product does.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xeploai_tests::process::{Binaries, start};

const STAFF: u32 = 30;
const CRITERIA: u32 = 30;

/// A unit's month, as `cargo xtask bench` writes it.
fn small() -> String {
    let rows = (0..STAFF * CRITERIA).map(|at| {
        let (staff, criterion, ts) = (at / CRITERIA, at % CRITERIA, 1_795_000_000_000 + u64::from(at) * 5_000);
        let subject = format!("tttt-000-cb{staff:02}");
        let row = json!({
            "unit": "tttt-000", "period": "2026-10", "subject": subject, "criterion": format!("tc{:02}", criterion + 1),
            "self": 1.5, "ts": ts, "review": 1.0, "reviewer": "tttt-000-gd", "rts": ts + 90_000_000,
        });
        format!("{row}\n")
    });
    rows.collect()
}

/// A command of the contender's entry, with the binaries that were built beside this test.
fn command(binaries: &Binaries, side: &str, values: &[(&str, String)]) -> Result<Command> {
    let entries: Value = serde_json::from_str(include_str!("../bench/contenders.json"))?;
    let words: Vec<String> = serde_json::from_value(entries["xeploai"][side].clone())?;
    let (program, args) = words.split_first().context("a program")?;
    let program = program.strip_prefix("target/release/").context("a program of the build folder")?;
    let mut command = Command::new(binaries.path(program)?);
    command.args(
        args.iter()
            .map(|word| values.iter().fold(word.clone(), |word, (name, value)| word.replace(name, value))),
    );
    Ok(command)
}

/// Streams and frames of people that a store has.
fn written(store: &Path) -> Result<(u32, u32)> {
    let count = "SELECT count(DISTINCT stream), count(*) FROM frames WHERE documents = 0";
    let connection = rusqlite::Connection::open(store).with_context(|| store.display().to_string())?;
    Ok(connection.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

#[test]
fn the_benchmark_writes_a_stream_for_each_author_and_frames_for_each_author_and_scope() -> Result<()> {
    let (folder, binaries) = (tempfile::tempdir()?, Binaries::beside_this_program()?);
    let [workload, answers] = ["small.jsonl", "answers"].map(|name| folder.path().join(name));
    std::fs::write(&workload, small())?;
    // A line for each phase that is over.
    std::fs::write(&answers, "\n".repeat(16))?;
    let mut values = vec![
        ("{dir}", folder.path().display().to_string()),
        ("{workload}", workload.display().to_string()),
        ("{port}", "0".to_owned()),
    ];
    let listening = |line: &str| line.strip_prefix("listening on ").map(|url| url.trim().to_owned());
    let log = File::create(folder.path().join("server.log"))?;
    let (server, url) = start(command(&binaries, "server", &values)?.stderr(log), listening)?;
    values.push(("{url}", url));
    let client = command(&binaries, "client", &values)?.stdin(File::open(answers)?).output()?;
    let said = String::from_utf8_lossy(&client.stdout);
    ensure!(client.status.success(), "{said}{}", String::from_utf8_lossy(&client.stderr));
    assert!(said.contains("\"idle\""), "it ends with the last phase: {said}");
    for store in ["server/server.db", "client/department/xeploai.db"] {
        let (streams, frames) = written(&folder.path().join(store))?;
        assert_eq!(streams, STAFF + 1, "{store}: the staff and the head, each with a key of his own");
        assert!(frames >= 2 * STAFF, "{store}: {frames} frames, not two for each sheet");
    }
    server.stop()
}
