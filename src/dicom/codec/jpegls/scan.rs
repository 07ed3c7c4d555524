//! One scan of JPEG-LS: contexts, runs and their interruptions (T.87 annex A).

use super::bits::Bits;
use super::{Interleave, damaged};
use crate::dicom::Error;

/// Coding parameters of an LSE segment; zero means the default.
#[derive(Debug, Clone, Default)]
pub(super) struct Preset {
    pub(super) max: i32,
    pub(super) thresholds: [i32; 3],
    pub(super) reset: i32,
}

/// Everything that stays the same during a scan (A.2, C.2.4.1.1).
pub(super) struct Settings {
    max: i32,
    near: i32,
    /// `2 * near + 1`.
    step: i32,
    range: i32,
    reset: i32,
    limit: u32,
    escape: u32,
    /// Quantised gradients, for differences from `-max` to `max`.
    quantised: Vec<i8>,
}

impl Settings {
    pub(super) fn new(precision: u8, near: i32, preset: &Preset) -> Result<Self, Error> {
        let full = (1i32 << precision) - 1;
        let max = if preset.max == 0 { full } else { preset.max };
        if max > full || max < 1 || near > (max / 2).min(255) {
            return Err(damaged("its coding parameters are impossible"));
        }
        let defaults = default_thresholds(max, near);
        let chosen = |given: i32, default: i32| if given == 0 { default } else { given };
        let [t1, t2, t3] =
            [0, 1, 2].map(|i: usize| chosen(preset.thresholds.get(i).copied().unwrap_or(0), defaults[i % 3]));
        if t1 <= near || t2 < t1 || t3 < t2 || t3 > max.max(4) {
            return Err(damaged("its thresholds are impossible"));
        }
        let step = 2 * near + 1;
        let range = (max + 2 * near) / step + 1;
        let bits = |value: i32| (value - 1).max(1).ilog2() + 1;
        let (escape, depth) = (bits(range), bits(max + 1).max(2));
        let quantise = |d: i32| {
            let level = match d.abs() {
                d if d <= near => 0,
                d if d < t1 => 1,
                d if d < t2 => 2,
                d if d < t3 => 3,
                _ => 4,
            };
            if d < 0 { -level } else { level }
        };
        Ok(Self {
            max,
            near,
            step,
            range,
            reset: chosen(preset.reset, 64).max(3),
            limit: 2 * (depth + depth.max(8)),
            escape,
            quantised: (-max..=max).map(quantise).collect(),
        })
    }

    #[inline]
    fn quantise(&self, difference: i32) -> i32 {
        self.quantised.get((difference + self.max) as usize).map_or(0, |&q| i32::from(q))
    }

    /// A prediction and an error give a sample (A.4.5, A.8).
    #[inline]
    fn reconstruct(&self, prediction: i32, error: i32) -> i32 {
        let mut value = prediction + error * self.step;
        if value < -self.near {
            value += self.range * self.step;
        } else if value > self.max + self.near {
            value -= self.range * self.step;
        }
        value.clamp(0, self.max)
    }
}

fn default_thresholds(max: i32, near: i32) -> [i32; 3] {
    let clamp = |value: i32, low: i32| if value > max || value < low { low } else { value };
    if max >= 128 {
        let factor = (max.min(4095) + 128) / 256;
        let t1 = clamp(factor + 2 + 3 * near, near + 1);
        let t2 = clamp(factor * 4 + 3 + 5 * near, t1);
        [t1, t2, clamp(factor * 17 + 4 + 7 * near, t2)]
    } else {
        let factor = 256 / (max + 1);
        let t1 = clamp((3 / factor + 3 * near).max(2), near + 1);
        let t2 = clamp((7 / factor + 5 * near).max(3), t1);
        [t1, t2, clamp((21 / factor + 7 * near).max(4), t2)]
    }
}

/// Where the samples of a scan go.
pub(super) struct Target<'a> {
    /// Of the whole image, interleaved.
    pub(super) samples: &'a mut [u16],
    pub(super) columns: usize,
    /// Components of the image.
    pub(super) stride: usize,
    /// Those of the scan.
    pub(super) channels: &'a [usize],
    /// Lines after which everything begins anew; zero for never.
    pub(super) restart: usize,
}

/// Decodes a scan; `false` when its data ended early.
pub(super) fn decode(
    settings: &Settings,
    interleave: Interleave,
    target: Target<'_>,
    bits: &mut Bits<'_>,
) -> bool {
    let Target { samples, columns, stride, channels, restart } = target;
    let mut coder = Coder::new(settings, bits);
    // One sample more at each end: the edges of A.2.1.
    let mut lines: Vec<Line> = channels.iter().map(|_| Line::new(columns)).collect();
    for (number, row) in samples.chunks_exact_mut(columns * stride).enumerate() {
        if restart > 0 && number > 0 && number % restart == 0 {
            if !coder.bits.restart() {
                return false;
            }
            coder.forget();
            lines.fill_with(|| Line::new(columns));
        }
        for line in &mut lines {
            line.turn();
        }
        if interleave == Interleave::Sample {
            coder.sample_line(&mut lines, columns);
        } else {
            for line in &mut lines {
                coder.line(line, columns);
            }
        }
        for (line, &channel) in lines.iter().zip(channels) {
            let from = line.current.iter().skip(1);
            for (to, &value) in row.iter_mut().skip(channel).step_by(stride).zip(from) {
                *to = value as u16;
            }
        }
        if coder.bits.exhausted() {
            return false;
        }
    }
    true
}

/// The current and the previous line of a component, with one sample of edge on either side.
struct Line {
    current: Vec<i32>,
    previous: Vec<i32>,
    run_index: usize,
}

impl Line {
    fn new(columns: usize) -> Self {
        Self { current: vec![0; columns + 2], previous: vec![0; columns + 2], run_index: 0 }
    }

    /// Begins the next line.
    fn turn(&mut self) {
        std::mem::swap(&mut self.current, &mut self.previous);
        let last = self.previous.len() - 1;
        if let Some(&value) = self.previous.get(last - 1)
            && let Some(edge) = self.previous.get_mut(last)
        {
            *edge = value;
        }
        if let (Some(edge), Some(&above)) = (self.current.first_mut(), self.previous.get(1)) {
            *edge = above;
        }
    }

    #[inline]
    fn neighbours(&self, x: usize) -> Neighbours {
        let (above, left) = (self.previous.get(x - 1..x + 2), self.current.get(x - 1));
        match (above, left) {
            (Some(&[c, b, d]), Some(&a)) => Neighbours { a, b, c, d },
            _ => Neighbours { a: 0, b: 0, c: 0, d: 0 },
        }
    }

    #[inline]
    fn set(&mut self, x: usize, value: i32) {
        if let Some(to) = self.current.get_mut(x) {
            *to = value;
        }
    }
}

/// Left, above, above left, above right.
#[derive(Clone, Copy)]
struct Neighbours {
    a: i32,
    b: i32,
    c: i32,
    d: i32,
}

/// The statistics of one context.
#[derive(Clone, Copy)]
struct Context {
    a: i32,
    b: i32,
    c: i32,
    n: i32,
}

/// No mapped error of 16-bit samples is larger; damaged data may claim so.
const MOST: i32 = 1 << 17;

/// Orders of run segments (A.2.1).
const RUN_ORDER: [u8; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

struct Coder<'s, 'b, 'd> {
    settings: &'s Settings,
    bits: &'b mut Bits<'d>,
    /// 365 of them are used; the size makes an index mask a proof.
    contexts: Box<[Context; 512]>,
    /// For run interruptions; `b` counts the negative errors.
    interruptions: [Context; 2],
}

impl<'s, 'b, 'd> Coder<'s, 'b, 'd> {
    fn new(settings: &'s Settings, bits: &'b mut Bits<'d>) -> Self {
        let start = Context { a: ((settings.range + 32) / 64).max(2), b: 0, c: 0, n: 1 };
        Self { settings, bits, contexts: Box::new([start; 512]), interruptions: [start; 2] }
    }

    /// Statistics as they are at the beginning.
    fn forget(&mut self) {
        let start = Context { a: ((self.settings.range + 32) / 64).max(2), b: 0, c: 0, n: 1 };
        self.contexts.fill(start);
        self.interruptions = [start; 2];
    }

    /// A line of a component alone.
    fn line(&mut self, line: &mut Line, columns: usize) {
        let mut x = 1;
        while x <= columns {
            let near = line.neighbours(x);
            let context = self.context(near);
            if context == 0 {
                x += self.run(line, x, columns);
            } else {
                let value = self.regular(near, context);
                line.set(x, value);
                x += 1;
            }
        }
    }

    /// A line of several components, sample by sample.
    fn sample_line(&mut self, lines: &mut [Line], columns: usize) {
        let mut x = 1;
        while x <= columns {
            if lines.iter().all(|l| self.context(l.neighbours(x)) == 0) {
                x += self.shared_run(lines, x, columns);
                continue;
            }
            for line in lines.iter_mut() {
                let near = line.neighbours(x);
                let value = self.regular(near, self.context(near));
                line.set(x, value);
            }
            x += 1;
        }
    }

    /// The signed context number (A.3.3, A.3.4); zero means run mode.
    #[inline]
    fn context(&self, near: Neighbours) -> i32 {
        let s = self.settings;
        let first = s.quantise(near.d - near.b);
        let second = s.quantise(near.b - near.c);
        let third = s.quantise(near.c - near.a);
        81 * first + 9 * second + third
    }

    /// A sample in regular mode (A.4 to A.6).
    #[inline]
    fn regular(&mut self, near: Neighbours, context: i32) -> i32 {
        let s = self.settings;
        let negative = context < 0;
        let state = &mut self.contexts[context.unsigned_abs() as usize & 511];
        let Neighbours { a, b, c, .. } = near;
        let (low, high) = (a.min(b), a.max(b));
        let predicted = if c >= high {
            low
        } else if c <= low {
            high
        } else {
            a + b - c
        };
        let correction = if negative { -state.c } else { state.c };
        let predicted = (predicted + correction).clamp(0, s.max);
        let k = order(state.n, state.a);
        let mapped = self.bits.golomb(k, s.limit, s.escape).min(MOST);
        let inverted = s.near == 0 && k == 0 && 2 * state.b <= -state.n;
        // Even means positive, odd negative; the other way round where errors lean to one side.
        let mut error = (mapped >> 1) ^ -(mapped & 1);
        if inverted {
            error = !error;
        }
        state.b += error * s.step;
        state.a = state.a.saturating_add(error.abs());
        if state.n >= s.reset {
            state.a >>= 1;
            state.b >>= 1;
            state.n >>= 1;
        }
        state.n += 1;
        if state.b <= -state.n {
            state.b = (state.b + state.n).max(1 - state.n);
            state.c = (state.c - 1).max(-128);
        } else if state.b > 0 {
            state.b = (state.b - state.n).min(0);
            state.c = (state.c + 1).min(127);
        }
        s.reconstruct(predicted, if negative { -error } else { error })
    }

    /// A run and what interrupts it (A.7); answers how many samples that made.
    fn run(&mut self, line: &mut Line, x: usize, columns: usize) -> usize {
        let left = line.neighbours(x).a;
        let length = self.run_length(&mut line.run_index, columns + 1 - x);
        if let Some(run) = line.current.get_mut(x..x + length) {
            run.fill(left);
        }
        if x + length > columns {
            return length;
        }
        let near = line.neighbours(x + length);
        let alike = (near.a - near.b).abs() <= self.settings.near;
        let error = self.interruption(usize::from(alike), line.run_index);
        let value = if alike {
            self.settings.reconstruct(near.a, error)
        } else {
            self.settings.reconstruct(near.b, if near.a > near.b { -error } else { error })
        };
        line.set(x + length, value);
        line.run_index = line.run_index.saturating_sub(1);
        length + 1
    }

    /// A run all components share.
    fn shared_run(&mut self, lines: &mut [Line], x: usize, columns: usize) -> usize {
        let Some(first) = lines.first_mut() else { return columns };
        let mut index = first.run_index;
        let length = self.run_length(&mut index, columns + 1 - x);
        for line in lines.iter_mut() {
            let left = line.neighbours(x).a;
            if let Some(run) = line.current.get_mut(x..x + length) {
                run.fill(left);
            }
        }
        let mut total = length;
        if x + length <= columns {
            for line in lines.iter_mut() {
                let near = line.neighbours(x + length);
                let error = self.interruption(0, index);
                let error = if near.a > near.b { -error } else { error };
                let value = self.settings.reconstruct(near.b, error);
                line.set(x + length, value);
            }
            index = index.saturating_sub(1);
            total += 1;
        }
        if let Some(first) = lines.first_mut() {
            first.run_index = index;
        }
        total
    }

    /// Length of a run, at most `left` (A.7.1).
    fn run_length(&mut self, index: &mut usize, left: usize) -> usize {
        let mut length = 0;
        while self.bits.bit() {
            let segment = 1 << RUN_ORDER[*index & 31];
            let fits = segment <= left - length;
            length += segment.min(left - length);
            if fits && *index < 31 {
                *index += 1;
            }
            if length >= left || self.bits.exhausted() {
                return length.min(left);
            }
        }
        let rest = self.bits.take(u32::from(RUN_ORDER[*index & 31]));
        (length + rest as usize).min(left)
    }

    /// The error of the sample after a run (A.7.2).
    fn interruption(&mut self, kind: usize, run_index: usize) -> i32 {
        let s = self.settings;
        let state = &mut self.interruptions[kind & 1];
        let alike = (kind & 1) as i32;
        let k = order(state.n, state.a.saturating_add(alike * (state.n >> 1)));
        let limit = s.limit - u32::from(RUN_ORDER[run_index & 31]) - 1;
        let mapped = self.bits.golomb(k, limit, s.escape).min(MOST);
        let doubled = mapped + alike;
        let odd = doubled & 1 == 1;
        let size = (doubled + 1) >> 1;
        let error = if (k != 0 || 2 * state.b >= state.n) == odd { -size } else { size };
        if error < 0 {
            state.b += 1;
        }
        state.a = state.a.saturating_add((mapped + 1 - alike) >> 1);
        if state.n >= s.reset {
            state.a >>= 1;
            state.b >>= 1;
            state.n >>= 1;
        }
        state.n += 1;
        error
    }
}

/// The Golomb parameter: the smallest k with `n * 2^k >= a`.
#[inline]
fn order(n: i32, a: i32) -> u32 {
    let mut k = 0;
    while n << k < a && k < 24 {
        k += 1;
    }
    k
}

#[cfg(test)]
mod tests {
    use super::*;

    // The defaults of table C.3.
    #[test]
    fn default_thresholds_of_the_standard() {
        assert_eq!(default_thresholds(255, 0), [3, 7, 21]);
        assert_eq!(default_thresholds(4095, 0), [18, 67, 276]);
        assert_eq!(default_thresholds(65535, 0), [18, 67, 276]);
        assert_eq!(default_thresholds(255, 2), [9, 17, 35]);
    }

    #[test]
    fn parameters_follow_from_the_precision() {
        let settings = Settings::new(8, 0, &Preset::default()).unwrap();
        assert_eq!((settings.range, settings.escape, settings.limit), (256, 8, 32));
        let settings = Settings::new(12, 3, &Preset::default()).unwrap();
        assert_eq!((settings.range, settings.escape), (4101 / 7 + 1, 10));
        assert!(Settings::new(8, 200, &Preset::default()).is_err());
    }
}
