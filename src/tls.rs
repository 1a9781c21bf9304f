//! What a resource URL asks for in the way of TLS.

/// TLS as a resource URL asks for it: by its scheme (`rediss`, `amqps`, `kafka+ssl`), or by an option (`sslmode`,
/// `ssl-mode`, `useSSL`, `tls`).
///
/// "Asked for, and not verified" is a state of its own: `sslmode=require` encrypts, and lets anybody answer. So is "asked
/// for in words that are not known": [`Unknown`](Self::Unknown).
///
/// How several options of one URL are read together:
///
/// - An option may refine another. `ssl=true&sslmode=verify-full` is [`Verified`](Self::Verified), and
///   `rediss://…?ssl_cert_reqs=none` is [`Unverified`](Self::Unverified). Their order makes no difference.
/// - An option that is given twice under the same name counts the last time, as drivers have it.
/// - Options that contradict each other (`sslmode=verify-full&ssl=false`) are an error when the URL is handed to a driver.
///   Until then the strictest of them is reported.
/// - A file of authorities (`sslrootcert`, `ssl-ca`) asks for a check by them: alone, and beside TLS that is not verified.
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
    /// TLS, in words that are not known here: an option with a value or a name that no client documents. The hand-over to
    /// any driver is an error. It counts as required, and never as verified.
    Unknown,
    /// TLS, whoever answers: the certificate is not verified.
    Unverified,
    /// TLS, and the certificate must come from a trusted authority, for whatever name.
    VerifiedCa,
    /// TLS, and the certificate must come from a trusted authority, for this host.
    Verified,
}

impl Tls {
    /// Returns whether nothing may be sent but over TLS.
    ///
    /// ```
    /// # use config_vars::Tls;
    /// assert!(Tls::Unverified.is_required() && !Tls::Preferred.is_required());
    /// ```
    #[must_use]
    pub fn is_required(self) -> bool {
        self >= Self::Unknown
    }

    /// Returns whether the server must prove who it is.
    ///
    /// ```
    /// # use config_vars::Tls;
    /// assert!(Tls::Verified.is_verified() && !Tls::Unverified.is_verified());
    /// ```
    #[must_use]
    pub fn is_verified(self) -> bool {
        matches!(self, Self::VerifiedCa | Self::Verified)
    }

    /// Returns the name that reports use: `unspecified`, `off`, `preferred`, `unknown`, `unverified`, `verified-ca`,
    /// `verified`.
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
            Self::Unknown => "unknown",
            Self::Unverified => "unverified",
            Self::VerifiedCa => "verified-ca",
            Self::Verified => "verified",
        }
    }
}
