//! `xeploai-server`: see [`xeploai_server::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    xeploai_server::cli::run()
}
