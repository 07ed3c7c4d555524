//! Decoding streams that CharLS wrote, by way of DCMTK.

use super::*;

const JPEGLS_16: &str = "\
    ffd8fff7000b100007000901011100fff8000d01ffff0012004301140040ffda0008010100000000ab8a2ab9c986d9fa\
    fdf2b04da30071ab70938efc66015088242c1817d001c6afe66b7dc2a69af842f168071c1718481a21fe4ad46db11305\
    bd2cf81ded4c9a8c82858537b08ce2ec16c00ee6a9ad7c42f2d01c4448217ccb82076b5686d922516ece5824e8c1c5d2\
    00ffffd9";
const JPEGLS_LINE: &str = "\
    ffd8fff70011080007000903011100021100031100ffda000c03010002000300000100800280053eb55a94e97fdd1570\
    4108424af80dfbdce6b5ac030cc523b306bfc00026318c5ad6b32b6d2465fe75dddd99984924922bfee3333333302955\
    48ff5b666665550555577fda5555555505ff7f00ffd9";
const JPEGLS_SAMPLE: &str = "\
    ffd8fff70011080007000903011100021100031100ffda000c03010002000300000200800343c00160a7e5ada7338cae\
    04f223a40000013b06890d24c9057c8fbbecf32706800046795d6eb75ba9c4e25864e89c4e271369b4da7a5cab80bd3d\
    7af5ebd72e22d82e5cb972e5cb973ad02e7cf9f3e7cf9f30ffd9";
const JPEGLS_NONE: &str = "\
    ffd8fff70011080007000903011100021100031100ffda0008010100000000800280053eb55a94e964af97faff3fff7f\
    fcffda0008010200000000fe0001e57c0004ff3aff38ff36ff34ff00ffda0008010300000000851562ad3fa0c33148ec\
    c1995b692309249245052aa9015555c17fff40ffffd9";
const JPEGLS_NEAR: &str = "\
    ffd8fff7000b100007000901011100fff8000d01ffff001b005201290040ffda0008010100030000a679f41d71764a29\
    ad115065a7daa248fa798a71b8122065b23648d308f6158380cb0e5b4b7491318fb15e390cd9659738096328ff0b31d2\
    6800c75839499338418b71d86940c759ba49d348430bc1e06a40ffd9";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn samples(hex: &str) -> Vec<u16> {
    let data = bytes(hex);
    match decode(&data, Budget::generous(&data), &mut Vec::new()).unwrap().samples {
        Raw::U8(values) => values.into_iter().map(u16::from).collect(),
        Raw::U16(values) => values,
        Raw::I32(_) => Vec::new(),
    }
}

fn rough() -> Vec<u16> {
    (0..7u32).flat_map(|y| (0..9u32).map(move |x| ((x * x * 37 + y * 1001 + x * y * 7) * 5) as u16)).collect()
}

#[test]
fn sixteen_bits_are_exact() {
    assert_eq!(samples(JPEGLS_16), rough());
}

#[test]
fn near_lossless_stays_near() {
    for (got, want) in samples(JPEGLS_NEAR).into_iter().zip(rough()) {
        assert!(got.abs_diff(want) <= 3, "{got} for {want}");
    }
}

#[test]
fn every_interleave_mode_is_exact() {
    let expected: Vec<u16> = (0..7u16)
        .flat_map(|y| (0..9u16).flat_map(move |x| [x * 25, y * 30, (x * 7 + y * 11) & 255]))
        .collect();
    for hex in [JPEGLS_LINE, JPEGLS_SAMPLE, JPEGLS_NONE] {
        assert_eq!(samples(hex), expected);
    }
}

#[test]
fn cut_streams_yield_what_there_is_or_an_error() {
    for hex in [JPEGLS_16, JPEGLS_LINE, JPEGLS_SAMPLE, JPEGLS_NONE, JPEGLS_NEAR] {
        let whole = bytes(hex);
        for length in 2..whole.len() {
            let _ = decode(&whole[..length], Budget::generous(&whole), &mut Vec::new());
        }
    }
}

/// Two images of the same width become one of both heights with a restart in between: what comes after a
/// restart marker is coded like a scan of its own.
#[test]
fn a_restart_begins_anew() {
    let whole = bytes(JPEGLS_16);
    let scan = whole.windows(2).position(|w| w == [0xFF, 0xDA]).unwrap();
    let (head, data) = (&whole[..scan], &whole[scan + 10..whole.len() - 2]);
    let mut twice = head.to_vec();
    let frame = twice.windows(2).position(|w| w == [0xFF, 0xF7]).unwrap();
    twice[frame + 6] = 14;
    twice.extend([0xFF, 0xDD, 0, 4, 0, 7]);
    twice.extend(&whole[scan..scan + 10]);
    for part in [data, &[0xFF, 0xD0], data, &[0xFF, 0xD9]] {
        twice.extend(part);
    }
    let image = decode(&twice, Budget::generous(&twice), &mut Vec::new()).unwrap();
    let Raw::U16(values) = image.samples else { panic!("words") };
    assert_eq!(values, [rough(), rough()].concat());
}
