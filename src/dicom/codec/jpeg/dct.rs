//! The sequential DCT processes: blocks decoded, transformed and put in their place at once.

use super::huffman::{Bits, Table};
use super::idct::{Sample, ZIGZAG, transform};
use super::upsample;
use super::{FrameHeader, Scan, State, damaged};
use crate::dicom::Error;

/// Samples of one component, in whole blocks.
pub(super) struct Plane<S> {
    pub(super) samples: Vec<S>,
    pub(super) stride: usize,
}

impl<S: Sample> Plane<S> {
    /// Room for all blocks of an interleaved scan.
    pub(super) fn new(blocks_across: usize, blocks_down: usize) -> Self {
        let gray = S::from_level(0.0);
        Self { samples: vec![gray; blocks_across * blocks_down * 64], stride: blocks_across * 8 }
    }

    /// Transforms one block into its place.
    pub(super) fn put(&mut self, across: usize, down: usize, block: &Block) {
        let first = down * 8 * self.stride + across * 8;
        let lines = self.samples.get_mut(first..).unwrap_or_default().chunks_mut(self.stride);
        if block.only_dc {
            let value = S::from_level(block.coefficients[0] / 8.0);
            for line in lines.take(8) {
                if let Some(to) = line.first_chunk_mut::<8>() {
                    *to = [value; 8];
                }
            }
            return;
        }
        for (line, row) in lines.zip(transform(&block.coefficients)) {
            if let Some(to) = line.first_chunk_mut::<8>() {
                *to = row.map(S::from_level);
            }
        }
    }
}

/// Dequantised coefficients in natural order.
pub(super) struct Block {
    pub(super) coefficients: [f32; 64],
    pub(super) only_dc: bool,
}

/// The image so far, one plane a component.
pub(super) struct Image<S> {
    pub(super) planes: Vec<Plane<S>>,
}

impl<S: Sample> Image<S> {
    pub(super) fn new(header: &FrameHeader) -> Self {
        let (across, down) = header.units(8);
        let planes = header.components.iter().map(|c| Plane::new(across * c.h, down * c.v)).collect();
        Self { planes }
    }

    pub(super) fn scan(
        &mut self,
        header: &FrameHeader,
        state: &State,
        scan: &Scan,
        bits: &mut Bits<'_>,
    ) -> Result<bool, Error> {
        let mut coders = Vec::with_capacity(scan.components.len());
        for &(index, dc, ac) in &scan.components {
            let component = header.components.get(index).ok_or_else(|| damaged("a scan is wrong"))?;
            coders.push(Coder {
                dc: state.dc(dc)?,
                ac: state.ac(ac)?,
                quantiser: state.quantiser(component)?,
                last: 0,
            });
        }
        let walk = Walk::new(header, scan);
        for unit in 0..walk.units() {
            if state.restart > 0 && unit > 0 && unit % state.restart == 0 {
                if !bits.restart() {
                    return Ok(false);
                }
                for coder in &mut coders {
                    coder.last = 0;
                }
            }
            for (place, coder) in walk.blocks(unit).zip(walk.coders()) {
                let Some(coder) = coders.get_mut(coder) else { continue };
                let block = coder.block(bits)?;
                if let Some(plane) = self.planes.get_mut(place.component) {
                    plane.put(place.across, place.down, &block);
                }
            }
            if bits.exhausted() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All components at full size, interleaved.
    pub(super) fn finish(self, header: &FrameHeader) -> Vec<S> {
        upsample::interleave(header, &self.planes)
    }
}

/// Where a block of a coded unit belongs.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) component: usize,
    pub(super) across: usize,
    pub(super) down: usize,
}

/// The order in which a scan holds its blocks (T.81 A.2).
pub(super) struct Walk {
    units_across: usize,
    units_down: usize,
    /// Component, coder, and position within the unit.
    pattern: Vec<(usize, usize, usize, usize)>,
    /// Blocks of a unit in each direction, by entry of the pattern.
    steps: Vec<(usize, usize)>,
}

impl Walk {
    pub(super) fn new(header: &FrameHeader, scan: &Scan) -> Self {
        if let &[(index, ..)] = scan.components.as_slice() {
            let extent = header.components.get(index).map_or((0, 0), |c| header.extent(c));
            return Self {
                units_across: extent.0.div_ceil(8),
                units_down: extent.1.div_ceil(8),
                pattern: vec![(index, 0, 0, 0)],
                steps: vec![(1, 1)],
            };
        }
        let (units_across, units_down) = header.units(8);
        let (mut pattern, mut steps) = (Vec::new(), Vec::new());
        for (coder, &(index, ..)) in scan.components.iter().enumerate() {
            let Some(component) = header.components.get(index) else { continue };
            for y in 0..component.v {
                for x in 0..component.h {
                    pattern.push((index, coder, x, y));
                    steps.push((component.h, component.v));
                }
            }
        }
        Self { units_across, units_down, pattern, steps }
    }

    pub(super) fn units(&self) -> usize {
        self.units_across * self.units_down
    }

    /// The blocks of one unit.
    pub(super) fn blocks(&self, unit: usize) -> impl Iterator<Item = Place> + '_ {
        let (x, y) = (unit % self.units_across, unit / self.units_across);
        self.pattern.iter().zip(&self.steps).map(move |(&(component, _, dx, dy), &(h, v))| Place {
            component,
            across: x * h + dx,
            down: y * v + dy,
        })
    }

    /// The coder of each block of a unit.
    pub(super) fn coders(&self) -> impl Iterator<Item = usize> + '_ {
        self.pattern.iter().map(|p| p.1)
    }
}

/// What decodes the blocks of one component.
struct Coder<'t> {
    dc: &'t Table,
    ac: &'t Table,
    quantiser: &'t [u16; 64],
    last: i32,
}

impl Coder<'_> {
    /// One block (T.81 F.2.2).
    #[inline]
    fn block(&mut self, bits: &mut Bits<'_>) -> Result<Block, Error> {
        let size = u32::from(bits.decode(self.dc)?);
        if size > 15 {
            return Err(damaged("a difference is impossible"));
        }
        self.last = self.last.wrapping_add(bits.take_signed(size));
        let mut coefficients = [0f32; 64];
        coefficients[0] = self.last as f32 * f32::from(self.quantiser[0]);
        let mut k = 1;
        let mut only_dc = true;
        while k < 64 {
            let symbol = bits.decode(self.ac)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 {
                if run != 15 {
                    break;
                }
                k += 16;
                continue;
            }
            k += run;
            let value = bits.take_signed(size);
            let Some(&natural) = ZIGZAG.get(k) else { break };
            let natural = usize::from(natural & 63);
            coefficients[natural] = value as f32 * f32::from(self.quantiser[natural]);
            only_dc = false;
            k += 1;
        }
        Ok(Block { coefficients, only_dc })
    }
}
