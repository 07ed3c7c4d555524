//! Frames on the GPU: uploading what the loader delivers, and forgetting it again within a byte budget.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use bevy::prelude::*;

use super::AppSystems;
use super::gpu::{Gpu, GpuImage};
use super::instance::{FrameKey, InstanceId};
use super::loader::{Loaded, Loader};
use super::notices::Notices;
use crate::display::{Appearance, Stats, TexelImage};

/// Bytes of textures kept unless told otherwise.
const DEFAULT_BUDGET: u64 = 512 << 20;

/// More levels than any image has.
const LEVELS: u32 = 32;

/// Bytes uploaded in one update; the rest waits for the next, so that the window stays fluent.
const UPLOAD_BUDGET: u64 = 48 << 20;

/// What is known about a frame once it was decoded. Small, and kept for as long as the program runs.
#[derive(Clone)]
pub struct FrameInfo {
    pub appearance: Arc<Appearance>,
    pub stats: Option<Stats>,
}

struct Resident {
    image: Arc<GpuImage>,
    used: u64,
}

/// Which picture of a frame: a level, or the preview that stands in for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Detail {
    Preview,
    Level(u32),
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
    resident: HashMap<(FrameKey, Detail), Resident>,
    infos: HashMap<FrameKey, FrameInfo>,
    errors: HashMap<FrameKey, String>,
    /// Statistics of the first frame seen of an instance: the window of all its frames. Those of a
    /// preview only until there are better ones.
    instance_stats: HashMap<InstanceId, (Stats, Provisional)>,
    waiting: VecDeque<(FrameKey, Detail, TexelImage)>,
    /// Instances that were closed: what still arrives of them is dropped.
    gone: HashSet<InstanceId>,
    bytes: u64,
    budget: u64,
    clock: u64,
    /// The largest side of a texture.
    side_limit: u32,
}

impl Default for FrameStore {
    fn default() -> Self {
        Self {
            resident: HashMap::new(),
            infos: HashMap::new(),
            errors: HashMap::new(),
            instance_stats: HashMap::new(),
            waiting: VecDeque::new(),
            gone: HashSet::new(),
            bytes: 0,
            budget: DEFAULT_BUDGET,
            clock: 0,
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

    pub fn error(&self, key: FrameKey) -> Option<&str> {
        self.errors.get(&key).map(String::as_str)
    }

    /// Whether a frame is there, or on its way up, at a level.
    pub fn has(&self, key: FrameKey, level: u32) -> bool {
        let wanted = Detail::Level(level);
        self.resident.contains_key(&(key, wanted))
            || self.waiting.iter().any(|(k, d, _)| (*k, *d) == (key, wanted))
    }

    /// Whether there is anything to show of a frame, be it a preview.
    pub fn has_any(&self, key: FrameKey) -> bool {
        self.waiting.iter().any(|(k, ..)| *k == key) || self.details(key).next().is_some()
    }

    /// The pictures of a frame on the GPU.
    fn details(&self, key: FrameKey) -> impl Iterator<Item = Detail> {
        let levels = (0..LEVELS).map(Detail::Level).chain([Detail::Preview]);
        levels.filter(move |detail| self.resident.contains_key(&(key, *detail)))
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
        self.clock += 1;
    }

    /// The picture of a frame nearest to a level, finer ones first, a preview last.
    pub(super) fn best(&mut self, key: FrameKey, level: u32) -> Option<Best> {
        let nearest = (0..=level)
            .rev()
            .chain(level + 1..LEVELS)
            .map(Detail::Level)
            .chain([Detail::Preview])
            .find(|&candidate| self.resident.contains_key(&(key, candidate)))?;
        let resident = self.resident.get_mut(&(key, nearest))?;
        resident.used = self.clock;
        Some(Best {
            image: Arc::clone(&resident.image),
            exact: nearest == Detail::Level(level),
            preview: nearest == Detail::Preview,
        })
    }

    /// Drops the least recently used pictures beyond the budget; what is on screen stays.
    pub(super) fn evict(&mut self) {
        while self.bytes > self.budget {
            let oldest = self
                .resident
                .iter()
                .filter(|(_, resident)| resident.used < self.clock)
                .min_by_key(|(_, resident)| resident.used)
                .map(|(key, _)| *key);
            let Some(gone) = oldest.and_then(|key| self.resident.remove(&key)) else {
                return;
            };
            self.bytes -= gone.image.bytes;
        }
    }

    /// Everything on the GPU is gone with its device; it will be asked for again.
    pub(super) fn lose_device(&mut self) {
        self.resident.clear();
        self.bytes = 0;
    }

    /// Lets go of everything of some instances.
    pub(super) fn forget(&mut self, gone: &HashSet<InstanceId>) {
        self.resident.retain(|(key, _), _| !gone.contains(&key.instance));
        self.bytes = self.resident.values().map(|resident| resident.image.bytes).sum();
        self.infos.retain(|key, _| !gone.contains(&key.instance));
        self.errors.retain(|key, _| !gone.contains(&key.instance));
        self.instance_stats.retain(|id, _| !gone.contains(id));
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
        self.bytes == 0 && self.resident.is_empty() && self.infos.is_empty() && self.waiting.is_empty()
    }

    fn receive(&mut self, loaded: Loaded) {
        let Loaded { key, level, preview, result, .. } = loaded;
        if self.gone.contains(&key.instance) {
            return;
        }
        match result {
            // The full picture was faster.
            Ok(_) if preview && self.has_any(key) => {}
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

    fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) {
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
            let image = Arc::new(GpuImage::upload(device, queue, &image));
            uploaded += image.bytes;
            self.bytes += image.bytes;
            let used = self.clock;
            let replaced = self.resident.insert((key, detail), Resident { image, used });
            let stood_in = match detail {
                Detail::Level(_) => self.resident.remove(&(key, Detail::Preview)),
                Detail::Preview => None,
            };
            for old in replaced.into_iter().chain(stood_in) {
                self.bytes -= old.image.bytes;
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
    while let Some(loaded) = loader.try_take() {
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
    store.upload(device, queue);
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
        Loaded { key: KEY, level: 3, preview, result, warnings: Vec::new() }
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
