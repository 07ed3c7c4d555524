//! What one viewport needs to draw its image, packed as `View` in `shaders/view.wgsl` lays it out.
//!
//! Rescale and window centre are folded into one slope and offset here, in double precision, so that the
//! shader's single precision is spent on the window and not on large constants.

use super::cover::GpuCover;
use super::pipeline::{Content, Sampling, Variant};
use super::texture::{GpuTables, tables_of};
use crate::display::{Interpolation, Look, Lut, Modality, Padding, TexelImage, TexelKind, Texels, Voi};
use crate::geometry::Affine;

/// Bytes of the uniform: fifteen rows of four words.
pub const UNIFORM_SIZE: usize = 15 * 16;

const FLAG_INVERSE: u32 = 1;
const FLAG_PADDING: u32 = 2;
const FLAG_SRGB_TARGET: u32 = 4;

const VOI_LINEAR: u32 = 0;
const VOI_THRESHOLD: u32 = 1;
const VOI_SIGMOID: u32 = 2;
const VOI_TABLE: u32 = 3;

/// A footprint up to this is magnification: one texel, give or take rounding.
const MAGNIFIED: f64 = 1.0001;

/// The box that three texels a side are enough for.
const LARGEST_BOX: f64 = 2.0;

/// How the texels of a resident level are to be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TexelMeta {
    pub width: u32,
    pub height: u32,
    pub source_width: u32,
    pub source_height: u32,
    pub level: u32,
    pub kind: TexelKind,
    pub fraction_bits: u32,
    /// Bits of one texel's container.
    pub bits: u32,
}

impl TexelMeta {
    pub fn of(image: &TexelImage) -> Self {
        Self {
            width: image.width,
            height: image.height,
            source_width: image.source_width,
            source_height: image.source_height,
            level: image.level,
            kind: image.kind,
            fraction_bits: image.fraction_bits,
            bits: match image.texels {
                Texels::U8(_) | Texels::Rgba8(_) => 8,
                Texels::U16(_) => 16,
                Texels::U32(_) => 32,
            },
        }
    }

    pub(super) fn placeholder() -> Self {
        Self {
            width: 1,
            height: 1,
            source_width: 1,
            source_height: 1,
            level: 0,
            kind: TexelKind::Uint,
            fraction_bits: 0,
            bits: 16,
        }
    }
}

/// Everything that decides about the pixels of one viewport.
pub struct ViewUniforms<'a> {
    pub meta: TexelMeta,
    pub look: &'a Look,
    /// Screen pixels relative to the viewport -> source pixels.
    pub map: &'a Affine,
    /// Top left of the viewport in the framebuffer.
    pub origin: [f32; 2],
    pub interpolation: Interpolation,
    /// The target encodes linear light; code values must be decoded first.
    pub srgb_target: bool,
    pub voi_start: u32,
    /// Middle of a lens in the framebuffer, and its radius.
    pub lens: Option<[f32; 3]>,
    /// What lies over the image.
    pub cover: Option<&'a GpuCover>,
    /// Where the colours of the grey levels start in the tables.
    pub ramp_start: u32,
}

impl<'a> ViewUniforms<'a> {
    /// For a target that stores code values as they are, with the viewport at its origin.
    pub fn plain(
        meta: TexelMeta,
        look: &'a Look,
        map: &'a Affine,
        interpolation: Interpolation,
        tables: &GpuTables,
    ) -> Self {
        Self {
            meta,
            look,
            map,
            origin: [0.0; 2],
            interpolation,
            srgb_target: false,
            voi_start: tables.voi_start,
            lens: None,
            cover: None,
            ramp_start: tables.ramp_start,
        }
    }

    /// Which variant of the pipeline draws this.
    pub fn variant(&self) -> Variant {
        let (modality, voi) = tables_of(self.look);
        Variant {
            content: match self.meta.kind {
                TexelKind::Uint | TexelKind::Sint => Content::Integer,
                TexelKind::Float => Content::Float,
                TexelKind::Rgb => Content::Color,
            },
            sampling: self.sampling(),
            tables: modality.is_some() || voi.is_some() || matches!(self.look.voi, Voi::Sigmoid { .. }),
            lens: self.lens.is_some(),
            ramp: self.look.ramp.is_some() && self.meta.kind != TexelKind::Rgb,
            cover: self.cover.is_some(),
        }
    }

    fn sampling(&self) -> Sampling {
        let [across, down] = footprint(&self.meta, self.map);
        match self.interpolation {
            _ if across.max(down) > LARGEST_BOX => Sampling::WideArea,
            _ if across.max(down) > MAGNIFIED => Sampling::Area,
            Interpolation::Nearest => Sampling::Nearest,
            Interpolation::Bilinear => Sampling::Bilinear,
            Interpolation::Bicubic => Sampling::Bicubic,
        }
    }

    /// The part of a viewport, in pixels of the framebuffer, that anything but black may be drawn in.
    pub fn part(&self, viewport: [u32; 4]) -> [u32; 4] {
        let Some(back) = self.map.invert().filter(|_| self.lens.is_none() && self.cover.is_none()) else {
            return viewport;
        };
        let [width, height] = [self.meta.source_width, self.meta.source_height].map(f64::from);
        let corners = [[0.0, 0.0], [width, 0.0], [0.0, height], [width, height]].map(|at| back.apply(at));
        let span = |axis: usize, size: u32| {
            let along = corners.map(|corner| corner[axis]);
            let low = along.into_iter().fold(f64::INFINITY, f64::min) - 1.0;
            let high = along.into_iter().fold(f64::NEG_INFINITY, f64::max) + 1.0;
            let within = |at: f64| at.clamp(0.0, f64::from(size)) as u32;
            let (from, to) = (within(low.floor()), within(high.ceil()));
            (from, to - from.min(to))
        };
        let [left, top, width, height] = viewport;
        let ((x, width), (y, height)) = (span(0, width), span(1, height));
        [left + x, top + y, width, height]
    }

    /// The bytes of the uniform.
    pub fn pack(&self) -> [u8; UNIFORM_SIZE] {
        let Self { meta, look, map, .. } = self;
        let level_scale = f64::from(meta.level).exp2().recip();
        let footprint = footprint(meta, map);
        let bias = stored_bias(meta, look);
        let gray = gray_terms(look, bias);
        let (modality_table, voi_table) = tables_of(look);
        let padding = look.padding.as_ref().and_then(|p| raw_padding(meta, p));
        let (lo, span) = padding.unwrap_or_default();
        let mut flags = 0;
        flags |= if look.inverse { FLAG_INVERSE } else { 0 };
        flags |= if padding.is_some() { FLAG_PADDING } else { 0 };
        flags |= if self.srgb_target { FLAG_SRGB_TARGET } else { 0 };

        let mut out = Words::default();
        out.floats([map.m[0][0], map.m[0][1], map.m[0][2], 0.0]);
        out.floats([map.m[1][0], map.m[1][1], map.m[1][2], 0.0]);
        out.floats([f64::from(self.origin[0]), f64::from(self.origin[1]), 0.0, 0.0]);
        out.floats([meta.source_width, meta.source_height, meta.width, meta.height].map(f64::from));
        out.floats([footprint[0], footprint[1], level_scale, f64::from(meta.fraction_bits).exp2().recip()]);
        out.floats([gray.slope, gray.offset, gray.gain, 0.0]);
        let voi_scale = voi_table.map_or(0.0, |lut| full_scale(lut).recip());
        out.floats([0.0, voi_scale, 0.0, 0.0]);
        out.words([u32::from(meta.kind == TexelKind::Sint), 32 - meta.bits, 0, flags]);
        out.words([lo, span, bias as u32, gray.kind]);
        out.table(modality_table, 0);
        out.table(voi_table, self.voi_start);
        let [x, y, radius] = self.lens.unwrap_or_default().map(f64::from);
        out.floats([x, y, radius, 0.0]);
        let from_image = self.cover.map_or(Affine::IDENTITY, |cover| cover.from_image);
        for [a, b, c] in from_image.m {
            out.floats([a, b, c, 0.0]);
        }
        let (width, height) = self.cover.map_or((1, 1), |cover| (cover.width, cover.height));
        let smooth = self.cover.is_some_and(|cover| cover.smooth);
        let ramp = f64::from(self.ramp_start);
        out.floats([f64::from(width), f64::from(height), f64::from(u8::from(smooth)), ramp]);
        out.bytes
    }
}

/// Texels of the level that a screen pixel covers, along either axis.
fn footprint(meta: &TexelMeta, map: &Affine) -> [f64; 2] {
    let level_scale = f64::from(meta.level).exp2().recip();
    map.m.map(|row| (row[0].abs() + row[1].abs()) * level_scale)
}

/// Slope and offset from stored value (bias taken off) to the window's coordinate.
struct GrayTerms {
    slope: f64,
    offset: f64,
    gain: f64,
    kind: u32,
}

fn gray_terms(look: &Look, bias: i64) -> GrayTerms {
    let (slope, intercept) = match &look.modality {
        Modality::Rescale { slope, intercept } => (*slope, slope * bias as f64 + intercept),
        Modality::Lut(_) => (1.0, 0.0),
    };
    let (centre, gain, kind) = match &look.voi {
        Voi::Linear { center, width } if *width > 1.0 => (center - 0.5, (width - 1.0).recip(), VOI_LINEAR),
        Voi::Linear { center, .. } => (center - 0.5, 0.0, VOI_THRESHOLD),
        Voi::LinearExact { center, width } => (*center, width.recip(), VOI_LINEAR),
        Voi::Sigmoid { center, width } => (*center, width.recip(), VOI_SIGMOID),
        Voi::Lut(_) => (0.0, 0.0, VOI_TABLE),
    };
    GrayTerms { slope, offset: intercept - centre, gain, kind }
}

/// An integer near the window's centre in stored values: subtracting it first keeps 32-bit samples exact
/// where it matters. Zero for everything a float holds exactly anyway.
fn stored_bias(meta: &TexelMeta, look: &Look) -> i64 {
    let (TexelKind::Uint | TexelKind::Sint, 32, Modality::Rescale { slope, intercept }) =
        (meta.kind, meta.bits, &look.modality)
    else {
        return 0;
    };
    let centre = match &look.voi {
        Voi::Linear { center, .. } | Voi::LinearExact { center, .. } | Voi::Sigmoid { center, .. } => *center,
        Voi::Lut(lut) => f64::from(lut.first) + lut.data.len() as f64 / 2.0,
    };
    let stored = (centre - intercept) / slope;
    if !stored.is_finite() {
        return 0;
    }
    let (lo, hi) = match meta.kind {
        TexelKind::Sint => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (0, i64::from(u32::MAX)),
    };
    (stored.round() as i64).clamp(lo, hi)
}

/// First padding value and span in raw texels; `None` when no texel can be padding.
pub(super) fn raw_padding(meta: &TexelMeta, padding: &Padding) -> Option<(u32, u32)> {
    let (min, max) = match meta.kind {
        TexelKind::Uint => (0.0, (f64::from(meta.bits)).exp2() - 1.0),
        TexelKind::Sint => {
            let half = f64::from(meta.bits - 1).exp2();
            (-half, half - 1.0)
        }
        TexelKind::Float | TexelKind::Rgb => return None,
    };
    let unit = f64::from(meta.fraction_bits).exp2();
    let lo = (padding.lo.ceil() * unit).max(min);
    let hi = (padding.hi.floor() * unit).min(max);
    if lo > hi {
        return None;
    }
    Some((lo as i64 as u32, (hi - lo) as u32))
}

fn full_scale(lut: &Lut) -> f64 {
    f64::from(lut.bits).exp2() - 1.0
}

/// Rows of four words, in order.
struct Words {
    bytes: [u8; UNIFORM_SIZE],
    at: usize,
}

impl Default for Words {
    fn default() -> Self {
        Self { bytes: [0; UNIFORM_SIZE], at: 0 }
    }
}

impl Words {
    fn words(&mut self, row: [u32; 4]) {
        for word in row {
            if let Some(slot) = self.bytes.get_mut(self.at..self.at + 4) {
                slot.copy_from_slice(&word.to_le_bytes());
            }
            self.at += 4;
        }
    }

    fn floats(&mut self, row: [f64; 4]) {
        self.words(row.map(|v| (v as f32).to_bits()));
    }

    fn table(&mut self, lut: Option<&Lut>, start: u32) {
        let Some(lut) = lut else {
            return self.words([0; 4]);
        };
        let last = (lut.data.len() as u32).saturating_sub(1);
        self.words([lut.first as u32, last, start, 1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_with_the_image_is_shaded() {
        let look = Look {
            padding: None,
            modality: crate::display::Modality::Rescale { slope: 1.0, intercept: 0.0 },
            voi: Voi::Linear { center: 128.0, width: 256.0 },
            inverse: false,
            ramp: None,
        };
        let meta = TexelMeta { source_width: 100, source_height: 200, ..TexelMeta::placeholder() };
        let part = |map: Affine, viewport| {
            ViewUniforms {
                meta,
                look: &look,
                map: &map,
                origin: [0.0; 2],
                interpolation: Interpolation::Bilinear,
                srgb_target: true,
                voi_start: 0,
                lens: None,
                cover: None,
                ramp_start: 0,
            }
            .part(viewport)
        };
        // Two pixels of the image are one of the screen, and the image begins 40 to the right: a pixel is left around it.
        let halved = Affine { m: [[2.0, 0.0, -80.0], [0.0, 2.0, 0.0]] };
        assert_eq!(part(halved, [10, 20, 300, 90]), [10 + 39, 20, 52, 90]);
        // On its side, the image is as wide as it was high.
        let turned = Affine { m: [[0.0, 2.0, 0.0], [-2.0, 0.0, 200.0]] };
        assert_eq!(part(turned, [0, 0, 300, 300]), [0, 0, 101, 51]);
        // Moved out of sight, nothing is left.
        let away = Affine { m: [[2.0, 0.0, -8000.0], [0.0, 2.0, 0.0]] };
        assert_eq!(part(away, [10, 20, 300, 90])[2], 0);
    }
}
