//! The names of parameters, and what else they are called.

/// A parameter of a launch URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Path,
    Paths,
    Group,
    Groups,
    GroupSeries,
    OpenGroup,
    Dicomweb,
    Study,
    Series,
    Instance,
    User,
    Password,
    Auth,
    Token,
    Layout,
    Protocol,
    Frame,
    Window,
    /// Says only how the others are written.
    Form,
}

impl Key {
    /// By name, in any case, with or without underscores and dashes.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim();
        // A link copied out of the source of a page has its ampersands written as in HTML.
        let name = name.strip_prefix("amp;").unwrap_or(name);
        if name.len() > 40 {
            return None;
        }
        let name: String = name.chars().filter(|c| !matches!(c, '_' | '-')).collect();
        Some(match name.to_ascii_lowercase().as_str() {
            "path" | "file" => Self::Path,
            "paths" | "files" => Self::Paths,
            "group" => Self::Group,
            "groups" => Self::Groups,
            "groupseries" | "seriesgroup" => Self::GroupSeries,
            "opengroup" | "activegroup" | "groupindex" => Self::OpenGroup,
            "dicomweb" | "dicomweburl" | "baseurl" | "wadobase" => Self::Dicomweb,
            "study" | "studies" | "studyuid" | "studyuids" | "studyinstanceuid" | "studyinstanceuids" => {
                Self::Study
            }
            "series" | "seriesuid" | "seriesuids" | "seriesinstanceuid" | "seriesinstanceuids" => {
                Self::Series
            }
            "instance" | "instanceuid" | "sopinstanceuid" | "sopuid" => Self::Instance,
            "user" | "username" | "dicomwebuser" | "dicomwebusername" => Self::User,
            "pass" | "password" | "dicomwebpass" | "dicomwebpassword" => Self::Password,
            "auth" | "dicomwebauth" => Self::Auth,
            "token" | "accesstoken" | "bearertoken" | "bearer" | "dicomwebtoken" => Self::Token,
            "layout" => Self::Layout,
            "protocol" | "hangingprotocol" => Self::Protocol,
            "frame" => Self::Frame,
            "window" => Self::Window,
            "form" | "charset" => Self::Form,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_underscores_and_html_do_not_matter() {
        for name in ["study", "StudyInstanceUID", "study_instance_uid", " STUDYUID ", "amp;study", "studies"]
        {
            assert_eq!(Key::parse(name), Some(Key::Study), "{name}");
        }
        for name in ["open_group", "opengroup", "active_group", "group_index", "open-group"] {
            assert_eq!(Key::parse(name), Some(Key::OpenGroup), "{name}");
        }
        for name in ["dicomweb", "dicomweb_url", "base_url", "wado_base"] {
            assert_eq!(Key::parse(name), Some(Key::Dicomweb), "{name}");
        }
        for name in ["", "studyé", "paths2", "amp;", &"p".repeat(1000)] {
            assert_eq!(Key::parse(name), None, "{name}");
        }
    }
}
