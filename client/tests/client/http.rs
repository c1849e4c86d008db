//! HTTP to the server: one connection for many exchanges, and few bytes around each.

use xeploai_client::carrier::http::HttpCarrier;
use xeploai_client::carrier::{Carrier, Server};
use xeploai_client::{App, ClientError};

use crate::socket::FakeServer;

fn enrolled(server: &FakeServer) -> (tempfile::TempDir, App) {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(folder.path()).unwrap();
    app.enrol(&server.code(), "Máy").unwrap();
    (folder, app)
}

#[test]
fn exchanges_share_a_connection() {
    let server = FakeServer::start_with(100);
    let (_folder, app) = enrolled(&server);
    for _ in 0..5 {
        assert!(app.sync().unwrap().ok);
    }
    let heard = server.heard();
    assert!(heard.len() >= 7, "enrolment and six syncs");
    assert!(heard.iter().all(|heard| heard.connection == 0));
}

#[test]
fn a_connection_that_the_server_has_closed_is_made_anew() {
    let server = FakeServer::start_with(2);
    let (_folder, app) = enrolled(&server);
    for _ in 0..5 {
        assert!(app.sync().unwrap().ok);
    }
    assert!(server.heard().last().unwrap().connection >= 2);
}

#[test]
fn a_sync_has_the_headers_that_http_needs_and_no_other() {
    let server = FakeServer::start_with(100);
    let (_folder, app) = enrolled(&server);
    assert!(app.sync().unwrap().ok);
    let heard = server.heard().pop().unwrap().head;
    let (line, headers) = heard.split_once("\r\n").unwrap();
    let mut names: Vec<&str> = headers.lines().filter_map(|line| Some(line.split_once(':')?.0)).collect();
    names.sort_unstable();
    assert_eq!((line, names), ("post /sync http/1.1", vec!["accept", "content-length", "host"]));
    assert!(heard.len() < 90, "{} bytes: {heard}", heard.len());
}

#[test]
fn it_works_and_ends_inside_somebody_else_s_runtime() {
    let server = FakeServer::start_with(100);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (_folder, app) = enrolled(&server);
        assert!(app.sync().unwrap().ok);
        drop(app);
    });
}

#[test]
fn who_does_not_answer_is_unreachable_and_the_next_one_is_asked() {
    let carrier = HttpCarrier::default();
    let nobody = Server::new("http://127.0.0.1:9", None).unwrap();
    let unreachable = carrier.exchange(&nobody, "/sync", vec![1]).unwrap_err();
    assert!(matches!(unreachable, ClientError::Refused(xeploai_client::Refused::Unreachable)));
    let server = FakeServer::start();
    let asked = carrier.exchange(&Server::new(&server.url, None).unwrap(), "/enrol", enrolment());
    assert!(asked.is_ok());
}

fn enrolment() -> Vec<u8> {
    let (key, nonce) = ("07".repeat(32), "01".repeat(16));
    let code = crate::department::STAFF;
    serde_json::json!({ "code": code, "key": key, "nonce": nonce, "device": "Máy" }).to_string().into_bytes()
}
