//! Makes seeds for every target out of a folder of DICOM files.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use lightbox::dicom::{DicomFile, Image, PixelLayout};
use lightbox_fuzz::SHAPE;

/// Larger seeds only slow a fuzzer down.
const LARGEST: usize = 64 << 10;

fn main() {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: seed FOLDER");
        std::process::exit(2);
    };
    let mut written: HashMap<&'static str, usize> = HashMap::new();
    let mut open = vec![PathBuf::from(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|item| item.path()));
        } else {
            take_apart(&path, &mut written);
        }
    }
    let mut written: Vec<_> = written.into_iter().collect();
    written.sort_unstable();
    for (target, count) in written {
        println!("{count:6} {target}");
    }
}

fn take_apart(path: &Path, written: &mut HashMap<&'static str, usize>) {
    let Ok(file) = DicomFile::open(path) else { return };
    let mut seed = |target: &'static str, bytes: &[u8]| {
        let number = written.entry(target).or_default();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        let kept = fs::create_dir_all(&folder).and_then(|()| {
            fs::write(folder.join(format!("seed-{number}")), &bytes[..bytes.len().min(LARGEST)])
        });
        match kept {
            Ok(()) => *number += 1,
            Err(error) => eprintln!("{error}: {}", folder.display()),
        }
    };
    if let Ok(bytes) = fs::read(path) {
        seed("header", &bytes);
    }
    let Ok(image) = file.image() else { return };
    let shape = shape(&image);
    let target = match image.transfer_syntax() {
        _ if image.is_native() => "native",
        "1.2.840.10008.1.2.5" => "rle",
        "1.2.840.10008.1.2.4.57" | "1.2.840.10008.1.2.4.70" => "jpeg_lossless",
        "1.2.840.10008.1.2.4.80" | "1.2.840.10008.1.2.4.81" => "jpeg_ls",
        "1.2.840.10008.1.2.4.50" | "1.2.840.10008.1.2.4.51" => "jpeg",
        _ => "",
    };
    if let (false, Ok(frame)) = (target.is_empty(), image.encoded(0)) {
        seed(target, &[&shape[..], &frame].concat());
    }
    let layout = file.pixels.map(|pixels| pixels.layout);
    if let (Some(PixelLayout::Encapsulated { offset }), Ok(bytes)) = (layout, fs::read(path)) {
        let items = usize::try_from(offset).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
        seed("frame_index", &[&shape[..], items].concat());
    }
}

/// The image's own shape, as far as it can be said in the bytes the targets understand.
fn shape(image: &Image) -> [u8; SHAPE] {
    let info = image.info();
    let bits = match info.bits_allocated {
        1 => 0,
        8 => 1,
        16 => 3,
        _ => 6,
    };
    let kind = if info.samples_per_pixel == 1 { 0 } else { 1 | 3 << 1 };
    let flags = u8::from(info.signed) | u8::from(info.planar) << 1;
    let [r0, r1, ..] = info.rows.to_le_bytes();
    let [c0, c1, ..] = info.columns.to_le_bytes();
    let stored = info.bits_stored.min(31) as u8;
    [bits << 5 | stored, kind, info.frames.min(15) as u8, flags, r0, r1, c0, c1]
}
