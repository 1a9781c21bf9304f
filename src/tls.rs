//! What a resource URL asks for in the way of TLS.

/// TLS as a resource URL asks for it: by its scheme (`rediss`, `amqps`, `kafka+ssl`), or by an option (`sslmode`,
/// `ssl-mode`, `useSSL`, `tls`).
///
/// "Asked for, and not verified" is a state of its own: `sslmode=require` encrypts, and lets anybody answer.
///
/// ```
/// use config_vars::{ResourceUrl, Tls};
///
/// let tls = |url: &str| url.parse::<ResourceUrl>().map(|url| url.tls());
/// assert_eq!(tls("rediss://cache.example")?, Tls::Verified);
/// assert_eq!(tls("postgres://db.example/shop?sslmode=require")?, Tls::Unverified);
/// assert_eq!(tls("postgres://db.example/shop?sslmode=disable")?, Tls::Off);
/// assert_eq!(tls("postgres://db.example/shop")?, Tls::Unspecified);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Tls {
    /// The URL says nothing; the driver's default holds.
    Unspecified,
    /// No TLS.
    Off,
    /// TLS if the server offers it: no protection from an attacker in between.
    Preferred,
    /// TLS, whoever answers: the certificate is not verified.
    Unverified,
    /// TLS, and the certificate must come from a trusted authority, for whatever name.
    VerifiedCa,
    /// TLS, and the certificate must come from a trusted authority, for this host.
    Verified,
}

impl Tls {
    /// Whether nothing is sent but over TLS.
    ///
    /// ```
    /// # use config_vars::Tls;
    /// assert!(Tls::Unverified.is_required() && !Tls::Preferred.is_required());
    /// ```
    #[must_use]
    pub fn is_required(self) -> bool {
        matches!(self, Self::Unverified | Self::VerifiedCa | Self::Verified)
    }

    /// Whether the server must prove who it is.
    ///
    /// ```
    /// # use config_vars::Tls;
    /// assert!(Tls::Verified.is_verified() && !Tls::Unverified.is_verified());
    /// ```
    #[must_use]
    pub fn is_verified(self) -> bool {
        matches!(self, Self::VerifiedCa | Self::Verified)
    }

    /// The name, as reports have it: `unspecified`, `off`, `preferred`, `unverified`, `verified-ca`, `verified`.
    ///
    /// ```
    /// # use config_vars::Tls;
    /// assert_eq!(Tls::VerifiedCa.as_str(), "verified-ca");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Off => "off",
            Self::Preferred => "preferred",
            Self::Unverified => "unverified",
            Self::VerifiedCa => "verified-ca",
            Self::Verified => "verified",
        }
    }
}
