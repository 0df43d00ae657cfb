//! `[auth]`: who may call the server, and in which role.

use std::net::SocketAddr;
use std::path::PathBuf;

use jsonwebtoken::Algorithm;

use crate::config::names::{Known, Unique};
use crate::config::reader::Reader;
use crate::config::value::LABEL_BYTES_MAX;
use crate::gateway::auth::keys::ApiKey;
use crate::gateway::auth::role::{Role, Roles};

/// The most API keys, and the most token keys.
const KEYS_MAX: usize = 10_000;

const SHA256_FORM: &str = "64 hexadecimal digits: the SHA-256 of the key";
const ALGORITHMS: [(&str, Algorithm); 12] = [
    ("HS256", Algorithm::HS256),
    ("HS384", Algorithm::HS384),
    ("HS512", Algorithm::HS512),
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthOptions {
    /// Publicly known tokens; only on a loopback address.
    Dev,
    Keys(KeyRing),
}

/// The credentials that callers present; at least one API key or token key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyRing {
    pub api: Vec<ApiKey>,
    pub jwt: Vec<JwtKey>,
}

/// The key that verifies tokens with this `kid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtKey {
    /// Its path in the document, for faults.
    pub path: String,
    pub kid: String,
    /// The only accepted algorithm, whatever the token's header claims.
    pub algorithm: Algorithm,
    pub key: KeyFile,
    pub issuer: String,
    pub audience: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFile {
    /// The bytes of a shared secret.
    Secret(PathBuf),
    /// A public key in PEM.
    Public(PathBuf),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Dev,
    Keys,
}

/// `agents` are the agent ids that the document defines.
pub(super) fn read(
    auth: &mut Reader<'_, '_>,
    agents: &Known<'_>,
    listen: SocketAddr,
) -> AuthOptions {
    let modes = [("dev", Mode::Dev), ("keys", Mode::Keys)];
    let mode = auth.key("mode").choice(&modes);
    let mode = mode.or_else(|| (!auth.has("mode")).then_some(Mode::Dev));
    let mut ids = Unique::default();
    let mut hashes = Unique::default();
    let mut kids = Unique::default();
    let api = auth
        .key("key")
        .tables(KEYS_MAX, |key| api_key(key, agents, &mut ids, &mut hashes));
    let jwt = auth.key("jwt");
    let jwt = jwt.tables(KEYS_MAX, |key| jwt_key(key, &mut kids));
    match mode {
        Some(Mode::Dev) => {
            refuse_exposed(auth, listen);
            AuthOptions::Dev
        }
        Some(Mode::Keys) if !auth.holds_items("key") && !auth.holds_items("jwt") => {
            let allowed = "at least one [[auth.key]] or [[auth.jwt]]";
            auth.fault_at("mode", "\"keys\" without any", allowed);
            AuthOptions::Keys(KeyRing::default())
        }
        Some(Mode::Keys) | None => AuthOptions::Keys(KeyRing { api, jwt }),
    }
}

/// Publicly known tokens would admit anyone who can connect, so they need a loopback address.
fn refuse_exposed(auth: &mut Reader<'_, '_>, listen: SocketAddr) {
    if !listen.ip().to_canonical().is_loopback() {
        let found = format!("\"dev\" on {listen}");
        let allowed = "\"keys\", or a loopback address in server.listen";
        auth.fault_at("mode", &found, allowed);
    }
    for key in ["key", "jwt"] {
        if auth.has(key) {
            auth.fault_at(key, "keys in mode \"dev\"", "only with mode = \"keys\"");
        }
    }
}

fn api_key(
    key: &mut Reader<'_, '_>,
    agents: &Known<'_>,
    ids: &mut Unique,
    hashes: &mut Unique,
) -> Option<ApiKey> {
    let id = key.key("id").required().new_name(ids);
    // The value may be the key itself, pasted by mistake: never repeat it.
    let sha256 = key.key("sha256").required().hidden(SHA256_FORM, |text| {
        Some((text.to_ascii_lowercase(), unhex(text)?))
    });
    if let Some((text, _)) = &sha256
        && let Err(allowed) = hashes.claim(text, &key.spot_of("sha256").path)
    {
        key.fault_at("sha256", "the hash of another key", &allowed);
    }
    let roles = Role::ALL.map(|role| (role.name(), role));
    let role = key.key("role").required().choice(&roles);
    let is_agent = role == Some(Role::Agent);
    let agent = key.key("agent").or_required_if(is_agent).name_of(agents);
    if role.is_some() && !is_agent && key.has("agent") {
        key.fault_at("agent", "an agent", "only with role = \"agent\"");
    }
    Some(ApiKey {
        name: id?,
        sha256: sha256?.1,
        roles: Roles::of(&[role?]),
        agent: if is_agent { Some(agent?) } else { None },
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}

fn jwt_key(key: &mut Reader<'_, '_>, kids: &mut Unique) -> Option<JwtKey> {
    let kid = key.key("kid").required().string(LABEL_BYTES_MAX);
    if let Some(kid) = kid
        && let Err(allowed) = kids.claim(kid, &key.spot_of("kid").path)
    {
        key.fault_at("kid", &format!("{kid:?}"), &allowed);
    }
    let algorithm = key.key("algorithm").required().choice(&ALGORITHMS);
    let issuer = key.key("issuer").required().string(LABEL_BYTES_MAX);
    let audience = key.key("audience").required().string(LABEL_BYTES_MAX);
    let is_secret = algorithm.map(|algorithm| {
        matches!(
            algorithm,
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512
        )
    });
    let secret = key.key("secret_file");
    let secret = secret.or_required_if(is_secret == Some(true)).path();
    let public = key.key("public_key_file");
    let public = public.or_required_if(is_secret == Some(false)).path();
    let (file, other, others) = match is_secret? {
        true => (
            secret.map(KeyFile::Secret),
            "public_key_file",
            "RS, PS, ES and EdDSA",
        ),
        false => (public.map(KeyFile::Public), "secret_file", "HS"),
    };
    if key.has(other) {
        let allowed = format!("only with an algorithm of {others}");
        key.fault_at(other, "a file", &allowed);
    }
    Some(JwtKey {
        path: key.path().to_owned(),
        kid: kid?.to_owned(),
        algorithm: algorithm?,
        key: file?,
        issuer: issuer?.to_owned(),
        audience: audience?.to_owned(),
    })
}
