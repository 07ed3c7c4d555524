//! What one request asks for, and how its images begin.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::viewport::layout::Grid;
use crate::dicomweb::Wanted;
use crate::launch::{AskedProtocol, AskedWindow, Credentials, OpenPlan, RemotePlan};
use crate::study::Filter;

/// What to open.
#[derive(Debug, Clone)]
pub struct Request {
    pub source: Source,
    pub beginning: Arc<Beginning>,
}

/// Where it is.
#[derive(Debug, Clone)]
pub enum Source {
    Paths {
        paths: Vec<PathBuf>,
        /// Whether to go into the folders and archives of a folder.
        recursive: bool,
        filter: Filter,
    },
    Server(Asked),
}

/// Studies of a server.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The root of the service.
    pub base: String,
    /// Who asks; what nobody said is looked up where the system keeps it.
    pub credentials: Credentials,
    pub wanted: Wanted,
}

/// How images begin.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Beginning {
    /// A grid of its own, or none in particular; without it the one that is chosen stays.
    pub grid: Option<Option<Grid>>,
    pub protocol: Option<AskedProtocol>,
    /// The frame stacks begin with, counted from zero.
    pub frame: Option<u32>,
    pub window: Option<AskedWindow>,
}

/// Everything one launch asks for.
pub struct Requests {
    /// In the order they were named.
    pub groups: Vec<Request>,
    /// Which of them to show first.
    pub first: usize,
}

impl From<Vec<PathBuf>> for Request {
    fn from(paths: Vec<PathBuf>) -> Self {
        Self {
            source: Source::Paths { paths, recursive: true, filter: Filter::default() },
            beginning: Arc::default(),
        }
    }
}

impl From<Asked> for Request {
    fn from(asked: Asked) -> Self {
        Self { source: Source::Server(asked), beginning: Arc::default() }
    }
}

impl From<Request> for Requests {
    fn from(request: Request) -> Self {
        Self { groups: vec![request], first: 0 }
    }
}

impl From<&OpenPlan> for Requests {
    fn from(plan: &OpenPlan) -> Self {
        let beginning = Arc::new(Beginning {
            grid: Some(plan.layout.map(|(rows, columns)| Grid { rows, columns })),
            protocol: plan.protocol.clone(),
            frame: plan.frame,
            window: plan.window.clone(),
        });
        let request = |source| Request { source, beginning: Arc::clone(&beginning) };
        if let Some(remote) = &plan.remote {
            let groups = of_server(remote).into_iter().map(|asked| request(Source::Server(asked))).collect();
            return Self { groups, first: remote.open_group };
        }
        let first = plan.open_group.min(plan.groups.len());
        let mut paths = plan.groups.clone();
        if !plan.paths.is_empty() {
            paths.insert(first, plan.paths.clone());
        }
        let local = |paths| Source::Paths { paths, recursive: plan.recursive, filter: plan.filter.clone() };
        Self { groups: paths.into_iter().map(|paths| request(local(paths))).collect(), first }
    }
}

fn of_server(remote: &RemotePlan) -> Vec<Asked> {
    let asked = |series: &[String]| Asked {
        base: remote.base_url.clone(),
        credentials: remote.credentials.clone(),
        wanted: Wanted {
            studies: remote.studies.clone(),
            series: series.to_vec(),
            instance: remote.instance.clone(),
        },
    };
    if remote.groups.is_empty() {
        return vec![asked(&remote.series)];
    }
    remote.groups.iter().map(|series| asked(series)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_to_show_keeps_its_place_among_the_others() {
        let plan = OpenPlan {
            paths: vec!["shown".into()],
            groups: vec![vec!["a".into()], vec!["b".into()], vec!["c".into()]],
            open_group: 2,
            layout: Some((1, 2)),
            ..OpenPlan::default()
        };
        let Requests { groups, first } = Requests::from(&plan);
        let named: Vec<_> = groups
            .iter()
            .map(|request| match &request.source {
                Source::Paths { paths, .. } => paths[0].display().to_string(),
                Source::Server(_) => String::new(),
            })
            .collect();
        assert_eq!(named, ["a", "b", "shown", "c"]);
        assert_eq!(first, 2);
        assert_eq!(groups[0].beginning.grid, Some(Some(Grid { rows: 1, columns: 2 })));
        assert!(Requests::from(&OpenPlan::default()).groups.is_empty(), "an empty window asks for nothing");
    }

    #[test]
    fn groups_of_a_server_are_its_series() {
        let remote = |series: &[&str], groups: &[&[&str]]| {
            let owned = |list: &[&str]| list.iter().map(|uid| (*uid).to_owned()).collect::<Vec<_>>();
            let remote = RemotePlan {
                base_url: "http://localhost/dicom-web".to_owned(),
                studies: vec!["1.2".to_owned()],
                series: owned(series),
                instance: None,
                groups: groups.iter().map(|group| owned(group)).collect(),
                open_group: 1,
                credentials: Credentials::None,
            };
            of_server(&remote).into_iter().map(|asked| asked.wanted.series.join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(remote(&["3", "4"], &[]), ["3 4"]);
        assert_eq!(remote(&[], &[&["3"], &["4", "5"]]), ["3", "4 5"]);
    }
}
