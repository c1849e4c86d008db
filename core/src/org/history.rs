//! The configuration as it was: which one a writer had seen, which one was in force when a witness got a frame.
//!
//! Invariant: a fold up to a step is the configuration that everybody had who had seen exactly the steps before it.

use super::{Config, Document};

/// Documents of one frame of the server.
#[derive(Debug, Clone)]
struct Step {
    counter: u64,
    at: i64,
    documents: Vec<Document>,
}

/// The server's own frames in order.
#[derive(Debug, Clone, Default)]
pub struct History {
    steps: Vec<Step>,
}

impl History {
    /// Adds the documents of a frame of the server: its logical counter, and when it was sealed by the server's clock,
    /// Unix seconds. The caller goes in the order of the counters.
    pub fn push(&mut self, counter: u64, at: i64, documents: Vec<Document>) {
        self.steps.push(Step { counter, at, documents });
    }

    /// As of now.
    pub fn latest(&self) -> Config {
        fold(&self.steps)
    }

    /// As somebody had seen it whose [`Config::revision`] was `revision`.
    pub fn at_revision(&self, revision: u64) -> Config {
        fold(&self.steps[..self.steps.partition_point(|step| step.counter <= revision)])
    }

    /// As it was in force at a time of the server's clock, Unix seconds. When that clock has jumped back, all that is
    /// named with an earlier time counts as in force: a change too many makes a person look, one too few lets
    /// something in.
    pub fn at_time(&self, at: i64) -> Config {
        let last = self.steps.iter().rposition(|step| step.at <= at);
        fold(&self.steps[..last.map_or(0, |last| last + 1)])
    }
}

fn fold(steps: &[Step]) -> Config {
    let mut config = Config::default();
    for step in steps {
        config.advance(step.counter);
        step.documents.iter().cloned().for_each(|document| config.apply(document));
    }
    config
}
