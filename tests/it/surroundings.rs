//! The environment and the home of a process do not change the options that PostgreSQL's drivers are handed.

#![cfg(any(feature = "sqlx", feature = "tokio-postgres"))]

use config_vars::PostgresUrl;
use std::process::Command;

const CHILD: &str = "CONFIG_VARS_TEST_SURROUNDINGS";
const CANARY: &str = "fromoutside";

/// URLs that leave out what a driver would look for elsewhere.
const URLS: &[&str] = &[
    "postgres://app@db.example",
    "postgres://app@db.example/shop",
    "postgres://app:pw@db.example/shop",
    "postgres://app@db.example:5433/shop?sslmode=disable",
    "postgres://app@db.example/shop?sslmode=verify-full",
    "postgres://app@%2Frun%2Fpg/shop",
    "postgres:///shop?host=db.example&user=app",
    "postgres://app@db.example/shop?application_name=shop",
];

fn handed_over() -> String {
    let mut shown = String::new();
    for text in URLS {
        let url: PostgresUrl = text.parse().unwrap();
        #[cfg(feature = "sqlx")]
        shown.push_str(&format!("{:#?}\n", url.to_sqlx()));
        #[cfg(feature = "tokio-postgres")]
        {
            let config = url.to_tokio_postgres();
            let password = config
                .as_ref()
                .map(|config| config.get_password().map(<[u8]>::to_vec));
            shown.push_str(&format!("{config:#?}\n{password:?}\n"));
        }
    }
    shown
}

/// Returns the hand-overs that this binary shows when it is run again with these variables.
fn in_process_with(variables: &[(&str, &str)]) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "surroundings::environment_does_not_reach_the_drivers",
            "--nocapture",
        ])
        .env_clear()
        .env(CHILD, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let shown = said
        .split("BEGIN")
        .nth(1)
        .and_then(|rest| rest.split("END").next());
    shown.expect("what is handed over").to_owned()
}

#[test]
fn environment_does_not_reach_the_drivers() {
    if std::env::var_os(CHILD).is_some() {
        println!("BEGIN{}END", handed_over());
        return;
    }
    let home = std::env::temp_dir().join(format!("config-vars-home-{}", std::process::id()));
    std::fs::create_dir_all(home.join(".postgresql")).unwrap();
    let pass_file = home.join(".pgpass");
    std::fs::write(&pass_file, format!("*:*:*:*:{CANARY}\n")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&pass_file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    for name in ["root.crt", "postgresql.crt", "postgresql.key"] {
        std::fs::write(home.join(".postgresql").join(name), CANARY).unwrap();
    }
    let (home_text, pass_file) = (home.to_str().unwrap(), pass_file.to_str().unwrap());
    let plain = in_process_with(&[]);
    assert!(!plain.contains(CANARY) && plain.contains("db.example"), "{plain}");
    let rows: &[&[(&str, &str)]] = &[
        &[("HOME", home_text)],
        &[("PGPASSFILE", pass_file)],
        &[("PGHOST", CANARY)],
        &[("PGHOSTADDR", "192.0.2.66")],
        &[("PGPORT", "6666")],
        &[("PGUSER", CANARY)],
        &[("PGPASSWORD", CANARY)],
        &[("PGDATABASE", CANARY)],
        &[("PGSSLMODE", "disable")],
        &[("PGSSLMODE", "verify-full")],
        &[("PGSSLROOTCERT", "/fromoutside.pem")],
        &[("PGAPPNAME", CANARY)],
        &[("PGSERVICE", CANARY)],
        &[("PGCONNECT_TIMEOUT", "1")],
        &[
            ("HOME", home_text),
            ("PGHOST", CANARY),
            ("PGPORT", "6666"),
            ("PGUSER", CANARY),
            ("PGPASSWORD", CANARY),
            ("PGSSLMODE", "disable"),
            ("PGSSLROOTCERT", "/fromoutside.pem"),
        ],
        &[
            ("HOME", home_text),
            ("PGPASSWORD", CANARY),
            ("PGDATABASE", CANARY),
            ("PGAPPNAME", CANARY),
        ],
    ];
    for variables in rows {
        let shown = in_process_with(variables);
        assert!(!shown.contains(CANARY), "{variables:?}: {shown}");
        // sqlx cannot unset these: they are what the server takes for none.
        let is_replaced = variables
            .iter()
            .any(|(name, _)| matches!(*name, "PGDATABASE" | "PGAPPNAME"));
        assert!(is_replaced || shown == plain, "{variables:?}: {shown}");
    }
    // A variable that the driver does not let us unset is an error that names it; certificates only where there is TLS.
    #[cfg(feature = "sqlx")]
    for (name, refused) in [
        ("PGOPTIONS", URLS.len()),
        ("PGSSLCERT", URLS.len() - 1),
        ("PGSSLKEY", URLS.len() - 1),
    ] {
        let shown = in_process_with(&[(name, CANARY)]);
        let named: Vec<_> = shown.lines().filter(|line| line.contains(name)).collect();
        assert_eq!(named.len(), refused, "{shown}");
        assert!(!named.concat().contains(CANARY), "{shown}");
    }
    std::fs::remove_dir_all(home).unwrap();
}
