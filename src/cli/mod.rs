//! The command line: what the user typed becomes a validated plan before anything runs.
//!
//! One file a subcommand. Each has a clap struct of what may be typed and a `run` that checks it, does the
//! work through the lower floors and answers with an exit code. No knowledge of DICOM or of pictures lives
//! here, and nobody below may call up.

mod connect;
mod demo;
mod described;
mod dry_run;
mod dump;
mod exit;
mod fetch;
mod files;
mod folders;
mod handing;
mod hang;
mod info;
mod launch;
mod log;
mod open;
mod output;
mod over;
mod pixels;
mod register;
mod render;
mod report;
mod samples;
mod screen;
mod slab;
mod stated;
mod tree;
mod values;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use self::exit::{Exit, Failure};

const EXAMPLES: &str = "\
EXAMPLES
  viewer                                  An empty window; drop files or folders on it
  viewer image.dcm                        One image
  viewer --layout 2x4 current/ prior/     Folders, eight viewports
  viewer --protocol mg-screening study/   Step by step through a screening
  viewer scans.zip                        An archive, without unpacking it
  viewer --filter modality=MG archive/    Only the mammograms in a folder
  viewer --screenshot shot.png image.dcm  Write what the window shows, then exit
  viewer 'lightbox://open?path=/a.dcm'    A launch URL, as `viewer open --help` explains
  viewer --dicomweb https://pacs/rs --study 1.2.3
                                          A study on a server
  viewer fetch --dicomweb URL --study UID -o study/
                                          Download a study from a server
  viewer --new-window image.dcm           In a window of its own, though one runs
  viewer demo                             A generated demonstration study
  viewer ./info                           A file that is named like a command";

const EXIT_CODES: &str = "\
EXIT CODES
  0  done
  1  nothing could be shown or written
  2  wrong usage
  3  no usable GPU
  4  a file could not be read or written";

/// A DICOM viewer: exactly the right images, at once, with every grey level right.
///
/// Opens files and folders in a window, or does one of the commands below without one. Not a medical device.
#[derive(Debug, Parser)]
#[command(
    name = "viewer",
    version,
    args_conflicts_with_subcommands = true,
    after_help = format!("{EXAMPLES}\n\n{}\n\n{}\n\n{EXIT_CODES}", folders::HELP, handing::HELP),
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// Say on standard error what happens and how long it takes
    #[arg(long, global = true, value_name = "LEVEL", num_args = 0..=1, require_equals = true,
          default_missing_value = "info", value_enum)]
    log: Option<log::Level>,

    #[command(flatten)]
    open: open::OpenArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    Open(Box<dry_run::OpenCommand>),
    Render(render::RenderArgs),
    Pixels(pixels::PixelsArgs),
    Info(info::InfoArgs),
    Hang(hang::HangArgs),
    Dump(dump::DumpArgs),
    Report(report::ReportArgs),
    Fetch(fetch::FetchArgs),
    Demo(demo::DemoArgs),
    Register(register::RegisterArgs),
    Unregister(register::UnregisterArgs),
}

/// Parses the command line of this process, does what it says and answers with the exit code.
pub fn main() -> ExitCode {
    let mut command = Cli::command();
    let parsed = command.try_get_matches_from_mut(std::env::args_os());
    let parsed = parsed.and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
        Ok((cli, handing::portable(&command, &matches)))
    });
    let (cli, words) = match parsed {
        Ok(parsed) => parsed,
        Err(answer) => {
            if dry_run::refuse(&answer) {
                return Exit::Usage.into();
            }
            // Help and version arrive here too, for standard output and with success.
            answer.print().ok();
            return if answer.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    log::start(cli.log);
    let ended = match cli.command {
        None => cli.open.run(words),
        Some(Command::Open(args)) => args.run(words),
        Some(Command::Render(args)) => args.run(),
        Some(Command::Pixels(args)) => args.run(),
        Some(Command::Info(args)) => args.run(),
        Some(Command::Hang(args)) => args.run(),
        Some(Command::Dump(args)) => args.run(),
        Some(Command::Report(args)) => args.run(),
        Some(Command::Fetch(args)) => args.run(),
        Some(Command::Demo(args)) => args.run(),
        Some(Command::Register(args)) => args.run(),
        Some(Command::Unregister(args)) => args.run(),
    };
    ended.unwrap_or_else(|failure| {
        let Failure { exit, message } = failure;
        if let Some(message) = message {
            output::complain(&message);
        }
        exit.into()
    })
}

/// Whether a word is the name of a command, so that a missing file of that name can be explained.
fn is_command(word: &str) -> bool {
    Cli::command().find_subcommand(word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("viewer").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_bare_path_opens_and_a_command_runs() {
        let cli = parse("a.dcm b.dcm --layout 1x2").expect("parses");
        assert!(cli.command.is_none());
        assert_eq!(cli.open.paths.len(), 2);
        assert!(matches!(parse("info a.dcm").expect("parses").command, Some(Command::Info(_))));
    }

    #[test]
    fn a_path_named_like_a_command_is_reachable() {
        for line in ["./info", "a.dcm info", "-- info"] {
            let cli = parse(line).expect("parses");
            assert!(cli.command.is_none(), "{line}");
        }
        assert!(is_command("info"));
        assert!(!is_command("./info"));
    }

    #[test]
    fn log_never_swallows_a_path() {
        let cli = parse("--log a.dcm").expect("parses");
        assert_eq!(cli.log, Some(log::Level::Info));
        assert_eq!(cli.open.paths.len(), 1);
        assert_eq!(parse("a.dcm --log=debug").expect("parses").log, Some(log::Level::Debug));
        assert_eq!(parse("pixels --log a.dcm").expect("parses").log, Some(log::Level::Info));
        assert!(parse("--log=loud a.dcm").is_err());
    }

    #[test]
    fn folders_and_filters_reach_the_plan() {
        let cli = parse("--no-recursive --filter modality=CT --filter patient_id=7 folder").expect("parses");
        let plan = cli.open.folders.lay_into(crate::launch::OpenPlan::default());
        assert!(!plan.recursive);
        assert_eq!(plan.filter.to_string(), "modality=CT and patient_id=7");
        assert!(parse("--filter colour=red folder").is_err());
        let plain = parse("folder").expect("parses").open.folders;
        assert_eq!(plain.lay_into(crate::launch::OpenPlan::default()), crate::launch::OpenPlan::default());
    }

    #[test]
    fn options_of_the_window_and_of_commands_do_not_mix() {
        assert!(parse("--layout 1x2 render a.dcm -o b.png").is_err());
        assert!(parse("--layout 9x9 a.dcm").is_err());
        assert!(parse("--headless a.dcm").is_err());
        assert!(parse("--headless --screenshot s.png a.dcm").is_ok());
    }
}
