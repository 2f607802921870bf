//! The upstream's base URL.

/// How Accuro is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS; for sandboxes on this machine.
    Http,
    /// With TLS.
    Https,
}

/// Scheme, authority and path prefix of Accuro.
///
/// Invariant: no user information, query or fragment; the prefix is empty or begins with `/` and
/// does not end with one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: Scheme,
    authority: String,
    host_len: usize,
    prefix: String,
}

impl BaseUrl {
    /// Reads `http(s)://host[:port][/prefix]`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uri: http::Uri = text.trim().parse().ok()?;
        let scheme = match uri.scheme_str()? {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        let authority = uri.authority()?;
        let plain =
            !authority.as_str().contains('@') && uri.query().is_none() && !text.contains('#');
        if !plain || authority.host().is_empty() {
            return None;
        }
        Some(Self {
            scheme,
            authority: authority.as_str().to_ascii_lowercase(),
            host_len: authority.host().len(),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// The scheme.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Host and port, as in a `Host` header.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The host alone.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.authority[..self.host_len]
    }

    /// Whether secrets may go there: it is TLS, or this machine.
    #[must_use]
    pub fn is_private(&self) -> bool {
        let loopback = ["127.0.0.1", "localhost", "[::1]", "::1"];
        self.scheme == Scheme::Https || loopback.contains(&self.host())
    }

    /// Scheme and authority, as people write them.
    #[must_use]
    pub fn origin(&self) -> String {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        format!("{scheme}://{}", self.authority)
    }

    /// What stands before every path.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.origin(), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_scheme_host_and_prefix() {
        let url = BaseUrl::parse("https://API.example:8443/accuro/").unwrap();
        assert_eq!(url.scheme(), Scheme::Https);
        assert_eq!(
            (url.authority(), url.host(), url.prefix()),
            ("api.example:8443", "api.example", "/accuro")
        );
        assert_eq!(url.origin(), "https://api.example:8443");
        assert_eq!(url.to_string(), "https://api.example:8443/accuro");
        for text in [
            "",
            "api.example",
            "ftp://x",
            "http://u:p@x",
            "http://x/?q=1",
            "http://x/#f",
            "http://",
        ] {
            assert_eq!(BaseUrl::parse(text), None, "{text}");
        }
    }
}
