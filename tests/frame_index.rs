//! Which bytes are which frame: with tables that are right, wrong, or not there, and at what cost.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io;
use std::sync::Arc;
use std::sync::Mutex;

use lightbox::dicom::{ByteSource, DicomFile, Error, Image, MemorySource, Samples};
use support::raw::*;

const RLE: &str = "1.2.840.10008.1.2.5";
const FRAMES: usize = 5;
const SIDE: u16 = 24;

/// Frame `n`: a ramp of its own.
fn samples(n: usize) -> Vec<u8> {
    (0..usize::from(SIDE * SIDE)).map(|i| (i * (n + 1) + n) as u8).collect()
}

/// The fragments of each frame: as many as asked for, cut at uneven places.
fn pieces(counts: &[usize]) -> Vec<Vec<Vec<u8>>> {
    let cut = |n: usize, count: usize| {
        let frame = rle_frame(&samples(n));
        let step = (frame.len() / count) & !1;
        let ends = (1..=count).map(|i| if i == count { frame.len() } else { i * step });
        let starts = (0..count).map(|i| i * step);
        starts.zip(ends).map(|(start, end)| item(&frame[start..end])).collect()
    };
    counts.iter().enumerate().map(|(n, count)| cut(n, *count)).collect()
}

/// Where each frame's first item begins, counted from the first.
fn true_offsets(pieces: &[Vec<Vec<u8>>]) -> Vec<u32> {
    let mut at = 0;
    let start = |frame: &Vec<Vec<u8>>| {
        let here = at;
        at += frame.iter().map(Vec::len).sum::<usize>();
        here as u32
    };
    pieces.iter().map(start).collect()
}

fn object(before: &[u8], table: Vec<u8>, pieces: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let items: Vec<_> = std::iter::once(table).chain(pieces.iter().flatten().cloned()).collect();
    let head = frames(&FRAMES.to_string(), &module(SIDE, SIDE, 8, 8));
    file(RLE, &[&head, before, &fragments(&items)].concat())
}

fn extended(offsets: &[u64]) -> Vec<u8> {
    explicit(0x7FE0_0001, "OV", &offsets.iter().flat_map(|o| o.to_le_bytes()).collect::<Vec<u8>>())
}

fn image(bytes: Vec<u8>) -> Image {
    DicomFile::from_bytes(bytes).unwrap().image().unwrap()
}

#[track_caller]
fn shows_all(image: &Image) {
    // From the last to the first, and again: a table may turn out wrong late.
    for n in (0..FRAMES).rev().chain(0..FRAMES) {
        let found = image.decode(n as u32).unwrap_or_else(|error| panic!("frame {n}: {error}"));
        assert_eq!(found.samples, Samples::U8(samples(n)), "frame {n}");
    }
}

#[test]
fn tables_that_are_right_or_absent() {
    for counts in [[1; FRAMES], [2; FRAMES], [1, 3, 2, 1, 4]] {
        let pieces = pieces(&counts);
        let right = true_offsets(&pieces);
        let long: Vec<u64> = right.iter().map(|o| u64::from(*o)).collect();
        for bytes in [
            object(&[], offsets(&right), &pieces),
            object(&[], offsets(&[]), &pieces),
            object(&extended(&long), offsets(&[]), &pieces),
            // One of two tables is enough.
            object(&extended(&[7; FRAMES]), offsets(&right), &pieces),
        ] {
            let image = image(bytes);
            shows_all(&image);
            assert!(image.warnings().is_empty(), "{counts:?}: {:?}", image.warnings());
        }
    }
}

#[test]
fn wrong_tables_are_seen_through_and_mentioned_once() {
    for counts in [[1; FRAMES], [2; FRAMES], [1, 3, 2, 1, 4]] {
        let pieces = pieces(&counts);
        let right = true_offsets(&pieces);
        let changed = |change: &dyn Fn(&mut Vec<u32>)| {
            let mut table = right.clone();
            change(&mut table);
            table
        };
        let ways = [
            ("too few", changed(&|t| t.truncate(3))),
            ("too many", changed(&|t| t.push(999_999))),
            ("backwards", changed(&|t| t.reverse())),
            ("twice the same", changed(&|t| t[2] = t[1])),
            ("not from zero", changed(&|t| t.iter_mut().for_each(|o| *o += 8))),
            ("amid a fragment", changed(&|t| t[3] += 2)),
            ("amid the last fragment", changed(&|t| t[4] += 6)),
            ("far away", changed(&|t| t[4] = 0x7FFF_FFFF)),
            ("everything far away", vec![0, 1 << 30, 1 << 31, 3 << 30, u32::MAX]),
        ];
        for (what, table) in ways {
            let image = image(object(&[], offsets(&table), &pieces));
            shows_all(&image);
            let warnings = image.warnings();
            assert_eq!(warnings.len(), 1, "{what}: {warnings:?}");
            assert!(warnings[0].contains("offset table is wrong"), "{what}: {warnings:?}");
        }
        let both = object(&extended(&[3; 9]), offsets(&[5, 4, 3, 2, 1]), &pieces);
        let image = image(both);
        shows_all(&image);
        assert_eq!(image.warnings().len(), 1, "{:?}", image.warnings());
    }
}

#[test]
fn a_file_cut_short_keeps_the_frames_before_the_cut() {
    let pieces = pieces(&[1, 3, 2, 1, 4]);
    let right = true_offsets(&pieces);
    for table in [offsets(&right), offsets(&[])] {
        let whole = object(&[], table, &pieces);
        // Amid the fourth frame.
        let behind: usize = pieces[4].iter().map(Vec::len).sum::<usize>() + SEQUENCE_END.len();
        let image = image(whole[..whole.len() - behind - 300].to_vec());
        for n in 0..3 {
            assert_eq!(image.decode(n).unwrap().samples, Samples::U8(samples(n as usize)));
        }
        assert!(matches!(image.decode(4), Err(Error::FrameData(_))));
        assert!(image.warnings().iter().any(|w| w.contains("without a delimiter")), "{:?}", image.warnings());
    }
}

/// Remembers every read, and can be as far away as it likes.
struct Watched {
    inner: MemorySource,
    reads: Mutex<Vec<usize>>,
    read_size: usize,
}

impl Watched {
    fn new(bytes: Vec<u8>, read_size: usize) -> Arc<Self> {
        Arc::new(Self { inner: MemorySource::new(bytes), reads: Mutex::default(), read_size })
    }

    fn take(&self) -> Vec<usize> {
        std::mem::take(&mut self.reads.lock().unwrap())
    }
}

impl ByteSource for Watched {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        self.reads.lock().unwrap().push(buf.len());
        self.inner.read_exact_at(buf, offset)
    }

    fn read_size(&self) -> usize {
        self.read_size
    }

    fn label(&self) -> String {
        "far away".to_owned()
    }
}

#[test]
fn a_frame_of_a_table_is_one_read() {
    let pieces = pieces(&[1, 3, 2, 1, 4]);
    let source = Watched::new(object(&[], offsets(&true_offsets(&pieces)), &pieces), 0);
    let image = DicomFile::from_source(source.clone()).unwrap().image().unwrap();
    image.decode(0).unwrap();
    source.take();
    for n in 0..4 {
        image.decode(n).unwrap();
        let items: usize = pieces[n as usize].iter().map(Vec::len).sum();
        assert_eq!(source.take(), [items], "frame {n}");
    }
}

#[test]
fn a_header_is_read_in_few_pieces_that_grow() {
    let text = vec![b'x'; 1000];
    let notes: Vec<u8> = (0..400u32).flat_map(|n| explicit(0x0009_1000 + n, "LO", &text)).collect();
    let data = [notes, words(&module(SIDE, SIDE, 8, 8)), explicit(PIXEL_DATA, "OW", &samples(0))].concat();
    let bytes = file("1.2.840.10008.1.2.1", &data);
    let near = Watched::new(bytes.clone(), 0);
    DicomFile::from_source(near.clone()).unwrap();
    let reads = near.take();
    assert!(reads.len() <= 8, "{reads:?}");
    let far = Watched::new(bytes.clone(), 1 << 20);
    DicomFile::from_source(far.clone()).unwrap().image().unwrap().decode(0).unwrap();
    let reads = far.take();
    assert!(reads.len() <= 2, "{reads:?}");
}

#[test]
fn failures_of_a_source_are_values_and_may_pass() {
    /// Fails every other time.
    struct Flaky(MemorySource, Mutex<bool>);
    impl ByteSource for Flaky {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
            let mut fails = self.1.lock().unwrap();
            *fails = !*fails;
            if *fails { self.0.read_exact_at(buf, offset) } else { Err(io::ErrorKind::TimedOut.into()) }
        }
        fn label(&self) -> String {
            "a bad line".to_owned()
        }
    }
    let pieces = pieces(&[1; FRAMES]);
    let bytes = object(&[], offsets(&true_offsets(&pieces)), &pieces);
    let source = Arc::new(Flaky(MemorySource::new(bytes), Mutex::new(false)));
    let image = loop {
        match DicomFile::from_source(source.clone()).and_then(|file| file.image()) {
            Ok(image) => break image,
            Err(error) => assert!(matches!(error, Error::Io { .. }), "{error}"),
        }
    };
    let mut failed = 0;
    while let Err(error) = image.decode(2) {
        assert!(matches!(error, Error::Io { .. }), "{error}");
        failed += 1;
        assert!(failed < 10, "a failure is not for ever");
    }
    assert!(image.warnings().is_empty(), "{:?}", image.warnings());
}

#[test]
fn frames_are_decoded_on_many_threads_at_once() {
    let pieces = pieces(&[1, 3, 2, 1, 4]);
    let mut wrong = true_offsets(&pieces);
    wrong[3] += 2;
    for table in [true_offsets(&pieces), wrong] {
        let image = image(object(&[], offsets(&table), &pieces));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| shows_all(&image));
            }
        });
        assert!(image.warnings().len() <= 1);
    }
}
