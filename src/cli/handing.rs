//! Between the words typed and the window: whether this launch is handed to a window that runs, and the words as
//! they mean the same from any folder.
//!
//! The words are put together again from what clap understood, so every option that is defined is handed over
//! without being named here: what is a path becomes absolute, links stay as they are.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, Parser as _, ValueHint, parser::ValueSource};

use super::launch::Surroundings;
use super::{Cli, Command as Sub};
use crate::launch::instance::{HandOver, Inbox, Listener, Place, Shared, Visit, share};
use crate::launch::{AskedProtocol, LOGIN_VARIABLES, OpenPlan};

/// The paragraph of the help about the window that runs.
pub const HELP: &str = "\
THE WINDOW THAT RUNS
  A second launch hands what it should open to the window that runs on the same display, which comes
  to the front, and exits with 0 once that window has it. It opens a window of its own with
  --new-window, with what belongs to one window (--size, --keys, --cpu-cache, --gpu-cache), for
  --screenshot and --headless, and where the window that runs is of another version or does not
  answer within three seconds.";

/// What starts a link, in front of the colon. It is handed on as it was written.
const SCHEMES: [&str; 5] = ["perspecta", "lightbox", "http", "https", "file"];

/// Who has to do with this launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It goes to the window that runs, or becomes it.
    Shared,
    /// It opens a window of its own; others may come to that.
    Own,
    /// Nobody hears of it.
    Unseen,
}

/// A window to open, and what others bring to it. `None` inside: nobody comes.
#[derive(Debug)]
pub enum Meeting {
    /// The window that runs has it all.
    Given,
    Window(Option<Inbox<Visit>>),
}

/// Finds out which window this launch goes to.
pub fn meet(manner: Manner, words: Vec<OsString>) -> Meeting {
    if manner == Manner::Unseen {
        return Meeting::Window(None);
    }
    let place = match Place::of_this_session() {
        Ok(place) => place,
        Err(reason) => return alone(&reason),
    };
    if manner == Manner::Own {
        return Meeting::Window(Listener::at(&place).and_then(serve));
    }
    let mut hand_over = HandOver::new(words);
    hand_over.folder = std::env::current_dir().ok();
    let hand_over = hand_over.with_environment(&LOGIN_VARIABLES, &|name| std::env::var_os(name));
    match share(&place, &hand_over) {
        Shared::Given => {
            tracing::info!(target: "launch", "handed to the window that runs");
            Meeting::Given
        }
        Shared::First(listener) => Meeting::Window(serve(listener)),
        Shared::Alone(reason) => alone(&reason),
    }
}

fn alone(reason: &str) -> Meeting {
    tracing::info!(target: "launch", "a window of its own: {reason}");
    Meeting::Window(None)
}

fn serve(listener: Listener) -> Option<Inbox<Visit>> {
    let inbox = listener
        .serve(|hand_over| Ok(Visit { plan: plan(hand_over)?, activation: hand_over.activation.clone() }));
    inbox.inspect_err(|error| tracing::warn!("other launches cannot be heard: {error}")).ok()
}

/// What another launch asks of this window.
fn plan(hand_over: &HandOver) -> Result<OpenPlan, String> {
    let words = std::iter::once(OsStr::new("viewer")).chain(hand_over.words.iter().map(OsString::as_os_str));
    // Its usage would be printed by the one who typed it, who has a window to open; and a word can be a secret.
    let cli = Cli::try_parse_from(words).map_err(|_| "its words are not understood".to_owned())?;
    match cli.command {
        None => cli.open.plan(&Surroundings::of(hand_over)).map_err(|failure| failure.to_string()),
        Some(Sub::Open(args)) => {
            args.plan(&Surroundings::of(hand_over)).map_err(|failure| failure.to_string())
        }
        Some(_) => Err("it is no launch of a window".to_owned()),
    }
}

/// The words of a launch as they mean the same in any folder: the names of subcommands, options, then what is
/// named.
pub fn portable(command: &Command, matches: &ArgMatches) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut named = Vec::new();
    collect(command, matches, &mut words, &mut named);
    if !named.is_empty() {
        words.push("--".into());
        words.append(&mut named);
    }
    words
}

fn collect(command: &Command, matches: &ArgMatches, words: &mut Vec<OsString>, named: &mut Vec<OsString>) {
    // Each level's own options stand before the name of the next.
    for arg in command.get_arguments() {
        let id = arg.get_id().as_str();
        // What is said about this process stays with it.
        if arg.is_global_set() || matches.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        let option = arg.get_long().map(|long| OsString::from(format!("--{long}")));
        match (option, arg.get_action()) {
            (None, _) => named.extend(values(matches, id).map(|value| anywhere(arg, value))),
            (Some(option), ArgAction::Set | ArgAction::Append) => {
                for said in matches.get_raw_occurrences(id).into_iter().flatten() {
                    words.extend(one(&option, said.map(|value| anywhere(arg, value)).collect()));
                }
            }
            (Some(option), _) => words.push(option),
        }
    }
    if let Some((name, below)) = matches.subcommand()
        && let Some(command) = command.find_subcommand(name)
    {
        words.push(name.into());
        collect(command, below, words, named);
    }
}

fn values<'a>(matches: &'a ArgMatches, id: &str) -> impl Iterator<Item = &'a OsStr> {
    matches.get_raw(id).into_iter().flatten()
}

/// An option as it was said once. With several values it is words, which end at the next option; else it is one
/// word, so that nothing after it can be taken for another value.
fn one(option: &OsStr, mut values: Vec<OsString>) -> Vec<OsString> {
    if let [value] = values.as_slice() {
        let mut word = option.to_owned();
        word.push("=");
        word.push(value);
        return vec![word];
    }
    values.insert(0, option.to_owned());
    values
}

/// A value that means the same in any folder.
fn anywhere(arg: &Arg, value: &OsStr) -> OsString {
    let path = matches!(arg.get_value_hint(), ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath);
    // A protocol is a name or a file, and what is named a path or a link.
    let path =
        path || arg.is_positional() || arg.get_id() == "protocol" && AskedProtocol::is_file(Path::new(value));
    if !path || is_link(value) {
        return value.to_owned();
    }
    std::path::absolute(value).map_or_else(|_| value.to_owned(), PathBuf::into_os_string)
}

/// Whether a word starts like a link: a scheme we know, and a colon.
fn is_link(word: &OsStr) -> bool {
    let text = word.to_string_lossy();
    let scheme = text.trim_start_matches(['"', '\'', ' ']).split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn words(line: &[&str]) -> Vec<String> {
        let command = Cli::command();
        let matches = command.clone().try_get_matches_from(["viewer"].iter().chain(line)).expect("parses");
        portable(&command, &matches).into_iter().map(|word| word.into_string().expect("text")).collect()
    }

    fn here(name: &str) -> String {
        std::env::current_dir().expect("a folder").join(name).into_os_string().into_string().expect("text")
    }

    #[test]
    fn paths_become_absolute_and_everything_else_stays() {
        assert_eq!(words(&[]), Vec::<String>::new());
        assert_eq!(words(&["a.dcm", "dir/b c.dcm"]), ["--", &here("a.dcm"), &here("dir/b c.dcm")]);
        let line = [
            "--layout",
            "2x4",
            "--log",
            "--studies",
            "x",
            "--filter=modality=MG",
            "--filter",
            "study_date=2",
        ];
        let mut expected = vec!["--filter=modality=MG", "--filter=study_date=2", "--layout=2x4", "--studies"];
        let x = here("x");
        expected.extend(["--", &x]);
        let mut sorted = words(&line);
        sorted[..4].sort();
        assert_eq!(sorted, expected);
        assert_eq!(words(&["--protocol", "mg-4up"]), ["--protocol=mg-4up"]);
        assert_eq!(words(&["--protocol", "my.toml"]), [format!("--protocol={}", here("my.toml"))]);
        assert_eq!(words(&["--", "-odd.dcm", "info"]), ["--", &here("-odd.dcm"), &here("info")]);
    }

    #[test]
    fn links_stay_as_they_were_written() {
        let links = [
            "perspecta://open?path=a.dcm&password=%20+",
            "LIGHTBOX:x",
            "file:///a%20b.dcm",
            "\"perspecta:x\"",
        ];
        let mut expected = vec!["--"];
        expected.extend(links);
        assert_eq!(words(&links), expected);
        assert_eq!(words(&["scan:1.dcm"]), ["--", &here("scan:1.dcm")]);
    }

    #[test]
    fn what_was_said_together_stays_together() {
        let group = Arg::new("group").long("group").num_args(1..).action(ArgAction::Append);
        let group = group.value_parser(clap::value_parser!(PathBuf));
        let command = Command::new("viewer").arg(group).arg(Arg::new("paths").num_args(0..));
        let groups = |words: Vec<OsString>| -> Vec<Vec<OsString>> {
            let words = std::iter::once("viewer".into()).chain(words);
            let matches = command.clone().try_get_matches_from(words).expect("parses");
            let said = matches.get_raw_occurrences("group").expect("groups");
            said.map(|values| values.map(OsStr::to_owned).collect()).collect()
        };
        let line = ["viewer", "--group", "/a", "/b", "--group", "/c", "--group", "/d", "/e", "--", "/f"];
        let matches = command.clone().try_get_matches_from(line).expect("parses");
        let words = portable(&command, &matches);
        assert_eq!(groups(words), [vec!["/a", "/b"], vec!["/c"], vec!["/d", "/e"]]);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_stays_what_it_is() {
        use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
        let command = Cli::command();
        let raw = OsString::from_vec(b"/raw/\xff.dcm".to_vec());
        let matches =
            command.clone().try_get_matches_from([OsString::from("viewer"), raw.clone()]).expect("parses");
        let words = portable(&command, &matches);
        assert_eq!(words.last().map(|word| word.as_bytes()), Some(raw.as_bytes()));
    }

    #[test]
    fn what_was_handed_over_is_what_was_asked() {
        let file = format!("{}/Cargo.toml", env!("CARGO_MANIFEST_DIR"));
        let sent = words(&["--layout", "1x2", "--no-recursive", &file]);
        let hand_over = HandOver::new(sent.into_iter().map(OsString::from).collect());
        let plan = plan(&hand_over).expect("a plan");
        assert_eq!((plan.layout, plan.recursive), (Some((1, 2)), false));
        assert_eq!(plan.paths, [PathBuf::from(file)]);
    }

    #[test]
    fn what_is_no_launch_of_a_window_is_refused_without_its_words() {
        for line in [&["info", "secret"][..], &["--layout=secret"], &["/no/such/file"]] {
            let hand_over = HandOver::new(line.iter().map(OsString::from).collect());
            let reason = plan(&hand_over).expect_err("refused");
            assert!(!reason.contains("secret"), "{reason}");
        }
    }
}
