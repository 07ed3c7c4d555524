//! `viewer info`: what is there, as a tree of studies, series and instances.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::described::{self, Described};
use super::exit::{Exit, Failure};
use super::folders::{self, FolderArgs};
use super::output::{Output, Progress, complain};
use super::tree;
use crate::study::{self, ScanEvent, ScanProgress, scan};

const EXAMPLES: &str = "\
EXAMPLES
  viewer info folder/                     Studies, series and instances under a folder
  viewer info scans.zip                   The same in an archive, without unpacking it
  viewer info --filter modality=CT --filter patient_name=doe folder/
  viewer info --no-recursive folder/      Without the folders in the folder
  viewer info --json a.dcm b.dcm          The same as JSON
  viewer info --json folder/ | jq '.studies[].series[].modality'

JSON
  { studies: [{ uid, date, time, description, accession, patient: { name, id, birth_date, sex },
      series: [{ uid, number, description, modality, date,
        instances: [{ path, uid, sop_class, transfer_syntax, number, rows, columns, frames,
          laterality, view_position, modifiers, kind }] }] }],
    duplicates, skipped, filtered, failed: [{ path, error }], notes: [{ path, note }],
    overlays: [{ path, label, images, segmentation, segments: [{ number, label, category, kind, algorithm,
      color }], mappings: [{ name, unit, first, last }] }] }
  What the file does not say is null. Files that are not DICOM are skipped and counted, objects
  that a filter leaves out are filtered and counted; of copies of one object the first is shown.";

/// Say what is in files, folders and archives
///
/// Studies come newest first, series by their number, slices by their place. Only headers are read.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", folders::HELP))]
pub struct InfoArgs {
    /// Files, folders, archives, and files or folders in archives
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// Write JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    folders: FolderArgs,
}

/// A scan that takes no longer than this passes without a remark.
const PATIENCE: Duration = Duration::from_millis(300);

/// The whole answer. Field names are part of the interface.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    tree: tree::Report<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overlays: Vec<Described>,
}

impl InfoArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let any_there = self.paths.iter().any(|path| study::exists(path).is_ok());
        let progress = Progress::new();
        let started = Instant::now();
        let options = self.folders.scan_options();
        let report = scan(self.paths, &options, &|event| {
            if let ScanEvent::Progress(ScanProgress { files, objects }) = event
                && started.elapsed() > PATIENCE
            {
                progress.say(&format!("reading headers: {files} files, {objects} of them DICOM objects"));
            }
        });
        progress.clear();

        let overlays = described::describe(&report);
        let mut output = Output::new();
        if self.json {
            output.json_pretty(&Answer { tree: tree::Report::from(&report), overlays })?;
        } else {
            output.line(format!("{}{}", tree::to_text(&report), described::to_text(&overlays)))?;
        }
        output.flush()?;
        if !self.json {
            for problem in report.failed.iter().chain(&report.notes) {
                complain(&format!("{}: {}", problem.error, problem.path.display()));
            }
        }
        if report.index.is_empty() && report.left_out.objects > 0 {
            complain(&report.left_out.explain(&options.filter));
        }
        Ok(match (report.index.is_empty(), any_there) {
            (false, _) => Exit::Done,
            (true, true) => Exit::Nothing,
            (true, false) => Exit::Io,
        }
        .into())
    }
}
