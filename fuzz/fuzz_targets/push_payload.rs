//! A payload under every name, which is read whole or not at all, and read again comes out the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wxgame::api::push::reread;

const NAMES: [&str; 7] = [
    "minigame_game_pay_goods_deliver_notify",
    "minigame_h5_goods_deliver_notify",
    "minigame_deliver_h5_pay_products",
    "minigame_coin_deliver_completed",
    "minigame_recharge_center_coin_deliver_completed",
    "minigame_pay_refund_succ_notify",
    "minigame_deliver_goods",
];

fuzz_target!(|payload: &str| {
    for name in NAMES {
        if let Some(event) = reread(name, payload) {
            assert_eq!((event.name(), event.payload()), (name, payload));
            assert_eq!(reread(event.name(), event.payload()), Some(event));
        }
    }
});
