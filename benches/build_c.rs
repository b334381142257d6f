//! One pay request of each generation with all its fields, built through the C function: checked, signed, encoded, freed.
//!
//! The same requests as benches/build.rs has, whose `limit` is what these are to be compared with. Here the AppKey
//! is new for every call, as it is for a host that calls without a client.
#![allow(unsafe_code)]

use std::hint::black_box;
use std::mem::{size_of, zeroed};
use std::ptr::null_mut;

use criterion::{Criterion, criterion_group, criterion_main};
use wxgame::ffi::boundary::wxg_str;
use wxgame::ffi::http::game_v2::{wxg_game_v2_build, wxg_game_v2_request_options};
use wxgame::ffi::http::midas_v1::{wxg_midas_v1_build, wxg_midas_v1_request_options};
use wxgame::ffi::http::wxg_request_free;

const CALL_PAY: u32 = 1;

fn text(of: &str) -> wxg_str {
    wxg_str {
        data: of.as_ptr().cast(),
        len: of.len(),
    }
}

fn build_c(c: &mut Criterion) {
    let access_token = format!("57_{}", "aB3-".repeat(34))[..136].to_owned();
    // SAFETY: the struct is repr(C) and all zeros mean empty.
    let mut options: wxg_midas_v1_request_options = unsafe { zeroed() };
    options.struct_size = size_of::<wxg_midas_v1_request_options>() as u32;
    options.call = CALL_PAY;
    options.appid = text("wx1234567890abcdef");
    options.offer_id = text("1450012345");
    options.app_key = text("zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u");
    options.access_token = text(&access_token);
    options.session_key = text("V7Q38/i2KXaqrQyl2Yx9Hg==");
    options.openid = text("odkx20ENSNa2w5y3g_qOkOvBNM1g");
    options.zone_id = text("1");
    options.bill_no = text("20250101-0000001");
    options.pay_item = text("钻石礼包");
    options.app_remark = text("shop");
    options.user_ip = text("113.108.77.69");
    options.amount = 648;
    options.ts = 1_507_530_737;
    c.bench_function("pay/wxg_midas_v1_build", |b| {
        b.iter(|| {
            let mut request = null_mut();
            // SAFETY: the options and the texts they point to outlive the call; the request is freed once.
            let status = unsafe {
                wxg_midas_v1_build(black_box(&raw const options), &raw mut request, null_mut())
            };
            assert!(status == 0 && !request.is_null(), "the request is right");
            unsafe { wxg_request_free(black_box(request)) };
        });
    });

    // SAFETY: as above.
    let mut v2: wxg_game_v2_request_options = unsafe { zeroed() };
    v2.struct_size = size_of::<wxg_game_v2_request_options>() as u32;
    v2.call = CALL_PAY;
    v2.offer_id = options.offer_id;
    v2.app_key = options.app_key;
    v2.access_token = options.access_token;
    v2.session_key = options.session_key;
    v2.openid = options.openid;
    v2.zone_id = options.zone_id;
    v2.bill_no = options.bill_no;
    v2.pay_item = options.pay_item;
    v2.app_remark = options.app_remark;
    v2.user_ip = options.user_ip;
    v2.amount = options.amount;
    v2.ts = options.ts;
    c.bench_function("pay_v2/wxg_game_v2_build", |b| {
        b.iter(|| {
            let mut request = null_mut();
            // SAFETY: as above.
            let status = unsafe {
                wxg_game_v2_build(black_box(&raw const v2), &raw mut request, null_mut())
            };
            assert!(status == 0 && !request.is_null(), "the request is right");
            unsafe { wxg_request_free(black_box(request)) };
        });
    });
}

criterion_group!(benches, build_c);
criterion_main!(benches);
