//! `wxgame-sandbox serve`: starts the sandbox, says where it is, and waits to be told to stop.

#![deny(unsafe_code)]

mod cli;

use cli::Command;
use std::io::{self, Write};
use std::process::ExitCode;
use wxgame_sandbox::{Config, Sandbox};

fn main() -> ExitCode {
    match cli::parse(std::env::args_os().skip(1)) {
        Ok(Command::Print(text)) => finish(io::stdout().write_all(text.as_bytes())),
        Ok(Command::Serve(config)) => finish(serve(*config)),
        Err(message) => {
            eprintln!("wxgame-sandbox: {message}");
            eprintln!("Try: wxgame-sandbox --help");
            ExitCode::from(2)
        }
    }
}

/// Settings that cannot be meant are wrong usage; everything else that fails is bad luck.
fn finish(done: io::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wxgame-sandbox: {error}");
            let usage = error.kind() == io::ErrorKind::InvalidInput;
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

fn serve(config: Config) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Signals are watched before the ready line, so that none that follows it can be missed.
        let stop = Stop::new()?;
        let sandbox = Sandbox::start(config)?;
        ready(&sandbox)?;
        stop.wait().await;
        sandbox.stop();
        Ok(())
    })
}

fn ready(sandbox: &Sandbox) -> io::Result<()> {
    let line = serde_json::json!({
        "ready": true,
        "http": sandbox.http_url(),
        "https": sandbox.https_url(),
        "ca_file": sandbox.ca_file().map(|path| path.to_string_lossy()),
    });
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

#[cfg(unix)]
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    fn new() -> io::Result<Stop> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Stop {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Stop;

#[cfg(not(unix))]
impl Stop {
    fn new() -> io::Result<Stop> {
        Ok(Stop)
    }

    async fn wait(self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
