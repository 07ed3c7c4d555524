//! Everything the program does with a file that it did not choose, short of a window.

use std::io;

use lightbox::dicom::{DataSet, DicomFile, Error, Frame, Image, Value};
use lightbox::display::{self, Appearance, Interpolation, TexelImage, choose_level};
use lightbox::geometry::{ImageShape, Plane, ViewTransform, pixel_aspect};
use lightbox::inspect::json::{self, JsonOptions};
use lightbox::inspect::{self, Expansion, Filter, ListingOptions, Rows};
use lightbox::presentation::lying::{Hit, ImageFrame, frame_of_reference};
use lightbox::presentation::parametric::{MapOptions, ParametricMap};
use lightbox::presentation::segmentation::{SegmentOptions, Segmentation};

/// Frames whose attributes are looked at; objects may declare billions.
const FRAMES: u32 = 500;
/// Rows whose values are read.
const ROWS: usize = 500;
const PICTURE: u32 = 48;

/// How far a file got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Got {
    Refused,
    Elements,
    Image,
    Picture,
}

pub fn exercise(bytes: Vec<u8>) -> Got {
    let Ok(file) = DicomFile::from_bytes(bytes) else { return Got::Refused };
    look_at(&file, &file.meta);
    look_at(&file, &file.data);
    let mut whole = file.clone();
    if whole.take_in_trailing().is_ok() {
        look_at(&whole, &whole.data);
    }
    look_inside(&whole);
    let Ok(image) = file.image() else { return Got::Elements };
    let frames = image.frame_count();
    for frame in (0..frames.min(FRAMES)).chain([frames - 1]) {
        std::hint::black_box(Appearance::read(&file.data, image.info(), frame));
    }
    lay_over(&file);
    let first = show(&file, &image, 0);
    let last = show(&file, &image, frames - 1);
    assert!(image.stored_at(frames, 0, 0).is_err());
    std::hint::black_box(image.warnings());
    if first.is_ok() || last.is_ok() { Got::Picture } else { Got::Image }
}

/// Every value in every form it can be asked for.
fn look_at(file: &DicomFile, data: &DataSet) {
    for element in data.elements() {
        match &element.value {
            Value::Items(items) => items.iter().for_each(|item| look_at(file, item)),
            Value::Bytes(_) => {
                std::hint::black_box((
                    data.strings(element.tag),
                    data.person_name(element.tag),
                    data.uid(element.tag),
                    data.ints(element.tag),
                    data.floats(element.tag),
                    data.u16s(element.tag),
                    data.tags(element.tag),
                ));
            }
            Value::Elsewhere { .. } | Value::Remote { .. } => {
                drop(std::hint::black_box(file.read_value(element)));
            }
        }
    }
}

/// What a panel of elements and a dump do.
fn look_inside(file: &DicomFile) {
    let mut rows = Rows::read(file, None);
    for index in 0..rows.len().min(ROWS) {
        let path = rows.path(index);
        let found = rows.find(&path).map(|found| rows.path(found));
        assert_eq!(found, Some(path.clone()), "a row is found by its path");
        inspect::full_value(file, &path, 4096).ok();
    }
    rows.follow(file, Some(1));
    std::hint::black_box(inspect::visible(&rows, &Expansion::default(), &Filter::new("00 a")));
    inspect::write_listing(file, ListingOptions::default(), &mut io::sink()).expect("a sink takes all");
    let whole = JsonOptions { inline: None, uri: String::new() };
    json::write(file, &whole, &mut io::sink()).expect("a sink takes all");
}

/// What a segmentation or a map does over an image in its own place, and over those it names.
fn lay_over(file: &DicomFile) {
    let (segments, map) = (Segmentation::read(file).ok(), ParametricMap::read(file).ok());
    let plane = Plane::read(&file.data, 0);
    let reference = frame_of_reference(&file.data);
    let over = |uid| ImageFrame {
        instance_uid: uid,
        frame: 0,
        size: [PICTURE; 2],
        plane: plane.as_ref(),
        frame_of_reference: reference.as_deref(),
    };
    let lies = |found: Vec<Hit>| -> Vec<Hit> { found.into_iter().take(4).collect() };
    if let Some(segments) = &segments {
        for uid in segments.images().take(4).chain(["elsewhere"]) {
            let hits = lies(segments.frames_over(&over(uid)));
            let options = SegmentOptions::default();
            drop(std::hint::black_box(segments.covers(&hits, &options)));
            drop(std::hint::black_box(segments.outlines(&hits, &options)));
            drop(std::hint::black_box(segments.at(&hits, [1.0, 1.0])));
        }
    }
    if let Some(map) = &map {
        for uid in map.images().take(4).chain(["elsewhere"]) {
            let hits = lies(map.frames_over(&over(uid)));
            drop(std::hint::black_box(map.covers(&hits, &MapOptions::default())));
            drop(std::hint::black_box(map.value_at(&hits, [1.0, 1.0], 0)));
        }
    }
}

fn show(file: &DicomFile, image: &Image, number: u32) -> Result<(), Error> {
    let frame: Frame = image.decode(number)?;
    let wanted = frame.pixels() * usize::from(frame.channels);
    assert_eq!(frame.samples.len(), wanted, "as many samples as the frame says");
    std::hint::black_box(image.stored_at(number, frame.columns - 1, frame.rows - 1).ok());
    let appearance = Appearance::read(&file.data, image.info(), number);
    let stats = display::stats(&frame, &appearance);
    let look = appearance.look(appearance.default_choice(stats.as_ref()).voi, false);
    let shape = ImageShape {
        pixel_aspect: pixel_aspect(&file.data, number),
        ..ImageShape::square(frame.columns, frame.rows)
    };
    let area = [f64::from(PICTURE); 2];
    let view = ViewTransform::default();
    let level = choose_level(view.scale(shape, area).recip());
    let texels = TexelImage::build(&frame, &appearance, level);
    drop(frame);
    let map = view.map(shape, area);
    let drawn = display::render(&texels, &look, &map, PICTURE, PICTURE, Interpolation::default());
    assert_eq!(drawn.pixels.len(), (PICTURE * PICTURE * 3) as usize);
    Ok(())
}
