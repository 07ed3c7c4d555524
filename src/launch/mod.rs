//! What a launch asks for, decided before anything runs.
//!
//! The command line fills an [`OpenPlan`] and the application carries it out; neither needs to know the
//! other. Nothing here opens a file or a window.

mod credentials;
mod folders;
pub mod instance;
mod memory;
mod plan;
mod protocols;
pub mod register;

pub use credentials::{Credentials, Secret};
pub use folders::{cache_dir, config_dir};
pub use memory::Budgets;
pub use plan::OpenPlan;
pub use protocols::{AskedProtocol, Protocols};
