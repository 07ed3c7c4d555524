//! `viewer [PATH]...`: from the words typed to the plan the application carries out.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::exit::{Exit, Failure, describe_io};
use super::folders::FolderArgs;
use super::handing::{Manner, Meeting, meet};
use super::{is_command, output, screen, values};
use crate::launch::OpenPlan;
use crate::study;

/// What to open, and how.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// Files, folders and archives to open
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub folders: FolderArgs,

    #[command(flatten)]
    pub options: OpenOptions,
}

/// How the window should look: shared by `viewer` and `viewer demo`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Window")]
pub struct OpenOptions {
    /// Rows and columns of viewports, up to 4x8 or 8x4
    #[arg(long, value_name = "RxC", value_parser = values::layout)]
    layout: Option<(u32, u32)>,

    /// Hang by this protocol: its name, or a file ending in .toml
    #[arg(long, value_name = "NAME|FILE")]
    protocol: Option<String>,

    /// Open with the panel of studies and series
    #[arg(long)]
    studies: bool,

    /// Width and height of the window in pixels, or in points where the display scales
    #[arg(long, value_name = "WxH", value_parser = values::size)]
    size: Option<(u32, u32)>,

    /// Write what the window shows to a PNG once everything is on screen, then exit
    #[arg(long, value_name = "FILE")]
    screenshot: Option<PathBuf>,

    /// Take the screenshot without opening a window
    #[arg(long, requires = "screenshot")]
    headless: bool,

    /// Open another window, even if one runs
    #[arg(long)]
    new_window: bool,

    /// Read key bindings from a file
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,

    /// Memory for decoded frames, for example 512M or 2G; without it a share of what the machine has
    #[arg(long, value_name = "SIZE", value_parser = values::bytes)]
    cpu_cache: Option<u64>,

    /// Memory for textures, for example 512M or 2G
    #[arg(long, value_name = "SIZE", value_parser = values::bytes)]
    gpu_cache: Option<u64>,
}

impl OpenArgs {
    /// Opens, here or in the window that runs. `words` is what was typed, as it means the same from any folder.
    pub fn run(self, words: Vec<OsString>) -> Result<ExitCode, Failure> {
        let manner = self.options.manner();
        let plan = self.plan()?;
        match meet(manner, words) {
            Meeting::Given => Ok(Exit::Done.into()),
            Meeting::Window(inbox) => screen::open(&plan, inbox),
        }
    }

    pub fn plan(self) -> Result<OpenPlan, Failure> {
        Ok(self.folders.lay_into(self.options.plan(self.paths)?))
    }
}

impl OpenOptions {
    /// Lays a suggestion under what the user chose.
    pub fn or_layout(mut self, layout: (u32, u32)) -> Self {
        if self.protocol.is_none() {
            self.layout.get_or_insert(layout);
        }
        self
    }

    /// Who has to do with this launch. What is asked of a window itself needs a window of its own.
    pub fn manner(&self) -> Manner {
        let Self { size, screenshot, headless, new_window, keys, cpu_cache, gpu_cache, .. } = self;
        if *headless || screenshot.is_some() {
            Manner::Unseen
        } else if *new_window || size.is_some() || keys.is_some() || cpu_cache.or(*gpu_cache).is_some() {
            Manner::Own
        } else {
            Manner::Shared
        }
    }

    /// Checks what can be checked before a window opens.
    ///
    /// With some paths there and some not, the ones that are there open and the others become notices, which
    /// standard error gets at once and the window shows later.
    pub fn plan(self, named: Vec<PathBuf>) -> Result<OpenPlan, Failure> {
        let Self {
            layout, protocol, studies, size, screenshot, headless, keys, cpu_cache, gpu_cache, ..
        } = self;
        let asked = !named.is_empty();
        let (paths, notices) = existing(named);
        if asked && paths.is_empty() {
            return Err(Failure::new(Exit::Io, notices.join("\n")));
        }
        for notice in &notices {
            output::complain(notice);
        }
        if let Some(file) = &keys {
            readable(file, "cannot read the key bindings")?;
        }
        if let Some(file) = &screenshot {
            super::files::check_target(file)?;
        }
        let protocol = protocol.as_deref().map(super::hang::protocol).transpose()?;
        let plan = OpenPlan::default();
        let plan = OpenPlan { cpu_cache, gpu_cache, key_map: keys, ..plan };
        Ok(OpenPlan { paths, notices, layout, protocol, studies, size, screenshot, headless, ..plan })
    }
}

/// Parts paths into those that are there and sentences about those that are not.
fn existing(named: Vec<PathBuf>) -> (Vec<PathBuf>, Vec<String>) {
    let mut there = Vec::with_capacity(named.len());
    let mut notices = Vec::new();
    for path in named {
        match study::exists(&path) {
            Ok(()) => there.push(path),
            Err(error) => {
                let hint = if path.to_str().is_some_and(is_command) {
                    " (a command comes before every option)"
                } else {
                    ""
                };
                notices.push(format!("cannot open{hint}: {}: {}", describe_io(&error), path.display()));
            }
        }
    }
    (there, notices)
}

fn readable(file: &Path, doing: &str) -> Result<(), Failure> {
    std::fs::File::open(file).map(drop).map_err(|error| Failure::io(doing, &error, file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::AskedProtocol;

    fn options() -> OpenOptions {
        OpenOptions {
            layout: None,
            protocol: None,
            studies: false,
            size: None,
            screenshot: None,
            headless: false,
            new_window: false,
            keys: None,
            cpu_cache: None,
            gpu_cache: None,
        }
    }

    fn here(file: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
    }

    #[test]
    fn nothing_named_is_an_empty_window() {
        assert_eq!(options().plan(Vec::new()).expect("a plan"), OpenPlan::default());
    }

    #[test]
    fn a_missing_path_beside_a_good_one_becomes_a_notice() {
        let plan = options().plan(vec![here("nowhere.dcm"), here("Cargo.toml")]).expect("a plan");
        assert_eq!(plan.paths, [here("Cargo.toml")]);
        assert_eq!(plan.notices.len(), 1);
        assert!(plan.notices[0].ends_with("nowhere.dcm"));
    }

    #[test]
    fn only_missing_paths_are_an_error() {
        let failure = options().plan(vec![here("nowhere.dcm")]).expect_err("nothing to open");
        assert_eq!(failure.exit, Exit::Io);
    }

    #[test]
    fn a_misplaced_command_is_explained() {
        let (_, notices) = existing(vec![PathBuf::from("render")]);
        // The word is a path only when no file has that name here.
        assert!(notices.iter().all(|notice| notice.contains("before every option")));
    }

    #[test]
    fn a_screenshot_needs_a_folder_to_go_to() {
        let options = OpenOptions { screenshot: Some(here("no/such/folder/shot.png")), ..options() };
        assert_eq!(options.plan(Vec::new()).expect_err("no folder").exit, Exit::Io);
    }

    #[test]
    fn a_protocol_is_known_before_a_window_opens() {
        let with = |protocol: &str| OpenOptions { protocol: Some(protocol.to_owned()), ..options() };
        let plan = with("mg-4up").plan(Vec::new()).expect("a plan");
        assert_eq!(plan.protocol, Some(AskedProtocol::Named("mg-4up".to_owned())));
        let failure = with("mg-5up").plan(Vec::new()).expect_err("no such protocol");
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.to_string().contains("mg-current-prior"));
        assert_eq!(with("nowhere.toml").plan(Vec::new()).expect_err("no file").exit, Exit::Io);
        let not_one = here("Cargo.toml").display().to_string();
        assert_eq!(with(&not_one).plan(Vec::new()).expect_err("no protocol").exit, Exit::Usage);
    }

    #[test]
    fn what_belongs_to_one_window_is_not_handed_over() {
        assert_eq!(options().manner(), Manner::Shared);
        let layout = OpenOptions { layout: Some((1, 2)), studies: true, ..options() };
        assert_eq!(layout.manner(), Manner::Shared);
        for own in [
            OpenOptions { new_window: true, ..options() },
            OpenOptions { size: Some((800, 600)), ..options() },
            OpenOptions { keys: Some(here("keys.toml")), ..options() },
            OpenOptions { gpu_cache: Some(1 << 30), ..options() },
        ] {
            assert_eq!(own.manner(), Manner::Own);
        }
        let shot = OpenOptions { screenshot: Some(here("a.png")), new_window: true, ..options() };
        assert_eq!(shot.manner(), Manner::Unseen);
    }

    #[test]
    fn a_suggested_layout_gives_way() {
        assert_eq!(options().or_layout((2, 4)).layout, Some((2, 4)));
        let protocol = OpenOptions { protocol: Some("mg-4up".to_owned()), ..options() };
        assert_eq!(protocol.or_layout((2, 4)).layout, None);
        let chosen = OpenOptions { layout: Some((1, 1)), ..options() };
        assert_eq!(chosen.or_layout((2, 4)).layout, Some((1, 1)));
    }
}
