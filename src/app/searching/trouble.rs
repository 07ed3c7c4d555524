//! What went wrong with a search, and what can be done about it.

use crate::dicomweb::WebError;

/// A sentence about what is wrong, and one about what may help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub error: String,
    pub advice: &'static str,
    /// Whether somebody else, or with another password, may see it.
    pub sign_in: bool,
}

impl Trouble {
    fn new(error: impl Into<String>, advice: &'static str) -> Self {
        Self { error: error.into(), advice, sign_in: false }
    }

    pub fn of(error: &WebError) -> Self {
        let advice = match error {
            WebError::Address(_) => "Check the address of the server.",
            WebError::Connect(_) => {
                "Check the address, and whether the server runs and can be reached from this machine."
            }
            WebError::Tls(_) => "Whoever runs the server can say whether its certificate is the right one.",
            WebError::Unauthorized { .. } | WebError::Forbidden => "Another user may be allowed to search.",
            WebError::NotFound(_) => {
                "There is no search at this address. Servers often have it below /dicom-web, /dicomweb, /rs or \
                 /wado-rs."
            }
            WebError::Silence(_) | WebError::Cut => {
                "The server may be busy: try again, or look for something narrower."
            }
            WebError::TooLarge(_) => "Look for something narrower: a name, a modality or a few days.",
            WebError::Nonsense(_) | WebError::NotAcceptable => {
                "This may be another service of the machine. Check the path in the address."
            }
            WebError::Status { code: 400 | 413 | 414, .. } => {
                "The server may not allow such a wide search: add a name, a modality or a date."
            }
            WebError::Status { code: 500.., .. } => "The server is in trouble itself: try again in a while.",
            WebError::Status { .. } | WebError::Cancelled | WebError::Io(_) => "Try again.",
        };
        let sign_in = matches!(error, WebError::Unauthorized { .. } | WebError::Forbidden);
        Self { sign_in, ..Self::new(error.to_string(), advice) }
    }

    /// What was typed cannot be meant.
    pub fn of_input(error: String) -> Self {
        Self::new(error, "")
    }

    pub fn no_server() -> Self {
        Self::new(
            "no server is named",
            "Write its address into the first field, for example https://pacs.example/dicom-web.",
        )
    }

    pub fn no_thread() -> Self {
        Self::new("nothing can be looked for, since no thread could be started", "Try again.")
    }

    pub fn ended() -> Self {
        Self::new("the search ended unexpectedly", "Try again.")
    }
}
