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
    #[error("has a TLS option with a value that means nothing; correct it, for clients would not encrypt")]
    TlsValue,
    #[error("has an option that {driver} does not take, option {position}; remove it")]
    UnknownOption { driver: &'static str, position: usize },
    #[error("gives `{option}` a value that {driver} does not take; correct it, or leave it out")]
    OptionValue {
        driver: &'static str,
        option: &'static str,
    },
    #[error("list is not for {0}, which takes one; write a single host")]
    SingleHost(&'static str),
    #[error("is missing, and {0} makes none up; write one")]
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
    #[error("has only one of `sslcert` and `sslkey`; give both, or none")]
    CertificateWithoutKey,
}

impl DriverFault {
    pub(super) fn kind(self) -> ErrorKind {
        match self {
            Self::TlsValue | Self::OptionValue { .. } | Self::CertificateWithoutKey => {
                ErrorKind::InvalidOption
            }
            Self::Dns | Self::NoHost(_) => ErrorKind::InvalidHost,
            Self::CertificateFile => ErrorKind::UnreadableSource,
            Self::TlsPreferred(_)
            | Self::TlsCaOnly(_)
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
