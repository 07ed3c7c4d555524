//! The options that say what to open, beside paths and launch URLs: groups, a server's studies, who asks for them,
//! and the frame and window to begin with.
//!
//! What they mean, and which go together, is decided by [`Wishes`], for options and URLs alike.

use std::path::{Path, PathBuf};

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::connect::secret;
use super::exit::Failure;
use crate::launch::instance::HandOver;
use crate::launch::{AskedWindow, LOGIN_VARIABLES, LinkError, Secret, Wishes, is_link, path_of_file_url};
use crate::study;

/// Where words were typed: what a path inside of a link starts from, and who asks servers.
pub struct Surroundings<'a> {
    folder: Option<PathBuf>,
    variable: Box<dyn Fn(&str) -> Option<String> + 'a>,
}

impl<'a> Surroundings<'a> {
    /// Those of this process.
    pub fn own() -> Self {
        Self { folder: None, variable: Box::new(|name| std::env::var(name).ok()) }
    }

    /// Those of another launch.
    pub fn of(hand_over: &'a HandOver) -> Self {
        let variable = |name: &str| hand_over.variable(name).map(|secret| secret.reveal().to_owned());
        Self { folder: hand_over.folder.clone(), variable: Box::new(variable) }
    }

    /// A path as it means the same here.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        self.folder.as_deref().map_or_else(|| path.to_path_buf(), |folder| folder.join(path))
    }

    fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }
}

#[derive(Debug, Args)]
pub struct LaunchArgs {
    /// Open these paths; the same as naming them without it
    #[arg(long, value_name = "PATH", num_args = 1.., hide = true)]
    open: Vec<PathBuf>,

    #[command(flatten)]
    groups: GroupArgs,

    /// The group to show first, counted from zero; the others wait behind it
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Window")]
    open_group: Option<usize>,

    /// The frame to begin with, counted from zero
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Window")]
    pub frame: Option<u32>,

    /// The window to begin with: centre and width, object, full, or the name of a preset such as lung
    #[arg(long, value_name = "C,W|NAME", value_parser = AskedWindow::parse, allow_hyphen_values = true,
          help_heading = "Window")]
    pub window: Option<AskedWindow>,

    /// A DICOMweb server, or the address of a study, series or instance on it; a server alone opens the window with the
    /// search for studies
    #[arg(long, value_name = "URL", help_heading = "Server")]
    dicomweb: Option<String>,

    /// Study to open from the server; several are the current one and its priors
    #[arg(long, value_name = "UID", help_heading = "Server")]
    study: Vec<String>,

    /// Only this series; may be given several times
    #[arg(long, value_name = "UID", help_heading = "Server")]
    series: Vec<String>,

    /// Only this instance
    #[arg(long, value_name = "UID", help_heading = "Server")]
    instance: Option<String>,

    /// User of the server; the password is best put into the environment as LIGHTBOX_PASSWORD
    #[arg(long, value_name = "NAME", help_heading = "Server")]
    user: Option<String>,

    /// Password of the user; others on this machine can see it while the program runs
    #[arg(long, value_name = "PASSWORD", value_parser = secret, help_heading = "Server")]
    password: Option<Secret>,

    /// Bearer token in place of user and password; others can see it, unlike the one in LIGHTBOX_TOKEN
    #[arg(long, value_name = "TOKEN", value_parser = secret, help_heading = "Server")]
    token: Option<Secret>,

    /// Believe the certificates in this PEM file beside those of the system
    #[arg(long, value_name = "FILE", help_heading = "Server")]
    pub ca: Option<PathBuf>,

    /// Keep nothing on disk of what servers send
    #[arg(long, help_heading = "Server")]
    pub no_web_cache: bool,
}

impl LaunchArgs {
    /// Everything that is asked for by paths or a launch URL, and by these options.
    pub fn wishes(&self, paths: &[PathBuf], around: &Surroundings) -> Result<Wishes, Failure> {
        let mut links = Vec::new();
        let mut typed = Vec::new();
        for path in self.open.iter().chain(paths) {
            let text = path.to_str();
            match text.filter(|text| is_link(text)) {
                Some(link) => links.push(link),
                // A desktop hands over files as URLs.
                None => typed.push(text.and_then(path_of_file_url).unwrap_or_else(|| path.clone())),
            }
        }
        let wrong = |error: LinkError| Failure::usage(error.to_string());
        let mut wishes = match links.as_slice() {
            [] => self.typed(typed).map_err(wrong)?,
            [link] if typed.is_empty() && !self.says_what_to_open() => {
                let mut wishes = Wishes::from_link(link).map_err(wrong)?;
                wishes.find_paths_with_blanks(|path| study::exists(&around.absolute(path)).is_ok());
                wishes
            }
            [_] => {
                return Err(Failure::usage(
                    "a launch URL says itself what to open; leave out paths, --group, --group-series, \
                     --dicomweb, --study, --series and --instance",
                ));
            }
            _ => {
                return Err(Failure::usage("there is more than one launch URL; open them one after another"));
            }
        };
        wishes.prefer_open_group(self.open_group);
        self.login(&mut wishes, !links.is_empty(), around).map_err(wrong)?;
        Ok(wishes)
    }

    fn typed(&self, paths: Vec<PathBuf>) -> Result<Wishes, LinkError> {
        let mut wishes = Wishes::default();
        wishes.add_typed(paths);
        self.groups.paths.iter().for_each(|group| wishes.add_typed_group(group.clone()));
        self.groups.series.iter().try_for_each(|group| wishes.add_series_group(&group.join("|")))?;
        self.dicomweb.as_deref().map_or(Ok(()), |url| wishes.set_server(url))?;
        self.study.iter().try_for_each(|list| wishes.add_studies(list))?;
        self.series.iter().try_for_each(|list| wishes.add_series(list))?;
        self.instance.as_deref().map_or(Ok(()), |uid| wishes.set_instance(uid))?;
        Ok(wishes)
    }

    /// Whether an option names a server, and no link does.
    pub fn types_server(&self) -> bool {
        self.dicomweb.is_some()
    }

    fn says_what_to_open(&self) -> bool {
        let GroupArgs { paths, series } = &self.groups;
        let lists = [&self.study, &self.series].iter().any(|list| !list.is_empty());
        lists || !paths.is_empty() || !series.is_empty() || self.dicomweb.is_some() || self.instance.is_some()
    }

    /// Who asks: what was typed, else what the URL says, else what the environment says.
    ///
    /// A link may name any server in the world, and the environment does not say which one it means; so what it
    /// says never goes to a server that a link names.
    fn login(&self, wishes: &mut Wishes, is_link: bool, around: &Surroundings) -> Result<(), LinkError> {
        let Self { user, password, token, .. } = self;
        let [user_there, password_there, token_there] = LOGIN_VARIABLES.map(|name| around.variable(name));
        if user.is_some() || password.is_some() || token.is_some() {
            wishes.forget_login();
            user.as_deref().map_or(Ok(()), |user| wishes.set_user(user))?;
            token.as_ref().map_or(Ok(()), |token| wishes.set_token(token.reveal()))?;
            let there = password_there.filter(|_| user.is_some() && token.is_none()).map(Secret::new);
            return password
                .clone()
                .or(there)
                .map_or(Ok(()), |password| wishes.set_password(password.reveal()));
        }
        if is_link || self.dicomweb.is_none() || wishes.has_login() {
            return Ok(());
        }
        match (token_there, user_there, password_there) {
            (Some(token), ..) => wishes.set_token(&token),
            (None, Some(user), Some(password)) => {
                wishes.set_user(&user).and_then(|()| wishes.set_password(&password))
            }
            _ => Ok(()),
        }
    }
}

/// Options that take several values each time they are given, and are given several times.
#[derive(Debug, Clone, Default)]
struct GroupArgs {
    paths: Vec<Vec<PathBuf>>,
    series: Vec<Vec<String>>,
}

impl GroupArgs {
    fn option(id: &'static str, value: &'static str, parser: ValueParser, help: &'static str) -> Arg {
        let option = Arg::new(id).long(id).value_name(value).value_parser(parser).help(help);
        option.num_args(1..).action(ArgAction::Append)
    }
}

impl Args for GroupArgs {
    fn augment_args(command: Command) -> Command {
        let paths = "Files and folders that belong together; may be given several times, in place of PATH";
        let series = "Series of the study that belong together; may be given several times";
        command
            .arg(Self::option("group", "PATH", value_parser!(PathBuf), paths).help_heading("Window"))
            .arg(Self::option("group-series", "UID", value_parser!(String), series).help_heading("Server"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for GroupArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut groups = Self::default();
        groups.update_from_arg_matches(matches)?;
        Ok(groups)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.paths = occurrences(matches, "group");
        self.series = occurrences(matches, "group-series");
        Ok(())
    }
}

fn occurrences<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, id: &str) -> Vec<Vec<T>> {
    let all = matches.get_occurrences(id).into_iter().flatten();
    all.map(|values| values.cloned().collect()).collect()
}
