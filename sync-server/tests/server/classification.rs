//! Levels of people and units: gates, quotas, decisions, longer periods, results as files, criteria sets from files.

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use xeploai_core::classify::PublishedResult;
use xeploai_core::ids::{AssignmentId, PersonId, UnitId};
use xeploai_core::org::{Document, PeriodRule};
use xeploai_core::period::Period;
use xeploai_core::ruleset::{Ruleset, Standing, SubjectKind};
use xeploai_core::sheet::{SheetKey, Subject};
use xeploai_core::view::{ClassificationView, ClassifiedRow, Column, Level};
use xeploai_server::service::{Authority, Days, Opening, TakenOver};

use crate::fixture::{Office, appraise, november, ruleset, says, score, verdict};

/// A set for people: 100 points, whether disciplined, days of absence; the head not above the unit; the quota of 20%.
fn people_set() -> Ruleset {
    let text = json!({"vi": "Thử", "en": "Test"});
    let criterion = |number: u16, max: &str, step: &str, rule: Json| json!({"number": number, "label": number.to_string(), "title": text, "max": max, "step": step, "rule": rule});
    let met = |of: u16, is: &str, value: &str| json!([{"of": "criterion", "criterion": of, "is": is, "value": value}]);
    let level = |level: &str, from: &str| json!({"level": level, "from": from});
    let set = json!({
        "code": "people", "version": 1, "title": text, "source": text, "trust": "demonstration", "subject": "person",
        "columns": ["own", "superior", "appraised"], "counting": ["appraised", "superior"],
        "rounding": {"decimals": 2, "classify_on": "rounded"}, "tie_keys": ["total"],
        "levels": [level("HTXSNV", "90"), level("HTTNV", "70"), level("HTNV", "50"), level("KHTNV", "0")],
        "groups": [
            {"code": "I", "title": text, "max": "100", "criteria": [criterion(1, "100", "1", json!({"kind": "points"}))]},
            {"code": "II", "title": text, "max": "0", "criteria": [
                criterion(2, "0", "0", json!({"kind": "pass_fail"})),
                criterion(3, "0", "1", json!({"kind": "figure", "unit": {"vi": "ngày", "en": "days"}, "most": "31"})),
            ]},
        ],
        "gates": [
            {"title": {"vi": "Bị kỷ luật", "en": "Disciplined"}, "when": met(2, "equal", "1"), "then": {"kind": "force", "level": "KHTNV"}},
            {"title": {"vi": "Nghỉ trên 20 ngày", "en": "Absent"}, "when": met(3, "above", "20"), "then": {"kind": "not_rated"}},
        ],
        "not_above_unit": ["head"],
        "quota": {"ratio": "20", "ratio_outstanding": "100", "denominator": "good_only", "rounding": "floor", "scope": ["agency"]},
    });
    Ruleset::parse(&set.to_string()).unwrap()
}

/// The office of the other tests, whose first centre's people are scored by [`people_set`] too.
fn office() -> Office {
    let office = Office::new();
    let mut record = office.service.config().unwrap().periods[&november()].clone();
    record.rules.push(PeriodRule::new(
        vec![UnitId::of(office.service.department(), "TT-01")],
        SubjectKind::Person,
        people_set().id(),
    ));
    let documents = [Document::Ruleset(Box::new(people_set())), Document::Period(record)];
    office.service.write_documents(documents).unwrap();
    office
}

fn person_sheet(office: &Office, code: &str) -> SheetKey {
    let department = office.service.department();
    let (person, unit) = (PersonId::of(department, code), UnitId::of(department, "TT-01"));
    let subject = Subject::Post(AssignmentId::of(person, unit, "2022-01"));
    SheetKey { subject, period: november(), ruleset: people_set().id() }
}

/// The supervisor appraises a person: criterion and figure.
fn appraise_person(office: &Office, code: &str, figures: &[(u16, i32)]) {
    let sheet = person_sheet(office, code);
    let mut supervisor = office.phone("SO-TD");
    let changes =
        figures.iter().map(|(number, figure)| score(&sheet, Column::Appraised, *number, *figure, &[]));
    let frame = supervisor.write(&sheet, changes.collect());
    let answer = supervisor.sync(office, std::slice::from_ref(&frame));
    assert!(verdict(office, &answer, &frame).unwrap().exceptions.is_empty());
}

fn people(view: &ClassificationView) -> Vec<&ClassifiedRow> {
    view.units.iter().filter(|unit| unit.code == "TT-01").flat_map(|unit| &unit.people).collect()
}

fn authority(reason: &str) -> Authority {
    Authority { by: "Nguyễn Văn Giám".into(), reason: reason.into() }
}

#[test]
fn a_head_is_not_above_his_unit_and_a_gate_says_so() {
    let office = office();
    appraise(&office, &office.sheet("TT-01"), 80);
    appraise_person(&office, "TT-01-00", &[(1, 96)]);
    appraise_person(&office, "TT-01-01", &[(1, 75)]);
    let view = office.service.classification(november()).unwrap();
    let own = view.units.iter().find(|unit| unit.code == "TT-01").unwrap().own.clone().unwrap();
    assert_eq!((own.level, own.rank), (Some(Level::Httnv), Some(1)));
    let [head, staff] = people(&view).try_into().unwrap();
    assert_eq!((head.code.as_str(), head.level, head.rank), ("TT-01-00", Some(Level::Httnv), Some(1)));
    assert_eq!(
        head.gates.iter().map(|gate| gate.vi.as_str()).collect::<Vec<_>>(),
        ["Không cao hơn mức xếp loại của đơn vị: Hoàn thành xuất sắc nhiệm vụ → Hoàn thành tốt nhiệm vụ"]
    );
    assert_eq!((staff.level, staff.gates.len()), (Some(Level::Httnv), 0));
    let unit = view.units.iter().find(|unit| unit.code == "TT-01").unwrap();
    let spread = unit.signals.iter().find(|signal| signal.name.en.contains("Spread")).unwrap();
    assert_eq!(spread.value.vi, "chưa đủ để tính", "of two, each would know the other's points");
    let abouts = view.signals.iter().all(|it| it.about.starts_with("Người") || it.about == "các đơn vị");
    assert!(abouts, "about scorers, and the units together");
}

#[test]
fn discipline_forces_the_lowest_level_and_absence_takes_somebody_out_of_the_rating() {
    let office = office();
    appraise_person(&office, "TT-01-00", &[(1, 96), (2, 1)]);
    appraise_person(&office, "TT-01-01", &[(1, 95), (3, 21)]);
    let view = office.service.classification(november()).unwrap();
    let by_code = |code: &str| people(&view).into_iter().find(|row| row.code == code).unwrap().clone();
    assert_eq!(by_code("TT-01-00").level, Some(Level::Khtnv));
    let absent = by_code("TT-01-01");
    assert_eq!((absent.level, absent.not_rated, absent.rank), (None, true, None));
}

#[test]
fn who_is_over_the_quota_is_flagged_and_stays_until_a_person_decides() {
    let office = office();
    appraise(&office, &office.sheet("TT-01"), 100);
    appraise_person(&office, "TT-01-00", &[(1, 96)]);
    appraise_person(&office, "TT-01-01", &[(1, 92)]);
    let view = office.service.classification(november()).unwrap();
    assert!(people(&view).iter().all(|row| row.over_quota && row.level == Some(Level::Htxsnv)));
    let staff = people(&view)[1].clone();
    let decide = |level, reason: &str| {
        office.service.decide_level(staff.sheet.parse().unwrap(), level, false, &authority(reason))
    };
    assert_eq!(decide(Some(Level::Httnv), " ").unwrap_err().view().code, "reason_missing");
    assert!(decide(Some(Level::Htxsnv), "").is_ok(), "the proposal needs no reason");
    let decided = decide(Some(Level::Httnv), "Theo tỷ lệ của đơn vị").unwrap();
    let row = people(&decided)[1];
    assert_eq!((row.level, row.over_quota), (Some(Level::Htxsnv), false), "the proposal stands beside it");
    let said = row.decided.as_ref().unwrap();
    assert_eq!((said.level, said.by.as_str()), (Some(Level::Httnv), "Nguyễn Văn Giám"));
    assert!(people(&decided)[0].over_quota, "one of two is still more than a fifth of one");
    // With outstanding achievements of the unit the higher share counts.
    let own = decided.units.iter().find(|unit| unit.code == "TT-01").unwrap().own.clone().unwrap();
    let unit = own.sheet.parse().unwrap();
    let outstanding = office.service.decide_level(unit, own.level, true, &authority("Nổi trội")).unwrap();
    assert!(people(&outstanding).iter().all(|row| !row.over_quota));
    assert_eq!(decide(None, "").unwrap_err().view().code, "reason_missing", "not rated is a decision too");
    office.service.lock_period(november()).unwrap();
    assert_eq!(decide(Some(Level::Htxsnv), "").unwrap_err().view().code, "reason_missing", "locked");
    assert!(decide(Some(Level::Htxsnv), "Quyết định thay thế").is_ok());
}

#[test]
fn a_unit_s_level_may_ask_for_the_levels_of_its_people() {
    let office = office();
    let mut asking: Json = serde_json::to_value(ruleset()).unwrap();
    asking["code"] = json!("asking");
    asking["levels"][1]["conditions"] =
        json!([{"of": "people", "level": "HTTNV", "is": "at_least", "value": "100"}]);
    let asking = Ruleset::parse(&asking.to_string()).unwrap();
    let mut record = office.service.config().unwrap().periods[&november()].clone();
    record.rules[0].ruleset = asking.id();
    let documents = [Document::Ruleset(Box::new(asking.clone())), Document::Period(record)];
    office.service.write_documents(documents).unwrap();
    let sheet = SheetKey { ruleset: asking.id(), ..office.sheet("TT-01") };
    appraise(&office, &sheet, 80);
    appraise_person(&office, "TT-01-00", &[(1, 95)]);
    appraise_person(&office, "TT-01-01", &[(1, 60)]);
    let level = || office.service.rank(november()).unwrap()[0].rows[0].level;
    assert_eq!(level(), Some(Level::Htnv), "one of two is not good");
    let view = office.service.classification(november()).unwrap();
    let staff = people(&view).into_iter().find(|row| row.code == "TT-01-01").unwrap().sheet.parse().unwrap();
    office.service.decide_level(staff, Some(Level::Httnv), false, &authority("Hội đồng xét lại")).unwrap();
    assert_eq!(level(), Some(Level::Httnv), "what a person decided counts");
    office.service.lock_period(november()).unwrap();
    let file = office.service.export_result(november(), "centres").unwrap();
    assert!(file.contains(r#""people":{"HTNV":0,"HTTNV":1,"HTXSNV":1,"KHTNV":0}"#), "{file}");
    assert_eq!(PublishedResult::parse(&file).unwrap().verify(), Ok(()));
}

#[test]
fn leaders_and_staff_of_one_unit_may_be_scored_by_sets_of_their_own() {
    let office = office();
    let mut leaders = serde_json::to_value(people_set()).unwrap();
    leaders["code"] = json!("leaders");
    let leaders = Ruleset::parse(&leaders.to_string()).unwrap();
    office.service.write_documents([Document::Ruleset(Box::new(leaders.clone()))]).unwrap();
    let december: Period = "2022-12".parse().unwrap();
    let head = TakenOver { code: "people".into(), standing: Some(Standing::Head), id: leaders.id() };
    let days = Days { own_until: Some("2022-12-25".into()), ..Days::default() };
    let opening = Opening { rulesets: vec![head], days, ..Opening::default() };
    let opened = office.service.open_period_with(december, &opening).unwrap();
    assert_eq!(opened.own_until.as_deref(), Some("2022-12-25"));
    let config = office.service.config().unwrap();
    let set_of = |code: &str| {
        let subject = person_sheet(&office, code).subject;
        let theirs: Vec<_> =
            config.sheets(december).into_iter().filter(|key| key.subject == subject).collect();
        theirs.iter().map(|key| key.ruleset.to_string()).collect::<Vec<_>>()
    };
    assert_eq!((set_of("TT-01-00"), set_of("TT-01-01")), (vec!["leaders.1".into()], vec!["people.1".into()]));
    let staff = SheetKey { ruleset: leaders.id(), period: december, ..person_sheet(&office, "TT-01-01") };
    assert!(!config.expects(&staff), "a set of leaders is not for staff");
}

#[test]
fn a_published_result_is_a_file_that_anybody_can_compute_again() {
    let office = Office::new();
    appraise(&office, &office.sheet("TT-02"), 100);
    let published = office.service.lock_period(november()).unwrap();
    let file = office.service.export_result(november(), "centres").unwrap();
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&file));
    assert_eq!(published[0].result_hash.as_deref(), Some(hash.as_str()), "what sha256sum says");
    let path = office.folder.path().join("result.json");
    std::fs::write(&path, &file).unwrap();
    let evaluate = |path: &std::path::Path| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_xeploai-server"))
            .args(["evaluate", "--json", "--result"])
            .arg(path)
            .output()
            .unwrap();
        serde_json::from_slice::<Json>(&output.stdout).unwrap()
    };
    assert_eq!(evaluate(&path)["result_hash"], hash);
    std::fs::write(&path, file.replace("\"HTXSNV\",\"not_rated\"", "\"HTTNV\",\"not_rated\"")).unwrap();
    assert_eq!(evaluate(&path)["code"], "result.differs");
    assert_eq!(PublishedResult::parse(&file).unwrap().rows.len(), 2);
    assert_eq!(office.service.export_result(november(), "cum").unwrap_err().view().code, "no_such_league");
}

#[test]
fn months_make_a_quarter_and_what_is_missing_is_named() {
    let office = office();
    appraise(&office, &office.sheet("TT-01"), 80);
    appraise_person(&office, "TT-01-01", &[(1, 75)]);
    let quarter: Period = "2022-Q4".parse().unwrap();
    let view = office.service.aggregation(quarter).unwrap();
    let unit = view.rows.iter().find(|row| row.code == "TT-01").unwrap();
    assert_eq!(
        (unit.result.total.unwrap().to_string(), unit.result.level),
        ("81".into(), Some(Level::Httnv))
    );
    let all = unit.others.iter().find(|other| other.method.vi.contains("tất cả")).unwrap();
    assert_eq!((all.total.unwrap().to_string(), all.level), ("27".into(), Some(Level::Khtnv)));
    assert!(unit.warning.as_ref().unwrap().vi.contains("27"), "{:?}", unit.warning);
    assert!(unit.notes.iter().any(|note| note.vi.contains("2022-10, 2022-12")), "{:?}", unit.notes);
    assert!(view.rows.iter().any(|row| row.code == "TT-01-01" && !row.of_unit));
    assert_eq!(
        office.service.aggregation("2021".parse().unwrap()).unwrap_err().view().code,
        "no_such_period"
    );
}

#[test]
fn a_set_of_five_hundred_criteria_is_imported_and_one_more_is_refused_with_its_place() {
    let office = Office::new();
    let set = |count: u16| {
        let mut set = serde_json::to_value(people_set()).unwrap();
        let title = "Tham mưu, xây dựng văn bản đúng tiến độ, bảo đảm chất lượng, số ";
        set["groups"][0]["criteria"] = (1..=count)
            .map(|number| {
                let text = format!("{title}{number}");
                json!({"number": number, "label": format!("I.{number}"), "title": {"vi": text, "en": text},
                    "max": "0.2", "step": "0.1", "rule": {"kind": "points"}})
            })
            .collect();
        set["groups"].as_array_mut().unwrap().truncate(1);
        set["groups"][0]["max"] = json!(format!("{}.{}", count / 5, count % 5 * 2));
        set["gates"] = json!([]);
        set
    };
    let path = office.folder.path().join("set.json");
    let import = |set: &Json| {
        std::fs::write(&path, set.to_string()).unwrap();
        says(&office, &["ruleset", "import"], &[path.to_str().unwrap()])
    };
    assert_eq!(import(&set(501)), Err(json!("ruleset.too_many")));
    assert_eq!(import(&set(500)), Ok(json!(["people.1"])));
    assert_eq!(import(&set(500)), Ok(json!([])), "a version is never replaced");
    let known = office.service.config().unwrap();
    assert_eq!(known.rulesets[&people_set().id()].criteria().count(), 500);
}

#[test]
fn the_checker_names_every_problem_and_its_place() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/rulesets");
    let check = |files: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_xeploai-server"))
            .args(["--json", "ruleset", "check"])
            .args(files.iter().map(|file| format!("{root}/{file}")))
            .output()
            .unwrap();
        (output.status.success(), serde_json::from_slice::<Json>(&output.stdout).unwrap())
    };
    let (valid, said) = check(&["ha-tinh-thang.json", "nd335-staff.json"]);
    assert!(valid, "{said}");
    let (valid, said) = check(&["examples/ha-tinh-as-published.json"]);
    let problems = said[0]["problems"].as_array().unwrap();
    let places: Vec<&str> = problems.iter().map(|problem| problem["place"].as_str().unwrap()).collect();
    assert_eq!((valid, places), (false, vec!["levels[HTTNV].below", "levels[HTNV].below"]));
    assert!(problems[0]["message"]["vi"].as_str().unwrap().contains("từ 90 đến dưới 91 không có mức nào"));
    assert_eq!(ruleset().code, "demo-c");
}
