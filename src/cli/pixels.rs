//! `viewer pixels`: decodes frames and describes their stored samples, for people and for scripts.
//!
//! The hash is over what the file stores, before rescale, windows or colour, so that two programs that decode
//! a file rightly agree to the bit. Frames are decoded one at a time and dropped once counted.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use dicom_dictionary_std::tags;
use serde::Serialize;

use super::exit::{Exit, Failure, explain};
use super::files::open_object;
use super::output::{Output, complain};
use super::samples::{Digest, Summary};
use crate::dicom::uid;

const EXAMPLES: &str = "\
EXAMPLES
  viewer pixels image.dcm                 Describe the first frame
  viewer pixels --frame 12 cine.dcm       The thirteenth frame: frames count from zero
  viewer pixels --json --all *.dcm        One JSON object a line, all frames hashed

JSON
  path, transfer_syntax, rows, columns, frames, samples, photometric, bits_allocated, bits_stored,
  signed, frame, sha256, min, max, mean (and all_frames_sha256 with --all); or path and error.
  sha256 is over the stored samples of the frame: little-endian, in their own type, interleaved by
  pixel, unused high bits masked or sign-extended, one byte a sample for 1-bit data.";

/// Decode frames and describe their stored samples
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PixelsArgs {
    /// DICOM files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Write one JSON object a line
    #[arg(long)]
    json: bool,

    /// Which frame to describe, counted from zero
    #[arg(long, value_name = "N", default_value_t = 0)]
    frame: u32,

    /// Hash every frame as well; the first one is described
    #[arg(long, conflicts_with = "frame")]
    all: bool,
}

/// What is said about a file. Field names are part of the interface.
#[derive(Debug, Serialize)]
struct Description {
    path: String,
    transfer_syntax: String,
    rows: u32,
    columns: u32,
    frames: u32,
    samples: u8,
    photometric: String,
    bits_allocated: u16,
    bits_stored: u16,
    signed: bool,
    frame: u32,
    sha256: String,
    #[serde(flatten)]
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_frames_sha256: Option<String>,
    /// What was mended or doubted on the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// What is said instead when a file cannot be decoded.
#[derive(Debug, Serialize)]
struct Problem<'a> {
    path: &'a str,
    error: &'a str,
}

impl PixelsArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let mut output = Output::new();
        let mut decoded = 0_usize;
        for file in &self.files {
            match self.describe(file) {
                Ok(description) => {
                    decoded += 1;
                    if self.json {
                        output.json_line(&description)?;
                    } else {
                        output.line(description.to_text())?;
                        for warning in &description.warnings {
                            complain(&format!("{warning}: {}", file.display()));
                        }
                    }
                }
                Err(error) if self.json => {
                    let path = file.to_string_lossy();
                    output.json_line(&Problem { path: &path, error: &error })?;
                }
                Err(error) => complain(&format!("{error}: {}", file.display())),
            }
            output.flush()?;
        }
        Ok(if decoded > 0 { Exit::Done } else { Exit::Nothing }.into())
    }

    fn describe(&self, path: &Path) -> Result<Description, String> {
        let file = open_object(path).map_err(|error| explain(&error))?;
        let image = file.image().map_err(|error| explain(&error))?;
        let info = image.info();
        let frames = image.frame_count();
        if self.frame >= frames {
            return Err(format!(
                "there is no frame {}; frames count from 0 to {}",
                self.frame,
                frames.saturating_sub(1)
            ));
        }
        let decode = |number: u32| image.decode(number).map_err(|error| explain(&error));
        let frame = decode(self.frame)?;
        let mut digest = Digest::new();
        digest.add(&frame.samples);
        let all = if self.all {
            let mut all = digest.clone();
            for number in 1..frames {
                let next = decode(number).map_err(|error| format!("frame {number}: {error}"))?;
                all.add(&next.samples);
            }
            Some(all.finish())
        } else {
            None
        };
        Ok(Description {
            path: path.to_string_lossy().into_owned(),
            transfer_syntax: image.transfer_syntax().to_owned(),
            rows: frame.rows,
            columns: frame.columns,
            frames,
            samples: frame.channels,
            photometric: file.data.string(tags::PHOTOMETRIC_INTERPRETATION).unwrap_or_default(),
            bits_allocated: info.bits_allocated,
            bits_stored: info.bits_stored,
            signed: info.signed,
            frame: self.frame,
            sha256: digest.finish(),
            summary: Summary::of(&frame.samples),
            all_frames_sha256: all,
            warnings: image.warnings(),
        })
    }
}

impl Description {
    fn to_text(&self) -> String {
        let plural = |n: u32, what: &str| {
            if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
        };
        let mut text = format!(
            "{}\n  {}\n  {} x {} pixels, {}, {}, {}, {} of {} bits, {}\n  \
             frame {}: min {}, max {}, mean {}\n  sha256 {}",
            self.path,
            uid::transfer_syntax_name(&self.transfer_syntax),
            self.columns,
            self.rows,
            plural(self.frames, "frame"),
            self.photometric,
            plural(u32::from(self.samples), "sample"),
            self.bits_stored,
            self.bits_allocated,
            if self.signed { "signed" } else { "unsigned" },
            self.frame,
            self.summary.min,
            self.summary.max,
            self.summary.mean,
            self.sha256,
        );
        if let Some(all) = &self.all_frames_sha256 {
            text.push_str("\n  all frames sha256 ");
            text.push_str(all);
        }
        text
    }
}
