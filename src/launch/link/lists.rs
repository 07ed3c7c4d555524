//! Several values in one: paths between `|` or commas, groups between semicolons, UIDs between any of them.
//!
//! Separators count where they are written plainly; an encoded one belongs to a name. Only a list without a plain
//! separator may have been encoded as a whole, and is looked at again.

use super::LinkError;
use super::encoding::{decode, has_drive};

/// The paths of a list, decoded. The parts of a list with `|` keep their commas.
pub fn paths(raw: &str, form: bool) -> Result<Vec<String>, LinkError> {
    let Some(separator) = separator(raw) else {
        let whole = decode(raw, form)?;
        let parts = split(&whole);
        return Ok(if are_paths(&parts) { parts } else { vec![whole] });
    };
    // A blank is taken off where it was typed; one that was encoded is part of a name.
    let items = raw.split(separator).map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| decode(item, form)).collect()
}

/// The groups of a list of groups.
pub fn groups(raw: &str, form: bool) -> Result<Vec<Vec<String>>, LinkError> {
    if !raw.contains([';', '|', ',']) {
        let whole = decode(raw, form)?;
        let parts: Vec<_> = whole.split(';').map(split).filter(|group| !group.is_empty()).collect();
        let leaves: Vec<_> = parts.iter().flatten().collect();
        if are_paths(&leaves) {
            return Ok(parts);
        }
    }
    raw.split(';').filter(|group| !group.trim().is_empty()).map(|group| paths(group, form)).collect()
}

/// The UIDs of a list, not yet checked. No UID holds a separator, so it does not matter how one is written.
pub fn uids(text: &str) -> impl Iterator<Item = &str> {
    text.split(['|', ',', ';']).map(str::trim).filter(|uid| !uid.is_empty())
}

/// What stands between the parts of a list: `|` if there is one, else a comma.
fn separator(text: &str) -> Option<char> {
    ['|', ','].into_iter().find(|separator| text.contains(*separator))
}

fn split(text: &str) -> Vec<String> {
    let separator = separator(text).unwrap_or('|');
    let items = text.split(separator).filter(|item| !item.trim().is_empty());
    items.map(str::to_owned).collect()
}

/// Whether the parts of a text must be paths of their own, because no single name would go on like that: all begin at
/// a root, or none does and all end like images or archives.
fn are_paths(parts: &[impl AsRef<str>]) -> bool {
    let all = |is_so: fn(&str) -> bool| parts.iter().all(|part| is_so(part.as_ref().trim()));
    all(has_root) || all(|part| !has_root(part) && has_ending(part))
}

fn has_root(path: &str) -> bool {
    let file_url = path.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("file:/"));
    file_url || path.starts_with(['/', '\\']) || has_drive(path)
}

fn has_ending(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    ["dcm", "dicom", "ima", "zip"].iter().any(|known| ending.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths_of(raw: &str) -> Vec<String> {
        paths(raw, false).expect("a list")
    }

    #[test]
    fn a_bar_goes_before_a_comma() {
        assert_eq!(paths_of("a.dcm,b.dcm"), ["a.dcm", "b.dcm"]);
        assert_eq!(paths_of("a,1.dcm|b.dcm"), ["a,1.dcm", "b.dcm"]);
        assert_eq!(paths_of("|a.dcm||b.dcm|"), ["a.dcm", "b.dcm"]);
        assert_eq!(paths_of("a.dcm, b.dcm"), ["a.dcm", "b.dcm"]);
    }

    #[test]
    fn an_encoded_separator_belongs_to_a_name() {
        assert_eq!(paths_of("a%2C1.dcm,b.dcm"), ["a,1.dcm", "b.dcm"]);
        assert_eq!(paths_of("a%7C1.dcm|b%2C2.dcm"), ["a|1.dcm", "b,2.dcm"]);
        assert_eq!(paths_of("Doe%2C%20Jane.dcm"), ["Doe, Jane.dcm"]);
        assert_eq!(paths_of("/data/Doe%2CJane/a%7C1.dcm"), ["/data/Doe,Jane/a|1.dcm"]);
    }

    #[test]
    fn a_list_encoded_as_a_whole_is_a_list() {
        assert_eq!(paths_of("%2Fdata%2Fa%7C%2Fdata%2Fb"), ["/data/a", "/data/b"]);
        assert_eq!(paths_of("/data/a%7C/data/b"), ["/data/a", "/data/b"]);
        assert_eq!(paths_of("C%3A%5Ca%2CD%3A%2Fb"), [r"C:\a", "D:/b"]);
        assert_eq!(paths_of("a.dcm%7Cb.DCM"), ["a.dcm", "b.DCM"]);
        let found = groups("%2Fa%7C%2Fb%3B%2Fc", false).expect("groups");
        assert_eq!(found, [&["/a", "/b"][..], &["/c"]]);
    }

    #[test]
    fn groups_stand_between_semicolons() {
        let found = groups("a|b;c,d;;e%3Bf", false).expect("groups");
        assert_eq!(found, [&["a", "b"][..], &["c", "d"], &["e;f"]]);
        assert_eq!(groups("a%3Bb", false).expect("groups"), [["a;b"]]);
    }
}
