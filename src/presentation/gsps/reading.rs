//! Values as presentation states hold them, read with bounds and a list of what was wrong.

use std::collections::BTreeSet;

use crate::dicom::{DataSet, Tag, Value};

/// Points of all annotations of a state together; what is beyond is left out and said.
pub(super) const MAX_POINTS: usize = 2_000_000;
/// Annotation objects of a state together.
pub(super) const MAX_OBJECTS: usize = 100_000;

/// What is left to spend on one state, and what was wrong with it.
#[derive(Debug)]
pub(super) struct Reading {
    warnings: BTreeSet<String>,
    points: usize,
    objects: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Self { warnings: BTreeSet::new(), points: MAX_POINTS, objects: MAX_OBJECTS }
    }
}

impl Reading {
    /// Each sentence once, however often it happens.
    pub fn warn(&mut self, message: impl Into<String>) {
        const MOST: usize = 32;
        if self.warnings.len() < MOST {
            self.warnings.insert(message.into());
        }
    }

    pub fn into_warnings(self) -> Vec<String> {
        self.warnings.into_iter().collect()
    }

    /// Whether one more object may be read.
    pub fn object(&mut self) -> bool {
        if self.objects == 0 {
            self.warn("there are more annotations than can be shown; the rest is left out");
            return false;
        }
        self.objects -= 1;
        true
    }

    /// The points of Graphic Data: as many as are declared and there.
    pub fn points(&mut self, item: &DataSet, tag: Tag, declared: Option<i64>) -> Vec<[f64; 2]> {
        let values = reals(item, tag);
        if values.len() % 2 == 1 {
            self.warn("an annotation ends with half a point, which is left out");
        }
        let (pairs, _) = values.as_chunks::<2>();
        let there = pairs.len();
        let count = match declared.and_then(|n| usize::try_from(n).ok()) {
            // a count of 16 bits that ran over is what writers of many points leave
            Some(n) if there > usize::from(u16::MAX) && n == there & 0xFFFF => there,
            Some(n) if n < there => {
                self.warn("an annotation has more points than it declares; the declared ones are drawn");
                if n == 0 { there } else { n }
            }
            Some(n) if n > there => {
                self.warn("an annotation has fewer points than it declares");
                there
            }
            _ => there,
        };
        let kept = count.min(self.points);
        if kept < count {
            self.warn("there are more points than can be shown; the rest is left out");
        }
        self.points -= kept;
        let finite = pairs.iter().take(kept).filter(|p| p.iter().all(|v| v.is_finite())).copied();
        let points: Vec<[f64; 2]> = finite.collect();
        if points.len() < kept {
            self.warn("an annotation has positions that are no numbers; they are left out");
        }
        points
    }
}

/// Numbers, also where their representation got lost on the way.
pub(super) fn reals(item: &DataSet, tag: Tag) -> Vec<f64> {
    if item.get(tag).is_some_and(|e| e.vr == crate::dicom::VR::UN)
        && let Some(bytes) = item.bytes(tag)
    {
        let (words, _) = bytes.as_chunks::<4>();
        return words.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect();
    }
    item.floats(tag)
}

/// A pair of numbers.
pub(super) fn pair(item: &DataSet, tag: Tag) -> Option<[f64; 2]> {
    match reals(item, tag).get(..2)? {
        &[a, b] if a.is_finite() && b.is_finite() => Some([a, b]),
        _ => None,
    }
}

/// A defined term, without blanks around and in capitals.
pub(super) fn term(item: &DataSet, tag: Tag) -> String {
    item.string(tag).unwrap_or_default().trim().to_ascii_uppercase()
}

/// Text without blanks around; empty where there is none.
pub(super) fn words(item: &DataSet, tag: Tag) -> String {
    item.string(tag).unwrap_or_default().trim().to_owned()
}

/// Whether a sequence is there and has items.
pub(super) fn has_items(data: &DataSet, tag: Tag) -> bool {
    matches!(data.get(tag).map(|e| &e.value), Some(Value::Items(items)) if !items.is_empty())
}
