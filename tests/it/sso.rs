//! The login of an add-on's dashboard: links, forms, tokens, and what is refused.
#![cfg(feature = "sso")]

use config_vars::sso::{Form, Verifier, login_url};
use config_vars::{Error, ErrorKind, ExposeSecret, SecretString};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The salt, the timestamp and the token of the example on Heroku's page. The token is also what this prints:
/// `printf '123:2f97bfa52ca102f8874716e2eb1d3b4920ad0be4:1267597772' | sha1sum`
const SALT: &str = "2f97bfa52ca102f8874716e2eb1d3b4920ad0be4";
const MADE: u64 = 1_267_597_772;
const TOKEN: &str = "bb466eb1d6bc345d11072c3cd25c311f21be130d";

/// And `printf '01234567-89ab-cdef-0123-456789abcdef:2f97bfa52ca102f8874716e2eb1d3b4920ad0be4:1267597772' | sha1sum`
const UUID: &str = "01234567-89ab-cdef-0123-456789abcdef";
const UUID_TOKEN: &str = "7659cc00fc08ff8b7bb76cd8c9762bcf528b4173";

/// And `printf '01234567-89ab-cdef-0123-456789abcdef:2f97bfa52ca102f8874716e2eb1d3b4920ad0be4:1267597772:98d1:user@example.com' | sha256sum`
const USER_TOKEN: &str = "06b7edb8f9b8e1cbbe52b3b4d4beaeeda657106f28eb0a9f86879fc4f053a0e1";

fn verifier() -> Verifier {
    Verifier::new(SALT.into()).unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn made() -> SystemTime {
    UNIX_EPOCH + seconds(MADE)
}

/// The fields of a form, written as `name=value name=value`, with `#` for the timestamp and `T` for the token.
fn form(fields: &str) -> Result<Form, Error> {
    let timestamp = MADE.to_string();
    Form::new(fields.split_whitespace().map(|field| {
        let (name, value) = field.split_once('=').unwrap();
        match value {
            "#" => (name, timestamp.as_str()),
            "T" => (name, TOKEN),
            "U" => (name, UUID),
            "UT" => (name, UUID_TOKEN),
            "ST" => (name, USER_TOKEN),
            value => (name, value),
        }
    }))
}

fn pairs(form: &Form) -> Vec<(&str, &str)> {
    form.iter()
        .map(|(name, value)| (name, value.expose_secret()))
        .collect()
}

#[test]
fn links() {
    type Context<'c> = &'c [(&'c str, &'c str)];
    let rows: &[(&str, &str, Context, &str)] = &[
        (
            "app123@heroku.com",
            "errorlog",
            &[],
            "app123%40heroku.com/addons/errorlog",
        ),
        ("app1", "x", &[("issue_no", "42")], "app1/addons/x?issue_no=42"),
        (
            "app1",
            "x",
            &[("a", "1"), ("b", "2"), ("a", "3")],
            "app1/addons/x?a=1&b=2&a=3",
        ),
        ("app1", "x", &[("q", "a b+c")], "app1/addons/x?q=a%20b%2Bc"),
        (
            "app1",
            "x",
            &[("q", "&=#?/%:;@\"'<>[]\\")],
            "app1/addons/x?q=%26%3D%23%3F%2F%25%3A%3B%40%22%27%3C%3E%5B%5D%5C",
        ),
        (
            "app1",
            "x",
            &[("k&=y", ""), ("", "v")],
            "app1/addons/x?k%26%3Dy=&=v",
        ),
        ("app1", "x", &[("q", "50%25")], "app1/addons/x?q=50%2525"),
        (
            "app1",
            "x",
            &[("q", "é\u{1F600}\n\0")],
            "app1/addons/x?q=%C3%A9%F0%9F%98%80%0A%00",
        ),
        ("a/b?c#d e", "x/../y", &[], "a%2Fb%3Fc%23d%20e/addons/x%2F..%2Fy"),
        (
            "AZaz09-._~",
            "-._~",
            &[("-._~", "-._~")],
            "AZaz09-._~/addons/-._~?-._~=-._~",
        ),
    ];
    for (heroku_id, addon, context, expected) in rows {
        let url = login_url(heroku_id, addon, context);
        assert_eq!(url, format!("https://api.heroku.com/myapps/{expected}"));
        // Any reader of query strings finds the context again.
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let found: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
        assert!(
            found
                .iter()
                .map(|(key, value)| (&**key, &**value))
                .eq(context.iter().copied()),
            "{url}"
        );
    }
}

#[test]
fn tokens() {
    let rows = [
        ("123", MADE, TOKEN),
        (UUID, MADE, UUID_TOKEN),
        // printf ':2f97bfa52ca102f8874716e2eb1d3b4920ad0be4:0' | sha1sum
        ("", 0, "54be087601f25f2ac1dc5a127f165e5d5ba83820"),
        // printf 'é:2f97bfa52ca102f8874716e2eb1d3b4920ad0be4:18446744073709551615' | sha1sum
        ("é", u64::MAX, "29a77f724777393943d35203d20feb3ece47013c"),
    ];
    for (id, timestamp, token) in rows {
        assert_eq!(
            verifier().token(id, timestamp).expose_secret(),
            token,
            "{id} at {timestamp}"
        );
    }
}

#[test]
fn forms_that_pass() {
    for (fields, id, resource_id) in [
        ("id=123 token=T timestamp=#", "123", None),
        ("email=a@b timestamp=# token=T nav-data=e30 id=123", "123", None),
        ("resource_id=U resource_token=UT timestamp=#", UUID, Some(UUID)),
        (
            "id=123 token=T resource_id=U resource_token=UT timestamp=#",
            "123",
            Some(UUID),
        ),
        (
            "resource_id=U resource_token=UT id=123 token=T timestamp=#",
            "123",
            Some(UUID),
        ),
        // The token that proves the user as well, alone and beside others.
        (
            "resource_id=U user_scoped_resource_token=ST user_id=98d1 email=user@example.com timestamp=#",
            UUID,
            Some(UUID),
        ),
        (
            "resource_id=U user_scoped_resource_token=ST user_id=98d1 email=user@example.com timestamp=# resource_token=UT",
            UUID,
            Some(UUID),
        ),
        (
            "id=123 token=T resource_id=U user_scoped_resource_token=ST user_id=98d1 email=user@example.com timestamp=#",
            "123",
            Some(UUID),
        ),
        // Fields that prove nothing may come more than once, or be empty.
        ("id=123 token=T timestamp=# tag=1 tag=2 email=", "123", None),
    ] {
        let form = form(fields).unwrap();
        verifier().check(&form, made()).unwrap();
        assert_eq!(
            (form.id(), form.resource_id(), form.timestamp()),
            (id, resource_id, MADE),
            "{fields}"
        );
    }
}

#[test]
fn forms_that_are_no_forms() {
    use ErrorKind::{InvalidField, MissingField};
    let missing =
        |name: &str| format!("the sign-on form has no `{name}`; pass on every field of Heroku's POST");
    let repeated = |name: &str| {
        format!("the sign-on form gives `{name}` more than once; pass on Heroku's own field alone")
    };
    let timestamp =
        "the sign-on form has a `timestamp` that is not a plain number; pass on Heroku's, in seconds since 1970"
            .to_owned();
    for (fields, kind, message) in [
        ("", MissingField, missing("id")),
        ("timestamp=#", MissingField, missing("id")),
        ("token=T timestamp=#", MissingField, missing("id")),
        ("id=123 timestamp=#", MissingField, missing("token")),
        ("id=123 token=T", MissingField, missing("timestamp")),
        ("ID=123 token=T timestamp=#", MissingField, missing("id")),
        (
            "id=123 resource_token=UT timestamp=#",
            MissingField,
            missing("token"),
        ),
        // One pair does not make up for what the other lacks.
        (
            "id=123 resource_id=U resource_token=UT timestamp=#",
            MissingField,
            missing("token"),
        ),
        (
            "token=T resource_id=U resource_token=UT timestamp=#",
            MissingField,
            missing("id"),
        ),
        (
            "id=123 token=T resource_id=U timestamp=#",
            MissingField,
            missing("resource_token"),
        ),
        (
            "id=123 token=T resource_token=UT timestamp=#",
            MissingField,
            missing("resource_id"),
        ),
        ("id=123 id=124 token=T timestamp=#", InvalidField, repeated("id")),
        (
            "id=123 token=T token=T timestamp=#",
            InvalidField,
            repeated("token"),
        ),
        (
            "id=123 token=T timestamp=# timestamp=1",
            InvalidField,
            repeated("timestamp"),
        ),
        (
            "resource_id=U resource_id=V resource_token=UT timestamp=#",
            InvalidField,
            repeated("resource_id"),
        ),
        (
            "resource_id=U resource_token=a resource_token=UT timestamp=#",
            InvalidField,
            repeated("resource_token"),
        ),
        // The token of a user needs the resource, the user and the address, each once.
        (
            "user_scoped_resource_token=ST user_id=98d1 email=user@example.com timestamp=#",
            MissingField,
            missing("resource_id"),
        ),
        (
            "resource_id=U user_scoped_resource_token=ST email=user@example.com timestamp=#",
            MissingField,
            missing("user_id"),
        ),
        (
            "id=123 token=T resource_id=U resource_token=UT user_scoped_resource_token=ST user_id=98d1 timestamp=#",
            MissingField,
            missing("email"),
        ),
        (
            "id=123 token=T user_scoped_resource_token=ST user_id=98d1 email=user@example.com timestamp=#",
            MissingField,
            missing("resource_id"),
        ),
        (
            "resource_id=U user_scoped_resource_token=ST user_id=98d1 email=a email=user@example.com timestamp=#",
            InvalidField,
            repeated("email"),
        ),
        (
            "resource_id=U user_scoped_resource_token=ST user_id=98d1 user_id=98d1 email=user@example.com timestamp=#",
            InvalidField,
            repeated("user_id"),
        ),
        (
            "resource_id=U user_scoped_resource_token=0 user_scoped_resource_token=ST user_id=1 email=a timestamp=#",
            InvalidField,
            repeated("user_scoped_resource_token"),
        ),
        ("id=123 token=T timestamp=", InvalidField, timestamp.clone()),
        (
            "id=123 token=T timestamp=+1267597772",
            InvalidField,
            timestamp.clone(),
        ),
        (
            "id=123 token=T timestamp=01267597772",
            InvalidField,
            timestamp.clone(),
        ),
        (
            "id=123 token=T timestamp=0001267597772",
            InvalidField,
            timestamp.clone(),
        ),
        ("id=123 token=T timestamp=00", InvalidField, timestamp.clone()),
        (
            "id=123 token=T timestamp=1_267_597_772",
            InvalidField,
            timestamp.clone(),
        ),
        (
            "id=123 token=T timestamp=1267597772e0",
            InvalidField,
            timestamp.clone(),
        ),
        (
            "id=123 token=T timestamp=0x4B8E014C",
            InvalidField,
            timestamp.clone(),
        ),
        (
            "id=123 token=T timestamp=１２６７５９７７７２",
            InvalidField,
            timestamp.clone(),
        ),
        (
            "id=123 token=T timestamp=\u{661}267597772",
            InvalidField,
            timestamp.clone(),
        ),
        (
            "id=123 token=T timestamp=-1267597772",
            InvalidField,
            timestamp.clone(),
        ),
        (
            "id=123 token=T timestamp=1267597772.5",
            InvalidField,
            timestamp.clone(),
        ),
        (
            "id=123 token=T timestamp=1267597772\u{80}",
            InvalidField,
            timestamp.clone(),
        ),
        (
            "id=123 token=T timestamp=2010-03-03T06:29:32Z",
            InvalidField,
            timestamp.clone(),
        ),
        (
            "id=123 token=T timestamp=18446744073709551616",
            InvalidField,
            timestamp,
        ),
    ] {
        let error = form(fields).unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (kind, message), "{fields}");
        assert_eq!((error.var(), error.component()), (None, None));
    }
}

#[test]
fn tokens_that_do_not_match() {
    let bad = |name: &str| {
        format!(
            "the sign-on form has a `{name}` that does not match; sign in again, and check that the salt is the \
             manifest's"
        )
    };
    let mut tokens = vec![
        String::new(),
        "b".to_owned(),
        "invalid".to_owned(),
        TOKEN[..39].to_owned(),
        format!("{TOKEN}0"),
        format!("{TOKEN}{TOKEN}"),
        TOKEN.to_uppercase(),
        "0".repeat(40),
    ];
    // Every place counts.
    tokens.extend((0..TOKEN.len()).map(|place| {
        let digit = if &TOKEN[place..=place] == "0" { "1" } else { "0" };
        format!("{}{digit}{}", &TOKEN[..place], &TOKEN[place + 1..])
    }));
    let timestamp = MADE.to_string();
    for token in &tokens {
        let form = Form::new([("id", "123"), ("token", token), ("timestamp", &timestamp)]).unwrap();
        let error = verifier().check(&form, made()).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::BadToken, bad("token")),
            "{token}"
        );
    }
    for (fields, name) in [
        ("id=124 token=T timestamp=#", "token"),
        ("id=123 token=T timestamp=1267597773", "token"),
        ("id=123 token=UT timestamp=#", "token"),
        // Both pairs must be right, whichever comes first.
        (
            "id=124 token=T resource_id=U resource_token=UT timestamp=#",
            "token",
        ),
        (
            "id=123 token=T resource_id=U resource_token=T timestamp=#",
            "resource_token",
        ),
        ("resource_id=V resource_token=UT timestamp=#", "resource_token"),
    ] {
        let error = verifier().check(&form(fields).unwrap(), made()).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::BadToken, bad(name)),
            "{fields}"
        );
    }
    let other = Verifier::new(SecretString::from("another salt")).unwrap();
    let genuine = form("id=123 token=T timestamp=#").unwrap();
    assert_eq!(
        other.check(&genuine, made()).unwrap_err().kind(),
        ErrorKind::BadToken
    );
    // The error for a bad token says nothing about its age.
    let old = form("id=123 token=0 timestamp=1").unwrap();
    assert_eq!(
        verifier().check(&old, made()).unwrap_err().kind(),
        ErrorKind::BadToken
    );
    let error = Verifier::new(SecretString::from("")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Empty);
}

#[test]
fn the_window() {
    let form = form("id=123 token=T timestamp=#").unwrap();
    let strict = verifier()
        .with_window(seconds(60))
        .with_clock_allowance(Duration::ZERO);
    let (stale, future) = (Some(ErrorKind::StaleToken), Some(ErrorKind::FutureToken));
    // The least step of a `SystemTime` on Windows.
    let tick = Duration::from_nanos(100);
    for (verifier, now, expected) in [
        (verifier(), made(), None),
        (verifier(), made() + seconds(300), None),
        (verifier(), made() + seconds(300) + tick, stale),
        (verifier(), made() + seconds(301), stale),
        // As kensa sends it.
        (verifier(), made() + seconds(360), stale),
        (verifier(), made() + seconds(u64::from(u32::MAX)), stale),
        (verifier(), made() - seconds(30), None),
        (verifier(), made() - seconds(30) - tick, future),
        (verifier(), made() - seconds(31), future),
        (verifier(), UNIX_EPOCH, future),
        (verifier(), UNIX_EPOCH - seconds(1), future),
        (strict.clone(), made(), None),
        (strict.clone(), made() + seconds(60), None),
        (strict.clone(), made() + seconds(61), stale),
        (strict.clone(), made() - tick, future),
        (
            verifier().with_window(Duration::MAX),
            made() + seconds(9_999_999),
            None,
        ),
        (verifier().with_clock_allowance(Duration::MAX), UNIX_EPOCH, None),
    ] {
        let found = verifier.check(&form, now).err().map(|error| error.kind());
        assert_eq!(found, expected, "{now:?} with {verifier:?}");
    }
    assert_eq!(
        verifier()
            .check(&form, made() + seconds(301))
            .unwrap_err()
            .to_string(),
        "the sign-on form is too old; sign in again, or check this machine's clock"
    );
    assert_eq!(
        verifier()
            .check(&form, made() - seconds(31))
            .unwrap_err()
            .to_string(),
        "the sign-on form is from the future; check this machine's clock"
    );
    // The end of time.
    let token = verifier().token("123", u64::MAX);
    let timestamp = u64::MAX.to_string();
    let fields = [
        ("id", "123"),
        ("token", token.expose_secret()),
        ("timestamp", &timestamp),
    ];
    let error = verifier().check(&Form::new(fields).unwrap(), made()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FutureToken);
}

#[test]
fn the_clock_of_this_machine() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for (timestamp, expected) in [
        (now, None),
        (now - 3600, Some(ErrorKind::StaleToken)),
        (now + 3600, Some(ErrorKind::FutureToken)),
    ] {
        let token = verifier().token("123", timestamp);
        let timestamp = timestamp.to_string();
        let fields = [
            ("id", "123"),
            ("token", token.expose_secret()),
            ("timestamp", &timestamp),
        ];
        let found = verifier().check_now(&Form::new(fields).unwrap());
        assert_eq!(found.err().map(|error| error.kind()), expected);
    }
}

#[test]
fn token_of_the_user_is_checked_wherever_it_is() {
    const GENUINE: [(&str, &str); 6] = [
        ("resource_id", UUID),
        ("resource_token", UUID_TOKEN),
        ("user_scoped_resource_token", USER_TOKEN),
        ("user_id", "98d1"),
        ("email", "user@example.com"),
        ("timestamp", "1267597772"),
    ];
    let genuine = Form::new(GENUINE).unwrap();
    assert!(genuine.is_user_scoped());
    verifier().check(&genuine, made()).unwrap();
    verifier().require_user().check(&genuine, made()).unwrap();
    let check = |fields: &[(&str, &str)]| {
        let form = Form::new(fields.iter().copied()).unwrap();
        verifier().check(&form, made()).map_err(|error| error.kind())
    };
    // Each proved field changed, beside a right `resource_token` and without one.
    for (name, value) in [
        ("user_scoped_resource_token", "0000"),
        ("user_scoped_resource_token", ""),
        ("user_scoped_resource_token", UUID_TOKEN),
        ("user_id", "98d2"),
        ("user_id", ""),
        ("user_id", "98d1:user@example.com"),
        ("email", "admin@example.com"),
        ("email", "USER@example.com"),
        ("email", ""),
        ("timestamp", "1267597771"),
        ("resource_id", "11234567-89ab-cdef-0123-456789abcdef"),
    ] {
        let forged = GENUINE.map(|field| if field.0 == name { (name, value) } else { field });
        assert_eq!(check(&forged), Err(ErrorKind::BadToken), "{name}={value}");
        let alone: Vec<_> = forged
            .into_iter()
            .filter(|(name, _)| *name != "resource_token")
            .collect();
        assert_eq!(check(&alone), Err(ErrorKind::BadToken), "{name}={value}");
    }
    // The other way round: a right token of the user beside a forged one of the resource.
    let forged = GENUINE.map(|field| {
        if field.0 == "resource_token" {
            (field.0, TOKEN)
        } else {
            field
        }
    });
    assert_eq!(check(&forged), Err(ErrorKind::BadToken));
    // Without the token, nothing proves the user.
    let unproved: Vec<_> = GENUINE
        .into_iter()
        .filter(|(name, _)| *name != "user_scoped_resource_token")
        .collect();
    assert_eq!(check(&unproved), Ok(()));
    let form = Form::new(unproved).unwrap();
    assert!(!form.is_user_scoped());
    let error = verifier().require_user().check(&form, made()).unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (
            ErrorKind::MissingField,
            "the sign-on form has no `user_scoped_resource_token`; pass on every field of Heroku's POST"
                .to_owned()
        )
    );
    // A token of the user does not allow text to move between the fields that it proves.
    for (user_id, email, refused) in [
        ("a:b", "c", "user_id"),
        (":", "", "user_id"),
        ("a", "b\u{0}c", "email"),
        ("a", "b\u{80}", "email"),
    ] {
        let token = verifier().user_scoped_token(UUID, MADE, user_id, email);
        let error = verifier()
            .check(
                &Form::new([
                    ("resource_id", UUID),
                    ("user_scoped_resource_token", token.expose_secret()),
                    ("user_id", user_id),
                    ("email", email),
                    ("timestamp", "1267597772"),
                ])
                .unwrap(),
                made(),
            )
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidField);
        assert!(
            error
                .to_string()
                .contains(&format!("a `{refused}` that is not like Heroku's")),
            "{error}"
        );
    }
    let token = verifier().user_scoped_token(UUID, MADE, "98d1", "user@example.com");
    assert_eq!(token.expose_secret(), USER_TOKEN);
}

#[test]
fn proved_field_does_not_pass_under_another_name() {
    for (id, token) in [("123", TOKEN), (UUID, UUID_TOKEN)] {
        let genuine = Form::new([("id", id), ("token", token), ("timestamp", "1267597772")]).unwrap();
        verifier().check(&genuine, made()).unwrap();
    }
    let renamed = form("resource_id=123 resource_token=T timestamp=#").unwrap();
    assert_eq!(
        verifier().check(&renamed, made()).unwrap_err().kind(),
        ErrorKind::InvalidField
    );
    let both = form("id=123 token=T resource_id=123 resource_token=T timestamp=#").unwrap();
    assert_eq!(
        verifier().check(&both, made()).unwrap_err().kind(),
        ErrorKind::InvalidField
    );
    for id in [
        "0123456789abcdef0123456789abcdef",
        "01234567-89ab-cdef-0123-456789abcdeg",
        "{01234567-89ab-cdef-0123-456789abcdef}",
        "01234567-89ab-cdef-0123-456789abcde",
        "-----",
        "",
    ] {
        let token = verifier().token(id, MADE);
        let form = Form::new([
            ("resource_id", id),
            ("resource_token", token.expose_secret()),
            ("timestamp", "1267597772"),
        ])
        .unwrap();
        assert_eq!(
            verifier().check(&form, made()).unwrap_err().kind(),
            ErrorKind::InvalidField,
            "{id}"
        );
    }
    // The token of a user does not pass as one of a resource, nor the reverse.
    for fields in [
        "resource_id=U resource_token=ST timestamp=#",
        "id=U token=ST timestamp=#",
        "resource_id=U user_scoped_resource_token=UT user_id=98d1 email=user@example.com timestamp=#",
    ] {
        assert_eq!(
            verifier()
                .check(&form(fields).unwrap(), made())
                .unwrap_err()
                .kind(),
            ErrorKind::BadToken,
            "{fields}"
        );
    }
    // The returned fields are the proved ones.
    let checked = form("id=123 token=T timestamp=# x=1").unwrap();
    verifier().check(&checked, made()).unwrap();
    let text = |name| checked.get(name).map(ExposeSecret::expose_secret);
    assert_eq!(text("timestamp"), Some(checked.timestamp().to_string().as_str()));
    assert_eq!(text("id"), Some(checked.id()));
    for body in [
        format!(r#"{{"id":"123","token":"{TOKEN}","timestamp":"+1267597772"}}"#),
        format!(r#"{{"id":"123","token":"{TOKEN}","timestamp":"01267597772"}}"#),
        format!(r#"{{"id":"123","token":"{TOKEN}","timestamp":-0}}"#),
        format!(r#"{{"id":"123","token":"{TOKEN}","timestamp":1267597772.0}}"#),
    ] {
        assert!(serde_json::from_str::<Form>(&body).is_err(), "{body}");
    }
}

/// All that Heroku sends today, and the context of a link.
const BODY: &str = "email=user%40example.com&user_id=98d1&app=shop&context_app=shop-staging&timestamp=1267597772\
    &nav-data=eyJhZGRvbiI6IngifQ&id=123&token=bb466eb1d6bc345d11072c3cd25c311f21be130d\
    &resource_id=01234567-89ab-cdef-0123-456789abcdef\
    &user_scoped_resource_token=06b7edb8f9b8e1cbbe52b3b4d4beaeeda657106f28eb0a9f86879fc4f053a0e1&issue_no=42&text=50%25+%26+more&tag=1&tag=2&%C3%A9=";

#[test]
fn a_form_keeps_every_field() {
    let form: Form = serde_urlencoded::from_str(BODY).unwrap();
    verifier().check(&form, made()).unwrap();
    let expected = [
        ("email", "user@example.com"),
        ("user_id", "98d1"),
        ("app", "shop"),
        ("context_app", "shop-staging"),
        ("timestamp", "1267597772"),
        ("nav-data", "eyJhZGRvbiI6IngifQ"),
        ("id", "123"),
        ("token", TOKEN),
        ("resource_id", UUID),
        ("user_scoped_resource_token", USER_TOKEN),
        ("issue_no", "42"),
        ("text", "50% & more"),
        ("tag", "1"),
        ("tag", "2"),
        ("é", ""),
    ];
    assert_eq!(pairs(&form), expected);
    assert_eq!(form.get("tag").map(ExposeSecret::expose_secret), Some("1"));
    assert!(form.get("tags").is_none());
    assert_eq!(serde_urlencoded::to_string(&form).unwrap(), BODY);
    assert_eq!(pairs(&Form::new(expected).unwrap()), expected);
    assert_eq!(pairs(&form.clone()), expected);
}

#[test]
fn numbers_are_read_as_text() {
    let json = format!(r#"{{"id":123,"token":"{TOKEN}","timestamp":1267597772,"issue_no":-7}}"#);
    let form: Form = serde_json::from_str(&json).unwrap();
    verifier().check(&form, made()).unwrap();
    let expected = [
        ("id", "123"),
        ("token", TOKEN),
        ("timestamp", "1267597772"),
        ("issue_no", "-7"),
    ];
    assert_eq!(pairs(&form), expected);
    let form: Form = serde_json::from_value(serde_json::to_value(&form).unwrap()).unwrap();
    verifier().check(&form, made()).unwrap();
}

#[test]
fn serde_says_what_is_missing() {
    for (body, message) in [
        (
            "id=123&token=x",
            "the sign-on form has no `timestamp`; pass on every field of Heroku's POST",
        ),
        (
            "",
            "the sign-on form has no `id`; pass on every field of Heroku's POST",
        ),
        (
            "id=1&id=2&token=x&timestamp=1",
            "the sign-on form gives `id` more than once; pass on Heroku's own field alone",
        ),
    ] {
        let error = serde_urlencoded::from_str::<Form>(body).unwrap_err();
        assert_eq!(error.to_string(), message, "{body}");
    }
    let error = serde_json::from_str::<Form>("[]").unwrap_err().to_string();
    assert!(error.contains("expected a sign-on form"), "{error}");
}

const CANARY: &str = "Zq7Xw9Kv3Jh5Gf8Bd2Lp6Mn4Rt1Yc0Ws";

#[track_caller]
fn assert_no_piece(output: &str, secret: &str) {
    for start in 0..=secret.len() - 4 {
        let piece = &secret[start..start + 4];
        assert!(!output.contains(piece), "{piece} is in:\n{output}");
    }
}

#[test]
fn no_output_holds_a_piece_of_a_secret() {
    let verifier = Verifier::new(CANARY.into()).unwrap();
    let token = verifier.token("123", MADE);
    assert_no_piece(&format!("{verifier:?} {verifier:#?} {token:?}"), CANARY);
    assert_no_piece(&format!("{token:?}"), token.expose_secret());
    let timestamp = MADE.to_string();
    let genuine = [
        ("id", "123"),
        ("token", token.expose_secret()),
        ("timestamp", &*timestamp),
    ];
    let genuine = Form::new(genuine.into_iter().chain([("email", CANARY)])).unwrap();
    verifier.check(&genuine, made()).unwrap();
    let mut output = format!("{genuine:?} {genuine:#?}");
    for now in [made() + seconds(301), made() - seconds(31)] {
        let error = verifier.check(&genuine, now).unwrap_err();
        output += &format!("{error} {error:?} {error:#?}");
    }
    assert_no_piece(&output, CANARY);
    assert_no_piece(&output, token.expose_secret());

    // The secret in each place of a form, as value and as name, and where a form lacks something.
    let places = [
        "id=123&timestamp=1267597772&token={}",
        "id=123&timestamp=1267597772&resource_token={}&resource_id=1&token={}",
        "id=123&timestamp=1267597772&token=0&email={}&nav-data={}&user_id={}&issue_no={}&x={}",
        "resource_id=1&timestamp=1&user_scoped_resource_token={}&user_id={}&email={}",
        "resource_id=1&timestamp=1&user_scoped_resource_token={}&user_id={}&email={}&email={}",
        "resource_id=1&timestamp=1&user_scoped_resource_token={}&user_id={}",
        "user_scoped_resource_token={}",
        "resource_token={}",
        "id=123&timestamp=1267597772&token=0&{}=1&{}",
        "id=123&timestamp={}&token=0",
        "id=123&timestamp=1&timestamp={}&token={}",
        "id=123&id={}&timestamp=1&token={}",
        "timestamp=1&token={}",
        "id=123&token={}",
        "{}",
        "{}={}",
    ];
    for place in places {
        let body = place.replace("{}", CANARY);
        let output = match serde_urlencoded::from_str::<Form>(&body) {
            Ok(form) => {
                let error = self::verifier().check(&form, made()).unwrap_err();
                format!("{form:?} {form:#?} {error} {error:?}")
            }
            Err(error) => format!("{error} {error:?}"),
        };
        assert_no_piece(&output, CANARY);
    }
    // Not a form, in a format that would quote it.
    let quoted = format!("{CANARY:?}");
    let number = "7291746382917463";
    for json in [
        quoted.clone(),
        format!("[{quoted}]"),
        format!("{{\"id\":[{quoted}]}}"),
        format!("{{\"id\":{{{quoted}:{quoted}}}}}"),
        format!("{{\"token\":{quoted},\"id\":true}}"),
        format!("{{\"token\":{quoted},\"id\":null}}"),
        format!("{{{quoted}:{quoted}}}"),
        number.to_owned(),
        format!("-{number}"),
        format!("7291.{number}"),
        format!("{{\"id\":7291.{number}}}"),
        format!("{{\"id\":{number}{number}{number}}}"),
        format!("{{\"id\":1,\"token\":2,\"timestamp\":-{number}}}"),
    ] {
        let from_text = serde_json::from_str::<Form>(&json).map(|_| ()).unwrap_err();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let from_value = serde_json::from_value::<Form>(value).map(|_| ()).unwrap_err();
        let output = format!("{from_text} {from_text:?} {from_value} {from_value:?}");
        assert!(output.contains("sign-on form"), "{output}");
        assert_no_piece(&output, CANARY);
        assert_no_piece(&output, number);
        assert!(!output.contains("true"), "{output}");
    }
    // The types that no format above has.
    use serde::Deserialize;
    use serde::de::value::{Error as Message, I128Deserializer, U128Deserializer};
    let big = 72_917_463_829_174_637_291_746_382_917_463_u128;
    let unsigned = Form::deserialize(U128Deserializer::<Message>::new(big)).unwrap_err();
    let signed = Form::deserialize(I128Deserializer::<Message>::new(-(big as i128))).unwrap_err();
    for error in [unsigned, signed] {
        assert_eq!(
            error.to_string(),
            "the sign-on form must be a map from names to texts or whole numbers"
        );
    }
}

#[test]
fn what_debug_shows() {
    let form: Form = serde_urlencoded::from_str(BODY).unwrap();
    assert_eq!(
        format!("{form:?}"),
        r#"Form { id: "123", timestamp: 1267597772, .. }"#
    );
}

#[test]
fn types_are_what_they_promise() {
    fn is_ordinary<T: Clone + Send + Sync + Unpin + std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    is_ordinary::<Form>();
    is_ordinary::<Verifier>();
    fn is_serde<T: serde::Serialize + serde::de::DeserializeOwned>() {}
    is_serde::<Form>();
}
