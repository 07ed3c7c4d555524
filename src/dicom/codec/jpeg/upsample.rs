//! Subsampled components brought to full size and interleaved.
//!
//! Halved chrominance is interpolated with the triangle filter its siting between the pixels asks for;
//! other ratios, which nobody uses, are repeated.

use super::FrameHeader;
use super::dct::Plane;
use super::idct::Sample;

/// All components, pixel by pixel.
pub(super) fn interleave<S: Sample>(header: &FrameHeader, planes: &[Plane<S>]) -> Vec<S> {
    let (columns, rows, channels) = (header.columns, header.rows, planes.len());
    let mut out = vec![S::default(); columns * rows * channels];
    let mut line = vec![S::default(); columns];
    for (channel, (plane, component)) in planes.iter().zip(&header.components).enumerate() {
        let (width, height) = header.extent(component);
        let ratio = (header.h_max / component.h, header.v_max / component.v);
        let lines = Lines { plane, width, height };
        for (row, target) in out.chunks_exact_mut(columns * channels).enumerate() {
            match ratio {
                (1, 1) => {
                    let from = lines.get(row);
                    if channels == 1 {
                        copy(target, from);
                        continue;
                    }
                    copy(&mut line, from);
                }
                (2, 1) => {
                    let near = lines.get(row);
                    triangle(&mut line, width, |i| near.get(i).map_or(0, |&v| 4 * v.into()));
                }
                (2, 2) => {
                    let near = lines.get(row / 2);
                    let neighbour = if row % 2 == 0 { (row / 2).checked_sub(1) } else { Some(row / 2 + 1) };
                    let far = lines.get(neighbour.unwrap_or(0).min(height.saturating_sub(1)));
                    triangle(&mut line, width, |i| {
                        let value = |l: &[S]| l.get(i).map_or(0u32, |&v| v.into());
                        3 * value(near) + value(far)
                    });
                }
                (h, v) => {
                    let from = lines.get(row / v);
                    for (column, to) in line.iter_mut().enumerate() {
                        *to = from.get(column / h).copied().unwrap_or_default();
                    }
                }
            }
            for (pixel, value) in target.chunks_exact_mut(channels).zip(&line) {
                if let Some(to) = pixel.get_mut(channel) {
                    *to = *value;
                }
            }
        }
    }
    out
}

struct Lines<'p, S> {
    plane: &'p Plane<S>,
    width: usize,
    height: usize,
}

impl<'p, S> Lines<'p, S> {
    fn get(&self, row: usize) -> &'p [S] {
        let first = row.min(self.height.saturating_sub(1)) * self.plane.stride;
        self.plane.samples.get(first..first + self.width).unwrap_or(&[])
    }
}

fn copy<S: Copy>(to: &mut [S], from: &[S]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// Doubles a line: three parts of the nearer sample, one of the farther. `at` answers quarter levels.
fn triangle<S: Sample>(line: &mut [S], width: usize, at: impl Fn(usize) -> u32) {
    let last = width.saturating_sub(1);
    let (mut before, mut here) = (at(0), at(0));
    for (i, pair) in line.chunks_mut(2).enumerate() {
        let after = at((i + 1).min(last));
        // Rounding alternates so that it favours neither side.
        let values = [(3 * here + before + 8) / 16, (3 * here + after + 7) / 16];
        for (to, value) in pair.iter_mut().zip(values) {
            *to = S::from_u32(value);
        }
        (before, here) = (here, after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_doubled_by_the_triangle_filter() {
        let from = [0u32, 100, 200];
        let mut line = [0u8; 6];
        triangle(&mut line, 3, |i| 4 * from[i]);
        assert_eq!(line, [0, 25, 75, 125, 175, 200]);
    }
}
