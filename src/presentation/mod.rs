//! What others said about images: objects that explain, mark or report, as plain models. Nothing here draws in a window
//! or knows the GPU.

pub mod cad;
pub mod color_map;
pub mod cover;
pub mod drawing;
pub mod gsps;
mod kept;
pub mod labels;
pub mod lying;
pub mod parametric;
pub mod raster;
pub mod segmentation;
pub mod sr;

use crate::display::cielab as color;
pub use color::{Rgb, gray, read_lab, to_lab_words};
