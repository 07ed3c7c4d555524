//! What several tests need: a folder that goes away, the program itself, DICOM files made on the spot.
#![allow(dead_code, reason = "every test binary compiles all of this and uses some")]

pub mod archive;
pub mod dicom;
pub mod program;
pub mod raw;
pub mod report;
pub mod slow;
pub mod streams;
pub mod stub;
#[cfg(feature = "web")]
pub mod tls;
pub mod zip;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder of one test, removed when it ends.
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{number}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        fs::create_dir_all(&path).expect("a scratch folder");
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file, with the folders above it.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// Names of what lies in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let items = fs::read_dir(&self.path).expect("the scratch folder");
        let mut names: Vec<_> =
            items.map(|item| item.expect("an item").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.path).ok();
    }
}
