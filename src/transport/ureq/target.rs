//! Where requests go: the base URL and the proxy, checked when the transport is opened.
//!
//! No message here repeats what it refuses: both may hold a password.

use std::net::{IpAddr, Ipv6Addr};

use ::ureq::Proxy;
use ::ureq::http::Uri;
use ::ureq::http::uri::Authority;

use crate::error::{Error, Result};
use crate::transport::names::bare;

/// A base URL that has been checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) https: bool,
    pub(super) authority: Authority,
}

impl Target {
    pub(super) fn parse(base_url: &str) -> Result<Self> {
        let refuse = |message: &'static str| Err(Error::invalid("base_url", message));
        let Some((scheme, rest)) = base_url.split_once("://") else {
            return refuse(
                "must begin with https:// and name a host, like https://api.weixin.qq.com",
            );
        };
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return refuse("must begin with https://; no other scheme is spoken"),
        };
        if rest.contains('@') {
            return refuse(
                "must not hold a user name or password; take out what stands before the @",
            );
        }
        if rest.contains(['?', '#']) {
            return refuse("must not have a query or a fragment; end it after the host and port");
        }
        let host_and_port = rest.strip_suffix('/').unwrap_or(rest);
        if host_and_port.contains('/') {
            return refuse("must not have a path; end it after the host and port");
        }
        let Ok(authority) = host_and_port.parse::<Authority>() else {
            return refuse(
                "must name a host, and a port if it is not the usual one, like https://host:8443",
            );
        };
        let host = authority.host();
        let port_is_good = match authority.port_u16() {
            Some(port) => port > 0,
            None => authority.as_str() == host,
        };
        let host_is_good =
            !host.is_empty() && (!host.starts_with('[') || bare(host).parse::<Ipv6Addr>().is_ok());
        if !port_is_good || !host_is_good {
            return refuse("must name a host, and after a colon a port from 1 to 65535");
        }
        if !https && !is_loopback(host) {
            return refuse(
                "may be plain http:// on loopback only (127.0.0.1, [::1], localhost); use https://",
            );
        }
        Ok(Self { https, authority })
    }
}

/// Checks the proxy, and that there is a use for one.
pub(super) fn parse_proxy(proxy: &str, target: &Target) -> Result<Proxy> {
    let refuse = |message: &'static str| Err(Error::invalid("proxy", message));
    if !target.https {
        return refuse(
            "cannot be used with a plain http:// base_url, which must not leave this machine",
        );
    }
    let Ok(uri) = proxy.parse::<Uri>() else {
        return refuse(
            "must be http://host:port or http://user:password@host:port, special characters as %xx",
        );
    };
    if uri.scheme_str() != Some("http") {
        return refuse("must begin with http://; other kinds of proxy are not spoken");
    }
    if uri.port_u16().is_none_or(|port| port == 0) || uri.host().is_none_or(str::is_empty) {
        return refuse("must name host and port, like http://proxy.example:8080");
    }
    if uri.path() != "/" || uri.query().is_some() {
        return refuse("must end after the port");
    }
    Proxy::new(proxy)
        .or_else(|_| refuse("must have its user and password percent-encoded as UTF-8"))
}

/// Whether a base URL is good and names this machine.
pub fn names_loopback(base_url: &str) -> bool {
    Target::parse(base_url).is_ok_and(|target| is_loopback(target.authority.host()))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || bare(host)
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_plain_http_on_loopback_are_taken() {
        for good in [
            "https://api.weixin.qq.com",
            "https://api.weixin.qq.com/",
            "HTTPS://api2.weixin.qq.com:443",
            "https://[2001:db8::1]:8443",
            "https://127.0.0.1:1",
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:8080",
            "http://localhost:8080/",
        ] {
            assert!(Target::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn anything_else_is_refused_about_base_url_without_repeating_it() {
        for bad in [
            "api.weixin.qq.com",
            "ftp://api.weixin.qq.com",
            "https://",
            "https:///",
            "https://user:hunter2@api.weixin.qq.com",
            "https://api.weixin.qq.com/wxa",
            "https://api.weixin.qq.com//",
            "https://api.weixin.qq.com?token=hunter2",
            "https://api.weixin.qq.com#hunter2",
            "https://api.weixin.qq.com:",
            "https://api.weixin.qq.com:0",
            "https://api.weixin.qq.com:65536",
            "https://:443",
            "https://[hunter2]",
            "https://api.weixin.qq.com\r\nX: hunter2",
            "https:// api.weixin.qq.com",
            "http://api.weixin.qq.com",
            "http://10.0.0.1:8080",
            "http://127.0.0.1.example:8080",
            "http://localhost.example",
        ] {
            let error = Target::parse(bad).expect_err(bad);
            assert_eq!(error.field, "base_url", "{bad}");
            assert!(!error.message.contains("hunter2"), "{bad}");
        }
    }

    #[test]
    fn a_proxy_is_http_with_host_and_port() {
        let target = Target::parse("https://api.weixin.qq.com").unwrap();
        assert!(parse_proxy("http://proxy.example:3128", &target).is_ok());
        let proxy = parse_proxy("http://user:hunter%402@[::1]:3128/", &target).unwrap();
        assert_eq!(proxy.password(), Some("hunter@2"));
        for bad in [
            "",
            "proxy.example:3128",
            "https://proxy.example:3128",
            "socks5://proxy.example:1080",
            "http://user:hunter2@proxy.example",
            "http://user:hunter2@proxy.example:0",
            "http://user:hunter2@proxy.example:3128/path",
            "http://user:hunter2@proxy.example:3128?x",
            "http://user:hunter2%ff@proxy.example:3128",
        ] {
            let error = parse_proxy(bad, &target).expect_err(bad);
            assert_eq!(error.field, "proxy", "{bad}");
            assert!(!error.message.contains("hunter2"), "{bad}");
        }
        let plain = Target::parse("http://127.0.0.1:8080").unwrap();
        assert!(parse_proxy("http://proxy.example:3128", &plain).is_err());
    }
}
