//! js_code of `wx.login` → openid and session_key: WeChat's page "auth.code2Session".
//!
//! A js_code works once and for 5 minutes. After an answer that cannot be read it may be used up: ask the game
//! client for a new one instead of sending the same again.

use super::{Class, HttpRequest, check, errcode, read, write};
use crate::error::Result;
use crate::sign::Secret;

/// What `code2Session` was answered.
#[derive(Clone, Debug)]
pub enum LoginAnswer {
    /// The player is logged in.
    Session {
        /// The player, for this appid.
        openid: String,
        /// Signs `mp_sig`. Never leaves the server.
        session_key: Secret,
        /// The player over all apps of one owner, where bound.
        unionid: Option<String>,
    },
    /// WeChat refused.
    Refused {
        /// WeChat's errcode.
        errcode: i32,
        /// WeChat's errmsg, at most 512 bytes.
        errmsg: String,
        /// Refused: this js_code will never do. Configuration: a person must mend it. Quota, Unknown: later.
        class: Class,
    },
    /// The answer says nothing for certain.
    Unreadable {
        /// What was seen, without a byte of it.
        seen: String,
    },
}

/// Exchanges `js_code` for a session.
pub fn build_code2session(appid: &str, secret: &Secret, js_code: &str) -> Result<HttpRequest> {
    check::id("appid", appid)?;
    check::credential("secret", secret.as_str(), check::CREDENTIAL_MAX)?;
    check::credential("js_code", js_code, check::CREDENTIAL_MAX)?;
    Ok(HttpRequest {
        get: true,
        path_and_query: write::with_query(
            "/sns/jscode2session",
            &[
                ("appid", appid),
                ("secret", secret.as_str()),
                ("js_code", js_code),
                ("grant_type", "authorization_code"),
            ],
        ),
        body: Vec::new(),
    })
}

/// Reads the answer to [`build_code2session`].
pub fn parse_login(http_status: u16, body: &[u8]) -> LoginAnswer {
    let object = match read::read_object(http_status, body) {
        Ok(object) => object,
        Err(seen) => return LoginAnswer::Unreadable { seen },
    };
    if let Some(refusal) = read::refusal_of(&object) {
        return match refusal {
            Some(errcode) => LoginAnswer::Refused {
                errcode,
                errmsg: read::errmsg_of(&object),
                class: errcode::classify_login(errcode),
            },
            None => unreadable("an errcode that is not an integer"),
        };
    }
    let Some(openid) =
        read::text_of(&object, "openid").filter(|openid| check::id("openid", openid).is_ok())
    else {
        return unreadable("no openid, or one that cannot be one");
    };
    let session_key = read::text_of(&object, "session_key").map(Secret::new);
    let Some(session_key) = session_key.filter(|key| check::session_key(key).is_ok()) else {
        return unreadable("no session_key, or one that cannot be one");
    };
    LoginAnswer::Session {
        openid: openid.into(),
        session_key,
        unionid: read::text_of(&object, "unionid").map(Into::into),
    }
}

fn unreadable(seen: &str) -> LoginAnswer {
    LoginAnswer::Unreadable { seen: seen.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENID: &str = "odkx20ENSNa2w5y3g_qOkOvBNM1g";
    const SESSION_KEY: &str = "V7Q38/i2KXaqrQyl2Yx9Hg==";

    #[test]
    fn the_code_is_exchanged_with_every_value_encoded() {
        let request = build_code2session("wx1234567", &Secret::new("s&c=t"), "0a/b+c")
            .expect("all values are fine");
        assert!(request.get && request.body.is_empty());
        assert_eq!(
            request.path_and_query,
            "/sns/jscode2session?appid=wx1234567&secret=s%26c%3Dt&js_code=0a%2Fb%2Bc&grant_type=authorization_code"
        );
    }

    #[test]
    fn values_that_cannot_be_right_are_refused_before_anything_is_built() {
        for (appid, secret, js_code, field) in [
            ("", "s", "c", "appid"),
            ("wx1", "", "c", "secret"),
            ("wx1", "s", "", "js_code"),
            ("wx1", "s", "c d", "js_code"),
        ] {
            let error = build_code2session(appid, &Secret::new(secret), js_code)
                .err()
                .expect("a value is wrong");
            assert_eq!(error.field, field);
        }
    }

    #[test]
    fn a_session_is_taken_with_and_without_errcode_and_never_shown() {
        for body in [
            format!(
                "{{\"openid\":\"{OPENID}\",\"session_key\":\"{SESSION_KEY}\",\"unionid\":\"u1\"}}"
            ),
            format!(
                "{{\"errcode\":0,\"openid\":\"{OPENID}\",\"session_key\":\"{}\",\"unionid\":\"u1\"}}",
                SESSION_KEY.replace('/', "\\/")
            ),
        ] {
            let answer = parse_login(200, body.as_bytes());
            assert!(!format!("{answer:?}").contains("V7Q38"));
            let LoginAnswer::Session {
                openid,
                session_key,
                unionid,
            } = answer
            else {
                panic!("the answer holds a session");
            };
            assert_eq!(
                (openid.as_str(), session_key.as_str(), unionid.as_deref()),
                (OPENID, SESSION_KEY, Some("u1"))
            );
        }
    }

    #[test]
    fn a_refusal_tells_whether_the_code_the_set_up_or_the_moment_is_wrong() {
        for (errcode, expected) in [
            (40029, Class::Refused),
            (40163, Class::Refused),
            (40226, Class::Refused),
            (45011, Class::Quota),
            (40013, Class::Configuration),
            (-1, Class::Unknown),
        ] {
            let body = format!("{{\"errcode\":{errcode},\"errmsg\":\"why\"}}");
            let LoginAnswer::Refused {
                errcode: told,
                class,
                ..
            } = parse_login(200, body.as_bytes())
            else {
                panic!("{errcode} is a refusal");
            };
            assert_eq!((told, class), (errcode, expected));
        }
    }

    #[test]
    fn half_an_answer_is_no_session() {
        let good = format!("{{\"openid\":\"{OPENID}\",\"session_key\":\"{SESSION_KEY}\"}}");
        for end in 0..good.len() {
            let answer = parse_login(200, &good.as_bytes()[..end]);
            assert!(matches!(answer, LoginAnswer::Unreadable { .. }), "{end}");
        }
        for body in [
            "{}",
            r#"{"errcode":"40029"}"#,
            r#"{"openid":"o1"}"#,
            r#"{"session_key":"AA=="}"#,
            r#"{"openid":"o 1","session_key":"AA=="}"#,
            r#"{"openid":"o1","session_key":"A A"}"#,
        ] {
            assert!(
                matches!(
                    parse_login(200, body.as_bytes()),
                    LoginAnswer::Unreadable { .. }
                ),
                "{body}"
            );
        }
        assert!(matches!(
            parse_login(502, good.as_bytes()),
            LoginAnswer::Unreadable { .. }
        ));
    }
}
