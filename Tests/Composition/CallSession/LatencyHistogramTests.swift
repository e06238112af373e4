import Testing

@testable import CallSession

@Suite struct LatencyHistogramTests {
    @Test func percentilesOfAKnownSeries() {
        var histogram = LatencyHistogram()
        for value in 1...100 { histogram.add(milliseconds: Int64(value)) }
        #expect(histogram.percentiles?.p50 == 50)
        #expect(histogram.percentiles?.p95 == 95)
    }

    @Test func outliersAreKeptInBounds() {
        var histogram = LatencyHistogram()
        #expect(histogram.percentiles == nil)
        histogram.add(milliseconds: -5)
        #expect(histogram.percentiles == nil)
        histogram.add(milliseconds: .max)
        #expect(histogram.percentiles?.p50 == 5000)
    }
}
