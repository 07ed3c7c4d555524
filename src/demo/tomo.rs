//! The tomosynthesis: forty planes through the left breast, as one Breast Tomosynthesis object.
//!
//! Tissue is made in layers. A plane shows the layers near it sharply and the others smeared along
//! the path of the tube, which is what shifting and adding a limited arc of projections does.

use dicom_dictionary_std::{tags, uids};

use super::breast::{PLANE, Projection, Shape};
use super::builder::ImageBuilder;
use super::case::{MAMMO_NOW, Series, identify};
use super::exposure::Side;
use super::field::Field;
use super::groups;
use super::lesions::{self, Cluster, Mass};
use super::mammogram::view_code;
use super::math::smooth;
use super::people::{Round, exposure};
use super::rng::{bell_sum, mix, uid};
use super::strokes::Canvas;
use super::tissue::Tissue;
use crate::dicom::write::{DataSet, coded, item};

/// Number of planes, a millimetre apart.
pub const PLANES: usize = 40;
/// The plane (from 0) where the mass is sharp, and the one where the calcifications are.
pub(super) const MASS_AT: f32 = 18.0;
const CLUSTER_AT: f32 = 24.0;
/// Spacing of a full-size tomosynthesis in millimetres.
pub const SPACING: f32 = 0.188;
/// Half the tube's arc as a slope: how far a structure moves a millimetre out of plane.
const ARC: f32 = 0.21;

/// Structures at one depth: sharp, and smeared as a distant plane sees them.
struct Layer {
    depth: f32,
    reach: f32,
    sharp: Vec<f32>,
    smeared: Vec<f32>,
}

/// Everything the planes are mixed from.
struct Volume {
    shape: Shape,
    /// The grid all layers share.
    grid: Field,
    /// Seen in every plane: fat, muscle, skin, the blur of everything else.
    base: Vec<f32>,
    layers: Vec<Layer>,
    cluster: Cluster,
}

impl Volume {
    fn new(spacing: f32) -> Option<Self> {
        let view = exposure(Round::Current, Side::Left, Projection::MediolateralOblique);
        let (mass, cluster) = (view.mass?, view.cluster?);
        let shape = view.shape();
        let step = (1.5 * SPACING).max(spacing);
        let seed = view.anatomy.wrapping_mul(0x9E37);
        let signal = |seed: u32| {
            let tissue = Tissue::new(&shape, seed, view.density);
            Field::new(PLANE.0, PLANE.1, step, |p| {
                let d = shape.distance.cubic(p);
                if d < -0.6 { 0.0 } else { tissue.signal(p, d.max(0.0)) }
            })
        };
        let grid = signal(seed);
        let cells = |mm: f32| ((mm / step) as usize).max(1);
        let soften = |field: &Field| {
            let once = smear(&field.data, field.columns, field.rows, cells(1.6), cells(1.6));
            smear(&once, field.columns, field.rows, cells(1.3), cells(1.3))
        };
        // Softening must not drag the air into the skin: blend back towards the rim.
        let rim = Field::new(PLANE.0, PLANE.1, step, |p| smooth(2.0, 6.0, shape.distance.linear(p)));
        let soft = soften(&grid);
        let mut base = blend(&grid.data, &soft, &rim.data);
        // A plane holds less of the broad shades than a projection through everything does.
        for (value, rim) in base.iter_mut().zip(&rim.data) {
            *value -= 0.40 * rim * (*value - 0.27);
        }
        let mut layers = Vec::new();
        for k in 0..6_u32 {
            let field = if k == 2 { grid.clone() } else { signal(seed.wrapping_add(k * 977)) };
            let low = soften(&field);
            let mut sharp: Vec<f32> =
                field.data.iter().zip(&low).zip(&rim.data).map(|((v, l), r)| 1.3 * (v - l) * r).collect();
            if k == 0 || k == 4 {
                let mut canvas = Canvas::new(field.columns, field.rows, step);
                lesions::vessels(&mut canvas, &shape, u64::from(view.anatomy) + u64::from(k));
                add(&mut sharp, &canvas, 1.1);
            }
            if k == 3 {
                let mut canvas = Canvas::new(field.columns, field.rows, step);
                lesions::ducts(&mut canvas, &shape, u64::from(view.anatomy));
                add(&mut sharp, &canvas, 0.8);
            }
            layers.push(layer(4.0 + 6.4 * k as f32, 6.4, sharp, &field, cells(5.0)));
        }
        layers.push(mass_layer(&mass, &shape, &grid, step, cells(4.0)));
        Some(Self { shape, grid, base, layers, cluster })
    }

    /// Brightness of the plane at `depth` on the grid.
    fn mix(&self, depth: f32) -> Field {
        let mut field = self.grid.clone();
        field.data.clone_from(&self.base);
        for layer in &self.layers {
            let away = (depth - layer.depth).abs();
            let focus = smooth(layer.reach, 0.0, away);
            let ghost = 0.55 * (1.0 - focus) * smooth(32.0, 4.0, away);
            for ((out, sharp), smeared) in field.data.iter_mut().zip(&layer.sharp).zip(&layer.smeared) {
                *out += focus * sharp + ghost * smeared;
            }
        }
        field
    }

    /// The calcifications: sharp near their own depth, else a faint row of ghosts along the arc.
    fn specks(&self, depth: f32, columns: usize, rows: usize, spacing: f32) -> Canvas {
        let mut canvas = Canvas::new(columns, rows, spacing);
        for speck in self.cluster.specks() {
            let away = depth - (CLUSTER_AT + speck.rise);
            let spread = away.abs() * ARC;
            if spread > 3.2 {
                continue;
            }
            // A pixel of this object is twice as wide as the mammogram's.
            let radius = 1.15 * speck.radius;
            let share = (1.2 * radius / spread.max(1e-3)).clamp(1.0 / 11.0, 1.0);
            let at = self.shape.detector_at(speck.at);
            for ghost in -5_i16..=5 {
                let shift = away * ARC * f32::from(ghost) / 5.0;
                canvas.speck(
                    (at.0, at.1 + shift),
                    radius,
                    speck.axis,
                    speck.aspect,
                    1.25 * speck.bright * share,
                );
            }
        }
        canvas
    }

    fn plane(&self, index: usize, columns: usize, rows: usize, spacing: f32, out: &mut Vec<u16>) {
        let depth = index as f32;
        let (mixed, specks) = (self.mix(depth), self.specks(depth, columns, rows, spacing));
        for row in 0..rows {
            for column in 0..columns {
                let p = ((column as f32 + 0.5) * spacing, (row as f32 + 0.5) * spacing);
                let d = self.shape.distance.linear(p);
                if d <= 0.0 {
                    out.push(0);
                    continue;
                }
                let hash = mix(9000 + index as u32, column as i32, row as i32);
                let noise =
                    bell_sum(u64::from(hash) << 32 | u64::from(hash.wrapping_mul(0x9E37_79B1) ^ (hash >> 9)));
                let bright = mixed.linear(p) + specks.data[row * columns + column] + 0.0115 * noise;
                out.push((45.0 + 900.0 * bright).clamp(1.0, 1023.0) as u16);
            }
        }
    }
}

fn mass_layer(mass: &Mass, shape: &Shape, grid: &Field, step: f32, long: usize) -> Layer {
    let core = Field::new(PLANE.0, PLANE.1, step, |p| 1.15 * mass.core(shape.tissue_at(p)));
    let mut sharp = core.data;
    let mut canvas = Canvas::new(grid.columns, grid.rows, step);
    mass.spicules(&mut canvas, shape, 1.6);
    add(&mut sharp, &canvas, 1.0);
    layer(MASS_AT, 7.5, sharp, grid, long)
}

fn layer(depth: f32, reach: f32, sharp: Vec<f32>, grid: &Field, long: usize) -> Layer {
    let smeared = smear(&sharp, grid.columns, grid.rows, 1, long);
    Layer { depth, reach, sharp, smeared }
}

/// A canvas has its pixels' centres half a cell off, and the grid a ring of nodes around: shift by one.
fn add(onto: &mut [f32], canvas: &Canvas, weight: f32) {
    let wide = canvas.columns;
    for row in 1..canvas.rows {
        for column in 1..wide {
            onto[row * wide + column] += weight * canvas.data[(row - 1) * wide + column - 1];
        }
    }
}

fn blend(from: &[f32], to: &[f32], weight: &[f32]) -> Vec<f32> {
    from.iter().zip(to).zip(weight).map(|((a, b), w)| a + (b - a) * w).collect()
}

/// Moving average over 2 x + 1 columns and 2 y + 1 rows.
fn smear(data: &[f32], columns: usize, rows: usize, x: usize, y: usize) -> Vec<f32> {
    let mut across = vec![0.0; data.len()];
    for row in 0..rows {
        let at = row * columns;
        average(columns, x, |i| data[at + i], |i, v| across[at + i] = v);
    }
    let mut out = vec![0.0; data.len()];
    for column in 0..columns {
        average(rows, y, |i| across[i * columns + column], |i, v| out[i * columns + column] = v);
    }
    out
}

fn average(count: usize, half: usize, get: impl Fn(usize) -> f32, mut set: impl FnMut(usize, f32)) {
    let last = count - 1;
    let clamped = |i: isize| get(i.clamp(0, last as isize) as usize);
    let half = half as isize;
    let share = 1.0 / (2 * half + 1) as f32;
    let mut sum: f32 = (-half..=half).map(clamped).sum();
    for i in 0..count as isize {
        set(i as usize, sum * share);
        sum += clamped(i + half + 1) - clamped(i - half);
    }
}

/// The whole file: `planes` of the forty at `spacing` millimetres a pixel, evenly chosen.
pub fn file(spacing: f32, planes: usize) -> Vec<u8> {
    let columns = (PLANE.0 / spacing + 0.5) as usize;
    let rows = (PLANE.1 / spacing + 0.5) as usize;
    let mut samples = Vec::with_capacity(columns * rows * planes);
    let step = PLANES / planes.clamp(1, PLANES);
    if let Some(volume) = Volume::new(spacing) {
        for plane in 0..planes {
            volume.plane(plane * step, columns, rows, spacing, &mut samples);
        }
    }
    object(rows, columns, planes, f64::from(spacing), step as f64).words(samples).build()
}

fn object(rows: usize, columns: usize, planes: usize, spacing: f64, step: f64) -> ImageBuilder {
    let series = Series { key: "LMLO-tomo", number: 5, modality: "MG", description: "L MLO Tomosynthesis" };
    let spacing = (spacing * 1e6).round() / 1e6;
    // Rows lead forwards; columns lead down and inwards, along the oblique plane.
    let tilt = (0.5_f64.sqrt() * 1e8).round() / 1e8;
    let shared = item(|group| {
        groups::pixel_measures(group, [spacing; 2], step);
        groups::plane_orientation(group, [0.0, -1.0, 0.0, -tilt, 0.0, -tilt]);
        groups::pixel_value_transformation(group, 1.0, 0.0, "US");
        groups::frame_anatomy(group, "L");
    });
    let frames = (0..planes)
        .map(|plane| {
            item(|group| {
                let along = (plane as f64 * step * tilt * 1e4).round() / 1e4;
                frame_type(group);
                groups::frame_content(group, "1", plane as u32 + 1);
                groups::plane_position(group, [120.0 - along, 10.0, 60.0 + along]);
                // Like the unit's own automatism: a little different from plane to plane.
                let middle = 400.0 + (plane as f64 * step - 20.0).abs().round();
                groups::frame_voi(
                    group,
                    &[(middle, 480.0, "NORMAL"), (middle + 15.0, 350.0, "HARDER")],
                    Some("SIGMOID"),
                );
            })
        })
        .collect();
    ImageBuilder::gray(rows, columns)
        .bits(16, 10)
        .frames(planes)
        .padding(0)
        .presentation_shape("IDENTITY")
        .groups(shared, frames)
        .set(|d| identify(d, uids::BREAST_TOMOSYNTHESIS_IMAGE_STORAGE, &MAMMO_NOW, &series, 1))
        .set(describe)
}

fn frame_type(group: &mut DataSet) {
    let kind = item(|d| {
        d.text(tags::FRAME_TYPE, "DERIVED\\PRIMARY\\TOMOSYNTHESIS\\NONE")
            .text(tags::PIXEL_PRESENTATION, "MONOCHROME")
            .text(tags::VOLUMETRIC_PROPERTIES, "VOLUME")
            .text(tags::VOLUME_BASED_CALCULATION_TECHNIQUE, "TOMOSYNTHESIS");
    });
    group.sequence(tags::X_RAY3_D_FRAME_TYPE_SEQUENCE, vec![kind]);
}

fn describe(d: &mut DataSet) {
    let organization = uid("tomosynthesis dimensions");
    let dimension = |pointer| {
        item(|d| {
            d.text(tags::DIMENSION_ORGANIZATION_UID, organization.clone())
                .pointer(tags::DIMENSION_INDEX_POINTER, pointer)
                .pointer(tags::FUNCTIONAL_GROUP_POINTER, tags::FRAME_CONTENT_SEQUENCE);
        })
    };
    let organizations = item(|d| {
        d.text(tags::DIMENSION_ORGANIZATION_UID, organization.clone());
    });
    d.text(tags::IMAGE_TYPE, "DERIVED\\PRIMARY\\TOMOSYNTHESIS\\NONE")
        .text(tags::PRESENTATION_INTENT_TYPE, "FOR PRESENTATION")
        .text(tags::CONTENT_QUALIFICATION, "PRODUCT")
        .text(tags::PIXEL_PRESENTATION, "MONOCHROME")
        .text(tags::VOLUMETRIC_PROPERTIES, "VOLUME")
        .text(tags::VOLUME_BASED_CALCULATION_TECHNIQUE, "TOMOSYNTHESIS")
        .text(tags::DIMENSION_ORGANIZATION_TYPE, "3D")
        .sequence(tags::DIMENSION_ORGANIZATION_SEQUENCE, vec![organizations])
        .sequence(
            tags::DIMENSION_INDEX_SEQUENCE,
            vec![dimension(tags::STACK_ID), dimension(tags::IN_STACK_POSITION_NUMBER)],
        )
        .text(tags::FRAME_OF_REFERENCE_UID, uid("tomosynthesis frame of reference"))
        .empty(tags::POSITION_REFERENCE_INDICATOR)
        .text(tags::STATION_NAME, "MAMMO2")
        .text(tags::OPERATORS_NAME, "Radiographer^Ida")
        .text(tags::MANUFACTURER_MODEL_NAME, "Phantom 3D")
        .text(tags::DEVICE_SERIAL_NUMBER, "PH3D-0007")
        .text(tags::SOFTWARE_VERSIONS, "1")
        .text(tags::BODY_PART_EXAMINED, "BREAST")
        .text(tags::IMAGE_LATERALITY, "L")
        .text(tags::PATIENT_ORIENTATION, "A\\F")
        .sequence(tags::VIEW_CODE_SEQUENCE, vec![view_code(Projection::MediolateralOblique)])
        .text(tags::BREAST_IMPLANT_PRESENT, "NO")
        .text(tags::PARTIAL_VIEW, "NO")
        .sequence(tags::ACQUISITION_CONTEXT_SEQUENCE, Vec::new())
        .text(tags::ACQUISITION_DATE_TIME, format!("{}{}", MAMMO_NOW.date, MAMMO_NOW.time))
        .real(tags::KVP, [31.0])
        .real(tags::BODY_PART_THICKNESS, [56.0])
        .real(tags::COMPRESSION_FORCE, [104.0])
        .sequence(
            tags::CONTRIBUTING_EQUIPMENT_SEQUENCE,
            vec![item(|d| {
                d.text(tags::MANUFACTURER, "Lightbox Phantom Works").sequence(
                    tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
                    vec![coded(("109101", "DCM", "Acquisition Equipment"))],
                );
            })],
        );
}
