import CallControl
import GuestPage
import Testing

/// Served as they are, the files must fit each other: no browser is asked here.
@Suite struct GuestPageTests {
    private static let scripts = GuestPage.paths.filter { $0.hasSuffix(".js") }

    private static func text(_ path: String) throws -> String {
        let file = try #require(GuestPage.file(path), "\(path)")
        return try #require(String(validating: file.bytes, as: UTF8.self), "\(path) is not UTF-8")
    }

    /// What stands between `before` and `after`, each time.
    private static func all(in text: String, between before: String, and after: String) -> [String] {
        text.split(separator: before, omittingEmptySubsequences: false).dropFirst().map {
            String($0.split(separator: after, maxSplits: 1, omittingEmptySubsequences: false)[0])
        }
    }

    @Test func everyFileIsThereWithItsType() throws {
        let types = [".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"]
        for path in GuestPage.paths {
            let file = try #require(GuestPage.file(path))
            #expect(!file.bytes.isEmpty, "\(path)")
            let expected = types.first { path.hasSuffix($0.key) }?.value ?? "text/html; charset=utf-8"
            #expect(file.contentType == expected, "\(path)")
            #expect(path == "/" || path.hasPrefix(GuestPage.folder), "\(path) could be the name of a channel")
        }
        #expect(GuestPage.file("/") != nil)
    }

    @Test(arguments: ["", "/-/", "/-/../index.html", "/-/none.js", "/room", "/index.html", "//"])
    func nothingElseIsThere(path: String) { #expect(GuestPage.file(path) == nil) }

    @Test func thePageRefersOnlyToFilesThatAreThere() throws {
        let page = try Self.text("/")
        let references = Self.all(in: page, between: "href=\"", and: "\"") + Self.all(in: page, between: "src=\"", and: "\"")
        #expect(references.count >= 3)
        for reference in references { #expect(GuestPage.file(reference) != nil, "\(reference)") }
    }

    /// A script that nothing imports would be carried for nothing, one that is missing would be a blank page.
    @Test func theScriptsImportEachOtherAndNothingElse() throws {
        var reached: Set<String> = []
        var waiting = ["/-/app.js"]
        while let path = waiting.popLast() {
            guard reached.insert(path).inserted else { continue }
            for name in Self.all(in: try Self.text(path), between: " from \"", and: "\"") {
                #expect(name.hasPrefix("./"), "\(path) imports \(name)")
                waiting.append(GuestPage.folder + name.dropFirst(2))
            }
        }
        #expect(reached.sorted() == Self.scripts)
    }

    @Test func theScriptsFindTheirElements() throws {
        let ids = Self.all(in: try Self.text("/"), between: " id=\"", and: "\"")
        #expect(Set(ids).count == ids.count, "an id is used twice")
        for path in ["/-/app.js", "/-/ui.js"] {
            let script = try Self.text(path)
            for id in Self.all(in: script, between: "element(\"", and: "\"") + Self.all(in: script, between: "copyOf(\"", and: "\"") {
                #expect(ids.contains(id), "\(path) asks for #\(id)")
            }
        }
    }

    @Test func everyFieldHasAName() throws {
        let page = try Self.text("/")
        let labelled = Set(Self.all(in: page, between: " for=\"", and: "\""))
        for kind in ["<input ", "<select ", "<meter ", "<video "] {
            for field in Self.all(in: page, between: kind, and: ">") where field.contains(" id=\"") || field.hasPrefix("id=\"") {
                let id = Self.all(in: " " + field, between: " id=\"", and: "\"")[0]
                let isInside = page.contains("<label class=\"switch\">\(kind)\(field)>")
                #expect(labelled.contains(id) || field.contains("aria-label=") || isInside, "#\(id)")
            }
        }
    }

    @Test func thePolicyAllowsNothingInline() {
        let policy = GuestPage.contentSecurityPolicy
        #expect(policy.hasPrefix("default-src 'none'; "))
        for forbidden in ["unsafe", "data:", "blob:", "http:", "https:", "*"] { #expect(!policy.contains(forbidden), "\(forbidden)") }
        #expect(GuestPage.headers.contains { $0.name == "Content-Security-Policy" && $0.value == policy })
        #expect(GuestPage.headers.contains { $0.name == "Referrer-Policy" && $0.value == "no-referrer" })
    }

    @Test func nothingInlineIsThere() throws {
        let page = try Self.text("/")
        for forbidden in [" style=", "<style", "<script>", " onclick=", " onload=", " onsubmit=", "javascript:"] {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
        for path in Self.scripts {
            let script = try Self.text(path)
            // What others say could become markup by these.
            for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "\"style\""] {
                #expect(!script.contains(forbidden), "\(path) has \(forbidden)")
            }
        }
    }

    @Test func nothingComesFromElsewhere() throws {
        for path in GuestPage.paths {
            let text = try Self.text(path)
            for scheme in ["http://", "https://", "//cdn", "@import", "url("] {
                for after in Self.all(in: text, between: scheme, and: "\"") {
                    #expect(after == "www.w3.org/2000/svg", "\(path) has \(scheme)\(after.prefix(40))")
                }
            }
        }
    }

    @Test func theWordsAreThoseOfTheTerminal() throws {
        let script = try Self.text("/-/words.js")
        let list = Self.all(in: script, between: "list = `", and: "`")[0].split { $0 == " " || $0 == "\n" }.map(String.init)
        #expect(list == VerificationWords.list)
        for label in ["tchat-control-1 commitment\\n", "tchat-control-1 words\\n"] { #expect(script.contains("\"\(label)\"")) }
    }
}
