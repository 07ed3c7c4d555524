//! The good files that are mutated: made here, or found in the folder `LIGHTBOX_CORPUS` names.

use std::fs;
use std::path::Path;

use dicom_dictionary_std::{tags, uids};
use lightbox::demo::groups::{pixel_measures, plane_orientation, plane_position};
use lightbox::demo::{ImageBuilder, Syntax};
use lightbox::dicom::write::{self, DataSet};

use crate::support::raw::{even, explicit, file, fragments, frames, item, module, offsets, open_item};
use crate::support::raw::{open_sequence, rle_frame, words};
use crate::support::streams::{COLUMNS, ROWS, STREAMS, deep, flat};

pub struct Original {
    pub name: String,
    pub bytes: Vec<u8>,
}

fn gray() -> ImageBuilder {
    ImageBuilder::gray(ROWS, COLUMNS)
        .bits(16, 12)
        .samples(deep().into_iter().map(i64::from))
        .window(2048.0, 4096.0)
}

fn colour() -> ImageBuilder {
    let samples = flat().into_iter().flat_map(|v| [v, v / 2, 255 - v]).map(i64::from);
    ImageBuilder::colour(ROWS, COLUMNS, "RGB").samples(samples)
}

fn loops() -> ImageBuilder {
    let once = deep();
    let samples = (0..3).flat_map(|_| once.clone()).map(i64::from);
    ImageBuilder::gray(ROWS, COLUMNS).bits(16, 12).frames(3).samples(samples)
}

/// A file of each kind the decoders know.
pub fn synthetic() -> Vec<Original> {
    let bits = (0..ROWS * COLUMNS * 2).map(|i| i64::from(i % 3 == 0));
    let mut files = vec![
        ("explicit", gray().build()),
        ("implicit", gray().syntax(Syntax::ImplicitLittle).build()),
        ("big-endian", gray().syntax(Syntax::ExplicitBig).build()),
        ("deflated", gray().syntax(Syntax::Deflated).build()),
        ("rle", loops().syntax(Syntax::Rle).build()),
        ("frames", loops().build()),
        ("colour", colour().build()),
        ("colour-rle", colour().syntax(Syntax::Rle).build()),
        ("planar", colour().planar().build()),
        ("bitmap", ImageBuilder::gray(ROWS, COLUMNS).bits(1, 1).frames(2).samples(bits).build()),
        ("float", ImageBuilder::gray(2, 2).floats(vec![0.0, -1.5, f32::NAN, 1e30]).build()),
        ("signed", gray().signed(true).padding(-5).rescale(0.5, -1024.0).build()),
        ("nested", nested()),
        ("segmentation", segmentation().build()),
        ("segmentation-rle", segmentation().syntax(Syntax::Rle).build()),
        ("parametric-map", parametric_map()),
        ("several-fragments", several_fragments()),
    ]
    .into_iter()
    .map(|(name, bytes)| Original { name: name.to_owned(), bytes })
    .collect::<Vec<_>>();
    files.extend(STREAMS.iter().map(|stream| {
        let image = ImageBuilder::gray(ROWS, COLUMNS).frames(2);
        let image = image.bits(if stream.bits > 8 { 16 } else { 8 }, stream.bits);
        let bytes = image.compressed(stream.transfer_syntax, vec![stream.bytes(); 2]).build();
        Original { name: stream.name.to_owned(), bytes }
    }));
    files
}

/// Two frames of something that lies over images, each made from one and somewhere in the patient.
fn lying(image: ImageBuilder, class: &str) -> ImageBuilder {
    let frame = |number: i64| {
        write::item(|g| {
            plane_position(g, [0.0, 0.0, number as f64]);
            let source = write::item(|d| _ = d.text(tags::REFERENCED_SOP_INSTANCE_UID, "1.2.3"));
            let derived = write::item(|d| _ = d.sequence(tags::SOURCE_IMAGE_SEQUENCE, vec![source]));
            let segment = write::item(|d| _ = d.int(tags::REFERENCED_SEGMENT_NUMBER, [number]));
            g.sequence(tags::DERIVATION_IMAGE_SEQUENCE, vec![derived])
                .sequence(tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![segment]);
        })
    };
    let mapping = write::item(|d| {
        d.real(tags::REAL_WORLD_VALUE_SLOPE, [2.0]).real(tags::REAL_WORLD_VALUE_INTERCEPT, [1.0]);
    });
    let shared = write::item(|g: &mut DataSet| {
        pixel_measures(g, [1.0, 1.0], 1.0);
        plane_orientation(g, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        g.sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![mapping]);
    });
    image.frames(2).groups(shared, vec![frame(1), frame(2)]).set(|d| {
        d.text(tags::SOP_CLASS_UID, class).text(tags::FRAME_OF_REFERENCE_UID, "1.2");
    })
}

fn segmentation() -> ImageBuilder {
    let fractions = (0..ROWS * COLUMNS * 2).map(|i| (i % 200) as i64);
    let image = ImageBuilder::gray(ROWS, COLUMNS).bits(8, 8).samples(fractions);
    lying(image, uids::SEGMENTATION_STORAGE).set(|d| {
        let segment = write::item(|d| _ = d.int(tags::SEGMENT_NUMBER, [1]).text(tags::SEGMENT_LABEL, "One"));
        d.text(tags::SEGMENTATION_TYPE, "FRACTIONAL")
            .int(tags::MAXIMUM_FRACTIONAL_VALUE, [200])
            .sequence(tags::SEGMENT_SEQUENCE, vec![segment]);
    })
}

fn parametric_map() -> Vec<u8> {
    let values = (0..ROWS * COLUMNS * 2).map(|i| i as f32 / 7.0).collect();
    lying(ImageBuilder::gray(ROWS, COLUMNS).floats(values), uids::PARAMETRIC_MAP_STORAGE).build()
}

/// Sequences in sequences, with and without lengths.
fn nested() -> Vec<u8> {
    let code = [explicit(0x0008_0100, "SH", b"T-04"), explicit(0x0008_0104, "LO", b"Breast")].concat();
    let inner = explicit(0x0054_0222, "SQ", &[item(&code), item(&code)].concat());
    let open =
        open_sequence(0x0054_0220, &[open_item(&[code.clone(), inner].concat()), item(&code)].concat());
    let unknown = explicit(0x0055_1001, "UN", &item(&code));
    let pixels: Vec<u8> = deep().iter().flat_map(|v| v.to_le_bytes()).collect();
    let data = [
        explicit(0x0010_0010, "PN", b"Doe^Jane"),
        words(&module(COLUMNS as u16, ROWS as u16, 16, 12)),
        open,
        unknown,
        explicit(0x7FE0_0010, "OW", &pixels),
    ];
    file("1.2.840.10008.1.2.1", &data.concat())
}

/// Two frames of two fragments each, an offset table, and an element behind the pixel data.
fn several_fragments() -> Vec<u8> {
    let frame = rle_frame(&flat());
    let (one, two) = (item(&frame[..100]), item(&frame[100..]));
    let table = offsets(&[0, (one.len() + two.len()) as u32]);
    let pixels = fragments(&[table, one.clone(), two.clone(), one, two]);
    let behind = explicit(0xFFFC_FFFC, "OB", &even("padding"));
    let data = [frames("2", &module(COLUMNS as u16, ROWS as u16, 8, 8)), pixels, behind];
    file("1.2.840.10008.1.2.5", &data.concat())
}

/// All files of a folder that could be DICOM.
pub fn corpus(folder: &Path) -> Vec<Original> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for item in fs::read_dir(&next).expect("a readable folder") {
            let path = item.expect("a readable folder").path();
            let about = ["md", "csv", "txt", "pgm", "json"];
            let extension = path.extension().and_then(|extension| extension.to_str());
            if path.is_dir() {
                open.push(path);
            } else if !extension.is_some_and(|extension| about.contains(&extension)) {
                let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
                found.push(Original { name, bytes: fs::read(&path).expect("a readable file") });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}
