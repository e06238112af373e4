import Testing

@testable import GuestPage

@Suite struct GuestPageTests {
    @Test func `the page and each file are there`() {
        #expect(GuestPage.file("/")?.contentType == "text/html; charset=utf-8")
        for path in GuestPage.paths { #expect(GuestPage.file(path)?.bytes.isEmpty == false, "\(path)") }
        #expect(GuestPage.file("/-/") == nil && GuestPage.file("/room") == nil)
    }
}
