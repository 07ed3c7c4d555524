//! `viewer demo`: writes the demonstration study, and opens it.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Once};

use clap::Args;

use super::exit::{Exit, Failure};
use super::handing::{Manner, Meeting, meet};
use super::open::OpenOptions;
use super::output::{Output, Progress};
use crate::demo;
use crate::launch::cache_dir;
use crate::study::{Entry, ScanOptions, SupplementKind, scan};

/// Current mammograms above, prior ones below.
const LAYOUT: (u32, u32) = (2, 4);

const EXAMPLES: &str = "\
EXAMPLES
  viewer demo                             Generate once, keep in the cache folder, open
  viewer demo --screenshot demo.png       The same, into a picture
  viewer demo --write study/              Only write the files, for other programs
  viewer demo --write odd/ --variant rotated
                                          Its mammograms, stored another way";

/// Open a generated demonstration study
///
/// Breast phantoms, current and prior, with a tomosynthesis and a few other objects: all computed, no patient.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DemoArgs {
    /// Write the study into this folder instead of opening it
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,

    /// Write only the mammograms, stored or taken in another way: flipped, rotated, upside-down, transposed,
    /// monochrome1, mixed, missing, extra or left
    #[arg(long, value_name = "NAME", requires = "write", value_parser = variant)]
    variant: Option<demo::Variant>,

    /// Write the small files the tests of this project use
    #[arg(long, value_name = "DIR", hide = true, conflicts_with = "write")]
    fixtures: Option<PathBuf>,

    #[command(flatten)]
    options: OpenOptions,
}

impl DemoArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        if let Some(folder) = &self.fixtures {
            demo::write_fixtures(folder).map_err(|error| Failure::new(Exit::Io, error.to_string()))?;
            return said(folder);
        }
        if let Some(folder) = &self.write {
            match self.variant {
                Some(variant) => {
                    demo::write_variant(folder, variant, 1.0)
                        .map_err(|error| Failure::new(Exit::Io, error.to_string()))?;
                }
                None => drop(generate(folder)?),
            }
            return said(folder);
        }
        let files = generate(&kept())?;
        let options = self.options.or_layout(LAYOUT);
        // In a window of its own: whoever asks for the demo may be in the middle of something else.
        let manner = if options.manner() == Manner::Unseen { Manner::Unseen } else { Manner::Own };
        let plan = options.plan(mammograms(files))?;
        match meet(manner, Vec::new()) {
            Meeting::Given => Ok(Exit::Done.into()),
            Meeting::Window(inbox) => super::screen::open(&plan, inbox),
        }
    }
}

fn variant(name: &str) -> Result<demo::Variant, String> {
    let known = demo::VARIANTS.iter().find(|(known, _)| *known == name);
    known.map(|(_, variant)| *variant).ok_or_else(|| {
        let names: Vec<&str> = demo::VARIANTS.iter().map(|(name, _)| *name).collect();
        format!("the variants are {}", names.join(", "))
    })
}

/// Ends a run that wrote files by saying where they are.
fn said(folder: &Path) -> Result<ExitCode, Failure> {
    let mut output = Output::new();
    output.line(folder.display().to_string())?;
    output.flush()?;
    Ok(Exit::Done.into())
}

/// Writes what is missing of the study, saying on standard error how far it is, and answers with its files.
fn generate(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let progress = Progress::new();
    let first = Once::new();
    let written = demo::write(folder, &|done, all, label| {
        first.call_once(|| progress.announce("making the demo study, which takes some seconds"));
        progress.say(&format!("making the demo study: {done} of {all}, {label}"));
    });
    progress.clear();
    written.map_err(|error| Failure::new(Exit::Io, error.to_string()))
}

/// Where the study is kept between runs. It can be made again at any time.
fn kept() -> PathBuf {
    let home = cache_dir().unwrap_or_else(|| std::env::temp_dir().join("lightbox"));
    home.join(format!("demo-{}", demo::VERSION))
}

/// The mammograms of the study as they are hung: the current ones, then the prior ones, right before left; behind them
/// what is said about them, which takes no slot. All files, should there be none.
fn mammograms(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let report = scan(files.clone(), &ScanOptions::default(), &|_| {});
    let is_mammogram = |entry: &&Arc<Entry>| {
        entry.modality.as_deref() == Some("MG") && entry.frames == 1 && entry.view_position.is_some()
    };
    let mut entries: Vec<_> = report.index.instances().filter(is_mammogram).collect();
    entries.sort_by_key(|entry| {
        let Entry { study_date, study_uid, view_position, laterality, .. } = entry.as_ref();
        let newest_first = Reverse(study_date.clone());
        (newest_first, study_uid.clone(), view_position.clone(), Reverse(laterality.clone()))
    });
    if entries.is_empty() {
        return files;
    }
    let studies: Vec<_> = entries.iter().map(|entry| entry.study_uid.clone()).collect();
    let about = report.index.instances().filter(|entry| {
        SupplementKind::of(entry).is_some_and(|kind| !kind.is_image()) && studies.contains(&entry.study_uid)
    });
    entries.iter().copied().chain(about).map(|entry| entry.path.clone()).collect()
}
