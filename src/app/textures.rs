//! Frames on the GPU: uploading what the loader delivers, and forgetting it again within a byte budget.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bevy::prelude::*;

use super::AppSystems;
use super::gpu::{Gpu, GpuImage};
use super::instance::{FrameKey, InstanceId};
use super::loader::{Loaded, Loader};
use crate::display::{Appearance, Stats, TexelImage};

/// Bytes of textures kept unless told otherwise.
const DEFAULT_BUDGET: u64 = 512 << 20;

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

/// All frames on the GPU, and what is known about the frames that were there.
#[derive(Resource)]
pub struct FrameStore {
    resident: HashMap<(FrameKey, u32), Resident>,
    infos: HashMap<FrameKey, FrameInfo>,
    errors: HashMap<FrameKey, String>,
    /// Statistics of the first frame seen of an instance: the window of all its frames.
    instance_stats: HashMap<InstanceId, Stats>,
    waiting: VecDeque<(FrameKey, u32, TexelImage)>,
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
        self.instance_stats.get(&key.instance)
    }

    pub fn error(&self, key: FrameKey) -> Option<&str> {
        self.errors.get(&key).map(String::as_str)
    }

    /// Whether a frame is there, or on its way up, at a level.
    pub fn has(&self, key: FrameKey, level: u32) -> bool {
        self.resident.contains_key(&(key, level))
            || self.waiting.iter().any(|(k, l, _)| (*k, *l) == (key, level))
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

    /// The picture of a frame nearest to a level, finer ones first, and whether it is exactly that level.
    pub(super) fn best(&mut self, key: FrameKey, level: u32) -> Option<(Arc<GpuImage>, bool)> {
        let nearest = (0..=level)
            .rev()
            .chain(level + 1..32)
            .find(|&candidate| self.resident.contains_key(&(key, candidate)))?;
        let resident = self.resident.get_mut(&(key, nearest))?;
        resident.used = self.clock;
        Some((Arc::clone(&resident.image), nearest == level))
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

    fn receive(&mut self, loaded: Loaded) {
        let Loaded { key, level, result } = loaded;
        match result {
            Ok(frame) => {
                if let Some(stats) = frame.stats {
                    self.instance_stats.entry(key.instance).or_insert(stats);
                }
                let stats = frame.stats.or_else(|| self.infos.get(&key).and_then(|info| info.stats));
                let appearance = frame.appearance;
                self.infos.insert(key, FrameInfo { appearance, stats });
                self.waiting.push_back((key, level, frame.image));
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
            let Some((key, level, image)) = self.waiting.pop_front() else {
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
            if let Some(old) = self.resident.insert((key, level), Resident { image, used }) {
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

fn receive_frames(loader: Option<Res<Loader>>, mut store: ResMut<FrameStore>) {
    let Some(loader) = loader else { return };
    while let Some(loaded) = loader.try_take() {
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
