//! Frames on the GPU: uploading what the loader delivers, and forgetting it again within a byte budget.

mod residency;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;

use super::AppSystems;
use super::gpu::{Gpu, GpuImage};
use super::instance::{FrameKey, InstanceId};
use super::loader::{Loaded, Loader};
use super::notices::Notices;
use crate::display::{Appearance, Stats, TexelImage, Texels};

pub use residency::Need;
use residency::{Detail, Picture, Residency, Room};

/// Bytes of textures kept unless told otherwise.
const DEFAULT_BUDGET: u64 = 512 << 20;

/// Bytes uploaded in one update; the rest waits for the next, so that the window stays fluent.
const UPLOAD_BUDGET: u64 = 24 << 20;

/// Bytes that may wait for their upload. Beyond that results stay where they are, and the threads pause.
const WAITING_BUDGET: u64 = 32 << 20;

/// What is known about a frame once it was decoded. Small, and kept for as long as the program runs.
#[derive(Clone)]
pub struct FrameInfo {
    pub appearance: Arc<Appearance>,
    pub stats: Option<Stats>,
}

impl Picture for Arc<GpuImage> {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn is_free(&self) -> bool {
        Arc::strong_count(self) == 1
    }
}

/// The best picture there is of a frame.
pub(super) struct Best {
    pub image: Arc<GpuImage>,
    /// It is the one asked for.
    pub exact: bool,
    /// It was decoded from a part of the frame's data.
    pub preview: bool,
}

type Provisional = bool;

/// All frames on the GPU, and what is known about the frames that were there.
#[derive(Resource)]
pub struct FrameStore {
    resident: Residency<Arc<GpuImage>>,
    infos: HashMap<FrameKey, FrameInfo>,
    errors: HashMap<FrameKey, String>,
    /// Statistics of the first frame seen of an instance: the window of all its frames. Those of a
    /// preview only until there are better ones.
    instance_stats: HashMap<InstanceId, (Stats, Provisional)>,
    waiting: VecDeque<(FrameKey, Detail, TexelImage)>,
    /// Instances that were closed: what still arrives of them is dropped.
    gone: HashSet<InstanceId>,
    #[cfg(test)]
    uploads: u64,
    /// How long the frames of an instance take to decode, on average of late.
    pace: HashMap<InstanceId, Duration>,
    /// The largest side of a texture.
    side_limit: u32,
}

impl Default for FrameStore {
    fn default() -> Self {
        Self {
            resident: Residency::new(DEFAULT_BUDGET),
            infos: HashMap::new(),
            errors: HashMap::new(),
            instance_stats: HashMap::new(),
            waiting: VecDeque::new(),
            gone: HashSet::new(),
            #[cfg(test)]
            uploads: 0,
            pace: HashMap::new(),
            side_limit: 8192,
        }
    }
}

impl FrameStore {
    pub fn info(&self, key: FrameKey) -> Option<&FrameInfo> {
        self.infos.get(&key)
    }

    /// Statistics to window a frame by: its instance's, so that scrolling does not flicker.
    pub fn stats(&self, key: FrameKey) -> Option<&Stats> {
        self.instance_stats.get(&key.instance).map(|(stats, _)| stats)
    }

    /// What could not be had may be had now.
    pub fn forgive(&mut self) {
        self.errors.clear();
    }

    pub fn error(&self, key: FrameKey) -> Option<&str> {
        self.errors.get(&key).map(String::as_str)
    }

    /// Whether a frame is there, or on its way up, at a level.
    pub fn has(&self, key: FrameKey, level: u32) -> bool {
        let wanted = Detail::Level(level);
        self.resident.has(key, wanted) || self.waiting.iter().any(|(k, d, _)| (*k, *d) == (key, wanted))
    }

    /// Whether there is something to show of a frame that is at least as fine as a level, be it a preview.
    pub fn has_about(&self, key: FrameKey, level: u32) -> bool {
        let waits = |(k, d, image): &(FrameKey, Detail, TexelImage)| {
            *k == key && (matches!(d, Detail::Level(_)) || image.level <= level)
        };
        self.details_at_most(key, level) || self.waiting.iter().any(waits)
    }

    fn details_at_most(&self, key: FrameKey, level: u32) -> bool {
        let preview = self.resident.peek(key, Detail::Preview);
        (0..=level).any(|level| self.resident.has(key, Detail::Level(level)))
            || preview.is_some_and(|image| image.meta.level <= level)
    }

    /// Whether a frame is on the GPU at exactly a level.
    pub fn has_level(&self, key: FrameKey, level: u32) -> bool {
        self.resident.has(key, Detail::Level(level))
    }

    /// The picture of a frame at exactly a level, noted as used. Whoever holds it keeps it on the GPU.
    pub(super) fn hold(&mut self, key: FrameKey, level: u32) -> Option<Arc<GpuImage>> {
        self.resident.take(key, Detail::Level(level)).map(Arc::clone)
    }

    /// Textures uploaded since the start.
    #[cfg(test)]
    pub(super) fn uploads(&self) -> u64 {
        self.uploads
    }

    /// Whether a frame is on the GPU, in whatever quality.
    pub fn is_resident(&self, key: FrameKey) -> bool {
        self.resident.has_any(key)
    }

    /// Whether there is anything to show of a frame, be it a preview.
    pub fn has_any(&self, key: FrameKey) -> bool {
        self.waiting.iter().any(|(k, ..)| *k == key) || self.is_resident(key)
    }

    /// Bytes of textures that may be kept.
    pub fn budget(&self) -> u64 {
        self.resident.budget()
    }

    pub fn aside(&self) -> u64 {
        self.resident.aside()
    }

    /// Leaves bytes of the budget to pictures that are made of frames.
    pub fn set_aside(&mut self, bytes: u64) {
        self.resident.set_aside(bytes);
    }

    pub fn set_budget(&mut self, budget: u64) {
        self.resident.set_budget(budget);
    }

    /// Bytes of textures that are kept.
    pub fn bytes(&self) -> u64 {
        self.resident.bytes()
    }

    /// Whether it matters by now how soon frames are needed.
    pub fn is_pressed(&self) -> bool {
        self.resident.is_pressed()
    }

    pub fn need(&mut self, needs: HashMap<FrameKey, Need>) {
        self.resident.need(needs);
    }

    /// How long a frame of an instance takes to decode, as far as that is known.
    pub fn pace(&self, instance: InstanceId) -> Option<Duration> {
        self.pace.get(&instance).copied()
    }

    /// The finest level at which an image of this size fits into a texture.
    pub fn least_level(&self, columns: u32, rows: u32) -> u32 {
        let longest = columns.max(rows);
        (0..16).find(|level| longest.div_ceil(1 << level) <= self.side_limit).unwrap_or(16)
    }

    pub fn is_uploading(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(super) fn begin_frame(&mut self) {
        self.resident.begin();
    }

    /// The picture of a frame nearest to a level, finer ones first, a preview last.
    pub(super) fn best(&mut self, key: FrameKey, level: u32) -> Option<Best> {
        let nearest = self.resident.nearest(key, level)?;
        let image = Arc::clone(self.resident.take(key, nearest)?);
        Some(Best { image, exact: nearest == Detail::Level(level), preview: nearest == Detail::Preview })
    }

    /// Everything on the GPU is gone with its device; it will be asked for again.
    pub(super) fn lose_device(&mut self) {
        self.resident.clear();
    }

    /// Lets go of everything of some instances.
    pub(super) fn forget(&mut self, gone: &HashSet<InstanceId>) {
        self.resident.retain(|key| !gone.contains(&key.instance));
        self.infos.retain(|key, _| !gone.contains(&key.instance));
        self.errors.retain(|key, _| !gone.contains(&key.instance));
        self.instance_stats.retain(|id, _| !gone.contains(id));
        self.pace.retain(|id, _| !gone.contains(id));
        self.waiting.retain(|(key, ..)| !gone.contains(&key.instance));
        self.gone.extend(gone);
    }

    /// These instances are open: what arrives of them is welcome.
    pub(super) fn expect(&mut self, instances: impl Iterator<Item = InstanceId>) {
        if !self.gone.is_empty() {
            instances.for_each(|id| {
                self.gone.remove(&id);
            });
        }
    }

    /// Whether nothing is kept of any frame.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.bytes() == 0 && self.infos.is_empty() && self.waiting.is_empty()
    }

    fn receive(&mut self, loaded: Loaded) {
        let Loaded { key, level, preview, took, result, .. } = loaded;
        if self.gone.contains(&key.instance) {
            return;
        }
        if result.is_ok() {
            let pace = self.pace.entry(key.instance).or_insert(took);
            *pace = (*pace * 3 + took) / 4;
        }
        match result {
            // The full picture was faster.
            Ok(_) if preview && self.has_about(key, level) => {}
            Ok(frame) => {
                if let Some(stats) = frame.stats {
                    let known = self.instance_stats.entry(key.instance).or_insert((stats, preview));
                    if known.1 {
                        *known = (stats, preview);
                    }
                }
                let of_frame = frame.stats.filter(|_| !preview);
                let stats = of_frame.or_else(|| self.infos.get(&key).and_then(|info| info.stats));
                let appearance = frame.appearance;
                self.infos.insert(key, FrameInfo { appearance, stats });
                let detail = if preview { Detail::Preview } else { Detail::Level(level) };
                self.waiting.push_back((key, detail, frame.image));
            }
            Err(error) => {
                tracing::warn!("frame {} could not be shown: {error}", key.frame + 1);
                self.errors.insert(key, error);
            }
        }
    }

    fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, mut spent: impl FnMut(Texels)) {
        let limit = self.side_limit;
        let mut uploaded = 0;
        while uploaded < UPLOAD_BUDGET {
            let Some((key, detail, image)) = self.waiting.pop_front() else {
                return;
            };
            if image.width > limit || image.height > limit {
                self.errors.insert(
                    key,
                    format!("the image is larger than the {limit} pixels a side this GPU can hold"),
                );
                continue;
            }
            let bytes = image.texels.byte_len() as u64;
            let room = self.resident.make_room(key, detail, bytes, |old| old.can_hold(&image));
            let gpu_image = match room {
                Room::New => GpuImage::upload(device, queue, &image),
                Room::Instead(old) => match Arc::try_unwrap(old) {
                    Ok(old) => old.refill(queue, &image),
                    Err(_) => GpuImage::upload(device, queue, &image),
                },
                Room::None => continue,
            };
            uploaded += bytes;
            #[cfg(test)]
            {
                self.uploads += 1;
            }
            self.resident.insert(key, detail, Arc::new(gpu_image));
            spent(image.texels);
            if matches!(detail, Detail::Level(_)) {
                self.resident.remove(key, Detail::Preview);
            }
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<FrameStore>()
        .add_systems(Update, receive_frames.in_set(AppSystems::Receive))
        .add_systems(Update, upload_frames.in_set(AppSystems::Upload));
}

fn receive_frames(
    loader: Option<Res<Loader>>,
    mut store: ResMut<FrameStore>,
    mut notices: ResMut<Notices>,
    mut said: Local<HashSet<String>>,
) {
    let Some(loader) = loader else { return };
    let waiting = |store: &FrameStore| -> u64 {
        store.waiting.iter().map(|(.., image)| image.texels.byte_len() as u64).sum()
    };
    while waiting(&store) < WAITING_BUDGET
        && let Some(loaded) = loader.try_take()
    {
        // Once for all objects: the slices of a series share their defects.
        for warning in loaded.warnings.iter().filter(|warning| said.insert((*warning).clone())) {
            notices.warn(warning.clone());
        }
        store.receive(loaded);
    }
}

fn upload_frames(
    mut store: ResMut<FrameStore>,
    gpu: Gpu,
    loader: Option<Res<Loader>>,
    mut redraw: MessageWriter<bevy::window::RequestRedraw>,
) {
    let Some((device, queue)) = gpu.get() else {
        return;
    };
    let limit = device.limits().max_texture_dimension_2d;
    if store.side_limit != limit {
        store.side_limit = limit;
    }
    if store.waiting.is_empty() {
        return;
    }
    store.upload(device, queue, |texels| {
        if let Some(loader) = &loader {
            loader.recycle(texels);
        }
    });
    if store.is_uploading() {
        redraw.write(bevy::window::RequestRedraw);
    }
}

#[cfg(test)]
mod tests {
    use super::super::loader::LoadedFrame;
    use super::*;
    use crate::dicom::{ColorModel, DataSet, Frame, Samples};

    const KEY: FrameKey = FrameKey { instance: InstanceId(1), frame: 0 };

    fn loaded(preview: bool, mean: f64) -> Loaded {
        let frame = Frame {
            rows: 1,
            columns: 1,
            channels: 1,
            color: ColorModel::Gray,
            samples: Samples::U8(vec![1]),
        };
        let appearance = Appearance::read(&DataSet::default(), &crate::dicom::testing::info(8, 8, false), 0);
        let image = TexelImage::build(&frame, &appearance, 0);
        let stats = Some(Stats { min: 0.0, max: 9.0, mean, count: 1 });
        let result = Ok(LoadedFrame { image, appearance: Arc::new(appearance), stats });
        Loaded { key: KEY, level: 3, preview, took: Duration::ZERO, result, warnings: Vec::new() }
    }

    #[test]
    fn a_preview_stands_in_until_the_full_picture_is_there() {
        let mut store = FrameStore::default();
        store.receive(loaded(true, 1.0));
        assert!(store.has_any(KEY) && !store.has(KEY, 3));
        assert!(store.info(KEY).is_some_and(|info| info.stats.is_none()), "not to be measured in");
        assert_eq!(store.stats(KEY).map(|stats| stats.mean), Some(1.0), "but good enough for a window");
        store.receive(loaded(false, 2.0));
        assert!(store.has(KEY, 3));
        assert_eq!(store.stats(KEY).map(|stats| stats.mean), Some(2.0));
        store.receive(loaded(true, 3.0));
        assert_eq!(store.waiting.len(), 2, "a preview that comes too late is dropped");
        assert_eq!(store.stats(KEY).map(|stats| stats.mean), Some(2.0));
    }
}
