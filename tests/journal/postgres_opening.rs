//! When the PostgreSQL journal opens, and what it says when it does not.

use crate::server::{Database, LEASE_MS, server};
use crate::{find, insert, stored};
use std::net::TcpListener;
use std::sync::Barrier;
use std::thread;
use wxgame::error::{Error, Kind};
use wxgame::store::postgres::Postgres;

fn refused(url: &str) -> Error {
    let error = Postgres::open(url, LEASE_MS, "wx1", "production").map(drop);
    let error = error.expect_err("it is refused");
    assert_eq!(error.field, "journal", "{error}");
    assert!(
        !error.message.contains("hush") && !error.message.contains("://"),
        "{error}"
    );
    error
}

/// A role that has to show its password, `hush`; dropped with everything it was given.
struct Role<'a> {
    database: &'a Database,
    name: String,
}

impl Role<'_> {
    fn new<'a>(database: &'a Database, what: &str) -> Role<'a> {
        let name = format!("{what}_{}", database.name());
        let sql = database.sql();
        // Shared by all tests, and perhaps made by another one at this moment.
        let _ = sql.try_run("CREATE ROLE needs_password");
        sql.run(&format!(
            "CREATE ROLE {name} LOGIN PASSWORD 'hush' IN ROLE needs_password"
        ));
        Role { database, name }
    }

    fn url(&self, password: &str) -> String {
        let Role { database, name } = self;
        format!(
            "postgres://{name}:{password}@{}/{}",
            database.address(),
            database.name()
        )
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        let sql = format!("DROP OWNED BY {0} CASCADE; DROP ROLE {0}", self.name);
        let _ = self.database.sql().try_run(&sql);
    }
}

/// Aim: only the two environments there are, an appid and a lease make a place in a ledger.
#[test]
fn a_place_needs_an_appid_an_environment_and_a_lease() {
    for (lease_ms, appid, environment, field) in [
        (1, "", "sandbox", "appid"),
        (1, "a\0b", "sandbox", "appid"),
        (1, "wx1", "test", "environment"),
        (0, "wx1", "sandbox", "lease_ms"),
        (-1, "wx1", "sandbox", "lease_ms"),
    ] {
        let error =
            Postgres::open("postgres://u@localhost/d", lease_ms, appid, environment).map(drop);
        let error = error.expect_err("refused");
        assert_eq!((error.kind, error.field), (Kind::InvalidArgument, field));
    }
}

/// Aim: many servers may open an empty database at the same moment: all of them stand, on one schema.
#[test]
fn ten_open_an_empty_database_at_once() {
    const SERVERS: usize = 10;
    let database = Database::new();
    let start = Barrier::new(SERVERS);
    thread::scope(|scope| {
        for n in 0..SERVERS {
            let (database, start) = (&database, &start);
            scope.spawn(move || {
                start.wait();
                let mut journal = database.server();
                stored(&mut journal, insert(&format!("bill-{n}")));
            });
        }
    });
    let sql = database.sql();
    assert_eq!(
        sql.number("SELECT count(*) FROM wxgame.payments"),
        SERVERS as i64
    );
    assert_eq!(sql.number("SELECT version FROM wxgame.schema"), 1);
}

/// Aim: the migration may be run again, by hand as well: it takes nothing away.
#[test]
fn the_schema_may_be_made_again() {
    let database = Database::new();
    let sql = database.sql();
    let migration = include_str!("../../src/store/postgres/v1.sql");
    sql.run("CREATE SCHEMA wxgame");
    sql.run(migration);
    let mut journal = database.server();
    stored(&mut journal, insert("a"));
    sql.run(migration);
    assert!(find(&mut journal, "a").is_some());
    // As after a migration by hand that was not finished.
    sql.run("UPDATE wxgame.schema SET version = 0; DROP TABLE wxgame.tokens");
    drop(journal);
    let mut journal = database.server();
    assert!(find(&mut journal, "a").is_some());
}

/// Aim: a schema that only later versions may use is refused, and told by its version.
#[test]
fn a_newer_schema_is_refused_untouched() {
    let database = Database::new();
    drop(database.server());
    let sql = database.sql();
    sql.run("UPDATE wxgame.schema SET version = 99, readable_from = 98");
    let error = refused(database.url());
    assert_eq!(error.kind, Kind::JournalNewer);
    assert!(
        error.message.contains("99") && error.message.contains("98"),
        "{error}"
    );
    assert_eq!(sql.number("SELECT version FROM wxgame.schema"), 99);
}

/// Aim: while servers are exchanged one by one, the older ones go on with what the newer ones have made of the schema.
#[test]
fn a_newer_schema_that_this_version_may_use_is_used() {
    let database = Database::new();
    drop(database.server());
    let sql = database.sql();
    sql.run("ALTER TABLE wxgame.payments ADD COLUMN colour text; ALTER TABLE wxgame.servers ADD COLUMN version bigint");
    sql.run("UPDATE wxgame.schema SET version = 2, readable_from = 1");
    let mut journal = database.server();
    stored(&mut journal, insert("a"));
    assert!(find(&mut journal, "a").is_some());
    assert_eq!(sql.number("SELECT version FROM wxgame.schema"), 2);
}

#[test]
fn a_schema_without_a_version_is_told_as_damaged() {
    let database = Database::new();
    drop(database.server());
    database.sql().run("DELETE FROM wxgame.schema");
    assert_eq!(refused(database.url()).kind, Kind::JournalCorrupt);
}

/// Aim: the password is checked by the database, and what is wrong is said without showing it.
#[test]
fn a_wrong_password_user_or_database_is_told() {
    let database = Database::new();
    let role = Role::new(&database, "player");
    for (url, why) in [
        (role.url("hushed"), "password are right"),
        (
            role.url("hush").replace(database.name(), "wxgame_nowhere"),
            "password are right",
        ),
        (
            format!(
                "postgres://postgres:hush@{}/wxgame_nowhere",
                database.address()
            ),
            "no such database",
        ),
        (
            format!(
                "postgres://nobody_here:hush@{}/postgres",
                database.address()
            ),
            "password are right",
        ),
        (
            "postgres://postgres:hush@127.0.0.1:1/postgres".to_owned(),
            "127.0.0.1:1/postgres",
        ),
        (
            "postgres://postgres:hush@%2Fnowhere/postgres".to_owned(),
            "/nowhere:5432/postgres",
        ),
        (
            "postgres://postgres:hush@db.invalid/postgres?sslmode=disable".to_owned(),
            "db.invalid:5432/postgres",
        ),
    ] {
        let error = refused(&url);
        assert_eq!(error.kind, Kind::Configuration, "{error}");
        assert!(error.message.contains(why), "{error}");
    }
    let without = format!(
        "postgres://{}@{}/{}",
        role.name,
        database.address(),
        database.name()
    );
    assert!(refused(&without).message.contains("password"));
}

/// Aim: an opening ends, whatever is at the other end.
#[test]
fn what_never_answers_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("bound").port();
    let error = refused(&format!(
        "postgres://postgres:hush@127.0.0.1:{port}/postgres"
    ));
    assert_eq!(error.kind, Kind::Configuration);
    assert!(error.message.contains("did not answer in time"), "{error}");
}

/// Aim: a user without the right to create the tables is told which right that is; with tables that a DBA has made it
/// needs no more than to use them.
#[test]
fn a_user_needs_no_right_to_create_what_is_there() {
    let database = Database::new();
    let role = Role::new(&database, "clerk");
    let url = role.url("hush");
    let error = refused(&url);
    assert_eq!(error.kind, Kind::Configuration);
    assert!(error.message.contains("CREATE on the database"), "{error}");
    let sql = database.sql();
    // Its own schema is enough.
    sql.run(&format!("CREATE SCHEMA wxgame AUTHORIZATION {}", role.name));
    let open = || Postgres::open(&url, LEASE_MS, "wx1", "production");
    stored(&mut open().expect("it opens"), insert("a"));
    sql.run("DROP SCHEMA wxgame CASCADE");

    drop(database.server());
    assert!(refused(&url).message.contains("USAGE on the schema"));
    sql.run(&format!(
        "GRANT USAGE ON SCHEMA wxgame TO {0};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA wxgame TO {0};
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA wxgame TO {0}",
        role.name
    ));
    let mut journal = open().expect("it opens");
    stored(&mut journal, insert("a"));
    journal_is_whole(&mut journal);
}

/// Everything that a journal is asked for.
fn journal_is_whole(journal: &mut Postgres) {
    use wxgame::store::{Journal, Write};
    journal.recover().expect("read");
    let prune = Write::Prune {
        closed_before_ms: i64::MAX,
        sealed_before_ms: i64::MAX,
        most: 10,
    };
    let secret = Write::PutSecret {
        name: "s".into(),
        sealed: vec![1],
        now_ms: 1,
    };
    let token = Write::PutToken {
        holder: 1,
        version: 1,
        sealed: vec![1],
    };
    let beat = Write::Heartbeat { now_ms: 1, most: 1 };
    for write in [secret, token, prune, beat] {
        journal.commit(&[write]).expect("it has the right");
    }
}

/// Aim: text is kept as it is: a database that cannot is refused.
#[test]
fn another_encoding_is_refused() {
    let database = Database::new();
    let (sql, name) = (
        crate::server::Sql::connect(server()),
        format!("{}_latin", database.name()),
    );
    sql.run(&format!(
        "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    ));
    let url = database.url().replace(database.name(), &name);
    let error = refused(&url);
    sql.run(&format!("DROP DATABASE {name} WITH (FORCE)"));
    assert_eq!(error.kind, Kind::Configuration);
    assert!(error.message.contains("UTF8"), "{error}");
}

/// Aim: a Unix socket is as good, and application_name shows the operator who it is.
#[test]
fn a_unix_socket_is_a_host() {
    let database = Database::new();
    let directory = database.sql().value("SHOW unix_socket_directories");
    let port = database.sql().value("SHOW port");
    let url = format!(
        "postgres://postgres@/{}?host={directory}&port={port}&application_name=pay-3",
        database.name()
    );
    let mut journal = Postgres::open(&url, LEASE_MS, "wx1", "production").expect("it opens");
    stored(&mut journal, insert("a"));
    let name = database.sql().value("SELECT name FROM wxgame.servers");
    assert_eq!(name, format!("pay-3 ({})", std::process::id()));
}

/// Aim: of several hosts the first that answers and takes writes is the one.
#[test]
fn the_first_host_that_takes_writes_is_used() {
    let database = Database::new();
    let url = format!(
        "postgres://postgres@127.0.0.1:1,{}/{}",
        database.address(),
        database.name()
    );
    let mut journal = Postgres::open(&url, LEASE_MS, "wx1", "production").expect("it opens");
    stored(&mut journal, insert("a"));
}
