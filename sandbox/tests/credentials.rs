//! Access tokens and login codes, with the lives and limits that WeChat gives them.

mod common;

use common::{Client, SECRET, errcode, exchange, get, post, start};
use serde_json::{Value, json};
use wxgame_sandbox::sign::Key;
use wxgame_sandbox::{Call, Env, Rules, Sandbox, TokenQuota};

fn stable(sandbox: &Sandbox, force_refresh: bool) -> Value {
    let body = json!({
        "grant_type": "client_credential", "appid": "wx1234567", "secret": SECRET,
        "force_refresh": force_refresh,
    });
    post(sandbox, "/cgi-bin/stable_token", &body)
}

fn plain(sandbox: &Sandbox) -> Value {
    let query = format!("grant_type=client_credential&appid=wx1234567&secret={SECRET}");
    get(sandbox, &format!("/cgi-bin/token?{query}"))
}

fn token(answer: &Value) -> String {
    assert!(answer.get("errcode").is_none(), "{answer}");
    answer["access_token"].as_str().expect("a token").to_owned()
}

/// What a call with this token comes to.
fn verdict(sandbox: &Sandbox, token: &str) -> i64 {
    let mut client = Client::new(sandbox, Env::Sandbox);
    client.access_token = token.to_owned();
    client.errcode("getbalance", json!({}))
}

fn login(sandbox: &Sandbox, js_code: &str) -> Value {
    let query = format!("appid=wx1234567&secret={SECRET}&grant_type=authorization_code");
    get(
        sandbox,
        &format!("/sns/jscode2session?{query}&js_code={js_code}"),
    )
}

/// Asks about this session key, or for another in its place.
fn about_key(client: &Client<'_>, call: &str, session_key: &str) -> Value {
    let query = format!(
        "access_token={}&openid={}&sig_method=hmac_sha256&signature={}",
        client.access_token,
        client.openid,
        Key::new(session_key).sign("")
    );
    get(client.sandbox, &format!("/wxa/{call}?{query}"))
}

fn session_key(answer: &Value) -> String {
    answer["session_key"].as_str().expect("a key").to_owned()
}

#[test]
fn the_stable_token_stays_the_same_until_it_is_renewed() {
    let sandbox = start(Rules::default());
    let first = stable(&sandbox, false);
    assert_eq!(first["expires_in"], 7200);
    sandbox.advance_clock(6000).expect("forward");
    let second = stable(&sandbox, false);
    assert_eq!(token(&first), token(&second));
    let left = second["expires_in"].as_i64().expect("a number");
    assert!((1190..=1200).contains(&left), "{left}");
    sandbox.advance_clock(950).expect("forward");
    let renewed = stable(&sandbox, false);
    assert_ne!(token(&first), token(&renewed));
    assert_eq!(
        verdict(&sandbox, &token(&first)),
        0,
        "both work in the last five minutes"
    );
    assert_eq!(verdict(&sandbox, &token(&renewed)), 0);
    sandbox.advance_clock(300).expect("forward");
    assert_eq!(verdict(&sandbox, &token(&first)), 42001);
    assert_eq!(verdict(&sandbox, &token(&renewed)), 0);
}

#[test]
fn a_forced_refresh_ends_the_old_token_at_once_but_not_twice_in_30_s() {
    let sandbox = start(Rules {
        force_refresh_per_day: 2,
        ..Rules::default()
    });
    let first = token(&stable(&sandbox, false));
    let second = token(&stable(&sandbox, true));
    assert_ne!(first, second);
    assert_eq!(verdict(&sandbox, &first), 40001);
    assert_eq!(
        token(&stable(&sandbox, true)),
        second,
        "too soon has no effect"
    );
    sandbox.advance_clock(31).expect("forward");
    assert_ne!(token(&stable(&sandbox, true)), second);
    sandbox.advance_clock(31).expect("forward");
    assert_eq!(errcode(&stable(&sandbox, true)), 45009);
    assert!(stable(&sandbox, false)["access_token"].is_string());
}

#[test]
fn a_plain_token_is_new_each_time_and_the_old_one_lives_five_minutes() {
    let sandbox = start(Rules::default());
    let stays = token(&stable(&sandbox, false));
    let (first, second) = (token(&plain(&sandbox)), token(&plain(&sandbox)));
    assert_ne!(first, second);
    assert_eq!(
        (verdict(&sandbox, &first), verdict(&sandbox, &second)),
        (0, 0)
    );
    sandbox.advance_clock(301).expect("forward");
    assert_eq!(
        (verdict(&sandbox, &first), verdict(&sandbox, &second)),
        (40001, 0)
    );
    assert_eq!(
        verdict(&sandbox, &stays),
        0,
        "the two ways do not disturb each other"
    );
}

#[test]
fn a_stolen_token_dies_after_the_overlap_or_at_once() {
    let sandbox = start(Rules::default());
    assert_eq!(sandbox.steal_token(None).expect("a token"), 0);
    let stays = token(&stable(&sandbox, false));
    let first = token(&plain(&sandbox));
    let stolen = sandbox.steal_token(None).expect("a token");
    assert_eq!(stolen, 2, "the other server's own first one ends as well");
    assert_eq!(verdict(&sandbox, &first), 0, "both work for five minutes");
    sandbox.advance_clock(301).expect("forward");
    assert_eq!(verdict(&sandbox, &first), 40001);

    let second = token(&plain(&sandbox));
    sandbox.steal_token(None).expect("a token");
    sandbox.steal_token(Some(0)).expect("a token");
    assert_eq!(
        verdict(&sandbox, &second),
        40001,
        "the shorter overlap counts"
    );
    assert_eq!(verdict(&sandbox, &token(&plain(&sandbox))), 0);
    assert_eq!(verdict(&sandbox, &stays), 0, "stable_token is not touched");
    let stats = sandbox.stats();
    assert_eq!((stats.requests["token"], stats.token_requests), (3, 4));
}

#[test]
fn quotas_are_counted_can_be_set_and_begin_anew() {
    let sandbox = start(Rules::default());
    token(&plain(&sandbox));
    token(&stable(&sandbox, false));
    token(&stable(&sandbox, false));
    sandbox.steal_token(None).expect("a token");
    let quota = |call, used, per_day, per_minute| TokenQuota {
        appid: "wx1234567".to_owned(),
        call,
        used_today: used,
        per_day,
        used_this_minute: used,
        per_minute,
    };
    assert_eq!(
        sandbox.stats().token_quotas,
        [
            quota(Call::Token, 2, 2000, 2000),
            quota(Call::StableToken, 2, 500_000, 10_000)
        ]
    );
    let set = |today, minute| {
        let done = sandbox.set_token_quota(today, minute);
        done.expect("a good quota");
    };
    set(Some(2000), Some(0));
    assert_eq!(errcode(&plain(&sandbox)), 45009);
    assert!(sandbox.steal_token(None).is_err(), "nobody gets one");
    token(&stable(&sandbox, false));
    set(Some(500_000), None);
    assert_eq!(errcode(&stable(&sandbox, false)), 45009);
    assert_eq!(sandbox.stats().token_quotas[1].used_today, 500_000);
    sandbox.advance_clock(86_400).expect("forward");
    token(&plain(&sandbox));
    token(&stable(&sandbox, false));

    set(None, Some(10_000));
    assert_eq!(errcode(&plain(&sandbox)), 45011);
    assert_eq!(errcode(&stable(&sandbox, false)), 45011);
    sandbox.advance_clock(60).expect("forward");
    token(&plain(&sandbox));
    token(&stable(&sandbox, false));
    assert_eq!(sandbox.stats().token_quotas[0].used_this_minute, 1);
}

#[test]
fn tokens_have_quotas() {
    let sandbox = start(Rules {
        token_per_day: 1,
        stable_token_per_minute: 1,
        ..Rules::default()
    });
    token(&plain(&sandbox));
    assert_eq!(errcode(&plain(&sandbox)), 45009);
    token(&stable(&sandbox, false));
    assert_eq!(errcode(&stable(&sandbox, false)), 45011);
    sandbox.advance_clock(60).expect("forward");
    token(&stable(&sandbox, false));
}

#[test]
fn expired_and_revoked_tokens_are_told_apart_and_can_be_replaced() {
    let sandbox = start(Rules::default());
    let first = token(&stable(&sandbox, false));
    assert_eq!(sandbox.expire_tokens(), 1);
    assert_eq!(verdict(&sandbox, &first), 42001);
    let second = token(&stable(&sandbox, false));
    assert_ne!(first, second);
    assert_eq!(verdict(&sandbox, &second), 0);
    sandbox.revoke_tokens();
    assert_eq!(verdict(&sandbox, &second), 40001);
    assert_eq!(verdict(&sandbox, &token(&stable(&sandbox, false))), 0);
}

#[test]
fn wrong_requests_for_a_token_say_what_is_wrong() {
    let sandbox = start(Rules::default());
    for (query, answer) in [
        ("appid=wx1234567&secret=s", 40002),
        ("grant_type=client_credential&secret=s", 41002),
        ("grant_type=client_credential&appid=wx1234567", 41004),
        ("grant_type=client_credential&appid=wxnone&secret=s", 40013),
        (
            "grant_type=client_credential&appid=wx1234567&secret=s",
            40125,
        ),
    ] {
        let got = get(&sandbox, &format!("/cgi-bin/token?{query}"));
        assert_eq!(errcode(&got), answer, "{query}");
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let body: serde_json::Map<_, _> = pairs.map(|(n, v)| (n.to_owned(), v.into())).collect();
        let got = post(&sandbox, "/cgi-bin/stable_token", &Value::Object(body));
        assert_eq!(errcode(&got), answer, "{query}");
    }
    let body = exchange(&sandbox, "POST", "/cgi-bin/stable_token", b"").json();
    assert_eq!(errcode(&body), 44002);
    let body = exchange(&sandbox, "POST", "/cgi-bin/stable_token", b"x=1").json();
    assert_eq!(errcode(&body), 47001);
    let get_stable = exchange(&sandbox, "GET", "/cgi-bin/stable_token", b"").json();
    assert_eq!(errcode(&get_stable), 43002);
    let post_token = exchange(&sandbox, "POST", "/cgi-bin/token", b"{}").json();
    assert_eq!(errcode(&post_token), 43001);
}

#[test]
fn a_code_logs_its_player_in_once_with_a_new_key() {
    let sandbox = start(Rules::default());
    let first = login(&sandbox, "code:oPlayer_1:n1");
    assert_eq!(first["openid"], "oPlayer_1");
    assert!(first.get("errcode").is_none());
    let key = first["session_key"].as_str().expect("a key").to_owned();
    assert_eq!(key.len(), 24);
    assert_eq!(errcode(&login(&sandbox, "code:oPlayer_1:n1")), 40163);
    let second = login(&sandbox, "code%3AoPlayer_1%3An2");
    assert_ne!(second["session_key"].as_str(), Some(key.as_str()));

    let mut client = Client::new(&sandbox, Env::Sandbox);
    client.session_key = key;
    let third = login(&sandbox, "code:oPlayer_1:n3");
    assert_eq!(
        client.errcode("getbalance", json!({})),
        90009,
        "the old key is stale"
    );
    client.session_key = third["session_key"].as_str().expect("a key").to_owned();
    assert_eq!(client.errcode("getbalance", json!({})), 0);
    sandbox.expire_session("oPlayer_1").expect("a session");
    assert_eq!(client.errcode("getbalance", json!({})), 90010);
    login(&sandbox, "code:oPlayer_1:n4");
    assert_eq!(client.errcode("getbalance", json!({})), 90009);
}

#[test]
fn a_session_key_is_valid_until_a_login_replaces_it_or_it_expires() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let check = |key: &str| errcode(&about_key(&client, "checksession", key));
    let first = session_key(&login(&sandbox, "code:oPlayer_1:n1"));
    assert_eq!(check(&first), 0);
    let second = session_key(&login(&sandbox, "code:oPlayer_1:n2"));
    assert_eq!((check(&first), check(&second)), (87009, 0));
    sandbox.expire_session("oPlayer_1").expect("a session");
    assert_eq!(check(&second), 87009);
    assert_eq!(
        errcode(&about_key(&client, "resetusersessionkey", &second)),
        87009
    );
    assert_eq!(sandbox.stats().logins, 2);
}

#[test]
fn a_reset_gives_a_new_key_ends_the_old_one_and_keeps_its_expiry() {
    let sandbox = start(Rules {
        session_valid_s: 1000,
        ..Rules::default()
    });
    let mut client = Client::new(&sandbox, Env::Sandbox);
    let old = session_key(&login(&sandbox, "code:oPlayer_1:n1"));
    sandbox.advance_clock(600).expect("forward");
    let answer = about_key(&client, "resetusersessionkey", &old);
    assert_eq!(
        (errcode(&answer), &answer["openid"]),
        (0, &json!("oPlayer_1"))
    );
    let new = session_key(&answer);
    assert_eq!((new.len(), new == old), (24, false));
    for call in ["checksession", "resetusersessionkey"] {
        assert_eq!(errcode(&about_key(&client, call, &old)), 87009, "{call}");
    }
    assert_eq!(errcode(&about_key(&client, "checksession", &new)), 0);
    client.session_key = old;
    assert_eq!(client.errcode("getbalance", json!({})), 90009);
    client.session_key = new.clone();
    assert_eq!(client.errcode("getbalance", json!({})), 0);
    sandbox.advance_clock(400).expect("forward");
    assert_eq!(errcode(&about_key(&client, "checksession", &new)), 87009);
    assert_eq!(client.errcode("getbalance", json!({})), 90010);
}

#[test]
fn wrong_requests_about_a_key_say_what_is_wrong() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    sandbox.set_token("OLD", 1).expect("a good token");
    sandbox.advance_clock(1).expect("forward");
    let empty = Key::new(client.session_key.as_str()).sign("");
    // What PHP's hash_hmac makes of key and message the wrong way round.
    let swapped = Key::new("").sign(&client.session_key);
    let upper = empty.to_uppercase();
    for (token, openid, sig_method, signature, answer) in [
        ("", "oPlayer_1", "hmac_sha256", &empty, 41001),
        ("X", "oPlayer_1", "hmac_sha256", &empty, 40001),
        ("OLD", "oPlayer_1", "hmac_sha256", &empty, 42001),
        ("TOKEN", "", "hmac_sha256", &empty, 40003),
        ("TOKEN", "nobody", "hmac_sha256", &empty, 40003),
        ("TOKEN", "oPlayer_1", "", &empty, 87008),
        ("TOKEN", "oPlayer_1", "sha1", &empty, 87008),
        ("TOKEN", "oPlayer_1", "hmac_sha256", &String::new(), 87009),
        ("TOKEN", "oPlayer_1", "hmac_sha256", &swapped, 87009),
        ("TOKEN", "oPlayer_1", "hmac_sha256", &upper, 87009),
        ("TOKEN", "oPlayer_1", "hmac_sha256", &empty, 0),
    ] {
        let query = format!(
            "access_token={token}&openid={openid}&sig_method={sig_method}&signature={signature}"
        );
        for call in ["checksession", "resetusersessionkey"] {
            let got = get(&sandbox, &format!("/wxa/{call}?{query}"));
            assert_eq!(errcode(&got), answer, "{call} {query}");
        }
    }
    for call in ["checksession", "resetusersessionkey"] {
        let got = exchange(&sandbox, "POST", &format!("/wxa/{call}"), b"{}").json();
        assert_eq!(errcode(&got), 43001, "{call}");
    }
}

#[test]
fn codes_that_are_wrong_or_scripted_come_to_what_they_should() {
    let sandbox = start(Rules {
        login_per_minute: 2,
        ..Rules::default()
    });
    for bad in ["code:o1", "x", "code::n", "code:o1:"] {
        assert_eq!(errcode(&login(&sandbox, bad)), 40029, "{bad}");
    }
    assert_eq!(errcode(&login(&sandbox, "")), 41008);
    sandbox.script_login_error("risky", 40226).expect("a code");
    assert_eq!(errcode(&login(&sandbox, "risky")), 40226);
    sandbox.script_login("mine", "o9").expect("a code");
    assert_eq!(login(&sandbox, "mine")["openid"], "o9");
    assert_eq!(errcode(&login(&sandbox, "mine")), 40163);
    sandbox.script_login("old", "o9").expect("a code");
    sandbox.advance_clock(300).expect("forward");
    assert_eq!(errcode(&login(&sandbox, "old")), 40029);
    let answers: Vec<_> = (0..4)
        .map(|n| login(&sandbox, &format!("code:o5:n{n}"))["errcode"].as_i64())
        .collect();
    assert_eq!(answers, [None, None, None, Some(45011)]);
}
