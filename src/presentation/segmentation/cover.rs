//! Areas of segments as pictures.

use std::iter::Peekable;
use std::sync::Arc;

use super::mask::{Mask, Run};
use super::{SegmentOptions, Segmentation};
use crate::dicom::Error;
use crate::geometry::Affine;
use crate::presentation::color::Rgb;
use crate::presentation::cover::Cover;
use crate::presentation::lying::Hit;

pub(super) fn covers(
    seg: &Segmentation,
    hits: &[Hit],
    options: &SegmentOptions,
) -> Result<Vec<Cover>, Error> {
    let opacity = options.fill.clamp(0.0, 1.0);
    let mut alike: Vec<(Affine, Vec<(u32, Arc<Mask>)>)> = Vec::new();
    if opacity == 0.0 {
        return Ok(Vec::new());
    }
    for hit in hits {
        if !seg.shows_any_of(hit.frame, options) {
            continue;
        }
        let layer = (hit.frame, seg.mask(hit.frame)?);
        match alike.iter_mut().find(|(map, _)| *map == hit.to_image) {
            Some((_, layers)) => layers.push(layer),
            None => alike.push((hit.to_image, vec![layer])),
        }
    }
    Ok(alike.iter().filter_map(|(map, layers)| compose(seg, map, layers, options)).collect())
}

impl Segmentation {
    /// Whether anything of a frame can be seen.
    pub(super) fn shows_any_of(&self, frame: u32, options: &SegmentOptions) -> bool {
        self.kind == super::SegmentationKind::LabelMap
            || !u16::try_from(self.lying.part(frame)).is_ok_and(|number| options.hidden.contains(&number))
    }
}

/// All layers above each other, row by row, as far as anything of them is set.
fn compose(
    seg: &Segmentation,
    map: &Affine,
    layers: &[(u32, Arc<Mask>)],
    options: &SegmentOptions,
) -> Option<Cover> {
    let [left, top, right, bottom] = layers
        .iter()
        .filter(|(_, mask)| !mask.runs.is_empty())
        .map(|(_, mask)| mask.bounds)
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])?;
    let (width, height) = (right.checked_sub(left)?, bottom.checked_sub(top)?);
    let mut pixels = vec![[0u8; 4]; width as usize * height as usize];
    let mut layers: Vec<Layer> = layers.iter().map(|(frame, mask)| Layer::new(*frame, mask)).collect();
    let opacity = (options.fill.clamp(0.0, 1.0) * 255.0).round() / 255.0;
    let mut mixed = vec![[0f32; 4]; width as usize];
    for (row, y) in pixels.chunks_exact_mut(width.max(1) as usize).zip(top..) {
        let (mut first, mut end) = (usize::MAX, 0);
        for layer in &mut layers {
            while let Some(run) = layer.runs.next_if(|run| run.y == y) {
                let Some(color) = layer.color(seg, run, options) else { continue };
                let (from, to) = ((run.from - left) as usize, (run.to - left) as usize);
                let Some(place) = mixed.get_mut(from..to) else { continue };
                fill(seg, layer.mask, run, place, color, opacity);
                (first, end) = (first.min(from), end.max(to));
            }
        }
        let touched = first.min(end)..end;
        let (Some(row), Some(mixed)) = (row.get_mut(touched.clone()), mixed.get_mut(touched)) else {
            continue;
        };
        for (pixel, mixed) in row.iter_mut().zip(mixed) {
            *pixel = apart(std::mem::take(mixed));
        }
    }
    let to_image = Affine::translation(f64::from(left), f64::from(top)).then(map);
    Some(Cover { width, height, to_image, pixels: pixels.into(), smooth: false })
}

/// A frame on its way from the top row to the bottom.
struct Layer<'a> {
    frame: u32,
    mask: &'a Mask,
    runs: Peekable<std::slice::Iter<'a, Run>>,
    /// The segment of the run before, and its colour.
    last: Option<(u16, Option<Rgb>)>,
}

impl<'a> Layer<'a> {
    fn new(frame: u32, mask: &'a Mask) -> Self {
        Self { frame, mask, runs: mask.runs.iter().peekable(), last: None }
    }

    /// The colour of a run; `None` where its segment is hidden.
    fn color(&mut self, seg: &Segmentation, run: &Run, options: &SegmentOptions) -> Option<Rgb> {
        let number = seg.number(self.frame, run);
        if let Some((last, color)) = self.last
            && last == number
        {
            return color;
        }
        let color = (!options.hidden.contains(&number)).then(|| seg.color(number));
        self.last = Some((number, color));
        color
    }
}

/// A run over what is there already.
fn fill(seg: &Segmentation, mask: &Mask, run: &Run, row: &mut [[f32; 4]], color: Rgb, opacity: f64) {
    if seg.is_fractional() {
        for (pixel, value) in row.iter_mut().zip(mask.values(run)) {
            let [above, rest] = coat(color, (seg.fraction(*value) * opacity) as f32);
            lay(pixel, above, rest);
        }
    } else {
        let [above, rest] = coat(color, opacity as f32);
        for pixel in row {
            lay(pixel, above, rest);
        }
    }
}

/// A colour multiplied by its opacity with the opacity behind it, and what it leaves of what is below.
fn coat([r, g, b]: Rgb, opacity: f32) -> [[f32; 4]; 2] {
    let of = |level: u8| f32::from(level) * opacity;
    [[of(r), of(g), of(b), opacity], [1.0 - opacity; 4]]
}

fn lay(pixel: &mut [f32; 4], above: [f32; 4], rest: [f32; 4]) {
    for ((below, above), rest) in pixel.iter_mut().zip(above).zip(rest) {
        *below = *below * rest + above;
    }
}

/// Colour and opacity by themselves.
fn apart([r, g, b, a]: [f32; 4]) -> [u8; 4] {
    let whole = a.max(1e-9).recip();
    [whole_number(r * whole), whole_number(g * whole), whole_number(b * whole), whole_number(a * 255.0)]
}

/// The nearest whole number of one from 0 to 255: the lowest bits of a float that has no bits for fractions. A cast
/// minds what cannot happen here and costs several times as much.
fn whole_number(value: f32) -> u8 {
    (value + 8_388_608.0).to_bits() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_over_halves() {
        let mut pixel = [0.0; 4];
        let mut put = |color, opacity| {
            let [above, rest] = coat(color, opacity);
            lay(&mut pixel, above, rest);
            apart(pixel)
        };
        assert_eq!(put([255, 0, 0], 0.5), [255, 0, 0, 128]);
        // opacity 0.75, and two thirds of the colour are blue
        assert_eq!(put([0, 0, 255], 0.5), [85, 0, 170, 191]);
        assert_eq!(put([1, 2, 3], 1.0), [1, 2, 3, 255]);
        assert_eq!(put([9, 9, 9], 0.0), [1, 2, 3, 255]);
        assert_eq!(apart([0.0; 4]), [0; 4]);
        assert_eq!([0.0, 0.4, 0.6, 127.4, 254.6, 255.0].map(whole_number), [0, 0, 1, 127, 255, 255]);
    }
}
