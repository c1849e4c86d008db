//! A network that spoils what it carries: what it did not carry waits, the next try goes through, and there is one copy.

use std::process::Stdio;
use std::sync::mpsc::channel;

use anyhow::{Result, ensure};
use xeploai_tests::process::{PATIENCE, Phone, Running, Server};
use xeploai_tests::proxy::{Fault, Proxy};

use crate::department::{Department, PEOPLE, own};

/// A phone that has one write to hand over, and the network that it does so by.
struct Line {
    department: Department,
    server: Server,
    network: Proxy,
    phone: Phone,
    /// Frames that the server had before.
    before: usize,
}

impl Line {
    fn new() -> Result<Self> {
        let department = Department::new()?;
        let server = department.serve()?;
        let network = Proxy::start(server.address())?;
        let phone = department.phone(PEOPLE[0], &network.url)?;
        let before = department.frames()?.len();
        phone.run(&["score", "me", "1", "1.5"])?;
        Ok(Self { department, server, network, phone, before })
    }

    /// How many frames have come to the server.
    fn arrived(&self) -> Result<usize> {
        Ok(self.department.frames()?.len() - self.before)
    }

    /// The sheet is received, its frame is there once, and everybody reads the same.
    fn is_received_once(&self) -> Result<()> {
        let sheet = self.phone.run(&["show", "me"])?;
        ensure!(sheet["summary"]["place"] == "received", "not received: {}", sheet["summary"]);
        ensure!(self.arrived()? == 1, "{} frames of one write", self.arrived()?);
        self.department.reads_back(&self.server.url, &[(&self.phone, &own(&sheet)?)])
    }

    /// A sync on which `fault` falls fails with `code` and leaves everything waiting; the next one brings it across.
    fn survives(&self, fault: Fault, code: &str, arrives: usize) -> Result<()> {
        self.network.spoil(fault);
        let (ok, report) = self.phone.sync()?;
        ensure!(!ok && report["failure"]["code"] == code, "{report}");
        ensure!(report["waiting"] == 1 && report["sent"] == 0, "what was not receipted waits: {report}");
        let place = self.phone.run(&["show", "me"])?["summary"]["place"].clone();
        ensure!(place == "waiting" || place == "failed", "without a receipt it is {place}");
        ensure!(self.arrived()? == arrives, "{} frames came", self.arrived()?);
        let report = self.phone.synced()?;
        ensure!(report["sent"] == 1 && report["waiting"] == 0, "{report}");
        self.is_received_once()
    }

    fn start_sync(&self) -> Result<Running> {
        let mut command = self.phone.command(&["sync"])?;
        Ok(Running(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?))
    }
}

#[test]
fn half_of_a_request_is_refused_and_comes_whole_the_next_time() -> Result<()> {
    Line::new()?.survives(Fault::RequestShort, "message_cut", 0)
}

#[test]
fn a_connection_that_breaks_in_a_request_leaves_nothing_behind() -> Result<()> {
    Line::new()?.survives(Fault::RequestCut, "unreachable", 0)
}

#[test]
fn half_of_an_answer_is_no_receipt() -> Result<()> {
    Line::new()?.survives(Fault::AnswerShort, "answer_cut", 1)
}

#[test]
fn a_connection_that_breaks_in_an_answer_gives_no_receipt() -> Result<()> {
    Line::new()?.survives(Fault::AnswerCut, "answer_cut", 1)
}

#[test]
fn an_answer_that_is_lost_after_the_commit_is_asked_for_again() -> Result<()> {
    Line::new()?.survives(Fault::AnswerLost, "unreachable", 1)
}

#[test]
fn a_login_page_in_place_of_the_answer_is_no_receipt() -> Result<()> {
    Line::new()?.survives(Fault::Html, "not_our_server", 0)
}

#[test]
fn an_empty_answer_is_no_receipt() -> Result<()> {
    Line::new()?.survives(Fault::Empty, "answer_cut", 0)
}

#[test]
fn while_an_answer_is_late_the_phone_writes_on_and_says_that_it_waits() -> Result<()> {
    let line = Line::new()?;
    let ((here, is_here), (go, goes_on)) = (channel(), channel());
    line.network.spoil(Fault::AnswerHeld(here, goes_on));
    let mut sync = line.start_sync()?;
    is_here.recv_timeout(PATIENCE)?;
    let sheet = line.phone.run(&["score", "me", "2", "1"])?;
    ensure!(sheet["summary"]["place"] == "waiting", "nothing was receipted yet: {}", sheet["summary"]);
    go.send(())?;
    ensure!(sync.0.wait()?.success(), "a late answer is as good as any");
    line.phone.synced()?;
    let sheet = line.phone.run(&["show", "me"])?;
    ensure!(sheet["summary"]["place"] == "received", "not received: {}", sheet["summary"]);
    ensure!(own(&sheet)?.len() == 2, "both writes: {sheet}");
    line.department.reads_back(&line.server.url, &[(&line.phone, &own(&sheet)?)])
}

#[test]
fn after_a_lost_answer_two_tries_at_once_make_one_copy() -> Result<()> {
    let line = Line::new()?;
    line.network.spoil(Fault::AnswerLost);
    let (ok, report) = line.phone.sync()?;
    ensure!(!ok && line.arrived()? == 1, "committed, and the phone does not know: {report}");
    let ((here, is_here), (go_first, first_goes), (go_second, second_goes)) =
        (channel(), channel(), channel());
    line.network.spoil(Fault::AnswerHeld(here.clone(), first_goes));
    line.network.spoil(Fault::AnswerHeld(here, second_goes));
    let mut tries = [line.start_sync()?, line.start_sync()?];
    for _ in &tries {
        is_here.recv_timeout(PATIENCE)?;
    }
    go_first.send(())?;
    go_second.send(())?;
    for sync in &mut tries {
        ensure!(sync.0.wait()?.success(), "both tries end well");
    }
    line.is_received_once()
}
