//! HTTP `CONNECT` proxies.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream, UnixListener},
};

use super::server::TestServer;
use crate::connection::{ConnectError, Connection, ConnectionConfig, HttpConnectProxy};

/// The request heads that a proxy got.
type Heads = Arc<Mutex<Vec<String>>>;

/// Serves one client: answers with `status`, and tunnels to the target if that is 200.
async fn serve(
    client: impl AsyncRead + AsyncWrite + Unpin,
    status: &str,
    target: String,
    heads: Heads,
) {
    let mut client = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        client.read_line(&mut head).await.unwrap();
    }
    heads.lock().push(head);
    let answer = format!("HTTP/1.1 {status}\r\nvia: test\r\n\r\n");
    client.write_all(answer.as_bytes()).await.unwrap();
    if status.starts_with("200") {
        let mut server = TcpStream::connect(target).await.unwrap();
        // Ends with an error when the test is over first.
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}

async fn tcp_proxy(status: &'static str, target: String) -> (String, Heads) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heads = Heads::default();
    let kept = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client, status, target.clone(), Arc::clone(&kept)));
        }
    });
    (address, heads)
}

async fn connect(target: &str, proxy: HttpConnectProxy) -> Result<Connection, ConnectError> {
    let config = ConnectionConfig {
        proxy: Some(proxy),
        ..ConnectionConfig::new(target)
    };
    Connection::connect(config).await
}

#[tokio::test]
async fn a_proxy_is_asked_with_credentials_and_then_transparent() {
    let server = TestServer::start(|_| async { Ok(Bytes::new()) }).await;
    let (target_host, heads) = tcp_proxy("200 fine", server.address.to_string()).await;
    let basic_auth = Some(("user".into(), "SECRET".into()));
    let proxy = HttpConnectProxy {
        target_host,
        basic_auth,
    };
    assert!(!format!("{proxy:?}").contains("SECRET"));
    // No such host is known here: the proxy alone resolves it.
    connect("http://temporal.invalid", proxy).await.unwrap();
    let expected = "CONNECT temporal.invalid:80 HTTP/1.1\r\nHost: temporal.invalid:80\r\n\
                    Proxy-Authorization: Basic dXNlcjpTRUNSRVQ=\r\n\r\n";
    assert_eq!(*heads.lock(), [expected]);
}

#[tokio::test]
async fn a_refusing_proxy_is_quoted() {
    let (target_host, _) = tcp_proxy("407 who are you", String::new()).await;
    let proxy = HttpConnectProxy {
        target_host,
        basic_auth: None,
    };
    let error = connect("http://temporal.invalid:7233", proxy)
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("407 who are you"), "{error}");
}

#[tokio::test]
async fn a_proxy_may_listen_on_a_unix_socket() {
    let server = TestServer::start(|_| async { Ok(Bytes::new()) }).await;
    let path = std::env::temp_dir().join(format!("callboard-{}.sock", uuid::Uuid::new_v4()));
    let listener = UnixListener::bind(&path).unwrap();
    let (heads, address) = (Heads::default(), server.address.to_string());
    let serving = async {
        let (client, _) = listener.accept().await.unwrap();
        tokio::spawn(serve(client, "200 OK", address, Arc::clone(&heads)));
    };
    let target_host = format!("unix:{}", path.display());
    let proxy = HttpConnectProxy {
        target_host,
        basic_auth: None,
    };
    let (connected, ()) = tokio::join!(connect("http://temporal.invalid:7233", proxy), serving);
    std::fs::remove_file(&path).unwrap();
    connected.unwrap();
    assert!(heads.lock()[0].starts_with("CONNECT temporal.invalid:7233 HTTP/1.1\r\n"));
}
