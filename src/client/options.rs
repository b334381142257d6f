//! What a client is opened with: checked as a whole, before anything is made.

use std::path::PathBuf;

use crate::api::{App, Environment, check};
use crate::credential::token::Source;
use crate::credential::vault::Vault;
use crate::error::{Error, Kind, Result};
use crate::sign::push::AesKey;
use crate::sign::{AppKey, Secret};
use crate::store::Generation;
use crate::transport::ureq::{DEFAULT_BASE_URL, names_loopback};

use super::engine::{Operations, Settings};
use super::flow::{Limits, RESEND_LIMIT_MS};
use super::log::Level;

const TIMEOUT_MS: i64 = 10_000;
const DEADLINE_MS: i64 = 30_000;
const LONGEST_DEADLINE_MS: i64 = 24 * 3600 * 1000;
const LATE_WINDOW_MS: i64 = 600_000;
const UNKNOWN_PATIENCE_MS: i64 = 1_800_000;
const CONNECT_TIMEOUT_MS: i64 = 3_000;
const LEASE_MS: i64 = 15_000;
const SHORTEST_LEASE_MS: i64 = 1_000;
const LONGEST_LEASE_MS: i64 = 600_000;
const QUEUE_CAPACITY: u32 = 65_536;
const RETRY_PER_S: u32 = 200;
const REDELIVER_AFTER_MS: i64 = 60_000;
const RETAIN_DAYS: u32 = 90;
const SEAL_DAYS: u32 = 400;
const IN_FLIGHT_LIMIT: u32 = 64;
/// A token lives two hours, so a day needs a dozen.
const TOKEN_REQUESTS_PER_DAY: u32 = 500;
const CLOCK_OFFSET_MAX_MS: i64 = 400 * 24 * 3600 * 1000;
/// WeChat remembers a number this long.
const REMEMBERED_MS: i64 = 48 * 3600 * 1000;

/// Options as the host gives them: zero and empty mean the default.
#[derive(Clone, Default)]
pub struct Options<'a> {
    /// appid of the mini-game.
    pub appid: &'a str,
    /// AppSecret of the mini-game.
    pub app_secret: &'a str,
    /// offer_id of the payment application.
    pub offer_id: &'a str,
    /// AppKey of the production environment; needed there only.
    pub app_key: &'a str,
    /// AppKey of the sandbox environment; needed there only.
    pub sandbox_app_key: &'a str,
    /// 0 production, 1 sandbox.
    pub environment: u32,
    /// 0 or 1: Midas v1. 2: virtual payment 2.0.
    pub generation: u32,
    /// `android` if empty.
    pub pf: &'a str,
    /// Requests carry no `mp_sig`.
    pub no_mp_sig: bool,
    /// `sqlite:PATH`, `postgres://…` or `memory:`.
    pub journal: &'a str,
    /// `https://api.weixin.qq.com` if empty.
    pub base_url: &'a str,
    /// PEM file of the roots to trust instead of the built-in ones.
    pub ca_file: &'a str,
    /// `http://user:password@host:port`, or empty.
    pub proxy: &'a str,
    /// One attempt.
    pub timeout_ms: i64,
    /// Look-up, connect and TLS.
    pub connect_timeout_ms: i64,
    /// From submission to completion, where the submission names none.
    pub deadline_ms: i64,
    /// How late a request may still be executed.
    pub late_window_ms: i64,
    /// How long an unknown payment is retried before it is cancelled; negative: to 47 h.
    pub unknown_patience_ms: i64,
    /// Submissions that may wait for completion and polling.
    pub queue_capacity: u32,
    /// Requests that may be under way at once.
    pub in_flight_limit: u32,
    /// Retries a second, all payments together.
    pub retry_per_s: u32,
    /// How long an unacknowledged final answer rests before it comes again; negative: until the next open.
    pub redeliver_after_ms: i64,
    /// 0 drive, 1 hold.
    pub recovery: u32,
    /// Days that a closed and acknowledged record is kept.
    pub retain_days: u32,
    /// Days that its number stays sealed.
    pub seal_days: u32,
    /// Seals sessions and tokens at rest; the AppSecret does if empty.
    pub journal_key: &'a str,
    /// Still opens what an earlier key sealed.
    pub previous_journal_key: &'a str,
    /// 0 default (warn), 1 error, 2 warn, 3 info, 4 debug, negative off.
    pub log_level: i32,
    /// 0 stable_token, 1 token, 2 the host.
    pub token_source: u32,
    /// Requests for an access_token a day.
    pub token_requests_per_day: u32,
    /// Added to the wall clock; other than 0 with a loopback base_url only.
    pub clock_offset_ms: i64,
    /// Token of the message push; empty: pushes are not taken.
    pub push_token: &'a str,
    /// EncodingAESKey of the message push; empty: it is in plain text.
    pub push_aes_key: &'a str,
    /// How long a server that is heard no more keeps what it has of a shared journal.
    pub lease_ms: i64,
}

/// Where the journal is kept.
pub enum JournalPlace {
    /// Nowhere: for tests.
    Memory,
    /// One SQLite file.
    Sqlite(PathBuf),
    /// A database that servers share.
    Postgres {
        /// Where it is, and as whom to connect: holds a password.
        url: Secret,
        /// Of this server.
        lease_ms: i64,
    },
}

/// Options after checking, with every default filled in.
pub struct Checked {
    /// For the engine.
    pub settings: Settings,
    /// What pushes are verified with, where they are taken.
    pub push: Option<PushKeys>,
    /// Where the journal is.
    pub journal: JournalPlace,
    /// As given.
    pub base_url: String,
    /// As given.
    pub ca_file: Option<PathBuf>,
    /// As given.
    pub proxy: Option<String>,
    /// For the transport.
    pub connect_timeout_ms: u64,
    /// For the transport.
    pub in_flight_limit: usize,
    /// For submissions that name none.
    pub deadline_ms: i64,
    /// For the queue.
    pub queue_capacity: usize,
    /// For the client's clock.
    pub clock_offset_ms: i64,
}

impl Checked {
    /// Checks every option and how they fit together.
    pub fn new(options: &Options) -> Result<Self> {
        let generation = generation(options)?;
        let environment = match options.environment {
            0 => Environment::Production,
            1 => Environment::Sandbox,
            _ => {
                return Err(Error::invalid(
                    "environment",
                    "must be 0 (production) or 1 (sandbox)",
                ));
            }
        };
        let app = App {
            appid: options.appid.to_owned(),
            offer_id: options.offer_id.to_owned(),
            pf: match (generation, options.pf) {
                (Generation::V1, "") => "android",
                (_, pf) => pf,
            }
            .to_owned(),
            environment,
            app_key: app_key(options, environment)?,
            mp_sig: !options.no_mp_sig,
        };
        check::id("appid", &app.appid)?;
        check::id("offer_id", &app.offer_id)?;
        if generation == Generation::V1 {
            check::id("pf", &app.pf)?;
        }
        let token_source = token_source(options)?;
        let limits = limits(options)?;
        let deadline_ms = or_default(
            "deadline_ms",
            options.deadline_ms,
            DEADLINE_MS,
            LONGEST_DEADLINE_MS,
        )?;
        let connect_timeout_ms = or_default(
            "connect_timeout_ms",
            options.connect_timeout_ms,
            CONNECT_TIMEOUT_MS,
            60_000,
        )?;
        let log_level = match options.log_level {
            ..0 => None,
            0 | 2 => Some(Level::Warn),
            1 => Some(Level::Error),
            3 => Some(Level::Info),
            4 => Some(Level::Debug),
            _ => return Err(Error::invalid("log_level", "must be -1 (off) to 4 (debug)")),
        };
        Ok(Self {
            settings: Settings {
                app,
                app_secret: Secret::new(options.app_secret),
                token_source,
                token_realm: token_realm(options),
                token_requests_per_day: counted(
                    "token_requests_per_day",
                    options.token_requests_per_day,
                    TOKEN_REQUESTS_PER_DAY,
                    500_000,
                )? as u32,
                generation,
                limits,
                log_level,
                operations: operations(options)?,
            },
            push: push_keys(options)?,
            journal: journal_place(options.journal, options.lease_ms)?,
            clock_offset_ms: clock_offset_ms(options)?,
            base_url: options.base_url.to_owned(),
            ca_file: (!options.ca_file.is_empty()).then(|| PathBuf::from(options.ca_file)),
            proxy: (!options.proxy.is_empty()).then(|| options.proxy.to_owned()),
            connect_timeout_ms: connect_timeout_ms.unsigned_abs(),
            in_flight_limit: counted(
                "in_flight_limit",
                options.in_flight_limit,
                IN_FLIGHT_LIMIT,
                1_024,
            )?,
            deadline_ms,
            queue_capacity: counted(
                "queue_capacity",
                options.queue_capacity,
                QUEUE_CAPACITY,
                1 << 20,
            )?,
        })
    }
}

/// What pushes are verified with, beside the AppKey.
pub struct PushKeys {
    /// Token of the message push.
    pub token: Secret,
    /// Its EncodingAESKey; without one it comes in plain text.
    pub aes_key: Option<AesKey>,
}

fn push_keys(options: &Options) -> Result<Option<PushKeys>> {
    if options.push_token.is_empty() {
        if !options.push_aes_key.is_empty() {
            return Err(Error::invalid(
                "push_token",
                "is missing: it goes with push_aes_key, see the message push settings",
            ));
        }
        return Ok(None);
    }
    check::credential("push_token", options.push_token, check::CREDENTIAL_MAX)?;
    Ok(Some(PushKeys {
        token: Secret::new(options.push_token),
        aes_key: match options.push_aes_key {
            "" => None,
            text => Some(AesKey::new(text)?),
        },
    }))
}

/// Virtual payment 2.0 has neither a platform nor requests without a session_key.
fn generation(options: &Options) -> Result<Generation> {
    match options.generation {
        0 | 1 => Ok(Generation::V1),
        2 if !options.pf.is_empty() => Err(Error::invalid(
            "pf",
            "is not sent by virtual payment 2.0: leave it out",
        )),
        2 if options.no_mp_sig => Err(Error::invalid(
            "no_mp_sig",
            "is for Midas v1: virtual payment 2.0 always signs with the session_key",
        )),
        2 => Ok(Generation::V2),
        _ => Err(Error::invalid(
            "generation",
            "must be 0 or 1 (Midas v1), or 2 (virtual payment 2.0)",
        )),
    }
}

/// The AppKey of the environment that is opened. One console gives two; one in place of the other is the
/// commonest cause of 90011.
fn app_key(options: &Options, environment: Environment) -> Result<AppKey> {
    if !options.app_key.is_empty() && options.app_key == options.sandbox_app_key {
        return Err(Error::invalid(
            "sandbox_app_key",
            "is the same as app_key: production and sandbox have a key each, see the payment console",
        ));
    }
    let (field, key) = match environment {
        Environment::Production => ("app_key", options.app_key),
        Environment::Sandbox => ("sandbox_app_key", options.sandbox_app_key),
    };
    if key.is_empty() {
        return Err(Error::invalid(
            field,
            "is missing: the environment that is opened signs with it, see the payment console",
        ));
    }
    AppKey::new(key).map_err(|error| error.about(field))
}

fn limits(options: &Options) -> Result<Limits> {
    let limits = Limits {
        timeout_ms: or_default("timeout_ms", options.timeout_ms, TIMEOUT_MS, 120_000)?,
        late_window_ms: or_default(
            "late_window_ms",
            options.late_window_ms,
            LATE_WINDOW_MS,
            RESEND_LIMIT_MS,
        )?,
        unknown_patience_ms: match options.unknown_patience_ms {
            0 => UNKNOWN_PATIENCE_MS,
            patience_ms => patience_ms.min(RESEND_LIMIT_MS),
        },
        resend_limit_ms: RESEND_LIMIT_MS,
    };
    if RESEND_LIMIT_MS + limits.timeout_ms + limits.late_window_ms >= REMEMBERED_MS {
        return Err(Error::invalid(
            "late_window_ms",
            "is too long: 47 h + timeout_ms + late_window_ms must stay under the 48 h for which WeChat remembers a number",
        ));
    }
    Ok(limits)
}

fn operations(options: &Options) -> Result<Operations> {
    let retain_days = counted("retain_days", options.retain_days, RETAIN_DAYS, 36_500)?;
    let seal_days = counted("seal_days", options.seal_days, SEAL_DAYS, 36_500)?;
    if seal_days < retain_days {
        return Err(Error::invalid(
            "seal_days",
            "is shorter than retain_days: a number stays sealed at least as long as its record",
        ));
    }
    for (field, key) in [
        ("journal_key", options.journal_key),
        ("previous_journal_key", options.previous_journal_key),
    ] {
        if !key.is_empty() {
            check::credential(field, key, check::CREDENTIAL_MAX)?;
        }
    }
    let key = if options.journal_key.is_empty() {
        options.app_secret
    } else {
        options.journal_key
    };
    let previous = options.previous_journal_key;
    let previous = (!previous.is_empty()).then(|| Secret::new(previous));
    Ok(Operations {
        retry_per_s: counted("retry_per_s", options.retry_per_s, RETRY_PER_S, 1_000_000)? as i64,
        redeliver_after_ms: match options.redeliver_after_ms {
            ..0 => -1,
            given => or_default(
                "redeliver_after_ms",
                given,
                REDELIVER_AFTER_MS,
                LONGEST_DEADLINE_MS,
            )?,
        },
        hold: match options.recovery {
            0 => false,
            1 => true,
            _ => return Err(Error::invalid("recovery", "must be 0 (drive) or 1 (hold)")),
        },
        retain_days: retain_days as i64,
        seal_days: seal_days as i64,
        // Without any key the sessions and the token are not kept.
        vault: (!key.is_empty()).then(|| Vault::new(&Secret::new(key), previous.as_ref())),
        nonce_seed: [0; 16],
    })
}

/// Where the access_token comes from. Without an AppSecret only the host can bring it.
fn token_source(options: &Options) -> Result<Source> {
    let source = match options.token_source {
        0 => Source::Stable,
        1 => Source::Classic,
        2 => Source::Host,
        _ => {
            return Err(Error::invalid(
                "token_source",
                "must be 0 (stable_token), 1 (token) or 2 (the host)",
            ));
        }
    };
    if source != Source::Host || !options.app_secret.is_empty() {
        check::credential("app_secret", options.app_secret, check::CREDENTIAL_MAX)?;
    }
    Ok(source)
}

/// What makes a token another one although the appid is the same: who gave it, and by what clock its end was told.
fn token_realm(options: &Options) -> String {
    let base_url = if options.base_url.is_empty() {
        DEFAULT_BASE_URL
    } else {
        options.base_url
    };
    match options.clock_offset_ms {
        0 => base_url.to_owned(),
        offset_ms => format!("{base_url}{offset_ms:+}ms"),
    }
}

/// A wrong clock is for tests against a sandbox on this machine: with WeChat it would make payments older or younger
/// than they are.
fn clock_offset_ms(options: &Options) -> Result<i64> {
    let offset_ms = options.clock_offset_ms;
    if offset_ms
        .checked_abs()
        .is_none_or(|ms| ms > CLOCK_OFFSET_MAX_MS)
    {
        return Err(Error::invalid(
            "clock_offset_ms",
            "must be within 34,560,000,000 (400 days) either way",
        ));
    }
    if offset_ms != 0 && !names_loopback(options.base_url) {
        return Err(Error::invalid(
            "clock_offset_ms",
            "is for tests: it is taken only with a base_url on loopback (127.0.0.1, [::1], localhost)",
        ));
    }
    Ok(offset_ms)
}

fn journal_place(journal: &str, lease_ms: i64) -> Result<JournalPlace> {
    let lease_ms = match lease_ms {
        0 => LEASE_MS,
        SHORTEST_LEASE_MS..=LONGEST_LEASE_MS => lease_ms,
        _ => {
            return Err(Error::invalid(
                "lease_ms",
                "must be 0 (default: 15,000) or 1,000 to 600,000 milliseconds",
            ));
        }
    };
    match journal.split_once(':') {
        Some(("memory", "")) => Ok(JournalPlace::Memory),
        Some(("sqlite", path)) if !path.is_empty() => Ok(JournalPlace::Sqlite(PathBuf::from(path))),
        Some(("postgres" | "postgresql", place)) if place.starts_with("//") => {
            let url = Secret::new(journal);
            Ok(JournalPlace::Postgres { url, lease_ms })
        }
        _ => Err(Error::invalid(
            "journal",
            "must be `sqlite:PATH`, `postgres://…`, or `memory:` for tests that may lose payments",
        )),
    }
}

/// The deadline of one submission: what it names, or the client's.
pub fn deadline(given_ms: i64, client_ms: i64) -> Result<i64> {
    or_default("deadline_ms", given_ms, client_ms, LONGEST_DEADLINE_MS)
}

fn or_default(field: &'static str, given: i64, default: i64, most: i64) -> Result<i64> {
    match given {
        0 => Ok(default),
        _ if (1..=most).contains(&given) => Ok(given),
        _ => Err(Error::invalid(
            field,
            format!("must be 0 (default: {default}) or 1 to {most} milliseconds"),
        )),
    }
}

fn counted(field: &'static str, given: u32, default: u32, most: u32) -> Result<usize> {
    match given {
        0 => Ok(default as usize),
        _ if given <= most => Ok(given as usize),
        _ => Err(Error::new(
            Kind::InvalidArgument,
            format!("must be 0 (default: {default}) or 1 to {most}"),
        )
        .about(field)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Options<'static> {
        Options {
            appid: "wx1234567",
            app_secret: "secret",
            offer_id: "12345678",
            app_key: "production-key",
            sandbox_app_key: "sandbox-key",
            journal: "memory:",
            ..Options::default()
        }
    }

    fn refused(options: &Options) -> (&'static str, String) {
        let error = Checked::new(options)
            .err()
            .expect("these options are wrong");
        (error.field, error.message.into_owned())
    }

    #[test]
    fn a_shared_journal_has_its_lease_and_keeps_its_url_to_itself() {
        for (given_ms, expected_ms) in [(0, 15_000), (1_000, 1_000), (600_000, 600_000)] {
            let url = "postgresql://me:secret@db/ledger";
            let options = Options {
                journal: url,
                lease_ms: given_ms,
                ..good()
            };
            let Ok(Checked {
                journal:
                    JournalPlace::Postgres {
                        url: kept,
                        lease_ms,
                    },
                ..
            }) = Checked::new(&options)
            else {
                panic!("a good URL");
            };
            assert_eq!((kept.as_str(), lease_ms), (url, expected_ms));
        }
    }

    #[cfg(not(feature = "postgres"))]
    #[test]
    fn a_build_without_the_shared_journal_says_so() {
        let options = Options {
            journal: "postgres://me@db/ledger",
            ..good()
        };
        let error = crate::client::Client::open(&options)
            .err()
            .expect("it has none");
        assert_eq!((error.kind, error.field), (Kind::Unsupported, "journal"));
    }

    #[test]
    fn every_wrong_option_is_refused_by_name() {
        assert!(Checked::new(&good()).is_ok());
        let wrong: [(&str, Options); 23] = [
            (
                "appid",
                Options {
                    appid: "",
                    ..good()
                },
            ),
            (
                "app_secret",
                Options {
                    app_secret: "",
                    ..good()
                },
            ),
            (
                "offer_id",
                Options {
                    offer_id: "a b",
                    ..good()
                },
            ),
            (
                "app_key",
                Options {
                    app_key: "",
                    ..good()
                },
            ),
            (
                "sandbox_app_key",
                Options {
                    sandbox_app_key: "",
                    environment: 1,
                    ..good()
                },
            ),
            (
                "sandbox_app_key",
                Options {
                    sandbox_app_key: "production-key",
                    ..good()
                },
            ),
            (
                "environment",
                Options {
                    environment: 2,
                    ..good()
                },
            ),
            (
                "generation",
                Options {
                    generation: 3,
                    ..good()
                },
            ),
            (
                "journal",
                Options {
                    journal: "",
                    ..good()
                },
            ),
            (
                "journal",
                Options {
                    journal: "sqlite:",
                    ..good()
                },
            ),
            (
                "journal",
                Options {
                    journal: "mysql://x",
                    ..good()
                },
            ),
            (
                "journal",
                Options {
                    journal: "postgres:db",
                    ..good()
                },
            ),
            (
                "lease_ms",
                Options {
                    lease_ms: 999,
                    ..good()
                },
            ),
            (
                "lease_ms",
                Options {
                    lease_ms: 600_001,
                    ..good()
                },
            ),
            (
                "timeout_ms",
                Options {
                    timeout_ms: -1,
                    ..good()
                },
            ),
            (
                "deadline_ms",
                Options {
                    deadline_ms: LONGEST_DEADLINE_MS + 1,
                    ..good()
                },
            ),
            (
                "late_window_ms",
                Options {
                    late_window_ms: 3_600_000,
                    ..good()
                },
            ),
            (
                "queue_capacity",
                Options {
                    queue_capacity: u32::MAX,
                    ..good()
                },
            ),
            (
                "in_flight_limit",
                Options {
                    in_flight_limit: 1_025,
                    ..good()
                },
            ),
            (
                "log_level",
                Options {
                    log_level: 5,
                    ..good()
                },
            ),
            (
                "clock_offset_ms",
                Options {
                    clock_offset_ms: 1,
                    ..good()
                },
            ),
            (
                "clock_offset_ms",
                Options {
                    clock_offset_ms: -1,
                    base_url: "https://127.0.0.1.example.com",
                    ..good()
                },
            ),
            (
                "clock_offset_ms",
                Options {
                    clock_offset_ms: i64::MIN,
                    base_url: "https://127.0.0.1:8443",
                    ..good()
                },
            ),
        ];
        for (field, options) in &wrong {
            assert_eq!(refused(options).0, *field);
        }
    }

    #[test]
    fn a_wrong_clock_is_taken_on_loopback_only() {
        for base_url in [
            "http://127.0.0.1:8080",
            "https://[::1]:8443",
            "https://LOCALHOST",
        ] {
            let options = Options {
                clock_offset_ms: -CLOCK_OFFSET_MAX_MS,
                base_url,
                ..good()
            };
            assert!(Checked::new(&options).is_ok(), "{base_url}");
        }
    }

    #[test]
    fn an_environment_needs_its_own_key_only() {
        assert!(
            Checked::new(&Options {
                sandbox_app_key: "",
                ..good()
            })
            .is_ok()
        );
        assert!(
            Checked::new(&Options {
                app_key: "",
                environment: 1,
                ..good()
            })
            .is_ok()
        );
    }

    #[test]
    fn no_refusal_shows_a_key() {
        let (_, message) = refused(&Options {
            sandbox_app_key: "production-key",
            ..good()
        });
        assert!(!message.contains("production-key"));
    }
}
