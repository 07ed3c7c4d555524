//! The few small files kept with the sources, and the page that says what they are.
//!
//! They are written by the same generator as the demo, and a test compares the ones that are kept
//! with what it writes today. Tests that need other files make them with [`ImageBuilder`].

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use super::breast::Projection;
use super::builder::ImageBuilder;
use super::case::{FIXTURES, Series, identify};
use super::exposure::Side;
use super::mammogram::View;
use super::people::Round;
use super::tables::{Lut, Palette};
use super::writing::write_whole;
use super::{ct, tomo, ultrasound, wedge};
use crate::dicom::write::Syntax;
use dicom_dictionary_std::{tags, uids};

/// A file to be: its name, what it is for, and what makes it.
struct Fixture {
    name: &'static str,
    about: &'static str,
    make: fn() -> Vec<u8>,
}

const ALL: &[Fixture] = &[
    Fixture {
        name: "mg-rcc.dcm",
        about: "Mammogram, right CC, an eighth of full size, SIGMOID windows with explanations, padding value 0",
        make: || view(Round::Current, Side::Right, Projection::CranioCaudal).file(0.752),
    },
    Fixture {
        name: "mg-lmlo-rle.dcm",
        about: "Mammogram, left MLO with mass and calcifications, RLE Lossless",
        make: || {
            view(Round::Current, Side::Left, Projection::MediolateralOblique)
                .image(0.752)
                .syntax(Syntax::Rle)
                .build()
        },
    },
    Fixture {
        name: "mg-lcc-voi-lut.dcm",
        about: "Prior mammogram, left CC, three LINEAR windows and a VOI LUT as alternatives",
        make: || view(Round::Prior, Side::Left, Projection::CranioCaudal).file(0.752),
    },
    Fixture {
        name: "mg-rcc-monochrome1.dcm",
        about: "Prior mammogram, right CC, MONOCHROME1 with Presentation LUT Shape INVERSE and padding value 4095",
        make: || view(Round::Prior, Side::Right, Projection::CranioCaudal).file(0.752),
    },
    Fixture {
        name: "dbt-lmlo.dcm",
        about: "Breast Tomosynthesis, 5 planes; windows only in the per-frame functional groups",
        make: || tomo::file(1.504, 5),
    },
    Fixture {
        name: "ct-implicit.dcm",
        about: "CT slice, signed, rescale to Hounsfield units, Implicit VR Little Endian",
        make: || ct::image(&ct::Chest::new(), 30, 128).syntax(Syntax::ImplicitLittle).build(),
    },
    Fixture {
        name: "ct-big-endian.dcm",
        about: "The next CT slice, Explicit VR Big Endian (retired)",
        make: || ct::image(&ct::Chest::new(), 31, 128).syntax(Syntax::ExplicitBig).build(),
    },
    Fixture {
        name: "us-rgb-rle.dcm",
        about: "Colour Doppler, 2 frames, RGB, RLE Lossless",
        make: || ultrasound::image(2).syntax(Syntax::Rle).build(),
    },
    Fixture {
        name: "pattern-deflated.dcm",
        about: "Display test pattern, 256 x 256, 12 bits, Deflated Explicit VR Little Endian",
        make: || wedge::image(256).syntax(Syntax::Deflated).build(),
    },
    Fixture {
        name: "step-wedge.dcm",
        about: "Sixteen equal steps from 0 to 4095, one window over the whole range",
        make: || {
            let words = wedge::step_wedge(32, 128);
            named("step-wedge", ImageBuilder::gray(32, 128))
                .bits(16, 12)
                .words(words)
                .window(2048.0, 4096.0)
                .build()
        },
    },
    Fixture {
        name: "high-bit.dcm",
        about: "Ramp of signed 10-bit samples below high bit 13, other bits set, padding range -512 to -500",
        make: || {
            named("high-bit", ImageBuilder::gray(16, 1024).bits(16, 10).high_bit(13).signed(true))
                .fill_unused_bits()
                .samples((0..16 * 1024).map(|i| i % 1024 - 512))
                .padding_range(-512, -500)
                .window(0.0, 1024.0)
                .build()
        },
    },
    Fixture {
        name: "modality-lut.dcm",
        about: "8-bit ramp through a Modality LUT (a square law to 16 bits), then a LINEAR_EXACT window",
        make: || {
            let squares = (0..256_u32).map(|v| (v * v * 65_535 / 65_025) as u16).collect();
            named("modality-lut", ImageBuilder::gray(16, 256).bits(8, 8))
                .samples((0..16 * 256).map(|i| i % 256))
                .modality_lut(&Lut { bits: 16, entries: squares, ..Lut::default() })
                .window(32_768.0, 65_536.0)
                .voi_function("LINEAR_EXACT")
                .build()
        },
    },
    Fixture {
        name: "palette.dcm",
        about: "PALETTE COLOR, 16-bit entries, 256 colours from violet through green to red",
        make: || {
            let fade = |peak: i64, width: i64| {
                let level = |i: i64| (65_535 - 65_535 * (i - peak).abs() / width).clamp(0, 65_535) as u16;
                (0..256).map(level).collect()
            };
            let colours = [fade(255, 170), fade(140, 130), fade(0, 150)];
            named("palette", ImageBuilder::gray(16, 256).bits(8, 8))
                .palette(&Palette { bits: 16, colours, ..Palette::default() })
                .samples((0..16 * 256).map(|i| i % 256))
                .build()
        },
    },
    Fixture {
        name: "float.dcm",
        about: "Float Pixel Data from -1 to 1, LINEAR_EXACT window of width 0.5",
        make: || {
            let values = (0..16 * 65).map(|i| (i % 65) as f32 / 32.0 - 1.0).collect();
            named("float", ImageBuilder::gray(16, 65))
                .floats(values)
                .window(0.0, 0.5)
                .voi_function("LINEAR_EXACT")
                .build()
        },
    },
    Fixture {
        name: "one-bit.dcm",
        about: "Two frames of 1-bit samples, 13 x 11, so that no row and no frame ends on a byte",
        make: || {
            named("one-bit", ImageBuilder::gray(11, 13).bits(1, 1))
                .frames(2)
                .set(|d| {
                    d.pointer(tags::FRAME_INCREMENT_POINTER, tags::PAGE_NUMBER_VECTOR)
                        .int(tags::PAGE_NUMBER_VECTOR, [1, 2]);
                })
                .samples((0..2 * 11 * 13).map(|i| i64::from(i % 3 == 0)))
                .build()
        },
    },
];

fn view(round: Round, side: Side, projection: Projection) -> View {
    View { round, side, projection }
}

/// Gives an image an identity of its own, as an object of the SOP class named.
fn named(key: &'static str, image: ImageBuilder) -> ImageBuilder {
    let number = ALL.iter().position(|fixture| fixture.name.starts_with(key)).unwrap_or(0) as i64 + 1;
    let series = Series { key, number, modality: "OT", description: key };
    image.set(|d| {
        let class = match key {
            "float" => uids::PARAMETRIC_MAP_STORAGE,
            "one-bit" => uids::MULTI_FRAME_SINGLE_BIT_SECONDARY_CAPTURE_IMAGE_STORAGE,
            _ => uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
        };
        identify(d, class, &FIXTURES, &series, 1);
        d.text(tags::CONVERSION_TYPE, "WSD")
            .text(tags::IMAGE_TYPE, "DERIVED\\SECONDARY")
            .empty(tags::PATIENT_ORIENTATION)
            .empty(tags::LATERALITY);
    })
}

/// The files as they are written, the page about them last.
fn contents() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let files = ALL.iter().map(|fixture| (fixture.name, (fixture.make)()));
    files.chain(std::iter::once(("README.md", readme().into_bytes())))
}

fn readme() -> String {
    let mut page = String::from(
        "# Fixtures\n\n\
         Small DICOM files for the tests. All of them come from this project's own generator (`src/demo`):\n\
         nobody was examined, and nothing was copied. `viewer demo --fixtures DIR` writes them to DIR again,\n\
         byte for byte, this page included; a test fails when they differ.\n\n\
         | file | what it is |\n|---|---|\n",
    );
    for fixture in ALL {
        // Writing to a string cannot fail.
        writeln!(page, "| `{}` | {} |", fixture.name, fixture.about).ok();
    }
    page
}

/// Writes the fixtures and their README into `dir`.
///
/// # Errors
/// The first file that cannot be written ends it.
pub fn write_fixtures(dir: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(dir)?;
    contents()
        .map(|(name, bytes)| {
            let path = dir.join(name);
            write_whole(&path, &bytes).map(|()| path)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use dicom_object::from_reader;

    use super::*;

    #[test]
    fn the_files_kept_are_the_files_written() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let mut total = 0;
        for (name, bytes) in contents() {
            let there = std::fs::read(kept.join(name)).unwrap_or_default();
            assert!(there == bytes, "{name} differs: write the fixtures again, and raise demo::VERSION");
            total += bytes.len();
        }
        assert!(total < 5_000_000, "{total} bytes of fixtures");
    }

    #[test]
    fn another_library_reads_every_one() {
        for fixture in ALL.iter().filter(|f| !f.name.contains("deflated")) {
            let bytes = (fixture.make)();
            let object = from_reader(&bytes[128..]).unwrap_or_else(|e| panic!("{}: {e}", fixture.name));
            for tag in [tags::SOP_CLASS_UID, tags::SOP_INSTANCE_UID, tags::PATIENT_NAME, tags::MODALITY] {
                let text = object.element(tag).expect("present").to_str().expect("text");
                assert!(!text.is_empty());
            }
            assert_eq!(
                object.meta().media_storage_sop_instance_uid().trim_end_matches('\0'),
                object
                    .element(tags::SOP_INSTANCE_UID)
                    .expect("present")
                    .to_str()
                    .expect("text")
                    .trim_end_matches('\0'),
            );
        }
    }
}
