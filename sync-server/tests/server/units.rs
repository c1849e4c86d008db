//! Units over time: what a period keeps of them, what became of them, and rankings of several periods.

use std::path::Path;

use serde_json::json;
use xeploai_core::ids::UnitId;
use xeploai_core::org::{Document, PeriodRecord, ProductList};
use xeploai_core::period::Period;
use xeploai_core::points::Points;
use xeploai_core::ruleset::{Ruleset, SubjectKind, shipped, shipped_json};
use xeploai_core::scoring::Product;
use xeploai_core::sheet::{ChangeId, SheetKey};
use xeploai_core::sync::body::Change;
use xeploai_core::sync::frame::Frame;
use xeploai_core::view::{Column, RankRow, SuccessionKind, Text};
use xeploai_server::service::{Authority, Service};

use crate::fixture::{Office, appraise, november, ruleset, says, score};

const HEAD: &str = "code,name,short_name,kind,league,since,until,leagues";

fn month(text: &str) -> Period {
    text.parse().unwrap()
}

fn import(service: &Service, head: &str, rows: &str) {
    let report = service.import_units(format!("{head}\n{rows}\n").as_bytes()).unwrap();
    assert!(report.rejected.is_empty() && report.imported > 0, "{report:?}");
}

fn in_period(office: &Office, unit: &str, period: &str) -> SheetKey {
    SheetKey { period: month(period), ..office.sheet(unit) }
}

fn rows(office: &Office, period: &str) -> Vec<RankRow> {
    let [ranking] = office.service.rank(month(period)).unwrap().try_into().unwrap();
    ranking.rows
}

/// Code, name and league of a period's units.
fn known(record: &PeriodRecord) -> Vec<(&str, &str, &str)> {
    let mut units: Vec<_> = record
        .units
        .iter()
        .map(|it| (it.code.as_str(), it.name.as_str(), it.leagues.first().map_or("", String::as_str)))
        .collect();
    units.sort_unstable();
    units
}

#[test]
fn an_open_period_keeps_its_units_names_and_leagues_and_the_next_one_has_the_new_ones() {
    let office = Office::new();
    let opened = office.service.open_period(month("2022-12")).unwrap();
    let first = [("TT-01", "Đơn vị TT-01", "centres"), ("TT-02", "Đơn vị TT-02", "centres")];
    assert_eq!(known(&opened), first);
    import(
        &office.service,
        HEAD,
        "TT-01,Tên mới,Mới,centre,,,2022-11,mien-nui:2023-01:\nTT-02,Tên mới hai,Mới hai,centre,,,,trung-du",
    );
    let shown: Vec<_> = rows(&office, "2022-12").into_iter().map(|row| row.name).collect();
    assert_eq!(shown, ["Đơn vị TT-01", "Đơn vị TT-02"]);
    let overview = office.service.overview(Some(month("2022-12"))).unwrap();
    let progress: Vec<_> = overview.units.iter().map(|it| (it.name.as_str(), it.league.as_str())).collect();
    assert_eq!(progress, [("Đơn vị TT-01", "centres"), ("Đơn vị TT-02", "centres")]);

    let next = office.service.open_period(month("2023-01")).unwrap();
    assert_eq!(known(&next), [("TT-02", "Tên mới hai", "trung-du")], "TT-01 has ended");
    assert_eq!(next.leagues.iter().map(|it| it.code.as_str()).collect::<Vec<_>>(), ["trung-du"]);
}

#[test]
fn a_unit_joins_with_its_first_month_and_the_leagues_keep_their_titles() {
    let office = Office::new();
    import(&office.service, HEAD, "TT-03,Ba,Ba,centre,centres,2023-01,,mien-nui:2023-02:");
    assert_eq!(office.service.open_period(month("2022-12")).unwrap().units.len(), 2);
    let january = office.service.open_period(month("2023-01")).unwrap();
    assert_eq!((january.units.len(), january.leagues[0].title.vi.as_str()), (3, "Trung tâm"));
    let february = office.service.open_period(month("2023-02")).unwrap();
    let leagues: Vec<_> = february.leagues.iter().map(|it| it.code.as_str()).collect();
    assert_eq!(leagues, ["centres", "mien-nui"]);
    assert_eq!(february.units.iter().find(|it| it.code == "TT-03").unwrap().leagues, leagues);
    let ranked: Vec<_> =
        office.service.rank(month("2023-02")).unwrap().iter().map(|it| it.rows.len()).collect();
    assert_eq!(ranked, [3, 1]);
}

#[test]
fn a_cluster_gets_its_title_when_a_period_is_opened_and_keeps_it() {
    let office = Office::new();
    import(&office.service, HEAD, "TT-01,Một,Một,centre,centres,,,mien-nui");
    let open = |period: &str, league: &str| {
        says(&office, &["period", "open"], &["--period", period, "--league", league])
    };
    assert_eq!(open("2022-12", "mien-nuii=Cụm miền núi"), Err(json!("no_such_league")));
    let titles =
        |record: &PeriodRecord| record.leagues.iter().map(|it| it.title.vi.clone()).collect::<Vec<_>>();
    let opened: PeriodRecord =
        serde_json::from_value(open("2022-12", "mien-nui=Cụm miền núi").unwrap()).unwrap();
    assert_eq!(titles(&opened), ["Trung tâm", "Cụm miền núi"]);
    assert_eq!(titles(&office.service.open_period(month("2023-01")).unwrap()), titles(&opened));
}

#[test]
fn a_period_goes_by_the_criteria_set_that_takes_over_and_so_do_those_after_it() {
    let office = Office::new();
    let mut set: serde_json::Value = serde_json::from_str(shipped_json()[2]).unwrap();
    set["code"] = json!("trung-tam");
    let set = Ruleset::parse(&set.to_string()).unwrap();
    office.service.write_documents(&[Document::Ruleset(Box::new(set))]).unwrap();
    let open = |period: &str, ruleset: &str| {
        says(&office, &["period", "open"], &["--period", period, "--ruleset", ruleset])
    };
    for wrong in ["demo-c=trung-tam.2", "demo-unit-staff=trung-tam.1", "quan-9=trung-tam.1"] {
        assert_eq!(open("2022-12", wrong), Err(json!("no_such_ruleset")), "{wrong}");
    }
    let units = |record: &PeriodRecord| -> Vec<String> {
        let rules = record.rules.iter().filter(|rule| rule.subject == SubjectKind::Unit);
        rules.map(|rule| rule.ruleset.to_string()).collect()
    };
    let opened: PeriodRecord =
        serde_json::from_value(open("2022-12", "demo-c=trung-tam.1").unwrap()).unwrap();
    assert_eq!(units(&opened), ["trung-tam.1"]);
    assert_eq!(units(&office.service.open_period(month("2023-01")).unwrap()), ["trung-tam.1"]);
}

#[test]
fn the_first_quarter_goes_by_the_rules_of_the_months() {
    let office = Office::new();
    let quarter = office.service.open_period(month("2022-Q4")).unwrap();
    assert_eq!(quarter.rules, office.service.config().unwrap().periods[&november()].rules);
}

fn department() -> (tempfile::TempDir, Service) {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::init(&folder.path().join("server"), "Sở thử nghiệm", true).unwrap();
    let sets = shipped().unwrap().into_iter().map(|set| Document::Ruleset(Box::new(set)));
    service.write_documents(sets.collect::<Vec<_>>()).unwrap();
    (folder, service)
}

#[test]
fn a_period_with_a_league_of_two_criteria_sets_is_not_opened() {
    let (_folder, service) = department();
    import(&service, HEAD, "PVH-01,Phòng Một,Một,office,cum-1,,,\nTT-01,Trung tâm Một,Một,centre,cum-1,,,");
    let refused = service.open_period(november()).unwrap_err().view();
    assert_eq!(refused.code, "league_mixed");
    assert!(refused.message.vi.contains("TT-01 (Trung tâm Một)"), "{}", refused.message.vi);
    assert!(service.config().unwrap().periods.is_empty());
    import(&service, HEAD, "TT-01,Trung tâm Một,Một,centre,cum-2,,,");
    assert_eq!(service.open_period(november()).unwrap().leagues.len(), 2);
}

#[test]
fn a_period_has_room_for_the_communes_of_a_province_and_says_when_there_are_too_many() {
    let (_folder, service) = department();
    let row = |number| {
        format!(
            "PVHXH-{number:04},Phòng Văn hóa - Xã hội xã Tên Dài Bình Thường số {number},Xã số {number},office,xa,2025-07,,mien-nui:2025-07:\n"
        )
    };
    let rows = |numbers: std::ops::Range<u32>| numbers.map(row).collect::<String>();
    import(&service, HEAD, &rows(0..400));
    assert_eq!(service.open_period(month("2025-07")).unwrap().units.len(), 400);
    service.lock_period(month("2025-07")).unwrap();
    import(&service, HEAD, &rows(400..1600));
    assert_eq!(service.open_period(month("2025-08")).unwrap_err().view().code, "record_too_large");
    assert_eq!(service.config().unwrap().periods.len(), 1);
}

fn succeed(office: &Office, kind: &str, from: &str, to: &str, since: &str) -> Result<(), String> {
    let args = ["--kind", kind, "--from", from, "--to", to, "--since", since, "--basis", "QĐ 12/QĐ-UBND"];
    let said = says(office, &["unit", "succeed"], &args);
    said.map(drop).map_err(|code| code.as_str().unwrap().to_owned())
}

#[test]
fn a_renamed_unit_is_compared_with_its_past_and_a_merged_one_says_why_it_is_not() {
    let office = Office::new();
    appraise(&office, &office.sheet("TT-01"), 50);
    appraise(&office, &office.sheet("TT-02"), 100);
    office.service.lock_period(november()).unwrap();

    let head = format!("{HEAD},supervisors");
    import(&office.service, &head, "TT-09,Tên mới,Mới,centre,centres,2022-12,,,SO-TD");
    assert_eq!(succeed(&office, "rename", "TT-02", "TT-09", "2022-12"), Ok(()));
    assert_eq!(succeed(&office, "merge", "TT-01", "TT-09", "2023-01"), Err("succession_count".into()));
    assert_eq!(succeed(&office, "rename", "TT-02", "TT-01", "2023-01"), Err("unit_succeeded_already".into()));
    assert_eq!(succeed(&office, "rename", "TT-77", "TT-01", "2023-01"), Err("no_such_unit".into()));
    let config = office.service.config().unwrap();
    let old = &config.units[&UnitId::of(office.service.department(), "TT-02")];
    assert_eq!((old.until, config.successions.len()), (Some(november()), 1));

    office.service.open_period(month("2022-12")).unwrap();
    appraise(&office, &in_period(&office, "TT-01", "2022-12"), 100);
    appraise(&office, &in_period(&office, "TT-09", "2022-12"), 60);
    let told: Vec<_> = rows(&office, "2022-12")
        .into_iter()
        .map(|row| (row.code, row.rank, row.change, row.past.iter().map(|it| it.rank).collect::<Vec<_>>()))
        .collect();
    let one = ("TT-01".to_owned(), Some(1), Some(1), vec![Some(2)]);
    assert_eq!(told, [one, ("TT-09".to_owned(), Some(2), Some(-1), vec![Some(1)])]);
    let published = office.service.lock_period(month("2022-12")).unwrap();
    assert!(
        published[0].rows.iter().all(|row| row.past.is_empty()),
        "earlier figures are not published again"
    );

    assert_eq!(succeed(&office, "merge", "TT-01,TT-09", "TT-01", "2023-01"), Ok(()));
    office.service.open_period(month("2023-01")).unwrap();
    appraise(&office, &in_period(&office, "TT-01", "2023-01"), 90);
    let [merged] = rows(&office, "2023-01").try_into().unwrap();
    assert_eq!((merged.code.as_str(), merged.rank, merged.change), ("TT-01", Some(1), None));
    assert_eq!((merged.reorganised, merged.past.len()), (Some(SuccessionKind::Merge), 0));
}

#[test]
fn as_many_earlier_periods_are_printed_as_were_asked_for() {
    let office = Office::new();
    for period in ["2022-11", "2022-12", "2023-01"] {
        if month(period) != november() {
            office.service.open_period(month(period)).unwrap();
        }
        appraise(&office, &in_period(&office, "TT-02", period), 100);
        office.service.lock_period(month(period)).unwrap();
    }
    let past = |args: &[&str]| {
        let said = says(&office, &["rank", "--period", "2023-01"], args).unwrap();
        said[0]["rows"][0].get("past").cloned()
    };
    let entry = |period: &str| json!({"period": period, "rank": 1, "total": "100", "level": "HTXSNV"});
    assert_eq!(past(&[]), None);
    assert_eq!(past(&["--last", "1"]), Some(json!([entry("2022-12")])));
    assert_eq!(past(&["--last", "9"]), Some(json!([entry("2022-12"), entry("2022-11")])));
}

/// What a department may change after a period: names, leagues, criteria sets, product lists.
fn change_the_rules(office: &Office) {
    let rows = "TT-01,Tên mới,Mới,centre,,,,mien-nui\nTT-02,Tên mới hai,Mới hai,centre,,,2022-10,";
    import(&office.service, HEAD, rows);
    let mut later = serde_json::to_value(ruleset()).unwrap();
    later["version"] = 2.into();
    later["levels"][0]["from"] = "99".into();
    let later = Ruleset::parse(&later.to_string()).unwrap();
    let text = || Text { vi: "Sản phẩm".into(), en: "Product".into() };
    let product = Product { number: 1, title: text(), measure_unit: text(), coefficient: Points::whole(2) };
    let unit = UnitId::of(office.service.department(), "TT-01");
    let products = ProductList { unit, products: vec![product] };
    office
        .service
        .write_documents([Document::Ruleset(Box::new(later)), Document::Products(products)])
        .unwrap();
}

/// The first change of a frame.
fn change(frame: &Frame) -> ChangeId {
    ChangeId { frame: frame.hash(), index: 0 }
}

/// How often a ranking of a period was published.
fn publications(office: &Office) -> usize {
    let bodies = office.service.storage().read(xeploai_server::storage::frames::documents).unwrap();
    let changes = bodies.iter().flat_map(|body| &body.changes);
    changes.filter(|it| matches!(it, Change::Document(it) if it.kind == 8)).count()
}

#[test]
fn what_is_changed_after_a_lock_changes_no_result_and_a_decision_replaces_it_and_deletes_nothing() {
    let office = Office::new();
    appraise(&office, &office.sheet("TT-01"), 50);
    let before = appraise(&office, &office.sheet("TT-02"), 100);
    let published = office.service.lock_period(november()).unwrap();
    change_the_rules(&office);
    assert_eq!(office.service.rank(november()).unwrap(), published);

    let sheet = office.sheet("TT-02");
    let mut supervisor = office.phone("SO-TD");
    let late = supervisor.write(&sheet, vec![score(&sheet, Column::Appraised, 1, 0, &[change(&before)])]);
    supervisor.sync(&office, std::slice::from_ref(&late));
    let authority = Authority { by: "Giám đốc".into(), reason: "Kiểm tra lại".into() };
    let replaced = office.service.decide(november(), &[change(&late)], &authority).unwrap();
    assert_ne!(replaced[0].result_hash, published[0].result_hash);
    let names = |rows: &[RankRow]| rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&replaced[0].rows), names(&published[0].rows));
    let of = |rows: &[RankRow]| rows.iter().find(|row| row.code == "TT-01").unwrap().clone();
    assert_eq!(of(&replaced[0].rows), of(&published[0].rows), "the unit that it is not about");
    assert_eq!(office.service.rank(november()).unwrap(), replaced);
    assert_eq!(publications(&office), 2, "the result before is still there");
    assert_eq!(office.service.config().unwrap().decisions.len(), 1);
}

#[test]
fn a_result_is_the_same_when_it_is_computed_again_after_the_rules_have_changed() {
    let office = Office::new();
    appraise(&office, &office.sheet("TT-01"), 50);
    let published = office.service.lock_period(november()).unwrap();
    change_the_rules(&office);
    let authority = Authority { by: "Giám đốc".into(), reason: "Không có gì mới".into() };
    let again = office.service.decide(november(), &[], &authority).unwrap();
    assert_eq!(again[0].result_hash, published[0].result_hash);
    assert_eq!(again[0].rows, published[0].rows);
}

#[test]
fn times_and_leagues_come_with_the_units_and_stay_when_a_file_does_not_speak_of_them() {
    let office = Office::new();
    let unit = || {
        let id = UnitId::of(office.service.department(), "TT-01");
        office.service.config().unwrap().units[&id].clone()
    };
    import(
        &office.service,
        HEAD,
        "TT-01,Một,Một,centre,,2022-Q1,2025,mien-nui:2022-01:2022-12|trung-du:2023-01|b::2024",
    );
    let dated = unit();
    assert_eq!((dated.since, dated.until), (Some(month("2022-01")), Some(month("2025-12"))));
    assert_eq!(dated.leagues_in(november()), ["mien-nui", "b"]);
    assert_eq!(dated.leagues_in(month("2025-01")), ["trung-du"]);
    import(&office.service, "code,name,short_name,kind,league", "TT-01,Hai,Một,centre,");
    assert_eq!((unit().since, unit().until, unit().leagues), (dated.since, dated.until, dated.leagues));
    import(&office.service, HEAD, "TT-01,Hai,Một,centre,,,,");
    assert_eq!((unit().since, unit().until, unit().leagues.len()), (None, None, 0));
}

#[test]
fn times_and_leagues_that_can_not_be_are_refused_row_by_row() {
    let office = Office::new();
    let bad = [
        ("2022-13,,", "row_bad_period"),
        (",mai,", "row_bad_period"),
        ("2022-12,2022-11,", "row_ends_before_it_begins"),
        (",,a:2022-12:2022-11", "row_ends_before_it_begins"),
        (",,a:b", "row_bad_period"),
        (",,a:2022:2023:2024", "row_bad_leagues"),
        (",,:2022", "row_empty"),
        (",,a b", "row_bad_code"),
    ];
    let rows: String = bad.iter().map(|(row, _)| format!("TT-01,Một,Một,centre,,{row}\n")).collect();
    let report = office.service.import_units(format!("{HEAD}\n{rows}").as_bytes()).unwrap();
    let codes: Vec<_> = report.rejected.iter().map(|row| row.code.as_str()).collect();
    assert_eq!((report.imported, codes), (0, bad.map(|(_, code)| code).to_vec()));
}

fn data(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

/// Plays the successions of a file.
fn succeed_all(service: &Service, name: &str) {
    let bytes = data(name);
    for row in csv::Reader::from_reader(bytes.as_slice()).records() {
        let row = row.unwrap();
        let codes = |column: usize| row[column].split(',').map(str::to_owned).collect::<Vec<_>>();
        let kind = serde_json::from_value(json!(&row[0])).unwrap();
        service.succeed(kind, [&codes(1), &codes(2)], month(&row[3]), &row[4]).unwrap();
    }
}

fn by_kind(record: &PeriodRecord) -> (usize, usize) {
    let of = |start: &[&str]| {
        record.units.iter().filter(|it| start.iter().any(|s| it.code.starts_with(s))).count()
    };
    (of(&["PVH-"]), of(&["TT-", "DAI-"]))
}

/// The province of 2022, and the end of the district level on 1 July 2025.
#[test]
fn the_districts_of_phu_tho_end_with_june_2025_and_nothing_is_ended_that_is_not_known() {
    let (_folder, service) = department();
    let imported = service.import_units(&data("phu-tho-2022-units.csv")).unwrap();
    assert_eq!((imported.imported, imported.rejected.len()), (27, 0));
    let record = service.open_period(november()).unwrap();
    assert_eq!(by_kind(&record), (13, 13));
    let sizes: Vec<_> = service.rank(november()).unwrap().iter().map(|it| it.rows.len()).collect();
    assert_eq!(sizes, [13, 13]);

    assert!(service.import_units(&data("phu-tho-2025-07-units.csv")).unwrap().rejected.is_empty());
    succeed_all(&service, "phu-tho-2025-07-successions.csv");
    assert_eq!(by_kind(&service.open_period(month("2025-06")).unwrap()), (13, 13));
    let july = service.open_period(month("2025-07")).unwrap();
    assert_eq!(by_kind(&july), (0, 13), "the offices have ended, of the centres nothing is known");
    assert!(july.units.iter().any(|it| it.code == "PVHXH"));
    assert_eq!(july.leagues.iter().map(|it| it.code.as_str()).collect::<Vec<_>>(), ["centres"]);
    let config = service.config().unwrap();
    assert_eq!(config.periods[&november()], record, "2022 stays as it was");
    let ended = config.units.values().filter(|unit| unit.until == Some(month("2025-06"))).count();
    assert_eq!(ended, 13);
}
