//! A visit among real hosts: a centre in a valley whose devices have no way to the server, and a supervisor who goes there
//! and comes back. Hosts are network namespaces; what runs on them are the built programs.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xeploai_tests::namespaces::{in_namespaces, ip};
use xeploai_tests::process::{Binaries, Office, Phone, Running, Server, list, text};

/// Everybody: the server in town, the supervisor, and a centre's head and staff.
const HOSTS: [&str; 5] = ["server", "supervisor", "head", "staff-1", "staff-2"];
/// Name, and how its addresses of both kinds begin.
const NETWORKS: [(&str, &str, &str); 2] = [("town", "10.9.0", "fd00:9"), ("valley", "192.168.43", "fd00:43")];
const SUPERVISOR: &str = "SO-TD2";
/// Of a centre that the demo data leaves empty.
const CENTRE: [&str; 3] = ["TT-13-00", "TT-13-01", "TT-13-02"];

/// Two networks, the town's and the valley's, and a cable from each host to both; none is plugged in yet.
struct Country;

impl Country {
    fn build() -> Result<Self> {
        // Where `ip` keeps the names of its namespaces.
        let mounted = Command::new("mount").args(["-t", "tmpfs", "tmpfs", "/run"]).status()?;
        ensure!(mounted.success(), "no folder for the hosts' names");
        for (place, four, _) in NETWORKS {
            ip(&format!("link add {place} type bridge"))?;
            ip(&format!("link set {place} up"))?;
            for (number, host) in HOSTS.iter().enumerate() {
                if place == "town" {
                    ip(&format!("netns add {host}"))?;
                    ip(&format!("-n {host} link set lo up"))?;
                }
                ip(&format!("link add {place}{number} type veth peer name {place} netns {host}"))?;
                ip(&format!("link set {place}{number} master {place} up"))?;
                ip(&format!("-n {host} addr add {four}.{}/24 dev {place}", number + 1))?;
            }
        }
        Ok(Self)
    }

    /// Plugs a host into one network and out of the others.
    fn moves(&self, host: &str, to: &str) -> Result<()> {
        let number = HOSTS.iter().position(|it| *it == host).context("a host")? + 1;
        for (place, _, six) in NETWORKS {
            let plugged = if place == to { "up" } else { "down" };
            ip(&format!("-n {host} link set {place} {plugged}"))?;
            // Those of the newer kind are forgotten with the cable.
            if place == to {
                ip(&format!("-n {host} addr replace {six}::{number}/64 dev {place} nodad"))?;
            }
        }
        Ok(())
    }
}

/// `xeploai hub` on the supervisor's host.
struct Hub {
    _running: Running,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Hub {
    fn open(phone: &Phone, guests: usize) -> Result<(Self, Value)> {
        Self::open_for(phone, guests, &[])
    }

    /// As [`Self::open`], for new phones of these people too.
    fn open_for(phone: &Phone, guests: usize, people: &[&str]) -> Result<(Self, Value)> {
        let guests = guests.to_string();
        let mut args = vec!["hub", "--guests", &guests];
        args.extend(people.iter().flat_map(|person| ["--enrol", person]));
        let mut command = phone.command(&args)?;
        let mut running = Running(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?);
        let mut lines = BufReader::new(running.0.stdout.take().context("an output")?).lines();
        let first = lines.next().context("the hub's invitation")??;
        Ok((Self { _running: running, lines }, serde_json::from_str(&first)?))
    }

    /// What it shows in the end, when all guests are done.
    fn closed(self) -> Result<Value> {
        let last = self.lines.last().context("the hub's end")??;
        Ok(serde_json::from_str(&last)?)
    }
}

fn enrolled(
    binaries: &Binaries,
    office: &Office,
    url: &str,
    folder: &Path,
    who: (&str, &str),
) -> Result<Phone> {
    let (person, host) = who;
    let phone = Phone::new(binaries, &folder.join(person)).on(host);
    phone.run(&["enrol", &office.code(person, url)?, "--device", host])?;
    Ok(phone)
}

/// Everybody comes to the hub at once, each by another form of its invitation.
/// `looked_for`: the last of them types the code alone, and the network says where the hub is.
fn all_come(phones: &[Phone], hub: &Value, looked_for: bool) -> Result<Vec<Value>> {
    let typed = list(hub, "/typed")?;
    let four = typed.iter().find(|it| it.as_str().is_some_and(|it| it.starts_with("192.168.43.")));
    let six = typed.iter().find(|it| it.as_str().is_some_and(|it| it.starts_with("fd00:43:")));
    let six = six.and_then(Value::as_str);
    let code = six.and_then(|it| it.split_once(' ')).map(|(_, code)| code);
    let last = if looked_for { code } else { six };
    let forms = [hub["invitation"].as_str(), four.and_then(Value::as_str), last];
    std::thread::scope(|scope| {
        let come = |(phone, form): (&Phone, Option<&str>)| -> Result<Value> {
            phone.run(&["sync", "--hub", form.with_context(|| format!("an address of each kind: {hub}"))?])
        };
        let coming: Vec<_> = phones.iter().zip(forms).map(|pair| scope.spawn(move || come(pair))).collect();
        coming.into_iter().map(|it| it.join().map_err(|_| anyhow::anyhow!("it panicked"))?).collect()
    })
}

fn place(phone: &Phone, sheet: &str) -> Result<String> {
    Ok(text(&phone.run(&["show", sheet])?, "/summary/place")?.to_owned())
}

#[test]
fn a_centre_without_any_way_to_the_server_is_visited() -> Result<()> {
    in_namespaces(&["--mount", "--net"], tempfile::tempdir()?.path(), || {
        let country = Country::build()?;
        let folder = tempfile::tempdir()?;
        let binaries = Binaries::beside_this_program()?;
        let office = Office::new(&binaries, &folder.path().join("server"));
        office.run(&["init", "--demo"])?;
        HOSTS.iter().try_for_each(|host| country.moves(host, "town"))?;
        let server = Server::start_on(Some("server"), &binaries, office.data(), "10.9.0.1:8443")?;
        let enrol = |who| enrolled(&binaries, &office, &server.url, folder.path(), who);
        let supervisor = enrol((SUPERVISOR, "supervisor"))?;
        let staff = CENTRE.into_iter().zip(&HOSTS[2..]);
        let staff: Vec<Phone> = staff.map(|(person, host)| enrol((person, host))).collect::<Result<_>>()?;

        HOSTS[1..].iter().try_for_each(|host| country.moves(host, "valley"))?;
        for phone in &staff {
            phone.run(&["score", "me", "1", "1,5"])?;
            let (ok, report) = phone.sync()?;
            ensure!(!ok && report["failure"]["code"] == "unreachable", "no way to the server: {report}");
        }
        let (hub, shown) = Hub::open(&supervisor, staff.len())?;
        for report in all_come(&staff, &shown, false)? {
            ensure!(text(&report, "/sentence/vi")?.contains("đã trao 1 phiếu"), "{report}");
        }
        let closed = hub.closed()?;
        ensure!(text(&closed, "/sentence/vi")? == "Nhận 3 phiếu của 3 người.", "{closed}");
        let met: Vec<_> =
            list(&closed, "/links")?.iter().map(|it| (it["known"].clone(), it["state"].clone())).collect();
        ensure!(met == vec![(true.into(), "done".into()); 3], "he knows all of them: {closed}");
        let sheet = text(&staff[1].run(&["show", "me"])?, "/summary/id")?.to_owned();
        ensure!(place(&staff[1], "me")? == "carried", "handed over is not received");
        ensure!(place(&supervisor, &sheet)? == "carried", "and read on the spot");

        country.moves("supervisor", "town")?;
        supervisor.synced()?;
        country.moves("supervisor", "valley")?;
        let (hub, shown) = Hub::open(&supervisor, staff.len())?;
        for report in all_come(&staff, &shown, true)? {
            ensure!(report["sent"] == 1, "the server's receipt came to the valley: {report}");
        }
        hub.closed()?;
        for phone in &staff {
            ensure!(place(phone, "me")? == "received");
        }
        server.stop()
    })
}

#[test]
fn a_new_phone_in_the_valley_is_enrolled_by_the_supervisor_and_confirmed_in_town() -> Result<()> {
    in_namespaces(&["--mount", "--net"], tempfile::tempdir()?.path(), || {
        let country = Country::build()?;
        let folder = tempfile::tempdir()?;
        let binaries = Binaries::beside_this_program()?;
        let office = Office::new(&binaries, &folder.path().join("server"));
        office.run(&["init", "--demo"])?;
        HOSTS.iter().try_for_each(|host| country.moves(host, "town"))?;
        let server = Server::start_on(Some("server"), &binaries, office.data(), "10.9.0.1:8443")?;
        let supervisor =
            enrolled(&binaries, &office, &server.url, folder.path(), (SUPERVISOR, "supervisor"))?;
        supervisor.synced()?;
        HOSTS[1..].iter().try_for_each(|host| country.moves(host, "valley"))?;

        let (staff, host) = (CENTRE[2], HOSTS[4]);
        let phone = Phone::new(&binaries, &folder.path().join("new")).on(host);
        let (hub, shown) = Hub::open_for(&supervisor, 2, &[staff])?;
        let invitation = text(&shown, "/typed/0")?.to_owned();
        let stranger = Phone::new(&binaries, &folder.path().join("stranger")).on(HOSTS[2]);
        let refused = stranger.run(&["enrol", &invitation, "--as", CENTRE[0]]);
        ensure!(format!("{refused:?}").contains("enrolment_declined"), "{refused:?}");
        let me = phone.run(&["enrol", &invitation, "--as", staff, "--device", "máy mới"])?;
        ensure!(me["code"] == staff && !me["enrolled_by"].is_null(), "{me}");
        phone.run(&["score", "me", "1", "1,5"])?;
        phone.run(&["sync", "--hub", &invitation])?;
        hub.closed()?;
        ensure!(place(&phone, "me")? == "carried");

        country.moves("supervisor", "town")?;
        supervisor.synced()?;
        let visits = office.run(&["device", "visits"])?;
        ensure!(visits[0]["person"] == staff && visits[0]["confirmed"] == true, "{visits}");
        country.moves(host, "town")?;
        phone.synced()?;
        ensure!(place(&phone, "me")? == "received");
        ensure!(phone.run(&["people"])?[0]["enrolled_by"].is_null());
        server.stop()
    })
}
