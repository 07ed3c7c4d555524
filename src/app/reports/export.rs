//! A report as a file that others read: text, a page of HTML, or JSON. Where it goes is asked on a thread, and it is
//! written there.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::*;
use crossbeam_channel::Receiver;

use super::super::requests::has_dialogs;
use super::page::Opened;
use super::{Notices, Waker};
use crate::presentation::sr::{write_html, write_json, write_text};

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Html,
    Json,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Text, Self::Html, Self::Json];

    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Html => "HTML",
            Self::Json => "JSON",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Html => "html",
            Self::Json => "json",
        }
    }

    fn write(self, opened: &Opened, out: &mut impl io::Write) -> io::Result<()> {
        match self {
            Self::Text => write_text(&opened.document, out),
            Self::Html => write_html(&opened.document, out),
            Self::Json => write_json(&opened.report, out),
        }
    }
}

/// The report as text, for the clipboard.
pub fn as_text(opened: &Opened) -> String {
    let mut text = Vec::new();
    // Writing to memory does not fail.
    write_text(&opened.document, &mut text).ok();
    String::from_utf8(text).unwrap_or_default()
}

/// Asks for a report as a file.
#[derive(Message, Clone)]
pub struct SaveReport {
    pub opened: Arc<Opened>,
    pub format: Format,
    /// Where to; asked for without it.
    pub to: Option<PathBuf>,
}

/// What is being written.
#[derive(Resource, Default)]
pub struct Export(Vec<Receiver<Result<Option<PathBuf>, String>>>);

pub(super) fn receive(
    mut asked: MessageReader<SaveReport>,
    mut export: ResMut<Export>,
    mut notices: ResMut<Notices>,
    waker: Option<Res<Waker>>,
) {
    for one in asked.read() {
        if one.to.is_none() && !has_dialogs() {
            notices.warn(
                "this desktop has no file dialog (xdg-desktop-portal or zenity); viewer report writes reports \
                 to files, too"
                    .to_owned(),
            );
            continue;
        }
        let (one, waker) = (one.clone(), waker.as_deref().cloned());
        let (sender, answer) = crossbeam_channel::bounded(1);
        let spawned = std::thread::Builder::new().name("export".to_owned()).spawn(move || {
            sender.send(save(&one)).ok();
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        match spawned {
            Ok(_) => export.0.push(answer),
            Err(error) => {
                notices.error(format!("the report cannot be written, no thread could be started: {error}"));
            }
        }
    }
    export.bypass_change_detection().0.retain(|answer| match answer.try_recv() {
        Ok(Ok(Some(file))) => {
            tracing::info!("the report was written: {}", file.display());
            false
        }
        Ok(Err(error)) => {
            notices.error(error);
            false
        }
        Ok(Ok(None)) | Err(crossbeam_channel::TryRecvError::Disconnected) => false,
        Err(crossbeam_channel::TryRecvError::Empty) => true,
    });
}

/// Asks where to, if that is not known, and writes. `None` where the user thought better of it.
fn save(asked: &SaveReport) -> Result<Option<PathBuf>, String> {
    let extension = asked.format.extension();
    // The dialog asks before it names a file that is there.
    let (chosen, may_replace) = match &asked.to {
        Some(to) => (Some(to.clone()), false),
        None => {
            let dialog = rfd::FileDialog::new()
                .set_title("Save the report")
                .set_file_name(format!("report.{extension}"))
                .add_filter(asked.format.name(), &[extension]);
            (dialog.save_file(), true)
        }
    };
    let Some(mut file) = chosen else { return Ok(None) };
    // Of a name that is not quite the one chosen nobody was asked.
    let named = file.extension().is_some();
    if !named {
        file.set_extension(extension);
    }
    let written = write(&asked.opened, asked.format, &file, may_replace && named);
    match written {
        Ok(()) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("there is a file of that name already; choose another: {}", file.display()))
        }
        Err(error) => Err(format!("the report could not be written, {error}: {}", file.display())),
    }
}

/// Writes beside the file first, so that what is there is whole or as it was.
fn write(opened: &Opened, format: Format, file: &Path, replace: bool) -> io::Result<()> {
    if !replace {
        let mut out = BufWriter::new(OpenOptions::new().write(true).create_new(true).open(file)?);
        return format.write(opened, &mut out).and_then(|()| out.flush());
    }
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = file.with_file_name(name);
    let written = OpenOptions::new().write(true).create_new(true).open(&part).and_then(|new| {
        let mut out = BufWriter::new(new);
        format.write(opened, &mut out)?;
        out.flush()?;
        fs::rename(&part, file)
    });
    if let Err(error) = &written
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        fs::remove_file(&part).ok();
    }
    written
}
