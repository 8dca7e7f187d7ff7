//! Pictograms of what a package holds, for those who cannot read: drawn here with a few lines each.
//!
//! Each stands in a square of 24 units, as outlines of one thickness, so that a photocopy of a photocopy
//! still shows it.

use std::io::Write as _;

/// What an item looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Picture {
    /// A tied sack with an ear of rice.
    Rice,
    /// A bottle with a drop.
    Oil,
    /// Two eggs in a tray.
    Eggs,
    /// A bag with cubes.
    Sugar,
    /// A tin with a fish.
    Fish,
    /// A cup with steam: tea, coffee.
    Cup,
    /// Anything else.
    Parcel,
}

/// A part of a drawing as SVG has it: the data of a path, and whether it is filled or only drawn around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// For the attribute `d`, in a view box of 24 units.
    pub d: String,
    /// Whether it is filled.
    pub filled: bool,
}

/// Words by which an item's picture is found, Indonesian and English.
const WORDS: [(&str, Picture); 21] = [
    ("beras", Picture::Rice),
    ("rice", Picture::Rice),
    ("minyak", Picture::Oil),
    ("oil", Picture::Oil),
    ("kecap", Picture::Oil),
    ("telur", Picture::Eggs),
    ("telor", Picture::Eggs),
    ("egg", Picture::Eggs),
    ("gula", Picture::Sugar),
    ("sugar", Picture::Sugar),
    ("garam", Picture::Sugar),
    ("tepung", Picture::Sugar),
    ("sarden", Picture::Fish),
    ("ikan", Picture::Fish),
    ("makerel", Picture::Fish),
    ("fish", Picture::Fish),
    ("teh", Picture::Cup),
    ("tea", Picture::Cup),
    ("kopi", Picture::Cup),
    ("coffee", Picture::Cup),
    ("susu", Picture::Cup),
];

impl Picture {
    /// The picture of an item by its code or name; a parcel when no word is known.
    #[must_use]
    pub fn of(item: &str) -> Self {
        let item = item.to_lowercase();
        item.split(|sign: char| !sign.is_alphabetic())
            .find_map(|word| WORDS.iter().find(|(known, _)| *known == word).map(|(_, picture)| *picture))
            .unwrap_or(Self::Parcel)
    }

    /// The drawing in units of a 24th of its side, from the lower left corner.
    const fn path(self) -> &'static str {
        match self {
            Self::Rice => {
                "9 20 m 7 23 l 17 23 l 15 20 l S \
                 8 19.5 m 2 15 2 4 4.5 1.5 c 19.5 1.5 l 22 4 22 15 16 19.5 c h S \
                 8 20 m 16 20 l S 12 4 m 12 13 l S \
                 12 6 m 9 7 8.5 8.5 8.5 10 c 11 9.5 12 8 12 6 c f 12 6 m 15 7 15.5 8.5 15.5 10 c 13 9.5 12 8 12 6 c f \
                 12 10 m 9.5 11 9 12.5 9 14 c 11 13.5 12 12 12 10 c f 12 10 m 14.5 11 15 12.5 15 14 c 13 13.5 12 12 12 10 c f"
            }
            Self::Oil => {
                "10 20 m 10 17 l 7 15 6.5 13.5 6.5 11.5 c 6.5 1.5 l 17.5 1.5 l 17.5 11.5 l 17.5 13.5 17 15 14 17 c 14 20 l S \
                 9.3 20 5.4 2.8 re f 12 11.5 m 9.8 8 9.2 7 9.2 5.8 c 9.2 4.2 10.5 3.2 12 3.2 c 13.5 3.2 14.8 4.2 14.8 5.8 c \
                 14.8 7 14.2 8 12 11.5 c f"
            }
            Self::Eggs => {
                "1.5 8 m 3.5 2 l 20.5 2 l 22.5 8 l h S \
                 3.5 8 m 3.5 13.5 5.3 17 7.7 17 c 10.1 17 11.9 13.5 11.9 8 c S \
                 12.1 8 m 12.1 13.5 13.9 17 16.3 17 c 18.7 17 20.5 13.5 20.5 8 c S \
                 8.3 16.5 m 9 20 10.2 22 12 22 c 13.8 22 15 20 15.7 16.5 c S"
            }
            Self::Sugar => {
                "5 20 m 3.5 2 l 20.5 2 l 19 20 l h S 5 20 m 7 22.5 l 9.3 20 l 11.7 22.5 l 14 20 l 16.3 22.5 l 19 20 l S \
                 7 5 4.4 4.4 re f 12.8 5 4.4 4.4 re f 9.9 10.8 4.4 4.4 re f"
            }
            Self::Fish => {
                "2 17.5 m 2 22.3 22 22.3 22 17.5 c 22 12.7 2 12.7 2 17.5 c s \
                 2 17.5 m 2 5 l 2 0.2 22 0.2 22 5 c 22 17.5 l S \
                 5 7.5 m 8 11.5 13 11 15.5 7.8 c 19 10.5 l 19 4.5 l 15.5 7.2 l 13 4 8 3.5 5 7.5 c f"
            }
            Self::Cup => {
                "3 14 m 3 2 l 17 2 l 17 14 l h S 17 12 m 23 12 23 5 17 5 c S \
                 7 16.5 m 5.5 19 8.5 20 7 22.5 c S 12.5 16.5 m 11 19 14 20 12.5 22.5 c S"
            }
            Self::Parcel => {
                "2.5 2 m 2.5 16.5 l 21.5 16.5 l 21.5 2 l h S 2.5 16.5 m 6 21.5 l 18 21.5 l 21.5 16.5 l S \
                 12 21.5 m 12 2 l S"
            }
        }
    }

    /// The same drawing for a screen, whose heights count from the top.
    #[must_use]
    pub fn shapes(self) -> Vec<Shape> {
        let (mut shapes, mut d, mut numbers) = (Vec::new(), String::new(), Vec::<f32>::new());
        for word in self.path().split_whitespace() {
            if let Ok(number) = word.parse() {
                numbers.push(number);
                continue;
            }
            let place = |pair: &[f32]| match pair {
                [x, y] => format!("{} {}", hundredths(*x), hundredths(24.0 - y)),
                _ => String::new(),
            };
            match (word, numbers.as_slice()) {
                ("re", [x, y, width, height]) => {
                    d += &format!(
                        "M{} {}h{}v{}h{}z",
                        hundredths(*x),
                        hundredths(24.0 - y - height),
                        hundredths(*width),
                        hundredths(*height),
                        hundredths(-width)
                    );
                }
                ("m" | "l" | "c", _) => {
                    d.push_str(&word.to_uppercase());
                    d += &numbers.chunks(2).map(place).collect::<Vec<_>>().join(" ");
                }
                ("h", _) => d.push('z'),
                ("S" | "s" | "f", _) => {
                    if word == "s" {
                        d.push('z');
                    }
                    shapes.push(Shape { d: std::mem::take(&mut d), filled: word == "f" });
                }
                _ => {}
            }
            numbers.clear();
        }
        shapes
    }

    /// Writes the drawing with its lower left corner at a place, `side` wide, all in points.
    pub(super) fn write(self, (left, foot): (f32, f32), side: f32, out: &mut Vec<u8>) {
        let scale = (side / 24.0 * 1000.0).round() / 1000.0;
        // Writing into a Vec cannot fail.
        let _ = writeln!(out, "q {scale} 0 0 {scale} {left} {foot} cm 0 G 1.4 w 1 j 1 J {} Q", self.path());
    }
}

/// A number with at most two places behind the point.
fn hundredths(number: f32) -> f32 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drawing_has_its_shapes_for_a_screen() {
        let all =
            [Picture::Rice, Picture::Oil, Picture::Eggs, Picture::Sugar, Picture::Fish, Picture::Cup, Picture::Parcel];
        for picture in all {
            let painted = picture.path().split_whitespace().filter(|word| matches!(*word, "S" | "s" | "f")).count();
            let shapes = picture.shapes();
            assert_eq!(shapes.len(), painted, "{picture:?}");
            assert!(shapes.iter().all(|shape| shape.d.starts_with('M')), "{shapes:?}");
        }
        assert_eq!(Picture::Parcel.shapes()[2].d, "M12 2.5L12 22");
    }

    #[test]
    fn an_item_is_known_by_a_word_of_its_name() {
        for (name, picture) in [
            ("Beras premium 15 kg", Picture::Rice),
            ("MINYAK GORENG", Picture::Oil),
            ("telur-ayam", Picture::Eggs),
            ("Gula pasir", Picture::Sugar),
            ("1 kaleng besar sarden", Picture::Fish),
            ("Teh celup", Picture::Cup),
            ("Sabun mandi", Picture::Parcel),
            ("Pelampung tehnis", Picture::Parcel),
        ] {
            assert_eq!(Picture::of(name), picture, "{name}");
        }
    }
}
