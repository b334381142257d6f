//! A whole client with its threads: over the sandbox, over a disk that hangs, over parts that break.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use wxgame::api::{App, Environment, Order};
use wxgame::client::completion::{Completion, CompletionKind, FLAG_SHUTDOWN, Outcome};
use wxgame::client::engine::{Operations, Settings};
use wxgame::client::flow::{Limits, RESEND_LIMIT_MS};
use wxgame::client::options::Options;
use wxgame::client::{Client, Defaults, With};
use wxgame::credential::token::Source;
use wxgame::error::Kind as ErrorKind;
use wxgame::queue::Wait;
use wxgame::sign::{AppKey, Secret};
use wxgame::store::memory::Disk;
use wxgame::store::{Generation, Kind};
use wxgame::transport::{Outcome as Sent, Reply, Request, Slot, Transport};
use wxgame_sandbox::{Config, Sandbox};

fn order(bill_no: &str) -> Order<'_> {
    Order {
        openid: "o1",
        zone_id: "1",
        bill_no,
        amount: 10,
        ..Order::default()
    }
}

fn soon() -> Wait {
    Wait::Until(Instant::now() + Duration::from_secs(20))
}

/// Everything that is handed out until `count` completions have come.
fn take(client: &Client, count: usize) -> Vec<Completion> {
    let mut taken = Vec::new();
    while taken.len() < count {
        let more = client
            .take(64, soon())
            .expect("the client is open or has something left");
        assert!(
            !more.is_empty(),
            "only {} of {count} completions came",
            taken.len()
        );
        taken.extend(more);
    }
    taken
}

/// Answers the token and nothing else; what it holds back is kept.
#[derive(Default)]
struct Silent {
    held: Mutex<Vec<Slot>>,
    panics: bool,
}

impl Transport for Silent {
    fn start(&self, request: Request, _: Instant, slot: Slot) {
        if request.path_and_query.starts_with("/cgi-bin/stable_token") {
            let body = br#"{"access_token":"TOKEN","expires_in":7200}"#.to_vec();
            slot.finish(Sent::Reply(Reply {
                status: 200,
                body,
                date_unix_s: None,
            }));
        } else if self.panics {
            panic!("the transport broke");
        } else {
            self.held.lock().expect("no test panics here").push(slot);
        }
    }

    fn shutdown(&self) {}

    fn join_timeout(&self, _: Duration) -> bool {
        true
    }
}

fn client_over(disk: &Disk, transport: Silent) -> Client {
    let settings = Settings {
        app: App {
            appid: "wx1234567".into(),
            offer_id: "12345678".into(),
            pf: "android".into(),
            environment: Environment::Production,
            app_key: AppKey::new("app-key").expect("a good key"),
            mp_sig: true,
        },
        app_secret: Secret::new("app-secret"),
        token_source: Source::Stable,
        token_requests_per_day: 500,
        token_realm: String::new(),
        generation: Generation::V1,
        limits: Limits {
            timeout_ms: 60_000,
            late_window_ms: 600_000,
            unknown_patience_ms: 1_800_000,
            resend_limit_ms: RESEND_LIMIT_MS,
        },
        log_level: None,
        operations: Operations::default(),
    };
    let defaults = Defaults {
        push: None,
        clock_offset_ms: 0,
        deadline_ms: 30_000,
        queue_capacity: 1_000,
    };
    let journal = Box::new(disk.open("wx1234567", "production"));
    let client = Client::with_parts(settings, defaults, journal, Arc::new(transport))
        .expect("all parts are good");
    client
        .set_session("o1", "c2Vzc2lvbg==")
        .expect("a good session");
    client
}

fn submit(client: &Client, bill_no: &str, user_tag: u64) {
    let asked = client
        .payment(
            Kind::Pay,
            &order(bill_no),
            &With {
                user_tag,
                ..With::default()
            },
        )
        .expect("a good order");
    client.submit(asked, user_tag).expect("there is room");
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_payment_moves_the_coins_once_over_https_and_is_done() {
    let sandbox = Sandbox::start(Config::default()).expect("the sandbox starts");
    let folder = tempfile::tempdir().expect("a folder");
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, sandbox.ca_pem()).expect("the CA can be written");
    let journal = format!("sqlite:{}", folder.path().join("journal.db").display());
    sandbox
        .top_up(wxgame_sandbox::Env::Production, "o1", "1", 100, 0)
        .expect("there is room for a player");
    let client = Client::open(&Options {
        appid: "wx1234567",
        app_secret: "sandbox-app-secret",
        offer_id: "12345678",
        app_key: "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u",
        journal: &journal,
        base_url: sandbox.https_url().expect("it speaks HTTPS"),
        ca_file: ca_file.to_str().expect("a plain path"),
        ..Options::default()
    })
    .expect("good options");
    let login = client.login("code:o1:1", 0).expect("a good code");
    assert_eq!(
        client.call(login, 1, soon()).expect("an answer").openid,
        "o1"
    );
    let pay = client
        .payment(
            Kind::Pay,
            &order("b1"),
            &With {
                user_tag: 2,
                ..With::default()
            },
        )
        .expect("a good order");
    let told = client.call(pay, 2, soon()).expect("an answer");
    assert_eq!(
        (told.outcome, told.account.balance),
        (Outcome::Done, Some(90)),
        "{told:?}"
    );
    let row = sandbox
        .order(wxgame_sandbox::Env::Production, "b1")
        .expect("the ledger has it");
    assert_eq!((row.charged, row.attempts), (1, 1));
    client.close(Duration::from_secs(1));
}

#[test]
fn closing_over_a_silent_server_answers_all_64_within_a_second_of_its_time_out() {
    let client = client_over(&Disk::new(), Silent::default());
    (0..64).for_each(|n| submit(&client, &format!("b{n}"), n));
    wait_until("all 64 are under way", || client.stats().0.in_flight == 64);
    let began = Instant::now();
    client.close(Duration::from_millis(200));
    assert!(
        began.elapsed() < Duration::from_millis(1_200),
        "{:?}",
        began.elapsed()
    );
    let mut tags: Vec<u64> = take(&client, 64)
        .iter()
        .map(|told| {
            assert_eq!(
                (told.outcome, told.flags),
                (Outcome::Unknown, FLAG_SHUTDOWN)
            );
            told.user_tag
        })
        .collect();
    tags.sort_unstable();
    assert!(tags.into_iter().eq(0..64), "each exactly once");
    assert_eq!(
        client.take(1, soon()).expect_err("nothing is left").kind,
        ErrorKind::Closed
    );
}

#[test]
fn closing_over_a_disk_that_does_not_answer_returns_and_claims_nothing() {
    let disk = Disk::new();
    let client = client_over(&disk, Silent::default());
    disk.block();
    submit(&client, "b1", 1);
    disk.wait_until_held();
    let began = Instant::now();
    client.close(Duration::from_millis(100));
    assert!(
        began.elapsed() < Duration::from_millis(1_100),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(take(&client, 1)[0].outcome, Outcome::Unknown);
    disk.unblock();
}

#[test]
fn a_wait_ends_when_another_thread_closes() {
    let client = client_over(&Disk::new(), Silent::default());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            client
                .take(1, Wait::Forever)
                .expect_err("nothing ever came")
                .kind
        });
        client.close(Duration::ZERO);
        assert_eq!(waiting.join().expect("no panic"), ErrorKind::Closed);
    });
    client.close(Duration::ZERO);
}

#[test]
fn nothing_is_accepted_after_a_close() {
    let client = client_over(&Disk::new(), Silent::default());
    client.close(Duration::ZERO);
    let asked = client
        .payment(
            Kind::Pay,
            &order("b1"),
            &With {
                user_tag: 1,
                ..With::default()
            },
        )
        .expect("a good order");
    assert_eq!(
        client.submit(asked, 1).expect_err("closed").kind,
        ErrorKind::Closed
    );
    assert_eq!(client.ack(1).expect_err("closed").kind, ErrorKind::Closed);
}

#[test]
fn a_part_that_panics_closes_the_client_and_every_submission_is_answered() {
    let client = client_over(
        &Disk::new(),
        Silent {
            panics: true,
            ..Silent::default()
        },
    );
    std::panic::set_hook(Box::new(|_| {}));
    submit(&client, "b1", 1);
    let told = take(&client, 1);
    let _ = std::panic::take_hook();
    assert_eq!((told[0].outcome, told[0].user_tag), (Outcome::Unknown, 1));
    assert_eq!(
        client.take(1, soon()).expect_err("closed").kind,
        ErrorKind::Panic
    );
    client.close(Duration::ZERO);
}

#[test]
fn a_full_queue_refuses_at_once_and_polling_makes_room() {
    let client = client_over(&Disk::new(), Silent::default());
    let asked = || {
        client
            .payment(
                Kind::Pay,
                &Order {
                    openid: "nobody",
                    ..order("same")
                },
                &With {
                    user_tag: 1,
                    ..With::default()
                },
            )
            .expect("a good order")
    };
    (0..1_000).for_each(|_| client.submit(asked(), 1).expect("there is room"));
    assert_eq!(
        client.submit(asked(), 1).expect_err("1,000 wait").kind,
        ErrorKind::QueueFull
    );
    client.close(Duration::ZERO);
    let mut answered = 0;
    while let Ok(told) = client.take(64, Wait::Not) {
        answered += told
            .iter()
            .filter(|told| told.kind == Some(CompletionKind::Pay))
            .count();
    }
    assert_eq!(answered, 1_000);
}

#[test]
fn a_blocking_call_that_gives_up_leaves_its_completion_in_the_queue() {
    let client = client_over(&Disk::new(), Silent::default());
    let asked = client
        .payment(
            Kind::Pay,
            &order("b1"),
            &With {
                user_tag: 7,
                deadline_ms: 100,
                ..With::default()
            },
        )
        .expect("a good order");
    let gave_up = client.call(
        asked,
        7,
        Wait::Until(Instant::now() + Duration::from_millis(10)),
    );
    assert_eq!(
        gave_up.expect_err("the server is silent").kind,
        ErrorKind::TimedOut
    );
    let told = take(&client, 1);
    assert_eq!((told[0].outcome, told[0].user_tag), (Outcome::Unknown, 7));
    client.close(Duration::ZERO);
}

#[test]
fn no_secret_is_in_the_journal_in_the_clear() {
    let sandbox = Sandbox::start(Config::default()).expect("the sandbox starts");
    let folder = tempfile::tempdir().expect("a folder");
    let journal = format!("sqlite:{}", folder.path().join("journal.db").display());
    let (app_secret, app_key) = ("sandbox-app-secret", "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u");
    let session_key = "bm90LWEtc2VjcmV0LTEyMw==";
    sandbox.set_session("o1", session_key).expect("a good key");
    let client = Client::open(&Options {
        appid: "wx1234567",
        app_secret,
        offer_id: "12345678",
        app_key,
        journal: &journal,
        base_url: sandbox.http_url().expect("it speaks HTTP"),
        ..Options::default()
    })
    .expect("good options");
    client.set_session("o1", session_key).expect("a good key");
    let pay = client
        .payment(Kind::Pay, &order("b1"), &With::default())
        .expect("a good order");
    let told = client.call(pay, 0, soon()).expect("an answer");
    assert_eq!(told.outcome, Outcome::Rejected, "no coins: {told:?}");
    let look = || {
        let files = std::fs::read_dir(folder.path()).expect("the folder is there");
        for file in files.map(|file| file.expect("an entry").path()) {
            let bytes = std::fs::read(&file).expect("it is ours");
            for secret in [app_secret, app_key, session_key] {
                let found = bytes
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes());
                assert!(!found, "{secret} stands in {}", file.display());
            }
        }
    };
    client.close(Duration::from_secs(1));
    look();
    let kept = rusqlite::Connection::open(folder.path().join("journal.db")).and_then(|db| {
        db.query_row(
            "SELECT (SELECT count(*) FROM secrets) + (SELECT count(*) FROM tokens)",
            [],
            |row| row.get::<_, i64>(0),
        )
    });
    assert_eq!(
        kept.expect("the table is there"),
        2,
        "session and token are kept, sealed"
    );
}
