//! Verifies a server's certificate against a name of its own.

use std::sync::Arc;

use rustls::{
    DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};

use super::ConnectError;

/// As strict as the usual verifier, but for another name than the one that is dialled.
#[derive(Debug)]
pub(super) struct OtherNameVerifier {
    name: ServerName<'static>,
    usual: Arc<WebPkiServerVerifier>,
}

impl OtherNameVerifier {
    pub(super) fn new(name: &str, root: Option<&[u8]>) -> Result<Self, ConnectError> {
        let invalid = ConnectError::InvalidTls;
        let Some(root) = root else {
            return Err(invalid(
                "verification_server_name needs server_root_ca_cert".into(),
            ));
        };
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| invalid(format!("invalid verification_server_name {name:?}")))?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(root)
            .collect::<Result<_, _>>()
            .map_err(|error| invalid(format!("cannot read server_root_ca_cert: {error}")))?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates);
        let provider = Arc::new(ring::default_provider());
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| invalid(format!("cannot use server_root_ca_cert: {error}")))?;
        Ok(Self { name, usual })
    }
}

impl ServerCertVerifier for OtherNameVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _dialled: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.usual
            .verify_server_cert(end_entity, intermediates, &self.name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}
