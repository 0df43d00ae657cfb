//! `[webhook]`: where escalations are reported to another system.

use std::net::IpAddr;
use std::time::Duration;

use http::Uri;

use crate::config::reader::Reader;
use crate::gateway::webhook;

const URL_BYTES_MAX: usize = 1_024;
const URL_FORM: &str = "a URL with https, or with http to this machine, without a password";
const SECRET_FORM: &str = "whsec_ and 24 to 64 bytes in base64";
const TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn read(root: &mut Reader<'_, '_>) -> Option<webhook::WebhookOptions> {
    if !root.has("webhook") {
        root.key("webhook").table(|_| {});
        return None;
    }
    root.key("webhook").table(|webhook| {
        let url = webhook.key("url").required();
        let url = url.parse(URL_FORM, |value| url_of(value.as_str()?));
        let secret = webhook.key("secret").required();
        let secret = secret.hidden(SECRET_FORM, webhook::Secret::new);
        let timeout_ms = webhook.key("timeout_ms").whole(100..=30_000);
        Some(webhook::WebhookOptions {
            url: url?,
            secret: secret?,
            timeout: timeout_ms.map_or(TIMEOUT, Duration::from_millis),
        })
    })
}

fn url_of(text: &str) -> Option<Uri> {
    let url: Uri = text.parse().ok()?;
    let (scheme, authority) = (url.scheme_str()?, url.authority()?);
    let host = authority.host();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    let sound = scheme == "https" || (scheme == "http" && here);
    let bare = !host.is_empty() && !authority.as_str().contains('@');
    (sound && bare && text.len() <= URL_BYTES_MAX).then_some(url)
}

/// Reports a missing `[webhook]`, for a rule that notifies it.
pub(super) fn require(root: &mut Reader<'_, '_>) {
    if !root.has("webhook") {
        root.fault_at(
            "webhook",
            "missing",
            "a table: an escalation notifies the webhook",
        );
    }
}
