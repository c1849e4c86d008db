//! A bundle comes back whole to its readers, and to nobody else; any other bytes are refused, each for its own reason.

use proptest::prelude::*;

use super::*;
use crate::mutation::{edits, mutated};
use crate::sync::testing::{Author, DEPARTMENT, trust};

const SEED: [u8; 32] = [3; 32];

fn bundle(author: &Author, messages: Vec<Vec<u8>>) -> Bundle {
    Bundle { sender: author.certificate.clone(), made_at: 1_668_996_000, messages }
}

fn sealed(bundle: &Bundle, author: &Author, readers: &[&Author]) -> Vec<u8> {
    let readers: Vec<[u8; 32]> = readers.iter().map(|reader| reader.certificate.header.key).collect();
    bundle.seal(&author.key, &readers, &SEED).unwrap()
}

#[test]
fn each_reader_gets_the_same_and_nobody_else_gets_anything() {
    let [author, first, second, other] = [1, 2, 3, 4].map(Author::new);
    let part = PACKET_MAX - TAG_BYTES;
    for size in [0, 1, part - 200, part, part + 1, 3 * part] {
        let bundle = bundle(&author, vec![vec![7; size], vec![], vec![9; 40]]);
        let file = sealed(&bundle, &author, &[&first, &second]);
        for reader in [&first, &second] {
            assert_eq!(Bundle::open(&file, &reader.key, &trust()).as_ref(), Ok(&bundle), "{size} bytes");
        }
        for reader in [&author, &other] {
            assert_eq!(Bundle::open(&file, &reader.key, &trust()), Err(BundleError::NotForReader));
        }
    }
}

#[test]
fn a_file_that_is_cut_anywhere_says_so() {
    let (author, reader) = (Author::new(1), Author::new(2));
    let file = sealed(&bundle(&author, vec![vec![7; 500]]), &author, &[&reader]);
    for end in 0..file.len() {
        let expected = if end < MAGIC.len() { BundleError::NotABundle } else { BundleError::Cut };
        assert_eq!(Bundle::open(&file[..end], &reader.key, &trust()), Err(expected), "{end} bytes");
    }
    let longer = [&file[..], &[0]].concat();
    assert_eq!(Bundle::open(&longer, &reader.key, &trust()), Err(BundleError::Altered));
}

#[test]
fn what_is_no_bundle_of_ours_is_refused_for_its_own_reason() {
    let (author, reader) = (Author::new(1), Author::new(2));
    let file = sealed(&bundle(&author, vec![vec![7; 50]]), &author, &[&reader]);
    let open = |file: &[u8]| Bundle::open(file, &reader.key, &trust()).unwrap_err();
    assert_eq!(open(b"PK\x03\x04 a picture, a page, a sheet"), BundleError::NotABundle);
    let mut later = file.clone();
    later[MAGIC.len()] = VERSION + 1;
    assert_eq!(open(&later), BundleError::Version);
    let elsewhere = Trust { department: DepartmentId([9; 16]), ..trust() };
    assert_eq!(Bundle::open(&file, &reader.key, &elsewhere), Err(BundleError::OtherDepartment));
}

#[test]
fn a_sender_who_is_not_of_the_department_or_did_not_sign_is_not_believed() {
    let [author, reader, other] = [1, 2, 3].map(Author::new);
    let readers = [reader.certificate.header.key];
    let in_his_name = bundle(&author, vec![vec![7; 50]]).seal(&other.key, &readers, &SEED).unwrap();
    assert_eq!(Bundle::open(&in_his_name, &reader.key, &trust()), Err(BundleError::Unsigned));
    let own = Certificate::sign(author.certificate.header.clone(), &other.key);
    let of_nobody = Bundle { sender: own, ..bundle(&author, vec![]) };
    let file = of_nobody.seal(&author.key, &readers, &SEED).unwrap();
    assert_eq!(Bundle::open(&file, &reader.key, &trust()), Err(BundleError::Unsigned));
}

#[test]
fn limits_are_told_before_anything_is_written() {
    let (author, reader) = (Author::new(1), Author::new(2));
    let seal = |messages: Vec<Vec<u8>>, readers: usize| {
        let readers = vec![reader.certificate.header.key; readers];
        bundle(&author, messages).seal(&author.key, &readers, &SEED).map(drop)
    };
    assert_eq!(seal(vec![vec![]; MESSAGES_MAX], READERS_MAX), Ok(()));
    assert_eq!(seal(vec![vec![]; MESSAGES_MAX + 1], 1), Err(BundleError::TooLarge));
    assert_eq!(seal(vec![vec![0; MESSAGE_BYTES_MAX + 1]], 1), Err(BundleError::TooLarge));
    assert_eq!(seal(vec![], READERS_MAX + 1), Err(BundleError::TooLarge));
    assert_eq!(bundle(&author, vec![]).seal(&author.key, &[[0; 32]], &SEED), Err(BundleError::TooLarge));
}

#[test]
fn two_bundles_of_one_content_have_nothing_in_common_but_their_head() {
    let (author, reader) = (Author::new(1), Author::new(2));
    let bundle = bundle(&author, vec![vec![7; 200]]);
    let readers = [reader.certificate.header.key];
    let [one, other] = [[3; 32], [4; 32]].map(|seed| bundle.seal(&author.key, &readers, &seed).unwrap());
    assert_eq!(one.len(), other.len());
    let head = MAGIC.len() + 1 + 16 + 1;
    assert_eq!(one[..head], other[..head]);
    let same = one[head..].windows(8).zip(other[head..].windows(8)).filter(|(a, b)| a == b).count();
    assert_eq!(same, 0);
    assert_eq!(one[4..20], DEPARTMENT.0);
}

#[test]
fn a_bundle_of_fixed_keys_and_seed_is_the_same_bytes_for_ever() {
    let (author, reader) = (Author::new(1), Author::new(2));
    let file = sealed(&bundle(&author, vec![vec![7; 100]]), &author, &[&reader]);
    assert_eq!(
        (file.len(), blake3::hash(&file).to_hex().as_str()),
        (496, "83075b1b9830a80bb9ef4d82bb6c03cb079e2c7d58779c160b250dd5f96fce76")
    );
}

proptest! {
    #[test]
    fn a_file_that_was_changed_anywhere_is_refused(edits in edits()) {
        let (author, reader) = (Author::new(1), Author::new(2));
        let file = sealed(&bundle(&author, vec![vec![7; 300]]), &author, &[&reader]);
        let changed = mutated(&file, &edits);
        let opened = Bundle::open(&changed, &reader.key, &trust());
        prop_assert_eq!(opened.is_ok(), changed == file);
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let reader = Author::new(2);
        let _ = Bundle::open(&bytes, &reader.key, &trust());
        let ours = [&MAGIC[..], &[VERSION], &DEPARTMENT.0, &bytes].concat();
        prop_assert!(Bundle::open(&ours, &reader.key, &trust()).is_err());
    }
}
