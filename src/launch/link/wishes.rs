//! Wishes put in one by one, and held against each other at the end.

use std::path::{Path, PathBuf};

use super::encoding::{path, shown};
use super::server::{Server, contradiction};
use super::values::{is_number, number, parse_layout, parse_uid};
use super::{Launch, LinkError, MOST_GROUPS, MOST_ITEMS, lists};
use crate::launch::{AskedWindow, Credentials, RemotePlan, SearchPlan, Secret};

/// The longest path a link may name, in bytes: what systems can open.
const LONGEST_PATH: usize = 4096;

/// The longest name, password or token.
const LONGEST_LOGIN: usize = 16 << 10;

/// What a launch asks for so far.
///
/// A value may be said twice; two different ones where there can be one are an error at once. What goes with what
/// is decided by [`Wishes::check`].
#[derive(Debug, Default)]
pub struct Wishes {
    paths: Vec<PathBuf>,
    groups: Vec<Vec<PathBuf>>,
    series_groups: Vec<Vec<String>>,
    open_group: Option<usize>,
    base_url: Option<String>,
    /// Study, series and instance out of the server's URL.
    lifted: [Option<String>; 3],
    studies: Vec<String>,
    series: Vec<String>,
    instance: Option<String>,
    user: Option<String>,
    password: Option<Secret>,
    token: Option<Secret>,
    layout: Option<(u32, u32)>,
    protocol: Option<String>,
    frame: Option<u32>,
    window: Option<AskedWindow>,
    notes: Vec<String>,
}

/// Files and studies.
impl Wishes {
    /// One file or folder, as it is named in a link.
    ///
    /// # Errors
    /// It is too long, or there are too many.
    pub fn add_path(&mut self, value: &str) -> Result<(), LinkError> {
        let Some(path) = checked_path(value)? else { return Ok(()) };
        self.paths.push(path);
        self.has_room()
    }

    /// Files and folders that belong together, as they are named in a link.
    ///
    /// # Errors
    /// A path is too long, or there are too many paths or groups.
    pub fn add_group(&mut self, values: &[String]) -> Result<(), LinkError> {
        let group = values.iter().filter_map(|value| checked_path(value).transpose());
        let group = group.collect::<Result<Vec<_>, _>>()?;
        if !group.is_empty() {
            self.groups.push(group);
        }
        self.has_room()
    }

    /// Files and folders from a command line, where no limit holds and nothing is written in a special way.
    pub fn add_typed(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        self.paths.extend(paths);
    }

    /// Groups from a command line.
    pub fn add_typed_group(&mut self, group: Vec<PathBuf>) {
        self.groups.push(group);
    }

    /// Takes blanks for pluses in paths that are not there as they are written, and are there with blanks: some
    /// write a link with the means of forms and do not say so. `exists` is asked, since nothing here knows a disk.
    pub fn find_paths_with_blanks(&mut self, exists: impl Fn(&Path) -> bool) {
        let named = self.paths.iter_mut().chain(self.groups.iter_mut().flatten());
        for path in named {
            let blank = path.to_str().filter(|text| text.contains('+')).map(|text| text.replace('+', " "));
            if let Some(blank) = blank.map(PathBuf::from).filter(|blank| !exists(path) && exists(blank)) {
                *path = blank;
            }
        }
    }

    /// A list of the series that belong together.
    ///
    /// # Errors
    /// One is no UID, or there are too many.
    pub fn add_series_group(&mut self, list: &str) -> Result<(), LinkError> {
        let mut group = Vec::new();
        add_uids(&mut group, "group_series", list)?;
        if !group.is_empty() {
            self.series_groups.push(group);
        }
        self.has_room()
    }

    /// # Errors
    /// It is no number from zero, or another one than before.
    pub fn set_open_group(&mut self, text: &str) -> Result<(), LinkError> {
        if !is_number(text) {
            return Err(wrong("open_group must be a whole number from 0, which is the first group", text));
        }
        // A number beyond every group means the last one, however large it is.
        once(&mut self.open_group, text.parse().unwrap_or(usize::MAX), "open_group")
    }

    /// A server, or the address of something on it.
    ///
    /// # Errors
    /// It is no URL of a web server, or another one than before.
    pub fn set_server(&mut self, text: &str) -> Result<(), LinkError> {
        let Server { base_url, study, series, instance, user, password } = Server::parse(text)?;
        once(&mut self.base_url, base_url, "dicomweb")?;
        for (place, uid) in self.lifted.iter_mut().zip([study, series, instance]) {
            uid.map_or(Ok(()), |uid| once(place, uid, "dicomweb"))?;
        }
        user.map_or(Ok(()), |user| self.set_user(&user))?;
        password.map_or(Ok(()), |password| once(&mut self.password, password, "password"))
    }

    /// # Errors
    /// One is no UID, or there are too many.
    pub fn add_studies(&mut self, list: &str) -> Result<(), LinkError> {
        add_uids(&mut self.studies, "study", list)?;
        self.has_room()
    }

    /// # Errors
    /// One is no UID, or there are too many.
    pub fn add_series(&mut self, list: &str) -> Result<(), LinkError> {
        add_uids(&mut self.series, "series", list)?;
        self.has_room()
    }

    /// # Errors
    /// It is no UID, or another one than before.
    pub fn set_instance(&mut self, text: &str) -> Result<(), LinkError> {
        once(&mut self.instance, parse_uid("instance", text)?, "instance")
    }

    fn has_room(&self) -> Result<(), LinkError> {
        let paths = self.paths.len() + self.groups.iter().map(Vec::len).sum::<usize>();
        let uids =
            self.studies.len() + self.series.len() + self.series_groups.iter().map(Vec::len).sum::<usize>();
        if paths > MOST_ITEMS || uids > MOST_ITEMS {
            return Err(LinkError::new(format!(
                "the launch names more than {MOST_ITEMS} paths or UIDs; name their folder or study instead"
            )));
        }
        if self.groups.len().max(self.series_groups.len()) > MOST_GROUPS {
            return Err(LinkError::new(format!("the launch names more than {MOST_GROUPS} groups")));
        }
        Ok(())
    }
}

/// Who asks.
impl Wishes {
    /// # Errors
    /// Basic authentication cannot carry it, or it is another one than before.
    pub fn set_user(&mut self, text: &str) -> Result<(), LinkError> {
        let text = text.trim();
        if text.contains(':') {
            return Err(LinkError::new("a user's name cannot hold a colon"));
        }
        once(&mut self.user, login(text, "user")?, "user")
    }

    /// # Errors
    /// It cannot be sent, or is another one than before.
    pub fn set_password(&mut self, text: &str) -> Result<(), LinkError> {
        once(&mut self.password, Secret::new(login(text, "password")?), "password")
    }

    /// `user:password` in one.
    ///
    /// # Errors
    /// There is no colon, or one of the two was given before and differs.
    pub fn set_auth(&mut self, text: &str) -> Result<(), LinkError> {
        let (user, password) = text.split_once(':').ok_or_else(|| {
            LinkError::new("auth must be written as user:password, in percent-encoding where need be")
        })?;
        if !user.trim().is_empty() {
            self.set_user(user)?;
        }
        if password.trim().is_empty() { Ok(()) } else { self.set_password(password) }
    }

    /// # Errors
    /// No header can carry it, or it is another one than before.
    pub fn set_token(&mut self, text: &str) -> Result<(), LinkError> {
        let text = text.trim();
        // Some hand over the whole header.
        let bare = text.get(..7).filter(|start| start.eq_ignore_ascii_case("bearer "));
        let token = bare.and_then(|start| text.get(start.len()..)).unwrap_or(text).trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(LinkError::new("token must be letters, digits and signs of ASCII without blanks"));
        }
        once(&mut self.token, Secret::new(login(token, "token")?), "token")
    }

    /// Whether anybody said who asks, if only in part.
    pub fn has_login(&self) -> bool {
        self.user.is_some() || self.password.is_some() || self.token.is_some()
    }

    /// Leaves out who asks, for somebody else to say.
    pub fn forget_login(&mut self) {
        (self.user, self.password, self.token) = (None, None, None);
    }

    fn credentials(&mut self) -> Result<Credentials, LinkError> {
        match (self.user.take(), self.password.take(), self.token.take()) {
            (None, None, None) => Ok(Credentials::None),
            (None, None, Some(token)) => Ok(Credentials::Bearer(token)),
            (Some(user), Some(password), None) => Ok(Credentials::Basic { user, password }),
            (_, _, Some(_)) => {
                Err(cannot_mix("token=", "user=, password= or auth=", "a server is asked in one way"))
            }
            _ => Err(LinkError::new("DICOMweb credentials must include both user and password")),
        }
    }
}

/// How it should look.
impl Wishes {
    /// # Errors
    /// It is no layout, or another one than before.
    pub fn set_layout(&mut self, text: &str) -> Result<(), LinkError> {
        let layout = parse_layout(text.trim()).map_err(|why| wrong(&format!("layout: {why}"), text))?;
        once(&mut self.layout, layout, "layout")
    }

    /// The name of a hanging protocol. A link cannot name a file of rules.
    ///
    /// # Errors
    /// It cannot be a name, or is another one than before.
    pub fn set_protocol(&mut self, text: &str) -> Result<(), LinkError> {
        let name = text.trim();
        let is_name = name.len() <= 64
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' '))
            && !name.to_ascii_lowercase().ends_with(".toml");
        if !is_name {
            return Err(wrong(
                "protocol must be the name of a hanging protocol, of letters, digits, - _ and .",
                name,
            ));
        }
        once(&mut self.protocol, name.to_owned(), "protocol")
    }

    /// # Errors
    /// It is no number from zero, or another one than before.
    pub fn set_frame(&mut self, text: &str) -> Result<(), LinkError> {
        let frame = number(text.trim())
            .ok_or_else(|| wrong("frame must be a whole number from 0, which is the first frame", text))?;
        once(&mut self.frame, frame, "frame")
    }

    /// # Errors
    /// It is no window, or another one than before.
    pub fn set_window(&mut self, text: &str) -> Result<(), LinkError> {
        let window = AskedWindow::parse(text).map_err(|why| wrong(&format!("window: {why}"), text))?;
        once(&mut self.window, window, "window")
    }

    /// What was typed goes before what a link says.
    pub fn prefer(&mut self, layout: Option<(u32, u32)>, frame: Option<u32>, window: Option<AskedWindow>) {
        self.layout = layout.or(self.layout);
        self.frame = frame.or(self.frame);
        self.window = window.or(self.window.take());
    }

    /// What was typed goes before what a link says.
    pub fn prefer_protocol(&mut self, protocol: Option<String>) {
        self.protocol = protocol.or(self.protocol.take());
    }

    /// What was typed goes before what a link says.
    pub fn prefer_open_group(&mut self, open_group: Option<usize>) {
        self.open_group = open_group.or(self.open_group);
    }

    /// Something to tell whoever tries this out.
    pub fn note(&mut self, note: impl Into<String>) {
        // A link may hold thousands of parameters nobody knows.
        const MOST_NOTES: usize = 16;
        let note = note.into();
        if self.notes.len() < MOST_NOTES && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// The end.
impl Wishes {
    /// Whether nothing was named that could be shown, or be missing for it.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
            && self.groups.is_empty()
            && self.series_groups.is_empty()
            && !self.speaks_of_a_server()
    }

    fn speaks_of_a_server(&self) -> bool {
        let uids = self.instance.is_some() || !self.studies.is_empty() || !self.series.is_empty();
        uids || self.base_url.is_some() || self.has_login()
    }

    /// Takes out a server of which nothing in particular was asked: somebody wants to look for it there. `None` where
    /// there is no server, or anything else that says what to open.
    ///
    /// # Errors
    /// Who asks was said in part, or in two ways.
    pub fn take_search(&mut self) -> Result<Option<SearchPlan>, LinkError> {
        let named = !self.studies.is_empty() || !self.series.is_empty() || self.instance.is_some();
        let lifted = self.lifted.iter().any(Option::is_some);
        let grouped = !self.groups.is_empty() || !self.series_groups.is_empty();
        if named || lifted || grouped || !self.paths.is_empty() {
            return Ok(None);
        }
        self.take_server()
    }

    /// Takes out the server and who asks it, with the study that its address names.
    pub(super) fn take_server(&mut self) -> Result<Option<SearchPlan>, LinkError> {
        let Some(base_url) = self.base_url.take() else { return Ok(None) };
        let [study, ..] = std::mem::take(&mut self.lifted);
        Ok(Some(SearchPlan { base_url, credentials: self.credentials()?, study }))
    }

    /// Holds the wishes against each other.
    ///
    /// # Errors
    /// Two of them do not go together, or something they need is missing.
    pub fn check(mut self) -> Result<Launch, LinkError> {
        self.is_one_launch()?;
        let open_group = self.open_group.unwrap_or(0);
        let remote = match self.base_url.take() {
            Some(base_url) => Some(self.remote(base_url)?),
            None => {
                self.needs_no_server()?;
                None
            }
        };
        let mut groups = self.groups;
        if !self.paths.is_empty() {
            groups.push(self.paths);
        }
        let last = remote.as_ref().map_or(groups.len(), |remote| remote.groups.len()).saturating_sub(1);
        let mut launch = Launch {
            groups,
            remote,
            open_group: open_group.min(last),
            layout: self.layout,
            protocol: self.protocol,
            frame: self.frame,
            window: self.window,
            notes: self.notes,
        };
        if let Some(remote) = &mut launch.remote {
            remote.open_group = launch.open_group;
            if Server::is_readable_by_others(&remote.base_url) {
                launch.notes.push("the server is asked without encryption, which others can read".to_owned());
            }
        }
        Ok(launch)
    }

    /// Files, groups of files, a server's studies and groups of series are four kinds of launches.
    fn is_one_launch(&self) -> Result<(), LinkError> {
        let together = "what belongs together is named in one way";
        let has_paths = !self.paths.is_empty();
        if !self.groups.is_empty() {
            let other = [
                (has_paths, "path= or paths="),
                (self.base_url.is_some(), "dicomweb="),
                (!self.series_groups.is_empty(), "group_series="),
            ];
            let other = other.into_iter().find(|(is_there, _)| *is_there);
            return other.map_or(Ok(()), |(_, name)| Err(cannot_mix("group=", name, together)));
        }
        if !self.series_groups.is_empty() {
            let [_, series, instance] = &self.lifted;
            if has_paths {
                return Err(cannot_mix("group_series=", "path= or paths=", together));
            }
            if !self.series.is_empty() || series.is_some() || self.instance.is_some() || instance.is_some() {
                return Err(cannot_mix("group_series=", "series= or instance=", together));
            }
        }
        if self.base_url.is_some() && has_paths {
            return Err(cannot_mix(
                "dicomweb=",
                "path= or paths=",
                "a launch opens files or a server's studies",
            ));
        }
        Ok(())
    }

    fn needs_no_server(&self) -> Result<(), LinkError> {
        if !self.series_groups.is_empty() {
            return Err(LinkError::new("group_series= needs the URL of a server in dicomweb=, and study="));
        }
        if self.has_login() {
            return Err(LinkError::new(
                "DICOMweb credentials were given without the URL of a server in dicomweb=",
            ));
        }
        if self.speaks_of_a_server() {
            return Err(LinkError::new(
                "study=, series= and instance= need the URL of a server in dicomweb=",
            ));
        }
        Ok(())
    }

    fn remote(&mut self, base_url: String) -> Result<RemotePlan, LinkError> {
        let [study, series, instance] = std::mem::take(&mut self.lifted);
        let mut studies = std::mem::take(&mut self.studies);
        lay_in(&mut studies, study, "study")?;
        let mut all_series = std::mem::take(&mut self.series);
        lay_in(&mut all_series, series, "series")?;
        let mut instances: Vec<String> = self.instance.take().into_iter().collect();
        lay_in(&mut instances, instance, "instance")?;
        let instance = instances.pop();
        let credentials = self.credentials()?;
        if studies.is_empty() {
            let what = if self.series_groups.is_empty() { "a DICOMweb launch" } else { "group_series=" };
            return Err(LinkError::new(format!("{what} needs the study's UID in study=")));
        }
        if instance.is_some() && (studies.len() > 1 || all_series.len() > 1) {
            return Err(LinkError::new("instance= goes with one study and one series"));
        }
        let grouped = std::mem::take(&mut self.series_groups);
        let groups = if grouped.is_empty() { vec![all_series.clone()] } else { grouped };
        Ok(RemotePlan { base_url, studies, series: all_series, instance, groups, open_group: 0, credentials })
    }
}

/// Adds what the server's URL named, unless something else was asked for.
fn lay_in(asked: &mut Vec<String>, lifted: Option<String>, name: &str) -> Result<(), LinkError> {
    match lifted {
        Some(uid) if asked.is_empty() => asked.push(uid),
        Some(uid) if !asked.contains(&uid) => return Err(contradiction(name, &uid)),
        _ => {}
    }
    Ok(())
}

fn add_uids(to: &mut Vec<String>, name: &str, list: &str) -> Result<(), LinkError> {
    for text in lists::uids(list) {
        let uid = parse_uid(name, text)?;
        if !to.contains(&uid) {
            to.push(uid);
        }
        if to.len() > MOST_ITEMS {
            break;
        }
    }
    Ok(())
}

fn checked_path(value: &str) -> Result<Option<PathBuf>, LinkError> {
    let path = path(value);
    if path.len() > LONGEST_PATH {
        return Err(LinkError::new(format!("a path is longer than {LONGEST_PATH} bytes")));
    }
    Ok((!path.trim().is_empty()).then(|| PathBuf::from(path)))
}

fn login(text: &str, name: &str) -> Result<String, LinkError> {
    if text.len() > LONGEST_LOGIN || text.chars().any(char::is_control) {
        return Err(LinkError::new(format!("{name} is too long, or holds control characters")));
    }
    Ok(text.to_owned())
}

/// Fills a place that has room for one. The values are not repeated: some are secret.
fn once<T: PartialEq>(place: &mut Option<T>, value: T, name: &str) -> Result<(), LinkError> {
    match place {
        Some(before) if *before != value => {
            Err(LinkError::new(format!("{name}= is given more than once, with different values")))
        }
        _ => {
            *place = Some(value);
            Ok(())
        }
    }
}

fn cannot_mix(one: &str, other: &str, why: &str) -> LinkError {
    LinkError::new(format!("cannot mix {one} with {other}: {why}"))
}

fn wrong(sentence: &str, text: &str) -> LinkError {
    LinkError::new(format!("{sentence}: {}", shown(text)))
}
