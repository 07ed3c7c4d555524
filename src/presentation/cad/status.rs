//! Whether CAD was run and how it went, in words that cannot be mixed up.

use super::codes;
use crate::presentation::sr::Code;

/// How processing went (CID 6047), held against what the report contains. Findings are those that may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Status {
    /// Everything was run, and nothing was found.
    NoFindings,
    /// Everything was run.
    Findings(usize),
    /// Some of it failed; what did not found this much.
    PartlyFailed { findings: usize },
    /// All of it failed.
    Failed,
    /// Nothing was tried.
    NotProcessed,
    /// The report says that nothing was found and holds findings all the same.
    Contradictory { findings: usize },
    /// The report does not say.
    #[default]
    Unknown,
}

/// What the report says of itself.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub summary: Option<Code>,
    /// The summaries of detections and of analyses.
    pub parts: Vec<Code>,
    /// A list of failed detections or analyses is not empty.
    pub has_failures: bool,
}

impl Status {
    pub(super) fn of(said: &Said, findings: usize, warnings: &mut Vec<String>) -> Self {
        let Some(summary) = &said.summary else { return Self::without_summary(said, findings) };
        let is = |concept| summary.is_any(&[concept]);
        let partly = is(codes::SOME_WITHOUT_FINDINGS) || is(codes::SOME_WITH_FINDINGS);
        let with = is(codes::ALL_WITH_FINDINGS) || is(codes::SOME_WITH_FINDINGS);
        if !partly && !with && !is(codes::ALL_WITHOUT_FINDINGS) && !is(codes::NONE_SUCCEEDED) {
            warnings
                .push(format!("the CAD report ends with a result that is not known: {}", summary.notation()));
            return Self::Unknown;
        }
        if !with && findings > 0 {
            warnings.push(format!(
                "the CAD report says that nothing was found, but it holds {}",
                counted(findings)
            ));
            return Self::Contradictory { findings };
        }
        if with && findings == 0 {
            warnings
                .push("the CAD report speaks of findings, but it holds none that may be shown".to_owned());
        }
        if is(codes::NONE_SUCCEEDED) {
            return Self::Failed;
        }
        if !partly && said.failed() {
            // Nobody may take this for a clean result.
            warnings.push("the CAD report says that all went well, but it lists what failed".to_owned());
            return Self::PartlyFailed { findings };
        }
        match (partly, with) {
            (true, _) => Self::PartlyFailed { findings },
            (false, true) => Self::Findings(findings),
            (false, false) => Self::NoFindings,
        }
    }

    /// The summary is left out where nothing was tried (TID 4000).
    fn without_summary(said: &Said, findings: usize) -> Self {
        let all = |concept| !said.parts.is_empty() && said.parts.iter().all(|part| part.is_any(&[concept]));
        if findings > 0 {
            Self::Unknown
        } else if all(codes::NOT_ATTEMPTED) {
            Self::NotProcessed
        } else if said.failed() && !said.parts.iter().any(|part| part.is_any(&[codes::SUCCEEDED])) {
            Self::Failed
        } else {
            Self::Unknown
        }
    }

    /// A sentence for readers.
    pub fn words(&self) -> String {
        match self {
            Self::NoFindings => "CAD was completed and marked nothing".to_owned(),
            Self::Findings(findings) => format!("CAD was completed and marked {}", counted(*findings)),
            Self::PartlyFailed { findings: 0 } => {
                "CAD is incomplete: part of it failed, and the rest marked nothing".to_owned()
            }
            Self::PartlyFailed { findings } => {
                format!("CAD is incomplete: part of it failed, and the rest marked {}", counted(*findings))
            }
            Self::Failed => "CAD failed: these images were not checked".to_owned(),
            Self::NotProcessed => "CAD was not run on these images".to_owned(),
            Self::Contradictory { findings } => format!(
                "The CAD report contradicts itself: it says that nothing was found, and holds {}",
                counted(*findings)
            ),
            Self::Unknown => "The CAD report does not say how processing went".to_owned(),
        }
    }

    /// Whether it is a result to rely on: all was run, and the report agrees with itself.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::NoFindings | Self::Findings(_))
    }
}

impl Said {
    fn failed(&self) -> bool {
        let failed = [codes::FAILED, codes::PARTLY_SUCCEEDED];
        self.has_failures || self.parts.iter().any(|part| part.is_any(&failed))
    }
}

fn counted(findings: usize) -> String {
    match findings {
        0 => "findings that are not to be shown".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    }
}
