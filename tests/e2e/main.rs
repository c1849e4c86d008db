//! From outside: the story through the binaries, the real window, the console in a browser.
//!
//! `cargo xtask test e2e` builds what these drive. Screenshots go to `tests/screenshots/`.

mod bench;
mod console;
mod evidence;
mod harness;
mod https;
mod kills;
mod minutes;
mod newcomer;
mod opened;
mod qr;
mod review;
mod rules;
mod story;
mod visit;
mod webdriver;
mod window;
