import KeelDiagnostics
import KeelModel

/// What became of a text.
struct Formatting {
    let result: FormattedManifest

    init(_ bytes: [UInt8]) {
        var sources = SourceMap()
        let id = sources.add(path: "f.yaml", bytes: bytes)
        result = ManifestFormatter.format(id, in: sources)
    }

    /// Puts `spec` below a head that makes it a manifest.
    init(spec: String) { self.init(Array((Self.head + spec).utf8)) }

    init(_ text: String) { self.init(Array(text.utf8)) }

    static let head = "apiVersion: mailkeel/v1\n"

    var text: String { String(decoding: result.bytes, as: UTF8.self) }

    /// The text without that head.
    var spec: String { text.hasPrefix(Self.head) ? String(text.dropFirst(Self.head.count)) : text }

    var codes: [String] { result.diagnostics.map(\.code) }
}
