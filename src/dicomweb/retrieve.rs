//! Requests for frames, whole objects and long values, and what is made of the answers.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Instant;

use super::arriving::{Arriving, Flow, Sink};
use super::cache::Draft;
use super::server::{BULK_WAYS, FRAME_WAYS, Server, Transfer, WHOLE_WAYS};
use super::{Answer, Parts, Watch, WebError};
use crate::dicom::{DicomFile, FileSource, Image, codestream_syntax, uid};

/// A frame is no larger than this.
const MOST_FRAME: u64 = 2 << 30;
/// An object is no larger than this.
const MOST_OBJECT: u64 = 64 << 30;
/// A value that is fetched by itself is no larger than this.
pub(super) const MOST_VALUE: u64 = 256 << 20;

/// A frame as it was sent.
pub(super) struct Sent {
    pub(super) bytes: Vec<u8>,
    pub(super) transfer_syntax: String,
}

/// A request for frames.
pub(super) struct Asked<'a> {
    pub(super) target: &'a str,
    /// Counted from zero.
    pub(super) frames: &'a [u32],
    /// What one of them may take; zero where nobody knows.
    pub(super) frame_size: u64,
}

/// Asks for frames and hands over each as it comes.
pub(super) fn frames(
    server: &Arc<Server>,
    asked: &Asked<'_>,
    stop: &dyn Fn() -> bool,
    take: &mut dyn FnMut(u32, Sent) -> Result<(), WebError>,
) -> Result<(), WebError> {
    let numbers: Vec<String> = asked.frames.iter().map(|frame| (u64::from(*frame) + 1).to_string()).collect();
    let target = format!("{}/frames/{}", asked.target, numbers.join(","));
    let began = Instant::now();
    let mut transfer = server.progress.begin(asked.frame_size * asked.frames.len() as u64);
    let answer = server.get_by(&target, &FRAME_WAYS, &server.frame_way, &server.watch)?;
    let (head, sending) = (began.elapsed(), Instant::now());
    let Answer { content_type, body, .. } = answer;
    let mut parts = Parts::new(Counted { inner: body, transfer: &mut transfer, stop }, &content_type)?;
    let mut number = 0;
    while let Some(part) = parts.next()? {
        let Some(frame) = frame_of(part.content_location.as_deref(), asked.frames)
            .or_else(|| asked.frames.get(number).copied())
        else {
            break;
        };
        number += 1;
        let (kind, declared) = (part.content_type.clone(), part.transfer_syntax.clone());
        let bytes = part.read_to_vec(MOST_FRAME)?;
        let transfer_syntax = syntax_of(&kind, declared, &bytes)?;
        take(frame, Sent { bytes, transfer_syntax })?;
    }
    drop(parts);
    server.note_pace(head, sending.elapsed(), transfer.received());
    Ok(())
}

/// The frame a part says it is, if it is one of those that were asked for.
fn frame_of(location: Option<&str>, asked: &[u32]) -> Option<u32> {
    let number: u32 = location?.rsplit_once("/frames/")?.1.parse().ok()?;
    let frame = number.checked_sub(1)?;
    asked.contains(&frame).then_some(frame)
}

/// The transfer syntax of a frame: what the part says, what its type means, what its first bytes are.
fn syntax_of(kind: &str, declared: Option<String>, bytes: &[u8]) -> Result<String, WebError> {
    if let Some(declared) = declared.filter(|uid| uid.starts_with("1.")) {
        return Ok(declared);
    }
    let by_type = match kind {
        "image/jp2" | "image/jpx" | "image/jphc" => uid::JPEG_2000,
        "image/jls" | "image/x-jls" => uid::JPEG_LS,
        "image/dicom-rle" | "image/x-dicom-rle" => uid::RLE,
        "image/jpeg" => uid::JPEG_BASELINE,
        "image/jxl" => uid::JPEG_XL,
        "application/octet-stream" | "" => uid::EXPLICIT_LITTLE,
        other => return Err(WebError::Nonsense(format!("a frame came as {}", other.escape_debug()))),
    };
    Ok(codestream_syntax(bytes).filter(|_| kind.starts_with("image/")).unwrap_or(by_type).to_owned())
}

/// Whether a frame can be one of an image whose native frames have one of these lengths. A byte more pads it.
pub(super) fn fits(sent: &Sent, lengths: &[u64]) -> bool {
    let there = sent.bytes.len() as u64;
    if !uid::is_native(&sent.transfer_syntax) {
        return there > 0;
    }
    lengths.iter().any(|length| there == *length || there == length + 1)
}

/// Fetches a whole object. It may still be on its way when this returns: whoever reads it waits where needed.
pub(super) fn whole(server: &Arc<Server>, target: &str) -> Result<(Image, Arc<Flow>), WebError> {
    let (file, flow) = object(server, target)?;
    let image = file.image().map_err(|error| reading(&error, &flow))?;
    Ok((image, flow))
}

/// Whether the whole object lies here.
pub(super) fn is_kept(server: &Server, target: &str) -> bool {
    server.options.cache.as_ref().is_some_and(|cache| cache.has(&server.key("instance", target, "")))
}

/// The same with its header.
pub(super) fn object(server: &Arc<Server>, target: &str) -> Result<(DicomFile, Arc<Flow>), WebError> {
    let label = format!("{}{target}", server.transport.base());
    let key = server.key("instance", target, "");
    if let Some(cache) = &server.options.cache
        && let Some((path, start, length)) = cache.place(&key)
        && let Ok(there) = Arriving::arrived(&path, start, length, label.clone())
    {
        let flow = Arc::clone(there.flow());
        if let Ok(file) = DicomFile::from_source(Arc::new(there)) {
            return Ok((file, flow));
        }
    }
    let answer = server.get_by(target, &WHOLE_WAYS, &server.whole_way, &server.watch)?;
    let draft = match &server.options.cache {
        Some(cache) => cache.draft(&key, ""),
        None => Draft::temporary(),
    };
    let draft = draft.map_err(|error| WebError::Io(format!("there is no place for what came: {error}")))?;
    let (path, start) = draft.place();
    let source = FileSource::open(path).map_err(|error| WebError::Io(error.to_string()))?;
    let flow = Arc::new(Flow::default());
    let (sender, announced) = sync_channel(1);
    let sink = Sink { draft, flow: Arc::clone(&flow) };
    let (owner, ends) = (Arc::clone(server), Arc::clone(&flow));
    let spawned = std::thread::Builder::new().name("fetch".to_owned()).spawn(move || {
        let ended = receive(&owner, answer, sink, &sender);
        ends.end(ended);
    });
    spawned.map_err(|error| WebError::Io(format!("no thread could be started: {error}")))?;
    // Where nobody says how long it will be, the end has to be waited for.
    let length = match announced.recv() {
        Ok(Some(length)) => length,
        Ok(None) | Err(_) => flow.wait()?,
    };
    let coming = Arriving::new(source, start, length, label, Arc::clone(&flow));
    let file = DicomFile::from_source(Arc::new(coming)).map_err(|error| reading(&error, &flow))?;
    Ok((file, flow))
}

/// What was wrong with an object: the way here, or itself.
fn reading(error: &crate::dicom::Error, flow: &Flow) -> WebError {
    flow.failure().unwrap_or_else(|| WebError::Nonsense(error.to_string()))
}

/// Takes in an object; says its length as soon as it is known.
fn receive(
    server: &Arc<Server>,
    answer: Answer,
    mut sink: Sink,
    announce: &SyncSender<Option<u64>>,
) -> Result<(), WebError> {
    let mut transfer = server.progress.begin(answer.length.unwrap_or(0));
    let whole = answer.length;
    let Answer { content_type, body, .. } = answer;
    let cancel = &server.watch.cancel;
    let stop = || cancel.is_cancelled();
    let bare = !content_type.trim_start().to_ascii_lowercase().starts_with("multipart");
    let mut parts = Parts::new(Counted { inner: body, transfer: &mut transfer, stop: &stop }, &content_type)?;
    let part =
        parts.next()?.ok_or_else(|| WebError::Nonsense("there is no object in the answer".to_owned()))?;
    let said = part.headers.iter().find(|(name, _)| name == "content-length");
    let length = said.and_then(|(_, value)| value.trim().parse().ok()).or(whole.filter(|_| bare));
    let length = length.filter(|length| (1..=MOST_OBJECT).contains(length));
    announce.send(length).ok();
    let came = part.copy_to(&mut sink, MOST_OBJECT)?;
    if length.is_some_and(|length| length != came) {
        return Err(WebError::Nonsense("an object has another length than the server says".to_owned()));
    }
    sink.draft.keep().map_err(|error| WebError::Io(error.to_string()))
}

/// A long value, from the first of its addresses that has it.
pub(super) fn bulk(
    server: &Arc<Server>,
    places: &[String],
    most: u64,
    watch: &Watch,
) -> Result<Vec<u8>, WebError> {
    let mut failed = WebError::NotFound("a value".to_owned());
    for place in places {
        let key = server.key("bulk", place, "");
        if let Some((_, bytes)) = server.options.cache.as_ref().and_then(|cache| cache.get(&key)) {
            return Ok(bytes);
        }
        let fetched = server.get_by(place, &BULK_WAYS, &server.bulk_way, watch).and_then(|answer| {
            let mut transfer = server.progress.begin(answer.length.unwrap_or(0));
            let Answer { content_type, body, .. } = answer;
            let cancel = &watch.cancel;
            let stop = || cancel.is_cancelled();
            let mut parts =
                Parts::new(Counted { inner: body, transfer: &mut transfer, stop: &stop }, &content_type)?;
            let part = parts
                .next()?
                .ok_or_else(|| WebError::Nonsense("there is no value in the answer".to_owned()))?;
            part.read_to_vec(most)
        });
        match fetched {
            Ok(bytes) => {
                if let Some(cache) = &server.options.cache {
                    cache.put(&key, "", &bytes);
                }
                return Ok(bytes);
            }
            Err(error @ (WebError::NotFound(_) | WebError::Nonsense(_) | WebError::Connect(_))) => {
                failed = error;
            }
            Err(error) => return Err(error),
        }
    }
    Err(failed)
}

/// A body that tells how much of it came, and ends when nobody wants it any more.
struct Counted<'a> {
    inner: Box<dyn Read + Send>,
    transfer: &'a mut Transfer,
    stop: &'a dyn Fn() -> bool,
}

impl Read for Counted<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if (self.stop)() {
            return Err(WebError::Cancelled.into());
        }
        let count = self.inner.read(buf)?;
        self.transfer.add(count as u64);
        Ok(count)
    }
}
