//! What lies between a server and its database, and cuts the line at a chosen moment.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// At which moment the line is cut, once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// When this is about to go to the database: it never arrives.
    Before(&'static str),
    /// When the database answers this: it has arrived, and the answer is lost.
    AnswerOf(&'static str),
    /// The same, but nobody is told that the line is dead.
    SilentAnswerOf(&'static str),
}

/// What happens when the line is cut, before anything else can.
type Meanwhile = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    cut: Option<(Cut, Meanwhile)>,
    refuses: bool,
}

/// Listens on a port of its own and passes on to the database.
pub struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// To the server at `address`, `host:port`.
    pub fn to(address: &str) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let state = Arc::<Mutex<State>>::default();
        let (address, shared) = (address.to_owned(), Arc::clone(&state));
        // Ends with the process.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.lock().expect("no panic").refuses {
                    continue;
                }
                let server = TcpStream::connect(&address).expect("the database is there");
                pass(client, server, &shared);
            }
        });
        Proxy { port, state }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the next line at `cut`, and does something else first.
    pub fn cut(&self, cut: Cut, meanwhile: impl FnOnce() + Send + 'static) {
        self.state.lock().expect("no panic").cut = Some((cut, Box::new(meanwhile)));
    }

    /// Whether the line was cut.
    pub fn has_cut(&self) -> bool {
        self.state.lock().expect("no panic").cut.is_none()
    }

    /// From now on no connection comes about, or each does again.
    pub fn refuse(&self, refuses: bool) {
        self.state.lock().expect("no panic").refuses = refuses;
    }

    /// Lets no connection come about once the line is cut.
    pub fn cut_for_good(&self, cut: Cut) {
        let state = Arc::clone(&self.state);
        self.cut(cut, move || state.lock().expect("no panic").refuses = true);
    }
}

fn pass(client: TcpStream, server: TcpStream, state: &Arc<Mutex<State>>) {
    let lost = Arc::new(Mutex::new(None::<(Cut, Meanwhile)>));
    let end = |from: &TcpStream, to: &TcpStream| {
        // Where one side has gone already there is nothing left to end.
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    };
    let pair = || {
        let clone = |stream: &TcpStream| stream.try_clone().expect("a descriptor");
        (clone(&client), clone(&server))
    };
    let (mut from, mut to) = pair();
    let (shared, losing) = (Arc::clone(state), Arc::clone(&lost));
    thread::spawn(move || {
        let mut bytes = vec![0; 1 << 20];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            let sent = &bytes[..count];
            let has = |text: &str| sent.windows(text.len()).any(|part| part == text.as_bytes());
            let mut guard = shared.lock().expect("no panic");
            let (is_lost, is_cut) = match guard.cut {
                Some((Cut::Before(text), _)) => (false, has(text)),
                Some((Cut::AnswerOf(text) | Cut::SilentAnswerOf(text), _)) => (has(text), false),
                None => (false, false),
            };
            let meanwhile = (is_lost || is_cut).then(|| guard.cut.take()).flatten();
            drop(guard);
            match meanwhile {
                Some((_, meanwhile)) if is_cut => {
                    end(&from, &to);
                    return meanwhile();
                }
                None => {}
                cut => *losing.lock().expect("no panic") = cut,
            }
            if to.write_all(sent).is_err() {
                break;
            }
        }
        end(&from, &to);
    });
    let (mut to, mut from) = pair();
    thread::spawn(move || {
        let mut bytes = vec![0; 1 << 20];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            if let Some((cut, meanwhile)) = lost.lock().expect("no panic").take() {
                meanwhile();
                if matches!(cut, Cut::SilentAnswerOf(_)) {
                    // Until somebody gives up.
                    while let Ok(1..) = from.read(&mut bytes) {}
                }
                break;
            }
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        end(&from, &to);
    });
}
