//! The hanging protocols of this user, and the one a launch asks for.

use std::path::{Path, PathBuf};

use super::config_dir;
use crate::hanging::{self, Error, Protocol};

/// The hanging protocol a launch asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedProtocol {
    Named(String),
    /// Read from a file that was named.
    Own(Box<Protocol>),
}

impl AskedProtocol {
    /// Whether what was typed looks like a file and not like a name.
    pub fn is_file(typed: &Path) -> bool {
        let toml = typed.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
        toml || typed.to_string_lossy().contains(std::path::is_separator)
    }

    /// From what was typed: what looks like a path is a file, anything else a name.
    ///
    /// # Errors
    /// The file cannot be read or is no protocol, or there is no protocol of that name.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let path = Path::new(text);
        if Self::is_file(path) {
            return hanging::from_file(path).map(|protocol| Self::Own(Box::new(protocol)));
        }
        hanging::check_name(&Protocols::load(None).all, text)?;
        Ok(Self::Named(text.to_owned()))
    }
}

/// Everything there is to choose from.
#[derive(Debug, Clone, Default)]
pub struct Protocols {
    /// The user's own before those of the program.
    pub all: Vec<Protocol>,
    /// The name of the one asked for.
    pub asked: Option<String>,
    /// What could not be read in the user's folder.
    pub problems: Vec<Error>,
}

impl Protocols {
    /// Where the user's own are kept: one file each, ending in `.toml`.
    pub fn folder() -> Option<PathBuf> {
        config_dir().map(|folder| folder.join("protocols"))
    }

    /// Reads the user's folder and adds the one asked for.
    pub fn load(asked: Option<&AskedProtocol>) -> Self {
        let (mut user, problems) =
            Self::folder().map(|folder| hanging::in_folder(&folder)).unwrap_or_default();
        let name = asked.map(|asked| match asked {
            AskedProtocol::Named(name) => name.clone(),
            AskedProtocol::Own(protocol) => {
                user.insert(0, (**protocol).clone());
                protocol.name.clone()
            }
        });
        Self { all: hanging::named(user, hanging::shipped()), asked: name, problems }
    }
}
