import Glibc
import Testing

/// A file of the repository that is made from the tables. With KEEL_WRITE_GENERATED=1 in the environment the tests write it
/// instead of comparing it.
struct GeneratedFile: Sendable, CustomTestStringConvertible {
    /// From the repository's directory.
    let path: String
    let content: @Sendable () -> String

    var testDescription: String { path }

    private static let root = "\(#filePath)".replacing("Tests/KeelModelTests/Schema/GeneratedFile.swift", with: "")

    func check() throws {
        let content = content()
        if unsafe getenv("KEEL_WRITE_GENERATED") != nil {
            let file = try unsafe #require(fopen(Self.root + path, "w"))
            unsafe fputs(content, file)
            unsafe fclose(file)
        } else {
            #expect(
                try Self.read(path) == content,
                "write it anew: KEEL_WRITE_GENERATED=1 swift test --filter GeneratedFileTests")
        }
    }

    /// A file of the repository.
    static func read(_ path: String) throws -> String {
        let file = try unsafe #require(fopen(root + path, "r"))
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let byte = unsafe getc(file)
            guard byte != EOF else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
    }
}
