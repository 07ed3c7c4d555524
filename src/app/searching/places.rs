//! The servers to choose from: those of this launch, and those that answered before.
//!
//! The latter are kept in a file, one address a line, without anything that says who asked.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::launch::parse_server;

const FILE: &str = "servers.txt";
/// More than these are forgotten.
const MOST: usize = 12;
/// The file is read no further.
const LONGEST: u64 = 64 << 10;

#[derive(Debug, Default)]
pub struct Places {
    /// Where they are kept; without it nowhere.
    folder: Option<PathBuf>,
    /// Named by launches of this window, the latest first.
    offered: Vec<String>,
    /// Those of the file, once it was read.
    kept: Option<Vec<String>>,
}

impl Places {
    pub fn kept_in(folder: Option<PathBuf>) -> Self {
        Self { folder, ..Self::default() }
    }

    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// A launch named this one.
    pub fn offer(&mut self, base: &str) {
        self.offered = with(std::mem::take(&mut self.offered), base);
    }

    /// All of them, the likeliest first.
    pub fn all(&mut self) -> Vec<String> {
        let kept = self.kept.get_or_insert_with(|| self.folder.as_deref().map(read).unwrap_or_default());
        let mut all = self.offered.clone();
        all.extend(kept.iter().filter(|base| !self.offered.contains(base)).cloned());
        all
    }

    /// This one answered.
    pub fn answered(&mut self, base: &str) {
        self.kept = Some(with(self.kept.take().unwrap_or_default(), base));
    }
}

/// With one more in front, and none twice.
fn with(mut places: Vec<String>, base: &str) -> Vec<String> {
    places.retain(|place| place != base);
    places.insert(0, base.to_owned());
    places.truncate(MOST);
    places
}

/// The places in a folder. Lines that are no address of a server are left out, and what a line says about who asks.
fn read(folder: &Path) -> Vec<String> {
    let mut text = Vec::new();
    let read =
        std::fs::File::open(folder.join(FILE)).and_then(|file| file.take(LONGEST).read_to_end(&mut text));
    match read {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!("the list of servers cannot be read: {error}");
        }
        _ => {}
    }
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().filter_map(|line| parse_server(line).ok());
    let mut places: Vec<String> = Vec::new();
    for place in lines {
        if !places.contains(&place.base_url) {
            places.push(place.base_url);
        }
    }
    places.truncate(MOST);
    places
}

/// Writes down that a server answered. Whoever reads meanwhile, in this window or another, sees the old list or the
/// new one.
pub fn remember(folder: &Path, base: &str) -> io::Result<()> {
    let before = read(folder);
    let places = with(before.clone(), base);
    if places == before {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    let partial = folder.join(format!("{FILE}.{}", std::process::id()));
    let written = std::fs::write(&partial, places.join("\n") + "\n")
        .and_then(|()| std::fs::rename(&partial, folder.join(FILE)));
    if written.is_err() {
        std::fs::remove_file(&partial).ok();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_remembered_in_order_and_without_who_asked() {
        let folder = std::env::temp_dir().join(format!("lightbox-places-{}", std::process::id()));
        let below = folder.join("settings");
        for number in 0..20 {
            remember(&below, &format!("http://pacs-{number}/rs")).expect("a list");
        }
        remember(&below, "http://pacs-15/rs").expect("a list");
        let file = below.join(FILE);
        let text = std::fs::read_to_string(&file).expect("a list");
        std::fs::write(&file, format!("no server\nhttps://anna:hunter2@pacs/rs\n{text}")).expect("a list");
        let mut places = Places::kept_in(Some(below));
        places.offer("http://offered/rs");
        places.offer("http://pacs-15/rs");
        let all = places.all();
        let expected = ["http://pacs-15/rs", "http://offered/rs", "https://pacs/rs", "http://pacs-19/rs"];
        assert_eq!(all.iter().take(4).collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
        assert_eq!(all.len(), MOST + 1);
        places.answered("http://pacs-19/rs");
        assert_eq!(places.all()[2], "http://pacs-19/rs");
        std::fs::remove_dir_all(&folder).ok();
        assert!(Places::default().all().is_empty());
    }
}
