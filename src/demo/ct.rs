//! A chest CT: sixty slices through an elliptical thorax with lungs, heart, ribs, spine and vessels.
//!
//! Coordinates are millimetres in the patient: x to the left, y to the back, z upwards, with the
//! origin in the middle of the chest.

use dicom_dictionary_std::{tags, uids};

use super::builder::ImageBuilder;
use super::case::{CHEST, Series, identify};
use super::math::{Point, atan2, bell, length, lerp, sin, smooth, to_segment};
use super::noise::{fbm, simplex};
use super::rng::{Rng, bell_sum, mix, uid};

/// Number of slices.
pub const SLICES: usize = 60;
/// Rows and columns of a full-size slice.
pub const SIZE: usize = 256;
/// Field of view and slice distance in millimetres.
const VIEW: f32 = 360.0;
const STEP: f32 = 2.5;
/// The same distance for whoever describes slices.
pub(super) const THICKNESS: f64 = STEP as f64;
/// Directions of rows and columns.
pub(super) const ORIENTATION: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

const SERIES: Series = Series { key: "axial-2.5mm", number: 2, modality: "CT", description: "Axial 2.5 mm" };

/// The width of a pixel where `size` of them make a row.
pub(super) fn pixel(size: usize) -> f64 {
    f64::from(VIEW) / size as f64
}

/// How high a slice lies.
pub(super) fn height(index: usize) -> f64 {
    f64::from(STEP) * (index as f64 - (SLICES as f64 - 1.0) / 2.0)
}

/// Where the middle of the first pixel of a slice lies.
pub(super) fn corner(size: usize, height: f64) -> [f64; 3] {
    let corner = pixel(size) / 2.0 - f64::from(VIEW) / 2.0;
    [corner, corner, height]
}

/// The middles of all pixels of a slice, row by row.
pub(super) fn middles(size: usize) -> impl Iterator<Item = Point> {
    let pixel = VIEW / size as f32;
    let at = move |n: usize| (n as f32 + 0.5) * pixel - VIEW / 2.0;
    (0..size * size).map(move |n| (at(n % size), at(n / size)))
}

/// Attenuation without noise, and lungs without vessels.
pub(super) fn tissue(p: Point, z: f32) -> f32 {
    body(p, z, VIEW / SIZE as f32, &[])
}

pub(super) fn instance_uid(index: usize) -> String {
    uid(&format!("{}/{}/{}", CHEST.key, SERIES.key, index + 1))
}

pub(super) fn series_uid() -> String {
    uid(&format!("{}/{}", CHEST.key, SERIES.key))
}

pub(super) fn frame_of_reference() -> String {
    uid("chest frame of reference")
}

/// Something tubular: two ends (x, y, z) and a radius.
type Tube = ([f32; 3], [f32; 3], f32);

/// The parts that are drawn by chance: vessels of the lungs.
#[derive(Clone, Debug)]
pub struct Chest {
    tubes: Vec<Tube>,
}

impl Default for Chest {
    fn default() -> Self {
        Self::new()
    }
}

impl Chest {
    pub fn new() -> Self {
        let mut rng = Rng::new(2718);
        let mut tubes = Vec::new();
        for side in [-1.0_f32, 1.0] {
            for _ in 0..16 {
                let start = [side * rng.range(24.0, 32.0), rng.range(0.0, 14.0), rng.range(-8.0, 14.0)];
                let heading = [side * rng.range(0.35, 1.0), rng.range(-0.9, 0.9), rng.range(-0.95, 0.9)];
                branch(&mut tubes, &mut rng, start, heading, rng_radius(start[2]), 0);
            }
        }
        Self { tubes }
    }

    /// Attenuation in Hounsfield units of every pixel of slice `index`, `size` pixels square.
    pub fn slice(&self, index: usize, size: usize) -> Vec<i16> {
        let z = STEP * (index as f32 - (SLICES as f32 - 1.0) / 2.0);
        let pixel = VIEW / size as f32;
        let near: Vec<&Tube> =
            self.tubes.iter().filter(|(a, b, r)| z > a[2].min(b[2]) - r && z < a[2].max(b[2]) + r).collect();
        let mut out = Vec::with_capacity(size * size);
        for row in 0..size {
            for column in 0..size {
                let p = ((column as f32 + 0.5) * pixel - VIEW / 2.0, (row as f32 + 0.5) * pixel - VIEW / 2.0);
                let hash = mix(40 + index as u32, column as i32, row as i32);
                let grain =
                    bell_sum(u64::from(hash) << 32 | u64::from(hash.wrapping_mul(0x9E37_79B1) ^ (hash >> 9)));
                // Noise is strongest where the rays had the longest way.
                let noisy = 5.0 + 8.0 * bell(p.0, 120.0) * bell(p.1, 80.0);
                let value = body(p, z, pixel, &near) + noisy * grain;
                out.push(value.clamp(-1024.0, 3071.0) as i16);
            }
        }
        out
    }
}

fn rng_radius(z: f32) -> f32 {
    3.6 - 0.03 * z.abs()
}

/// A vessel that runs a while, then splits in two thinner ones.
fn branch(
    tubes: &mut Vec<Tube>,
    rng: &mut Rng,
    from: [f32; 3],
    heading: [f32; 3],
    radius: f32,
    generation: u32,
) {
    let long = rng.range(11.0, 20.0);
    let norm = (heading[0] * heading[0] + heading[1] * heading[1] + heading[2] * heading[2]).sqrt().max(0.1);
    let to = [0, 1, 2].map(|i| from[i] + long * heading[i] / norm);
    tubes.push((from, to, radius));
    if generation < 4 {
        for _ in 0..2 {
            let turned = heading.map(|h| h / norm + rng.range(-0.55, 0.55));
            branch(tubes, rng, to, turned, radius * 0.76, generation + 1);
        }
    }
}

/// 1 inside an ellipse, 0 outside, with an edge about `soft` wide.
fn ellipse(p: Point, centre: Point, half: Point, soft: f32) -> f32 {
    let (u, v) = ((p.0 - centre.0) / half.0, (p.1 - centre.1) / half.1);
    let away = (length(u, v) - 1.0) * half.0.min(half.1);
    smooth(soft, -soft, away)
}

fn body(p: Point, z: f32, soft: f32, near: &[&Tube]) -> f32 {
    let up = z / 75.0;
    // Shoulders make the upper chest wider and flatter.
    let half = (158.0 + 10.0 * up, 108.0 - 6.0 * up * up);
    let wobble = 1.0 + 0.012 * sin(3.0 * atan2(p.1, p.0)) + 0.01 * simplex(5, up, 0.3);
    let q = (p.0 / wobble, (p.1 - 4.0) / wobble);
    if length(q.0 / (half.0 + 9.0), q.1 / (half.1 + 9.0)) > 1.0 {
        return couch(-1000.0, p, soft);
    }
    let mut hu = -1000.0;
    hu = lerp(hu, -95.0 + 8.0 * fbm(11, (p.0 / 9.0, p.1 / 9.0), 2, 0.5), ellipse(q, (0.0, 0.0), half, soft));
    let muscle = (half.0 - 15.0, half.1 - 13.0);
    hu = lerp(
        hu,
        52.0 + 14.0 * fbm(12, (p.0 / 14.0 + z / 30.0, p.1 / 6.0), 3, 0.5),
        ellipse(q, (0.0, 2.0), muscle, soft),
    );
    // The cage narrows towards the apex, and the shoulders' muscle fills the rest.
    let cage = ((half.0 - 27.0) * (1.0 - 0.24 * smooth(25.0, 95.0, z)), half.1 - 24.0);
    let inside = ellipse(q, (0.0, 2.0), cage, soft);
    hu = lerp(hu, -70.0, inside);
    if inside > 0.0 {
        hu = lungs(hu, p, z, soft, near);
        if p.0.abs() < 85.0 {
            hu = mediastinum(hu, p, z, soft);
        }
        hu = abdomen(hu, q, z, cage, soft);
    }
    hu = bones(hu, p, q, z, cage, soft);
    couch(hu, p, soft)
}

/// Height of the diaphragm's dome below which there is no lung.
pub(super) fn dome(p: Point, side: f32) -> f32 {
    let r = length((p.0 - side * 68.0) / 85.0, (p.1 - 6.0) / 80.0);
    -42.0 - 62.0 * r * r + if side < 0.0 { 9.0 } else { 0.0 }
}

fn lungs(hu: f32, p: Point, z: f32, soft: f32, near: &[&Tube]) -> f32 {
    let mut hu = hu;
    for side in [-1.0_f32, 1.0] {
        // Narrower towards the apex.
        let taper = (1.0 - smooth(20.0, 118.0, z) * 0.62, 1.0 - smooth(30.0, 118.0, z) * 0.5);
        let centre = (side * (71.0 - 9.0 * smooth(20.0, 100.0, z)), 8.0 + 6.0 * smooth(0.0, 80.0, z));
        let half = (52.0 * taper.0, 76.0 * taper.1);
        let air = ellipse(p, centre, half, soft) * smooth(-2.5, 2.5, z - dome(p, side));
        if air <= 0.0 {
            continue;
        }
        let parenchyma =
            -850.0 + 24.0 * fbm(21, (p.0 / 11.0, p.1 / 11.0 + z / 11.0), 3, 0.6) + 0.16 * (p.1 + 40.0);
        let mut lung = parenchyma;
        for (a, b, radius) in near {
            // The vessel as the slice meets it: distance in the plane to its shadow, at its height.
            let (away, t) = to_segment(p, (a[0], a[1]), (b[0], b[1]));
            let height = lerp(a[2], b[2], if length(b[0] - a[0], b[1] - a[1]) > 1.0 { t } else { 0.5 }) - z;
            let distance = length(away, height.abs() * 0.8);
            let vessel =
                smooth(radius + 0.5 * soft, radius - 0.5 * soft, distance) * (radius / soft).min(1.0);
            lung = lung.max(lerp(parenchyma, 120.0, vessel));
        }
        // A small solid nodule in the right upper lobe, to be found.
        let nodule = smooth(4.6, 3.2, length(length(p.0 + 88.0, p.1 + 22.0), z - 34.0));
        lung = lerp(lung, 38.0, nodule);
        hu = lerp(hu, lung, air);
    }
    hu
}

fn mediastinum(hu: f32, p: Point, z: f32, soft: f32) -> f32 {
    let mut hu = hu;
    let fill = 25.0 + 8.0 * smooth(60.0, -60.0, z);
    hu = lerp(
        hu,
        -40.0 + 60.0 * smooth(-0.2, 0.6, fbm(31, (p.0 / 12.0, p.1 / 12.0 + z / 20.0), 3, 0.5)),
        ellipse(p, (2.0, 0.0), (fill, 66.0), soft),
    );
    // Heart: muscle with two contrast-filled chambers, leaning to the left.
    let level = 1.0 - (z + 32.0) * (z + 32.0) / (44.0 * 44.0);
    if level > 0.0 {
        let s = level.sqrt();
        let turn = |c: Point| {
            let (x, y) = (p.0 - c.0, p.1 - c.1);
            (0.88 * x + 0.47 * y, -0.47 * x + 0.88 * y)
        };
        hu = lerp(hu, 75.0, ellipse(turn((20.0, -14.0)), (0.0, 0.0), (54.0 * s, 41.0 * s), soft));
        hu = lerp(hu, 300.0, ellipse(turn((35.0, -8.0)), (0.0, 0.0), (27.0 * s, 17.0 * s), 1.5 * soft));
        hu = lerp(hu, 245.0, ellipse(turn((-4.0, -24.0)), (0.0, 0.0), (19.0 * s, 25.0 * s), 1.5 * soft));
        hu = lerp(hu, 285.0, ellipse(turn((8.0, 12.0)), (0.0, 0.0), (24.0 * s, 11.0 * s), 1.5 * soft));
    }
    let above = smooth(-4.0, 4.0, z);
    let arch = smooth(46.0, 50.0, z) * smooth(66.0, 62.0, z);
    hu = lerp(hu, 310.0, ellipse(p, (21.0, 36.0), (12.0, 12.0), soft) * smooth(66.0, 62.0, z));
    hu = lerp(hu, 310.0, ellipse(p, (-12.0, -22.0), (14.5, 14.5), soft) * above * smooth(62.0, 58.0, z));
    let (away, _) = to_segment(p, (-10.0, -20.0), (19.0, 38.0));
    hu = lerp(hu, 310.0, smooth(12.0 + soft, 12.0 - soft, away) * arch);
    hu = lerp(hu, 240.0, ellipse(p, (-30.0, -8.0), (9.0, 10.0), soft) * above);
    let trunk = smooth(8.0, 12.0, z) * smooth(32.0, 28.0, z);
    let (away, _) = to_segment(p, (8.0, -26.0), (-26.0, 4.0));
    hu = lerp(hu, 330.0, smooth(11.0 + soft, 11.0 - soft, away) * trunk);
    let (away, _) = to_segment(p, (8.0, -26.0), (34.0, 8.0));
    hu = lerp(hu, 330.0, smooth(11.0 + soft, 11.0 - soft, away) * trunk);
    // Great vessels above the arch.
    for (x, y, r, bright) in [(-16.0, -14.0, 6.5, 300.0), (2.0, -6.0, 4.5, 305.0), (18.0, 6.0, 5.0, 305.0)] {
        hu = lerp(hu, bright, ellipse(p, (x, y), (r, r), soft) * smooth(62.0, 66.0, z));
    }
    // Windpipe with its bifurcation, gullet behind it.
    let split = smooth(38.0, 8.0, z) * 24.0;
    for side in [-1.0, 1.0] {
        let tube = ellipse(
            p,
            (side * split + 1.0, 14.0),
            (lerp(8.5, 6.0, split / 24.0), lerp(9.0, 6.0, split / 24.0)),
            soft,
        );
        hu = lerp(hu, -990.0, tube * smooth(-6.0, 2.0, z));
    }
    lerp(hu, 35.0, ellipse(p, (6.0, 36.0), (6.0, 5.0), soft))
}

fn abdomen(hu: f32, q: Point, z: f32, cage: Point, soft: f32) -> f32 {
    let mut hu = hu;
    if z > -20.0 {
        return hu;
    }
    let within = ellipse(q, (0.0, 2.0), (cage.0 - 3.0, cage.1 - 3.0), soft);
    let liver = smooth(2.5, -2.5, z - dome(q, -1.0)) * smooth(36.0, 28.0, q.0);
    hu = lerp(
        hu,
        105.0 + 10.0 * fbm(51, (q.0 / 10.0, q.1 / 10.0 + z / 8.0), 3, 0.5),
        liver * within * ellipse(q, (-48.0, 0.0), (86.0, 84.0), soft),
    );
    let spleen = smooth(2.5, -2.5, z - dome(q, 1.0));
    hu = lerp(hu, 125.0, spleen * within * ellipse(q, (92.0, 40.0), (26.0, 34.0), soft));
    let stomach = spleen * within * ellipse(q, (62.0, -16.0), (36.0, 40.0), soft);
    // Gas lies in front, fluid behind.
    lerp(hu, lerp(-960.0, 22.0, smooth(-28.0, -25.0, q.1)), stomach)
}

fn bones(hu: f32, p: Point, q: Point, z: f32, cage: Point, soft: f32) -> f32 {
    let mut hu = hu;
    let cortex = |hu: f32, inside: f32, deep: f32| {
        lerp(lerp(hu, 820.0, inside), 230.0 + 60.0 * simplex(61, p.0 / 3.0, p.1 / 3.0), deep)
    };
    // Ribs run forwards and down: at each angle round the chest, one is met every 26 mm.
    let angle = atan2(q.0.abs(), q.1);
    let ring = length(q.0 / (cage.0 + 5.0), (q.1 - 2.0) / (cage.1 + 5.0));
    let away = (ring - 1.0) * 0.5 * (cage.0 + cage.1);
    if away.abs() < 9.0 && angle > 0.35 && angle < 2.72 {
        let phase = (z + 30.0 * angle + 200.0) / 26.0;
        let height = ((phase - super::math::floor(phase) as f32) - 0.5) * 26.0;
        let r = length(away / 3.6, height / 6.8);
        hu = cortex(hu, smooth(1.1, 0.85, r), smooth(0.75, 0.5, r));
    }
    // Sternum, then the vertebra: body, canal, arch and processes; discs between the bodies.
    let sternum = (p.0, p.1 + cage.1 - 1.0);
    hu = cortex(
        hu,
        ellipse(sternum, (0.0, 0.0), (17.0, 6.0), soft),
        ellipse(sternum, (0.0, 0.0), (14.5, 3.6), soft),
    );
    let spine = (p.0, p.1 - 60.0);
    let phase = (z + 300.0) / 24.0;
    let disc = smooth(0.40, 0.47, ((phase - super::math::floor(phase) as f32) - 0.5).abs());
    hu = lerp(hu, 55.0, ellipse(spine, (0.0, 18.0), (46.0, 24.0), 2.0 * soft));
    let outer = ellipse(spine, (0.0, 0.0), (18.5, 15.5), soft);
    hu = lerp(hu, 95.0, outer * disc);
    hu = lerp(hu, 640.0, outer * (1.0 - disc));
    hu = lerp(
        hu,
        215.0 + 50.0 * simplex(62, p.0 / 2.6, p.1 / 2.6),
        ellipse(spine, (0.0, 0.0), (16.0, 13.0), soft) * (1.0 - disc),
    );
    let arch = ellipse(spine, (0.0, 22.0), (13.5, 12.0), soft);
    let canal = ellipse(spine, (0.0, 21.5), (9.0, 8.5), soft);
    hu = lerp(hu, 560.0, arch * (1.0 - 0.6 * disc));
    for side in [-1.0, 1.0] {
        let (away, _) = to_segment(spine, (side * 9.0, 26.0), (side * 33.0, 33.0));
        hu = lerp(hu, 480.0, smooth(4.2 + soft, 4.2 - soft, away) * (1.0 - disc));
    }
    let (away, _) = to_segment(spine, (0.0, 32.0), (0.0, 42.0));
    hu = lerp(hu, 520.0, smooth(3.2 + soft, 3.2 - soft, away));
    hu = lerp(hu, 22.0, canal);
    // Shoulder blades, high up at the back.
    for side in [-1.0, 1.0] {
        let tip = (side * (126.0 - 4.0 * smooth(0.0, 70.0, z)), 62.0);
        let (away, _) = to_segment(p, (side * 84.0, 84.0), tip);
        hu = lerp(hu, 650.0, smooth(3.0 + soft, 3.0 - soft, away) * smooth(8.0, 16.0, z));
    }
    hu
}

/// The curved table top under the patient.
fn couch(hu: f32, p: Point, soft: f32) -> f32 {
    let depth = p.1 - 128.0 + 0.0012 * p.0 * p.0;
    let within = smooth(160.0, 156.0, p.0.abs());
    let shell = smooth(1.6 + soft, 1.6, (depth.abs() - 0.0).min((depth - 16.0).abs())) * within;
    let foam = smooth(-0.5, 0.5, depth) * smooth(16.5, 15.5, depth) * within;
    if hu > -500.0 { hu } else { lerp(lerp(hu, -930.0, foam), -220.0, shell) }
}

/// Slice `index` of the stack as a file, `size` pixels square.
pub fn file(chest: &Chest, index: usize, size: usize) -> Vec<u8> {
    image(chest, index, size).build()
}

/// The same before it is written.
pub fn image(chest: &Chest, index: usize, size: usize) -> ImageBuilder {
    let (pixel, z) = (pixel(size), height(index));
    let samples = chest.slice(index, size);
    ImageBuilder::gray(size, size)
        .bits(16, 16)
        .signed(true)
        // Stored as 1024 above the Hounsfield unit, so that the rescale has something to do.
        .samples(samples.iter().map(|&hu| i64::from(hu) + 1024))
        .rescale(1.0, -1024.0)
        .named_window(40.0, 400.0, "SOFT TISSUE")
        .named_window(-550.0, 1300.0, "LUNG")
        .named_window(400.0, 1800.0, "BONE")
        .spacing(pixel, pixel)
        .set(|d| identify(d, uids::CT_IMAGE_STORAGE, &CHEST, &SERIES, index as i64 + 1))
        .set(|d| {
            d.text(tags::RESCALE_TYPE, "HU")
                .text(tags::IMAGE_TYPE, "ORIGINAL\\PRIMARY\\AXIAL")
                .text(tags::BODY_PART_EXAMINED, "CHEST")
                .text(tags::PATIENT_POSITION, "HFS")
                .text(tags::PATIENT_ORIENTATION, "L\\P")
                .text(tags::CONTRAST_BOLUS_AGENT, "Computed contrast")
                .text(tags::MANUFACTURER_MODEL_NAME, "Phantom CT")
                .text(tags::STATION_NAME, "CT1")
                .text(tags::CONVOLUTION_KERNEL, "STANDARD")
                .text(tags::FRAME_OF_REFERENCE_UID, frame_of_reference())
                .empty(tags::POSITION_REFERENCE_INDICATOR)
                .int(tags::ACQUISITION_NUMBER, [1])
                .real(tags::KVP, [120.0])
                .int(tags::X_RAY_TUBE_CURRENT, [210])
                .real(tags::SLICE_THICKNESS, [f64::from(STEP)])
                .real(tags::SPACING_BETWEEN_SLICES, [f64::from(STEP)])
                .real(tags::SLICE_LOCATION, [z])
                .real(tags::IMAGE_POSITION_PATIENT, corner(size, z))
                .real(tags::IMAGE_ORIENTATION_PATIENT, ORIENTATION);
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_has_air_around_lung_within_and_bone() {
        let slice = Chest::new().slice(35, 64);
        assert!(slice[0] < -900);
        let share = |low: i16, high: i16| {
            slice.iter().filter(|v| **v > low && **v < high).count() as f32 / slice.len() as f32
        };
        assert!(share(-930, -750) > 0.10, "lung");
        assert!(share(-20, 150) > 0.06, "soft tissue");
        assert!(share(350, 1500) > 0.01, "bone");
    }
}
