//! `ruleset check` and `ruleset import`: criteria sets as files.

use std::path::PathBuf;

use clap::Subcommand;
use xeploai_core::org::Document;
use xeploai_core::ruleset::{Finding, Ruleset, RulesetError, overlaps};

use super::{Data, Said};
use crate::error::ServerError;
use crate::service::Service;

/// Check a criteria set, or make it known to a department.
#[derive(Debug, Subcommand)]
pub(super) enum RulesetCommand {
    /// Name everything that is wrong in files of criteria sets, each with its place.
    Check(Files),
    /// Make the sets in the files known to a department; a version that it has already is never replaced.
    Import(Import),
}

/// Files of criteria sets, JSON.
#[derive(Debug, clap::Args)]
pub(super) struct Files {
    /// Files, JSON; versions of one set are also checked against each other.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// What to import, and where.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    files: Files,
}

impl RulesetCommand {
    pub(super) fn run(self) -> Result<Option<Said>, ServerError> {
        match self {
            Self::Check(files) => files.check(),
            Self::Import(import) => import.run(),
        }
    }
}

/// A file, and the set that it is.
type Read = (String, Result<Ruleset, RulesetError>);

impl Files {
    fn read(&self) -> Result<Vec<Read>, ServerError> {
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path)?;
            Ok((path.display().to_string(), Ruleset::parse(&text)))
        };
        self.files.iter().map(read).collect()
    }

    fn check(&self) -> Result<Option<Said>, ServerError> {
        let read = self.read()?;
        let valid: Vec<Ruleset> = read.iter().filter_map(|(_, set)| set.as_ref().ok().cloned()).collect();
        let overlaps = overlaps(&valid);
        let (mut json, mut text, mut failed) = (Vec::new(), String::new(), false);
        for (file, set) in &read {
            let (id, problems) = match set {
                Ok(set) => {
                    let theirs = overlaps.iter().filter(|(id, _)| *id == set.id());
                    (Some(set.id()), theirs.map(|(_, finding)| said(finding)).collect())
                }
                Err(error) => (None, problems(error)),
            };
            failed |= !problems.is_empty();
            text.push_str(&lines(file, set.as_ref().ok(), &problems));
            json.push(serde_json::json!({"file": file, "ruleset": id, "problems": problems}));
        }
        Ok(Some(Said { failed, ..Said::new(&json, text)? }))
    }
}

/// Everything that was found; of a file that could not be read at all, why.
fn problems(error: &RulesetError) -> Vec<serde_json::Value> {
    match error.findings() {
        [] => vec![serde_json::json!({"place": null, "code": error.code(), "message": error.message()})],
        findings => findings.iter().map(said).collect(),
    }
}

fn said(finding: &Finding) -> serde_json::Value {
    let (code, message) = (finding.problem.code(), finding.message());
    serde_json::json!({"place": finding.place, "code": code, "message": message})
}

fn lines(file: &str, set: Option<&Ruleset>, problems: &[serde_json::Value]) -> String {
    let mut text = match (set, problems) {
        (Some(set), []) => format!(
            "{file}: hợp lệ. {}, {} tiêu chí, tối đa {} điểm.\n",
            set.id(),
            set.criteria().count(),
            xeploai_core::points::vietnamese(set.maximum())
        ),
        _ => format!("{file}: {} chỗ sai.\n", problems.len()),
    };
    for problem in problems {
        let vi = problem.pointer("/message/vi").and_then(serde_json::Value::as_str).unwrap_or_default();
        let code = problem.get("code").and_then(serde_json::Value::as_str).unwrap_or_default();
        text.push_str(&format!("  {vi} ({code})\n"));
    }
    text
}

impl Import {
    fn run(self) -> Result<Option<Said>, ServerError> {
        let service = Service::open(&self.data.data)?;
        let sets = self.files.read()?.into_iter().map(|(_, set)| set).collect::<Result<Vec<_>, _>>()?;
        let config = service.config()?;
        let is_new = |set: &Ruleset| !config.rulesets.contains_key(&set.id());
        let new: Vec<Ruleset> = sets.into_iter().filter(is_new).collect();
        let documents: Vec<Document> =
            new.iter().map(|set| Document::Ruleset(Box::new(set.clone()))).collect();
        service.write_documents(&documents)?;
        let ids: Vec<String> = new.iter().map(|set| set.id().to_string()).collect();
        let text = format!("Đã thêm {} bộ tiêu chí: {}.", ids.len(), ids.join(", "));
        Ok(Some(Said::new(&ids, text)?))
    }
}
