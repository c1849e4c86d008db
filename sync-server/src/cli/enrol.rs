//! `enrol`: a one-time code for a person's device, as text and as a QR code.

use serde::Serialize;

use super::{Data, Said};
use crate::error::ServerError;
use crate::service::Service;

/// Make a one-time code for a person's device.
#[derive(Debug, clap::Args)]
pub(super) struct Enrol {
    #[command(flatten)]
    data: Data,
    /// Staff code.
    #[arg(long, value_name = "CODE")]
    person: String,
    /// Where devices reach the server.
    #[arg(long, default_value = "http://127.0.0.1:8787")]
    url: String,
}

#[derive(Serialize)]
struct Code {
    code: String,
    expires: i64,
    person: String,
}

impl Enrol {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        let service = Service::open(&self.data.data)?;
        let new = service.new_code(&self.person)?;
        let url = self.url.trim_end_matches('/');
        // Plain HTTP has no certificate to know the server by.
        let fingerprint = if url.starts_with("https:") {
            format!(".{}", service.keys().fingerprint())
        } else {
            String::new()
        };
        let code = format!("{url}/#{}{fingerprint}", new.code);
        let qr = fast_qr::QRBuilder::new(code.as_str()).build().map(|qr| qr.to_str()).unwrap_or_default();
        let until = jiff::Timestamp::from_second(new.expires).map(|at| at.to_string()).unwrap_or_default();
        let text = format!("{qr}\n{code}\nMã dùng một lần cho {}, hết hạn {until}.", self.person);
        Ok(Some(Said::new(&Code { code, expires: new.expires, person: self.person }, text)?))
    }
}
