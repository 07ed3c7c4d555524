//! Copying the finished picture to the window's surface: a pipeline of our own, made before the window.

use super::pipeline::{texture_entry, triangle_pipeline};

/// The shader, without parts.
pub const PRESENT_SHADER: &str = include_str!("../../../shaders/present.wgsl");

/// What most surfaces want.
const USUAL_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Bgra8UnormSrgb;

/// The pipeline for one surface format.
#[derive(Clone)]
pub struct PresentPipeline {
    pub format: wgpu::TextureFormat,
    pub pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
}

impl PresentPipeline {
    pub fn usual(device: &wgpu::Device) -> Self {
        Self::new(device, USUAL_FORMAT)
    }

    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let sample_type = wgpu::TextureSampleType::Float { filterable: false };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("present"),
            entries: &[texture_entry(0, sample_type)],
        });
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("present"),
            source: wgpu::ShaderSource::Wgsl(PRESENT_SHADER.into()),
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("present"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = triangle_pipeline(device, "present", &pipeline_layout, &module, format, &[]);
        Self { format, pipeline, layout }
    }

    pub fn bind(&self, device: &wgpu::Device, picture: &wgpu::TextureView) -> wgpu::BindGroup {
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("present"),
            layout: &self.layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::TextureView(picture),
            }],
        })
    }
}
