//! The server and the phones as child processes, killed when dropped.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

/// Longest time that anything on one machine may take before it counts as failed.
pub const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(25);

/// Asks again and again until there is an answer.
///
/// # Errors
/// What `ask` answers with an error at once; "gave up waiting" after [`PATIENCE`].
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        ensure!(start.elapsed() < PATIENCE, "gave up waiting: {what}");
        std::thread::sleep(PAUSE);
    }
}

/// The folder with the built binaries: where the running program is.
#[derive(Debug, Clone)]
pub struct Binaries(PathBuf);

impl Binaries {
    /// The folder of the running program, for a test the one above `deps`.
    ///
    /// # Errors
    /// When the operating system does not tell.
    pub fn beside_this_program() -> Result<Self> {
        let program = std::env::current_exe()?;
        let folder = program.parent().context("a program without a folder")?;
        Ok(Self(if folder.ends_with("deps") { folder.join("..").canonicalize()? } else { folder.to_owned() }))
    }

    /// A binary that was built.
    ///
    /// # Errors
    /// When it was not.
    pub fn path(&self, name: &str) -> Result<PathBuf> {
        let path = self.0.join(name);
        ensure!(path.is_file(), "{} is not built: run `cargo xtask test e2e`", path.display());
        Ok(path)
    }
}

/// A child process that does not outlive its owner.
#[derive(Debug)]
pub struct Running(pub Child);

impl Running {
    /// Ends it as a service manager does and waits.
    ///
    /// # Errors
    /// When it is still there after [`PATIENCE`].
    pub fn stop(mut self) -> Result<()> {
        Command::new("sh").args(["-c", "kill -TERM \"$0\"", &self.0.id().to_string()]).status()?;
        eventually("the process ends after SIGTERM", || Ok(self.0.try_wait()?)).map(|_| ())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program and waits for a line of its output that `find` accepts.
///
/// # Errors
/// When it does not start, ends, or does not print such a line within [`PATIENCE`].
pub fn start<T: Send + 'static>(
    command: &mut Command,
    find: impl Fn(&str) -> Option<T> + Send + 'static,
) -> Result<(Running, T)> {
    let name = command.get_program().display().to_string();
    let mut child = Running(
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?,
    );
    let out = child.0.stdout.take().context("no output")?;
    let (found, finding) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if let Some(answer) = find(&line) {
                let _ = found.send(answer);
            }
        }
    });
    let answer =
        finding.recv_timeout(PATIENCE).map_err(|_| anyhow!("{name} did not say that it is ready"))?;
    Ok((child, answer))
}

/// The server, listening.
#[derive(Debug)]
pub struct Server {
    running: Running,
    /// Where it listens.
    pub url: String,
}

impl Server {
    /// Starts it on its data, at `listen` (`127.0.0.1:0` for any free port). What it logs goes to `server.log` beside the data.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub fn start(binaries: &Binaries, data: &Path, listen: &str) -> Result<Self> {
        Self::start_on(None, binaries, data, listen)
    }

    /// As [`Self::start`], on a host of a network of the test's own.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub fn start_on(host: Option<&str>, binaries: &Binaries, data: &Path, listen: &str) -> Result<Self> {
        let log = File::options().create(true).append(true).open(data.with_file_name("server.log"))?;
        let (running, url) = start(
            on_host(host, &binaries.path("xeploai-server")?)
                .args(["serve", "--listen", listen, "--data"])
                .arg(data)
                .stderr(log),
            |line| line.strip_prefix("listening on ").map(|url| url.trim().to_owned()),
        )?;
        Ok(Self { running, url })
    }

    /// Address without the scheme, to start again at the same place.
    pub fn address(&self) -> &str {
        self.url.split_once("://").map_or(&self.url, |(_, address)| address)
    }

    /// Stops it.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(self) -> Result<()> {
        self.running.stop()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When the operating system cannot wait.
    pub fn wait(mut self) -> Result<()> {
        self.running.0.wait()?;
        Ok(())
    }
}

/// The administrator's commands on a server's data.
#[derive(Debug, Clone)]
pub struct Office {
    binaries: Binaries,
    data: PathBuf,
}

impl Office {
    /// The office over a data folder.
    pub fn new(binaries: &Binaries, data: &Path) -> Self {
        Self { binaries: binaries.clone(), data: data.to_owned() }
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Runs `xeploai-server VERB… --data DIR --json`.
    ///
    /// # Errors
    /// When it fails or does not answer with JSON.
    pub fn run(&self, args: &[&str]) -> Result<Value> {
        let mut command = Command::new(self.binaries.path("xeploai-server")?);
        command.args(args).arg("--data").arg(&self.data).arg("--json");
        let (ok, answer) = answer(&mut command)?;
        ensure!(ok, "xeploai-server {}: {answer}", args.join(" "));
        Ok(answer)
    }

    /// Makes a one-time code for a person's device.
    ///
    /// # Errors
    /// When the person is unknown.
    pub fn code(&self, person: &str, url: &str) -> Result<String> {
        let answer = self.run(&["enrol", "--person", person, "--url", url])?;
        Ok(text(&answer, "/code")?.to_owned())
    }
}

/// An office with the demo data, and its server.
///
/// # Errors
/// When one of them can't be made.
pub fn demonstration(binaries: &Binaries, folder: &Path) -> Result<(Office, Server)> {
    let office = Office::new(binaries, &folder.join("server"));
    office.run(&["init", "--demo"])?;
    let server = Server::start(binaries, office.data(), "127.0.0.1:0")?;
    Ok((office, server))
}

/// A phone: a store of its own and the command line on it.
#[derive(Debug, Clone)]
pub struct Phone {
    binaries: Binaries,
    store: PathBuf,
    host: Option<String>,
}

/// A program on this machine, or on a host of a network of the test's own: a network namespace (iproute2).
fn on_host(host: Option<&str>, program: &Path) -> Command {
    let Some(host) = host else { return Command::new(program) };
    let mut command = Command::new("ip");
    command.args(["netns", "exec", host]).arg(program);
    command
}

impl Phone {
    /// A phone whose store is, or will be, at `store`.
    pub fn new(binaries: &Binaries, store: &Path) -> Self {
        Self { binaries: binaries.clone(), store: store.to_owned(), host: None }
    }

    /// The same phone, on a host of a network of the test's own.
    pub fn on(self, host: &str) -> Self {
        Self { host: Some(host.to_owned()), ..self }
    }

    /// The store's folder.
    pub fn store(&self) -> &Path {
        &self.store
    }

    /// The command `xeploai --store DIR --json ARGS…`.
    ///
    /// # Errors
    /// When it is not built.
    pub fn command(&self, args: &[&str]) -> Result<Command> {
        let mut command = on_host(self.host.as_deref(), &self.binaries.path("xeploai")?);
        command.arg("--store").arg(&self.store).arg("--json").args(args);
        Ok(command)
    }

    /// Runs a command that must succeed.
    ///
    /// # Errors
    /// When it fails, with what it answered.
    pub fn run(&self, args: &[&str]) -> Result<Value> {
        let (ok, answer) = answer(&mut self.command(args)?)?;
        ensure!(ok, "xeploai {}: {answer}", args.join(" "));
        Ok(answer)
    }

    /// Runs a command that must fail, and gives the error's code.
    ///
    /// # Errors
    /// When it succeeds, or fails without a code and a Vietnamese sentence.
    pub fn refused(&self, args: &[&str]) -> Result<String> {
        let (ok, answer) = answer(&mut self.command(args)?)?;
        ensure!(!ok, "xeploai {} should be refused", args.join(" "));
        ensure!(!text(&answer, "/message/vi")?.is_empty(), "an error without a sentence: {answer}");
        Ok(text(&answer, "/code")?.to_owned())
    }

    /// Syncs, and tells whether everything was exchanged, with the report.
    ///
    /// # Errors
    /// When the answer is neither a report nor an error that people can read.
    pub fn sync(&self) -> Result<(bool, Value)> {
        let (ok, answer) = answer(&mut self.command(&["sync"])?)?;
        let said = text(&answer, "/sentence/vi").or_else(|_| text(&answer, "/message/vi"))?;
        ensure!(!said.is_empty(), "a sync without a closing sentence: {answer}");
        Ok((ok && answer["ok"] == true, answer))
    }

    /// Syncs with a server that is there.
    ///
    /// # Errors
    /// When not everything was exchanged.
    pub fn synced(&self) -> Result<Value> {
        let (ok, report) = self.sync()?;
        ensure!(ok, "sync: {report}");
        Ok(report)
    }

    /// Starts a command and kills it with SIGKILL after a moment; tells whether it was still running then.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn killed(&self, args: &[&str], after: Duration) -> Result<bool> {
        let mut command = self.command(args)?;
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        std::thread::sleep(after);
        child.kill()?;
        Ok(!child.wait()?.success())
    }
}

fn answer(command: &mut Command) -> Result<(bool, Value)> {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output()?;
    let (said, warned) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    match serde_json::from_str(said.trim()) {
        Ok(answer) => Ok((status.success(), answer)),
        Err(_) if status.success() && said.trim().is_empty() => Ok((true, Value::Null)),
        Err(_) => bail!("{command:?}: {status}, no JSON: {}{}", said.trim(), warned.trim()),
    }
}

/// The text at a JSON pointer.
///
/// # Errors
/// When no text is there.
pub fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).with_context(|| format!("no text at {pointer} in {value}"))
}

/// The list at a JSON pointer.
///
/// # Errors
/// When no list is there.
pub fn list<'a>(value: &'a Value, pointer: &str) -> Result<&'a [Value]> {
    let found = value.pointer(pointer).and_then(Value::as_array);
    Ok(found.with_context(|| format!("no list at {pointer} in {value}"))?)
}

/// What a program wrote to a file so far, for the message of a failed test.
pub fn written(path: &Path) -> String {
    let mut said = String::new();
    let _ = File::open(path).and_then(|mut file| file.read_to_string(&mut said));
    said
}
