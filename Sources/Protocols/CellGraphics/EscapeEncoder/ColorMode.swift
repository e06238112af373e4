/// How many colours the terminal is given.
public enum ColorMode: String, Sendable, CaseIterable {
    case truecolor
    case indexed256 = "256"
    case indexed16 = "16"
    case none
}
