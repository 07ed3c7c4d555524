//! Reduced levels: the average of every block of 2^n by 2^n stored samples, in one pass.
//!
//! Padding is left out of the averages and stays padding where nothing else is in a block. This is on
//! the way of the first picture, so the common types are summed row by row in loops that vectorise.

use super::stats::integer_bounds;
use super::texels::{MAX_LEVEL, NOT_A_NUMBER, float_bits};
use super::{Appearance, Padding, TexelImage, TexelKind, Texels};
use crate::dicom::{Frame, Samples};

/// A reduced level straight from the samples; `None` for frames that become something else first
/// (colours), and for frames whose samples do not fill them.
pub(super) fn reduce_frame(frame: &Frame, appearance: &Appearance, level: u32) -> Option<TexelImage> {
    if frame.channels != 1 || appearance.palette.is_some() || frame.samples.len() != frame.pixels() {
        return None;
    }
    let job = Job::new(frame.columns, frame.rows, level, appearance.bits_stored, appearance.padding);
    Some(match &frame.samples {
        Samples::U8(v) => job.words(v, TexelKind::Uint, i32::from),
        Samples::I8(v) => job.words(v, TexelKind::Sint, i32::from),
        Samples::U16(v) => job.words(v, TexelKind::Uint, i32::from),
        Samples::I16(v) => job.words(v, TexelKind::Sint, i32::from),
        Samples::U32(v) => job.integers(v, TexelKind::Uint, i64::from),
        Samples::I32(v) => job.integers(v, TexelKind::Sint, i64::from),
        Samples::F32(v) => job.floats(v, f64::from),
        Samples::F64(v) => job.floats(v, |x| x),
    })
}

/// Bytes of samples that are held at once where a frame is read in strips: they stay in the nearest cache.
const STRIP: usize = 96 << 10;

/// A reduced level of 16-bit samples that are read some rows at a time: `read` is given the number of the
/// first row and room for whole rows. The frame is never held as a whole, and the texels come in memory that was
/// used before.
pub(super) fn reduce_strips<E>(
    [columns, rows]: [u32; 2],
    signed: bool,
    appearance: &Appearance,
    level: u32,
    mut texels: Vec<u16>,
    mut read: impl FnMut(u32, &mut [u16]) -> Result<(), E>,
) -> Result<TexelImage, E> {
    let job = Job::new(columns, rows, level, appearance.bits_stored, appearance.padding);
    let (kind, bounds) =
        if signed { (TexelKind::Sint, (-32768, 32767)) } else { (TexelKind::Uint, (0, 65535)) };
    let width = job.width.max(1);
    let blocks = (STRIP / (2 * width * job.step)).max(1);
    let mut strip = vec![0u16; width * job.step * blocks];
    let declared = 16u32.saturating_sub(u32::from(job.bits_stored.max(1)));
    texels.resize(job.out_width * job.out_height, 0);
    for fraction in [declared, 0] {
        let means = job.means(fraction, bounds);
        let mut fits = true;
        let mut row = 0;
        for out in texels.chunks_mut(job.out_width.max(1) * blocks) {
            let count = (job.height - row).min(job.step * blocks);
            let samples = strip.get_mut(..count * width).unwrap_or_default();
            read(row as u32, samples)?;
            fits &= if signed {
                job.sum_words(samples, &means, |x: u16| i32::from(x.cast_signed()), out)
            } else {
                job.sum_words(samples, &means, i32::from, out)
            };
            row += count;
        }
        if fits || fraction == 0 {
            return Ok(job.finish(kind, fraction, Texels::U16(texels)));
        }
    }
    Ok(job.finish(kind, 0, Texels::U16(Vec::new())))
}

/// A reduced level from the texels of level 0.
pub(super) fn reduce_texels(image: &TexelImage, level: u32) -> TexelImage {
    let job = Job::new(image.width, image.height, level, image.bits_stored, image.padding);
    match (&image.texels, image.kind) {
        (Texels::U8(v), TexelKind::Sint) => job.words(v, TexelKind::Sint, |x| i32::from(x.cast_signed())),
        (Texels::U8(v), _) => job.words(v, TexelKind::Uint, i32::from),
        (Texels::U16(v), TexelKind::Sint) => job.words(v, TexelKind::Sint, |x| i32::from(x.cast_signed())),
        (Texels::U16(v), _) => job.words(v, TexelKind::Uint, i32::from),
        (Texels::U32(v), TexelKind::Float) => job.floats(v, |x| f64::from(f32::from_bits(x))),
        (Texels::U32(v), TexelKind::Sint) => job.integers(v, TexelKind::Sint, |x| i64::from(x.cast_signed())),
        (Texels::U32(v), _) => job.integers(v, TexelKind::Uint, i64::from),
        (Texels::Rgba8(v), _) => job.colors(v),
    }
}

/// One reduction.
struct Job {
    width: usize,
    height: usize,
    level: u32,
    step: usize,
    out_width: usize,
    out_height: usize,
    bits_stored: u16,
    padding: Option<Padding>,
}

impl Job {
    fn new(width: u32, height: u32, level: u32, bits_stored: u16, padding: Option<Padding>) -> Self {
        let step = 1u32 << level;
        Self {
            width: width as usize,
            height: height as usize,
            level,
            step: step as usize,
            out_width: width.div_ceil(step) as usize,
            out_height: height.div_ceil(step) as usize,
            bits_stored,
            padding,
        }
    }

    fn finish(&self, kind: TexelKind, fraction_bits: u32, texels: Texels) -> TexelImage {
        TexelImage {
            width: self.out_width as u32,
            height: self.out_height as u32,
            level: self.level,
            source_width: self.width as u32,
            source_height: self.height as u32,
            kind,
            fraction_bits,
            texels,
            bits_stored: self.bits_stored,
            padding: self.padding,
        }
    }

    /// Samples of up to 16 bits, into 16 bits with as many fraction bits as there is room for. Samples
    /// larger than declared leave no room: the pass is repeated without a fraction.
    fn words<T: Copy>(&self, source: &[T], kind: TexelKind, value: impl Fn(T) -> i32 + Copy) -> TexelImage {
        let bounds = if kind == TexelKind::Sint { (-32768, 32767) } else { (0, 65535) };
        let declared = 16u32.saturating_sub(u32::from(self.bits_stored.max(1)));
        for fraction in [declared, 0] {
            let means = self.means(fraction, bounds);
            let mut texels = vec![0; self.out_width * self.out_height];
            if self.sum_words(source, &means, value, &mut texels) || fraction == 0 {
                return self.finish(kind, fraction, Texels::U16(texels));
            }
        }
        self.finish(kind, 0, Texels::U16(Vec::new()))
    }

    fn means(&self, fraction: u32, bounds: (i32, i32)) -> Means {
        let padding = self.padding.and_then(|p| FixedRange::new(&p, fraction, bounds));
        Means { level: self.level, fraction, bounds, padding }
    }

    /// Columns of a row of blocks are summed first, then neighbouring columns. False where a mean did
    /// not fit.
    fn sum_words<T: Copy>(
        &self,
        source: &[T],
        means: &Means,
        value: impl Fn(T) -> i32 + Copy,
        texels: &mut [u16],
    ) -> bool {
        let (lo, hi) = match (&self.padding, &means.padding) {
            (Some(padding), Some(_)) => integer_bounds(padding),
            _ => (i32::MAX, i32::MIN),
        };
        let width = self.width.max(1);
        let mut sums = vec![0i32; self.width];
        let mut fits = true;
        let blocks = source.chunks(width * self.step);
        for (rows, out) in blocks.zip(texels.chunks_mut(self.out_width.max(1))) {
            sums.fill(0);
            for row in rows.chunks(width) {
                if means.padding.is_some() {
                    for (sum, &x) in sums.iter_mut().zip(row) {
                        let x = value(x);
                        *sum += if (lo..=hi).contains(&x) { 0 } else { x + ONE_VALID };
                    }
                } else {
                    for (sum, &x) in sums.iter_mut().zip(row) {
                        *sum += value(x);
                    }
                }
            }
            fits &= means.row(&sums, rows.len() / width, out);
        }
        fits
    }

    /// 32-bit integers: rounded to whole numbers, there is no room for a fraction.
    fn integers<T: Copy>(&self, source: &[T], kind: TexelKind, up: impl Fn(T) -> i64) -> TexelImage {
        let bounds = if kind == TexelKind::Sint {
            (i64::from(i32::MIN), i64::from(i32::MAX))
        } else {
            (0, i64::from(u32::MAX))
        };
        let range = self.padding.as_ref().and_then(|p| FixedRange::new(p, 0, bounds));
        let value = |x: T| {
            let x = up(x) as f64;
            (!self.padding.is_some_and(|p| p.contains(x))).then_some(x)
        };
        let texels = self.blocks(source, value, |mean| match (mean, &range) {
            (Some(mean), None) => (mean + 0.5).floor() as i64 as u32,
            (Some(mean), Some(range)) => range.outside((mean + 0.5).floor() as i64) as u32,
            (None, Some(range)) => range.lo as u32,
            (None, None) => 0,
        });
        self.finish(kind, 0, Texels::U32(texels))
    }

    fn floats<T: Copy>(&self, source: &[T], up: impl Fn(T) -> f64) -> TexelImage {
        let value = |x: T| {
            let x = up(x);
            (x.is_finite() && !self.padding.is_some_and(|p| p.contains(x))).then_some(x)
        };
        let texels = self.blocks(source, value, |mean| {
            let Some(mean) = mean else {
                return NOT_A_NUMBER;
            };
            let single = mean as f32;
            match self.padding {
                Some(p) if p.contains(f64::from(single)) => float_bits(f64::from(beside(&p, single)), None),
                _ => float_bits(mean, None),
            }
        });
        self.finish(TexelKind::Float, 0, Texels::U32(texels))
    }

    /// The plain way: every block by itself.
    fn blocks<T: Copy, U>(
        &self,
        source: &[T],
        value: impl Fn(T) -> Option<f64>,
        texel: impl Fn(Option<f64>) -> U,
    ) -> Vec<U> {
        let mut texels = Vec::with_capacity(self.out_width * self.out_height);
        for rows in source.chunks(self.width.max(1) * self.step) {
            for x in 0..self.out_width {
                let (mut sum, mut count) = (0.0, 0u32);
                for row in rows.chunks(self.width) {
                    let end = ((x + 1) * self.step).min(self.width);
                    for value in
                        row.get(x * self.step..end).unwrap_or_default().iter().filter_map(|&x| value(x))
                    {
                        sum += value;
                        count += 1;
                    }
                }
                texels.push(texel((count > 0).then(|| sum / f64::from(count))));
            }
        }
        texels
    }

    fn colors(&self, source: &[u8]) -> TexelImage {
        let mut texels = Vec::with_capacity(self.out_width * self.out_height * 4);
        let stride = self.width.max(1) * 4;
        let mut sums = vec![0u32; self.width * 4];
        for rows in source.chunks(stride * self.step) {
            sums.fill(0);
            for row in rows.chunks(stride) {
                for (sum, &x) in sums.iter_mut().zip(row) {
                    *sum += u32::from(x);
                }
            }
            let height = rows.len() / stride;
            for block in sums.chunks(self.step * 4) {
                let count = (height * block.len() / 4).max(1) as u64;
                for channel in 0..4 {
                    let sum: u64 = block.iter().skip(channel).step_by(4).map(|&s| u64::from(s)).sum();
                    texels.push(mean(sum, count) as u8);
                }
            }
        }
        self.finish(TexelKind::Rgb, 0, Texels::Rgba8(texels))
    }
}

/// The mean of unsigned values, to the nearest, halves up.
fn mean(sum: u64, count: u64) -> u64 {
    (sum + count / 2) / count.max(1)
}

/// Where there is padding, column sums carry the number of valid samples in their upper byte: that of
/// a block of 64 rows, the most there is, and the sum of their values both have room for their signs.
const ONE_VALID: i32 = 1 << 24;

const _: () = assert!(MAX_LEVEL <= 6);

/// From column sums to the texels of a row of blocks.
struct Means {
    level: u32,
    fraction: u32,
    /// What the container can hold.
    bounds: (i32, i32),
    padding: Option<FixedRange>,
}

impl Means {
    /// False where a mean did not fit into the container.
    fn row(&self, sums: &[i32], rows: usize, out: &mut [u16]) -> bool {
        match self.level {
            0 => self.blocks::<1>(sums, rows, out),
            1 => self.blocks::<2>(sums, rows, out),
            2 => self.blocks::<4>(sums, rows, out),
            3 => self.blocks::<8>(sums, rows, out),
            4 => self.blocks::<16>(sums, rows, out),
            5 => self.blocks::<32>(sums, rows, out),
            _ => self.blocks::<64>(sums, rows, out),
        }
    }

    /// Blocks of a known width, so that the loops over them unroll.
    fn blocks<const N: usize>(&self, sums: &[i32], rows: usize, out: &mut [u16]) -> bool {
        let (whole, rest) = sums.as_chunks::<N>();
        let (out_whole, out_rest) = out.split_at_mut(whole.len().min(out.len()));
        let mut fits = true;
        if let Some(padding) = &self.padding {
            for (out, block) in out_whole.iter_mut().zip(whole) {
                let (sum, count) = counted(block);
                *out = if count == (N * N) as i32 && rows == N {
                    let mean = self.whole_mean(sum);
                    fits &= (self.bounds.0..=self.bounds.1).contains(&mean);
                    padding.outside(i64::from(mean)) as u16
                } else {
                    self.valid_mean(sum, count, padding, &mut fits)
                };
            }
            let (sum, count) = counted(rest);
            for out in out_rest {
                *out = self.valid_mean(sum, count, padding, &mut fits);
            }
            return fits;
        }
        // the largest sums a fitting mean can come from: no value is above what is declared
        let count = (N * rows) as i32;
        let (least, most) =
            ((self.bounds.0 >> self.fraction) * count, (self.bounds.1 >> self.fraction) * count);
        if rows == N {
            for (out, block) in out_whole.iter_mut().zip(whole) {
                let sum = block.iter().sum::<i32>();
                fits &= (least <= sum) & (sum <= most);
                *out = self.whole_mean(sum) as u16;
            }
        } else {
            for (out, block) in out_whole.iter_mut().zip(whole) {
                *out = self.any_mean(block.iter().sum(), count, &mut fits) as u16;
            }
        }
        if !rest.is_empty() {
            let mean = self.any_mean(rest.iter().sum(), (rest.len() * rows) as i32, &mut fits);
            for out in out_rest {
                *out = mean as u16;
            }
        }
        fits
    }

    /// A mean in fixed point, to the nearest, halves up.
    fn any_mean(&self, sum: i32, count: i32, fits: &mut bool) -> i32 {
        let (sum, count) = (i64::from(sum) << self.fraction, i64::from(count.max(1)));
        let mean = (sum + count / 2).div_euclid(count);
        let (least, most) = (i64::from(self.bounds.0), i64::from(self.bounds.1));
        *fits &= (least..=most).contains(&mean);
        mean.clamp(least, most) as i32
    }

    /// The mean of a block without gaps, where the division is a shift. Sums that overflow here are
    /// those of means that do not fit.
    fn whole_mean(&self, sum: i32) -> i32 {
        let shift = 2 * self.level;
        (sum.wrapping_shl(self.fraction).wrapping_add((1 << shift) / 2)) >> shift
    }

    /// The mean of what is valid in a block, moved out of the padding; or padding.
    fn valid_mean(&self, sum: i32, count: i32, padding: &FixedRange, fits: &mut bool) -> u16 {
        if count == 0 {
            return padding.lo as u16;
        }
        padding.outside(i64::from(self.any_mean(sum, count, fits))) as u16
    }
}

/// Takes sum and number of valid samples apart.
fn counted(block: &[i32]) -> (i32, i32) {
    let count: i32 = block.iter().map(|&column| (column + ONE_VALID / 2) >> 24).sum();
    let both = block.iter().fold(0i32, |sum, &column| sum.wrapping_add(column));
    (both.wrapping_sub(count.wrapping_shl(24)), count)
}

/// The padding of a reduced level, in the fixed point of its texels.
struct FixedRange {
    lo: i64,
    hi: i64,
    bounds: (i64, i64),
}

impl FixedRange {
    /// `None` where no sample of the container can be padding.
    fn new(padding: &Padding, fraction: u32, bounds: (impl Into<i64>, impl Into<i64>)) -> Option<Self> {
        let bounds = (bounds.0.into(), bounds.1.into());
        let scale = f64::from(1u32 << fraction);
        let lo = ((padding.lo * scale).ceil() as i64).max(bounds.0);
        let hi = ((padding.hi * scale).floor() as i64).min(bounds.1);
        (lo <= hi).then_some(Self { lo, hi, bounds })
    }

    /// A mean of valid samples must not be taken for padding: it is moved to the nearest value beside.
    fn outside(&self, mean: i64) -> i64 {
        if mean < self.lo || mean > self.hi {
            return mean;
        }
        let down_is_nearer = mean - self.lo < self.hi - mean;
        let (can_go_down, can_go_up) = (self.lo > self.bounds.0, self.hi < self.bounds.1);
        if can_go_down && (down_is_nearer || !can_go_up) { self.lo - 1 } else { self.hi + 1 }
    }
}

/// The nearest `f32` outside the padding.
fn beside(padding: &Padding, mean: f32) -> f32 {
    let (mut down, mut up) = (padding.lo as f32, padding.hi as f32);
    while padding.contains(f64::from(down)) && down > f32::MIN {
        down = down.next_down();
    }
    while padding.contains(f64::from(up)) && up < f32::MAX {
        up = up.next_up();
    }
    if mean - down < up - mean { down } else { up }
}

#[cfg(test)]
#[path = "pyramid_tests.rs"]
mod tests;
