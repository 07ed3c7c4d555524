//! What a launch asks for, decided before anything runs.
//!
//! A launch URL or the words of a command line become a checked [`Launch`]; with the options of the window that is
//! an [`OpenPlan`], which the application carries out. Neither side needs to know the other. Nothing here opens a
//! file or a window.

mod credentials;
mod folders;
pub mod instance;
mod link;
mod memory;
mod plan;
mod protocols;
pub mod register;
mod window;

pub use credentials::{Credentials, LOGIN_VARIABLES, Secret};
pub use folders::{cache_dir, config_dir, document_dirs, user_name, write_new};
pub use link::{
    LONGEST_LINK, Launch, LinkError, MOST_GROUPS, MOST_ITEMS, SCHEMES, Wishes, is_link, parse_center_width,
    parse_layout, parse_server, parse_uid, path_of_file_url,
};
pub use memory::Budgets;
pub use plan::{OpenPlan, RemotePlan, SearchPlan};
pub use protocols::{AskedProtocol, Protocols};
pub use window::AskedWindow;
