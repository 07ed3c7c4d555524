//! Whole objects built in memory, in all the ways writers get them wrong.

use std::io::Write;

use dicom_dictionary_std::tags;

use super::*;

/// One explicit little-endian element.
fn explicit(tag: Tag, vr: &str, value: &[u8]) -> Vec<u8> {
    let mut out = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
    out.extend(vr.as_bytes());
    if matches!(vr, "OB" | "OW" | "OF" | "SQ" | "UN" | "UT" | "OV") {
        out.extend([0, 0]);
        out.extend((value.len() as u32).to_le_bytes());
    } else {
        out.extend((value.len() as u16).to_le_bytes());
    }
    out.extend(value);
    out
}

fn implicit(tag: Tag, value: &[u8]) -> Vec<u8> {
    let mut out = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
    out.extend((value.len() as u32).to_le_bytes());
    out.extend(value);
    out
}

fn big(tag: Tag, vr: &str, value: &[u8]) -> Vec<u8> {
    let mut out = [tag.0.to_be_bytes(), tag.1.to_be_bytes()].concat();
    out.extend(vr.as_bytes());
    if vr == "OW" {
        out.extend([0, 0]);
        out.extend((value.len() as u32).to_be_bytes());
    } else {
        out.extend((value.len() as u16).to_be_bytes());
    }
    out.extend(value);
    out
}

fn item(value: &[u8]) -> Vec<u8> {
    implicit(Tag(0xFFFE, 0xE000), value)
}

const SEQUENCE_END: [u8; 8] = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
const ITEM_END: [u8; 8] = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0];

fn even(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

/// Preamble and meta information, then the data set.
fn file(transfer_syntax: &str, data: &[u8]) -> Vec<u8> {
    let meta = explicit(tags::TRANSFER_SYNTAX_UID, "UI", &even(transfer_syntax));
    let mut out = vec![0; 128];
    out.extend(b"DICM");
    out.extend(explicit(Tag(2, 0), "UL", &(meta.len() as u32).to_le_bytes()));
    out.extend(meta);
    out.extend(data);
    out
}

type Words<'a> = &'a [(Tag, u16)];

/// Image pixel module of one sample a pixel.
fn module(columns: u16, rows: u16, bits: u16) -> [(Tag, u16); 7] {
    [
        (tags::SAMPLES_PER_PIXEL, 1),
        (tags::ROWS, rows),
        (tags::COLUMNS, columns),
        (tags::BITS_ALLOCATED, if bits == 1 { 1 } else { bits.next_multiple_of(8) }),
        (tags::BITS_STORED, bits),
        (tags::HIGH_BIT, bits - 1),
        (tags::PIXEL_REPRESENTATION, 0),
    ]
}

fn words(elements: Words<'_>) -> Vec<u8> {
    elements.iter().flat_map(|(tag, value)| explicit(*tag, "US", &value.to_le_bytes())).collect()
}

/// The module of a multi-frame image, in tag order.
fn frames(count: u32, module: &[(Tag, u16)]) -> Vec<u8> {
    let count = explicit(tags::NUMBER_OF_FRAMES, "IS", &even(&count.to_string()));
    [words(&module[..1]), count, words(&module[1..])].concat()
}

fn pixels(bytes: &[u8]) -> Vec<u8> {
    explicit(tags::PIXEL_DATA, "OW", bytes)
}

/// Pixel data of undefined length.
fn fragments(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = explicit(tags::PIXEL_DATA, "OB", &[]);
    let length = out.len();
    out[length - 4..].fill(0xFF);
    out.extend(items.concat());
    out.extend(SEQUENCE_END);
    out
}

fn open(bytes: Vec<u8>) -> DicomFile {
    DicomFile::from_bytes(bytes).unwrap()
}

const NAME: &[u8] = b"Doe^Jane";

fn name() -> Vec<u8> {
    explicit(tags::PATIENT_NAME, "PN", NAME)
}

#[test]
fn not_dicom_is_said_to_be_so() {
    for bytes in [Vec::new(), b"hello".to_vec(), vec![0; 4000], b"\x89PNG\r\n\x1a\n....".repeat(40)] {
        assert_eq!(DicomFile::from_bytes(bytes).unwrap_err(), Error::NotDicom);
    }
}

#[test]
fn native_words_are_read_by_position() {
    let samples: Vec<u8> = (0..24u16).flat_map(u16::to_le_bytes).collect();
    let data = [frames(2, &module(4, 3, 16)), pixels(&samples), explicit(Tag(0xFFFC, 0xFFFC), "OB", &[0; 4])];
    let object = open(file(uid::EXPLICIT_LITTLE, &data.concat()));
    assert!(object.warnings.is_empty(), "{:?}", object.warnings);
    assert!(object.data.contains(Tag(0xFFFC, 0xFFFC)));
    let image = object.image().unwrap();
    assert_eq!(image.decode(1).unwrap().samples, Samples::U16((12..24).collect()));
    assert_eq!(image.stored_at(1, 2, 1).unwrap(), Some(vec![18.0]));
    assert_eq!(image.stored_at(1, 4, 1).unwrap(), None);
    assert_eq!(image.decode(2).unwrap_err(), Error::NoSuchFrame { frame: 2, frames: 2 });
}

#[test]
fn headers_are_found_without_preamble_and_meta_group() {
    let data = [name(), words(&module(2, 1, 8)), pixels(&[1, 2])].concat();
    let whole = file(uid::EXPLICIT_LITTLE, &data);
    let ways = [
        whole[128..].to_vec(),
        whole[132..].to_vec(),
        [explicit(tags::MODALITY, "CS", b"MR"), data].concat(),
    ];
    for bytes in ways {
        let object = open(bytes);
        assert_eq!(object.data.string(tags::PATIENT_NAME).as_deref(), Some("Doe^Jane"));
        assert_eq!(object.image().unwrap().decode(0).unwrap().samples, Samples::U8(vec![1, 2]));
    }
}

#[test]
fn the_encoding_that_is_there_wins_over_the_declared_one() {
    let spelled = [explicit(tags::MODALITY, "CS", b"MR"), name()].concat();
    let bare = [implicit(tags::MODALITY, b"MR"), implicit(tags::PATIENT_NAME, NAME)].concat();
    let swapped = [big(tags::MODALITY, "CS", b"MR"), big(tags::PATIENT_NAME, "PN", NAME)].concat();
    for data in [spelled, bare, swapped] {
        for declared in [uid::EXPLICIT_LITTLE, uid::IMPLICIT_LITTLE, uid::EXPLICIT_BIG, uid::DEFLATED] {
            let bytes = file(declared, &data);
            let Ok(object) = DicomFile::from_bytes(bytes) else {
                // A deflated stream can begin with anything; big endian is not looked for in it.
                assert_eq!(declared, uid::DEFLATED);
                continue;
            };
            assert_eq!(object.data.string(tags::PATIENT_NAME).as_deref(), Some("Doe^Jane"), "{declared}");
        }
    }
}

#[test]
fn single_elements_may_be_encoded_otherwise() {
    let mixed = [
        explicit(tags::MODALITY, "CS", b"MR"),
        implicit(tags::MANUFACTURER, b"nobody"),
        explicit(Tag(9, 0x1001), "zz", b"priv"),
        name(),
    ];
    let object = open(file(uid::EXPLICIT_LITTLE, &mixed.concat()));
    assert_eq!(object.data.string(tags::MANUFACTURER).as_deref(), Some("nobody"));
    assert_eq!(object.data.string(tags::PATIENT_NAME).as_deref(), Some("Doe^Jane"));
    assert_eq!(object.warnings, ["some elements are not encoded as declared"]);
}

#[test]
fn big_endian_values_and_samples_are_turned() {
    let module: Vec<u8> =
        module(2, 1, 16).iter().flat_map(|(tag, value)| big(*tag, "US", &value.to_be_bytes())).collect();
    let data = [module, big(tags::PIXEL_DATA, "OW", &[1, 2, 3, 4])].concat();
    let object = open(file(uid::EXPLICIT_BIG, &data));
    assert_eq!(object.data.int(tags::COLUMNS), Some(2));
    assert_eq!(object.image().unwrap().decode(0).unwrap().samples, Samples::U16(vec![0x0102, 0x0304]));
}

#[test]
fn deflated_data_sets_are_inflated() {
    let data = [name(), words(&module(2, 1, 8)), pixels(&[7, 9])].concat();
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&data).unwrap();
    let object = open(file(uid::DEFLATED, &encoder.finish().unwrap()));
    assert_eq!(object.image().unwrap().decode(0).unwrap().samples, Samples::U8(vec![7, 9]));
}

#[test]
fn sequences_come_in_every_form() {
    let inner = explicit(tags::CODE_VALUE, "SH", b"T-04");
    let defined = explicit(tags::VIEW_CODE_SEQUENCE, "SQ", &item(&inner));
    let mut open_ended = explicit(tags::VIEW_CODE_SEQUENCE, "SQ", &[]);
    let length = open_ended.len();
    open_ended[length - 4..].fill(0xFF);
    let mut open_item = item(&[]);
    open_item[4..].fill(0xFF);
    open_ended.extend([open_item, inner.clone(), ITEM_END.to_vec(), SEQUENCE_END.to_vec()].concat());
    // As UN, a sequence is implicit inside.
    let unknown = explicit(tags::VIEW_CODE_SEQUENCE, "UN", &item(&implicit(tags::CODE_VALUE, b"T-04")));
    let mut unknown_open = unknown.clone();
    unknown_open[8..12].fill(0xFF);
    unknown_open.extend(SEQUENCE_END);
    for sequence in [defined, open_ended, unknown, unknown_open] {
        let after = explicit(Tag(0x0055, 0x0010), "LO", b"MINE");
        let object = open(file(uid::EXPLICIT_LITTLE, &[name(), sequence, after].concat()));
        let code = object.data.item(tags::VIEW_CODE_SEQUENCE).and_then(|i| i.string(tags::CODE_VALUE));
        assert_eq!(code.as_deref(), Some("T-04"));
        assert!(object.data.contains(Tag(0x0055, 0x0010)));
    }
}

#[test]
fn items_inherit_the_character_set() {
    let data = [
        explicit(tags::SPECIFIC_CHARACTER_SET, "CS", b"ISO_IR 144"),
        explicit(tags::VIEW_CODE_SEQUENCE, "SQ", &item(&explicit(tags::CODE_MEANING, "LO", &[0xBB, 0xEE]))),
    ];
    let object = open(file(uid::EXPLICIT_LITTLE, &data.concat()));
    let meaning = object.data.item(tags::VIEW_CODE_SEQUENCE).and_then(|i| i.string(tags::CODE_MEANING));
    assert_eq!(meaning.as_deref(), Some("Лю"));
}

#[test]
fn endless_nesting_is_left_out() {
    let mut nested = item(&[]);
    for _ in 0..3000 {
        nested = item(&explicit(tags::CONTENT_SEQUENCE, "SQ", &nested));
    }
    let data = [name(), explicit(tags::CONTENT_SEQUENCE, "SQ", &nested)].concat();
    let object = open(file(uid::EXPLICIT_LITTLE, &data));
    assert_eq!(object.data.string(tags::PATIENT_NAME).as_deref(), Some("Doe^Jane"));
    assert!(object.warnings.iter().any(|w| w.contains("nested too deeply")));
}

#[test]
fn missing_bytes_cost_the_frames_they_belong_to() {
    let data = [frames(3, &module(4, 4, 8)), pixels(&[5; 48])].concat();
    let mut bytes = file(uid::EXPLICIT_LITTLE, &data);
    bytes.truncate(bytes.len() - 20);
    let object = open(bytes);
    assert_eq!(object.warnings, ["the pixel data is cut short by 20 bytes"]);
    let image = object.image().unwrap();
    assert!(image.decode(0).is_ok());
    let error = image.decode(1).unwrap_err().to_string();
    assert_eq!(error, "the frame is incomplete: 4 of the 16 bytes of frame 2 are missing");
}

#[test]
fn absurd_sizes_cost_nothing() {
    let data = [words(&module(65535, 65535, 16)), pixels(&[0; 8])].concat();
    let object = open(file(uid::EXPLICIT_LITTLE, &data));
    assert!(object.image().and_then(|i| i.decode(0)).is_err());
    let data = [words(&module(30000, 30000, 8)), fragments(&[item(&[]), item(&[0; 80])])].concat();
    for syntax in [uid::RLE, uid::JPEG_LS, uid::JPEG_2000, uid::DEFLATED_FRAME] {
        assert!(open(file(syntax, &data)).image().unwrap().decode(0).is_err());
    }
}

#[test]
fn bitmaps_follow_each_other_without_gaps() {
    // Three frames of 5 x 3 bits, of which the second begins in the middle of a byte.
    let data = [frames(3, &module(5, 3, 1)), pixels(&[0xFF, 0x7F, 0x00, 0x80, 0x01, 0x00])].concat();
    let image = open(file(uid::EXPLICIT_LITTLE, &data)).image().unwrap();
    assert_eq!(image.decode(0).unwrap().samples, Samples::U8(vec![1; 15]));
    assert_eq!(image.decode(1).unwrap().samples, Samples::U8(vec![0; 15]));
    let mut third = vec![0; 15];
    (third[1], third[2]) = (1, 1);
    assert_eq!(image.decode(2).unwrap().samples, Samples::U8(third));
    assert_eq!(image.stored_at(2, 1, 0).unwrap(), Some(vec![1.0]));
}

/// Two RLE frames of two bytes each.
fn rle_frame(first: u8, second: u8) -> Vec<u8> {
    let mut frame = vec![0; 64];
    (frame[0], frame[4]) = (1, 64);
    frame.extend([1, first, second, 128]);
    frame
}

fn table(offsets: &[u32]) -> Vec<u8> {
    item(&offsets.iter().flat_map(|o| o.to_le_bytes()).collect::<Vec<u8>>())
}

#[test]
fn frames_are_found_with_and_without_a_true_table() {
    let (one, two) = (item(&rle_frame(1, 2)), item(&rle_frame(3, 4)));
    let second = one.len() as u32;
    let cases = [
        (table(&[]), false),
        (table(&[0, second]), false),
        (table(&[0, second + 2]), true),
        (table(&[second, 0]), true),
        (table(&[0, 0x7FFF_FFFF]), true),
    ];
    for (offsets, wrong) in cases {
        let pixels = fragments(&[offsets, one.clone(), two.clone()]);
        let data = [frames(2, &module(2, 1, 8)), pixels].concat();
        let image = open(file(uid::RLE, &data)).image().unwrap();
        assert_eq!(image.decode(1).unwrap().samples, Samples::U8(vec![3, 4]));
        assert_eq!(image.decode(0).unwrap().samples, Samples::U8(vec![1, 2]));
        assert_eq!(image.warnings().len(), usize::from(wrong), "{:?}", image.warnings());
    }
}

#[test]
fn frames_may_take_several_fragments() {
    let (one, two) = (rle_frame(1, 2), rle_frame(3, 4));
    let pieces = [item(&one[..30]), item(&one[30..]), item(&two[..40]), item(&two[40..])];
    let second = (pieces[0].len() + pieces[1].len()) as u32;
    let extended: Vec<u8> = [0, u64::from(second)].iter().flat_map(|o| o.to_le_bytes()).collect();
    let extended = explicit(tags::EXTENDED_OFFSET_TABLE, "OV", &extended);
    for (before, offsets) in
        [(Vec::new(), table(&[0, second])), (extended, table(&[])), (Vec::new(), table(&[]))]
    {
        let pixels = fragments(&[vec![offsets], pieces.to_vec()].concat());
        let data = [frames(2, &module(2, 1, 8)), before, pixels].concat();
        let image = open(file(uid::RLE, &data)).image().unwrap();
        assert_eq!(image.decode(0).unwrap().samples, Samples::U8(vec![1, 2]));
        assert_eq!(image.decode(1).unwrap().samples, Samples::U8(vec![3, 4]));
    }
}

#[test]
fn signs_planes_and_shifted_bits() {
    let mut signed = module(2, 1, 16);
    (signed[4].1, signed[5].1, signed[6].1) = (12, 11, 1);
    let data = [words(&signed), pixels(&[0x00, 0xF8, 0xFF, 0x07])].concat();
    let image = open(file(uid::EXPLICIT_LITTLE, &data)).image().unwrap();
    assert_eq!(image.decode(0).unwrap().samples, Samples::I16(vec![-2048, 2047]));

    let mut color = module(2, 1, 8).to_vec();
    color[0].1 = 3;
    color.push((tags::PLANAR_CONFIGURATION, 1));
    let photometric = explicit(tags::PHOTOMETRIC_INTERPRETATION, "CS", b"RGB ");
    let data = [words(&color), photometric, pixels(&[1, 2, 3, 4, 5, 6])].concat();
    let image = open(file(uid::EXPLICIT_LITTLE, &data)).image().unwrap();
    let frame = image.decode(0).unwrap();
    assert_eq!((frame.samples, frame.color), (Samples::U8(vec![1, 3, 5, 2, 4, 6]), ColorModel::Rgb));
    assert_eq!(image.stored_at(0, 1, 0).unwrap(), Some(vec![2.0, 4.0, 6.0]));
}

#[test]
fn video_and_unknown_syntaxes_are_named() {
    let data = [words(&module(2, 1, 8)), fragments(&[item(&[]), item(&[0; 8])])].concat();
    let decode = |syntax| open(file(syntax, &data)).image().unwrap().decode(0).unwrap_err();
    assert!(matches!(decode("1.2.840.10008.1.2.4.102"), Error::Video { .. }));
    assert!(matches!(decode("1.2.3.4"), Error::Unsupported { .. }));
}

#[test]
fn samples_not_stored_as_declared() {
    // A bare native image under a compressed syntax, and fragments under a native one.
    let native = [words(&module(2, 1, 8)), pixels(&[1, 2])].concat();
    let object = open(file(uid::JPEG_BASELINE, &native));
    assert_eq!(object.image().unwrap().decode(0).unwrap().samples, Samples::U8(vec![1, 2]));
    let packed = [words(&module(2, 1, 8)), fragments(&[table(&[]), item(&rle_frame(1, 2))])].concat();
    let object = open(file(uid::EXPLICIT_LITTLE, &packed));
    assert_eq!(object.transfer_syntax, uid::RLE);
    assert_eq!(object.image().unwrap().decode(0).unwrap().samples, Samples::U8(vec![1, 2]));
}

/// Counts what is read.
struct Counting {
    inner: MemorySource,
    read: std::sync::atomic::AtomicU64,
}

impl ByteSource for Counting {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> std::io::Result<()> {
        self.read.fetch_add(buf.len() as u64, std::sync::atomic::Ordering::Relaxed);
        self.inner.read_exact_at(buf, offset)
    }

    fn label(&self) -> String {
        self.inner.label()
    }
}

#[test]
fn one_frame_costs_its_header_and_itself() {
    let data = [frames(60, &module(256, 256, 16)), pixels(&vec![0; 60 * 131_072])].concat();
    let source = std::sync::Arc::new(Counting {
        inner: MemorySource::new(file(uid::EXPLICIT_LITTLE, &data)),
        read: std::sync::atomic::AtomicU64::new(0),
    });
    let image = DicomFile::from_source(source.clone()).unwrap().image().unwrap();
    image.decode(59).unwrap();
    let read = source.read.load(std::sync::atomic::Ordering::Relaxed);
    assert!(read <= 131_072 + 16 * 1024, "{read} bytes were read");
}
