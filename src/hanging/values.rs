//! The words a protocol is written with, and what each may be.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::geometry::Orientation;
use crate::study::ImageKind;

/// How large an image is drawn at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// All of it, as large as its slot allows.
    Fit,
    /// As many screen pixels a millimetre as all others of the step.
    SameSize,
    /// As large as it is.
    TrueSize,
    /// One image pixel on one screen pixel.
    Actual,
}

/// How an image is lit at first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(from = "String")]
pub enum Window {
    /// As the object itself says.
    #[default]
    Object,
    /// All values it holds.
    Full,
    /// A preset of the modality, by its name.
    Preset(String),
}

impl From<String> for Window {
    fn from(text: String) -> Self {
        match text.trim() {
            "object" | "" => Self::Object,
            "full" => Self::Full,
            name => Self::Preset(name.to_owned()),
        }
    }
}

/// Which way round an image hangs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Turn {
    /// Mammograms as radiologists hang them, everything else as it is stored.
    Standard,
    /// As it is stored.
    Stored,
    /// With these directions to the right and downwards.
    Letters(Orientation),
}

impl TryFrom<String> for Turn {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            format!(
                "the orientation \"{text}\" is not known; it is standard, stored, or the directions to the right and downwards such as L\\P, of the letters A P L R H F"
            )
        };
        match text.trim() {
            "standard" => return Ok(Self::Standard),
            "stored" => return Ok(Self::Stored),
            _ => {}
        }
        let (row, column) = text.split_once(['\\', '/']).ok_or_else(wrong)?;
        let letters = |part: &str| {
            let part = part.trim().to_ascii_uppercase();
            let known = part.chars().all(|letter| "APLRHF".contains(letter));
            (known && part.len() <= 3).then_some(part)
        };
        let (row, column) = letters(row).zip(letters(column)).ok_or_else(wrong)?;
        if row.is_empty() && column.is_empty() {
            return Err(wrong());
        }
        Ok(Self::Letters(Orientation { row, column }))
    }
}

/// Which edge of its slot an image keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edge {
    /// The one the chest wall is at; the middle for what is no mammogram.
    ChestWall,
    Left,
    Right,
    Center,
}

/// Kinds of mammography objects as protocols call them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum Kind {
    /// An exposure on the detector, or a picture of one.
    #[serde(rename = "2d")]
    Exposure,
    #[serde(rename = "synthetic")]
    Synthetic,
    #[serde(rename = "tomosynthesis")]
    Tomosynthesis,
    #[serde(rename = "projection")]
    Projection,
}

impl Kind {
    pub fn covers(self, kind: ImageKind) -> bool {
        match self {
            Self::Exposure => {
                matches!(kind, ImageKind::Presentation | ImageKind::Processing | ImageKind::Capture)
            }
            Self::Synthetic => kind == ImageKind::Synthetic,
            Self::Tomosynthesis => kind == ImageKind::Tomosynthesis,
            Self::Projection => kind == ImageKind::Projection,
        }
    }
}

/// Rows and columns, as in `2x4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Grid {
    pub rows: u32,
    pub columns: u32,
}

impl TryFrom<String> for Grid {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |part: &str| part.trim().parse::<u32>().ok().filter(|n| (1..=8).contains(n));
        let sides = text.split_once(['x', 'X']).and_then(|(rows, columns)| number(rows).zip(number(columns)));
        let (rows, columns) = sides.filter(|(rows, columns)| rows * columns <= 32).ok_or_else(|| {
            format!("the grid \"{text}\" is not possible; it is rows x columns such as 2x4, up to 4x8 or 8x4")
        })?;
        Ok(Self { rows, columns })
    }
}

/// One value, or a list of them where the first is the most wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany(PhantomData))
    }
}

struct OneOrMany<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one value or a list of them")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<List<T>, E> {
        T::deserialize(StrDeserializer::new(text)).map(|one| List(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(next) = seq.next_element()? {
            list.push(next);
        }
        if list.is_empty() {
            return Err(A::Error::custom(
                "an empty list chooses nothing; leave the key out to allow anything",
            ));
        }
        Ok(List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| List(vec![one]))
    }
}
