//! What each code means and what to do about it, in English and Chinese: plain and short.

mod credential;
mod game_v2;
mod payment;

use std::ffi::CStr;

use super::{Call, Class};

/// What a code means and what to do about it. The texts are UTF-8 and end in the NUL that C likes to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Help {
    /// What it means for the order.
    pub class: Class,
    /// The cause.
    pub cause_en: &'static CStr,
    /// What to check or do.
    pub remedy_en: &'static CStr,
    /// The cause, in Chinese.
    pub cause_zh: &'static CStr,
    /// What to check or do, in Chinese.
    pub remedy_zh: &'static CStr,
}

/// Cause and remedy in English, cause and remedy in Chinese.
type Texts = [&'static CStr; 4];

pub(super) fn of_payment(call: Call, errcode: i32, class: Class) -> Help {
    let texts = payment::of_order(call, errcode)
        .or_else(|| payment::of_request(errcode))
        .or_else(|| credential::texts(errcode))
        .unwrap_or(NOT_LISTED);
    with(class, texts)
}

pub(super) fn of_payment_v2(call: Call, errcode: i32, class: Class) -> Help {
    let texts = game_v2::of_order(call, errcode)
        .or_else(|| game_v2::of_request(errcode))
        .or_else(|| credential::texts(errcode))
        .unwrap_or(match call {
            Call::Pay | Call::Present => NOT_LISTED,
            Call::CancelPay => game_v2::NOT_LISTED_REFUND,
            Call::GetBalance => NOT_LISTED_CREDENTIAL,
        });
    with(class, texts)
}

pub(super) fn of_query_order(errcode: i32, class: Class) -> Help {
    let texts = game_v2::of_query(errcode)
        .or_else(|| game_v2::of_request(errcode))
        .or_else(|| credential::texts(errcode))
        .unwrap_or(NOT_LISTED_CREDENTIAL);
    with(class, texts)
}

pub(super) fn of_credential(errcode: i32, class: Class) -> Help {
    let texts = match errcode {
        -1 => BUSY,
        40001 => credential::SECRET_WRONG,
        _ => without_order(errcode),
    };
    with(class, texts)
}

pub(super) fn of_session(errcode: i32, class: Class) -> Help {
    let texts = match errcode {
        -1 => BUSY,
        40001 | 40014 | 42001 => credential::TOKEN_REFUSED,
        _ => without_order(errcode),
    };
    with(class, texts)
}

fn without_order(errcode: i32) -> Texts {
    credential::texts(errcode)
        .or_else(|| payment::of_request(errcode))
        .unwrap_or(NOT_LISTED_CREDENTIAL)
}

fn with(class: Class, [cause_en, remedy_en, cause_zh, remedy_zh]: Texts) -> Help {
    Help {
        class,
        cause_en,
        remedy_en,
        cause_zh,
        remedy_zh,
    }
}

const NOT_LISTED: Texts = [
    c"WeChat's page lists no such code for this call.",
    c"The outcome is unknown: ask again with the same bill_no, never with a new one. Look at errmsg and keep its rid for WeChat's support.",
    c"微信文档没有为该接口列出此错误码。",
    c"结果未知：请用同一个 bill_no 再次请求，切勿更换单号。请查看 errmsg，并保留其中的 rid 以便联系微信客服。",
];
const NOT_LISTED_CREDENTIAL: Texts = [
    c"WeChat's pages list no such code for this call.",
    c"Try again later. Look at errmsg and keep its rid for WeChat's support.",
    c"微信文档没有为该接口列出此错误码。",
    c"请稍后重试。请查看 errmsg，并保留其中的 rid 以便联系微信客服。",
];
const BUSY: Texts = [
    c"WeChat is busy.",
    c"Try again later, at growing intervals.",
    c"微信系统繁忙。",
    c"请稍后重试，并逐次拉长间隔。",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::errcode;

    const CALLS: [Call; 4] = [Call::Pay, Call::CancelPay, Call::GetBalance, Call::Present];

    #[test]
    fn every_code_of_wechats_tables_has_its_own_help() {
        let of_calls: [(&[Call], &[i32]); 6] = [
            (&CALLS, &[0, -1, 90009, 90010, 90011, 90017, 90018, 40101]),
            (&[Call::CancelPay], &[90000, 90014, 90015, 90016]),
            (&[Call::Pay, Call::Present], &[90012]),
            (&[Call::Pay], &[90013]),
            (
                &CALLS,
                &[
                    40001, 40002, 40003, 40013, 40014, 40125, 40164, 41001, 41002, 41004, 42001,
                    43002, 43003,
                ],
            ),
            (
                &CALLS,
                &[
                    44002, 45009, 45011, 45035, 47001, 48001, 48004, 48017, 61004, 87009,
                ],
            ),
        ];
        for (calls, codes) in of_calls {
            for (&call, &code) in calls
                .iter()
                .flat_map(|call| codes.iter().map(move |code| (call, code)))
            {
                let help = errcode::help(call, code);
                assert_eq!(help.class, errcode::classify(call, code));
                assert_ne!(help.cause_en, NOT_LISTED[0], "{call:?} {code}");
            }
        }
        for code in [
            -1, 40001, 40013, 40029, 40125, 40163, 40164, 40226, 45009, 45011, 87009,
        ] {
            assert_ne!(
                errcode::help_login(code).cause_en,
                NOT_LISTED_CREDENTIAL[0],
                "{code}"
            );
            assert_ne!(
                errcode::help_token(code).cause_en,
                NOT_LISTED_CREDENTIAL[0],
                "{code}"
            );
        }
        for code in [
            -1, 0, 40001, 40003, 40013, 40014, 40101, 40164, 41001, 42001, 43003, 45009, 45011,
            45035, 48001, 48004, 61004, 87007, 87008, 87009,
        ] {
            let help = errcode::help_session(code);
            assert_eq!(help.class, errcode::classify_session(code));
            assert_ne!(help.cause_en, NOT_LISTED_CREDENTIAL[0], "{code}");
        }
    }

    #[test]
    fn what_is_known_for_another_call_only_gets_the_general_help() {
        for (call, code) in [
            (Call::Present, 90013),
            (Call::Pay, 90014),
            (Call::Pay, 90000),
            (Call::CancelPay, 90012),
            (Call::GetBalance, 90016),
            (Call::Pay, 12345),
        ] {
            let help = errcode::help(call, code);
            assert_eq!(
                (help.class, help.cause_en),
                (Class::Unknown, NOT_LISTED[0]),
                "{call:?} {code}"
            );
        }
    }

    #[test]
    fn every_code_of_the_virtual_payment_has_its_own_help_and_no_other_has() {
        let general = [
            NOT_LISTED[0],
            NOT_LISTED_CREDENTIAL[0],
            game_v2::NOT_LISTED_REFUND[0],
        ];
        let always = [
            0, -1, 40001, 40014, 40101, 42001, 45009, 45011, 90010, 90011, 90016, 90018,
        ];
        let own: [(Option<Call>, &[i32]); 5] = [
            (Some(Call::Pay), &[90000, 90012, 90013, 90017]),
            (Some(Call::CancelPay), &[90000, 90012]),
            (Some(Call::GetBalance), &[90000, 90017]),
            (Some(Call::Present), &[90012]),
            (None, &[90019]),
        ];
        for (call, codes) in own {
            let help = |code| match call {
                Some(call) => (
                    errcode::help_v2(call, code),
                    errcode::classify_v2(call, code),
                ),
                None => (
                    errcode::help_query_order(code),
                    errcode::classify_query_order(code),
                ),
            };
            for code in (90_000..90_100).chain(always) {
                let (help, class) = help(code);
                let listed = always.contains(&code) || codes.contains(&code);
                assert_eq!(help.class, class, "{call:?} {code}");
                assert_eq!(general.contains(&help.cause_en), !listed, "{call:?} {code}");
                assert!(listed || class == Class::Unknown, "{call:?} {code}");
            }
        }
    }

    #[test]
    fn a_code_that_changed_its_meaning_says_so_for_each_generation() {
        for (code, call) in [
            (90010, Call::Pay),
            (90011, Call::Pay),
            (90016, Call::CancelPay),
        ] {
            assert_ne!(
                errcode::help(call, code).cause_en,
                errcode::help_v2(call, code).cause_en,
                "{code}"
            );
        }
    }

    #[test]
    fn no_help_is_empty_or_in_the_wrong_language() {
        let chinese = |text: &CStr| {
            text.to_string_lossy()
                .chars()
                .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
        };
        for code in (-2..2)
            .chain(40_000..50_000)
            .chain(87_000..91_000)
            .chain([61004, NO_SUCH_CODE])
        {
            for help in CALLS
                .map(|call| errcode::help(call, code))
                .into_iter()
                .chain(CALLS.map(|call| errcode::help_v2(call, code)))
                .chain([
                    errcode::help_token(code),
                    errcode::help_session(code),
                    errcode::help_query_order(code),
                ])
            {
                assert!(!help.cause_en.is_empty() && !help.remedy_en.is_empty());
                assert!(
                    help.cause_en.to_bytes().is_ascii() && help.remedy_en.to_bytes().is_ascii(),
                    "{code}"
                );
                assert!(chinese(help.cause_zh) && chinese(help.remedy_zh), "{code}");
            }
        }
    }

    const NO_SUCH_CODE: i32 = i32::MIN;
}
