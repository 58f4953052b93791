//! A parser of certificates in DER (X.690), as far as names, pins and channel bindings need it.

/// One element: its tag, its content, and all of its octets.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

/// The public key of a certificate: its SubjectPublicKeyInfo (RFC 5280 section 4.1).
pub(crate) fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    let (mut outer, mut inner) = (certificate, element(&mut { certificate })?.content);
    element(&mut outer)?;
    let mut fields = element(&mut inner)?.content;
    // The version is optional; then follow the number, and these four.
    if element(&mut fields)?.tag == VERSION {
        element(&mut fields)?;
    }
    for _ in ["signature", "issuer", "validity", "subject"] {
        element(&mut fields)?;
    }
    element(&mut fields).map(|key| key.whole)
}

/// Whether a certificate has a host name (a dNSName in subjectAltName, RFC 5280 section 4.2.1.6).
#[cfg(any(feature = "native-tls", fuzzing, test))]
pub(crate) fn has_dns_name(certificate: &[u8]) -> bool {
    let names = || {
        let mut inner = element(&mut { certificate })?.content;
        let mut fields = element(&mut inner)?.content;
        let extensions = elements(&mut fields).find(|field| field.tag == EXTENSIONS)?;
        let mut extensions = element(&mut { extensions.content })?.content;
        elements(&mut extensions).find_map(|extension| {
            let mut parts = extension.content;
            let name = element(&mut parts)?;
            let value = elements(&mut parts).last()?;
            (name.content == SUBJECT_ALT_NAME).then(|| element(&mut { value.content }))?
        })
    };
    let names: Option<Element<'_>> = names();
    names.is_some_and(|names| elements(&mut { names.content }).any(|name| name.tag == DNS_NAME))
}

/// All elements up to the end, or to octets that are none.
#[cfg(any(feature = "native-tls", fuzzing, test))]
fn elements<'a, 'r>(rest: &'r mut &'a [u8]) -> impl Iterator<Item = Element<'a>> + use<'a, 'r> {
    std::iter::from_fn(|| element(rest))
}

/// The tags of certificates that are read, and the object identifier of subjectAltName (2.5.29.17).
#[cfg(any(feature = "native-tls", fuzzing, test))]
const EXTENSIONS: u8 = 0xa3;
#[cfg(any(feature = "native-tls", fuzzing, test))]
const DNS_NAME: u8 = 0x82;
#[cfg(any(feature = "native-tls", fuzzing, test))]
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// The object identifier of the algorithm that signed a certificate.
#[cfg(any(feature = "rustls", fuzzing))]
pub(crate) fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let mut parts = element(&mut { certificate })?.content;
    element(&mut parts)?;
    let mut algorithm = element(&mut parts)?.content;
    element(&mut algorithm).map(|name| name.content)
}

/// The tag of a certificate's version.
const VERSION: u8 = 0xa0;

/// Removes one element from the front.
fn element<'a>(rest: &mut &'a [u8]) -> Option<Element<'a>> {
    let all = *rest;
    let (tag, after) = all.split_first()?;
    let (first, mut after) = after.split_first()?;
    let length = match usize::from(*first) {
        short @ ..0x80 => short,
        long => {
            let (octets, behind) = after.split_at_checked(long - 0x80)?;
            after = behind;
            octets.iter().try_fold(0_usize, |length, octet| {
                length.checked_mul(256)?.checked_add(usize::from(*octet))
            })?
        }
    };
    let (content, behind) = after.split_at_checked(length)?;
    *rest = behind;
    let (whole, _) = all.split_at_checked(all.len() - behind.len())?;
    Some(Element {
        tag: *tag,
        content,
        whole,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Version, number, signature, issuer, validity, subject, key; algorithm; signature.
    const CERTIFICATE: &[u8] = &[
        0x30, 0x23, 0x30, 0x17, 0xa0, 0x03, 0x02, 0x01, 0x02, 0x02, 0x01, 0x05, 0x30, 0x00, 0x30,
        0x00, 0x30, 0x00, 0x30, 0x00, 0x30, 0x81, 0x03, 0x04, 0x01, 0x07, 0x00, 0x30, 0x04, 0x06,
        0x02, 0x2a, 0x03, 0x03, 0x01, 0x00, 0x00,
    ];

    #[test]
    fn the_key_and_the_algorithm_are_found() {
        let key = public_key(CERTIFICATE).unwrap();
        assert_eq!(key, [0x30, 0x81, 0x03, 0x04, 0x01, 0x07]);
        #[cfg(feature = "rustls")]
        assert_eq!(signature_algorithm(CERTIFICATE), Some(&[0x2a, 0x03][..]));
    }

    #[test]
    fn what_is_cut_short_is_none() {
        for cut in 0..CERTIFICATE.len() - 2 {
            assert_eq!(public_key(&CERTIFICATE[..cut]), None, "{cut}");
        }
        assert_eq!(public_key(&[0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1]), None);
    }
}
