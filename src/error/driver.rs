//! The faults of handing a resource over to a driver: what the URL asks for, and that driver cannot do.
//!
//! A driver's own error is never passed on, for it quotes what it was given.

use super::{Component, Error, ErrorKind, Fault};

/// A fault of a hand-over. The driver's name, and each option's, is fixed in the program's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(dead_code, reason = "each driver's feature has its own")]
pub(crate) enum DriverFault {
    #[error(
        "asks for TLS only where the server offers it, which {0} cannot do; ask for TLS in any case, or for none"
    )]
    TlsPreferred(&'static str),
    #[error(
        "asks for TLS with a certificate for whatever name, which {0} cannot do; ask for full verification, or for none"
    )]
    TlsCaOnly(&'static str),
    #[error("has a TLS option with a value that is not known here, option {0}; correct it")]
    TlsValue(usize),
    #[error(
        "has an option that speaks of TLS under a name that is not known here, option {0}; write the driver's own, or remove it"
    )]
    TlsName(usize),
    #[error("has an option for versions of TLS that drivers here cannot insist on, option {0}; remove it")]
    TlsVersion(usize),
    #[error("has `{0}`, which contradicts the scheme; keep one")]
    TlsScheme(&'static str),
    #[error(
        "is a socket, on which nothing is encrypted, and the URL asks for TLS; write a host, or do not ask for TLS"
    )]
    TlsOnSocket,
    #[error(
        "asks for TLS, which {0} does for `memcache+tls://` alone; write that scheme, or do not ask for TLS"
    )]
    NoTls(&'static str),
    #[error(
        "is read by {0} from the environment, where the URL leaves it out; write it into the URL, or unset it"
    )]
    Environment(&'static str),
    #[error("has an option that {driver} does not take, option {position}; remove it")]
    UnknownOption { driver: &'static str, position: usize },
    #[error("gives `{option}` a value that {driver} does not take; correct it, or leave it out")]
    OptionValue {
        driver: &'static str,
        option: &'static str,
    },
    #[error("list is not for {0}, which takes one; write a single host")]
    SingleHost(&'static str),
    #[error("is missing, and none is made up for {0}; write one")]
    NoHost(&'static str),
    #[error("is a socket path that {0} cannot take; choose one of letters, digits and `/-._`")]
    SocketPath(&'static str),
    #[error(
        "holds a character that {0} cannot send in this protocol; choose others, or leave out `protocol=ascii`"
    )]
    Credential(&'static str),
    #[error(
        "is refused by {0}, whose reason may quote it, and is not told; compare it with {0}'s documentation"
    )]
    Refused(&'static str),
    #[error("does not lead to servers by DNS; check the name, and that DNS answers")]
    Dns,
    #[error(
        "names a certificate or key file that cannot be read; mount a PEM file there, or correct the path"
    )]
    CertificateFile,
    #[error("has only one of the client's certificate and its key; give both, or none")]
    CertificateWithoutKey,
}

impl DriverFault {
    pub(super) fn kind(self) -> ErrorKind {
        match self {
            Self::TlsValue(_)
            | Self::TlsName(_)
            | Self::TlsScheme(_)
            | Self::OptionValue { .. }
            | Self::CertificateWithoutKey => ErrorKind::InvalidOption,
            Self::Dns | Self::NoHost(_) => ErrorKind::InvalidHost,
            Self::CertificateFile => ErrorKind::UnreadableSource,
            Self::TlsPreferred(_)
            | Self::TlsCaOnly(_)
            | Self::TlsVersion(_)
            | Self::TlsOnSocket
            | Self::NoTls(_)
            | Self::Environment(_)
            | Self::UnknownOption { .. }
            | Self::SingleHost(_)
            | Self::SocketPath(_)
            | Self::Credential(_)
            | Self::Refused(_) => ErrorKind::NotForDriver,
        }
    }

    pub(crate) fn at(self, component: Component) -> Error {
        Error::at(component, Fault::Driver(self))
    }
}
