//! `viewer open`: the same as `viewer`, and a way to try out a launch without one.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::exit::{Exit, Failure};
use super::launch::Surroundings;
use super::open::OpenArgs;
use super::output::{Output, complain};
use crate::launch::{Launch, OpenPlan};
use crate::study;

const HELP: &str = "\
EXAMPLES
  viewer open image.dcm                        The same as `viewer image.dcm`
  viewer open --dry-run 'lightbox://open?path=/data/a.dcm&layout=1x2'
  viewer open --dry-run --json 'perspecta://open?dicomweb=https://pacs/rs&study=1.2.3'
  viewer open --dry-run --group a.dcm b.dcm --group report.dcm --open-group 1

LAUNCH URLS
  perspecta://open?NAME=VALUE&... or lightbox://open?...; a path may also stand before the question
  mark: lightbox://open/PATH. Names are the same in any case, with or without underscores.

  path, file             one file or folder; may be repeated
  paths, files           several, between | or, without any |, between commas
  group                  paths that belong together, written as for paths; may be repeated
  groups                 groups between semicolons
  open_group             the group to show first, from 0; the others wait behind it
  dicomweb               URL of a server, or of a study, series or instance on it
  study, series          UIDs; repeated, or between | or commas; several studies are priors
  instance               UID
  group_series           series that belong together, as UIDs; may be repeated
  user, password         both, or auth=user:password, or token=BEARER; only with dicomweb
  layout, protocol       2x4; the name of a hanging protocol
  frame                  the frame to begin with, from 0
  window                 CENTER,WIDTH; object, full, or the name of a preset

  Values are percent-encoded. A + is a plus: only in a URL with form=1, or with the field _charset_
  of an HTML form, it is a blank. Separators that are part of a name are percent-encoded. A list
  without a plain separator was encoded as a whole, and is split, if all its parts then are absolute
  paths, or all end in .dcm, .dicom, .ima or .zip. In a shell, a URL needs quotes around it.

JSON
  { source: \"local\"|\"dicomweb\", groups: [[..]], open_group, base_url, study: [..], series: [..],
    instance, auth: \"none\"|\"basic\"|\"bearer\", layout: \"2x4\", protocol, frame, window }
  or { error }. Groups hold paths, or series of a server; a plain launch has one. What was not asked
  for is null or empty. Passwords and tokens are never written.

ENVIRONMENT
  LIGHTBOX_USER and LIGHTBOX_PASSWORD, or LIGHTBOX_TOKEN, are sent to the server of --dicomweb, and
  never to one that a launch URL names.

EXIT CODES
  0 with a plan; 2 with one line about what is wrong";

/// Open files, folders or a launch URL, or say what would be opened
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct OpenCommand {
    /// Check everything and write the plan, without opening anything
    #[arg(long)]
    dry_run: bool,

    /// Write the plan as JSON
    #[arg(long, requires = "dry_run")]
    json: bool,

    #[command(flatten)]
    open: OpenArgs,
}

impl OpenCommand {
    /// What is to be opened.
    pub fn plan(self, around: &Surroundings) -> Result<OpenPlan, Failure> {
        self.open.plan(around)
    }

    pub fn run(self, words: Vec<OsString>) -> Result<ExitCode, Failure> {
        if !self.dry_run {
            return self.open.run(words);
        }
        let checked =
            self.open.launch(&Surroundings::own()).and_then(|launch| self.open.check().map(|()| launch));
        let mut output = Output::new();
        let launch = checked.map_err(|failure| {
            let message = one_line(&failure.to_string());
            if self.json {
                say_error(&message);
            }
            Failure::usage(message)
        })?;
        let plan = Plan::of(&launch);
        if self.json {
            output.json_line(&plan)?;
            launch.notes.iter().for_each(|note| complain(note));
        } else {
            for line in plan.to_text(&launch) {
                output.line(line)?;
            }
        }
        output.flush()?;
        Ok(Exit::Done.into())
    }
}

/// Tells a dry run on one line what is wrong with its options. Answers whether it was one.
pub fn refuse(error: &clap::Error) -> bool {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    let has = |word: &str| words.iter().any(|typed| typed == word);
    if !error.use_stderr() || !has("open") || !has("--dry-run") {
        return false;
    }
    let text = error.to_string();
    let about = text.split("\n\n").next().unwrap_or_default();
    let message = one_line(about.strip_prefix("error: ").unwrap_or(about));
    if has("--json") {
        say_error(&message);
    }
    complain(&message);
    true
}

/// The error as JSON; should nobody read it, standard error has it too.
fn say_error(message: &str) {
    let mut output = Output::new();
    output.json_line(&serde_json::json!({ "error": message })).and_then(|()| output.flush()).ok();
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A launch as it is told. The names are part of the interface.
#[derive(Serialize)]
struct Plan<'a> {
    source: &'static str,
    groups: Vec<Vec<String>>,
    open_group: usize,
    base_url: Option<&'a str>,
    study: &'a [String],
    series: &'a [String],
    instance: Option<&'a str>,
    auth: &'static str,
    layout: Option<String>,
    protocol: Option<&'a str>,
    frame: Option<u32>,
    window: Option<String>,
}

impl<'a> Plan<'a> {
    fn of(launch: &'a Launch) -> Self {
        let remote = launch.remote.as_ref();
        let paths = launch
            .groups
            .iter()
            .map(|group| group.iter().map(|path| path.to_string_lossy().into_owned()).collect());
        Self {
            source: if remote.is_some() { "dicomweb" } else { "local" },
            groups: remote.map_or_else(|| paths.collect(), |remote| remote.groups.clone()),
            open_group: launch.open_group,
            base_url: remote.map(|remote| remote.base_url.as_str()),
            study: remote.map_or(&[], |remote| &remote.studies),
            series: remote.map_or(&[], |remote| &remote.series),
            instance: remote.and_then(|remote| remote.instance.as_deref()),
            auth: remote.map_or("none", |remote| remote.credentials.kind()),
            layout: launch.layout.map(|(rows, columns)| format!("{rows}x{columns}")),
            protocol: launch.protocol.as_deref(),
            frame: launch.frame,
            window: launch.window.as_ref().map(ToString::to_string),
        }
    }

    fn to_text(&self, launch: &Launch) -> Vec<String> {
        let mut lines = Vec::new();
        let mut say = |name: &str, value: &str| lines.push(format!("{name:<11} {value}"));
        say("source", self.source);
        if let Some(base_url) = self.base_url {
            say("base_url", base_url);
            say("auth", self.auth);
        }
        self.study.iter().for_each(|uid| say("study", uid));
        self.instance.iter().for_each(|uid| say("instance", uid));
        for (number, group) in self.groups.iter().enumerate() {
            let shown = if self.groups.len() > 1 && number == self.open_group { ", shown first" } else { "" };
            let items = match (group.len(), self.base_url) {
                (0, _) => "all series".to_owned(),
                (1, Some(_)) => "1 series".to_owned(),
                (1, None) => "1 path".to_owned(),
                (count, Some(_)) => format!("{count} series"),
                (count, None) => format!("{count} paths"),
            };
            say(&format!("group {number}"), &format!("{items}{shown}"));
            group.iter().for_each(|item| say("", item));
        }
        let frame = self.frame.map(|frame| frame.to_string());
        let rest = [
            ("layout", self.layout.as_deref()),
            ("protocol", self.protocol),
            ("frame", frame.as_deref()),
            ("window", self.window.as_deref()),
        ];
        rest.into_iter().for_each(|(name, value)| value.into_iter().for_each(|value| say(name, value)));
        launch.notes.iter().for_each(|note| say("note", note));
        let missing = launch.groups.iter().flatten().filter(|path| study::exists(path).is_err());
        missing.for_each(|path| say("note", &format!("there is no such file or folder: {}", path.display())));
        lines
    }
}
