//! Namespaces of a test's own: what it mounts or connects there needs no rights on the machine, and is gone with the test,
//! however it ends. The test runs itself again in there.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Says to a test that it runs in its namespaces.
const INSIDE: &str = "XEPLOAI_NAMESPACES";

/// Runs the body of a test in namespaces of some kinds, options of `unshare`. Its temporary files go to `folder`, which is
/// the caller's: outside nothing is mounted on it, and it can be removed in the end.
///
/// # Errors
/// When the body fails, or no namespaces can be had here.
pub fn in_namespaces<F: FnOnce() -> Result<()>>(kinds: &[&str], folder: &Path, test: F) -> Result<()> {
    if std::env::var_os(INSIDE).is_some() {
        return test();
    }
    // `faults::full::NAME::{{closure}}`; a wrong name would run no test, and that fails below.
    let name = std::any::type_name::<F>();
    let name = name.trim_end_matches("::{{closure}}").split_once("::").context("a test's name")?.1;
    let root = Command::new("id").arg("-u").output()?.stdout.trim_ascii() == b"0";
    let user: &[&str] = if root { &[] } else { &["--map-root-user"] };
    let mut again = Command::new("unshare");
    again.args(user).args(kinds).arg(std::env::current_exe()?).args(["--exact", name, "--nocapture"]);
    again.env(INSIDE, "1").env("TMPDIR", folder);
    let output = again.output().context("no unshare here: install util-linux")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success() && said.contains("1 passed"),
        "in namespaces of its own ({again:?}; it needs root, or user namespaces): {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Tells the network of the present namespace something, with iproute2's `ip`.
///
/// # Errors
/// When it refuses.
pub fn ip(args: &str) -> Result<()> {
    let output = Command::new("ip").args(args.split(' ')).output().context("no ip here: install iproute2")?;
    ensure!(output.status.success(), "ip {args}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Makes the present namespace a host of one network, 192.168.43.1, that leads nowhere.
///
/// # Errors
/// As [`ip`].
pub fn valley() -> Result<()> {
    let cable = "link add valley type veth peer name far-end";
    let address = "addr add 192.168.43.1/24 dev valley";
    let steps = ["link set lo up", cable, address, "link set valley up", "link set far-end up"];
    steps.into_iter().try_for_each(ip)
}
