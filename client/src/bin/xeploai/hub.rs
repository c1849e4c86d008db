//! `hub`: this store as the hub of a visit, until it is interrupted.
//!
//! Invariant: a line is printed whenever what its screen would show has changed, the invitation first, the end last.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use xeploai_client::lan::{Hub, HubOptions};
use xeploai_client::{App, ClientError, Refused};
use xeploai_core::view::{HubView, LinkState, LinkView};

use crate::args::HubArgs;

/// How soon an interruption is noticed.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Opens it, and prints what happens until it closes by itself, somebody interrupts it, or as many guests were there as
/// were asked for.
///
/// # Errors
/// When it can't be opened or the output can't be written.
pub(crate) fn run(app: App, args: &HubArgs, json: bool) -> Result<(), ClientError> {
    let interrupted = interruption()?;
    let addresses = (!args.address.is_empty()).then(|| args.address.clone());
    let options = HubOptions { addresses, port: args.port, idle_s: i64::from(args.idle_minutes) * 60 };
    let app = Arc::new(app);
    let mut hub = Hub::open(&app, options)?;
    let (mut shown, mut revision, mut named) = (None, 0, args.enrol.clone());
    loop {
        let view = hub.view();
        say(&mut shown, &view, json)?;
        enrol(&app, &hub, &view, &mut named)?;
        if !view.open || enough(&view, args.guests) || interrupted.load(Ordering::Relaxed) {
            break;
        }
        revision = hub.wait(revision, LOOK_EVERY);
    }
    hub.close();
    say(&mut shown, &hub.view(), json)
}

/// Gives the word for new devices that say whose they are, if that is somebody whom the administrator has named: one device for
/// each name.
fn enrol(app: &App, hub: &Hub, view: &HubView, named: &mut Vec<String>) -> Result<(), ClientError> {
    for link in view.links.iter().filter(|link| link.state == LinkState::Asking) {
        let whose = app.candidates()?.into_iter().find(|it| it.code == link.name && named.contains(&it.code));
        let person = whose.and_then(|it| it.id.parse().ok());
        let settled = match person {
            Some(person) => hub.enrol(link.number, person),
            None => hub.decline(link.number),
        };
        match settled {
            // It has gone meanwhile.
            Err(ClientError::Refused(Refused::NoApplication)) => {}
            // It hears of it, and so does whoever reads on.
            Err(error) => {
                writeln!(io::stderr(), "xeploai: {error}")?;
                let _ = hub.decline(link.number);
            }
            Ok(()) => named.retain(|code| *code != link.name),
        }
    }
    Ok(())
}

/// Becomes true at SIGINT or SIGTERM.
fn interruption() -> Result<Arc<AtomicBool>, ClientError> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let flag = Arc::clone(&interrupted);
    std::thread::spawn(move || {
        runtime.block_on(asked_to_end());
        flag.store(true, Ordering::Relaxed);
    });
    Ok(interrupted)
}

async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// Whether so many meetings have ended well.
fn enough(view: &HubView, guests: Option<u32>) -> bool {
    let done = view.links.iter().filter(|link| link.state == LinkState::Done).count();
    guests.is_some_and(|guests| done >= guests as usize)
}

fn say(shown: &mut Option<HubView>, view: &HubView, json: bool) -> Result<(), ClientError> {
    let mut out = io::stdout().lock();
    match shown {
        Some(shown) if shown == view => return Ok(()),
        _ if json => writeln!(out, "{}", serde_json::to_string(view)?)?,
        None => writeln!(out, "{}\n{}", view.invitation, view.typed.join("\n"))?,
        Some(before) => {
            if before.typed != view.typed {
                writeln!(out, "{}\n{}", view.invitation, view.typed.join("\n"))?;
            }
            for link in view.links.iter().rev().filter(|link| !before.links.contains(link)) {
                writeln!(out, "{}", link_text(link))?;
            }
            if !view.open {
                writeln!(out, "{}", view.sentence.vi)?;
            }
        }
    }
    out.flush()?;
    *shown = Some(view.clone());
    Ok(())
}

fn link_text(link: &LinkView) -> String {
    let who = format!("{} ({}), mã {}", link.name, link.device, link.code);
    match (&link.failure, &link.sentence) {
        (Some(failure), _) => format!("{who}: {} ({})", failure.message.vi, failure.code),
        (None, Some(sentence)) => format!("{who}: {}", sentence.vi),
        (None, None) if link.state == LinkState::Asking => format!("{who}: máy mới, chờ cấp"),
        (None, None) if link.state == LinkState::Enrolled => format!("{who}: đã cấp máy"),
        (None, None) => format!("{who}: đã trao {}/{}", link.handed, link.total),
    }
}
