//! What the command line says: JSON for programs, Vietnamese for people.
//!
//! Invariant: the JSON is a view of `xeploai-core`, unchanged.

use serde::Serialize;
use xeploai_client::ClientError;
use xeploai_core::points::vietnamese;
use xeploai_core::view::{
    ActView, Action, BundleView, CellView, ConflictView, ErrorView, Level, Me, Place, RankingView,
    ReplacedView, SheetSummary, SheetView, Stage, SyncReport, SyncView, TotalView,
};

/// Collects what is printed: JSON, or Vietnamese for people.
pub(crate) struct Output {
    json: bool,
    text: String,
}

impl Output {
    /// Nothing yet.
    pub(crate) fn new(json: bool) -> Self {
        Self { json, text: String::new() }
    }

    /// What there is to print.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A view, as it is or as `text` writes it.
    pub(crate) fn show<T: Serialize + ?Sized>(
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

    /// Views, a line each for programs; for people as `text` writes all of them.
    pub(crate) fn show_lines<T: Serialize>(
        &mut self,
        views: &[T],
        text: impl Fn(&[T]) -> String,
    ) -> Result<(), ClientError> {
        self.text = if self.json {
            let lines = views.iter().map(|view| serde_json::to_string(view).map(|line| line + "\n"));
            lines.collect::<Result<_, _>>()?
        } else {
            text(views)
        };
        Ok(())
    }

    /// An error: its sentence and code.
    pub(crate) fn error(&mut self, error: &ErrorView) {
        self.text = match serde_json::to_string(error) {
            Ok(json) if self.json => format!("{json}\n"),
            _ => format!("{} ({})\n", error.message.vi, error.code),
        };
    }
}

/// Each item on a line of its own.
pub(crate) fn lines<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    items.iter().map(|item| text(item) + "\n").collect()
}

/// Who uses the device.
pub(crate) fn me_text(me: &Me) -> String {
    format!("{} ({}), {}, {}", me.name, me.code, me.position.vi, me.unit)
}

/// What became of a file, or of codes.
pub(crate) fn bundle_text(bundle: &BundleView) -> String {
    format!("{} ({} byte)", bundle.sentence.vi, bundle.bytes)
}

fn place_text(place: &Place) -> &'static str {
    match place {
        Place::Empty => "—",
        Place::Waiting => "Chờ gửi",
        Place::Sending => "Đang gửi",
        Place::Carried => "Đã mang đi, máy chủ chưa nhận",
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

/// A sheet in one line.
pub(crate) fn summary_text(sheet: &SheetSummary) -> String {
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

/// A sheet with its criteria.
pub(crate) fn sheet_text(view: &SheetView) -> String {
    let mut text =
        format!("{}\n{} · {}\n", summary_text(&view.summary), view.summary.title.vi, view.source.vi);
    if let Some(ReplacedView { by, notice }) = &view.replaced {
        text.push_str(&format!("{} ({by})\n", notice.vi));
    }
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

/// The minutes of a visit, as the document reads.
pub(crate) fn minutes_text(view: &SheetView) -> String {
    let Some(minutes) = &view.minutes else {
        return "Phiếu này không có biên bản kiểm tra.".to_owned();
    };
    let summary = &view.summary;
    let mut text =
        format!("BIÊN BẢN KIỂM TRA · {} ({}) · {}\n", summary.subject, summary.code, summary.period.id);
    for part in &minutes.parts {
        let conflict = if part.conflict { " (!)" } else { "" };
        text.push_str(&format!("{}: {}{conflict}\n", part.part.name().vi, part.text));
    }
    for item in &minutes.items {
        let cells: Vec<String> = item.cells.iter().map(cell_text).collect();
        let said = item.cells.iter().map(|cell| cell.note.as_str()).filter(|note| !note.is_empty());
        let said = said.collect::<Vec<_>>().join(" | ");
        text.push_str(&format!("{:>4}. {}  {} {said}\n", item.number, cells.join(" "), item.title.vi));
    }
    text.push_str(&lines(&minutes.signatures, signature_text));
    text.push_str(if minutes.signed {
        "Biên bản đã ký đủ."
    } else {
        "Biên bản chưa ký đủ."
    });
    text + &minutes.digest.as_ref().map(|digest| format!(" Mã nội dung: {digest}")).unwrap_or_default()
}

fn signature_text(signature: &ActView) -> String {
    let side = if signature.action == Action::SignForUnit {
        "Đại diện đơn vị"
    } else {
        "Đoàn kiểm tra"
    };
    let (by, place) = (&signature.by, place_text(&signature.by.place));
    let at = jiff::Timestamp::from_second(by.at).map(|at| at.to_string()).unwrap_or_default();
    let outdated =
        if signature.outdated { "đã thay đổi sau khi ký, cần ký lại" } else { "đã ký" };
    format!("{side}: {}, {}, {at}: {outdated} [{place}]", by.author, by.device)
}

/// How a sync ended.
pub(crate) fn sync_text(report: &SyncReport) -> String {
    report.sentence.vi.clone()
}

/// What waits and what was refused.
pub(crate) fn status_text(view: &SyncView) -> String {
    let waiting = view.summary.waiting;
    let mut text = format!("Máy chủ {} · còn {waiting} phiếu chưa gửi\n", view.server);
    text.extend(view.summary.clock.iter().map(|notice| format!("{}\n", notice.vi)));
    text.push_str(&lines(&view.items, summary_text));
    for rejected in &view.rejected {
        text.push_str(&format!(
            "Bị từ chối: {} {} · {}\n",
            rejected.label, rejected.value, rejected.reason.message.vi
        ));
    }
    text
}

/// A conflict with its values.
pub(crate) fn conflict_text(conflict: &ConflictView) -> String {
    let mut text = format!("{}\n  {} {}\n", conflict.id, conflict.label, conflict.title.vi);
    for value in &conflict.values {
        let Some(at) = jiff::Timestamp::from_second(value.written.at).ok() else { continue };
        let (author, device) = (&value.written.author, &value.written.device);
        let wrong = if value.written.clock_wrong { " (đồng hồ của máy sai)" } else { "" };
        text.push_str(&format!("  {}  {author}, {device}, {at}{wrong}\n", vietnamese(&value.value)));
    }
    text
}

/// A ranking.
pub(crate) fn ranking_text(ranking: &RankingView) -> String {
    let mut text = format!("{} · {}\n", ranking.title.vi, ranking.period.id);
    for row in &ranking.rows {
        let rank = row.rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string());
        let total = row.total.map_or_else(|| "—".to_owned(), vietnamese);
        text.push_str(&format!("{rank:>3}  {total:>6}  {}  {}\n", row.name, level_text(row.level)));
    }
    text
}
