//! A picture of one roll without overlap: requests answered and failed over time, with the crate and without.

use crate::apps::{App, MysqlAsync};
use crate::rolls::{Crate, InProcess, Origin, Repeat, Scene, password};
use plotters::prelude::*;
use servers::Server;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

const BIN: Duration = Duration::from_millis(50);
const BEFORE: Duration = Duration::from_secs(1);
const AFTER: Duration = Duration::from_secs(2);
/// From the roll on the server to the new password in the app's folder.
const GAP: Duration = Duration::from_millis(300);
/// The time in which a client finds its pace, which is not drawn.
const WARM_UP: Duration = Duration::from_secs(1);

const ANSWERED: RGBColor = RGBColor(44, 123, 182);
const FAILED: RGBColor = RGBColor(215, 48, 39);

/// Requests by the time at which they ended, in bins: when it was by the clock of the picture, answered, failed.
struct Run {
    title: &'static str,
    bins: Vec<(f64, f64, f64)>,
}

pub fn draw(file: &str) {
    let scene = Scene::<MysqlAsync>::start();
    let runs = [
        ("with config-vars", Crate::With),
        ("without: the driver's pool, made once", Crate::Without),
    ];
    let runs = runs.map(|(title, which)| run(&scene, title, which));
    plot(Path::new(file), &runs).expect("a picture");
    println!("written to {file}");
}

fn run(scene: &Scene<MysqlAsync>, title: &'static str, which: Crate) -> Run {
    scene.server.put_user("app", &password(0));
    let folder = Origin::folder(&MysqlAsync::vars(&scene.server, "app", &password(0)));
    let app = InProcess::<MysqlAsync>::start(&folder, &scene.runtime);
    let load = app.load(&scene.runtime, which, Repeat::WhatWasCut);
    std::thread::sleep(WARM_UP + BEFORE);
    scene.server.roll_and_cut("app", &password(1));
    let roll = Instant::now();
    std::thread::sleep(GAP);
    folder.put(&MysqlAsync::vars(&scene.server, "app", &password(1)));
    std::thread::sleep(AFTER.saturating_sub(roll.elapsed()));
    let (counts, log) = load.end(&scene.runtime);
    println!("{title}: {counts:?}");
    let begin = roll.checked_sub(BEFORE).expect("not that long ago");
    let count = ((BEFORE + AFTER).as_secs_f64() / BIN.as_secs_f64()).round() as u32;
    let bins = (0..count).map(|number| {
        let (from, to) = (begin + BIN * number, begin + BIN * (number + 1));
        let of = |wanted| {
            let ended = log
                .iter()
                .filter(|(when, is_ok)| (from..to).contains(when) && *is_ok == wanted);
            ended.count() as f64
        };
        let place = (BIN * number + BIN / 2).as_secs_f64() - BEFORE.as_secs_f64();
        (place, of(true), of(false))
    });
    Run {
        title,
        bins: bins.collect(),
    }
}

fn plot(file: &Path, runs: &[Run]) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(file, (860, 520)).into_drawing_area();
    root.fill(&WHITE)?;
    let title = format!(
        "A MariaDB password is rolled at 0.0 s; the new one reaches the app at {:.1} s",
        GAP.as_secs_f64()
    );
    let root = root.titled(&title, ("sans-serif", 18))?;
    let most = runs.iter().flat_map(|run| &run.bins);
    let most = most.map(|bin| bin.1.max(bin.2)).fold(0.0, f64::max) * 1.15;
    let (from, to) = (-BEFORE.as_secs_f64(), AFTER.as_secs_f64());
    for (run, area) in runs.iter().zip(root.split_evenly((runs.len(), 1))) {
        let mut chart = ChartBuilder::on(&area)
            .caption(run.title, ("sans-serif", 15))
            .margin_left(14)
            .margin_right(20)
            .x_label_area_size(36)
            .y_label_area_size(56)
            .build_cartesian_2d(from..to, 0.0..most)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc("seconds after the roll")
            .y_desc(format!("requests in {} ms", BIN.as_millis()))
            .x_label_formatter(&|x| format!("{x:.1}"))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .draw()?;
        let answered = run.bins.iter().map(|&(time, answered, _)| (time, answered));
        let failed = run.bins.iter().map(|&(time, _, failed)| (time, failed));
        chart
            .draw_series(
                AreaSeries::new(answered, 0.0, ANSWERED.mix(0.25)).border_style(ANSWERED.stroke_width(2)),
            )?
            .label("answered")
            .legend(|(x, y)| PathElement::new([(x, y), (x + 16, y)], ANSWERED.stroke_width(3)));
        chart
            .draw_series(AreaSeries::new(failed, 0.0, FAILED.mix(0.25)).border_style(FAILED.stroke_width(2)))?
            .label("failed")
            .legend(|(x, y)| PathElement::new([(x, y), (x + 16, y)], FAILED.stroke_width(3)));
        let moments = [0.0, GAP.as_secs_f64()];
        chart
            .draw_series(moments.map(|time| PathElement::new([(time, 0.0), (time, most)], BLACK.mix(0.6))))?;
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.8))
            .draw()?;
    }
    root.present()?;
    Ok(())
}
