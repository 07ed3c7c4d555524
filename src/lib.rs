//! Lightbox: a native DICOM viewer. Exactly the right images, at once, with every grey level right.
//!
//! The library is the whole house; `main.rs` only opens the door. Floors, from the ground up, each knowing
//! only what lies below it:
//!
//! * [`dicom`]: bytes to elements to frames to stored samples.
//! * [`display`], [`geometry`], [`study`], [`hanging`], [`cine`], [`inspect`], [`demo`], [`launch`], [`picture`],
//!   [`presentation`], [`dicomweb`]: what reading means, without windows.
//! * [`app`]: the Bevy application and the GPU.
//! * [`cli`]: the command line.
//!
//! Without the feature `window`, which is on by default, `app` is left out and with it Bevy and the GPU: what
//! stays is a DICOM library and the commands that need no screen.
//!
//! `ARCHITECTURE.md` tells the whole story.

#[cfg(feature = "window")]
pub mod app;
pub mod cine;
pub mod cli;
pub mod demo;
pub mod dicom;
pub mod dicomweb;
pub mod display;
pub mod geometry;
pub mod hanging;
pub mod inspect;
pub mod launch;
pub mod picture;
pub mod presentation;
pub mod study;
