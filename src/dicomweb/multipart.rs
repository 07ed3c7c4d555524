//! `multipart/related` by RFC 2046, part after part from a stream, without ever holding a part in memory.
//!
//! The boundary is believed, the lengths parts claim are not. What comes before the first part and after the last
//! is passed over. Line ends are those of the first boundary's line, so that a writer of bare line feeds is
//! understood and the pixels of everybody else cannot be taken for one. An answer that has no parts because it is
//! one object (`application/dicom`, `application/octet-stream`) counts as its only part.

use std::io::{Read, Write};

use memchr::memmem::Finder;

use super::media::MediaType;
use super::{Answer, WebError};

/// Bytes asked of the stream at once.
const BLOCK: usize = 256 << 10;
/// Longest preamble; nobody writes one in earnest.
const PREAMBLE: u64 = 64 << 10;
/// Most and longest headers of a part.
const HEADERS: usize = 64;
const HEADER_BYTES: usize = 16 << 10;
/// RFC 2046 allows 70; some writers need more.
const BOUNDARY_BYTES: usize = 256;

/// The parts of an answer. [`next`](Self::next) passes over what was not read of the part before.
pub struct Parts<R = Box<dyn Read + Send>> {
    body: Buffered<R>,
    shape: Shape,
    /// What every part is, where the parts do not say.
    outer: MediaType,
    state: State,
}

enum Shape {
    /// One object and no boundaries.
    Bare,
    /// Without the line end before it: `--boundary`.
    Bounded { dashes: Vec<u8>, finder: Box<Finder<'static>> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Inside,
    /// The boundary after a part was met; its headers are next.
    Between,
    Done,
}

/// One part: its headers, and its body to be read once.
pub struct Part<'a, R = Box<dyn Read + Send>> {
    /// In lower case, without parameters; empty where neither the part nor the answer says it.
    pub content_type: String,
    pub transfer_syntax: Option<String>,
    pub content_location: Option<String>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    parts: &'a mut Parts<R>,
}

impl Parts {
    /// The parts of an answer, whose type has to be a multipart or bare data.
    ///
    /// # Errors
    /// The answer is something else: a page for people, say.
    pub fn of(answer: Answer) -> Result<Self, WebError> {
        Self::new(answer.body, &answer.content_type)
    }
}

impl<R: Read> Parts<R> {
    /// The parts of a body with the type its head gave it.
    ///
    /// # Errors
    /// The type is neither a multipart with a boundary nor bare data.
    pub fn new(body: R, content_type: &str) -> Result<Self, WebError> {
        let outer = MediaType::parse(content_type);
        let shape = if outer.is_multipart() {
            let boundary = outer.parameter("boundary").unwrap_or_default();
            if boundary.is_empty() || boundary.len() > BOUNDARY_BYTES {
                return Err(WebError::Nonsense(
                    "an answer in parts does not say what is between them".into(),
                ));
            }
            let dashes = [b"--", boundary.as_bytes()].concat();
            let finder = Box::new(Finder::new(&dashes).into_owned());
            Shape::Bounded { dashes, finder }
        } else if outer.is_bare_data() {
            Shape::Bare
        } else {
            return Err(unexpected(&outer));
        };
        Ok(Self { body: Buffered::new(body), shape, outer, state: State::Before })
    }

    /// The next part; `None` after the last.
    ///
    /// # Errors
    /// The stream fails, ends before the last boundary, or is no multipart.
    #[allow(
        clippy::should_implement_trait,
        reason = "a part borrows the stream, which an iterator cannot say"
    )]
    pub fn next(&mut self) -> Result<Option<Part<'_, R>>, WebError> {
        if self.state == State::Inside {
            self.pass(u64::MAX, &mut |_| Ok(()))?;
        }
        let headers = match (&self.shape, self.state) {
            (_, State::Done) => return Ok(None),
            (Shape::Bare, State::Before) => Vec::new(),
            (Shape::Bare, _) => {
                self.state = State::Done;
                return Ok(None);
            }
            (Shape::Bounded { .. }, state) => {
                if state == State::Before && !self.find_first()? {
                    self.state = State::Done;
                    return Ok(None);
                }
                self.headers()?
            }
        };
        self.state = State::Inside;
        let named = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let mut own = named("content-type").map(|value| MediaType::parse(value)).unwrap_or_default();
        let outer = match &self.shape {
            Shape::Bare => self.outer.clone(),
            Shape::Bounded { .. } => MediaType::parse(self.outer.parameter("type").unwrap_or_default()),
        };
        if own.essence.is_empty() {
            own.essence = outer.essence;
        }
        Ok(Some(Part {
            transfer_syntax: own.transfer_syntax().or_else(|| self.outer.transfer_syntax()),
            content_type: own.essence,
            content_location: named("content-location").cloned(),
            headers,
            parts: self,
        }))
    }

    /// Passes over the preamble and the first boundary. False where that boundary is the last one.
    fn find_first(&mut self) -> Result<bool, WebError> {
        let Shape::Bounded { dashes, finder } = &self.shape else { return Ok(false) };
        let mut passed = 0;
        loop {
            let bytes = self.body.bytes();
            let found = finder.find(bytes);
            if let Some(at) = found {
                let starts_line = match at.checked_sub(1) {
                    None => self.body.line_start,
                    Some(before) => bytes.get(before) == Some(&b'\n'),
                };
                // The line a boundary stands on has to be there as a whole, or the stream at its end.
                let rest = bytes.get(at + dashes.len()..).unwrap_or_default();
                match after_dashes(rest, self.body.ended, None) {
                    Line::Unknown if starts_line => {
                        self.body.more()?;
                        continue;
                    }
                    Line::Part { length, bare } if starts_line => {
                        self.body.consume(at + dashes.len() + length);
                        self.body.bare_feeds = bare;
                        return Ok(true);
                    }
                    Line::Last if starts_line => return Ok(false),
                    _ => {}
                }
            }
            // What may be the start of a boundary stays.
            let drop = found.map_or(bytes.len().saturating_sub(dashes.len()), |at| at + 1);
            self.body.consume(drop);
            passed += drop as u64;
            if passed > PREAMBLE {
                return Err(WebError::Nonsense("no part begins where the answer should".into()));
            }
            if found.is_none() && !self.body.more()? {
                return Err(WebError::Nonsense("an answer in parts has none".into()));
            }
        }
    }

    /// The headers of a part, up to the empty line.
    fn headers(&mut self) -> Result<Vec<(String, String)>, WebError> {
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut spent = 0;
        loop {
            let end = loop {
                if let Some(end) = memchr::memchr(b'\n', self.body.bytes()) {
                    break end;
                }
                if self.body.bytes().len() > HEADER_BYTES {
                    return Err(too_many_headers());
                }
                if !self.body.more()? {
                    return Err(WebError::Cut);
                }
            };
            let line = self.body.bytes().get(..end).unwrap_or_default();
            let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned();
            self.body.consume(end + 1);
            spent += end + 1;
            if line.is_empty() {
                return Ok(headers);
            }
            if spent > HEADER_BYTES || headers.len() >= HEADERS {
                return Err(too_many_headers());
            }
            if line.starts_with([' ', '\t']) {
                // A header that goes on, as mail once wrote them.
                if let Some((_, value)) = headers.last_mut() {
                    if !value.is_empty() {
                        value.push(' ');
                    }
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
    }

    /// Hands the rest of the part to `sink`, block by block, until the boundary. Answers with the number of bytes.
    fn pass(
        &mut self,
        limit: u64,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), WebError>,
    ) -> Result<u64, WebError> {
        let mut passed: u64 = 0;
        let mut hand = |bytes: &[u8]| {
            passed += bytes.len() as u64;
            if passed > limit {
                return Err(WebError::TooLarge(format!("a part is longer than {limit} bytes")));
            }
            if bytes.is_empty() { Ok(()) } else { sink(bytes) }
        };
        let Shape::Bounded { dashes, finder } = &self.shape else {
            while self.state == State::Inside {
                hand(self.body.bytes())?;
                self.body.consume(self.body.bytes().len());
                if !self.body.more()? {
                    self.state = State::Done;
                }
            }
            return Ok(passed);
        };
        // How much of the buffer was searched already.
        let mut searched = 0;
        while self.state == State::Inside {
            let bytes = self.body.bytes();
            let bare = self.body.bare_feeds;
            let found = finder.find(bytes.get(searched..).unwrap_or_default()).map(|at| at + searched);
            let Some(at) = found else {
                // What may be the start of a boundary with the line end before it stays.
                let keep = bytes.len().min(dashes.len() + 1);
                let done = bytes.len() - keep;
                hand(bytes.get(..done).unwrap_or_default())?;
                // What was no boundary must not be looked at again without the line end before it.
                searched = searched.max((bytes.len() + 1).saturating_sub(dashes.len())) - done;
                self.body.consume(done);
                if !self.body.more()? {
                    return Err(WebError::Cut);
                }
                continue;
            };
            let before = bytes.get(..at).unwrap_or_default();
            let ends = if bare { before.strip_suffix(b"\n") } else { before.strip_suffix(b"\r\n") };
            // A part without a byte: the line end of the headers is that of the boundary too.
            let data = ends.or((at == 0 && self.body.line_start).then_some(before));
            let rest = bytes.get(at + dashes.len()..).unwrap_or_default();
            match (data, after_dashes(rest, self.body.ended, Some(bare))) {
                (None, _) | (_, Line::Other) => searched = at + 1,
                (_, Line::Unknown) => {
                    searched = at;
                    self.body.more()?;
                }
                (Some(data), line) => {
                    hand(data)?;
                    let length = if let Line::Part { length, .. } = line { length } else { 0 };
                    self.state = if length > 0 { State::Between } else { State::Done };
                    self.body.consume(at + dashes.len() + length);
                }
            }
        }
        Ok(passed)
    }
}

impl<R: Read> Part<'_, R> {
    /// The body, whole.
    ///
    /// # Errors
    /// It is longer than `limit`, or the stream fails or ends before it.
    pub fn read_to_vec(self, limit: u64) -> Result<Vec<u8>, WebError> {
        let mut bytes = Vec::new();
        self.parts.pass(limit, &mut |block| {
            bytes.extend_from_slice(block);
            Ok(())
        })?;
        Ok(bytes)
    }

    /// Writes the body as it comes, and says how long it was.
    ///
    /// # Errors
    /// It is longer than `limit`, the stream fails or ends before it, or it cannot be written, which is
    /// [`WebError::Io`].
    pub fn copy_to(self, sink: &mut dyn Write, limit: u64) -> Result<u64, WebError> {
        self.parts.pass(limit, &mut |block| {
            sink.write_all(block).map_err(|error| match error.get_ref() {
                // A sink that looks at what it gets may have an error of ours to tell.
                Some(inner) if inner.is::<WebError>() => WebError::from(error),
                _ => WebError::Io(error.to_string()),
            })
        })
    }
}

fn unexpected(media: &MediaType) -> WebError {
    let what = if media.essence.is_empty() { "something it does not name" } else { &media.essence };
    // Servers may write anything there.
    let what: String = what.chars().filter(|letter| !letter.is_control()).take(80).collect();
    WebError::Nonsense(format!("it is {what} and no DICOM"))
}

fn too_many_headers() -> WebError {
    WebError::TooLarge("the headers of a part".into())
}

/// What stands behind the bytes of a boundary.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// Not enough is there to tell.
    Unknown,
    /// It is no boundary after all.
    Other,
    /// A part follows after so many bytes; whether its line ends with a bare line feed.
    Part { length: usize, bare: bool },
    /// It was the last.
    Last,
}

/// Looks behind `--boundary`: blanks and a line end before a part, `--` after the last one. With `bare` given
/// only that kind of line end counts.
fn after_dashes(rest: &[u8], ended: bool, bare: Option<bool>) -> Line {
    let unknown = if ended { Line::Other } else { Line::Unknown };
    let last = match rest {
        [b'-', b'-', ..] => true,
        [] | [b'-'] => return unknown,
        _ => false,
    };
    let after = if last { rest.get(2..).unwrap_or_default() } else { rest };
    let blanks = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    // Padding is a few blanks; a desert of them is pixels.
    if blanks > BOUNDARY_BYTES {
        return Line::Other;
    }
    let line = rest.len() - after.len() + blanks;
    match (after.get(blanks..).unwrap_or_default(), last) {
        ([] | [b'\r'], true) if ended => Line::Last,
        ([] | [b'\r'], _) => unknown,
        ([b'\n', ..] | [b'\r', b'\n', ..], true) => Line::Last,
        ([b'\n', ..], false) if bare != Some(false) => Line::Part { length: line + 1, bare: true },
        ([b'\r', b'\n', ..], false) if bare != Some(true) => Line::Part { length: line + 2, bare: false },
        _ => Line::Other,
    }
}

/// A stream with what was read of it and not yet used.
struct Buffered<R> {
    source: R,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    bare_feeds: bool,
    /// Whether the byte before the first unused one ended a line.
    line_start: bool,
}

impl<R: Read> Buffered<R> {
    fn new(source: R) -> Self {
        Self {
            source,
            bytes: Vec::new(),
            start: 0,
            end: 0,
            ended: false,
            bare_feeds: false,
            line_start: true,
        }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    fn consume(&mut self, count: usize) {
        if let Some(last) = count.checked_sub(1).and_then(|last| self.bytes().get(last)) {
            self.line_start = *last == b'\n';
        }
        self.start = (self.start + count).min(self.end);
    }

    /// Reads some more; false at the end of the stream.
    fn more(&mut self) -> Result<bool, WebError> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let room = self.end + BLOCK;
        if self.bytes.len() < room {
            self.bytes.resize(room, 0);
        }
        let read = loop {
            match self.source.read(self.bytes.get_mut(self.end..).unwrap_or_default()) {
                Ok(read) => break read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        };
        self.ended = read == 0;
        self.end = (self.end + read).min(self.bytes.len());
        Ok(read > 0)
    }
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;
