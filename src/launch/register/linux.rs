//! The desktops of freedesktop.org: a desktop entry, an icon, and a word in the list of what opens what.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{DICOM, Error, SCHEMES, Step, User, icon, mimeapps, text_of};

/// The name of the entry. It is the name that windows of the program have, too, so that desktops know whose they are.
const ENTRY: &str = "lightbox.desktop";

/// Stands in what is ours, and in nothing else of this name.
const MARK: &str = "X-Lightbox-Registered=true";
const ICON_MARK: &str = "The icon of Lightbox";
const PACKAGE_MARK: &str = "Written by Lightbox";

struct Files {
    entry: PathBuf,
    icon: PathBuf,
    package: PathBuf,
    list: PathBuf,
    link: PathBuf,
}

impl Files {
    fn of(user: &User) -> Self {
        Self {
            entry: user.data.join("applications").join(ENTRY),
            icon: user.data.join("icons/hicolor/scalable/apps/lightbox.svg"),
            package: user.data.join("mime/packages/lightbox-dicom.xml"),
            list: user.config.join("mimeapps.list"),
            link: user.data.join("lightbox/viewer"),
        }
    }
}

fn types() -> [String; 3] {
    let [first, second] = SCHEMES.map(|scheme| format!("x-scheme-handler/{scheme}"));
    [DICOM.to_owned(), first, second]
}

pub fn register(user: &User) -> Result<Vec<Step>, Error> {
    let files = Files::of(user);
    for (file, mark) in [(&files.entry, MARK), (&files.icon, ICON_MARK), (&files.package, PACKAGE_MARK)] {
        if text_of(file)?.is_some_and(|text| !text.contains(mark)) {
            return Err(Error::Foreign(file.clone()));
        }
    }
    let mut steps = Vec::new();
    let mut program = user.program()?;
    // Without a desktop, `xdg-open` knows no quotes; a link with a plain name leads to where they would be needed.
    if let Some(plain) = files.link.to_str().filter(|link| is_plain(link) && !is_plain(program)) {
        steps.push(Step::Link { path: files.link.clone(), to: user.program.clone() });
        program = plain;
    } else if files.link.is_symlink() {
        steps.push(Step::Remove { path: files.link.clone() });
    }
    steps.push(Step::write(&files.entry, entry(program)));
    steps.push(Step::write(&files.icon, icon::SVG));
    if !user.system_data.iter().any(|folder| knows_dicom(folder)) {
        steps.push(Step::write(&files.package, package()));
        steps.push(Step::run("update-mime-database", [path(&user.data.join("mime"))]));
    }
    let types = types();
    let list = mimeapps::with(
        &text_of(&files.list)?.unwrap_or_default(),
        &types.each_ref().map(String::as_str),
        ENTRY,
    );
    steps.push(Step::write(&files.list, list));
    steps.push(Step::run("update-desktop-database", [path(&user.data.join("applications"))]));
    Ok(steps)
}

pub fn unregister(user: &User) -> Result<Vec<Step>, Error> {
    let files = Files::of(user);
    let is_ours = |file: &Path, mark: &str| Ok(text_of(file)?.is_some_and(|text| text.contains(mark)));
    let mut steps = Vec::new();
    // An entry of another program answers to the same name; then the list speaks of that one.
    let entry = text_of(&files.entry)?;
    if entry.as_ref().is_none_or(|text| text.contains(MARK)) {
        if let Some(text) = text_of(&files.list)? {
            let types = types();
            let rest = mimeapps::without(&text, &types.each_ref().map(String::as_str), ENTRY);
            if rest.trim().is_empty() && rest != text {
                steps.push(Step::Remove { path: files.list });
            } else if rest != text {
                steps.push(Step::write(&files.list, rest));
            }
        }
        if entry.is_some() {
            steps.push(Step::Remove { path: files.entry });
            steps.push(Step::run("update-desktop-database", [path(&user.data.join("applications"))]));
        }
    }
    if files.link.is_symlink() {
        steps.push(Step::Remove { path: files.link });
    }
    if is_ours(&files.icon, ICON_MARK)? {
        steps.push(Step::Remove { path: files.icon });
    }
    if is_ours(&files.package, PACKAGE_MARK)? {
        steps.push(Step::Remove { path: files.package });
        steps.push(Step::run("update-mime-database", [path(&user.data.join("mime"))]));
    }
    Ok(steps)
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

/// Whether the system's own list of types has DICOM in it.
fn knows_dicom(folder: &Path) -> bool {
    let list = std::fs::read_to_string(folder.join("mime/types"));
    list.is_ok_and(|list| list.lines().any(|line| line == DICOM))
}

fn entry(program: &str) -> String {
    let launch = exec(program);
    let types = types().join(";");
    let mut text = format!(
        "[Desktop Entry]\nType=Application\nVersion=1.0\nName=Lightbox\nGenericName=DICOM Viewer\n\
         Comment=Look at mammograms and other DICOM images\nExec={launch} --desktop -- %U\n"
    );
    writeln!(text, "TryExec={}", escape(program)).ok();
    write!(
        text,
        "Icon=lightbox\nTerminal=false\nCategories=Science;MedicalSoftware;\n\
         Keywords=DICOM;mammography;tomosynthesis;radiology;\nMimeType={types};\nStartupNotify=true\n\
         StartupWMClass=lightbox\nActions=new-window;\n{MARK}\n\n\
         [Desktop Action new-window]\nName=New Window\nExec={launch} --new-window\n"
    )
    .ok();
    text
}

/// The program as the first words of a command line.
///
/// A path may hold what means something there. Most of it can be quoted; an equals sign must not be in the name of a
/// program at all, and desktops look for a program with a per cent sign under its doubled name. Then a shell is the
/// program, and starts ours by its path.
pub(super) fn exec(program: &str) -> String {
    if program.contains(['=', '%']) {
        let script = escape("\"exec \\\"\\$0\\\" \\\"\\$@\\\"\"");
        return format!("/bin/sh -c {script} {}", quote(program));
    }
    quote(program)
}

/// What means something in a command line, and has to be in quotes.
const MEANINGFUL: &str = " \t\n\"'\\><~|&;$*?#()`";

/// Whether a path is a word of a command line as it is, for everybody who reads one.
fn is_plain(program: &str) -> bool {
    !program.chars().any(|c| MEANINGFUL.contains(c) || matches!(c, '=' | '%'))
}

/// One word of a command line: in quotes, with what means something inside of quotes escaped; then as the value of a
/// key, where a backslash is escaped once more.
fn quote(word: &str) -> String {
    let word = word.replace('%', "%%");
    if !word.chars().any(|c| MEANINGFUL.contains(c)) {
        return word;
    }
    let mut quoted = String::from('"');
    for c in word.chars() {
        if matches!(c, '"' | '`' | '$' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    escape(&quoted)
}

/// Text as the value of a key.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
}

/// What DICOM files are, for systems that were never told.
fn package() -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {PACKAGE_MARK}, since this system did not know DICOM files. -->\n\
         <mime-info xmlns=\"http://www.freedesktop.org/standards/shared-mime-info\">\n  <mime-type type=\"{DICOM}\">\n    \
         <comment>DICOM image</comment>\n    <magic priority=\"50\"><match type=\"string\" offset=\"128\" value=\"DICM\"/></magic>\n    \
         <glob pattern=\"*.dcm\"/>\n  </mime-type>\n</mime-info>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_as_desktop_entries_want_it() {
        // Worked by hand from the specification: quoting, then the escapes of a value.
        let table = [
            ("/usr/bin/viewer", "/usr/bin/viewer"),
            ("/a b/viewer", "\"/a b/viewer\""),
            ("/it's/viewer", "\"/it's/viewer\""),
            (r#"/q"uote/viewer"#, r#""/q\\"uote/viewer""#),
            ("/$HOME/viewer", r#""/\\$HOME/viewer""#),
            ("/back`tick/viewer", r#""/back\\`tick/viewer""#),
            (r"/back\slash/viewer", r#""/back\\\\slash/viewer""#),
            ("/ä;b/viewer", "\"/ä;b/viewer\""),
        ];
        for (program, expected) in table {
            assert_eq!(exec(program), expected);
        }
    }

    #[test]
    fn what_no_quotes_help_against_is_started_by_a_shell() {
        let shell = r#"/bin/sh -c "exec \\"\\$0\\" \\"\\$@\\"" "#;
        assert_eq!(exec("/a=b/viewer"), format!("{shell}/a=b/viewer"));
        assert_eq!(exec("/50%/viewer"), format!("{shell}/50%%/viewer"));
        assert_eq!(exec("/50% off/viewer"), format!("{shell}\"/50%% off/viewer\""));
    }
}
