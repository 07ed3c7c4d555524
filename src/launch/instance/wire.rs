//! What is said at the door: a length of four bytes, then that much JSON. Both sides are strangers until the other
//! has shown to be of the same version, and lengths are claims.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::time::Instant;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::HandOver;
use super::hand_over::sound_token;
use super::transport::Stream;
use crate::launch::Secret;

/// The longest greeting or answer, and the longest launch: twice what a command line may have on Linux.
pub const SHORT: usize = 4 << 10;
pub const LONG: usize = 4 << 20;

const MOST_WORDS: usize = 1 << 17;
const MOST_VARIABLES: usize = 16;

/// The first words of the side that listens. Nothing is told to a stranger before they were heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    pub program: String,
    pub protocol: u32,
    pub version: String,
}

impl Greeting {
    pub fn of(version: &str) -> Self {
        Self { program: "lightbox".to_owned(), protocol: super::PROTOCOL, version: version.to_owned() }
    }
}

/// What becomes of a launch that was brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is here and waits for the application.
    Waiting,
    /// The window has it.
    Taken,
    /// The window is about to be gone.
    Closing,
    /// The window will not have it, and why.
    Refused(String),
}

/// A word as it crosses: text where it is text, so that the same word never has two forms.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Text(String),
    Bytes(Vec<u8>),
    Wide(Vec<u16>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Launch {
    words: Vec<Word>,
    folder: Option<Word>,
    /// Secrets refuse to be written; here is where they are meant to be.
    variables: BTreeMap<String, String>,
    activation: Option<String>,
}

/// The bytes of a message.
pub fn pack(message: &impl Serialize, most: usize) -> io::Result<Vec<u8>> {
    let mut packed = vec![0; 4];
    serde_json::to_writer(&mut packed, message)?;
    let length = packed.len() - 4;
    let claimed = u32::try_from(length).ok().filter(|_| length <= most).ok_or_else(too_long)?;
    if let Some(head) = packed.get_mut(..4) {
        head.copy_from_slice(&claimed.to_be_bytes());
    }
    Ok(packed)
}

/// The bytes of a launch.
pub fn pack_launch(hand_over: &HandOver) -> io::Result<Vec<u8>> {
    let HandOver { words, folder, variables, activation } = hand_over;
    let variables = variables.iter().map(|(name, value)| (name.clone(), value.reveal().to_owned())).collect();
    let words = words.iter().map(|word| wrap(word)).collect();
    let folder = folder.as_ref().map(|folder| wrap(folder.as_os_str()));
    pack(&Launch { words, folder, variables, activation: activation.clone() }, LONG)
}

/// Sends a message of the short kind.
pub fn say(stream: &mut Stream, message: &impl Serialize, deadline: Instant) -> io::Result<()> {
    stream.send(&pack(message, SHORT)?, deadline)
}

/// Receives a message of the short kind.
pub fn hear<T: DeserializeOwned>(stream: &mut Stream, deadline: Instant) -> io::Result<T> {
    Ok(serde_json::from_slice(&receive(stream, SHORT, deadline)?)?)
}

/// Receives a launch.
pub fn hear_launch(stream: &mut Stream, deadline: Instant) -> io::Result<HandOver> {
    let Launch { words, folder, variables, activation } =
        serde_json::from_slice(&receive(stream, LONG, deadline)?)?;
    if words.len() > MOST_WORDS || variables.len() > MOST_VARIABLES {
        return Err(too_long());
    }
    Ok(HandOver {
        words: words.into_iter().map(unwrap).collect::<io::Result<_>>()?,
        folder: folder.map(unwrap).transpose()?.map(PathBuf::from).filter(|folder| folder.is_absolute()),
        variables: variables.into_iter().map(|(name, value)| (name, Secret::new(value))).collect(),
        activation: activation.as_deref().and_then(sound_token),
    })
}

/// A message as bytes. Memory follows what arrives and not what the length claims.
fn receive(stream: &mut Stream, most: usize, deadline: Instant) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(4);
    fill(stream, &mut head, 4, deadline)?;
    let length = head.iter().fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
    if length > most {
        return Err(too_long());
    }
    let mut body = Vec::new();
    fill(stream, &mut body, length, deadline)?;
    Ok(body)
}

fn fill(stream: &mut Stream, into: &mut Vec<u8>, length: usize, deadline: Instant) -> io::Result<()> {
    let mut chunk = [0; 16 << 10];
    while into.len() < length {
        let wanted = chunk.len().min(length - into.len());
        let Some(space) = chunk.get_mut(..wanted) else { break };
        let got = stream.receive(space, deadline)?;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        into.extend_from_slice(space.get(..got).unwrap_or_default());
    }
    Ok(())
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the message is too long")
}

fn wrap(word: &OsStr) -> Word {
    if let Some(text) = word.to_str() {
        return Word::Text(text.to_owned());
    }
    #[cfg(unix)]
    return Word::Bytes(std::os::unix::ffi::OsStrExt::as_bytes(word).to_vec());
    #[cfg(windows)]
    return Word::Wide(std::os::windows::ffi::OsStrExt::encode_wide(word).collect());
}

fn unwrap(word: Word) -> io::Result<OsString> {
    match word {
        Word::Text(text) => Ok(text.into()),
        #[cfg(unix)]
        Word::Bytes(bytes) => Ok(std::os::unix::ffi::OsStringExt::from_vec(bytes)),
        #[cfg(windows)]
        Word::Wide(units) => Ok(std::os::windows::ffi::OsStringExt::from_wide(&units)),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "a word of another system")),
    }
}
