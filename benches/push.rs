//! One push of paid goods, verified, opened and typed, beside the cryptography that nobody can avoid.
//!
//! `limit` is that work on bytes of the same number, and nothing else: SHA-1 over the sorted texts, AES-256-CBC with
//! its key schedule, and HMAC-SHA256 with the AppKey's state kept. The ratio of the two, from one run, is what counts;
//! the nanoseconds belong to the machine.

#[path = "../tests/push/craft.rs"]
mod craft;

use std::hint::black_box;

use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use craft::{Push, json_event, pay_event_sig, plain, safe, xml_event};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wxgame::api::Environment;
use wxgame::api::push::{Receiver, What, receive};
use wxgame::sign::push::AesKey;
use wxgame::sign::{AppKey, Secret};

const EVENT: &str = "minigame_game_pay_goods_deliver_notify";
const PAYLOAD: &str = r#"{"OpenId":"odkx20ENSNa2w5y3g_qOkOvBNM1g","OutTradeNo":"20250101-0000001","WeChatPayInfo":{"MchOrderNo":"1230000109202501010000001","TransactionId":"4200002345202501011234567890"},"Env":0,"GoodsInfo":{"ProductId":"diamond_pack_60","Quantity":1,"ZoneId":"1","OrigPrice":1000,"ActualPrice":900,"Attach":"shop","OrderSource":1}}"#;

/// Blocks of 64 bytes that a hash takes for `bytes`, its padding and length included.
fn hash_blocks(bytes: usize) -> usize {
    (bytes + 9).div_ceil(64)
}

/// What a push of a message of `message` bytes hashes and decrypts; the message stays as it is in plain mode.
struct Limit {
    sha1_blocks: usize,
    aes_bytes: usize,
    sha256_blocks: usize,
}

impl Limit {
    fn of(message: usize, is_safe: bool) -> Self {
        let texts = craft::TOKEN.len() + craft::TIMESTAMP.len() + craft::NONCE.len();
        let aes_bytes = if is_safe {
            (20 + message + craft::APPID.len() + 1).next_multiple_of(32)
        } else {
            0
        };
        Self {
            sha1_blocks: hash_blocks(texts + aes_bytes.div_ceil(3) * 4),
            aes_bytes,
            // The inner hash goes on behind the kept block of the key; the outer one takes a block more.
            sha256_blocks: hash_blocks(EVENT.len() + 1 + PAYLOAD.len()) + 1,
        }
    }

    fn work(&self, aes: &mut [u8]) -> u32 {
        let block = [0x5a; 64];
        let (mut sha1, mut sha256) = ([0x6745_2301; 5], [0x6a09_e667; 8]);
        for _ in 0..self.sha1_blocks {
            sha1::block_api::compress(black_box(&mut sha1), &[black_box(block)]);
        }
        for _ in 0..self.sha256_blocks {
            sha2::block_api::compress256(black_box(&mut sha256), &[black_box(block)]);
        }
        if !aes.is_empty() {
            let key = black_box([0x5a; 32]);
            cbc::Decryptor::<aes::Aes256>::new_from_slices(&key, &key[..16])
                .expect("the lengths are right")
                .decrypt_padded::<NoPadding>(aes)
                .expect("whole blocks");
        }
        sha1[0] ^ sha256[0]
    }
}

fn push(c: &mut Criterion) {
    let app_key = AppKey::new(craft::APP_KEY).expect("a usable key");
    let token = Secret::new(craft::TOKEN);
    let aes_key = AesKey::new(craft::AES_KEY).expect("a good key");
    let sig = pay_event_sig(craft::APP_KEY, EVENT, PAYLOAD);
    let json = json_event(EVENT, PAYLOAD, &sig, "");
    let xml = xml_event(EVENT, PAYLOAD, &sig, "");
    let cases: [(&str, Push, &str, bool); 3] = [
        ("safe_json", safe(&json), &json, true),
        ("safe_xml", safe(&xml), &xml, true),
        ("plain_json", plain(&json), &json, false),
    ];
    for (name, push, message, is_safe) in cases {
        let receiver = Receiver {
            appid: craft::APPID,
            environment: Environment::Production,
            app_key: &app_key,
            token: &token,
            aes_key: is_safe.then_some(&aes_key),
        };
        let mut group = c.benchmark_group(format!("push/{name}"));
        group.throughput(Throughput::Elements(1));
        group.bench_function("receive", |b| {
            b.iter(|| {
                let received = receive(&receiver, black_box(&push.query), black_box(&push.body));
                assert!(matches!(received.what, What::Event(_)));
                received
            });
        });
        let limit = Limit::of(message.len(), is_safe);
        let mut aes = vec![0x5a; limit.aes_bytes];
        group.bench_function("limit", |b| b.iter(|| limit.work(black_box(&mut aes))));
        group.finish();
    }
}

criterion_group!(benches, push);
criterion_main!(benches);
