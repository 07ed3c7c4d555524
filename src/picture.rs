//! Finished pictures as PNG files: 8-bit RGB, nothing else in the file, and never half a file.

use std::fs;
use std::io;
use std::path::Path;

/// Encodes RGB pixels, row by row from the top left, three bytes each.
pub fn encode_png(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    writer.finish()?;
    Ok(bytes)
}

/// Writes a PNG: the bytes go to a neighbour that takes the name once it is complete.
pub fn write_png(file: &Path, width: u32, height: u32, rgb: &[u8]) -> io::Result<()> {
    let bytes = encode_png(width, height, rgb).map_err(io::Error::other)?;
    let mut part = file.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    fs::write(&part, bytes).and_then(|()| fs::rename(&part, file)).inspect_err(|_| {
        fs::remove_file(&part).ok();
    })
}
