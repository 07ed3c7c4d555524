//! Writing the demo study to a folder: what is in it, in parallel, each file whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::case::{CHEST, MAMMO_BEFORE, MAMMO_NOW, QUALITY, VESSEL};
use super::mammogram::View;
use super::people::Round;
use super::{blood_volume, cad, ct, exposure, measured, segmented_ct, states, tomo, ultrasound, wedge};

/// Changes whenever the files do; a folder of another version is written anew.
pub const VERSION: &str = "3";

/// Named last, when everything else is there.
const MARKER: &str = ".demo-complete";

/// One file to make.
#[derive(Clone, Copy)]
enum Job {
    Mammogram(View),
    Tomosynthesis,
    Slice(usize),
    Ultrasound,
    Pattern,
    Cad(Round),
    Segmentation,
    BloodVolume,
    Findings,
    Magnified,
    Measured,
}

impl Job {
    /// All of them, the longest first so that no core is left with it at the end.
    fn all() -> Vec<Self> {
        let mut jobs = vec![Self::Tomosynthesis, Self::Segmentation];
        for round in [Round::Current, Round::Prior] {
            jobs.extend(View::all(round).map(Self::Mammogram));
        }
        jobs.extend([Self::Ultrasound, Self::BloodVolume, Self::Pattern]);
        jobs.extend([Self::Cad(Round::Current), Self::Cad(Round::Prior)]);
        jobs.extend([Self::Findings, Self::Magnified, Self::Measured]);
        jobs.extend((0..ct::SLICES).map(Self::Slice));
        jobs
    }

    fn path(self) -> PathBuf {
        let (study, series, file) = match self {
            Self::Mammogram(view) => (examination(view.round), view.name(), "1.dcm".to_owned()),
            Self::Cad(round) => (examination(round), "CAD", "1.dcm".to_owned()),
            Self::Findings => (MAMMO_NOW.key, "PR", "1.dcm".to_owned()),
            Self::Magnified => (MAMMO_NOW.key, "PR", "2.dcm".to_owned()),
            Self::Measured => (MAMMO_NOW.key, "measurements", "1.dcm".to_owned()),
            Self::Tomosynthesis => (MAMMO_NOW.key, "LMLO-tomo", "1.dcm".to_owned()),
            Self::Slice(index) => (CHEST.key, "axial-2.5mm", format!("{:03}.dcm", index + 1)),
            Self::Ultrasound => (VESSEL.key, "duplex", "1.dcm".to_owned()),
            Self::Pattern => (QUALITY.key, "pattern", "1.dcm".to_owned()),
            Self::Segmentation => (CHEST.key, "segmentation", "1.dcm".to_owned()),
            Self::BloodVolume => (CHEST.key, "blood-volume", "1.dcm".to_owned()),
        };
        [study, series, &file].iter().collect()
    }

    fn label(self) -> &'static str {
        match self {
            Self::Mammogram(_) => "mammograms",
            Self::Tomosynthesis => "tomosynthesis",
            Self::Slice(_) => "chest CT",
            Self::Ultrasound => "ultrasound",
            Self::Pattern => "test pattern",
            Self::Cad(_) => "CAD reports",
            Self::Segmentation => "segmentation",
            Self::BloodVolume => "parametric map",
            Self::Findings | Self::Magnified => "presentation states",
            Self::Measured => "measurements",
        }
    }

    fn make(self, chest: &ct::Chest) -> Vec<u8> {
        match self {
            Self::Mammogram(view) => view.file(exposure::SPACING),
            Self::Tomosynthesis => tomo::file(tomo::SPACING, tomo::PLANES),
            Self::Slice(index) => ct::file(chest, index, ct::SIZE),
            Self::Ultrasound => ultrasound::file(ultrasound::FRAMES),
            Self::Pattern => wedge::file(wedge::SIZE),
            Self::Cad(Round::Current) => cad::current(),
            Self::Cad(Round::Prior) => cad::prior(),
            Self::Segmentation => segmented_ct::file(ct::SIZE),
            Self::BloodVolume => blood_volume::file(ct::SIZE),
            Self::Findings => states::findings(),
            Self::Magnified => states::magnified(),
            Self::Measured => measured::file(),
        }
    }
}

/// The folder of the mammograms of a round.
fn examination(round: Round) -> &'static str {
    if round == Round::Current { MAMMO_NOW.key } else { MAMMO_BEFORE.key }
}

/// Writes the demo into `dir`, calling `progress` with files done, files in all, and what was last
/// made. Returns the files in reading order. A folder this version completed is left as it is.
///
/// # Errors
/// The first file or folder that cannot be written ends it; what was written before stays, and
/// another call finishes the rest.
pub fn write(dir: &Path, progress: &(dyn Fn(usize, usize, &str) + Sync)) -> io::Result<Vec<PathBuf>> {
    let jobs = Job::all();
    let mut paths: Vec<PathBuf> = jobs.iter().map(|job| dir.join(job.path())).collect();
    paths.sort();
    let marker = dir.join(MARKER);
    if fs::read_to_string(&marker).is_ok_and(|text| text.trim() == VERSION)
        && paths.iter().all(|p| p.is_file())
    {
        return Ok(paths);
    }
    for path in &paths {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
    }
    let chest = ct::Chest::new();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failure: Mutex<Option<io::Error>> = Mutex::new(None);
    let failed = || failure.lock().map_or(true, |f| f.is_some());
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if failed() {
                return;
            }
            match write_whole(&dir.join(job.path()), &job.make(&chest)) {
                Ok(()) => progress(done.fetch_add(1, Ordering::Relaxed) + 1, jobs.len(), job.label()),
                Err(error) => {
                    if let Ok(mut first) = failure.lock() {
                        first.get_or_insert(error);
                    }
                }
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    std::thread::scope(|scope| {
        for _ in 1..cores {
            scope.spawn(work);
        }
        work();
    });
    if let Ok(Some(error)) = failure.into_inner() {
        return Err(error);
    }
    write_whole(&marker, VERSION.as_bytes())?;
    Ok(paths)
}

/// Writes beside the target and renames, so that nobody ever reads half a file.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    fs::write(&part, bytes).and_then(|()| fs::rename(&part, path)).map_err(|error| {
        // Whatever is left of it is of no use; that it cannot be removed would be the same error.
        fs::remove_file(&part).ok();
        io::Error::new(
            error.kind(),
            format!("the demo file could not be written ({error}): {}", path.display()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_its_own_place() {
        let places: std::collections::HashSet<_> = Job::all().into_iter().map(Job::path).collect();
        assert_eq!(places.len(), 1 + 8 + 2 + 2 + 3 + ct::SLICES + 2);
    }

    #[test]
    fn a_complete_folder_is_not_written_again() -> io::Result<()> {
        let dir = std::env::temp_dir().join(format!("demo-complete-{}", std::process::id()));
        for job in Job::all() {
            let path = dir.join(job.path());
            fs::create_dir_all(path.parent().unwrap_or(&dir))?;
            fs::write(path, b"as it was")?;
        }
        fs::write(dir.join(MARKER), VERSION)?;
        let paths = write(&dir, &|_, _, label| panic!("made {label} again"))?;
        assert_eq!(fs::read(&paths[0])?, b"as it was");
        fs::remove_dir_all(dir)
    }
}
