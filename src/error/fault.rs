//! The table of faults and their messages.

#[cfg(feature = "_drivers")]
use super::driver_fault::DriverFault;
use super::error_kind::ErrorKind;
use super::faults_macro::faults;
#[cfg(feature = "sso")]
use super::sign_on::SignOn;
use crate::kind::Kind;
use std::fmt;

faults! {
    /// Every fault, by its kind, with its message. The component precedes it: "the password" + "holds an unencoded `#`; …".
    pub(crate) enum Fault;

    Missing {
        Missing => ("is not set; set it, or attach the add-on that provides it");
        MissingUnnamed => ("the config var that was asked for is not set, and its name is not shown because it may be a value; ask for it by a name of letters, digits and `_`");
        NoEntries => ("no config var begins with this name; set one, or attach the add-on that provides it");
        NotFound => ("is not set; set it, or attach the add-on that provides it");
        Elsewhere => ("is not set in the source that it has to come from");
        NoResource(Wanted) => ("no {0} among the config vars; attach an add-on that provides one");
        Vanished => ("is no longer set, though other config vars that belong with it are; set it again, or remove them all. Until then the last good are in use");
        Unrecognised => ("is no longer the resource that it was; set it again, or remove all config vars of its attachment. Until then the last good are in use");
        HalfWritten => ("was written a moment ago, and not all others of its attachment were; they are waited for. Until then the last good are in use");
        Unset(&'static str) => ("is not set; {0}");
        #[cfg(feature = "figment")]
        HandleWithoutSource => ("is the handle of a config var whose provider is gone; keep the provider until this is read");
    }

    Ambiguous {
        SeveralResources(Wanted) => ("more than one {0}; ask for one of them by name");
        TwoEntries => ("is given by two entries; rename one of them");
        FileAndValue => ("is set, and so is the same name with `_FILE`; unset one of them");
        TwoNames => ("is set under two names that the app takes for the same; unset one");
    }

    Empty {
        Empty => ("is set but empty; give it a value, or unset it");
    }

    InvalidSource {
        NoAssignment(usize) => ("line {0} of the env file has no `NAME=value`; write one, or a `#` before a comment");
        OpenQuote(usize) => ("line {0} of the env file opens a quote that nothing closes; close it");
        AfterQuote(usize) => ("line {0} of the env file: something follows the closing quote; remove it, or put the whole value in single quotes");
        UnquotedSemicolon(usize) => ("line {0} of the env file has an unquoted `;` in a value; put the value in single quotes");
        SecondAssignment(usize) => ("line {0} of the env file exports two config vars; give each a line of its own, or put the whole value in single quotes");
        LoneCarriageReturn(usize) => ("line {0} of the env file has a carriage return without a line feed; save the file with the line ends LF or CRLF");
        FileNotText => ("is not UTF-8 text; write it again, as `NAME=value` lines");
        #[cfg(feature = "cloudfoundry")]
        NotServices => ("is not the JSON of bound services that Cloud Foundry writes; pass it on unchanged");
        #[cfg(any(feature = "cloudfoundry", feature = "heroku"))]
        RepeatedKey => ("gives a key twice; keep one of them");
        #[cfg(feature = "heroku")]
        NotApiAnswer => ("the answer is not the JSON that the API documents; if it comes through a gateway, check what that returns");
        #[cfg(feature = "heroku")]
        NotCertificates => ("the root certificates are not PEM text with certificates; pass the authority's file");
        #[cfg(feature = "cloudfoundry")]
        TooDeep(usize) => ("has credentials nested deeper than {0} levels; give them flat");
    }

    UnreadableSource {
        NoFile => ("is not there; mount or write it, or correct the path");
        NoPermission => ("may not be read by this process; give its user the permission");
        Io(std::io::ErrorKind) => ("cannot be read: {0}");
        NotAFile => ("is not a regular file; put one there, or correct the path");
        NotAFolder => ("is not a directory; mount one there, or correct the path");
        TooLarge(u64) => ("is larger than {0} MiB, which no config var needs; correct the path, or move other files away");
        TooManyEntries(usize) => ("has more than {0} entries, which no app needs; correct the path, or move other files away");
        FeedEmpty => ("the feed was not given any config vars yet; call `set` first");
        FeedEnded => ("the feed was dropped, so nothing new will come");
        Restless => ("keeps changing while it is read; write anew beside it, and rename over the old");
        #[cfg(unix)]
        OthersMayWrite => ("may be written by other users, here or in a directory above; remember config vars in a directory that belongs to the app's user, with mode 0700");
        #[cfg(feature = "heroku")]
        HostNotFound => ("the API's host name has no address; check the network, and the name");
        #[cfg(feature = "heroku")]
        NotReached(std::io::ErrorKind) => ("the API cannot be reached: {0}; check the network");
        #[cfg(feature = "heroku")]
        NoAnswer => ("the API did not answer in time; check the network; a program can set a longer timeout");
        #[cfg(feature = "heroku")]
        AnswerCut => ("the API's answer was cut off; read it again");
        #[cfg(feature = "heroku")]
        NoTls => ("the API's server does not speak TLS as it should; check for a proxy on the way");
        #[cfg(feature = "heroku")]
        BadCertificate => ("the certificate of the API's server is not trusted or not for its name, so the token was not sent; check for a proxy on the way, whose authority a program passes to `with_root_certificates`");
        #[cfg(feature = "heroku")]
        BadAnswer => ("the API's answer is not HTTP/1.1 as expected; check for a proxy on the way");
        #[cfg(feature = "heroku")]
        CompressedAnswer => ("the API's answer is compressed, which was not asked for; check for a proxy on the way");
        #[cfg(feature = "heroku")]
        AnswerTooLarge(u64) => ("the API's answer is larger than {0} MiB, which no app's config vars are; check for a proxy on the way");
        #[cfg(feature = "heroku")]
        Redirected => ("the API answers with a redirect, which is not followed, so that the token goes to no other server; if that server is yours, a program passes it to `with_server`");
        #[cfg(feature = "heroku")]
        Answered(u16) => ("the API answers with status {0}; read it again later, or look at the platform's status page");
        #[cfg(feature = "heroku")]
        AnsweredWithId(u16, &'static str) => ("the API answers with status {0} (`{1}`); the platform's documentation says what it means");
        #[cfg(feature = "heroku")]
        BadToken => ("the token is empty, or has a character that is in no token, such as a line break; correct it");
        #[cfg(feature = "heroku")]
        TokenRefused => ("the API does not know the token; make a new one, as it may have expired or been revoked");
        #[cfg(feature = "heroku")]
        TokenWithoutScope => ("the token may not read config vars; make one with the scope `read-protected`, for an account that has access to the app");
        #[cfg(feature = "heroku")]
        NoApp => ("there is no such app for this token; correct the name, or give the token's account access to it");
        #[cfg(feature = "heroku")]
        RateLimited(u64) => ("the account's requests are used up, or almost; the API can be read again in {0} s. Poll it less often, and in one process");
    }

    Unwatchable {
        NoThread(std::io::ErrorKind) => ("the watch could not start its thread: {0}");
        WatchHangs(u64) => ("what the watch began {0} s ago has not returned: a read of the source, or a closure, callback or `Drop` of the app's; until it does, the watch reads nothing");
        #[cfg(feature = "notify")]
        NoPaths => ("the source has no files or folders whose change could be watched; poll it with `Every` instead");
        #[cfg(feature = "notify")]
        NotWatching(Obstacle) => ("changes of files are not seen at once, because {0}; until that is fixed, the slow poll finds them");
        #[cfg(all(unix, feature = "signal"))]
        NoSignal(std::io::ErrorKind) => ("the signal cannot be watched: {0}");
    }

    Refused {
        Refused(u64) => ("the server has refused logins, and the credentials of generation {0} are not tried for now, so that the account is not locked; roll them, or fix the config var");
    }

    Custom {
        Custom(&'static str) => ("{0}");
        App(&'static str) => ("the app's own code failed with an error whose text may quote a secret: {0}; to see it, print it in the closure that returns it");
        AppIo(std::io::ErrorKind) => ("the app's own code failed: {0}");
        AppCausedByIo(std::io::ErrorKind, &'static str) => ("the app's own code failed: {0}, in an error whose text may quote a secret: {1}; to see it, print it in the closure that returns it");
        Reentrant => ("a closure that makes a value of a `Live` reloaded that `Live`; it must use its argument instead");
        Panicked => ("a closure of the app's own panicked");
        NoRuntime => ("a closure of the app's own panicked, because it needs a tokio runtime and runs on a thread without one; enable the feature `tokio` of config-vars, and hand the closure over within the runtime");
        NestedRuntime => ("a closure of the app's own panicked, because it blocks on a tokio runtime within that runtime; use `map_async` in place of `map` and `block_on`");
        EndedRuntime => ("a closure of the app's own panicked, because the tokio runtime in which it was handed over has ended; keep that runtime for as long as the `Live`, or make a `Live` in each runtime");
        WouldBlock => ("the source is async, and reading it here would block the runtime that it needs; use `from_async`, `build_async` or `reload_async`");
        Driving => ("a closure of `map_async` is in progress, and waiting for it here would block the runtime that it may need; use `reload_async`");
        NoBackground => ("the operating system started no thread for it");
    }

    Several {
        Several(usize) => ("{0} config vars have faults:");
    }

    Unreadable {
        NotANumber(&'static str) => ("is not a number that fits; write {0}");
        NotABool => ("is neither yes nor no; write `true` or `false`");
        NotAChar => ("is not one character");
        NotOneOf(Choices) => ("is not among the values that the app knows: {0}");
        Unreadable => ("cannot be read as what the app declares for it; compare the value with the app's documentation");
        TypePanicked => ("makes the app's own type panic; compare the value with the app's documentation");
        Unexpected => ("is not what the app expects");
        NotADuration => ("is not a duration; write whole numbers with units, as `250ms`, `30s`, `5m` or `1h30m`");
        Rejected => ("the app's own type rejects the config vars that it reads, though each is well-formed; compare them with the app's documentation");
        UnknownEntry => ("has a name that the app does not know; correct it, or unset it");
        EmptyItem => ("is empty; remove the extra comma");
        CutUrl => ("ends at a comma, and what comes next is no URL; write `%2C` for a `,` in a URL, and the scheme of each URL");
        BracketedList => ("is a list in brackets; write it without them and without quotes, as `a,b`");
        ItemCount(usize) => ("is not a list of {0}; write {0}, with a comma between two");
    }

    Unsupported {
        NotAStruct => ("config vars are extracted into a struct with named fields; for one value use `parse`, and for a map declare a field of that type, which reads the config vars that begin with its name");
        NotOneValue => ("is asked for as a struct or a map, which one config var cannot hold; use `extract` for it");
        ListOfStructs => ("is declared as a list of structs, maps or lists, which one config var cannot hold; declare a field for each, or a `String` that the app parses");
        MapOfStructs => ("is declared as a map of structs, maps or lists of lists; declare a field for each struct, or a map of plain values");
        EnumWithData => ("is declared as an enum whose variants have data, which one config var cannot hold; declare an enum without, or a `String` that the app parses");
        NoText => ("is declared as a type that takes no text, and a config var is text; declare a `String` that the app parses");
        TooManyLevels(usize) => ("is a struct within {0} others, as if a type contained itself; declare it with fewer levels");
        Flattened => ("a field of the struct is declared with `flatten`, which hides names and types; write `#[serde(deserialize_with = \"config_vars::deserialize_flat\")]` in its place, or, for a map, nothing: it reads the config vars that begin with its name");
        FlatValue => ("is declared with `deserialize_flat`, which is for structs; remove that");
    }

    NotUnicode {
        NotUnicode => ("is not valid UTF-8; set it again, as plain text");
        NameNotUnicode => ("has a name that is not valid UTF-8; set it again under a plain name");
    }

    WrongKind {
        WrongKind { found: Kind, expected: Kind } => ("is {} {found} URL, expected {expected}", .found.article());
    }

    SchemeTaken {
        SchemeTaken(Kind) => ("the scheme belongs to {0} URLs already; choose another for a kind of your own");
    }

    UnknownScheme {
        UnknownKind => ("there is no kind of that name; write one such as `mysql`, `postgres` or `redis`");
        UnknownScheme(&'static str) => ("is not known; expected `{0}://`");
        UnknownSchemePart(&'static str) => ("is not a scheme that fits; write one such as `{0}`");
        UnknownTlsScheme(&'static str) => ("is not known; for TLS, write {0}");
        MisspeltScheme(&'static str) => ("is not known; did you mean `{0}://`?");
    }

    InvalidOption {
        InsecureWithoutTls => ("`#insecure` is for `rediss://`; write that scheme, or remove the fragment");
        OptionWithoutValue => ("has an option without `=`; write `name=value`");
        OptionWithoutName => ("has an option without a name; write `name=value`");
        RepeatedOption(&'static str) => ("gives the option `{0}` twice; keep one");
        Conflict(&'static str, &'static str) => ("has `{0}` and `{1}`, which contradict each other; keep one");
        Needs(&'static str, &'static str) => ("has `{0}`, which needs `{1}`; add it");
        SingleHost(&'static str) => ("has `{0}`, which takes a single host; this URL lists several");
        SrvOption(&'static str) => ("has `{0}`, which is for `mongodb+srv://` alone; remove it");
        NotSrvOption(&'static str) => ("has `{0}`, which is not for `mongodb+srv://`; remove it");
        EmptyOption(&'static str) => ("has an empty `{0}`; give it a value, or leave it out");
        UnknownTlsName => ("has a name that concerns TLS and is not known here; ask for TLS by one that ends in `_TLS`, `_SSLMODE` or `_SSL_CA`, or unset it");
        TwoTlsVars => ("contradicts another config var about TLS; keep one of them");
        MechanismSource(&'static str) => ("has an `authSource` that `authMechanism={0}` does not allow; write `$external`");
    }

    MissingScheme {
        MissingScheme(&'static str) => ("has no scheme; it must start with one, such as `{0}://`");
        SchemeWithoutSlashes(&'static str) => ("has a scheme without `//`; write `{0}://`");
        GoForm => ("is in the form of Go's driver for MySQL; write `mysql://user:password@host:port/database`");
        Pairs(&'static str) => ("is in the form `name=value`, as libpq's or ADO.NET's; write `{0}://user:password@host:port/database`");
        NameBefore => ("begins with the name of a config var; write the URL alone");
        JsonOfUrl => ("is JSON; write the URL in it alone");
        EncodedUrl => ("is a URL that was percent-encoded as a whole; decode it once");
        Base64OfUrl => ("is the Base64 of a URL; decode it");
        NotAScheme => ("does not start with a scheme; one is made of the letters `a` to `z`, digits, `+`, `-` and `.`, and ends in `://`");
        CommandWithUrl => ("is a command; it must start with a scheme, so write the URL in it alone, without quotes");
        ExtraSlash => ("has an extra `/` after `://`; remove it");
        TwoSchemes => ("has two schemes, one after the other; write one");
        Command(&'static str) => ("is a command; it must start with a scheme, so write a URL, such as `{0}://user:password@host/name`");
    }

    Surrounded {
        Quotes => ("is wrapped in quotes; remove them");
        AngleBrackets => ("is wrapped in `<` and `>`; remove them");
        ClosingQuote => ("ends with a quote that nothing opens; remove it");
        CommentAfter => ("has a comment after the URL; remove it");
        VarAfter => ("has another config var after the URL; set each on its own");
        TypographicQuotes => ("is wrapped in typographic quotes; remove them");
        Leading(Blank) => ("starts with {0}; remove it");
        Trailing(Blank) => ("ends with {0}; remove it");
    }

    Unexpanded {
        Reference => ("is a reference to another config var that was not expanded; write the value itself");
        Placeholder => ("is a placeholder; write the value that the add-on gave");
        TwoCredentials => ("differs from that of another config var with the same prefix; unset one of them");
        Shortened => ("holds a `…`; it is a shortened copy, so set the whole value");
    }

    Unencoded {
        Unencoded(Raw) => ("holds {0}");
    }

    BadEscape {
        BadEscape => ("holds a `%` that starts no escape; write `%25`");
        JsonEscape => ("holds `\\u0026`, JSON's escape of `&`; write the `&` itself");
        EncodedNul => ("holds `%00`, a NUL, which no server takes; remove it");
        EscapeNotUtf8 => ("has escapes that are not UTF-8; encode it again, as UTF-8");
    }

    InvalidHost {
        EmptyHost => ("is empty; write a host name after `@` or `//`");
        UnencodedSocket => ("is empty; a socket path must be percent-encoded, as `%2Ftmp%2Fserver.sock`");
        SchemeBeforeHost => ("begins with a scheme; write the host alone, without `://`");
        EmptyHostInList => ("is empty in one place of the list; remove the extra comma");
        MixedCredentials => ("list has credentials for some servers only; write them before each, or `%2C` for a `,` in a password");
        RepeatedCredentials => ("list has credentials before each host; write them once, before the first");
        BlanksInHostList => ("list is separated by blanks; write commas between the servers");
        BlanksAtCommas => ("list has blanks beside its commas; separate the servers by commas alone");
        SemicolonsInHostList => ("list is separated by `;`; write commas between the servers");
        UrlList(Kind) => ("is a list of URLs; write a single {0} URL");
        UrlListOfHosts(&'static str) => ("is a list of URLs; write a single one that lists the hosts, as `{0}://host1,host2`");
        GoAddress => ("is in the form `tcp(…)` or `unix(…)` of Go's driver; write what the parentheses contain, each `/` as `%2F`");
        HostWithPort => ("contains a port, and the port is a config var of its own; write the host alone");
        SocketScheme(&'static str) => ("must be empty with `{0}://`, and the path is the socket's, as `{0}:///run/server.sock`");
        HostList(Kind) => ("list is not for {0} URLs; write a single host");
        SrvHostList(&'static str) => ("list is not for `{0}://`; write the one name that DNS resolves");
        SrvNotAName(&'static str) => ("must be a name with `{0}://`, no address and no socket");
        UnbalancedBracket => ("has brackets that do not match; write an IPv6 address as `[::1]`");
        NotIpv6 => ("in brackets is no IPv6 address; brackets are for those alone");
        Ipv6Zone => ("is an IPv6 address with a zone, which each machine names its own way; write a name or an address without one");
        BareIpv6 => ("is an IPv6 address without brackets; write it as `[::1]`");
        AfterBracket => ("is followed by something that is neither `:` and a port nor `/`");
        NotIpv4 => ("looks like an IPv4 address but is none; write four numbers from 0 to 255");
        EmptyLabel => ("has an empty label; remove the extra dot");
        HostTooLong => ("is too long; a name has at most 253 characters, and 63 between dots");
        MixedAlphabets => ("mixes letters of two alphabets that look alike; type it again");
        BlankInHost => ("holds a blank; remove it");
        AtInHost => ("holds an encoded `@`; write the `@` between the credentials and the host as it is, not as `%40`");
        HostCharacter => ("holds a character that no host name has; correct it, or percent-encode the password before it");
        SocketHost { kind: Kind } => ("is a socket path, which {} {kind} URL cannot have", .kind.article());
        SocketName => ("is a socket path that does not end in `.sock`; MongoDB's sockets do");
        SchemeInList => ("list has schemes that differ; write the same before each host");
        HostTwice => ("has `host`, and hosts stand after `//` as well; keep one");
        UnknownTls => ("says of TLS what is not known here; write `true`, `false`, or a mode of this kind's clients");
        SchemeOfPart(Kind) => ("begins with a scheme that is not for {0}; write the host alone, or `tls://` before it for TLS");
        TlsOfPart => ("begins with a scheme that asks for TLS, and another config var asks for less; correct one of them");
        HostsAndPort => ("list has a port in a config var of its own; write the port after each host, as `host1:port,host2:port`, and unset that one");
        KindOfParts => ("is of an unknown kind, because neither its name nor its port determines one; set the scheme, such as `postgres`, in a config var of its own");
        PartAddress => ("is not an IP address, or not one for each host; write one for each, or unset it");
        NotAnAddress => ("has `hostaddr`, which is no IP address; write one, or leave it out");
        AddressCount => ("has `hostaddr` for another number of hosts; write one address for each");
        NotASocket => ("names a socket by something that is no path; write one that starts with `/`, or leave it out");
    }

    InvalidPort {
        EmptyPort => ("is empty; write a number after the `:`, or leave out the `:`");
        PortNotANumber => ("is not a number; write one from 1 to 65535");
        PortOrPassword => ("is not a number; write one from 1 to 65535, or the `@` that is missing after a password");
        PortCount => ("list is not as long as the list of hosts; write one port for each, or one for all");
        PortUrl => ("is a URL from which no port can be read; write the number alone");
        PortOutOfRange => ("is out of range; write a number from 1 to 65535");
        SrvPort(&'static str) => ("must not be given with `{0}://`; remove it, for DNS tells it");
        SocketPort => ("cannot be used with a socket; remove it");
    }

    InvalidPath {
        NotAnIndex => ("is no number of a Redis database; write one from 0 on, as `/0`");
        NoPath { kind: Kind } => ("must be empty in {} {kind} URL; remove it", .kind.article());
        DatabaseCharacter(Kind) => ("holds a character that {0} does not allow in one (`/`, `\\`, `\"`, `$` or a space)");
        EdgeSlash => ("begins or ends with a `/`; remove it");
        OptionsInName => ("holds an unencoded `;`, `&` or `=`; options begin after a `?`, and in a name these are `%3B`, `%26`, `%3D`");
        UrlOfPart => ("is a URL; write the name of the database alone");
        OptionsInPart => ("holds a `;`, `&` or `=`; write the name of the database alone");
        PropertyForm(&'static str) => ("has `;name=value` properties, a form of SQL Server's; write `{0}://user:password@host:1433/database?name=value`");
    }

    InvalidCredentials {
        MechanismNeeds(&'static str) => ("is missing, and `authMechanism={0}` needs one");
        MechanismForbids(&'static str) => ("is given, and `authMechanism={0}` takes none; remove it");
        NoKey => ("is missing, and a DSN has the project's public key there; copy the whole DSN");
        EmptyUsername => ("is empty; write a user name before `@`, or leave out the `@`");
    }

    NotText {
        CutPem => ("is PEM text without its `-----END` line; set all lines of it");
        EscapedPem => ("is PEM text with `\\n` in place of its line breaks; set it with real line breaks");
        PemWithoutLines => ("is PEM text without a line break after its label; set it with all its line breaks");
        NotText => ("must be text that holds a resource URL");
    }

    ; inner {
        #[cfg(feature = "sso")]
        SignOn(SignOn);
        #[cfg(feature = "_drivers")]
        Driver(DriverFault);
    }
}

impl Fault {
    /// Returns the fault of a list of hosts that contains blanks.
    pub(crate) fn of_blanks_in_list(list: &str) -> Self {
        match list.contains(',') {
            true => Self::BlanksAtCommas,
            false => Self::BlanksInHostList,
        }
    }

    /// Returns whether the source says that this process may not have its config vars.
    #[cfg(unix)]
    pub(crate) fn is_refusal(self) -> bool {
        match self {
            Self::NoPermission => true,
            #[cfg(feature = "heroku")]
            Self::BadToken | Self::TokenRefused | Self::TokenWithoutScope | Self::NoApp => true,
            _ => false,
        }
    }

    /// Returns the text between the message and its list of candidates.
    pub(super) fn candidates_are(self) -> Option<&'static str> {
        match self {
            Self::Missing | Self::MissingUnnamed => Some("; of this kind there is "),
            Self::NotFound | Self::KindOfParts => Some("; looked for "),
            Self::NoResource(_) => Some("; there is "),
            Self::SeveralResources(_) => Some(": "),
            Self::TwoTlsVars | Self::TwoCredentials => Some("; the other is "),
            Self::Refused(_) => Some("; they come from "),
            _ => None,
        }
    }
}

/// Why file watching failed.
#[cfg(feature = "notify")]
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Obstacle {
    #[error(
        "a limit of the system is reached (raise that of open files; on Linux, `fs.inotify.max_user_watches` or `max_user_instances`)"
    )]
    Limit,
    #[error("a folder may not be read by this process")]
    NoPermission,
    #[error("the system refuses: {0}")]
    Io(std::io::ErrorKind),
    #[error("the system does not report them")]
    Other,
}

/// The names of an enum's variants, as declared by the app.
#[derive(Clone, Copy)]
pub(crate) struct Choices(pub(crate) &'static [&'static str]);

impl fmt::Display for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for choice in self.0 {
            write!(f, "{separator}`{choice}`")?;
            separator = ", ";
        }
        Ok(())
    }
}

/// The object of a search: resources of one kind, or of any.
#[derive(Clone, Copy)]
pub(crate) struct Wanted(pub(crate) Option<Kind>);

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(kind) => write!(f, "{kind} resource"),
            None => f.write_str("resource"),
        }
    }
}

/// Characters that must be encoded, each with the fix.
#[derive(Clone, Copy, Debug, thiserror::Error)]
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
    #[error("a NUL, which no server takes, not even as `%00`; remove it")]
    Nul,
    #[error("an unencoded control character; remove it, or write its `%` escape")]
    Control,
    #[error("an invisible character; remove it, or write its `%` escape")]
    Invisible,
}

/// Blanks before or after a value, which are mistakes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
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
