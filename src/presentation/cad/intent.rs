//! What of a report is shown: rendering intents along its branches, and operating points.
//!
//! PS3.4 O.2.2.1: a report is shown in full when what is required is shown down to the first item of each branch that is
//! optional or not for presentation. So a branch is followed from the top, and it ends at the first item that is not
//! for presentation, and at the first optional one unless that was asked for; what is required below an optional item
//! is shown only where the optional one is. An item that branches lead to by reference is shown when one of them
//! reaches it.
//!
//! PS3.17 E.4: optional findings can have an operating point, from 1 on. At operating point n those are shown whose own
//! is n or less, and at 0 only what is required: a higher point shows more, at the price of more false marks.

use super::codes;
use super::runs::OperatingPoints;
use crate::presentation::sr::Code;

/// Whether an item is meant to be shown (CID 6034).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Intent {
    #[default]
    Required,
    Optional,
    NotForPresentation,
}

impl Intent {
    pub(super) fn of(code: &Code) -> Option<Self> {
        if code.is_any(&[codes::REQUIRED]) {
            Some(Self::Required)
        } else if code.is_any(&[codes::OPTIONAL]) {
            Some(Self::Optional)
        } else if code.is_any(&[codes::NOT_FOR_PRESENTATION]) {
            Some(Self::NotForPresentation)
        } else {
            None
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Required => "to be shown",
            Self::Optional => "shown on request",
            Self::NotForPresentation => "not to be shown",
        }
    }
}

/// The operating point that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Level {
    /// The one that is recommended for each kind of finding; where none is, [`Shown::optional`] decides.
    #[default]
    Recommended,
    /// This one for all.
    At(u32),
    All,
}

/// What somebody wants to see. The default is what is required, and what the recommended operating points add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Shown {
    /// Follow optional items that have no operating point.
    pub optional: bool,
    pub level: Level,
}

impl Shown {
    /// All that may be shown at all.
    pub const EVERYTHING: Self = Self { optional: true, level: Level::All };
}

/// An item with an intent: an impression, or a finding.
#[derive(Debug, Clone, Default)]
pub(super) struct Branch {
    pub intent: Intent,
    pub operating_point: Option<u32>,
    /// The kind of finding whose operating points count, as a number of [`super::CadReport::operating_points`].
    pub points: Option<usize>,
    /// Other branches.
    pub below: Vec<u32>,
    pub finding: Option<u32>,
}

impl Branch {
    fn is_followed(&self, shown: &Shown, points: &[OperatingPoints]) -> bool {
        match (self.intent, self.operating_point) {
            (Intent::Required, _) => true,
            (Intent::NotForPresentation, _) => false,
            (Intent::Optional, None) => shown.optional,
            (Intent::Optional, Some(own)) => match shown.level {
                Level::All => true,
                Level::At(level) => own <= level,
                Level::Recommended => {
                    let recommended = self.points.and_then(|number| points.get(number)?.recommended);
                    recommended.map_or(shown.optional, |level| own <= level)
                }
            },
        }
    }
}

/// All branches of a report.
#[derive(Debug, Clone, Default)]
pub(super) struct Branches {
    pub all: Vec<Branch>,
    pub roots: Vec<u32>,
}

impl Branches {
    /// Which findings are reached. Every branch is looked at once, so references in a circle do no harm.
    pub fn followed(&self, findings: usize, shown: &Shown, points: &[OperatingPoints]) -> Vec<bool> {
        let mut reached = vec![false; findings];
        let mut seen = vec![false; self.all.len()];
        let mut open = self.roots.clone();
        while let Some(next) = open.pop() {
            let index = next as usize;
            let (Some(branch), Some(seen)) = (self.all.get(index), seen.get_mut(index)) else { continue };
            if *seen || !branch.is_followed(shown, points) {
                continue;
            }
            *seen = true;
            if let Some(reached) = branch.finding.and_then(|finding| reached.get_mut(finding as usize)) {
                *reached = true;
            }
            open.extend(&branch.below);
        }
        reached
    }
}
