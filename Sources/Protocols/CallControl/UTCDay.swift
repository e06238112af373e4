/// A day of the Gregorian calendar in UTC: 2026-11-24. Enough to say since when somebody is known, and no diary of calls.
public struct UTCDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// From 0001-01-01 to 9999-12-31.
    private static let possible = -719_162...2_932_896

    /// Since 1970-01-01.
    public let number: Int

    /// Clamps to the years 1 to 9999.
    public init(number: Int) { self.number = max(Self.possible.lowerBound, min(number, Self.possible.upperBound)) }

    /// From seconds since 1970-01-01T00:00:00Z, rounded down.
    public init(secondsSince1970 seconds: Int64) {
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        self.init(number: Int(days) - (rest < 0 ? 1 : 0))
    }

    /// Exactly `YYYY-MM-DD`, and a day that there is.
    public init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], parts.joined().allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let numbers = parts.map { $0.reduce(0) { $0 * 10 + Int($1 - 0x30) } }
        guard numbers[0] >= 1, (1...12).contains(numbers[1]), numbers[2] >= 1 else { return nil }
        number = Self.days(year: numbers[0], month: numbers[1]) + numbers[2] - 1
        // The thirtieth of February reads as a day of March.
        guard description == text else { return nil }
    }

    /// Days from 1970-01-01 to the first of a month. The year begins in March here, so that the leap day is its last.
    private static func days(year: Int, month: Int) -> Int {
        let monthsSinceMarch = (month + 9) % 12
        let year = month <= 2 ? year - 1 : year
        return year * 365 + year / 4 - year / 100 + year / 400 + (153 * monthsSinceMarch + 2) / 5 - 719_468
    }

    public var description: String {
        var year = max(1, 1970 + (number < 0 ? number / 365 - 1 : number / 366))
        while Self.days(year: year + 1, month: 1) <= number { year += 1 }
        var month = 12
        while Self.days(year: year, month: month) > number { month -= 1 }
        let day = number - Self.days(year: year, month: month) + 1
        func padded(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    public static func < (a: UTCDay, b: UTCDay) -> Bool { a.number < b.number }
}
