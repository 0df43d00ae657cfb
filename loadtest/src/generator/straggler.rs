//! Asks the server about contacts that were never seen to end.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::book::{Book, Posting};
use super::response;
use super::template::Recipient;
use crate::fault::{Doing, Fault};
use crate::report::is_final;

/// The most contacts to ask about; the others count as lost.
const ASKED_MAX: usize = 20_000;

#[derive(Deserialize)]
struct Shown<'a> {
    state: &'a str,
}

/// The states, as the server reports them, of the contacts that were created and have not ended.
/// Unless the generator `is_alone`, agents of another one may have been offered them.
pub(super) async fn states(
    book: &Book,
    is_alone: bool,
    server: SocketAddr,
    to: &Recipient<'_>,
) -> Result<BTreeMap<String, u64>, Fault> {
    let open = open_ids(book);
    let mut states = BTreeMap::new();
    if open.is_empty() {
        return Ok(states);
    }
    let mut stream = TcpStream::connect(server)
        .await
        .doing("connect to ask about contacts")?;
    for (id, is_offered) in open.iter().take(ASKED_MAX) {
        let mut state = ask(&mut stream, id, to).await?;
        // Nobody has cancelled it, and no agent could complete it.
        if is_alone && is_final(&state) && state != "deflected" && !is_offered {
            state.push_str(", never offered");
        }
        *states.entry(state).or_insert(0) += 1;
    }
    let unasked = open.len().saturating_sub(ASKED_MAX) as u64;
    if unasked > 0 {
        states.insert("not asked".to_owned(), unasked);
    }
    Ok(states)
}

/// Their ids, and whether an agent was ever offered them.
fn open_ids(book: &Book) -> Vec<(String, bool)> {
    let mut ids = Vec::new();
    book.for_each(|_, life| {
        let open = matches!(life.posting, Posting::Created { .. }) && life.ended_ns.is_none();
        if let (true, Some(id)) = (open, &life.id) {
            ids.push((id.as_ref().to_owned(), life.offered_ns.is_some()));
        }
    });
    ids
}

async fn ask(stream: &mut TcpStream, id: &str, to: &Recipient<'_>) -> Result<String, Fault> {
    let request = format!(
        "GET /v1/contacts/{id} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
        to.host, to.token
    );
    stream
        .write_all(request.as_bytes())
        .await
        .doing("ask about a contact")?;
    let mut buffer = Vec::new();
    loop {
        let read = stream.read_buf(&mut buffer).await;
        if read.doing("read a contact's state")? == 0 {
            return Err(Fault::new("the server hung up when asked about a contact"));
        }
        let Some(response) = response::parse(&buffer).doing("read a contact's state")? else {
            continue;
        };
        return Ok(match response.status {
            200 => serde_json::from_slice::<Shown<'_>>(response.body)
                .map_or("unreadable", |shown| shown.state)
                .to_owned(),
            404 => "unknown".to_owned(),
            status => format!("status {status}"),
        });
    }
}
