//! The handle of a running sandbox, and what a Rust test can do with it without an HTTP client.

use crate::call::Env;
use crate::codes::Outcome;
use crate::config::Config;
use crate::fault::Fault;
use crate::item::{ClientError, ItemCall};
use crate::json::{Trouble, read};
use crate::order::State;
use crate::player::Player;
use crate::purchase::PurchaseState;
use crate::push_view::PushList;
use crate::record::{Request, Stats};
use crate::script::ScriptLine;
use crate::server::{self, Door};
use crate::tls::Tls;
use crate::view::{Filter, Ledger, OrderRow};
use crate::world::World;
use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::watch;

/// A running sandbox. Dropping it stops it. Any thread may use it, several at once too.
///
/// Methods that name no app mean the first one.
pub struct Sandbox {
    world: Arc<World>,
    http_url: Option<String>,
    https_url: Option<String>,
    ca_pem: String,
    ca_file: Option<PathBuf>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("http_url", &self.http_url)
            .field("https_url", &self.https_url)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Starts a sandbox on a thread of its own. When this returns, it is listening.
    pub fn start(config: Config) -> io::Result<Sandbox> {
        let refuse = |message: String| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        if let Err(message) = config.rules.check() {
            return refuse(message);
        }
        if let Some(Err(trouble)) = config.faults.iter().map(Fault::check).find(Result::is_err) {
            return refuse(trouble.to_string());
        }
        for address in [config.http, config.https].into_iter().flatten() {
            if !address.ip().is_loopback() && !config.allow_remote {
                return refuse(format!(
                    "{address} is not loopback, and allow_remote is off"
                ));
            }
        }
        let tls = Tls::new()?;
        let mut doors = Vec::new();
        let mut http_url = None;
        if let Some(address) = config.http {
            let door = Door::open(address, None)?;
            http_url = Some(format!("http://{}", door.address()?));
            doors.push(door);
        }
        let mut https_url = None;
        if let Some(address) = config.https {
            let door = Door::open(address, Some(&tls))?;
            let address = door.address()?;
            https_url = Some(match address.ip().is_loopback() {
                true => format!("https://localhost:{}", address.port()),
                false => format!("https://{address}"),
            });
            doors.push(door);
            // "localhost" is ::1 first for many clients, so that door is opened too where there is one.
            if address.is_ipv4() && address.ip().is_loopback() {
                let same_port = SocketAddr::from((Ipv6Addr::LOCALHOST, address.port()));
                doors.extend(Door::open(same_port, Some(&tls)));
            }
        }
        if let Some(path) = &config.ca_file {
            std::fs::write(path, &tls.ca_pem).map_err(|error| {
                let message = format!("cannot write {}: {error}", path.display());
                io::Error::new(error.kind(), message)
            })?;
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let ca_file = config.ca_file.clone();
        let world = Arc::new(World::new(config));
        let (stop, stopping) = watch::channel(false);
        let serving = server::run(Arc::clone(&world), doors, stopping);
        let thread = std::thread::Builder::new()
            .name("wxgame-sandbox".to_owned())
            .spawn(move || {
                runtime.block_on(serving);
                runtime.shutdown_background();
            })?;
        Ok(Sandbox {
            world,
            http_url,
            https_url,
            ca_pem: tls.ca_pem,
            ca_file,
            stop,
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:PORT`, or nothing when HTTP is off.
    pub fn http_url(&self) -> Option<&str> {
        self.http_url.as_deref()
    }

    /// `https://localhost:PORT`, or nothing when HTTPS is off.
    pub fn https_url(&self) -> Option<&str> {
        self.https_url.as_deref()
    }

    /// The certificate of the sandbox's own CA.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Where that certificate was written.
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// Stops: no new connections, requests under way have two seconds, hanging ones are cut.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // Nobody listening means that the thread has ended already.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    /// The player buys `amt` coins and is given `gift` more.
    pub fn top_up(
        &self,
        env: Env,
        openid: &str,
        zone_id: &str,
        amt: i64,
        gift: i64,
    ) -> Result<Player, Trouble> {
        self.world.top_up(0, env, (openid, zone_id), amt, gift)
    }

    /// The same in the recharge centre, whose coins only `getbalance` of virtual payment 2.0 tells.
    pub fn top_up_recharge_centre(
        &self,
        env: Env,
        openid: &str,
        amt: i64,
        gift: i64,
    ) -> Result<Player, Trouble> {
        self.world.top_up_recharge_centre(0, env, openid, amt, gift)
    }

    /// The player begins to buy coins in the client, or gets further with it; the coins come with
    /// [`PurchaseState::Delivered`], once.
    pub fn buy(
        &self,
        env: Env,
        out_trade_no: &str,
        (openid, zone_id): (&str, &str),
        amt: i64,
        state: PurchaseState,
    ) -> Result<(), Trouble> {
        self.world
            .buy(0, env, out_trade_no, (openid, zone_id), amt, state)
    }

    /// The player buys an item with what the game's server made, as far as `state`. What WeChat refuses is the
    /// inner error, as the client is told; the outer one is no part of WeChat.
    pub fn order_item(
        &self,
        call: &ItemCall<'_>,
        state: PurchaseState,
    ) -> Result<Result<(), ClientError>, Trouble> {
        self.world.order_item(0, call, state)
    }

    /// Publishes an item at a price in fen. While none is published, every item is for sale at any price.
    pub fn set_product(&self, product_id: &str, price: i64) -> Result<(), Trouble> {
        self.world.set_product(0, product_id, price)
    }

    /// Money is given back for an item or for coins, in fen; `refund_source` is 1 platform, 2 console, 3 API.
    /// Answers the number of the refund.
    pub fn refund_money(
        &self,
        env: Env,
        out_trade_no: &str,
        refund_amount: i64,
        refund_source: i64,
    ) -> Result<String, Trouble> {
        let amount = (refund_amount, refund_source);
        self.world.refund_money((0, env), out_trade_no, amount)
    }

    /// Says where pushes go, as the JSON text of `POST /sandbox/push/config`.
    pub fn configure_pushes_json(&self, text: &str) -> Result<(), Trouble> {
        self.world.configure_pushes(read(text.as_bytes())?)
    }

    /// Sends a push, as the JSON text of `POST /sandbox/push`. Answers the numbers of the pushes.
    pub fn push_json(&self, text: &str) -> Result<Vec<u64>, Trouble> {
        let (numbers, _) = self.world.push(read(text.as_bytes())?)?;
        Ok(numbers)
    }

    /// Keeps all pushes back until they are released.
    pub fn hold_pushes(&self) {
        self.world.hold_pushes();
    }

    /// Lets all pushes go that were held, in the order they fell due or reversed. Answers how many are due.
    pub fn release_pushes(&self, reversed: bool) -> usize {
        self.world.release_pushes(reversed)
    }

    /// The pushes that wait and those that were sent.
    pub fn pushes(&self) -> PushList {
        self.world.pushes()
    }

    /// Gives the player a session with this key.
    pub fn set_session(&self, openid: &str, session_key: &str) -> Result<(), Trouble> {
        self.world.set_session(0, openid, session_key)
    }

    /// Ends the player's session: 90010 until the next login.
    pub fn expire_session(&self, openid: &str) -> Result<(), Trouble> {
        self.world.expire_session(0, openid)
    }

    /// Makes a login code come to this player.
    pub fn script_login(&self, js_code: &str, openid: &str) -> Result<(), Trouble> {
        let login = Outcome::Login {
            openid: openid.to_owned(),
            session_key: None,
        };
        self.world.script_code(js_code, login)
    }

    /// Makes a login code come to this errcode.
    pub fn script_login_error(&self, js_code: &str, errcode: i64) -> Result<(), Trouble> {
        self.world.script_code(js_code, Outcome::Errcode(errcode))
    }

    /// Makes this access token valid, beside all others.
    pub fn set_token(&self, access_token: &str, expires_in_s: i64) -> Result<(), Trouble> {
        self.world.set_token(0, access_token, expires_in_s)
    }

    /// Every access token answers 42001 from now on; answers how many there were.
    pub fn expire_tokens(&self) -> usize {
        self.world.expire_tokens()
    }

    /// Every access token answers 40001 from now on; answers how many there were.
    pub fn revoke_tokens(&self) -> usize {
        self.world.revoke_tokens()
    }

    /// Another server of the game asks for a token at `/cgi-bin/token`: what that gave out before ends after
    /// `overlap_s`, or after the usual overlap. Answers how many tokens those are.
    pub fn steal_token(&self, overlap_s: Option<i64>) -> Result<usize, Trouble> {
        self.world.steal_token(0, overlap_s)
    }

    /// As if so many tokens had been given out today or in this minute, both ways; `None` leaves a count alone.
    pub fn set_token_quota(
        &self,
        used_today: Option<u32>,
        used_this_minute: Option<u32>,
    ) -> Result<(), Trouble> {
        self.world.set_token_quota(0, used_today, used_this_minute)
    }

    /// Moves the sandbox's clock forward; answers how far ahead it is.
    pub fn advance_clock(&self, advance_s: i64) -> Result<i64, Trouble> {
        self.world.advance_clock(advance_s)
    }

    /// Appends a fault to the script.
    pub fn add_fault(&self, fault: Fault) -> Result<(), Trouble> {
        fault.check()?;
        self.world.lock().script.append(vec![fault]).map(|_| ())
    }

    /// Appends the faults in a JSON text: one object or a list.
    pub fn add_faults_json(&self, text: &str) -> Result<(), Trouble> {
        let faults = crate::fault::read_list(text.as_bytes())?;
        self.world.lock().script.append(faults).map(|_| ())
    }

    /// The script, and how far it has been played.
    pub fn faults(&self) -> Vec<ScriptLine> {
        self.world.lock().script.lines().to_vec()
    }

    /// Empties the script.
    pub fn clear_faults(&self) {
        self.world.lock().script.clear();
    }

    /// Marks an order as confirmed, as processing, or as live again.
    pub fn mark_order(&self, env: Env, bill_no: &str, state: State) -> Result<(), Trouble> {
        self.world.mark_order(0, env, bill_no, state)
    }

    /// The player's coins; a player that was never heard of has none.
    pub fn player(&self, env: Env, openid: &str, zone_id: &str) -> Player {
        self.world.lock().ledger.player(0, env, openid, zone_id)
    }

    /// One order, if a request ever came with its number.
    pub fn order(&self, env: Env, bill_no: &str) -> Option<OrderRow> {
        let filter = Filter {
            env: Some(env),
            bill_no: Some(bill_no.to_owned()),
            ..Filter::default()
        };
        self.ledger(&filter).ok()?.orders.into_iter().next()
    }

    /// Players and orders.
    pub fn ledger(&self, filter: &Filter) -> Result<Ledger, Trouble> {
        self.world.view(filter)
    }

    /// Counters since the start or the last reset.
    pub fn stats(&self) -> Stats {
        self.world.stats()
    }

    /// The last 256 requests, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.world.lock().record.requests()
    }

    /// Everything as at the start.
    pub fn reset(&self) {
        self.world.reset();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.end();
    }
}
