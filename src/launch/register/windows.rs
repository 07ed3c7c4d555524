//! Windows: keys below `HKEY_CURRENT_USER\Software\Classes`, in a file that the system's own `reg` reads.
//!
//! A key of a scheme is taken over from whoever has it and removed again only if it is still ours. The type of `.dcm`
//! files is left alone; the program is put among those that open it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Content, Error, SCHEMES, Step, User, icon};

const CLASSES: &str = r"HKEY_CURRENT_USER\Software\Classes";
const FILES: &str = "Lightbox.Dicom";
const ENDINGS: [&str; 2] = [".dcm", ".dicom"];

/// Says in a key that it is ours.
const MARK: (&str, &str) = ("RegisteredBy", "Lightbox");

/// A key and its values; the one without a name is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    path: String,
    values: Vec<(&'static str, String)>,
}

pub fn register(user: &User) -> Result<Vec<Step>, Error> {
    let program = user.program()?;
    let icon = icon_file(user);
    let icon_text = icon.to_str().ok_or_else(|| Error::OddPath(icon.clone()))?;
    let mut steps = vec![Step::Write { path: icon.clone(), content: Content::Picture(icon::ico()) }];
    steps.extend(import(user, "register", &file(&keys(program, icon_text), &[])));
    Ok(steps)
}

/// `is_ours` says whether a key is there and has our mark.
pub fn unregister(user: &User, is_ours: &dyn Fn(&str) -> bool) -> Vec<Step> {
    let mut gone: Vec<String> = SCHEMES.iter().map(|scheme| format!(r"{CLASSES}\{scheme}")).collect();
    gone.push(format!(r"{CLASSES}\{FILES}"));
    gone.push(format!(r"{CLASSES}\Applications\viewer.exe"));
    gone.retain(|key| is_ours(key));
    let mut steps = import(user, "unregister", &file(&[], &gone));
    steps.push(Step::Remove { path: icon_file(user) });
    steps
}

/// Asks the registry. Elsewhere nothing is ours.
pub fn is_ours(key: &str) -> bool {
    let mut command = Command::new("reg.exe");
    command.args(["query", key, "/v", MARK.0]).stdin(Stdio::null()).stderr(Stdio::null());
    cfg!(windows)
        && command.output().is_ok_and(|output| {
            output.status.success() && String::from_utf8_lossy(&output.stdout).contains(MARK.1)
        })
}

fn icon_file(user: &User) -> PathBuf {
    user.data.join("lightbox").join("lightbox.ico")
}

/// Writes the file for a moment, and has it read.
fn import(user: &User, name: &str, text: &str) -> Vec<Step> {
    let path = user.temporary.join(format!("lightbox-{name}-{}.reg", std::process::id()));
    let argument = path.display().to_string();
    vec![
        Step::Write { path: path.clone(), content: Content::Utf16(text.to_owned()) },
        Step::run("reg.exe", ["import".to_owned(), argument]).needed(),
        Step::Remove { path },
    ]
}

/// Everything that is written, with the program's path and that of its icon.
fn keys(program: &str, icon: &str) -> Vec<Key> {
    let key = |path: &str, values: &[(&'static str, &str)]| Key {
        path: format!(r"{CLASSES}\{path}"),
        values: values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
    };
    // A path on Windows has no quotes in it. After the dashes, nothing in a link is taken for an option.
    let command = format!("\"{program}\" --desktop -- \"%1\"");
    let opened = |path: &str| key(&format!(r"{path}\shell\open\command"), &[("", &command)]);
    let mut keys = Vec::new();
    for scheme in SCHEMES {
        keys.push(key(scheme, &[("", &format!("URL:{scheme}")), ("URL Protocol", ""), MARK]));
        keys.push(key(&format!(r"{scheme}\DefaultIcon"), &[("", icon)]));
        keys.push(opened(scheme));
    }
    keys.push(key(FILES, &[("", "DICOM image"), MARK]));
    keys.push(key(&format!(r"{FILES}\DefaultIcon"), &[("", icon)]));
    keys.push(opened(FILES));
    for ending in ENDINGS {
        keys.push(key(&format!(r"{ending}\OpenWithProgids"), &[(FILES, "")]));
    }
    let application = r"Applications\viewer.exe";
    keys.push(key(application, &[("FriendlyAppName", "Lightbox"), MARK]));
    keys.push(opened(application));
    keys.push(key(&format!(r"{application}\SupportedTypes"), &ENDINGS.map(|ending| (ending, ""))));
    keys
}

/// The text `reg import` reads: keys to write, and keys to remove with all below them. Our names go from the lists of
/// what opens a file whenever keys are removed.
fn file(keys: &[Key], gone: &[String]) -> String {
    let mut lines = vec!["Windows Registry Editor Version 5.00".to_owned()];
    for Key { path, values } in keys {
        lines.extend([String::new(), format!("[{path}]")]);
        for (name, value) in values {
            let name = if name.is_empty() { "@".to_owned() } else { quote(name) };
            lines.push(format!("{name}={}", quote(value)));
        }
    }
    if keys.is_empty() {
        for ending in ENDINGS {
            let path = format!(r"[{CLASSES}\{ending}\OpenWithProgids]");
            lines.extend([String::new(), path, format!("{}=-", quote(FILES))]);
        }
    }
    for path in gone {
        lines.extend([String::new(), format!("[-{path}]")]);
    }
    lines.push(String::new());
    lines.join("\r\n")
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_what_reg_understands() {
        let text = file(&keys(r"C:\Program Files\Lightbox\viewer.exe", r"C:\i\lightbox.ico"), &[]);
        let lines: Vec<&str> = text.split("\r\n").collect();
        let after = |key: &str| {
            let at =
                lines.iter().position(|line| *line == format!(r"[HKEY_CURRENT_USER\Software\Classes\{key}]"));
            lines[at.unwrap_or_else(|| panic!("{key}")) + 1..]
                .iter()
                .take_while(|line| !line.is_empty())
                .copied()
        };
        assert_eq!(lines[0], "Windows Registry Editor Version 5.00");
        for scheme in ["perspecta", "lightbox"] {
            let own: Vec<_> = after(scheme).collect();
            let name = format!("@=\"URL:{scheme}\"");
            assert_eq!(own, [name.as_str(), "\"URL Protocol\"=\"\"", "\"RegisteredBy\"=\"Lightbox\""]);
        }
        let command = r#"@="\"C:\\Program Files\\Lightbox\\viewer.exe\" --desktop -- \"%1\"""#;
        for key in ["perspecta", "lightbox", "Lightbox.Dicom", r"Applications\viewer.exe"] {
            assert_eq!(after(&format!(r"{key}\shell\open\command")).collect::<Vec<_>>(), [command]);
        }
        assert_eq!(after(r".dcm\OpenWithProgids").collect::<Vec<_>>(), ["\"Lightbox.Dicom\"=\"\""]);
        assert!(
            !text.contains("[HKEY_CURRENT_USER\\Software\\Classes\\.dcm]"),
            "the type of files is not ours"
        );
        assert!(text.ends_with("\r\n"));
    }

    #[test]
    fn only_what_is_ours_is_removed() {
        let user = super::super::tests::user(std::path::Path::new("/u"));
        let text = |steps: &[Step]| match steps.first() {
            Some(Step::Write { content: Content::Utf16(text), .. }) => text.clone(),
            other => panic!("{other:?}"),
        };
        let all = text(&unregister(&user, &|_| true));
        for key in ["perspecta", "lightbox", "Lightbox.Dicom", r"Applications\viewer.exe"] {
            assert!(all.contains(&format!("[-HKEY_CURRENT_USER\\Software\\Classes\\{key}]")), "{key}");
        }
        assert!(all.contains("\\.dcm\\OpenWithProgids]\r\n\"Lightbox.Dicom\"=-"));
        let taken = text(&unregister(&user, &|key| !key.ends_with("perspecta")));
        assert!(!taken.contains("perspecta"), "somebody else has it now");
        assert!(!text(&unregister(&user, &|_| false)).contains("[-"));
    }

    #[test]
    fn the_file_is_in_the_encoding_of_windows() {
        let bytes = Content::Utf16("ä\r\n".to_owned()).bytes();
        assert_eq!(bytes, [0xff, 0xfe, 0xe4, 0, 13, 0, 10, 0]);
    }
}
