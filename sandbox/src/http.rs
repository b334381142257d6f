//! One HTTP request: read it, have it answered, and play the answer as the faults want it.

use crate::answer::Answer;
use crate::call::{Call, Env};
use crate::control;
use crate::game;
use crate::late::AfterAnswer;
use crate::login;
use crate::midas;
use crate::query::Query;
use crate::record::Request as Line;
use crate::reply::{Payload, Shown, show};
use crate::server::told_to_stop;
use crate::session;
use crate::wire::Ask;
use crate::world::{Played, World};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// The largest body that is read: 1 MiB.
const MAX_BODY: usize = 1 << 20;

/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long what follows of a body that is too large is read and thrown away.
const DRAIN: Duration = Duration::from_secs(1);

/// How long a hanging answer hangs at most.
const MAX_HANG: Duration = Duration::from_secs(600);

/// How much of a refusal's text is kept in the list of requests.
const MAX_ERRMSG: usize = 4096;

/// This request gets no answer, and its connection ends.
#[derive(Debug)]
pub(crate) struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault took the answer")
    }
}

impl std::error::Error for NoAnswer {}

/// What every request on one connection shares.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) world: Arc<World>,
    pub(crate) ask: Ask,
    pub(crate) stopping: watch::Receiver<bool>,
}

pub(crate) async fn serve(
    room: Room,
    request: Request<Incoming>,
) -> Result<Response<Payload>, NoAnswer> {
    let (head, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => body,
        Err((status, words)) => return Ok(plain(status, words)),
    };
    let path = head.uri.path();
    let query = Query::new(head.uri.query().unwrap_or_default());
    if let Some((call, env)) = Call::of_path(path) {
        let started = Instant::now();
        let played = match wrong_method(call, &head.method) {
            Some(answer) => Played::refused(answer, None),
            None => match env {
                Some(env) => midas::serve(&room.world, call, env, &query, &body),
                None if call.game_uri().is_some() => game::serve(&room.world, call, &query, &body),
                None if call.takes_token() => session::serve(&room.world, call, &query),
                None => login::serve(&room.world, call, &query, &body),
            },
        };
        let mut line = Line::new(room.world.clock.now_s(), call.name());
        line.env = env.or(played.env).map(Env::name);
        return play(room, call, played, line, started).await;
    }
    if let Some(name) = path.strip_prefix("/sandbox/") {
        let (status, body) = control::serve(&room.world, &head.method, name, &query, &body);
        let text = serde_json::to_vec(&body).unwrap_or_default();
        return Ok(response(
            status,
            "application/json; charset=utf-8",
            Payload::whole(text),
        ));
    }
    if path == "/" {
        return Ok(plain(200, control::WELCOME));
    }
    let body = Answer::code(40066).into_bytes();
    Ok(response(
        404,
        "application/json; charset=utf-8",
        Payload::whole(body),
    ))
}

/// The whole body, or the HTTP status that refuses it.
async fn read(mut body: Incoming) -> Result<Bytes, (u16, &'static str)> {
    let too_large = (413, "The body is larger than 1 MiB.\n");
    if body.size_hint().lower() > MAX_BODY as u64 {
        drain(&mut body).await;
        return Err(too_large);
    }
    let whole = Limited::new(&mut body, MAX_BODY).collect();
    match timeout(BODY_TIMEOUT, whole).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            drain(&mut body).await;
            Err(too_large)
        }
        Ok(Err(_)) => Err((400, "The body could not be read.\n")),
        Err(_) => Err((408, "The body took too long.\n")),
    }
}

/// Reads on for a moment: a connection closed with bytes unread would be reset, and the answer lost with it.
async fn drain(body: &mut Incoming) {
    let rest = async { while let Some(Ok(_)) = body.frame().await {} };
    let _ = timeout(DRAIN, rest).await;
}

fn wrong_method(call: Call, method: &Method) -> Option<Answer> {
    let get = matches!(
        call,
        Call::Token | Call::JsCode2Session | Call::CheckSession | Call::ResetUserSessionKey
    );
    match get {
        true if method != Method::GET => Some(Answer::code(43001)),
        false if method != Method::POST => Some(Answer::code(43002)),
        _ => None,
    }
}

/// Plays one answer: holds it back, spoils it, or sends it.
async fn play(
    mut room: Room,
    call: Call,
    played: Played,
    mut line: Line,
    started: Instant,
) -> Result<Response<Payload>, NoAnswer> {
    // From here on the client may leave at any await: dropping this executes what is to follow the answer.
    let after = AfterAnswer::new(&room.world, played.after);
    if let Some((ms, late)) = played.after_ms {
        let world = Arc::clone(&room.world);
        tokio::spawn(async move {
            sleep(Duration::from_millis(ms)).await;
            world.execute_late(vec![late]);
        });
    }
    let reply = played.play.as_ref().map(|play| &play.reply);
    line.bill_no = played.bill_no;
    line.executed = played.executed;
    line.fault = reply.map(|reply| reply.kind.name());
    line.errmsg = refusal(&played.answer, played.executed);
    let shown = show(call, played.answer, reply);
    if let Shown::Response { errcode, .. } = &shown {
        line.errcode = *errcode;
    }
    line.latency_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    note(&room.world, line);

    let delay = Duration::from_millis(reply.map_or(0, |reply| reply.delay_ms)).min(MAX_HANG);
    if !delay.is_zero() {
        tokio::select! {
            () = sleep(delay) => {}
            () = told_to_stop(&mut room.stopping) => return Err(NoAnswer),
        }
    }
    match shown {
        Shown::Response {
            status,
            content_type,
            body,
            half,
            ..
        } => {
            let payload = if half {
                Payload::half(body)
            } else {
                Payload::whole(body)
            };
            room.ask.after_answer(after);
            Ok(response(status, content_type, payload))
        }
        Shown::Hang => {
            let _ = timeout(MAX_HANG, told_to_stop(&mut room.stopping)).await;
            Err(NoAnswer)
        }
        Shown::Reset => {
            room.ask.reset();
            Err(NoAnswer)
        }
    }
}

/// The words of a request that was refused before any coins were looked at.
fn refusal(answer: &Option<Answer>, executed: Option<i64>) -> Option<String> {
    let answer = answer
        .as_ref()
        .filter(|answer| executed.is_none() && answer.errcode != 0)?;
    Some(answer.errmsg().chars().take(MAX_ERRMSG).collect())
}

fn note(world: &World, line: Line) {
    if world.config.access_log {
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
        // A log that nobody reads any more is no reason to stop.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
    world.lock().record.note(line);
}

fn plain(status: u16, text: &'static str) -> Response<Payload> {
    let body = Payload::whole(text.as_bytes().to_vec());
    response(status, "text/plain; charset=utf-8", body)
}

fn response(status: u16, content_type: &'static str, body: Payload) -> Response<Payload> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
