//! One pay request with all its eleven fields, beside the SHA-256 compressions that nobody can avoid.
//!
//! The texts under the two signatures have 287 and 503 bytes. `limit` is 17 compressions: with the AppKey's
//! HMAC state kept, 6 for `sig`, 2 for the session_key and 9 for `mp_sig`. The ratio of the two, from one run,
//! is what counts; the nanoseconds belong to the machine.

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use sha2::block_api::compress256;
use wxgame::api::{App, Call, Environment, Order, midas_v1};
use wxgame::sign::{AppKey, Secret};

const COMPRESSIONS: usize = 17;

fn build(c: &mut Criterion) {
    let app = App {
        appid: "wx1234567890abcdef".into(),
        offer_id: "1450012345".into(),
        pf: "android".into(),
        environment: Environment::Production,
        app_key: AppKey::new("zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u").expect("a usable key"),
        mp_sig: true,
    };
    let session_key = Secret::new("V7Q38/i2KXaqrQyl2Yx9Hg==");
    let access_token = format!("57_{}", "aB3-".repeat(34))[..136].to_owned();
    let mut bill_no = String::new();
    let mut number = 0_u64;

    let mut group = c.benchmark_group("pay");
    group.bench_function("build", |b| {
        b.iter(|| {
            number += 1;
            bill_no.clear();
            write!(bill_no, "20250101-{number:07}").expect("a String takes any text");
            let order = Order {
                openid: "odkx20ENSNa2w5y3g_qOkOvBNM1g",
                zone_id: "1",
                bill_no: &bill_no,
                amount: 648,
                pay_item: "钻石礼包",
                app_remark: "shop",
                user_ip: "113.108.77.69",
            };
            midas_v1::build(
                black_box(&app),
                Call::Pay,
                black_box(&order),
                Some(&session_key),
                &access_token,
                1_507_530_737,
            )
            .map(|request| black_box(request).body.len())
        });
    });
    group.bench_function("limit", |b| {
        let mut state = [0x6a09_e667_u32; 8];
        let block = [0x5a_u8; 64];
        b.iter(|| {
            for _ in 0..COMPRESSIONS {
                compress256(black_box(&mut state), &[black_box(block)]);
            }
            state[0]
        });
    });
    group.finish();
}

criterion_group!(benches, build);
criterion_main!(benches);
