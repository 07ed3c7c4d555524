//! `viewer info`: what is there, as a tree of studies, series and instances.

use std::cell::Cell;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::exit::{Exit, Failure};
use super::output::{Output, Progress, complain};
use super::tree;
use crate::study::{ScanOptions, scan};

const EXAMPLES: &str = "\
EXAMPLES
  viewer info folder/                     Studies, series and instances under a folder
  viewer info --json a.dcm b.dcm          The same as JSON
  viewer info --json folder/ | jq '.studies[].series[].modality'

JSON
  { studies: [{ uid, date, time, description, accession, patient: { name, id, birth_date, sex },
                series: [{ uid, number, description, modality, date,
                           instances: [{ path, uid, sop_class, transfer_syntax, number, rows, columns,
                                         frames, laterality, view_position }] }] }],
    duplicates, skipped, failed: [{ path, error }] }
  What the file does not say is null. Files that are not DICOM are skipped and counted.";

/// Say what is in files and folders
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct InfoArgs {
    /// Files and folders
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Files between two remarks about the progress.
const REMARK_EVERY: usize = 500;

impl InfoArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let any_there = self.paths.iter().any(|path| path.exists());
        let progress = Progress::new();
        let seen = Cell::new(0_usize);
        let report = scan(self.paths, &ScanOptions::default(), &|_| {
            seen.set(seen.get() + 1);
            if seen.get().is_multiple_of(REMARK_EVERY) {
                progress.say(&format!("reading headers: {}", seen.get()));
            }
        });
        progress.clear();

        let mut output = Output::new();
        if self.json {
            output.json_pretty(&tree::Report::from(&report))?;
        } else {
            output.line(tree::to_text(&report))?;
        }
        output.flush()?;
        if !self.json {
            for problem in &report.failed {
                complain(&format!("{}: {}", problem.error, problem.path.display()));
            }
        }
        Ok(match (report.index.is_empty(), any_there) {
            (false, _) => Exit::Done,
            (true, true) => Exit::Nothing,
            (true, false) => Exit::Io,
        }
        .into())
    }
}
