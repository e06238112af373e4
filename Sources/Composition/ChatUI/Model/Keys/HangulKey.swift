/// The keys of a keyboard on which Hangul is typed, as the Korean layout of two sets (2-beolsik, KS X 5002) has them.
///
/// While that is switched on, `m` arrives as ㅡ, or as the end of a syllable that was put together on the way.
enum HangulKey {
    /// ㄱ to ㅎ (U+3131), then ㅏ to ㅣ (U+314F); of two that are one letter the last.
    private static let consonants: StaticString = "rRtswgeEfraqtxvgaqQttTdwWczxvg"
    private static let vowels: StaticString = "koiOjpuPhkolynjplbmll"
    /// At the end of a syllable, in the order of Unicode.
    private static let finals: StaticString = "rRtswgefraqtxvgaqttTdwczxvg"

    /// The Latin letter on the key of a letter, or of the last one of a syllable; a capital where it takes Shift. Nil: it is no Hangul.
    static func letter(of scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar.value {
        case 0x3131...0x314e: return letter(in: consonants, at: scalar.value - 0x3131)
        case 0x314f...0x3163: return letter(in: vowels, at: scalar.value - 0x314f)
        case 0xac00...0xd7a3:
            let (vowel, end) = ((scalar.value - 0xac00) / 28 % 21, (scalar.value - 0xac00) % 28)
            return end == 0 ? letter(in: vowels, at: vowel) : letter(in: finals, at: end - 1)
        default: return nil
        }
    }

    /// With Shift, where Hangul does not tell it from the key alone; nil: it does.
    static func shifted(_ letter: Unicode.Scalar) -> Unicode.Scalar? {
        ("a"..."z").contains(letter) ? Unicode.Scalar(letter.value - 32) : nil
    }

    private static func letter(in letters: StaticString, at index: UInt32) -> Unicode.Scalar? {
        letters.withUTF8Buffer { Int(index) < $0.count ? Unicode.Scalar($0[Int(index)]) : nil }
    }
}
