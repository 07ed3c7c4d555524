//! `viewer dump`: the elements of files, as text for people or in the DICOM JSON Model for programs.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path as FilePath, PathBuf};
use std::process::ExitCode;

use clap::Args;
use dicom_dictionary_std::tags;

use super::exit::{Exit, Failure, explain};
use super::folders::{self, FolderArgs};
use super::output::{Output, complain};
use crate::dicom::{DicomFile, Error, Tag};
use crate::inspect::json::{self, JsonOptions};
use crate::inspect::{ListingOptions, Path, Selector, harmless, write_listing, write_value};
use crate::study::{self, Entry, Filter, Step, Walk};

const EXAMPLES: &str = "\
EXAMPLES
  viewer dump image.dcm                     Every element, a line each
  viewer dump --tag PatientName image.dcm   One value, alone on its line
  viewer dump --tag Modality --tag 0028,0010 folder/
                                            Two values of every file in a folder
  viewer dump --tag 'RequestAttributesSequence[0].ScheduledProcedureStepID' image.dcm
  viewer dump --tag 'PerFrameFunctionalGroupsSequence[*].FrameContentSequence[0].StackID' mr.dcm
  viewer dump --json image.dcm | jq '.\"00100010\".Value[0].Alphabetic'

TAGS
  A keyword, or a tag as 0010,0010, (0010,0010) or 00100010. Dots lead into sequences, brackets
  choose an item, counted from 0; [*] and no brackets mean every item. A line is the value; before it
  comes the path of the element where --tag is given twice or several elements may be meant, and
  before that the file where there are several, with tabs between them. What a file does not have has
  no line.

TEXT
  Tag, VR, length in bytes, number of values (items of a sequence), keyword, value. Private elements
  are named after their creator. Long values end in how much is left out; control characters are made
  visible. Colours appear on a terminal, unless NO_COLOR is set.

JSON
  The DICOM JSON Model of PS3.18 annex F: an object for one file, an array of objects for several
  files or a folder. Text is UTF-8. File meta information is left out unless --tag names it. Pixel
  data and binary values longer than --max-length are not written but pointed at, by their place in
  the file or, where that is not known, by their path:
    BulkDataURI: file:///path/to/image.dcm?offset=BYTES&length=BYTES
    BulkDataURI: file:///path/to/image.dcm#(0029,1010)
  Those bytes are as the file holds them: encapsulated ones with their item headers, big-endian ones
  not swapped, those of a deflated file or an archive counted in what is inflated.";

/// Write the elements of files as text or JSON
///
/// A DICOMDIR that is named is written itself, not the files it names. Of pixel data no more is read than is shown.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", folders::HELP))]
pub struct DumpArgs {
    /// DICOM files, folders, archives, and files or folders in archives
    #[arg(value_name = "FILE", required = true)]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    folders: FolderArgs,

    /// Write the DICOM JSON Model
    #[arg(long, conflicts_with = "text")]
    json: bool,

    /// Write lines of text, which is the default
    #[arg(long)]
    text: bool,

    /// Only this element: a keyword, a tag, or a path through sequences; can be given several times
    #[arg(long = "tag", value_name = "TAG", value_parser = Selector::parse)]
    tags: Vec<Selector>,

    /// Longest value: characters of text (100, whole with --tag), bytes of a binary value in JSON (65536);
    /// 0 for whole values
    #[arg(long, value_name = "N")]
    max_length: Option<u64>,
}

/// Characters of a value in text, when nothing else is asked for.
const TEXT_LENGTH: u64 = 100;
/// Bytes of a binary value in JSON.
const JSON_LENGTH: u64 = 64 * 1024;

impl DumpArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let mut dump = Dump {
            several: self.paths.len() > 1 || self.paths.iter().any(|path| holds_many(path)),
            listing: ListingOptions { limit: self.text_limit(), color: !self.json && wants_color() },
            inline: self.json_limit(),
            filter: self.folders.filter(),
            written: 0,
            output: Output::new(),
            json: self.json,
            tags: self.tags,
        };
        let any_there = self.paths.iter().any(|path| study::exists(path).is_ok());
        dump.all(self.paths, self.folders.is_recursive())?;
        Ok(match (dump.written, any_there) {
            (1.., _) => Exit::Done,
            (0, true) => Exit::Nothing,
            (0, false) => Exit::Io,
        }
        .into())
    }

    fn text_limit(&self) -> Option<usize> {
        let default = if self.tags.is_empty() { TEXT_LENGTH } else { 0 };
        let limit = self.max_length.unwrap_or(default);
        (limit > 0).then(|| usize::try_from(limit).unwrap_or(usize::MAX))
    }

    fn json_limit(&self) -> Option<u64> {
        Some(self.max_length.unwrap_or(JSON_LENGTH)).filter(|limit| *limit > 0)
    }
}

/// Whether somebody watches who wants colours.
fn wants_color() -> bool {
    let is = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    std::io::stdout().is_terminal() && !is("NO_COLOR") && !dumb
}

/// A dump under way.
struct Dump {
    json: bool,
    tags: Vec<Selector>,
    several: bool,
    listing: ListingOptions,
    inline: Option<u64>,
    output: Output,
    /// Files something was written about.
    written: usize,
    filter: Filter,
}

impl Dump {
    fn all(&mut self, paths: Vec<PathBuf>, recursive: bool) -> Result<(), Failure> {
        if self.json && self.several {
            self.output.writer().write_all(b"[")?;
        }
        for path in paths {
            if holds_many(&path) || !path.is_file() {
                self.walk(path, recursive)?;
            } else {
                self.opened(&path, true, DicomFile::open(&path))?;
            }
        }
        if self.json && self.several {
            self.output.writer().write_all(b"\n]\n")?;
        }
        self.output.flush()
    }

    fn walk(&mut self, path: PathBuf, recursive: bool) -> Result<(), Failure> {
        for step in Walk::new(vec![path], recursive) {
            match step {
                Step::File(file) => self.opened(&file.path, file.named, file.open())?,
                Step::Unreadable { path, error } => {
                    complain(&format!("{}: {}", explain(&error), path.display()));
                }
                Step::Note { path, text } => complain(&format!("{text}: {}", path.display())),
                Step::Directory(path) => self.opened(&path, false, study::open_path(&path))?,
            }
        }
        Ok(())
    }

    fn opened(
        &mut self,
        path: &FilePath,
        named: bool,
        file: Result<DicomFile, Error>,
    ) -> Result<(), Failure> {
        let mut file = match file {
            Ok(file) => file,
            // A stray text file in a folder is no news; one that was named is.
            Err(Error::NotDicom) if !named => return Ok(()),
            Err(error) => {
                complain(&format!("{}: {}", explain(&error), path.display()));
                return Ok(());
            }
        };
        let after_pixels = |tag: Option<Tag>| tag.is_some_and(|tag| tag > tags::PIXEL_DATA);
        let wanted = self.tags.is_empty() || self.tags.iter().any(|selector| after_pixels(selector.tag()));
        if wanted && let Err(error) = file.take_in_trailing() {
            complain(&format!("{}: {}", explain(&error), path.display()));
        }
        if !self.filter.is_empty() && !self.filter.matches(&Entry::read(&file, path.to_path_buf(), 0)) {
            return Ok(());
        }
        self.file(path, &file)
    }

    fn file(&mut self, path: &FilePath, file: &DicomFile) -> Result<(), Failure> {
        if self.json {
            return self.as_json(path, file);
        }
        if !self.tags.is_empty() {
            return self.values(path, file);
        }
        if self.several {
            let blank = if self.written > 0 { "\n" } else { "" };
            self.output.line(format!("{blank}# {}", harmless(&path.to_string_lossy())))?;
        }
        self.written += 1;
        Ok(write_listing(file, self.listing, self.output.writer())?)
    }

    fn values(&mut self, path: &FilePath, file: &DicomFile) -> Result<(), Failure> {
        let named = self.tags.len() > 1 || self.tags.iter().any(Selector::is_plural);
        let mut any = false;
        for found in self.tags.iter().flat_map(|selector| selector.find(file)) {
            any = true;
            let out = self.output.writer();
            if self.several {
                write!(out, "{}\t", harmless(&path.to_string_lossy()))?;
            }
            if named {
                write!(out, "{}\t", found.keywords())?;
            }
            write_value(file, &found, self.listing, out)?;
        }
        self.written += usize::from(any);
        Ok(())
    }

    fn as_json(&mut self, path: &FilePath, file: &DicomFile) -> Result<(), Failure> {
        let found: Vec<Path> = self.tags.iter().flat_map(|selector| selector.find(file)).collect();
        if !self.tags.is_empty() && found.is_empty() && !self.several {
            return Ok(());
        }
        let options = JsonOptions { inline: self.inline, uri: file_uri(path) };
        let out = self.output.writer();
        if self.several {
            out.write_all(if self.written > 0 { b",\n" } else { b"\n" })?;
        }
        let problems = if self.tags.is_empty() {
            json::write(file, &options, out)?
        } else {
            json::write_selected(file, &found, &options, out)?
        };
        if !self.several {
            out.write_all(b"\n")?;
        }
        for problem in problems {
            complain(&format!("{}: {}", explain(&problem), path.display()));
        }
        self.written += 1;
        Ok(())
    }
}

/// Whether a path stands for several files: a folder or an archive, but not a DICOMDIR, which is a file itself.
fn holds_many(path: &FilePath) -> bool {
    let is_object = || path.is_file() && DicomFile::open(path).is_ok();
    !study::is_single(path) && !is_object()
}

/// The URI of a file (RFC 8089).
fn file_uri(path: &FilePath) -> String {
    use std::fmt::Write as _;
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let text = whole.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    let mut uri = "file://".to_owned();
    if !text.starts_with('/') {
        uri.push('/');
    }
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~' | b':') {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(uri, "%{byte:02X}").ok();
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn paths_become_uris() {
        assert_eq!(file_uri(FilePath::new("/a b/ä?.dcm")), "file:///a%20b/%C3%A4%3F.dcm");
    }
}
