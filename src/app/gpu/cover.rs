//! What lies over an image, as a texture.

use crate::geometry::Affine;
use crate::presentation::cover::Reduced;

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// A cover on the GPU.
pub struct GpuCover {
    pub view: wgpu::TextureView,
    pub width: u32,
    pub height: u32,
    /// From pixels of the image to its texels.
    pub from_image: Affine,
    pub smooth: bool,
}

impl GpuCover {
    /// Uploads a cover. `None` where it is larger than a texture can be.
    pub fn upload(device: &wgpu::Device, queue: &wgpu::Queue, cover: &Reduced) -> Option<Self> {
        let Reduced { width, height, ref bytes, from_image, smooth } = *cover;
        let limit = device.limits().max_texture_dimension_2d;
        let needed = u64::from(width) * u64::from(height) * 4;
        if width == 0 || height == 0 || width > limit || height > limit || bytes.len() as u64 != needed {
            return None;
        }
        let size = wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
        let texture = create(device, size);
        queue.write_texture(
            texture.as_image_copy(),
            bytes,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(width * 4),
                rows_per_image: Some(height),
            },
            size,
        );
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Some(Self { view, width, height, from_image, smooth })
    }
}

/// A texture that covers nothing.
pub(super) fn empty_cover(device: &wgpu::Device) -> wgpu::TextureView {
    let size = wgpu::Extent3d { width: 1, height: 1, depth_or_array_layers: 1 };
    create(device, size).create_view(&wgpu::TextureViewDescriptor::default())
}

fn create(device: &wgpu::Device, size: wgpu::Extent3d) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("cover"),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: FORMAT,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}
