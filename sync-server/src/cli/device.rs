//! `device`: decisions on devices, by named persons.

use clap::Subcommand;
use xeploai_core::ids::PersonId;

use super::decide::By;
use super::{Data, Said};
use crate::error::ServerError;
use crate::service::{Authority, DeviceOfVisit, Service};

/// Put a device out, or vouch for one.
#[derive(Debug, Subcommand)]
pub(super) enum Device {
    /// From now on only what is here of it counts.
    Revoke(OfDevice),
    /// Vouch for one that was enrolled on a visit and waits; what it wrote is judged.
    Confirm(OfDevice),
    /// Those that were enrolled on visits, and which of them wait.
    Visits(Data),
}

/// Which device, by whom, and why.
#[derive(Debug, clap::Args)]
pub(super) struct OfDevice {
    #[command(flatten)]
    data: Data,
    /// Staff code of its person.
    #[arg(long, value_name = "CODE")]
    person: String,
    /// The device's name.
    #[arg(long, value_name = "NAME")]
    device: String,
    #[command(flatten)]
    by: By,
}

impl Device {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        match self {
            Self::Revoke(it) => it.decide(Service::revoke, "Đã thu hồi"),
            Self::Confirm(it) => it.decide(Service::confirm_device, "Đã xác nhận"),
            Self::Visits(data) => {
                let devices = Service::open(&data.data)?.devices_of_visits()?;
                let text = devices.iter().map(of_visit).collect::<Vec<_>>().join("\n");
                Ok(Some(Said::new(&devices, text)?))
            }
        }
    }
}

impl OfDevice {
    fn decide(
        self,
        decide: fn(&Service, PersonId, &str, &Authority) -> Result<usize, ServerError>,
        done: &str,
    ) -> Result<Option<Said>, ServerError> {
        let service = Service::open(&self.data.data)?;
        let person = PersonId::of(service.department(), &self.person);
        let count = decide(&service, person, &self.device, &self.by.authority())?;
        Ok(Some(Said::new(&count, format!("{done} {count} thiết bị."))?))
    }
}

fn of_visit(device: &DeviceOfVisit) -> String {
    let state = if device.confirmed { "đã xác nhận" } else { "chờ xác nhận" };
    format!("{}\t{}\tdo {} cấp\t{state}", device.person, device.device, device.issuer)
}
