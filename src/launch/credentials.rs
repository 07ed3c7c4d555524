//! What opens a server's door, kept so that no message, log or file can give it away by accident.
//!
//! A secret is shown as dots wherever something is printed for debugging, and it cannot be written by serde.
//! Whoever has to send it asks for it by name.

use std::fmt;

/// Where a user's name, password and token are looked for when nobody says them.
pub const LOGIN_VARIABLES: [&str; 3] = ["LIGHTBOX_USER", "LIGHTBOX_PASSWORD", "LIGHTBOX_TOKEN"];

/// A password or token. Printing it prints dots; it has to be [revealed](Self::reveal) to be used.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself: for the request that needs it and nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// How a request says who asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Credentials {
    #[default]
    None,
    Basic {
        user: String,
        password: Secret,
    },
    Bearer(Secret),
}

impl Credentials {
    /// The name of the kind, as integrators know it: `none`, `basic` or `bearer`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic { .. } => "basic",
            Self::Bearer(_) => "bearer",
        }
    }

    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let basic = Credentials::Basic { user: "anna".to_owned(), password: Secret::new("hunter2") };
        let bearer = Credentials::Bearer(Secret::new("eyJhbGciOi"));
        let printed = format!("{basic:?} {bearer:?} {:#?}", Secret::new("swordfish"));
        for secret in ["hunter2", "eyJ", "swordfish"] {
            assert!(!printed.contains(secret), "{printed}");
        }
        assert!(printed.contains("anna"));
        assert_eq!((basic.kind(), bearer.kind()), ("basic", "bearer"));
    }
}
