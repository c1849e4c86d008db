//! The console's routes.

use crate::fixture::Office;
use crate::http::{Served, error_code};

const JSON: &str = "content-type: application/json";

fn login(served: &Served, login: &str, password: &str) -> (u16, String, Vec<u8>) {
    let body = serde_json::json!({"login": login, "password": password}).to_string();
    served.ask("POST", "/api/login", &[JSON], body.as_bytes())
}

fn cookie(head: &str) -> String {
    let line = head.lines().find(|line| line.to_lowercase().starts_with("set-cookie:")).expect("a cookie");
    let lower = line.to_lowercase();
    assert!(lower.contains("httponly") && lower.contains("samesite=strict"), "{line}");
    let value = line.split_once(':').unwrap().1.split(';').next().unwrap().trim();
    format!("cookie: {value}")
}

#[test]
fn everything_under_api_needs_a_login() {
    let office = Office::new();
    office.service.put_account("sotttt", "Chuyên viên", "mat-khau").unwrap();
    let served = Served::start(&office);
    let unit = "/api/unit?period=2022-11&unit=00";
    let paths =
        ["/api/account", "/api/overview", "/api/ranking?period=2022-11&league=centres", unit, "/api/nothing"];
    for path in paths {
        let (status, _, body) = served.ask("GET", path, &[], b"");
        assert_eq!((status, error_code(&body).as_str()), (401, "login_needed"), "{path}");
    }
    let (status, head, _) = login(&served, "sotttt", "mat-khau");
    assert_eq!(status, 200);
    let cookie = cookie(&head);
    let get = |path: &str| served.ask("GET", path, &[&cookie], b"");
    assert_eq!(get("/api/account").0, 200);
    let overview: xeploai_core::view::OverviewView = serde_json::from_slice(&get("/api/overview").2).unwrap();
    assert_eq!((overview.units.len(), overview.rankings.len()), (2, 1));
    assert_eq!(get("/api/ranking?period=2022-11&league=centres").0, 200);
    let shown = overview.rankings[0].rows[0].unit.clone();
    assert_eq!(get(&format!("/api/unit?period=2022-11&unit={shown}")).0, 200);
    for (path, code) in [
        ("/api/nothing", "not_found"),
        ("/api/ranking?period=2022-11&league=x", "not_found"),
        (unit, "no_such_unit"),
    ] {
        let (status, _, body) = get(path);
        assert_eq!((status, error_code(&body).as_str()), (404, code), "{path}");
    }
    assert_eq!(served.ask("POST", "/api/logout", &[&cookie], b"").0, 200);
    assert_eq!(get("/api/account").0, 401, "the session has ended");
}

#[test]
fn wrong_passwords_are_limited_by_account() {
    let office = Office::new();
    office.service.put_account("sotttt", "Chuyên viên", "mat-khau").unwrap();
    office.service.put_account("khac", "Người khác", "mat-khau").unwrap();
    let served = Served::start(&office);
    for _ in 0..5 {
        let (status, _, body) = login(&served, "sotttt", "sai");
        assert_eq!((status, error_code(&body).as_str()), (401, "login_wrong"));
    }
    let (status, _, body) = login(&served, "sotttt", "mat-khau");
    assert_eq!((status, error_code(&body).as_str()), (429, "login_too_often"));
    assert_eq!(login(&served, "khac", "mat-khau").0, 200, "another account is not held up");
}

#[test]
fn a_login_changes_the_sessions_id() {
    let office = Office::new();
    office.service.put_account("sotttt", "Chuyên viên", "mat-khau").unwrap();
    let served = Served::start(&office);
    let first = cookie(&login(&served, "sotttt", "mat-khau").1);
    let body = serde_json::json!({"login": "sotttt", "password": "mat-khau"}).to_string();
    let (_, head, _) = served.ask("POST", "/api/login", &[JSON, &first], body.as_bytes());
    assert_ne!(cookie(&head), first);
    assert_eq!(served.ask("GET", "/api/account", &[&first], b"").0, 401);
}

#[test]
fn pages_come_with_headers_that_keep_foreign_code_out() {
    let office = Office::new();
    let served = Served::start(&office);
    for path in ["/", "/console/2022-11"] {
        let (status, head, body) = served.ask("GET", path, &[], b"");
        let head = head.to_lowercase();
        assert_eq!(status, 200, "{path}");
        assert!(
            head.contains("text/html") && head.contains("content-security-policy: default-src 'self'"),
            "{head}"
        );
        assert!(head.contains("x-content-type-options: nosniff") && head.contains("x-frame-options: deny"));
        assert!(String::from_utf8_lossy(&body).contains("<html"));
    }
    assert_eq!(served.ask("GET", "/missing.js", &[], b"").0, 404);
}
