//! Played servers, each of which keeps what it saw: proxies and TLS servers that answer every request with the text `good`,
//! and a plain one with answers of its own.

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What a server saw, in order.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn push(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }
}

/// A server that lives as long as its test.
pub struct Played {
    pub address: SocketAddr,
    seen: Seen,
}

impl Played {
    pub fn seen(&self) -> Vec<String> {
        self.seen.0.lock().unwrap().clone()
    }
}

/// The file of the authority that vouches for [`server_tls`]; `tls/README.md` says how it was made.
pub const CA_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/tls/ca.pem");

/// What a server named `models.test` or `localhost` needs; it chooses among `protocols`.
pub fn server_tls(protocols: &[&str]) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// A proxy for `http://` addresses, and, with `tls`, one whose tunnels all end at that server.
pub async fn http_proxy(tls: Option<TlsAcceptor>) -> Played {
    play(move |mut socket, seen| {
        let tls = tls.clone();
        async move {
            let head = request(&mut socket).await?;
            seen.push(head.clone());
            if let (true, Some(tls)) = (head.starts_with("CONNECT "), tls) {
                socket.write_all(b"HTTP/1.1 200 Go on\r\n\r\n").await.ok()?;
                let mut socket = tls.accept(socket).await.ok()?;
                seen.push(request(&mut socket).await?);
                return answer(&mut socket).await;
            }
            answer(&mut socket).await
        }
    })
    .await
}

/// A server behind TLS; the first thing it sees is the protocol that was agreed on.
pub async fn tls_server(tls: TlsAcceptor) -> Played {
    play(move |socket, seen| {
        let tls = tls.clone();
        async move {
            let mut socket = tls.accept(socket).await.ok()?;
            let protocol =
                socket.get_ref().1.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
            seen.push(protocol.unwrap_or_else(|| "no protocol".to_owned()));
            seen.push(request(&mut socket).await?);
            answer(&mut socket).await
        }
    })
    .await
}

/// A SOCKS5 proxy (RFC 1928 and 1929) that wants a password and answers in the place of whoever is asked for by name.
pub async fn socks_proxy() -> Played {
    play(|mut socket, seen| async move {
        let [_, methods] = read(&mut socket).await?;
        take(&mut socket, methods).await?;
        socket.write_all(&[5, 2]).await.ok()?;
        let [_, length] = read(&mut socket).await?;
        let user = take(&mut socket, length).await?;
        let [length] = read(&mut socket).await?;
        let password = take(&mut socket, length).await?;
        socket.write_all(&[1, 0]).await.ok()?;
        let [5, 1, 0, 3, length] = read(&mut socket).await? else { return None };
        let host = take(&mut socket, length).await?;
        let port = u16::from_be_bytes(read(&mut socket).await?);
        socket.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
        seen.push(format!("{user}:{password} -> {host}:{port}"));
        seen.push(request(&mut socket).await?);
        answer(&mut socket).await
    })
    .await
}

/// A server that gives one of `answers` (status and JSON body) after the other, and the last one for ever.
pub async fn json_server(answers: Vec<(u16, serde_json::Value)>) -> Played {
    let given = Arc::new(Mutex::new(answers));
    play(move |mut socket, seen| {
        let given = Arc::clone(&given);
        async move {
            seen.push(request(&mut socket).await?);
            let (status, body) = {
                let mut given = given.lock().unwrap();
                if given.len() > 1 { given.remove(0) } else { given[0].clone() }
            };
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            socket.write_all((head + &body).as_bytes()).await.ok()?;
            socket.shutdown().await.ok()
        }
    })
    .await
}

async fn play<F>(serve: impl Fn(TcpStream, Seen) -> F + Send + 'static) -> Played
where
    F: Future<Output = Option<()>> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let shared = seen.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(serve(socket, shared.clone()));
        }
    });
    Played { address, seen }
}

async fn read<const N: usize>(socket: &mut TcpStream) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    socket.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}

async fn take(socket: &mut TcpStream, length: u8) -> Option<String> {
    let mut bytes = vec![0; usize::from(length)];
    socket.read_exact(&mut bytes).await.ok()?;
    String::from_utf8(bytes).ok()
}

/// The head of a request, whose body is read and forgotten.
async fn request(socket: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    socket.read_exact(&mut body).await.ok()?;
    Some(head)
}

async fn answer(socket: &mut (impl AsyncWrite + Unpin)) -> Option<()> {
    let stream = crate::scripted::sse("m", &[json!({"type": "text", "text": "good"})], "end_turn", 1);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    socket.write_all(head.as_bytes()).await.ok()?;
    socket.write_all(&stream).await.ok()?;
    socket.shutdown().await.ok()
}
