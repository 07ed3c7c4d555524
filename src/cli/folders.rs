//! What every command that takes folders may be told about them: how deep to go, and which objects to take.

use clap::Args;

use crate::launch::OpenPlan;
use crate::study::{Condition, Filter, ScanOptions};

/// The paragraph of a command's help about paths and filters.
pub const HELP: &str = "\
PATHS
  A folder stands for everything in it. An archive (.zip) is a folder, and a path may go on inside
  it: scans.zip/series1/0001.dcm. A DICOMDIR stands for the files it names; in a folder they come
  first.

FILTERS
  --filter FIELD=VALUE takes only objects whose FIELD contains VALUE, in any case; several must all
  hold. The fields are patient_id, patient_name, study_description, study_date, study_uid,
  series_description, series_number (the whole number), series_uid and modality.";

/// Which files of a folder.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Folders")]
pub struct FolderArgs {
    /// Leave out the folders and archives inside a folder
    #[arg(long)]
    no_recursive: bool,

    /// Take only objects whose FIELD contains VALUE; may be given several times
    #[arg(long = "filter", value_name = "FIELD=VALUE", value_parser = Condition::parse)]
    filters: Vec<Condition>,
}

impl FolderArgs {
    pub fn is_recursive(&self) -> bool {
        !self.no_recursive
    }

    pub fn filter(&self) -> Filter {
        Filter { conditions: self.filters.clone() }
    }

    /// A scan as it was asked for.
    pub fn scan_options(&self) -> ScanOptions {
        ScanOptions { recursive: self.is_recursive(), filter: self.filter(), ..ScanOptions::default() }
    }

    /// The plan with what was asked for in it.
    pub fn lay_into(self, plan: OpenPlan) -> OpenPlan {
        OpenPlan { recursive: self.is_recursive(), filter: self.filter(), ..plan }
    }
}
