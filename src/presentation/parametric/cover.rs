//! Values as colours.

use super::mapping::{Mapping, Scale};
use super::{MapOptions, ParametricMap};
use crate::dicom::{Error, Samples};
use crate::presentation::color_map::ColorTable;
use crate::presentation::cover::Cover;
use crate::presentation::lying::Hit;

/// Larger frames are not drawn.
const MAX_PIXELS: u64 = 1 << 25;

pub(super) fn covers(map: &ParametricMap, hits: &[Hit], options: &MapOptions) -> Result<Vec<Cover>, Error> {
    let Some(first) = hits.first() else { return Ok(Vec::new()) };
    let quantity = map.quantity(first.frame);
    let Some(mapping) = map.mapping(first.frame, options.mapping) else { return Ok(Vec::new()) };
    let info = map.image.info();
    if info.pixels() > MAX_PIXELS {
        return Err(Error::Image("a map of so many pixels a frame cannot be drawn".to_owned()));
    }
    let sane = |(a, b): &(f64, f64)| a.is_finite() && b.is_finite() && a != b;
    let range = match options.range.filter(sane) {
        Some(range) => range,
        None => map.default_range(quantity, options.mapping)?,
    };
    let table = map.colors(options);
    let painter = Painter { map, mapping, range, colors: colors(&table, options.opacity), options };
    let alike = hits.iter().filter(|hit| map.quantity(hit.frame) == quantity);
    let cover = |hit: &Hit| {
        let pixels = painter.pixels(&map.frame(hit.frame)?.samples);
        let (width, height) = (info.columns, info.rows);
        Ok(Cover { width, height, to_image: hit.to_image, pixels: pixels.into(), smooth: options.smooth })
    };
    alike.map(cover).collect()
}

fn colors(table: &ColorTable, opacity: f64) -> [[u8; 4]; 256] {
    let a = (opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
    table.map(|[r, g, b]| [r, g, b, a])
}

struct Painter<'a> {
    map: &'a ParametricMap,
    mapping: &'a Mapping,
    range: (f64, f64),
    colors: [[u8; 4]; 256],
    options: &'a MapOptions,
}

impl Painter<'_> {
    fn pixels(&self, samples: &Samples) -> Vec<[u8; 4]> {
        match samples {
            Samples::U8(v) => self.each(v),
            Samples::I8(v) => self.each(v),
            Samples::U16(v) => self.each(v),
            Samples::I16(v) => self.each(v),
            Samples::U32(v) => self.each(v),
            Samples::I32(v) => self.each(v),
            Samples::F32(v) => self.each(v),
            Samples::F64(v) => self.each(v),
        }
    }

    fn each<T: Copy + Into<f64>>(&self, stored: &[T]) -> Vec<[u8; 4]> {
        let (low, high) = self.range;
        let per_step = 255.0 / (high - low);
        let (first, last) = self.mapping.stored;
        // an empty range that contains nothing where there is no padding
        let (pad_low, pad_high) = self.map.padding.unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
        let means = |v: f64| v >= first && v <= last && !(v >= pad_low && v <= pad_high);
        match &self.mapping.scale {
            Scale::Line { slope, intercept } => {
                let (factor, offset) = (slope * per_step, (intercept - low) * per_step);
                let step = |v: f64| if means(v) { v * factor + offset } else { f64::NAN };
                stored.iter().map(|&v| self.color(step(v.into()))).collect()
            }
            Scale::Table(_) => {
                let step =
                    |v: f64| self.mapping.value(v).filter(|_| means(v)).map(|value| (value - low) * per_step);
                stored.iter().map(|&v| self.color(step(v.into()).unwrap_or(f64::NAN))).collect()
            }
        }
    }

    /// The colour of a place from 0 to 255; none where it is no number.
    fn color(&self, step: f64) -> [u8; 4] {
        if step.is_nan() || (step < 0.0 && self.options.below_is_clear) {
            return [0; 4];
        }
        self.colors.get((step + 0.5).clamp(0.0, 255.0) as usize).copied().unwrap_or([0; 4])
    }
}
