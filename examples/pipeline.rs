//! From bytes to a picture, step by step, each step usable alone: bytes -> elements -> frames -> picture.
//!
//! ```sh
//! cargo run --release --no-default-features --example pipeline                     # a file of fixtures/
//! cargo run --release --no-default-features --example pipeline image.dcm out.png
//! ```

#![allow(clippy::print_stdout, reason = "an example says what it does")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use lightbox::dicom::{ByteSource, DicomFile, FileSource, Tag, uid};
use lightbox::display::{Appearance, Interpolation, TexelImage, render, stats};
use lightbox::geometry::Affine;
use lightbox::picture::write_png;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let fixture = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/mg-rcc.dcm");
    let path = arguments.next().unwrap_or_else(fixture);
    let out = arguments.next().unwrap_or_else(|| std::env::temp_dir().join("lightbox-pipeline.png"));

    // 1. Bytes: anything that can be read by position. Nothing is read yet.
    let source: Arc<dyn ByteSource> = Arc::new(FileSource::open(&path)?);
    println!("bytes     {} in {}", source.len(), source.label());

    // 2. Elements: the header is read, up to the pixel data and not further.
    let started = Instant::now();
    let file = DicomFile::from_source(Arc::clone(&source))?;
    println!(
        "elements  {} in {}, read in {:.2?}",
        file.data.elements().len(),
        uid::transfer_syntax_name(&file.transfer_syntax),
        started.elapsed()
    );
    let modality = file.data.string(Tag(0x0008, 0x0060)).unwrap_or_default();
    println!("          modality {modality}, patient {:?}", file.data.person_name(Tag(0x0010, 0x0010)));
    for warning in &file.warnings {
        println!("          mended: {warning}");
    }

    // 3. Frames: where each lies is known now; one is read and decoded, on any thread.
    let image = file.image()?;
    let info = image.info();
    println!(
        "frames    {} of {} x {}, {} of {} bits, {:?}",
        image.frame_count(),
        info.columns,
        info.rows,
        info.bits_stored,
        info.bits_allocated,
        info.photometric
    );
    let started = Instant::now();
    let frame = image.decode(0)?;
    println!("samples   {} of frame 0, decoded in {:.2?}", frame.samples.len(), started.elapsed());

    // 4. What the samples mean: rescale, padding, windows, polarity, as the object declares them.
    let appearance = Appearance::read(&file.data, info, 0);
    let found = stats(&frame, &appearance);
    let choice = appearance.default_choice(found.as_ref());
    let (low, high) = found.map_or((0.0, 0.0), |found| (found.min, found.max));
    println!("meaning   values from {low} to {high} {}, shown by {}", appearance.unit, choice.explanation);

    // 5. A picture: one pixel a sample, by the formulas the screen is held to.
    let (columns, rows) = (frame.columns, frame.rows);
    let look = appearance.look(choice.voi, false);
    let texels = TexelImage::from_frame(frame, &appearance);
    let picture = render(&texels, &look, &Affine::IDENTITY, columns, rows, Interpolation::Nearest);
    write_png(&out, picture.width, picture.height, &picture.pixels)?;
    println!("picture   {}", out.display());
    Ok(())
}
