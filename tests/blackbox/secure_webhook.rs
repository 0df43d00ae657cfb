//! The webhook over TLS: a receiver whose certificate is signed by a trusted authority is called;
//! any other receives nothing.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use crate::http_client::{HttpClient, METRICS};
use crate::patience::PATIENCE;
use crate::server::Server;

const PAUSE: Duration = Duration::from_millis(20);

/// The receiver of the webhook's calls.
struct Receiver {
    listener: TcpListener,
    tls: TlsAcceptor,
    /// The certificate of the authority behind it.
    authority: String,
}

impl Receiver {
    async fn open() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let own = own.signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], key)
            .unwrap();
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            tls: TlsAcceptor::from(Arc::new(config)),
            authority: authority.pem(),
        }
    }

    /// A server that notifies this receiver of each contact that nobody takes, and trusts
    /// certificates signed by `authority`.
    fn server(&self, folder: &tempfile::TempDir, authority: &str) -> Server {
        let path = |name: &str| -> PathBuf { folder.path().join(name) };
        fs::write(path("authority.pem"), authority).unwrap();
        let port = self.listener.local_addr().unwrap().port();
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n\
             [journal]\nkind = \"embedded\"\npath = \"{}\"\n\
             [webhook]\nurl = \"https://localhost:{port}/hook\"\n\
             secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n\
             [[queue]]\nid = \"general\"\n[[queue.escalation]]\nname = \"nobody\"\n\
             when = {{ nobody_staffed = true }}\ndo = [{{ notify = \"webhook\" }}]\n\
             [[agent]]\nid = \"a1\"\nqueues = [\"general\"]\n",
            path("data").display(),
        );
        fs::write(path("centre.toml"), config).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.env("SSL_CERT_FILE", path("authority.pem"));
        command.env_remove("SSL_CERT_DIR");
        Server::run(command, &path("centre.toml"))
            .unwrap_or_else(|ended| panic!("the server did not start: {}", ended.said))
    }

    async fn connection(&self) -> TcpStream {
        let accepted = timeout(PATIENCE, self.listener.accept()).await;
        accepted.unwrap().unwrap().0
    }
}

/// The whole of one call.
async fn read(stream: &mut TlsStream<TcpStream>) -> (String, Value) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && let Ok(body) = serde_json::from_str(body)
        {
            return (head.to_lowercase(), body);
        }
        let mut more = [0; 1_024];
        let read = stream.read(&mut more).await.unwrap();
        assert!(read > 0, "a call ends after its body");
        bytes.extend(&more[..read]);
    }
}

#[tokio::test]
async fn an_escalation_is_reported_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::open().await;
    let server = receiver.server(&folder, &receiver.authority);
    let mut http = HttpClient::new(server.address());
    let contact = http.submit(&json!({"channel": "app"})).await;
    let stream = receiver.connection().await;
    let mut stream = receiver.tls.accept(stream).await.unwrap();
    let (head, body) = read(&mut stream).await;
    assert!(head.starts_with("post /hook http/1.1"), "{head}");
    assert_eq!(
        (&body["rule"], &body["contact"]),
        (&json!("nobody"), &json!(contact))
    );
    stream
        .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
        .await
        .unwrap();
    let delivered = async {
        loop {
            let metrics = http.get(METRICS, "/metrics").await;
            let text = String::from_utf8(metrics.bytes.to_vec()).unwrap();
            if text.contains("switchboard_webhooks_total{outcome=\"delivered\"} 1\n") {
                return;
            }
            sleep(PAUSE).await;
        }
    };
    timeout(PATIENCE, delivered).await.unwrap();
    assert!(server.terminate().success());
}

#[tokio::test]
async fn nothing_is_sent_to_a_receiver_without_a_trusted_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::open().await;
    let other = Receiver::open().await;
    let server = receiver.server(&folder, &other.authority);
    let mut http = HttpClient::new(server.address());
    let contact = http.submit(&json!({"channel": "app"})).await;
    for _attempt in 0..2 {
        let stream = receiver.connection().await;
        let refused = receiver.tls.accept(stream).await.map(drop).unwrap_err();
        assert!(refused.to_string().contains("fatal alert"), "{refused}");
    }
    assert_eq!(http.contact(&contact).await["state"], "queued");
    assert!(server.terminate().success());
}
