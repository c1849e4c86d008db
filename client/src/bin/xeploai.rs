//! `xeploai`: the app's store by command line, for tests, administrators and benchmarks.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use serde::Serialize;
use xeploai_client::{App, ClientError};
use xeploai_core::points::vietnamese;
use xeploai_core::view::{
    CellView, Column, ConflictView, ErrorView, FieldName, Level, Me, Measure, Place, RankingView,
    ScoreRequest, SheetSummary, SheetView, Stage, SyncReport, SyncView, TotalView,
};

/// Scores offline, syncs, and shows what a device of Xếp Loại holds.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// Folder of the store.
    #[arg(long, env = "XEPLOAI_STORE")]
    store: PathBuf,
    /// Prints JSON: the view types of xeploai-core.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Enrols this store with a one-time code.
    Enrol {
        /// The code, `https://…/#…`.
        code: String,
        /// The device's name.
        #[arg(long, default_value = "Máy tính")]
        device: String,
    },
    /// Lists the sheets to score and to review.
    Sheets {
        /// `2022-11`, `2026-Q4`; else the open period.
        #[arg(long)]
        period: Option<String>,
    },
    /// Shows a sheet: an id, a unique beginning of one, `me` or `unit`.
    Show { sheet: String },
    /// Writes points, a note or a quantity.
    Score(Score),
    /// Hands a sheet in.
    Submit { sheet: String },
    /// Takes a sheet back before review.
    Withdraw { sheet: String },
    /// Approves a sheet.
    Approve { sheet: String },
    /// Takes over the subject's own points where you have written none.
    AgreeAll { sheet: String },
    /// Sends a sheet back.
    Return {
        sheet: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Exchanges everything with the server.
    Sync,
    /// What waits, what was received, what was refused.
    Status,
    /// Fields with more than one value.
    Conflicts,
    /// Settles a conflict with one of its values or another one.
    Resolve {
        /// Id of the conflict.
        conflict: String,
        /// The value.
        value: String,
    },
    /// Published rankings.
    Ranking {
        /// The period; else the latest published one.
        #[arg(long)]
        period: Option<String>,
    },
}

#[derive(clap::Args)]
struct Score {
    sheet: String,
    /// Number of the criterion.
    criterion: u16,
    /// Points, `8,5` or `8.5`; a quantity with --product; empty to clear.
    #[arg(allow_hyphen_values = true)]
    value: String,
    #[arg(long, value_enum, default_value_t = ColumnArg::Own)]
    column: ColumnArg,
    /// Note or reason, written beside the value.
    #[arg(long)]
    note: Option<String>,
    /// Number of a product, for converted work.
    #[arg(long, requires = "measure")]
    product: Option<u16>,
    /// What of the product is counted.
    #[arg(long, value_enum, requires = "product")]
    measure: Option<MeasureArg>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ColumnArg {
    #[value(alias = "self")]
    Own,
    Superior,
    Appraised,
}

impl From<ColumnArg> for Column {
    fn from(column: ColumnArg) -> Self {
        match column {
            ColumnArg::Own => Self::Own,
            ColumnArg::Superior => Self::Superior,
            ColumnArg::Appraised => Self::Appraised,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum MeasureArg {
    Assigned,
    Completed,
    QualityOk,
    OnTime,
}

impl From<MeasureArg> for Measure {
    fn from(measure: MeasureArg) -> Self {
        match measure {
            MeasureArg::Assigned => Self::Assigned,
            MeasureArg::Completed => Self::Completed,
            MeasureArg::QualityOk => Self::QualityOk,
            MeasureArg::OnTime => Self::OnTime,
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = Output { json: cli.json, text: String::new() };
    let code = match run(&cli, &mut out) {
        Ok(code) => code,
        Err(error) => {
            tracing_line(&error);
            out.error(&error.view());
            ExitCode::FAILURE
        }
    };
    // A closed pipe is the reader's choice, not a failure.
    let _ = std::io::stdout().write_all(out.text.as_bytes());
    code
}

/// The cause, for an administrator; the sentence goes to the person.
fn tracing_line(error: &ClientError) {
    let _ = writeln!(std::io::stderr(), "xeploai: {error}");
}

fn run(cli: &Cli, out: &mut Output) -> Result<ExitCode, ClientError> {
    let app = App::open(&cli.store)?;
    match &cli.command {
        Command::Enrol { code, device } => out.show(&app.enrol(code, device)?, me_text)?,
        Command::Sheets { period } => {
            out.show(&app.sheets(period.as_deref())?, |it| lines(it, summary_text))?
        }
        Command::Show { sheet } => out.show(&app.sheet(sheet)?, sheet_text)?,
        Command::Score(score) => out.show(&write_score(&app, score)?, sheet_text)?,
        Command::Submit { sheet } => out.show(&app.submit(sheet)?, sheet_text)?,
        Command::Withdraw { sheet } => out.show(&app.withdraw(sheet)?, sheet_text)?,
        Command::Approve { sheet } => out.show(&app.approve(sheet)?, sheet_text)?,
        Command::AgreeAll { sheet } => out.show(&app.agree_all(sheet)?, sheet_text)?,
        Command::Return { sheet, reason } => out.show(&app.return_sheet(sheet, reason)?, sheet_text)?,
        Command::Sync => {
            let report = app.sync()?;
            out.show(&report, sync_text)?;
            return Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::from(2) });
        }
        Command::Status => out.show(&app.sync_status()?, status_text)?,
        Command::Conflicts => out.show(&app.conflicts()?, |it| lines(it, conflict_text))?,
        Command::Resolve { conflict, value } => {
            out.show(&resolve(&app, conflict, value)?, |it| lines(it, conflict_text))?
        }
        Command::Ranking { period } => {
            out.show(&app.rankings(period.as_deref())?, |it| lines(it, ranking_text))?
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes with the tokens that the store shows now: a command line has no screen that could be older.
fn write_score(app: &App, score: &Score) -> Result<SheetView, ClientError> {
    let column = Column::from(score.column);
    let shown = app.sheet(&score.sheet)?;
    let criteria = shown.groups.iter().flat_map(|group| &group.criteria);
    let criterion = criteria.into_iter().find(|criterion| criterion.number == score.criterion);
    let cell = criterion.and_then(|criterion| criterion.cells.iter().find(|cell| cell.column == column));
    let (field, token) = match (score.product, score.measure.map(Measure::from)) {
        (Some(product), Some(measure)) => {
            let lines = criterion.map(|criterion| criterion.lines.as_slice()).unwrap_or_default();
            let quantities =
                lines.iter().filter(|line| line.product == product).flat_map(|line| &line.quantities);
            let found = quantities.into_iter().find(|it| it.column == column && it.measure == measure);
            (FieldName::Quantity { product, measure }, found.map(|it| it.token.clone()))
        }
        _ => (FieldName::Points, cell.map(|cell| cell.token.clone())),
    };
    let request = |field, text: &str, token: Option<String>| ScoreRequest {
        sheet: shown.summary.id.clone(),
        criterion: score.criterion,
        column,
        field,
        text: text.to_owned(),
        token: token.unwrap_or_default(),
    };
    let mut view = app.score(&request(field, &score.value, token))?;
    if let Some(note) = &score.note {
        view = app.score(&request(FieldName::Note, note, cell.map(|cell| cell.note_token.clone())))?;
    }
    Ok(view)
}

fn resolve(app: &App, id: &str, value: &str) -> Result<Vec<ConflictView>, ClientError> {
    let open = app.conflicts()?;
    let token = open.into_iter().find(|conflict| conflict.id == id).map(|conflict| conflict.token);
    app.resolve(id, value, &token.unwrap_or_default())
}

/// Collects what is printed: JSON, or Vietnamese for people.
struct Output {
    json: bool,
    text: String,
}

impl Output {
    fn show<T: Serialize + ?Sized>(
        &mut self,
        view: &T,
        text: impl Fn(&T) -> String,
    ) -> Result<(), ClientError> {
        self.text = if self.json { serde_json::to_string(view)? } else { text(view) };
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        Ok(())
    }

    fn error(&mut self, error: &ErrorView) {
        self.text = match serde_json::to_string(error) {
            Ok(json) if self.json => format!("{json}\n"),
            _ => format!("{} ({})\n", error.message.vi, error.code),
        };
    }
}

fn lines<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    items.iter().map(|item| text(item) + "\n").collect()
}

fn me_text(me: &Me) -> String {
    format!("{} ({}), {}, {}", me.name, me.code, me.position.vi, me.unit)
}

fn place_text(place: &Place) -> &'static str {
    match place {
        Place::Empty => "—",
        Place::Waiting => "Chờ gửi",
        Place::Sending => "Đang gửi",
        Place::Carried => "Đã mang đi",
        Place::Received => "Đã nhận",
        Place::Rejected => "Bị từ chối",
        Place::Held => "Giữ lại",
        Place::Conflict => "Cần xem lại",
        Place::Failed => "Lỗi gửi",
    }
}

fn stage_text(stage: &Stage) -> &'static str {
    match stage {
        Stage::Draft => "Nháp",
        Stage::Submitted => "Đã nộp",
        Stage::Approved => "Đã duyệt",
        Stage::Returned => "Bị trả lại",
        Stage::Outdated => "Cần nộp lại",
        Stage::Retracted => "Đã xóa",
        Stage::RetractedEdited => "Xóa / sửa",
    }
}

fn level_text(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::Htxsnv) => "Hoàn thành xuất sắc nhiệm vụ",
        Some(Level::Httnv) => "Hoàn thành tốt nhiệm vụ",
        Some(Level::Htnv) => "Hoàn thành nhiệm vụ",
        Some(Level::Khtnv) => "Không hoàn thành nhiệm vụ",
        None => "Chưa đủ dữ liệu",
    }
}

fn total_text(total: &TotalView) -> String {
    let provisional = if total.provisional { "tạm tính, " } else { "" };
    let points = vietnamese(total.total.unwrap_or(total.so_far));
    format!(
        "{points} điểm ({provisional}{}/{} tiêu chí): {}",
        total.answered,
        total.criteria,
        level_text(total.level)
    )
}

fn summary_text(sheet: &SheetSummary) -> String {
    let id = sheet.id.get(..8).unwrap_or(&sheet.id);
    let (stage, place) = (stage_text(&sheet.stage), place_text(&sheet.place));
    format!(
        "{id}  {}  {} {}  [{stage}] [{place}]  {}",
        sheet.period.id,
        sheet.code,
        sheet.subject,
        total_text(&sheet.total)
    )
}

fn cell_text(cell: &CellView) -> String {
    let points = cell.points.map_or_else(|| "—".to_owned(), vietnamese);
    let conflict = if cell.conflict { " (!)" } else { "" };
    format!("{points:>6}{conflict}")
}

fn sheet_text(view: &SheetView) -> String {
    let mut text =
        format!("{}\n{} · {}\n", summary_text(&view.summary), view.summary.title.vi, view.source.vi);
    for group in &view.groups {
        text.push_str(&format!("{} {} (tối đa {})\n", group.code, group.title.vi, vietnamese(group.max)));
        for criterion in &group.criteria {
            let cells: Vec<String> = criterion.cells.iter().map(cell_text).collect();
            let (max, title) = (vietnamese(criterion.max), &criterion.title.vi);
            text.push_str(&format!("{:>4}. {}  / {max:<4} {title}\n", criterion.number, cells.join(" ")));
        }
    }
    text
}

fn sync_text(report: &SyncReport) -> String {
    report.sentence.vi.clone()
}

fn status_text(view: &SyncView) -> String {
    let waiting = view.summary.waiting;
    let mut text = format!("Máy chủ {} · còn {waiting} phiếu chưa gửi\n", view.server);
    text.push_str(&lines(&view.items, summary_text));
    for rejected in &view.rejected {
        text.push_str(&format!(
            "Bị từ chối: {} {} · {}\n",
            rejected.label, rejected.value, rejected.reason.message.vi
        ));
    }
    text
}

fn conflict_text(conflict: &ConflictView) -> String {
    let mut text = format!("{}\n  {} {}\n", conflict.id, conflict.label, conflict.title.vi);
    for value in &conflict.values {
        let Some(at) = jiff::Timestamp::from_second(value.written.at).ok() else { continue };
        let (author, device) = (&value.written.author, &value.written.device);
        text.push_str(&format!("  {}  {author}, {device}, {at}\n", vietnamese(&value.value)));
    }
    text
}

fn ranking_text(ranking: &RankingView) -> String {
    let mut text = format!("{} · {}\n", ranking.title.vi, ranking.period.id);
    for row in &ranking.rows {
        let rank = row.rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string());
        let total = row.total.map_or_else(|| "—".to_owned(), vietnamese);
        text.push_str(&format!("{rank:>3}  {total:>6}  {}  {}\n", row.name, level_text(row.level)));
    }
    text
}
