//! What the command line takes.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use xeploai_core::view::{Column, FieldName, Measure, MinutesPart};

/// Scores offline, syncs, and shows what a device of Xếp Loại holds.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    /// Folder of the store.
    #[arg(long, env = "XEPLOAI_STORE")]
    pub(crate) store: PathBuf,
    /// Prints JSON: the view types of xeploai-core.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Enrols this store with a one-time code, or at the hub of a supervisor.
    Enrol {
        /// The code, `https://…/#…`, or the hub's invitation.
        code: String,
        /// Whose device it is, for the hub's person: a staff code or a name.
        #[arg(long = "as", value_name = "WHO", default_value = "")]
        claim: String,
        /// The device's name.
        #[arg(long, default_value = "Máy tính")]
        device: String,
    },
    /// Lists the sheets to score and to review.
    Sheets {
        /// `2022-11`, `2026-Q4`; else the open period.
        #[arg(long)]
        period: Option<String>,
    },
    /// Shows a sheet: an id, a unique beginning of one, `me` or `unit`.
    Show { sheet: String },
    /// Writes points, a note or a quantity.
    Score(Score),
    /// Attaches a photo or a PDF to a criterion.
    Attach {
        sheet: String,
        /// Number of the criterion.
        criterion: u16,
        /// JPEG, PNG, WebP or PDF.
        file: PathBuf,
        #[arg(long, value_enum, default_value_t = ColumnArg::Own)]
        column: ColumnArg,
    },
    /// Takes evidence away from a criterion.
    Detach {
        sheet: String,
        /// Number of the criterion.
        criterion: u16,
        /// The content's name, or a beginning of it.
        content: String,
        #[arg(long, value_enum, default_value_t = ColumnArg::Own)]
        column: ColumnArg,
    },
    /// Lists the evidence of a sheet; saves a file of it.
    Evidence {
        sheet: String,
        /// The content's name, or a beginning of it.
        #[arg(requires = "save")]
        content: Option<String>,
        /// Where to. A file that is there is replaced.
        #[arg(long, requires = "content")]
        save: Option<PathBuf>,
    },
    /// Hands a sheet in.
    Submit { sheet: String },
    /// Takes a sheet back before review.
    Withdraw { sheet: String },
    /// Approves a sheet.
    Approve { sheet: String },
    /// Takes over the subject's own points where you have written none.
    AgreeAll { sheet: String },
    /// Sends a sheet back.
    Return {
        sheet: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Exchanges everything with the server, or with the hub of a visit.
    Sync {
        /// The hub's invitation, as its screen shows it.
        #[arg(long)]
        hub: Option<String>,
    },
    /// Opens the hub of a visit: other devices on the same network hand their work over, without the server.
    Hub(HubArgs),
    /// The minutes of a visit to a unit, on the unit's sheet.
    #[command(subcommand)]
    Minutes(MinutesCommand),
    /// Carries records in files, encrypted to those who may read them.
    #[command(subcommand)]
    Bundle(BundleCommand),
    /// Carries records in QR codes, from a screen to a camera: readable by whoever sees them.
    #[command(subcommand)]
    Qr(QrCommand),
    /// Lists the people of this device, the active one first.
    People,
    /// Hands the device to another of its people, by staff code.
    Switch { person: String },
    /// Fetches the frames behind the signed states of closed periods.
    History,
    /// Plays every device of a benchmark's workload, for `xeploai-server bench`.
    #[command(hide = true)]
    BenchClient {
        /// Address of the server.
        #[arg(long)]
        url: String,
        /// JSON lines, as `cargo xtask bench` writes them.
        #[arg(long)]
        workload: PathBuf,
    },
    /// Plays a new device of the department's, for `xeploai-server bench --filled`.
    #[command(hide = true)]
    BenchDevice {
        /// Address of the server.
        #[arg(long)]
        url: String,
        /// Name under which it has its code.
        #[arg(long)]
        device: String,
    },
    /// Does what the lines of the standard input say, and acknowledges each one.
    ///
    /// A line is a JSON object:
    ///   {"command":"score","sheet":"me","criterion":1,"value":"8,5"}
    ///   {"command":"score","sheet":"me","criterion":1,"column":"superior","field":"note","value":"…"}
    ///   {"command":"score","sheet":"me","criterion":2,"field":{"quantity":{"product":1,"measure":"completed"}},"value":"3"}
    ///   {"command":"submit","sheet":"me"}, likewise withdraw, approve, agree_all
    ///   {"command":"return","sheet":"…","reason":"…"}
    ///   {"command":"resolve","conflict":"…","value":"8,5"}
    ///   {"command":"sync"}
    /// `column` is `own` and `field` is `points` where they are not named; an empty value clears the field.
    ///
    /// Each line is answered by one, as soon as what it wrote is durable and before the next one is read:
    ///   {"line":1,"ok":true}
    ///   {"line":2,"ok":true,"report":{…}} for sync; `ok` is false when not everything was exchanged
    ///   {"line":3,"ok":false,"error":{"code":"…","message":{…}}}
    /// A line that fails has changed nothing and does not stop those after it; the exit code is then 1.
    #[command(verbatim_doc_comment)]
    Batch,
    /// What waits, what was received, what was refused.
    Status,
    /// Fields with more than one value.
    Conflicts,
    /// Settles a conflict with one of its values or another one.
    Resolve {
        /// Id of the conflict.
        conflict: String,
        /// The value.
        value: String,
    },
    /// Published rankings.
    Ranking {
        /// The period; else the latest published one.
        #[arg(long)]
        period: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum MinutesCommand {
    /// Shows them: what was checked, what both sides say, who has signed.
    Show { sheet: String },
    /// Writes one part: the delegation's, or the unit's.
    Write {
        sheet: String,
        #[arg(value_enum)]
        part: MinutesPartArg,
        /// The text; empty to clear.
        text: String,
    },
    /// Signs what stands there now, for the side that you write.
    Sign { sheet: String },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MinutesPartArg {
    Delegation,
    Place,
    Arrived,
    Left,
    Remarks,
    Representative,
    Opinion,
}

impl From<MinutesPartArg> for MinutesPart {
    fn from(part: MinutesPartArg) -> Self {
        match part {
            MinutesPartArg::Delegation => Self::Delegation,
            MinutesPartArg::Place => Self::Place,
            MinutesPartArg::Arrived => Self::Arrived,
            MinutesPartArg::Left => Self::Left,
            MinutesPartArg::Remarks => Self::Remarks,
            MinutesPartArg::Representative => Self::Representative,
            MinutesPartArg::Opinion => Self::Opinion,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum BundleCommand {
    /// Writes what waits to a file, for the department's server and for those who review.
    Export {
        /// The file, `….xlb`. One that is there is replaced.
        file: PathBuf,
        /// Instead, what the person with this staff code may have from this device, for him: receipts among it.
        #[arg(long)]
        to: Option<String>,
    },
    /// Takes a file in. The same one twice changes nothing.
    Import {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum QrCommand {
    /// Prints what the user's waiting records are as QR codes, a text a line: one, or the parts of a series.
    Show {
        /// All that waits on this device, carried records too.
        #[arg(long)]
        all: bool,
        /// How many parts of a series, from the first; else a quarter more than a reader needs.
        #[arg(long)]
        parts: Option<u32>,
        /// Draws them into this folder as well, `xeploai-0000.png` and so on. Files that are there are replaced.
        #[arg(long)]
        png: Option<PathBuf>,
    },
    /// Takes in what is in pictures of codes, or in texts with one in a line. The same twice changes nothing.
    ///
    /// Fails when parts are missing, and says how many. Exits with 2 when something was taken in, and something else was missing or
    /// could not be read.
    Read {
        /// PNG, JPEG or text, in any order.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(clap::Args)]
pub(crate) struct HubArgs {
    /// Address to listen at, may be repeated; else all of this device's networks.
    #[arg(long)]
    pub(crate) address: Vec<IpAddr>,
    /// Port to listen at; another one when it is taken.
    #[arg(long, default_value_t = xeploai_core::sync::invitation::PORT)]
    pub(crate) port: u16,
    /// Minutes without a guest until it closes.
    #[arg(long, default_value_t = 30)]
    pub(crate) idle_minutes: u32,
    /// Staff code of somebody who may be enrolled here, may be repeated: a new device that says it is his becomes his.
    #[arg(long, value_name = "CODE")]
    pub(crate) enrol: Vec<String>,
    /// Closes it when so many guests have handed everything over.
    #[arg(long)]
    pub(crate) guests: Option<u32>,
}

#[derive(clap::Args)]
pub(crate) struct Score {
    pub(crate) sheet: String,
    /// Number of the criterion.
    pub(crate) criterion: u16,
    /// Points, `8,5` or `8.5`; a quantity with --product; empty to clear.
    #[arg(allow_hyphen_values = true)]
    pub(crate) value: String,
    #[arg(long, value_enum, default_value_t = ColumnArg::Own)]
    pub(crate) column: ColumnArg,
    /// Note or reason, written beside the value.
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// Number of a product, for converted work.
    #[arg(long, requires = "measure")]
    pub(crate) product: Option<u16>,
    /// What of the product is counted.
    #[arg(long, value_enum, requires = "product")]
    pub(crate) measure: Option<MeasureArg>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ColumnArg {
    #[value(alias = "self")]
    Own,
    Superior,
    Appraised,
}

impl From<ColumnArg> for Column {
    fn from(column: ColumnArg) -> Self {
        match column {
            ColumnArg::Own => Self::Own,
            ColumnArg::Superior => Self::Superior,
            ColumnArg::Appraised => Self::Appraised,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum MeasureArg {
    Assigned,
    Completed,
    QualityOk,
    OnTime,
    Faults,
    Delays,
    ExcusedFaults,
    ExcusedDelays,
}

impl From<MeasureArg> for Measure {
    fn from(measure: MeasureArg) -> Self {
        match measure {
            MeasureArg::Assigned => Self::Assigned,
            MeasureArg::Completed => Self::Completed,
            MeasureArg::QualityOk => Self::QualityOk,
            MeasureArg::OnTime => Self::OnTime,
            MeasureArg::Faults => Self::Faults,
            MeasureArg::Delays => Self::Delays,
            MeasureArg::ExcusedFaults => Self::ExcusedFaults,
            MeasureArg::ExcusedDelays => Self::ExcusedDelays,
        }
    }
}

impl Score {
    /// The field that the value is for: a quantity when a product is named.
    pub(crate) fn field(&self) -> FieldName {
        match (self.product, self.measure) {
            (Some(product), Some(measure)) => FieldName::Quantity { product, measure: measure.into() },
            _ => FieldName::Points,
        }
    }
}
