//! A visit: devices that exchange without the server, one of them as the hub, or by files and codes.

use serde::{Deserialize, Serialize};

use super::{ErrorView, Text};

view! {
    /// This device on a visit: as the hub that others come to, and as the guest of another one.
    #[derive(Default)]
    struct VisitView {
        /// The hub that is open here, or was open last.
        pub hub: Option<HubView>,
        /// The hub of somebody else that this device is at, or was at last.
        pub guest: Option<LinkView>,
    }

    /// A hub: what it shows to those who come, and who came.
    struct HubView {
        /// Whether it still takes guests.
        pub open: bool,
        /// The invitation as a QR code holds it.
        pub invitation: String,
        /// It, drawn.
        pub qr: QrView,
        /// The invitation as a person types it, an address a line: any one of them will do.
        pub typed: Vec<String>,
        /// When it closes by itself if nobody comes before, Unix seconds.
        pub closes_at: i64,
        /// Who came, latest first.
        pub links: Vec<LinkView>,
        /// What it has taken in so far, counted.
        pub sentence: Text,
    }

    /// A QR code to draw: a square of `size` modules, without its quiet zone.
    struct QrView {
        /// Modules a side.
        pub size: u32,
        /// Its dark modules, as the data of an SVG path in units of one module.
        pub path: String,
    }

    /// One meeting of two devices, as one of them shows it.
    struct LinkView {
        /// Its number at the hub, from 1; 0 at the guest.
        pub number: u32,
        /// Name of the person on the other side; of a new device whose it is, as it says.
        pub name: String,
        /// Whether the name is from the department's records; else it is what the other device says.
        pub known: bool,
        /// His unit.
        pub unit: String,
        /// His device.
        pub device: String,
        /// Six digits, the same on both screens if nobody is in between.
        pub code: String,
        /// How far it is.
        pub state: LinkState,
        /// Frames handed over so far by the guest.
        pub handed: u32,
        /// Frames that the guest had to hand over when it came.
        pub total: u32,
        /// The closing sentence.
        pub sentence: Option<Text>,
        /// Why it failed, if it did.
        pub failure: Option<ErrorView>,
    }

    /// Somebody whom this device's person may enrol on a visit.
    struct CandidateView {
        /// Id.
        pub id: String,
        /// Staff code.
        pub code: String,
        /// Name.
        pub name: String,
        /// Unit.
        pub unit: String,
        /// Devices of his that are known here.
        pub devices: u32,
    }

    /// What went into a file, or came out of one or of codes.
    struct BundleView {
        /// Who may read it beside the department's server; for one that was taken in: who made it, of codes who wrote what is in them.
        pub people: Vec<String>,
        /// Sheets with something in it that the server had not received.
        pub sheets: u32,
        /// Changes of this device's people that the server has received, as the file proves.
        pub sent: u32,
        /// Its length.
        pub bytes: u64,
        /// Where it was saved, or a name to save it under; empty for one that was taken in.
        pub file: String,
        /// The closing sentence.
        pub sentence: Text,
    }

    /// What is in the codes that a screen shows: in one, or in a series that goes on as long as it is shown.
    struct CodesView {
        /// Parts that a reader needs, whichever; more than one for a series, where it is rarely one or two more.
        pub needed: u32,
        /// Sheets with something in it that the server had not received.
        pub sheets: u32,
        /// Length of the payload.
        pub bytes: u64,
        /// What is shown, and to whom.
        pub sentence: Text,
    }

    /// One of these codes.
    struct CodeView {
        /// Its number in the series, from 0.
        pub part: u32,
        /// Parts that a reader needs, whichever.
        pub needed: u32,
        /// What it holds, in the characters of a QR code's alphanumeric mode.
        pub text: String,
    }

    /// What reading codes has led to.
    struct ReadView {
        /// Parts that are here, of the series that was read last.
        pub received: u32,
        /// Parts that will be enough.
        pub needed: u32,
        /// What was taken in, once something was whole.
        pub taken: Option<BundleView>,
        /// Why a code that was seen beside the others was not taken.
        pub refused: Option<ErrorView>,
    }

    /// How far a meeting is.
    enum LinkState {
        /// The two devices prove themselves to each other.
        Greeting,
        /// A new device waits for the word of the hub's person: whose it is.
        Asking,
        /// The new device is somebody's now, and comes again as his.
        Enrolled,
        /// They exchange.
        Exchanging,
        /// All was exchanged.
        Done,
        /// It broke off.
        Failed,
    }
}

impl LinkView {
    /// A meeting that begins, before anybody is known.
    pub fn greeting() -> Self {
        Self {
            number: 0,
            name: String::new(),
            known: false,
            unit: String::new(),
            device: String::new(),
            code: String::new(),
            state: LinkState::Greeting,
            handed: 0,
            total: 0,
            sentence: None,
            failure: None,
        }
    }
}
