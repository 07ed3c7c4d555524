//! The mammograms of the demo as other units might have stored or taken them: turned over, turned, with low values
//! bright, too few of them or too many.
//!
//! However they are stored, they show the same breasts, and hang the same way.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dicom_dictionary_std::tags;

use super::builder::ImageBuilder;
use super::exposure::{Picture, SPACING, Side};
use super::mammogram::View;
use super::people::{Round, exposure};
use super::rng::uid;
use super::writing::write_whole;
use crate::dicom::write::{DataSet, coded};

/// How the pixels of an image lie in its file, against how it hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Storage {
    /// Clockwise, before the flip.
    pub quarter_turns: u8,
    /// Left and right exchanged.
    pub flip: bool,
    /// Low values are bright.
    pub monochrome1: bool,
}

/// A change to the mammograms of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// Every image stored in another way than it hangs.
    Stored(Storage),
    /// Every image stored in a way of its own.
    Mixed,
    /// Without the current left MLO and the prior right CC.
    Missing,
    /// With an exaggerated view, a spot compression and a magnification besides.
    Extra,
    /// Only the left breast.
    Left,
}

/// Variants by the names the command line has for them.
pub const VARIANTS: &[(&str, Variant)] = &[
    ("flipped", Variant::Stored(Storage { quarter_turns: 0, flip: true, monochrome1: false })),
    ("rotated", Variant::Stored(Storage { quarter_turns: 1, flip: false, monochrome1: false })),
    ("upside-down", Variant::Stored(Storage { quarter_turns: 2, flip: false, monochrome1: false })),
    ("transposed", Variant::Stored(Storage { quarter_turns: 3, flip: true, monochrome1: false })),
    ("monochrome1", Variant::Stored(Storage { quarter_turns: 0, flip: false, monochrome1: true })),
    ("mixed", Variant::Mixed),
    ("missing", Variant::Missing),
    ("extra", Variant::Extra),
    ("left", Variant::Left),
];

/// One file of a variant.
struct Taken {
    view: View,
    storage: Storage,
    special: Option<Special>,
}

/// A view taken in a special way: folder, view code, short form, modifiers.
struct Special {
    key: &'static str,
    view: Option<((&'static str, &'static str, &'static str), &'static str)>,
    modifiers: &'static [(&'static str, &'static str, &'static str)],
}

const EXAGGERATED: Special = Special {
    key: "XCCL",
    view: Some((("399192008", "SCT", "cranio-caudal exaggerated laterally"), "XCCL")),
    modifiers: &[],
};
const SPOT: Special =
    Special { key: "spot", view: None, modifiers: &[("399055006", "SCT", "Spot Compression")] };
const MAGNIFIED: Special = Special {
    key: "spot-mag",
    view: None,
    modifiers: &[("R-102D7", "SRT", "Spot Compression"), ("R-102D6", "SRT", "Magnification")],
};

/// Writes a variant into `dir`, one folder a view, and answers with the files in reading order. `coarser` than 1
/// makes smaller images of the same breasts.
///
/// # Errors
/// A file or folder cannot be written.
pub fn write_variant(dir: &Path, variant: Variant, coarser: f32) -> io::Result<Vec<PathBuf>> {
    let taken = variant.taken();
    let mut paths = Vec::with_capacity(taken.len());
    for one in taken {
        let round = if one.view.round == Round::Current { "current" } else { "prior" };
        let special = one.special.as_ref().map(|special| format!("-{}", special.key)).unwrap_or_default();
        let folder = dir.join(round).join(format!("{}{special}", one.view.name()));
        fs::create_dir_all(&folder)?;
        let path = folder.join("1.dcm");
        write_whole(&path, &one.image(&format!("{variant:?}"), coarser).build())?;
        paths.push(path);
    }
    paths.sort();
    Ok(paths)
}

impl Variant {
    fn taken(self) -> Vec<Taken> {
        let views = [Round::Current, Round::Prior].into_iter().flat_map(View::all);
        let mut taken: Vec<Taken> = views
            .zip(0_u8..)
            .filter(|(view, _)| self.keeps(*view))
            .map(|(view, n)| Taken { view, storage: self.storage(n), special: None })
            .collect();
        if self == Self::Extra {
            let [right, left, ..] = View::all(Round::Current);
            let extra = [(right, EXAGGERATED), (left, SPOT), (left, MAGNIFIED)];
            taken.extend(extra.map(|(view, special)| Taken {
                view,
                storage: Storage::default(),
                special: Some(special),
            }));
        }
        taken
    }

    fn keeps(self, view: View) -> bool {
        match self {
            Self::Left => view.side == Side::Left,
            Self::Missing => {
                !matches!((view.round, view.name()), (Round::Current, "LMLO") | (Round::Prior, "RCC"))
            }
            _ => true,
        }
    }

    fn storage(self, number: u8) -> Storage {
        match self {
            Self::Stored(storage) => storage,
            Self::Mixed => {
                Storage { quarter_turns: number % 4, flip: number / 4 == 1, monochrome1: number % 2 == 1 }
            }
            _ => Storage::default(),
        }
    }
}

impl Taken {
    fn image(&self, seed: &str, coarser: f32) -> ImageBuilder {
        let Self { view, storage, special } = self;
        let spacing = SPACING * coarser;
        let picture = exposure(view.round, view.side, view.projection).render(spacing);
        let picture = storage.apply(&picture);
        let orientation = storage.orientation(view.patient_orientation());
        let study = format!("{seed}/{:?}", view.round);
        let series =
            format!("{study}/{}/{}", view.name(), special.as_ref().map_or("", |special| special.key));
        view.object(picture, f64::from(coarser), storage.monochrome1).set(|d| {
            d.text(tags::STUDY_INSTANCE_UID, uid(&study))
                .text(tags::SERIES_INSTANCE_UID, uid(&series))
                .text(tags::SOP_INSTANCE_UID, uid(&format!("{series}/1")))
                .text(tags::PATIENT_ORIENTATION, orientation);
            if let Some(special) = special {
                special.describe(*view, d);
            }
        })
    }
}

impl Special {
    fn describe(&self, view: View, d: &mut DataSet) {
        let name = format!("{} {}", view.name(), self.key);
        d.text(tags::SERIES_DESCRIPTION, name).int(tags::SERIES_NUMBER, [20]);
        let mut code = match self.view {
            Some((code, short)) => {
                d.text(tags::VIEW_POSITION, short);
                coded(code)
            }
            None => super::mammogram::view_code(view.projection),
        };
        let modifiers = self.modifiers.iter().map(|modifier| coded(*modifier)).collect();
        code.sequence(tags::VIEW_MODIFIER_CODE_SEQUENCE, modifiers);
        d.sequence(tags::VIEW_CODE_SEQUENCE, vec![code]);
    }
}

impl Storage {
    /// The picture as it is stored: turned, then flipped.
    fn apply(self, picture: &Picture) -> Picture {
        let mut stored = picture.clone();
        for _ in 0..self.quarter_turns % 4 {
            stored = clockwise(&stored);
        }
        if self.flip {
            for row in stored.samples.chunks_mut(stored.columns.max(1)) {
                row.reverse();
            }
        }
        stored
    }

    /// Patient Orientation of what is stored so.
    fn orientation(self, upright: &str) -> String {
        let (mut row, mut column) = upright.split_once('\\').unwrap_or((upright, ""));
        for _ in 0..self.quarter_turns % 4 {
            // What was at the top is at the right, what was at the right is at the bottom.
            (row, column) = (opposite(column), row);
        }
        if self.flip {
            row = opposite(row);
        }
        format!("{row}\\{column}")
    }
}

fn clockwise(picture: &Picture) -> Picture {
    let (rows, columns) = (picture.columns, picture.rows);
    let at = |row: usize, column: usize| {
        picture.samples.get((picture.rows - 1 - column) * picture.columns + row).copied().unwrap_or(0)
    };
    let samples = (0..rows).flat_map(|row| (0..columns).map(move |column| at(row, column))).collect();
    Picture { rows, columns, samples }
}

fn opposite(direction: &str) -> &str {
    match direction {
        "A" => "P",
        "P" => "A",
        "L" => "R",
        "R" => "L",
        "H" => "F",
        "F" => "H",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_takes_the_first_row_to_the_last_column() {
        // 1 2 3      4 1
        // 4 5 6  ->  5 2
        //            6 3
        let picture = Picture { rows: 2, columns: 3, samples: vec![1, 2, 3, 4, 5, 6] };
        let turned = Storage { quarter_turns: 1, ..Storage::default() }.apply(&picture);
        assert_eq!((turned.rows, turned.columns), (3, 2));
        assert_eq!(turned.samples, [4, 1, 5, 2, 6, 3]);
        let both = Storage { quarter_turns: 1, flip: true, monochrome1: false };
        assert_eq!(both.apply(&picture).samples, [1, 4, 2, 5, 3, 6]);
        // Feet down and front to the right, a quarter clockwise: the head is at the right, the front at the bottom.
        assert_eq!(Storage { quarter_turns: 1, ..Storage::default() }.orientation("A\\F"), "H\\A");
        assert_eq!(both.orientation("A\\F"), "F\\A");
    }
}
