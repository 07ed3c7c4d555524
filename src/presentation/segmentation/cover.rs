//! Areas of segments as pictures.

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

/// All layers above each other, as far as anything of them is set.
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
    let opacity = (options.fill.clamp(0.0, 1.0) * 255.0).round() as u32;
    for (frame, mask) in layers {
        let mut last: Option<(u16, Option<Rgb>)> = None;
        for run in &mask.runs {
            let number = seg.number(*frame, run);
            let color = match last {
                Some((same, color)) if same == number => color,
                _ => (!options.hidden.contains(&number)).then(|| seg.color(number)),
            };
            last = Some((number, color));
            let Some(color) = color else { continue };
            let start = (run.y - top) as usize * width as usize + (run.from - left) as usize;
            let Some(row) = pixels.get_mut(start..start + (run.to - run.from) as usize) else { continue };
            fill(seg, mask, run, row, color, opacity);
        }
    }
    let to_image = Affine::translation(f64::from(left), f64::from(top)).then(map);
    Some(Cover { width, height, to_image, pixels: pixels.into(), smooth: false })
}

/// A run over what is there already.
fn fill(seg: &Segmentation, mask: &Mask, run: &Run, row: &mut [[u8; 4]], color: Rgb, opacity: u32) {
    if seg.is_fractional() {
        for (pixel, value) in row.iter_mut().zip(mask.values(run)) {
            put(pixel, color, (seg.fraction(*value) * f64::from(opacity)).round() as u32);
        }
    } else {
        for pixel in row {
            put(pixel, color, opacity);
        }
    }
}

/// One colour over another, neither multiplied by its opacity.
fn put(pixel: &mut [u8; 4], [r, g, b]: Rgb, opacity: u32) {
    let below = u32::from(pixel[3]);
    if below == 0 {
        *pixel = [r, g, b, opacity as u8];
        return;
    }
    // in 255ths of 255ths
    let under = below * (255 - opacity);
    let all = opacity * 255 + under;
    let half = all / 2;
    for (old, new) in pixel.iter_mut().zip([r, g, b]) {
        *old = ((u32::from(new) * opacity * 255 + u32::from(*old) * under + half) / all.max(1)) as u8;
    }
    pixel[3] = ((all + 127) / 255) as u8;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_over_halves() {
        let mut pixel = [0; 4];
        put(&mut pixel, [255, 0, 0], 128);
        assert_eq!(pixel, [255, 0, 0, 128]);
        put(&mut pixel, [0, 0, 255], 128);
        // opacity 0.502 + 0.502 * 0.498 = 0.752; red 0.25 / 0.752 of 255 = 84.8, blue 170.2
        assert_eq!(pixel, [85, 0, 170, 192]);
        put(&mut pixel, [1, 2, 3], 255);
        assert_eq!(pixel, [1, 2, 3, 255]);
        put(&mut pixel, [9, 9, 9], 0);
        assert_eq!(pixel, [1, 2, 3, 255]);
    }
}
