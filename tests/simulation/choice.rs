//! Where every choice of a history comes from: a list, or a seed once the list is used up.

/// One choice that was made.
#[derive(Clone, Copy)]
struct Taken {
    chosen: u8,
    of: u8,
}

/// Makes the choices of one history and remembers them. Choice 0 is always the calm one.
pub struct Chooser {
    given: Vec<u8>,
    chance: Option<Chance>,
    taken: Vec<Taken>,
}

/// A seeded source of choices. Some runs are calm and some are wild.
struct Chance {
    random: Random,
    calm_of_256: u64,
}

/// xorshift64*: the same again from the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds must not make neighbouring runs.
        Self((seed ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }
}

impl Chance {
    fn choose(&mut self, of: usize) -> usize {
        if self.random.below(256) < self.calm_of_256 {
            0
        } else {
            self.random.below(of as u64) as usize
        }
    }
}

impl Chooser {
    /// Follows `given`, then takes the calm way.
    pub fn listed(given: Vec<u8>) -> Self {
        Self {
            given,
            chance: None,
            taken: Vec::new(),
        }
    }

    /// Every choice comes from `seed`.
    pub fn seeded(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let calm_of_256 = 60 + random.below(180);
        Self {
            given: Vec::new(),
            chance: Some(Chance {
                random,
                calm_of_256,
            }),
            taken: Vec::new(),
        }
    }

    /// One of `of` ways. Where there is only one, nothing is chosen and nothing remembered.
    pub fn choose(&mut self, of: usize) -> usize {
        assert!((1..256).contains(&of), "a choice has 1 to 255 ways");
        if of == 1 {
            return 0;
        }
        let chosen = match (self.given.get(self.taken.len()), &mut self.chance) {
            (Some(given), _) => usize::from(*given).min(of - 1),
            (None, None) => 0,
            (None, Some(chance)) => chance.choose(of),
        };
        self.taken.push(Taken {
            chosen: chosen as u8,
            of: of as u8,
        });
        chosen
    }

    /// The list is used up: from here on this history is not the one before it.
    pub fn is_beyond_list(&self) -> bool {
        self.taken.len() >= self.given.len()
    }

    /// The choices made, without the calm ones at the end.
    pub fn choices(&self) -> Vec<u8> {
        let mut choices: Vec<u8> = self.taken.iter().map(|taken| taken.chosen).collect();
        trim(&mut choices);
        choices
    }

    /// The list that leads to the next history, depth first; none after the last.
    pub fn next_list(&self) -> Option<Vec<u8>> {
        let last = self
            .taken
            .iter()
            .rposition(|taken| taken.chosen + 1 < taken.of)?;
        let mut list: Vec<u8> = self.taken[..=last]
            .iter()
            .map(|taken| taken.chosen)
            .collect();
        list[last] += 1;
        Some(list)
    }
}

/// Takes the calm choices off the end of a list: they are made anyway.
pub fn trim(choices: &mut Vec<u8>) {
    while choices.last() == Some(&0) {
        choices.pop();
    }
}
