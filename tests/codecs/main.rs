//! Frames of every kind of compression and packing, from file to samples, against the formulas they were
//! made of.
#![allow(clippy::expect_used, reason = "a test may stop where it cannot go on")]

mod streams;
#[path = "../support/mod.rs"]
mod support;

use dicom_dictionary_std::tags;
use lightbox::demo::{ImageBuilder, Syntax};
use lightbox::dicom::{ColorModel, DicomFile, Error, Frame, Image, Samples};

const COLUMNS: i64 = 13;
const ROWS: i64 = 9;

const BASELINE: &str = "1.2.840.10008.1.2.4.50";
const LOSSLESS: &str = "1.2.840.10008.1.2.4.57";
const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
const JPEG_2000: &str = "1.2.840.10008.1.2.4.90";
const JPEG_XL: &str = "1.2.840.10008.1.2.4.110";
const JPEG_XL_JPEG: &str = "1.2.840.10008.1.2.4.111";
const HTJ2K: &str = "1.2.840.10008.1.2.4.201";
const RLE: &str = "1.2.840.10008.1.2.5";
const DEFLATED_FRAME: &str = "1.2.840.10008.1.2.8.1";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn image(builder: ImageBuilder) -> Image {
    DicomFile::from_bytes(builder.build()).expect("a file").image().expect("an image")
}

fn frame(builder: ImageBuilder) -> Frame {
    image(builder).decode(0).expect("a frame")
}

fn gray() -> ImageBuilder {
    ImageBuilder::gray(ROWS as usize, COLUMNS as usize)
}

fn values(frame: &Frame) -> Vec<i64> {
    (0..frame.samples.len()).filter_map(|i| frame.samples.value(i)).map(|v| v as i64).collect()
}

/// Every pixel of the small frames.
fn all(value: impl Fn(i64, i64) -> i64) -> Vec<i64> {
    (0..ROWS).flat_map(|y| (0..COLUMNS).map(move |x| (x, y))).map(|(x, y)| value(x, y)).collect()
}

/// What the grey frames hold.
fn rough(bits: u32) -> Vec<i64> {
    all(|x, y| ((x * x * 37 + y * 1001 + x * y * 7) * 5) % (1 << bits))
}

/// What the colour frames hold.
fn colors() -> Vec<i64> {
    let pixel = |i: i64| {
        let (x, y) = (i % COLUMNS, i / COLUMNS);
        [x * 19, y * 27, (x * 7 + y * 11) % 256]
    };
    (0..ROWS * COLUMNS).flat_map(pixel).collect()
}

#[test]
fn grey_frames_without_loss() {
    let cases = [
        (JPEG_2000, streams::JP2, 8, 8),
        (HTJ2K, streams::HTJ2K, 16, 16),
        (LOSSLESS, streams::LOSSLESS_2, 16, 12),
        (LOSSLESS, streams::LOSSLESS_3, 16, 12),
        (JPEG_LS, streams::JPEGLS_12, 16, 12),
    ];
    for (syntax, stream, allocated, stored) in cases {
        let frame = frame(gray().bits(allocated, stored).compressed(syntax, vec![bytes(stream)]));
        assert_eq!(values(&frame), rough(u32::from(stored)), "{syntax}");
        assert_eq!(frame.color, ColorModel::Gray);
    }
}

#[test]
fn a_point_transform_leaves_the_upper_bits() {
    let frame = frame(gray().bits(16, 12).compressed(LOSSLESS, vec![bytes(streams::LOSSLESS_SHIFTED)]));
    assert_eq!(values(&frame), rough(12).into_iter().map(|v| v & !7).collect::<Vec<_>>());
}

#[test]
fn signed_samples_and_bits_of_jpeg_2000() {
    let signed = gray().bits(16, 12).signed(true).compressed(JPEG_2000, vec![bytes(streams::J2K_SIGNED)]);
    assert_eq!(values(&frame(signed)), rough(12).into_iter().map(|v| v - 2048).collect::<Vec<_>>());
    // The stream knows its sign where the header does not.
    let silent = gray().bits(16, 12).compressed(JPEG_2000, vec![bytes(streams::J2K_SIGNED)]);
    assert!(matches!(frame(silent).samples, Samples::I16(v) if i64::from(v[0]) == -2048));
    let bits = gray().bits(1, 1).compressed(JPEG_2000, vec![bytes(streams::J2K_BITS)]);
    let expected: Vec<i64> = rough(12).into_iter().map(|v| i64::from(v > 2000)).collect();
    assert_eq!(values(&frame(bits)), expected);
}

#[test]
fn colours_without_loss() {
    for (syntax, stream, label) in
        [(JPEG_2000, streams::J2K_COLOR, "YBR_RCT"), (JPEG_XL, streams::JXL_COLOR, "RGB")]
    {
        let builder = ImageBuilder::colour(ROWS as usize, COLUMNS as usize, label);
        let frame = frame(builder.compressed(syntax, vec![bytes(stream)]));
        assert_eq!(values(&frame), colors(), "{label}");
        assert_eq!(frame.color, ColorModel::Rgb);
    }
}

/// Red, green and blue of the smooth picture the DCT streams were made of.
fn smooth(i: usize) -> [f64; 3] {
    let (x, y) = ((i % 32) as f64, (i / 32) as f64);
    [40.0 + 4.0 * x, 120.0, 200.0 - 4.0 * y]
}

/// PS3.3 C.7.6.3.1.2.
fn ybr_full([r, g, b]: [f64; 3]) -> [f64; 3] {
    [
        0.2990 * r + 0.5870 * g + 0.1140 * b,
        -0.1687 * r - 0.3313 * g + 0.5000 * b + 128.0,
        0.5000 * r - 0.4187 * g - 0.0813 * b + 128.0,
    ]
}

fn assert_near(frame: &Frame, tolerance: f64, expected: impl Fn(usize) -> [f64; 3]) {
    let values = values(frame);
    for (i, pixel) in values.chunks(3).enumerate() {
        for (&got, want) in pixel.iter().zip(expected(i)) {
            assert!((got as f64 - want).abs() <= tolerance, "{pixel:?} for {:?} at {i}", expected(i));
        }
    }
}

#[test]
fn chrominance_of_every_sampling() {
    let cases = [
        ("4:4:4", streams::JPEG_444),
        ("4:2:2", streams::JPEG_422),
        ("4:2:0", streams::JPEG_420),
        ("4:4:0", streams::JPEG_440),
        ("4:1:1", streams::JPEG_411),
    ];
    for (sampling, stream) in cases {
        // Whatever the header says: nobody subsamples red, green and blue.
        for label in ["YBR_FULL_422", "YBR_FULL", "RGB"] {
            let builder = ImageBuilder::colour(32, 32, label);
            let frame = frame(builder.compressed(BASELINE, vec![bytes(stream)]));
            // Chrominance that is repeated is off by half of what it changes over a block of four.
            let tolerance = if matches!(sampling, "4:1:1" | "4:4:0") { 8.0 } else { 6.0 };
            assert_near(&frame, tolerance, |i| ybr_full(smooth(i)));
            assert_eq!(frame.color, ColorModel::YbrFull, "{sampling} {label}");
        }
    }
}

#[test]
fn a_stream_that_says_rgb_is_believed() {
    let builder = ImageBuilder::colour(32, 32, "YBR_FULL_422");
    let frame = frame(builder.compressed(BASELINE, vec![bytes(streams::JPEG_RGB)]));
    assert_near(&frame, 5.0, smooth);
    assert_eq!(frame.color, ColorModel::Rgb);
}

#[test]
fn recompressed_jpeg() {
    let builder = ImageBuilder::gray(32, 32).bits(8, 8);
    let frame = frame(builder.compressed(JPEG_XL_JPEG, vec![bytes(streams::JXL_JPEG)]));
    for (i, value) in values(&frame).into_iter().enumerate() {
        let expected = (20 + i % 32 * 3 + i / 32 * 3) as i64;
        assert!((value - expected).abs() <= 3, "{value} for {expected} at {i}");
    }
}

/// Two frames of 13 by 9 bits: 117 bits each, so that the second begins within a byte.
fn bits(frame: i64) -> Vec<i64> {
    all(|x, y| i64::from((x * x + 3 * y + frame) % 5 < 2))
}

/// Bits of one frame from the beginning of a byte.
fn packed(bits: &[i64]) -> Vec<u8> {
    let byte = |eight: &[i64]| (0..).zip(eight).fold(0, |byte, (at, &bit)| byte | (bit as u8) << at);
    bits.chunks(8).map(byte).collect()
}

fn even(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

/// One segment of literals only.
fn rle(bytes: &[u8]) -> Vec<u8> {
    let mut out = [1u32, 64].map(u32::to_le_bytes).concat();
    out.resize(64, 0);
    for literal in bytes.chunks(128) {
        out.push(literal.len() as u8 - 1);
        out.extend(literal);
    }
    even(out)
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("in memory");
    even(encoder.finish().expect("in memory"))
}

#[test]
fn bitmaps_in_every_packing() {
    let two = || gray().bits(1, 1).frames(2);
    let native = |syntax| two().samples([bits(0), bits(1)].concat()).syntax(syntax);
    let each = |pack: fn(&[u8]) -> Vec<u8>| [0, 1].map(|n| pack(&packed(&bits(n)))).to_vec();
    let objects = [
        native(Syntax::ImplicitLittle),
        native(Syntax::ExplicitLittle),
        native(Syntax::ExplicitBig),
        native(Syntax::Deflated),
        two().compressed(RLE, each(rle)),
        two().compressed(DEFLATED_FRAME, each(deflated)),
    ];
    for (n, object) in objects.into_iter().enumerate() {
        let image = image(object);
        for (number, expected) in [(0, bits(0)), (1, bits(1))] {
            let frame = image.decode(number).expect("a frame");
            assert_eq!(values(&frame), expected, "frame {number} of object {n}");
        }
    }
}

#[test]
fn twelve_bits_in_twelve() {
    // An odd number of cells: the second frame begins within a byte.
    let cells = [rough(12), rough(12)].concat();
    let mut stream = Vec::new();
    let (mut held, mut have) = (0u32, 0);
    for cell in &cells {
        held |= (*cell as u32) << have;
        have += 12;
        while have >= 8 {
            stream.push(held as u8);
            held >>= 8;
            have -= 8;
        }
    }
    stream.push(held as u8);
    let object = || gray().bits(12, 12).frames(2);
    let image = image(object().bytes(even(stream.clone())));
    for number in 0..2 {
        assert_eq!(values(&image.decode(number).expect("a frame")), rough(12));
    }
    assert_eq!(image.stored_at(0, 0, 0), Ok(None), "such a pixel has to be decoded for");
    let short = DicomFile::from_bytes(object().bytes(stream[..stream.len() * 5 / 8].to_vec()).build())
        .expect("a file");
    let short = short.image().expect("an image");
    // A quarter of the second frame is no picture.
    assert!(short.decode(0).is_ok() && matches!(short.decode(1), Err(Error::FrameData(_))));
}

#[test]
fn reduced_frames_keep_type_and_sign() {
    let builder = gray().bits(16, 12).signed(true);
    let image = image(builder.compressed(JPEG_2000, vec![bytes(streams::J2K_SIGNED)]));
    let reduce = image.info().reduction_for(7, 5);
    assert_eq!(reduce, 1);
    let reduced = image.decode_reduced(0, reduce).expect("a frame").expect("a smaller one");
    assert_eq!((reduced.frame.columns, reduced.frame.rows), (7, 5));
    assert_eq!((reduced.columns, reduced.rows, reduced.reduce), (13, 9, 1));
    assert!(matches!(reduced.frame.samples, Samples::I16(v) if v.len() == 35));
    assert_eq!(image.warnings(), Vec::<String>::new());
    assert!(image.decode_reduced(1, 1).is_err(), "there is one frame");
}

#[test]
fn what_has_no_resolutions_is_not_reduced() {
    let bits = gray().bits(1, 1).compressed(JPEG_2000, vec![bytes(streams::J2K_BITS)]);
    let indices = gray().bits(8, 8).photometric("PALETTE COLOR").set(|d| {
        d.int(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, [256, 0, 8]);
    });
    let objects = [
        bits,
        indices.compressed(JPEG_2000, vec![bytes(streams::JP2)]),
        gray().bits(16, 12).compressed(JPEG_LS, vec![bytes(streams::JPEGLS_12)]),
        gray().bits(8, 8).compressed(JPEG_2000, vec![bytes(streams::JP2)]),
        gray().samples(rough(16)),
    ];
    for (n, object) in objects.into_iter().enumerate() {
        assert_eq!(image(object).decode_reduced(0, 3), Ok(None), "object {n}");
    }
}

#[test]
fn thumbnails_are_drawn_from_a_smaller_resolution() {
    let scratch = support::Scratch::new("thumbnail");
    // Everything is far above the window.
    let object = gray().bits(16, 12).signed(true).window(-9000.0, 10.0);
    let object = object.compressed(JPEG_2000, vec![bytes(streams::J2K_SIGNED)]);
    let (file, out) = (scratch.file("image.dcm", object.build()), scratch.join("small.png"));
    let [file, out] = [&file, &out].map(|path| path.to_str().expect("a name"));
    for more in [&["--quick"][..], &["--quick", "--full-range"], &["--quick", "--size", "native"]] {
        let fixed = ["render", file, "-o", out, "--engine", "cpu", "--size", "4x3"];
        let command = fixed[..if more.contains(&"--size") { 6 } else { 8 }].iter().chain(more);
        support::program::viewer(command.copied()).expect(0);
        let png = std::fs::read(out).expect("a picture");
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a header");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut pixels).expect("pixels");
        let expected = if more.contains(&"--size") { (13, 9) } else { (4, 3) };
        assert_eq!((info.width, info.height), expected, "{more:?}");
        assert!(more.contains(&"--full-range") || pixels.iter().filter(|&&p| p == 255).count() >= 8);
    }
}
