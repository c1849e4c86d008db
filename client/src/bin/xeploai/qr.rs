//! `qr`: codes as texts and pictures, and pictures of codes read.
//!
//! Invariant: whatever is whole is taken in, whatever else is in the pictures.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use xeploai_client::qr::{Codes, Collector, QrError, png, texts};
use xeploai_client::{App, ClientError};
use xeploai_core::view::CodeView;

use crate::args::QrCommand;
use crate::print::{self, Output};
use crate::tell_cause;

/// Longest file that is read: photographs are shorter.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Shows codes or reads them.
///
/// # Errors
/// When nothing waits, nothing whole is in the files, a file can't be read or written, or the store fails.
pub(crate) fn run(app: &App, command: &QrCommand, out: &mut Output) -> Result<ExitCode, ClientError> {
    match command {
        QrCommand::Show { all, parts, png } => show(app, *all, *parts, png.as_deref(), out),
        QrCommand::Read { files } => read(app, files, out),
    }
}

fn show(
    app: &App,
    all: bool,
    parts: Option<u32>,
    folder: Option<&Path>,
    out: &mut Output,
) -> Result<ExitCode, ClientError> {
    let (codes, view) = app.qr_codes(all)?;
    let needed = view.needed;
    let parts = if codes.is_series() { parts.unwrap_or(needed + needed / 4 + 1) } else { 1 };
    let code = |part| CodeView { part, needed, text: codes.text(part) };
    let shown: Vec<CodeView> = (0..parts).map(code).collect();
    if let Some(folder) = folder {
        draw(&codes, parts, folder)?;
    }
    out.show_lines(&shown, |codes| {
        let texts: String = codes.iter().map(|code| code.text.clone() + "\n").collect();
        format!("{texts}{} ({} byte)\n", view.sentence.vi, view.bytes)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn draw(codes: &Codes, parts: u32, folder: &Path) -> Result<(), ClientError> {
    std::fs::create_dir_all(folder)?;
    for part in 0..parts {
        let picture = png(&codes.text(part)).ok_or(QrError::TooMuch)?;
        std::fs::write(folder.join(format!("xeploai-{part:04}.png")), picture)?;
    }
    Ok(())
}

fn read(app: &App, files: &[PathBuf], out: &mut Output) -> Result<ExitCode, ClientError> {
    let (mut collector, mut payloads, mut refused) = (Collector::default(), BTreeSet::new(), None);
    for file in files {
        let mut bytes = Vec::new();
        File::open(file)?.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
        let read = texts(&bytes).map(|texts| texts.into_iter().map(|text| collector.take(&text)).collect());
        for taken in read.unwrap_or_else(|error| vec![Err(error)]) {
            match taken {
                Ok(progress) => payloads.extend(progress.payload),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
    }
    let left = collector.incomplete().or(refused);
    if payloads.is_empty() {
        return Err(left.unwrap_or(QrError::NoCode).into());
    }
    let payloads: Vec<Vec<u8>> = payloads.into_iter().collect();
    out.show(&app.import_qr(&payloads)?, print::bundle_text)?;
    match left {
        None => Ok(ExitCode::SUCCESS),
        Some(error) => {
            tell_cause(&error.into());
            Ok(ExitCode::from(2))
        }
    }
}
