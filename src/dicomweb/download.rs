//! One whole instance from a server, by WADO-RS, in the form in which the archive has it.

use std::io::{self, Write};

use super::{Answer, Parts, Transport, Watch, WebError};

/// The largest instance taken: what would be larger is a server that never stops.
pub const LARGEST_INSTANCE: u64 = 64 << 30;

/// What to ask for, in this order, while a server says it has nothing of the kind. The first takes whatever the
/// archive has; without the star an archive has to decompress what it keeps compressed.
pub(super) const FORMS: [&str; 3] = [
    "multipart/related; type=\"application/dicom\"; transfer-syntax=*",
    "multipart/related; type=\"application/dicom\"",
    "application/dicom",
];

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    pub bytes: u64,
    /// As the answer says it; the file itself knows better.
    pub transfer_syntax: Option<String>,
}

/// Writes one instance to `sink` as it comes. What is no DICOM file is refused before a byte of it is written;
/// which object it is the caller has to look up.
///
/// # Errors
/// What the transport says, [`WebError::Nonsense`] where something else came, [`WebError::Io`] where `sink` failed.
/// After [`WebError::is_passing`] errors the caller may empty the sink and ask once more.
pub fn download_instance(
    transport: &dyn Transport,
    study: &str,
    series: &str,
    instance: &str,
    sink: &mut dyn Write,
    watch: &Watch,
) -> Result<Downloaded, WebError> {
    let target = format!("/studies/{study}/series/{series}/instances/{instance}");
    let mut parts = Parts::of(ask(transport, &target, watch)?)?;
    let Some(part) = parts.next()? else {
        return Err(WebError::Nonsense("an answer in parts has none".to_owned()));
    };
    let transfer_syntax = part.transfer_syntax.clone();
    let mut checked = Checked::new(sink);
    let bytes = part.copy_to(&mut checked, LARGEST_INSTANCE)?;
    checked.finish()?;
    Ok(Downloaded { bytes, transfer_syntax })
}

/// Asks for DICOM objects in the best form the server knows.
pub(super) fn ask(transport: &dyn Transport, target: &str, watch: &Watch) -> Result<Answer, WebError> {
    let mut last = WebError::NotAcceptable;
    for form in FORMS {
        match transport.get(target, form, watch) {
            // Some servers call an Accept they do not understand a bad request.
            Err(error @ (WebError::NotAcceptable | WebError::Status { code: 400, .. })) => last = error,
            other => return other,
        }
    }
    Err(last)
}

/// Lets through what begins as a DICOM file does: 128 bytes of anything, then `DICM`.
pub(super) struct Checked<'a> {
    sink: &'a mut dyn Write,
    head: Vec<u8>,
    passed: bool,
}

const HEAD: usize = 132;

impl<'a> Checked<'a> {
    pub(super) fn new(sink: &'a mut dyn Write) -> Self {
        Self { sink, head: Vec::with_capacity(HEAD), passed: false }
    }

    /// Whether enough came to tell.
    pub(super) fn finish(self) -> Result<(), WebError> {
        if self.passed { Ok(()) } else { Err(no_dicom()) }
    }
}

impl Write for Checked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.passed {
            return self.sink.write(bytes);
        }
        let missing = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(missing);
        self.head.extend_from_slice(first);
        if self.head.len() == HEAD {
            if !self.head.ends_with(b"DICM") {
                return Err(no_dicom().into());
            }
            self.passed = true;
            self.sink.write_all(&self.head)?;
            self.sink.write_all(rest)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

fn no_dicom() -> WebError {
    WebError::Nonsense("what came is no DICOM file".to_owned())
}
