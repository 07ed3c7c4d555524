//! The display pipeline, on the CPU: stored samples become grey levels or colours.
//!
//! This is the reference the shader is held to. Everything is computed in `f64`, in the order of the
//! standard: padding test on stored values (PS3.3 C.7.5.1.1.2), modality LUT (C.11.1), VOI (C.11.2),
//! inversion (C.11.4, C.11.6), eight bits. Interpolation happens on modality values, before VOI.
//!
//! Step by step: [`Appearance::read`] gathers what an object says about its own display,
//! [`TexelImage`] holds the samples of a frame as they are sampled (also reduced in size),
//! a [`Look`] is what is applied to them, and [`render`] draws.
//!
//! It reads no files, decodes nothing and knows nothing of windows or the GPU.
//!
//! ```
//! use lightbox::dicom::{ColorModel, Frame, Samples};
//! use lightbox::display::{Appearance, Interpolation, Modality, TexelImage, Voi, render};
//! use lightbox::geometry::Affine;
//!
//! // Three stored samples of a CT: air, water and something denser.
//! let samples = Samples::U16(vec![24, 1024, 1064]);
//! let frame = Frame { rows: 1, columns: 3, channels: 1, color: ColorModel::Gray, samples };
//! let appearance = Appearance {
//!     modality: Modality::Rescale { slope: 1.0, intercept: -1024.0 },
//!     unit: "HU".to_owned(),
//!     bits_stored: 12,
//!     padding: None,
//!     choices: Vec::new(),
//!     inverse: false,
//!     palette: None,
//!     signed: false,
//! };
//!
//! // A window of 400 around 40: what lies at its centre is half way up.
//! let look = appearance.look(Voi::Linear { center: 40.0, width: 400.0 }, false);
//! let texels = TexelImage::from_frame(frame, &appearance);
//! let picture = render(&texels, &look, &Affine::IDENTITY, 3, 1, Interpolation::Nearest);
//! assert_eq!(picture.pixels, [0, 0, 0, 102, 102, 102, 128, 128, 128]);
//! ```

mod appearance;
pub mod cielab;
mod color;
mod descriptor;
mod look;
mod lut;
mod modality;
mod padding;
mod palette;
mod presets;
mod pyramid;
mod render;
mod sample;
mod segmented;
mod slab;
mod stats;
mod texels;
mod voi;

pub use appearance::{Appearance, stored_range};
pub use color::{to_rgba, ybr_full_to_rgb, ybr_partial_to_rgb};
pub use look::{Look, Ramp};
pub use lut::Lut;
pub use modality::Modality;
pub use padding::Padding;
pub use palette::Palette;
pub use presets::{Preset, presets};
pub use render::{RgbImage, render, render_rows};
pub use sample::Interpolation;
pub use slab::{NotCombined, SlabMode, Slice, combine};
pub use stats::{Stats, stats};
pub use texels::{MAX_LEVEL, TexelImage, TexelKind, Texels, choose_level};
pub use voi::{Voi, VoiChoice, VoiOrigin};
