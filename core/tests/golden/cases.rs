//! What is in the golden frames: every field, scale and act, extremes, and what a later version may write.

use xeploai_core::ids::{AssignmentId, FrameHash, UnitId};
use xeploai_core::org::{Document, Ruling};
use xeploai_core::points::Points;
use xeploai_core::ruleset::RulesetId;
use xeploai_core::sheet::evidence::{Evidence, MediaType};
use xeploai_core::sheet::{ActKind, ChangeId, Field, Place, SheetKey, Subject, Value};
use xeploai_core::sync::Scope;
use xeploai_core::sync::body::{ActChange, Body, Change, DocumentChange, ScoreChange, WitnessChange};
use xeploai_core::sync::content::Content;
use xeploai_core::sync::wire::Writer;
use xeploai_core::view::{Column, Measure, MinutesPart};

use super::{Author, Golden};

const POST: Subject = Subject::Post(AssignmentId([0x66; 16]));
const UNIT: Subject = Subject::Unit(UnitId([0x77; 16]));

/// A person's phone, in the scope of the post.
pub(crate) fn post() -> Author {
    Author::new(0x22, 0x33, "TS-01", Scope::assignment(AssignmentId([0x66; 16])))
}

/// The head's tablet, in the scope of the unit.
pub(crate) fn tablet() -> Author {
    Author::new(0x23, 0x34, "Máy tính bảng Trưởng phòng", Scope::unit(UnitId([0x77; 16])))
}

/// The department's server, in the scope of the configuration.
pub(crate) fn server() -> Author {
    Author::new(0, 0x35, "Máy chủ", Scope::CONFIGURATION)
}

pub(crate) fn body(changes: Vec<Change>) -> Body {
    Body { counter: 1, sealed_at: 1_668_996_000, revision: 160, changes }
}

fn sheet(subject: Subject, period: &str, code: &str, version: u32) -> SheetKey {
    SheetKey { subject, period: period.parse().unwrap(), ruleset: RulesetId { code: code.into(), version } }
}

fn november(subject: Subject) -> SheetKey {
    sheet(subject, "2022-11", "demo-a", 1)
}

/// A first write into the own column of November's sheet; the cases change what they are about.
fn score(criterion: u16, field: Field, value: Value) -> ScoreChange {
    let place = Place { criterion, column: Column::Own, field };
    ScoreChange { sheet: november(POST), place, value, replaces: vec![], minutes_before: 0 }
}

fn points(criterion: u16, ten_thousandths: i64) -> ScoreChange {
    score(criterion, Field::Points, Value::Points(Points(ten_thousandths)))
}

fn act(sheet: SheetKey, kind: ActKind, reason: &str) -> Change {
    Change::Act(ActChange { sheet, kind, digest: [0x99; 16], reason: reason.into(), minutes_before: 7 })
}

fn scores(scores: impl IntoIterator<Item = ScoreChange>) -> Vec<Change> {
    scores.into_iter().map(Change::Score).collect()
}

pub(crate) fn example() -> Golden {
    let changes = scores([points(1, 85_000), points(2, 90_000), points(3, 95_000)]);
    post().seal("example", "The example of PROTOCOL.md: the first frame of a post's lane.", changes)
}

/// Six frames of one lane, each with points that no coarser scale holds.
fn scales() -> Vec<Golden> {
    let mut author = post();
    let mut seal = |name, about, step: i64| {
        let steps = [3, -7, 0, 11, 11, 11, 12];
        let changes = (1..).zip(steps).map(|(criterion, steps)| points(criterion, steps * step));
        author.seal(name, about, scores(changes))
    };
    vec![
        seal("scale-0-whole", "First frame of a lane: whole points, also negative.", 10_000),
        seal("scale-1-halves", "Second frame: halves.", 5_000),
        seal("scale-2-quarters", "Third frame: quarters.", 2_500),
        seal("scale-3-tenths", "Fourth frame: tenths.", 1_000),
        seal("scale-4-hundredths", "Fifth frame: hundredths.", 100),
        seal("scale-5-ten-thousandths", "Sixth frame: ten-thousandths.", 1),
    ]
}

fn fields() -> Golden {
    let note = |criterion, text: &str| score(criterion, Field::Note, Value::Text(text.into()));
    let product = |product, measure, value| {
        score(9, Field::Quantity(product, measure), Value::Points(Points::whole(value)))
    };
    let mut all = vec![
        points(1, 85_000),
        note(1, "Đã hoàn thành kế hoạch quý, vượt 12 % so với chỉ tiêu được giao."),
        score(2, Field::Points, Value::Empty),
        note(2, "Chưa có số liệu.\nSẽ bổ sung trước ngày 25 📎"),
        note(3, ""),
        score(3, Field::Note, Value::Empty),
        product(0, Measure::Assigned, 40),
        product(0, Measure::Completed, 38),
        product(12, Measure::QualityOk, 37),
        product(u16::MAX, Measure::OnTime, 35),
        score(9, Field::Quantity(1, Measure::Assigned), Value::Empty),
        score(9, Field::Quantity(65535, Measure::Faults), Value::Points(Points::whole(2))),
        score(9, Field::Quantity(1, Measure::ExcusedDelays), Value::Points(Points::whole(1))),
    ];
    for (place, score) in all.iter_mut().enumerate() {
        score.place.column = [Column::Own, Column::Superior, Column::Appraised][place % 3];
        score.minutes_before = 60 - 5 * place as u32;
    }
    post().seal("fields", "Every field and kind of value, in every column; Vietnamese notes.", scores(all))
}

/// Photos and documents in several slots and columns, with notes between them; one was taken away.
fn evidence() -> Golden {
    let content = |byte, size| Content { hash: [byte; 32], size };
    let piece = |slot, column, media, name: &str, thumbnail| {
        let content = content(0xd0 + slot, 8 * 1024 * 1024 - u32::from(slot));
        let evidence = Evidence { content, media, name: name.into(), thumbnail };
        let mut score = score(3, Field::Evidence(slot), Value::Evidence(Box::new(evidence)));
        score.place.column = column;
        score
    };
    let note = score(3, Field::Note, Value::Text("Xem ảnh.".into()));
    let longest = "ệ".repeat(120);
    let all = [
        piece(0, Column::Own, MediaType::Jpeg, "Lễ hội Đền Hùng.jpg", Some(content(0xe0, 24 * 1024))),
        note,
        piece(1, Column::Own, MediaType::Pdf, "QĐ 123.pdf", None),
        score(3, Field::Evidence(2), Value::Empty),
        points(3, 95_000),
        piece(9, Column::Superior, MediaType::Png, &longest, Some(content(0xe1, 1))),
        piece(0, Column::Appraised, MediaType::Webp, "a", None),
    ];
    post().seal("evidence", "Evidence of every type; a slot that was emptied.", scores(all))
}

fn sheets() -> Golden {
    let of = |period, code, version| ScoreChange {
        sheet: sheet(POST, period, code, version),
        ..points(1, 85_000)
    };
    let all = [
        of("2000-01", "demo-a", 1),
        of("2022-12", "demo-a", 2),
        of("2022-Q1", "demo-b", 1),
        of("2022-12", "demo-a", 2),
        of("2999-Q4", "demo-c", 1),
        of("2022", "năm", 300),
    ];
    post().seal("sheets", "Several sheets: months, quarters, years, versions of sets.", scores(all))
}

fn extremes() -> Golden {
    let largest = ScoreChange {
        sheet: sheet(POST, "2022-11", &"x".repeat(64), u32::MAX),
        minutes_before: u32::MAX,
        ..points(u16::MAX, Points::LIMIT.0)
    };
    let body = Body {
        counter: u64::MAX,
        sealed_at: 0,
        revision: u64::MAX,
        changes: scores([largest.clone(), points(0, -Points::LIMIT.0), largest]),
    };
    post().seal_body("extremes", "The largest numbers, a time before the origin.", body)
}

fn replaces() -> Vec<Golden> {
    let mut author = post();
    let first = author.seal(
        "replaces-1",
        "What the next frame replaces a part of.",
        scores([points(1, 70_000), points(2, 75_000)]),
    );
    let id = |frame, index| ChangeId { frame, index };
    let (own, one, other) = (first.sealed.hash(), FrameHash([0xaa; 32]), FrameHash([0xbb; 32]));
    let replaced = [vec![id(own, 0), id(one, 1023), id(other, 0)], vec![], vec![id(other, 5), id(other, 6)]];
    let changes = (1..)
        .zip(replaced)
        .map(|(criterion, replaces)| ScoreChange { replaces, ..points(criterion, 80_000) });
    let second = author.seal(
        "replaces-2",
        "Replaces heads of two foreign frames and of its own lane.",
        scores(changes),
    );
    vec![first, second]
}

fn acts() -> Golden {
    let sheet = || november(POST);
    let changes = vec![
        act(sheet(), ActKind::Submit, ""),
        act(sheet(), ActKind::Withdraw, ""),
        act(sheet(), ActKind::Approve, ""),
        act(sheet(), ActKind::Return, "Đề nghị bổ sung minh chứng cho tiêu chí 3."),
        act(sheet(), ActKind::Adopt, ""),
        act(sheet(), ActKind::Retract, "Chấm nhầm phiếu của tháng trước."),
    ];
    post().seal("acts", "Every act on scores; reasons.", changes)
}

fn minutes() -> Golden {
    let texts = [
        "Trần Văn An, Trưởng đoàn; Lê Thị Bình, thành viên",
        "Trung tâm VHTT huyện Thanh Sơn",
        "08:30 ngày 18/11/2022",
        "11:15 ngày 18/11/2022",
        "Sổ sách đầy đủ.\nĐề nghị bổ sung minh chứng tiêu chí 3.",
        "Hà Thị Lụa, Giám đốc",
    ];
    let values = texts.map(|text| Value::Text(text.into())).into_iter().chain([Value::Empty]);
    let parts = MinutesPart::ALL.into_iter().zip(values).map(|(part, value)| {
        let (sheet, place) = (november(UNIT), part.place());
        ScoreChange { sheet, place, value, replaces: vec![], minutes_before: 0 }
    });
    let signed = [ActKind::SignForDelegation, ActKind::SignForUnit].map(|kind| act(november(UNIT), kind, ""));
    let changes = scores(parts).into_iter().chain(signed).collect();
    tablet().seal(
        "minutes",
        "Every part of a visit's minutes, an emptied one; signed for both sides.",
        changes,
    )
}

fn unit() -> Vec<Golden> {
    let mut head = tablet();
    let score = ScoreChange { sheet: november(UNIT), ..points(4, 12_500) };
    let first =
        head.seal("unit-1", "A unit's scope: the sheet's subject is the unit.", scores([score.clone()]));
    let both = vec![Change::Score(score), act(november(UNIT), ActKind::Submit, "")];
    vec![first, head.seal("unit-2", "Two sections: the act's index follows the score's.", both)]
}

fn documents() -> Golden {
    let document =
        |kind, id, json: &str| Change::Document(DocumentChange { kind, id: [id; 16], json: json.into() });
    let changes = vec![
        document(1, 0x11, r#"{"name":"Sở Văn hóa, Thể thao và Du lịch"}"#),
        document(2, 0x77, r#"{"name":"Trung tâm VHTT huyện Thanh Sơn"}"#),
        document(u16::MAX, 0x01, "of a kind that no version knows yet"),
    ];
    server().seal("documents", "The server's own stream, in the scope of the configuration.", changes)
}

/// What a named person has said of changes.
fn ruling() -> Golden {
    let ruling = Document::Ruling(Ruling {
        changes: vec![(FrameHash([0xaa; 32]), 3), (FrameHash([0xbb; 32]), 1023)],
        annulled: true,
        reason: "Chấm nhầm người theo biên bản số 12.".into(),
        by: "so-gd".into(),
        at: 1_668_990_000,
    });
    let change = ruling.to_change().unwrap();
    server().seal(
        "ruling",
        "A document of kind 14; its id is a hash of its JSON.",
        vec![Change::Document(change)],
    )
}

fn witness() -> Golden {
    let statement = WitnessChange {
        frames: vec![FrameHash([0xaa; 32]), FrameHash([0xbb; 32])],
        epoch: [0xee; 16],
        batch: 41,
        beacon_at: 1_668_990_000,
        boot: [0xb0; 8],
        elapsed_s: Some(5_400),
    };
    let unknown = WitnessChange { frames: vec![], elapsed_s: None, ..statement.clone() };
    let changes = vec![Change::Witness(statement), Change::Witness(unknown)];
    tablet().seal("witness", "Statements of a witness, with and without the time elapsed.", changes)
}

/// What a later version may write: it verifies, and what is not known is passed over.
fn later() -> Vec<Golden> {
    let mut author = post();
    let scope = author.lane.scope;
    let encoded = |changes| body(changes).encode(scope).unwrap();
    let mut section = Writer::new();
    section.section(99, &[3, 0xca, 0xfe]);
    let acts = encoded(vec![act(november(POST), ActKind::Submit, "")]);
    let acts = &acts[encoded(vec![]).len()..];
    let with_section = [&encoded(scores([points(1, 85_000)])), &section.finish()[..], acts].concat();
    let about = "A section of a later version: its three changes are counted, the act's index is 4.";
    let first = author.seal_bytes("later-section", about, with_section);
    let second = author.seal_bytes("later-body", "A body of a later version.", vec![2, 0xca, 0xfe]);
    let mut other = Author::new(0x22, 0x33, "TS-01", Scope::from_parts(9, [0x88; 16]));
    vec![first, second, other.seal("later-scope", "A scope of a later version; no changes.", vec![])]
}

/// Every golden frame.
pub(crate) fn all() -> Vec<Golden> {
    let one = vec![
        example(),
        fields(),
        evidence(),
        sheets(),
        extremes(),
        acts(),
        minutes(),
        documents(),
        ruling(),
        witness(),
    ];
    [one, scales(), replaces(), unit(), later()].into_iter().flatten().collect()
}
