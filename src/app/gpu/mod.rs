//! The graphics device and the one image pipeline, in plain wgpu.
//!
//! Everything here works without an `App`: the window's render pass, the off-screen renderer behind
//! `viewer render` and the rendering tests all draw with the same pipeline, textures and uniforms.
//! It knows how a frame is drawn, not which frame or why.

mod cover;
mod device;
mod interface;
mod lost;
pub mod offscreen;
mod pipeline;
mod slab;
mod texture;
mod uniforms;

pub use cover::GpuCover;
pub use device::{GpuContext, NoGpu};
pub use interface::{INTERFACE_SHADER, InterfacePainter, InterfacePipeline};
pub use lost::{Gpu, LostDevice};
pub use pipeline::{ImagePipeline, SHADER_SOURCE, Variant};
pub use slab::{GpuSlice, SLAB_SHADER, SlabPipeline};
pub use texture::{GpuImage, GpuTables};
pub use uniforms::{TexelMeta, UNIFORM_SIZE, ViewUniforms};

/// What most windows want.
pub const SURFACE_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Bgra8UnormSrgb;

/// What a picture that stands in for a window has.
pub const PICTURE_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8UnormSrgb;
