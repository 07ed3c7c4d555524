//! The one pipeline: a triangle over the viewport and a fragment shader that does the rest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::cover::empty_cover;
use super::offscreen;
use super::{GpuContext, UNIFORM_SIZE};

/// The shader, put together from `shaders/` in the order its parts build on each other.
pub const SHADER_SOURCE: &str = concat!(
    include_str!("../../../shaders/view.wgsl"),
    include_str!("../../../shaders/modality.wgsl"),
    include_str!("../../../shaders/filter.wgsl"),
    include_str!("../../../shaders/voi.wgsl"),
    include_str!("../../../shaders/cover.wgsl"),
    include_str!("../../../shaders/light.wgsl"),
    include_str!("../../../shaders/image.wgsl"),
);

/// What the texels hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    Integer,
    Float,
    Color,
}

/// How texels become pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sampling {
    Nearest,
    Bilinear,
    Bicubic,
    /// The average over a box of at most two texels a side.
    Area,
    /// The average over a box of any size.
    WideArea,
}

/// What is decided when a pipeline is made: `override` values in `shaders/view.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Variant {
    pub content: Content,
    pub sampling: Sampling,
    /// Tables, or a window that is a curve.
    pub tables: bool,
    /// Clipped to a circle with a border.
    pub lens: bool,
    /// Grey levels have colours.
    pub ramp: bool,
    /// Pixels of others lie over the image.
    pub cover: bool,
}

impl Variant {
    /// Grey integers, reduced, with a window: how nearly every image is first seen.
    pub const COMMON: Self = Self {
        content: Content::Integer,
        sampling: Sampling::Area,
        tables: false,
        lens: false,
        ramp: false,
        cover: false,
    };

    fn constants(self) -> [(&'static str, f64); 6] {
        let content = match self.content {
            Content::Integer => 0.0,
            Content::Float => 1.0,
            Content::Color => 2.0,
        };
        let sampling = match self.sampling {
            Sampling::Nearest => 0.0,
            Sampling::Bilinear => 1.0,
            Sampling::Bicubic => 2.0,
            Sampling::Area => 3.0,
            Sampling::WideArea => 4.0,
        };
        let flag = |on: bool| f64::from(u8::from(on));
        [
            ("CONTENT", content),
            ("SAMPLING", sampling),
            ("TABLES", flag(self.tables)),
            ("LENS", flag(self.lens)),
            ("RAMP", flag(self.ramp)),
            ("COVER", flag(self.cover)),
        ]
    }
}

/// The variants of the pipeline for one target format, each made when it is first drawn with.
#[derive(Clone)]
pub struct ImagePipeline {
    inner: Arc<Inner>,
}

struct Inner {
    device: wgpu::Device,
    module: wgpu::ShaderModule,
    group_layout: wgpu::BindGroupLayout,
    layout: wgpu::PipelineLayout,
    format: wgpu::TextureFormat,
    variants: Mutex<HashMap<Variant, wgpu::RenderPipeline>>,
    /// Bound where nothing lies over an image, and never read.
    no_cover: wgpu::TextureView,
}

impl ImagePipeline {
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let group_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("image"),
            entries: &[
                wgpu::BindGroupLayoutEntry {
                    binding: 0,
                    visibility: wgpu::ShaderStages::VERTEX,
                    ty: wgpu::BindingType::Buffer {
                        ty: wgpu::BufferBindingType::Storage { read_only: true },
                        has_dynamic_offset: true,
                        min_binding_size: wgpu::BufferSize::new(UNIFORM_SIZE as u64),
                    },
                    count: None,
                },
                texture_entry(1, wgpu::TextureSampleType::Uint),
                texture_entry(2, wgpu::TextureSampleType::Uint),
                texture_entry(3, wgpu::TextureSampleType::Float { filterable: false }),
            ],
        });
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("image"),
            source: wgpu::ShaderSource::Wgsl(SHADER_SOURCE.into()),
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("image"),
            bind_group_layouts: &[Some(&group_layout)],
            immediate_size: 0,
        });
        let variants = Mutex::default();
        let no_cover = empty_cover(device);
        let inner =
            Inner { device: device.clone(), module, group_layout, layout, format, variants, no_cover };
        Self { inner: Arc::new(inner) }
    }

    pub fn format(&self) -> wgpu::TextureFormat {
        self.inner.format
    }

    /// The pipeline of a variant.
    pub fn variant(&self, variant: Variant) -> wgpu::RenderPipeline {
        let mut variants = self.inner.variants.lock().unwrap_or_else(PoisonError::into_inner);
        variants.entry(variant).or_insert_with(|| self.make(variant)).clone()
    }

    fn make(&self, variant: Variant) -> wgpu::RenderPipeline {
        let Inner { device, module, layout, format, .. } = &*self.inner;
        triangle_pipeline(device, "image", layout, module, *format, &variant.constants())
    }

    /// Draws a few pixels off screen, so that drivers which compile at the first draw have compiled.
    pub fn warm_up(&self, gpu: &GpuContext) {
        if let Err(error) = offscreen::draw_placeholder(gpu, self) {
            tracing::debug!("warming the pipeline up failed: {error}");
        }
    }

    /// Binds a uniform buffer (used with dynamic offsets), an image, its tables, and what lies over it.
    pub fn bind(
        &self,
        device: &wgpu::Device,
        uniforms: &wgpu::Buffer,
        texels: &wgpu::TextureView,
        tables: &wgpu::TextureView,
        cover: Option<&wgpu::TextureView>,
    ) -> wgpu::BindGroup {
        let cover = cover.unwrap_or(&self.inner.no_cover);
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("image"),
            layout: &self.inner.group_layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                        buffer: uniforms,
                        offset: 0,
                        size: wgpu::BufferSize::new(UNIFORM_SIZE as u64),
                    }),
                },
                wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::TextureView(texels) },
                wgpu::BindGroupEntry { binding: 2, resource: wgpu::BindingResource::TextureView(tables) },
                wgpu::BindGroupEntry { binding: 3, resource: wgpu::BindingResource::TextureView(cover) },
            ],
        })
    }
}

/// A pipeline that draws one triangle over everything, with the entry points most shaders here share.
pub(super) fn triangle_pipeline(
    device: &wgpu::Device,
    label: &str,
    layout: &wgpu::PipelineLayout,
    module: &wgpu::ShaderModule,
    format: wgpu::TextureFormat,
    constants: &[(&str, f64)],
) -> wgpu::RenderPipeline {
    triangle_pipeline_from(device, label, layout, module, "fragment", format, constants)
}

/// The same with an entry point of its own.
pub(super) fn triangle_pipeline_from(
    device: &wgpu::Device,
    label: &str,
    layout: &wgpu::PipelineLayout,
    module: &wgpu::ShaderModule,
    fragment: &str,
    format: wgpu::TextureFormat,
    constants: &[(&str, f64)],
) -> wgpu::RenderPipeline {
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(label),
        layout: Some(layout),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some("vertex"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers: &[],
        },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some(fragment),
            compilation_options: wgpu::PipelineCompilationOptions { constants, ..Default::default() },
            targets: &[Some(wgpu::ColorTargetState {
                format,
                blend: None,
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}

/// A texture that fragments read texel by texel.
pub(super) fn texture_entry(
    binding: u32,
    sample_type: wgpu::TextureSampleType,
) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Texture {
            sample_type,
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        },
        count: None,
    }
}
