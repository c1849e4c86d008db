//! One WebDriver client for both engines: WebKitWebDriver with the real window, chromedriver with the console.

use std::fs::read_dir;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use fantoccini::elements::Element;
use fantoccini::wd::{Capabilities, PrintConfiguration};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use xeploai_tests::process::{Binaries, PATIENCE, Running, eventually, start};

const POLL: Duration = Duration::from_millis(50);
const SCREENSHOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/screenshots");
/// Nothing but the page: no updates, look-ups or sandbox, which root may not have.
const CHROMIUM: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
];

/// Collects the faults of a page's scripts, so that a failed wait can tell them.
const WATCH: &str = "window.faults ??= (() => { const faults = [];
    const keep = (fault) => faults.push(`${fault?.message ?? fault} ${(fault?.stack ?? '').split('\\n', 2).join(' ')}`);
    addEventListener('error', (event) => keep(event.error ?? event.message));
    addEventListener('unhandledrejection', (event) => keep(event.reason));
    return faults; })()";

/// Scrolls an element to where no bar covers it.
const TO_THE_MIDDLE: &str = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})";

/// Answers when what the page holds now has been painted.
const PAINTED: &str = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done));";

/// Where a screenshot is written.
pub(crate) fn picture(shot: &str) -> String {
    format!("{SCREENSHOTS}/{shot}.png")
}

/// A page under remote control, in either engine. Children end when it is dropped.
pub(crate) struct Page {
    client: Client,
    _driver: Running,
    _profile: TempDir,
}

impl Page {
    /// Opens an empty Chromium.
    pub(crate) async fn chromium() -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let (driver, port) =
            start(Command::new("chromedriver").arg("--port=0").stderr(Stdio::null()), |line| {
                line.split_once("successfully on port ")
                    .and_then(|(_, port)| port.trim_end_matches('.').parse::<u16>().ok())
            })?;
        let mut args = CHROMIUM.map(str::to_owned).to_vec();
        args.push(format!("--user-data-dir={}", profile.path().display()));
        let client = connect(port, json!({"goog:chromeOptions": {"args": args}})).await?;
        Ok(Self { client, _driver: driver, _profile: profile })
    }

    /// Goes to an address.
    pub(crate) async fn goto(&self, url: &str) -> Result<()> {
        self.client.goto(url).await?;
        self.watch().await
    }

    /// Loads the page again.
    pub(crate) async fn reload(&self) -> Result<()> {
        self.client.refresh().await?;
        self.watch().await
    }

    /// The element that a CSS selector finds, when it is there.
    pub(crate) async fn css(&self, selector: &str) -> Result<Element> {
        let found =
            self.client.wait().at_most(PATIENCE).every(POLL).for_element(Locator::Css(selector)).await;
        match found {
            Ok(element) => Ok(element),
            Err(_) => Err(self.failed(&format!("no {selector} on the page")).await?),
        }
    }

    /// The element with a `data-testid`, when it is there.
    pub(crate) async fn at(&self, id: &str) -> Result<Element> {
        self.css(&format!("[data-testid=\"{id}\"]")).await
    }

    /// Clicks an element.
    pub(crate) async fn click(&self, id: &str) -> Result<()> {
        self.tap(&format!("[data-testid=\"{id}\"]")).await
    }

    /// Clicks what a CSS selector finds, as soon as it stands still and nothing covers it; what a bar covers is scrolled
    /// out from below it, as people do.
    pub(crate) async fn tap(&self, selector: &str) -> Result<()> {
        let start = Instant::now();
        loop {
            let element = self.css(selector).await?;
            let Err(refusal) = element.clone().click().await else { return Ok(()) };
            if start.elapsed() > PATIENCE {
                return Err(self.failed(&format!("{selector} cannot be clicked: {refusal:?}")).await?);
            }
            self.client.execute(TO_THE_MIDDLE, vec![serde_json::to_value(element)?]).await.ok();
            tokio::time::sleep(POLL).await;
        }
    }

    /// Replaces what stands in a field, and leaves it with Tab.
    pub(crate) async fn fill(&self, id: &str, text: &str) -> Result<()> {
        self.at(id).await?.clear().await?;
        self.add(id, text).await
    }

    /// Types at the end of what stands in a field, and leaves it with Tab.
    pub(crate) async fn add(&self, id: &str, text: &str) -> Result<()> {
        Ok(self.at(id).await?.send_keys(&format!("{text}\u{e004}")).await?)
    }

    /// Chooses a file in a field that takes one, which people never see: a button stands for it.
    pub(crate) async fn choose(&self, id: &str, file: &str) -> Result<()> {
        Ok(self.at(id).await?.send_keys(file).await?)
    }

    /// What stands in a field.
    pub(crate) async fn value(&self, id: &str) -> Result<String> {
        Ok(self.at(id).await?.prop("value").await?.unwrap_or_default())
    }

    /// Waits until an element's text fits, and gives the text.
    pub(crate) async fn text(&self, id: &str, fits: impl Fn(&str) -> bool) -> Result<String> {
        self.reads(&format!("[data-testid=\"{id}\"]"), fits).await
    }

    /// As [`Self::text`], of what a CSS selector finds.
    pub(crate) async fn reads(&self, selector: &str, fits: impl Fn(&str) -> bool) -> Result<String> {
        let start = Instant::now();
        loop {
            let text = self.css(selector).await?.text().await.unwrap_or_default();
            if fits(&text) {
                return Ok(text);
            }
            if start.elapsed() > PATIENCE {
                return Err(self.failed(&format!("{selector} still says {text:?}")).await?);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Writes a screenshot, and refuses an empty one.
    pub(crate) async fn shot(&self, name: &str) -> Result<()> {
        self.client.execute_async(PAINTED, Vec::new()).await?;
        let png = self.client.screenshot().await?;
        ensure!(png.starts_with(b"\x89PNG"), "{name} is no picture");
        std::fs::create_dir_all(SCREENSHOTS)?;
        Ok(std::fs::write(picture(name), png)?)
    }

    /// What stands on paper when the page is printed, as poppler reads it.
    pub(crate) async fn paper(&self) -> Result<String> {
        let pdf = self.client.print(PrintConfiguration::default()).await?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("paper.pdf");
        std::fs::write(&file, pdf)?;
        let output = Command::new("pdftotext").arg(&file).arg("-").output();
        let output = output.context("no pdftotext here: install poppler-utils")?;
        ensure!(output.status.success(), "pdftotext can't read what was printed");
        Ok(String::from_utf8(output.stdout)?)
    }

    async fn watch(&self) -> Result<()> {
        Ok(self.client.execute(WATCH, Vec::new()).await.map(drop)?)
    }

    /// What there is to say when a wait was in vain: a picture, and the faults of the page's scripts.
    async fn failed(&self, what: &str) -> Result<anyhow::Error> {
        self.shot("failed").await?;
        let faults = self.client.execute("return window.faults", Vec::new()).await?;
        Ok(anyhow!("{what}, see tests/screenshots/failed.png; faults of its scripts: {faults}"))
    }

    /// Ends the session in good order.
    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.client.close().await?)
    }
}

/// A screen that nobody looks at.
pub(crate) struct Display {
    name: String,
    _server: Running,
    /// The desktop's bus, where there is one: its address.
    bus: Option<(Running, String)>,
}

impl Display {
    /// Starts Xvfb on a free display, a little larger than a phone.
    pub(crate) fn start() -> Result<Self> {
        let (server, number) = start(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "500x1000x24", "-nolisten", "tcp"])
                .stderr(Stdio::null()),
            |line| line.trim().parse::<u32>().ok(),
        )?;
        Ok(Self { name: format!(":{number}"), _server: server, bus: None })
    }

    /// Starts one with a D-Bus of its own, as desktops have it.
    pub(crate) fn with_bus() -> Result<Self> {
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--print-address", "--nofork"]).stderr(Stdio::null());
        let bus = start(&mut daemon, |line| Some(line.to_owned()))?;
        Ok(Self { bus: Some(bus), ..Self::start()? })
    }

    /// Makes a program one of this screen, on a store, and at home in a folder.
    fn lead<'a>(&self, program: &'a mut Command, store: &Path, home: &Path) -> &'a mut Command {
        let bus = self.bus.iter().map(|(_, address)| ("DBUS_SESSION_BUS_ADDRESS", address));
        program
            .env("DISPLAY", &self.name)
            .env_remove("WAYLAND_DISPLAY")
            .envs(bus)
            .env("XEPLOAI_STORE", store)
            // What it saves for its person goes with the test.
            .env("HOME", home)
            .env("XDG_DATA_HOME", home)
            .env("XDG_CACHE_HOME", home)
            // Its children outlive it for a moment and would write behind the last line of a test run.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
    }
}

/// Opens the real window on a store. Of some hundred drivers one opens no session: another one then gets another port, and
/// what was there of the program is said and ended.
pub(crate) async fn window(binaries: &Binaries, display: &Display, store: &Path) -> Result<Page> {
    window_with(binaries, display, store, &[]).await
}

/// As [`window`], started with files to open.
pub(crate) async fn window_with(
    binaries: &Binaries,
    display: &Display,
    store: &Path,
    files: &[&Path],
) -> Result<Page> {
    let failure = match try_window(binaries, display, store, files).await {
        Err(failure) => failure,
        opened => return opened,
    };
    let left = running(&binaries.path("xeploai-app")?, store)?;
    eprintln!("once more, {} of the program's processes were there: {failure:#}", left.len());
    kill(&left)?;
    try_window(binaries, display, store, files).await
}

async fn try_window(binaries: &Binaries, display: &Display, store: &Path, files: &[&Path]) -> Result<Page> {
    let profile = tempfile::tempdir()?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let driver = display
        .lead(&mut Command::new("WebKitWebDriver"), store, profile.path())
        .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .spawn()
        .context("cannot start WebKitWebDriver")?;
    let driver = Running(driver);
    let app = json!({"binary": binaries.path("xeploai-app")?, "args": files});
    let client = connect(port, json!({"webkitgtk:browserOptions": app})).await?;
    let page = Page { client, _driver: driver, _profile: profile };
    page.watch().await?;
    Ok(page)
}

/// Starts the window's program once more on a store that it runs on, with a file to open. It must end by itself.
pub(crate) fn start_again(binaries: &Binaries, display: &Display, store: &Path, file: &Path) -> Result<()> {
    let home = tempfile::tempdir()?;
    let mut program = Command::new(binaries.path("xeploai-app")?);
    let mut second = Running(display.lead(&mut program, store, home.path()).arg(file).spawn()?);
    let status = eventually("the second start ends", || Ok(second.0.try_wait()?))?;
    ensure!(status.success(), "{status}");
    Ok(())
}

/// Kills the window's program with SIGKILL, as a phone does with an app that it has no memory for.
pub(crate) fn kill_window(binaries: &Binaries, store: &Path) -> Result<()> {
    let app = binaries.path("xeploai-app")?;
    let ours = running(&app, store)?;
    ensure!(ours.len() == 1, "one window runs on this store, not {}", ours.len());
    kill(&ours)?;
    eventually("the window is gone", || Ok(running(&app, store)?.is_empty().then_some(())))
}

fn kill(processes: &[String]) -> Result<()> {
    for process in processes {
        Command::new("sh").args(["-c", "kill -KILL \"$0\"", process]).status()?;
    }
    Ok(())
}

/// Process ids of the program on this store.
fn running(app: &Path, store: &Path) -> Result<Vec<String>> {
    let wanted = format!("XEPLOAI_STORE={}\0", store.display());
    let of = |process: &PathBuf| {
        let same = std::fs::read_link(process.join("exe")).is_ok_and(|exe| exe == *app);
        same && std::fs::read(process.join("environ"))
            .is_ok_and(|environ| String::from_utf8_lossy(&environ).contains(&wanted))
    };
    let processes = read_dir("/proc")?.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(processes.filter(of).filter_map(|process| Some(process.file_name()?.to_str()?.to_owned())).collect())
}

/// Connects as soon as the driver listens.
async fn connect(port: u16, wanted: serde_json::Value) -> Result<Client> {
    eventually("the driver listens", || {
        Ok(std::net::TcpStream::connect(("127.0.0.1", port)).ok().map(drop))
    })?;
    let wanted: Capabilities = serde_json::from_value(wanted)?;
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let driver = format!("http://127.0.0.1:{port}");
    let session = builder.capabilities(wanted).connect(&driver);
    tokio::time::timeout(PATIENCE, async { Ok(session.await?) })
        .await
        .context("the driver opens no session")?
}
