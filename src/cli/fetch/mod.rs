//! `viewer fetch`: downloads a study, some of its series or some of its instances, without a window.

mod keep;
mod plan;
mod report;
mod transfer;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::connect::{self, ConnectArgs};
use super::exit::{Exit, Failure};
use crate::dicom::uid::is_uid;
use crate::dicomweb::{Watch, WebError};

const EXAMPLES: &str = "\
EXAMPLES
  viewer fetch --dicomweb https://pacs.example/dicom-web --study 1.2.3 -o study/
                                          A whole study: one folder a series, one file an instance
  viewer fetch --dicomweb http://localhost:8042/dicom-web --study 1.2.3 --series 1.2.3.4 --series 1.2.3.5 -o .
                                          Only these series
  viewer fetch --dicomweb URL --study 1.2.3 --instance 1.2.3.4.5 -o .
                                          One instance
  viewer fetch ... --json | jq -r '.files[].path'
                                          What is there now, for programs

Files that are there already are not fetched again; --overwrite does. What is interrupted leaves no partial file, and
the same command goes on where it ended.";

/// Download a study, series or instance from a DICOMweb server
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", connect::HELP))]
pub struct FetchArgs {
    /// The root of the server's DICOMweb service
    #[arg(long, value_name = "URL")]
    dicomweb: String,

    /// The study
    #[arg(long, value_name = "UID", value_parser = uid)]
    study: String,

    /// Only this series; may be given several times
    #[arg(long, value_name = "UID", value_parser = uid)]
    series: Vec<String>,

    /// Only this instance; may be given several times
    #[arg(long, value_name = "UID", value_parser = uid)]
    instance: Vec<String>,

    /// Write below this folder, which is made where there is none
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,

    /// Fetch again what is there, and write over it
    #[arg(long)]
    overwrite: bool,

    /// Write one JSON object about what was done
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connect: ConnectArgs,
}

fn uid(text: &str) -> Result<String, String> {
    let text = text.trim();
    if is_uid(text) {
        Ok(text.to_owned())
    } else {
        Err("a UID is digits and dots, at most 64 of them".to_owned())
    }
}

impl FetchArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let server = self.connect.connect(&self.dicomweb)?;
        std::fs::create_dir_all(&self.output)
            .map_err(|error| Failure::io("cannot make the folder", &error, &self.output))?;
        let watch = Watch::default();
        connect::interruptible(&watch.cancel);
        let wanted = plan::Wanted { study: self.study, series: self.series, instances: self.instance };
        let job = transfer::Job {
            server: server.as_ref(),
            keep: keep::Keep { folder: self.output.clone(), overwrite: self.overwrite },
            watch,
        };
        let report = match plan::plan(server.as_ref(), &wanted, &job.watch) {
            Ok(plan) => job.run(&wanted.study, plan),
            Err(error) => report::Report::failed(error),
        };
        report.print(&wanted.study, &self.output, self.json)
    }
}

/// How a run ends that met this error.
fn exit_of(error: &WebError) -> Exit {
    match error {
        WebError::Io(_) => Exit::Io,
        _ => Exit::Nothing,
    }
}

/// Whether nothing more can come after this: the others would fail the same way.
fn ends_all(error: &WebError) -> bool {
    matches!(
        error,
        WebError::Cancelled
            | WebError::Connect(_)
            | WebError::Tls(_)
            | WebError::Unauthorized { .. }
            | WebError::Forbidden
            | WebError::Io(_)
            | WebError::Address(_)
    )
}
