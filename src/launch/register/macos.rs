//! macOS: a bundle in the user's applications that gives what is opened to the program.
//!
//! A link or a document reaches a bundle as an event and never as a word of the command line. So the bundle is a small
//! script that is told about both and starts the program with them, which hands them to the window that runs. It is
//! made by the system's own `osacompile`; its description is then replaced by ours, and it is signed for this machine
//! again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{Content, DICOM, Error, SCHEMES, Step, User, icon, text_of};

const IDENTIFIER: &str = "app.lightbox.viewer";
const LAUNCH_SERVICES: &str = "/System/Library/Frameworks/CoreServices.framework/Frameworks/\
                               LaunchServices.framework/Support/lsregister";

fn bundle(user: &User) -> PathBuf {
    user.home.join("Applications/Lightbox.app")
}

fn description(bundle: &Path) -> PathBuf {
    bundle.join("Contents/Info.plist")
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Whether a bundle may be written over or removed.
fn is_ours(bundle: &Path) -> Result<bool, Error> {
    if !bundle.exists() {
        return Ok(true);
    }
    let description = text_of(&description(bundle))?;
    Ok(description.is_some_and(|text| text.contains(IDENTIFIER)))
}

pub fn register(user: &User) -> Result<Vec<Step>, Error> {
    let bundle = bundle(user);
    if !is_ours(&bundle)? {
        return Err(Error::Foreign(bundle));
    }
    let name = text(&bundle);
    let source = user.temporary.join(format!("lightbox-{}.applescript", std::process::id()));
    let icon = bundle.join("Contents/Resources/lightbox.icns");
    Ok(vec![
        Step::write(&source, script(user.program()?)),
        Step::RemoveFolder { path: bundle.clone() },
        Step::run("/usr/bin/osacompile", ["-o".to_owned(), name.clone(), text(&source)]).needed(),
        Step::Remove { path: source },
        Step::write(description(&bundle), plist()),
        Step::Write { path: icon, content: Content::Picture(icon::icns()) },
        Step::run("/usr/bin/codesign", ["--force", "--sign", "-", name.as_str()]).needed(),
        Step::run(LAUNCH_SERVICES, ["-f", name.as_str()]),
    ])
}

pub fn unregister(user: &User) -> Result<Vec<Step>, Error> {
    let bundle = bundle(user);
    if !bundle.exists() || !is_ours(&bundle)? {
        return Ok(Vec::new());
    }
    Ok(vec![
        Step::run(LAUNCH_SERVICES, ["-u".to_owned(), text(&bundle)]),
        Step::RemoveFolder { path: bundle },
    ])
}

/// What the bundle does. Every word goes through a shell, quoted by AppleScript itself.
fn script(program: &str) -> String {
    let program = program.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "on run\n\tshowInViewer({{}})\nend run\n\n\
         on open location theLink\n\tshowInViewer({{theLink}})\nend open location\n\n\
         on open theItems\n\tset theWords to {{}}\n\trepeat with theItem in theItems\n\
         \t\tset end of theWords to POSIX path of theItem\n\tend repeat\n\tshowInViewer(theWords)\nend open\n\n\
         on showInViewer(theWords)\n\tset theCommand to quoted form of \"{program}\" & \" --desktop --\"\n\
         \trepeat with theWord in theWords\n\t\tset theCommand to theCommand & \" \" & quoted form of (contents of theWord)\n\
         \tend repeat\n\tdo shell script theCommand & \" > /dev/null 2>&1 &\"\nend showInViewer\n"
    )
}

/// The description of the bundle. The executable is the one `osacompile` puts in; it stays out of the Dock, since the
/// window is the program's own.
fn plist() -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n",
    );
    for (key, value) in [
        ("CFBundleIdentifier", IDENTIFIER),
        ("CFBundleName", "Lightbox"),
        ("CFBundleExecutable", "applet"),
        ("CFBundleIconFile", "lightbox"),
        ("CFBundlePackageType", "APPL"),
        ("CFBundleInfoDictionaryVersion", "6.0"),
        ("CFBundleShortVersionString", env!("CARGO_PKG_VERSION")),
        ("CFBundleVersion", env!("CARGO_PKG_VERSION")),
    ] {
        writeln!(text, "  <key>{key}</key><string>{value}</string>").ok();
    }
    text.push_str("  <key>LSUIElement</key><true/>\n  <key>CFBundleURLTypes</key>\n  <array>\n    <dict>\n");
    writeln!(text, "      <key>CFBundleURLName</key><string>{IDENTIFIER}</string>").ok();
    text.push_str("      <key>CFBundleURLSchemes</key>\n      <array>\n");
    for scheme in SCHEMES {
        writeln!(text, "        <string>{scheme}</string>").ok();
    }
    text.push_str(
        "      </array>\n    </dict>\n  </array>\n  <key>CFBundleDocumentTypes</key>\n  <array>\n    <dict>\n      \
         <key>CFBundleTypeName</key><string>DICOM image</string>\n      \
         <key>CFBundleTypeRole</key><string>Viewer</string>\n      \
         <key>LSHandlerRank</key><string>Alternate</string>\n      \
         <key>LSItemContentTypes</key>\n      <array>\n        <string>org.nema.dicom</string>\n      </array>\n    \
         </dict>\n  </array>\n  <key>UTImportedTypeDeclarations</key>\n  <array>\n    <dict>\n      \
         <key>UTTypeIdentifier</key><string>org.nema.dicom</string>\n      \
         <key>UTTypeDescription</key><string>DICOM image</string>\n      \
         <key>UTTypeConformsTo</key><array><string>public.image</string></array>\n      \
         <key>UTTypeTagSpecification</key>\n      <dict>\n        \
         <key>public.filename-extension</key><array><string>dcm</string><string>dicom</string></array>\n",
    );
    writeln!(text, "        <key>public.mime-type</key><string>{DICOM}</string>").ok();
    text.push_str("      </dict>\n    </dict>\n  </array>\n</dict>\n</plist>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_knows_links_files_and_neither() {
        let script = script("/Users/a b/it's \"here\"/viewer");
        for handler in ["on run\n", "on open location theLink\n", "on open theItems\n"] {
            assert!(script.contains(handler), "{handler}");
        }
        assert!(
            script.contains("quoted form of \"/Users/a b/it's \\\"here\\\"/viewer\" & \" --desktop --\"")
        );
    }

    #[test]
    fn the_description_is_balanced_and_says_what_is_opened() {
        let text = plist();
        for tag in ["dict", "array", "key", "string", "plist"] {
            let opened =
                text.matches(&format!("<{tag}>")).count() + text.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, text.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        for value in ["perspecta", "lightbox", "org.nema.dicom", "applet"] {
            assert!(text.contains(&format!("<string>{value}</string>")), "{value}");
        }
    }

    #[test]
    fn the_bundle_is_signed_after_everything_is_in_it() {
        let user = super::super::tests::user(Path::new("/Users/nobody-here"));
        let steps = register(&user).expect("steps");
        let at = |found: &dyn Fn(&Step) -> bool| steps.iter().position(found).expect("a step");
        let runs = |name: &'static str| move |step: &Step| matches!(step, Step::Run { program, .. } if program.ends_with(name));
        let written = at(&|step| matches!(step, Step::Write { path, .. } if path.ends_with("lightbox.icns")));
        assert!(at(&runs("osacompile")) < written);
        assert!(written < at(&runs("codesign")));
        assert!(at(&runs("codesign")) < at(&runs("lsregister")));
        assert!(unregister(&user).expect("steps").is_empty(), "nothing is there");
    }
}
