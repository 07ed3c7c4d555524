//! `viewer [PATH]...`: from the words typed to the plan the application carries out.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::exit::{Exit, Failure, describe_io};
use super::folders::FolderArgs;
use super::handing::{Manner, Meeting, meet};
use super::launch::{LaunchArgs, Surroundings};
use super::{is_command, output, screen, values};
use crate::hanging;
use crate::launch::{AskedProtocol, Launch, OpenPlan, Protocols, Wishes};
use crate::study;

/// What to open, and how.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// Files, folders and archives to open, or one launch URL
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub wishes: LaunchArgs,

    #[command(flatten)]
    pub folders: FolderArgs,

    #[command(flatten)]
    pub options: OpenOptions,

    /// The desktop started this: what is wrong is said in the window
    #[arg(long, hide = true)]
    pub desktop: bool,
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
        let plan = self.plan(&Surroundings::own())?;
        match meet(manner, words) {
            Meeting::Given => Ok(Exit::Done.into()),
            Meeting::Window(inbox) => screen::open(&plan, inbox),
        }
    }

    /// What is to be opened, as far as it is there.
    pub fn plan(self, around: &Surroundings) -> Result<OpenPlan, Failure> {
        let desktop = self.desktop;
        let planned = self.asked(around).and_then(|mut wishes| {
            let search = match self.wishes.types_server() {
                true => wishes.take_search().map_err(|error| Failure::usage(error.to_string()))?,
                false => None,
            };
            let launch = checked(wishes, around)?;
            let web = (self.wishes.ca.clone(), self.wishes.no_web_cache);
            let plan = self.folders.lay_into(self.options.carry_out(launch)?);
            Ok(OpenPlan { ca: web.0, keep_nothing: web.1, search, ..plan })
        });
        match planned {
            // Whoever clicked a link looks at the screen and not at standard error.
            Err(failure) if desktop => {
                Ok(OpenPlan { notices: vec![failure.to_string()], ..OpenPlan::default() })
            }
            planned => planned,
        }
    }

    /// What all the words together ask for, checked.
    pub fn launch(&self, around: &Surroundings) -> Result<Launch, Failure> {
        checked(self.asked(around)?, around)
    }

    fn asked(&self, around: &Surroundings) -> Result<Wishes, Failure> {
        let mut wishes = self.wishes.wishes(&self.paths, around)?;
        wishes.prefer(self.options.layout, self.wishes.frame, self.wishes.window.clone());
        wishes.prefer_protocol(self.options.protocol.clone());
        Ok(wishes)
    }

    /// The checks of [`OpenOptions::carry_out`] that need no file to be there.
    pub fn check(&self) -> Result<(), Failure> {
        self.options.protocol.as_deref().map(super::hang::protocol).transpose().map(drop)
    }
}

fn checked(wishes: Wishes, around: &Surroundings) -> Result<Launch, Failure> {
    let mut launch = wishes.check().map_err(|error| Failure::usage(error.to_string()))?;
    // Paths inside of links; those that were typed alone are absolute already where it matters.
    for path in launch.groups.iter_mut().flatten() {
        *path = around.absolute(path);
    }
    Ok(launch)
}

impl OpenOptions {
    /// Lays a suggestion under what the user chose.
    pub fn or_layout(mut self, layout: (u32, u32)) -> Self {
        if self.protocol.is_none() {
            self.layout.get_or_insert(layout);
        }
        self
    }

    /// The plan for files that belong together.
    pub fn plan(self, named: Vec<PathBuf>) -> Result<OpenPlan, Failure> {
        self.carry_out(Launch::of_paths(named))
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
    pub fn carry_out(self, launch: Launch) -> Result<OpenPlan, Failure> {
        let Self {
            layout, protocol, studies, size, screenshot, headless, keys, cpu_cache, gpu_cache, ..
        } = self;
        let mut notices = launch.notes;
        let asked = !launch.groups.is_empty();
        let Groups { first: paths, others: groups, open_group } =
            Groups::existing(launch.groups, launch.open_group, &mut notices);
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
        let protocol = match (protocol, launch.protocol) {
            (Some(typed), _) => Some(super::hang::protocol(&typed)?),
            (None, linked) => linked.and_then(|name| known_protocol(name, &mut notices)),
        };
        let plan = OpenPlan { groups, open_group, remote: launch.remote, ..OpenPlan::default() };
        let plan = OpenPlan { frame: launch.frame, window: launch.window, ..plan };
        let plan = OpenPlan { layout: layout.or(launch.layout), cpu_cache, gpu_cache, key_map: keys, ..plan };
        Ok(OpenPlan { paths, notices, protocol, studies, size, screenshot, headless, ..plan })
    }
}

/// The protocol a link names. The images matter more: without it they hang as they would have.
fn known_protocol(name: String, notices: &mut Vec<String>) -> Option<AskedProtocol> {
    match hanging::check_name(&Protocols::load(None).all, &name) {
        Ok(()) => Some(AskedProtocol::Named(name)),
        Err(error) => {
            let notice = error.to_string();
            output::complain(&notice);
            notices.push(notice);
            None
        }
    }
}

/// What is there of the groups asked for.
struct Groups {
    /// The one to show first: the one asked for or, with nothing of that there, the next that has something.
    first: Vec<PathBuf>,
    others: Vec<Vec<PathBuf>>,
    /// How many of the others were named before it.
    open_group: usize,
}

impl Groups {
    fn existing(asked: Vec<Vec<PathBuf>>, open_group: usize, notices: &mut Vec<String>) -> Self {
        let mut others = Vec::with_capacity(asked.len());
        let mut before = None;
        for (place, named) in asked.into_iter().enumerate() {
            let (there, missing) = existing(named);
            notices.extend(missing);
            if there.is_empty() {
                continue;
            }
            if place >= open_group {
                before.get_or_insert(others.len());
            }
            others.push(there);
        }
        let open_group = before.unwrap_or(others.len().saturating_sub(1));
        let first = if others.is_empty() { Vec::new() } else { others.remove(open_group) };
        Self { first, others, open_group }
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
    fn the_group_asked_for_comes_first_and_the_others_keep_their_order() {
        let group = |file: &str| vec![here(file)];
        let asked = vec![group("README.md"), group("Cargo.toml"), group("nowhere.dcm"), group("LICENSE")];
        let plan = |open_group| {
            let launch = Launch { groups: asked.clone(), open_group, frame: Some(3), ..Launch::default() };
            options().carry_out(launch).expect("a plan")
        };
        let second = plan(1);
        assert_eq!((second.paths, second.open_group), (group("Cargo.toml"), 1));
        assert_eq!(second.groups, [group("README.md"), group("LICENSE")]);
        assert_eq!((second.notices.len(), second.frame), (1, Some(3)));
        // Of the third group nothing is there.
        assert_eq!(plan(2).paths, group("LICENSE"));
        assert_eq!(plan(3).open_group, 2);
    }

    #[test]
    fn a_protocol_that_a_link_names_and_nobody_knows_costs_a_notice() {
        let launch =
            Launch { protocol: Some("mg-5up".to_owned()), ..Launch::of_paths(vec![here("LICENSE")]) };
        let plan = options().carry_out(launch).expect("a plan");
        assert_eq!((plan.protocol, plan.notices.len()), (None, 1));
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
