//! Decoding streams that other encoders wrote: DCMTK the lossless and 12-bit ones, libjpeg the others.

use super::*;
use crate::dicom::codec::fit::Raw;

const LOSSLESS_1: &str = "\
    ffd8ffe000104a46494600010100000100010000ffc3000b100007000901011100ffc4001a0000030101010100000000\
    0000000000000a0b0c0d090810ffda0008010100010000fbd7245673ad0f740bfce965ab5f4e37db849c780d32752502\
    d4c455f5a71beff2713e36aabb1e839a6aeb1dd38de9114a3019af0eeaa1729cead034e37a8a56ec296cdbc3687fa7c6\
    b63d38deb416d3131b7cf30a28aa14ae1b4e37b165fac6f6f0bd4e8c5a8deba9ffd9";
const LOSSLESS_4: &str = "\
    ffd8ffe000104a46494600010100000100010000ffc3000b100007000901011100ffc4001a0001000203010000000000\
    000000000000060b0d080a0c10ffda0008010100040000f65cec57bceca1f340cfe7d2cbd5af671a8d1a3468d1a34767\
    1a8d1a3468d1a347671a8d1a3468d1a347671a8d1a3468d1a347671a8d1a3468d1a347671a8d1a3468d1a347ffd9";
const LOSSLESS_5: &str = "\
    ffd8ffe000104a46494600010100000100010000ffc3000b100007000901011100ffc4001a0000020301010000000000\
    0000000000000a0b08090d0c10ffda0008010100050000f4b922b39d687ba05fe7d2cbd5afa71b202ce6fc8aacd9183a\
    cd66c7e9c6c91b4a2032bc375617339db41a71b28ed70854b38e1d880cf96d969c6cb4b6d2262df398628b429b87a71b\
    31adfc8e0bc4ea98c6d1c6eae9c6cd7b902493023bb63a34b5bcdfffffd9";
const LOSSLESS_6: &str = "\
    ffd8ffe000104a46494600010100000100010000ffc3000b100007000901011100ffc400190001010003010000000000\
    0000000000000c0d080a0b10ffda0008010100060000f65cec57bcef50fed03dfcd2caad7a71a9ea4fda83543ca30520\
    a94d4c94e353d49fb506a879460a41529a9929c6a7a93f6a0d50f28c1482a53532538d4f527ed41aa1e51829054a6a64\
    a71a9ea4fda83543ca30520a94d4c94e353d49fb506a879460a41529a993ffd9";
const LOSSLESS_7: &str = "\
    ffd8ffe000104a46494600010100000100010000ffc3000b100007000901011100ffc400190001010003010000000000\
    0000000000000c0d080a0b10ffda0008010100070000f65cec57bcef50fed03dfcd2caad7a71aa46588af6d94cd7071d\
    bc15fa14e354b0b225f6b2ddb04e4c78bbf869c6a9a5668bfe664b64dcbcf287f9d38d53dad15820cda6d2b9bde75401\
    29c6aa316aec2167636d9d02f4ba02d4e3553cb68619b3f5b90e927aed027fffffd9";
const LOSSLESS_COLOR_7: &str = "\
    ffd8ffc30011080007000903001100011100021100ffc4001800010101010100000000000000000000000400050308ff\
    da000c03000001000200070000f3ff009ffcff00b377d9bbecddf66efb377d9bbecddf66ef6f2daf4b5e96bd2d7a5af4\
    b5e96bd2d7a6de5b5e96bd2d7a5af4b5e96bd2d7a5af4dbcb6bd2d7a5af4b5e96bd2d7a5af4b5e9b796d7a5af4b5e96b\
    d2d7a5af4b5e96bd36f2daf4b5e96bd2d7a5af4b5e96bd2d7a6de5b5e96bd2d7a5af4b5e96bd2d7a5af4ff00ffd9";
const BASELINE: &str = "\
    ffd8ffe000104a46494600010100000100010000ffdb0043000201010101010201010102020202020403020202020504\
    040304060506060605060606070908060709070606080b08090a0a0a0a0a06080b0c0b0a0c090a0a0affc0000b080010\
    001801011100ffc4001f0000010501010101010100000000000000000102030405060708090a0bffc400b51000020103\
    03020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f024336272\
    82090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475\
    767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9\
    cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda0008010100003f00fc99f825f093fd4f\
    fa2fa76afb03e097c24ff53fe8be9dabec0f825f093fd4ff00a2fa76af87fe097c24ff0053fe8be9dabec0f825f093fd\
    4ffa2fa76afb03e097c24ff53fe8be9dabffd9";
const PROGRESSIVE: &str = "\
    ffd8ffe000104a46494600010100000100010000ffdb0043000201010101010201010102020202020403020202020504\
    040304060506060605060606070908060709070606080b08090a0a0a0a0a06080b0c0b0a0c090a0a0affc2000b080010\
    001801011100ffc4001500010100000000000000000000000000000708ffda000801010000000193181803d8183fffc4\
    001510010100000000000000000000000000000500ffda0008010100010502109842610984261098426fffc400161000\
    030000000000000000000000000000000122ffda0008010100063f025229148a452293ffc40014100100000000000000\
    000000000000000020ffda0008010100013f214eeeeeff00ffda000801010000001003ffc40016100003000000000000\
    00000000000000000041a1ffda0008010100013f10988988988988988988ffd9";
const RESTARTS: &str = "\
    ffd8ffe000104a46494600010100000100010000ffdb0043000201010101010201010102020202020403020202020504\
    040304060506060605060606070908060709070606080b08090a0a0a0a0a06080b0c0b0a0c090a0a0affc0000b080010\
    001801011100ffc4001f0000010501010101010100000000000000000102030405060708090a0bffc400b51000020103\
    03020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f024336272\
    82090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475\
    767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9\
    cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffdd00040002ffda0008010100003f00fc99\
    f825f093fd4ffa2fa76afb03e097c24ff53fe8be9dabffd0daf825f093fd4ffa2fa76af87fe097c24ff53fe8be9dabff\
    d187e097c24ff53fe8be9dabec0f825f093fd4ff00a2fa76afffd9";
const SUBSAMPLED: &str = "\
    ffd8ffe000104a46494600010100000100010000ffdb0043000201010101010201010102020202020403020202020504\
    040304060506060605060606070908060709070606080b08090a0a0a0a0a06080b0c0b0a0c090a0a0affdb0043010202\
    02020202050303050a0706070a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\
    0a0a0a0a0a0a0a0a0a0a0a0a0a0affc00011080010001003012200021101031101ffc4001f0000010501010101010100\
    000000000000000102030405060708090a0bffc400b5100002010303020403050504040000017d010203000411051221\
    31410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a\
    434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a9293949596979899\
    9aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1\
    f2f3f4f5f6f7f8f9faffc4001f0100030101010101010101010000000000000102030405060708090a0bffc400b51100\
    020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f015\
    6272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a63646566676869\
    6a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4\
    c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9faffda000c03010002110311003f00f9\
    7be1f68df73e4f4af73f87da37dcf97d3b579c7c3ed1bfd5fc9e95ee7f0fb46fb9f27a76af97e25f04be2fdd7e07c6f8\
    23997f0b5edfa1ffd9";
const EXTENDED_12: &str = "\
    ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304030304050805050404050a07\
    0706080c0a0c0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ffc1000b0c0010\
    001801011100ffc4001400010000000000000000000000000000000cffc4001b10000104030000000000000000000000\
    000a00263744536171ffda0008010100003f0009d03809347eccc15b9a48550701268fd9982b73490aa0e024d1fb3305\
    6e6917fc1c049a3f6660adcd242b03809347eccc15b9a48550701268fd9982b734bfffd9";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn decoded(hex: &str) -> Decoded {
    let data = bytes(hex);
    decode(&data, Budget::generous(&data), &mut Vec::new()).unwrap()
}

/// The image the lossless streams were made of.
fn rough() -> Vec<u16> {
    (0..7u32).flat_map(|y| (0..9u32).map(move |x| ((x * x * 37 + y * 1001 + x * y * 7) * 5) as u16)).collect()
}

#[test]
fn lossless_predictors_are_exact() {
    for hex in [LOSSLESS_1, LOSSLESS_4, LOSSLESS_5, LOSSLESS_6, LOSSLESS_7] {
        let image = decoded(hex);
        assert_eq!((image.rows, image.columns, image.channels, image.precision), (7, 9, 1, 16));
        let Raw::U16(samples) = image.samples else { panic!("not 16 bits") };
        assert_eq!(samples, rough());
    }
}

#[test]
fn lossless_colour_is_interleaved() {
    let image = decoded(LOSSLESS_COLOR_7);
    let Raw::U16(samples) = image.samples else { panic!("not as decoded") };
    let expected: Vec<u16> = (0..7u16)
        .flat_map(|y| (0..9u16).flat_map(move |x| [x * 25, y * 30, (x * 7 + y * 11) & 255]))
        .collect();
    assert_eq!(samples, expected);
    assert!(image.color.is_none());
}

#[test]
fn sequential_progressive_and_restarted_streams_agree() {
    for hex in [BASELINE, PROGRESSIVE, RESTARTS] {
        let Raw::U8(samples) = decoded(hex).samples else { panic!("not 8 bits") };
        for (i, &sample) in samples.iter().enumerate() {
            let (x, y) = (i % 24, i / 24);
            let expected = (x * 6 + y * 5) as i32;
            assert!((i32::from(sample) - expected).abs() <= 1, "{sample} for {expected} at {x},{y}");
        }
    }
}

#[test]
fn twelve_bits_keep_their_depth() {
    let image = decoded(EXTENDED_12);
    assert_eq!(image.precision, 12);
    let Raw::U16(samples) = image.samples else { panic!("not 12 bits") };
    for (i, &sample) in samples.iter().enumerate() {
        let (x, y) = (i % 24, i / 24);
        let expected = (x * 100 + y * 80) as i32;
        assert!((i32::from(sample) - expected).abs() <= 40, "{sample} for {expected} at {x},{y}");
    }
}

#[test]
fn subsampled_colour_stays_ycbcr() {
    let image = decoded(SUBSAMPLED);
    assert_eq!(image.color, Some(ColorModel::YbrFull));
    let Raw::U8(samples) = image.samples else { panic!("not 8 bits") };
    // PS3.3 C.7.6.3.1.2 for the red, green and blue it was made of.
    for (i, pixel) in samples.as_chunks::<3>().0.iter().enumerate() {
        let (r, g, b) = ((i % 16 * 12) as f32, 120.0, (i / 16 * 12) as f32);
        let expected = [
            0.299 * r + 0.587 * g + 0.114 * b,
            -0.168_7 * r - 0.331_3 * g + 0.5 * b + 128.0,
            0.5 * r - 0.418_7 * g - 0.081_3 * b + 128.0,
        ];
        for (got, want) in pixel.iter().zip(expected) {
            assert!((f32::from(*got) - want).abs() < 5.0, "{pixel:?} for {expected:?}");
        }
    }
}

#[test]
fn cut_streams_yield_what_there_is_or_an_error() {
    for hex in [LOSSLESS_1, LOSSLESS_COLOR_7, BASELINE, PROGRESSIVE, RESTARTS, SUBSAMPLED, EXTENDED_12] {
        let whole = bytes(hex);
        for length in 2..whole.len() {
            let mut warnings = Vec::new();
            let _ = decode(&whole[..length], Budget::generous(&whole), &mut warnings);
        }
    }
}

#[test]
fn processes_that_are_not_decoded_are_named() {
    for (marker, name) in
        [(0xC9, "arithmetic"), (0xCB, "arithmetic"), (0xC5, "hierarchical"), (0xDE, "hierarchical")]
    {
        let mut data = bytes(BASELINE);
        let at = data.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
        data[at + 1] = marker;
        let error = decode(&data, Budget::generous(&data), &mut Vec::new()).err().unwrap();
        assert!(matches!(&error, Error::Unsupported { .. }) && error.to_string().contains(name), "{error}");
    }
}

#[test]
fn a_frame_far_longer_than_its_data_is_refused() {
    for stream in [LOSSLESS_1, BASELINE, PROGRESSIVE] {
        let mut data = bytes(stream);
        let at = data.windows(2).position(|w| w[0] == 0xFF && matches!(w[1], 0xC0 | 0xC2 | 0xC3)).unwrap();
        data[at + 5..at + 9].copy_from_slice(&[0x7F, 0xFF, 0x7F, 0xFF]);
        let info = crate::dicom::ImageInfo {
            rows: 0x7FFF,
            columns: 0x7FFF,
            ..crate::dicom::testing::info(16, 16, false)
        };
        assert!(decode(&data, Budget::new(&info, &data), &mut Vec::new()).is_err());
    }
}
