//! The progressive process (T.81 annex G): coefficients collected over many scans, transformed at the end.

use super::dct::{self, Block, Walk};
use super::huffman::{Bits, Table};
use super::idct::{Sample, ZIGZAG};
use super::{FrameHeader, Scan, State, damaged};
use crate::dicom::Error;

/// Coefficients of one component.
struct Component {
    blocks: Vec<[i16; 64]>,
    across: usize,
}

/// Everything the scans have said so far.
pub(super) struct Image {
    components: Vec<Component>,
    /// Blocks visited by all scans together.
    work: u64,
}

/// Blocks all scans of one image may visit: far above any real image.
const MAX_WORK: u64 = 200_000_000;

impl Image {
    pub(super) fn new(header: &FrameHeader) -> Self {
        let (across, down) = header.units(8);
        let components = header
            .components
            .iter()
            .map(|c| Component { blocks: vec![[0; 64]; across * c.h * down * c.v], across: across * c.h })
            .collect();
        Self { components, work: 0 }
    }

    pub(super) fn scan(
        &mut self,
        header: &FrameHeader,
        state: &State,
        scan: &Scan,
        bits: &mut Bits<'_>,
    ) -> Result<bool, Error> {
        let (start, end) = (usize::from(scan.start), usize::from(scan.end));
        let dc = start == 0;
        if end > 63 || start > end || (dc && end != 0) || (!dc && scan.components.len() != 1) {
            return Err(damaged("a spectral selection is impossible"));
        }
        if scan.low > 13 {
            return Err(damaged("an approximation is impossible"));
        }
        let walk = Walk::new(header, scan);
        self.work += walk.units() as u64;
        if self.work > MAX_WORK {
            return Err(damaged("it has too many scans"));
        }
        let mut tables: Vec<Option<&Table>> = Vec::new();
        for &(_, dc_slot, ac_slot) in &scan.components {
            tables.push(match (dc, scan.high) {
                (true, 0) => Some(state.dc(dc_slot)?),
                (true, _) => None,
                (false, _) => Some(state.ac(ac_slot)?),
            });
        }
        let mut last = vec![0i32; tables.len()];
        let mut band = Band { start, end, low: scan.low, run: 0 };
        for unit in 0..walk.units() {
            if state.restart > 0 && unit > 0 && unit % state.restart == 0 {
                if !bits.restart() {
                    return Ok(false);
                }
                last.fill(0);
                band.run = 0;
            }
            for (place, coder) in walk.blocks(unit).zip(walk.coders()) {
                let Some(component) = self.components.get_mut(place.component) else { continue };
                let index = place.down * component.across + place.across;
                let Some(block) = component.blocks.get_mut(index) else { continue };
                let table = tables.get(coder).copied().flatten();
                match (dc, scan.high, table) {
                    (true, 0, Some(table)) => {
                        let size = u32::from(bits.decode(table)?.min(15));
                        let Some(last) = last.get_mut(coder) else { continue };
                        *last = last.wrapping_add(bits.take_signed(size));
                        block[0] = (*last << scan.low) as i16;
                    }
                    (true, ..) => {
                        bits.refill();
                        block[0] |= (bits.take(1) << scan.low) as i16;
                    }
                    (false, 0, Some(table)) => band.first(block, table, bits)?,
                    (false, _, Some(table)) => band.refine(block, table, bits)?,
                    (false, _, None) => {}
                }
            }
            if bits.exhausted() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Dequantises and transforms everything.
    pub(super) fn into_samples<S: Sample>(
        self,
        header: &FrameHeader,
        state: &State,
    ) -> Result<dct::Image<S>, Error> {
        let mut image = dct::Image::new(header);
        let targets = image.planes.iter_mut().zip(&header.components);
        for (from, (plane, component)) in self.components.into_iter().zip(targets) {
            let quantiser = state.quantiser(component)?;
            for (index, block) in from.blocks.iter().enumerate() {
                let mut coefficients = [0f32; 64];
                for ((to, &value), &step) in coefficients.iter_mut().zip(block).zip(quantiser) {
                    *to = f32::from(value) * f32::from(step);
                }
                let only_dc = block.iter().skip(1).all(|&c| c == 0);
                let block = Block { coefficients, only_dc };
                plane.put(index % from.across, index / from.across, &block);
            }
        }
        Ok(image)
    }
}

/// A band of AC coefficients being read.
struct Band {
    start: usize,
    end: usize,
    low: u8,
    /// Blocks still to be passed over (the end-of-band run).
    run: u32,
}

impl Band {
    /// The first scan of a band (G.1.2.2).
    fn first(&mut self, block: &mut [i16; 64], table: &Table, bits: &mut Bits<'_>) -> Result<(), Error> {
        if self.run > 0 {
            self.run -= 1;
            return Ok(());
        }
        let mut k = self.start;
        while k <= self.end {
            let symbol = bits.decode(table)?;
            let (zeros, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 {
                if zeros < 15 {
                    self.run = (1 << zeros) - 1 + bits.take(zeros as u32);
                    return Ok(());
                }
                k += 16;
                continue;
            }
            k += zeros;
            let value = bits.take_signed(size);
            if k <= self.end {
                set(block, k, (value << self.low) as i16);
            }
            k += 1;
        }
        Ok(())
    }

    /// A later scan, which adds one bit to each coefficient of a band (G.1.2.3).
    fn refine(&mut self, block: &mut [i16; 64], table: &Table, bits: &mut Bits<'_>) -> Result<(), Error> {
        let bit = 1i16 << self.low;
        let mut k = self.start;
        if self.run == 0 {
            while k <= self.end {
                let symbol = bits.decode(table)?;
                let (mut zeros, size) = (u32::from(symbol >> 4), symbol & 15);
                let mut value = 0;
                if size == 0 {
                    if zeros < 15 {
                        self.run = (1 << zeros) + bits.take(zeros);
                        break;
                    }
                } else {
                    value = if bits.take(1) == 1 { bit } else { -bit };
                }
                // Pass over `zeros` coefficients without history; the others get their bit.
                while k <= self.end {
                    let known = get(block, k);
                    if known != 0 {
                        set(block, k, refined(known, bit, bits));
                    } else if zeros == 0 {
                        if value != 0 {
                            set(block, k, value);
                        }
                        k += 1;
                        break;
                    } else {
                        zeros -= 1;
                    }
                    k += 1;
                }
            }
        }
        if self.run > 0 {
            while k <= self.end {
                let known = get(block, k);
                if known != 0 {
                    set(block, k, refined(known, bit, bits));
                }
                k += 1;
            }
            self.run -= 1;
        }
        Ok(())
    }
}

fn get(block: &[i16; 64], k: usize) -> i16 {
    let natural = ZIGZAG.get(k).map_or(0, |&n| usize::from(n));
    block.get(natural).copied().unwrap_or(0)
}

fn set(block: &mut [i16; 64], k: usize, value: i16) {
    let natural = ZIGZAG.get(k).map_or(0, |&n| usize::from(n));
    if let Some(to) = block.get_mut(natural) {
        *to = value;
    }
}

fn refined(known: i16, bit: i16, bits: &mut Bits<'_>) -> i16 {
    if bits.take(1) == 0 || known & bit != 0 {
        return known;
    }
    if known > 0 { known.wrapping_add(bit) } else { known.wrapping_sub(bit) }
}
