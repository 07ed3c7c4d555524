//! The lossless process (T.81 annex H): every sample predicted from its neighbours.

use super::huffman::Bits;
use super::plain::{Differences, Interval, Reader};
use super::{FrameHeader, Scan, State, damaged};
use crate::dicom::Error;

/// The samples decoded so far, interleaved.
pub(super) struct Image {
    samples: Vec<u16>,
    channels: usize,
    /// Bits cut off before coding, to be put back.
    shift: u8,
}

impl Image {
    pub(super) fn new(header: &FrameHeader) -> Result<Self, Error> {
        let channels = header.components.len();
        if header.components.iter().any(|c| (c.h, c.v) != (header.h_max, header.v_max)) {
            return Err(damaged("lossless images with subsampled colour are not supported"));
        }
        let count = header.rows * header.columns * channels;
        Ok(Self { samples: vec![0; count], channels, shift: 0 })
    }

    pub(super) fn scan(
        &mut self,
        header: &FrameHeader,
        state: &State,
        scan: &Scan,
        bits: &mut Bits<'_>,
    ) -> Result<bool, Error> {
        let shift = scan.low;
        if u32::from(shift) + 1 > u32::from(header.precision) {
            return Err(damaged("the point transform is impossible"));
        }
        self.shift = self.shift.max(shift);
        let mut tables = Vec::with_capacity(scan.components.len());
        for &(index, dc, _) in &scan.components {
            tables.push((index, Differences::new(state.dc(dc)?)));
        }
        let job = Job {
            columns: header.columns,
            channels: self.channels,
            tables,
            first: 1 << (u32::from(header.precision) - u32::from(shift) - 1),
            shift,
            restart: state.restart,
        };
        match scan.start {
            1 => job.run::<1>(&mut self.samples, bits),
            2 => job.run::<2>(&mut self.samples, bits),
            3 => job.run::<3>(&mut self.samples, bits),
            4 => job.run::<4>(&mut self.samples, bits),
            5 => job.run::<5>(&mut self.samples, bits),
            6 => job.run::<6>(&mut self.samples, bits),
            7 => job.run::<7>(&mut self.samples, bits),
            other => Err(damaged(format!("predictor {other} does not exist"))),
        }
    }

    pub(super) fn finish(self) -> Vec<u16> {
        let mut samples = self.samples;
        if self.shift > 0 {
            for sample in &mut samples {
                *sample <<= self.shift;
            }
        }
        samples
    }
}

/// One scan.
struct Job<'t> {
    columns: usize,
    channels: usize,
    tables: Vec<(usize, Differences<'t>)>,
    /// The prediction where there is no neighbour.
    first: i32,
    shift: u8,
    restart: usize,
}

impl Job<'_> {
    fn run<const PREDICTOR: u8>(&self, samples: &mut [u16], bits: &mut Bits<'_>) -> Result<bool, Error> {
        debug_assert!(self.shift < 16);
        let stride = self.columns * self.channels;
        // Restarts fall on line ends (T.81 H.1.1); a writer that does otherwise cannot be followed.
        if !self.restart.is_multiple_of(self.columns) {
            return Err(damaged("its restart interval is not a whole number of lines"));
        }
        let lines_per_restart = self.restart / self.columns;
        let mut lines = samples.chunks_exact_mut(stride);
        let mut above: &mut [u16] = &mut [];
        let mut interval = Interval::default();
        interval.fill(bits.data(), bits.position());
        bits.go_to(interval.end);
        let mut reader = interval.reader();
        for (row, line) in (0usize..).zip(&mut lines) {
            let restarted = lines_per_restart > 0 && row > 0 && row % lines_per_restart == 0;
            if restarted {
                if !interval.restart(bits.data()) {
                    return Ok(false);
                }
                bits.go_to(interval.end);
                reader = interval.reader();
            }
            let above_here: &[u16] = if restarted { &[] } else { above };
            reader = match self.tables.as_slice() {
                [(_, table)] if self.channels == 1 => {
                    self.gray_line::<PREDICTOR>(above_here, line, table, reader)?
                }
                _ => self.color_line::<PREDICTOR>(above_here, line, reader)?,
            };
            if reader.exhausted() {
                return Ok(false);
            }
            above = line;
        }
        Ok(true)
    }

    /// A line of the only component.
    #[inline]
    fn gray_line<'r, const PREDICTOR: u8>(
        &self,
        above: &[u16],
        line: &mut [u16],
        table: &Differences<'_>,
        mut bits: Reader<'r>,
    ) -> Result<Reader<'r>, Error> {
        let Some((start, rest)) = line.split_first_mut() else { return Ok(bits) };
        let before = above.first().map_or(self.first, |&v| i32::from(v));
        let mut left = add(before, table.next(&mut bits)?);
        *start = left as u16;
        let Some((corner, above)) = above.split_first() else {
            for sample in rest {
                left = add(left, table.next(&mut bits)?);
                *sample = left as u16;
            }
            return Ok(bits);
        };
        let mut corner = i32::from(*corner);
        for (sample, &up) in rest.iter_mut().zip(above) {
            let up = i32::from(up);
            left = add(predict::<PREDICTOR>(left, up, corner), table.next(&mut bits)?);
            *sample = left as u16;
            corner = up;
        }
        Ok(bits)
    }

    /// A line of one or several of several components.
    fn color_line<'r, const PREDICTOR: u8>(
        &self,
        above: &[u16],
        line: &mut [u16],
        mut bits: Reader<'r>,
    ) -> Result<Reader<'r>, Error> {
        let channels = self.channels;
        let at = |values: &[u16], index: usize| values.get(index).map_or(0, |&v| i32::from(v));
        for column in 0..self.columns {
            for (channel, table) in &self.tables {
                let here = column * channels + channel;
                let prediction = match (above.is_empty(), column) {
                    (true, 0) => self.first,
                    (true, _) => at(line, here - channels),
                    (false, 0) => at(above, here),
                    (false, _) => predict::<PREDICTOR>(
                        at(line, here - channels),
                        at(above, here),
                        at(above, here - channels),
                    ),
                };
                let value = add(prediction, table.next(&mut bits)?);
                if let Some(sample) = line.get_mut(here) {
                    *sample = value as u16;
                }
            }
        }
        Ok(bits)
    }
}

/// Modulo 65536, as the standard has it.
#[inline]
fn add(prediction: i32, difference: i32) -> i32 {
    (prediction + difference) & 0xFFFF
}

/// Table H.1.
#[inline]
fn predict<const PREDICTOR: u8>(left: i32, up: i32, corner: i32) -> i32 {
    match PREDICTOR {
        1 => left,
        2 => up,
        3 => corner,
        4 => left + up - corner,
        5 => left + ((up - corner) >> 1),
        6 => up + ((left - corner) >> 1),
        _ => (left + up) >> 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictors_of_table_h1() {
        let (left, up, corner) = (10, 21, 4);
        let all = [
            predict::<1>(left, up, corner),
            predict::<2>(left, up, corner),
            predict::<3>(left, up, corner),
            predict::<4>(left, up, corner),
            predict::<5>(left, up, corner),
            predict::<6>(left, up, corner),
            predict::<7>(left, up, corner),
        ];
        assert_eq!(all, [10, 21, 4, 27, 18, 24, 15]);
    }
}
