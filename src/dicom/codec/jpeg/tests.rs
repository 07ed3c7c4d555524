//! Decoding against streams written by other encoders.
