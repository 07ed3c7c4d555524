//! The system's file of credentials: `.netrc`, as ftp and curl know it.
//!
//! Words stand apart by blanks and line ends; one in double quotes may hold both. `macdef` and what belongs to it
//! is passed over. Only what is for one machine is ever kept of the file.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::launch::{Credentials, Secret};

/// Nobody has more credentials than this.
const LARGEST: u64 = 1 << 20;

/// What was found for a machine.
#[derive(Debug, Default)]
pub struct Found {
    pub credentials: Credentials,
    /// What is wrong with the file.
    pub warning: Option<String>,
}

/// Where the file of this user is, if there is one.
pub fn system_file() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("NETRC").filter(|name| !name.is_empty()) {
        return Some(named.into());
    }
    let homes = if cfg!(windows) { ["HOME", "USERPROFILE"].as_slice() } else { &["HOME"] };
    let names = if cfg!(windows) { ["_netrc", ".netrc"] } else { [".netrc", "_netrc"] };
    let homes = homes.iter().filter_map(std::env::var_os).map(PathBuf::from);
    let mut files = homes.flat_map(|home| names.map(|name| home.join(name)));
    files.find(|file| file.is_file())
}

/// Looks in a file for `host:port`, then for `host`. A file that is not there holds nothing.
pub fn look_up(path: &Path, place: &str, host: &str) -> Found {
    let complain = |what: &str| Found {
        credentials: Credentials::None,
        warning: Some(format!("the file of credentials was not used: {what}: {}", path.display())),
    };
    // Before opening: opening a pipe waits for somebody to write.
    let Ok(meta) = std::fs::metadata(path) else { return Found::default() };
    if !meta.is_file() || meta.len() > LARGEST {
        return complain("it is no file of credentials");
    }
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)) {
        Ok(_) => {}
        Err(_) => return complain("it cannot be read"),
    }
    let text = String::from_utf8_lossy(&bytes);
    let entries = parse(&text);
    let credentials = pick(&entries, place, host);
    let warning = (!credentials.is_none() && others_can_read(&meta))
        .then(|| format!("other users can read the file with the password: {}", path.display()));
    Found { credentials, warning }
}

#[cfg(unix)]
fn others_can_read(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    meta.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn others_can_read(_: &std::fs::Metadata) -> bool {
    false
}

/// What stands under one `machine`, or under `default`, which has no name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Entry {
    machine: Option<String>,
    login: Option<String>,
    password: Option<Secret>,
}

fn pick(entries: &[Entry], place: &str, host: &str) -> Credentials {
    let complete = |entry: &&Entry| entry.login.is_some() && entry.password.is_some();
    let named = |name: &str| {
        let is =
            |entry: &&Entry| entry.machine.as_ref().is_some_and(|machine| machine.eq_ignore_ascii_case(name));
        entries.iter().filter(complete).find(is)
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let default = || entries.iter().filter(complete).find(|entry| entry.machine.is_none());
    match named(place).or_else(|| named(host)).or_else(default) {
        Some(Entry { login: Some(user), password: Some(password), .. }) => {
            Credentials::Basic { user: user.clone(), password: password.clone() }
        }
        _ => Credentials::None,
    }
}

fn parse(text: &str) -> Vec<Entry> {
    let mut words = Words { rest: text.trim_start_matches('\u{feff}') };
    let mut entries: Vec<Entry> = Vec::new();
    while let Some(word) = words.next_word() {
        match word.as_str() {
            "machine" => entries.push(Entry { machine: words.next_word(), ..Entry::default() }),
            "default" => entries.push(Entry::default()),
            "login" | "user" => {
                let login = words.next_word();
                if let Some(entry) = entries.last_mut() {
                    entry.login = login;
                }
            }
            "password" | "passwd" => {
                let password = words.next_word().map(Secret::new);
                if let Some(entry) = entries.last_mut() {
                    entry.password = password;
                }
            }
            "account" => drop(words.next_word()),
            "macdef" => words.skip_macro(),
            comment if comment.starts_with('#') => words.skip_line(),
            _ => {}
        }
    }
    entries
}

struct Words<'a> {
    rest: &'a str,
}

impl Words<'_> {
    /// The next word; what is quoted is one, with `\"`, `\\`, `\n`, `\r` and `\t` inside.
    fn next_word(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
            let (word, rest) = self.rest.split_at(end);
            self.rest = rest;
            return (!word.is_empty()).then(|| word.to_owned());
        };
        let mut word = String::new();
        let mut letters = quoted.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.rest = quoted.get(at + 1..).unwrap_or_default();
                    return Some(word);
                }
                '\\' => word.extend(letters.next().map(|(_, escaped)| match escaped {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                })),
                other => word.push(other),
            }
        }
        // A quote that is never closed: nothing after it can be trusted, this word least of all.
        self.rest = "";
        None
    }

    fn skip_line(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
    }

    /// A macro ends with an empty line.
    fn skip_macro(&mut self) {
        while !self.rest.is_empty() {
            let (line, _) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            let is_empty = line.trim_end_matches('\r').is_empty();
            self.skip_line();
            if is_empty {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// User and password for a host, or nothing.
    fn found(text: &str, place: &str) -> Option<(String, String)> {
        let host = place.split(':').next().unwrap_or_default();
        match pick(&parse(text), place, host) {
            Credentials::Basic { user, password } => Some((user, password.reveal().to_owned())),
            _ => None,
        }
    }

    fn pair(user: &str, password: &str) -> Option<(String, String)> {
        Some((user.to_owned(), password.to_owned()))
    }

    #[test]
    fn the_right_machine_is_found() {
        let text = "machine a login u1 password p1\nmachine b\n\tlogin u2\r\n\tpassword p2\n\
                    machine b:8042 login u3 account x password p3 default login u4 password p4\n";
        assert_eq!(found(text, "a"), pair("u1", "p1"));
        assert_eq!(found(text, "B"), pair("u2", "p2"));
        assert_eq!(found(text, "b:8042"), pair("u3", "p3"));
        assert_eq!(found(text, "b:8043"), pair("u2", "p2"));
        assert_eq!(found(text, "elsewhere"), pair("u4", "p4"));
        assert_eq!(found("machine a login u password p", "ab"), None);
    }

    #[test]
    fn quoted_values_hold_anything() {
        let text = r#"machine a login "an na" password "p \"q\" \\ #machine b login evil""#;
        assert_eq!(found(text, "a"), pair("an na", r#"p "q" \ #machine b login evil"#));
        assert_eq!(found(text, "b"), None);
        assert_eq!(
            found("machine a login u password \"never closed\nmachine b login v password w", "a"),
            None
        );
        assert_eq!(found("machine a login u password \"\"", "a"), pair("u", ""));
        assert_eq!(found("machine a login u password p\"q#r", "a"), pair("u", "p\"q#r"));
    }

    #[test]
    fn macros_and_comments_are_passed_over() {
        let text = "# machine a login x password y\nmacdef init\nmachine a login evil password evil\n\n\
                    machine a # mine\nlogin u password #p\n";
        assert_eq!(found(text, "a"), pair("u", "#p"));
        assert_eq!(found("macdef init\nmachine a login evil password evil", "a"), None);
        assert_eq!(
            found("macdef init\r\nmachine a login e password e\r\n\r\nmachine a login u password p", "a"),
            pair("u", "p")
        );
    }

    #[test]
    fn what_is_incomplete_is_no_credential() {
        for text in
            ["", "machine", "machine a", "machine a login u", "machine a password p", "login u password p"]
        {
            assert_eq!(found(text, "a"), None, "{text}");
        }
        let second = "machine a login u machine a login v password w";
        assert_eq!(found(second, "a"), pair("v", "w"));
    }
}
