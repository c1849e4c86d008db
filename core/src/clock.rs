//! Wrong clocks: what people are told of them.
//!
//! Invariant: nothing is decided by a clock and nothing refused for it; these are words for screens.

use crate::view::Text;

/// How far a clock may be off the server's before people are told, in seconds.
pub const TOLERANCE_S: i64 = 5 * 60;

/// How far a device's clock is ahead of the server's, in seconds, negative when behind: it showed `asked` when the server was
/// asked for its time, and `answered` when that had come. What the way may have taken is not counted against the clock.
pub fn ahead(asked: i64, server: i64, answered: i64) -> i64 {
    asked.saturating_sub(server).max(0).saturating_add(answered.saturating_sub(server).min(0))
}

/// Whether what was written at a claimed time says that its device's clock was wrong: it was received well before.
pub fn was_wrong(claimed: i64, received: Option<i64>) -> bool {
    received.is_some_and(|received| claimed.saturating_sub(received) > TOLERANCE_S)
}

/// What a person is told whose device's clock is this far ahead; nothing while it is right.
pub fn notice(ahead: i64) -> Option<Text> {
    let off = ahead.unsigned_abs();
    if off <= TOLERANCE_S.unsigned_abs() {
        return None;
    }
    let units = [(86_400, "ngày", "days"), (3_600, "giờ", "hours"), (60, "phút", "minutes")];
    let (count, vi, en) = units
        .into_iter()
        .map(|(seconds, vi, en)| ((off + seconds / 2) / seconds, vi, en))
        .find(|(count, ..)| *count >= 2)?;
    let (fast_vi, fast_en) = if ahead > 0 { ("nhanh", "fast") } else { ("chậm", "slow") };
    Some(Text {
        vi: format!(
            "Đồng hồ của máy này chạy {fast_vi} khoảng {count} {vi}: giờ ghi trên các điểm có thể không đúng, nhưng không \
             ảnh hưởng đến điểm. Hãy chỉnh lại giờ trong phần cài đặt của máy."
        ),
        en: format!(
            "This device's clock is about {count} {en} {fast_en}: times beside scores may be wrong, which changes no score. \
             Please set the clock in the device's settings."
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_way_has_taken_is_not_counted_against_the_clock() {
        assert_eq!([ahead(100, 100, 100), ahead(100, 700, 900), ahead(100, 900, 900)], [0, 0, 0]);
        assert_eq!([ahead(1000, 100, 1001), ahead(90, 1000, 100)], [900, -900]);
        assert_eq!(
            [ahead(i64::MAX, i64::MIN, i64::MAX), ahead(i64::MIN, i64::MAX, 0)],
            [i64::MAX, -i64::MAX]
        );
    }

    #[test]
    fn five_minutes_are_not_worth_a_word_and_a_second_more_is() {
        assert_eq!([300, 0, -300].map(|ahead| notice(ahead).is_some()), [false; 3]);
        assert_eq!([301, -301, i64::MAX, i64::MIN].map(|ahead| notice(ahead).is_some()), [true; 4]);
        assert!(!was_wrong(300, Some(0)) && was_wrong(301, Some(0)));
        assert!(!was_wrong(0, Some(9999)) && !was_wrong(9999, None), "late is no fault of a clock");
    }

    #[test]
    fn the_sentence_says_which_way_and_about_how_far() {
        let vi = |ahead| notice(ahead).unwrap().vi.split(':').next().unwrap().to_owned();
        assert_eq!(vi(-301), "Đồng hồ của máy này chạy chậm khoảng 5 phút");
        assert_eq!(vi(3 * 3600 - 5), "Đồng hồ của máy này chạy nhanh khoảng 3 giờ");
        assert_eq!(vi(40 * 86_400), "Đồng hồ của máy này chạy nhanh khoảng 40 ngày");
        assert!(notice(7200).unwrap().en.starts_with("This device's clock is about 2 hours fast:"));
    }
}
