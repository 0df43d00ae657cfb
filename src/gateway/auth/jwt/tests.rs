//! Which tokens are accepted, and which are not.

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::*;

const SECRET: &[u8] = b"a secret of at least thirty-two bytes";
const PAST: i64 = 1_600_000_000;
const FUTURE: i64 = 4_000_000_000;
const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn jwts() -> Jwts {
    let key = JwtKey::new("k1", Algorithm::HS256, SECRET, "idp", "switchboard").unwrap();
    Jwts::new(vec![key])
}

fn good() -> Value {
    json!({"sub": "a1", "iss": "idp", "aud": "switchboard", "exp": FUTURE, "roles": ["agent", "other"]})
}

fn signed(kid: Option<&str>, algorithm: Algorithm, secret: &[u8], claims: &Value) -> String {
    let mut header = Header::new(algorithm);
    header.kid = kid.map(str::to_owned);
    encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[test]
fn a_good_token_names_its_subject() {
    let token = signed(Some("k1"), Algorithm::HS256, SECRET, &good());
    let jwts = jwts();
    for _ in 0..2 {
        let caller = jwts.identify(&token, 1, Timestamp(0)).unwrap();
        assert_eq!(caller.agent, Name::new("a1").ok());
        assert_eq!(caller.roles, Roles::of(&[Role::Agent]));
        let expires_at = Timestamp(FUTURE * 1_000) + LEEWAY;
        assert_eq!(caller.expires_at, Some(expires_at));
        let just_before = expires_at - Millis(1);
        assert!(jwts.identify(&token, 1, just_before).is_some());
    }
    let later = Timestamp(FUTURE * 1_000) + LEEWAY;
    assert!(
        jwts.identify(&token, 1, later).is_none(),
        "remembered, but expired"
    );
}

#[test]
fn what_has_expired_or_not_begun_is_good_for_as_long_as_clocks_may_be_apart() {
    let jwts = jwts();
    let now_s = NOW.0 / 1_000;
    for (name, at_s, is_good) in [
        ("exp", now_s - 29, true),
        ("exp", now_s - 30, false),
        ("nbf", now_s + 30, true),
        ("nbf", now_s + 31, false),
    ] {
        let token = signed(
            Some("k1"),
            Algorithm::HS256,
            SECRET,
            &with(name, json!(at_s)),
        );
        // The second time it is remembered.
        for _ in 0..2 {
            let caller = jwts.identify(&token, 1, NOW);
            assert_eq!(caller.is_some(), is_good, "{name} {at_s}");
        }
    }
}

#[test]
fn another_key_of_the_same_id_is_another_key() {
    let new = |secret: &[u8], issuer| {
        JwtKey::new("k1", Algorithm::HS256, secret, issuer, "switchboard").unwrap()
    };
    let key = new(SECRET, "idp").hash;
    let has = |key: JwtKey| Jwts::new(vec![key]).has(&new(SECRET, "idp").hash);
    assert!(Jwts::new(vec![new(SECRET, "idp")]).has(&key));
    assert!(!has(new(
        b"another secret of thirty-two bytes and more",
        "idp"
    )));
    assert!(!has(new(SECRET, "other")));
}

#[test]
fn a_key_has_to_fit_its_algorithm() {
    let new = |algorithm, material| JwtKey::new("k", algorithm, material, "idp", "us").map(drop);
    assert_eq!(new(Algorithm::HS256, b"short"), Err(BadJwtKey::Secret));
    assert_eq!(new(Algorithm::RS256, SECRET), Err(BadJwtKey::Public));
    assert_eq!(new(Algorithm::EdDSA, b""), Err(BadJwtKey::Public));
}

#[test]
fn every_claim_that_matters_is_checked() {
    let jwts = jwts();
    let missing = |claim: &str| Unfit::Missing(claim.to_owned());
    for (claims, why) in [
        (without("exp"), Unfit::Garbled),
        (without("iss"), missing("iss")),
        (without("aud"), missing("aud")),
        (without("sub"), Unfit::Garbled),
        (without("roles"), Unfit::NoRole),
        (with("exp", json!(PAST)), Unfit::Expired),
        (with("exp", json!(FUTURE.to_string())), Unfit::Garbled),
        (with("nbf", json!(FUTURE)), Unfit::NotYet),
        (with("nbf", json!("soon")), Unfit::Garbled),
        (with("iss", json!("other")), Unfit::Issuer),
        (with("iss", json!(5)), missing("iss")),
        (with("aud", json!("other")), Unfit::Audience),
        (with("aud", json!([])), Unfit::Audience),
        (with("sub", json!(["a1"])), Unfit::Garbled),
        (with("sub", json!("no agent's name")), Unfit::Subject),
        (with("sub", json!("")), Unfit::Subject),
        (with("roles", json!(["root"])), Unfit::NoRole),
        (with("roles", json!("agent")), Unfit::Garbled),
    ] {
        let token = signed(Some("k1"), Algorithm::HS256, SECRET, &claims);
        let refused = jwts.verify(&token, 1, NOW).map(drop);
        assert_eq!(refused, Err(why), "{claims}");
    }
}

#[test]
fn the_header_of_a_token_decides_nothing() {
    let jwts = jwts();
    let other: &[u8] = b"another secret of thirty-two bytes and more";
    for (kid, algorithm, secret, why) in [
        (None, Algorithm::HS256, SECRET, Unfit::UnknownKey),
        (Some("k2"), Algorithm::HS256, SECRET, Unfit::UnknownKey),
        (Some("../k1"), Algorithm::HS256, SECRET, Unfit::UnknownKey),
        (Some("k1"), Algorithm::HS512, SECRET, Unfit::Algorithm),
        (Some("k1"), Algorithm::HS256, other, Unfit::Signature),
    ] {
        let token = signed(kid, algorithm, secret, &good());
        let refused = jwts.verify(&token, 1, NOW).map(drop);
        assert_eq!(refused, Err(why), "{kid:?} {algorithm:?}");
    }
    // {"alg":"none","kid":"k1"}
    let payload = signed(Some("k1"), Algorithm::HS256, SECRET, &good());
    let payload = payload.split('.').nth(1).unwrap();
    let none = format!("eyJhbGciOiJub25lIiwia2lkIjoiazEifQ.{payload}.");
    assert!(jwts.verify(&none, 1, NOW).is_err());
    for text in ["", ".", "..", "a.b.c", "dev-admin.x.y"] {
        assert!(jwts.verify(text, 1, NOW).is_err());
    }
}
