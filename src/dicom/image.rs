//! The image pixel module: how the samples of a frame are laid out.
//!
//! Reads and checks the header alone; what the samples mean is not decided here.

use dicom_dictionary_std::tags;

use super::{ColorModel, DataSet, Error, uid};

/// _Photometric Interpretation_ as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Photometric {
    Monochrome1,
    Monochrome2,
    PaletteColor,
    Rgb,
    YbrFull,
    YbrFull422,
    YbrPartial420,
    YbrPartial422,
    YbrIct,
    YbrRct,
    Other(String),
}

impl Photometric {
    /// From the declared value; old and misspelt names included.
    pub fn parse(value: &str) -> Self {
        let name: String =
            value.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        match name.as_str() {
            "MONOCHROME1" => Self::Monochrome1,
            "MONOCHROME2" | "MONOCHROME" => Self::Monochrome2,
            "PALETTECOLOR" | "PALETTE" => Self::PaletteColor,
            "RGB" => Self::Rgb,
            "YBR_FULL" => Self::YbrFull,
            "YBR_FULL_422" => Self::YbrFull422,
            "YBR_PARTIAL_420" => Self::YbrPartial420,
            "YBR_PARTIAL_422" => Self::YbrPartial422,
            "YBR_ICT" => Self::YbrIct,
            "YBR_RCT" => Self::YbrRct,
            _ => Self::Other(value.to_owned()),
        }
    }

    /// The defined term, as the header spells it.
    pub fn name(&self) -> &str {
        match self {
            Self::Monochrome1 => "MONOCHROME1",
            Self::Monochrome2 => "MONOCHROME2",
            Self::PaletteColor => "PALETTE COLOR",
            Self::Rgb => "RGB",
            Self::YbrFull => "YBR_FULL",
            Self::YbrFull422 => "YBR_FULL_422",
            Self::YbrPartial420 => "YBR_PARTIAL_420",
            Self::YbrPartial422 => "YBR_PARTIAL_422",
            Self::YbrIct => "YBR_ICT",
            Self::YbrRct => "YBR_RCT",
            Self::Other(name) => name,
        }
    }

    /// What samples mean that no codec has converted.
    pub(super) fn color_model(&self, channels: u8) -> ColorModel {
        match self {
            Self::PaletteColor if channels == 1 => ColorModel::Palette,
            _ if channels < 3 => ColorModel::Gray,
            Self::YbrFull | Self::YbrFull422 => ColorModel::YbrFull,
            Self::YbrPartial420 | Self::YbrPartial422 => ColorModel::YbrPartial,
            // The transforms of JPEG 2000 are undone by its decoder; outside of it the label is a lie.
            _ => ColorModel::Rgb,
        }
    }
}

/// Integer or floating point pixel data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleKind {
    Integer,
    Float,
    Double,
}

/// Everything a decoder must know about the pixels, from the header alone.
#[derive(Debug, Clone)]
pub struct ImageInfo {
    pub rows: u32,
    pub columns: u32,
    pub frames: u32,
    pub samples_per_pixel: u8,
    pub photometric: Photometric,
    pub bits_allocated: u16,
    pub bits_stored: u16,
    pub high_bit: u16,
    pub signed: bool,
    pub planar: bool,
    pub kind: SampleKind,
}

/// Rows and columns beyond this are no image.
const MAX_SIDE: i64 = 1 << 20;
/// Bytes of one decoded frame.
const MAX_FRAME: u64 = 2 << 30;

impl ImageInfo {
    /// Reads the image pixel module and checks it; small mistakes are mended.
    pub fn read(data: &DataSet, transfer_syntax: &str) -> Result<Self, Error> {
        Self::read_with_warnings(data, transfer_syntax, &mut Vec::new())
    }

    /// Like [`Self::read`], saying what was mended.
    pub fn read_with_warnings(
        data: &DataSet,
        transfer_syntax: &str,
        warnings: &mut Vec<String>,
    ) -> Result<Self, Error> {
        let rows = side(data.int(tags::ROWS), "rows")?;
        let columns = side(data.int(tags::COLUMNS), "columns")?;
        let frames = match data.int(tags::NUMBER_OF_FRAMES) {
            None => 1,
            Some(0) => {
                warnings.push("the object declares no frames; one was assumed".to_owned());
                1
            }
            Some(n) => u32::try_from(n).map_err(|_| Error::Image(format!("it declares {n} frames")))?,
        };
        let declared = data.string(tags::PHOTOMETRIC_INTERPRETATION).map(|p| Photometric::parse(&p));
        let samples_per_pixel = samples(data.int(tags::SAMPLES_PER_PIXEL), declared.as_ref())?;
        let photometric = declared.unwrap_or(match samples_per_pixel {
            1 => Photometric::Monochrome2,
            _ => Photometric::Rgb,
        });
        let kind = if data.contains(tags::FLOAT_PIXEL_DATA) {
            SampleKind::Float
        } else if data.contains(tags::DOUBLE_FLOAT_PIXEL_DATA) {
            SampleKind::Double
        } else {
            SampleKind::Integer
        };
        let mut info = Self {
            rows,
            columns,
            frames,
            samples_per_pixel,
            photometric,
            bits_allocated: 0,
            bits_stored: 0,
            high_bit: 0,
            signed: data.int(tags::PIXEL_REPRESENTATION) == Some(1),
            planar: samples_per_pixel > 1 && data.int(tags::PLANAR_CONFIGURATION) == Some(1),
            kind,
        };
        info.read_bits(data, uid::is_native(transfer_syntax), warnings)?;
        let decoded = info.samples_per_frame() * u64::from(info.bits_allocated.div_ceil(8));
        if decoded > MAX_FRAME {
            return Err(Error::Image(format!("a frame of {columns} x {rows} pixels is too large")));
        }
        Ok(info)
    }

    fn read_bits(&mut self, data: &DataSet, native: bool, warnings: &mut Vec<String>) -> Result<(), Error> {
        let bits = |tag| data.int(tag).and_then(|v| u16::try_from(v).ok());
        let allocated = match self.kind {
            SampleKind::Float => 32,
            SampleKind::Double => 64,
            SampleKind::Integer => match bits(tags::BITS_ALLOCATED) {
                Some(allocated) if allocated > 0 => allocated,
                _ => {
                    let stored = bits(tags::BITS_STORED).unwrap_or(16);
                    warnings.push("the number of bits of a sample is not declared".to_owned());
                    if stored > 8 { 16 } else { 8 }
                }
            },
        };
        let allowed = allocated <= 32 || (native && allocated == 64);
        if !allowed {
            return Err(Error::Image(format!("samples of {allocated} bits are not supported")));
        }
        if allocated == 1 && self.samples_per_pixel != 1 {
            return Err(Error::Image("bitmaps with several samples a pixel do not exist".to_owned()));
        }
        let stored = match bits(tags::BITS_STORED) {
            Some(stored) if (1..=allocated).contains(&stored) => stored,
            Some(stored) => {
                warnings.push(format!("{stored} bits cannot be stored in {allocated}; all were used"));
                allocated
            }
            None => allocated,
        };
        let high = match bits(tags::HIGH_BIT) {
            Some(high) if high < allocated && high + 1 >= stored => high,
            Some(high) => {
                warnings.push(format!("the high bit {high} is impossible; {} was used", stored - 1));
                stored - 1
            }
            None => stored - 1,
        };
        (self.bits_allocated, self.bits_stored, self.high_bit) = (allocated, stored, high);
        if self.kind != SampleKind::Integer {
            (self.bits_stored, self.high_bit) = (allocated, allocated - 1);
        }
        Ok(())
    }

    /// Cells are no whole words: they follow each other without regard to bytes.
    pub(super) fn is_packed(&self) -> bool {
        !matches!(self.bits_allocated, 8 | 16 | 32 | 64)
    }

    /// Pixels of a frame.
    pub fn pixels(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }

    /// Samples of a decoded frame.
    pub fn samples_per_frame(&self) -> u64 {
        self.pixels() * u64::from(self.samples_per_pixel)
    }

    /// How often both sides can be halved so that at least `columns` by `rows` are left: what to ask
    /// [`Image::decode_reduced`](super::Image::decode_reduced) for.
    ///
    /// A side that is smaller to begin with does not count. Zero means that the whole frame is wanted.
    pub fn reduction_for(&self, columns: u32, rows: u32) -> u8 {
        let enough = |full: u32, reduce: u8, wanted: u32| {
            u64::from(full).div_ceil(1 << reduce) >= u64::from(wanted.min(full).max(1))
        };
        // Either side ends at one sample long before this.
        (1..=32)
            .take_while(|&reduce| {
                enough(self.columns, reduce, columns)
                    && enough(self.rows, reduce, rows)
                    && u64::from(self.columns.max(self.rows)) > 1 << (reduce - 1)
            })
            .last()
            .unwrap_or(0)
    }

    /// Bits a frame takes in native pixel data, subsampled chrominance included.
    pub fn native_frame_bits(&self) -> u64 {
        let samples = match self.photometric {
            Photometric::YbrFull422 | Photometric::YbrPartial422 if self.samples_per_pixel == 3 => {
                u64::from(self.rows) * u64::from(self.columns.div_ceil(2)) * 4
            }
            Photometric::YbrPartial420 if self.samples_per_pixel == 3 => {
                u64::from(self.rows.div_ceil(2)) * u64::from(self.columns.div_ceil(2)) * 6
            }
            _ => self.samples_per_frame(),
        };
        samples * u64::from(self.bits_allocated)
    }
}

fn side(value: Option<i64>, what: &str) -> Result<u32, Error> {
    match value {
        Some(n) if (1..=MAX_SIDE).contains(&n) => {
            u32::try_from(n).map_err(|_| Error::Image(format!("it declares {n} {what}")))
        }
        Some(n) => Err(Error::Image(format!("it declares {n} {what}"))),
        None => Err(Error::Image(format!("it does not say how many {what} it has"))),
    }
}

fn samples(declared: Option<i64>, photometric: Option<&Photometric>) -> Result<u8, Error> {
    match declared {
        Some(1) => Ok(1),
        Some(3) => Ok(3),
        Some(4) => Ok(4),
        None => Ok(match photometric {
            None
            | Some(
                Photometric::Monochrome1
                | Photometric::Monochrome2
                | Photometric::PaletteColor
                | Photometric::Other(_),
            ) => 1,
            Some(_) => 3,
        }),
        Some(n) => Err(Error::Image(format!("{n} samples a pixel are not supported"))),
    }
}

#[cfg(test)]
mod tests {
    use crate::dicom::testing::info;

    #[test]
    fn reductions_leave_as_much_as_is_wanted() {
        let mut info = info(16, 12, false);
        (info.columns, info.rows) = (2560, 3328);
        let cases = [
            ((2560, 3328), 0),
            ((1281, 1), 0),
            ((1280, 1664), 1),
            ((600, 600), 2),
            ((5000, 400), 0),
            ((40, 52), 6),
            ((1, 1), 12),
            ((0, 0), 12),
        ];
        for ((columns, rows), expected) in cases {
            assert_eq!(info.reduction_for(columns, rows), expected, "{columns} x {rows}");
        }
        (info.columns, info.rows) = (1 << 20, 1);
        assert_eq!(info.reduction_for(512, 300), 11, "a side that is small anyway does not count");
    }
}
