//! One whole instance from a server, by WADO-RS, in the form in which the archive has it.

use std::io::{self, Write};

use super::{Answer, Part, Parts, Transport, Watch, WebError};

/// The largest instance taken: what would be larger is a server that never stops.
pub const LARGEST_INSTANCE: u64 = 64 << 30;

/// What to ask for, in this order, while a server says it has nothing of the kind. The first takes whatever the
/// archive has; without the star an archive has to decompress what it keeps compressed.
const FORMS: [&str; 3] = [
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
    let mut came = None;
    download_parts(transport, &target, watch, &mut |part| {
        // An answer for one object holds one; should there be more, the first is it.
        if came.is_none() {
            let transfer_syntax = part.transfer_syntax.clone();
            came = Some(Downloaded { bytes: part.copy_to(sink)?, transfer_syntax });
        }
        Ok(())
    })?;
    came.ok_or_else(|| WebError::Nonsense("an answer in parts has none".to_owned()))
}

/// One object of an answer with many.
pub struct Object<'a> {
    /// As the answer says it.
    pub transfer_syntax: Option<String>,
    part: Part<'a>,
}

impl Object<'_> {
    /// Writes the object as it comes, and says how long it was.
    ///
    /// # Errors
    /// As for [`download_instance`].
    pub fn copy_to(self, sink: &mut dyn Write) -> Result<u64, WebError> {
        let mut checked = Checked::new(sink);
        let bytes = self.part.copy_to(&mut checked, LARGEST_INSTANCE)?;
        checked.finish()?;
        Ok(bytes)
    }
}

/// Hands over every object of an answer: of `/studies/UID`, of a series, or of an instance.
///
/// # Errors
/// As for [`download_instance`], and what `take` answers with.
pub fn download_parts(
    transport: &dyn Transport,
    target: &str,
    watch: &Watch,
    take: &mut dyn FnMut(Object<'_>) -> Result<(), WebError>,
) -> Result<(), WebError> {
    let mut parts = Parts::of(ask(transport, target, watch)?)?;
    while let Some(part) = parts.next()? {
        take(Object { transfer_syntax: part.transfer_syntax.clone(), part })?;
    }
    Ok(())
}

/// Asks for DICOM objects in the best form the server knows.
fn ask(transport: &dyn Transport, target: &str, watch: &Watch) -> Result<Answer, WebError> {
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
struct Checked<'a> {
    sink: &'a mut dyn Write,
    head: Vec<u8>,
    passed: bool,
}

const HEAD: usize = 132;

impl<'a> Checked<'a> {
    fn new(sink: &'a mut dyn Write) -> Self {
        Self { sink, head: Vec::with_capacity(HEAD), passed: false }
    }

    /// Whether enough came to tell.
    fn finish(&self) -> Result<(), WebError> {
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
