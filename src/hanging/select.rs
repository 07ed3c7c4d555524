//! Choosing images by what they are.

use serde::Deserialize;

use super::case::Item;
use super::protocol::conditions;
use super::values::{Kind, List};
use crate::study::{Condition, ImageKind};

/// What to look for. Everything that is said has to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Selector {
    #[serde(default)]
    pub modality: List<String>,
    /// The view, in its short form; a `*` at the end stands for anything. Earlier ones are preferred.
    #[serde(default)]
    pub view: List<String>,
    /// R, L or B.
    #[serde(default)]
    pub side: List<String>,
    /// Earlier ones are preferred. Without any, exposures before synthetic images before volumes.
    #[serde(default)]
    pub kind: List<Kind>,
    #[serde(default)]
    pub study: Relative,
    /// Part of _Body Part Examined_.
    pub body_part: Option<String>,
    /// Part of the series description.
    pub series: Option<String>,
    /// The fewest frames.
    pub frames: Option<u32>,
    /// Whether views with modifiers may be taken: they come last, unless this forbids or demands them.
    pub modified: Option<bool>,
    /// The number of a slot of the same step, counted from 1, whose series this one is to resemble.
    pub like: Option<usize>,
    /// Conditions `FIELD=VALUE`, as for the filter of the command line.
    #[serde(default, rename = "where", deserialize_with = "conditions")]
    pub conditions: Vec<Condition>,
}

/// Which study of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum Relative {
    /// The newest.
    #[default]
    Current,
    /// The one before it is 1.
    Prior(usize),
    Any,
}

impl TryFrom<String> for Relative {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            ["current"] => return Ok(Self::Current),
            ["any"] => return Ok(Self::Any),
            ["prior"] => return Ok(Self::Prior(1)),
            ["prior", number] => {
                if let Some(number) = number.parse().ok().filter(|number| (1..=99).contains(number)) {
                    return Ok(Self::Prior(number));
                }
            }
            _ => {}
        }
        Err(format!("the study \"{text}\" is not known; it is current, prior, prior 2 and so on, or any"))
    }
}

impl Relative {
    pub fn is(self, age: usize) -> bool {
        match self {
            Self::Current => age == 0,
            Self::Prior(number) => age == number,
            Self::Any => true,
        }
    }
}

/// How far from ideal a choice is; less is better.
type Rank = (bool, usize, usize, usize, bool);

impl Selector {
    /// The best of the items, by its place among them. `age` tells how many studies before the current one an item
    /// is, `other` which item another slot shows.
    pub(super) fn choose<'a>(
        &self,
        items: &[&'a Item<'a>],
        age: impl Fn(&Item) -> Option<usize>,
        other: impl Fn(usize) -> Option<&'a Item<'a>>,
    ) -> Option<usize> {
        let model = self.like.and_then(other);
        let fitting = items.iter().enumerate().filter_map(|(at, item)| {
            age(item).filter(|age| self.study.is(*age))?;
            Some((self.rank(item, model)?, at))
        });
        fitting.min().map(|(_, at)| at)
    }

    fn rank(&self, item: &Item, model: Option<&Item>) -> Option<Rank> {
        let entry = item.entry;
        let modality = entry.modality.as_deref().unwrap_or_default();
        let side = entry.laterality.as_deref().unwrap_or_default();
        let modified = !entry.modifiers.is_empty();
        let allowed = among(&self.modality, modality)
            && among(&self.side, side)
            && has_part(self.body_part.as_deref(), entry.body_part.as_deref())
            && has_part(self.series.as_deref(), entry.series_description.as_deref())
            && self.frames.is_none_or(|least| item.frames >= least)
            && self.modified.is_none_or(|wanted| wanted == modified)
            && self.conditions.iter().all(|condition| condition.matches(entry));
        if !allowed {
            return None;
        }
        let view = match &self.view.0[..] {
            [] => 0,
            views => {
                let view = entry.view_position.as_deref().unwrap_or_default();
                views.iter().position(|pattern| fits(pattern, view))?
            }
        };
        let kind = match &self.kind.0[..] {
            [] => preference(entry.kind),
            kinds => {
                let list = kinds.iter().position(|kind| kind.covers(entry.kind))?;
                list * 8 + preference(entry.kind)
            }
        };
        Some((modified, view, kind, model.map_or(0, |model| unlike(item, model)), entry.is_localizer))
    }
}

/// What readers look at first, where a protocol does not say.
pub(super) fn preference(kind: ImageKind) -> usize {
    match kind {
        ImageKind::Plain | ImageKind::Presentation => 0,
        ImageKind::Processing => 1,
        ImageKind::Synthetic => 2,
        ImageKind::Capture => 3,
        ImageKind::Tomosynthesis => 4,
        ImageKind::Projection => 5,
    }
}

fn among(list: &List<String>, value: &str) -> bool {
    list.0.is_empty() || list.0.iter().any(|wanted| wanted.eq_ignore_ascii_case(value))
}

pub(super) fn has_part(wanted: Option<&str>, value: Option<&str>) -> bool {
    wanted
        .is_none_or(|wanted| value.is_some_and(|value| value.to_lowercase().contains(&wanted.to_lowercase())))
}

/// `XCC*` fits XCCL, `CC` fits CC alone.
fn fits(pattern: &str, view: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => view.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)),
        None => pattern.eq_ignore_ascii_case(view),
    }
}

/// How little two series have in common: description, directions, size.
fn unlike(item: &Item, model: &Item) -> usize {
    let (a, b) = (item.entry, model.entry);
    let described = |text: Option<&String>| text.map(|text| text.trim().to_lowercase());
    let description = described(a.series_description.as_ref()) != described(b.series_description.as_ref());
    let direction = a.orientation != b.orientation;
    let size = (a.rows, a.columns) != (b.rows, b.columns);
    [(description, 4), (direction, 2), (size, 1)]
        .iter()
        .map(|(differs, weight)| usize::from(*differs) * weight)
        .sum()
}
