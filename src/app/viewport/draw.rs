//! Viewports in the renderer: one triangle each, clipped to its rectangle.

use std::collections::HashMap;
use std::sync::Arc;

use bevy::prelude::*;
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::{Extract, ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};
use crossbeam_channel::Receiver;

use crate::app::gpu::{GpuCover, GpuImage, GpuTables, ImagePipeline, SURFACE_FORMAT, UNIFORM_SIZE, Variant};

/// One viewport, ready to be drawn.
#[derive(Clone)]
pub struct Drawing {
    /// Left, top, width and height in pixels of the window.
    pub rect: [u32; 4],
    /// Where in it anything but black is drawn; black is there already.
    pub part: [u32; 4],
    pub uniforms: [u8; UNIFORM_SIZE],
    pub variant: Variant,
    pub image: Arc<GpuImage>,
    pub tables: Arc<GpuTables>,
    /// What lies over the image.
    pub cover: Option<Arc<GpuCover>>,
}

/// All viewports, in either world.
#[derive(Resource, Default)]
pub struct Drawings(pub Vec<Drawing>);

/// A pipeline that is made on another thread since before there was an application.
#[derive(Resource)]
pub struct ReadyPipeline(pub Receiver<ImagePipeline>);

/// Draws the viewports of the render world.
#[derive(Resource)]
pub struct Painter {
    pipeline: ImagePipeline,
    uniforms: Option<wgpu::Buffer>,
    /// Bytes between the uniforms of two viewports.
    stride: u64,
    groups: HashMap<Bound, Group>,
}

/// The addresses of what is bound.
type Bound = (usize, usize, Option<usize>);

/// Keeps what it binds alive, so that the addresses in the key stay theirs.
struct Group {
    group: wgpu::BindGroup,
    _image: Arc<GpuImage>,
    _tables: Arc<GpuTables>,
    _cover: Option<Arc<GpuCover>>,
    used: bool,
}

pub(super) fn plugin(app: &mut App) {
    let ready = app.world_mut().remove_resource::<ReadyPipeline>();
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
        return;
    };
    if let Some(ready) = ready {
        render_app.insert_resource(ready);
    }
    render_app
        .init_resource::<Drawings>()
        .add_systems(RenderStartup, make_painter)
        .add_systems(ExtractSchedule, extract_drawings)
        .add_systems(Render, prepare_drawings.in_set(RenderSystems::PrepareBindGroups));
}

/// Runs again after a lost device, when no pipeline is ready any more.
fn make_painter(mut commands: Commands, device: Res<RenderDevice>, ready: Option<Res<ReadyPipeline>>) {
    commands.remove_resource::<ReadyPipeline>();
    let pipeline = ready.and_then(|ready| ready.0.recv().ok());
    let pipeline = pipeline.unwrap_or_else(|| ImagePipeline::new(device.wgpu_device(), SURFACE_FORMAT));
    let alignment = u64::from(device.limits().min_storage_buffer_offset_alignment);
    commands.insert_resource(Painter {
        pipeline,
        uniforms: None,
        stride: (UNIFORM_SIZE as u64).next_multiple_of(alignment),
        groups: HashMap::new(),
    });
}

fn extract_drawings(main: Extract<Res<Drawings>>, mut drawings: ResMut<Drawings>) {
    drawings.0.clone_from(&main.0);
}

fn key_of(drawing: &Drawing) -> Bound {
    let cover = drawing.cover.as_ref().map(|cover| Arc::as_ptr(cover).addr());
    (Arc::as_ptr(&drawing.image).addr(), Arc::as_ptr(&drawing.tables).addr(), cover)
}

fn prepare_drawings(
    drawings: Res<Drawings>,
    painter: Option<ResMut<Painter>>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let Some(mut painter) = painter else { return };
    let device = device.wgpu_device();
    let painter = &mut *painter;
    let needed = painter.stride * drawings.0.len().max(1) as u64;
    if painter.uniforms.as_ref().is_none_or(|buffer| buffer.size() < needed) {
        painter.uniforms = Some(device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("viewports"),
            size: needed.next_power_of_two(),
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        }));
        painter.groups.clear();
    }
    let Some(buffer) = &painter.uniforms else { return };
    painter.groups.values_mut().for_each(|group| group.used = false);
    for (index, drawing) in drawings.0.iter().enumerate() {
        queue.write_buffer(buffer, painter.stride * index as u64, &drawing.uniforms);
        let group = painter.groups.entry(key_of(drawing)).or_insert_with(|| {
            let Drawing { image, tables, cover, .. } = drawing;
            let over = cover.as_ref().map(|cover| &cover.view);
            Group {
                group: painter.pipeline.bind(device, buffer, &image.view, &tables.view, over),
                _image: Arc::clone(image),
                _tables: Arc::clone(tables),
                _cover: cover.clone(),
                used: true,
            }
        });
        group.used = true;
    }
    painter.groups.retain(|_, group| group.used);
}

impl Painter {
    /// Makes itself ready for targets of a format.
    pub fn fit(&mut self, device: &wgpu::Device, format: wgpu::TextureFormat) {
        if self.pipeline.format() != format {
            self.pipeline = ImagePipeline::new(device, format);
            self.groups.clear();
        }
    }

    /// Draws into a pass over a target of a size in pixels, which is black where nothing is drawn.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, drawings: &Drawings, size: [u32; 2]) {
        for (index, drawing) in drawings.0.iter().enumerate() {
            let Some(group) = self.groups.get(&key_of(drawing)) else {
                continue;
            };
            let [left, top, width, height] = drawing.part;
            let width = width.min(size[0].saturating_sub(left));
            let height = height.min(size[1].saturating_sub(top));
            if width == 0 || height == 0 {
                continue;
            }
            let Ok(offset) = u32::try_from(self.stride * index as u64) else {
                continue;
            };
            pass.set_bind_group(0, &group.group, &[offset]);
            pass.set_pipeline(&self.pipeline.variant(drawing.variant));
            pass.set_scissor_rect(left, top, width, height);
            pass.draw(0..3, 0..1);
        }
    }
}
