//! Protocols that come with the program, and those of the user.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::protocol::Protocol;

/// Longer files are no protocols.
const LONGEST: u64 = 1 << 20;
/// More than this in a folder nobody wrote by hand.
const MOST: usize = 256;

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../assets/protocols/", $name, ".toml"))),)*]
    };
}

/// In the order in which they are preferred where two suit as well.
const FILES: &[(&str, &str)] = files! {
    "mg-current-prior" "mg-4up" "mg-dbt" "mg-compare" "mg-cc" "mg-mlo" "mg-right" "mg-left" "mg-screening"
    "stack-compare" "single"
};

/// The protocols of the program itself.
pub fn shipped() -> Vec<Protocol> {
    // A test reads every one of them.
    FILES.iter().filter_map(|(name, text)| Protocol::parse(text, Path::new(name)).ok()).collect()
}

/// A protocol from a file.
///
/// # Errors
/// The file cannot be read, or is not a protocol.
pub fn from_file(path: &Path) -> Result<Protocol, Error> {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
    read.map_err(|error| Error::new(format!("the hanging protocol cannot be read ({error})")).at(path))?;
    if text.len() as u64 > LONGEST {
        return Err(Error::new("the file is too long for a hanging protocol").at(path));
    }
    Protocol::parse(&text, path)
}

/// The protocols of a folder, by file name; what is wrong with the others. A folder that is not there has none.
pub fn in_folder(folder: &Path) -> (Vec<Protocol>, Vec<Error>) {
    let is_protocol =
        |path: &PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    let Ok(listing) = fs::read_dir(folder) else { return (Vec::new(), Vec::new()) };
    let mut paths: Vec<PathBuf> =
        listing.filter_map(|item| item.ok().map(|item| item.path())).filter(is_protocol).take(MOST).collect();
    paths.sort();
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for path in paths {
        match from_file(&path) {
            Ok(protocol) => good.push(protocol),
            Err(error) => bad.push(error),
        }
    }
    (good, bad)
}

/// Lays a user's protocols over those of the program: they come first, and replace those of the same name.
pub fn named(user: Vec<Protocol>, mut shipped: Vec<Protocol>) -> Vec<Protocol> {
    shipped.retain(|own| !user.iter().any(|other| other.name.eq_ignore_ascii_case(&own.name)));
    let mut all = user;
    all.append(&mut shipped);
    all
}
