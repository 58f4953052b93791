//! The certificates that rustls accepts: the platform's, given ones, or what the caller allows.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

use crate::transport::tls::TlsSettings;

/// A verifier that follows the settings.
#[derive(Debug)]
pub(crate) struct Verifier {
    /// If there is none, every certificate is accepted.
    strict: Option<Arc<dyn ServerCertVerifier>>,
    /// The given certificates; a server's own may be among them, as OpenSSL allows too.
    given: Vec<CertificateDer<'static>>,
    accepts_any_name: bool,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    pub(crate) fn new(
        settings: &TlsSettings,
        given: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let strict = match settings.danger_accept_invalid_certificates {
            true => None,
            false if settings.only_these_roots => Some(of_roots(&given, provider)?),
            false => Some(of_platform(&given, provider)?),
        };
        Ok(Self {
            strict,
            given,
            accepts_any_name: settings.danger_accept_invalid_names,
            provider: Arc::clone(provider),
        })
    }

    /// Whether a certificate is accepted although the strict verifier rejects it.
    fn forgive(
        &self,
        error: Error,
        certificate: &CertificateDer<'_>,
        name: &ServerName<'_>,
    ) -> Result<(), Error> {
        let Error::InvalidCertificate(problem) = &error else {
            return Err(error);
        };
        if is_wrong_name(problem) && self.accepts_any_name {
            return Ok(());
        }
        if !has_no_issuer(problem) || !self.given.contains(certificate) {
            return Err(error);
        }
        if self.accepts_any_name {
            return Ok(());
        }
        verify_server_name(&ParsedCertificate::try_from(certificate)?, name)
    }
}

fn of_roots(
    given: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let mut store = RootCertStore::empty();
    for root in given {
        store.add(root.clone())?;
    }
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone());
    let verifier = builder.build();
    Ok(verifier.map_err(|error| Error::General(error.to_string()))?)
}

#[cfg(not(target_os = "android"))]
fn of_platform(
    given: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    use rustls_platform_verifier::Verifier;
    let (roots, provider) = (given.iter().cloned(), Arc::clone(provider));
    Ok(Arc::new(match given.is_empty() {
        true => Verifier::new(provider)?,
        false => Verifier::new_with_extra_roots(roots, provider)?,
    }))
}

/// Others are rejected before: see `android::check`.
#[cfg(target_os = "android")]
fn of_platform(
    _given: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(provider))?;
    Ok(Arc::new(verifier))
}

pub(crate) fn is_wrong_name(problem: &CertificateError) -> bool {
    use CertificateError::{NotValidForName, NotValidForNameContext};
    matches!(problem, NotValidForName | NotValidForNameContext { .. })
}

/// Whether no trusted issuer has signed the certificate; another issuer of the same name may have.
///
/// A certificate that may sign others, and was sent as a server's own, has signed itself.
pub(crate) fn has_no_issuer(problem: &CertificateError) -> bool {
    use CertificateError::{
        BadSignature, UnknownIssuer, UnsupportedSignatureAlgorithmForPublicKeyContext,
    };
    match problem {
        UnknownIssuer | BadSignature | UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            true
        }
        CertificateError::Other(OtherError(error)) => {
            error.to_string().contains("CaUsedAsEndEntity")
        }
        _ => false,
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = match &self.strict {
            None => Ok(()),
            Some(strict) => strict
                .verify_server_cert(certificate, intermediates, name, ocsp_response, now)
                .map(drop)
                .or_else(|error| self.forgive(error, certificate, name)),
        };
        verified.map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
