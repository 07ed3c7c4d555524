//! Launch links: `perspecta://` and `lightbox://` URLs, and what any launch may ask for.
//!
//! [`Launch::from_link`] takes a URL apart, undoes what browsers and shells do to it, and answers with a checked
//! [`Launch`] or one sentence that says what is wrong. [`Wishes`] is the same for what comes from elsewhere, such
//! as the options of a command line: wishes are put in one by one and checked together.
//!
//! A link comes from whoever wrote a web page. It is bounded in every direction, it can ask for nothing but to
//! show something, and nothing here touches a disk or a network.

mod encoding;
mod error;
mod keys;
mod lists;
mod server;
mod values;
mod wishes;

use std::path::PathBuf;

use self::encoding::{decode, file_path, unquote};
use self::keys::Key;
use super::{AskedWindow, RemotePlan, SearchPlan};

pub use error::LinkError;
pub use values::{parse_center_width, parse_layout, parse_uid};
pub use wishes::Wishes;

/// The schemes, without the colon.
pub const SCHEMES: [&str; 2] = ["perspecta", "lightbox"];

/// The longest link that is read. Browsers hand over less.
pub const LONGEST_LINK: usize = 64 << 10;

/// Most paths, or UIDs, in one link, and most groups.
pub const MOST_ITEMS: usize = 1024;
pub const MOST_GROUPS: usize = 256;

/// What one launch asks for, checked: either files and folders or a server's studies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Launch {
    /// Files and folders by group. A plain launch has one group; nothing at all has none, and so has a remote
    /// launch.
    pub groups: Vec<Vec<PathBuf>>,
    /// What to fetch from a server, in place of files.
    pub remote: Option<RemotePlan>,
    /// The group to show first, counted from zero. There is such a group unless there are none.
    pub open_group: usize,
    /// Rows and columns of viewports.
    pub layout: Option<(u32, u32)>,
    /// The name of a hanging protocol, which need not exist here.
    pub protocol: Option<String>,
    /// The frame to begin with, counted from zero.
    pub frame: Option<u32>,
    pub window: Option<AskedWindow>,
    /// What was left out or is unwise, for whoever tries out a link.
    pub notes: Vec<String>,
}

impl Launch {
    /// Files and folders that belong together.
    pub fn of_paths(paths: Vec<PathBuf>) -> Self {
        let groups = if paths.is_empty() { Vec::new() } else { vec![paths] };
        Self { groups, ..Self::default() }
    }

    /// Reads a launch URL.
    ///
    /// # Errors
    /// The link is malformed, contradicts itself, asks for too much or for nothing.
    pub fn from_link(link: &str) -> Result<Self, LinkError> {
        Wishes::from_link(link)?.check()
    }
}

/// Whether an argument is meant as a launch URL: one of the schemes in any case, quoted or not, with or without
/// slashes behind it.
pub fn is_link(argument: &str) -> bool {
    after_scheme(tidy(argument)).is_some()
}

/// The path an argument means that a desktop hands over as a `file:` URL.
pub fn path_of_file_url(argument: &str) -> Option<PathBuf> {
    file_path(argument.trim()).map(PathBuf::from)
}

/// The address of a server as somebody types it, with the rules of launch URLs: a server alone gets the usual path, and
/// who asks is taken out of it.
///
/// # Errors
/// It is no URL of a web server, or names a user without a password. The sentence never repeats the URL.
pub fn parse_server(text: &str) -> Result<SearchPlan, LinkError> {
    let mut wishes = Wishes::default();
    wishes.set_server(text)?;
    let no_server = || LinkError::new("the address of a server is missing");
    wishes.take_server()?.ok_or_else(no_server)
}

/// Without what surrounds a link when it is copied, quoted or passed on.
fn tidy(link: &str) -> &str {
    let link = unquote(link.trim());
    link.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(link).trim()
}

/// What follows the scheme and its colon.
fn after_scheme(link: &str) -> Option<&str> {
    let (scheme, rest) = link.split_once(':')?;
    SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)).then_some(rest)
}

impl Wishes {
    /// What a launch URL asks for, not yet held against itself, so that more can be asked for beside it.
    ///
    /// # Errors
    /// The link is malformed, asks for too much or for nothing, or one of its values is wrong.
    pub fn from_link(link: &str) -> Result<Self, LinkError> {
        let link = tidy(link);
        let rest = after_scheme(link)
            .ok_or_else(|| LinkError::new("a launch URL begins with perspecta:// or lightbox://"))?;
        if link.len() > LONGEST_LINK {
            return Err(LinkError::new(format!("the launch URL is longer than {LONGEST_LINK} bytes")));
        }
        let mut wishes = Self::default();
        let (rest, fragment) = rest.split_once('#').map_or((rest, ""), |(rest, after)| (rest, after));
        if !fragment.is_empty() {
            wishes.note("what follows # was left out; a # that belongs to a value is written %23");
        }
        let (location, query) = rest.split_once('?').unwrap_or((rest, ""));
        if let Some(raw) = location_path(location.strip_prefix("//").unwrap_or(location)) {
            wishes.add_path(&decode(raw, false)?)?;
        }
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let form = is_form(pairs.clone())?;
        for (key, raw) in pairs {
            wishes.take(&decode(key, form)?, raw, form)?;
        }
        if wishes.is_empty() {
            return Err(LinkError::new(
                "the launch URL names nothing to open; use path=, paths=, group=, or dicomweb= with study=",
            ));
        }
        Ok(wishes)
    }

    fn take(&mut self, key: &str, raw: &str, form: bool) -> Result<(), LinkError> {
        let value = decode(raw, form)?;
        let Some(known) = Key::parse(key) else {
            self.note(format!("a parameter that is not known was left out: {}", encoding::shown(key)));
            return Ok(());
        };
        let text = unquote(value.trim());
        if text.trim().is_empty() {
            return Ok(());
        }
        match known {
            Key::Path => self.add_path(&value),
            Key::Paths => lists::paths(raw, form)?.iter().try_for_each(|path| self.add_path(path)),
            Key::Group => self.add_group(&lists::paths(raw, form)?),
            Key::Groups => lists::groups(raw, form)?.iter().try_for_each(|group| self.add_group(group)),
            Key::GroupSeries => text.split(';').try_for_each(|group| self.add_series_group(group)),
            Key::OpenGroup => self.set_open_group(text),
            Key::Dicomweb => self.set_server(text),
            Key::Study => self.add_studies(text),
            Key::Series => self.add_series(text),
            Key::Instance => self.set_instance(text),
            Key::User => self.set_user(text),
            // Blanks around a password may be part of it.
            Key::Password => self.set_password(&value),
            Key::Auth => self.set_auth(&value),
            Key::Token => self.set_token(text),
            Key::Layout => self.set_layout(text),
            Key::Protocol => self.set_protocol(text),
            Key::Frame => self.set_frame(text),
            Key::Window => self.set_window(text),
            Key::Form => Ok(()),
        }
    }
}

/// The path in front of the question mark, if there is one: `open/PATH` or `PATH`, still encoded.
fn location_path(location: &str) -> Option<&str> {
    let location = location.trim();
    // A browser puts a slash behind what it takes for the name of a host.
    let location = match location.strip_suffix('/') {
        Some(host) if !host.contains('/') => host,
        _ => location,
    };
    let bare = location.strip_prefix('/').unwrap_or(location);
    let is_open = |word: &str| word.eq_ignore_ascii_case("open");
    let path = match location.split_once('/') {
        _ if is_open(bare.strip_suffix('/').unwrap_or(bare)) => "",
        Some((word, path)) if is_open(word) => path,
        _ => location,
    };
    (!path.is_empty()).then_some(path)
}

/// Whether the link says that a form wrote it: by `form=1`, or by the field `_charset_` that browsers fill in.
fn is_form<'a>(mut pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<bool, LinkError> {
    let mut form = false;
    pairs.try_for_each(|(key, value)| {
        if key == "_charset_" {
            let is_utf8 = ["utf-8", "utf8", ""].iter().any(|name| value.eq_ignore_ascii_case(name));
            if !is_utf8 {
                return Err(LinkError::new("the form was sent in a character set other than UTF-8"));
            }
            form = true;
        } else if key.eq_ignore_ascii_case("form") {
            form |= ["1", "true", "yes"].iter().any(|yes| value.eq_ignore_ascii_case(yes));
        }
        Ok(())
    })?;
    Ok(form)
}
