//! The published descriptions, built once from the table of calls and the wire types: OpenAPI 3.1
//! for HTTP, AsyncAPI 3 for the WebSockets.

mod async_api;
mod open_api;
mod refusals;
mod schemas;
mod webhook;

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::gateway::answer;
use crate::wire::problem::Problem;

pub(super) struct Description {
    open_api: Bytes,
    async_api: Bytes,
}

impl Description {
    pub(super) fn new() -> Self {
        let text = |document: &Value| Bytes::from(document.to_string());
        Self {
            open_api: text(&open_api::document()),
            async_api: text(&async_api::document()),
        }
    }

    #[expect(clippy::unused_async, reason = "every handler is async")]
    pub(super) async fn open_api(self: Arc<Self>, _request: Request) -> Result<Response, Problem> {
        Ok(told(self.open_api.clone()))
    }

    #[expect(clippy::unused_async, reason = "every handler is async")]
    pub(super) async fn async_api(self: Arc<Self>, _request: Request) -> Result<Response, Problem> {
        Ok(told(self.async_api.clone()))
    }
}

fn told(document: Bytes) -> Response {
    let json = HeaderValue::from_static("application/json");
    answer::typed(StatusCode::OK, json, document)
}
