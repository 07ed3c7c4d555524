//! Decoding a mammogram from each lossless transfer syntax: in the loop, and as whole processes beside the
//! programs of DCMTK and OpenJPEG, which also make the files. What is not installed is left out.
//!
//! `cargo bench --no-default-features --bench codecs`; figures are only comparable within one run. Runs of the
//! two sides alternate, so that a busy machine slows both; the peers write what they decoded, ours hashes it.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops when it cannot go on"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lightbox::demo::ImageBuilder;
use lightbox::demo::rng::Rng;
use lightbox::dicom::DicomFile;

const RUNS: usize = 7;
const ROWS: usize = 3328;
const COLUMNS: usize = 2560;

/// A codec: the program that encodes with it and the one that decodes.
struct Case {
    name: &'static str,
    encode: fn(&Path) -> Option<PathBuf>,
    decode: &'static [&'static str],
    /// What the other program reads, where it is not the DICOM file.
    input: Option<&'static str>,
}

const CASES: [Case; 4] = [
    Case { name: "RLE", encode: |d| by_dcmtk(d, &["dcmcrle"], "rle"), decode: &["dcmdrle"], input: None },
    Case {
        name: "JPEG lossless",
        encode: |d| by_dcmtk(d, &["dcmcjpeg", "+e1"], "jpeg"),
        decode: &["dcmdjpeg"],
        input: None,
    },
    Case {
        name: "JPEG-LS",
        encode: |d| by_dcmtk(d, &["dcmcjpls"], "jpegls"),
        decode: &["dcmdjpls"],
        input: None,
    },
    Case {
        name: "JPEG 2000",
        encode: by_openjpeg,
        decode: &["opj_decompress", "-threads", "ALL_CPUS"],
        input: Some("image.j2k"),
    },
];

fn main() {
    let folder = workplace();
    let samples = mammogram();
    write(&folder.join("native.dcm"), gray().samples(samples.iter().map(|&v| i64::from(v))));
    let raw: Vec<u8> = samples.iter().flat_map(|v| v.to_le_bytes()).collect();
    fs::write(folder.join("image.rawl"), raw).expect("a file");

    println!("{COLUMNS} x {ROWS}, 12 bits in 16; medians of {RUNS} in ms");
    println!("{:<16}{:>10}{:>12}{:>12}{:>8}  beside", "", "in loop", "process", "peer", "ratio");
    for case in &CASES {
        let Some(file) = (case.encode)(&folder) else {
            println!("{:<16}the program that encodes it is not installed", case.name);
            continue;
        };
        let image = DicomFile::open(&file).and_then(|f| f.image()).expect("an image");
        let in_loop = median((0..RUNS).map(|_| time(|| image.decode(0).expect("a frame"))));
        let (mut own, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            own.push(time(|| run(Command::new(env!("CARGO_BIN_EXE_viewer")).arg("pixels").arg(&file))));
            theirs.push(time(|| run(&mut case.peer(&folder, &file))));
        }
        let (own, theirs) = (median(own), median(theirs));
        let [peer, ..] = case.decode else { continue };
        println!("{:<16}{in_loop:>10.1}{own:>12.1}{theirs:>12.1}{:>8.2}  {peer}", case.name, own / theirs);
        if case.name == "JPEG 2000" {
            for reduce in 1..=4 {
                let reduced = median((0..RUNS).map(|_| time(|| image.decode_reduced(0, reduce))));
                println!("{:<16}{reduced:>10.1}", format!("  1/{} of a side", 1 << reduce));
            }
        }
    }
    fs::remove_dir_all(&folder).ok();
}

impl Case {
    fn peer(&self, folder: &Path, file: &Path) -> Command {
        let (program, options) = self.decode.split_first().expect("a program");
        let mut command = Command::new(program);
        match self.input {
            Some(input) => {
                command.arg("-i").arg(folder.join(input)).arg("-o").arg(folder.join("out.rawl")).args(options)
            }
            None => command.args(options).arg(file).arg(folder.join("out.dcm")),
        };
        command
    }
}

/// A folder in memory where there is one, so that no disk is measured.
fn workplace() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let folder = base.join(format!("lightbox-codecs-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn gray() -> ImageBuilder {
    ImageBuilder::gray(ROWS, COLUMNS).bits(16, 12)
}

fn write(file: &Path, image: ImageBuilder) {
    fs::write(file, image.build()).expect("a file");
}

/// Half a disc of soft tissue with the noise of a detector, and nothing beside it.
fn mammogram() -> Vec<u16> {
    let mut rng = Rng::new(7);
    let value = |i: usize| {
        let (x, y) = ((i % COLUMNS) as f32 / COLUMNS as f32, (i / COLUMNS) as f32 / ROWS as f32 - 0.5);
        let radius = (x * x / 0.9 + y * y / 0.38).sqrt();
        if radius >= 1.0 {
            return 0;
        }
        let tissue = 900.0 + 2300.0 * (1.15 - radius) * (0.8 + 0.2 * (x * 60.0).sin() * (y * 45.0).cos());
        (tissue + rng.normal() * 12.0).clamp(0.0, 4095.0) as u16
    };
    (0..ROWS * COLUMNS).map(value).collect()
}

fn by_dcmtk(folder: &Path, command: &[&str], name: &str) -> Option<PathBuf> {
    let (program, options) = command.split_first()?;
    let out = folder.join(format!("{name}.dcm"));
    let mut command = Command::new(program);
    command.args(options).arg(folder.join("native.dcm")).arg(&out);
    quiet(&mut command).status().ok()?.success().then_some(out)
}

fn by_openjpeg(folder: &Path) -> Option<PathBuf> {
    let (stream, out) = (folder.join("image.j2k"), folder.join("jpeg2000.dcm"));
    let mut command = Command::new("opj_compress");
    command.arg("-i").arg(folder.join("image.rawl")).arg("-o").arg(&stream);
    command.args(["-F", &format!("{COLUMNS},{ROWS},1,12,u")]);
    quiet(&mut command).status().ok()?;
    let frame = fs::read(stream).ok()?;
    write(&out, gray().compressed("1.2.840.10008.1.2.4.90", vec![frame]));
    Some(out)
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

fn run(command: &mut Command) {
    let status = quiet(command).status();
    assert!(status.is_ok_and(|s| s.success()), "{command:?} failed");
}

fn time<T>(run: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(run());
    start.elapsed()
}

/// In milliseconds.
fn median(times: impl IntoIterator<Item = Duration>) -> f64 {
    let mut times: Vec<Duration> = times.into_iter().collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e3
}
