//! Stored samples and tables as GPU textures. Samples stay integers; nothing is filtered by the hardware.

use super::TexelMeta;
use crate::display::{Look, Lut, Modality, TexelImage, Texels, Voi};

/// Entries in one row of the table texture; `TABLE_WIDTH` in `shaders/view.wgsl`.
const TABLE_WIDTH: usize = 4096;

/// One level of one frame on the GPU.
pub struct GpuImage {
    pub view: wgpu::TextureView,
    pub meta: TexelMeta,
    pub bytes: u64,
}

impl GpuImage {
    /// Creates the texture and queues the upload; the CPU copy may be dropped afterwards.
    pub fn upload(device: &wgpu::Device, queue: &wgpu::Queue, image: &TexelImage) -> Self {
        let (format, bytes) = contents(image);
        let view = upload(device, queue, "frame", format, [image.width, image.height], bytes);
        Self { view, meta: TexelMeta::of(image), bytes: bytes.len() as u64 }
    }

    /// Whether the texture has room for exactly this image.
    pub fn can_hold(&self, image: &TexelImage) -> bool {
        let texture = self.view.texture();
        (texture.width(), texture.height()) == (image.width, image.height)
            && texture.format() == contents(image).0
    }

    /// The same texture with another image in it, which it must have room for.
    #[must_use]
    pub fn refill(self, queue: &wgpu::Queue, image: &TexelImage) -> Self {
        let (format, bytes) = contents(image);
        write(queue, self.view.texture(), format, [image.width, image.height], bytes);
        Self { meta: TexelMeta::of(image), ..self }
    }

    /// A single black pixel, for bindings that must not be empty.
    pub fn placeholder(device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        let format = wgpu::TextureFormat::R16Uint;
        Self {
            view: upload(device, queue, "placeholder", format, [1, 1], &[0, 0]),
            meta: TexelMeta::placeholder(),
            bytes: 2,
        }
    }
}

/// The format of an image's texture, and what is written into it.
fn contents(image: &TexelImage) -> (wgpu::TextureFormat, &[u8]) {
    match &image.texels {
        Texels::U8(v) => (wgpu::TextureFormat::R8Uint, v),
        Texels::U16(v) => (wgpu::TextureFormat::R16Uint, bytemuck::cast_slice(v)),
        Texels::U32(v) => (wgpu::TextureFormat::R32Uint, bytemuck::cast_slice(v)),
        Texels::Rgba8(v) => (wgpu::TextureFormat::Rgba8Uint, v),
    }
}

/// The tables of one look, one after the other in one texture.
pub struct GpuTables {
    pub view: wgpu::TextureView,
    /// Where the VOI table starts, in entries.
    pub voi_start: u32,
    /// Where the colours of the grey levels start: three entries each.
    pub ramp_start: u32,
}

impl GpuTables {
    pub fn upload(device: &wgpu::Device, queue: &wgpu::Queue, look: &Look) -> Self {
        let (modality, voi) = tables_of(look);
        let mut entries: Vec<u16> = modality.map(|lut| lut.data.to_vec()).unwrap_or_default();
        let voi_start = entries.len() as u32;
        entries.extend(voi.iter().flat_map(|lut| lut.data.iter()));
        let ramp_start = entries.len() as u32;
        entries.extend(look.ramp.iter().flat_map(|ramp| ramp.as_flattened()).map(|c| u16::from(*c)));
        let rows = entries.len().div_ceil(TABLE_WIDTH).max(1);
        entries.resize(rows * TABLE_WIDTH, 0);
        let view = upload(
            device,
            queue,
            "tables",
            wgpu::TextureFormat::R16Uint,
            [TABLE_WIDTH as u32, rows as u32],
            bytemuck::cast_slice(&entries),
        );
        Self { view, voi_start, ramp_start }
    }

    /// Whether two looks read the same tables, so that one upload serves both.
    pub fn same(a: &Look, b: &Look) -> bool {
        let ((ma, va), (mb, vb)) = (tables_of(a), tables_of(b));
        let same_ramp = match (&a.ramp, &b.ramp) {
            (None, None) => true,
            (Some(a), Some(b)) => std::sync::Arc::ptr_eq(a, b),
            _ => false,
        };
        same_ramp && same_table(ma, mb) && same_table(va, vb)
    }
}

/// Modality and VOI table of a look, where it has them.
pub(super) fn tables_of(look: &Look) -> (Option<&Lut>, Option<&Lut>) {
    let modality = match &look.modality {
        Modality::Lut(lut) => Some(lut),
        Modality::Rescale { .. } => None,
    };
    let voi = match &look.voi {
        Voi::Lut(lut) => Some(lut),
        Voi::Linear { .. } | Voi::LinearExact { .. } | Voi::Sigmoid { .. } => None,
    };
    (modality, voi)
}

fn same_table(a: Option<&Lut>, b: Option<&Lut>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => std::sync::Arc::ptr_eq(&a.data, &b.data),
        _ => false,
    }
}

fn upload(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    label: &str,
    format: wgpu::TextureFormat,
    [width, height]: [u32; 2],
    bytes: &[u8],
) -> wgpu::TextureView {
    let size = wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    write(queue, &texture, format, [width, height], bytes);
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

fn write(
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
    format: wgpu::TextureFormat,
    [width, height]: [u32; 2],
    bytes: &[u8],
) {
    let row = width * format.block_copy_size(None).unwrap_or(1);
    queue.write_texture(
        texture.as_image_copy(),
        bytes,
        wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(row), rows_per_image: Some(height) },
        wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
    );
}
