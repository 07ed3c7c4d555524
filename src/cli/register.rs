//! `viewer register` and `viewer unregister`: whether links and files open here.

use std::process::ExitCode;

use clap::Args;

use super::exit::{Exit, Failure};
use super::output::{Output, complain};
use crate::launch::register::{Carried, Error, Step, System, User, carry_out, register, unregister};

const REGISTER_EXAMPLES: &str = "\
EXAMPLES
  viewer register                         From now on links and DICOM files open here
  viewer register --dry-run               Every file that would be written, and every program run
  xdg-open 'perspecta://open?path=/a.dcm' Try it out (on Windows: start, on macOS: open)

WHAT IT DOES
  For this user alone, without an administrator; doing it twice is doing it once. A program that was
  moved is registered again.
  Linux    a desktop entry and an icon in ~/.local/share, and this program in front of the others in
           ~/.config/mimeapps.list for application/dicom, perspecta: and lightbox:
  Windows  keys of perspecta, lightbox, Lightbox.Dicom and Applications\\viewer.exe in
           HKEY_CURRENT_USER\\Software\\Classes, and this program among those that open .dcm
  macOS    ~/Applications/Lightbox.app, which hands links and files to this program";

const UNREGISTER_EXAMPLES: &str = "\
EXAMPLES
  viewer unregister                       Take back what 'viewer register' wrote
  viewer unregister --dry-run             What would be removed

  Only what is ours is removed. Other programs that open the same are left as they are.";

/// Open links and DICOM files with this program, for this user
///
/// Makes it the one that opens perspecta: and lightbox: links, and known as one that opens DICOM files.
#[derive(Debug, Args)]
#[command(after_help = REGISTER_EXAMPLES)]
pub struct RegisterArgs {
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
}

/// Take back what 'viewer register' did
#[derive(Debug, Args)]
#[command(after_help = UNREGISTER_EXAMPLES)]
pub struct UnregisterArgs {
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
}

impl RegisterArgs {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let user = User::current()?;
        carry(&register(System::here(), &user)?, self.dry_run)
    }
}

impl UnregisterArgs {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let user = User::current()?;
        carry(&unregister(System::here(), &user)?, self.dry_run)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(Exit::Io, error.to_string())
    }
}

/// Does the steps one after the other, or shows them whole, and says what came of it.
fn carry(steps: &[Step], dry_run: bool) -> Result<ExitCode, Failure> {
    let mut output = Output::new();
    let (mut files, mut changed) = (false, false);
    for step in steps {
        let whole = step.to_string();
        if dry_run {
            output.line(whole)?;
            continue;
        }
        let refreshes = matches!(step, Step::Run { needed: false, .. });
        files |= !matches!(step, Step::Run { .. });
        if refreshes && files && !changed {
            // Nothing is new to the desktop.
            continue;
        }
        let short = whole.lines().next().unwrap_or_default();
        match carry_out(step)? {
            Carried::Done => {
                changed |= !refreshes;
                output.line(short)?;
            }
            Carried::Already => {}
            Carried::Without => tracing::info!("left out: {short}"),
        }
    }
    if !dry_run && !changed {
        complain("nothing had to be changed");
    }
    output.flush()?;
    Ok(Exit::Done.into())
}
