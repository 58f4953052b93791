//! The JVM that Android's certificate verifier needs.

use crate::transport::tls::{Refusal, TlsSettings};

/// Rejects settings at which the platform's verifier would panic, or which it would ignore.
pub(super) fn check(settings: &TlsSettings, is_initialized: bool) -> Result<(), Refusal> {
    let problem = if settings.only_these_roots || settings.danger_accept_invalid_certificates {
        return Ok(());
    } else if !settings.roots.is_empty() {
        "Android's verifier takes no further authorities: ClientBuilder::only_given_roots uses the \
         given ones without it"
    } else if !is_initialized {
        "Android's verifier has no JVM: call latchbox::transport::init_android_verifier before \
         connecting, or ClientBuilder::only_given_roots"
    } else {
        return Ok(());
    };
    Err(Refusal::Settings(problem.into()))
}

#[cfg(target_os = "android")]
pub use self::jvm::init_android_verifier;
#[cfg(target_os = "android")]
pub(super) use self::jvm::is_initialized;

#[cfg(target_os = "android")]
mod jvm {
    use std::sync::atomic::{AtomicBool, Ordering};

    use jni::Env;
    use jni::objects::JObject;

    static IS_INITIALIZED: AtomicBool = AtomicBool::new(false);

    /// Gives the JVM and the program's context to Android's certificate verifier (Android, feature
    /// `rustls`).
    ///
    /// The program calls it once before it connects, usually where Java calls into it. Until then,
    /// connecting with the platform's certificates fails with
    /// [`ConnectErrorKind::TlsSettings`](crate::error::ConnectErrorKind::TlsSettings). A program that has
    /// initialized `rustls-platform-verifier` by itself calls it too, which then changes nothing. The
    /// verifier also needs its Kotlin component; see the documentation of `rustls-platform-verifier`.
    ///
    /// # Errors
    ///
    /// The error of the JVM, if the context has no class loader.
    pub fn init_android_verifier(
        env: &mut Env<'_>,
        context: JObject<'_>,
    ) -> Result<(), jni::errors::Error> {
        rustls_platform_verifier::android::init_with_env(env, context)?;
        IS_INITIALIZED.store(true, Ordering::Release);
        Ok(())
    }

    /// Whether the verifier has the JVM.
    pub(in crate::transport::rustls) fn is_initialized() -> bool {
        IS_INITIALIZED.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::tls::RootCertificate;

    /// What the error says; empty if there is none.
    fn problem(settings: &TlsSettings, is_initialized: bool) -> String {
        match check(settings, is_initialized) {
            Ok(()) => String::new(),
            Err(Refusal::Settings(error)) => error.to_string(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_androids_verifier_would_panic_at_or_ignore_is_an_error() {
        let mut settings = TlsSettings::default();
        assert_eq!(problem(&settings, true), "");
        assert!(problem(&settings, false).contains("init_android_verifier"));
        settings.roots.push(RootCertificate::Der(Vec::new()));
        for is_initialized in [false, true] {
            assert!(problem(&settings, is_initialized).contains("only_given_roots"));
        }
        let (mut only_given, mut any) = (settings.clone(), settings);
        only_given.only_these_roots = true;
        any.danger_accept_invalid_certificates = true;
        for settings in [only_given, any] {
            assert_eq!(problem(&settings, false), "");
        }
    }
}
