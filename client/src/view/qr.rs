//! QR codes (ISO/IEC 18004), drawn.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder};
use xeploai_core::view::QrView;

/// A text as a QR code that is read with up to 15 % of it spoilt; an empty one when it does not fit into any.
pub(crate) fn drawn(text: &str) -> QrView {
    let Ok(code) = QRBuilder::new(text).ecl(ECL::M).build() else {
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
