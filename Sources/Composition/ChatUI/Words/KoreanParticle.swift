/// A particle, in the form that the word before it asks for.
///
/// It goes by how the word ends when it is read aloud: in a vowel, in ㄹ, or in another consonant. Latin letters are read as Korean
/// writes foreign names; where that is anybody's guess, both forms are given, as in "은(는)".
public enum KoreanParticle: Sendable, CaseIterable {
    case topic, subject, object, with, toward

    enum Ending: Equatable, Sendable { case vowel, rieul, consonant, unknown }

    public func after(_ word: String) -> String {
        let ending = Self.ending(of: word)
        switch self {
        case .topic: return pick(ending, "은", "는", both: "은(는)")
        case .subject: return pick(ending, "이", "가", both: "이(가)")
        case .object: return pick(ending, "을", "를", both: "을(를)")
        case .with: return pick(ending, "과", "와", both: "과(와)")
        // ㄹ goes with the vowels here.
        case .toward: return pick(ending == .rieul ? .vowel : ending, "으로", "로", both: "(으)로")
        }
    }

    /// The word with its particle.
    public func behind(_ word: String) -> String { word + after(word) }

    private func pick(_ ending: Ending, _ closed: String, _ open: String, both: String) -> String {
        switch ending {
        case .vowel: open
        case .rieul, .consonant: closed
        case .unknown: both
        }
    }

    /// Of the last letter or digit; brackets and marks behind it are not read.
    static func ending(of word: String) -> Ending {
        let scalars = word.unicodeScalars.suffix(64)
        guard let index = scalars.lastIndex(where: { $0.properties.isAlphabetic || $0.properties.numericType != nil }) else {
            return .unknown
        }
        let last = scalars[index]
        switch last.value {
        case 0xac00...0xd7a3:
            let final = (last.value - 0xac00) % 28
            return final == 0 ? .vowel : final == 8 ? .rieul : .consonant
        // Letters by themselves: 기역, 리을; ㅏ.
        case 0x3131...0x314e: return last == "ㄹ" ? .rieul : .consonant
        case 0x314f...0x3163: return .vowel
        case 0x30...0x39: return digit(last)
        case 0x41...0x5a, 0x61...0x7a: return latin(scalars[...index])
        default: return .unknown
        }
    }

    /// 영 일 이 삼 사 오 육 칠 팔 구; 십, 백 and what is above end as 영 does.
    private static func digit(_ scalar: Unicode.Scalar) -> Ending {
        switch scalar {
        case "1", "7", "8": .rieul
        case "0", "3", "6": .consonant
        default: .vowel
        }
    }

    private static func latin(_ scalars: Substring.UnicodeScalarView) -> Ending {
        let word = scalars.reversed().prefix { $0.isASCII && $0.properties.isAlphabetic }
        let isSpelled = word.allSatisfy { $0.properties.isUppercase } && word.count <= 3
        let letters = word.map { $0.properties.lowercaseMapping.unicodeScalars.first ?? $0 }
        guard let last = letters.first else { return .unknown }
        // By the names of the letters: 엘, 알, 엠, 엔.
        if isSpelled || letters.count == 1 {
            return "lr".unicodeScalars.contains(last) ? .rieul : "mn".unicodeScalars.contains(last) ? .consonant : .vowel
        }
        let before = letters[1]
        switch last {
        case "l": return .rieul
        case "m", "n": return .consonant
        case "g" where before == "n": return .consonant
        // Silent: Jane, Nicole; but Alice, Mike, Chloe.
        case "e": return before == "l" ? .rieul : before == "n" || before == "m" ? .consonant : .vowel
        case "b", "c", "g", "k", "p", "t":
            // Behind a consonant it is a syllable of its own (마크); behind a short vowel it closes one (잭), or does not (로그).
            let stem = before == last || (last == "k" && before == "c") ? letters.dropFirst(2).first : before
            guard let stem, isVowel(stem) else { return .vowel }
            return last == "p" || last == "k" || last == "c" ? .consonant : .unknown
        default: return .vowel
        }
    }

    private static func isVowel(_ scalar: Unicode.Scalar) -> Bool { "aeiou".unicodeScalars.contains(scalar) }
}
