//! A server for tests that is not there: objects in memory, and every kind of unwillingness.

use std::collections::HashMap;
use std::io::{self, Cursor, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dicom_dictionary_std::tags;

use super::{Answer, Transport, Watch, WebError};
use crate::dicom::DicomFile;
use crate::inspect::json::{self, JsonOptions};

pub const BASE: &str = "http://fake/dicom-web";

#[derive(Default)]
pub struct Fake {
    /// Path of the instance to its file.
    pub objects: Vec<(String, Vec<u8>)>,
    pub dead: AtomicBool,
    pub no_metadata: bool,
    pub no_frames: bool,
    pub no_whole: bool,
    pub no_lists: bool,
    pub no_asterisk: bool,
    pub no_search: bool,
    /// Frames with these many bytes too few.
    pub short_by: usize,
    pub delay: Duration,
    /// Bodies break off after so many bytes, so often.
    pub cuts: Mutex<Vec<usize>>,
    pub bulk: HashMap<String, Vec<u8>>,
    /// Changes the metadata.
    pub rewrite: Option<fn(String) -> String>,
    pub asked: Mutex<Vec<String>>,
    pub sent: Arc<AtomicU64>,
}

impl Fake {
    pub fn of(files: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let objects = files.into_iter().map(|bytes| (path(&bytes), bytes)).collect();
        Self { objects, ..Self::default() }
    }

    pub fn study(&self) -> String {
        self.objects[0].0.split('/').nth(2).unwrap().to_owned()
    }

    /// How often something with this in its path was asked for.
    pub fn asked_for(&self, part: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| asked.contains(part)).count()
    }

    fn find(&self, path: &str) -> Result<&(String, Vec<u8>), WebError> {
        let found =
            self.objects.iter().find(|(target, _)| path == target || path.starts_with(&format!("{target}/")));
        found.ok_or_else(|| WebError::NotFound(path.to_owned()))
    }

    fn below<'a>(&'a self, path: &str) -> Result<Vec<&'a (String, Vec<u8>)>, WebError> {
        let path = format!("{path}/");
        let found: Vec<_> =
            self.objects.iter().filter(|(target, _)| format!("{target}/").starts_with(&path)).collect();
        if found.is_empty() { Err(WebError::NotFound(path)) } else { Ok(found) }
    }

    fn answer(&self, kind: &str, body: Vec<u8>) -> Answer {
        let cut = self.cuts.lock().unwrap().pop();
        let length = Some(body.len() as u64);
        let body: Box<dyn Read + Send> = match cut {
            Some(at) if at < body.len() => Box::new(Cursor::new(body[..at].to_vec()).chain(Broken)),
            _ => Box::new(Cursor::new(body)),
        };
        let body = Box::new(Counting { inner: body, sent: Arc::clone(&self.sent) });
        Answer { content_type: kind.to_owned(), length, body }
    }
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(WebError::Cut.into())
    }
}

struct Counting {
    inner: Box<dyn Read + Send>,
    sent: Arc<AtomicU64>,
}

impl Read for Counting {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        self.sent.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

pub fn path(bytes: &[u8]) -> String {
    let data = DicomFile::from_bytes(bytes.to_vec()).unwrap().data;
    let uid = |tag| data.uid(tag).unwrap();
    format!(
        "/studies/{}/series/{}/instances/{}",
        uid(tags::STUDY_INSTANCE_UID),
        uid(tags::SERIES_INSTANCE_UID),
        uid(tags::SOP_INSTANCE_UID)
    )
}

fn multipart(parts: &[(String, Vec<u8>)]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (kind, bytes) in parts {
        body.extend(
            format!("\r\n--b\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", bytes.len()).bytes(),
        );
        body.extend(bytes);
    }
    body.extend(b"\r\n--b--\r\n");
    ("multipart/related; boundary=b".to_owned(), body)
}

impl Transport for Fake {
    fn base(&self) -> &str {
        BASE
    }

    fn get(&self, target: &str, accept: &str, _: &Watch) -> Result<Answer, WebError> {
        self.asked.lock().unwrap().push(target.to_owned());
        std::thread::sleep(self.delay);
        if self.dead.load(Ordering::Relaxed) {
            return Err(WebError::Connect("refused".to_owned()));
        }
        let target = target.strip_prefix(BASE).unwrap_or(target);
        if let Some(bytes) = self.bulk.get(target) {
            let (kind, body) = multipart(&[("application/octet-stream".to_owned(), bytes.clone())]);
            return Ok(self.answer(&kind, body));
        }
        if let Some(path) = target.strip_suffix("/metadata") {
            if self.no_metadata {
                return Err(WebError::Status { code: 501, reason: String::new() });
            }
            let mut objects = Vec::new();
            for (_, bytes) in self.below(path)? {
                let file = DicomFile::from_bytes(bytes.clone()).unwrap();
                let mut json = Vec::new();
                json::write(&file, &JsonOptions { inline: Some(64), uri: "bulk".to_owned() }, &mut json)
                    .unwrap();
                objects.push(String::from_utf8(json).unwrap());
            }
            let text = format!("[{}]", objects.join(","));
            let text = self.rewrite.map_or(text.clone(), |rewrite| rewrite(text));
            return Ok(self.answer("application/dicom+json", text.into_bytes()));
        }
        if let Some(path) = target.strip_suffix("/instances") {
            if self.no_search {
                return Err(WebError::Status { code: 501, reason: String::new() });
            }
            let row = |(target, _): &&(String, Vec<u8>)| {
                let uids: Vec<&str> = target.split('/').collect();
                format!(
                    r#"{{"0020000E":{{"vr":"UI","Value":["{}"]}},"00080018":{{"vr":"UI","Value":["{}"]}}}}"#,
                    uids[4], uids[6]
                )
            };
            let rows: Vec<String> = self.below(path)?.iter().map(row).collect();
            return Ok(self.answer("application/dicom+json", format!("[{}]", rows.join(",")).into_bytes()));
        }
        if self.no_asterisk && accept.contains('*') {
            return Err(WebError::NotAcceptable);
        }
        if let Some((_, numbers)) = target.split_once("/frames/") {
            let (_, bytes) = self.find(target)?;
            if self.no_frames {
                return Err(WebError::Status { code: 501, reason: String::new() });
            }
            if self.no_lists && numbers.contains(',') {
                return Err(WebError::Status { code: 400, reason: String::new() });
            }
            let image = DicomFile::from_bytes(bytes.clone()).unwrap().image().unwrap();
            let kind = format!("application/octet-stream; transfer-syntax={}", image.transfer_syntax());
            let mut parts = Vec::new();
            for number in numbers.split(',') {
                let frame: u32 = number.parse().unwrap();
                let encoded = image.encoded(frame - 1).map_err(|_| WebError::NotFound("frame".to_owned()))?;
                parts.push((kind.clone(), encoded[..encoded.len() - self.short_by].to_vec()));
            }
            let (kind, body) = multipart(&parts);
            return Ok(self.answer(&kind, body));
        }
        if self.no_whole {
            return Err(WebError::Status { code: 501, reason: String::new() });
        }
        let parts: Vec<_> = self
            .below(target)?
            .iter()
            .map(|(_, bytes)| ("application/dicom".to_owned(), bytes.clone()))
            .collect();
        let (kind, body) = multipart(&parts);
        Ok(self.answer(&kind, body))
    }
}
