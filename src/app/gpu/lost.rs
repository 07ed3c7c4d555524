//! The device as systems of the main world may use it: not while a lost one waits for its successor.

use bevy::ecs::change_detection::{DetectChanges, Tick};
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::render::renderer::{RenderDevice, RenderQueue};

/// When the device that was lost had been put in place: until that changes, anything made on it would be an
/// error, and an error would end the recovery. (Devices of two instances can compare as equal.)
#[derive(Resource)]
pub struct LostDevice(Tick);

impl LostDevice {
    /// Notes that the device of this world is lost.
    pub fn note(world: &mut World) {
        if let Some(device) = world.get_resource_ref::<RenderDevice>() {
            let lost = Self(device.last_changed());
            world.insert_resource(lost);
        }
    }
}

/// Device and queue, where there are any.
#[derive(SystemParam)]
pub struct Gpu<'w> {
    device: Option<Res<'w, RenderDevice>>,
    queue: Option<Res<'w, RenderQueue>>,
    lost: Option<Res<'w, LostDevice>>,
}

impl Gpu<'_> {
    pub fn get(&self) -> Option<(&wgpu::Device, &wgpu::Queue)> {
        let (device, queue) = (self.device.as_ref()?, self.queue.as_deref()?);
        let lost = self.lost.as_ref().is_some_and(|lost| lost.0 == device.last_changed());
        (!lost).then(|| (device.wgpu_device(), &****queue))
    }
}
