//! A colour Doppler loop: the neck artery dividing, seen by a curved probe over one heartbeat.

use dicom_dictionary_std::{tags, uids};

use super::builder::ImageBuilder;
use super::case::{Series, VESSEL, identify};
use super::math::{Point, atan2, bell, exp, length, lerp, sin, smooth, to_segment};
use super::noise::{fbm, simplex};
use super::rng::mix;
use crate::dicom::write::item;

pub const FRAMES: usize = 12;
pub const ROWS: usize = 240;
pub const COLUMNS: usize = 320;
/// Where the probe's arc is centred, and the nearest and farthest sample from there, in pixels.
const APEX: Point = (150.0, -64.0);
const NEAR: f32 = 78.0;
const FAR: f32 = 292.0;
const OPENING: f32 = 0.50;

/// Red, green and blue of one pixel.
type Colour = [f32; 3];

/// The artery's three limbs with their radii: trunk, outer branch, inner branch.
const LIMBS: [(Point, Point, f32); 3] = [
    ((18.0, 128.0), (150.0, 116.0), 17.0),
    ((150.0, 112.0), (285.0, 78.0), 12.5),
    ((150.0, 124.0), (285.0, 150.0), 11.0),
];

/// Depth inside the artery (1 on its axis, 0 at the wall, below 0 outside) and the flow's course.
fn artery(p: Point, pulse: f32) -> (f32, Point) {
    let mut best = (-9.0, (1.0, 0.0));
    for (a, b, radius) in LIMBS {
        let bow = (p.0, p.1 + 5.0 * sin(p.0 / 52.0));
        let (away, _) = to_segment(bow, a, b);
        let wide = radius * (1.0 + 0.05 * pulse);
        let inside = 1.0 - away / wide;
        if inside > best.0 {
            let long = length(b.0 - a.0, b.1 - a.1);
            best = (inside, ((b.0 - a.0) / long, (b.1 - a.1) / long));
        }
    }
    best
}

/// The course of a heartbeat, 0 to 1: a steep rise, a notch, a slow fall.
fn heartbeat(t: f32) -> f32 {
    0.30 + 0.70 * exp(-((t - 0.22) / 0.11) * ((t - 0.22) / 0.11)) + 0.28 * bell(t - 0.52, 0.09)
}

fn echo(p: Point, inside: f32, frame: usize) -> f32 {
    let depth = length(p.0 - APEX.0, p.1 - APEX.1);
    let angle = atan2(p.0 - APEX.0, p.1 - APEX.1);
    // Speckle is fine along the beam and coarse across it; deeper, it widens.
    let speckle = 0.62
        + 0.34 * simplex(3, angle * 64.0, depth / 3.0)
        + 0.26 * simplex(4 + frame as u32 % 3, angle * 38.0, depth / 4.4)
        + 0.12 * simplex(9 + frame as u32, angle * 90.0, depth / 2.2);
    let layers = 0.5 + 0.5 * fbm(7, (p.0 / 70.0, p.1 / 9.0 + 0.6 * sin(p.0 / 60.0)), 4, 0.6);
    let skin = smooth(NEAR + 14.0, NEAR + 3.0, depth);
    let tissue = 0.20 + 0.42 * layers * layers + 0.45 * skin;
    let fascia = bell(p.1 - 62.0 - 5.0 * sin(p.0 / 40.0), 2.2) * 0.5
        + bell(p.1 - 184.0 + 4.0 * sin(p.0 / 55.0), 2.6) * 0.4;
    let wall = bell(inside + 0.10, 0.10) * 0.75;
    let blood = smooth(-0.02, 0.10, inside);
    let solid = (tissue + fascia + wall) * speckle.max(0.0) * lerp(1.0, 0.55, smooth(170.0, FAR, depth));
    lerp(solid, 0.035 * speckle.max(0.0), blood)
}

fn doppler(p: Point, inside: f32, course: Point, beat: f32, frame: usize) -> Option<Colour> {
    let turbulence = 0.16 * simplex(30 + frame as u32, p.0 / 9.0, p.1 / 7.0);
    let profile = (1.0 - (1.0 - inside) * (1.0 - inside)).max(0.0);
    // Back-flow in the bulb after the peak, as healthy bulbs show.
    let eddy = bell(p.0 - 176.0, 16.0) * bell(p.1 - 136.0, 7.0) * 1.7 * smooth(0.3, 0.6, beat);
    let speed = beat * profile * (course.0 + 0.4 * course.1) + turbulence * profile - eddy;
    if inside < 0.06 || speed.abs() < 0.09 {
        return None;
    }
    Some(flow_colour(speed))
}

/// Towards the probe red to yellow, away from it blue to cyan.
fn flow_colour(speed: f32) -> Colour {
    let s = speed.abs().min(1.0);
    let (main, second) = (0.42 + 0.58 * smooth(0.0, 0.5, s), 0.92 * smooth(0.32, 1.0, s));
    if speed > 0.0 { [main, second, 0.06] } else { [0.05, second * 0.9, main] }
}

fn pixel(p: Point, frame: usize) -> Colour {
    let (depth, angle) = (length(p.0 - APEX.0, p.1 - APEX.1), atan2(p.0 - APEX.0, p.1 - APEX.1));
    // The colour scale beside the picture.
    if p.0 > 296.0 && p.0 < 308.0 && p.1 > 30.0 && p.1 < 130.0 {
        let speed = (80.0 - p.1) / 50.0;
        return if speed.abs() < 0.05 { [0.0; 3] } else { flow_colour(speed) };
    }
    if !(NEAR..=FAR).contains(&depth) || angle.abs() > OPENING || p.1 > 232.0 {
        return [0.0; 3];
    }
    let beat = heartbeat(frame as f32 / FRAMES as f32);
    let (inside, course) = artery(p, beat);
    let gray = echo(p, inside, frame).clamp(0.0, 1.0);
    let gray = gray.sqrt() * 0.92;
    // Colour is measured only inside a slanted box.
    let x = p.0 - 0.12 * (p.1 - 110.0);
    let (left, right, top, bottom) = (x - 62.0, 246.0 - x, p.1 - 72.0, 168.0 - p.1);
    let edge = left.min(right).min(top).min(bottom);
    if edge > 0.0 && edge < 1.0 {
        return [0.75, 0.78, 0.75];
    }
    if edge > 0.0
        && let Some(colour) = doppler(p, inside, course, beat, frame)
    {
        return colour;
    }
    let fine = (mix(77 + frame as u32, p.0 as i32, p.1 as i32) >> 24) as f32 / 255.0 - 0.5;
    [(gray + 0.03 * fine).clamp(0.0, 1.0); 3]
}

/// RGB bytes of one frame.
pub fn frame(index: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(ROWS * COLUMNS * 3);
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            // Two samples a pixel soften the edges of the sector and of the colour.
            let a = pixel((column as f32 + 0.25, row as f32 + 0.25), index);
            let b = pixel((column as f32 + 0.75, row as f32 + 0.75), index);
            for (a, b) in a.iter().zip(&b) {
                out.push((127.5 * (a + b) + 0.5).clamp(0.0, 255.0) as u8);
            }
        }
    }
    out
}

/// The loop as a file, of the first `frames` frames.
pub fn file(frames: usize) -> Vec<u8> {
    image(frames).build()
}

/// The same before it is written.
pub fn image(frames: usize) -> ImageBuilder {
    let series =
        Series { key: "duplex", number: 1, modality: "US", description: "Carotid bifurcation, colour flow" };
    let region = item(|d| {
        d.int(tags::REGION_SPATIAL_FORMAT, [1])
            .int(tags::REGION_DATA_TYPE, [2])
            .int(tags::REGION_FLAGS, [0])
            .int(tags::REGION_LOCATION_MIN_X0, [0])
            .int(tags::REGION_LOCATION_MIN_Y0, [0])
            .int(tags::REGION_LOCATION_MAX_X1, [289])
            .int(tags::REGION_LOCATION_MAX_Y1, [ROWS as i64 - 1])
            .int(tags::PHYSICAL_UNITS_X_DIRECTION, [3])
            .int(tags::PHYSICAL_UNITS_Y_DIRECTION, [3])
            .real(tags::PHYSICAL_DELTA_X, [0.0175])
            .real(tags::PHYSICAL_DELTA_Y, [0.0175]);
    });
    let bytes = (0..frames).flat_map(frame).collect();
    ImageBuilder::colour(ROWS, COLUMNS, "RGB")
        .frames(frames)
        .bytes(bytes)
        .set(|d| identify(d, uids::ULTRASOUND_MULTI_FRAME_IMAGE_STORAGE, &VESSEL, &series, 1))
        .set(|d| {
            d.text(tags::IMAGE_TYPE, "ORIGINAL\\PRIMARY\\VASCULAR\\0011")
                .text(tags::BODY_PART_EXAMINED, "NECK")
                .empty(tags::PATIENT_ORIENTATION)
                .text(tags::MANUFACTURER_MODEL_NAME, "Phantom US")
                .text(tags::STATION_NAME, "US1")
                .text(tags::TRANSDUCER_TYPE, "CURVED LINEAR")
                .real(tags::FRAME_TIME, [70.0])
                .pointer(tags::FRAME_INCREMENT_POINTER, tags::FRAME_TIME)
                .int(tags::CINE_RATE, [14])
                .int(tags::RECOMMENDED_DISPLAY_FRAME_RATE, [14])
                .int(tags::ULTRASOUND_COLOR_DATA_PRESENT, [1])
                .sequence(tags::SEQUENCE_OF_ULTRASOUND_REGIONS, vec![region]);
        })
}
