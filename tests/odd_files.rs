//! Files as writers get them wrong, one class a test: what can be read is read, and said to be odd.
//!
//! Where DCMTK reads such a file, the same comes out here; where it gives up, as much as there is.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::Write as _;

use lightbox::dicom::{DataSet, DicomFile, Error, Samples, Tag};
use support::Scratch;
use support::raw::*;

const IMPLICIT: &str = "1.2.840.10008.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
const BIG: &str = "1.2.840.10008.1.2.2";
const RLE: &str = "1.2.840.10008.1.2.5";

const MODALITY: Tag = Tag(0x0008, 0x0060);
const SEQUENCE: Tag = Tag(0x0008, 0x1115);
const CODE: Tag = Tag(0x0008, 0x0100);
const SCHEME: Tag = Tag(0x0008, 0x0102);
const NAME: Tag = Tag(0x0010, 0x0010);

fn open(bytes: Vec<u8>) -> DicomFile {
    DicomFile::from_bytes(bytes).expect("a file that opens")
}

fn modality() -> Vec<u8> {
    explicit(0x0008_0060, "CS", b"MR")
}

fn name() -> Vec<u8> {
    explicit(0x0010_0010, "PN", b"Doe^Jane")
}

/// Two by two bytes: 1 2 3 4.
fn picture() -> Vec<u8> {
    [words(&module(2, 2, 8, 8)), explicit(PIXEL_DATA, "OW", &[1, 2, 3, 4])].concat()
}

#[track_caller]
fn shows_the_picture(file: &DicomFile) {
    assert_eq!(file.image().unwrap().decode(0).unwrap().samples, Samples::U8(vec![1, 2, 3, 4]));
}

#[track_caller]
fn knows_the_name(file: &DicomFile) {
    assert_eq!(file.data.string(NAME).as_deref(), Some("Doe^Jane"), "{:?}", file.warnings);
}

#[track_caller]
fn warns(file: &DicomFile, what: &str) {
    let found = file.warnings.iter().filter(|warning| warning.contains(what)).count();
    assert_eq!(found, 1, "{what}: {:?}", file.warnings);
}

#[test]
fn no_preamble_and_no_meta_group() {
    let data = [modality(), name(), picture()].concat();
    let whole = file(EXPLICIT, &data);
    for bytes in [whole.clone(), whole[128..].to_vec(), whole[132..].to_vec(), data] {
        let file = open(bytes);
        knows_the_name(&file);
        shows_the_picture(&file);
        assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    }
    // Implicit, with nothing in front either.
    let module: Vec<u8> =
        module(2, 2, 8, 8).iter().flat_map(|(tag, value)| implicit(*tag, &value.to_le_bytes())).collect();
    let bare = [implicit(0x0008_0060, b"MR"), module, implicit(PIXEL_DATA, &[1, 2, 3, 4])].concat();
    let file = open(bare);
    assert_eq!(file.transfer_syntax, IMPLICIT);
    shows_the_picture(&file);
}

#[test]
fn the_transfer_syntax_is_wrong_or_missing() {
    let explicit_data = [modality(), name(), picture()].concat();
    let implicit_module: Vec<u8> =
        module(2, 2, 8, 8).iter().flat_map(|(tag, value)| implicit(*tag, &value.to_le_bytes())).collect();
    let implicit_data = [
        implicit(0x0008_0060, b"MR"),
        implicit(0x0010_0010, b"Doe^Jane"),
        implicit_module,
        implicit(PIXEL_DATA, &[1, 2, 3, 4]),
    ]
    .concat();
    let big_module: Vec<u8> =
        module(2, 2, 8, 8).iter().flat_map(|(tag, value)| big(*tag, "US", &value.to_be_bytes())).collect();
    // As words in big-endian order, bytes lie in pairs the other way round (PS3.5 annex A.3).
    let big_data = [
        big(0x0008_0060, "CS", b"MR"),
        big(0x0010_0010, "PN", b"Doe^Jane"),
        big_module,
        big(PIXEL_DATA, "OW", &[2, 1, 4, 3]),
    ]
    .concat();
    for (data, own) in [(explicit_data, EXPLICIT), (implicit_data, IMPLICIT), (big_data, BIG)] {
        for declared in [IMPLICIT, EXPLICIT, BIG, "1.2.3.4.5.6.7.8.9", ""] {
            let file = open(file(declared, &data));
            knows_the_name(&file);
            if declared.len() < 17 || declared.starts_with("1.2.840") {
                if declared != own {
                    assert!(!file.warnings.is_empty(), "{declared} in front of {own}");
                }
                shows_the_picture(&file);
            }
        }
    }
}

#[test]
fn encodings_mixed_within_a_sequence() {
    let bare = [implicit(0x0008_0100, b"T-04"), implicit(0x0008_0102, b"SCT ")].concat();
    let spelled = [explicit(0x0008_0100, "SH", b"T-04"), explicit(0x0008_0102, "SH", b"SCT ")].concat();
    let in_explicit = [modality(), explicit(0x0008_1115, "SQ", &item(&bare)), name(), picture()].concat();
    let in_implicit = [
        implicit(0x0008_0060, b"MR"),
        implicit(0x0008_1115, &item(&spelled)),
        implicit(0x0010_0010, b"Doe^Jane"),
    ]
    .concat();
    let single =
        [modality(), explicit(0x0008_1115, "SQ", &item(&[&bare[..12], &spelled[12..]].concat())), name()];
    for (syntax, data) in [(EXPLICIT, in_explicit), (IMPLICIT, in_implicit), (EXPLICIT, single.concat())] {
        let file = open(file(syntax, &data));
        knows_the_name(&file);
        let code = file.data.item(SEQUENCE).expect("an item");
        assert_eq!(code.string(CODE).as_deref(), Some("T-04"));
        assert_eq!(code.string(SCHEME).as_deref(), Some("SCT"));
        warns(&file, "not encoded as declared");
    }
}

#[test]
fn lengths_left_undefined_at_every_level() {
    let code = || explicit(0x0008_0100, "SH", b"T-04");
    let mut nested = code();
    for _ in 0..20 {
        nested = open_sequence(0x0008_1115, &open_item(&nested));
    }
    let file = open(file(EXPLICIT, &[modality(), nested, name(), picture()].concat()));
    assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    knows_the_name(&file);
    shows_the_picture(&file);
    let mut inner = &file.data;
    for _ in 0..20 {
        inner = inner.item(SEQUENCE).expect("an item");
    }
    assert_eq!(inner.string(CODE).as_deref(), Some("T-04"));
}

#[test]
fn private_elements_whose_representation_is_nonsense() {
    for vr in ["zz", "??", "OX", "\0\0", "  "] {
        let odd = explicit(0x0009_1001, vr, b"priv");
        let file = open(file(EXPLICIT, &[modality(), odd, name(), picture()].concat()));
        knows_the_name(&file);
        shows_the_picture(&file);
    }
}

#[test]
fn unknown_representation_of_undefined_length_is_implicit_inside() {
    let items = [item(&implicit(0x0008_0100, b"T-04")), SEQUENCE_END.to_vec()].concat();
    let known = explicit_of_length(0x0008_1115, "UN", UNDEFINED, &items);
    let private = explicit_of_length(0x0009_1010, "UN", UNDEFINED, &items);
    let file = open(file(EXPLICIT, &[modality(), known, private, name(), picture()].concat()));
    assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    for tag in [SEQUENCE, Tag(0x0009, 0x1010)] {
        let code = file.data.item(tag).and_then(|item| item.string(CODE));
        assert_eq!(code.as_deref(), Some("T-04"), "{tag:?}");
    }
    knows_the_name(&file);
    shows_the_picture(&file);
}

#[test]
fn padding_behind_everything() {
    let data = [modality(), name(), picture()].concat();
    let element = explicit(0xFFFC_FFFC, "OB", &[0; 64]);
    for padding in [vec![0; 1], vec![0; 7], vec![0; 512], element.clone(), [element, vec![0; 130]].concat()] {
        let file = open(file(EXPLICIT, &[data.clone(), padding].concat()));
        knows_the_name(&file);
        shows_the_picture(&file);
        assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    }
}

#[test]
fn group_lengths_right_and_wrong() {
    for length in [18u32, 0, 5, 4_000_000_000] {
        let group = explicit(0x0008_0000, "UL", &length.to_le_bytes());
        let file = open(file(EXPLICIT, &[group, modality(), name(), picture()].concat()));
        knows_the_name(&file);
        shows_the_picture(&file);
    }
    // That of the meta group decides where the data set begins; the groups themselves know better.
    let right = file(EXPLICIT, &[modality(), name(), picture()].concat());
    for length in [0u32, 8, 4000, u32::MAX] {
        let mut bytes = right.clone();
        bytes[140..144].copy_from_slice(&length.to_le_bytes());
        let file = open(bytes);
        knows_the_name(&file);
        shows_the_picture(&file);
    }
}

#[test]
fn odd_lengths_are_taken_at_their_word() {
    let odd = explicit(0x0010_0010, "PN", b"Doe^Jan");
    let file = open(file(EXPLICIT, &[modality(), odd, picture()].concat()));
    assert_eq!(file.data.string(NAME).as_deref(), Some("Doe^Jan"));
    shows_the_picture(&file);
}

#[test]
fn pixel_data_of_length_zero() {
    let empty = explicit(PIXEL_DATA, "OW", &[]);
    let native = [name(), words(&module(2, 2, 8, 8)), empty].concat();
    let encapsulated = [name(), words(&module(2, 2, 8, 8)), fragments(&[])].concat();
    let no_fragments = [name(), words(&module(2, 2, 8, 8)), fragments(&[offsets(&[])])].concat();
    for (syntax, data) in [(EXPLICIT, native), (RLE, encapsulated), (RLE, no_fragments)] {
        let file = open(file(syntax, &data));
        knows_the_name(&file);
        let error = file.image().and_then(|image| image.decode(0)).unwrap_err();
        assert!(matches!(error, Error::FrameData(_)), "{error}");
    }
}

#[test]
fn delimiters_missing_at_the_end() {
    let code = explicit(0x0008_0100, "SH", b"T-04");
    let endless = item_of_length(UNDEFINED, &code);
    let ways = [
        explicit_of_length(0x0008_1115, "SQ", UNDEFINED, &endless),
        explicit_of_length(0x0008_1115, "SQ", UNDEFINED, &item(&code)),
        explicit_of_length(0x0008_1115, "SQ", UNDEFINED, &open_item(&code)),
    ];
    for sequence in ways {
        let file = open(file(EXPLICIT, &[modality(), sequence].concat()));
        let found = file.data.item(SEQUENCE).and_then(|item| item.string(CODE));
        assert_eq!(found.as_deref(), Some("T-04"));
    }
    // The same for fragments: what is there is the frame.
    let mut pixels = fragments(&[offsets(&[]), item(&rle_frame(&[1, 2, 3, 4]))]);
    pixels.truncate(pixels.len() - 8);
    let image = open(file(RLE, &[words(&module(2, 2, 8, 8)), pixels].concat())).image().unwrap();
    assert_eq!(image.decode(0).unwrap().samples, Samples::U8(vec![1, 2, 3, 4]));
    assert_eq!(image.warnings().len(), 1, "{:?}", image.warnings());
}

#[test]
fn wrong_lengths_of_items_and_sequences() {
    let code = [explicit(0x0008_0100, "SH", b"T-04"), explicit(0x0008_0102, "SH", b"SCT ")].concat();
    let it = item(&code);
    let (one, size) = (it.len() as u32, code.len() as u32);
    let defined = |length: u32, items: &[u8]| explicit_of_length(0x0008_1115, "SQ", length, items);
    let ending = |length: u32| [item_of_length(length, &code), SEQUENCE_END.to_vec()].concat();
    let behind = name().len() as u32;
    // What is read, the bytes of the sequence, and the items expected in it.
    let ways = [
        ("a sequence that ends amid its item", defined(one - 6, &it), 1),
        (
            "a sequence that ends amid its second item",
            defined(one + 4, &[it.clone(), it.clone()].concat()),
            2,
        ),
        ("a sequence that ends between its items", defined(one, &[it.clone(), it.clone()].concat()), 2),
        ("a sequence that ends amid what follows", defined(one + 6, &it), 1),
        ("a sequence longer than the file", defined(one + 5000, &it), 1),
        ("an item that ends between its elements", defined(one, &item_of_length(12, &code)), 1),
        ("an item that ends amid an element", defined(one, &item_of_length(18, &code)), 1),
        ("the same without a length around", defined(UNDEFINED, &ending(18)), 1),
        ("an item that ends between its elements, closed", defined(UNDEFINED, &ending(12)), 1),
        ("an item that ends after what follows", defined(UNDEFINED, &ending(size + 8 + behind)), 1),
        ("an item that ends amid the delimiter", defined(UNDEFINED, &ending(size + 4)), 1),
        ("an item longer than its sequence", defined(one, &item_of_length(size + 10, &code)), 1),
        ("an item longer than the file", defined(UNDEFINED, &ending(70_000)), 1),
        ("an item without an end", defined(UNDEFINED, &ending(UNDEFINED)), 1),
        (
            "a delimiter behind an item with a length",
            defined(UNDEFINED, &[it.clone(), ITEM_END.to_vec(), SEQUENCE_END.to_vec()].concat()),
            1,
        ),
        (
            "a delimiter behind a sequence with a length",
            [defined(one, &it), SEQUENCE_END.to_vec()].concat(),
            1,
        ),
        ("a sequence without an end", defined(UNDEFINED, &it), 1),
        (
            "something else between items",
            defined(UNDEFINED, &[it.clone(), vec![0x77; 11], it.clone(), SEQUENCE_END.to_vec()].concat()),
            2,
        ),
    ];
    for (what, sequence, items) in ways {
        let file = open(file(EXPLICIT, &[modality(), sequence, name(), picture()].concat()));
        let found = file.data.items(SEQUENCE);
        assert_eq!(found.len(), items, "{what}: {:?}", file.warnings);
        for item in found {
            assert_eq!(item.string(CODE).as_deref(), Some("T-04"), "{what}");
            assert_eq!(item.string(SCHEME).as_deref(), Some("SCT"), "{what}: {:?}", file.warnings);
        }
        assert_eq!(file.data.string(NAME).as_deref(), Some("Doe^Jane"), "{what}: {:?}", file.warnings);
        shows_the_picture(&file);
        assert!(!file.warnings.is_empty() || what.contains("an item with a length"), "{what}");
    }
}

#[test]
fn a_header_cut_amid_an_element() {
    let data = [modality(), name(), picture()].concat();
    let whole = file(EXPLICIT, &data);
    let first = whole.len() - data.len();
    for end in first + 12..whole.len() {
        let file = open(whole[..end].to_vec());
        assert_eq!(file.data.string(MODALITY).as_deref(), Some("MR"), "{end} bytes");
        assert_eq!(file.data.string(NAME).is_some(), end >= first + 10 + 16, "{end} bytes");
    }
}

#[test]
fn pixel_data_shorter_than_the_image() {
    let image = |declared: u32, there: usize| {
        let pixels = explicit_of_length(PIXEL_DATA, "OW", declared, &[7; 256][..there]);
        open(file(EXPLICIT, &[words(&module(16, 16, 8, 8)), pixels].concat())).image().unwrap()
    };
    // The element is short: what is there is shown, with zeros for the rest.
    let short = image(200, 200);
    let shown = Samples::U8([[7; 200].as_slice(), &[0; 56]].concat());
    assert_eq!(short.decode(0).unwrap().samples, shown);
    assert_eq!(short.warnings(), ["56 of the 256 bytes of frame 1 are missing; zeros stand in for them"]);
    // The file is short: it was damaged on its way, and nobody knows what else is.
    assert!(matches!(image(256, 200).decode(0), Err(Error::FrameData(_))));
    // A shred of an image is none.
    assert!(matches!(image(100, 100).decode(0), Err(Error::FrameData(_))));
}

#[test]
fn fragments_of_length_zero() {
    let frame = |n: u8| item(&rle_frame(&[n; 4]));
    let nothing = || item(&[]);
    let ways = [
        vec![offsets(&[]), nothing(), frame(1), frame(2)],
        vec![offsets(&[]), frame(1), nothing(), frame(2), nothing()],
        vec![offsets(&[0, 0]), frame(1), frame(2), nothing()],
    ];
    for items in ways {
        let data = [frames("2", &module(2, 2, 8, 8)), fragments(&items)].concat();
        let image = open(file(RLE, &data)).image().unwrap();
        for number in [1, 0] {
            let expected = Samples::U8(vec![number as u8 + 1; 4]);
            assert_eq!(image.decode(number).unwrap().samples, expected);
        }
    }
}

#[test]
fn fragments_padded_beyond_their_length() {
    let mut odd = item(&rle_frame(&[5; 4])[..69]);
    odd.push(0);
    let data = [frames("2", &module(2, 2, 8, 8)), fragments(&[offsets(&[]), odd.clone(), odd])].concat();
    let image = open(file(RLE, &data)).image().unwrap();
    assert_eq!(image.decode(1).unwrap().samples, Samples::U8(vec![5; 4]));
}

#[test]
fn the_largest_image_without_data() {
    for allocated in [8, 16] {
        for pixels in
            [explicit(PIXEL_DATA, "OW", &[]), explicit_of_length(PIXEL_DATA, "OW", u32::MAX - 1, &[0; 64])]
        {
            let data = [name(), words(&module(65535, 65535, allocated, 8)), pixels].concat();
            let file = open(file(EXPLICIT, &data));
            knows_the_name(&file);
            assert!(file.image().and_then(|image| image.decode(0)).is_err());
        }
    }
}

#[test]
fn ten_thousand_levels() {
    let mut closed = item(&[]);
    for _ in 0..10_000 {
        // Lengths stop growing where they no longer fit; the nesting does not.
        closed = item(&explicit(0x0040_A730, "SQ", &closed));
    }
    let openers =
        [explicit_of_length(0x0040_A730, "SQ", UNDEFINED, &[]), item_of_length(UNDEFINED, &[])].concat();
    let ends = [ITEM_END, SEQUENCE_END].concat();
    let endless = openers.repeat(10_000);
    let delimited = [endless.clone(), ends.repeat(10_000)].concat();
    for nested in [explicit(0x0040_A730, "SQ", &closed), delimited] {
        let file = open(file(EXPLICIT, &[name(), nested, explicit(0x0055_0010, "LO", b"MINE")].concat()));
        knows_the_name(&file);
        assert_eq!(file.data.string(Tag(0x0055, 0x0010)).as_deref(), Some("MINE"), "what follows is read");
        warns(&file, "nested too deeply");
    }
    let file = open(file(EXPLICIT, &[name(), endless].concat()));
    knows_the_name(&file);
}

#[test]
fn what_is_no_file_is_said_to_be_none() {
    let scratch = Scratch::new("odd-files");
    assert_eq!(DicomFile::open(scratch.file("empty", [])).unwrap_err(), Error::NotDicom);
    assert_eq!(DicomFile::open(scratch.file("zeros", [0; 5000])).unwrap_err(), Error::NotDicom);
    assert!(matches!(DicomFile::open(scratch.path()), Err(Error::Io { .. })), "a folder");
    assert!(matches!(DicomFile::open(scratch.join("nowhere")), Err(Error::Io { .. })));
    let preamble = [&[0; 128][..], b"DICM"].concat();
    assert!(matches!(DicomFile::open(scratch.file("preamble", preamble)), Err(Error::Header(_))));
}

#[test]
#[cfg(unix)]
fn a_pipe_is_not_waited_for() {
    let scratch = Scratch::new("odd-pipe");
    let pipe = scratch.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|status| status.success()) {
        assert!(matches!(DicomFile::open(&pipe), Err(Error::Io { .. })));
    }
    assert!(matches!(DicomFile::open("/dev/zero"), Err(Error::Io { .. })));
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_deflated_data_set_cut_short() {
    // Nothing in it repeats, so that half of the stream is half of the samples.
    let noise: Vec<u8> = (1..=4096u32)
        .scan(1u32, |state, _| {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Some((*state >> 24) as u8)
        })
        .collect();
    let data =
        [modality(), name(), words(&module(64, 64, 8, 8)), explicit(PIXEL_DATA, "OW", &noise)].concat();
    let packed = deflate(&data);
    let whole = open(file(DEFLATED, &packed));
    assert_eq!(whole.image().unwrap().decode(0).unwrap().samples, Samples::U8(noise.clone()));
    let cut = open(file(DEFLATED, &packed[..packed.len() * 3 / 4]));
    knows_the_name(&cut);
    warns(&cut, "deflated data set is cut short");
    assert!(matches!(cut.image().unwrap().decode(0), Err(Error::FrameData(_))));
    assert_eq!(cut.image().unwrap().stored_at(0, 0, 0).ok(), None);
}

#[test]
fn a_deflated_data_set_that_never_ends() {
    // Half a gigabyte of zeros behind a header, in half a megabyte.
    let head = [modality(), name(), explicit_of_length(PIXEL_DATA, "OW", 512 << 20, &[])].concat();
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&head).unwrap();
    let block = vec![0; 1 << 20];
    for _ in 0..512 {
        encoder.write_all(&block).unwrap();
    }
    let file = open(file(DEFLATED, &encoder.finish().unwrap()));
    knows_the_name(&file);
    warns(&file, "too large");
    assert!(file.source.len() < 512 << 20);
}

#[test]
fn elements_behind_fragments_are_there_when_asked_for() {
    let table = [offsets(&[]), offsets(&[0])];
    for table in table {
        let pixels = fragments(&[table, item(&rle_frame(&[1, 2, 3, 4]))]);
        let behind = [
            explicit(0xFFFA_FFFA, "SQ", &item(&explicit(0x0400_0005, "US", &[3, 0]))),
            explicit(0xFFFC_FFFC, "OB", &[0; 8]),
        ]
        .concat();
        let file = open(file(RLE, &[words(&module(2, 2, 8, 8)), pixels, behind].concat()));
        assert!(!file.data.contains(Tag(0xFFFC, 0xFFFC)));
        let trailing = file.trailing().unwrap();
        assert!(trailing.warnings.is_empty(), "{:?}", trailing.warnings);
        let signature: Option<&DataSet> = trailing.data.item(Tag(0xFFFA, 0xFFFA));
        assert_eq!(signature.and_then(|item| item.int(Tag(0x0400, 0x0005))), Some(3));
        assert!(trailing.data.contains(Tag(0xFFFC, 0xFFFC)));
        shows_the_picture(&file);
    }
}
