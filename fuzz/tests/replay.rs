//! Runs every target on the stored inputs, and the comparing targets on generated URLs.

#[cfg(feature = "drivers")]
use config_vars_fuzz::peers::{Aspect, Case, DIFFERENCES, Peer, REFUSALS};
use config_vars_fuzz::{Regression, TARGETS, Target, peers, regressions};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[test]
fn kept_inputs_hold() {
    for target in TARGETS {
        let inputs: Vec<_> = target.kept().collect();
        assert!(!inputs.is_empty(), "{} has no seed", target.name);
        for input in inputs {
            (target.run)(&input);
        }
    }
}

/// Defines a test per regression, so that one that returns is reported by name.
macro_rules! regressions {
    ($($name:ident)*) => {
        mod regressions {
            $(
                #[test]
                fn $name() {
                    super::hold(stringify!($name));
                }
            )*
        }

        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

regressions! {
    a_port_apart_from_its_host
    the_other_spelling_of_sslmode
    a_backslash_in_the_password_of_a_websocket
    glued_names
    a_line_within_a_value
    an_address_written_otherwise
    a_glued_name_that_holds_a_url
    the_name_of_a_driver_s_default_user
    an_option_of_a_driver_s_feature
    a_port_that_ends_as_a_socket_does
    a_name_that_holds_the_mark
    names_that_look_alike
    a_name_that_is_not_shown
    references_that_nothing_closes
    a_comma_in_options_after_a_socket
    a_token_with_a_comma
    a_semicolon_after_export
    an_empty_host_in_an_option
    a_port_with_a_slash_that_ends_as_a_socket_does
}

#[test]
fn each_regression_is_a_test() {
    let kept: Vec<_> = regressions().map(|kept| kept.name).collect();
    assert_eq!(kept, TESTED);
}

fn hold(name: &str) {
    let mut kept = regressions();
    let Regression { target, input, .. } = kept.find(|kept| kept.name == name).expect("it is kept");
    // The target `against_drivers` exists only with the feature `drivers`.
    if target != "against_drivers" || cfg!(feature = "drivers") {
        (Target::find(target).run)(&input);
    }
}

#[test]
fn each_target_is_a_program() {
    let manifest = include_str!("../Cargo.toml");
    for target in TARGETS {
        assert!(
            manifest.contains(&format!("path = \"targets/{}.rs\"", target.name)),
            "{}",
            target.name
        );
    }
}

/// A text that begins as the peer's URLs do, if it has no scheme of its own.
#[cfg(feature = "drivers")]
fn with_scheme(peer: Peer, text: &str) -> String {
    match text.contains("://") {
        true => text.to_owned(),
        false => format!("{}://{text}", peer.scheme()),
    }
}

#[cfg(feature = "drivers")]
/// A row whose example no longer differs must be deleted.
#[test]
fn known_differences_are_such() {
    let mut not_so = Vec::new();
    for row in DIFFERENCES {
        for peer in row.peers {
            let text = with_scheme(*peer, row.example);
            let case = Case::new(*peer, &text);
            if !case.differ().contains(&row.of) || !(row.is_such)(&case) {
                not_so.push(format!("{:?}, {}: not so in {case}", row.of, row.reason));
            }
        }
    }
    assert!(not_so.is_empty(), "{}", not_so.join("\n"));
}

#[cfg(feature = "drivers")]
/// A message that no longer refuses what a peer accepts must be deleted.
#[test]
fn refusals_are_such() {
    let mut not_so = Vec::new();
    for (message, example) in REFUSALS.iter().flat_map(|rule| rule.messages) {
        let is_such = |peer: &Peer| {
            let text = with_scheme(*peer, example);
            let case = Case::new(*peer, &text);
            case.differ() == [Aspect::OnlyTheirs] && case.ours.is_err_and(|said| said.contains(message))
        };
        if !Peer::ALL.iter().any(is_such) {
            not_so.push(format!("{message}: not so in {example:?}"));
        }
    }
    assert!(not_so.is_empty(), "{}", not_so.join("\n"));
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-z]{1,5}".boxed(),
        2 => "[A-Za-z0-9._~!$&'()*+,;=%-]{0,5}".boxed(),
        1 => "(%[0-9a-fA-F]{2}){1,3}".boxed(),
        1 => "[@:/?#\\[\\]\\\\|^`{}<>\" ]{1,2}".boxed(),
        1 => "\\PC{1,3}".boxed(),
        1 => "[\\p{Cc}…$*]{1,3}".boxed(),
    ]
}

fn host() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-z]{1,5}(\\.[a-z]{1,4})?".boxed(),
        2 => "[A-Za-z0-9._-]{1,8}".boxed(),
        1 => "[0-9]{1,3}(\\.[0-9]{1,3}){0,3}".boxed(),
        1 => "\\[[0-9a-f:]{2,8}\\]".boxed(),
        1 => "%2[fF][a-z]{1,3}(\\.sock)?".boxed(),
        1 => name().boxed(),
        1 => Just(String::new()).boxed(),
    ]
}

fn port() -> impl Strategy<Value = String> {
    prop_oneof![4 => Just(String::new()).boxed(), 3 => ":[0-9]{1,5}".boxed(), 1 => ":[0-9a-z+-]{0,3}".boxed()]
}

fn option() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "sslmode",
        "ssl-mode",
        "ssl",
        "tls",
        "useSSL",
        "require_ssl",
        "verify_ca",
        "verify_identity",
        "tlsInsecure",
        "tlsAllowInvalidCertificates",
        "host",
        "port",
        "user",
        "password",
        "dbname",
        "socket",
        "authSource",
        "w",
        "replicaSet",
        "protocol",
        "reconnect",
        "sslrootcert",
        "options",
        "appName",
        "hostaddr",
    ]);
    let value = prop_oneof![
        "true|false|1|0|require|verify-full|VERIFY_CA|REQUIRED|disable|prefer|disabled".boxed(),
        name().boxed(),
    ];
    prop_oneof![4 => (known, value.clone()).prop_map(|(name, value)| format!("{name}={value}")).boxed(), 1 => name().boxed()]
}

/// The part after a scheme: mostly well-formed, often unusual.
fn url() -> impl Strategy<Value = String> {
    let user_info = prop_oneof![
        2 => Just(String::new()).boxed(),
        1 => name().prop_map(|user| user + "@").boxed(),
        5 => (name(), name()).prop_map(|(user, password)| format!("{user}:{password}@")).boxed(),
    ];
    let one = (host(), port()).prop_map(|(host, port)| host + &port).boxed();
    let hosts =
        prop_oneof![5 => one.clone(), 1 => (one.clone(), one).prop_map(|(a, b)| format!("{a},{b}")).boxed()];
    let path = prop_oneof![
        2 => Just(String::new()).boxed(),
        4 => name().prop_map(|name| format!("/{name}")).boxed(),
        1 => (name(), name()).prop_map(|(a, b)| format!("/{a}/{b}")).boxed(),
        1 => "/[0-9]{1,2}".boxed(),
    ];
    let query = prop_oneof![
        3 => Just(String::new()).boxed(),
        3 => option().prop_map(|option| format!("?{option}")).boxed(),
        1 => (option(), option()).prop_map(|(a, b)| format!("?{a}&{b}")).boxed(),
    ];
    let fragment = prop_oneof![9 => Just(String::new()).boxed(), 1 => name().prop_map(|name| format!("#{name}")).boxed()];
    (user_info, hosts, path, query, fragment).prop_map(|(a, b, c, d, e)| [a, b, c, d, e].concat())
}

proptest! {
    // Fixed seed: the fuzz targets search for new inputs, and CI must not depend on what they find.
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn the_url_crate_reads_what_we_read(text in url()) {
        peers::against_url(&text);
    }

    #[cfg(feature = "drivers")]
    #[test]
    fn drivers_read_what_we_read(text in url()) {
        peers::against_drivers(&text);
    }
}
