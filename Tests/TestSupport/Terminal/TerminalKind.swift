/// How a terminal answers what it is asked. Nil: it says nothing.
public struct TerminalKind: Equatable, Sendable {
    /// Primary device attributes (CSI c): what stands between `?` and `c`.
    public var deviceAttributes: String?
    /// Secondary device attributes (CSI > c).
    public var secondaryAttributes: String?
    /// XTVERSION (CSI > q).
    public var version: String?
    /// DECRQM of a private mode: 0 not known, 1 set, 2 reset, 4 always reset. Modes that are not here are not known.
    public var modes: [Int: Int]
    /// Whether DECRQM is answered at all.
    public var answersModes: Bool
    /// Kitty's keyboard protocol is there: `CSI ? u` is answered, and push and pop are understood.
    public var hasKeyboardProtocol: Bool
    /// Kitty's graphics are there: a query (a=q) is answered with OK.
    public var hasKittyGraphics: Bool
    /// Of one cell, in pixels (CSI 16 t); nil: not said.
    public var cellPixels: (width: Int, height: Int)?
    /// XTGETTCAP "RGB" is answered with 8/8/8.
    public var saysTruecolor: Bool
    /// CSI 5 n and CSI 6 n are answered.
    public var answersStatus: Bool

    public init(
        deviceAttributes: String? = nil, secondaryAttributes: String? = nil, version: String? = nil, modes: [Int: Int] = [:],
        answersModes: Bool = false, hasKeyboardProtocol: Bool = false, hasKittyGraphics: Bool = false,
        cellPixels: (width: Int, height: Int)? = nil, saysTruecolor: Bool = false, answersStatus: Bool = false
    ) {
        self.deviceAttributes = deviceAttributes
        self.secondaryAttributes = secondaryAttributes
        self.version = version
        self.modes = modes
        self.answersModes = answersModes
        self.hasKeyboardProtocol = hasKeyboardProtocol
        self.hasKittyGraphics = hasKittyGraphics
        self.cellPixels = cellPixels
        self.saysTruecolor = saysTruecolor
        self.answersStatus = answersStatus
    }

    public static func == (a: TerminalKind, b: TerminalKind) -> Bool {
        a.deviceAttributes == b.deviceAttributes && a.secondaryAttributes == b.secondaryAttributes && a.version == b.version
            && a.modes == b.modes && a.answersModes == b.answersModes && a.hasKeyboardProtocol == b.hasKeyboardProtocol
            && a.hasKittyGraphics == b.hasKittyGraphics && a.cellPixels?.width == b.cellPixels?.width
            && a.cellPixels?.height == b.cellPixels?.height && a.saysTruecolor == b.saysTruecolor && a.answersStatus == b.answersStatus
    }

    /// Answers nothing at all.
    public static let silent = TerminalKind()
    /// Only what every terminal answers.
    public static let plain = TerminalKind(deviceAttributes: "62;22", answersStatus: true)
    public static let xterm = TerminalKind(
        deviceAttributes: "64;1;2;6;9;15;16;17;18;21;22;28", secondaryAttributes: "41;390;0", version: "XTerm(390)",
        modes: [2004: 2, 1000: 2, 1002: 2, 1006: 2, 25: 1], answersModes: true, cellPixels: (9, 18), saysTruecolor: true,
        answersStatus: true)
    /// As xterm in a window with sixel (`-ti vt340`).
    public static let sixel = TerminalKind(
        deviceAttributes: "63;1;2;4;6;9;15;22", secondaryAttributes: "19;390;0", version: "XTerm(390)", modes: [2004: 2, 2026: 0],
        answersModes: true, cellPixels: (9, 18), saysTruecolor: true, answersStatus: true)
    public static let foot = TerminalKind(
        deviceAttributes: "62;4;22;28", secondaryAttributes: "1;11800;0", version: "foot(1.18.0)", modes: [2004: 2, 2026: 2],
        answersModes: true, hasKeyboardProtocol: true, cellPixels: (10, 20), saysTruecolor: true, answersStatus: true)
    public static let kitty = TerminalKind(
        deviceAttributes: "62;", secondaryAttributes: "1;4000;38", version: "kitty(0.38.0)", modes: [2004: 2, 2026: 2],
        answersModes: true, hasKeyboardProtocol: true, hasKittyGraphics: true, cellPixels: (10, 20), saysTruecolor: true,
        answersStatus: true)
    /// The console of Linux prints what it does not know; it answers DA1 and the cursor's place.
    public static let console = TerminalKind(deviceAttributes: "6", answersStatus: true)
}
