//! The command line.

use lexopt::prelude::*;
use std::fs;
use std::path::Path;
use wxgame_sandbox::{Config, Fault, Rules};

pub(crate) const HELP: &str = "\
wxgame-sandbox - plays WeChat's mini-game payment servers on this machine, faults included

USAGE
  wxgame-sandbox serve [OPTIONS]

  Listens for HTTP and HTTPS. When it is ready it prints one line of JSON on standard output:
    {\"ready\":true,\"http\":\"http://127.0.0.1:PORT\",\"https\":\"https://localhost:PORT\",\"ca_file\":\"...\"}
  It stops on SIGTERM or Ctrl-C.

OPTIONS
  --http ADDRESS      where to listen for HTTP, or \"off\"   [127.0.0.1:0, which takes any free port]
  --https ADDRESS     where to listen for HTTPS, or \"off\"  [127.0.0.1:0]
  --ca-file PATH      write the certificate of the sandbox's own CA there, as PEM; an HTTPS client needs it
  --config FILE       JSON: apps and keys, and how WeChat behaves   [one app: wx1234567]
  --faults FILE       JSON: one fault or a list of them
  --seed N            seed of tokens, session keys and fault probabilities   [1]
  --access-log        one JSON line per request on standard error
  --allow-remote      allow addresses other than loopback; the control API has no password
  --help, --version

TRY IT
  wxgame-sandbox serve --http 127.0.0.1:8330 &
  curl 127.0.0.1:8330/                                  everything it can do
  curl 127.0.0.1:8330/sandbox/topup -d '{\"openid\":\"o1\",\"amt\":100}'
  curl 127.0.0.1:8330/sandbox/faults -d '{\"call\":\"pay\",\"do\":\"yes\",\"reply\":{\"kind\":\"reset\"}}'
  curl 127.0.0.1:8330/sandbox/ledger                    how often each order was really charged

EXIT STATUS
  0 stopped as asked · 1 could not run · 2 wrong usage, config or faults file
";

pub(crate) enum Command {
    Serve(Box<Config>),
    Print(String),
}

pub(crate) fn parse(
    arguments: impl IntoIterator<Item = std::ffi::OsString>,
) -> Result<Command, String> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut config = Config::default();
    let mut serve = false;
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Print(HELP.to_owned())),
            Short('V') | Long("version") => {
                let version = concat!("wxgame-sandbox ", env!("CARGO_PKG_VERSION"), "\n");
                return Ok(Command::Print(version.to_owned()));
            }
            Value(word) if word == "serve" && !serve => serve = true,
            Long("http") => config.http = address("--http", &text(&mut parser)?)?,
            Long("https") => config.https = address("--https", &text(&mut parser)?)?,
            Long("ca-file") => config.ca_file = Some(text(&mut parser)?.into()),
            Long("config") => {
                let path = text(&mut parser)?;
                config.rules = file("--config", &path, Rules::from_json)?;
            }
            Long("faults") => {
                let path = text(&mut parser)?;
                config.faults = file("--faults", &path, Fault::list_from_json)?;
            }
            Long("seed") => {
                let seed = text(&mut parser)?;
                let number = seed.parse();
                config.seed =
                    number.map_err(|_| format!("--seed: {seed:?} is not a whole number"))?;
            }
            Long("access-log") => config.access_log = true,
            Long("allow-remote") => config.allow_remote = true,
            _ => return Err(argument.unexpected().to_string()),
        }
    }
    match serve {
        true => Ok(Command::Serve(Box::new(config))),
        false => Err("what to do is missing; try: wxgame-sandbox serve".to_owned()),
    }
}

fn text(parser: &mut lexopt::Parser) -> Result<String, String> {
    let value = parser.value().map_err(|e| e.to_string())?;
    value.string().map_err(|e| e.to_string())
}

fn address(option: &str, text: &str) -> Result<Option<std::net::SocketAddr>, String> {
    if text == "off" {
        return Ok(None);
    }
    let address = text.parse();
    address.map(Some).map_err(|_| {
        format!("{option}: {text:?} is not an address like 127.0.0.1:8330, nor \"off\"")
    })
}

fn file<T>(option: &str, path: &str, read: fn(&str) -> Result<T, String>) -> Result<T, String> {
    let text = fs::read_to_string(Path::new(path)).map_err(|e| format!("{option} {path}: {e}"))?;
    read(&text).map_err(|e| format!("{option} {path}: {e}"))
}
