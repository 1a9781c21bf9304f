//! The faults of a hand-over to a driver: what the URL asks for and the driver cannot do.
//!
//! A driver's own error is never passed on, because it quotes its input.

use super::error_kind::ErrorKind;
use super::faults_macro::faults;

faults! {
    /// A fault of a hand-over. The names of drivers and options are fixed in the program's text.
    #[allow(dead_code, reason = "each driver's feature uses some")]
    pub(crate) enum DriverFault;

    InvalidOption {
        TlsValue(usize) => ("has a TLS option with a value that is not known here, option {0}; correct it");
        TlsName(usize) => ("has an option that speaks of TLS under a name that is not known here, option {0}; write the driver's own, or remove it");
        TlsHidden(usize) => ("has an option that speaks of TLS in the text of another, option {0}; separate options with a `&`");
        TlsScheme(&'static str) => ("has `{0}`, which contradicts the scheme; keep one");
        OptionValue {
        driver: &'static str,
        option: &'static str,
    } => ("gives `{option}` a value that {driver} does not take; correct it, or leave it out");
        CertificateWithoutKey => ("has only one of the client's certificate and its key; give both, or none");
    }

    InvalidHost {
        NoHost(&'static str) => ("is missing, and none is made up for {0}; write one");
        Dns => ("does not lead to servers by DNS; check the name, and that DNS answers");
    }

    UnreadableSource {
        CertificateFile => ("names a certificate or key file that cannot be read; mount a PEM file there, or correct the path");
    }

    NotForDriver {
        TlsPreferred(&'static str) => ("asks for TLS only where the server offers it, which {0} cannot do; ask for TLS in any case, or for none");
        TlsCaOnly(&'static str) => ("asks for TLS with a certificate for whatever name, which {0} cannot do; ask for full verification, or for none");
        TlsVersion(usize) => ("has an option for versions of TLS that drivers here cannot insist on, option {0}; remove it");
        TlsOnSocket => ("is a socket, on which nothing is encrypted, and the URL asks for TLS; write a host, or do not ask for TLS");
        NoTls(&'static str) => ("asks for TLS, which {0} does for `memcache+tls://` alone; write that scheme, or do not ask for TLS");
        Environment(&'static str) => ("is read by {0} from the environment, where the URL leaves it out; write it into the URL, or unset it");
        UnknownOption { driver: &'static str, position: usize } => ("has an option that {driver} does not take, option {position}; remove it");
        SingleHost(&'static str) => ("list is not for {0}, which takes one; write a single host");
        SocketPath(&'static str) => ("is a socket path that {0} cannot take; choose one of letters, digits and `/-._`");
        Credential(&'static str) => ("holds a character that {0} cannot send in this protocol; choose others, or leave out `protocol=ascii`");
        Refused(&'static str) => ("is refused by {0}, whose reason may quote it, and is not told; compare it with {0}'s documentation");
    }
}
