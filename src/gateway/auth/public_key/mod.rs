//! Public keys that verify tokens: one that could never verify anything is rejected when it is
//! read.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
    VerificationAlgorithm,
};
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::gateway::auth::jwt::BadJwtKey;

/// The key lengths that the RSA algorithms accept, in bits.
const RSA_BITS_MIN: usize = 2_048;
const RSA_BITS_MAX: usize = 8_192;
/// Part of the first line of every kind of private key in PEM.
const PRIVATE: &[u8] = b"PRIVATE KEY-----";

/// Reads `pem` as a key for this algorithm.
pub(super) fn read(algorithm: Algorithm, pem: &[u8]) -> Result<DecodingKey, BadJwtKey> {
    if pem.windows(PRIVATE.len()).any(|part| part == PRIVATE) {
        return Err(BadJwtKey::Private);
    }
    match algorithm {
        Algorithm::RS256
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::PS384
        | Algorithm::PS512 => {
            let key = DecodingKey::from_rsa_pem(pem).map_err(|_| BadJwtKey::Public)?;
            match rsa_bits(bytes_of(&key)).ok_or(BadJwtKey::Public)? {
                RSA_BITS_MIN..=RSA_BITS_MAX => Ok(key),
                bits => Err(BadJwtKey::RsaBits(bits)),
            }
        }
        Algorithm::ES256 => on_curve(pem, &ECDSA_P256_SHA256_FIXED, "P-256"),
        Algorithm::ES384 => on_curve(pem, &ECDSA_P384_SHA384_FIXED, "P-384"),
        Algorithm::EdDSA => {
            let key = DecodingKey::from_ed_pem(pem).map_err(|_| BadJwtKey::Public)?;
            let parsed = ParsedPublicKey::new(&ED25519, bytes_of(&key));
            parsed.map(|_| key).map_err(|_| BadJwtKey::Public)
        }
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 | _ => Err(BadJwtKey::Algorithm),
    }
}

fn on_curve(
    pem: &[u8],
    algorithm: &'static dyn VerificationAlgorithm,
    curve: &'static str,
) -> Result<DecodingKey, BadJwtKey> {
    let key = DecodingKey::from_ec_pem(pem).map_err(|_| BadJwtKey::Public)?;
    let parsed = ParsedPublicKey::new(algorithm, bytes_of(&key));
    parsed.map(|_| key).map_err(|_| BadJwtKey::Curve(curve))
}

fn bytes_of(key: &DecodingKey) -> &[u8] {
    key.try_get_as_bytes().unwrap_or_default()
}

/// The length of the modulus, which is the first number of an `RSAPublicKey` (RFC 8017).
fn rsa_bits(der: &[u8]) -> Option<usize> {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    let modulus = der_value(INTEGER, der_value(SEQUENCE, der)?)?;
    let leading = modulus.iter().take_while(|byte| **byte == 0).count();
    let (first, rest) = modulus[leading..].split_first()?;
    Some(8 - first.leading_zeros() as usize + 8 * rest.len())
}

/// The content of the first element, if it has this tag.
fn der_value(tag: u8, der: &[u8]) -> Option<&[u8]> {
    let (length, rest) = der.strip_prefix(&[tag])?.split_first()?;
    let (length, rest) = match length {
        short @ 0..0x80 => (usize::from(*short), rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let fold = |sum: usize, byte: &u8| sum.checked_mul(256)?.checked_add((*byte).into());
            (bytes.iter().try_fold(0, fold)?, rest)
        }
    };
    rest.get(..length)
}

#[cfg(test)]
mod tests;
