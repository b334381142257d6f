//! One HTTP request of the sandbox's own: a POST on a fresh connection.

use crate::push_config::PushConfig;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use std::pin::pin;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How much of an answer is read: 64 KiB.
const MAX_ANSWER: usize = 64 << 10;

/// What is posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Path and query.
    pub(crate) target: String,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answer {
        status: u16,
        body: String,
    },
    Timeout,
    /// Why there was no answer.
    Unreachable(String),
}

/// Posts and waits for the whole answer.
pub(crate) async fn post(config: &PushConfig, letter: Letter) -> Outcome {
    let patience = Duration::from_millis(config.timeout_ms);
    match timeout(patience, exchange(config, letter)).await {
        Ok(Ok((status, body))) => Outcome::Answer { status, body },
        Ok(Err(error)) => Outcome::Unreachable(error.to_string()),
        Err(_) => Outcome::Timeout,
    }
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

async fn exchange(config: &PushConfig, letter: Letter) -> Result<(u16, String), AnyError> {
    let stream = TcpStream::connect((config.host.as_str(), config.port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::builder()
        .method(Method::POST)
        .uri(letter.target)
        .header(HOST, config.authority.as_str())
        .header(CONTENT_TYPE, letter.content_type)
        .header(CONNECTION, "close")
        .body(Full::new(Bytes::from(letter.body)))?;
    let mut answer = pin!(async {
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect();
        let body = body.await?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    });
    // The connection moves the bytes. What it fails with, the answer fails with as well.
    tokio::select! {
        biased;
        answer = &mut answer => return answer,
        _ = connection => {}
    }
    answer.await
}
