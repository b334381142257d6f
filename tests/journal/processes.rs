//! What the SQLite journal does when there is a second process: this test binary, started once more.

use crate::{bill_nos, find, insert, stored};
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use wxgame::store::{Journal, sqlite::Sqlite};

const ROLE: &str = "WXGAME_TEST_JOURNAL_ROLE";
const PATH: &str = "WXGAME_TEST_JOURNAL_PATH";

/// Not a promise: what the second process does.
#[test]
#[ignore = "the other tests start it in a process of its own"]
fn second_process() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let path = std::env::var_os(PATH).expect("the path is given");
    match (
        role.as_str(),
        Sqlite::open(Path::new(&path), "wx1", "production"),
    ) {
        (_, Err(error)) => say(&format!("{:?}: {error}", error.kind)),
        ("open", Ok(_)) => say("opened"),
        ("crash", Ok(mut journal)) => {
            for n in 0..30 {
                stored(&mut journal, insert(&format!("bill-{n:02}")));
            }
            std::process::abort();
        }
        ("hold", Ok(_journal)) => {
            say("opened");
            // Until the first process closes the pipe or kills us.
            let _ = std::io::stdin().lock().read_line(&mut String::new());
        }
        (role, Ok(_)) => panic!("{role}?"),
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nsays {line}").expect("somebody listens");
    out.flush().expect("somebody listens");
}

fn start(mut command: Command, role: &str, path: &Path) -> Child {
    command
        .args([
            "--exact",
            "processes::second_process",
            "--ignored",
            "--nocapture",
        ])
        .env(ROLE, role)
        .env(PATH, path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the second process starts")
}

fn this_program() -> Command {
    Command::new(std::env::current_exe().expect("this program has a path"))
}

/// The first thing the second process says.
fn answer(child: &mut Child) -> String {
    let out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut lines = out.lines().map(|line| line.expect("it is text"));
    lines
        .find_map(|line| line.strip_prefix("says ").map(str::to_owned))
        .expect("the second process says something")
}

fn open_in_second_process(path: &Path) -> String {
    let mut child = start(this_program(), "open", path);
    let answer = answer(&mut child);
    child.wait().expect("it ends");
    answer
}

/// Aim: one process owns the file, the other is told who holds it and what to do, until the first closes.
#[test]
fn a_second_process_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("journal.db");
    let journal = Sqlite::open(&path, "wx9", "sandbox").expect("opens");
    let refusal = open_in_second_process(&path);
    assert!(refusal.starts_with("JournalInUse: journal: "), "{refusal}");
    assert!(
        refusal.contains("journal.db.lock; end that process"),
        "{refusal}"
    );
    drop(journal);
    assert_eq!(open_in_second_process(&path), "opened");
}

/// Aim: the lock goes with a killed process, so nobody has to clean up.
#[test]
fn a_killed_process_leaves_no_lock() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("journal.db");
    let mut child = start(this_program(), "hold", &path);
    assert_eq!(answer(&mut child), "opened");
    assert!(Sqlite::open(&path, "wx1", "sandbox").is_err());
    child.kill().expect("it is ours");
    child.wait().expect("it ends");
    Sqlite::open(&path, "wx1", "sandbox").expect("free again");
}

/// Aim: what was committed is there after a crash.
#[test]
fn a_crash_loses_no_commit() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("journal.db");
    let mut child = start(this_program(), "crash", &path);
    child.wait().expect("it aborts");
    let mut journal = Sqlite::open(&path, "wx1", "production").expect("opens");
    let records = journal.recover().expect("read").records;
    let expected: Vec<String> = (0..30).map(|n| format!("bill-{n:02}")).collect();
    assert_eq!(bill_nos(&records), expected);
    assert!(find(&mut journal, "bill-29").is_some());
}

/// Aim: a process without the right to write gets a remedy, and nothing is created.
#[test]
fn missing_rights_are_told_with_the_remedy() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = fs::metadata(directory.path()).expect("ours").uid() == 0;
    let program = directory.path().join("program");
    fs::copy(
        std::env::current_exe().expect("this program has a path"),
        &program,
    )
    .expect("a copy");
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours")
    };
    mode(&program, 0o755);
    mode(directory.path(), 0o755);
    let second_process = |path: &Path| {
        let mut command = Command::new(&program);
        if root {
            // Root may write anything: be nobody.
            command.uid(65_534).gid(65_534);
        }
        let mut child = start(command, "open", path);
        let answer = answer(&mut child);
        child.wait().expect("it ends");
        answer
    };

    let sealed = directory.path().join("sealed");
    fs::create_dir(&sealed).expect("a directory");
    mode(&sealed, 0o555);
    let refusal = second_process(&sealed.join("journal.db"));
    assert!(refusal.starts_with("Configuration: journal: "), "{refusal}");
    assert!(refusal.contains("sealed/journal.db"), "{refusal}");
    assert!(refusal.contains("must be writable"), "{refusal}");
    assert_eq!(fs::read_dir(&sealed).expect("a directory").count(), 0);

    let open = directory.path().join("open");
    fs::create_dir(&open).expect("a directory");
    let journal = open.join("journal.db");
    drop(Sqlite::open(&journal, "wx1", "production").expect("opens"));
    mode(&open, 0o777);
    mode(&journal, 0o444);
    mode(&open.join("journal.db.lock"), 0o666);
    let refusal = second_process(&journal);
    assert!(refusal.starts_with("Configuration: journal: "), "{refusal}");
    assert!(refusal.contains("read-only"), "{refusal}");
}
