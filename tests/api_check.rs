//! Every rule of `api::check`, at its edges.

use wxgame::api::check::{self, AMOUNT_MAX};
use wxgame::api::{App, Call, Environment, Order, midas_v1};
use wxgame::error::{Kind, Result};
use wxgame::sign::{AppKey, Secret};

const TS: i64 = 1_507_530_737;

fn app() -> App {
    App {
        appid: "wx1234567".into(),
        offer_id: "12345678".into(),
        pf: "android".into(),
        environment: Environment::Production,
        app_key: AppKey::new("zNLgAGgq").expect("a usable key"),
        mp_sig: true,
    }
}

fn pay() -> Order<'static> {
    Order {
        openid: "odkx20ENSNa2w5y3g_qOkOvBNM1g",
        zone_id: "1",
        bill_no: "b1",
        amount: 1,
        ..Order::default()
    }
}

fn accepted<T>(result: Result<T>) -> bool {
    result.is_ok()
}

/// `result` refuses `field`, and says more than that.
fn refuses<T>(result: Result<T>, field: &str) -> bool {
    result.err().is_some_and(|error| {
        error.kind == Kind::InvalidArgument && error.field == field && error.message.len() >= 8
    })
}

#[test]
fn a_bill_no_is_what_both_generations_take() {
    let longest = "9".repeat(63);
    for good in ["a", "0", "-", "BillNo_123", "A-1_", longest.as_str()] {
        assert!(accepted(check::bill_no(good)), "{good}");
    }
    let too_long = "9".repeat(64);
    for bad in [
        "",
        "_a",
        "a b",
        "a|b",
        "a*b",
        "a@b",
        "a.b",
        "单",
        "a\0",
        too_long.as_str(),
    ] {
        assert!(refuses(check::bill_no(bad), "bill_no"), "{bad}");
    }
}

#[test]
fn an_amount_is_positive_and_exact_in_json() {
    for good in [1, 2, AMOUNT_MAX] {
        assert!(accepted(check::amount(good)));
    }
    for bad in [0, -1, i64::MIN, AMOUNT_MAX + 1, i64::MAX] {
        assert!(refuses(check::amount(bad), "amount"), "{bad}");
    }
}

#[test]
fn a_time_is_in_seconds() {
    for good in [1_000_000_000, TS, 99_999_999_999] {
        assert!(accepted(check::ts(good)));
    }
    for bad in [
        i64::MIN,
        -1,
        0,
        999_999_999,
        100_000_000_000,
        1_507_530_737_000,
        i64::MAX,
    ] {
        assert!(refuses(check::ts(bad), "ts"), "{bad}");
    }
    let error = check::ts(1_507_530_737_000).expect_err("milliseconds");
    assert!(error.message.contains("milliseconds"));
}

#[test]
fn ids_are_as_wechat_gave_them() {
    let longest = "o".repeat(128);
    for good in [
        "o",
        "odkx20ENSNa2w5y3g_qOkOvBNM1g",
        "12345678",
        longest.as_str(),
    ] {
        assert!(accepted(check::id("openid", good)));
    }
    let too_long = "o".repeat(129);
    for bad in ["", " o", "o\n", "o=1", "o&p", "玩家", too_long.as_str()] {
        assert!(refuses(check::id("openid", bad), "openid"), "{bad}");
        let with = |change: fn(&mut App, String)| {
            let mut app = app();
            change(&mut app, bad.into());
            check::app(&app)
        };
        assert!(refuses(with(|app, bad| app.appid = bad), "appid"));
        assert!(refuses(with(|app, bad| app.offer_id = bad), "offer_id"));
        assert!(refuses(with(|app, bad| app.pf = bad), "pf"));
    }
}

#[test]
fn a_zone_is_text_without_control_characters() {
    let longest = "1".repeat(128);
    for good in ["1", "1_role", "一区", "zone 2", longest.as_str()] {
        assert!(accepted(check::zone_id(good)));
    }
    let too_long = "1".repeat(129);
    for bad in ["", "1\n", "\0", "1\u{85}", too_long.as_str()] {
        assert!(refuses(check::zone_id(bad), "zone_id"), "{bad:?}");
    }
}

#[test]
fn notes_are_bounded_and_plain() {
    let (item, remark) = ("i".repeat(512), "r".repeat(1024));
    let order = Order {
        pay_item: &item,
        app_remark: &remark,
        ..pay()
    };
    assert!(accepted(check::order(Call::Pay, &order)));
    let order = Order {
        pay_item: "\"钻石\"\\ & = %",
        app_remark: "a b&c=d",
        ..pay()
    };
    assert!(accepted(check::order(Call::Pay, &order)));

    let (item, remark) = ("i".repeat(513), "r".repeat(1025));
    for bad in [item.as_str(), "a\nb", "a\tb", "a\0b", "\u{7f}"] {
        assert!(refuses(
            check::order(
                Call::Pay,
                &Order {
                    pay_item: bad,
                    ..pay()
                }
            ),
            "pay_item"
        ));
    }
    for bad in [remark.as_str(), "a\nb", "a\0b"] {
        assert!(refuses(
            check::order(
                Call::Pay,
                &Order {
                    app_remark: bad,
                    ..pay()
                }
            ),
            "app_remark"
        ));
    }
}

#[test]
fn a_player_address_is_public_and_in_plain_form() {
    for (given, sent) in [
        ("", ""),
        ("113.108.77.69", "113.108.77.69"),
        ("::ffff:113.108.77.69", "113.108.77.69"),
        ("::FFFF:716c:4d45", "113.108.77.69"),
        ("240e:0001::0005", "240e:1::5"),
        (
            "240E:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "240e:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        ),
        ("100.63.0.1", "100.63.0.1"),
        ("172.32.0.1", "172.32.0.1"),
    ] {
        let text = check::user_ip(given).unwrap_or_else(|error| panic!("{given}: {error}"));
        assert_eq!(text.as_str(), sent);
    }
    for bad in [
        "localhost",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        " 8.8.8.8",
        "8.8.8.8:80",
        "[240e::1]",
        "256.1.1.1",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.1.1",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::113.108.77.69",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "3fff:1::",
        "64:ff9b::1.2.3.4",
        "100::1",
    ] {
        assert!(refuses(check::user_ip(bad), "user_ip"), "{bad}");
    }
}

#[test]
fn credentials_are_as_wechat_gave_them() {
    let longest = "t".repeat(1024);
    for good in ["t", "57_aB-c.d~e", "a+b/c=", longest.as_str()] {
        assert!(accepted(check::access_token(good)));
    }
    let too_long = "t".repeat(1025);
    for bad in ["", "a b", "a\n", "令", "a%2Bb", too_long.as_str()] {
        assert!(refuses(check::access_token(bad), "access_token"), "{bad}");
    }
    assert!(accepted(check::session_key(&Secret::new(
        "V7Q38/i2KXaqrQyl2Yx9Hg=="
    ))));
    for bad in [
        "",
        "V7Q38-i2",
        "V7Q38_i2",
        "V7Q38%2Fi2",
        "V7Q38 ",
        "\u{1}\u{2}",
    ] {
        assert!(
            refuses(check::session_key(&Secret::new(bad)), "session_key"),
            "{bad}"
        );
    }
}

/// Which field belongs to which call: `+` needed, `o` may be left out, `-` refused.
#[test]
fn a_field_goes_with_its_calls_only() {
    for (call, table) in [
        (
            Call::Pay,
            "bill_no+ amount+ pay_item o app_remark o user_ip o",
        ),
        (
            Call::CancelPay,
            "bill_no+ amount- pay_item o app_remark- user_ip o",
        ),
        (
            Call::GetBalance,
            "bill_no- amount- pay_item- app_remark- user_ip o",
        ),
        (
            Call::Present,
            "bill_no+ amount+ pay_item- app_remark- user_ip o",
        ),
    ] {
        let rule = |field: &str| {
            let rest = table
                .split_once(field)
                .expect("every field is in the table")
                .1;
            rest.trim_start().chars().next().expect("a mark")
        };
        let needed = Order {
            bill_no: if rule("bill_no") == '+' { "b1" } else { "" },
            amount: i64::from(rule("amount") == '+'),
            ..pay()
        };
        assert!(accepted(check::order(call, &needed)), "{call:?}");
        for (field, with, without) in [
            (
                "bill_no",
                Order {
                    bill_no: "b1",
                    ..needed
                },
                Order {
                    bill_no: "",
                    ..needed
                },
            ),
            (
                "amount",
                Order {
                    amount: 1,
                    ..needed
                },
                Order {
                    amount: 0,
                    ..needed
                },
            ),
            (
                "pay_item",
                Order {
                    pay_item: "x",
                    ..needed
                },
                needed,
            ),
            (
                "app_remark",
                Order {
                    app_remark: "x",
                    ..needed
                },
                needed,
            ),
            (
                "user_ip",
                Order {
                    user_ip: "113.108.77.69",
                    ..needed
                },
                needed,
            ),
        ] {
            let (given, left_out) = (check::order(call, &with), check::order(call, &without));
            match rule(field) {
                '+' => assert!(
                    accepted(given) && refuses(left_out, field),
                    "{call:?} {field}"
                ),
                'o' => assert!(accepted(given) && accepted(left_out), "{call:?} {field}"),
                _ => assert!(
                    refuses(given, field) && accepted(left_out),
                    "{call:?} {field}"
                ),
            }
        }
        assert!(refuses(
            check::order(
                call,
                &Order {
                    openid: "",
                    ..needed
                }
            ),
            "openid"
        ));
        assert!(refuses(
            check::order(
                call,
                &Order {
                    zone_id: "",
                    ..needed
                }
            ),
            "zone_id"
        ));
    }
}

#[test]
fn build_applies_every_check() {
    let (app, order) = (app(), pay());
    let session_key = Secret::new("AA==");
    let session_key = Some(&session_key);
    assert!(accepted(midas_v1::build(
        &app,
        Call::Pay,
        &order,
        session_key,
        "t",
        TS
    )));
    let no_appid = App {
        appid: String::new(),
        ..app.clone()
    };
    assert!(refuses(
        midas_v1::build(&no_appid, Call::Pay, &order, session_key, "t", TS),
        "appid"
    ));
    let bad_order = Order {
        bill_no: "_",
        ..order
    };
    assert!(refuses(
        midas_v1::build(&app, Call::Pay, &bad_order, session_key, "t", TS),
        "bill_no"
    ));
    let local = Order {
        user_ip: "::1",
        ..order
    };
    assert!(refuses(
        midas_v1::build(&app, Call::Pay, &local, session_key, "t", TS),
        "user_ip"
    ));
    assert!(refuses(
        midas_v1::build(&app, Call::Pay, &order, session_key, "", TS),
        "access_token"
    ));
    assert!(refuses(
        midas_v1::build(&app, Call::Pay, &order, session_key, "t", TS * 1000),
        "ts"
    ));
    assert!(refuses(
        midas_v1::build(&app, Call::Pay, &order, None, "t", TS),
        "session_key"
    ));
    let decoded = Secret::new("\u{1}");
    assert!(refuses(
        midas_v1::build(&app, Call::Pay, &order, Some(&decoded), "t", TS),
        "session_key"
    ));
}
