//! Documents that another program shows: a PDF or a clinical document that travels in a DICOM object. Nothing leaves
//! this program before somebody agreed to it.
//!
//! The document is written to a folder that only the user may enter, under a name of ours, and is removed when the
//! viewer ends. It is bounded, and has to be what it says: what a desktop opens it with follows from its first bytes
//! and never from a name in the object.

use std::fs::{self, DirBuilder, OpenOptions};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use bevy::prelude::*;
use crossbeam_channel::Receiver;
use dicom_dictionary_std::tags;

use super::{InstanceData, Notices, Waker};
use crate::dicom::{DicomFile, Value};
use crate::study::Entry;

/// Larger documents are not handed over.
const MOST_BYTES: u64 = 256 << 20;
/// Encapsulated documents of all kinds are registered below this.
const CLASSES: &str = "1.2.840.10008.5.1.4.1.1.104.";
pub(super) const PDF: &str = "1.2.840.10008.5.1.4.1.1.104.1";

/// Whether an object holds a document that this program does not show itself.
pub(super) fn is_handed_over(entry: &Entry) -> bool {
    entry.sop_class.as_deref().is_some_and(|class| class.starts_with(CLASSES))
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Pdf,
    /// A clinical document, which is XML.
    Cda,
}

impl Kind {
    pub fn words(self) -> &'static str {
        match self {
            Self::Pdf => "PDF document",
            Self::Cda => "clinical document (CDA)",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Cda => "xml",
        }
    }

    /// What it says it is.
    fn declared(class: &str, mime: &str) -> Option<Self> {
        let mime = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match (class.strip_prefix(CLASSES)?, mime.as_str()) {
            ("1", "application/pdf" | "") => Some(Self::Pdf),
            ("2", "text/xml" | "application/xml" | "application/hl7-cda+xml" | "") => Some(Self::Cda),
            _ => None,
        }
    }

    /// Whether it begins as it should. Some writers put a few bytes before a PDF; readers look through the first
    /// thousand.
    fn fits(self, bytes: &[u8]) -> bool {
        let start = bytes.get(..bytes.len().min(1024)).unwrap_or(bytes);
        match self {
            Self::Pdf => start.windows(5).any(|window| window == b"%PDF-"),
            Self::Cda => {
                let text = String::from_utf8_lossy(start).replace('\0', "");
                let text = text.trim_start_matches(['\u{FEFF}', '\u{FFFD}']).trim_start();
                // A page of the web is XML too, for a browser, and runs scripts.
                let page = text.to_ascii_lowercase();
                let other = ["<!doctype html", "<html", "<svg"].iter().any(|tag| page.contains(tag));
                text.starts_with('<') && !other
            }
        }
    }
}

/// Whether a document shall be handed over.
#[derive(Clone)]
pub struct Question {
    instance: Arc<InstanceData>,
    pub kind: Kind,
    pub title: String,
    pub bytes: u64,
}

/// What waits for an answer, and what was handed over.
#[derive(Resource)]
pub struct Handing {
    question: Option<Question>,
    looking: Vec<Receiver<Result<Question, String>>>,
    sending: Vec<Receiver<Result<(), String>>>,
    folder: Option<Arc<Folder>>,
    count: u32,
    /// Opens a file with whatever the system has for it.
    pub(super) program: fn(&Path) -> Result<(), String>,
}

impl Default for Handing {
    fn default() -> Self {
        let (looking, sending) = (Vec::new(), Vec::new());
        Self { question: None, looking, sending, folder: None, count: 0, program: open_with_system }
    }
}

impl Handing {
    /// The question to be put to the user.
    pub fn question(&self) -> Option<&Question> {
        self.question.as_ref()
    }

    /// Looks at a document, to ask about it.
    pub(super) fn ask(&mut self, instance: &Arc<InstanceData>, waker: Option<&Waker>) {
        let of = Arc::clone(instance);
        self.looking.extend(on_thread("document", waker, move || look(&of)));
    }

    /// The user's answer.
    pub fn answer(&mut self, yes: bool, waker: Option<&Waker>) {
        let Some(question) = self.question.take().filter(|_| yes) else { return };
        let folder = match &self.folder {
            Some(folder) => Ok(Arc::clone(folder)),
            None => Folder::make().map(Arc::new),
        };
        if let Ok(folder) = &folder {
            self.folder = Some(Arc::clone(folder));
        }
        let (program, count) = (self.program, self.count);
        self.count += 1;
        let send = move || {
            let folder =
                folder.map_err(|error| format!("no place for the document could be made: {error}"))?;
            let file = folder.0.join(format!("document-{count}.{}", question.kind.extension()));
            write(&question, &file)?;
            program(&file)
        };
        self.sending.extend(on_thread("handing over", waker, send));
    }
}

fn on_thread<T: Send + 'static>(
    name: &str,
    waker: Option<&Waker>,
    run: impl FnOnce() -> T + Send + 'static,
) -> Option<Receiver<T>> {
    let (sender, answer) = crossbeam_channel::bounded(1);
    let waker = waker.cloned();
    let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        sender.send(run()).ok();
        if let Some(waker) = waker {
            waker.wake();
        }
    });
    match spawned {
        Ok(_) => Some(answer),
        Err(error) => {
            tracing::error!("no thread could be started for a document: {error}");
            None
        }
    }
}

/// Looks at what an object holds without holding it.
fn look(instance: &Arc<InstanceData>) -> Result<Question, String> {
    let file = instance.file()?;
    let text = |tag| file.data.string(tag).unwrap_or_default();
    let class = file.data.uid(tags::SOP_CLASS_UID).unwrap_or_default();
    let mime = text(tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT);
    let Some(kind) = Kind::declared(&class, &mime) else {
        let what = if mime.is_empty() { crate::dicom::uid::sop_class_name(&class) } else { mime };
        return Err(format!(
            "only PDF and clinical documents can be handed to another program; this is {what}"
        ));
    };
    let bytes = length(&file)?;
    let title = [tags::DOCUMENT_TITLE, tags::SERIES_DESCRIPTION].map(text);
    let title = title.into_iter().find(|title| !title.trim().is_empty()).unwrap_or_default();
    Ok(Question { instance: Arc::clone(instance), kind, title, bytes })
}

/// How long a document is, where that is known and allowed.
fn length(file: &DicomFile) -> Result<u64, String> {
    let element = file.data.get(tags::ENCAPSULATED_DOCUMENT).ok_or("there is no document in the object")?;
    let there = match &element.value {
        Value::Bytes(bytes) => bytes.len() as u64,
        Value::Elsewhere { length, .. } => *length,
        Value::Remote { .. } => 0,
        Value::Items(_) => return Err("there is no document in the object".to_owned()),
    };
    let said =
        file.data.int(tags::ENCAPSULATED_DOCUMENT_LENGTH).and_then(|length| u64::try_from(length).ok());
    // The value is padded to an even length; the element says what is the document's own.
    let length = said.filter(|said| there == 0 || (*said <= there && there - *said <= 1)).unwrap_or(there);
    if length > MOST_BYTES {
        return Err(format!("the document is too large to be handed over: {} MB", length >> 20));
    }
    Ok(length)
}

/// Writes a document for another program to read.
fn write(question: &Question, to: &Path) -> Result<(), String> {
    let file = question.instance.file()?;
    length(&file)?;
    let element = file.data.get(tags::ENCAPSULATED_DOCUMENT).ok_or("there is no document in the object")?;
    let mut bytes = file.read_value(element).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err("the document is too large to be handed over".to_owned());
    }
    if let Ok(length) = usize::try_from(question.bytes)
        && length > 0
    {
        bytes.truncate(length);
    }
    if !question.kind.fits(&bytes) {
        return Err(format!("the object says it holds a {}, and it does not", question.kind.words()));
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(to).and_then(|mut file| file.write_all(&bytes));
    written.map_err(|error| format!("the document could not be written, {error}: {}", to.display()))
}

/// A folder of the user's own, gone when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn make() -> std::io::Result<Self> {
        // A name nobody can have made before; that it is new is what counts.
        let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
        let path = std::env::temp_dir().join(format!("lightbox-{}-{random:016x}", std::process::id()));
        #[allow(unused_mut, reason = "only where folders have modes")]
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map(|()| Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!("a folder could not be removed, {error}: {}", self.0.display());
        }
    }
}

/// Starts whatever the desktop opens such files with, and does not wait for it.
fn open_with_system(file: &Path) -> Result<(), String> {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("cmd");
        // What comes first in quotes is the title of a window.
        command.args(["/C", "start", ""]);
        command
    } else {
        Command::new("xdg-open")
    };
    command.arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        format!("no program could be started for the document, {error}: {program}")
    })?;
    // These only pass the file on; where one stays, it is the program itself.
    match child.wait() {
        Ok(status) if !status.success() => Err("this system has no program for such a document".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

pub(super) fn receive(mut handing: ResMut<Handing>, mut notices: ResMut<Notices>) {
    let handing = handing.bypass_change_detection();
    let mut questions = Vec::new();
    handing.looking.retain(|looking| match looking.try_recv() {
        Ok(found) => {
            questions.push(found);
            false
        }
        Err(crossbeam_channel::TryRecvError::Empty) => true,
        Err(crossbeam_channel::TryRecvError::Disconnected) => false,
    });
    for found in questions {
        match found {
            Ok(question) => handing.question = Some(question),
            Err(error) => notices.warn(error),
        }
    }
    handing.sending.retain(|sending| match sending.try_recv() {
        Ok(Ok(())) | Err(crossbeam_channel::TryRecvError::Disconnected) => false,
        Ok(Err(error)) => {
            notices.warn(error);
            false
        }
        Err(crossbeam_channel::TryRecvError::Empty) => true,
    });
}

/// What was written goes when the application does, however its world ends.
pub(super) fn tidy(mut exits: MessageReader<AppExit>, mut handing: ResMut<Handing>) {
    if exits.read().last().is_some() {
        handing.folder = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_to_be_what_it_says() {
        let declared = |class: &str, mime: &str| Kind::declared(&format!("{CLASSES}{class}"), mime);
        assert_eq!(declared("1", "application/pdf"), Some(Kind::Pdf));
        assert_eq!(declared("2", "text/XML; charset=utf-8"), Some(Kind::Cda));
        assert_eq!(declared("1", "text/html"), None);
        assert_eq!(declared("2", "application/x-msdownload"), None);
        assert_eq!(declared("3", "model/stl"), None);
        assert!(Kind::Pdf.fits(b"%PDF-1.7\n"));
        assert!(!Kind::Pdf.fits(b"MZ\x90\0"));
        assert!(Kind::Cda.fits(b"\xEF\xBB\xBF<?xml version=\"1.0\"?><ClinicalDocument/>"));
        assert!(!Kind::Cda.fits(b"<html><script>"));
        assert!(!Kind::Cda.fits(b"#!/bin/sh"));
    }

    #[test]
    #[cfg(unix)]
    fn the_folder_is_the_users_own_and_goes() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::make().expect("a folder");
        let path = folder.0.clone();
        let mode = fs::metadata(&path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o700);
        drop(folder);
        assert!(!path.exists());
    }
}
