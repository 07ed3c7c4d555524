//! Pictures as PNG: 8-bit gray or RGB, nothing else in the file.

use std::path::Path;

use super::exit::{Exit, Failure};
use super::files;

/// A finished picture, row by row from the top left, without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub pixels: Pixels,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pixels {
    /// One byte a pixel.
    Gray(Vec<u8>),
    /// Three bytes a pixel.
    Rgb(Vec<u8>),
}

impl Pixels {
    /// One byte of the three of each pixel, for pictures where they never differ.
    pub fn gray_of(rgb: &[u8]) -> Self {
        Self::Gray(rgb.chunks_exact(3).filter_map(<[u8]>::first).copied().collect())
    }
}

impl Picture {
    /// Writes the whole picture or, on any failure, nothing.
    pub fn write(&self, file: &Path) -> Result<(), Failure> {
        let bytes = self.encode().map_err(|error| {
            Failure::new(Exit::Nothing, format!("cannot make a PNG: {error}: {}", file.display()))
        })?;
        files::write_atomically(file, &bytes)
    }

    fn encode(&self) -> Result<Vec<u8>, png::EncodingError> {
        let (color, samples) = match &self.pixels {
            Pixels::Gray(samples) => (png::ColorType::Grayscale, samples),
            Pixels::Rgb(samples) => (png::ColorType::Rgb, samples),
        };
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(color);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(samples)?;
        writer.finish()?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> (png::OutputInfo, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a header");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut pixels).expect("a picture");
        (info, pixels)
    }

    #[test]
    fn gray_and_rgb_survive_the_way_through_png() {
        let gray = Picture { width: 3, height: 2, pixels: Pixels::Gray(vec![0, 1, 2, 253, 254, 255]) };
        let (info, pixels) = decode(&gray.encode().expect("a PNG"));
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Eight));
        assert_eq!(pixels, [0, 1, 2, 253, 254, 255]);

        let rgb = Picture { width: 1, height: 2, pixels: Pixels::Rgb(vec![1, 2, 3, 4, 5, 6]) };
        let (info, pixels) = decode(&rgb.encode().expect("a PNG"));
        assert_eq!(info.color_type, png::ColorType::Rgb);
        assert_eq!(pixels, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn gray_pictures_keep_one_byte_a_pixel() {
        assert_eq!(Pixels::gray_of(&[7, 7, 7, 9, 9, 9]), Pixels::Gray(vec![7, 9]));
    }

    #[test]
    fn too_few_samples_are_an_error_and_not_a_file() {
        let file = std::env::temp_dir().join(format!("lightbox-picture-{}.png", std::process::id()));
        let broken = Picture { width: 4, height: 4, pixels: Pixels::Gray(vec![0; 3]) };
        assert_eq!(broken.write(&file).expect_err("too few").exit, Exit::Nothing);
        assert!(!file.exists());
    }
}
