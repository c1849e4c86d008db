//! The month of one centre: the main job from the first score to the classified period.
//!
//! Played by `cargo xtask demo` and by the test `story`; both see only what the two binaries print. Every step checks what it
//! claims and fails with a reason.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process::{Binaries, Office, Phone, Server, list, text};
use crate::report;

const OPEN: &str = "2022-11";
/// A phone's process is killed at this many moments, spread over a little more than the time that saving takes.
const KILLS: u32 = 12;

/// What the story leaves behind.
#[derive(Debug)]
pub struct Ending {
    /// The server, still listening.
    pub server: Server,
    /// Code of the unit whose rank changed.
    pub unit: String,
    /// The head's phone, enrolled and in step with the server.
    pub head: Phone,
    /// Login name of the console.
    pub login: String,
    /// Its password.
    pub password: String,
}

/// Plays the story in an empty folder.
///
/// # Errors
/// At the first step that does not do what it should.
pub fn play(binaries: &Binaries, folder: &Path, out: &mut dyn Write) -> Result<Ending> {
    let office = Office::new(binaries, &folder.join("server"));
    let init = office.run(&["init", "--demo"])?;
    let server = Server::start(binaries, office.data(), "127.0.0.1:0")?;
    let before = rankings(&office)?;
    let unit = incomplete_centre(&before)?;
    let mut play = Play { binaries: binaries.clone(), folder: folder.to_owned(), office, unit, out };

    play.chapter(
        "The server runs on the demo data of Phú Thọ, 2022. The two rankings before the last centre hands in",
    )?;
    before.iter().try_for_each(|league| report::ranking(play.out, league))?;
    let cast = play.enrol(&server)?;
    let address = server.address().to_owned();
    server.stop()?;
    let contested = play.score_offline(&cast)?;
    let server = Server::start(&play.binaries, play.office.data(), &address)?;
    play.meet(&cast, &contested)?;
    play.own_sheet(&cast)?;
    play.appraise(&cast)?;
    play.after(&before)?;
    play.lock(&cast)?;
    Ok(Ending {
        server,
        unit: play.unit,
        head: cast.head,
        login: text(&init, "/console/login")?.to_owned(),
        password: text(&init, "/console/password")?.to_owned(),
    })
}

/// The rankings of the open period, as the administrator sees them.
///
/// # Errors
/// When there are not two leagues.
pub fn rankings(office: &Office) -> Result<Vec<Value>> {
    let answer = office.run(&["rank", "--period", OPEN])?;
    let leagues = list(&answer, "")?;
    ensure!(leagues.len() == 2, "offices and centres are two leagues, not {}", leagues.len());
    Ok(leagues.to_vec())
}

/// A unit's row in the rankings.
///
/// # Errors
/// When the unit is in none.
pub fn row<'a>(rankings: &'a [Value], unit: &str) -> Result<&'a Value> {
    let mut rows = rankings.iter().filter_map(|league| league["rows"].as_array()).flatten();
    rows.find(|row| row["code"] == unit).with_context(|| format!("{unit} is in no ranking"))
}

/// A centre that the demo data leaves without enough data for a rank.
///
/// # Errors
/// When every centre is complete.
pub fn incomplete_centre(rankings: &[Value]) -> Result<String> {
    let rows = rankings.iter().filter_map(|league| league["rows"].as_array()).flatten();
    let mut codes = rows.filter(|row| row["rank"].is_null()).filter_map(|row| row["code"].as_str());
    let code = codes
        .clone()
        .find(|code| *code == "TT-13")
        .or_else(|| codes.find(|code| code.starts_with("TT-")))
        .context("every centre of the demo data is complete")?;
    Ok(code.to_owned())
}

/// The head hands in the unit's sheet, a supervisor appraises it; both sync. Gives the supervisor's sync report.
///
/// # Errors
/// When a step is refused.
pub fn hand_in_and_appraise(head: &Phone, supervisor: &Phone, unit: &str) -> Result<Value> {
    head.run(&["submit", "unit"])?;
    head.synced()?;
    supervisor.synced()?;
    let sheet = sheet_of(supervisor, unit)?;
    fill(supervisor, &sheet, "appraised", 88)?;
    if available(&supervisor.run(&["show", &sheet])?, "approve")? {
        supervisor.run(&["approve", &sheet])?;
    }
    supervisor.synced()
}

/// Writes a share of the maximum into every criterion that takes points, and counts them.
///
/// # Errors
/// When the person may not write the column.
pub fn fill(phone: &Phone, sheet: &str, column: &str, percent: i64) -> Result<usize> {
    let criteria = criteria(&phone.run(&["show", sheet])?, Some(column))?;
    for criterion in &criteria {
        let points = criterion.share(percent);
        let reason = ["--column", column, "--note", "Theo hồ sơ của tháng"];
        phone.run(&[["score", sheet, &criterion.number, &points], reason].concat())?;
    }
    Ok(criteria.len())
}

/// Enrols a person's device and brings it in step with the server.
///
/// # Errors
/// When the person is unknown or the code is refused.
pub fn enrolled(binaries: &Binaries, office: &Office, url: &str, person: &str) -> Result<Phone> {
    let phone = Phone::new(binaries, &office.data().with_file_name(format!("phone-{person}")));
    phone.run(&["enrol", &office.code(person, url)?, "--device", &format!("Máy của {person}")])?;
    phone.synced()?;
    Ok(phone)
}

/// The author of the first score that counts in an explanation.
pub fn counted_author(node: &Value) -> Option<&str> {
    let counts = node["scores"].as_array()?.iter().find(|score| score["counts"] == true);
    let here = counts.and_then(|score| score.pointer("/written/author")?.as_str());
    here.or_else(|| node["children"].as_array()?.iter().find_map(counted_author))
}

struct Cast {
    head: Phone,
    staff: Phone,
    supervisor: Phone,
}

struct Contested {
    criterion: String,
    head_says: String,
    staff_says: String,
}

struct Play<'a> {
    binaries: Binaries,
    folder: PathBuf,
    office: Office,
    unit: String,
    out: &'a mut dyn Write,
}

impl Play<'_> {
    fn chapter(&mut self, title: &str) -> Result<()> {
        Ok(writeln!(self.out, "\n── {title}")?)
    }

    fn say(&mut self, line: &str) -> Result<()> {
        Ok(writeln!(self.out, "  {line}")?)
    }

    fn enrol(&mut self, server: &Server) -> Result<Cast> {
        self.chapter("Three devices are enrolled with one-time codes: the centre's head, one of its staff, a supervisor")?;
        let device = |person: &str| enrolled(&self.binaries, &self.office, &server.url, person);
        let cast = Cast {
            head: device(&format!("{}-00", self.unit))?,
            staff: device(&format!("{}-01", self.unit))?,
            supervisor: device("SO-TD1")?,
        };
        for phone in [&cast.head, &cast.staff, &cast.supervisor] {
            self.say(&format!("enrolled, with a store of its own: {}", phone.store().display()))?;
        }
        let stranger = Phone::new(&self.binaries, &self.folder.join("phone-stranger"));
        let mut unknown = self.office.code("SO-TD2", &server.url)?;
        let last = unknown.pop();
        unknown.push(if last == Some('2') { '3' } else { '2' });
        for code in ["XXXXX-XXXXX", unknown.as_str()] {
            let refusal = stranger.refused(&["enrol", code, "--device", "Máy lạ"])?;
            self.say(&format!("a code that was never given is refused: {refusal}"))?;
        }
        Ok(cast)
    }

    /// Head and staff share the unit's sheet while the server is gone; both write the first criterion.
    fn score_offline(&mut self, cast: &Cast) -> Result<Contested> {
        self.chapter("The server is switched off. Both score the centre's sheet without a signal")?;
        for phone in [&cast.head, &cast.staff] {
            let (ok, report) = phone.sync()?;
            ensure!(!ok, "a sync without a server cannot succeed: {report}");
        }
        let criteria = criteria(&cast.head.run(&["show", "unit"])?, None)?;
        let (first, rest) = criteria.split_first().context("a unit's sheet has criteria")?;
        for (turn, criterion) in rest.iter().enumerate() {
            let phone = if turn % 2 == 0 { &cast.head } else { &cast.staff };
            phone.run(&["score", "unit", &criterion.number, &criterion.share(85)])?;
        }
        self.killed_while_saving(&cast.staff, rest.get(1).context("a unit's sheet has three criteria")?)?;
        let contested = Contested {
            criterion: first.number.clone(),
            head_says: first.share(90),
            staff_says: first.share(70),
        };
        ensure!(
            contested.head_says != contested.staff_says,
            "the first criterion is too small to disagree on"
        );
        cast.head.run(&["score", "unit", &contested.criterion, &contested.head_says])?;
        cast.staff.run(&["score", "unit", &contested.criterion, &contested.staff_says])?;
        self.say(&format!(
            "{} criteria saved on two phones; for criterion {} the head wrote {}, the staff {}, neither saw the other's",
            criteria.len(),
            contested.criterion,
            contested.head_says,
            contested.staff_says
        ))?;
        Ok(contested)
    }

    /// What was acknowledged survives SIGKILL at any moment of a later write; the later write is there whole or not at all.
    fn killed_while_saving(&mut self, phone: &Phone, criterion: &Criterion) -> Result<()> {
        let (kept, other) = (criterion.share(85), criterion.share(50));
        let start = Instant::now();
        phone.run(&["score", "unit", &criterion.number, &kept])?;
        let (life, before) = (start.elapsed(), own_points(&phone.run(&["show", "unit"])?)?);
        let (mut killed, mut whole) = (0, 0);
        for moment in 1..=KILLS {
            let after = life * moment / (KILLS - 2);
            killed += u32::from(phone.killed(&["score", "unit", &criterion.number, &other], after)?);
            let mut now = own_points(&phone.run(&["show", "unit"])?)?;
            let value = now.insert(criterion.number.clone(), Some(kept.clone())).flatten();
            ensure!(
                value.as_ref() == Some(&kept) || value.as_ref() == Some(&other),
                "criterion {} became {value:?} after a kill",
                criterion.number
            );
            ensure!(now == before, "an acknowledged score changed after a kill: {now:?}");
            whole += u32::from(value.as_ref() == Some(&other));
            phone.run(&["score", "unit", &criterion.number, &kept])?;
        }
        ensure!(killed > 0, "no process was killed");
        self.say(&format!(
            "saved {KILLS} times, {killed} of the processes killed with SIGKILL on the way: {whole} scores are there whole, \
             the others not at all, and nothing older was lost"
        ))
    }

    fn meet(&mut self, cast: &Cast, contested: &Contested) -> Result<()> {
        self.chapter("The server is back. Both phones sync: both values are kept, a person settles")?;
        for phone in [&cast.head, &cast.staff, &cast.head] {
            let report = phone.synced()?;
            self.say(&format!("sync: {}", text(&report, "/sentence/vi")?))?;
        }
        let answer = cast.head.run(&["conflicts"])?;
        let [conflict] = list(&answer, "")? else { anyhow::bail!("one field is in conflict: {answer}") };
        for value in list(conflict, "/values")? {
            self.say(&format!(
                "criterion {}: {} wrote {} on {}",
                text(conflict, "/label")?,
                text(value, "/written/author")?,
                text(value, "/value")?,
                text(value, "/written/device")?
            ))?;
        }
        let mut values: Vec<_> =
            list(conflict, "/values")?.iter().filter_map(|v| v["value"].as_str()).collect();
        let mut written = [contested.head_says.as_str(), contested.staff_says.as_str()];
        values.sort_unstable();
        written.sort_unstable();
        ensure!(values == written, "both values are kept: {values:?}");

        cast.head.run(&["resolve", text(conflict, "/id")?, &contested.head_says])?;
        for phone in [&cast.head, &cast.staff] {
            phone.synced()?;
            ensure!(list(&phone.run(&["conflicts"])?, "")?.is_empty(), "settled everywhere");
        }
        let points = own_points(&cast.staff.run(&["show", "unit"])?)?;
        let settled = points.get(&contested.criterion).cloned().flatten();
        ensure!(
            settled.as_ref() == Some(&contested.head_says),
            "the staff's phone shows what was settled: {settled:?}"
        );
        self.say(&format!("the head settles it at {}; both phones show it", contested.head_says))
    }

    fn own_sheet(&mut self, cast: &Cast) -> Result<()> {
        self.chapter("The staff member scores the own month and hands it in; the head reviews and approves")?;
        let written = fill(&cast.staff, "me", "own", 90)?;
        cast.staff.run(&["submit", "me"])?;
        cast.staff.synced()?;
        cast.head.synced()?;
        let sheet = sheet_of(&cast.head, &format!("{}-01", self.unit))?;
        let reviewed = fill(&cast.head, &sheet, "superior", 85)?;
        cast.head.run(&["approve", &sheet])?;
        cast.head.synced()?;
        cast.staff.synced()?;
        let seen = cast.staff.run(&["show", "me"])?;
        ensure!(seen["summary"]["stage"] == "approved", "the staff sees the approval: {}", seen["summary"]);
        ensure!(
            seen["summary"]["place"] == "received",
            "the server's receipt has come back: {}",
            seen["summary"]
        );
        self.say(&format!(
            "{written} criteria scored, {reviewed} reviewed; approved: {} points, {}",
            seen["summary"]["total"]["total"].as_str().map_or("–".to_owned(), report::comma),
            seen["summary"]["total"]["level"].as_str().unwrap_or("chưa đủ dữ liệu")
        ))
    }

    fn appraise(&mut self, cast: &Cast) -> Result<()> {
        self.chapter("The head hands in the centre's sheet; a supervisor of the department appraises it")?;
        let report = hand_in_and_appraise(&cast.head, &cast.supervisor, &self.unit)?;
        self.say(&format!("supervisor's sync: {}", text(&report, "/sentence/vi")?))
    }

    fn after(&mut self, before: &[Value]) -> Result<()> {
        self.chapter("The two rankings after, and where each total comes from")?;
        let after = rankings(&self.office)?;
        for league in &after {
            report::ranking(self.out, league)?;
            for row in list(league, "/rows")?.iter().filter(|row| !row["rank"].is_null()) {
                let unit = text(row, "/code")?;
                let parts = report::parts(&self.explain(unit)?)?;
                let total = report::comma(text(row, "/total")?);
                writeln!(self.out, "    {unit} {total} = {parts}")?;
            }
        }
        let (was, is) = (row(before, &self.unit)?, row(&after, &self.unit)?);
        ensure!(was["rank"].is_null() && is["rank"].is_u64(), "the centre has a rank now: {is}");
        let title = format!(
            "{} was without a rank and is now number {}. Down to the signed scores",
            self.unit, is["rank"]
        );
        self.chapter(&title)?;
        let explained = self.explain(&self.unit)?;
        ensure!(signed_scores(&explained)? > 0, "the explanation ends at signed scores: {explained}");
        report::explanation(self.out, &explained, 0)
    }

    fn explain(&self, unit: &str) -> Result<Value> {
        self.office.run(&["explain", "--period", OPEN, "--unit", unit])
    }

    fn lock(&mut self, cast: &Cast) -> Result<()> {
        self.chapter(
            "The period is locked: classified, published, signed by the server, with the hash of its result",
        )?;
        self.office.run(&["period", "lock", "--period", OPEN])?;
        let locked = rankings(&self.office)?;
        locked.iter().try_for_each(|league| report::ranking(self.out, league))?;
        for league in &locked {
            ensure!(league["published"] == true, "a locked period is published");
            ensure!(league["result_hash"].is_string(), "a published ranking has a result hash");
        }
        cast.head.synced()?;
        let seen = cast.head.run(&["ranking", "--period", OPEN])?;
        for league in list(&seen, "")? {
            let same = locked.iter().find(|published| published["league"] == league["league"]);
            let same = same.context("the phone shows a league that the server does not have")?;
            ensure!(same["result_hash"] == league["result_hash"], "the phone shows the published result");
        }
        self.say("the centre's head sees the published ranking on the phone, with the same hash")
    }
}

/// A criterion that takes points.
#[derive(Debug)]
struct Criterion {
    number: String,
    max: i64,
    step: i64,
}

impl Criterion {
    /// A share of the maximum, down to a whole step.
    fn share(&self, percent: i64) -> String {
        decimal(self.max * percent / 100 / self.step * self.step)
    }
}

/// The criteria of a sheet that take points; with a column, only when the person may write it.
fn criteria(sheet: &Value, column: Option<&str>) -> Result<Vec<Criterion>> {
    if let Some(column) = column {
        let known = list(sheet, "/columns")?.iter().find(|known| known["column"] == column);
        ensure!(
            known.is_some_and(|known| known["editable"] == true),
            "the column {column} cannot be written: {known:?}"
        );
    }
    let groups = list(sheet, "/groups")?.iter().filter_map(|group| group["criteria"].as_array()).flatten();
    let points = groups.filter(|criterion| criterion["kind"] != "work").map(|criterion| {
        Ok(Criterion {
            number: criterion["number"].to_string(),
            max: ten_thousandths(text(criterion, "/max")?)?,
            step: ten_thousandths(text(criterion, "/step")?)?,
        })
    });
    points.collect()
}

/// What stands in the own column, criterion by criterion.
fn own_points(sheet: &Value) -> Result<BTreeMap<String, Option<String>>> {
    let groups = list(sheet, "/groups")?.iter().filter_map(|group| group["criteria"].as_array()).flatten();
    let cells = groups.filter_map(|criterion| {
        let own = criterion["cells"].as_array()?.iter().find(|cell| cell["column"] == "own")?;
        Some((criterion["number"].to_string(), own["points"].as_str().map(str::to_owned)))
    });
    Ok(cells.collect())
}

/// Id of the sheet of a person or unit in the open period.
fn sheet_of(phone: &Phone, code: &str) -> Result<String> {
    let answer = phone.run(&["sheets", "--period", OPEN])?;
    let sheet = list(&answer, "")?.iter().find(|sheet| sheet["code"] == code);
    Ok(text(sheet.with_context(|| format!("no sheet of {code} on {}", phone.store().display()))?, "/id")?
        .to_owned())
}

fn available(sheet: &Value, action: &str) -> Result<bool> {
    Ok(list(sheet, "/actions")?.iter().any(|known| known["action"] == action && known["blocked"].is_null()))
}

fn signed_scores(node: &Value) -> Result<usize> {
    let here = list(node, "/scores")?;
    let signed = here.iter().filter(|score| score["frame"].is_string() && score["signature_fits"] == true);
    list(node, "/children")?.iter().try_fold(signed.count(), |sum, child| Ok(sum + signed_scores(child)?))
}

/// Reads canonical decimal text.
fn ten_thousandths(text: &str) -> Result<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    Ok(format!("{whole}{decimals:0<4}").parse()?)
}

/// Writes canonical decimal text.
fn decimal(ten_thousandths: i64) -> String {
    let (whole, rest) = (ten_thousandths / 10_000, ten_thousandths % 10_000);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:04}").trim_end_matches('0').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Criterion, decimal, ten_thousandths};

    #[test]
    fn decimal_text_survives_the_round_trip() {
        for text in ["0", "8.5", "10", "0.0625", "-0"] {
            let read = ten_thousandths(text).unwrap();
            assert_eq!(decimal(read), text.trim_start_matches('-'), "{text}");
        }
    }

    #[test]
    fn a_share_lies_on_a_step() {
        let criterion = Criterion { number: "1".into(), max: 100_000, step: 5_000 };
        assert_eq!(criterion.share(87), "8.5");
        assert_eq!(criterion.share(100), "10");
    }
}
