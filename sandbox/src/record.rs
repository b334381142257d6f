//! What has happened so far: counters, and the last requests one by one. No key or token is in here.

use crate::tokens::TokenQuota;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// How many requests are kept.
const MAX_REQUESTS: usize = 256;

/// Counters since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests per call.
    pub requests: BTreeMap<&'static str, u64>,
    /// Per call: how often each errcode was answered. What a fault answered stands under its kind when it
    /// had no errcode, as in `hang`.
    pub answers: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// Faults played, by the kind of reply.
    pub faults: BTreeMap<&'static str, u64>,
    /// Late requests that were executed in the end, by the errcode they came to.
    pub late: BTreeMap<String, u64>,
    /// Requests for an access token, both ways.
    pub token_requests: u64,
    /// What is used of the quotas for access tokens: per app, both ways.
    pub token_quotas: Vec<TokenQuota>,
    /// Login codes that became a session, whether or not the answer arrived.
    pub logins: u64,
    /// Connections accepted.
    pub connections: u64,
    /// Connections that are open now.
    pub connections_open: u64,
    /// TLS handshakes that failed.
    pub tls_failed: u64,
    /// Connections that ended badly: malformed HTTP, a time-out, a client that left early, a fault that cut.
    pub connection_errors: u64,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// Unix time by the sandbox's clock, in seconds.
    pub time_s: i64,
    /// The call.
    pub call: &'static str,
    /// The environment, for payment calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<&'static str>,
    /// The order number, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill_no: Option<String>,
    /// What the call came to; nothing when it was not executed.
    pub executed: Option<i64>,
    /// The errcode that was answered; nothing when the answer had none.
    pub errcode: Option<i64>,
    /// Why a signature was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errmsg: Option<String>,
    /// The kind of reply of the fault that was played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
    /// From the whole request to the start of the answer, in microseconds.
    pub latency_us: u64,
}

impl Request {
    pub(crate) fn new(time_s: i64, call: &'static str) -> Request {
        Request {
            time_s,
            call,
            env: None,
            bill_no: None,
            executed: None,
            errcode: None,
            errmsg: None,
            fault: None,
            latency_us: 0,
        }
    }
}

#[derive(Default)]
pub(crate) struct Record {
    stats: Stats,
    requests: VecDeque<Request>,
}

impl Record {
    pub(crate) fn note(&mut self, request: Request) {
        let stats = &mut self.stats;
        *stats.requests.entry(request.call).or_default() += 1;
        let answers = stats.answers.entry(request.call).or_default();
        let answer = match (request.errcode, request.fault) {
            (Some(errcode), _) => errcode.to_string(),
            (None, fault) => fault.unwrap_or("none").to_owned(),
        };
        *answers.entry(answer).or_default() += 1;
        if let Some(fault) = request.fault {
            *stats.faults.entry(fault).or_default() += 1;
        }
        if matches!(request.call, "token" | "stable_token") {
            stats.token_requests += 1;
        }
        if request.call == "jscode2session" && request.executed == Some(0) {
            stats.logins += 1;
        }
        self.requests.push_back(request);
        if self.requests.len() > MAX_REQUESTS {
            self.requests.pop_front();
        }
    }

    pub(crate) fn note_late(&mut self, errcode: i64) {
        *self.stats.late.entry(errcode.to_string()).or_default() += 1;
    }

    pub(crate) fn stats(&self) -> Stats {
        self.stats.clone()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.iter().cloned().collect()
    }
}
