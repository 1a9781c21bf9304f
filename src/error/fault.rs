//! The table of faults and their messages.

#[cfg(feature = "_drivers")]
use super::DriverFault;
#[cfg(feature = "sso")]
use super::Error;
use super::ErrorKind;
use crate::kind::Kind;
use std::fmt;

/// Every fault, with its message. The component stands before it: "the password" + "holds an unencoded `#`; …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("is not set; set it, or attach the add-on that provides it")]
    Missing,
    #[error(
        "the config var that was asked for is not set, and its name is not shown because it may be a value; ask for it by a name of letters, digits and `_`"
    )]
    MissingUnnamed,
    #[error("is not set; set it, or attach the add-on that provides it")]
    NotFound,
    #[error("is not set in the source that it has to come from")]
    Elsewhere,
    #[error("no {0} among the config vars; attach an add-on that provides one")]
    NoResource(Wanted),
    #[error("more than one {0}; ask for one of them by name")]
    SeveralResources(Wanted),
    #[error("line {0} of the env file has no `NAME=value`; write one, or a `#` before a comment")]
    NoAssignment(usize),
    #[error("line {0} of the env file opens a quote that nothing closes; close it")]
    OpenQuote(usize),
    #[error(
        "line {0} of the env file: something follows the closing quote; remove it, or put the whole value in single quotes"
    )]
    AfterQuote(usize),
    #[error("line {0} of the env file has an unquoted `;` in a value; put the value in single quotes")]
    UnquotedSemicolon(usize),
    #[error(
        "line {0} of the env file has a carriage return without a line feed; save the file with the line ends LF or CRLF"
    )]
    LoneCarriageReturn(usize),
    #[error("{0}")]
    Custom(&'static str),
    #[error("is not there; mount or write it, or correct the path")]
    NoFile,
    #[error("may not be read by this process; give its user the permission")]
    NoPermission,
    #[error("cannot be read: {0}")]
    Io(std::io::ErrorKind),
    #[error(
        "is no longer set, though other config vars that belong with it are; set it again, or remove them all. Until then the last good are in use"
    )]
    Vanished,
    #[error(
        "is no longer the resource that it was; set it again, or remove all config vars of its attachment. Until then the last good are in use"
    )]
    Unrecognised,
    #[error(
        "was written a moment ago, and not all others of its attachment were; they are waited for. Until then the last good are in use"
    )]
    HalfWritten,
    #[error(
        "a closure that makes what a `Live` holds called `reload` or `map` of that `Live`; it must work with what it is given"
    )]
    Reentrant,
    #[error(
        "the server refused the credentials of generation {0}, and they are not tried again for now, lest the account be locked; roll them, or mend the config var"
    )]
    Refused(u64),
    #[error("a closure of the app's own panicked")]
    Panicked,
    #[error("is no regular file; put one there, or correct the path")]
    NotAFile,
    #[error("is no folder; mount one there, or correct the path")]
    NotAFolder,
    #[error("is larger than {0} MiB, which no config var needs; correct the path, or move other files away")]
    TooLarge(u64),
    #[error("has more than {0} entries, which no app needs; correct the path, or move other files away")]
    TooManyEntries(usize),
    #[error("keeps changing while it is read; write anew beside it, and rename over the old")]
    Restless,
    #[error("is not UTF-8 text; write it again, as `NAME=value` lines")]
    FileNotText,
    #[error("is given by two entries; rename one of them")]
    TwoEntries,
    #[error("is set, and so is the same name with `_FILE`; unset one of them")]
    FileAndValue,
    #[error("is not set; {0}")]
    Unset(&'static str),
    #[cfg(feature = "cloudfoundry")]
    #[error("is not the JSON of bound services that Cloud Foundry writes; pass it on unchanged")]
    NotServices,
    #[cfg(feature = "cloudfoundry")]
    #[error("gives a key twice; keep one of them")]
    RepeatedKey,
    #[cfg(feature = "cloudfoundry")]
    #[error("has credentials nested deeper than {0} levels; give them flat")]
    TooDeep(usize),
    #[error("the watch could not start its thread: {0}")]
    NoThread(std::io::ErrorKind),
    #[error(
        "what the watch began {0} s ago has not returned: a read of the source, or a closure, callback or `Drop` of the app's; until it does, the watch reads nothing"
    )]
    WatchHangs(u64),
    #[cfg(feature = "notify")]
    #[error(
        "the source has no files or folders whose change could be watched; read it `Every` so long instead"
    )]
    NoPaths,
    #[cfg(feature = "notify")]
    #[error(
        "changes of files are not seen at once, for {0}; until that is mended, they are seen by the slow poll"
    )]
    NotWatching(Obstacle),
    #[cfg(all(unix, feature = "signal"))]
    #[error("the signal cannot be watched: {0}")]
    NoSignal(std::io::ErrorKind),
    #[error("{0} config vars have faults:")]
    Several(usize),
    #[error("is not a number that fits; write {0}")]
    NotANumber(&'static str),
    #[error("is neither yes nor no; write `true` or `false`")]
    NotABool,
    #[error("is not one character")]
    NotAChar,
    #[error("is not among the values that the app knows: {0}")]
    NotOneOf(Choices),
    #[error("cannot be read as what the app declares for it; compare the value with the app's documentation")]
    Unreadable,
    #[error("is not what the app expects")]
    Unexpected,
    #[error("is empty; remove the extra comma")]
    EmptyItem,
    #[error("is a list in brackets; write it without them and without quotes, as `a,b`")]
    BracketedList,
    #[error("is not a list of {0}; write {0}, with a comma between two")]
    ItemCount(usize),
    #[error("is declared as a structure, which one config var cannot hold")]
    NotPlain,
    #[error("is set under two names that the app takes for the same; unset one")]
    TwoNames,
    #[error("config vars can be extracted into a struct with named fields, and without `flatten`, alone")]
    NotAStruct,
    #[error("is set but empty; give it a value, or unset it")]
    Empty,
    #[error("is not valid UTF-8; set it again, as plain text")]
    NotUnicode,
    #[error("is PEM text without its `-----END` line; set all lines of it")]
    CutPem,
    #[error("is PEM text with `\\n` in place of its line breaks; set it with real line breaks")]
    EscapedPem,
    #[error("is PEM text without a line break after its label; set it with all its line breaks")]
    PemWithoutLines,
    #[error("has a name that is not valid UTF-8; set it again under a plain name")]
    NameNotUnicode,
    #[error("there is no kind of that name; write one such as `mysql`, `postgres` or `redis`")]
    UnknownKind,
    #[error("the scheme belongs to {0} URLs already; choose another for a kind of your own")]
    SchemeTaken(Kind),
    #[error("is {} {found} URL, expected {expected}", .found.article())]
    WrongKind { found: Kind, expected: Kind },
    #[error("is not known; expected `{0}://`")]
    UnknownScheme(&'static str),
    #[error("is not known; did you mean `{0}://`?")]
    MisspeltScheme(&'static str),
    #[error("has no scheme; it must start with one, such as `{0}://`")]
    MissingScheme(&'static str),
    #[error("has a scheme without `//`; write `{0}://`")]
    SchemeWithoutSlashes(&'static str),
    #[error(
        "does not start with a scheme; one is made of letters, digits, `+`, `-` and `.`, and ends in `://`"
    )]
    NotAScheme,
    #[error("is wrapped in quotes; remove them")]
    Quotes,
    #[error("is wrapped in typographic quotes; remove them")]
    TypographicQuotes,
    #[error("starts with {0}; remove it")]
    Leading(Blank),
    #[error("ends with {0}; remove it")]
    Trailing(Blank),
    #[error("is a reference to another config var that was not expanded; write the value itself")]
    Reference,
    #[error("is a placeholder; write the value that the add-on gave")]
    Placeholder,
    #[error("holds a `…`; it is a shortened copy, so set the whole value")]
    Shortened,
    #[error("holds {0}")]
    Unencoded(Raw),
    #[error("holds a `%` that starts no escape; write `%25`")]
    BadEscape,
    #[error("has escapes that are not UTF-8; encode it again, as UTF-8")]
    EscapeNotUtf8,
    #[error("is empty; write a host name after `@` or `//`")]
    EmptyHost,
    #[error("is empty; a socket path must be percent-encoded, as `%2Ftmp%2Fserver.sock`")]
    UnencodedSocket,
    #[error("is empty in one place of the list; remove the extra comma")]
    EmptyHostInList,
    #[error(
        "list has credentials for some servers only; write them before each, or `%2C` for a `,` in a password"
    )]
    MixedCredentials,
    #[error("list is separated by blanks; write commas between the servers")]
    BlanksInHostList,
    #[error("list has blanks beside its commas; separate the servers by commas alone")]
    BlanksAtCommas,
    #[error("list is separated by `;`; write commas between the servers")]
    SemicolonsInHostList,
    #[error("is a list of URLs; write a single {0} URL")]
    UrlList(Kind),
    #[error("is a list of URLs; write a single one that lists the hosts, as `{0}://host1,host2`")]
    UrlListOfHosts(&'static str),
    #[error(
        "is in the form `tcp(…)` or `unix(…)` of Go's driver; write what the parentheses contain, each `/` as `%2F`"
    )]
    GoAddress,
    #[error("contains a port, and the port is a config var of its own; write the host alone")]
    HostWithPort,
    #[error("must be empty with `{0}://`, and the path is the socket's, as `{0}:///run/server.sock`")]
    SocketScheme(&'static str),
    #[error("`#insecure` is for `rediss://`; write that scheme, or remove the fragment")]
    InsecureWithoutTls,
    #[error("is a command; it must start with a scheme, so write the URL in it alone, without quotes")]
    CommandWithUrl,
    #[error(
        "is a command; it must start with a scheme, so write a URL, such as `{0}://user:password@host/name`"
    )]
    Command(&'static str),
    #[error("list is not for {0} URLs; write a single host")]
    HostList(Kind),
    #[error("list is not for `{0}://`; write the one name that DNS resolves")]
    SrvHostList(&'static str),
    #[error("must be a name with `{0}://`, no address and no socket")]
    SrvNotAName(&'static str),
    #[error("has brackets that do not match; write an IPv6 address as `[::1]`")]
    UnbalancedBracket,
    #[error("in brackets is no IPv6 address; brackets are for those alone")]
    NotIpv6,
    #[error("is an IPv6 address without brackets; write it as `[::1]`")]
    BareIpv6,
    #[error("is followed by something that is neither `:` and a port nor `/`")]
    AfterBracket,
    #[error("looks like an IPv4 address but is none; write four numbers from 0 to 255")]
    NotIpv4,
    #[error("has an empty label; remove the extra dot")]
    EmptyLabel,
    #[error("is too long; a name has at most 253 characters, and 63 between dots")]
    HostTooLong,
    #[error("holds a blank; remove it")]
    BlankInHost,
    #[error("holds a character that no host name has; correct it, or percent-encode the password before it")]
    HostCharacter,
    #[error("is a socket path, which {article} {0} URL cannot have", article = .0.article())]
    SocketHost(Kind),
    #[error("is a socket path that does not end in `.sock`; MongoDB's sockets do")]
    SocketName,
    #[error("is empty; write a number after the `:`, or leave out the `:`")]
    EmptyPort,
    #[error("is not a number; write one from 1 to 65535")]
    PortNotANumber,
    #[error("is not a number; write one from 1 to 65535, or the `@` that is missing after a password")]
    PortOrPassword,
    #[error("list is not as long as the list of hosts; write one port for each, or one for all")]
    PortCount,
    #[error("is out of range; write a number from 1 to 65535")]
    PortOutOfRange,
    #[error("list has schemes that differ; write the same before each host")]
    SchemeInList,
    #[error("has `host`, and hosts stand after `//` as well; keep one")]
    HostTwice,
    #[error("says of TLS what is not known here; write `true`, `false`, or a mode of this kind's clients")]
    UnknownTls,
    #[error("begins with a scheme that is not for {0}; write the host alone, or `tls://` before it for TLS")]
    SchemeOfPart(Kind),
    #[error(
        "begins with a scheme that asks for TLS, and another config var asks for less; correct one of them"
    )]
    TlsOfPart,
    #[error("has `hostaddr`, which is no IP address; write one, or leave it out")]
    NotAnAddress,
    #[error("has `hostaddr` for another number of hosts; write one address for each")]
    AddressCount,
    #[error("names a socket by something that is no path; write one that starts with `/`, or leave it out")]
    NotASocket,
    #[error("is no number of a Redis database; write one from 0 on, as `/0`")]
    NotAnIndex,
    #[error("must not be given with `{0}://`; remove it, for DNS tells it")]
    SrvPort(&'static str),
    #[error("cannot be used with a socket; remove it")]
    SocketPort,
    #[error("must be empty in {article} {0} URL; remove it", article = .0.article())]
    NoPath(Kind),
    #[error("holds a character that {0} does not allow in one (`/`, `\\`, `\"`, `$` or a space)")]
    DatabaseCharacter(Kind),
    #[error(
        "holds an unencoded `;`, `&` or `=`; options begin after a `?`, and in a name these are `%3B`, `%26`, `%3D`"
    )]
    OptionsInName,
    #[error("holds a `;`, `&` or `=`; write the name of the database alone")]
    OptionsInPart,
    #[error(
        "has `;name=value` properties, a form of SQL Server's; write `{0}://user:password@host:1433/database?name=value`"
    )]
    PropertyForm(&'static str),
    #[error("has an option without `=`; write `name=value`")]
    OptionWithoutValue,
    #[error("has an option without a name; write `name=value`")]
    OptionWithoutName,
    #[error("gives the option `{0}` twice; keep one")]
    RepeatedOption(&'static str),
    #[error("has `{0}` and `{1}`, which contradict each other; keep one")]
    Conflict(&'static str, &'static str),
    #[error("has `{0}`, which needs `{1}`; add it")]
    Needs(&'static str, &'static str),
    #[error("has `{0}`, which takes a single host; this URL lists several")]
    SingleHost(&'static str),
    #[error("has `{0}`, which is for `mongodb+srv://` alone; remove it")]
    SrvOption(&'static str),
    #[error("has `{0}`, which is not for `mongodb+srv://`; remove it")]
    NotSrvOption(&'static str),
    #[error("has an empty `{0}`; give it a value, or leave it out")]
    EmptyOption(&'static str),
    #[error("is missing, and `authMechanism={0}` needs one")]
    MechanismNeeds(&'static str),
    #[error("is given, and `authMechanism={0}` takes none; remove it")]
    MechanismForbids(&'static str),
    #[error("has an `authSource` that `authMechanism={0}` does not allow; write `$external`")]
    MechanismSource(&'static str),
    #[error("is missing, and a DSN has the project's public key there; copy the whole DSN")]
    NoKey,
    #[error("is empty; write a user name before `@`, or leave out the `@`")]
    EmptyUsername,
    #[error("must be text that holds a resource URL")]
    NotText,
    #[cfg(feature = "figment")]
    #[error("is the handle of a config var whose provider is gone; keep the provider until this is read")]
    HandleWithoutSource,
    #[cfg(feature = "sso")]
    #[error("{0}")]
    SignOn(SignOn),
    #[cfg(feature = "_drivers")]
    #[error("{0}")]
    Driver(DriverFault),
}

impl Fault {
    /// The fault of a list of hosts that contains blanks.
    pub(crate) fn of_blanks_in_list(list: &str) -> Self {
        match list.contains(',') {
            true => Self::BlanksAtCommas,
            false => Self::BlanksInHostList,
        }
    }

    pub(super) fn kind(self) -> ErrorKind {
        use ErrorKind as K;
        match self {
            Self::Missing
            | Self::MissingUnnamed
            | Self::NotFound
            | Self::Elsewhere
            | Self::NoResource(_)
            | Self::Unset(_)
            | Self::Vanished
            | Self::Unrecognised
            | Self::HalfWritten => K::Missing,
            Self::SeveralResources(_) => K::Ambiguous,
            Self::Empty => K::Empty,
            Self::NoAssignment(_)
            | Self::OpenQuote(_)
            | Self::AfterQuote(_)
            | Self::UnquotedSemicolon(_)
            | Self::LoneCarriageReturn(_)
            | Self::FileNotText => K::InvalidSource,
            #[cfg(feature = "cloudfoundry")]
            Self::NotServices | Self::RepeatedKey | Self::TooDeep(_) => K::InvalidSource,
            Self::NoFile
            | Self::NoPermission
            | Self::Io(_)
            | Self::NotAFile
            | Self::NotAFolder
            | Self::TooLarge(_)
            | Self::TooManyEntries(_)
            | Self::Restless => K::UnreadableSource,
            Self::NoThread(_) | Self::WatchHangs(_) => K::Unwatchable,
            #[cfg(feature = "notify")]
            Self::NoPaths | Self::NotWatching(_) => K::Unwatchable,
            #[cfg(all(unix, feature = "signal"))]
            Self::NoSignal(_) => K::Unwatchable,
            Self::Refused(_) => K::Refused,
            Self::Custom(_) | Self::Reentrant | Self::Panicked => K::Custom,
            Self::Several(_) => K::Several,
            Self::NotANumber(_)
            | Self::NotABool
            | Self::NotAChar
            | Self::NotOneOf(_)
            | Self::Unexpected
            | Self::EmptyItem
            | Self::BracketedList
            | Self::ItemCount(_)
            | Self::Unreadable => K::Unreadable,
            Self::NotPlain | Self::NotAStruct => K::Unsupported,
            Self::TwoNames | Self::TwoEntries | Self::FileAndValue => K::Ambiguous,
            Self::NotUnicode | Self::NameNotUnicode => K::NotUnicode,
            Self::WrongKind { .. } => K::WrongKind,
            Self::SchemeTaken(_) => K::SchemeTaken,
            Self::UnknownScheme(_) | Self::MisspeltScheme(_) | Self::UnknownKind => K::UnknownScheme,
            Self::InsecureWithoutTls => K::InvalidOption,
            Self::CommandWithUrl
            | Self::Command(_)
            | Self::MissingScheme(_)
            | Self::SchemeWithoutSlashes(_)
            | Self::NotAScheme => K::MissingScheme,
            Self::Quotes | Self::TypographicQuotes | Self::Leading(_) | Self::Trailing(_) => K::Surrounded,
            Self::Reference | Self::Placeholder | Self::Shortened => K::Unexpanded,
            Self::Unencoded(_) => K::Unencoded,
            Self::BadEscape | Self::EscapeNotUtf8 => K::BadEscape,
            Self::EmptyHost
            | Self::UnencodedSocket
            | Self::EmptyHostInList
            | Self::MixedCredentials
            | Self::BlanksInHostList
            | Self::BlanksAtCommas
            | Self::SemicolonsInHostList
            | Self::UrlList(_)
            | Self::UrlListOfHosts(_)
            | Self::GoAddress
            | Self::HostWithPort
            | Self::SocketScheme(_)
            | Self::SchemeInList
            | Self::HostTwice
            | Self::NotAnAddress
            | Self::AddressCount
            | Self::NotASocket
            | Self::UnknownTls
            | Self::SchemeOfPart(_)
            | Self::TlsOfPart
            | Self::HostList(_)
            | Self::SrvHostList(_)
            | Self::SrvNotAName(_)
            | Self::UnbalancedBracket
            | Self::NotIpv6
            | Self::BareIpv6
            | Self::AfterBracket
            | Self::NotIpv4
            | Self::EmptyLabel
            | Self::HostTooLong
            | Self::BlankInHost
            | Self::HostCharacter
            | Self::SocketHost(_)
            | Self::SocketName => K::InvalidHost,
            Self::EmptyPort
            | Self::PortNotANumber
            | Self::PortOrPassword
            | Self::PortOutOfRange
            | Self::PortCount
            | Self::SrvPort(_)
            | Self::SocketPort => K::InvalidPort,
            Self::OptionsInName | Self::OptionsInPart | Self::PropertyForm(_) => K::InvalidPath,
            Self::NoPath(_) | Self::DatabaseCharacter(_) | Self::NotAnIndex => K::InvalidPath,
            Self::OptionWithoutValue
            | Self::OptionWithoutName
            | Self::RepeatedOption(_)
            | Self::Conflict(..)
            | Self::Needs(..)
            | Self::SingleHost(_)
            | Self::SrvOption(_)
            | Self::NotSrvOption(_)
            | Self::EmptyOption(_)
            | Self::MechanismSource(_) => K::InvalidOption,
            Self::MechanismNeeds(_) | Self::MechanismForbids(_) | Self::NoKey | Self::EmptyUsername => {
                K::InvalidCredentials
            }
            Self::NotText | Self::CutPem | Self::EscapedPem | Self::PemWithoutLines => K::NotText,
            #[cfg(feature = "figment")]
            Self::HandleWithoutSource => K::Missing,
            #[cfg(feature = "sso")]
            Self::SignOn(fault) => fault.kind(),
            #[cfg(feature = "_drivers")]
            Self::Driver(fault) => fault.kind(),
        }
    }

    /// How the message goes on to its list of candidates.
    pub(super) fn candidates_are(self) -> Option<&'static str> {
        match self {
            Self::Missing | Self::MissingUnnamed => Some("; of this kind there is "),
            Self::NotFound => Some("; looked for "),
            Self::NoResource(_) => Some("; there is "),
            Self::SeveralResources(_) => Some(": "),
            Self::Refused(_) => Some("; they come from "),
            _ => None,
        }
    }
}

/// Why changes of files are not told.
#[cfg(feature = "notify")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Obstacle {
    #[error(
        "a limit of the system is reached (raise that of open files; on Linux, `fs.inotify.max_user_watches` or `max_user_instances`)"
    )]
    Limit,
    #[error("a folder may not be read by this process")]
    NoPermission,
    #[error("the system refuses: {0}")]
    Io(std::io::ErrorKind),
    #[error("the system does not tell of them")]
    Other,
}

/// The names of an enum's variants, as the app declares them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choices(pub(crate) &'static [&'static str]);

impl fmt::Display for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(index, choice)| {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{choice}`")
        })
    }
}

/// The faults of the add-on dashboard's login.
#[cfg(feature = "sso")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignOn {
    #[error("the salt is empty; set it to the `sso_salt` of the add-on's manifest")]
    EmptySalt,
    #[error("the sign-on form must be a map from names to texts or whole numbers")]
    NotAForm,
    #[error("the sign-on form has no `{0}`; pass on every field of Heroku's POST")]
    MissingField(&'static str),
    #[error("the sign-on form gives `{0}` more than once; pass on Heroku's own field alone")]
    RepeatedField(&'static str),
    #[error(
        "the sign-on form has a `timestamp` that is not a plain number; pass on Heroku's, in seconds since 1970"
    )]
    Timestamp,
    #[error(
        "the sign-on form has a `{0}` that is not like Heroku's; pass on every field of its POST unchanged"
    )]
    Field(&'static str),
    #[error(
        "the sign-on form has a `{0}` that does not match; sign in again, and check that the salt is the manifest's"
    )]
    BadToken(&'static str),
    #[error("the sign-on form is too old; sign in again, or check this machine's clock")]
    Stale,
    #[error("the sign-on form is from the future; check this machine's clock")]
    Future,
}

#[cfg(feature = "sso")]
impl SignOn {
    fn kind(self) -> ErrorKind {
        match self {
            Self::EmptySalt => ErrorKind::Empty,
            Self::NotAForm => ErrorKind::NotText,
            Self::MissingField(_) => ErrorKind::MissingField,
            Self::RepeatedField(_) | Self::Timestamp | Self::Field(_) => ErrorKind::InvalidField,
            Self::BadToken(_) => ErrorKind::BadToken,
            Self::Stale => ErrorKind::StaleToken,
            Self::Future => ErrorKind::FutureToken,
        }
    }

    /// Not a `From`: with a second one, `?` could not infer the type of a fault in the crate's closures.
    pub(crate) fn error(self) -> Error {
        Error::new(Fault::SignOn(self))
    }
}

/// What a search was for: resources of one kind, or any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted(pub(crate) Option<Kind>);

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(kind) => write!(f, "{kind} resource"),
            None => f.write_str("resource"),
        }
    }
}

/// Characters that must not stand as they are, each with its mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Raw {
    #[error("an unencoded `#`; write `%23`")]
    Hash,
    #[error("an unencoded `/`; write `%2F`")]
    Slash,
    #[error("an unencoded `?`; write `%3F`")]
    QuestionMark,
    #[error("an unencoded `@`; write `%40`")]
    At,
    #[error("an unencoded `:`; write `%3A`")]
    Colon,
    #[error("an unencoded `[`; write `%5B`")]
    OpenBracket,
    #[error("an unencoded `]`; write `%5D`")]
    CloseBracket,
    #[error("an unencoded `\\`; write `%5C`")]
    Backslash,
    #[error("an unencoded space; write `%20`")]
    Space,
    #[error("an unencoded tab; write `%09`")]
    Tab,
    #[error("an unencoded line break; write `%0A`")]
    LineFeed,
    #[error("an unencoded carriage return; write `%0D`")]
    CarriageReturn,
    #[error("an unencoded NUL; write `%00`")]
    Nul,
    #[error("an unencoded control character; remove it, or write its `%` escape")]
    Control,
    #[error("an invisible character; remove it, or write its `%` escape")]
    Invisible,
}

/// What may stand before or after a value by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Blank {
    #[error("a space")]
    Space,
    #[error("a tab")]
    Tab,
    #[error("a line break")]
    LineBreak,
    #[error("a byte order mark")]
    ByteOrderMark,
    #[error("an invisible character")]
    Invisible,
}
