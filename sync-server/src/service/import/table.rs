//! A CSV file as rows of named columns.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use crate::error::{Refused, ServerError};

/// Most rows that are read: an import is one transaction.
const ROWS_MAX: usize = 20_000;

/// A file that could be read: its columns are there, each row is still to be judged.
#[derive(Debug)]
pub(super) struct Table {
    columns: HashMap<String, usize>,
    rows: Vec<(u64, Option<csv::StringRecord>)>,
}

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    columns: &'a HashMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    /// What stands in a column, in NFC and without spaces around it; empty where there is none.
    pub(super) fn get(&self, column: &str) -> String {
        let text = self.columns.get(column).and_then(|index| self.record.get(*index)).unwrap_or_default();
        text.trim().nfc().collect()
    }

    /// As [`Self::get`]; nothing when the file has no such column.
    pub(super) fn optional(&self, column: &str) -> Option<String> {
        self.columns.contains_key(column).then(|| self.get(column))
    }
}

impl Table {
    /// Reads a file: UTF-8, with or without a byte order mark, commas or semicolons between columns.
    ///
    /// # Errors
    /// [`Refused::NotCsv`] when it can't be read; [`Refused::ColumnMissing`] when one of `needed` is not there.
    pub(super) fn read(bytes: &[u8], needed: &[&'static str]) -> Result<Self, ServerError> {
        let text = std::str::from_utf8(bytes).map_err(|_| Refused::NotCsv)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let header = text.lines().next().unwrap_or_default();
        // Spreadsheets with Vietnamese settings write semicolons: the comma is in their numbers.
        let semicolons = header.matches(';').count() > header.matches(',').count();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(if semicolons { b';' } else { b',' })
            .from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|_| Refused::NotCsv)?.clone();
        let columns: HashMap<String, usize> =
            headers.iter().enumerate().map(|(index, name)| (name.trim().to_lowercase(), index)).collect();
        for column in needed {
            if !columns.contains_key(*column) {
                return Err(Refused::ColumnMissing(column).into());
            }
        }
        let mut rows = Vec::new();
        for (index, record) in reader.records().take(ROWS_MAX).enumerate() {
            let line = match &record {
                Ok(record) => record.position().map(csv::Position::line),
                Err(error) => error.position().map(csv::Position::line),
            };
            rows.push((line.unwrap_or(index as u64 + 2), record.ok()));
        }
        Ok(Self { columns, rows })
    }

    /// The rows with their line numbers; nothing for one that has too few or too many columns.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u64, Option<Row<'_>>)> {
        let columns = &self.columns;
        self.rows
            .iter()
            .map(move |(line, record)| (*line, record.as_ref().map(|record| Row { columns, record })))
    }
}
