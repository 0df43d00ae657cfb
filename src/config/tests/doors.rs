//! Callers, the webhook and the customer store: what is written is what is used.

use std::path::PathBuf;

use jsonwebtoken::Algorithm;

use super::*;
use crate::domain::Millis;
use crate::gateway::auth::keys::ApiKey;
use crate::gateway::auth::role::{Role, Roles};

#[test]
fn keys_define_callers_and_their_roles() {
    let text = "
        server = { listen = '0.0.0.0:443', origins = ['https://desk.example.com:8443'] }
        [auth]
        mode = 'keys'
        [[auth.key]]
        id = 'desktop-of-a1'
        role = 'agent'
        agent = 'a1'
        sha256 = 'FF00000000000000000000000000000000000000000000000000000000000001'
        [[auth.jwt]]
        kid = 'k/1'
        algorithm = 'ES256'
        public_key_file = 'keys/es.pem'
        issuer = 'https://id.example.com'
        audience = 'switchboard'
        [[auth.jwt]]
        kid = 'k/2'
        algorithm = 'HS512'
        secret_file = 'keys/hs.key'
        issuer = 'https://id.example.com'
        audience = 'switchboard'
        [[agent]]
        id = 'a1'
    ";
    let config = config(&format!("{text}\n{LEAST}"));
    assert_eq!(config.server.origins, ["https://desk.example.com:8443"]);
    let AuthOptions::Keys(ring) = &config.auth else {
        panic!("{:?}", config.auth);
    };
    let mut sha256 = [0; 32];
    (sha256[0], sha256[31]) = (0xff, 1);
    let key = ApiKey {
        name: name("desktop-of-a1"),
        sha256,
        roles: Roles::of(&[Role::Agent]),
        agent: Some(name("a1")),
    };
    assert_eq!(ring.api, [key]);
    let files: Vec<_> = ring
        .jwt
        .iter()
        .map(|jwt| (jwt.algorithm, &jwt.key))
        .collect();
    let es = KeyFile::Public(PathBuf::from("keys/es.pem"));
    let hs = KeyFile::Secret(PathBuf::from("keys/hs.key"));
    assert_eq!(files, [(Algorithm::ES256, &es), (Algorithm::HS512, &hs)]);
}

#[test]
fn loopback_has_several_spellings() {
    for listen in [
        "127.0.0.1:0",
        "127.8.8.8:80",
        "[::1]:80",
        "[::ffff:127.0.0.1]:80",
    ] {
        config(&format!("server.listen = '{listen}'\n{LEAST}"));
    }
}

#[test]
fn a_password_is_not_shown() {
    let text = "customers = { kind = 'redis', url = 'redis://u:secret@10.0.0.1/3' }\n";
    let config = config(&format!("{text}{LEAST}"));
    assert!(!format!("{config:?}").contains("secret"));
    assert!(!report(&config, &[]).contains("secret"));
    let CustomersStore::Redis { url } = &config.customers.store else {
        panic!("{:?}", config.customers);
    };
    assert_eq!(url.as_str(), "redis://u:secret@10.0.0.1/3");
    assert_eq!(url.public(), "redis://•••@10.0.0.1/3");
}

#[test]
fn customers_are_stored_beside_the_journal_by_default() {
    let least = config(LEAST);
    assert_eq!(least.customers.store, CustomersStore::Embedded);
    assert_eq!(least.customers.lookup_within, Millis(50));
}

#[test]
fn a_webhook_is_called_over_https_or_on_this_machine() {
    let webhook = |url: &str| {
        let secret = "whsec_CU6vkWpHRknRIsBn8psEVCBY+jcxo6Ep";
        let text = format!("[webhook]\nurl = '{url}'\nsecret = '{secret}'\n{LEAST}");
        Config::parse(&text).ok().and_then(|config| config.webhook)
    };
    for sound in [
        "https://hooks.example.com/a?b=c",
        "http://127.0.0.1:9000/",
        "http://localhost/hook",
        "http://[::1]:80/",
    ] {
        let webhook = webhook(sound).unwrap();
        assert_eq!(webhook.url.to_string(), sound);
        assert_eq!(webhook.timeout.as_secs(), 5);
    }
    for unsound in [
        "http://127.example.com/",
        "http://hooks.example.com/",
        "https://user:pass@example.com/",
        "/hook",
        "ftp://example.com/",
    ] {
        assert_eq!(webhook(unsound), None, "{unsound}");
    }
    assert_eq!(config(LEAST).webhook, None);
}
