//! The journal behind PgBouncer in transaction mode: each transaction may meet another session of the database.

use crate::server::{Database, LEASE_MS};
use crate::{bill_nos, insert, record, update};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;
use wxgame::store::postgres::Postgres;
use wxgame::store::{Journal, Record, State, Write, Written};

/// PgBouncer with two connections for everybody, until it is dropped.
struct Pooler {
    process: Child,
    port: u16,
    _directory: tempfile::TempDir,
}

impl Pooler {
    fn to(address: &str) -> Pooler {
        let (host, server_port) = address.rsplit_once(':').expect("host:port");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("pgbouncer.ini");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = port.expect("a free port").port();
        let settings = format!(
            "[databases]\n* = host={host} port={server_port} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 2\nunix_socket_dir =\n"
        );
        fs::write(&file, settings).expect("written");
        let mut command = Command::new("pgbouncer");
        command.arg("--quiet").arg(&file);
        if fs::metadata(&file).expect("ours").uid() == 0 {
            // It does not run as root.
            command.args(["--user", "postgres"]);
        }
        let path = std::env::var("PATH").unwrap_or_default();
        let process = command.env("PATH", format!("{path}:/usr/sbin")).spawn();
        let mut pooler = Pooler {
            process: process.expect(
                "PgBouncer is installed (Debian: apt-get install pgbouncer; make setup does)",
            ),
            port,
            _directory: directory,
        };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                pooler.process.try_wait().expect("ours").is_none(),
                "PgBouncer has ended"
            );
            thread::sleep(Duration::from_millis(10));
        }
        pooler
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Aim: nothing of the journal stays in a session: servers that take turns in the same ones keep their records,
/// leases and answers apart.
#[test]
fn servers_share_the_sessions_of_a_pooler() {
    const SERVERS: usize = 6;
    let database = Database::new();
    let pooler = Pooler::to(database.address());
    let open = || {
        let url = format!(
            "postgres://postgres@127.0.0.1:{}/{}",
            pooler.port,
            database.name()
        );
        Postgres::open(&url, LEASE_MS, "wx1", "production").expect("it opens")
    };
    thread::scope(|scope| {
        for server in 0..SERVERS {
            let mut journal = open();
            scope.spawn(move || {
                for n in 0..30 {
                    let bill_no = format!("{server}-{n}");
                    let done = Record {
                        state: State::Done,
                        ..record(&bill_no)
                    };
                    let batch = [
                        insert(&bill_no),
                        insert("shared"),
                        update(&done),
                        Write::Find(bill_no),
                    ];
                    let answers = journal.commit(&batch).expect("it answers");
                    let [
                        Written::Stored(id),
                        _,
                        Written::Stored(same),
                        Written::Found(found),
                    ] = &answers[..]
                    else {
                        panic!("{answers:?}");
                    };
                    assert!(id == same && *id == found.id && !found.elsewhere);
                }
                let beat = Write::Heartbeat {
                    now_ms: 1,
                    most: 10,
                };
                journal.commit(&[beat]).expect("it keeps its lease");
            });
        }
    });
    let sql = database.sql();
    assert_eq!(
        sql.number("SELECT count(*) FROM wxgame.payments"),
        SERVERS as i64 * 30 + 1
    );
    // All have closed: the next one takes everything over, and a connection that the pooler loses is made again.
    let mut journal = open();
    let taken = journal.recover().expect("read").records;
    assert_eq!(taken.len(), SERVERS * 30 + 1);
    sql.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    journal.commit(&[insert("after")]).expect("it is stored");
    let records = journal.recover().expect("read").records;
    assert_eq!(bill_nos(&records[records.len() - 1..]), ["after"]);
}
