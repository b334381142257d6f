//! Good pushes, bent in some ten thousand ways: nothing panics, and what is still taken for an event is one whose
//! signatures hold by a second, naive reading.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use wxgame::api::Environment;
use wxgame::api::push::{Event, Receiver, RefusalReason, Verdict, What, receive};
use wxgame::sign::push::AesKey;
use wxgame::sign::{AppKey, Secret};

use crate::craft::{self, Push};
use crate::samples::{COINS, GIFT, GIFT_XML, GOODS, REFUND, good};

const ROUNDS: u64 = 24_000;

/// SplitMix64: a seed gives the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// Bends bytes: flips a bit, cuts, repeats, swaps two fields, changes a byte for one that means something, puts in a
/// blank.
fn bend(bytes: &mut Vec<u8>, random: &mut Random) {
    let place = random.below(bytes.len());
    let end = (place + 1 + random.below(40)).min(bytes.len());
    match random.below(7) {
        0 if !bytes.is_empty() => bytes[place] ^= 1 << random.below(8),
        1 => drop(bytes.drain(place..end)),
        2 => {
            let again = bytes[place..end].to_vec();
            bytes.splice(place..place, again);
        }
        3 => swap_fields(bytes, random),
        4 if !bytes.is_empty() => bytes[place] = b"\"\\{}[]<>&;=%+,:0123456789aA"[random.below(25)],
        5 => bytes.insert(place, b' '),
        _ => {
            // Between two fields, where a blank says nothing.
            if let Some(comma) = bytes[place..].windows(2).position(|two| two == b",\"") {
                bytes.insert(place + comma + 1, b'\n');
            }
        }
    }
}

/// Swaps two stretches between separators, as `a=1&b=2` or `"a":1,"b":2`.
fn swap_fields(bytes: &mut Vec<u8>, random: &mut Random) {
    let separator = b"&,<"[random.below(3)];
    let mut parts: Vec<Vec<u8>> = bytes
        .split(|&byte| byte == separator)
        .map(<[u8]>::to_vec)
        .collect();
    let (one, other) = (random.below(parts.len()), random.below(parts.len()));
    parts.swap(one, other);
    *bytes = parts.join(&separator);
}

/// The last value of a name: enough for digits and hex, which need no decoding.
fn in_query<'q>(query: &'q str, name: &str) -> &'q str {
    let of_name = |pair: &'q str| pair.strip_prefix(name)?.strip_prefix('=');
    query
        .split('&')
        .filter_map(of_name)
        .next_back()
        .unwrap_or("")
}

/// The text of a field by searching for it, in JSON or XML.
fn in_body<'b>(body: &'b str, name: &str) -> Option<&'b str> {
    let json = || {
        let after = body
            .split_once(&format!("\"{name}\""))?
            .1
            .split_once('"')?
            .1;
        Some(after.split_once('"')?.0)
    };
    let xml = || {
        let after = body.split_once(&format!("<{name}"))?.1.split_once('>')?.1;
        let inner = after.split_once(&format!("</{name}"))?.0;
        Some(
            inner
                .trim_start_matches("<![CDATA[")
                .trim_end_matches("]]>"),
        )
    };
    if body.trim_start().starts_with('<') {
        xml()
    } else {
        json()
    }
}

fn naively_decrypted(encrypt: &str) -> Option<String> {
    let mut bytes = STANDARD.decode(encrypt).ok()?;
    let key = STANDARD.decode(format!("{}=", craft::AES_KEY)).ok()?;
    let plain = cbc::Decryptor::<aes::Aes256>::new_from_slices(&key, &key[..16])
        .ok()?
        .decrypt_padded::<NoPadding>(&mut bytes)
        .ok()?;
    let length = u32::from_be_bytes(plain.get(16..20)?.try_into().ok()?) as usize;
    String::from_utf8(plain.get(20..20 + length)?.to_vec()).ok()
}

/// Whether WeChat can have sent this, as far as signatures tell.
fn signatures_hold(push: &Push, is_safe: bool, event: &Event) -> bool {
    let Ok(body) = std::str::from_utf8(&push.body) else {
        return false;
    };
    let (timestamp, nonce) = (
        in_query(&push.query, "timestamp"),
        in_query(&push.query, "nonce"),
    );
    let message = if is_safe {
        let Some(encrypt) = in_body(body, "Encrypt") else {
            return false;
        };
        let made = craft::sorted_sha1(&[craft::TOKEN, timestamp, nonce, encrypt]);
        if made != in_query(&push.query, "msg_signature") {
            return false;
        }
        naively_decrypted(encrypt).unwrap_or_default()
    } else {
        let made = craft::sorted_sha1(&[craft::TOKEN, timestamp, nonce]);
        if made != in_query(&push.query, "signature") {
            return false;
        }
        body.to_owned()
    };
    if let Event::Gift(_) = event {
        return is_safe && in_body(&message, "Event") == Some(event.name());
    }
    let made = craft::pay_event_sig(craft::APP_KEY, event.name(), event.payload());
    in_body(&message, "PayEventSig") == Some(made.as_str())
}

#[test]
fn no_mutation_of_a_push_panics_or_passes_without_its_signatures() {
    let app_key = AppKey::new(craft::APP_KEY).expect("a usable key");
    let token = Secret::new(craft::TOKEN);
    let aes_key = AesKey::new(craft::AES_KEY).expect("a good key");
    let mut messages = vec![GIFT.to_owned(), GIFT_XML.to_owned()];
    for (event, payload) in [GOODS, COINS, REFUND] {
        messages.push(good(craft::json_event, event, payload));
        messages.push(good(craft::xml_event, event, payload));
    }
    let mut pushes = Vec::new();
    for message in &messages {
        pushes.push((craft::safe(message), true));
        pushes.push((craft::plain(message), false));
    }

    let mut random = Random(0x5eed);
    let (mut events, mut other, mut reasons) = (0, 0, Vec::<RefusalReason>::new());
    for round in 0..ROUNDS {
        let (good, is_safe) = &pushes[random.below(pushes.len())];
        let mut push = good.clone();
        for _ in 0..=random.below(3) {
            if random.below(4) == 0 {
                let mut query = push.query.into_bytes();
                bend(&mut query, &mut random);
                push.query = String::from_utf8_lossy(&query).into_owned();
            } else {
                bend(&mut push.body, &mut random);
            }
        }
        // Now and then a message that was bent before it was encrypted: safe mode vouches for it, PayEventSig not.
        if *is_safe && random.below(4) == 0 {
            let mut message = messages[random.below(messages.len())].clone().into_bytes();
            bend(&mut message, &mut random);
            push = craft::safe(&String::from_utf8_lossy(&message));
        }
        let receiver = Receiver {
            appid: craft::APPID,
            environment: Environment::Production,
            app_key: &app_key,
            token: &token,
            aes_key: is_safe.then_some(&aes_key),
        };
        let received = receive(&receiver, &push.query, &push.body);
        for verdict in [
            Verdict::Success,
            Verdict::Retry,
            Verdict::NoPlayer,
            Verdict::Refused,
        ] {
            let answer = received.answer(verdict);
            let is_refused =
                matches!(received.what, What::Refused(_)) || verdict == Verdict::Refused;
            assert_eq!(answer.status == 403, is_refused, "round {round}");
        }
        match received.what {
            What::Event(event) => {
                assert!(
                    signatures_hold(&push, *is_safe, &event),
                    "round {round}: {}",
                    push.query
                );
                events += 1;
            }
            What::Refused(refusal) => {
                assert!(!refusal.why.is_empty());
                if !reasons.contains(&refusal.reason) {
                    reasons.push(refusal.reason);
                }
            }
            _ => other += 1,
        }
    }
    // The mutations are worth something: some harm nothing, and the others fail at many a place.
    assert!(
        events > 1_000 && other > 100,
        "{events} events, {other} others"
    );
    for reason in [
        RefusalReason::Signature,
        RefusalReason::PayEventSig,
        RefusalReason::Downgrade,
        RefusalReason::Malformed,
        RefusalReason::Unprotected,
    ] {
        assert!(reasons.contains(&reason), "{reason:?} never came");
    }
}
