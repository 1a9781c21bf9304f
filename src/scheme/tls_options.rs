//! The TLS options of each kind, as its clients document them. To support another one, add a row.

use crate::text::{is_all, is_separator};
use crate::tls::Tls;

/// One TLS option.
pub(crate) struct TlsOption {
    /// In lower case. A name without separators also matches spellings with separators: `sslmode` matches `sslMode`,
    /// `ssl-mode` and `SSL Mode`.
    pub(crate) name: &'static str,
    pub(crate) meaning: TlsMeaning,
}

impl TlsOption {
    /// Returns whether these are the bytes of a spelling of the name, which is in lower case: in any case and, if the name has
    /// no separators, with any separators.
    pub(crate) fn is_spelled(&self, bytes: impl Iterator<Item = u8>) -> bool {
        let keeps_separators = !is_all(self.name, |byte| !is_separator(byte));
        let mut name = self.name.bytes();
        for byte in bytes {
            let is_skipped = !keeps_separators && is_separator(byte);
            if !is_skipped && name.next() != Some(byte.to_ascii_lowercase()) {
                return false;
            }
        }
        name.next().is_none()
    }
}

/// How the value of an option is read.
pub(crate) enum TlsMeaning {
    Words(Words),
    /// Words, or JSON as Node's MySQL client takes it.
    WordsOrJson(Words),
    /// Words, which mean something else in JDBC's URLs.
    Jdbc {
        jdbc: Words,
        other: Words,
    },
    /// The versions of TLS to offer.
    Versions,
    /// A file of authorities, with the level that naming one asks for.
    Roots(Tls),
    /// A file with the client's certificate.
    Certificate,
    /// A file with the key of that certificate.
    Key,
    /// Anything that does not affect how the server's certificate is verified.
    Detail,
}

/// The meaning of an option's values, in any case. Any other value is unknown.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    pub(crate) words: &'static [(&'static str, Demand)],
    /// For the spellings of yes.
    pub(crate) yes: Option<Demand>,
    /// For the spellings of no.
    pub(crate) no: Option<Demand>,
}

/// The demand of an option: a level, and the levels that other options may ask for in addition.
#[derive(Clone, Copy)]
pub(crate) struct Demand {
    pub(crate) least: Tls,
    pub(crate) level: Tls,
    pub(crate) most: Tls,
    /// The level if another option, or the scheme, asks for TLS.
    pub(crate) beside_tls: Tls,
}

impl Demand {
    pub(crate) const NOTHING: Self = Self::at_most(Tls::Verified);
    /// The full check, if TLS is asked for elsewhere.
    const CHECK: Self = Self {
        beside_tls: Tls::Verified,
        ..Self::NOTHING
    };
    pub(crate) const OFF: Self = Self::exactly(Tls::Off);

    /// This level, and no other.
    pub(crate) const fn exactly(level: Tls) -> Self {
        Self {
            least: level,
            level,
            most: level,
            beside_tls: Tls::Unspecified,
        }
    }

    /// TLS; another option may ask for more of a check, or for less.
    pub(crate) const fn on(level: Tls) -> Self {
        Self {
            least: Tls::Unverified,
            level,
            ..Self::NOTHING
        }
    }

    /// TLS, and this check at least.
    pub(crate) const fn at_least(level: Tls) -> Self {
        Self {
            least: level,
            level,
            ..Self::NOTHING
        }
    }

    /// TLS is asked for elsewhere, and not more of a check than this.
    const fn at_most(most: Tls) -> Self {
        Self {
            least: Tls::Unspecified,
            level: Tls::Unspecified,
            most,
            beside_tls: Tls::Unspecified,
        }
    }
}

type ValueDemand = (&'static str, Demand);

const fn option(name: &'static str, meaning: TlsMeaning) -> TlsOption {
    TlsOption { name, meaning }
}

/// An option with these words as values, and no others.
const fn one_of(name: &'static str, values: &'static [ValueDemand]) -> TlsOption {
    words(name, values, None, None)
}

const fn words(
    name: &'static str,
    words: &'static [ValueDemand],
    yes: Option<Demand>,
    no: Option<Demand>,
) -> TlsOption {
    option(name, TlsMeaning::Words(Words { words, yes, no }))
}

/// A mode: one word out of several, or a no.
const fn mode(name: &'static str, modes: &'static [ValueDemand]) -> TlsOption {
    words(name, modes, None, Some(Demand::OFF))
}

/// A yes or a no.
const fn flag(name: &'static str, yes: Demand, no: Demand) -> TlsOption {
    words(name, &[], Some(yes), Some(no))
}

/// Turns TLS on or off.
const fn switch(name: &'static str, yes: Tls) -> TlsOption {
    flag(name, Demand::on(yes), Demand::OFF)
}

/// Turns TLS on; a no leaves it to others.
const fn demands(name: &'static str, yes: Tls) -> TlsOption {
    flag(name, Demand::on(yes), Demand::NOTHING)
}

/// Checks certificates, or does not.
const fn checks(name: &'static str, yes: Demand, no: Tls) -> TlsOption {
    flag(name, yes, Demand::at_most(no))
}

/// Takes away from the check.
const fn weakens(name: &'static str, yes: Tls) -> TlsOption {
    flag(name, Demand::at_most(yes), Demand::NOTHING)
}

const fn roots(name: &'static str, level: Tls) -> TlsOption {
    option(name, TlsMeaning::Roots(level))
}

const fn certificate(name: &'static str) -> TlsOption {
    option(name, TlsMeaning::Certificate)
}

const fn key(name: &'static str) -> TlsOption {
    option(name, TlsMeaning::Key)
}

const fn detail(name: &'static str) -> TlsOption {
    option(name, TlsMeaning::Detail)
}

const fn versions(name: &'static str) -> TlsOption {
    option(name, TlsMeaning::Versions)
}

/// Encryption without a check, said in so many words.
const ANY_CERTIFICATE: Demand = Demand::exactly(Tls::Unverified);
/// TLS with a check, which another option may turn off.
const VERIFIED: Demand = Demand::on(Tls::Verified);
/// TLS, to which another option may add a check.
const ENCRYPTED: Demand = Demand::on(Tls::Unverified);
/// No check, whether or not there is TLS.
const UNCHECKED: Demand = Demand::at_most(Tls::Unverified);
const OPPORTUNISTIC: Demand = Demand::exactly(Tls::Preferred);
const CA_ONLY: Demand = Demand::at_least(Tls::VerifiedCa);
const FULL: Demand = Demand::at_least(Tls::Verified);

/// Prisma's.
const SSLACCEPT: TlsOption = one_of(
    "sslaccept",
    &[
        ("strict", VERIFIED),
        (
            "accept_invalid_certs",
            Demand {
                level: Tls::Unverified,
                ..UNCHECKED
            },
        ),
    ],
);

/// Python's `ssl.CERT_…`, in the spellings of its clients.
const CERT_REQS: &[ValueDemand] = &[
    ("none", UNCHECKED),
    ("cert_none", UNCHECKED),
    ("optional", CERT_REQUIRED),
    ("cert_optional", CERT_REQUIRED),
    ("required", CERT_REQUIRED),
    ("cert_required", CERT_REQUIRED),
];

const CERT_REQUIRED: Demand = Demand {
    level: Tls::Verified,
    ..CA_ONLY
};

/// The words of MySQL's `--ssl-mode`, MariaDB's Java client and MySqlConnector. Applications have PostgreSQL's `require`, and
/// Go's `skip-verify`, for MySQL as well.
const MYSQL_MODES: &[ValueDemand] = &[
    ("disable", Demand::OFF),
    ("disabled", Demand::OFF),
    ("none", Demand::OFF),
    ("preferred", OPPORTUNISTIC),
    ("required", ENCRYPTED),
    ("require", ENCRYPTED),
    ("trust", ANY_CERTIFICATE),
    ("skip-verify", ANY_CERTIFICATE),
    ("verify_ca", CA_ONLY),
    ("verify-ca", CA_ONLY),
    ("verifyca", CA_ONLY),
    ("verify_identity", FULL),
    ("verify-full", FULL),
    ("verifyfull", FULL),
];

pub(super) const MYSQL: &[TlsOption] = &[
    mode("sslmode", MYSQL_MODES),
    // mysql_async's; Connector/J has the same word with another meaning.
    switch("require_ssl", Tls::Verified),
    demands("requiressl", Tls::Unverified),
    switch("usessl", Tls::Unverified),
    checks("verifyservercertificate", CA_ONLY, Tls::Unverified),
    weakens("trustservercertificate", Tls::Unverified),
    weakens("disablesslhostnameverification", Tls::VerifiedCa),
    SSLACCEPT,
    option(
        "ssl",
        TlsMeaning::WordsOrJson(Words {
            // A profile of Node's client: Amazon's authorities.
            words: &[("amazon rds", VERIFIED)],
            yes: Some(VERIFIED),
            no: Some(Demand::OFF),
        }),
    ),
    // Go's.
    words(
        "tls",
        &[("skip-verify", ANY_CERTIFICATE), ("preferred", OPPORTUNISTIC)],
        Some(VERIFIED),
        Some(Demand::OFF),
    ),
    flag(
        "allowfallbacktoplaintext",
        Demand::at_most(Tls::Preferred),
        Demand::NOTHING,
    ),
    // mysql_async's.
    checks("verify_ca", CA_ONLY, Tls::Unverified),
    checks("verify_identity", FULL, Tls::VerifiedCa),
    // Python's.
    checks("sslverifycert", CA_ONLY, Tls::Unverified),
    checks("sslverifyidentity", FULL, Tls::VerifiedCa),
    // MariaDB's and Ruby's.
    checks("sslverifyservercert", FULL, Tls::Unverified),
    checks("sslverify", FULL, Tls::Unverified),
    roots("sslca", Tls::VerifiedCa),
    roots("serversslcert", Tls::VerifiedCa),
    detail("sslcapath"),
    detail("trustcertificatekeystoreurl"),
    detail("trustcertificatekeystoretype"),
    detail("trustcertificatekeystorepassword"),
    detail("clientcertificatekeystoreurl"),
    detail("clientcertificatekeystoretype"),
    detail("clientcertificatekeystorepassword"),
    // mysql_async's.
    detail("built_in_roots"),
];

/// The words of libpq's `sslmode`, Node's client and Npgsql.
const POSTGRES_MODES: &[ValueDemand] = &[
    ("disable", Demand::OFF),
    ("allow", OPPORTUNISTIC),
    ("prefer", OPPORTUNISTIC),
    ("require", ENCRYPTED),
    ("no-verify", ANY_CERTIFICATE),
    ("verify-ca", CA_ONLY),
    ("verifyca", CA_ONLY),
    ("verify-full", FULL),
    ("verifyfull", FULL),
];

pub(super) const POSTGRES: &[TlsOption] = &[
    mode("sslmode", POSTGRES_MODES),
    option(
        "ssl",
        TlsMeaning::Jdbc {
            // PgJDBC reads it as `verify-full`, libpq as `require`, asyncpg as a mode.
            jdbc: Words {
                words: POSTGRES_MODES,
                yes: Some(VERIFIED),
                no: Some(Demand::OFF),
            },
            other: Words {
                words: POSTGRES_MODES,
                yes: Some(ENCRYPTED),
                no: Some(Demand::OFF),
            },
        },
    ),
    // libpq's of old.
    demands("requiressl", Tls::Unverified),
    SSLACCEPT,
    weakens("trustservercertificate", Tls::Unverified),
    // libpq's. Encryption by GSSAPI is nothing that the drivers can do, so `require` must not be dropped.
    one_of(
        "gssencmode",
        &[("disable", Demand::NOTHING), ("prefer", Demand::NOTHING)],
    ),
    // Says how Node's client reads `sslmode`; here it is read as libpq reads it.
    flag("uselibpqcompat", Demand::NOTHING, Demand::NOTHING),
    // PgJDBC's.
    one_of(
        "sslfactory",
        &[
            ("org.postgresql.ssl.nonvalidatingfactory", UNCHECKED),
            ("org.postgresql.ssl.defaultjavasslfactory", Demand::NOTHING),
            ("org.postgresql.ssl.libpqfactory", Demand::NOTHING),
        ],
    ),
    roots("sslrootcert", Tls::VerifiedCa),
    roots("sslca", Tls::VerifiedCa),
    roots("rootcertificate", Tls::VerifiedCa),
];

pub(super) const MONGO: &[TlsOption] = &[
    weakens("tlsallowinvalidhostnames", Tls::VerifiedCa),
    weakens("tlsallowinvalidcertificates", Tls::Unverified),
    weakens("tlsinsecure", Tls::Unverified),
    // Those of Java's, C#'s and Node's clients, from before the specification.
    weakens("sslinvalidhostnameallowed", Tls::VerifiedCa),
    checks("sslmatchhostname", Demand::CHECK, Tls::VerifiedCa),
    checks("sslverifycertificate", Demand::CHECK, Tls::Unverified),
    checks("sslvalidate", Demand::CHECK, Tls::Unverified),
    certificate("tlscertificatekeyfile"),
    detail("tlscertificatekeyfilepassword"),
    detail("tlsdisableocspendpointcheck"),
    detail("tlsdisablecertificaterevocationcheck"),
];

/// The Rust client's.
pub(super) const MEMCACHE: &[TlsOption] = &[
    one_of("verifymode", &[("none", UNCHECKED), ("peer", CERT_REQUIRED)]),
    roots("capath", Tls::Verified),
    certificate("certpath"),
    key("keypath"),
];

/// RabbitMQ's URI Query Parameters.
pub(super) const AMQP: &[TlsOption] = &[
    words(
        "verify",
        &[("verify_none", UNCHECKED), ("verify_peer", CERT_REQUIRED)],
        Some(CERT_REQUIRED),
        Some(UNCHECKED),
    ),
    one_of(
        "servernameindication",
        &[("disable", Demand::at_most(Tls::VerifiedCa))],
    ),
];

/// librdkafka's and Java's.
pub(super) const KAFKA: &[TlsOption] = &[
    one_of(
        "securityprotocol",
        &[
            ("plaintext", Demand::OFF),
            ("sasl_plaintext", Demand::OFF),
            ("ssl", VERIFIED),
            ("sasl_ssl", VERIFIED),
        ],
    ),
    one_of(
        "sslendpointidentificationalgorithm",
        &[
            ("", Demand::at_most(Tls::VerifiedCa)),
            ("none", Demand::at_most(Tls::VerifiedCa)),
            ("https", Demand::NOTHING),
        ],
    ),
    checks("enablesslcertificateverification", Demand::CHECK, Tls::Unverified),
    roots("ssltruststorelocation", Tls::Verified),
    detail("ssltruststorepassword"),
    detail("ssltruststoretype"),
    certificate("sslkeystorelocation"),
    detail("sslkeystorepassword"),
    detail("sslkeystoretype"),
    detail("sslkeypassword"),
    versions("sslprotocol"),
    versions("sslenabledprotocols"),
    detail("sslprovider"),
    // PEM text in place of a file.
    roots("sslcapem", Tls::Verified),
    roots("ssltruststorecertificates", Tls::Verified),
    certificate("sslcertificatepem"),
    certificate("sslkeystorecertificatechain"),
    key("sslkeypem"),
    key("sslkeystorekey"),
];

pub(super) const CLICKHOUSE: &[TlsOption] = &[
    words(
        "sslmode",
        &[("strict", VERIFIED), ("none", UNCHECKED)],
        None,
        Some(Demand::OFF),
    ),
    // SQLAlchemy's.
    one_of(
        "protocol",
        &[
            ("https", VERIFIED),
            ("http", Demand::NOTHING),
            ("native", Demand::NOTHING),
        ],
    ),
];

pub(super) const LDAP: &[TlsOption] = &[one_of(
    "tlsreqcert",
    &[
        ("never", UNCHECKED),
        ("allow", UNCHECKED),
        ("try", Demand::NOTHING),
        ("demand", Demand::NOTHING),
        ("hard", Demand::NOTHING),
    ],
)];

pub(super) const SMTP: &[TlsOption] = &[
    // lettre's.
    words(
        "tls",
        &[("required", VERIFIED), ("opportunistic", OPPORTUNISTIC)],
        Some(VERIFIED),
        Some(Demand::OFF),
    ),
    // Node's; a no leaves it to STARTTLS. PHP's applications have the words.
    words(
        "secure",
        &[("ssl", VERIFIED), ("tls", VERIFIED), ("starttls", VERIFIED)],
        Some(VERIFIED),
        Some(Demand::NOTHING),
    ),
    flag("ignoretls", Demand::OFF, Demand::NOTHING),
    // Symfony's.
    flag("autotls", Demand::NOTHING, Demand::NOTHING),
    words(
        "encryption",
        &[
            ("ssl", VERIFIED),
            ("tls", VERIFIED),
            ("starttls", VERIFIED),
            // Laravel's: it is left to STARTTLS.
            ("null", Demand::NOTHING),
        ],
        None,
        Some(Demand::OFF),
    ),
    // Vaultwarden's.
    words(
        "security",
        &[
            ("starttls", VERIFIED),
            ("force_tls", VERIFIED),
            // Metabase's.
            ("ssl", VERIFIED),
            ("tls", VERIFIED),
        ],
        None,
        Some(Demand::OFF),
    ),
    // Quarkus's; a no leaves it to TLS from the beginning.
    words(
        "starttls",
        &[
            ("required", VERIFIED),
            ("optional", STARTTLS_IF_OFFERED),
            ("disabled", Demand::NOTHING),
        ],
        Some(VERIFIED),
        Some(Demand::NOTHING),
    ),
    // Dify's: STARTTLS in place of TLS from the beginning.
    flag("opportunistictls", STARTTLS_IF_OFFERED, Demand::NOTHING),
    // Rails's.
    words(
        "enablestarttls",
        &[
            ("auto", STARTTLS_IF_OFFERED),
            ("always", VERIFIED),
            ("never", Demand::NOTHING),
        ],
        Some(VERIFIED),
        Some(Demand::NOTHING),
    ),
    flag("enablestarttlsauto", STARTTLS_IF_OFFERED, Demand::NOTHING),
    // Grafana's.
    one_of(
        "starttlspolicy",
        &[
            ("opportunisticstarttls", STARTTLS_IF_OFFERED),
            ("mandatorystarttls", Demand::on(Tls::Verified)),
            ("nostarttls", Demand::NOTHING),
        ],
    ),
    one_of(
        "opensslverifymode",
        &[("none", UNCHECKED), ("peer", Demand::NOTHING)],
    ),
];

/// Another option may ask for more.
const STARTTLS_IF_OFFERED: Demand = Demand {
    level: Tls::Preferred,
    ..Demand::NOTHING
};

/// Those of ADO.NET, Go's client and Prisma.
pub(super) const SQLSERVER: &[TlsOption] = &[
    words(
        "encrypt",
        &[
            ("strict", FULL),
            ("mandatory", VERIFIED),
            ("optional", OPPORTUNISTIC),
            ("danger_plaintext", Demand::OFF),
        ],
        Some(VERIFIED),
        Some(Demand::OFF),
    ),
    weakens("trustservercertificate", Tls::Unverified),
    roots("trustservercertificateca", Tls::Verified),
    roots("certificate", Tls::Verified),
    detail("hostnameincertificate"),
];

/// Those of Ruby's and Perl's clients.
const OPENSSL_MODES: &[ValueDemand] = &[("none", UNCHECKED), ("peer", Demand::CHECK)];

/// Options of clients of any kind. A kind's specific rows precede them.
pub(super) const COMMON: &[TlsOption] = &[
    switch("tls", Tls::Verified),
    switch("ssl", Tls::Verified),
    switch("usetls", Tls::Verified),
    switch("usessl", Tls::Verified),
    switch("secure", Tls::Verified),
    demands("requiretls", Tls::Verified),
    demands("tlsrequired", Tls::Verified),
    demands("starttls", Tls::Verified),
    flag("ssldisabled", Demand::OFF, Demand::NOTHING),
    weakens("skipverify", Tls::Unverified),
    weakens("tlsskipverify", Tls::Unverified),
    weakens("insecureskipverify", Tls::Unverified),
    weakens("tlsinsecureskipverify", Tls::Unverified),
    weakens("skipsslverify", Tls::Unverified),
    weakens("skiptlsverify", Tls::Unverified),
    weakens("sslskipverify", Tls::Unverified),
    weakens("insecureskiptlsverify", Tls::Unverified),
    weakens("insecure", Tls::Unverified),
    weakens("tlsinsecure", Tls::Unverified),
    checks("verify", Demand::CHECK, Tls::Unverified),
    checks("verifyssl", Demand::CHECK, Tls::Unverified),
    checks("verifytls", Demand::CHECK, Tls::Unverified),
    checks("verifycerts", Demand::CHECK, Tls::Unverified),
    checks("verifypeer", Demand::CHECK, Tls::Unverified),
    checks("sslverify", Demand::CHECK, Tls::Unverified),
    checks("tlsverify", Demand::CHECK, Tls::Unverified),
    checks("rejectunauthorized", Demand::CHECK, Tls::Unverified),
    checks("sslrejectunauthorized", Demand::CHECK, Tls::Unverified),
    checks("tlsrejectunauthorized", Demand::CHECK, Tls::Unverified),
    checks("sslcheckhostname", Demand::CHECK, Tls::VerifiedCa),
    checks("tlscheckhostname", Demand::CHECK, Tls::VerifiedCa),
    words("sslcertreqs", CERT_REQS, None, Some(UNCHECKED)),
    words("tlsreqs", CERT_REQS, None, Some(UNCHECKED)),
    one_of("sslverifymode", OPENSSL_MODES),
    one_of("opensslverifymode", OPENSSL_MODES),
    roots("sslca", Tls::Verified),
    roots("sslcacert", Tls::Verified),
    roots("sslcacerts", Tls::Verified),
    roots("sslcafile", Tls::Verified),
    roots("sslcalocation", Tls::Verified),
    roots("sslrootcert", Tls::Verified),
    roots("tlsca", Tls::Verified),
    roots("tlscacert", Tls::Verified),
    roots("tlscafile", Tls::Verified),
    roots("cacertfile", Tls::Verified),
    certificate("sslcert"),
    certificate("sslcertfile"),
    certificate("sslcertificate"),
    certificate("sslcertificatelocation"),
    certificate("sslclientcert"),
    certificate("tlscert"),
    certificate("tlsclientcert"),
    key("sslkey"),
    key("sslclientkey"),
    key("sslkeyfile"),
    key("sslkeylocation"),
    key("tlskey"),
    key("tlsclientkey"),
    versions("enabledtlsprotocols"),
    versions("enabledsslprotocolsuites"),
    versions("sslminprotocolversion"),
    versions("sslminversion"),
    versions("sslversion"),
    versions("tlsmin"),
    versions("tlsversion"),
    versions("tlsversions"),
    detail("checkcertificaterevocation"),
    detail("enabledsslciphersuites"),
    detail("sslcadata"),
    detail("sslcapath"),
    detail("sslcertmode"),
    detail("sslcipher"),
    detail("sslciphers"),
    detail("sslcompression"),
    detail("sslcrl"),
    detail("sslcrldir"),
    detail("sslcrlpath"),
    detail("sslfactoryarg"),
    detail("sslhostnameverifier"),
    detail("sslidentity"),
    detail("sslmaxprotocolversion"),
    detail("sslnegotiation"),
    detail("sslpassword"),
    detail("sslpasswordcallback"),
    detail("sslresponsetimeout"),
    detail("sslsni"),
    detail("sslservername"),
    detail("tlsciphers"),
    detail("tlsciphersuites"),
    // The name in the certificate, where it is not that of the host.
    detail("tlsservername"),
];
