//! `viewer hang`: which protocol is chosen for what is there, and what hangs where. Opens no window.

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::exit::{Exit, Failure};
use super::folders::{self, FolderArgs};
use super::output::{Output, complain};
use super::values;
use crate::geometry::Justify;
use crate::hanging::{self, Hanging, Scale, Slot, Window};
use crate::launch::{AskedProtocol, Protocols};
use crate::study::{DisplaySet, display_sets, scan};

const EXAMPLES: &str = "\
EXAMPLES
  viewer hang --list                      The protocols there are
  viewer hang study/                      What the window would show, step by step
  viewer hang --protocol mg-4up study/    The same by a protocol of that name
  viewer hang --protocol mine.toml study/ Try out a protocol
  viewer hang --json study/ | jq '.steps[0].slots[].label'

JSON
  { protocol, title, notes: [..],
    steps: [{ title, grid: { rows, columns },
      slots: [{ label, note, paths: [..], frames, orientation: { row, column }, quarter_turns, flip,
        justify, scale, window }] }] }
  The slots of a step come in reading order. One that stays black has no paths.";

/// Say which hanging protocol suits, and what hangs where
///
/// A protocol says which images are seen together, in which slot, which way round and how large. Without one being
/// asked for, the one that shows most with the fewest slots left black is chosen.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", folders::HELP))]
pub struct HangArgs {
    /// Files, folders and archives
    #[arg(value_name = "PATH", required_unless_present = "list")]
    paths: Vec<PathBuf>,

    /// Hang by this protocol: its name, or a file ending in .toml
    #[arg(long, value_name = "NAME|FILE")]
    protocol: Option<String>,

    /// Rows and columns of viewports, in place of a protocol
    #[arg(long, value_name = "RxC", value_parser = values::layout, conflicts_with = "protocol")]
    layout: Option<(u32, u32)>,

    /// List the protocols there are
    #[arg(long, conflicts_with_all = ["paths", "protocol", "layout"])]
    list: bool,

    /// Write JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    folders: FolderArgs,
}

/// The protocol that was asked for on a command line, by name or as a file.
pub fn protocol(text: &str) -> Result<AskedProtocol, Failure> {
    AskedProtocol::parse(text).map_err(|error| {
        let unreadable = error.path.as_ref().is_some_and(|path| File::open(path).is_err());
        Failure::new(if unreadable { Exit::Io } else { Exit::Usage }, error.to_string())
    })
}

impl HangArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let asked = self.protocol.as_deref().map(protocol).transpose()?;
        let protocols = Protocols::load(asked.as_ref());
        for problem in &protocols.problems {
            complain(&problem.to_string());
        }
        let mut output = Output::new();
        if self.list {
            list(&mut output, &protocols, self.json)?;
            output.flush()?;
            return Ok(Exit::Done.into());
        }
        let report = scan(self.paths.clone(), &self.folders.scan_options(), &|_| {});
        let sets = display_sets(&report.index);
        let hanging = match self.layout {
            Some(grid) => hanging::lay_out(&report.index, &sets, grid),
            None => hanging::hang(&report.index, &sets, &protocols.all, protocols.asked.as_deref())
                .map_err(|error| Failure::usage(error.to_string()))?,
        };
        if self.json {
            output.json_pretty(&Answer::new(&hanging, &sets))?;
        } else {
            for line in to_text(&hanging, &sets) {
                output.line(line)?;
            }
        }
        output.flush()?;
        for problem in &report.failed {
            complain(&format!("{}: {}", problem.error, problem.path.display()));
        }
        Ok(if hanging.steps.is_empty() { Exit::Nothing } else { Exit::Done }.into())
    }
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    title: &'a str,
    automatic: bool,
    steps: usize,
}

fn list(output: &mut Output, protocols: &Protocols, json: bool) -> Result<(), Failure> {
    let listed = protocols.all.iter().map(|protocol| Listed {
        name: &protocol.name,
        title: &protocol.title,
        automatic: protocol.automatic,
        steps: protocol.steps.len(),
    });
    if json {
        return output.json_pretty(&listed.collect::<Vec<_>>());
    }
    for Listed { name, title, automatic, steps } in listed {
        let steps = if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") };
        let asked = if automatic { "" } else { ", only when asked for" };
        output.line(format!("{name:<18}{title}  ({steps}{asked})"))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Answer<'a> {
    protocol: &'a str,
    title: &'a str,
    notes: &'a [String],
    steps: Vec<StepNode<'a>>,
}

#[derive(Serialize)]
struct StepNode<'a> {
    title: &'a str,
    grid: GridNode,
    slots: Vec<SlotNode<'a>>,
}

#[derive(Serialize)]
struct GridNode {
    rows: u32,
    columns: u32,
}

#[derive(Serialize)]
struct SlotNode<'a> {
    label: &'a str,
    note: Option<&'a str>,
    paths: Vec<String>,
    frames: u32,
    orientation: Option<Letters<'a>>,
    quarter_turns: u8,
    flip: bool,
    justify: &'static str,
    scale: &'static str,
    window: &'a str,
}

#[derive(Serialize)]
struct Letters<'a> {
    row: &'a str,
    column: &'a str,
}

impl<'a> Answer<'a> {
    fn new(hanging: &'a Hanging, sets: &[DisplaySet]) -> Self {
        let steps = hanging.steps.iter().map(|step| StepNode {
            title: &step.title,
            grid: GridNode { rows: step.grid.0, columns: step.grid.1 },
            slots: step.slots.iter().map(|slot| SlotNode::new(slot, sets)).collect(),
        });
        Self { protocol: &hanging.name, title: &hanging.title, notes: &hanging.notes, steps: steps.collect() }
    }
}

impl<'a> SlotNode<'a> {
    fn new(slot: &'a Slot, sets: &[DisplaySet]) -> Self {
        let set = slot.set.and_then(|set| sets.get(set));
        let paths = set.into_iter().flat_map(|set| &set.instances);
        Self {
            label: &slot.label,
            note: slot.note.as_deref(),
            paths: paths.map(|entry| entry.path.to_string_lossy().into_owned()).collect(),
            frames: set.map_or(0, DisplaySet::frames),
            orientation: slot
                .orientation
                .as_ref()
                .map(|letters| Letters { row: &letters.row, column: &letters.column }),
            quarter_turns: slot.turn.0,
            flip: slot.turn.1,
            justify: edge(slot.justify),
            scale: match slot.scale {
                Scale::Fit => "fit",
                Scale::SameSize => "same-size",
                Scale::TrueSize => "true-size",
                Scale::Actual => "actual",
            },
            window: match &slot.window {
                Window::Object => "object",
                Window::Full => "full",
                Window::Preset(name) => name,
            },
        }
    }
}

fn edge(justify: Justify) -> &'static str {
    match justify {
        Justify::Left => "left",
        Justify::Right => "right",
        Justify::Center => "center",
    }
}

fn to_text(hanging: &Hanging, sets: &[DisplaySet]) -> Vec<String> {
    let mut lines = vec![format!("{}  {}", hanging.name, hanging.title)];
    for (number, step) in hanging.steps.iter().enumerate() {
        lines.push(format!("step {}  {}x{}  {}", number + 1, step.grid.0, step.grid.1, step.title));
        for (at, slot) in step.slots.iter().enumerate() {
            let columns = step.grid.1.max(1) as usize;
            let place = format!("  {},{}", at / columns + 1, at % columns + 1);
            let note = slot.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
            let set = slot.set.and_then(|set| sets.get(set));
            let what = match set.and_then(|set| set.instances.first().map(|first| (set, first))) {
                Some((set, first)) => {
                    let more = set.instances.len() - 1;
                    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                    format!("{}  {}{more}", edge(slot.justify), first.path.display())
                }
                None => "-".to_owned(),
            };
            lines.push(format!("{place}  {}{note}  {what}", slot.label));
        }
    }
    lines.extend(hanging.notes.iter().map(|note| format!("note: {note}")));
    lines
}
