//! The frame's way through the renderer: one pass straight into the window, viewports first, the interface above them.
//!
//! Bevy's core pipeline brings 3D, transparency and tone mapping, whose shaders alone cost more than a launch may take,
//! and a picture between its passes and the window, which costs a copy of every pixel in every frame. What is left here
//! is the schedule of its 2D camera with the one pass this program has. The interface is laid out by `bevy_egui` and
//! painted by [`InterfacePainter`]; what that crate would paint itself is taken from it.

use bevy::core_pipeline::schedule::camera_driver;
use bevy::core_pipeline::{Core2d, Core2dSystems};
use bevy::prelude::*;
use bevy::render::renderer::{
    PendingCommandBuffers, RenderContext, RenderDevice, RenderGraph, RenderGraphSystems, RenderQueue,
    ViewQuery,
};
use bevy::render::view::ViewTarget;
use bevy::render::{ExtractSchedule, MainWorld, Render, RenderApp, RenderStartup, RenderSystems};
use bevy_egui::egui::{ClippedPrimitive, TexturesDelta};
use bevy_egui::render::{EguiCameraView, EguiViewTarget};
use bevy_egui::{EguiOutput, EguiPostUpdateSet, EguiRenderOutput};
use crossbeam_channel::Receiver;

use super::gpu::{InterfacePainter, InterfacePipeline, SURFACE_FORMAT};
use super::viewport::{Drawings, Painter};

/// A pipeline that is made on another thread since before there was an application.
#[derive(Resource)]
pub struct ReadyInterface(pub Receiver<InterfacePipeline>);

/// The interface as it was laid out, on its way to the renderer. Textures wait for it however long that takes.
#[derive(Resource, Default)]
struct LaidOut {
    jobs: Vec<ClippedPrimitive>,
    textures: TexturesDelta,
    scale: f32,
}

#[derive(Resource)]
struct InterfaceLayer(InterfacePainter);

/// Must be added after the render plugin and before anything that draws.
pub(super) fn plugin(app: &mut App) {
    let ready = app.world_mut().remove_resource::<ReadyInterface>();
    app.init_resource::<LaidOut>().add_systems(
        PostUpdate,
        take_interface.after(EguiPostUpdateSet::ProcessOutput).before(EguiPostUpdateSet::PostProcessOutput),
    );
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
        return;
    };
    if let Some(ready) = ready {
        render_app.insert_resource(ready);
    }
    render_app
        .init_resource::<LaidOut>()
        .add_schedule(Core2d::base_schedule())
        .add_systems(RenderStartup, make_layer)
        .add_systems(ExtractSchedule, extract_interface)
        .add_systems(
            Render,
            (
                forget_second_painter
                    .after(RenderSystems::ExtractCommands)
                    .before(RenderSystems::PrepareAssets),
                (fit_target, prepare_interface).chain().in_set(RenderSystems::PrepareResources),
            ),
        )
        .add_systems(
            RenderGraph,
            (
                camera_driver.in_set(RenderGraphSystems::Render),
                submit_commands.in_set(RenderGraphSystems::Submit),
            ),
        )
        .add_systems(Core2d, paint.in_set(Core2dSystems::MainPass));
}

/// Runs again after a lost device, when no pipeline is ready any more.
fn make_layer(world: &mut World) {
    let queue = world.resource::<RenderQueue>().clone();
    let device = world.resource::<RenderDevice>().wgpu_device().clone();
    let ready = world.remove_resource::<ReadyInterface>().and_then(|ready| ready.0.recv().ok());
    let pipeline = ready.unwrap_or_else(|| InterfacePipeline::new(&device, SURFACE_FORMAT));
    match world.get_resource_mut::<InterfaceLayer>() {
        Some(mut layer) => layer.0.fit(pipeline, &queue),
        None => world.insert_resource(InterfaceLayer(InterfacePainter::new(pipeline))),
    }
}

fn take_interface(mut outputs: Query<(&EguiOutput, &mut EguiRenderOutput)>, mut laid_out: ResMut<LaidOut>) {
    for (output, mut render) in &mut outputs {
        let EguiRenderOutput { paint_jobs, textures_delta } = std::mem::take(&mut *render);
        laid_out.jobs = paint_jobs;
        laid_out.scale = output.pixels_per_point;
        laid_out.textures.append(textures_delta);
    }
}

fn extract_interface(mut main: ResMut<MainWorld>, mut laid_out: ResMut<LaidOut>) {
    let mut news = main.resource_mut::<LaidOut>();
    laid_out.jobs = std::mem::take(&mut news.jobs);
    laid_out.scale = news.scale;
    laid_out.textures.append(std::mem::take(&mut news.textures));
}

/// What would paint the interface a second time, or make a pipeline for that.
fn forget_second_painter(world: &mut World) {
    let mut views = world.query_filtered::<Entity, With<EguiViewTarget>>();
    let views: Vec<Entity> = views.iter(world).collect();
    let mut cameras = world.query_filtered::<Entity, With<EguiCameraView>>();
    let cameras: Vec<Entity> = cameras.iter(world).collect();
    for view in views {
        world.despawn(view);
    }
    for camera in cameras {
        world.entity_mut(camera).remove::<EguiCameraView>();
    }
}

/// Pipelines for what the window wants, should it not be what most want.
fn fit_target(
    targets: Query<&ViewTarget>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    mut viewports: ResMut<Painter>,
    mut layer: ResMut<InterfaceLayer>,
) {
    let Some(format) = targets.iter().find_map(ViewTarget::out_texture_view_format) else { return };
    viewports.fit(device.wgpu_device(), format);
    if layer.0.format() != format {
        layer.0.fit(InterfacePipeline::new(device.wgpu_device(), format), &queue);
    }
}

fn prepare_interface(
    targets: Query<&ViewTarget>,
    mut laid_out: ResMut<LaidOut>,
    mut layer: ResMut<InterfaceLayer>,
    queue: Res<RenderQueue>,
) {
    let LaidOut { jobs, textures, scale } = &mut *laid_out;
    let InterfaceLayer(painter) = &mut *layer;
    painter.take_textures(&queue, textures);
    if let Some(target) = targets.iter().next() {
        let size = target.main_texture().size();
        painter.lay_out(&queue, jobs, *scale, [size.width, size.height]);
    }
}

fn submit_commands(mut pending: ResMut<PendingCommandBuffers>, queue: Res<RenderQueue>) {
    let buffers = pending.take();
    if !buffers.is_empty() {
        queue.submit(buffers);
    }
}

fn paint(
    view: ViewQuery<&ViewTarget>,
    drawings: Res<Drawings>,
    viewports: Res<Painter>,
    layer: Res<InterfaceLayer>,
    mut context: RenderContext,
) {
    let target = view.into_inner();
    // Black is what lies beside an image; what has none is the interface's matter.
    let Some(attachment) = target.out_texture_color_attachment(Some(LinearRgba::BLACK)) else { return };
    let size = target.main_texture().size();
    let mut pass = context.command_encoder().begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("window"),
        color_attachments: &[Some(attachment)],
        ..Default::default()
    });
    viewports.paint(&mut pass, &drawings, [size.width, size.height]);
    layer.0.paint(&mut pass);
}
