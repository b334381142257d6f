//! What a code means for the money. One table per generation of the API: the same number changes meaning.
//!
//! What is not listed for a call is [`Class::Unknown`], always: a guess about money is a bug.

use super::Call;

pub use super::help::Help;

/// What an answer means for the order it was given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// It is done. For cancelPay: the coins are back, or were never taken.
    Done,
    /// Nobody can tell from this answer: ask again with the same number.
    Unknown,
    /// The session_key was refused; nothing happened.
    Session,
    /// The access_token was refused; nothing happened.
    Token,
    /// This number has been executed before.
    Duplicate,
    /// Refused for good; nothing happened.
    Refused,
    /// The request or the account is set up wrong; nothing happened.
    Configuration,
    /// Too many calls; nothing happened.
    Quota,
}

/// The class of `errcode` as answered to `call` of the classic Midas API (midas.pay, midas.cancelPay,
/// midas.getBalance, midas.present).
pub fn classify(call: Call, errcode: i32) -> Class {
    match (call, errcode) {
        (_, 0) => Class::Done,
        (_, 90009 | 90010) => Class::Session,
        (_, 40001 | 40014 | 42001) => Class::Token,
        (_, 45009 | 45011) => Class::Quota,
        (_, 40101 | 90011 | 90017 | 90018) => Class::Configuration,
        (Call::Pay | Call::Present, 90012) => Class::Duplicate,
        (Call::Pay, 90013) => Class::Refused,
        (Call::CancelPay, 90000 | 90015) => Class::Done,
        (Call::CancelPay, 90014) => Class::Refused,
        _ => Class::Unknown,
    }
}

/// The class of `errcode` as answered to `call` of the virtual payment 2.0 (`/wxa/game/*`).
///
/// Of cancelPay's list WeChat's page shows a part only. Uncertain, and taken to mean there what they mean in the
/// other lists: 90012 (this *refund's* number has been executed before), 90016, 90018. 90014 and 90015 are known from
/// the classic API only. WeChat also lists 90000 for pay and getBalance, where "order not found" says nothing.
pub fn classify_v2(call: Call, errcode: i32) -> Class {
    match (call, errcode) {
        (_, 0) => Class::Done,
        (_, 90010 | 90016) => Class::Session,
        (_, 40001 | 40014 | 42001) => Class::Token,
        (_, 45009 | 45011) => Class::Quota,
        (_, 40101 | 90011 | 90018) => Class::Configuration,
        // In none of the lists, but seen by developers.
        (Call::Pay | Call::GetBalance, 90017) => Class::Configuration,
        (Call::Pay | Call::Present | Call::CancelPay, 90012) => Class::Duplicate,
        (Call::Pay, 90013) => Class::Refused,
        (Call::CancelPay, 90000) => Class::Done,
        _ => Class::Unknown,
    }
}

/// The class of `errcode` as answered to `queryOrder` of the virtual payment 2.0. [`Class::Refused`]: WeChat knows no
/// such out_trade_no, or not yet.
pub fn classify_query_order(errcode: i32) -> Class {
    match errcode {
        0 => Class::Done,
        90010 | 90016 => Class::Session,
        40001 | 40014 | 42001 => Class::Token,
        45009 | 45011 => Class::Quota,
        40101 | 90011 | 90018 => Class::Configuration,
        90019 => Class::Refused,
        _ => Class::Unknown,
    }
}

/// The class of `errcode` as answered to `stable_token` or `token`. Nothing but time or a person mends a refusal.
pub fn classify_token(errcode: i32) -> Class {
    match errcode {
        0 => Class::Done,
        45009 | 45011 => Class::Quota,
        40001 | 40002 | 40013 | 40101 | 40125 | 40164 | 41002 | 41004 | 43002 | 43003 | 44002
        | 45035 | 47001 | 48001 | 48004 | 61004 => Class::Configuration,
        _ => Class::Unknown,
    }
}

/// The class of `errcode` as answered to `code2Session`. [`Class::Refused`]: this js_code will never do.
pub fn classify_login(errcode: i32) -> Class {
    match errcode {
        0 => Class::Done,
        40029 | 40163 | 40226 => Class::Refused,
        45009 | 45011 => Class::Quota,
        40001 | 40002 | 40013 | 40101 | 40125 | 40164 | 41002 | 41004 | 45035 | 48001 | 48004
        | 61004 => Class::Configuration,
        _ => Class::Unknown,
    }
}

/// The class of `errcode` as answered to `checksession` or `resetusersessionkey`. [`Class::Session`]: this
/// session_key is no longer the player's. [`Class::Refused`]: this openid will never do.
pub fn classify_session(errcode: i32) -> Class {
    match errcode {
        0 => Class::Done,
        87007 | 87009 => Class::Session,
        40001 | 40014 | 42001 => Class::Token,
        45009 | 45011 => Class::Quota,
        40003 => Class::Refused,
        40013 | 40101 | 40164 | 41001 | 43003 | 45035 | 48001 | 48004 | 61004 | 87008 => {
            Class::Configuration
        }
        _ => Class::Unknown,
    }
}

/// What `errcode`, answered to `call`, means and what to do about it.
pub fn help(call: Call, errcode: i32) -> Help {
    super::help::of_payment(call, errcode, classify(call, errcode))
}

/// What `errcode`, answered to `call` of the virtual payment 2.0, means and what to do about it.
pub fn help_v2(call: Call, errcode: i32) -> Help {
    super::help::of_payment_v2(call, errcode, classify_v2(call, errcode))
}

/// What `errcode`, answered to `queryOrder` of the virtual payment 2.0, means and what to do about it.
pub fn help_query_order(errcode: i32) -> Help {
    super::help::of_query_order(errcode, classify_query_order(errcode))
}

/// What `errcode`, answered to `stable_token` or `token`, means and what to do about it.
pub fn help_token(errcode: i32) -> Help {
    super::help::of_credential(errcode, classify_token(errcode))
}

/// What `errcode`, answered to `code2Session`, means and what to do about it.
pub fn help_login(errcode: i32) -> Help {
    super::help::of_credential(errcode, classify_login(errcode))
}

/// What `errcode`, answered to `checksession` or `resetusersessionkey`, means and what to do about it.
pub fn help_session(errcode: i32) -> Help {
    super::help::of_session(errcode, classify_session(errcode))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns: pay, cancelPay, getBalance, present.
    const CALLS: [Call; 4] = [Call::Pay, Call::CancelPay, Call::GetBalance, Call::Present];

    #[test]
    fn every_code_means_for_each_call_what_the_table_says() {
        use Class::*;
        let table: [(i32, [Class; 4]); 19] = [
            (0, [Done, Done, Done, Done]),
            (-1, [Unknown, Unknown, Unknown, Unknown]),
            (40001, [Token, Token, Token, Token]),
            (40014, [Token, Token, Token, Token]),
            (42001, [Token, Token, Token, Token]),
            (45009, [Quota, Quota, Quota, Quota]),
            (45011, [Quota, Quota, Quota, Quota]),
            (
                40101,
                [Configuration, Configuration, Configuration, Configuration],
            ),
            (90000, [Unknown, Done, Unknown, Unknown]),
            (90009, [Session, Session, Session, Session]),
            (90010, [Session, Session, Session, Session]),
            (
                90011,
                [Configuration, Configuration, Configuration, Configuration],
            ),
            (90012, [Duplicate, Unknown, Unknown, Duplicate]),
            (90013, [Refused, Unknown, Unknown, Unknown]),
            (90014, [Unknown, Refused, Unknown, Unknown]),
            (90015, [Unknown, Done, Unknown, Unknown]),
            (90016, [Unknown, Unknown, Unknown, Unknown]),
            (
                90017,
                [Configuration, Configuration, Configuration, Configuration],
            ),
            (
                90018,
                [Configuration, Configuration, Configuration, Configuration],
            ),
        ];
        for (errcode, classes) in table {
            assert_eq!(
                CALLS.map(|call| classify(call, errcode)),
                classes,
                "{errcode}"
            );
        }
        for errcode in (-1000..100_000).chain([i32::MIN, i32::MAX]) {
            if table.iter().all(|(listed, _)| *listed != errcode) {
                assert_eq!(
                    CALLS.map(|call| classify(call, errcode)),
                    [Unknown; 4],
                    "{errcode}"
                );
            }
        }
    }

    #[test]
    fn every_code_of_the_virtual_payment_means_for_each_call_what_its_own_table_says() {
        use Class::*;
        // The last column is queryOrder.
        let table: [(i32, [Class; 5]); 18] = [
            (0, [Done; 5]),
            (-1, [Unknown; 5]),
            (40001, [Token; 5]),
            (40014, [Token; 5]),
            (42001, [Token; 5]),
            (45009, [Quota; 5]),
            (45011, [Quota; 5]),
            (40101, [Configuration; 5]),
            (90000, [Unknown, Done, Unknown, Unknown, Unknown]),
            (90009, [Unknown; 5]),
            (90010, [Session; 5]),
            (90011, [Configuration; 5]),
            (90012, [Duplicate, Duplicate, Unknown, Duplicate, Unknown]),
            (90013, [Refused, Unknown, Unknown, Unknown, Unknown]),
            (90016, [Session; 5]),
            (
                90017,
                [Configuration, Unknown, Configuration, Unknown, Unknown],
            ),
            (90018, [Configuration; 5]),
            (90019, [Unknown, Unknown, Unknown, Unknown, Refused]),
        ];
        for errcode in (-1000..100_000).chain([i32::MIN, i32::MAX]) {
            let [pay, cancel_pay, get_balance, present] =
                CALLS.map(|call| classify_v2(call, errcode));
            let told = [
                pay,
                cancel_pay,
                get_balance,
                present,
                classify_query_order(errcode),
            ];
            let listed = table.iter().find(|(code, _)| *code == errcode);
            assert_eq!(
                told,
                listed.map_or([Unknown; 5], |(_, classes)| *classes),
                "{errcode}"
            );
        }
    }

    #[test]
    fn a_credential_code_tells_person_code_or_patience() {
        for errcode in [
            40001, 40013, 40125, 40164, 61004, 45035, 41002, 41004, 48001,
        ] {
            assert_eq!(classify_token(errcode), Class::Configuration, "{errcode}");
            assert_eq!(classify_login(errcode), Class::Configuration, "{errcode}");
        }
        for errcode in [45009, 45011] {
            assert_eq!(
                (classify_token(errcode), classify_login(errcode)),
                (Class::Quota, Class::Quota)
            );
        }
        for errcode in [40029, 40163, 40226] {
            assert_eq!(
                (classify_token(errcode), classify_login(errcode)),
                (Class::Unknown, Class::Refused)
            );
        }
        for errcode in [-1, 1, 48017, 99999] {
            assert_eq!(
                (classify_token(errcode), classify_login(errcode)),
                (Class::Unknown, Class::Unknown)
            );
        }
    }

    #[test]
    fn a_code_about_a_session_tells_the_key_from_the_token_and_the_set_up() {
        use Class::*;
        let table = [
            (Done, &[0][..]),
            (Session, &[87007, 87009]),
            (Token, &[40001, 40014, 42001]),
            (Quota, &[45009, 45011]),
            (Refused, &[40003]),
            (
                Configuration,
                &[
                    40013, 40101, 40164, 41001, 43003, 45035, 48001, 48004, 61004, 87008,
                ],
            ),
        ];
        let expected = |errcode: i32| {
            let listed = table.iter().find(|(_, codes)| codes.contains(&errcode));
            listed.map_or(Unknown, |(class, _)| *class)
        };
        for errcode in (-1000..100_000).chain([i32::MIN, i32::MAX]) {
            assert_eq!(classify_session(errcode), expected(errcode), "{errcode}");
        }
    }
}
