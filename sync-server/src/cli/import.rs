//! `import`: units and people from a CSV file.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Subcommand;

use super::{Data, Said};
use crate::error::ServerError;
use crate::service::Service;

/// Import units or people.
#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// Columns: code, name, `short_name`, kind, league; if wanted, since and until: first and last period; leagues for a
    /// time: code:since:until, with | between them; scorers, deputies, leader, supervisors: staff codes of people that are
    /// imported already, with | between them. Nobody scores a head as superior without a leader in
    /// charge, nobody appraises a unit without supervisors.
    Units(OfFile),
    /// Columns: code, name, unit, position, head, roles.
    People(OfFile),
    /// A file that a device made of what waits on it (`.xlb`): taken in and judged as if the device had brought it.
    Bundle(OfFile),
}

/// A file to import.
#[derive(Debug, clap::Args)]
pub(super) struct OfFile {
    #[command(flatten)]
    data: Data,
    /// CSV in UTF-8 with a header, or a bundle.
    file: PathBuf,
}

impl Import {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        if let Self::Bundle(of) = &self {
            let taken = Service::open(&of.data.data)?.import_bundle(&std::fs::read(&of.file)?)?;
            let text =
                format!("Đã nhận {} gói dữ liệu mới; {} gói không tin được.", taken.new, taken.quarantined);
            return Ok(Some(Said::new(&taken, text)?));
        }
        let report = match &self {
            Self::Units(of) => Service::open(&of.data.data)?.import_units(&std::fs::read(&of.file)?)?,
            Self::People(of) | Self::Bundle(of) => {
                Service::open(&of.data.data)?.import_people(&std::fs::read(&of.file)?)?
            }
        };
        let mut text = format!("Đã nhập {} dòng.", report.imported);
        for row in &report.rejected {
            // Writing to a text never fails.
            let _ = write!(text, "\nDòng {}: {}", row.row, row.message.vi);
        }
        Ok(Some(Said::new(&report, text)?))
    }
}
