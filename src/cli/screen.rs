//! The commands' one door to the application: opening its window, and drawing with its shader.
//!
//! Built without the feature `window` there is nothing behind the door, and what knocks is told so.

use std::process::ExitCode;

use super::exit::{Exit, Failure};
#[cfg(feature = "window")]
use crate::app::gpu::offscreen::{Offscreen, OffscreenError};
#[cfg(feature = "window")]
use crate::display::Interpolation;
use crate::display::{Look, RgbImage, SlabMode, Slice, TexelImage};
use crate::geometry::Affine;
use crate::launch::OpenPlan;
use crate::launch::instance::{Inbox, Visit};

/// Runs the application, and lets it have what other launches bring; what keeps it from starting becomes this
/// process's error.
#[cfg(feature = "window")]
pub fn open(plan: &OpenPlan, inbox: Option<Inbox<Visit>>) -> Result<ExitCode, Failure> {
    use crate::app::LaunchError;

    crate::app::run(plan, inbox).map_err(|error| {
        let exit = match error {
            LaunchError::NoGpu(_) => Exit::NoGpu,
            LaunchError::NoWindow(_) => Exit::Nothing,
        };
        Failure::new(exit, error.to_string())
    })
}

/// Draws one image as the window would.
#[cfg(feature = "window")]
pub fn draw(image: &TexelImage, look: &Look, map: &Affine, size: [u32; 2]) -> Result<RgbImage, Failure> {
    with_engine(|engine| engine.render(image, look, map, size, Interpolation::default()))
}

/// Draws several slices as one, as the window would.
#[cfg(feature = "window")]
pub fn draw_slab(
    mode: SlabMode,
    slices: &[Slice<'_>],
    look: &Look,
    map: &Affine,
    size: [u32; 2],
) -> Result<RgbImage, Failure> {
    with_engine(|engine| engine.render_slab(mode, slices, look, map, size, Interpolation::default()))
}

#[cfg(feature = "window")]
fn with_engine(
    draw: impl FnOnce(&Offscreen) -> Result<RgbImage, OffscreenError>,
) -> Result<RgbImage, Failure> {
    let no_gpu = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::NoGpu, format!("{error}; or draw with --engine cpu"))
    };
    let engine = Offscreen::new().map_err(|error| no_gpu(&error))?;
    draw(&engine).map_err(|error| match error {
        OffscreenError::NoGpu(error) => no_gpu(&error),
        other => Failure::nothing(other.to_string()),
    })
}

#[cfg(not(feature = "window"))]
pub fn open(_: &OpenPlan, _: Option<Inbox<Visit>>) -> Result<ExitCode, Failure> {
    Err(Failure::nothing("this program was built without a window; build it with the default features"))
}

#[cfg(not(feature = "window"))]
pub fn draw(_: &TexelImage, _: &Look, _: &Affine, _: [u32; 2]) -> Result<RgbImage, Failure> {
    Err(no_renderer())
}

#[cfg(not(feature = "window"))]
pub fn draw_slab(
    _: SlabMode,
    _: &[Slice<'_>],
    _: &Look,
    _: &Affine,
    _: [u32; 2],
) -> Result<RgbImage, Failure> {
    Err(no_renderer())
}

#[cfg(not(feature = "window"))]
fn no_renderer() -> Failure {
    Failure::new(Exit::NoGpu, "this program was built without the GPU's renderer; draw with --engine cpu")
}
