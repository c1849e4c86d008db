//! `bench`: a department made of a benchmark's workload, served.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::serve::Serve;
use super::{Data, Said};
use crate::error::{Refused, ServerError};
use crate::service::Service;

/// Make a department of a benchmark's workload, if there is none, and serve it on this machine: its enrolment codes are
/// known to anybody.
#[derive(Debug, clap::Args)]
pub(super) struct Bench {
    #[command(flatten)]
    data: Data,
    /// Address to listen on, of this machine alone.
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// JSON lines: `unit`, `period`, `subject`, `criterion`, `reviewer`.
    #[arg(long, value_name = "FILE")]
    workload: PathBuf,
    /// Write the whole workload into it, and close all months but the last.
    #[arg(long)]
    filled: bool,
}

impl Bench {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        if !self.listen.ip().is_loopback() {
            return Err(Refused::BadRequest.into());
        }
        if !crate::storage::Storage::exists(&self.data.data) {
            let service = Service::init(&self.data.data, "Đo tốc độ", true)?;
            crate::bench::install(&service, &self.workload).map_err(ServerError::Demo)?;
            if self.filled {
                crate::bench::fill(&service, &self.workload).map_err(ServerError::Demo)?;
            }
        }
        Serve::new(self.data, self.listen).run()
    }
}
