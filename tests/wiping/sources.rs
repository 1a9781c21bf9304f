//! Config vars that come from Heroku's API or from a file in which they were remembered, and the token of the API.

use super::{alone, residues, the_allocator_sees_residues};
use config_vars::Source;

#[cfg(feature = "heroku")]
mod heroku {
    use super::{alone, residues, the_allocator_sees_residues};
    use crate::owned_residues;
    use config_vars::{Heroku, SecretString, Source};
    use std::io::{BufRead, BufReader, Read, Write};
    use std::process::{Child, Command, Stdio};

    use crate::api_server::{self, Asked, Server, answer, file};

    /// Answers to a request for config vars, and to one for attachments. The app's name is their number here.
    fn answers() -> Vec<(Vec<u8>, Vec<u8>)> {
        const PASSWORD: &str = canary!();
        let vars = format!(
            r#"{{"JAWSDB_URL": "mysql://app:{PASSWORD}@db.example/shop", "TEXT": "a\"{PASSWORD}\\\u00e9\n", "UNSET": null}}"#
        );
        let many: Vec<_> = (0..2000)
            .map(|number| format!(r#""VAR_{number}": "{PASSWORD}""#))
            .collect();
        let many = format!("{{{}}}", many.join(","));
        let mut chunked = String::from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for chunk in many.as_bytes().chunks(777) {
            chunked += &format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk));
        }
        chunked += "0\r\n\r\n";
        let error = format!(r#"{{"id": "forbidden", "message": "{PASSWORD}"}}"#);
        let good = answer("200 OK", "ETag: \"1\"\r\n", &vars);
        let attachments = format!(
            r#"[{{"id": "{PASSWORD}", "name": "JAWSDB", "addon": {{"id": "1", "name": "{PASSWORD}"}}, "config_vars": ["JAWSDB_URL"]}}]"#
        );
        let attachments = answer("200 OK", "", &attachments);
        let secret_field = format!("Location: https://{PASSWORD}.example\r\nX-Secret: {PASSWORD}\r\n");
        let all = [
            good.clone(),
            answer("200 OK", "", &many),
            chunked.clone(),
            format!("HTTP/1.1 200 OK\r\n\r\n{vars}"),
            answer(
                "200 OK",
                "",
                &format!(r#"{{"A": "{PASSWORD}", "A": "{PASSWORD}"}}"#),
            ),
            answer("200 OK", "", &format!(r#"{{"A": "{PASSWORD}", "B": 1}}"#)),
            answer("200 OK", "", &format!(r#"{{"https://{PASSWORD}": "x"}}"#)),
            answer("200 OK", "", &format!(r#"{{"A": "{PASSWORD}"#)),
            answer("200 OK", "", PASSWORD),
            answer("401 Unauthorized", "", &error),
            answer("403 Forbidden", &secret_field, &error),
            answer("302 Found", &secret_field, &error),
            answer("429 Too Many Requests", &secret_field, &error),
            answer("500 Internal Server Error", "", &error),
            format!("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n{vars}"),
            good[..good.len() - 30].to_owned(),
            chunked[..chunked.len() / 2].to_owned(),
            format!("{PASSWORD}\r\n\r\n"),
            format!("HTTP/1.1 200 OK\r\n{PASSWORD}\r\n\r\n"),
            format!("HTTP/1.1 200 OK\r\nX: {PASSWORD}"),
        ];
        let with_attachments = |text: String| (text.into_bytes(), attachments.as_bytes().to_vec());
        let mut all: Vec<_> = all.into_iter().map(with_attachments).collect();
        all.push((
            format!("HTTP/1.1 200 OK\r\nX: {PASSWORD}\u{ff}").into_bytes(),
            Vec::new(),
        ));
        let not_text = [b"HTTP/1.1 200 OK\r\nX: ", PASSWORD.as_bytes(), b"\xff\r\n\r\n"].concat();
        all.push((not_text, Vec::new()));
        let with_url = format!("https://{PASSWORD}");
        for attachments in [
            answer("403 Forbidden", "", &error),
            answer("200 OK", "", &error),
            answer(
                "200 OK",
                "",
                &format!(r#"[{{"name": "{with_url}", "addon": {{"id": "1"}}}}]"#),
            ),
            answer(
                "200 OK",
                "",
                &format!(r#"[{{"name": "A", "addon": {{"id": "{with_url}"}}}}]"#),
            ),
            answer(
                "200 OK",
                "",
                &format!(r#"[{{"name": "A", "addon": {{"id": "1"}}, "config_vars": ["{with_url}"]}}]"#),
            ),
            answer(
                "200 OK",
                "",
                &format!(r#"[{{"{with_url}": "A"}}, {{"name": "A"}}]"#),
            ),
        ] {
            all.push((good.clone().into_bytes(), attachments.into_bytes()));
        }
        all
    }

    /// The server has a process of its own, because the allocator sees every thread.
    #[test]
    #[ignore = "a process of `nothing_is_left_behind_by_requests_to_the_api`"]
    fn answering_process() {
        let answers = answers();
        let number_of_answers = answers.len();
        let answer_to = move |asked: &Asked, stream: &mut api_server::Tls| {
            let mut path = asked.path().split('/').skip(2);
            let number: usize = path.next().unwrap().parse().unwrap();
            let (vars, attachments) = &answers[number];
            let bytes = match path.next() {
                Some("config-vars") if asked.field("If-None-Match").is_some() => {
                    b"HTTP/1.1 304 Not Modified\r\n\r\n"
                }
                Some("config-vars") => vars.as_slice(),
                _ => attachments,
            };
            _ = stream.write_all(bytes);
        };
        let server = Server::start("right", answer_to);
        println!("\nport {} answers {number_of_answers}", server.port);
        // Until the other process ends.
        _ = std::io::stdin().read_to_end(&mut Vec::new());
    }

    struct Process {
        child: Child,
        port: u16,
        answers: usize,
    }

    impl Process {
        fn start() -> Self {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args([
                    "--ignored",
                    "--exact",
                    "sources::heroku::answering_process",
                    "--nocapture",
                ])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
            let line = lines
                .map(Result::unwrap)
                .find(|line| line.starts_with("port "))
                .unwrap();
            let number = |index| line.split(' ').nth(index).unwrap();
            let (port, answers) = (number(1).parse().unwrap(), number(3).parse().unwrap());
            Self { child, port, answers }
        }
    }

    impl Drop for Process {
        fn drop(&mut self) {
            _ = self.child.kill();
            _ = self.child.wait();
        }
    }

    #[test]
    fn nothing_is_left_behind_by_requests_to_the_api() {
        let _alone = alone();
        the_allocator_sees_residues();
        let leave_one = || drop(std::hint::black_box(canary!().to_owned()));
        assert_eq!(owned_residues(leave_one), (1, 0));
        let server = Process::start();
        let authority = std::fs::read(file("authority.pem")).unwrap();
        let mut of_rustls = 0;
        for number in 0..server.answers {
            for with_attachments in [false, true] {
                let read = || {
                    let mut source = Heroku::app(number.to_string(), SecretString::from(canary!()))
                        .with_server("127.0.0.1", server.port)
                        .with_root_certificates(&authority)
                        .unwrap();
                    if with_attachments {
                        source = source.with_attachments();
                    }
                    for _ in 0..2 {
                        let read = source.clone().read();
                        drop(format!("{source:?} {read:?}"));
                    }
                };
                let (own, others) = owned_residues(read);
                assert_eq!(own, 0, "answer {number}");
                of_rustls += others;
            }
        }
        // As the documentation says.
        assert!(of_rustls > 0);
        // Without a server: the token alone.
        let unreachable = || {
            let source = Heroku::app("shop", SecretString::from(canary!())).with_server("127.0.0.1", 1);
            drop(source.read());
        };
        assert_eq!(residues(unreachable), 0);
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_left_behind_by_the_file_of_remembered_vars() {
    use config_vars::{EnvFile, Remembered};
    use std::time::Duration;

    let _alone = alone();
    the_allocator_sees_residues();
    let folder = tempfile::tempdir().unwrap();
    let (env, kept) = (folder.path().join("app.env"), folder.path().join("kept"));
    let text = concat!(
        "JAWSDB_URL=mysql://app:",
        canary!(),
        "@db.example/shop\nTEXT='",
        canary!(),
        "\nä'\nEMPTY=\nLONG=",
        canary!(),
        canary!(),
        canary!(),
    );
    std::fs::write(&env, text).unwrap();
    let source = || -> Remembered<EnvFile> {
        EnvFile::new(&env)
            .remembered(&kept, Duration::from_secs(3600))
            .unwrap()
    };
    let is_read = std::cell::Cell::new(false);
    let read = || {
        let source = source();
        for _ in 0..2 {
            let read = source.read();
            is_read.set(read.is_ok());
            drop(format!("{source:?} {read:?}"));
        }
    };
    assert_eq!((residues(read), is_read.get()), (0, true), "written");
    let written = std::fs::read(&kept).unwrap();
    assert!(crate::holds_piece(&written));
    std::fs::remove_file(&env).unwrap();
    assert_eq!((residues(read), is_read.get()), (0, true), "recalled");
    // In any state in which the file may be.
    for end in (0..written.len()).step_by(97) {
        std::fs::write(&kept, &written[..end]).unwrap();
        assert_eq!((residues(read), is_read.get()), (0, false), "{end} bytes");
    }
    for at in (0..written.len()).step_by(97) {
        for byte in [b'9', 0xff] {
            let mut damaged = written.clone();
            damaged[at] = byte;
            std::fs::write(&kept, &damaged).unwrap();
            assert_eq!(residues(read), 0, "{byte} at {at}");
        }
    }
}
