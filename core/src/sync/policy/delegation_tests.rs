//! Everybody against everybody: who enrols whom.

use super::*;
use crate::ids::AssignmentId;
use crate::org::testing::{DEPARTMENT, PEOPLE, assignment, config, month, person, unit, unit_record, with};
use crate::org::{Assignment, Document, Revocation, Unit};
use crate::sync::stream::Header;
use ed25519_dalek::SigningKey;

/// Pairs of who may enrol and whom.
fn pairs(config: &Config) -> Vec<(&'static str, &'static str)> {
    let everybody = || PEOPLE.iter().map(|(code, ..)| *code).chain(["stranger"]);
    let of = |by| everybody().map(move |whom| (by, whom));
    everybody().flat_map(of).filter(|(by, whom)| may_enrol(config, person(by), person(whom))).collect()
}

#[test]
fn a_supervisor_enrols_plain_staff_of_the_units_in_his_charge_and_nobody_else_does() {
    // Both are in charge of a unit of their own as well: nobody visits himself.
    assert_eq!(pairs(&config()), [("supervisor", "scorer"), ("supervisor", "staff")]);
}

#[test]
fn who_holds_a_post_elsewhere_too_or_none_is_enrolled_by_the_department_alone() {
    let elsewhere = Assignment {
        id: AssignmentId::of(person("staff"), unit("pvh"), "2022-05"),
        unit: unit("pvh"),
        ..assignment("staff")
    };
    let config = with([Document::Assignment(elsewhere)]);
    assert!(!may_enrol(&config, person("supervisor"), person("staff")));
    let left = Assignment { until: Some(month("2022-10")), ..assignment("staff") };
    assert!(!may_enrol(&with([Document::Assignment(left)]), person("supervisor"), person("staff")));
}

#[test]
fn who_stands_in_for_a_head_anywhere_is_no_plain_staff() {
    let pvh = Unit { deputies: vec![person("staff")], ..unit_record("pvh") };
    assert!(!may_enrol(&with([Document::Unit(pvh)]), person("supervisor"), person("staff")));
}

#[test]
fn candidates_are_those_whom_he_may_enrol_by_name() {
    let config = config();
    let names = |by| candidates(&config, person(by)).iter().map(|it| it.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names("supervisor"), ["scorer", "staff"]);
    assert!(names("director").is_empty());
}

fn header(author: &str, key: &SigningKey) -> Header {
    let key = key.verifying_key().to_bytes();
    Header { department: DEPARTMENT, author: person(author), key, nonce: [1; 16], device: "Máy".into() }
}

#[test]
fn a_certificate_lets_in_whom_its_issuer_may_enrol_as_long_as_his_device_is_not_out() {
    let [root, issuers, own] = [7, 8, 9].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let by = |issuer: &str, whose: &str| {
        let issuer = Certificate::sign(header(issuer, &issuers), &root);
        Certificate::delegate(header(whose, &own), issuer, 0, &issuers)
    };
    let config = config();
    assert!(admits(&config, &by("supervisor", "staff")));
    assert!(!admits(&config, &by("supervisor", "head")) && !admits(&config, &by("director", "staff")));
    assert!(admits(&config, &by("director", "staff").confirm(&root)), "the department may all");
    let device = issuers.verifying_key().to_bytes();
    let (tips, reason, by_whom) = (Vec::new(), "mất".into(), "Giám đốc".into());
    let out = Document::Revocation(Revocation { device, tips, reason, by: by_whom });
    assert!(!admits(&with([out]), &by("supervisor", "staff")));
}
