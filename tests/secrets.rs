//! No key, token, session, js_code or password is in anything the library says, whatever goes wrong: not in a log
//! record of any level, a completion, an error, what `Debug` shows, nor in the files beside the journal. And no log
//! record holds a whole openid. The servers here answer with everything that could be repeated.

#[path = "transport/server.rs"]
#[allow(dead_code)] // The transport's tests use more of it.
mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use server::{Server, Visit, reply_of};
use tempfile::TempDir;
use wxgame::api::game_v2::item_order::ItemOrder;
use wxgame::api::game_v2::query_order::Business;
use wxgame::api::game_v2::{CoinType, Player};
use wxgame::api::login::parse_login;
use wxgame::api::session::{parse_check_session, parse_reset_session};
use wxgame::api::token::parse_token;
use wxgame::api::{App, Environment, Order};
use wxgame::client::completion::CompletionKind;
use wxgame::client::engine::{Operations, Settings};
use wxgame::client::flow::{Limits, RESEND_LIMIT_MS};
use wxgame::client::options::Options;
use wxgame::client::{Client, Defaults, With};
use wxgame::credential::token::Source;
use wxgame::credential::vault::Vault;
use wxgame::error::{Error, Kind as ErrorKind, Result};
use wxgame::os;
use wxgame::queue::Wait;
use wxgame::sign::{AppKey, Secret};
use wxgame::store::memory::Disk;
use wxgame::store::{Generation, JournalError, Kind, Write};
use wxgame::transport::ureq::{Ureq, UreqOptions};

const APP_SECRET: &str = "app-secret-5d0c1e";
const APP_KEY: &str = "production-key-77a1f0";
const SANDBOX_APP_KEY: &str = "sandbox-key-b81c22";
const JOURNAL_KEY: &str = "journal-key-e4f9d3";
const PREVIOUS_KEY: &str = "previous-key-0a6b55";
const TOKEN: &str = "access-token-c3d4e5f6";
const SESSION_KEY: &str = "c2Vzc2lvbi1rZXktb2xk";
const NEW_SESSION_KEY: &str = "c2Vzc2lvbi1rZXktbmV3";
const JS_CODE: &str = "js-code-91f2a7";
const PROXY: &str = "proxy-user:proxy%40password-9b2c";
const PUSH_TOKEN: &str = "push-token-4be8d0";
const PUSH_AES_KEY: &str = "pushAesKey3f9c0123456789abcdefghijklmnopqrs";
const SECRETS: [&str; 14] = [
    PUSH_TOKEN,
    PUSH_AES_KEY,
    APP_SECRET,
    APP_KEY,
    SANDBOX_APP_KEY,
    JOURNAL_KEY,
    PREVIOUS_KEY,
    TOKEN,
    SESSION_KEY,
    NEW_SESSION_KEY,
    JS_CODE,
    "proxy%40password-9b2c",
    "proxy@password-9b2c",
    // The two as the proxy gets them.
    "cHJveHktdXNlcjpwcm94eUBwYXNzd29yZC05YjJj",
];
const OPENID: &str = "oSecretsPlayer_0123456789abcdef";

/// The calls of WeChat, by the path they are posted to.
const CALLS: [&str; 13] = [
    "/cgi-bin/stable_token",
    "/sns/jscode2session",
    "/cgi-bin/midas/pay",
    "/cgi-bin/midas/cancelpay",
    "/cgi-bin/midas/present",
    "/cgi-bin/midas/getbalance",
    "/wxa/checksession",
    "/wxa/resetusersessionkey",
    "/wxa/game/pay",
    "/wxa/game/cancelpay",
    "/wxa/game/present",
    "/wxa/game/getbalance",
    "/wxa/game/queryorderinfo",
];

/// Everything that was said, to be looked through at the end.
struct Ear {
    folder: TempDir,
    said: Vec<String>,
    logged: Vec<String>,
}

impl Ear {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            said: Vec::new(),
            logged: Vec::new(),
        }
    }

    fn journal(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("journal.db").display())
    }

    fn error(&mut self, error: &Error) {
        self.said.push(format!("{error} {error:?}"));
    }

    fn refusal<T>(&mut self, refused: Result<T>) {
        let error = refused.err().expect("this is to be refused");
        self.error(&error);
    }

    /// Hears a client out: its completions until so many submissions are answered and it is closed, then its log.
    fn hear_out(&mut self, client: &Client, submitted: usize) {
        let until = Instant::now() + Duration::from_secs(30);
        let mut answered = 0;
        while answered < submitted {
            let told = client.take(64, Wait::Until(until)).expect("it is open");
            assert!(!told.is_empty(), "{answered} of {submitted} were answered");
            for told in told {
                let unasked = [
                    CompletionKind::Resolved,
                    CompletionKind::SessionNeeded,
                    CompletionKind::TokenNeeded,
                ];
                answered += usize::from(!unasked.map(Some).contains(&told.kind));
                self.said.push(format!("{told:?}"));
            }
        }
        self.close(client);
    }

    fn close(&mut self, client: &Client) {
        client.close(Duration::ZERO);
        while let Ok(told) = client.take(64, Wait::Not) {
            assert!(!told.is_empty(), "a closed client says so when it is empty");
            self.said
                .extend(told.iter().map(|told| format!("{told:?}")));
        }
        let (stats, writer, ..) = client.stats();
        self.said.push(format!("{stats:?}"));
        if let Some(error) = writer.last_error() {
            self.error(&error);
        }
        while let Some(record) = client.pop_log() {
            self.logged.push(record.message.clone());
            self.said.push(format!("{record:?}"));
        }
    }

    /// Looks through all of it. `scene` names what happened, should something be found.
    fn knows_no_secret(&self, scene: &str) {
        for said in &self.said {
            for secret in SECRETS {
                assert!(!said.contains(secret), "{scene}: {secret} in {said}");
            }
        }
        for logged in &self.logged {
            assert!(!logged.contains(OPENID), "{scene}: {logged}");
        }
        for file in std::fs::read_dir(self.folder.path()).expect("the folder is there") {
            let file = file.expect("an entry").path();
            let bytes = std::fs::read(&file).unwrap_or_default();
            for secret in SECRETS {
                let found = bytes
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes());
                assert!(!found, "{scene}: {secret} in {}", file.display());
            }
        }
    }

    fn heard(&self, words: &str) -> bool {
        self.said.iter().any(|said| said.contains(words))
    }
}

fn options<'a>(base_url: &'a str, journal: &'a str) -> Options<'a> {
    Options {
        appid: "wx1234567",
        app_secret: APP_SECRET,
        offer_id: "12345678",
        app_key: APP_KEY,
        sandbox_app_key: SANDBOX_APP_KEY,
        journal,
        journal_key: JOURNAL_KEY,
        previous_journal_key: PREVIOUS_KEY,
        base_url,
        timeout_ms: 150,
        connect_timeout_ms: 150,
        deadline_ms: 250,
        late_window_ms: 1,
        log_level: 4,
        push_token: PUSH_TOKEN,
        push_aes_key: PUSH_AES_KEY,
        ..Options::default()
    }
}

/// The same of a client that makes this call.
fn options_for<'a>(path: &str, base_url: &'a str, journal: &'a str) -> Options<'a> {
    Options {
        generation: if path.starts_with("/wxa/game/") { 2 } else { 1 },
        ..options(base_url, journal)
    }
}

fn order(bill_no: &str) -> Order<'_> {
    Order {
        openid: OPENID,
        zone_id: "1",
        bill_no,
        amount: 1,
        ..Order::default()
    }
}

/// Asks for everything there is, and gives back how many answers are to come.
fn ask_for_everything(client: &Client) -> usize {
    client.set_session(OPENID, SESSION_KEY).expect("a good key");
    let read = Order {
        openid: OPENID,
        zone_id: "1",
        ..Order::default()
    };
    let with = With::default();
    let asked = [
        client.payment(Kind::Pay, &order("b1"), &with),
        client.payment(Kind::Present, &order("b2"), &with),
        client.payment(Kind::Pay, &order("b3"), &with),
        client.cancel_pay("b3", "", 0, 0),
        client.get_balance(&read, CoinType::Game, 0),
        client.check_session(OPENID, 0),
        client.reset_session(OPENID, 0),
        client.login(JS_CODE, 0),
    ];
    let player = Player {
        openid: OPENID,
        zone_id: "1",
        user_ip: "",
    };
    let item = ItemOrder {
        out_trade_no: "t1",
        product_id: "sword",
        buy_quantity: 1,
        goods_price: 600,
        zone_id: "1",
        ..ItemOrder::default()
    };
    // Of virtual payment 2.0; the other client refuses them.
    let purchases = [
        client.query_order(&player, "t1", Business::Item, 0),
        client.item_order(OPENID, &item, &with),
    ];
    let asked: Vec<_> = asked
        .into_iter()
        .chain(purchases.into_iter().filter(|asked| asked.is_ok()))
        .collect();
    let count = asked.len();
    for asked in asked {
        client
            .submit(asked.expect("a good request"), 0)
            .expect("there is room");
    }
    count
}

/// A text that repeats every secret: what a server in between, or a bug at WeChat's, might send back.
fn all_secrets() -> String {
    SECRETS.join(" ")
}

/// What WeChat answers when all is well.
fn good(path: &str) -> String {
    if path == "/wxa/game/queryorderinfo" {
        r#"{"errcode":0,"pay_state":1,"deliver_state":1}"#.into()
    } else if path == CALLS[0] {
        format!(r#"{{"access_token":"{TOKEN}","expires_in":7200}}"#)
    } else if path == CALLS[1] {
        format!(r#"{{"openid":"{OPENID}","session_key":"{SESSION_KEY}"}}"#)
    } else if path == CALLS[7] {
        format!(r#"{{"errcode":0,"openid":"{OPENID}","session_key":"{NEW_SESSION_KEY}"}}"#)
    } else {
        r#"{"errcode":0,"balance":1}"#.into()
    }
}

/// What a call can be answered when it is not; nothing: the answer never comes.
fn bad_answers() -> Vec<Option<String>> {
    let secrets = all_secrets();
    let codes = [
        -1, 40001, 40013, 40014, 40029, 40125, 40163, 40164, 40226, 42001, 45009, 45011, 87009,
        90000, 90009, 90010, 90011, 90012, 90013, 90018, 12345,
    ];
    let unreadable = [
        secrets.clone(),
        format!("<html>{secrets}</html>"),
        format!(r#"{{"access_token":"{TOKEN}","expires_in":"soon","session_key":7}}"#),
        format!(
            r#"{{"access_token":"{TOKEN} {TOKEN}","expires_in":7200,"openid":"{OPENID}","session_key":"{SESSION_KEY} ?"}}"#
        ),
        format!(r#"{{"access_token":"{TOKEN}","session_key":"{SESSION_KEY}","openid":"o x"#),
        format!(r#"{{"errcode":"{TOKEN}","session_key":"{SESSION_KEY}","openid":"{OPENID}"}}"#),
        format!(
            r#"{{"errcode":0,"openid":"another","session_key":"{NEW_SESSION_KEY}","bill_no":"{TOKEN}"}}"#
        ),
        format!(r#"["{TOKEN}"]"#),
        String::new(),
    ];
    let failed = |status: u16| {
        let length = secrets.len();
        format!(
            "HTTP/1.1 {status} {secrets}\r\nContent-Length: {length}\r\nLocation: https://{TOKEN}\r\n\r\n{secrets}"
        )
    };
    let mut answers: Vec<_> = codes
        .iter()
        .map(|code| {
            reply_of(&format!(
                r#"{{"errcode":{code},"errmsg":"refused rid: 1"}}"#
            ))
        })
        .chain(unreadable.iter().map(|body| reply_of(body)))
        .chain([302, 407, 502].map(failed))
        .chain([
            format!("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{secrets}"),
            format!("{secrets}\r\n\r\n"),
        ])
        .map(Some)
        .collect();
    answers.push(None);
    answers
}

/// Answers `path` with `bad` and every other call as well as can be.
fn serve(mut visit: Visit, path: &str, bad: Option<&str>) {
    while let Some(request) = visit.read_request() {
        let target = request.split(' ').nth(1).unwrap_or_default();
        let asked = target.split('?').next().unwrap_or_default();
        if asked != path {
            if !visit.write(&reply_of(&good(asked))) {
                return;
            }
        } else if let Some(bad) = bad {
            visit.write(bad);
            return;
        } else {
            return visit.read_to_end();
        }
    }
}

/// Pushes come from anybody who has found the URL.
#[test]
fn whatever_is_pushed_no_secret_is_repeated() {
    for push_aes_key in ["", PUSH_AES_KEY] {
        let mut ear = Ear::new();
        let server = Server::start(|mut visit| visit.read_to_end());
        let (base_url, journal) = (server.http(), ear.journal());
        let client = Client::open(&Options {
            push_aes_key,
            ..options(&base_url, &journal)
        })
        .expect("good options");
        let secrets = all_secrets();
        let queries = [
            String::new(),
            format!("signature={secrets}&timestamp=1&nonce=2&echostr={PUSH_TOKEN}"),
            format!("msg_signature={PUSH_AES_KEY}&timestamp=1&nonce=2&encrypt_type=aes"),
            secrets.clone(),
        ];
        let bodies = [
            String::new(),
            secrets.clone(),
            format!(r#"{{"Encrypt":"{PUSH_AES_KEY}","ToUserName":"{APP_SECRET}"}}"#),
            format!(r#"{{"MsgType":"event","Event":"{APP_KEY}","OpenId":"{OPENID}"}}"#),
            format!("<xml><Encrypt>{PUSH_AES_KEY}</Encrypt></xml>"),
        ];
        for query in &queries {
            for body in &bodies {
                let told = client
                    .receive_push(query, body.as_bytes(), Wait::Not)
                    .expect("a push is always answered");
                ear.said.push(format!("{told:?}"));
            }
        }
        ear.close(&client);
        ear.knows_no_secret("a push");
        assert!(ear.heard("Refuse"));
    }
}

/// Every call is answered in every way, one at a time.
#[test]
fn whatever_wechat_answers_no_secret_is_repeated() {
    let answers = bad_answers();
    std::thread::scope(|scope| {
        for path in CALLS {
            let answers = &answers;
            scope.spawn(move || {
                for bad in answers {
                    let mut ear = Ear::new();
                    let answer = bad.clone();
                    let server = Server::start(move |visit| serve(visit, path, answer.as_deref()));
                    let journal = ear.journal();
                    let client = Client::open(&options_for(path, &server.http(), &journal))
                        .expect("good options");
                    let submitted = ask_for_everything(&client);
                    ear.hear_out(&client, submitted);
                    ear.knows_no_secret(&format!("{path} answered {bad:?}"));
                    assert!(!ear.logged.is_empty());
                }
            });
        }
    });
}

/// All is well, so that every secret has been used, kept and dropped.
#[test]
fn nor_is_one_when_all_is_well_or_the_key_of_the_journal_has_changed() {
    let mut ear = Ear::new();
    let server = Server::start(|visit| serve(visit, "none", None));
    let (url, journal) = (server.http(), ear.journal());
    let client = Client::open(&options(&url, &journal)).expect("good options");
    let submitted = ask_for_everything(&client);
    ear.hear_out(&client, submitted);
    ear.knows_no_secret("all is well");
    let requests = server.requests().concat();
    for used in [APP_SECRET, TOKEN, JS_CODE] {
        assert!(requests.contains(used), "{used} was never used");
    }
    drop(client);
    let other_keys = Options {
        journal_key: "another-key",
        previous_journal_key: "",
        ..options(&url, &journal)
    };
    let client = Client::open(&other_keys).expect("good options");
    let submitted = ask_for_everything(&client);
    ear.hear_out(&client, submitted);
    assert!(ear.heard("cannot be opened"));
    ear.knows_no_secret("another journal_key");
}

#[test]
fn nor_by_a_server_that_is_not_there_or_a_proxy_that_refuses() {
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port that nobody listens on");
    let secrets = all_secrets();
    let refusal = format!(
        "HTTP/1.1 407 {secrets}\r\nProxy-Authenticate: {secrets}\r\nContent-Length: 0\r\n\r\n"
    );
    let refusing = Server::start(move |mut visit| {
        visit.read_head();
        visit.write(&refusal);
    });
    let silent = Server::start(|mut visit| visit.read_to_end());
    // It opens the way to a server that speaks no TLS.
    let open = Server::start(move |mut visit| {
        visit.read_head();
        visit.write(&format!("HTTP/1.1 200 OK\r\n\r\n{}", all_secrets()));
    });
    let (dead, by) = (format!("http://{address}"), |at| {
        format!("http://{PROXY}@{at}")
    });
    for (base_url, proxy) in [
        (dead.as_str(), String::new()),
        ("https://wechat.invalid", String::new()),
        ("https://wechat.invalid", by(address)),
        ("https://wechat.invalid", by(refusing.address)),
        ("https://wechat.invalid", by(silent.address)),
        ("https://wechat.invalid", by(open.address)),
    ] {
        let mut ear = Ear::new();
        let journal = ear.journal();
        let client = Client::open(&Options {
            proxy: &proxy,
            ..options(base_url, &journal)
        })
        .expect("good options");
        let submitted = ask_for_everything(&client);
        ear.hear_out(&client, submitted);
        ear.knows_no_secret(&format!("{base_url} by {proxy}"));
    }
    assert!(refusing.connections() > 0 && silent.connections() > 0 && open.connections() > 0);
}

#[test]
fn nor_by_a_token_of_the_host_that_is_refused() {
    let mut ear = Ear::new();
    let refused = reply_of(r#"{"errcode":40001,"errmsg":"invalid credential"}"#);
    let server = Server::start(move |visit| serve(visit, CALLS[2], Some(&refused)));
    let (url, journal) = (server.http(), ear.journal());
    let client = Client::open(&Options {
        token_source: 2,
        ..options(&url, &journal)
    })
    .expect("good options");
    let too_long = TOKEN.repeat(100);
    for bad in [
        format!("{TOKEN} "),
        format!("{TOKEN}%3D"),
        format!("{TOKEN}\n"),
        too_long,
    ] {
        ear.refusal(client.set_access_token(&bad, 7200));
    }
    ear.refusal(client.set_access_token(TOKEN, 0));
    client.set_access_token(TOKEN, 7200).expect("a good token");
    let submitted = ask_for_everything(&client);
    ear.hear_out(&client, submitted);
    assert!(ear.heard("TokenNeeded"));
    ear.knows_no_secret("a token of the host");
}

#[test]
fn nor_by_a_close_with_everything_under_way() {
    let mut ear = Ear::new();
    let server = Server::start(|visit| serve(visit, CALLS[2], None));
    let (url, journal) = (server.http(), ear.journal());
    let client = Client::open(&Options {
        timeout_ms: 60_000,
        deadline_ms: 60_000,
        ..options(&url, &journal)
    })
    .expect("good options");
    ask_for_everything(&client);
    let until = Instant::now() + Duration::from_secs(20);
    while !server
        .requests()
        .iter()
        .any(|request| request.contains(CALLS[2]))
    {
        assert!(Instant::now() < until, "no payment was sent");
        std::thread::yield_now();
    }
    ear.close(&client);
    ear.refusal(client.set_session(OPENID, SESSION_KEY));
    ear.knows_no_secret("closed with work under way");
}

/// A client over a journal in memory that can be made to fail.
fn client_over(disk: &Disk, base_url: &str) -> Client {
    let transport = Ureq::new(
        UreqOptions {
            base_url: base_url.into(),
            ..UreqOptions::default()
        },
        Arc::new(os::spawn),
    )
    .expect("a good URL");
    let settings = Settings {
        app: App {
            appid: "wx1234567".into(),
            offer_id: "12345678".into(),
            pf: "android".into(),
            environment: Environment::Production,
            app_key: AppKey::new(APP_KEY).expect("a good key"),
            mp_sig: true,
        },
        app_secret: Secret::new(APP_SECRET),
        token_source: Source::Stable,
        token_requests_per_day: 500,
        token_realm: String::new(),
        generation: Generation::V1,
        limits: Limits {
            timeout_ms: 1_000,
            late_window_ms: 1,
            unknown_patience_ms: 1_800_000,
            resend_limit_ms: RESEND_LIMIT_MS,
        },
        log_level: Some(wxgame::client::log::Level::Debug),
        operations: Operations {
            vault: Some(Vault::new(&Secret::new(JOURNAL_KEY), None)),
            ..Operations::default()
        },
    };
    let defaults = Defaults {
        push: None,
        clock_offset_ms: 0,
        deadline_ms: 300,
        queue_capacity: 1_000,
    };
    let journal = Box::new(disk.open("wx1234567", "production"));
    Client::with_parts(settings, defaults, journal, Arc::new(transport)).expect("good parts")
}

#[test]
fn nor_by_a_journal_that_fails() {
    let server = Server::start(|visit| serve(visit, "none", None));
    let failure = JournalError {
        error: Error::new(ErrorKind::Journal, "no space left on device"),
        maybe_written: false,
    };
    for stored in [false, true] {
        let disk = Disk::new();
        let client = client_over(&disk, &server.http());
        let mut ear = Ear::new();
        if stored {
            disk.fail_next_but_store(40, failure.clone());
        } else {
            disk.fail_next(40, failure.clone());
        }
        let submitted = ask_for_everything(&client);
        ear.hear_out(&client, submitted);
        assert!(ear.heard("no space left"));
        ear.knows_no_secret("a journal that fails");
    }
    // Files that are no journals, with a secret in the way.
    let mut ear = Ear::new();
    let url = server.http();
    let folder = ear.folder.path().join("folder");
    std::fs::create_dir(&folder).expect("a folder");
    for journal in [
        format!("sqlite:{}", folder.display()),
        format!("sqlite:{}/none/journal.db", folder.display()),
    ] {
        ear.refusal(Client::open(&options(&url, &journal)));
    }
    ear.knows_no_secret("a journal that cannot be opened");
}

/// Each secret is given in the wrong shape, and in the place of everything else.
#[test]
fn nor_by_options_and_inputs_that_are_refused() {
    type Set = for<'a> fn(&mut Options<'a>, &'a str);
    let fields: [Set; 11] = [
        |options, text| options.appid = text,
        |options, text| options.app_secret = text,
        |options, text| options.offer_id = text,
        |options, text| options.app_key = text,
        |options, text| options.pf = text,
        |options, text| options.journal = text,
        |options, text| options.journal_key = text,
        |options, text| options.previous_journal_key = text,
        |options, text| options.base_url = text,
        |options, text| options.proxy = text,
        |options, text| {
            options.environment = 1;
            options.sandbox_app_key = text;
        },
    ];
    let mut ear = Ear::new();
    let journal = ear.journal();
    for secret in SECRETS {
        let long = secret.repeat(100);
        let shapes = [
            format!("{secret}\n"),
            format!("\u{e4}{secret}"),
            format!(" {secret} "),
            format!("https://{secret}@host"),
            format!("http://{secret}"),
            long,
        ];
        for set in fields {
            for shape in &shapes {
                let mut options = options("https://wechat.invalid", &journal);
                set(&mut options, shape);
                if let Err(error) = Client::open(&options) {
                    ear.error(&error);
                }
            }
        }
    }
    let client = client_over(&Disk::new(), "http://127.0.0.1:1");
    ear.refusal(client.set_session(OPENID, &format!("{SESSION_KEY} ")));
    ear.refusal(client.set_session(OPENID, &SESSION_KEY.repeat(100)));
    ear.refusal(client.set_session(&format!("{SESSION_KEY} "), SESSION_KEY));
    ear.refusal(client.set_access_token(TOKEN, 7200));
    ear.refusal(client.set_app_key(&format!("{APP_KEY}\n")));
    ear.refusal(client.login(&format!("{JS_CODE} "), 0));
    ear.refusal(client.login(&JS_CODE.repeat(100), 0));
    ear.refusal(client.login(JS_CODE, -1));
    ear.refusal(client.check_session(&format!("{TOKEN} "), 0));
    ear.refusal(client.cancel_pay(&format!("{TOKEN} "), "", 0, 0));
    let wrong_place = Order {
        openid: TOKEN,
        zone_id: SESSION_KEY,
        bill_no: JS_CODE,
        user_ip: APP_SECRET,
        amount: 1,
        ..Order::default()
    };
    ear.refusal(client.payment(Kind::Pay, &wrong_place, &With::default()));
    ear.close(&client);
    assert!(ear.said.len() > 100, "{} refusals", ear.said.len());
    ear.knows_no_secret("refused options and inputs");
}

#[test]
fn nor_by_what_debug_shows() {
    let mut ear = Ear::new();
    let secret = Secret::new(TOKEN);
    let app = App {
        appid: "wx1234567".into(),
        offer_id: "12345678".into(),
        pf: "android".into(),
        environment: Environment::Production,
        app_key: AppKey::new(APP_KEY).expect("a good key"),
        mp_sig: true,
    };
    let sealed = Vault::new(&Secret::new(JOURNAL_KEY), None).seal("access_token", &secret, [7; 24]);
    let write = Write::PutToken {
        holder: 1,
        version: 2,
        sealed,
    };
    ear.said.extend([
        format!("{secret:?} {secret:#?}"),
        format!("{app:?} {app:#?}"),
        format!("{write:?}"),
    ]);
    let mut bodies: Vec<String> = CALLS.map(good).into();
    bodies.extend([
        all_secrets(),
        format!(r#"{{"session_key":"{SESSION_KEY}","access_token":7}}"#),
    ]);
    for body in &bodies {
        let body = body.as_bytes();
        for status in [200, 500] {
            ear.said.extend([
                format!("{:?}", parse_token(status, body)),
                format!("{:?}", parse_login(status, body)),
                format!("{:?}", parse_check_session(status, body)),
                format!("{:?}", parse_reset_session(status, body)),
            ]);
        }
    }
    ear.knows_no_secret("Debug");
}
