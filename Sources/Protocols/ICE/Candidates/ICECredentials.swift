import Primitives

/// The user name fragment and password of one side for one ICE session (RFC 8839 §5.4).
public struct ICECredentials: Hashable, Sendable {
    /// 4 to 256 letters, digits, `+` or `/`.
    public var ufrag: String
    /// 22 to 256 of the same characters.
    public var password: String

    public init(ufrag: String, password: String) {
        self.ufrag = ufrag
        self.password = password
    }

    /// 48 and 144 random bits, twice and just over what RFC 8445 §5.3 asks for.
    public static func random(using random: inout RandomSource) -> ICECredentials {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return ICECredentials(ufrag: random.string(8, from: alphabet), password: random.string(24, from: alphabet))
    }

    /// Whether both have a permitted length and alphabet.
    public var isValid: Bool {
        (4...256).contains(ufrag.utf8.count) && (22...256).contains(password.utf8.count)
            && ufrag.utf8.allSatisfy(isICECharacter) && password.utf8.allSatisfy(isICECharacter)
    }
}

/// RFC 8839 §5.1, `ice-char`.
func isICECharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "+"), UInt8(ascii: "/"):
        true
    default: false
    }
}
