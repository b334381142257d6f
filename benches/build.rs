//! One pay request of each generation with all its fields, beside the SHA-256 compressions that nobody can avoid.
//!
//! Classic Midas: the texts under the two signatures have 287 and 503 bytes. `limit` is 17 compressions: with the
//! AppKey's HMAC state kept, 6 for `sig`, 2 for the session_key and 9 for `mp_sig`.
//!
//! Virtual payment 2.0: the texts have 226 and 212 bytes. `limit` is 12 compressions: 5 for `pay_sig`, 2 for the
//! session_key and 5 for `signature`.
//!
//! The ratio of the two, from one run, is what counts; the nanoseconds belong to the machine.

use std::fmt::Write;
use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use sha2::block_api::compress256;
use wxgame::api::game_v2::Player;
use wxgame::api::{App, Call, Environment, HttpRequest, Order, game_v2, midas_v1};
use wxgame::error::Result;
use wxgame::sign::{AppKey, Secret};

const OPENID: &str = "odkx20ENSNa2w5y3g_qOkOvBNM1g";
const USER_IP: &str = "113.108.77.69";
const PAY_ITEM: &str = "钻石礼包";
const TS: i64 = 1_507_530_737;

/// What a host has at hand for every payment.
struct Given {
    app: App,
    session_key: Secret,
    access_token: String,
}

fn build(c: &mut Criterion) {
    let given = Given {
        app: App {
            appid: "wx1234567890abcdef".into(),
            offer_id: "1450012345".into(),
            pf: "android".into(),
            environment: Environment::Production,
            app_key: AppKey::new("zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u").expect("a usable key"),
            mp_sig: true,
        },
        session_key: Secret::new("V7Q38/i2KXaqrQyl2Yx9Hg=="),
        access_token: format!("57_{}", "aB3-".repeat(34))[..136].to_owned(),
    };
    measure(c.benchmark_group("pay"), &given, pay, 17);
    measure(c.benchmark_group("pay_v2"), &given, pay_v2, 12);
}

fn pay(given: &Given, bill_no: &str) -> Result<HttpRequest> {
    let order = Order {
        openid: OPENID,
        zone_id: "1",
        bill_no,
        amount: 648,
        pay_item: PAY_ITEM,
        app_remark: "shop",
        user_ip: USER_IP,
    };
    midas_v1::build(
        black_box(&given.app),
        Call::Pay,
        black_box(&order),
        Some(&given.session_key),
        &given.access_token,
        TS,
    )
}

fn pay_v2(given: &Given, bill_no: &str) -> Result<HttpRequest> {
    let player = Player {
        openid: OPENID,
        zone_id: "1",
        user_ip: USER_IP,
    };
    let order = game_v2::Order::Pay {
        bill_no,
        amount: 648,
        pay_item: PAY_ITEM,
        app_remark: "shop",
    };
    game_v2::build(
        black_box(&given.app),
        &player,
        black_box(&order),
        &given.session_key,
        &given.access_token,
        TS,
    )
}

/// The making of a request, and as many compressions as it contains.
fn measure(
    mut group: BenchmarkGroup<'_, WallTime>,
    given: &Given,
    make: fn(&Given, &str) -> Result<HttpRequest>,
    compressions: usize,
) {
    let mut bill_no = String::new();
    let mut number = 0_u64;
    group.bench_function("build", |b| {
        b.iter(|| {
            number += 1;
            bill_no.clear();
            write!(bill_no, "20250101-{number:07}").expect("a String takes any text");
            let request = make(given, &bill_no).expect("the order is right");
            black_box(request).body.len()
        });
    });
    group.bench_function("limit", |b| {
        let mut state = [0x6a09_e667_u32; 8];
        let block = [0x5a_u8; 64];
        b.iter(|| {
            for _ in 0..compressions {
                compress256(black_box(&mut state), &[black_box(block)]);
            }
            state[0]
        });
    });
    group.finish();
}

criterion_group!(benches, build);
criterion_main!(benches);
