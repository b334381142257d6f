//! The access_token of the app: WeChat's pages "getStableAccessToken" and "getAccessToken".
//!
//! | | answers |
//! |---|---|
//! | [`build_stable_token`] | the token there is, while it is valid |
//! | [`build_token`] | a new token each time; the old one ends some minutes later, for every server of the game |
//!
//! Tokens of the one do not end those of the other. `force_refresh` is never sent: it would kill the token that
//! every other server of the game is using.

use super::{Class, HttpRequest, check, errcode, read, write};
use crate::error::Result;
use crate::sign::Secret;

/// What `stable_token` or `token` was answered.
#[derive(Clone, Debug)]
pub enum TokenAnswer {
    /// The token, and for how long it lives.
    Token {
        /// Goes into the query of every call.
        access_token: Secret,
        /// Seconds from now.
        expires_in_s: i64,
    },
    /// WeChat refused.
    Refused {
        /// WeChat's errcode.
        errcode: i32,
        /// WeChat's errmsg, at most 512 bytes.
        errmsg: String,
        /// Configuration: a person must mend it. Quota, Unknown: later.
        class: Class,
    },
    /// The answer says nothing for certain; asking again does no harm.
    Unreadable {
        /// What was seen, without a byte of it.
        seen: String,
    },
}

/// Asks for the token of `appid`; while one is valid WeChat gives the same again.
pub fn build_stable_token(appid: &str, secret: &Secret) -> Result<HttpRequest> {
    check::id("appid", appid)?;
    check::credential("secret", secret.as_str(), check::CREDENTIAL_MAX)?;
    let mut body = Vec::with_capacity(512);
    for (name, value) in [
        ("grant_type", "client_credential"),
        ("appid", appid),
        ("secret", secret.as_str()),
    ] {
        write::json_name(&mut body, name);
        write::json_text(&mut body, value);
    }
    body.push(b'}');
    Ok(HttpRequest {
        get: false,
        path_and_query: "/cgi-bin/stable_token".into(),
        body,
    })
}

/// Asks for a new token of `appid`, the classic way. One holder only: whoever asks ends the token of all others.
pub fn build_token(appid: &str, secret: &Secret) -> Result<HttpRequest> {
    check::id("appid", appid)?;
    check::credential("secret", secret.as_str(), check::CREDENTIAL_MAX)?;
    Ok(HttpRequest {
        get: true,
        path_and_query: write::with_query(
            "/cgi-bin/token",
            &[
                ("grant_type", "client_credential"),
                ("appid", appid),
                ("secret", secret.as_str()),
            ],
        ),
        body: Vec::new(),
    })
}

/// Reads the answer to [`build_stable_token`] or [`build_token`].
pub fn parse_token(http_status: u16, body: &[u8]) -> TokenAnswer {
    let object = match read::read_object(http_status, body) {
        Ok(object) => object,
        Err(seen) => return TokenAnswer::Unreadable { seen },
    };
    if let Some(refusal) = read::refusal_of(&object) {
        return match refusal {
            Some(errcode) => TokenAnswer::Refused {
                errcode,
                errmsg: read::errmsg_of(&object),
                class: errcode::classify_token(errcode),
            },
            None => unreadable("an errcode that is not an integer"),
        };
    }
    let Some(access_token) = read::text_of(&object, "access_token") else {
        return unreadable("no access_token");
    };
    if check::access_token(access_token).is_err() {
        return unreadable("an access_token that cannot be one");
    }
    match read::amount_of(&object, "expires_in") {
        Some(expires_in_s @ 1..) => TokenAnswer::Token {
            access_token: Secret::new(access_token),
            expires_in_s,
        },
        _ => unreadable("no expires_in above 0"),
    }
}

fn unreadable(seen: &str) -> TokenAnswer {
    TokenAnswer::Unreadable { seen: seen.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_asked_for_without_force() {
        let request = build_stable_token("wx1234567", &Secret::new("s\"e\\cret"))
            .expect("all values are fine");
        assert!(!request.get);
        assert_eq!(request.path_and_query, "/cgi-bin/stable_token");
        assert_eq!(
            std::str::from_utf8(&request.body),
            Ok(r#"{"grant_type":"client_credential","appid":"wx1234567","secret":"s\"e\\cret"}"#)
        );
    }

    #[test]
    fn the_classic_token_is_asked_for_with_every_value_encoded() {
        let request = build_token("wx1234567", &Secret::new("s&c=t")).expect("all values are fine");
        assert!(request.get && request.body.is_empty());
        assert_eq!(
            request.path_and_query,
            "/cgi-bin/token?grant_type=client_credential&appid=wx1234567&secret=s%26c%3Dt"
        );
    }

    #[test]
    fn values_that_cannot_be_right_are_refused_before_anything_is_built() {
        for (appid, secret, field) in [
            ("", "s", "appid"),
            ("wx 1", "s", "appid"),
            ("wx1", "", "secret"),
            ("wx1", "s\n", "secret"),
        ] {
            for build in [build_stable_token, build_token] {
                let error = build(appid, &Secret::new(secret))
                    .err()
                    .expect("a value is wrong");
                assert_eq!(error.field, field);
            }
        }
    }

    #[test]
    fn a_token_is_taken_with_its_lifetime_and_never_shown() {
        let answer = parse_token(200, br#"{"access_token":"ACCESSTOKEN","expires_in":7200}"#);
        assert!(!format!("{answer:?}").contains("ACCESSTOKEN"));
        let TokenAnswer::Token {
            access_token,
            expires_in_s,
        } = answer
        else {
            panic!("the answer holds a token");
        };
        assert_eq!((access_token.as_str(), expires_in_s), ("ACCESSTOKEN", 7200));
    }

    #[test]
    fn a_refusal_keeps_code_and_text() {
        for (errcode, expected) in [
            (40164, Class::Configuration),
            (40013, Class::Configuration),
            (45011, Class::Quota),
            (-1, Class::Unknown),
        ] {
            let body = format!("{{\"errcode\":{errcode},\"errmsg\":\"why rid: 1\"}}");
            let TokenAnswer::Refused {
                errcode: told,
                errmsg,
                class,
            } = parse_token(200, body.as_bytes())
            else {
                panic!("{errcode} is a refusal");
            };
            assert_eq!(
                (told, errmsg.as_str(), class),
                (errcode, "why rid: 1", expected)
            );
        }
    }

    #[test]
    fn half_an_answer_is_no_token() {
        let good = br#"{"access_token":"ACCESSTOKEN","expires_in":7200}"#;
        for end in 0..good.len() {
            assert!(
                matches!(
                    parse_token(200, &good[..end]),
                    TokenAnswer::Unreadable { .. }
                ),
                "{end}"
            );
        }
        for body in [
            "{}",
            r#"{"errcode":0}"#,
            r#"{"errcode":"40013"}"#,
            r#"{"access_token":"","expires_in":7200}"#,
            r#"{"access_token":"A B","expires_in":7200}"#,
            r#"{"access_token":"A","expires_in":0}"#,
            r#"{"access_token":"A"}"#,
        ] {
            assert!(
                matches!(
                    parse_token(200, body.as_bytes()),
                    TokenAnswer::Unreadable { .. }
                ),
                "{body}"
            );
        }
        assert!(matches!(
            parse_token(500, good),
            TokenAnswer::Unreadable { .. }
        ));
    }
}
