//! Slabs on the GPU: slices that are there become one texture, which is then drawn like any other image.
//!
//! Nothing is read back and nothing is combined on the CPU. Slices are bound eight at a time, so that it works
//! with the bindings every device has; see `shaders/slab.wgsl`.

use std::sync::{Arc, Mutex, PoisonError};

use super::pipeline::texture_entry;
use super::texture::tables_of;
use super::uniforms::{TexelMeta, raw_padding};
use super::{GpuImage, GpuTables};
use crate::display::{Look, Modality, NotCombined, Padding, SlabMode, TexelKind};

/// The shader of slabs.
pub const SLAB_SHADER: &str = include_str!("../../../shaders/slab.wgsl");

/// Slices in one pass: the bindings of the shader.
const AT_ONCE: usize = 8;
/// Two rows, then two for every slice.
const UNIFORM_SIZE: usize = (2 + 2 * AT_ONCE) * 16;

const BETWEEN: wgpu::TextureFormat = wgpu::TextureFormat::Rg32Uint;
const RESULT: wgpu::TextureFormat = wgpu::TextureFormat::R32Uint;

const FLAG_SIGNED: u32 = 1;
const FLAG_PADDING: u32 = 2;
const FLAG_FLOAT: u32 = 4;

/// One slice on the GPU, and how its stored values are read.
#[derive(Clone)]
pub struct GpuSlice {
    pub image: Arc<GpuImage>,
    pub modality: Modality,
    pub padding: Option<Padding>,
}

/// Makes slabs on one device; the pipelines are made when the first slab is.
#[derive(Clone)]
pub struct SlabPipeline {
    inner: Arc<Inner>,
}

struct Inner {
    device: wgpu::Device,
    made: Mutex<Option<Made>>,
}

#[derive(Clone)]
struct Made {
    layout: wgpu::BindGroupLayout,
    more: wgpu::RenderPipeline,
    last: wgpu::RenderPipeline,
    /// Bound where a pass has fewer slices than bindings.
    nothing: wgpu::TextureView,
}

/// Whether slices can be combined, as [`crate::display::combine`] sees it.
pub fn fit_together(slices: &[GpuSlice]) -> Result<(), NotCombined> {
    let first = slices.first().ok_or(NotCombined::Nothing)?;
    for GpuSlice { image, modality, .. } in slices {
        let meta = &image.meta;
        if meta.kind == TexelKind::Rgb {
            return Err(NotCombined::Color);
        }
        if meta.kind != TexelKind::Float && meta.bits > 16 {
            return Err(NotCombined::TooManyBits);
        }
        let size =
            |meta: &TexelMeta| [meta.width, meta.height, meta.level, meta.source_width, meta.source_height];
        let same_table = match (modality, &first.modality) {
            (Modality::Lut(a), Modality::Lut(b)) => a == b,
            (Modality::Lut(_), _) | (_, Modality::Lut(_)) => false,
            _ => true,
        };
        if size(meta) != size(&first.image.meta) || !same_table {
            return Err(NotCombined::Unequal);
        }
    }
    Ok(())
}

impl SlabPipeline {
    pub fn new(device: &wgpu::Device) -> Self {
        Self { inner: Arc::new(Inner { device: device.clone(), made: Mutex::default() }) }
    }

    /// Combines slices into an image of modality values, to be drawn with [`Look::after_modality`].
    pub fn combine(
        &self,
        queue: &wgpu::Queue,
        mode: SlabMode,
        slices: &[GpuSlice],
    ) -> Result<GpuImage, NotCombined> {
        fit_together(slices)?;
        let first = slices.first().ok_or(NotCombined::Nothing)?;
        let device = &self.inner.device;
        let made = self.made();
        let size = [first.image.meta.width, first.image.meta.height];
        // The table texture of the modality alone.
        let look = Look {
            padding: None,
            modality: first.modality.clone(),
            voi: crate::display::Voi::full_range(0.0, 1.0),
            inverse: false,
            ramp: None,
        };
        let tables = GpuTables::upload(device, queue, &look);
        let passes = slices.len().div_ceil(AT_ONCE);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut before: Option<wgpu::TextureView> = None;
        for (n, batch) in slices.chunks(AT_ONCE).enumerate() {
            let is_last = n + 1 == passes;
            let target = texture(device, size, if is_last { RESULT } else { BETWEEN });
            let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("slab"),
                size: UNIFORM_SIZE as u64,
                usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            queue.write_buffer(&uniforms, 0, &pack(mode, batch, &look, before.is_some()));
            let group = made.bind(device, &uniforms, &tables.view, before.as_ref(), batch);
            {
                let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                    label: Some("slab"),
                    color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                        view: &target,
                        depth_slice: None,
                        resolve_target: None,
                        ops: wgpu::Operations {
                            load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                            store: wgpu::StoreOp::Store,
                        },
                    })],
                    ..Default::default()
                });
                pass.set_pipeline(if is_last { &made.last } else { &made.more });
                pass.set_bind_group(0, &group, &[]);
                pass.draw(0..3, 0..1);
            }
            before = Some(target);
        }
        queue.submit([encoder.finish()]);
        let view = before.ok_or(NotCombined::Nothing)?;
        let meta = TexelMeta { kind: TexelKind::Float, fraction_bits: 0, bits: 32, ..first.image.meta };
        Ok(GpuImage { view, meta, bytes: u64::from(size[0]) * u64::from(size[1]) * 4 })
    }

    fn made(&self) -> Made {
        let mut made = self.inner.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.get_or_insert_with(|| Made::new(&self.inner.device)).clone()
    }
}

impl Made {
    fn new(device: &wgpu::Device) -> Self {
        let mut entries = vec![wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Storage { read_only: true },
                has_dynamic_offset: false,
                min_binding_size: wgpu::BufferSize::new(UNIFORM_SIZE as u64),
            },
            count: None,
        }];
        let textures = 2 + AT_ONCE as u32;
        entries.extend((1..=textures).map(|n| texture_entry(n, wgpu::TextureSampleType::Uint)));
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("slab"),
            entries: &entries,
        });
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("slab"),
            source: wgpu::ShaderSource::Wgsl(SLAB_SHADER.into()),
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("slab"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = |fragment, format| {
            super::pipeline::triangle_pipeline_from(
                device,
                "slab",
                &pipeline_layout,
                &module,
                fragment,
                format,
                &[],
            )
        };
        let (more, last) = (pipeline("more", BETWEEN), pipeline("last", RESULT));
        Self { layout, more, last, nothing: texture(device, [1, 1], RESULT) }
    }

    fn bind(
        &self,
        device: &wgpu::Device,
        uniforms: &wgpu::Buffer,
        tables: &wgpu::TextureView,
        before: Option<&wgpu::TextureView>,
        slices: &[GpuSlice],
    ) -> wgpu::BindGroup {
        let unused = std::iter::repeat(&self.nothing);
        let slices = slices.iter().map(|slice| &slice.image.view).chain(unused).take(AT_ONCE);
        let textures = [tables, before.unwrap_or(&self.nothing)].into_iter().chain(slices);
        let mut entries = vec![wgpu::BindGroupEntry { binding: 0, resource: uniforms.as_entire_binding() }];
        entries.extend((1..).zip(textures).map(|(binding, view)| wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::TextureView(view),
        }));
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("slab"),
            layout: &self.layout,
            entries: &entries,
        })
    }
}

fn texture(
    device: &wgpu::Device,
    [width, height]: [u32; 2],
    format: wgpu::TextureFormat,
) -> wgpu::TextureView {
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("slab"),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::RENDER_ATTACHMENT,
        view_formats: &[],
    });
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

/// The uniform of one pass.
fn pack(mode: SlabMode, slices: &[GpuSlice], look: &Look, continued: bool) -> Vec<u8> {
    let table = match tables_of(look).0 {
        Some(lut) => [lut.first as u32, (lut.data.len() as u32).saturating_sub(1), 0, 1],
        None => [0; 4],
    };
    let mode = match mode {
        SlabMode::Max => 0,
        SlabMode::Mean => 1,
        SlabMode::Min => 2,
    };
    let mut words = Vec::with_capacity(UNIFORM_SIZE / 4);
    words.extend(table);
    words.extend([slices.len() as u32, mode, u32::from(continued), 0]);
    for GpuSlice { image, modality, padding } in slices {
        let meta = &image.meta;
        let (slope, intercept) = match modality {
            Modality::Rescale { slope, intercept } => (*slope, *intercept),
            Modality::Lut(_) => (1.0, 0.0),
        };
        let unit = f64::from(meta.fraction_bits).exp2().recip();
        words.extend([slope, intercept, unit, 0.0].map(|value| (value as f32).to_bits()));
        let padding = padding.as_ref().and_then(|padding| raw_padding(meta, padding));
        let (lo, span) = padding.unwrap_or_default();
        let mut flags = 0;
        flags |= if meta.kind == TexelKind::Sint { FLAG_SIGNED } else { 0 };
        flags |= if padding.is_some() { FLAG_PADDING } else { 0 };
        flags |= if meta.kind == TexelKind::Float { FLAG_FLOAT } else { 0 };
        words.extend([lo, span, 32 - meta.bits, flags]);
    }
    words.resize(UNIFORM_SIZE / 4, 0);
    bytemuck::cast_slice(&words).to_vec()
}
