//! Where images hang: protocols as files, and what they make of the studies at hand.
//!
//! A [`Protocol`] says which images a reader wants to see together, in which slot, which way round and how large.
//! [`hang`] takes the display sets that are there, chooses a protocol unless one is asked for, and answers with a
//! [`Hanging`]: steps of slots. [`lay_out`] does the same for a grid somebody chose. Whatever a protocol has no
//! place for follows in further steps, so nothing is lost; studies of different patients are never compared.
//!
//! Nothing here draws, decodes or knows the size of a window. [`same_size`] answers the one question that needs
//! it, once the application knows its viewports.

mod case;
mod choose;
mod error;
mod generic;
mod place;
mod plan;
mod protocol;
mod scale;
mod select;
mod shipped;
mod values;

pub use choose::{check_name, hang, lay_out};
pub use error::Error;
pub use generic::grid_for;
pub use plan::{Hanging, Slot, Step};
pub use protocol::{Protocol, SlotRule, StepRule, When};
pub use scale::{SameSize, Sized, same_size};
pub use select::{Relative, Selector};
pub use shipped::{from_file, in_folder, named, shipped};
pub use values::{Edge, Grid, Kind, List, Scale, Turn, Window};

#[cfg(test)]
mod tests;
