//! A server that does with each connection what the test says, plain or TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

trait Line: Read + Write + Send {}
impl<T: Read + Write + Send> Line for T {}

pub struct Server {
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

impl Server {
    pub fn start(script: impl Fn(Visit) + Send + Sync + 'static) -> Self {
        Self::with(script, |stream| Some(Box::new(stream)))
    }

    /// The script also gets the socket itself, to read and write it from two threads.
    pub fn start_raw(script: impl Fn(Visit, TcpStream) + Send + Sync + 'static) -> Self {
        let (hand_over, socket) = mpsc::channel();
        let socket = Mutex::new(socket);
        Self::with(
            move |visit| {
                let stream = socket.lock().unwrap().recv().unwrap();
                script(visit, stream);
            },
            move |stream| {
                hand_over.send(stream.try_clone().unwrap()).unwrap();
                Some(Box::new(stream))
            },
        )
    }

    pub fn start_tls(
        config: Arc<ServerConfig>,
        script: impl Fn(Visit) + Send + Sync + 'static,
    ) -> Self {
        Self::with(script, move |mut stream| {
            let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            while tls.is_handshaking() {
                tls.complete_io(&mut stream).ok()?;
            }
            Some(Box::new(StreamOwned::new(tls, stream)))
        })
    }

    fn with(
        script: impl Fn(Visit) + Send + Sync + 'static,
        open: impl Fn(TcpStream) -> Option<Box<dyn Line>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let seer = Arc::clone(&seen);
        let (script, open) = (Arc::new(script), Arc::new(open));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                seer.connections.fetch_add(1, Ordering::SeqCst);
                let (script, open, seen) =
                    (Arc::clone(&script), Arc::clone(&open), Arc::clone(&seer));
                thread::spawn(move || {
                    if let Some(line) = open(stream) {
                        script(Visit { line, seen });
                    }
                });
            }
        });
        Self { address, seen }
    }

    pub fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn https(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    pub fn requests_for(&self, path: &str) -> usize {
        let begin = format!("POST {path} ");
        self.requests()
            .iter()
            .filter(|request| request.starts_with(&begin))
            .count()
    }
}

/// One connection. Dropping it closes it; over TLS without a word of goodbye.
pub struct Visit {
    line: Box<dyn Line>,
    seen: Arc<Seen>,
}

impl Visit {
    /// Reads up to the empty line, a byte at a time, and not a byte further.
    pub fn read_head(&mut self) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.line.read_exact(&mut byte).ok()?;
            head.extend(byte);
        }
        Some(String::from_utf8(head).unwrap())
    }

    /// Reads head and body, and counts them as a request.
    pub fn read_request(&mut self) -> Option<String> {
        let mut request = self.read_head()?;
        let length = request.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().unwrap())
        });
        let mut body = vec![0; length.unwrap_or(0)];
        self.line.read_exact(&mut body).ok()?;
        request.push_str(&String::from_utf8(body).unwrap());
        self.seen.requests.lock().unwrap().push(request.clone());
        Some(request)
    }

    /// False once the other side has gone.
    pub fn write(&mut self, text: &str) -> bool {
        self.line
            .write_all(text.as_bytes())
            .and_then(|()| self.line.flush())
            .is_ok()
    }

    pub fn answer_once(&mut self, answer: &str) {
        if self.read_request().is_some() {
            self.write(answer);
        }
    }

    pub fn answer_all(&mut self, answer: &str) {
        while self.read_request().is_some() && self.write(answer) {}
    }

    /// Says nothing until the other side goes away.
    pub fn read_to_end(&mut self) {
        self.read_request();
        let _ = self.line.read_to_end(&mut Vec::new());
    }

    /// Writes a byte every few milliseconds until the other side goes away.
    pub fn trickle(&mut self) {
        while self.write("X") {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

pub fn reply_of(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
