//! Making the device: by ourselves, so that it happens on its own thread while the window system starts,
//! and so that a machine without a usable GPU gets a sentence instead of a panic.

use std::fmt;
use std::sync::Arc;

use bevy::render::renderer::{
    RenderAdapter, RenderAdapterInfo, RenderDevice, RenderInstance, RenderQueue, WgpuWrapper,
};
use bevy::render::settings::RenderResources;
use bevy::tasks::block_on;

/// Instance, adapter, device and queue. Cheap to clone: handles all of them.
#[derive(Clone)]
pub struct GpuContext {
    pub instance: wgpu::Instance,
    pub adapter: wgpu::Adapter,
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
}

/// No adapter or no device: what was tried and what to install.
#[derive(Debug, Clone)]
pub struct NoGpu {
    reason: String,
}

impl fmt::Display for NoGpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no usable GPU: {}", self.reason)?;
        if cfg!(target_os = "linux") {
            f.write_str(
                "; install a Vulkan driver (Debian, Ubuntu: mesa-vulkan-drivers and libvulkan1, \
                 which also bring a software one; Fedora: mesa-vulkan-drivers and vulkan-loader)",
            )
        } else {
            f.write_str("; install or update the graphics driver")
        }
    }
}

impl std::error::Error for NoGpu {}

impl NoGpu {
    /// The driver took its thread down with it.
    pub fn failed() -> Self {
        Self { reason: "the graphics driver failed while starting".to_owned() }
    }
}

impl GpuContext {
    /// Picks an adapter and opens a device.
    ///
    /// `WGPU_ADAPTER_NAME`, `WGPU_BACKEND`, `WGPU_POWER_PREF` and `WGPU_FORCE_FALLBACK_ADAPTER` choose
    /// among several adapters, as in other wgpu programs.
    pub fn create() -> Result<Self, NoGpu> {
        block_on(Self::create_async())
    }

    async fn create_async() -> Result<Self, NoGpu> {
        let backends = wgpu::Backends::from_env().unwrap_or(wgpu::Backends::PRIMARY);
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = backends;
        descriptor.flags = wgpu::InstanceFlags::empty().with_env();
        let instance = wgpu::Instance::new(descriptor);
        let adapter = Self::pick_adapter(&instance, backends).await?;
        let info = adapter.get_info();
        // Bit-exact grey levels need nothing beyond core features; asking for few keeps drivers honest.
        let required_features = adapter.features()
            & (wgpu::Features::TEXTURE_ADAPTER_SPECIFIC_FORMAT_FEATURES | wgpu::Features::PIPELINE_CACHE);
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("lightbox"),
                required_features,
                required_limits: adapter.limits(),
                experimental_features: wgpu::ExperimentalFeatures::disabled(),
                memory_hints: wgpu::MemoryHints::MemoryUsage,
                trace: wgpu::Trace::Off,
            })
            .await
            .map_err(|error| NoGpu { reason: format!("{} refused a device: {error}", info.name) })?;
        tracing::info!(target: "launch", adapter = %info.name, backend = ?info.backend, "device ready");
        Ok(Self { instance, adapter, device, queue })
    }

    async fn pick_adapter(
        instance: &wgpu::Instance,
        backends: wgpu::Backends,
    ) -> Result<wgpu::Adapter, NoGpu> {
        if let Ok(wanted) = std::env::var("WGPU_ADAPTER_NAME") {
            let wanted = wanted.to_lowercase();
            let adapters = instance.enumerate_adapters(backends).await;
            let named = adapters.into_iter().find(|a| a.get_info().name.to_lowercase().contains(&wanted));
            if let Some(adapter) = named {
                return Ok(adapter);
            }
            tracing::warn!("no adapter is named like WGPU_ADAPTER_NAME, taking the best one: {wanted}");
        }
        let force_fallback = std::env::var("WGPU_FORCE_FALLBACK_ADAPTER")
            .is_ok_and(|v| !matches!(v.as_str(), "" | "0" | "false"));
        instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::from_env()
                    .unwrap_or(wgpu::PowerPreference::HighPerformance),
                force_fallback_adapter: force_fallback,
                compatible_surface: None,
            })
            .await
            .map_err(|error| {
                tracing::debug!("{error}");
                NoGpu { reason: "no graphics driver was found".to_owned() }
            })
    }

    /// The same device in the wrappers Bevy's renderer works with.
    pub fn render_resources(&self) -> RenderResources {
        RenderResources(
            RenderDevice::from(self.device.clone()),
            RenderQueue(Arc::new(WgpuWrapper::new(self.queue.clone()))),
            RenderAdapterInfo(WgpuWrapper::new(self.adapter.get_info())),
            RenderAdapter(Arc::new(WgpuWrapper::new(self.adapter.clone()))),
            RenderInstance(Arc::new(WgpuWrapper::new(self.instance.clone()))),
        )
    }

    /// Blocks until the device has done everything submitted so far.
    pub fn wait(&self) {
        if let Err(error) = self.device.poll(wgpu::PollType::wait_indefinitely()) {
            tracing::warn!("waiting for the GPU failed: {error}");
        }
    }
}
