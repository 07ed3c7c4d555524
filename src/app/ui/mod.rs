//! The interface: one system draws it whole, one file a part.
//!
//! It reads the world and emits messages; what a click means is decided elsewhere. The pass may run more
//! than once for one frame, so nothing here counts or accumulates.

mod calibrate;
mod carry;
mod corners;
mod dialogs;
mod empty;
mod fonts;
mod ground;
mod help;
mod idle;
mod login;
mod marks;
mod notices;
mod overlays;
mod page;
mod panel;
mod panel_row;
mod picker;
mod player;
mod protocols;
mod search;
mod search_rows;
mod tab;
mod tags;
mod theme;
mod toolbar;

use bevy::prelude::*;
use bevy::window::{PrimaryWindow, RequestRedraw};
use bevy_egui::{EguiContexts, EguiGlobalSettings, EguiPlugin, EguiPrimaryContextPass, egui};

pub use theme::BAR_POINTS;

use super::PlaceSystems;
use super::inspecting::Inspector;
use super::library::Library;
use super::notices::{NoticeHover, Notices};
use super::requests::{Intent, Panels};
use super::viewport::Layout;
use super::wake::Waker;

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(EguiPlugin { bindless_mode_array_size: None })
        .insert_resource(EguiGlobalSettings {
            auto_create_primary_context: false,
            ..EguiGlobalSettings::default()
        })
        .add_plugins((idle::plugin, tab::plugin, dialogs::plugin, fonts::plugin))
        .add_systems(EguiPrimaryContextPass, draw_interface)
        .configure_sets(PostUpdate, PlaceSystems.after(bevy_egui::EguiPostUpdateSet::EndPass))
        .add_systems(PostUpdate, redraw_after_intents.after(PlaceSystems));
}

fn draw_interface(
    mut contexts: EguiContexts,
    mut styled: Local<bool>,
    mut layout: ResMut<Layout>,
    mut panels: ResMut<Panels>,
    library: Res<Library>,
    window: Query<&Window, With<PrimaryWindow>>,
    mut toolbar: toolbar::Toolbar,
    (corners, marks, mut overlays): (corners::Corners, marks::Marks, overlays::OverlayPanel),
    player: player::Player,
    notices: Res<Notices>,
    mut hover: ResMut<NoticeHover>,
    mut inspector: ResMut<Inspector>,
    mut studies: panel::Studies,
    (mut servers, mut pages): (search::Servers, page::Pages),
    waker: Option<Res<Waker>>,
    mut intents: MessageWriter<Intent>,
) -> Result {
    let context = contexts.ctx_mut()?.clone();
    if !*styled {
        theme::apply(&context);
        fonts::install(&context, &[]);
        if let Some(waker) = waker {
            idle::keep_appointments(&context, &waker);
        }
        *styled = true;
        // Fonts are there from the next pass on.
        context.request_discard("fonts");
        return Ok(());
    }
    let mut root = egui::Ui::new(
        context.clone(),
        "root".into(),
        egui::UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(context.viewport_rect()),
    );
    let open = toolbar::Open {
        tags: inspector.is_open(),
        overlays: panels.overlays,
        studies: studies.is_open(),
        search: servers.searching.is_open(),
    };
    toolbar.show(&mut root, &layout, open, panels.bypass_change_detection(), &mut intents);
    let escape = !panels.help && !panels.escape_taken && !notices.took_escape() && notices.list().is_empty();
    studies.show(&mut root, &layout, pages.beside());
    pages.show(&mut root, &mut studies, escape && !open.search);
    tags::show(&mut root, &mut inspector, escape && !open.search);
    overlays.show(&mut root, panels.bypass_change_detection(), &mut |wish| match wish {
        overlays::Wish::View(command) => toolbar.send(command),
        overlays::Wish::Link(link) => pages.go(link),
    });
    let free = root.available_rect_before_wrap();
    let scale = context.pixels_per_point();
    let limit = window.single().ok().map(|w| [w.physical_width(), w.physical_height()]);
    let area = physical_area(free, context.viewport_rect(), scale, limit);
    if layout.area != area {
        layout.area = area;
    }
    let covered = player.show(&context, &layout, scale, |command| toolbar.send(command));
    ground::paint(&context, &layout, scale, &marks.slots());
    marks.paint(&context, &layout, scale);
    corners.paint(&context, &layout, scale, covered);
    studies.paint_over(&context, &layout);
    if !corners.any_images() {
        empty::show(&mut root, free, &library, &mut intents);
    }
    if panels.dropping {
        empty::show_drop_target(&context, free);
    }
    help::show(&context, &mut panels, toolbar.keys());
    toolbar.calibrate.show(&context, scale);
    servers.show(&context, escape);
    pages.ask(&context);
    let hovered = notices::show(&context, &notices, free);
    if hover.0 != hovered {
        hover.0 = hovered;
    }
    Ok(())
}

/// The free area in whole physical pixels: left, top, width, height.
///
/// Where nothing lies between it and the edge of the window, it ends with the window: points are fractions.
fn physical_area(free: egui::Rect, window: egui::Rect, scale: f32, limit: Option<[u32; 2]>) -> [u32; 4] {
    let whole = |points: f32| (points * scale).round().max(0.0) as u32;
    let (left, top) = (whole(free.left()), whole(free.top()));
    let end = |free: f32, window: f32, limit: Option<u32>| match limit {
        Some(limit) if window - free < 0.5 => limit,
        limit => whole(free).min(limit.unwrap_or(u32::MAX)),
    };
    let right = end(free.right(), window.right(), limit.map(|[width, _]| width));
    let bottom = end(free.bottom(), window.bottom(), limit.map(|[_, height]| height));
    [left, top, right.saturating_sub(left), bottom.saturating_sub(top)]
}

/// Messages written after `Update` are read in the next one: make sure there is one.
fn redraw_after_intents(
    mut intents: MessageReader<Intent>,
    mut commands: MessageReader<super::viewport::ViewCommand>,
    mut relayouts: MessageReader<super::viewport::Relayout>,
    mut turns: MessageReader<super::viewport::Turn>,
    mut groups: MessageReader<super::groups::GroupCommand>,
    mut reports: MessageReader<super::reports::OpenReport>,
    mut links: MessageReader<super::reports::FollowLink>,
    mut exports: MessageReader<super::reports::SaveReport>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    let asked = intents.read().count() + commands.read().count() + groups.read().count();
    let asked = asked + reports.read().count() + links.read().count() + exports.read().count();
    if asked + relayouts.read().count() + turns.read().count() > 0 {
        redraw.write(RequestRedraw);
    }
}
