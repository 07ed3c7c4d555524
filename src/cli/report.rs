//! `viewer report`: structured reports and key object selections as text, HTML or JSON.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::exit::{Exit, Failure, explain};
use super::files;
use super::output::{Output, complain};
use crate::presentation::sr::{Document, Report, write_html_pages, write_json, write_json_list, write_text};

const EXAMPLES: &str = "\
EXAMPLES
  viewer report report.dcm                          The report as text, to read or to search
  viewer report --format html -o report.html report.dcm
                                                    One page with its style in it, for a browser or a printer
  viewer report --format json report.dcm | jq '.. | select(.value_type? == \"NUM\")'
  viewer report key-objects.dcm                     A key object selection, with what it points at
  viewer report discs.zip/SR/0001.dcm               A report in an archive

TEXT
  Lines of 100 columns at most: title, state, facts about the document, then sections with their lines,
  paragraphs and tables of measurements. Codes are written by their meaning, objects by their kind and UID.

HTML
  Codes show themselves when the pointer rests on their meaning. There is nothing in the page to run or to load.

JSON
  { title, header, warnings, content }: an object for one file, an array of objects for several. An item is
  { id, relationship, name, value_type, ..., items: [...] }, id being its place (1.4.2) and value_type that of
  the standard; an item that stands for another one is a REFERENCE with the id of its target. Codes are
  { value, scheme, meaning } and more where there is more; dates, times, names and numbers are as stored.";

/// Write structured reports as text, HTML or JSON
///
/// Reads structured reports of any template and key object selections. What is not understood is shown as it is.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReportArgs {
    /// DICOM files, on disk or in archives
    #[arg(value_name = "FILE", required = true)]
    paths: Vec<PathBuf>,

    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Where it goes instead of standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,

    /// Write over the output file where there is one already
    #[arg(long, requires = "output")]
    overwrite: bool,
}

/// How reports are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines to read
    Text,
    /// One page for a browser
    Html,
    /// Everything, for programs
    Json,
}

impl ReportArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        if let Some(output) = &self.output {
            files::check_target(output)?;
            if !self.overwrite && fs::symlink_metadata(output).is_ok() {
                let text = "another file is there already, and --overwrite was not given";
                return Err(Failure::new(Exit::Io, format!("{text}: {}", output.display())));
            }
        }
        let mut any_there = false;
        let mut reports = Vec::new();
        for path in &self.paths {
            let (there, report) = read(path);
            any_there |= there;
            reports.extend(report.map(|report| (path, report)));
        }
        if reports.is_empty() {
            return Err(Failure::silent(if any_there { Exit::Nothing } else { Exit::Io }));
        }
        let written = self.format.written(&reports, self.paths.len() > 1)?;
        match &self.output {
            Some(file) => {
                save(file, &written).map_err(|error| Failure::io("cannot write the report", &error, file))?;
            }
            None => {
                let mut output = Output::new();
                output.writer().write_all(&written)?;
                output.flush()?;
            }
        }
        Ok(Exit::Done.into())
    }
}

/// The report of a file, and whether there was a file; what is wrong is said.
fn read(path: &Path) -> (bool, Option<Report>) {
    let file = match files::open_object(path) {
        Ok(file) => file,
        Err(error) => {
            complain(&format!("{}: {}", explain(&error), path.display()));
            return (!matches!(error, crate::dicom::Error::Io { .. }), None);
        }
    };
    match Report::read(&file.data) {
        Ok(mut report) => {
            // What was wrong with the file can be why something is missing in the report.
            report.warnings.extend(file.warnings);
            (true, Some(report))
        }
        Err(error) => {
            complain(&format!("{error}: {}", path.display()));
            (true, None)
        }
    }
}

impl Format {
    /// Reports below each other; what goes wrong here is memory that is missing, and nothing else.
    fn written(self, reports: &[(&PathBuf, Report)], several: bool) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        match self {
            Self::Text => {
                for (number, (path, report)) in reports.iter().enumerate() {
                    if several {
                        let blank = if number > 0 { "\n\n" } else { "" };
                        let path = path.to_string_lossy();
                        writeln!(bytes, "{blank}# {}\n", crate::inspect::harmless(&path))?;
                    }
                    write_text(&Document::of(report), &mut bytes)?;
                }
            }
            Self::Html => {
                let pages: Vec<Document> = reports.iter().map(|(_, report)| Document::of(report)).collect();
                write_html_pages(&pages, &mut bytes)?;
            }
            Self::Json => match reports {
                [(_, report)] if !several => write_json(report, &mut bytes)?,
                all => write_json_list(all.iter().map(|(_, report)| report), &mut bytes)?,
            },
        }
        Ok(bytes)
    }
}

/// The bytes go to a neighbour that takes the name once it is complete.
fn save(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut part = file.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(part);
    fs::write(&part, bytes).and_then(|()| fs::rename(&part, file)).inspect_err(|_| {
        fs::remove_file(&part).ok();
    })
}
