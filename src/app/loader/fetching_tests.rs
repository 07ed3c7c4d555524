//! Frames that are somewhere else, without a network and without a window.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use dicom_dictionary_std::tags;

use super::super::{Loader, Priority};
use super::*;
use crate::dicom::testing::{cs, data_set, element};
use crate::dicom::{DicomFile, EncodedFrame, Error, FrameSource, Supplied, VR};
use crate::study::Entry;

const FRAMES: u32 = 4;
const PATIENCE: Duration = Duration::from_secs(20);

/// A server whose line can be held.
#[derive(Default)]
struct Far {
    here: Mutex<HashSet<u32>>,
    /// Requests in the order they came.
    asked: Mutex<Vec<Vec<u32>>>,
    /// Frames it does not have.
    lacking: Vec<u32>,
    held: Mutex<bool>,
    moved: Condvar,
}

impl Far {
    fn hold(&self, held: bool) {
        *self.held.lock().unwrap() = held;
        self.moved.notify_all();
    }
}

impl FrameSource for Far {
    fn frame(&self, frame: u32) -> Result<Supplied, Error> {
        assert!(self.is_local(frame), "nobody who decodes waits for a network");
        let bytes = Arc::new(vec![frame as u8; 4 * 2 * 2]);
        Ok(Supplied::Frame(EncodedFrame { bytes, transfer_syntax: "1.2.840.10008.1.2.1".into() }))
    }

    fn is_local(&self, frame: u32) -> bool {
        self.here.lock().unwrap().contains(&frame)
    }

    fn fetch(&self, frames: &[u32], stop: &dyn Fn() -> bool) -> Result<(), Error> {
        self.asked.lock().unwrap().push(frames.to_vec());
        let mut held = self.held.lock().unwrap();
        while *held && !stop() {
            held = self.moved.wait_timeout(held, Duration::from_millis(5)).unwrap().0;
        }
        if stop() {
            return Ok(());
        }
        if let Some(lacking) = frames.iter().find(|frame| self.lacking.contains(frame)) {
            return Err(Error::FrameData(format!("frame {lacking} is not there")));
        }
        self.here.lock().unwrap().extend(frames);
        Ok(())
    }

    fn batch(&self) -> u32 {
        2
    }

    fn value(&self, _: u32) -> Result<Vec<u8>, Error> {
        Ok(Vec::new())
    }

    fn label(&self) -> String {
        "far away".to_owned()
    }
}

fn instance(far: &Arc<Far>) -> Arc<InstanceData> {
    let word = |tag, value: u16| element(tag, VR::US, value.to_le_bytes().to_vec());
    let data = data_set(vec![
        word(tags::SAMPLES_PER_PIXEL, 1),
        cs(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2"),
        element(tags::NUMBER_OF_FRAMES, VR::IS, FRAMES.to_string().into_bytes()),
        word(tags::ROWS, 2),
        word(tags::COLUMNS, 4),
        word(tags::BITS_ALLOCATED, 16),
        word(tags::BITS_STORED, 16),
        word(tags::HIGH_BIT, 15),
        word(tags::PIXEL_REPRESENTATION, 0),
    ]);
    let pixels = Some((tags::PIXEL_DATA, VR::OW));
    let supply: Arc<dyn FrameSource> = Arc::clone(far) as _;
    let file = Arc::new(DicomFile::from_parts(data, String::new(), pixels, supply));
    let mut entry = Entry::read(&file, "far".into(), 0);
    entry.header = Some(file);
    Arc::new(InstanceData::new(InstanceId(7), Arc::new(entry)))
}

fn job(instance: &Arc<InstanceData>, frame: u32) -> Job {
    let instance = Arc::clone(instance);
    Job { priority: Priority::Visible, instance, frame, level: 0, stats: false, preview: false }
}

fn take(loader: &Loader) -> Loaded {
    let started = Instant::now();
    loop {
        if let Some(loaded) = loader.try_take() {
            return loaded;
        }
        assert!(started.elapsed() < PATIENCE, "nothing came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn far_frames_are_fetched_together_and_then_decoded() {
    let far = Arc::new(Far::default());
    let (loader, instance) = (Loader::start(Waker::default(), 1 << 20), instance(&far));
    loader.want((0..2).map(|frame| job(&instance, frame)).collect());
    let mut came = [take(&loader), take(&loader)];
    came.sort_by_key(|loaded| loaded.key);
    assert!(came.iter().all(|loaded| loaded.result.is_ok()), "{:?}", came[0].result.as_ref().err());
    assert_eq!(came.map(|loaded| loaded.key.frame), [0, 1]);
    assert_eq!(*far.asked.lock().unwrap(), [vec![0, 1]], "one request for both");
}

#[test]
fn what_cannot_be_had_is_said_and_costs_nothing_else() {
    let far = Arc::new(Far { lacking: vec![1], ..Far::default() });
    let (loader, instance) = (Loader::start(Waker::default(), 1 << 20), instance(&far));
    loader.want(vec![job(&instance, 1)]);
    let lacking = take(&loader);
    assert_eq!(lacking.key.frame, 1);
    let reason = lacking.result.err().expect("an error");
    assert!(reason.contains("is not there") && reason.contains("F5"), "{reason}");
    loader.want(vec![job(&instance, 3)]);
    assert!(take(&loader).result.is_ok());
}

#[test]
fn loading_is_stopped_and_goes_on_when_asked_again() {
    let far = Arc::new(Far::default());
    far.hold(true);
    let (loader, instance) = (Loader::start(Waker::default(), 1 << 20), instance(&far));
    loader.want(vec![job(&instance, 0)]);
    while far.asked.lock().unwrap().is_empty() {
        std::thread::sleep(Duration::from_millis(1));
    }
    loader.stop_fetching();
    let reason = take(&loader).result.err().expect("an error");
    assert!(reason.contains("stopped"), "{reason}");
    far.hold(false);
    loader.resume_fetching();
    loader.want(vec![job(&instance, 0)]);
    assert!(take(&loader).result.is_ok());
}

#[test]
fn what_nobody_waits_for_comes_too_and_after_the_rest() {
    let far = Arc::new(Far::default());
    let (loader, instance) = (Loader::start(Waker::default(), 1 << 20), instance(&far));
    loader.fetch_behind([Arc::clone(&instance)].into_iter());
    let started = Instant::now();
    while (0..FRAMES).any(|frame| instance.is_far(frame)) {
        assert!(started.elapsed() < PATIENCE, "{:?}", far.asked.lock().unwrap());
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(loader.try_take().is_none(), "nobody asked for a picture");
}
