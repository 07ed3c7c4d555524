//! The commands' one door to the application: opening its window, and drawing with its shader.
//!
//! Built without the feature `window` there is nothing behind the door, and what knocks is told so.

use std::process::ExitCode;

use super::exit::{Exit, Failure};
use crate::display::{Look, RgbImage, TexelImage};
use crate::geometry::Affine;
use crate::launch::OpenPlan;

/// Runs the application; what keeps it from starting becomes this process's error.
#[cfg(feature = "window")]
pub fn open(plan: &OpenPlan) -> Result<ExitCode, Failure> {
    use crate::app::LaunchError;

    crate::app::run(plan).map_err(|error| {
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
    use crate::app::gpu::offscreen::{Offscreen, OffscreenError};
    use crate::display::Interpolation;

    let no_gpu = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::NoGpu, format!("{error}; or draw with --engine cpu"))
    };
    let engine = Offscreen::new().map_err(|error| no_gpu(&error))?;
    engine.render(image, look, map, size, Interpolation::default()).map_err(|error| match error {
        OffscreenError::NoGpu(error) => no_gpu(&error),
        other => Failure::nothing(other.to_string()),
    })
}

#[cfg(not(feature = "window"))]
pub fn open(_: &OpenPlan) -> Result<ExitCode, Failure> {
    Err(Failure::nothing("this program was built without a window; build it with the default features"))
}

#[cfg(not(feature = "window"))]
pub fn draw(_: &TexelImage, _: &Look, _: &Affine, _: [u32; 2]) -> Result<RgbImage, Failure> {
    Err(Failure::new(
        Exit::NoGpu,
        "this program was built without the GPU's renderer; draw with --engine cpu",
    ))
}
