//! [`Tls`]: the TLS mode that a resource URL requests.

/// The TLS mode that a resource URL requests, by its scheme (`rediss`, `amqps`, `kafka+ssl`), or by an option (`sslmode`,
/// `ssl-mode`, `useSSL`, `tls`).
///
/// "Encrypted, but not verified" is a separate mode: `sslmode=require` encrypts, and accepts any server. So is "requested with
/// an unknown value": [`Unknown`](Self::Unknown).
///
/// Several options of one URL are combined as follows:
///
/// - An option may refine another. `ssl=true&sslmode=verify-full` is [`Verified`](Self::Verified), and
///   `rediss://…?ssl_cert_reqs=none` is [`Unverified`](Self::Unverified). Their order makes no difference.
/// - As in drivers, the last of several options with the same name counts.
/// - Options that contradict each other (`sslmode=verify-full&ssl=false`) are an error when the URL is passed to a driver.
///   Until then, the strictest of them is reported.
/// - A file of certificate authorities (`sslrootcert`, `ssl-ca`) requests verification by them, on its own or in addition to
///   unverified TLS.
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
    /// The URL says nothing; the driver's default applies.
    Unspecified,
    /// No TLS.
    Off,
    /// TLS if the server offers it: no protection from an attacker in between.
    Preferred,
    /// TLS, by an option with a value or a name that no client documents. The hand-over to any driver is an error. It counts as
    /// required, and never as verified.
    Unknown,
    /// TLS with any server: the certificate is not verified.
    Unverified,
    /// TLS with a certificate of a trusted authority, for any name.
    VerifiedCa,
    /// TLS with a certificate of a trusted authority, for this host.
    Verified,
}

impl Tls {
    /// Returns whether TLS is required.
    ///
    /// ```
    /// # use config_vars::Tls;
    /// assert!(Tls::Unverified.is_required() && !Tls::Preferred.is_required());
    /// ```
    #[must_use]
    pub fn is_required(self) -> bool {
        self >= Self::Unknown
    }

    /// Returns whether the server's certificate is verified.
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
