//! Finished pictures as PNG files: 8-bit gray or RGB, nothing else in the file, and never half a file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Encodes RGB pixels, row by row from the top left, three bytes each.
pub fn encode_png(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    encode(width, height, png::ColorType::Rgb, rgb)
}

/// Writes RGB pixels as a PNG.
pub fn write_png(file: &Path, width: u32, height: u32, rgb: &[u8]) -> io::Result<()> {
    let bytes = encode_png(width, height, rgb).map_err(io::Error::other)?;
    write_whole(file, &bytes)
}

/// Writes gray pixels, one byte each, as a PNG.
pub fn write_gray_png(file: &Path, width: u32, height: u32, gray: &[u8]) -> io::Result<()> {
    let bytes = encode(width, height, png::ColorType::Grayscale, gray).map_err(io::Error::other)?;
    write_whole(file, &bytes)
}

fn encode(
    width: u32,
    height: u32,
    color: png::ColorType,
    samples: &[u8],
) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(samples)?;
    writer.finish()?;
    Ok(bytes)
}

/// The bytes go to a neighbour that takes the name once it is complete.
fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = neighbour(file);
    fs::write(&part, bytes).and_then(|()| fs::rename(&part, file)).inspect_err(|_| {
        fs::remove_file(&part).ok();
    })
}

/// A name in the same folder, so that the rename stays on one file system.
fn neighbour(file: &Path) -> PathBuf {
    let mut part = file.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    PathBuf::from(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> (png::OutputInfo, Vec<u8>) {
        let decoder = png::Decoder::new(io::Cursor::new(bytes));
        let mut reader = decoder.read_info().expect("a header");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut pixels).expect("a picture");
        (info, pixels)
    }

    #[test]
    fn gray_and_rgb_survive_the_way_through_png() {
        let gray = [0, 1, 2, 253, 254, 255];
        let (info, pixels) = decode(&encode(3, 2, png::ColorType::Grayscale, &gray).expect("a PNG"));
        assert_eq!((info.width, info.height, info.bit_depth), (3, 2, png::BitDepth::Eight));
        assert_eq!(pixels, gray);

        let rgb = [1, 2, 3, 4, 5, 6];
        let (info, pixels) = decode(&encode_png(1, 2, &rgb).expect("a PNG"));
        assert_eq!(info.color_type, png::ColorType::Rgb);
        assert_eq!(pixels, rgb);
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let folder = std::env::temp_dir().join(format!("lightbox-picture-{}", std::process::id()));
        fs::create_dir_all(folder.join("taken/inside")).expect("a folder");
        // Too few samples, then a name that a folder with something in it has already.
        write_gray_png(&folder.join("short"), 4, 4, &[0; 3]).expect_err("too few");
        write_gray_png(&folder.join("taken"), 1, 1, &[0]).expect_err("taken");
        assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 1);
        write_gray_png(&folder.join("fine"), 1, 1, &[0]).expect("written");
        assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 2);
        fs::remove_dir_all(&folder).ok();
    }
}
