//! Keys as `openssl` writes them.

use super::*;

const RSA_1024: &str = "\
-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDb8HeS2WvNwAqxAzY88FRSqcNQ
ZOwup8LppV6w8v2F1bz+bk0Fc8qy++RCtF7D6BIdVva26s5sFu7dUTOvSBypDK7w
wvKJ8GgWdH8bA6jS/Kv4/UE8m/hccKbwnNYtnthroCVTKOHiuPuPjDzNUJBAr40Y
pbDOiVjoOi8t21fUnQIDAQAB
-----END PUBLIC KEY-----
";

const RSA_2048: &str = "\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyzz+73VtYF6HBarsm2qF
X3YR0t/lUwbmq845p7YJxQavLC2wYTkY+ek1QW/WxdX88dSjCe9Fs3aWKwSdHVF9
1eFkMMzNe3HGHZ7mBGUITDSehUBCi5uvvPkC17/wrEuBpWTOlOdicJVbJsJUl44n
9nP+UzVytK4Gk+QzQ3wT5/whFrbRFJ17iQqsvPhlamduVUjaesW+OlqXgmqFFbuO
3WPCeWlNsRaZvYPtpP9fyrJyAbOl3O509jTPppelBQ+G1HnZ0NVFknUSAXUdq9x/
8f1iC3LTIqz/ogr+E3Kc7te0Ab++t/XiXQN51bmW6C7+xA3QHZw9U1oM0Tn8Yvcc
ywIDAQAB
-----END PUBLIC KEY-----
";

const RSA_2048_PKCS1: &str = "\
-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAyzz+73VtYF6HBarsm2qFX3YR0t/lUwbmq845p7YJxQavLC2wYTkY
+ek1QW/WxdX88dSjCe9Fs3aWKwSdHVF91eFkMMzNe3HGHZ7mBGUITDSehUBCi5uv
vPkC17/wrEuBpWTOlOdicJVbJsJUl44n9nP+UzVytK4Gk+QzQ3wT5/whFrbRFJ17
iQqsvPhlamduVUjaesW+OlqXgmqFFbuO3WPCeWlNsRaZvYPtpP9fyrJyAbOl3O50
9jTPppelBQ+G1HnZ0NVFknUSAXUdq9x/8f1iC3LTIqz/ogr+E3Kc7te0Ab++t/Xi
XQN51bmW6C7+xA3QHZw9U1oM0Tn8YvccywIDAQAB
-----END RSA PUBLIC KEY-----
";

const P256: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAELsqCQi9nRY1aLAs1iDvuHGJeK0Hc
yQMGlm/uNhlBGkEQhquw9RIgTlFWtLglG2KkR4Tx6zA3SlZpD0jt0Cbx2A==
-----END PUBLIC KEY-----
";

const P384: &str = "\
-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEcIM0Mg9Y2AfZszn8Mh2FbskfiKv1q/B2
LxhSs4cc7Pk3iAinU7Zp/z2eqajO1VelAWcICJ9cpCgY3w4Ber+OGa/IT3+gjGTR
f8OYSwCKqbK3wY45PG1aigZ+dIStDUK+
-----END PUBLIC KEY-----
";

const SECP256K1: &str = "\
-----BEGIN PUBLIC KEY-----
MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE5QjckeA0UBr+qQvbwxWG0AKn2yrQvADv
Ivu/D7aJHpKeCbXEQTuv0PXvjUqbyVeTIun8ILlKe/Jl784HgXrJGw==
-----END PUBLIC KEY-----
";

const ED: &str = "\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAPyzHuIwhz9Y+LccrfhYlyA+KKVF42rGNgLupFfARpOk=
-----END PUBLIC KEY-----
";

#[test]
fn a_key_fits_its_algorithm_or_is_refused() {
    let curve = |name| Err(BadJwtKey::Curve(name));
    for (algorithm, pem, expected) in [
        (Algorithm::RS256, RSA_2048, Ok(())),
        (Algorithm::PS512, RSA_2048_PKCS1, Ok(())),
        (Algorithm::RS256, RSA_1024, Err(BadJwtKey::RsaBits(1024))),
        (Algorithm::RS256, P256, Err(BadJwtKey::Public)),
        (Algorithm::ES256, P256, Ok(())),
        (Algorithm::ES256, P384, curve("P-256")),
        (Algorithm::ES256, SECP256K1, curve("P-256")),
        (Algorithm::ES384, P384, Ok(())),
        (Algorithm::ES384, P256, curve("P-384")),
        (Algorithm::ES384, RSA_2048, Err(BadJwtKey::Public)),
        (Algorithm::EdDSA, ED, Ok(())),
        (Algorithm::EdDSA, P256, Err(BadJwtKey::Public)),
        (Algorithm::EdDSA, "no key", Err(BadJwtKey::Public)),
    ] {
        let read = read(algorithm, pem.as_bytes()).map(drop);
        assert_eq!(read, expected, "{algorithm:?} {pem}");
    }
}

#[test]
fn a_private_key_is_known_by_its_first_line() {
    for kind in ["", "RSA ", "EC ", "ENCRYPTED "] {
        let pem = format!("-----BEGIN {kind}PRIVATE KEY-----\nMC4C\n");
        let refused = read(Algorithm::RS256, pem.as_bytes()).map(drop);
        assert_eq!(refused, Err(BadJwtKey::Private));
    }
}
