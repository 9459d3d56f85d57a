import KeelBase
import KeelState
import KeelSystem
import KeelTestSupport
import Testing

/// Files of every format that was ever written are read for ever. They stand in `Formats`, and only grow in number:
/// `vN-NAME.json` is a state and `vN-NAME.journal` a journal over it, both of format N. What they hold is in
/// `NAME.expected.json` and `NAME.replayed.expected.json`, whatever the format.
struct FormatTests {
    private static let directory = "\(#filePath)".replacing("/FormatTests.swift", with: "/Formats")

    private static func names(_ suffix: String) throws -> [String] {
        try SystemFileStore().list(directory).map(\.name).filter { $0.hasPrefix("v") && $0.hasSuffix(suffix) }
            .map { String($0.dropLast(suffix.count)) }
    }

    private static func bytes(_ name: String) throws -> [UInt8] {
        try #require(try SystemFileStore().read("\(directory)/\(name)", limit: 1 << 20), "\(name)")
    }

    /// What is in a state, in a form that no stored format has.
    private static func content(_ document: StateDocument) throws -> JSON {
        var records: [JSON.Member] = []
        for address in document.addresses {
            records.append(.init(address.description, try document.record(address)?.json ?? .null))
        }
        return .present(
            ("serial", .integer(document.serial)), ("lineage", .string(document.lineage)),
            ("vault", document.vault.map(JSON.string)), ("records", .object(records)))
    }

    private static func expected(_ name: String, _ suffix: String) throws -> String {
        let base = name.drop { $0 != "-" }.dropFirst()
        return String(decoding: try bytes("\(base)\(suffix).json"), as: UTF8.self)
    }

    @Test func `states of every format are read, and written as the present one`() throws {
        let names = try Self.names(".json")
        #expect(names.count >= 6)
        for name in names {
            let document = try StateDocument(parsing: try Self.bytes("\(name).json"), path: name)
            #expect(try Self.content(document).text(.pretty) == Self.expected(name, ".expected"), "\(name)")
            let again = try StateDocument(parsing: document.bytes(), path: name)
            #expect(try again == document && Self.content(again) == Self.content(document), "\(name)")
            for address in document.addresses {
                #expect(try document.head(address) == document.record(address)?.head, "\(name): \(address)")
            }
        }
    }

    @Test func `what the present format wrote is what it writes`() throws {
        for name in try Self.names(".json") where name.hasPrefix("v\(StateDocument.formatVersion)-") {
            let bytes = try Self.bytes("\(name).json")
            #expect(try StateDocument(parsing: bytes, path: name).bytes() == bytes, "\(name)")
        }
    }

    @Test func `journals of every format are replayed, and the next run writes the present format`() async throws {
        let names = try Self.names(".journal")
        #expect(names.count >= 2)
        for name in names {
            let files = StateFixture.files()
            files.put(StateFixture.paths.state, bytes: try Self.bytes("\(name).json"))
            files.put(StateFixture.paths.journal, bytes: try Self.bytes("\(name).journal"))
            let store = StateFixture.store(files)
            let document = try #require(try store.read().document)
            #expect(try Self.content(document).text(.pretty) == Self.expected(name, ".replayed.expected"), "\(name)")
            let run = try store.begin(StateFixture.writer("next")) { document }
            #expect(run.recovered?.header.run == "gq6ah62ok636nyxxpoz4ehpudm")
            let text = try #require(files.text(StateFixture.paths.state))
            #expect(text.hasPrefix("{\n  \"version\": \(StateDocument.formatVersion),"))
            let written = try #require(try store.read().document)
            #expect(written.written?.run == "gq6ah62ok636nyxxpoz4ehpudm")
            for address in document.addresses { #expect(try written.record(address) == document.record(address)) }
        }
    }
}
