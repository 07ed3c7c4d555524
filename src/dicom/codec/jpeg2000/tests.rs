//! Reduced decoding held against the wavelet of the standard; the stream was made by OpenJPEG.

use super::*;
use crate::dicom::testing::info;

/// 21 by 13 samples of 12 bits, two decomposition levels of the reversible wavelet.
const STREAM: &str = "\
    ff4fff5100290000000000150000000d0000000000000000000000150000000d000000000000000000010b0101ff5200\
    0c00000001000204040001ff5c000a4060686870686870ff90000a0000000000ff0001ff93cfe48c114fde0137679bd3\
    efba03dc3c17b1579118fe3c949ad55ccedf0deebe30ad8ccd0ecdc3f61680fb44a03f01101a9a10858e517858daea3d\
    72b90c66e1edb27ffd64871c26252663aae053149f6c4a8616e9058fb719900ee3acbdd408bf0216473333d644c7c1f9\
    9740fc0ae07e64a024da7ad81d6002b35324a1c0f89edc4326dc9814f865a714e15a994171c4b0adc4d16664362c9b0a\
    0318b93d50df2c87add3c6f3e9e4a022f4b6477777ab6974bcff1419b6bad03391078f7faa89adb9ec8dfbe0e24dcccc\
    8f417df09f7512e70e0bfda488d8a90d6b6bf836bbb0bfc61ff85fa989117c2eaf372100f00fffd9";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

const COLUMNS: usize = 21;
const ROWS: usize = 13;

fn original() -> Vec<i32> {
    let value = |x: i32, y: i32| if x < 8 { 700 } else { (x * 97 + y * 61 + (x * y) % 13 * 20) % 4096 };
    (0..ROWS as i32).flat_map(|y| (0..COLUMNS as i32).map(move |x| value(x, y))).collect()
}

/// The low half of a line under the reversible 5/3 wavelet (T.800 F.4.8.1), mirrored at its ends.
fn low(line: &[i32]) -> Vec<i32> {
    let last = line.len() as i32 - 1;
    let at = |i: i32| {
        line[(if i < 0 {
            -i
        } else if i > last {
            2 * last - i
        } else {
            i
        }) as usize]
    };
    let high = |n: i32| at(2 * n + 1) - (at(2 * n) + at(2 * n + 2)).div_euclid(2);
    (0..(line.len() as i32 + 1) / 2).map(|n| at(2 * n) + (high(n - 1) + high(n) + 2).div_euclid(4)).collect()
}

/// Columns first, then rows, as an encoder does.
fn halved(samples: &[i32], columns: usize) -> (Vec<i32>, usize) {
    let rows = samples.len() / columns;
    let down: Vec<Vec<i32>> =
        (0..columns).map(|x| low(&(0..rows).map(|y| samples[y * columns + x]).collect::<Vec<_>>())).collect();
    let lines = (0..rows.div_ceil(2)).map(|y| low(&down.iter().map(|c| c[y]).collect::<Vec<_>>()));
    (lines.flatten().collect(), columns.div_ceil(2))
}

fn values(image: &Decoded) -> Vec<i32> {
    match &image.samples {
        Raw::U8(values) => values.iter().map(|&v| i32::from(v)).collect(),
        Raw::U16(values) => values.iter().map(|&v| i32::from(v)).collect(),
        Raw::I32(values) => values.clone(),
    }
}

fn header() -> ImageInfo {
    ImageInfo { rows: ROWS as u32, columns: COLUMNS as u32, ..info(16, 12, false) }
}

#[test]
fn the_full_image_is_exact() {
    let image = decode(&header(), &bytes(STREAM), &mut Vec::new()).unwrap();
    assert_eq!(values(&image), original());
}

#[test]
fn reduced_images_are_the_low_bands_of_the_wavelet() {
    let (first, columns) = halved(&original(), COLUMNS);
    let (second, _) = halved(&first, columns);
    for (asked, got, expected, size) in
        [(1, 1, &first, (11, 7)), (2, 2, &second, (6, 4)), (9, 2, &second, (6, 4))]
    {
        let (image, full) =
            decode_reduced(&header(), &bytes(STREAM), asked, &mut Vec::new()).unwrap().unwrap();
        assert_eq!((image.columns, image.rows), size);
        assert_eq!((full.columns, full.rows, full.reduce), (21, 13, got));
        assert_eq!(&values(&image), expected);
    }
}

#[test]
fn constant_areas_keep_their_value() {
    let (image, _) = decode_reduced(&header(), &bytes(STREAM), 2, &mut Vec::new()).unwrap().unwrap();
    assert_eq!(values(&image)[0], 700);
}

#[test]
fn a_stream_without_levels_is_not_reduced() {
    let mut stream = bytes(STREAM);
    let style = stream.windows(2).position(|w| w == [0xFF, 0x52]).unwrap();
    stream[style + 9] = 0;
    assert!(decode_reduced(&header(), &stream, 1, &mut Vec::new()).unwrap().is_none());
}

fn position(stream: &[u8], marker: u8) -> usize {
    stream.windows(2).position(|w| w == [0xFF, marker]).unwrap()
}

/// The one tile-part of the stream, given its true length.
fn sized() -> Vec<u8> {
    let mut stream = bytes(STREAM);
    let part = position(&stream, 0x90);
    let length = (stream.len() - 2 - part) as u32;
    stream[part + 6..part + 10].copy_from_slice(&length.to_be_bytes());
    stream
}

#[test]
fn a_comment_after_the_last_tile_part_is_left_out() {
    let mut stream = sized();
    let end = stream.len() - 2;
    stream.splice(end..end, [0xFF, 0x64, 0, 11, 0, 1, b'P', b'A', b'D', b'D', b'I', b'N', b'G']);
    let mut warnings = Vec::new();
    let image = decode(&header(), &stream, &mut warnings).unwrap();
    assert_eq!(values(&image), original());
    assert_eq!(warnings.len(), 1, "{warnings:?}");
}

#[test]
fn tile_parts_counted_one_short_are_all_decoded() {
    let mut stream = sized();
    let part = position(&stream, 0x90);
    (stream[part + 10], stream[part + 11]) = (0, 1);
    assert!(!counts_are_wrong(&stream));
    stream[part + 10] = 1;
    assert!(counts_are_wrong(&stream));
}

#[test]
fn what_is_cut_short_is_decoded_with_a_word() {
    let stream = sized();
    let mut warnings = Vec::new();
    let image = decode(&header(), &stream[..stream.len() - 20], &mut warnings).unwrap();
    assert_eq!(values(&image).len(), COLUMNS * ROWS);
    assert_eq!(warnings, ["a compressed frame is cut short"]);
    for length in 0..stream.len() {
        let _ = decode(&header(), &stream[..length], &mut Vec::new());
    }
}

#[test]
fn pieces_without_number_are_refused() {
    // Tiles of one by one, then precincts of one by one, of an image large enough to be made of many.
    let large = ImageInfo { rows: 4000, columns: 4000, ..header() };
    let mut stream = bytes(STREAM);
    stream[8..16].copy_from_slice(&[0, 0, 15, 160, 0, 0, 15, 160]);
    stream[24..32].copy_from_slice(&[0, 0, 15, 160, 0, 0, 15, 160]);
    assert!(MainHeader::read(&stream).is_ok());
    let mut tiled = stream.clone();
    tiled[24..32].copy_from_slice(&[0, 0, 0, 16, 0, 0, 0, 16]);
    let error = decode(&large, &tiled, &mut Vec::new()).err().unwrap();
    assert!(error.to_string().contains("tiles"), "{error}");
    let style = position(&stream, 0x52);
    stream[style + 3] += 3;
    stream[style + 4] |= 1;
    stream.splice(style + 14..style + 14, [0x00, 0x00, 0x00]);
    let error = decode(&large, &stream, &mut Vec::new()).err().unwrap();
    assert!(error.to_string().contains("precincts"), "{error}");
}

#[test]
fn a_palette_in_the_file_makes_colours_where_the_header_says_so() {
    // Boxes are not followed, only found; 2 entries of 8, 8 and 12 bits.
    let mut boxes = b"\0\0\0\x1Apclr".to_vec();
    boxes.extend([0, 2, 3, 7, 7, 11, 1, 2, 0x01, 0x23, 9, 8, 0x0F, 0xFF]);
    let palette = Palette::find(&boxes).unwrap();
    let image = Decoded {
        rows: 1,
        columns: 3,
        channels: 1,
        precision: 8,
        signed: Some(false),
        color: None,
        samples: Raw::U8(vec![0, 1, 7]),
    };
    let colors = palette.apply(image);
    assert_eq!((colors.channels, colors.precision), (3, 12));
    assert_eq!(values(&colors), [1, 2, 0x123, 9, 8, 0xFFF, 9, 8, 0xFFF]);
    assert!(Palette::find(&boxes[..boxes.len() - 1]).is_none());
    let file = [boxes, bytes(STREAM)].concat();
    assert_eq!(decode(&header(), &file, &mut Vec::new()).unwrap().channels, 1, "the header says one");
}
