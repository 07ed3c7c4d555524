//! The validated wishes of one launch: what to open and how the window should look.

use std::path::PathBuf;

use super::{AskedProtocol, AskedWindow, Credentials};
use crate::study::Filter;

/// Everything `viewer [PATH]...` may ask of the application.
///
/// Values are checked by whoever builds the plan: paths were there a moment ago, sizes are not zero, and a
/// layout fits the window. The application may rely on that, except that files can vanish at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPlan {
    /// Files, folders, archives and what lies in archives, in the order they were named. Empty opens an empty
    /// window.
    ///
    /// Of a launch with groups, this is the one to show first.
    pub paths: Vec<PathBuf>,
    /// The other groups, in the order they were named: opened behind the first one, without being shown.
    pub groups: Vec<Vec<PathBuf>>,
    /// How many of `groups` were named before `paths`.
    pub open_group: usize,
    /// What to fetch from a server. There are no paths then.
    pub remote: Option<RemotePlan>,
    /// A server to look for studies on, with the panel for it open.
    pub search: Option<SearchPlan>,
    /// Certificates of servers to believe beside those of the system.
    pub ca: Option<PathBuf>,
    /// Keep nothing on disk of what servers send.
    pub keep_nothing: bool,
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
    /// The frame that viewports begin with, counted from zero; where there are fewer, the last.
    pub frame: Option<u32>,
    /// The window that images without colour begin with, in place of their own.
    pub window: Option<AskedWindow>,
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

/// What to fetch from a DICOMweb server. UIDs are digits and dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemotePlan {
    /// The root of the service, without a slash at its end: `https://pacs.example/dicom-web`.
    pub base_url: String,
    /// At least one: the current study, then the prior ones.
    pub studies: Vec<String>,
    /// Only these series of the studies; all of them where there are none.
    pub series: Vec<String>,
    /// Only this instance. There is one study then, and one series at most.
    pub instance: Option<String>,
    /// Series by group: those of `series` where nothing else was asked for. A group without series is all that the
    /// studies have.
    pub groups: Vec<Vec<String>>,
    /// The group to show first.
    pub open_group: usize,
    pub credentials: Credentials,
}

/// A DICOMweb server to look for studies on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPlan {
    /// The root of the service, without a slash at its end.
    pub base_url: String,
    pub credentials: Credentials,
    /// The study that its address named.
    pub study: Option<String>,
}

impl Default for OpenPlan {
    fn default() -> Self {
        Self {
            paths: Vec::new(),
            groups: Vec::new(),
            open_group: 0,
            remote: None,
            search: None,
            ca: None,
            keep_nothing: false,
            recursive: true,
            filter: Filter::default(),
            notices: Vec::new(),
            layout: None,
            protocol: None,
            frame: None,
            window: None,
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
