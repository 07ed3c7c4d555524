//! A server that encrypts, with certificates nobody else believes in.
//!
//! Made with openssl for a hundred years: an authority on the curve P-256 whose key was thrown away, and a
//! certificate of it for `localhost` alone.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The authority.
pub const AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBmjCCAT+gAwIBAgIUQgzc1H9dK78I6ow2bUkpYNiSPDgwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMTEwODQ3WhgPMjEy
NjEwMjgxMTA4NDdaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEMKnP0qNLzYz/zET6r1IZ96u8FnV170Qef33yV8dX
BoIMXEqO8NyuTWTxatzMpxgcfvIIsXQgNsH0LbVmAxMqr6NjMGEwHQYDVR0OBBYE
FChb0k2cDWKa+TnahECXjPCPBCHJMB8GA1UdIwQYMBaAFChb0k2cDWKa+TnahECX
jPCPBCHJMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49
BAMCA0kAMEYCIQDLPyjoG6b/OZ0IZL2sFpD/2t82Alm482NXfRr/DtpBbgIhAKXI
jNDtDDsnxeZFCCUmRyMgOXAwCC/NgaH5PCrUGeJj
-----END CERTIFICATE-----
";

const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBvTCCAWSgAwIBAgIUMogpcx66xfXSCDb3EQvOMyYo4CMwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMTEwODQ4WhgPMjEy
NjEwMjgxMTA4NDhaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEG
CCqGSM49AwEHA0IABDFQiO2gQPDBHaKPEo3kk5xb2Up1+aiNri51WTeBPuKwjUDt
wY9g+293Oen2drGPp+6f/RhQvBK1vA/b87p6F2GjgYwwgYkwFAYDVR0RBA0wC4IJ
bG9jYWxob3N0MAwGA1UdEwEB/wQCMAAwEwYDVR0lBAwwCgYIKwYBBQUHAwEwDgYD
VR0PAQH/BAQDAgeAMB0GA1UdDgQWBBQIkNyNNJ+KofWnaWRHQK4HjQXuEzAfBgNV
HSMEGDAWgBQoW9JNnA1imvk52oRAl4zwjwQhyTAKBggqhkjOPQQDAgNHADBEAiAK
YQOvwO3ces/1KqIqAjSwgJSM+dWSAeHaKXdZVbWcJgIgRa6XDEkI2id6OmNbda/n
EYfljGYAIirT2TIoDdboqPQ=
-----END CERTIFICATE-----
";

/// Opens nothing but these tests.
const KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLt945TTsrtgg/bWM
ly5601znuDfj4WkGyvaAiQ2KtXuhRANCAAQxUIjtoEDwwR2ijxKN5JOcW9lKdfmo
ja4udVk3gT7isI1A7cGPYPtvdznp9naxj6fun/0YULwStbwP2/O6ehdh
-----END PRIVATE KEY-----
";

/// Answers every request of an encrypted connection with the same bytes.
pub fn start(reply: Vec<u8>) -> SocketAddr {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a configuration");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (config, reply) = (Arc::clone(&config), reply.clone());
            std::thread::spawn(move || {
                let connection = ServerConnection::new(config).expect("a connection");
                let mut stream = BufReader::new(StreamOwned::new(connection, stream));
                let mut line = String::new();
                while stream.read_line(&mut line).is_ok_and(|count| count > 0) {
                    if line.trim().is_empty() {
                        stream.get_mut().write_all(&reply).ok();
                        stream.get_mut().flush().ok();
                    }
                    line.clear();
                }
            });
        }
    });
    address
}
