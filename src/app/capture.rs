//! Writing what the window shows to a file, once everything asked for is on screen, and leaving.

use std::path::{Path, PathBuf};

use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::RequestRedraw;

use super::AppSystems;
use super::loader::Loader;
use super::opening::Opener;
use super::textures::FrameStore;
use super::thumbnails::Thumbnails;
use super::viewport::{Layout, Shown, Slot, Stack, Viewport};

/// What to capture and how far that has come.
#[derive(Resource)]
pub struct Capture {
    pub file: PathBuf,
    /// The off-screen image that stands in for a window.
    pub target: Option<Handle<Image>>,
    /// Something was asked for: showing none of it is a failure.
    pub expects_images: bool,
    settled: u32,
    requested: bool,
}

/// Updates without change before the picture is taken: the interface needs two to come to rest.
const SETTLED: u32 = 4;

impl Capture {
    pub fn new(file: PathBuf, target: Option<Handle<Image>>, expects_images: bool) -> Self {
        Self { file, target, expects_images, settled: 0, requested: false }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, capture_when_settled.run_if(resource_exists::<Capture>).after(AppSystems::Bind));
}

fn capture_when_settled(
    mut capture: ResMut<Capture>,
    opener: Option<Res<Opener>>,
    store: Res<FrameStore>,
    loader: Option<Res<Loader>>,
    thumbnails: Option<Res<Thumbnails>>,
    viewports: Query<(&Slot, &Stack, &Shown), With<Viewport>>,
    layout: Res<Layout>,
    mut redraw: MessageWriter<RequestRedraw>,
    mut commands: Commands,
) {
    redraw.write(RequestRedraw);
    if capture.requested {
        return;
    }
    let busy = opener.is_some_and(|opener| opener.is_busy())
        || store.is_uploading()
        || thumbnails.is_some_and(|thumbnails| thumbnails.is_waiting())
        || loader.is_some_and(|loader| loader.is_busy())
        || viewports.iter().any(|(slot, stack, shown)| {
            let ready = shown.error.is_some() || (!shown.waiting && shown.look.is_some());
            layout.shows(slot.0) && !stack.is_empty() && !ready
        });
    capture.settled = if busy { 0 } else { capture.settled + 1 };
    if capture.settled < SETTLED {
        return;
    }
    capture.requested = true;
    let screenshot = match &capture.target {
        Some(target) => Screenshot::image(target.clone()),
        None => Screenshot::primary_window(),
    };
    commands.spawn(screenshot).observe(write_and_leave);
}

fn write_and_leave(
    captured: On<ScreenshotCaptured>,
    capture: Res<Capture>,
    viewports: Query<&Shown, With<Viewport>>,
    mut exit: MessageWriter<AppExit>,
) {
    let outcome = write(&captured.image, &capture.file);
    let nothing_shown = capture.expects_images && !viewports.iter().any(|shown| shown.image.is_some());
    exit.write(match outcome {
        // The picture is written, and says why there is no image on it.
        Ok(()) if nothing_shown => AppExit::from_code(1),
        Ok(()) => AppExit::Success,
        Err(error) => {
            tracing::error!("the screenshot could not be written, {error}: {}", capture.file.display());
            AppExit::from_code(4)
        }
    });
}

/// Converts to RGB and writes a PNG.
fn write(image: &Image, file: &Path) -> Result<(), String> {
    let (width, height) = (image.width(), image.height());
    let data = image.data.as_deref().ok_or("the picture came back empty")?;
    let bgra = matches!(
        image.texture_descriptor.format,
        wgpu::TextureFormat::Bgra8UnormSrgb | wgpu::TextureFormat::Bgra8Unorm
    );
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for pixel in data.chunks_exact(4) {
        match *pixel {
            [b, g, r, _] if bgra => pixels.extend([r, g, b]),
            [r, g, b, _] => pixels.extend([r, g, b]),
            _ => {}
        }
    }
    crate::picture::write_png(file, width, height, &pixels).map_err(|error| error.to_string())
}
