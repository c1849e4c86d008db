//! HTTPS by the fingerprint in the enrolment code: the department's certificate and no other.

use anyhow::{Context, Result, ensure};
use xeploai_tests::process::{Binaries, Office, Phone, Server};

#[test]
fn a_phone_trusts_the_certificate_of_its_code_and_no_other() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binaries = Binaries::beside_this_program()?;
    let office = Office::new(&binaries, &folder.path().join("server"));
    office.run(&["init", "--demo"])?;
    let server = Server::start(&binaries, office.data(), "0.0.0.0:0")?;
    let url = server.url.replace("0.0.0.0", "127.0.0.1");
    ensure!(url.starts_with("https://"), "beyond loopback the server speaks https: {url}");
    let code = office.code("TT-13-01", &url)?;
    let (front, fingerprint) = code.rsplit_once('.').context("a code for https ends in a fingerprint")?;

    let other = fingerprint.chars().map(|digit| if digit == '0' { '1' } else { '0' });
    let stranger = Phone::new(&binaries, &folder.path().join("stranger"));
    let forged = format!("{front}.{}", other.collect::<String>());
    ensure!(stranger.refused(&["enrol", &forged])? == "wrong_certificate", "another certificate is refused");
    ensure!(
        stranger.refused(&["enrol", front])? == "wrong_certificate",
        "and one that no authority vouches for"
    );

    let phone = Phone::new(&binaries, &folder.path().join("phone"));
    phone.run(&["enrol", &code, "--device", "Điện thoại thử"])?;
    phone.run(&["score", "me", "1", "8,5"])?;
    phone.synced()?;
    ensure!(phone.run(&["show", "me"])?["summary"]["place"] == "received", "received over https");
    server.stop()
}
