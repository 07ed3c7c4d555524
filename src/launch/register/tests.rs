use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

pub fn user(home: &Path) -> User {
    User {
        program: PathBuf::from("/opt/lightbox/viewer"),
        home: home.to_owned(),
        data: home.join(".local/share"),
        config: home.join(".config"),
        system_data: vec![home.join("usr/share")],
        temporary: home.join("tmp"),
    }
}

struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("lightbox-home-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a home");
        Self(path)
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect("a file")
    }

    /// Every file there is, with what is in it.
    fn all(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut open = vec![self.0.clone()];
        while let Some(folder) = open.pop() {
            for item in fs::read_dir(folder).expect("a folder") {
                let path = item.expect("an item").path();
                // What the desktop's own programs make of it is theirs.
                let cache = path.ends_with("mime") || path.ends_with("mimeinfo.cache");
                if path.is_dir() && !cache {
                    open.push(path);
                } else if !cache {
                    found.push((path.clone(), fs::read(path).expect("a file")));
                }
            }
        }
        found.sort();
        found
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn carry(steps: &[Step]) -> Vec<Carried> {
    let without_programs = steps.iter().filter(|step| !matches!(step, Step::Run { .. }));
    without_programs.map(|step| carry_out(step).expect("carried out")).collect()
}

const LIST: &str = ".config/mimeapps.list";
const ENTRY: &str = ".local/share/applications/lightbox.desktop";

#[test]
fn what_was_registered_is_gone_afterwards_and_the_rest_is_as_it_was() {
    let home = Home::new();
    let user = user(&home.0);
    home.file(LIST, "[Default Applications]\ntext/html=firefox.desktop\napplication/dicom=weasis.desktop\n");
    home.file(".local/share/applications/weasis.desktop", "[Desktop Entry]\nName=Weasis\n");
    let before = home.all();
    carry(&register(System::Linux, &user).expect("steps"));
    let list = home.text(LIST);
    for line in [
        "text/html=firefox.desktop",
        "application/dicom=lightbox.desktop;weasis.desktop",
        "x-scheme-handler/perspecta=lightbox.desktop;",
        "x-scheme-handler/lightbox=lightbox.desktop;",
    ] {
        assert!(list.lines().any(|other| other == line), "{line} in\n{list}");
    }
    let entry = home.text(ENTRY);
    for line in [
        "Exec=/opt/lightbox/viewer --desktop -- %U",
        "TryExec=/opt/lightbox/viewer",
        "MimeType=application/dicom;x-scheme-handler/perspecta;x-scheme-handler/lightbox;",
        "StartupWMClass=lightbox",
    ] {
        assert!(entry.lines().any(|other| other == line), "{line} in\n{entry}");
    }
    assert!(home.0.join(".local/share/icons/hicolor/scalable/apps/lightbox.svg").is_file());
    // This system has no list of types, so the type is written, too.
    assert!(home.text(".local/share/mime/packages/lightbox-dicom.xml").contains("*.dcm"));
    let again = carry(&register(System::Linux, &user).expect("steps"));
    assert!(again.iter().all(|carried| *carried == Carried::Already), "{again:?}");

    carry(&unregister(System::Linux, &user).expect("steps"));
    assert_eq!(home.all(), before);
    assert!(!home.0.join(".local/share/mime/packages/lightbox-dicom.xml").exists());
    assert!(unregister(System::Linux, &user).expect("steps").is_empty(), "there is nothing left of it");
}

#[test]
fn a_list_that_came_with_us_goes_with_us() {
    let home = Home::new();
    let user = user(&home.0);
    carry(&register(System::Linux, &user).expect("steps"));
    assert!(home.0.join(LIST).is_file());
    carry(&unregister(System::Linux, &user).expect("steps"));
    assert_eq!(home.all(), []);
}

#[test]
fn a_system_that_knows_the_type_is_not_told_again() {
    let home = Home::new();
    home.file("usr/share/mime/types", "application/dicom\ntext/plain\n");
    let steps = register(System::Linux, &user(&home.0)).expect("steps");
    assert!(!steps.iter().any(|step| step.to_string().contains("lightbox-dicom.xml")));
}

#[test]
fn what_belongs_to_another_program_stays() {
    let home = Home::new();
    let user = user(&home.0);
    home.file(ENTRY, "[Desktop Entry]\nName=Another Lightbox\n");
    home.file(LIST, "[Default Applications]\nx-scheme-handler/lightbox=lightbox.desktop\n");
    let before = home.all();
    assert_eq!(register(System::Linux, &user), Err(Error::Foreign(home.0.join(ENTRY))));
    carry(&unregister(System::Linux, &user).expect("steps"));
    assert_eq!(home.all(), before);
}

#[cfg(unix)]
#[test]
fn a_path_with_a_space_is_reached_by_a_link_and_moving_the_program_is_noticed() {
    let home = Home::new();
    let user = user(&home.0);
    let link = home.0.join(".local/share/lightbox/viewer");
    for program in ["/opt/light box/viewer", "/opt/50% = half/viewer"] {
        let odd = User { program: PathBuf::from(program), ..user.clone() };
        carry(&register(System::Linux, &odd).expect("steps"));
        assert_eq!(fs::read_link(&link).expect("a link"), Path::new(program));
        let entry = home.text(ENTRY);
        assert!(entry.contains(&format!("Exec={} --desktop -- %U\n", link.display())), "{entry}");
        let again = carry(&register(System::Linux, &odd).expect("steps"));
        assert!(again.iter().all(|carried| *carried == Carried::Already), "{again:?}");
    }
    carry(&register(System::Linux, &user).expect("steps"));
    assert!(!link.is_symlink(), "it is not needed any more");
    carry(&register(System::Linux, &User { program: "/a b".into(), ..user.clone() }).expect("steps"));
    carry(&unregister(System::Linux, &user).expect("steps"));
    assert!(!link.is_symlink());
}

#[cfg(unix)]
#[test]
fn a_list_behind_a_link_stays_behind_it() {
    let home = Home::new();
    home.file("dotfiles/mimeapps.list", "");
    fs::create_dir_all(home.0.join(".config")).expect("a folder");
    std::os::unix::fs::symlink(home.0.join("dotfiles/mimeapps.list"), home.0.join(LIST)).expect("a link");
    carry(&register(System::Linux, &user(&home.0)).expect("steps"));
    assert!(fs::symlink_metadata(home.0.join(LIST)).expect("it is there").is_symlink());
    assert!(home.text("dotfiles/mimeapps.list").contains("lightbox.desktop"));
}

#[test]
fn a_path_no_desktop_can_be_told_is_refused() {
    let home = Home::new();
    let odd = User { program: PathBuf::from("/a\nb/viewer"), ..user(&home.0) };
    for system in [System::Linux, System::Windows, System::MacOs] {
        assert!(matches!(register(system, &odd), Err(Error::OddPath(_))), "{system:?}");
    }
}

#[test]
fn every_step_can_be_shown() {
    let home = Home::new();
    for system in [System::Linux, System::Windows, System::MacOs] {
        let steps = register(system, &user(&home.0)).expect("steps");
        let shown: Vec<String> = steps.iter().map(ToString::to_string).collect();
        assert!(shown.iter().any(|step| step.starts_with("write ")));
        assert!(shown.iter().any(|step| step.starts_with("run ")));
    }
    assert_eq!(home.all(), [], "looking changes nothing");
}
