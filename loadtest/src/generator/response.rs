//! Reads HTTP/1.1 responses out of a buffer.

use std::fmt;

/// A response with a larger head than this is refused.
const HEAD_BYTES_MAX: usize = 16 * 1_024;

#[derive(Debug, PartialEq)]
pub(crate) struct Response<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
    /// The server will not answer another request on this connection.
    pub(crate) last: bool,
    /// The length of the response in the buffer.
    pub(crate) len: usize,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Malformed {
    Head,
    Length,
    /// Only bodies with a `Content-Length` are read.
    Transfer,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "the head of the response cannot be read",
            Self::Length => "the response has no readable Content-Length",
            Self::Transfer => "the response has a Transfer-Encoding",
        })
    }
}

/// The response at the beginning of `buffer`, or nothing while it is incomplete.
pub(crate) fn parse(buffer: &[u8]) -> Result<Option<Response<'_>>, Malformed> {
    let Some(head_len) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if buffer.len() > HEAD_BYTES_MAX {
            Err(Malformed::Head)
        } else {
            Ok(None)
        };
    };
    let head = std::str::from_utf8(&buffer[..head_len]).map_err(|_| Malformed::Head)?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1."))
        .and_then(|line| line.get(2..5))
        .and_then(|status| status.parse().ok())
        .ok_or(Malformed::Head)?;
    let mut body_len = None;
    let mut last = false;
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(Malformed::Head)?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            body_len = Some(value.parse::<usize>().map_err(|_| Malformed::Length)?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(Malformed::Transfer);
        } else if name.eq_ignore_ascii_case("connection") {
            last = value.eq_ignore_ascii_case("close");
        }
    }
    let body_at = head_len + 4;
    let len = body_at + body_len.ok_or(Malformed::Length)?;
    Ok(buffer.get(body_at..len).map(|body| Response {
        status,
        body,
        last,
        len,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATED: &[u8] =
        b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nCONTENT-LENGTH: 4\r\n\r\nbodyHTTP";

    #[test]
    fn a_response_ends_where_its_length_says() {
        let response = parse(CREATED).unwrap().unwrap();
        assert_eq!((response.status, response.body), (201, &b"body"[..]));
        assert_eq!(&CREATED[response.len..], b"HTTP");
        assert!(!response.last);
    }

    #[test]
    fn half_a_response_is_none_yet() {
        for len in 0..CREATED.len() - 4 {
            assert_eq!(parse(&CREATED[..len]), Ok(None), "{len}");
        }
    }

    #[test]
    fn a_response_without_a_length_is_refused() {
        assert_eq!(parse(b"HTTP/1.1 200 OK\r\n\r\n"), Err(Malformed::Length));
        assert_eq!(
            parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Err(Malformed::Transfer)
        );
        assert_eq!(parse(b"SSH-2.0\r\n\r\n"), Err(Malformed::Head));
    }
}
