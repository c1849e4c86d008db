//! `init`: a new department.

use serde::Serialize;
use xeploai_core::org::Document;

use super::{Data, Said};
use crate::demo;
use crate::error::ServerError;
use crate::service::{Service, random};

/// Shown wherever the demonstration is: it guards nothing.
const DEMO_LOGIN: &str = "sotttt";
const DEMO_PASSWORD: &str = "minh-hoa-2022";
const DEFAULT_SEED: u64 = 2022;

/// Make a new department: keys, database, console account.
#[derive(Debug, clap::Args)]
pub(super) struct Init {
    #[command(flatten)]
    data: Data,
    /// Fill it with made-up people and figures.
    #[arg(long)]
    demo: bool,
    /// The same seed gives the same demonstration.
    #[arg(long, default_value_t = DEFAULT_SEED, requires = "demo")]
    seed: u64,
    /// The department's name.
    #[arg(long, default_value = "Sở Văn hóa, Thể thao và Du lịch")]
    name: String,
    /// Login name of the console's first account.
    #[arg(long, default_value = DEMO_LOGIN)]
    login: String,
}

#[derive(Serialize)]
struct Made {
    department: String,
    console: Console,
    fingerprint: String,
}

#[derive(Serialize)]
struct Console {
    login: String,
    password: String,
}

impl Init {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        let service = Service::init(&self.data.data, &self.name, self.demo)?;
        let name = if self.demo { "Chuyên viên tổng hợp (minh họa)" } else { "Quản trị" };
        let password = if self.demo { DEMO_PASSWORD.to_owned() } else { password()? };
        if self.demo {
            demo::install(&service, self.seed).map_err(ServerError::Demo)?;
        } else {
            let shipped = xeploai_core::ruleset::shipped()?;
            let documents: Vec<Document> =
                shipped.into_iter().map(|ruleset| Document::Ruleset(Box::new(ruleset))).collect();
            service.write_documents(&documents)?;
        }
        service.put_account(&self.login, name, &password)?;
        let made = Made {
            department: service.department().to_string(),
            console: Console { login: self.login, password },
            fingerprint: service.keys().fingerprint(),
        };
        let text = format!(
            "Đã tạo máy chủ.\nMã Sở:      {}\nTài khoản:  {}\nMật khẩu:   {}\nVân tay:    {}",
            made.department, made.console.login, made.console.password, made.fingerprint
        );
        Ok(Some(Said::new(&made, text)?))
    }
}

/// A password that nobody else has, shown once.
fn password() -> Result<String, ServerError> {
    Ok(data_encoding::BASE32_NOPAD.encode(&random::<10>()?).to_lowercase())
}
