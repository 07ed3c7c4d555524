//! The frame's way through the renderer: viewports, then the interface above them, then the window.
//!
//! Bevy's core pipeline brings 3D, transparency and tone mapping, whose shaders alone cost more than a
//! launch may take. What is left here is the schedule of its 2D camera with the passes this program has.

use bevy::core_pipeline::schedule::camera_driver;
use bevy::core_pipeline::{Core2d, Core2dSystems};
use bevy::prelude::*;
use bevy::render::render_resource::TextureViewId;
use bevy::render::renderer::{
    PendingCommandBuffers, RenderContext, RenderDevice, RenderGraph, RenderGraphSystems, RenderQueue,
    ViewQuery,
};
use bevy::render::view::ViewTarget;
use bevy::render::{RenderApp, RenderStartup};

use super::gpu::PresentPipeline;

/// Made before the application, while the window system started.
#[derive(Resource, Clone)]
pub struct ReadyPresent(pub PresentPipeline);

/// The pipeline in use; made anew when a surface wants another format.
#[derive(Resource, Clone)]
struct Presenter {
    pipeline: PresentPipeline,
    /// The picture as the pipeline reads it, made anew only with the picture.
    bound: Option<(TextureViewId, wgpu::BindGroup)>,
}

/// Must be added after the render plugin and before anything that draws.
pub(super) fn plugin(app: &mut App) {
    let ready = app.world_mut().remove_resource::<ReadyPresent>();
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
        return;
    };
    if let Some(ready) = ready {
        render_app.insert_resource(ready);
    }
    render_app
        .add_schedule(Core2d::base_schedule())
        .add_systems(RenderStartup, make_presenter)
        .add_systems(
            RenderGraph,
            (
                camera_driver.in_set(RenderGraphSystems::Render),
                submit_commands.in_set(RenderGraphSystems::Submit),
            ),
        )
        .add_systems(Core2d, present.after(Core2dSystems::PostProcess).after(bevy_egui::render::egui_pass));
}

fn make_presenter(mut commands: Commands, device: Res<RenderDevice>, ready: Option<Res<ReadyPresent>>) {
    let pipeline = match ready {
        Some(ready) => ready.0.clone(),
        None => PresentPipeline::usual(device.wgpu_device()),
    };
    commands.remove_resource::<ReadyPresent>();
    commands.insert_resource(Presenter { pipeline, bound: None });
}

fn submit_commands(mut pending: ResMut<PendingCommandBuffers>, queue: Res<RenderQueue>) {
    let buffers = pending.take();
    if !buffers.is_empty() {
        queue.submit(buffers);
    }
}

fn present(
    view: ViewQuery<&ViewTarget>,
    device: Res<RenderDevice>,
    presenter: Option<ResMut<Presenter>>,
    mut context: RenderContext,
) {
    let target = view.into_inner();
    let (Some(mut presenter), Some(format)) = (presenter, target.out_texture_view_format()) else {
        return;
    };
    if presenter.pipeline.format != format {
        *presenter = Presenter { pipeline: PresentPipeline::new(device.wgpu_device(), format), bound: None };
    }
    let picture = target.main_texture_view();
    let group = match presenter.bound.take().filter(|(id, _)| *id == picture.id()) {
        Some((_, group)) => group,
        None => presenter.pipeline.bind(device.wgpu_device(), picture),
    };
    presenter.bound = Some((picture.id(), group.clone()));
    let Some(attachment) = target.out_texture_color_attachment(None) else {
        return;
    };
    let mut pass = context.command_encoder().begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("present"),
        color_attachments: &[Some(attachment)],
        ..Default::default()
    });
    pass.set_pipeline(&presenter.pipeline.pipeline);
    pass.set_bind_group(0, &group, &[]);
    pass.draw(0..3, 0..1);
}
