use super::*;
use crate::mutation::{edits, mutated};
use proptest::prelude::*;

fn header(key: &SigningKey) -> Header {
    Header {
        department: DepartmentId([1; 16]),
        author: PersonId([2; 16]),
        key: key.verifying_key().to_bytes(),
        nonce: [3; 16],
        device: "Điện thoại TS-01".into(),
    }
}

#[test]
fn a_certificate_comes_back_and_fits() {
    let department = SigningKey::from_bytes(&[7; 32]);
    let certificate = Certificate::sign(header(&SigningKey::from_bytes(&[8; 32])), &department);
    assert_eq!(Certificate::decode(&certificate.encode()), Ok(certificate.clone()));
    assert_eq!(certificate.verify(DepartmentId([1; 16]), &department.verifying_key().to_bytes()), Ok(()));
}

#[test]
fn a_header_changed_after_signing_does_not_fit() {
    let department = SigningKey::from_bytes(&[7; 32]);
    let mut certificate = Certificate::sign(header(&SigningKey::from_bytes(&[8; 32])), &department);
    certificate.header.author = PersonId([4; 16]);
    let key = department.verifying_key().to_bytes();
    assert_eq!(certificate.verify(DepartmentId([1; 16]), &key), Err(SignatureError::Signature));
    assert_eq!(certificate.verify(DepartmentId([9; 16]), &key), Err(SignatureError::Department));
}

/// A department's key, a device's key, and the device's certificate.
fn enrolled() -> (SigningKey, SigningKey, Certificate) {
    let (department, device) = (SigningKey::from_bytes(&[7; 32]), SigningKey::from_bytes(&[8; 32]));
    let certificate = Certificate::sign(header(&device), &department);
    (department, device, certificate)
}

fn is_believed(certificate: &Certificate, department: &SigningKey) -> bool {
    certificate.verify(DepartmentId([1; 16]), &department.verifying_key().to_bytes()).is_ok()
}

#[test]
fn a_renewed_stream_is_another_one_of_the_same_author_and_key() {
    let (department, device, certificate) = enrolled();
    let renewed = certificate.renew([9; 16], &device);
    assert_eq!(Certificate::decode(&renewed.encode()), Ok(renewed.clone()));
    assert!(is_believed(&renewed, &department), "without asking anybody");
    assert_ne!(renewed.header.stream(), certificate.header.stream());
    assert_eq!(renewed.enrolled(), certificate.header);
    assert_eq!(
        Header { nonce: [3; 16], ..renewed.header.clone() },
        certificate.header,
        "nothing else differs"
    );
    assert!(!is_believed(&renewed, &device), "of another department");
}

#[test]
fn a_renewal_of_a_renewal_goes_back_to_the_enrolled_stream() {
    let (department, device, certificate) = enrolled();
    let once = certificate.renew([9; 16], &device);
    let twice = once.renew([10; 16], &device);
    assert_eq!(twice, certificate.renew([10; 16], &device));
    assert_eq!(twice.enrolled(), certificate.header);
    assert_eq!(twice.encode().len(), once.encode().len(), "certificates don't grow");
    assert!(is_believed(&twice, &department));
}

#[test]
fn a_renewal_by_another_key_is_refused() {
    let (department, _, certificate) = enrolled();
    let stranger = SigningKey::from_bytes(&[11; 32]);
    assert!(!is_believed(&certificate.renew([9; 16], &stranger), &department));
    assert!(!is_believed(&certificate.renew([9; 16], &department), &department), "not even the department's");
    let mut taken = certificate.renew([9; 16], &stranger);
    taken.header.key = stranger.verifying_key().to_bytes();
    assert!(!is_believed(&taken, &department), "a stranger's key under a certified name");
}

#[test]
fn a_renewal_changed_after_signing_is_refused() {
    let (department, device, certificate) = enrolled();
    let renewed = certificate.renew([9; 16], &device);
    let with = |change: fn(&mut Certificate)| {
        let mut changed = renewed.clone();
        change(&mut changed);
        changed
    };
    let changed = [
        with(|it| it.header.nonce = [12; 16]),
        with(|it| it.header.author = PersonId([12; 16])),
        with(|it| it.header.device = "Máy khác".into()),
        with(|it| it.signature[0] ^= 1),
        with(|it| it.renewal = None),
        with(|it| it.renewal.as_mut().unwrap().enrolled = [12; 16]),
        with(|it| it.renewal.as_mut().unwrap().signature[0] ^= 1),
    ];
    assert!(changed.iter().all(|certificate| !is_believed(certificate, &department)));
}

/// As [`enrolled`], by the device of a supervisor: the department's key, his device's, the new device's.
fn delegated() -> (SigningKey, SigningKey, SigningKey, Certificate) {
    let (department, supervisor, issuer) = enrolled();
    let own = SigningKey::from_bytes(&[10; 32]);
    let header = Header { author: PersonId([4; 16]), ..header(&own) };
    let certificate = Certificate::delegate(header, issuer, 1_700_000_000, &supervisor);
    (department, supervisor, own, certificate)
}

#[test]
fn a_device_that_a_certified_one_has_enrolled_is_believed_and_its_renewals_too() {
    let (department, supervisor, own, certificate) = delegated();
    for certificate in [certificate.renew([9; 16], &own), certificate] {
        assert_eq!(Certificate::decode(&certificate.encode()), Ok(certificate.clone()));
        assert!(is_believed(&certificate, &department));
        assert!(!is_believed(&certificate, &supervisor), "of another department");
        let confirmed = certificate.confirm(&department);
        assert!(is_believed(&confirmed, &department) && confirmed.delegation.is_none());
        assert_eq!(confirmed.header.stream(), certificate.header.stream(), "the same stream");
    }
}

#[test]
fn a_delegation_changed_after_signing_or_by_who_may_not_is_refused() {
    let (department, supervisor, own, certificate) = delegated();
    let with = |change: fn(&mut Certificate)| {
        let mut changed = certificate.clone();
        change(&mut changed);
        changed
    };
    let changed = [
        with(|it| it.header.author = PersonId([12; 16])),
        with(|it| it.header.key = [12; 32]),
        with(|it| it.delegation.as_mut().unwrap().issued_at += 1),
        with(|it| it.delegation.as_mut().unwrap().issuer.header.author = PersonId([12; 16])),
        with(|it| it.delegation = None),
        with(|it| it.signature[0] ^= 1),
    ];
    assert!(changed.iter().all(|it| !is_believed(it, &department)));
    let issuer = *certificate.delegation.clone().unwrap().issuer;
    let by_another = Certificate::delegate(certificate.header.clone(), issuer.clone(), 0, &own);
    assert!(!is_believed(&by_another, &department), "not signed by the issuer's device");
    let server = Header { author: Header::SERVER, ..certificate.header.clone() };
    let server = Certificate::delegate(server, issuer, 0, &supervisor);
    assert!(!is_believed(&server, &department), "nobody makes himself the server");
    let next = Certificate::delegate(header(&department), certificate, 0, &own);
    assert!(!is_believed(&next, &department), "who was delegated delegates nobody");
    assert!(Certificate::decode(&next.encode()).is_err());
}

#[test]
fn the_enrolled_stream_has_one_certificate() {
    let (department, device, certificate) = enrolled();
    let same = certificate.renew(certificate.header.nonce, &device);
    assert!(!is_believed(&same, &department), "a renewal to the same stream is none");
}

proptest! {
    #[test]
    fn any_bytes_are_a_certificate_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(certificate) = Certificate::decode(&bytes) {
            prop_assert_eq!(certificate.encode(), bytes, "one certificate has one encoding");
        }
    }

    #[test]
    fn a_cut_or_changed_certificate_is_not_believed(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (department, device, certificate) = enrolled();
        let (.., own, delegated) = delegated();
        let all = [certificate.renew([9; 16], &device), certificate, delegated.renew([9; 16], &own), delegated];
        for certificate in all {
            let mut bytes = certificate.encode();
            let at = at.index(bytes.len());
            prop_assert!(Certificate::decode(&bytes[..at]).is_err());
            bytes[at] ^= 1 << bit;
            let read = Certificate::decode(&bytes);
            prop_assert!(!read.is_ok_and(|changed| is_believed(&changed, &department)));
        }
    }
}

#[test]
fn a_signature_for_one_purpose_fits_no_other() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let signature = sign(&key, Context::Frame, DepartmentId([1; 16]), b"x");
    let public = key.verifying_key().to_bytes();
    assert!(verify(&public, Context::Frame, DepartmentId([1; 16]), b"x", &signature).is_ok());
    assert!(verify(&public, Context::Verdicts, DepartmentId([1; 16]), b"x", &signature).is_err());
    assert!(verify(&public, Context::Frame, DepartmentId([2; 16]), b"x", &signature).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_a_header_and_a_certificate_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Header::decode(&bytes);
        let _ = Certificate::decode(&bytes);
    }

    #[test]
    fn a_mutated_certificate_is_refused_or_comes_back_and_does_not_fit(edits in edits()) {
        let department = SigningKey::from_bytes(&[7; 32]);
        let certificate = Certificate::sign(header(&SigningKey::from_bytes(&[8; 32])), &department);
        for certificate in [certificate, delegated().3] {
            let bytes = mutated(&certificate.encode(), &edits);
            if let Ok(read) = Certificate::decode(&bytes) {
                prop_assert_eq!(read.encode(), bytes);
                prop_assert_eq!(Header::decode(&read.header.encode()), Ok(read.header.clone()));
                prop_assert_eq!(is_believed(&read, &department), read == certificate);
            }
        }
    }
}
