//! Shows what an app sees while its credentials roll. It needs no server: it plays provider and app in a scratch folder.
//!
//! ```sh
//! cargo run --example live
//! ```
//!
//! The provider writes JAWSDB_URL to an env file, and mounts MONGODB_URI as Kubernetes mounts a secret: a folder of one
//! file a value, behind the symlink `..data`, which is swapped. After each of its steps the app reloads. A real app has
//! `live.watch(…)` for that, and no step of it prints a secret.

use config_vars::{EnvDir, EnvFile, Guard, Live, MongoUrl, MysqlUrl, Source};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(serde::Deserialize)]
struct Config {
    jawsdb_url: MysqlUrl,
    mongodb_uri: Option<MongoUrl>,
}

/// Stands for a driver's pool.
struct Pool {
    number: u32,
}

impl Pool {
    fn open(url: &MysqlUrl) -> Self {
        static OPENED: AtomicU32 = AtomicU32::new(0);
        // A driver would be handed this.
        let _ = url.expose_url();
        Self {
            number: OPENED.fetch_add(1, Ordering::Relaxed) + 1,
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provider = Provider::new()?;
    provider.write("JAWSDB_URL='mysql://app:first-pw@db-1.example/shop'\nPORT=8080\n")?;
    provider.mount("mongodb://app:m-first-pw@m-1.example/shop")?;

    // The whole of what an app writes.
    let live: Live<Config> = Live::new(EnvDir::new(provider.folder()).or(EnvFile::new(provider.file())))?;
    let pools = live
        .select(|config| config.jawsdb_url.clone())
        .map(|url| Ok(Pool::open(url)))?;
    let log = live.subscribe(|change| println!("    told:    {change}"));

    let see = |step: &str| {
        println!("\n{step}");
        if let Err(error) = live.reload() {
            println!("    reload:  {error}");
        }
        let config = live.load();
        let mongo = config.mongodb_uri.as_ref().and_then(|url| url.host());
        println!(
            "    in use:  generation {}, mysql at {}, mongo at {}, pool no. {}",
            Guard::generation(&config),
            config.jawsdb_url.host().unwrap_or("-"),
            mongo.unwrap_or("-"),
            pools.load().number,
        );
        println!("    status:  {}", live.status());
    };

    see("Nothing has happened.");
    provider.write("JAWSDB_URL='mysql://app:second-pw@db-1.example/shop'\nPORT=8080\n")?;
    see("The provider rolls the password.");
    provider.write("JAWSDB_URL='mysql://app:thi")?;
    see("It writes the file in place, and has come half-way.");
    provider.write("JAWSDB_URL='mysql://app:third#pw@db-1.example/shop'\nPORT=8080\n")?;
    provider.mount("mongodb://app:m-second-pw@m-1.example/shop")?;
    see("The password has a raw # in it. Meanwhile the mounted secret rolls, by a swap of ..data.");
    provider.write("JAWSDB_URL='mysql://app:third%23pw@db-1.example/shop'\nPORT=8080\n")?;
    see("The # is encoded.");
    provider.write("JAWSDB_URL='mysql://app:third%23pw@db-2.example/shop'\nPORT=8080\n")?;
    see("A change of plan moves the host.");
    provider.mount("mongodb://app:m-third-pw@m-2.example/shop")?;
    see("A second swap of ..data, and one more …");
    provider.mount("mongodb://app:m-fourth-pw@m-2.example/shop")?;
    see("… are seen like the first.");
    fs::remove_file(provider.file())?;
    see("The file is gone.");
    provider.write("JAWSDB_URL='mysql://app:fourth-pw@db-2.example/shop'\nPORT=8080\n")?;
    provider.unmount()?;
    see("It is there again, and the add-on MongoDB is removed.");

    let before = live.previous().map(|config| config.mongodb_uri.is_some());
    println!(
        "\nThe generation before is within reach for its grace period: {}",
        before == Some(true)
    );
    drop(log);
    Ok(())
}

/// The platform and the add-on providers.
struct Provider {
    scratch: PathBuf,
}

impl Provider {
    fn new() -> std::io::Result<Self> {
        let scratch = std::env::temp_dir().join(format!("config-vars-live-{}", std::process::id()));
        fs::create_dir_all(scratch.join("mounted"))?;
        Ok(Self { scratch })
    }

    fn file(&self) -> PathBuf {
        self.scratch.join("app.env")
    }

    fn folder(&self) -> PathBuf {
        self.scratch.join("mounted")
    }

    fn write(&self, text: &str) -> std::io::Result<()> {
        fs::write(self.file(), text)
    }

    /// As Kubernetes does it: a new hidden folder, and a symlink to it that takes the place of the old one in one step.
    fn mount(&self, url: &str) -> std::io::Result<()> {
        self.swap(|data| fs::write(data.join("MONGODB_URI"), format!("{url}\n")))
    }

    fn unmount(&self) -> std::io::Result<()> {
        self.swap(|_| fs::remove_file(self.folder().join("MONGODB_URI")))
    }

    fn swap(&self, fill: impl FnOnce(&Path) -> std::io::Result<()>) -> std::io::Result<()> {
        static MOUNTED: AtomicU32 = AtomicU32::new(0);
        let folder = self.folder();
        let data = format!("..{}", MOUNTED.fetch_add(1, Ordering::Relaxed));
        fs::create_dir(folder.join(&data))?;
        fill(&folder.join(&data))?;
        symlink(&data, &folder.join("..data_tmp"))?;
        let old = fs::read_link(folder.join("..data")).ok();
        fs::rename(folder.join("..data_tmp"), folder.join("..data"))?;
        match old {
            Some(old) => fs::remove_dir_all(folder.join(old)),
            None => symlink("..data/MONGODB_URI", &folder.join("MONGODB_URI")),
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.scratch);
    }
}

#[cfg(unix)]
fn symlink(target: &str, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_: &str, _: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other(
        "Kubernetes mounts its secrets on Unix alone",
    ))
}
