//! QR codes (ISO/IEC 18004), drawn.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder, QRCode};
use xeploai_core::view::QrView;

/// Most modules on a side of a code that a phone's camera still reads well from another one's screen: version 20.
pub(crate) const SIDE_MAX: usize = 97;

/// A text as a QR code that is read with up to 15 % of it spoilt, or up to 7 % when it would be too fine else; nothing
/// when it does not fit into any.
pub(crate) fn code(text: &str) -> Option<QRCode> {
    let build = |level| QRBuilder::new(text).ecl(level).build().ok();
    match build(ECL::M) {
        Some(code) if code.size <= SIDE_MAX => Some(code),
        _ => build(ECL::L),
    }
}

/// A text as a QR code for a screen; an empty one when it does not fit into any.
pub(crate) fn drawn(text: &str) -> QrView {
    let Some(code) = code(text) else {
        return QrView { size: 0, path: String::new() };
    };
    let dark = |row: usize, column: usize| code[row][column].value();
    let mut path = String::new();
    for row in 0..code.size {
        let mut column = 0;
        while column < code.size {
            let run = (column..code.size).take_while(|at| dark(row, *at)).count();
            if run > 0 {
                // Writing to a string does not fail.
                let _ = write!(path, "M{column} {row}h{run}v1h-{run}z");
            }
            column += run + 1;
        }
    }
    QrView { size: code.size as u32, path }
}
