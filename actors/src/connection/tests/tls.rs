//! TLS and mTLS, with certificates made here.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use super::server::TestServer;
use crate::connection::{ConnectError, Connection, ConnectionConfig, TlsConfig};

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    fn root(&self) -> Vec<u8> {
        self.issuer.pem().into_bytes()
    }

    /// Certificate and key for a name.
    fn issue(&self, name: &str) -> (Vec<u8>, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (
            certificate.pem().into_bytes(),
            key.serialize_pem().into_bytes(),
        )
    }

    fn server(&self, name: &str) -> ServerTlsConfig {
        let (certificate, key) = self.issue(name);
        ServerTlsConfig::new().identity(Identity::from_pem(certificate, key))
    }

    fn trusting(&self) -> TlsConfig {
        TlsConfig {
            server_root_ca_cert: Some(self.root()),
            ..TlsConfig::default()
        }
    }
}

async fn connect(server: &TestServer, tls: Option<TlsConfig>) -> Result<Connection, ConnectError> {
    let target = format!("https://localhost:{}", server.address.port());
    Connection::connect(ConnectionConfig {
        tls,
        ..ConnectionConfig::new(target)
    })
    .await
}

fn refusal(outcome: Result<Connection, ConnectError>) -> String {
    match outcome {
        Err(ConnectError::Unreachable(said) | ConnectError::NoSystemInfo(said)) => said,
        Err(other) => panic!("expected a refused connection, got {other:?}"),
        Ok(_) => panic!("expected a refused connection"),
    }
}

#[tokio::test]
async fn a_server_is_trusted_by_its_root_and_name() {
    let authority = Authority::new();
    let server = TestServer::start_tls(authority.server("localhost")).await;
    connect(&server, Some(authority.trusting())).await.unwrap();

    let stranger = Authority::new();
    let said = refusal(connect(&server, Some(stranger.trusting())).await);
    assert!(said.contains("InvalidCertificate"), "{said}");
    refusal(connect(&server, Some(TlsConfig::default())).await);
    refusal(connect(&server, None).await);
}

#[tokio::test]
async fn the_domain_stands_in_for_the_host() {
    let authority = Authority::new();
    let server = TestServer::start_tls(authority.server("temporal.example")).await;
    refusal(connect(&server, Some(authority.trusting())).await);
    let tls = TlsConfig {
        domain: Some("temporal.example".into()),
        ..authority.trusting()
    };
    connect(&server, Some(tls)).await.unwrap();
}

#[tokio::test]
async fn the_verified_name_can_differ_from_the_dialled_one() {
    let authority = Authority::new();
    let server = TestServer::start_tls(authority.server("temporal.example")).await;
    let expecting = |name: &str| TlsConfig {
        verification_server_name: Some(name.into()),
        ..authority.trusting()
    };
    connect(&server, Some(expecting("temporal.example")))
        .await
        .unwrap();
    refusal(connect(&server, Some(expecting("other.example"))).await);
    let stranger = Authority::new();
    let distrusting = TlsConfig {
        server_root_ca_cert: Some(stranger.root()),
        ..expecting("temporal.example")
    };
    refusal(connect(&server, Some(distrusting)).await);
    let rootless = TlsConfig {
        server_root_ca_cert: None,
        ..expecting("temporal.example")
    };
    let error = connect(&server, Some(rootless)).await.err().unwrap();
    assert!(matches!(error, ConnectError::InvalidTls(_)), "{error:?}");
}

#[tokio::test]
async fn a_client_makes_itself_known() {
    let authority = Authority::new();
    let clients = Certificate::from_pem(authority.root());
    let server = TestServer::start_tls(authority.server("localhost").client_ca_root(clients)).await;
    refusal(connect(&server, Some(authority.trusting())).await);

    let known = TlsConfig {
        client_identity: Some(authority.issue("client")),
        ..authority.trusting()
    };
    connect(&server, Some(known)).await.unwrap();
    let unknown = TlsConfig {
        client_identity: Some(Authority::new().issue("client")),
        ..authority.trusting()
    };
    refusal(connect(&server, Some(unknown)).await);
}

#[tokio::test]
async fn keys_that_are_none_are_refused_and_not_shown() {
    let tls = TlsConfig {
        client_identity: Some((b"certificate".to_vec(), b"SECRET".to_vec())),
        ..TlsConfig::default()
    };
    assert!(!format!("{tls:?}").contains("SECRET"));
    let config = ConnectionConfig {
        tls: Some(tls),
        ..ConnectionConfig::new("https://localhost:1")
    };
    let error = Connection::connect(config).await.err().unwrap();
    assert!(matches!(error, ConnectError::InvalidTls(_)), "{error:?}");
    assert!(!error.to_string().contains("SECRET"));
}
