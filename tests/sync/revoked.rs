//! A device that is put out: what it wrote before stands, what it writes later counts for nothing and is kept.

use xeploai_core::ids::PersonId;
use xeploai_core::points::Points;
use xeploai_core::view::Column;
use xeploai_server::service::Authority;

use crate::office::Office;

#[test]
fn frames_up_to_the_named_tips_stand_and_later_ones_do_not() {
    let office = Office::new();
    let (stolen, head) = (office.phone("tt-1-a", "bị mất"), office.phone("tt-1-gd", "máy"));
    stolen.score("tt-1-a", 1, Column::Own, "1").unwrap();
    stolen.sync();
    let person = PersonId::of(office.ask(xeploai_server::service::Service::department), "tt-1-a");
    let authority = Authority { by: "Chuyên viên tổng hợp".into(), reason: "Mất máy".into() };
    let revoked = office.ask(|service| service.revoke(person, "bị mất", &authority)).unwrap();
    assert_eq!(revoked, 1);

    stolen.score("tt-1-a", 2, Column::Own, "2").unwrap();
    let report = stolen.app.sync().unwrap();
    assert_eq!(report.failure.unwrap().code, "device_revoked");
    head.sync();
    assert_eq!(head.own("tt-1-a", 1), Some(Points::whole(1)), "written before");
    assert_eq!(head.own("tt-1-a", 2), None, "written after");
    assert!(head.count("frames") > 0);
    let new = office.phone("tt-1-a", "máy mới");
    assert_eq!(new.own("tt-1-a", 1), Some(Points::whole(1)), "the person goes on with another device");
    new.score("tt-1-a", 2, Column::Own, "1,5").unwrap();
    new.sync();
    head.sync();
    assert_eq!(head.own("tt-1-a", 2), Some(Points(15_000)));
}
