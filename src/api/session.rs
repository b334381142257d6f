//! Whether a session_key is still the player's, and a new one in its place: WeChat's pages "auth.checkSessionKey"
//! and "auth.ResetUserSessionKey".
//!
//! The key itself is never sent: it signs the empty text.

use super::login::{self, LoginAnswer};
use super::{Class, HttpRequest, check, errcode, read, write};
use crate::error::Result;
use crate::sign::login_state::signature;
use crate::sign::{Secret, hex_text};

/// What `checksession` was answered.
#[derive(Clone, Debug)]
pub enum CheckAnswer {
    /// The session_key is the player's newest.
    Valid,
    /// It no longer is: the player must log in again.
    Stale {
        /// WeChat's errcode.
        errcode: i32,
        /// WeChat's errmsg, at most 512 bytes.
        errmsg: String,
    },
    /// WeChat refused to tell.
    Refused {
        /// WeChat's errcode.
        errcode: i32,
        /// WeChat's errmsg, at most 512 bytes.
        errmsg: String,
        /// Token: with a new one. Refused: this openid will never do. Configuration: a person must mend it. Quota,
        /// Unknown: later.
        class: Class,
    },
    /// The answer says nothing for certain; asking again does no harm.
    Unreadable {
        /// What was seen, without a byte of it.
        seen: String,
    },
}

/// What `resetusersessionkey` was answered.
#[derive(Clone, Debug)]
pub enum ResetAnswer {
    /// The new session_key has taken the place of the old one, and ends when that would have ended.
    Session {
        /// The player, for this appid.
        openid: String,
        /// Signs `mp_sig`. Never leaves the server.
        session_key: Secret,
    },
    /// The old session_key is no longer the player's, so there is nothing to reset: the player must log in again.
    Stale {
        /// WeChat's errcode.
        errcode: i32,
        /// WeChat's errmsg, at most 512 bytes.
        errmsg: String,
    },
    /// WeChat refused. The old session_key stays, unless the class is Unknown: then it may be gone.
    Refused {
        /// WeChat's errcode.
        errcode: i32,
        /// WeChat's errmsg, at most 512 bytes.
        errmsg: String,
        /// Token: with a new one. Refused: this openid will never do. Configuration: a person must mend it. Quota,
        /// Unknown: later.
        class: Class,
    },
    /// The answer says nothing for certain: the old session_key may be gone, the new one unknown to us.
    Unreadable {
        /// What was seen, without a byte of it.
        seen: String,
    },
}

/// Asks whether `session_key` is still the one of `openid`.
pub fn build_check_session(
    access_token: &str,
    openid: &str,
    session_key: &Secret,
) -> Result<HttpRequest> {
    build("/wxa/checksession", access_token, openid, session_key)
}

/// Asks for a new session_key of `openid` in place of `session_key`. Not for everyday use: WeChat limits it, and it
/// makes no session live longer.
pub fn build_reset_session(
    access_token: &str,
    openid: &str,
    session_key: &Secret,
) -> Result<HttpRequest> {
    build(
        "/wxa/resetusersessionkey",
        access_token,
        openid,
        session_key,
    )
}

/// Reads the answer to [`build_check_session`].
pub fn parse_check_session(http_status: u16, body: &[u8]) -> CheckAnswer {
    let object = match read::read_object(http_status, body) {
        Ok(object) => object,
        Err(seen) => return CheckAnswer::Unreadable { seen },
    };
    let Some(errcode) = read::errcode_of(&object) else {
        return CheckAnswer::Unreadable {
            seen: "no errcode that is an integer".into(),
        };
    };
    let errmsg = read::errmsg_of(&object);
    match errcode::classify_session(errcode) {
        Class::Done => CheckAnswer::Valid,
        Class::Session => CheckAnswer::Stale { errcode, errmsg },
        class => CheckAnswer::Refused {
            errcode,
            errmsg,
            class,
        },
    }
}

/// Reads the answer to [`build_reset_session`]: in form that of `code2Session`, with codes of its own.
pub fn parse_reset_session(http_status: u16, body: &[u8]) -> ResetAnswer {
    match login::parse_login(http_status, body) {
        LoginAnswer::Session {
            openid,
            session_key,
            ..
        } => ResetAnswer::Session {
            openid,
            session_key,
        },
        LoginAnswer::Refused {
            errcode, errmsg, ..
        } => match errcode::classify_session(errcode) {
            Class::Session => ResetAnswer::Stale { errcode, errmsg },
            class => ResetAnswer::Refused {
                errcode,
                errmsg,
                class,
            },
        },
        LoginAnswer::Unreadable { seen } => ResetAnswer::Unreadable { seen },
    }
}

fn build(
    path: &str,
    access_token: &str,
    openid: &str,
    session_key: &Secret,
) -> Result<HttpRequest> {
    check::access_token(access_token)?;
    check::id("openid", openid)?;
    check::session_key(session_key)?;
    let signature = signature(session_key, b"");
    Ok(HttpRequest {
        get: true,
        path_and_query: write::with_query(
            path,
            &[
                ("access_token", access_token),
                ("openid", openid),
                ("signature", hex_text(&signature)),
                ("sig_method", "hmac_sha256"),
            ],
        ),
        body: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENID: &str = "odkx20ENSNa2w5y3g_qOkOvBNM1g";
    const SESSION_KEY: &str = "o0q0otL8aEzpcZL/FT9WsQ==";
    const NEW_KEY: &str = "V7Q38/i2KXaqrQyl2Yx9Hg==";

    #[test]
    fn the_key_is_checked_and_reset_without_being_sent_and_every_value_is_encoded() {
        let (token, key) = ("T+o/k=n", Secret::new(SESSION_KEY));
        for (built, path) in [
            (
                build_check_session(token, OPENID, &key),
                "/wxa/checksession",
            ),
            (
                build_reset_session(token, OPENID, &key),
                "/wxa/resetusersessionkey",
            ),
        ] {
            let request = built.expect("all values are fine");
            assert!(request.get && request.body.is_empty());
            assert_eq!(
                request.path_and_query,
                format!(
                    "{path}?access_token=T%2Bo%2Fk%3Dn&openid={OPENID}&signature=\
                     46e043c5525c2d817c44be603d30837a808a1d930d038f6fdc3e62a201fed128&sig_method=hmac_sha256"
                )
            );
        }
    }

    #[test]
    fn values_that_cannot_be_right_are_refused_before_anything_is_built() {
        for (access_token, openid, session_key, field) in [
            ("", "o1", "AA==", "access_token"),
            ("T%2F", "o1", "AA==", "access_token"),
            ("T", "", "AA==", "openid"),
            ("T", "o 1", "AA==", "openid"),
            ("T", "o1", "", "session_key"),
            ("T", "o1", "A-A_", "session_key"),
        ] {
            for build in [build_check_session, build_reset_session] {
                let error = build(access_token, openid, &Secret::new(session_key))
                    .err()
                    .expect("a value is wrong");
                assert_eq!(error.field, field);
            }
        }
    }

    #[test]
    fn a_key_is_valid_with_errcode_0_only() {
        let parse = |body: &str| parse_check_session(200, body.as_bytes());
        assert!(matches!(
            parse(r#"{"errcode":0,"errmsg":"ok"}"#),
            CheckAnswer::Valid
        ));
        for body in ["{}", r#"{"errmsg":"ok"}"#, r#"{"errcode":"0"}"#] {
            assert!(
                matches!(parse(body), CheckAnswer::Unreadable { .. }),
                "{body}"
            );
        }
    }

    #[test]
    fn a_new_key_is_taken_and_never_shown() {
        let body = format!(
            "{{\"errcode\":0,\"errmsg\":\"ok\",\"openid\":\"{OPENID}\",\"session_key\":\"{NEW_KEY}\"}}"
        );
        let answer = parse_reset_session(200, body.as_bytes());
        assert!(!format!("{answer:?}").contains("V7Q38"));
        let ResetAnswer::Session {
            openid,
            session_key,
        } = answer
        else {
            panic!("the answer holds a session");
        };
        assert_eq!((openid.as_str(), session_key.as_str()), (OPENID, NEW_KEY));
    }

    #[test]
    fn a_stale_key_is_told_from_a_refusal_to_tell() {
        for code in [87009, 87007] {
            let body = format!("{{\"errcode\":{code},\"errmsg\":\"why rid: 1\"}}");
            let CheckAnswer::Stale { errcode, errmsg } = parse_check_session(200, body.as_bytes())
            else {
                panic!("{code} is a stale key");
            };
            assert_eq!((errcode, errmsg.as_str()), (code, "why rid: 1"));
            let ResetAnswer::Stale { errcode, errmsg } = parse_reset_session(200, body.as_bytes())
            else {
                panic!("{code} is a stale key");
            };
            assert_eq!((errcode, errmsg.as_str()), (code, "why rid: 1"));
        }
        for (code, expected) in [
            (40001, Class::Token),
            (42001, Class::Token),
            (40003, Class::Refused),
            (40013, Class::Configuration),
            (45011, Class::Quota),
            (-1, Class::Unknown),
            (40029, Class::Unknown),
        ] {
            let body = format!("{{\"errcode\":{code},\"errmsg\":\"why rid: 1\"}}");
            let CheckAnswer::Refused {
                errcode,
                errmsg,
                class,
            } = parse_check_session(200, body.as_bytes())
            else {
                panic!("{code} is a refusal");
            };
            assert_eq!(
                (errcode, errmsg.as_str(), class),
                (code, "why rid: 1", expected)
            );
            let ResetAnswer::Refused {
                errcode,
                errmsg,
                class,
            } = parse_reset_session(200, body.as_bytes())
            else {
                panic!("{code} is a refusal");
            };
            assert_eq!(
                (errcode, errmsg.as_str(), class),
                (code, "why rid: 1", expected)
            );
        }
    }

    #[test]
    fn half_an_answer_says_nothing() {
        let valid = br#"{"errcode":0,"errmsg":"ok"}"#;
        for end in 0..valid.len() {
            let answer = parse_check_session(200, &valid[..end]);
            assert!(matches!(answer, CheckAnswer::Unreadable { .. }), "{end}");
        }
        assert!(matches!(
            parse_check_session(502, valid),
            CheckAnswer::Unreadable { .. }
        ));

        let session =
            format!("{{\"errcode\":0,\"openid\":\"{OPENID}\",\"session_key\":\"{NEW_KEY}\"}}");
        for end in 0..session.len() {
            let answer = parse_reset_session(200, &session.as_bytes()[..end]);
            assert!(matches!(answer, ResetAnswer::Unreadable { .. }), "{end}");
        }
        for body in [
            "{}",
            r#"{"errcode":0,"errmsg":"ok"}"#,
            r#"{"errcode":"87009"}"#,
            r#"{"errcode":0,"openid":"o1"}"#,
            r#"{"errcode":0,"openid":"o1","session_key":"A A"}"#,
        ] {
            assert!(
                matches!(
                    parse_reset_session(200, body.as_bytes()),
                    ResetAnswer::Unreadable { .. }
                ),
                "{body}"
            );
        }
        assert!(matches!(
            parse_reset_session(502, session.as_bytes()),
            ResetAnswer::Unreadable { .. }
        ));
    }
}
