//! Base45 (RFC 9285): bytes in the characters of a QR code's alphanumeric mode, two bytes in three of them. Such a code is as
//! small as one of bare bytes, and every reader gives its text back unchanged; bare bytes many readers take for some text.
//!
//! Invariant: a text is read in one way or not at all, and only what was written is read.

/// The characters, by the number each stands for.
const DIGITS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const BASE: u32 = 45;

/// How many characters bytes take.
pub(super) const fn length(bytes: usize) -> usize {
    bytes / 2 * 3 + bytes % 2 * 2
}

/// Appends bytes to a text.
pub(super) fn write(text: &mut String, bytes: &[u8]) {
    let mut push = |digit: u32| text.push(char::from(DIGITS[digit as usize]));
    for pair in bytes.chunks(2) {
        let number = pair.iter().fold(0, |all, byte| all * 256 + u32::from(*byte));
        push(number % BASE);
        push(number / BASE % BASE);
        if pair.len() == 2 {
            push(number / BASE / BASE);
        }
    }
}

/// The bytes of a text; nothing when none have it.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let digit = |it: &u8| DIGITS.iter().position(|digit| digit == it).map(|at| at as u32);
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for group in text.as_bytes().chunks(3) {
        let mut number = 0;
        for character in group.iter().rev() {
            number = number * BASE + digit(character)?;
        }
        match group.len() {
            3 => bytes.extend(u16::try_from(number).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(number).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(bytes: &[u8]) -> String {
        let mut text = String::new();
        write(&mut text, bytes);
        text
    }

    #[test]
    fn the_examples_of_the_standard_are_read_and_written() {
        for (bytes, text) in
            [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0")]
        {
            assert_eq!(written(bytes.as_bytes()), text);
            assert_eq!(read(text).as_deref(), Some(bytes.as_bytes()));
        }
    }

    #[test]
    fn what_nothing_is_written_as_is_not_read() {
        // The first two are the standard's own: 65,536 in three characters, 256 in two.
        for text in ["GGW", "5:U5U", "::", "A", "ABCD", "bb8", "BB8\n", "Đ8"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes: Vec<u8>) {
            let text = written(&bytes);
            prop_assert_eq!(text.len(), length(bytes.len()));
            prop_assert_eq!(read(&text), Some(bytes));
        }

        #[test]
        fn a_text_is_read_in_one_way(text in "[0-9A-Z $%*+./:-]{0,40}|\\PC{0,20}") {
            if let Some(bytes) = read(&text) {
                prop_assert_eq!(written(&bytes), text);
            }
        }
    }
}
