//! A PostgreSQL server for the tests, and databases of their own on it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};
use wxgame::store::{Journal, postgres::Postgres};

use crate::suite::Place;

/// A superuser's URL, given by who runs many tests.
const GIVEN: &str = "WXGAME_TEST_POSTGRES";

/// Longer than any test: where a lease has to end, the test ends it.
pub const LEASE_MS: i64 = 600_000;

/// A superuser's URL of the server that all tests of this process share.
pub fn server() -> &'static str {
    static SERVER: OnceLock<Result<String, Own>> = OnceLock::new();
    match SERVER.get_or_init(|| std::env::var(GIVEN).map_err(|_| Own::start(&[]))) {
        Ok(url) => url,
        Err(own) => &own.url,
    }
}

/// A server of its own, which ends when this is dropped, or with this process.
pub struct Own {
    url: String,
    directory: PathBuf,
    keeper: Child,
}

impl Own {
    /// One with these settings, `name=value`.
    pub fn start(settings: &[&str]) -> Own {
        let directory = tempfile::tempdir().expect("a temporary directory").keep();
        let url = script("start", &directory, settings);
        // Waits for the end of its pipe, which this process closes in any case, and stops the server then.
        let keeper = Command::new("sh")
            .args([
                "-c",
                r#"read -r _; "$0" stop "$1" immediate; rm -rf "$1""#,
                SCRIPT,
            ])
            .arg(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Own {
            url,
            directory,
            keeper: keeper.expect("sh runs"),
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// `start`, `stop` or `restart`; `fast` or `immediate`, where that is asked.
    pub fn control(&self, action: &str, mode: &str) {
        let mode: &[&str] = if mode.is_empty() { &[] } else { &[mode] };
        script(action, &self.directory, mode);
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres.sh");

/// What the script prints.
fn script(action: &str, directory: &Path, more: &[&str]) -> String {
    let told = Command::new(SCRIPT)
        .arg(action)
        .arg(directory)
        .args(more)
        .output();
    let told = told.expect("scripts/postgres.sh runs");
    assert!(
        told.status.success(),
        "scripts/postgres.sh {action}: {}; or set {GIVEN}",
        String::from_utf8_lossy(&told.stderr)
    );
    String::from_utf8(told.stdout)
        .expect("text")
        .trim()
        .to_owned()
}

/// `url`, of another database.
fn of_database(url: &str, database: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let host = place.rsplit_once('/').map_or(place, |(host, _)| host);
    match query {
        "" => format!("{host}/{database}"),
        query => format!("{host}/{database}?{query}"),
    }
}

/// An empty database, dropped when the test ends.
pub struct Database {
    name: String,
    url: String,
}

impl Database {
    pub fn new() -> Database {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "wxgame_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Relaxed)
        );
        Sql::connect(server()).run(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
        ));
        let url = of_database(server(), &name);
        Database { name, url }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// `host:port` of the server.
    pub fn address(&self) -> &str {
        let place = self.url.split_once("//").map_or("", |(_, rest)| rest);
        let place = place.split_once('/').map_or(place, |(place, _)| place);
        place.rsplit_once('@').map_or(place, |(_, place)| place)
    }

    /// A connection of the test's own.
    pub fn sql(&self) -> Sql {
        Sql::connect(&self.url)
    }

    /// One more server on this database.
    pub fn server(&self) -> Postgres {
        self.server_of("wx1", "production")
    }

    pub fn server_of(&self, appid: &str, environment: &str) -> Postgres {
        Postgres::open(&self.url, LEASE_MS, appid, environment).expect("the journal opens")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let dropped = Sql::connect(server()).try_run(&drop);
        if !std::thread::panicking() {
            dropped.expect("the database is dropped");
        }
    }
}

impl Place for Database {
    fn open(&self, appid: &str, environment: &str) -> Box<dyn Journal> {
        Box::new(self.server_of(appid, environment))
    }
}

/// A connection that a test speaks SQL through.
pub struct Sql {
    runtime: Runtime,
    client: Client,
}

/// Rows of texts.
pub type Told = Vec<Vec<Option<String>>>;

impl Sql {
    pub fn connect(url: &str) -> Sql {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls)
                .await
                .expect("it connects");
            tokio::spawn(connection);
            client
        });
        Sql { runtime, client }
    }

    pub fn try_run(&self, sql: &str) -> Result<Told, tokio_postgres::Error> {
        let messages = self.runtime.block_on(self.client.simple_query(sql))?;
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(
                (0..row.len())
                    .map(|n| row.get(n).map(str::to_owned))
                    .collect(),
            ),
            _ => None,
        });
        Ok(rows.collect())
    }

    pub fn run(&self, sql: &str) -> Told {
        self.try_run(sql)
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    /// The one value of the one row.
    pub fn value(&self, sql: &str) -> String {
        match &self.run(sql)[..] {
            [row] => row[0].clone().expect("not NULL"),
            rows => panic!("{sql}: {rows:?}"),
        }
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.value(sql).parse().expect("a number")
    }
}
