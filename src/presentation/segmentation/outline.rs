//! Lines around areas, along the edges of pixels, so that they are exact at any zoom.

use std::collections::BTreeMap;

use super::mask::Mask;
use super::{SegmentOptions, Segmentation};
use crate::dicom::Error;
use crate::presentation::drawing::{Drawing, Line, Stroke};
use crate::presentation::lying::Hit;

/// Points of all outlines of one frame of an image; what is beyond is left out.
const MAX_POINTS: usize = 1_000_000;

pub(super) fn outlines(seg: &Segmentation, hits: &[Hit], options: &SegmentOptions) -> Result<Drawing, Error> {
    let mut drawing = Drawing::default();
    let mut left = MAX_POINTS;
    if options.line <= 0.0 {
        return Ok(drawing);
    }
    for hit in hits.iter().filter(|hit| seg.shows_any_of(hit.frame, options)) {
        let mask = seg.mask(hit.frame)?;
        for (number, area) in areas(seg, hit.frame, &mask, options) {
            for outline in area.outlines() {
                left = left.saturating_sub(outline.len());
                if left == 0 {
                    return Ok(drawing);
                }
                drawing.strokes.push(Stroke {
                    points: outline.into_iter().map(|corner| hit.to_image.apply(corner)).collect(),
                    closed: true,
                    line: Some(Line::plain(seg.color(number), options.line)),
                    of: Some(u32::from(number)),
                    ..Stroke::default()
                });
            }
        }
    }
    Ok(drawing)
}

/// The area of each segment in a frame that is shown.
fn areas(seg: &Segmentation, frame: u32, mask: &Mask, options: &SegmentOptions) -> BTreeMap<u16, Area> {
    let mut spans: BTreeMap<u16, Vec<[u32; 3]>> = BTreeMap::new();
    for run in &mask.runs {
        let number = seg.number(frame, run);
        if options.hidden.contains(&number) {
            continue;
        }
        let spans = spans.entry(number).or_default();
        if !seg.is_fractional() {
            spans.push([run.y, run.from, run.to]);
            continue;
        }
        for (value, x) in mask.values(run).iter().zip(run.from..) {
            if seg.fraction(*value) < options.threshold {
                continue;
            }
            match spans.last_mut() {
                Some([y, _, to]) if *y == run.y && *to == x => *to += 1,
                _ => spans.push([run.y, x, x + 1]),
            }
        }
    }
    spans.into_iter().filter_map(|(number, spans)| Some((number, Area::of(&spans)?))).collect()
}

/// Pixels, with a rim of nothing around them.
struct Area {
    left: u32,
    top: u32,
    width: usize,
    inside: Vec<bool>,
}

/// Directions along edges, clockwise as the picture is seen.
const STEPS: [(isize, isize); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

impl Area {
    fn of(spans: &[[u32; 3]]) -> Option<Self> {
        let top = spans.first()?[0];
        let bottom = spans.last()?[0] + 1;
        let left = spans.iter().map(|span| span[1]).min()?;
        let right = spans.iter().map(|span| span[2]).max()?;
        let (width, height) = ((right - left) as usize + 2, (bottom - top) as usize + 2);
        let mut inside = vec![false; width * height];
        for [y, from, to] in spans {
            let start = ((y - top) as usize + 1) * width + (from - left) as usize + 1;
            if let Some(row) = inside.get_mut(start..start + (to - from) as usize) {
                row.fill(true);
            }
        }
        Some(Self { left, top, width, inside })
    }

    fn is_inside(&self, x: isize, y: isize) -> bool {
        let at = y * self.width as isize + x;
        usize::try_from(at).ok().and_then(|at| self.inside.get(at)).copied().unwrap_or(false)
    }

    /// Closed lines around what is inside: clockwise around areas, the other way around holes. Pixels that touch at a
    /// corner only are outlined by themselves.
    fn outlines(&self) -> Vec<Vec<[f64; 2]>> {
        let mut passed = vec![false; self.inside.len()];
        let mut all = Vec::new();
        for at in self.width..self.inside.len() {
            // every line runs along the upper edge of some pixel, to the right
            let is_edge = |at: usize| {
                let is = |at: usize| self.inside.get(at).copied().unwrap_or(false);
                is(at) && !is(at - self.width)
            };
            if is_edge(at) && !passed.get(at).copied().unwrap_or(true) {
                let (x, y) = ((at % self.width) as isize, (at / self.width) as isize);
                all.push(self.follow(x, y, &mut passed));
            }
        }
        all
    }

    /// The line whose first edge is the upper one of a pixel, with what is inside to the right of the way.
    fn follow(&self, x: isize, y: isize, passed: &mut [bool]) -> Vec<[f64; 2]> {
        let mut points = Vec::new();
        let (mut at, mut direction) = ((x, y), 0usize);
        loop {
            if direction == 0
                && let Ok(pixel) = usize::try_from(at.1 * self.width as isize + at.0)
                && let Some(mark) = passed.get_mut(pixel)
            {
                *mark = true;
            }
            let (dx, dy) = STEPS.get(direction).copied().unwrap_or((1, 0));
            at = (at.0 + dx, at.1 + dy);
            // the two pixels ahead of the corner: to the right of the way, and to the left
            let (right, left) = match direction {
                0 => ((at.0, at.1), (at.0, at.1 - 1)),
                1 => ((at.0 - 1, at.1), (at.0, at.1)),
                2 => ((at.0 - 1, at.1 - 1), (at.0 - 1, at.1)),
                _ => ((at.0, at.1 - 1), (at.0 - 1, at.1 - 1)),
            };
            let turned = if !self.is_inside(right.0, right.1) {
                (direction + 1) % 4
            } else if self.is_inside(left.0, left.1) {
                (direction + 3) % 4
            } else {
                direction
            };
            if turned != direction {
                let place = |v: isize, first: u32| v as f64 - 1.0 + f64::from(first);
                points.push([place(at.0, self.left), place(at.1, self.top)]);
            }
            direction = turned;
            if at == (x, y) && direction == 0 {
                return points;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(picture: &[&str]) -> Area {
        let mut spans = Vec::new();
        for (row, y) in picture.iter().zip(3u32..) {
            for (pixel, x) in row.bytes().zip(5u32..) {
                if pixel == b'#' {
                    spans.push([y, x, x + 1]);
                }
            }
        }
        Area::of(&spans).expect("something is set")
    }

    #[test]
    fn a_rectangle_has_four_corners() {
        let lines = area(&["##", "##", "##"]).outlines();
        assert_eq!(lines, [vec![[7.0, 3.0], [7.0, 6.0], [5.0, 6.0], [5.0, 3.0]]]);
    }

    #[test]
    fn holes_run_the_other_way() {
        let lines = area(&["###", "#.#", "###"]).outlines();
        let turned = |line: &[[f64; 2]]| {
            let next = line.iter().cycle().skip(1);
            line.iter().zip(next).map(|(a, b)| a[0] * b[1] - a[1] * b[0]).sum::<f64>() / 2.0
        };
        let areas: Vec<f64> = lines.iter().map(|line| turned(line)).collect();
        assert_eq!(areas, [9.0, -1.0]);
    }

    #[test]
    fn corners_do_not_join() {
        let lines = area(&["#.", ".#"]).outlines();
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4]);
        // a comb: one line, and every edge once
        let lines = area(&["#.#.#", "#####"]).outlines();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].len(), 12);
    }
}
