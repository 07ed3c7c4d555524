//! Painting the interface: the triangles it was laid out to, over whatever the target shows already.
//!
//! Plain wgpu, with a pipeline that is made and compiled before there is a window. Textures hold code values as they
//! are, so that the shader multiplies them without converting any; their bytes are kept, for the next device if this
//! one is lost.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bevy_egui::egui::epaint::{ImageDelta, Primitive, textures::TextureOptions};
use bevy_egui::egui::{
    ClippedPrimitive, Color32, ColorImage, ImageData, Mesh, Pos2, Rect, TextureFilter, TextureId,
    TexturesDelta,
};

use super::{GpuContext, offscreen};

/// The shader with what it shares with that of images.
pub const INTERFACE_SHADER: &str =
    concat!(include_str!("../../../shaders/light.wgsl"), include_str!("../../../shaders/interface.wgsl"),);

/// Bytes of a vertex: place, place in the texture, colour.
const VERTEX_SIZE: u64 = 20;

/// What is painted with on one device, for one format of targets.
#[derive(Clone)]
pub struct InterfacePipeline {
    device: wgpu::Device,
    format: wgpu::TextureFormat,
    pipeline: wgpu::RenderPipeline,
    screen_layout: wgpu::BindGroupLayout,
    picture_layout: wgpu::BindGroupLayout,
}

impl InterfacePipeline {
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let group = |label, entries: &[wgpu::BindGroupLayoutEntry]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries })
        };
        let entry =
            |binding, visibility, ty| wgpu::BindGroupLayoutEntry { binding, visibility, ty, count: None };
        let screen = wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Uniform,
            has_dynamic_offset: false,
            min_binding_size: None,
        };
        let screen_layout = group("screen", &[entry(0, wgpu::ShaderStages::VERTEX, screen)]);
        let texture = wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: true },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        };
        let sampler = wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering);
        let in_fragment = wgpu::ShaderStages::FRAGMENT;
        let picture_layout =
            group("picture", &[entry(0, in_fragment, texture), entry(1, in_fragment, sampler)]);
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("interface"),
            source: wgpu::ShaderSource::Wgsl(INTERFACE_SHADER.into()),
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("interface"),
            bind_group_layouts: &[Some(&screen_layout), Some(&picture_layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("interface"),
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("vertex"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[wgpu::VertexBufferLayout {
                    array_stride: VERTEX_SIZE,
                    step_mode: wgpu::VertexStepMode::Vertex,
                    attributes: &wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32x2, 2 => Unorm8x4],
                }],
            },
            primitive: wgpu::PrimitiveState::default(),
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some("fragment"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            multiview_mask: None,
            cache: None,
        });
        Self { device: device.clone(), format, pipeline, screen_layout, picture_layout }
    }

    /// Paints a little off screen, so that drivers which compile at the first draw have compiled.
    pub fn warm_up(&self, gpu: &GpuContext) {
        let mut painter = InterfacePainter::new(self.clone());
        let image = ColorImage::filled([1, 1], Color32::WHITE);
        let mut delta = TexturesDelta::default();
        delta.push(TextureId::default(), ImageDelta::full(image, TextureOptions::LINEAR));
        painter.take_textures(&gpu.queue, &mut delta);
        let mut mesh = Mesh::default();
        let all = Rect::from_min_max(Pos2::ZERO, Pos2::new(4.0, 4.0));
        mesh.add_colored_rect(all, Color32::from_white_alpha(128));
        let job = ClippedPrimitive { clip_rect: all, primitive: Primitive::Mesh(mesh) };
        painter.lay_out(&gpu.queue, &[job], 1.0, [4, 4]);
        let painted =
            offscreen::paint(gpu, self.format, [4, 4], wgpu::Color::BLACK, |pass| painter.paint(pass));
        if let Err(error) = painted {
            tracing::debug!("warming the interface up failed: {error}");
        }
    }
}

/// The interface as it was laid out last, and its textures.
pub struct InterfacePainter {
    pipeline: InterfacePipeline,
    screen: wgpu::Buffer,
    screen_group: wgpu::BindGroup,
    vertices: Option<wgpu::Buffer>,
    indices: Option<wgpu::Buffer>,
    pictures: HashMap<TextureId, Picture>,
    /// Painted with for the last time.
    leaving: HashSet<TextureId>,
    draws: Vec<Draw>,
}

/// A texture with its bytes.
struct Picture {
    image: ColorImage,
    options: TextureOptions,
    texture: wgpu::Texture,
    group: wgpu::BindGroup,
}

/// One mesh with one texture within one rectangle.
struct Draw {
    picture: TextureId,
    /// Left, top, width and height in pixels.
    clip: [u32; 4],
    indices: std::ops::Range<u32>,
    first_vertex: i32,
}

impl InterfacePainter {
    pub fn new(pipeline: InterfacePipeline) -> Self {
        let screen = pipeline.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("screen"),
            size: 16,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let screen_group = pipeline.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("screen"),
            layout: &pipeline.screen_layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: screen.as_entire_binding() }],
        });
        Self {
            pipeline,
            screen,
            screen_group,
            vertices: None,
            indices: None,
            pictures: HashMap::new(),
            leaving: HashSet::new(),
            draws: Vec::new(),
        }
    }

    pub fn format(&self) -> wgpu::TextureFormat {
        self.pipeline.format
    }

    /// Goes on with another pipeline, perhaps on another device; textures are made again from their bytes.
    pub fn fit(&mut self, pipeline: InterfacePipeline, queue: &wgpu::Queue) {
        let before = std::mem::replace(self, Self::new(pipeline));
        for (id, Picture { image, options, .. }) in before.pictures {
            let picture = self.picture(queue, image, options);
            self.pictures.insert(id, picture);
        }
    }

    /// Takes textures that are new or changed, and lets go of those that the interface before this one used last.
    pub fn take_textures(&mut self, queue: &wgpu::Queue, delta: &mut TexturesDelta) {
        for id in self.leaving.drain() {
            self.pictures.remove(&id);
        }
        for (id, changes) in delta.set.drain() {
            for change in changes {
                self.set_texture(queue, id, change);
            }
        }
        self.leaving.extend(delta.free.drain());
    }

    fn set_texture(
        &mut self,
        queue: &wgpu::Queue,
        id: TextureId,
        ImageDelta { image, options, pos }: ImageDelta,
    ) {
        let ImageData::Color(image) = image;
        let Some([left, top]) = pos else {
            let picture = self.picture(queue, Arc::unwrap_or_clone(image), options);
            self.pictures.insert(id, picture);
            return;
        };
        let Some(picture) = self.pictures.get_mut(&id) else { return };
        let [width, height] = image.size;
        if left + width > picture.image.width() || top + height > picture.image.height() {
            return;
        }
        let whole = picture.image.width();
        for (row, pixels) in image.pixels.chunks_exact(width.max(1)).enumerate() {
            let start = (top + row) * whole + left;
            if let Some(place) = picture.image.pixels.get_mut(start..start + width) {
                place.copy_from_slice(pixels);
            }
        }
        write(queue, &picture.texture, [left, top], &image);
    }

    fn picture(&self, queue: &wgpu::Queue, image: ColorImage, options: TextureOptions) -> Picture {
        let device = &self.pipeline.device;
        let [width, height] = image.size.map(|side| u32::try_from(side.max(1)).unwrap_or(u32::MAX));
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("interface"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        write(queue, &texture, [0, 0], &image);
        let filter = |filter| match filter {
            TextureFilter::Nearest => wgpu::FilterMode::Nearest,
            TextureFilter::Linear => wgpu::FilterMode::Linear,
        };
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("interface"),
            mag_filter: filter(options.magnification),
            min_filter: filter(options.minification),
            ..Default::default()
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("picture"),
            layout: &self.pipeline.picture_layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(&view) },
                wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::Sampler(&sampler) },
            ],
        });
        Picture { image, options, texture, group }
    }

    /// Takes what was laid out: in points, of which so many pixels are one, for a target of a size in pixels.
    pub fn lay_out(&mut self, queue: &wgpu::Queue, jobs: &[ClippedPrimitive], scale: f32, size: [u32; 2]) {
        self.draws.clear();
        let meshes = || {
            jobs.iter().filter_map(|job| match &job.primitive {
                Primitive::Mesh(mesh) if !mesh.indices.is_empty() => Some((job.clip_rect, mesh)),
                _ => None,
            })
        };
        let (vertices, indices) = meshes().fold((0, 0), |(vertices, indices), (_, mesh)| {
            (vertices + mesh.vertices.len(), indices + mesh.indices.len())
        });
        let [width, height] = size.map(|side| side.max(1) as f32);
        let to_clip = [2.0 * scale / width, -2.0 * scale / height, 0.0, 0.0];
        queue.write_buffer(&self.screen, 0, bytemuck::cast_slice(&to_clip));
        let device = &self.pipeline.device;
        let vertices =
            room(device, &mut self.vertices, vertices as u64 * VERTEX_SIZE, wgpu::BufferUsages::VERTEX);
        let indices = room(device, &mut self.indices, indices as u64 * 4, wgpu::BufferUsages::INDEX);
        let (Some((vertices, vertex_bytes)), Some((indices, index_bytes))) = (vertices, indices) else {
            return;
        };
        // Written where the driver will read it, mesh by mesh.
        let (Some(mut vertices), Some(mut indices)) = (
            queue.write_buffer_with(vertices, 0, vertex_bytes),
            queue.write_buffer_with(indices, 0, index_bytes),
        ) else {
            return;
        };
        let (mut vertex, mut index) = (0usize, 0usize);
        for (clip, mesh) in meshes() {
            let (from, bytes) = (vertex * VERTEX_SIZE as usize, bytemuck::cast_slice(&mesh.vertices));
            vertices.slice(from..from + bytes.len()).copy_from_slice(bytes);
            let (start, bytes) = (index * 4, bytemuck::cast_slice(&mesh.indices));
            indices.slice(start..start + bytes.len()).copy_from_slice(bytes);
            let next = index + mesh.indices.len();
            let pixel = |points: f32, most: u32| ((points * scale).round().max(0.0) as u32).min(most);
            let (left, top) = (pixel(clip.min.x, size[0]), pixel(clip.min.y, size[1]));
            let (right, bottom) = (pixel(clip.max.x, size[0]), pixel(clip.max.y, size[1]));
            let range = u32::try_from(index).ok().zip(u32::try_from(next).ok());
            if let (Some((from, to)), Ok(first_vertex)) = (range, i32::try_from(vertex))
                && left < right
                && top < bottom
            {
                let clip = [left, top, right - left, bottom - top];
                self.draws.push(Draw { picture: mesh.texture_id, clip, indices: from..to, first_vertex });
            }
            vertex += mesh.vertices.len();
            index = next;
        }
    }

    /// Paints into a pass whose target has the format of the pipeline.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>) {
        let (Some(vertices), Some(indices), false) = (&self.vertices, &self.indices, self.draws.is_empty())
        else {
            return;
        };
        pass.set_pipeline(&self.pipeline.pipeline);
        pass.set_bind_group(0, &self.screen_group, &[]);
        pass.set_vertex_buffer(0, vertices.slice(..));
        pass.set_index_buffer(indices.slice(..), wgpu::IndexFormat::Uint32);
        for draw in &self.draws {
            let Some(picture) = self.pictures.get(&draw.picture) else { continue };
            let [left, top, width, height] = draw.clip;
            pass.set_scissor_rect(left, top, width, height);
            pass.set_bind_group(1, &picture.group, &[]);
            pass.draw_indexed(draw.indices.clone(), draw.first_vertex, 0..1);
        }
    }
}

/// A buffer with at least so many bytes, made anew where the one there is too small; `None` for none.
fn room<'a>(
    device: &wgpu::Device,
    buffer: &'a mut Option<wgpu::Buffer>,
    bytes: u64,
    usage: wgpu::BufferUsages,
) -> Option<(&'a wgpu::Buffer, wgpu::BufferSize)> {
    let size = wgpu::BufferSize::new(bytes)?;
    if buffer.as_ref().is_none_or(|buffer| buffer.size() < bytes) {
        *buffer = Some(device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("interface"),
            size: bytes.next_power_of_two(),
            usage: usage | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        }));
    }
    buffer.as_ref().map(|buffer| (buffer, size))
}

fn write(queue: &wgpu::Queue, texture: &wgpu::Texture, [left, top]: [usize; 2], image: &ColorImage) {
    let whole = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let [width, height] = image.size.map(whole);
    if width == 0 || height == 0 {
        return;
    }
    let place = wgpu::TexelCopyTextureInfo {
        texture,
        mip_level: 0,
        origin: wgpu::Origin3d { x: whole(left), y: whole(top), z: 0 },
        aspect: wgpu::TextureAspect::All,
    };
    let rows =
        wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(width * 4), rows_per_image: None };
    let size = wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
    queue.write_texture(place, bytemuck::cast_slice(&image.pixels), rows, size);
}
