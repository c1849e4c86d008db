//! `held`, `annul`, `archive`, and what `period decide` shares with them: decisions of named persons.

use std::fmt::Write;

use clap::Subcommand;
use xeploai_core::sheet::{ChangeId, Token};

use super::{Data, Said};
use crate::error::{Refused, ServerError};
use crate::service::{Authority, HeldChange, Service};

/// Who decides, and why.
#[derive(Debug, clap::Args)]
pub(super) struct By {
    /// Name of the person who decides.
    #[arg(long)]
    by: String,
    /// Why.
    #[arg(long)]
    reason: String,
}

impl By {
    pub(super) fn authority(self) -> Authority {
        Authority { by: self.by, reason: self.reason }
    }
}

/// The changes that a decision is about.
#[derive(Debug, clap::Args)]
pub(super) struct Changes {
    /// Name of a change, as `held list` and the explanation give it; may be repeated.
    #[arg(long = "change", value_name = "CHANGE", required = true)]
    changes: Vec<String>,
}

impl Changes {
    pub(super) fn ids(&self) -> Result<Vec<ChangeId>, Refused> {
        let mut ids = Vec::new();
        for text in &self.changes {
            let Token(named) = text.parse().map_err(|_| Refused::NoSuchChange)?;
            ids.extend(named);
        }
        Ok(ids)
    }
}

/// List what waits for a person, or let it count.
#[derive(Debug, Subcommand)]
pub(super) enum Held {
    /// List what is held: who wrote what, and what it waits for.
    List(Data),
    /// Let held changes of an open period count.
    Accept(Decide),
}

/// Take accepted changes back.
#[derive(Debug, clap::Args)]
pub(super) struct Decide {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    by: By,
}

impl Held {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        match self {
            Self::List(data) => {
                let held = Service::open(&data.data)?.held()?;
                Ok(Some(Said::new(&held, lines(&held))?))
            }
            Self::Accept(of) => {
                let changes = of.changes.ids()?;
                Service::open(&of.data.data)?.accept(&changes, &of.by.authority())?;
                done(changes.len(), "Đã chấp nhận")
            }
        }
    }
}

impl Decide {
    pub(super) fn annul(self) -> Result<Option<Said>, ServerError> {
        let changes = self.changes.ids()?;
        Service::open(&self.data.data)?.annul(&changes, &self.by.authority())?;
        done(changes.len(), "Đã hủy")
    }
}

fn done(count: usize, verb: &str) -> Result<Option<Said>, ServerError> {
    Ok(Some(Said::new(&count, format!("{verb} {count} thay đổi."))?))
}

fn lines(held: &[HeldChange]) -> String {
    let mut text = String::new();
    for it in held {
        let of = if it.subject.is_empty() { &it.unit } else { &it.subject };
        // Writing to a text never fails.
        let _ = writeln!(
            text,
            "{}\n  {} · {of} · {} = {} · {} ({}) · {}",
            it.change, it.period, it.what, it.value, it.author, it.device, it.sentence
        );
        for (witness, at) in &it.witnesses {
            let at = jiff::Timestamp::from_second(*at).map(|at| at.to_string()).unwrap_or_default();
            let _ = writeln!(text, "  theo xác nhận của {witness}, {at}");
        }
    }
    text
}

/// State that a verified copy of everything up to now exists off this machine.
#[derive(Debug, clap::Args)]
pub(super) struct Archive {
    #[command(flatten)]
    data: Data,
}

impl Archive {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        let archive = Service::open(&self.data.data)?.archive()?;
        let text = format!("Đã ghi nhận bản lưu đến lượt phán định {}.", archive.number);
        Ok(Some(Said::new(&archive, text)?))
    }
}
