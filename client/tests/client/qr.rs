//! Codes by the command line, and what the protocol says of them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;
use xeploai_client::carrier::{Carrier, Server};
use xeploai_client::qr::{self, Codes};
use xeploai_client::{App, ClientError, Environment};
use xeploai_core::view::{Column, FieldName, ScoreRequest};

use crate::department::{Department, HEAD, STAFF};
use crate::device::criterion_of;

const PROTOCOL: &str = include_str!("../../../core/PROTOCOL.md");

struct Line(Arc<Mutex<Department>>);

impl Carrier for Line {
    fn exchange(&self, _: &Server, path: &str, body: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        let mut department = self.0.lock().unwrap();
        match path {
            "/enrol" => Ok(department.enrol(&body)),
            _ => Ok(department.sync(&body).map_err(ClientError::Server)?.0),
        }
    }
}

/// Stores with their keys in files, as the command line opens them.
struct Stores {
    folder: TempDir,
    department: Arc<Mutex<Department>>,
}

impl Stores {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), department: Arc::new(Mutex::new(Department::new())) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A store of one person with scores that wait.
    fn scored(&self, code: &str, criteria: u16) {
        let folder = self.path(code);
        let line = Arc::new(Line(Arc::clone(&self.department)));
        let app =
            App::open_with(&folder, Environment { carrier: line, ..Environment::system(&folder) }).unwrap();
        app.enrol(&format!("https://so.test/#{code}"), "Điện thoại").unwrap();
        let sheet = app.sheet("me").unwrap();
        for criterion in 1..=criteria {
            let token = criterion_of(&sheet, criterion).cells[0].token.clone();
            let (column, field, text) = (Column::Own, FieldName::Points, "1".to_owned());
            app.score(&ScoreRequest {
                sheet: sheet.summary.id.clone(),
                criterion,
                column,
                field,
                text,
                token,
            })
            .unwrap();
        }
    }

    /// What the command line says to `qr`, with its exit code.
    fn says<T: AsRef<std::ffi::OsStr>>(&self, code: &str, args: &[T]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xeploai"));
        let output = command.arg("--store").arg(self.path(code)).args(["--json", "qr"]).args(args).output();
        let output = output.unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    fn reads(&self, files: &[&Path]) -> (i32, Value) {
        let args: Vec<&std::ffi::OsStr> = [std::ffi::OsStr::new("read")]
            .into_iter()
            .chain(files.iter().map(|file| file.as_os_str()))
            .collect();
        let (code, said) = self.says(HEAD, &args);
        (code, serde_json::from_str(&said).unwrap())
    }
}

#[test]
fn the_command_line_shows_codes_as_texts_and_pictures_and_reads_both() {
    let stores = Stores::new();
    stores.scored(STAFF, 6);
    stores.scored(HEAD, 0);
    let pictures = stores.path("pictures");
    let (code, said) = stores.says(STAFF, &["show", "--png", pictures.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    let shown: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&shown["part"], &shown["needed"]), (&0.into(), &1.into()));
    let text = stores.path("codes.txt");
    std::fs::write(&text, format!("Mã của Lụa:\n{}\r\n", shown["text"].as_str().unwrap())).unwrap();

    let (code, view) = stores.reads(&[&pictures.join("xeploai-0000.png")]);
    assert_eq!((code, &view["sheets"], &view["people"][0]), (0, &1.into(), &"Hà Thị Lụa".into()), "{view}");
    let (code, view) = stores.reads(&[&text]);
    assert_eq!((code, &view["sheets"]), (0, &0.into()), "the same again: {view}");
}

#[test]
fn the_command_line_says_what_is_missing_and_takes_what_is_whole() {
    let stores = Stores::new();
    stores.scored(STAFF, 3);
    stores.scored(HEAD, 0);
    let (one, some, other) = (stores.path("one.txt"), stores.path("some.txt"), stores.path("other.txt"));
    let (_, said) = stores.says(STAFF, &["show"]);
    let shown: Value = serde_json::from_str(&said).unwrap();
    std::fs::write(&one, shown["text"].as_str().unwrap()).unwrap();
    let series = Codes::new(vec![7; 4_000]).unwrap();
    let texts = |parts: std::ops::Range<u32>| parts.map(|part| series.text(part) + "\n").collect::<String>();
    std::fs::write(&some, texts(1..8)).unwrap();
    std::fs::write(&other, "https://so.test/#0123-4567-89AB-CDEF\n").unwrap();

    let (code, error) = stores.reads(&[&some]);
    assert_eq!((code, &error["code"]), (1, &"qr_incomplete".into()));
    assert!(error["message"]["vi"].as_str().unwrap().contains("đã đọc 7/11 phần"), "{error}");
    let (code, error) = stores.reads(&[&other]);
    assert_eq!((code, &error["code"]), (1, &"qr_is_enrolment".into()));
    let (code, view) = stores.reads(&[&other, &some, &one]);
    assert_eq!((code, &view["sheets"]), (2, &1.into()), "what is whole is taken in: {view}");
    std::fs::write(&some, texts(0..11)).unwrap();
    let (code, error) = stores.reads(&[&some]);
    assert_eq!((code, &error["code"]), (1, &"qr_damaged".into()), "whole, and no message");
}

#[test]
fn the_protocol_says_what_codes_are() {
    for (name, value) in [
        ("CODE_BYTES_MAX", qr::CODE_BYTES_MAX),
        ("SYMBOL_BYTES", qr::SYMBOL_BYTES),
        ("PAYLOAD_BYTES_MAX", qr::PAYLOAD_BYTES_MAX),
    ] {
        let line = format!("| `{name}` | {value} |");
        assert!(PROTOCOL.contains(&line), "PROTOCOL.md lacks the line: {line}");
    }
    let example = Codes::new(b"xeploai".to_vec()).unwrap().text(0);
    assert!(PROTOCOL.lines().any(|line| line == example), "PROTOCOL.md lacks the line: {example}");
    let series = Codes::new(vec![0x11; 1_000]).unwrap();
    for part in [1, 3] {
        let text = series.text(part);
        let shown = format!("{}…{}", &text[..36], &text[text.len() - 6..]);
        assert!(PROTOCOL.lines().any(|line| line == shown), "PROTOCOL.md lacks the line: {shown}");
    }
}
