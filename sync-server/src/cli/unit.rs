//! `unit succeed`: what becomes of units.

use clap::{Subcommand, ValueEnum};
use xeploai_core::view::SuccessionKind;

use super::{Data, Said};
use crate::error::{Refused, ServerError};
use crate::service::Service;

/// Record what becomes of units.
#[derive(Debug, Subcommand)]
pub(super) enum UnitCommand {
    /// Record that units come after others: the former ones end, with a legal basis. Import the new ones first.
    Succeed(Succeed),
}

/// What becomes of which units, from when, on which basis.
#[derive(Debug, clap::Args)]
pub(super) struct Succeed {
    #[command(flatten)]
    data: Data,
    /// What happens.
    #[arg(long)]
    kind: Kind,
    /// Codes of the units as they were, with commas between them.
    #[arg(long, value_name = "CODES", value_delimiter = ',', required = true)]
    from: Vec<String>,
    /// Codes of the units that come after them; none when nobody takes over what was dissolved.
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    to: Vec<String>,
    /// First period in which it holds, such as 2025-07.
    #[arg(long, value_name = "PERIOD")]
    since: String,
    /// Legal basis.
    #[arg(long, value_name = "TEXT")]
    basis: String,
}

/// The kinds as they are typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Đổi tên.
    Rename,
    /// Sáp nhập.
    Merge,
    /// Chia tách.
    Split,
    /// Giải thể.
    Dissolve,
}

impl UnitCommand {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        let Self::Succeed(it) = self;
        let (kind, verb) = match it.kind {
            Kind::Rename => (SuccessionKind::Rename, "đổi tên"),
            Kind::Merge => (SuccessionKind::Merge, "sáp nhập"),
            Kind::Split => (SuccessionKind::Split, "chia tách"),
            Kind::Dissolve => (SuccessionKind::Dissolve, "giải thể"),
        };
        let since = it.since.parse().map_err(|_| Refused::NoSuchPeriod)?;
        let said = Service::open(&it.data.data)?.succeed(kind, [&it.from, &it.to], since, &it.basis)?;
        let (from, to) = (it.from.join(", "), it.to.join(", "));
        let text = format!("Đã ghi nhận {verb}: {from} → {to}, từ {}.", said.since);
        Ok(Some(Said::new(&said, text)?))
    }
}
