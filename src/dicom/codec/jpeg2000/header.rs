//! What the headers of a codestream say, read before anything is handed to the library: its size, and how
//! finely it is cut up, which costs memory as well.

use super::damaged;
use crate::dicom::Error;

/// What the main header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MainHeader {
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) channels: usize,
    pub(super) precision: u16,
    pub(super) signed: bool,
    /// The components went through a colour transform, which decoding undoes to RGB.
    pub(super) transformed: bool,
    /// Resolutions below the full one.
    pub(super) levels: u8,
}

/// However many tiles and precincts there are, this many are no burden.
const FEW: u64 = 4096;
/// Pixels for every tile or precinct beyond that: no encoder cuts images up more finely.
const PIXELS_A_PIECE: u64 = 1024;

impl MainHeader {
    pub(super) fn read(codestream: &[u8]) -> Result<Self, Error> {
        let cut = || damaged("its header is cut short");
        let word =
            |at: usize| codestream.get(at..).and_then(|b| b.first_chunk()).map(|b| u32::from_be_bytes(*b));
        let (x1, y1) = (word(8).ok_or_else(cut)?, word(12).ok_or_else(cut)?);
        let (x0, y0) = (word(16).ok_or_else(cut)?, word(20).ok_or_else(cut)?);
        let (tile_x, tile_y) = (word(24).ok_or_else(cut)?, word(28).ok_or_else(cut)?);
        if x1 <= x0 || y1 <= y0 || tile_x == 0 || tile_y == 0 {
            return Err(damaged("it has no size"));
        }
        let (columns, rows) = (x1 - x0, y1 - y0);
        let pixels = u64::from(columns) * u64::from(rows);
        let tiles = u64::from(columns.div_ceil(tile_x)) * u64::from(rows.div_ceil(tile_y));
        if tiles > 65_535 || tiles > FEW.max(pixels / PIXELS_A_PIECE) {
            return Err(damaged("it has too many tiles"));
        }
        let count = codestream.get(40..42).and_then(|b| b.first_chunk()).ok_or_else(cut)?;
        let channels = usize::from(u16::from_be_bytes(*count));
        if !matches!(channels, 1 | 3 | 4) {
            return Err(damaged(format!("{channels} components are not supported")));
        }
        let described = codestream.get(42..42 + channels * 3).ok_or_else(cut)?;
        let (mut precision, mut signed) = (0, false);
        for &[depth, dx, dy] in described.as_chunks::<3>().0 {
            precision = precision.max(u16::from(depth & 0x7F) + 1);
            signed |= depth & 0x80 != 0;
            if dx == 0 || dy == 0 {
                return Err(damaged("a component has no size"));
            }
        }
        if precision > 32 {
            return Err(damaged("its samples are not supported"));
        }
        let style = CodingStyle::read(codestream);
        let across = [columns.min(tile_x), rows.min(tile_y)];
        if style.precincts(across).saturating_mul(tiles) > FEW.max(pixels / PIXELS_A_PIECE) {
            return Err(damaged("it has too many precincts"));
        }
        let CodingStyle { transformed, levels, .. } = style;
        Ok(Self { columns, rows, channels, precision, signed, transformed, levels })
    }
}

/// Coding styles of the main header.
#[derive(Debug, Default)]
struct CodingStyle {
    transformed: bool,
    /// Decomposition levels that all components have.
    levels: u8,
    /// Exponents of the smallest precincts of any component, by resolution; none where they are as large
    /// as can be.
    precincts: Vec<[u8; 2]>,
}

impl CodingStyle {
    /// COD (T.800 A.6.1) and COC (A.6.2) up to the first tile.
    fn read(codestream: &[u8]) -> Self {
        let mut style = Self::default();
        let mut least: Option<u8> = None;
        let mut at = 2;
        while let Some(&[0xFF, marker, high, low]) = codestream.get(at..).and_then(|b| b.first_chunk()) {
            let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
            let body = codestream.get(at + 4..end).unwrap_or_default();
            // What they share begins after what is only in COD, or after the number of the component, which
            // takes one byte where there are no more than 256 of them.
            let shared = match (marker, body) {
                (0x90, _) => break,
                (0x52, [coding, _, _, _, transform, shared @ ..]) => {
                    style.transformed = *transform != 0;
                    Some((*coding, shared))
                }
                (0x53, [_, coding, shared @ ..]) => Some((*coding, shared)),
                _ => None,
            };
            if let Some((coding, [levels, _, _, _, _, sizes @ ..])) = shared {
                let levels = (*levels).min(32);
                least = Some(least.map_or(levels, |least| least.min(levels)));
                if coding & 1 != 0 {
                    style.add_precincts(sizes);
                }
            }
            at = end;
        }
        style.levels = least.unwrap_or(0);
        style
    }

    fn add_precincts(&mut self, sizes: &[u8]) {
        for (i, &size) in sizes.iter().enumerate().take(33) {
            let size = [size & 15, size >> 4];
            match self.precincts.get_mut(i) {
                Some(known) => *known = [known[0].min(size[0]), known[1].min(size[1])],
                None => self.precincts.push(size),
            }
        }
    }

    /// Precincts of one component of a tile, in all resolutions.
    fn precincts(&self, tile: [u32; 2]) -> u64 {
        let count = |side: u32, below: usize, exponent: u8| {
            u64::from(side).div_ceil(1 << below.min(32)).div_ceil(1 << exponent)
        };
        let highest = self.precincts.len().saturating_sub(1);
        (0..)
            .zip(&self.precincts)
            .map(|(resolution, &[x, y]): (usize, _)| {
                let below = highest - resolution;
                count(tile[0], below, x).saturating_mul(count(tile[1], below, y))
            })
            .sum()
    }
}

/// The header of a tile-part (SOT, T.800 A.4.2).
struct TilePart {
    at: usize,
    length: usize,
    number: u8,
    /// Tile-parts of the tile; zero where it is not said.
    count: u8,
}

/// The tile-parts that lie in the codestream as their lengths say.
fn tile_parts(codestream: &[u8]) -> impl Iterator<Item = TilePart> + '_ {
    let first = codestream.windows(2).position(|w| w == [0xFF, 0x90]);
    let read = |at: usize| {
        let &[0xFF, 0x90, _, _, _, _, a, b, c, d, number, count] = codestream.get(at..)?.first_chunk()?
        else {
            return None;
        };
        Some(TilePart { at, length: u32::from_be_bytes([a, b, c, d]) as usize, number, count })
    };
    std::iter::successors(first.and_then(read), move |part| {
        // A length of zero means up to the end.
        if part.length < 12 { None } else { read(part.at.checked_add(part.length)?) }
    })
}

/// Some writers count the parts of a tile one short. The library mends that only where it is told not to be
/// strict, and leaves the last parts out without a word where it is.
pub(super) fn counts_are_wrong(codestream: &[u8]) -> bool {
    tile_parts(codestream).any(|part| part.count > 0 && part.number >= part.count)
}

/// The codestream without what follows its last tile-part and is none, if there is anything of the kind.
///
/// Some writers pad frames with a comment where only another tile-part or the end may be.
pub(super) fn without_trailer(codestream: &[u8]) -> Option<Vec<u8>> {
    let last = tile_parts(codestream).last()?;
    let end = last.at + last.length;
    if last.length < 12 || codestream.get(end..end + 2)? == [0xFF, 0xD9] {
        return None;
    }
    Some([codestream.get(..end)?, &[0xFF, 0xD9]].concat())
}
