//! Drawing one image without a window and reading it back: `viewer render --engine gpu` and the tests
//! that hold the shader against the CPU reference.

use std::fmt;
use std::sync::Arc;

use super::{
    GpuContext, GpuCover, GpuImage, GpuSlice, GpuTables, ImagePipeline, NoGpu, SlabPipeline, Variant,
    ViewUniforms,
};
use crate::display::{
    Interpolation, Look, Modality, NotCombined, RgbImage, SlabMode, Slice, TexelImage, Voi,
};
use crate::geometry::Affine;
use crate::presentation::cover::Cover;

/// Code values are stored as they are.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Why nothing was drawn.
#[derive(Debug)]
pub enum OffscreenError {
    NoGpu(NoGpu),
    /// The image or the output is larger than the device can hold.
    TooLarge {
        limit: u32,
    },
    ReadBack(String),
    NotCombined(NotCombined),
}

impl fmt::Display for OffscreenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGpu(error) => error.fmt(f),
            Self::TooLarge { limit } => write!(
                f,
                "the picture is larger than this GPU's textures of {limit} pixels; use --engine cpu or a smaller --size"
            ),
            Self::NotCombined(why) => f.write_str(why.reason()),
            Self::ReadBack(reason) => write!(f, "reading the picture back from the GPU failed: {reason}"),
        }
    }
}

impl std::error::Error for OffscreenError {}

/// A device and a pipeline that draw into memory. Making one takes tens of milliseconds; keep it.
pub struct Offscreen {
    gpu: GpuContext,
    pipeline: ImagePipeline,
    slabs: SlabPipeline,
}

impl Offscreen {
    pub fn new() -> Result<Self, NoGpu> {
        Ok(Self::on(GpuContext::create()?))
    }

    /// Uses a device that is there already.
    pub fn on(gpu: GpuContext) -> Self {
        let pipeline = ImagePipeline::new(&gpu.device, FORMAT);
        let slabs = SlabPipeline::new(&gpu.device);
        Self { gpu, pipeline, slabs }
    }

    /// Draws an image into a picture of the given size.
    pub fn render(
        &self,
        image: &TexelImage,
        look: &Look,
        map: &Affine,
        [width, height]: [u32; 2],
        interpolation: Interpolation,
    ) -> Result<RgbImage, OffscreenError> {
        self.check([width, height], image)?;
        let texture = GpuImage::upload(&self.gpu.device, &self.gpu.queue, image);
        self.draw(&texture, look, None, map, [width, height], interpolation)
    }

    /// The same with something over the image.
    pub fn render_covered(
        &self,
        image: &TexelImage,
        look: &Look,
        cover: &Cover,
        map: &Affine,
        [width, height]: [u32; 2],
        interpolation: Interpolation,
    ) -> Result<RgbImage, OffscreenError> {
        self.check([width, height], image)?;
        let GpuContext { device, queue, .. } = &self.gpu;
        let texture = GpuImage::upload(device, queue, image);
        let [x, y] = map.extent();
        let reduced = cover.reduce(x.max(y));
        let cover = reduced.and_then(|cover| GpuCover::upload(device, queue, &cover));
        self.draw(&texture, look, cover.as_ref(), map, [width, height], interpolation)
    }

    /// Combines slices, and draws them like [`Self::render`] draws one. The look is that of a slice.
    pub fn render_slab(
        &self,
        mode: SlabMode,
        slices: &[Slice<'_>],
        look: &Look,
        map: &Affine,
        size: [u32; 2],
        interpolation: Interpolation,
    ) -> Result<RgbImage, OffscreenError> {
        let GpuContext { device, queue, .. } = &self.gpu;
        let mut uploaded = Vec::with_capacity(slices.len());
        for &Slice { image, modality, padding } in slices {
            self.check(size, image)?;
            let image = Arc::new(GpuImage::upload(device, queue, image));
            uploaded.push(GpuSlice { image, modality: modality.clone(), padding });
        }
        let slab = self.slabs.combine(queue, mode, &uploaded).map_err(OffscreenError::NotCombined)?;
        self.draw(&slab, &look.after_modality(), None, map, size, interpolation)
    }

    fn check(&self, [width, height]: [u32; 2], image: &TexelImage) -> Result<(), OffscreenError> {
        let limit = self.gpu.device.limits().max_texture_dimension_2d;
        let fits = [width, height, image.width, image.height].iter().all(|&n| n <= limit);
        if fits { Ok(()) } else { Err(OffscreenError::TooLarge { limit }) }
    }

    fn draw(
        &self,
        texture: &GpuImage,
        look: &Look,
        cover: Option<&GpuCover>,
        map: &Affine,
        size: [u32; 2],
        interpolation: Interpolation,
    ) -> Result<RgbImage, OffscreenError> {
        let GpuContext { device, queue, .. } = &self.gpu;
        let tables = GpuTables::upload(device, queue, look);
        let plain = ViewUniforms::plain(texture.meta, look, map, interpolation, &tables);
        let uniforms = ViewUniforms { cover, ..plain };
        let pipeline = self.pipeline.variant(uniforms.variant());
        let target = Target { pipeline: &self.pipeline, variant: &pipeline, size };
        draw(&self.gpu, &target, texture, &tables, cover, &uniforms.pack())
    }
}

/// Draws a placeholder with a pipeline of any format and waits for it.
pub(super) fn draw_placeholder(gpu: &GpuContext, pipeline: &ImagePipeline) -> Result<(), OffscreenError> {
    let look = Look {
        padding: None,
        modality: Modality::Rescale { slope: 1.0, intercept: 0.0 },
        voi: Voi::Linear { center: 128.0, width: 256.0 },
        inverse: false,
        ramp: None,
    };
    let texture = GpuImage::placeholder(&gpu.device, &gpu.queue);
    let tables = GpuTables::upload(&gpu.device, &gpu.queue, &look);
    let map = Affine::IDENTITY;
    let uniforms = ViewUniforms::plain(texture.meta, &look, &map, Interpolation::Bilinear, &tables);
    let variant = pipeline.variant(Variant::COMMON);
    let target = Target { pipeline, variant: &variant, size: [4, 4] };
    draw(gpu, &target, &texture, &tables, None, &uniforms.pack()).map(drop)
}

/// What is drawn with, and how large.
struct Target<'a> {
    pipeline: &'a ImagePipeline,
    variant: &'a wgpu::RenderPipeline,
    size: [u32; 2],
}

fn draw(
    gpu: &GpuContext,
    target: &Target<'_>,
    texture: &GpuImage,
    tables: &GpuTables,
    cover: Option<&GpuCover>,
    uniforms: &[u8],
) -> Result<RgbImage, OffscreenError> {
    let GpuContext { device, queue, .. } = gpu;
    let Target { pipeline, variant, size: [width, height] } = *target;
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("uniforms"),
        size: uniforms.len() as u64,
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    queue.write_buffer(&buffer, 0, uniforms);
    let group = pipeline.bind(device, &buffer, &texture.view, &tables.view, cover.map(|cover| &cover.view));
    paint(gpu, pipeline.format(), [width, height], wgpu::Color::BLACK, |pass| {
        pass.set_pipeline(variant);
        pass.set_bind_group(0, &group, &[0]);
        pass.draw(0..3, 0..1);
    })
}

/// What a pass makes of a target of one colour.
pub fn paint(
    gpu: &GpuContext,
    format: wgpu::TextureFormat,
    [width, height]: [u32; 2],
    ground: wgpu::Color,
    draw: impl FnOnce(&mut wgpu::RenderPass<'_>),
) -> Result<RgbImage, OffscreenError> {
    let GpuContext { device, queue, .. } = gpu;
    let size = wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
    let target = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("off-screen"),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    let stride = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let read_back = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read-back"),
        size: u64::from(stride) * u64::from(height),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let view = target.create_view(&wgpu::TextureViewDescriptor::default());
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    {
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("off-screen"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load: wgpu::LoadOp::Clear(ground), store: wgpu::StoreOp::Store },
            })],
            ..Default::default()
        });
        draw(&mut pass);
    }
    encoder.copy_texture_to_buffer(
        target.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &read_back,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(stride),
                rows_per_image: Some(height),
            },
        },
        size,
    );
    queue.submit([encoder.finish()]);
    read(gpu, &read_back, stride, [width, height])
}

/// Waits for a buffer and drops alpha and row padding.
fn read(
    gpu: &GpuContext,
    buffer: &wgpu::Buffer,
    stride: u32,
    [width, height]: [u32; 2],
) -> Result<RgbImage, OffscreenError> {
    let (done, result) = crossbeam_channel::bounded(1);
    buffer.slice(..).map_async(wgpu::MapMode::Read, move |outcome| {
        done.send(outcome).ok();
    });
    gpu.wait();
    match result.recv() {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(OffscreenError::ReadBack(error.to_string())),
        Err(error) => return Err(OffscreenError::ReadBack(error.to_string())),
    }
    let mapped = buffer.slice(..).get_mapped_range();
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for row in mapped.chunks_exact(stride as usize) {
        for pixel in row.chunks_exact(4).take(width as usize) {
            pixels.extend_from_slice(pixel.get(..3).unwrap_or(&[0; 3]));
        }
    }
    Ok(RgbImage { width, height, pixels })
}
