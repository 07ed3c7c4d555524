//! The validated wishes of one launch: what to open and how the window should look.

use std::path::PathBuf;

use super::AskedProtocol;
use crate::study::Filter;

/// Everything `viewer [PATH]...` may ask of the application.
///
/// Values are checked by whoever builds the plan: paths were there a moment ago, sizes are not zero, and a
/// layout fits the window. The application may rely on that, except that files can vanish at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPlan {
    /// Files, folders, archives and what lies in archives, in the order they were named. Empty opens an empty
    /// window.
    pub paths: Vec<PathBuf>,
    /// Whether to go into the folders and archives of a folder.
    pub recursive: bool,
    /// Which of the objects found to take.
    pub filter: Filter,
    /// Problems to tell the user once there is a window: paths that were named and are not there.
    pub notices: Vec<String>,
    /// Rows and columns of viewports; `None` lets the hanging protocol decide.
    pub layout: Option<(u32, u32)>,
    /// The hanging protocol; `None` lets what is there decide. A layout goes before it.
    pub protocol: Option<AskedProtocol>,
    /// Start with the panel of studies and series open.
    pub studies: bool,
    /// Width and height of the window's content in physical pixels; `None` lets the application choose.
    pub size: Option<(u32, u32)>,
    /// Write what the window shows here once everything asked for is on screen, then exit.
    pub screenshot: Option<PathBuf>,
    /// Work without a window. Only meaningful together with `screenshot`.
    pub headless: bool,
    /// Bytes of decoded frames to keep; `None` lets the machine decide.
    pub cpu_cache: Option<u64>,
    /// Bytes of textures to keep; `None` lets the machine decide.
    pub gpu_cache: Option<u64>,
    /// A file of key bindings laid over the built-in ones.
    pub key_map: Option<PathBuf>,
}

impl Default for OpenPlan {
    fn default() -> Self {
        Self {
            paths: Vec::new(),
            recursive: true,
            filter: Filter::default(),
            notices: Vec::new(),
            layout: None,
            protocol: None,
            studies: false,
            size: None,
            screenshot: None,
            headless: false,
            cpu_cache: None,
            gpu_cache: None,
            key_map: None,
        }
    }
}
