//! One-time codes.

use xeploai_server::error::ServerError;
use xeploai_server::service::{Environment, Service};

use crate::fixture::Office;

fn refused(service: &Service, code: &str) -> String {
    let error: ServerError = service.enrol(code, [6; 32], [1; 16], "Máy lạ").unwrap_err();
    let view = error.view();
    assert!(!view.message.vi.is_empty() && view.message.vi != view.message.en);
    view.code
}

fn in_eight_days() -> i64 {
    (Environment::system().clock)() + 8 * 24 * 60 * 60
}

#[test]
fn a_code_works_once_however_it_is_typed() {
    let office = Office::new();
    let code = office.service.new_code("TT-01-00").unwrap().code;
    assert_eq!(code.len(), 19);
    let typed = code.replace('-', " ").to_lowercase();
    let enrolled = office.service.enrol(&typed, [7; 32], [1; 16], "Máy").unwrap();
    let key = enrolled.department_key;
    assert!(enrolled.certificate.verify(office.service.department(), &key).is_ok());
    assert!(enrolled.server_certificate.verify(office.service.department(), &key).is_ok());
    assert_eq!(refused(&office.service, &code), "enrolment_used");
}

#[test]
fn a_device_whose_answer_was_lost_asks_again_and_gets_the_same_certificate() {
    let office = Office::new();
    let code = office.service.new_code("TT-01-00").unwrap().code;
    let first = office.service.enrol(&code, [9; 32], [1; 16], "Máy").unwrap();
    let again = office.service.enrol(&code, [9; 32], [2; 16], "Máy").unwrap();
    assert_eq!(
        again.certificate.header.stream(),
        first.certificate.header.stream(),
        "one device, one stream"
    );
    assert_eq!(refused(&office.service, &code), "enrolment_used", "another key gets nothing");
    let other = office.service.new_code("TT-01-01").unwrap().code;
    office.service.enrol(&other, [8; 32], [1; 16], "Máy").unwrap();
    let error = office.service.enrol(&other, [9; 32], [1; 16], "Máy").unwrap_err();
    assert_eq!(error.view().code, "enrolment_used", "another person's key gets nothing");
}

#[test]
fn unknown_and_expired_codes_are_refused() {
    let office = Office::new();
    assert_eq!(refused(&office.service, "0000-0000-0000-0000"), "enrolment_unknown");
    let code = office.service.new_code("TT-01-00").unwrap().code;
    let later = Service::open(&office.data()).unwrap().with_clock(in_eight_days);
    assert_eq!(refused(&later, &code), "enrolment_expired");
    assert!(office.service.enrol(&code, [7; 32], [1; 16], "Máy").is_ok(), "a refusal uses nothing up");
    assert_eq!(office.service.new_code("KHONG-CO").unwrap_err().view().code, "no_such_person");
}
