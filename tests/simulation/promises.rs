//! The promises, each over every history within its bounds, and over seeded ones far beyond.

use wxgame::store::Kind;

use crate::choice::Random;
use crate::explore::{play_all, play_seeds};
use crate::scenario::{Bounds, Scenario};
use crate::wechat::Server;

fn every_server() -> impl Iterator<Item = Server> {
    (0..8).map(|bits| Server {
        number_first: bits & 1 != 0,
        reusable: bits & 2 != 0,
        confirms: bits & 4 != 0,
    })
}

pub fn anything(random: &mut Random) -> Scenario {
    let bits = random.below(8);
    let kinds = [Kind::Pay, Kind::Pay, Kind::Pay, Kind::Present];
    let orders = (0..1 + random.below(2)).map(|_| kinds[random.below(4) as usize]);
    Scenario {
        name: "anything".into(),
        orders: orders.collect(),
        purse: random.below(3) as i64,
        server: every_server().nth(bits as usize).unwrap_or_default(),
        bounds: Bounds {
            fates: random.below(12) as u8,
            asides: random.below(6) as u8,
            crashes: random.below(5) as u8,
            closes: random.below(2) as u8,
            top_ups: random.below(3) as u8,
            cancels: random.below(3) as u8,
            leaps: random.below(3) as u8,
            waits: random.below(8) as u8,
            faults: if std::env::var_os("FAULTS").is_some() {
                random.below(4) as u8
            } else {
                0
            },
            repeats: random.below(3) as u8,
        },
        free: true,
        sleeps: false,
        broken: None,
    }
}

#[test]
fn seeds() {
    let n = std::env::var("SIMULATION_RUNS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20000);
    let s = std::env::var("SIMULATION_SEED")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    let began = std::time::Instant::now();
    play_seeds(anything, s, n);
    println!("{n} {:?}", began.elapsed());
}

#[test]
fn first_look() {
    let cases: [(&str, Kind, i64, [u8; 7]); 9] = [
        ("f3c2", Kind::Pay, 1, [3, 2, 0, 0, 0, 0, 0]),
        ("f2c2x1", Kind::Pay, 1, [2, 2, 1, 0, 0, 0, 0]),
        ("f3x1", Kind::Pay, 1, [3, 0, 1, 0, 0, 0, 0]),
        ("f2c1a1", Kind::Pay, 1, [2, 1, 0, 1, 0, 0, 0]),
        ("f2c1t1 poor", Kind::Pay, 0, [2, 1, 0, 0, 1, 0, 0]),
        ("f2c1l1", Kind::Pay, 1, [2, 1, 0, 0, 0, 1, 0]),
        ("f2c1w1", Kind::Pay, 1, [2, 1, 0, 0, 0, 0, 1]),
        ("present f3c2", Kind::Present, 1, [3, 2, 0, 0, 0, 0, 0]),
        ("present f2c2a1l1", Kind::Present, 1, [2, 2, 0, 1, 0, 1, 0]),
    ];
    for (name, kind, purse, b) in cases {
        for confirms in [false, true] {
            let scenario = Scenario {
                name: format!("{name} {confirms}"),
                orders: vec![kind],
                purse,
                server: Server {
                    confirms,
                    ..Server::default()
                },
                bounds: Bounds {
                    fates: b[0],
                    crashes: b[1],
                    cancels: b[2],
                    asides: b[3],
                    top_ups: b[4],
                    leaps: b[5],
                    waits: b[6],
                    ..Bounds::default()
                },
                free: false,
                sleeps: false,
                broken: None,
            };
            let began = std::time::Instant::now();
            let n = crate::explore::play_all(&scenario, 400_000);
            println!("{} {n} {:?}", scenario.name, began.elapsed());
        }
    }
}
