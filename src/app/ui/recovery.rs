//! The interface after a lost device: bevy_egui keeps buffers and pipelines of the old one, which would be
//! used with the new one. They are made anew whenever the renderer starts.

use bevy::prelude::*;
use bevy::render::render_resource::SpecializedRenderPipelines;
use bevy::render::{RenderApp, RenderStartup};
use bevy_egui::render::EguiPipeline;
use bevy_egui::render::systems::{EguiPipelines, EguiRenderData, EguiTextureBindGroups, EguiTransforms};

pub(super) fn plugin(app: &mut App) {
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        render_app.add_systems(RenderStartup, forget_device);
    }
}

fn forget_device(mut commands: Commands) {
    commands.insert_resource(EguiTransforms::default());
    commands.insert_resource(EguiRenderData::default());
    commands.insert_resource(EguiTextureBindGroups::default());
    commands.insert_resource(EguiPipelines(Default::default()));
    commands.insert_resource(SpecializedRenderPipelines::<EguiPipeline>::default());
}
