//! A protocol as it is written: which images, where, and how.

use std::path::Path;

use serde::Deserialize;

use super::error::Error;
use super::select::Selector;
use super::values::{Edge, Grid, Kind, List, Scale, Turn, Window};
use crate::study::Condition;

/// A protocol with more steps than this was not written for a reader.
const MOST_STEPS: usize = 64;

/// A hanging protocol.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Protocol {
    /// What it is called on the command line.
    pub name: String,
    /// What it is called on screen.
    pub title: String,
    /// Whether it may be chosen without being asked for.
    #[serde(default = "yes")]
    pub automatic: bool,
    /// What has to be there for that.
    #[serde(default)]
    pub when: When,
    /// The grid in which whatever has no place in a step follows; by number where it is not said.
    pub rest: Option<Grid>,
    #[serde(rename = "step")]
    pub steps: Vec<StepRule>,
}

/// What has to be there for a protocol to be chosen by itself. Everything that is said has to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct When {
    /// One of these modalities. It also decides which studies count as current and prior.
    #[serde(default)]
    pub modality: List<String>,
    /// Only these kinds count for `minimum` and `maximum`.
    #[serde(default)]
    pub kind: List<Kind>,
    /// The fewest things to hang in the current study.
    pub minimum: Option<usize>,
    /// The most things to hang in the current study.
    pub maximum: Option<usize>,
    /// Whether there has to be a prior study, or must not be one.
    pub prior: Option<bool>,
    /// Part of _Body Part Examined_.
    pub body_part: Option<String>,
    /// Conditions `FIELD=VALUE` on the current study.
    #[serde(default, rename = "where", deserialize_with = "conditions")]
    pub conditions: Vec<Condition>,
}

/// What is seen together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StepRule {
    pub title: String,
    pub grid: Grid,
    /// How all slots of the step are shown that do not say it themselves.
    pub orientation: Option<Turn>,
    pub justify: Option<Edge>,
    pub scale: Option<Scale>,
    pub window: Option<Window>,
    /// In reading order.
    pub slots: Vec<SlotRule>,
}

/// One slot.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SlotRule {
    /// What to show here; of several the first that is there. Without any the slot stays empty.
    #[serde(default)]
    pub show: List<Selector>,
    /// Without something here the whole step is left out.
    #[serde(default)]
    pub required: bool,
    /// What the slot is called, also while it is empty.
    pub label: Option<String>,
    pub orientation: Option<Turn>,
    pub justify: Option<Edge>,
    pub scale: Option<Scale>,
    pub window: Option<Window>,
}

fn yes() -> bool {
    true
}

/// Conditions from text, as the filter of the command line takes them.
pub(super) fn conditions<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Condition>, D::Error> {
    let texts = List::<String>::deserialize(from)?;
    let parsed = texts.0.iter().map(|text| Condition::parse(text).map_err(serde::de::Error::custom));
    parsed.collect()
}

impl Protocol {
    /// Reads a protocol. `path` is where it came from, for errors.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let protocol: Self =
            toml::from_str(text).map_err(|error| Error::new(explain(text, &error)).at(path))?;
        protocol.check().map_err(|error| error.at(path))?;
        Ok(protocol)
    }

    /// What a format cannot check.
    fn check(&self) -> Result<(), Error> {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.name.is_empty() || !self.name.chars().all(is_letter) {
            let message = format!(
                "the protocol's name \"{}\" is not possible; it is made of letters, digits, - _ and .",
                self.name
            );
            return Err(Error::new(message));
        }
        if self.steps.is_empty() || self.steps.len() > MOST_STEPS {
            return Err(Error::new(format!(
                "a protocol has 1 to {MOST_STEPS} steps, not {}",
                self.steps.len()
            )));
        }
        for (at, step) in self.steps.iter().enumerate() {
            let cells = (step.grid.rows * step.grid.columns) as usize;
            let place = format!("step {} ({})", at + 1, step.title);
            if step.slots.len() > cells {
                let message = format!(
                    "{place} has {} slots, and a grid of {}x{} has room for {cells}",
                    step.slots.len(),
                    step.grid.rows,
                    step.grid.columns
                );
                return Err(Error::new(message));
            }
            if step.slots.iter().all(|slot| slot.show.0.is_empty()) {
                return Err(Error::new(format!("{place} shows nothing; give one of its slots a show")));
            }
            for (number, slot) in step.slots.iter().enumerate() {
                let likes = slot.show.0.iter().filter_map(|selector| selector.like);
                if let Some(like) = likes.into_iter().find(|like| *like == 0 || *like > number) {
                    let message = format!(
                        "{place}: like = {like} in slot {} has to be the number of a slot before it, counted from 1",
                        number + 1
                    );
                    return Err(Error::new(message));
                }
            }
        }
        Ok(())
    }
}

/// A parser's complaint in one line: where, what stands there, and what may.
fn explain(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace(['\n', '`'], " ");
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(start) = error.span().map(|span| span.start) else {
        return format!("the hanging protocol cannot be read: {message}");
    };
    let before = text.get(..start).unwrap_or_default();
    let line = before.lines().count().max(1) + usize::from(before.ends_with('\n'));
    let written = text.lines().nth(line - 1).unwrap_or_default().trim();
    let written: String = written.chars().take(60).collect();
    format!("the hanging protocol cannot be read: {message}, in line {line} ({written})")
}
