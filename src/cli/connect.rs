//! How to reach a server: the flags every command has that asks one, and the program's one door to the network.
//!
//! Built without the feature `web` there is nothing behind the door, and what knocks is told so.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::exit::Failure;
use crate::launch::{Credentials, LOGIN_VARIABLES, Secret};

pub const HELP: &str = "\
CREDENTIALS
  --user and --password or --token, else the variables LIGHTBOX_USER and LIGHTBOX_PASSWORD or LIGHTBOX_TOKEN,
  else the system's credential file: the one $NETRC names, or .netrc (_netrc on Windows) in the home folder, with
  lines like: machine pacs.example login anna password secret
  Other users of a machine may see what is typed after --password and --token; variables and the file they do not.
  Credentials are sent to the server that was named and to no other.";

/// Credentials and certificates, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Server")]
pub struct ConnectArgs {
    /// The user the server knows
    #[arg(long, value_name = "NAME", conflicts_with = "token")]
    pub user: Option<String>,

    /// The password of that user; better in LIGHTBOX_PASSWORD or the credential file
    #[arg(long, value_name = "PASSWORD", conflicts_with = "token", hide_default_value = true, value_parser = secret)]
    pub password: Option<Secret>,

    /// A bearer token; better in LIGHTBOX_TOKEN
    #[arg(long, value_name = "TOKEN", value_parser = secret)]
    pub token: Option<Secret>,

    /// Believe the certificates in this PEM file beside those of the system
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// Keeps what was typed out of everything that is printed.
pub fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

impl ConnectArgs {
    /// What was typed, else what the environment says. None leaves it to the system's credential file.
    ///
    /// # Errors
    /// A user without a password or the other way round.
    pub fn credentials(&self) -> Result<Credentials, Failure> {
        self.credentials_in(|name| std::env::var_os(name))
    }

    fn credentials_in(&self, variable: impl Fn(&str) -> Option<OsString>) -> Result<Credentials, Failure> {
        let set = |name: &str| {
            let value = variable(name).filter(|value| !value.is_empty());
            // Not what it holds: it may be a password in an unusual encoding.
            value
                .map(|value| {
                    value
                        .into_string()
                        .map_err(|_| Failure::usage(format!("the variable holds what is no text: {name}")))
                })
                .transpose()
        };
        let [user_there, password_there, token_there] = LOGIN_VARIABLES;
        if let Some(token) = &self.token {
            return Ok(Credentials::Bearer(token.clone()));
        }
        let typed = self.user.is_some() || self.password.is_some();
        if !typed && let Some(token) = set(token_there)? {
            return Ok(Credentials::Bearer(Secret::new(token)));
        }
        let user = self.user.clone().map_or_else(|| set(user_there), |user| Ok(Some(user)))?;
        let password = match &self.password {
            Some(password) => Some(password.clone()),
            None => set(password_there)?.map(Secret::new),
        };
        match (user, password) {
            (Some(user), Some(password)) => Ok(Credentials::Basic { user, password }),
            (Some(_), None) => Err(Failure::usage(
                "a user needs a password: set LIGHTBOX_PASSWORD, or write both into the credential file",
            )),
            (None, Some(_)) if typed => Err(Failure::usage("a password needs a user: add --user")),
            (None, _) => Ok(Credentials::None),
        }
    }
}

#[cfg(feature = "web")]
pub use web::interruptible;

#[cfg(feature = "web")]
mod web {
    use std::sync::Arc;

    use super::ConnectArgs;
    use crate::cli::exit::{Exit, Failure};
    use crate::cli::output::complain;
    use crate::dicomweb::{Client, ClientOptions, Transport, WebError};
    use crate::study::CancelToken;

    impl ConnectArgs {
        /// A server to ask. What should be known about it is said on standard error.
        ///
        /// # Errors
        /// The address or the credentials cannot be meant, or the certificates cannot be read.
        pub fn connect(&self, base: &str) -> Result<Arc<dyn Transport>, Failure> {
            let options = ClientOptions {
                credentials: self.credentials()?,
                ca: self.ca.clone(),
                ..ClientOptions::new(base)
            };
            let client = Client::new(options).map_err(|error| match error {
                WebError::Address(_) => Failure::usage(error.to_string()),
                WebError::Io(_) => Failure::new(Exit::Io, error.to_string()),
                _ => Failure::nothing(error.to_string()),
            })?;
            for warning in client.warnings() {
                complain(warning);
            }
            Ok(Arc::new(client))
        }
    }

    /// Ends the work in an orderly way when the user or the system asks for it, and at once when asked again.
    pub fn interruptible(cancel: &CancelToken) {
        let cancel = cancel.clone();
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        let listen = move || {
            runtime.block_on(async {
                if asked().await.is_ok() {
                    cancel.cancel();
                    if asked().await.is_ok() {
                        std::process::exit(super::INTERRUPTED.into());
                    }
                }
            });
        };
        // Without a thread to listen the system's own way of ending stays.
        std::thread::Builder::new().name("signals".to_owned()).spawn(listen).ok();
    }

    #[cfg(unix)]
    async fn asked() -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let signals = [terminate.recv(), hang_up.recv(), interrupt.recv()].map(Box::pin);
        futures_util::future::select_all(signals).await;
        Ok(())
    }

    #[cfg(not(unix))]
    async fn asked() -> std::io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}

/// The exit code of what was interrupted, as shells have it.
pub const INTERRUPTED: u8 = 130;

#[cfg(not(feature = "web"))]
impl ConnectArgs {
    pub fn connect(&self, _: &str) -> Result<std::sync::Arc<dyn crate::dicomweb::Transport>, Failure> {
        self.credentials()?;
        Err(Failure::nothing(
            "this program was built without the network; build it with the default features",
        ))
    }
}

#[cfg(not(feature = "web"))]
pub fn interruptible(_: &crate::study::CancelToken) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(user: &str, password: &str) -> Credentials {
        Credentials::Basic { user: user.to_owned(), password: Secret::new(password) }
    }

    #[test]
    fn what_is_typed_goes_before_the_environment() {
        let environment = |name: &str| match name {
            "LIGHTBOX_USER" => Some(OsString::from("env")),
            "LIGHTBOX_PASSWORD" => Some(OsString::from("env-password")),
            _ => None,
        };
        let with = |args: &ConnectArgs| args.credentials_in(environment).expect("credentials");
        let nothing = ConnectArgs::default();
        assert_eq!(with(&nothing), basic("env", "env-password"));
        let user = ConnectArgs { user: Some("anna".into()), ..nothing.clone() };
        assert_eq!(with(&user), basic("anna", "env-password"));
        let both = ConnectArgs { password: Some(Secret::new("p")), ..user.clone() };
        assert_eq!(with(&both), basic("anna", "p"));
        let token = ConnectArgs { token: Some(Secret::new("t")), ..nothing.clone() };
        assert_eq!(with(&token), Credentials::Bearer(Secret::new("t")));

        let tokens = |name: &str| (name == "LIGHTBOX_TOKEN").then(|| OsString::from("t"));
        assert_eq!(
            nothing.credentials_in(tokens).expect("credentials"),
            Credentials::Bearer(Secret::new("t"))
        );
        assert_eq!(both.credentials_in(tokens).expect("credentials"), basic("anna", "p"));
        assert_eq!(nothing.credentials_in(|_| None).expect("none"), Credentials::None);
        assert_eq!(nothing.credentials_in(|_| Some(OsString::new())).expect("none"), Credentials::None);
    }

    #[test]
    fn halves_are_refused_without_being_repeated() {
        let user = ConnectArgs { user: Some("anna".into()), ..ConnectArgs::default() };
        let password = ConnectArgs { password: Some(Secret::new("hunter2")), ..ConnectArgs::default() };
        for half in [user, password] {
            let failure = half.credentials_in(|_| None).expect_err("half of it").to_string();
            assert!(!failure.contains("hunter2"));
            assert!(!format!("{half:?}").contains("hunter2"));
        }
    }
}
