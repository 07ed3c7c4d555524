//! A segmentation of the chest CT: lungs, heart, aorta, the nodule, and a margin around it that overlaps the lung.
//!
//! Every frame names the slice it was made on, and only slices that show a segment have a frame of it.

use dicom_dictionary_std::{tags, uids};

use super::builder::ImageBuilder;
use super::case::{CHEST, Series, identify};
use super::math::{Point, length, smooth, to_segment};
use super::{ct, groups, overlaid};
use crate::dicom::write::{DataSet, coded, item};

/// Where the nodule is, and how large.
pub const NODULE: ([f32; 3], f32) = ([-88.0, -22.0, 34.0], 4.0);
/// How far its margin reaches from its middle.
pub const MARGIN: f32 = 12.0;

const SERIES: Series =
    Series { key: "segmentation", number: 3, modality: "SEG", description: "Segmentation of the chest" };

type Code = (&'static str, &'static str, &'static str);

struct Part {
    label: &'static str,
    category: Code,
    kind: Code,
    side: Option<Code>,
    automatic: bool,
    /// Recommended CIELab values.
    color: [i64; 3],
    shows: fn(Point, f32) -> bool,
}

const STRUCTURE: Code = ("91723000", "SCT", "Anatomical Structure");
const CHANGE: Code = ("49755003", "SCT", "Morphologically Altered Structure");
const LUNG: Code = ("39607008", "SCT", "Lung");

/// In the order of their numbers, from one.
const PARTS: [Part; 6] = [
    Part {
        label: "Right lung",
        category: STRUCTURE,
        kind: LUNG,
        side: Some(("24028007", "SCT", "Right")),
        automatic: true,
        color: [45400, 28579, 23760],
        shows: |p, z| is_lung(p, z, -1.0),
    },
    Part {
        label: "Left lung",
        category: STRUCTURE,
        kind: LUNG,
        side: Some(("7771000", "SCT", "Left")),
        automatic: true,
        color: [37753, 21405, 36031],
        shows: |p, z| is_lung(p, z, 1.0),
    },
    Part {
        label: "Heart",
        category: STRUCTURE,
        kind: ("80891009", "SCT", "Heart"),
        side: None,
        automatic: true,
        color: [35976, 44540, 49399],
        shows: is_heart,
    },
    Part {
        label: "Aorta",
        category: STRUCTURE,
        kind: ("15825003", "SCT", "Aorta"),
        side: None,
        automatic: true,
        color: [31585, 47598, 41837],
        shows: is_aorta,
    },
    Part {
        label: "Nodule",
        category: CHANGE,
        kind: ("27925004", "SCT", "Nodule"),
        side: None,
        automatic: false,
        color: [58687, 30717, 52162],
        shows: |p, z| from_nodule(p, z) < NODULE.1,
    },
    Part {
        label: "Nodule with margin",
        category: ("309825002", "SCT", "Spatial and Relational Concept"),
        kind: ("27925004", "SCT", "Nodule"),
        side: None,
        automatic: false,
        color: [40112, 42582, 30298],
        shows: |p, z| from_nodule(p, z) < MARGIN,
    },
];

fn from_nodule(p: Point, z: f32) -> f32 {
    let ([x, y, height], _) = NODULE;
    length(length(p.0 - x, p.1 - y), z - height)
}

fn inside(p: Point, centre: Point, half: Point) -> bool {
    length((p.0 - centre.0) / half.0, (p.1 - centre.1) / half.1) < 1.0
}

/// The lung of a side with its vessels and its nodule.
pub(super) fn is_lung(p: Point, z: f32, side: f32) -> bool {
    let taper = (1.0 - smooth(20.0, 118.0, z) * 0.62, 1.0 - smooth(30.0, 118.0, z) * 0.5);
    let centre = (side * (71.0 - 9.0 * smooth(20.0, 100.0, z)), 8.0 + 6.0 * smooth(0.0, 80.0, z));
    let cavity = inside(p, centre, (52.0 * taper.0, 76.0 * taper.1)) && z > ct::dome(p, side);
    cavity && (ct::tissue(p, z) < -400.0 || from_nodule(p, z) < NODULE.1 + 1.0)
}

fn is_heart(p: Point, z: f32) -> bool {
    let level = 1.0 - (z + 32.0) * (z + 32.0) / (44.0 * 44.0);
    if level <= 0.0 || z < ct::dome(p, 1.0) || is_aorta(p, z) {
        return false;
    }
    let (x, y) = (p.0 - 20.0, p.1 + 14.0);
    let turned = (0.88 * x + 0.47 * y, -0.47 * x + 0.88 * y);
    let size = level.sqrt();
    inside(turned, (0.0, 0.0), (54.0 * size, 41.0 * size)) && ct::tissue(p, z) > 0.0
}

fn is_aorta(p: Point, z: f32) -> bool {
    let descending = z < 64.0 && inside(p, (21.0, 36.0), (12.0, 12.0));
    let ascending = z > 0.0 && z < 60.0 && inside(p, (-12.0, -22.0), (14.5, 14.5));
    let arch = z > 48.0 && z < 64.0 && to_segment(p, (-10.0, -20.0), (19.0, 38.0)).0 < 12.0;
    descending || ascending || arch
}

/// The segmentation as a file, for slices of `size` pixels square.
pub fn file(size: usize) -> Vec<u8> {
    image(size).build()
}

/// The same before it is written.
pub fn image(size: usize) -> ImageBuilder {
    let mut bits = Vec::new();
    let mut frames = Vec::new();
    for (part, number) in PARTS.iter().zip(1i64..) {
        for slice in 0..ct::SLICES {
            let z = ct::height(slice) as f32;
            let frame: Vec<i64> = ct::middles(size).map(|p| i64::from((part.shows)(p, z))).collect();
            if frame.contains(&1) {
                bits.extend(frame);
                frames.push(frame_groups(number, slice, size));
            }
        }
    }
    let segments: Vec<DataSet> =
        PARTS.iter().zip(1i64..).map(|(part, number)| segment(part, number)).collect();
    let shared = item(|g| {
        groups::pixel_measures(g, [ct::pixel(size); 2], ct::THICKNESS);
        groups::plane_orientation(g, ct::ORIENTATION);
    });
    ImageBuilder::gray(size, size)
        .bits(1, 1)
        .frames(frames.len())
        .samples(bits)
        .groups(shared, frames)
        .set(|d| identify(d, uids::SEGMENTATION_STORAGE, &CHEST, &SERIES, 1))
        .set(|d| {
            overlaid::content(d, "CHEST", "Organs and a nodule of the phantom");
            overlaid::about_the_ct(d);
            let by = [
                (tags::REFERENCED_SEGMENT_NUMBER, tags::SEGMENT_IDENTIFICATION_SEQUENCE),
                (tags::IMAGE_POSITION_PATIENT, tags::PLANE_POSITION_SEQUENCE),
            ];
            overlaid::dimensions(d, "dimensions of the segmentation", &by);
            d.text(tags::IMAGE_TYPE, "DERIVED\\PRIMARY")
                .text(tags::SEGMENTATION_TYPE, "BINARY")
                .text(tags::SEGMENTS_OVERLAP, "YES")
                .sequence(tags::SEGMENT_SEQUENCE, segments);
        })
}

fn segment(part: &Part, number: i64) -> DataSet {
    item(|d| {
        d.int(tags::SEGMENT_NUMBER, [number])
            .text(tags::SEGMENT_LABEL, part.label)
            .code(tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE, part.category)
            .text(tags::SEGMENT_ALGORITHM_TYPE, if part.automatic { "AUTOMATIC" } else { "MANUAL" })
            .int(tags::RECOMMENDED_DISPLAY_CIE_LAB_VALUE, part.color);
        if part.automatic {
            d.text(tags::SEGMENT_ALGORITHM_NAME, "Phantom geometry");
        }
        let mut kind = coded(part.kind);
        if let Some(side) = part.side {
            kind.code(tags::SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE, side);
        }
        d.sequence(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, vec![kind]);
    })
}

fn frame_groups(number: i64, slice: usize, size: usize) -> DataSet {
    item(|g| {
        overlaid::frame_content(g, &[number, slice as i64 + 1]);
        overlaid::derivation(g, slice, ("113076", "DCM", "Segmentation"));
        groups::plane_position(g, ct::corner(size, ct::height(slice)));
        let segment = item(|d| {
            d.int(tags::REFERENCED_SEGMENT_NUMBER, [number]);
        });
        g.sequence(tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![segment]);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_lie_on_what_they_are_called() {
        let hounsfield = |p: Point, z: f32| ct::tissue(p, z);
        assert!(is_lung((-70.0, 10.0), 10.0, -1.0) && hounsfield((-70.0, 10.0), 10.0) < -700.0);
        assert!(!is_lung((-70.0, 10.0), 10.0, 1.0));
        assert!(is_heart((20.0, -14.0), -32.0) && hounsfield((20.0, -14.0), -32.0) > 50.0);
        assert!(is_aorta((21.0, 36.0), 0.0) && hounsfield((21.0, 36.0), 0.0) > 290.0);
        let ([x, y, z], _) = NODULE;
        assert!(hounsfield((x, y), z) > 0.0 && hounsfield((x + 8.0, y), z) < -600.0);
    }
}
