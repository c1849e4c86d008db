//! Laws of codes: what is shown is read, whatever was missed, repeated, mixed up or misread.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::view::qr;

fn codes(payload: &[u8]) -> Codes {
    Codes::new(payload.to_vec()).unwrap()
}

/// Bytes that no packing makes shorter, as the same seed gives them.
fn payload(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![CODE_BYTES_MAX + 1..4_000, 4_000..30_000_usize, Just(2_256), Just(2_257)]
}

/// What is wanted of a code on a screen, in modules on a side.
fn side(text: &str) -> usize {
    qr::code(text).unwrap().size
}

#[test]
fn codes_are_as_fine_as_phones_read_them() {
    let one = |length| side(&codes(&payload(1, length)).text(0));
    assert!(one(500) <= 17 + 4 * 18, "a month is version 18 at most");
    assert!(one(CODE_BYTES_MAX) <= qr::SIDE_MAX);
    for length in [CODE_BYTES_MAX + 1, PAYLOAD_BYTES_MAX] {
        let series = codes(&payload(1, length));
        assert!(series.is_series());
        assert!([0, series.needed(), PARTS - 1].iter().all(|part| side(&series.text(*part)) == 17 + 4 * 15));
    }
}

#[test]
fn nothing_and_too_much_are_not_shown() {
    assert_eq!(Codes::new(vec![]).err(), Some(QrError::NothingWaits));
    assert_eq!(Codes::new(vec![0; PAYLOAD_BYTES_MAX + 1]).err(), Some(QrError::TooMuch));
}

#[test]
fn the_longest_series_is_read_from_repairs_alone() {
    let payload = payload(7, PAYLOAD_BYTES_MAX);
    let (series, mut collector) = (codes(&payload), Collector::default());
    let start = series.needed();
    let whole = (start..).find_map(|part| collector.take(&series.text(part)).unwrap().payload);
    assert_eq!(whole, Some(payload));
}

#[test]
fn a_wrong_part_is_found_out_and_the_series_begins_anew() {
    let payload = payload(3, 2_000);
    let (series, mut collector) = (codes(&payload), Collector::default());
    let mut wrong = base45::read(series.text(0).strip_prefix(SERIES).unwrap()).unwrap();
    *wrong.last_mut().unwrap() ^= 1;
    let mut text = SERIES.to_owned();
    base45::write(&mut text, &wrong);
    assert_eq!(collector.take(&text).unwrap().payload, None);
    let refused = (0..series.needed()).find_map(|part| collector.take(&series.text(part)).err());
    assert_eq!(refused, Some(QrError::Damaged));
    let whole = (0..).find_map(|part| collector.take(&series.text(part)).unwrap().payload);
    assert_eq!(whole, Some(payload));
}

#[test]
fn what_is_kept_is_bounded_and_what_is_fed_stays() {
    let mut collector = Collector::default();
    let payload = payload(0, 2_000);
    let mine = codes(&payload);
    let mut whole = None;
    for seed in 1..40 {
        whole = whole.or(collector.take(&mine.text(seed)).unwrap().payload);
        collector.take(&codes(&self::payload(u64::from(seed), 2_000)).text(0)).unwrap();
    }
    assert_eq!(whole, Some(payload), "others come and go meanwhile");
}

#[test]
fn codes_of_something_else_are_told_apart() {
    let said = |text: &str| Collector::default().take(text).unwrap_err();
    assert_eq!(said("https://sokhcn.example.vn:8443/#0123-4567-89AB-CDEF"), QrError::Enrolment);
    assert_eq!(said("XEPLOAI:HUB/47474/248H248HZZZZZZZZ/192.168.43.1"), QrError::Invitation);
    assert_eq!(said("XEPLOAI:QR2/ABC"), QrError::TooNew);
    for text in ["", "https://example.vn/#tin-tuc", "00020101021238570010A000000727", "xeploai:qr/AB"] {
        assert_eq!(said(text), QrError::Foreign, "{text}");
    }
    for text in ["XEPLOAI:QR/", "XEPLOAI:QR/::", "XEPLOAI:QRS/", "XEPLOAI:QRS/BB8BB8"] {
        assert_eq!(said(text), QrError::Damaged, "{text}");
    }
    assert_eq!(said(&format!("XEPLOAI:QR/{}", "0".repeat(9_000))), QrError::Damaged);
}

#[test]
fn several_codes_in_one_picture_are_read_and_pictures_of_nothing_are_told() {
    let series = codes(&payload(5, 1_500));
    let part = |number| image::load_from_memory(&png(&series.text(number)).unwrap()).unwrap().into_luma8();
    let (left, right) = (part(0), part(1));
    let mut both = image::GrayImage::from_pixel(2 * left.width(), left.height(), image::Luma([255]));
    image::imageops::replace(&mut both, &left, 0, 0);
    image::imageops::replace(&mut both, &right, i64::from(left.width()), 0);
    let mut file = std::io::Cursor::new(Vec::new());
    both.write_to(&mut file, image::ImageFormat::Jpeg).unwrap();
    let mut read = texts(&file.into_inner()).unwrap();
    read.sort();
    let mut shown = [series.text(0), series.text(1)];
    shown.sort();
    assert_eq!(read, shown);

    let mut blank = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(50, 50).write_to(&mut blank, image::ImageFormat::Png).unwrap();
    let blank = blank.into_inner();
    assert_eq!(texts(&blank), Err(QrError::NoCode));
    let mut huge = blank.clone();
    huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    assert!(texts(&huge).is_err(), "65,536 pixels on a side");
    assert_eq!(texts(&blank[..40]), Err(QrError::NotAPicture));
    assert_eq!(texts(b"\xff\xd8\xff"), Err(QrError::NotAPicture));
    assert_eq!(texts("thư không có mã".as_bytes()), Err(QrError::NotAPicture));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_code_gives_its_payload(seed: u64, length in 1..=CODE_BYTES_MAX) {
        let payload = payload(seed, length);
        let progress = Collector::default().take(&codes(&payload).text(0)).unwrap();
        prop_assert_eq!(progress, Progress { received: 1, needed: 1, payload: Some(payload) });
    }

    #[test]
    fn enough_parts_in_any_order_with_repeated_and_foreign_ones_give_the_payload(
        (seed, length) in (any::<u64>(), lengths()),
        numbers in vec(0..PARTS, 0..200).prop_shuffle(),
        again in vec(any::<Index>(), 0..20),
        skip in 0..50_u32,
    ) {
        let payload = payload(seed, length);
        let (series, foreign) = (codes(&payload), codes(&self::payload(!seed, length)));
        let mut collector = Collector::default();
        let mut whole = None;
        let mut given: std::collections::BTreeSet<u32> = Default::default();
        for number in numbers.iter().copied().chain(skip..) {
            if whole.is_some() {
                break;
            }
            given.insert(number);
            prop_assert!(given.len() as u32 <= series.needed() + 8, "some more than needed are enough");
            let progress = collector.take(&series.text(number)).unwrap();
            prop_assert!(progress.payload.is_none() || given.len() as u32 >= series.needed(), "fewer never are");
            prop_assert!(progress.received <= progress.needed);
            prop_assert_eq!(progress.payload.is_some(), progress.received == progress.needed);
            whole = progress.payload;
            if whole.is_none() && !again.is_empty() {
                let old = again[given.len() % again.len()].get(&given.iter().copied().collect::<Vec<_>>()).to_owned();
                prop_assert_eq!(collector.take(&series.text(old)).unwrap().received as usize, given.len());
                prop_assert!(collector.take(&foreign.text(number % 2)).unwrap().payload.is_none());
            }
        }
        prop_assert_eq!(whole, Some(payload));
        let after = collector.take(&series.text(0)).unwrap();
        prop_assert_eq!((after.payload, after.received), (None, after.needed), "what is whole comes once");
    }

    #[test]
    fn too_few_parts_never_give_a_payload(seed: u64, length in lengths(), numbers in vec(0..PARTS, 0..100)) {
        let series = codes(&payload(seed, length));
        let mut collector = Collector::default();
        for number in numbers.iter().take(series.needed() as usize - 1) {
            prop_assert_eq!(collector.take(&series.text(*number)).unwrap().payload, None);
        }
    }

    #[test]
    fn nothing_that_is_read_panics(
        text in "\\PC{0,80}",
        digits in "[0-9A-Z $%*+./:-]{0,1000}",
        (name, length, number) in (any::<[u8; 8]>(), 0..300_000_u32, any::<[u8; 3]>()),
        symbols in vec((any::<u8>(), prop_oneof![Just(SYMBOL_BYTES), 0..400_usize]), 0..40),
    ) {
        let mut collector = Collector::default();
        for text in [text.clone(), format!("{SCHEME}{text}"), format!("{ONE}{digits}"), format!("{SERIES}{digits}")] {
            let _ = collector.take(&text);
        }
        for (at, (fill, size)) in symbols.into_iter().enumerate() {
            let mut bytes = name.to_vec();
            // Short series come to an end, which is wrong then.
            bytes.extend_from_slice(&(length % 9_000).to_le_bytes()[..3]);
            bytes.extend_from_slice(&[number[0].wrapping_add(at as u8), number[1], number[2]]);
            bytes.extend(vec![fill; size]);
            let mut text = SERIES.to_owned();
            base45::write(&mut text, &bytes);
            let _ = collector.take(&text);
        }
    }

    #[test]
    fn no_picture_panics(noise in vec(any::<u8>(), 64 * 64), bytes: Vec<u8>, spoilt in vec((any::<Index>(), any::<u8>()), 1..300)) {
        let _ = texts(&bytes);
        let mut file = std::io::Cursor::new(Vec::new());
        image::GrayImage::from_raw(64, 64, noise).unwrap().write_to(&mut file, image::ImageFormat::Png).unwrap();
        let _ = texts(&file.into_inner());
        let mut code = image::load_from_memory(&png("XEPLOAI:QR/BB8").unwrap()).unwrap().into_luma8();
        for (at, shade) in spoilt {
            let width = code.width();
            let at = at.index((width * width) as usize) as u32;
            // A block, as large as a module.
            for (dx, dy) in (0..64).map(|it| (it % 8, it / 8)) {
                let (x, y) = ((at % width + dx).min(width - 1), (at / width + dy).min(width - 1));
                code.put_pixel(x, y, image::Luma([shade]));
            }
        }
        let mut file = std::io::Cursor::new(Vec::new());
        code.write_to(&mut file, image::ImageFormat::Png).unwrap();
        let _ = texts(&file.into_inner());
    }
}
