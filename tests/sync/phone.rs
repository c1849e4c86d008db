//! A phone of the office: its app, and what a test asks of it.

use std::path::PathBuf;
use std::sync::Arc;

use xeploai_client::{App, ClientError};
use xeploai_core::ids::{DepartmentId, FrameHash};
use xeploai_core::points::Points;
use xeploai_core::ruleset::RulesetId;
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::sync::stream::Certificate;
use xeploai_core::view::{Column, FieldName, Place, ScoreRequest, SheetView, SyncReport};
use xeploai_server::service::Service;

use crate::office::{Files, PERIOD, copy_of, post_of};

pub(crate) struct Phone {
    pub(crate) app: Arc<App>,
    pub(crate) folder: PathBuf,
    pub(crate) department: DepartmentId,
}

impl Phone {
    pub(crate) fn sync(&self) -> SyncReport {
        let report = self.app.sync().unwrap();
        assert!(report.ok, "{report:?}");
        report
    }

    /// What the phone's files are now.
    pub(crate) fn back_up(&self) -> Files {
        copy_of(&self.folder)
    }

    /// Certificate of the stream that is written now.
    pub(crate) fn certificate(&self) -> Certificate {
        let own = "SELECT certificate FROM streams JOIN accounts ON stream = id WHERE active = 1";
        let bytes: Vec<u8> = self.store().query_row(own, [], |row| row.get(0)).unwrap();
        Certificate::decode(&bytes).unwrap()
    }

    /// Syncs with another phone instead of the server.
    pub(crate) fn meet(&self, hub: &Phone) -> SyncReport {
        let report = self.meets(&hub.certificate(), |request| hub.app.serve(&request));
        assert!(report.ok, "{report:?}");
        report
    }

    /// Syncs with this server, whichever the line leads to.
    pub(crate) fn sync_with(&self, server: &Service) -> SyncReport {
        let answer =
            |request: Vec<u8>| server.sync(&request).map_err(|error| ClientError::Server(error.view()));
        let report = self.exchange(None, answer);
        assert!(report.ok, "{report:?}");
        report
    }

    /// Syncs with a device that answers as it likes.
    pub(crate) fn meets(
        &self,
        hub: &Certificate,
        answer: impl FnMut(Vec<u8>) -> Result<Vec<u8>, ClientError>,
    ) -> SyncReport {
        self.exchange(Some(hub), answer)
    }

    fn exchange(
        &self,
        hub: Option<&Certificate>,
        mut answer: impl FnMut(Vec<u8>) -> Result<Vec<u8>, ClientError>,
    ) -> SyncReport {
        let mut syncing = self.app.begin_sync(hub).unwrap();
        let mut ended = Ok(());
        while let (Ok(()), Some(request)) = (&ended, syncing.ask().unwrap()) {
            ended = syncing.took(answer(request));
        }
        syncing.end(ended).unwrap()
    }

    /// Frames that this phone has written, oldest first.
    pub(crate) fn written(&self) -> Vec<FrameHash> {
        let store = self.store();
        let mut query = store
            .prepare("SELECT hash FROM frames JOIN streams ON streams.id = stream WHERE own = 1 ORDER BY frames.rowid")
            .unwrap();
        query.query_map([], |row| row.get(0).map(FrameHash)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// Whether a frame is here.
    pub(crate) fn holds(&self, frame: FrameHash) -> bool {
        xeploai_client::tables::frames::holds(&self.store(), frame).unwrap()
    }

    /// The sheet of a person, as this phone shows it.
    pub(crate) fn sheet(&self, person: &str) -> SheetView {
        self.try_sheet(person).unwrap()
    }

    /// As [`Self::sheet`], when it may not be there.
    pub(crate) fn try_sheet(&self, person: &str) -> Result<SheetView, ClientError> {
        let key = SheetKey {
            subject: Subject::Post(post_of(self.department, person)),
            period: PERIOD.parse().unwrap(),
            ruleset: RulesetId { code: "bench".into(), version: 1 },
        };
        self.app.sheet(&key.id(self.department).to_string())
    }

    /// Writes points with what the screen shows now.
    pub(crate) fn score(
        &self,
        person: &str,
        criterion: u16,
        column: Column,
        text: &str,
    ) -> Result<(), ClientError> {
        self.score_on(&self.sheet(person), criterion, column, text)
    }

    /// As [`Self::score`], on any sheet.
    pub(crate) fn score_on(
        &self,
        sheet: &SheetView,
        criterion: u16,
        column: Column,
        text: &str,
    ) -> Result<(), ClientError> {
        let token = cell(sheet, criterion, column).token.clone();
        let id = sheet.summary.id.clone();
        let field = FieldName::Points;
        self.app
            .score(&ScoreRequest { sheet: id, criterion, column, field, text: text.into(), token })
            .map(drop)
    }

    /// Writes points of 1,5 to a person's first three criteria.
    pub(crate) fn score_three(&self, person: &str) {
        for criterion in 1..=3 {
            self.score(person, criterion, Column::Own, "1,5").unwrap();
        }
    }

    pub(crate) fn own(&self, person: &str, criterion: u16) -> Option<Points> {
        cell(&self.sheet(person), criterion, Column::Own).points
    }

    pub(crate) fn place(&self, person: &str) -> Place {
        self.sheet(person).summary.place
    }

    /// The store, for a fault that no use-case has.
    pub(crate) fn store(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.join("xeploai.db")).unwrap()
    }

    pub(crate) fn count(&self, table: &str) -> i64 {
        self.store().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }
}

pub(crate) fn cell(sheet: &SheetView, criterion: u16, column: Column) -> &xeploai_core::view::CellView {
    let criteria = sheet.groups.iter().flat_map(|group| &group.criteria);
    let criterion = criteria.into_iter().find(|it| it.number == criterion).expect("the criterion");
    criterion.cells.iter().find(|cell| cell.column == column).expect("the column")
}
